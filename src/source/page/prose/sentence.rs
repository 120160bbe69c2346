//! Where sentences and clauses begin, and what only joins the items of a list.

use super::{super::label::is_one_of, token::is_marker};

/// Words with a full stop that do not end a sentence.
const ABBREVIATIONS: &str = "al approx art cf dr e.g eg etc fig i.e ie mr mrs no p pp st vs";

/// Words that join the items of a list.
const JOINERS: &str = "and or & y e also plus then while además";

/// The bytes at which the sentences of a text begin; full stops in brackets do not count.
pub(super) fn sentences(text: &str) -> Vec<usize> {
    beginnings(text, &['.', '!', '?'])
}

/// The bytes at which its clauses begin, which also a colon and a semicolon part.
pub(super) fn clauses(text: &str) -> Vec<usize> {
    beginnings(text, &['.', '!', '?', ';', ':'])
}

fn beginnings(text: &str, ends: &[char]) -> Vec<usize> {
    let mut beginnings = vec![0];
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 && ends.contains(&c) => {
                let abbreviated = c == '.' && is_abbreviation(&text[..at]);
                // "4.4. (skills)": what is in brackets belongs to what stands before.
                let rest = text[at + 1..].trim_start();
                if rest.len() < text.len() - at - 1 && !abbreviated && !rest.starts_with('(') {
                    beginnings.push(text.len() - rest.len());
                }
            }
            _ => {}
        }
    }
    beginnings
}

/// Whether a text ends with an initial or an abbreviation.
fn is_abbreviation(text: &str) -> bool {
    const LONGEST: usize = 8;
    let word = text.char_indices().rev().take(LONGEST).take_while(|(_, c)| *c != ' ').last();
    let word = word.map_or("", |(at, _)| &text[at..]).trim_start_matches(['(', '[']);
    let mut chars = word.chars();
    let is_initial = chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none();
    is_initial || is_one_of(word, ABBREVIATIONS)
}

/// Signs that join the items of a list.
const SIGNS: [char; 8] = [' ', ',', ';', ':', '–', '—', '-', '.'];

/// A text without what joins it to the items of a list around it: commas, "and", and "SDG" before the next code.
pub(super) fn without_joiners(text: &str) -> &str {
    let mut text = without_leading_joiners(text);
    loop {
        let word = text.rsplit([' ', ',']).next().unwrap_or_default();
        if word.len() < text.len() && (is_one_of(word, JOINERS) || is_marker(word)) {
            text = text[..text.len() - word.len()].trim_end_matches(SIGNS);
        } else if let Some(rest) = text.strip_suffix("as well as") {
            text = rest.trim_end_matches(SIGNS);
        } else {
            return text;
        }
    }
}

/// A text without what joins it to the item before it.
pub(super) fn without_leading_joiners(text: &str) -> &str {
    let mut text = text.trim_matches(SIGNS);
    while let Some((word, rest)) = text.split_once(' ')
        && is_one_of(word.trim_end_matches(','), JOINERS)
    {
        text = rest.trim_start_matches(SIGNS);
    }
    text.strip_prefix("as well as ").unwrap_or(text)
}

/// What a clause says of its target, without what leads up to it: `targets relating to X` is `X`, `1. X` is `X`.
pub(super) fn without_lead_in(clause: &str) -> &str {
    const LEAD: &str = "\
        about addressing around as chiefly como con concerning connected covering especially in include includes \
        including incluyendo like linked mainly mostly namely notably on particular particularly regarding related \
        relates relating relacionadas relacionados sobre such to";
    const OPENING: &str = "it these they this those which";
    let clause = without_number(clause);
    let mut rest = clause;
    let mut words = clause.split_inclusive(' ').peekable();
    let mut at = 0;
    let mut opening = true;
    while let Some(word) = words.next() {
        at += word.len();
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let includes = opening && matches!(bare.as_str(), "include" | "includes" | "including");
        opening = opening && is_one_of(&bare, OPENING);
        if is_marker(&bare) || includes {
            let start = at;
            while let Some(word) = words.peek()
                && is_one_of(word.trim_matches(|c: char| !c.is_alphanumeric()), LEAD)
            {
                at += word.len();
                words.next();
            }
            if at > start || includes || at == clause.len() {
                rest = &clause[at..];
            }
        }
    }
    rest.trim()
}

/// A text without the number of a list before it: `1.`, `a)`, `(ii)`.
pub(super) fn without_number(text: &str) -> &str {
    let Some((number, rest)) = text.split_once(' ') else { return text };
    let bare = number.trim_start_matches('(').trim_end_matches(['.', ')', ':']);
    let is_number = bare.len() < number.len()
        && bare.len() <= 4
        && (bare.bytes().all(|b| b.is_ascii_digit())
            || bare.bytes().all(|b| b"ivx".contains(&b))
            || (bare.len() == 1 && bare.bytes().all(|b| b.is_ascii_lowercase())));
    if is_number && !bare.is_empty() { rest.trim_start() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_full_stops_outside_brackets() {
        let text = "It helps (e.g. now. Then), etc. with a. See p. 4. More";
        let pieces: Vec<&str> = sentences(text).into_iter().map(|at| &text[at..]).collect();
        assert_eq!(pieces, [text, "More"]);
        assert_eq!(clauses("a: b; c"), [0, 3, 6]);
    }

    #[test]
    fn joiners_fall_away_at_both_ends() {
        for (text, expected) in [
            (", and reducing waste, ", "reducing waste"),
            (" and and reducing waste and SDG target", "reducing waste"),
            (", as well as water,", "water"),
            ("and", "and"),
            (" reduce pollution, ", "reduce pollution"),
            ("sand and", "sand"),
        ] {
            assert_eq!(without_joiners(text), expected, "{text}");
        }
    }

    #[test]
    fn lead_ins_fall_away() {
        for (clause, expected) in [
            ("The resource serves many SDG targets, mostly around keeping ponds", "keeping ponds"),
            ("Using it contributes to SDGs and targets related to keeping ponds", "keeping ponds"),
            ("These include keeping ponds", "keeping ponds"),
            ("1. Targets relating to ponds", "ponds"),
            ("keeping ponds and including moss", "keeping ponds and including moss"),
            ("The framework keeps ponds", "The framework keeps ponds"),
            ("It serves several SDG targets", ""),
            ("It serves SDG targets by keeping ponds", "It serves SDG targets by keeping ponds"),
        ] {
            assert_eq!(without_lead_in(clause), expected, "{clause}");
        }
    }
}
