//! The creators line: one line of names, split as a reader would.
//!
//! A comma or "and" may part two names or stand inside one. What decides, strongest first: initials make a person, also
//! behind the family name; an acronym in brackets shows by its letters how far its name reaches; words such as Museum
//! or Institute make a name complete. Where none of these decides, the name stays whole and the doubt is said.

mod name;

pub(super) use name::is_name;
use name::{
    acronym, affiliation, begins_common, covered, has_complement, has_initials, initials_of, is_acronym, is_body,
    is_citation, is_common_plural, is_family_name, is_full_name, is_initials, is_suffix, kind, without_role, words,
};

use crate::model::Creator;

/// Longest line that is read as names, in bytes.
const LONGEST: usize = 4000;
/// So many pieces one name may have.
const MOST_PIECES: usize = 8;

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
    /// Too long to be names.
    TooLong,
}

/// Phrases between one creator and another.
const ON_BEHALF: &[&str] = &[
    " on behalf of ",
    " in association with ",
    " in collaboration with ",
    " in cooperation with ",
    " in partnership with ",
    " together with ",
    " with support from ",
    " with the support of ",
    " en colaboración con ",
    " en nombre de ",
];

/// What parts two pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A comma or a semicolon: parts names unless something says otherwise.
    Comma,
    /// A comma before "and": the same.
    CommaAnd(&'static str),
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
    if line.len() > LONGEST {
        split.doubts.push(Doubt::TooLong);
        return split;
    }
    let (line, others) = without_others(line.trim());
    if others {
        split.doubts.push(Doubt::Others);
    }
    for segment in segments(without_full_stop(line)) {
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

/// Whether a line begins with a person written with initials, so that it can only be a creators line.
pub(super) fn begins_with_person(text: &str) -> bool {
    let mut pieces = pieces(text);
    join_inverted(&mut pieces);
    pieces.first().is_some_and(|piece| has_initials(&piece.text))
}

impl Split {
    fn name(&mut self, text: &str) {
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
        // "on behalf of the Pond Society"
        let name = name.strip_prefix("the ").unwrap_or(name);
        if !name.is_empty() && !self.creators.iter().any(|known| known.name == name) {
            self.creators.push(Creator { name: name.to_owned(), kind: kind(name) });
        }
    }
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
        let text = without_role(segment[range].trim());
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
                let rest = here[1..].trim_start();
                let and = [", and ", ", & ", ", y ", ", et "].into_iter().find(|and| rest.starts_with(&and[2..]));
                before = and.map_or(Mark::Comma, Mark::CommaAnd);
                let rest = &rest[and.map_or(0, |and| and.len() - 2)..];
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
        let Some((name, acronym)) = acronym(&pieces[end].text) else { continue };
        let (acronym, mut letters) = (acronym.to_owned(), initials_of(name));
        let (mut best, mut most) = (end, covered(&acronym, &letters));
        for start in (0..end).rev().take(MOST_PIECES) {
            let text = &pieces[start].text;
            if most == acronym.chars().count() || has_initials(text) || text.ends_with(')') || is_acronym(text) {
                break;
            }
            letters.extend(initials_of(text));
            let now = covered(&acronym, &letters);
            let begins = initials_of(text).first() == acronym.chars().next().as_ref();
            if begins && now > most.max(1) {
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
        let common = single(&pieces[start]) && is_common_plural(&pieces[start].text);
        let last = pieces[start + 1..].iter().take_while(|piece| single(piece)).count() + start;
        let ends_with_and = last > start && pieces[last].before != Mark::Comma;
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
        // "Asia and the Pacific"; "Town & Country Museum": that sign stands inside names more often than between them.
        let parts = persons || (and != " & " && (bodies || (complete && !right.starts_with("the "))));
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
                Mark::And(and) | Mark::CommaAnd(and) => and,
            };
            pieces[start].text.push_str(between);
            pieces[start].text.push_str(&piece.text);
        }
    }
}

/// The name without "et al.", and whether it had it.
fn without_others(text: &str) -> (&str, bool) {
    let others = [" et al.", " et al", " and others", " y otros"].iter().find_map(|others| text.strip_suffix(others));
    others.map_or((text, false), |rest| (rest.trim_end_matches(','), true))
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
            (
                "A. Adder, B. C. Bee and D. d’Eel, Museum of Moss and Fern",
                &["A. Adder", "B. C. Bee", "D. d’Eel", "Museum of Moss and Fern"][..],
            ),
            (
                "Adder, A., Da Bee, B. C. and D. Eel (editors), Pond Society",
                &["Adder, A.", "Da Bee, B. C.", "D. Eel", "Pond Society"],
            ),
            ("Adder, A.", &["Adder, A."]),
            ("A. Adder Jr., B. Bee, Jr., Pond Trust", &["A. Adder Jr.", "B. Bee, Jr.", "Pond Trust"]),
            ("Anna Adder, and Bea Bee", &["Anna Adder", "Bea Bee"]),
            ("Anna van Adder and Bea Bee (eds.)", &["Anna van Adder", "Bea Bee"]),
            ("Anna van Adder (PST)", &["Anna van Adder", "PST"]),
            ("A. Adder; Bee, B.; Eel Museum", &["A. Adder", "Bee, B.", "Eel Museum"]),
            ("Pond Society Trust (PST)", &["Pond Society Trust (PST)"]),
            ("PONDS and MOSS", &["PONDS", "MOSS"]),
            ("Pond Society on behalf of the Moss Trust", &["Pond Society", "Moss Trust"]),
            ("Pond Society, funded by Moss Trust.", &["Pond Society", "Moss Trust"]),
            (
                "Bureau of Pond, Moss and Fern (BPMF), Eel Museum",
                &["Bureau of Pond, Moss and Fern (BPMF)", "Eel Museum"],
            ),
            ("Department of Ponds, Moss, and Fern", &["Department of Ponds, Moss, and Fern"]),
            ("Museums, Libraries and Archives North", &["Museums, Libraries and Archives North"]),
            ("Eel Museum and Art Gallery", &["Eel Museum and Art Gallery"]),
            ("Pond Institute and Moss Foundation", &["Pond Institute", "Moss Foundation"]),
            ("Moss & Fern Trust", &["Moss & Fern Trust"]),
            ("PONDS and the City of Moss", &["PONDS", "City of Moss"]),
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
        assert_eq!(split("Eel Museum and Art Gallery").doubts, [Doubt::MaybeTwo("Eel Museum and Art Gallery".into())]);
        assert_eq!(split("A. Adder et al.").doubts, [Doubt::Others]);
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
