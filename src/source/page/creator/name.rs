//! What names look like: persons and bodies, acronyms, journals.

use crate::model::AgentKind;

use super::super::label::is_one_of;

/// Words that end the name of a body, or begin it before "of", in lower case.
const BODIES: &str = "\
    academy agency alliance association authority board bureau center centre charity circle coalition collective \
    college commission committee company conservatory consortium consulting corporation council department \
    federation forum foundation fund gallery group inc initiative institute institution international laboratory \
    library ltd ministry museum network office organisation organization partnership press programme program project \
    school secretariat service services society trust union university archivo asociación biblioteca centro comisión \
    comité consejo federación fundación instituto ministerio museo organización red secretaría sociedad universidad";

/// Words that persons are not called by, besides those above.
const NOT_PERSONAL: &str = "archives archivists arts galleries libraries museums nations states toolkit";

/// Words that do not tell one body from another: "Art Gallery" is half a name, "Commonwealth Foundation" a whole one.
const COMMON: &str = "\
    archive archives art arts cultural culture education heritage history library museum natural regional research \
    science sustainable training";

/// Words in lower case that names of persons hold.
const PARTICLES: &str = "al bin da de del den der di do dos du el la le ter van von y";

/// Person or body, where the name leaves no doubt.
pub(super) fn kind(name: &str) -> Option<AgentKind> {
    if has_initials(name) {
        return Some(AgentKind::Person);
    }
    let body = has_body_word(name)
        || is_acronym(name)
        || words(name).any(|word| is_one_of(word, NOT_PERSONAL))
        || words(name).any(|word| word.starts_with(char::is_lowercase) && !is_one_of(word, PARTICLES))
        || name.ends_with(')');
    body.then_some(AgentKind::Organisation)
}

/// The words of a name, without punctuation and brackets around them.
pub(super) fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split([' ', '/'])
        .map(|word| word.trim_matches(['(', ')', '[', ']', ',', ';', ':', '"']))
        .filter(|word| !word.is_empty())
}

/// `E.`, `T. J.`, `J.-P.`
pub(super) fn is_initials(text: &str) -> bool {
    text.ends_with('.')
        && text.split([' ', '.', '-']).filter(|part| !part.is_empty()).all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
        })
}

/// Whether a name is written with initials, so that it is a person's.
pub(super) fn has_initials(text: &str) -> bool {
    words(text).any(is_initials) && !has_body_word(text)
}

/// `Tansey`, `Da Silva`, `van der Berg`
pub(super) fn is_family_name(text: &str) -> bool {
    words(text).count() <= 3 && !has_body_word(text) && words(text).all(is_personal)
}

/// `Charlotte Coates`, `Robin van Westen`
pub(super) fn is_full_name(text: &str) -> bool {
    let count = words(text).count();
    (2..=4).contains(&count)
        && !text.contains(':')
        && !has_body_word(text)
        && words(text).all(is_personal)
        && [words(text).next(), words(text).next_back()]
            .iter()
            .flatten()
            .all(|word| word.starts_with(char::is_uppercase))
}

fn is_personal(word: &str) -> bool {
    let capitalised = word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase);
    let letters = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''));
    let possessive = word.ends_with("’s") || word.ends_with("'s");
    let common = is_one_of(word, NOT_PERSONAL) || word == "The";
    (is_one_of(word, PARTICLES) || (capitalised && !common)) && letters && !possessive
}

/// `Jr.`, `PhD`
pub(super) fn is_suffix(text: &str) -> bool {
    matches!(text, "Jr." | "Jr" | "Sr." | "Sr" | "II" | "III" | "PhD" | "Ph.D." | "MD" | "Inc." | "Ltd." | "Ltd")
}

/// `UNESCO`, `VIDEA`
pub(super) fn is_acronym(text: &str) -> bool {
    text.chars().filter(|c| c.is_uppercase()).count() >= 2
        && text.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '&'))
}

/// A word that no body is called by alone: `Museums`.
pub(super) fn is_common_plural(text: &str) -> bool {
    is_one_of(text, NOT_PERSONAL)
}

fn has_body_word(text: &str) -> bool {
    words(text).any(|word| is_one_of(word.trim_end_matches('.'), BODIES))
}

/// Whether a name of a body is complete.
pub(super) fn is_body(text: &str) -> bool {
    is_acronym(text) || has_body_word(text)
}

/// Whether a name goes on behind "of", "for" or "in", where "and" may belong to it.
pub(super) fn has_complement(text: &str) -> bool {
    words(text).any(|word| matches!(word, "of" | "for" | "in" | "on" | "de" | "para"))
}

/// Whether a name is short and begins with a word many bodies have, so that it is rather the end of a longer one.
pub(super) fn begins_common(text: &str) -> bool {
    let before_body = words(text).take_while(|word| !is_one_of(word, BODIES)).count();
    before_body <= 1 && words(text).next().is_some_and(|word| is_one_of(word, COMMON))
}

/// `Name of It (NI)` as name and acronym.
pub(super) fn acronym(text: &str) -> Option<(&str, &str)> {
    let (name, inside) = text.strip_suffix(')')?.rsplit_once('(')?;
    is_acronym(inside).then_some((name.trim_end(), inside)).filter(|(name, _)| !name.is_empty())
}

/// The capital letters that the words of a name begin with.
pub(super) fn initials_of(name: &str) -> Vec<char> {
    words(name)
        .flat_map(|word| word.split('-'))
        .filter_map(|word| word.chars().next())
        .filter(|c| c.is_uppercase())
        .collect()
}

/// How many letters of an acronym the initials give.
pub(super) fn covered(acronym: &str, initials: &[char]) -> usize {
    let mut left = initials.to_vec();
    acronym.chars().filter(|c| left.iter().position(|l| l == c).map(|at| left.swap_remove(at)).is_some()).count()
}

/// Whether a text ends with volume and pages: `11(2): 45-56`, `vol. 3`.
pub(super) fn is_citation(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let issue = text.split_once('(').is_some_and(|(before, inside)| {
        let volume = before.trim_end().rsplit(' ').next().is_some_and(digits);
        volume && inside.split_once(')').is_some_and(|(issue, _)| digits(issue))
    });
    let pages = text.rsplit_once(':').is_some_and(|(_, pages)| {
        pages.trim().split_once(['-', '–']).is_some_and(|(from, to)| digits(from.trim()) && digits(to.trim()))
    });
    issue || pages || words(text).any(|word| matches!(word.to_lowercase().as_str(), "vol." | "vol"))
}

/// The name without a role in brackets: `(eds.)`.
pub(super) fn without_role(text: &str) -> &str {
    const ROLES: &str = "\
        author authors comp comps coord coords coordinator coordinators dir dirs ed eds editor editors trans \
        translator";
    let role = |inside: &str| is_one_of(inside.trim_end_matches([')', '.']), ROLES);
    match text.rsplit_once('(') {
        Some((name, inside)) if inside.ends_with(')') && role(inside) => name.trim_end(),
        _ => text,
    }
}

/// A person and the body in brackets behind, `Dick van Dijk (WAAG)`: an acronym that is not that of the name.
pub(super) fn affiliation(text: &str) -> Option<(&str, &str)> {
    let (name, body) = acronym(text)?;
    let person = has_initials(name) || is_full_name(name);
    (person && covered(body, &initials_of(name)) < 2).then_some((name, body))
}

/// Whether a text of its own reads as a name and not as a sentence: every word that matters is capitalised.
pub(in super::super) fn is_name(text: &str) -> bool {
    const SMALL: &str = "and for in of on the to et para";
    !text.ends_with(['.', ';', ':', '?'])
        && text.len() <= 300
        && text
            .split_whitespace()
            .all(|word| !word.starts_with(char::is_lowercase) || is_one_of(word, SMALL) || is_one_of(word, PARTICLES))
        && text.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_said_only_where_the_name_leaves_no_doubt() {
        use AgentKind::{Organisation, Person};
        for (name, expected) in [
            ("A. Adder", Some(Person)),
            ("Adder, A.", Some(Person)),
            ("UNESCO", Some(Organisation)),
            ("Pond Society", Some(Organisation)),
            ("Save the Pond", Some(Organisation)),
            ("Anna Adder", None),
            ("Robin van Moss", None),
            ("Pond Next", None),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }
}
