//! The creators line: one line of names, split as a reader would.
//!
//! A comma or "and" may part two names or stand inside one. What decides, strongest first: initials make a person, also
//! behind the family name; an acronym in brackets shows by its letters how far its name reaches; words such as Museum
//! or Institute make a name complete. Where none of these decides, the name stays whole and the doubt is said.

use crate::model::{AgentKind, Creator};

/// The creators of one line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) creators: Vec<Creator>,
    /// What on the line was no creator, or might be read otherwise.
    pub(super) doubts: Vec<Doubt>,
}

/// Why the split of a line may be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A journal, with the volume: no creator.
    Journal(String),
    /// "and others".
    Others,
    /// A name with "and" that may be two.
    MaybeTwo(String),
    /// Two names that may be one.
    MaybeOne(String, String),
}

/// Words that end the name of a body, or begin it before "of", in lower case.
const BODIES: &[&str] = &[
    "academy", "agency", "alliance", "association", "authority", "board", "bureau", "center", "centre", "charity",
    "circle", "coalition", "collective", "college", "commission", "committee", "company", "conservatory", "consortium",
    "consulting", "corporation", "council", "department", "federation", "forum", "foundation", "fund", "gallery",
    "group", "inc", "initiative", "institute", "institution", "international", "laboratory", "library", "ltd",
    "ministry", "museum", "network", "office", "organisation", "organization", "partnership", "press", "programme",
    "program", "project", "school", "secretariat", "service", "services", "society", "trust", "union", "university",
    "archivo", "asociación", "biblioteca", "centro", "comisión", "comité", "consejo", "federación", "fundación",
    "instituto", "ministerio", "museo", "organización", "red", "secretaría", "sociedad", "universidad",
];

/// Words that persons are not called by, besides those above.
const NOT_PERSONAL: &[&str] =
    &["archives", "archivists", "arts", "galleries", "libraries", "museums", "nations", "states", "toolkit"];

/// Words that do not tell one body from another: "Art Gallery" is half a name, "Commonwealth Foundation" a whole one.
const COMMON: &[&str] = &[
    "archive", "archives", "art", "arts", "cultural", "culture", "education", "heritage", "history", "library",
    "museum", "natural", "regional", "research", "science", "sustainable", "training",
];

/// Words in lower case that names of persons hold.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "el", "la", "le", "ter", "van", "von", "y",
];

/// Phrases between one creator and another.
const ON_BEHALF: &[&str] = &[
    " on behalf of ", " in association with ", " in collaboration with ", " in cooperation with ",
    " in partnership with ", " together with ", " with support from ", " with the support of ", " en colaboración con ",
    " en nombre de ",
];

/// What parts two pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A comma, a comma before "and", or a phrase: parts names unless something says otherwise.
    Comma,
    /// "and" or "&" alone: joins or parts.
    And(&'static str),
}

/// A piece of the line, and what stands before it.
#[derive(Debug, Clone)]
struct Piece {
    before: Mark,
    text: String,
}

/// Splits a creators line.
pub(super) fn split(line: &str) -> Split {
    let mut split = Split::default();
    for segment in segments(without_full_stop(line.trim())) {
        let mut pieces = pieces(segment);
        join_inverted(&mut pieces);
        join_by_acronym(&mut pieces);
        join_enumerations(&mut pieces);
        join_halves(&mut pieces, &mut split.doubts);
        drop_journal(&mut pieces, &mut split.doubts);
        for piece in pieces {
            split.name(&piece.text);
        }
    }
    split
}

/// Whether a text of its own reads as a name and not as a sentence: every word that matters is capitalised.
pub(super) fn is_name(text: &str) -> bool {
    const SMALL: &[&str] = &["and", "for", "in", "of", "on", "the", "to", "et", "para"];
    !text.ends_with(['.', ';', ':', '?'])
        && text.len() <= 300
        && text.split_whitespace().all(|word| {
            !word.starts_with(char::is_lowercase) || SMALL.contains(&word) || PARTICLES.contains(&word)
        })
        && text.starts_with(char::is_uppercase)
}

/// Whether a line begins with a person written with initials, so that it can only be a creators line.
pub(super) fn begins_with_person(text: &str) -> bool {
    let mut pieces = pieces(text);
    join_inverted(&mut pieces);
    pieces.first().is_some_and(|piece| has_initials(&piece.text))
}

impl Split {
    fn name(&mut self, text: &str) {
        let (text, others) = without_others(text);
        if others {
            self.doubts.push(Doubt::Others);
        }
        let text = without_role(text);
        match affiliation(text) {
            Some((person, body)) => {
                self.creator(person);
                self.creator(body);
            }
            None => self.creator(text),
        }
    }

    fn creator(&mut self, name: &str) {
        let name = name.trim_matches([' ', ',', ';']);
        if !name.is_empty() && !self.creators.iter().any(|known| known.name == name) {
            self.creators.push(Creator { name: name.to_owned(), kind: kind(name) });
        }
    }
}

/// Person or body, where the name leaves no doubt.
fn kind(name: &str) -> Option<AgentKind> {
    if has_initials(name) {
        return Some(AgentKind::Person);
    }
    let body = has_body_word(name)
        || is_acronym(name)
        || words(name).any(|word| NOT_PERSONAL.contains(&word.to_lowercase().as_str()))
        || words(name).any(|word| word.starts_with(char::is_lowercase) && !PARTICLES.contains(&word))
        || name.ends_with(')');
    body.then_some(AgentKind::Organisation)
}

/// The line without a full stop at its end, unless it belongs to an initial or an abbreviation.
fn without_full_stop(line: &str) -> &str {
    match line.strip_suffix('.') {
        Some(rest) if words(rest).next_back().is_some_and(|word| word.chars().count() > 4 && !word.contains('.')) => {
            rest.trim_end()
        }
        _ => line,
    }
}

/// Parts the line at phrases such as "on behalf of" and "funded by".
fn segments(line: &str) -> Vec<&str> {
    let mut segments = vec![line];
    for phrase in ON_BEHALF {
        segments = segments.into_iter().flat_map(|segment| segment.split(phrase)).collect();
    }
    segments.into_iter().flat_map(part_at_participles).collect()
}

/// Parts at "by" and the participles before it: `A initiated and funded by B`.
fn part_at_participles(segment: &str) -> Vec<&str> {
    let Some(by) = segment.find(" by ") else { return vec![segment] };
    let mut name = &segment[..by];
    let mut participles = 0;
    while let Some((before, word)) = name.rsplit_once(' ') {
        if word.ends_with("ed") && word.starts_with(char::is_lowercase) {
            participles += 1;
        } else if word != "and" {
            break;
        }
        name = before;
    }
    if participles == 0 {
        return vec![segment];
    }
    [name.trim_end_matches(','), &segment[by + 4..]].into_iter().filter(|part| !part.is_empty()).collect()
}

/// Parts a segment at commas, semicolons and "and" outside of brackets.
fn pieces(segment: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut start, mut before, mut depth) = (0, Mark::Comma, 0_usize);
    let mut cut = |range: std::ops::Range<usize>, before: Mark| {
        let text = segment[range].trim();
        if !text.is_empty() {
            pieces.push(Piece { before, text: text.to_owned() });
        }
    };
    for (at, c) in segment.char_indices() {
        if at < start {
            continue;
        }
        let here = &segment[at..];
        let and = [" and ", " & ", " y ", " et ", " und "].into_iter().find(|and| here.starts_with(and));
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => {
                cut(start..at, before);
                before = Mark::Comma;
                let rest = here[1..].trim_start();
                let rest = ["and ", "& ", "y ", "et "].iter().find_map(|and| rest.strip_prefix(and)).unwrap_or(rest);
                start = segment.len() - rest.len();
            }
            ' ' if depth == 0 => {
                if let Some(and) = and {
                    cut(start..at, before);
                    before = Mark::And(and);
                    start = at + and.len();
                }
            }
            _ => {}
        }
    }
    cut(start.min(segment.len())..segment.len(), before);
    pieces
}

/// Joins family names to the initials behind them, and "Jr." to the name before it: `Tansey, E.`.
fn join_inverted(pieces: &mut Vec<Piece>) {
    let mut at = 1;
    while at < pieces.len() {
        let name = &pieces[at - 1];
        let joins = pieces[at].before == Mark::Comma
            && ((is_initials(&pieces[at].text) && is_family_name(&name.text)) || is_suffix(&pieces[at].text));
        if joins {
            let piece = pieces.remove(at);
            pieces[at - 1].text = format!("{}, {}", pieces[at - 1].text, piece.text);
        } else {
            at += 1;
        }
    }
}

/// Joins a name that ends with its acronym to the pieces before it, as far as they give the acronym more letters:
/// `Library, Information and Documentation Associations (LIDA)`.
fn join_by_acronym(pieces: &mut Vec<Piece>) {
    let mut end = pieces.len();
    while end > 0 {
        end -= 1;
        let Some((name, acronym)) = bracketed_acronym(&pieces[end].text) else { continue };
        let (acronym, mut letters) = (acronym.to_owned(), initials_of(name));
        let (mut best, mut most) = (end, covered(&acronym, &letters));
        for start in (0..end).rev() {
            let text = &pieces[start].text;
            if most == acronym.chars().count() || has_initials(text) || text.ends_with(')') || is_acronym(text) {
                break;
            }
            letters.extend(initials_of(text));
            let now = covered(&acronym, &letters);
            if now > most {
                (best, most) = (start, now);
            }
        }
        join(pieces, best, end);
        end = best;
    }
}

/// Joins the last items of an enumeration inside a name: `Department of Fish, Wildlife and Parks`, `Museums, Libraries
/// and Archives North`.
fn join_enumerations(pieces: &mut Vec<Piece>) {
    let single = |piece: &Piece| words(&piece.text).count() == 1 && !is_acronym(&piece.text);
    let mut start = 0;
    while start < pieces.len() {
        let common = single(&pieces[start]) && NOT_PERSONAL.contains(&pieces[start].text.to_lowercase().as_str());
        let last = pieces[start + 1..].iter().take_while(|piece| single(piece)).count() + start;
        let ends_with_and = last > start && matches!(pieces[last].before, Mark::And(_));
        if common && start + 1 < pieces.len() {
            join(pieces, start, start + 1);
        } else if has_complement(&pieces[start].text) && ends_with_and && last > start + 1 {
            join(pieces, start, last);
        } else {
            start += 1;
        }
    }
}

/// Decides for each "and" left whether it parts two names or stands inside one.
fn join_halves(pieces: &mut Vec<Piece>, doubts: &mut Vec<Doubt>) {
    for at in (1..pieces.len()).rev() {
        let Mark::And(and) = pieces[at].before else { continue };
        let (left, right) = (pieces[at - 1].text.as_str(), pieces[at].text.as_str());
        let persons = has_initials(left) || has_initials(right) || (is_full_name(left) && is_full_name(right));
        let bodies = left.ends_with(')') || is_acronym(left) || is_acronym(right);
        let complete = is_body(left) && is_body(right) && !begins_common(right);
        // "Town & Country Museum": the sign stands inside names more often than between them.
        let parts = persons || (and != " & " && (bodies || complete) && !right.starts_with("the "));
        if parts {
            if !persons && !bodies {
                doubts.push(Doubt::MaybeOne(left.to_owned(), right.to_owned()));
            }
            pieces[at].before = Mark::Comma;
        } else {
            let unsure = is_body(left) && is_body(right) && !has_complement(left);
            join(pieces, at - 1, at);
            if unsure {
                doubts.push(Doubt::MaybeTwo(pieces[at - 1].text.clone()));
            }
        }
    }
}

/// Takes a journal with its volume and pages from the end of the pieces, with what belongs to its title.
fn drop_journal(pieces: &mut Vec<Piece>, doubts: &mut Vec<Doubt>) {
    let Some(last) = pieces.last() else { return };
    if pieces.len() < 2 || !(is_citation(&last.text) || last.text.starts_with("Journal of ")) {
        return;
    }
    let mut start = pieces.len() - 1;
    while is_citation(&pieces[pieces.len() - 1].text) && start > 1 {
        let before = &pieces[start - 1].text;
        if has_initials(before) || is_body(before) || is_acronym(before) || is_full_name(before) {
            break;
        }
        start -= 1;
    }
    let end = pieces.len() - 1;
    join(pieces, start, end);
    doubts.extend(pieces.pop().map(|piece| Doubt::Journal(piece.text)));
}

/// Joins the pieces from one to another, with what stood between them.
fn join(pieces: &mut Vec<Piece>, start: usize, end: usize) {
    if start < end {
        let joined: Vec<Piece> = pieces.drain(start + 1..=end).collect();
        for piece in joined {
            let between = match piece.before {
                Mark::Comma => ", ",
                Mark::And(and) => and,
            };
            pieces[start].text.push_str(between);
            pieces[start].text.push_str(&piece.text);
        }
    }
}

/// The name without "et al.", and whether it had it.
fn without_others(text: &str) -> (&str, bool) {
    let others = [" et al.", " et al", " and others"].iter().find_map(|others| text.strip_suffix(others));
    others.map_or((text, false), |rest| (rest, true))
}

/// The name without a role in brackets: `(eds.)`.
fn without_role(text: &str) -> &str {
    const ROLES: &[&str] = &[
        "author", "authors", "comp", "comps", "coord", "coords", "coordinator", "coordinators", "dir", "dirs", "ed",
        "eds", "editor", "editors", "trans", "translator",
    ];
    let role = |inside: &str| ROLES.contains(&inside.trim_end_matches([')', '.']).to_lowercase().as_str());
    match text.rsplit_once('(') {
        Some((name, inside)) if inside.ends_with(')') && role(inside) => name.trim_end(),
        _ => text,
    }
}

/// A person and the body in brackets behind, `Dick van Dijk (WAAG)`: an acronym that is not that of the name.
fn affiliation(text: &str) -> Option<(&str, &str)> {
    let (name, acronym) = bracketed_acronym(text)?;
    let person = has_initials(name) || is_full_name(name);
    (person && covered(acronym, &initials_of(name)) < 2).then_some((name, acronym))
}

/// The words of a name, without punctuation and brackets around them.
fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split([' ', '/']).map(|word| word.trim_matches(['(', ')', '[', ']', ',', ';', ':', '"'])).filter(|word| !word.is_empty())
}

/// `E.`, `T. J.`, `J.-P.`
fn is_initials(text: &str) -> bool {
    text.ends_with('.')
        && text.split([' ', '.', '-']).filter(|part| !part.is_empty()).all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
        })
}

/// Whether a name is written with initials, so that it is a person's.
fn has_initials(text: &str) -> bool {
    words(text).any(is_initials) && !has_body_word(text)
}

/// `Tansey`, `Da Silva`, `van der Berg`
fn is_family_name(text: &str) -> bool {
    words(text).count() <= 3 && !has_body_word(text) && words(text).all(is_personal)
}

/// `Charlotte Coates`, `Robin van Westen`
fn is_full_name(text: &str) -> bool {
    let count = words(text).count();
    (2..=4).contains(&count)
        && !has_body_word(text)
        && words(text).all(is_personal)
        && [words(text).next(), words(text).next_back()].iter().flatten().all(|word| word.starts_with(char::is_uppercase))
}

fn is_personal(word: &str) -> bool {
    let capitalised = word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase);
    let letters = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''));
    let possessive = word.ends_with("’s") || word.ends_with("'s");
    let common = NOT_PERSONAL.contains(&word.to_lowercase().as_str()) || word == "The";
    (PARTICLES.contains(&word) || (capitalised && !common)) && letters && !possessive
}

fn is_suffix(text: &str) -> bool {
    matches!(text, "Jr." | "Jr" | "Sr." | "Sr" | "II" | "III" | "PhD" | "Ph.D." | "MD" | "Inc." | "Ltd." | "Ltd")
}

/// `UNESCO`, `VIDEA`
fn is_acronym(text: &str) -> bool {
    text.chars().count() >= 2 && text.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '&'))
}

fn has_body_word(text: &str) -> bool {
    words(text).any(|word| BODIES.contains(&word.trim_end_matches('.').to_lowercase().as_str()))
}

/// Whether a name of a body is complete.
fn is_body(text: &str) -> bool {
    is_acronym(text) || has_body_word(text)
}

/// Whether a name goes on behind "of", "for" or "in", where "and" may belong to it.
fn has_complement(text: &str) -> bool {
    words(text).any(|word| matches!(word, "of" | "for" | "in" | "on" | "de" | "para"))
}

/// Whether a name is short and begins with a word many bodies have, so that it is rather the end of a longer one.
fn begins_common(text: &str) -> bool {
    let before_body = words(text).take_while(|word| !BODIES.contains(&word.to_lowercase().as_str())).count();
    before_body <= 1 && words(text).next().is_some_and(|word| COMMON.contains(&word.to_lowercase().as_str()))
}

/// `Name of It (NI)` as name and acronym.
fn bracketed_acronym(text: &str) -> Option<(&str, &str)> {
    let (name, inside) = text.strip_suffix(')')?.rsplit_once('(')?;
    is_acronym(inside).then_some((name.trim_end(), inside)).filter(|(name, _)| !name.is_empty())
}

fn initials_of(name: &str) -> Vec<char> {
    words(name).flat_map(|word| word.split('-')).filter_map(|word| word.chars().next()).filter(|c| c.is_uppercase()).collect()
}

/// How many letters of an acronym the initials give.
fn covered(acronym: &str, initials: &[char]) -> usize {
    let mut left = initials.to_vec();
    acronym.chars().filter(|c| left.iter().position(|l| l == c).map(|at| left.swap_remove(at)).is_some()).count()
}

/// Whether a text ends with volume and pages: `11(2): 45-56`, `vol. 3`.
fn is_citation(text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        split(line).creators.into_iter().map(|creator| creator.name).collect()
    }

    #[test]
    fn persons_in_every_order_and_bodies_with_and() {
        for (line, expected) in [
            ("A. Adder, B. C. Bee and D. d’Eel, Museum of Moss and Fern", &["A. Adder", "B. C. Bee", "D. d’Eel", "Museum of Moss and Fern"][..]),
            ("Adder, A., Da Bee, B. C. and D. Eel (editors), Pond Society", &["Adder, A.", "Da Bee, B. C.", "D. Eel", "Pond Society"]),
            ("Adder, A.", &["Adder, A."]),
            ("A. Adder Jr., B. Bee, Jr., Pond Trust", &["A. Adder Jr.", "B. Bee, Jr.", "Pond Trust"]),
            ("Anna Adder, and Bea Bee", &["Anna Adder", "Bea Bee"]),
            ("Anna van Adder and Bea Bee (eds.)", &["Anna van Adder", "Bea Bee"]),
            ("Anna van Adder (PST)", &["Anna van Adder", "PST"]),
            ("A. Adder; Bee, B.; Eel Museum", &["A. Adder", "Bee, B.", "Eel Museum"]),
            ("Pond Society Trust (PST)", &["Pond Society Trust (PST)"]),
            ("PONDS and MOSS", &["PONDS", "MOSS"]),
            ("Pond Society on behalf of the Moss Trust", &["Pond Society", "the Moss Trust"]),
            ("Pond Society, funded by Moss Trust.", &["Pond Society", "Moss Trust"]),
            ("Bureau of Pond, Moss and Fern (BPMF), Eel Museum", &["Bureau of Pond, Moss and Fern (BPMF)", "Eel Museum"]),
            ("Department of Ponds, Moss, and Fern", &["Department of Ponds, Moss, and Fern"]),
            ("Museums, Libraries and Archives North", &["Museums, Libraries and Archives North"]),
            ("Eel Museum and Art Gallery", &["Eel Museum and Art Gallery"]),
            ("Pond Institute and Moss Foundation", &["Pond Institute", "Moss Foundation"]),
            ("Moss & Fern Trust", &["Moss & Fern Trust"]),
            ("A. Adder & B. Bee", &["A. Adder", "B. Bee"]),
            ("A. Adder et al.", &["A. Adder"]),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
    }

    #[test]
    fn a_journal_is_no_creator() {
        let split = split("Adder, A., Ponds: Moss, Fern and Reed 3(4): 5-6");
        assert_eq!(split.creators.len(), 1);
        assert_eq!(split.doubts, [Doubt::Journal("Ponds: Moss, Fern and Reed 3(4): 5-6".into())]);
    }

    #[test]
    fn doubt_is_said() {
        assert_eq!(
            split("Pond Institute and Moss Foundation").doubts,
            [Doubt::MaybeOne("Pond Institute".into(), "Moss Foundation".into())]
        );
        assert_eq!(
            split("Eel Museum and Art Gallery").doubts,
            [Doubt::MaybeTwo("Eel Museum and Art Gallery".into())]
        );
        assert_eq!(split("A. Adder et al.").doubts, [Doubt::Others]);
    }

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

    proptest::proptest! {
        #[test]
        fn any_line_is_split_without_losing_its_head(line in "\\PC{0,80}|([A-Z]\\.|[A-Z][a-z]+|and|of|,|\\(|\\)|;|Museum| ){0,12}") {
            let split = split(&line);
            for creator in &split.creators {
                proptest::prop_assert!(!creator.name.trim().is_empty());
            }
        }
    }
}
