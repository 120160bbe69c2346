//! One invented record.

use super::{
    Generator,
    random::Random,
    words::{LANGUAGES, Wordlist, family_name, initial},
};
use crate::model::{
    AgentKind, Alignment, Completeness, Creator, Field, Gap, Language, LanguageMention, Quotation, Resource, Slug,
    TargetCode, Wording,
};

/// The latest year of publication; older years are rarer.
const LAST_YEAR: usize = 2024;

/// How many years there are.
const YEARS: usize = 35;

/// Where invented pages are: the domain that [RFC 2606](https://www.rfc-editor.org/rfc/rfc2606#section-3) reserves.
const PAGES: &str = "https://example.org";

/// Makes the record of a number, from 1. It depends on the seed and the number alone, so that a larger catalogue
/// begins with the smaller one.
pub(super) fn invent(generator: &Generator<'_>, number: usize) -> Resource {
    let random = &mut Random::of(generator.seed, number as u64);
    let words = random.favourite(&generator.words).copied();
    let own = words.and_then(|words| generator.languages.iter().find(|it| it.tag.as_str() == words.tag)).copied();
    // A table with none of the languages gets English words, and nothing is said of their language.
    let words = words.unwrap_or(&LANGUAGES[0]);
    let creators = creators(generator, random, number);
    let length = 2 + random.below(4);
    // The fields draw in the order written: another order is another catalogue.
    let mut resource = Resource {
        slug: slug(number),
        title: format!("{} {} {number}", words.phrase(random, length), words.specimen),
        page: format!("{PAGES}/specimen/{number}"),
        other_pages: if random.percent(10) { vec![format!("{PAGES}/es/specimen/{number}")] } else { Vec::new() },
        year: random.percent(80).then(|| year(random)),
        wording: Wording::Ours,
        prose_language: own.map(|language| language.tag.clone()),
        audience: random.percent(55).then(|| words.phrase(random, 3)),
        description: random.percent(75).then(|| words.sentence(random, 12)),
        creators_as_printed: (!creators.is_empty()).then(|| as_printed(&creators)),
        creators,
        quotations: (0..random.run(20, 3)).map(|_| quotation(random, words)).collect(),
        languages: languages(generator, random, own),
        types: random.one_or_more(&generator.types, 25, 3),
        themes: random.one_or_more(&generator.themes, 55, 6),
        goals: if random.percent(10) { random.favourites(&generator.goals, 1) } else { Vec::new() },
        alignments: alignments(generator, random, words),
        completeness: Completeness::Complete,
        gaps: Vec::new(),
        note: random.percent(2).then(|| "An invented record, for measurements.".into()),
    };
    resource.gaps = gaps(&resource);
    if !resource.gaps.is_empty() {
        resource.completeness = Completeness::Partial;
    }
    resource
}

fn slug(number: usize) -> Slug {
    format!("specimen-{number}").parse().expect("lower-case letters, a hyphen and digits are a slug")
}

fn year(random: &mut Random) -> u16 {
    u16::try_from(LAST_YEAR - random.skewed(YEARS)).expect("a year of this age has four digits")
}

/// Creators of earlier records again, the first ones most often, and now and then somebody new.
fn creators(generator: &Generator<'_>, random: &mut Random, number: usize) -> Vec<Creator> {
    if random.percent(15) {
        return Vec::new();
    }
    let mut drawn = Vec::new();
    for _ in 0..=random.run(25, 4) {
        let number = random.skewed(10 + number / 3);
        if !drawn.contains(&number) {
            drawn.push(number);
        }
    }
    drawn.into_iter().map(|number| creator(generator.seed, number)).collect()
}

fn creator(seed: u64, number: usize) -> Creator {
    let random = &mut Random::of(!seed, number as u64);
    let name = family_name(random, number);
    match random.below(4) {
        0 => Creator { name: format!("{name} Institute"), kind: Some(AgentKind::Organisation) },
        1 => Creator { name: format!("{name} Project"), kind: None },
        _ => Creator { name: format!("{}. {name}", initial(random)), kind: Some(AgentKind::Person) },
    }
}

fn as_printed(creators: &[Creator]) -> String {
    creators.iter().map(|creator| creator.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn quotation(random: &mut Random, words: &Wordlist) -> Quotation {
    Quotation {
        text: random.percent(70).then(|| words.sentence(random, 14)),
        locator: Some(format!("p. {}", 1 + random.below(200))),
    }
}

/// The language of the title, and others it may be translated into.
fn languages(generator: &Generator<'_>, random: &mut Random, own: Option<&Language>) -> Vec<LanguageMention> {
    let most = random.run(35, 8);
    let others = random.favourites(&generator.languages, most);
    let others = others.into_iter().filter(|language| Some(*language) != own);
    let mention =
        |language: &Language| LanguageMention { tag: Some(language.tag.clone()), printed: language.label.clone() };
    own.into_iter().chain(others).map(mention).collect()
}

fn alignments(generator: &Generator<'_>, random: &mut Random, words: &Wordlist) -> Vec<Alignment> {
    let most = random.run(54, 16);
    let targets = random.favourites(&generator.targets, most);
    let align = |target: TargetCode| Alignment {
        target,
        printed: target.as_printed(),
        reason: random.percent(60).then(|| words.phrase(random, 6)),
    };
    targets.into_iter().map(align).collect()
}

/// What the record leaves out, as the loader would have it said.
fn gaps(resource: &Resource) -> Vec<Gap> {
    let missing = [
        (Field::Creators, resource.creators.is_empty()),
        (Field::Audience, resource.audience.is_none()),
        (Field::Description, resource.description.is_none()),
        (Field::Targets, resource.alignments.is_empty()),
        (Field::Reasons, resource.alignments.iter().any(|alignment| alignment.reason.is_none())),
    ];
    let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
    missing.map(|(field, _)| Gap { field, why: "Left out when this record was invented".into() }).collect()
}
