//! Named sets of characters: `\d`, `\i`, `\p{Lu}`, `\p{IsGreek}` (XML Schema part 2, appendix F.1.1).

use std::sync::{Arc, OnceLock};

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::{blocks::block, tree::Set};

/// With what a name in XML may start (`NameStartChar` of XML 1.0, fifth edition).
const NAME_START: [(char, char); 16] = [
    (':', ':'),
    ('A', 'Z'),
    ('_', '_'),
    ('a', 'z'),
    ('\u{C0}', '\u{D6}'),
    ('\u{D8}', '\u{F6}'),
    ('\u{F8}', '\u{2FF}'),
    ('\u{370}', '\u{37D}'),
    ('\u{37F}', '\u{1FFF}'),
    ('\u{200C}', '\u{200D}'),
    ('\u{2070}', '\u{218F}'),
    ('\u{2C00}', '\u{2FEF}'),
    ('\u{3001}', '\u{D7FF}'),
    ('\u{F900}', '\u{FDCF}'),
    ('\u{FDF0}', '\u{FFFD}'),
    ('\u{10000}', '\u{EFFFF}'),
];

/// What it may have after that besides (`NameChar`).
const NAME_MORE: [(char, char); 5] =
    [('-', '.'), ('0', '9'), ('\u{B7}', '\u{B7}'), ('\u{300}', '\u{36F}'), ('\u{203F}', '\u{2040}')];

/// The categories a pattern may name. XML Schema has no surrogates (`Cs`), since XML has none.
const CATEGORIES: [&str; 36] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
];

/// The set of a letter after a backslash, in upper case what is not in it; none if the letter has no set.
///
/// The sets are made once: white space and words are in many patterns, and a word has hundreds of ranges.
pub(super) fn escape(letter: char) -> Option<Set> {
    static SETS: [OnceLock<Set>; 10] = [const { OnceLock::new() }; 10];
    let place = "sSiIcCdDwW".find(letter)?;
    Some(Arc::clone(SETS[place].get_or_init(|| {
        let mut set = match letter.to_ascii_lowercase() {
            's' => of([('\t', '\n'), ('\r', '\r'), (' ', ' ')]),
            'i' => of(NAME_START),
            'c' => of(NAME_START.into_iter().chain(NAME_MORE)),
            'd' => category("Nd"),
            // Not the letters and digits of other dialects: all but punctuation, separators and the like, so that `+`
            // and `€` are in a word, and `_` is not.
            _ => {
                let mut others = category("P");
                others.union(&category("Z"));
                others.union(&category("C"));
                others.negate();
                others
            }
        };
        if letter.is_ascii_uppercase() {
            set.negate();
        }
        Arc::new(set)
    })))
}

/// What the dot matches: all but line ends, or all.
pub(super) fn dot(is_all: bool) -> Set {
    static SETS: [OnceLock<Set>; 2] = [const { OnceLock::new() }; 2];
    Arc::clone(SETS[usize::from(is_all)].get_or_init(|| {
        let mut set = if is_all { ClassUnicode::empty() } else { of([('\n', '\n'), ('\r', '\r')]) };
        set.negate();
        Arc::new(set)
    }))
}

/// The set of `\p{name}`. Unknown blocks are a mistake, as F&O has it, though XML Schema 1.1 would let them match
/// everything: a pattern that says nothing is no help to the one who wrote it.
pub(super) fn property(name: &str) -> Option<ClassUnicode> {
    match name.strip_prefix("Is") {
        Some(name) => block(name),
        None => CATEGORIES.contains(&name).then(|| category(name)),
    }
}

/// A general category from the tables of `regex-syntax`, which gives out its tables by patterns only.
fn category(name: &str) -> ClassUnicode {
    match regex_syntax::parse(&format!(r"\p{{{name}}}")).map(Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(set))) => set,
        // `Zl` and `Zp` have but one character, and that is made a literal.
        Ok(HirKind::Literal(one)) => of(String::from_utf8_lossy(&one.0).chars().map(|letter| (letter, letter))),
        // Nothing else comes of a category's name; the test below asks for all of them.
        _ => ClassUnicode::empty(),
    }
}

/// A set of ranges.
pub(super) fn of(ranges: impl IntoIterator<Item = (char, char)>) -> ClassUnicode {
    ClassUnicode::new(ranges.into_iter().map(|(first, last)| ClassUnicodeRange::new(first, last)))
}

#[cfg(test)]
mod tests {
    use super::{super::fold::has, *};

    #[test]
    fn every_category_has_characters() {
        for name in CATEGORIES {
            assert!(!category(name).ranges().is_empty(), "{name}");
        }
        assert!(property("Cs").is_none() && property("Greek").is_none() && property("IsNowhere").is_none());
    }

    #[test]
    fn letters_have_the_sets_of_xml_schema() {
        let is = |letter, character| has(&escape(letter).unwrap(), character);
        assert!(is('s', '\t') && is('s', ' ') && !is('s', '\u{A0}') && !is('s', '\u{B}') && is('S', '\u{A0}'));
        assert!(is('d', '٣') && !is('d', '½') && is('D', 'x'));
        assert!(is('w', '+') && is('w', 'é') && is('w', '7') && !is('w', '_') && !is('w', ' ') && is('W', '_'));
        assert!(is('i', '_') && is('i', ':') && !is('i', '-') && is('I', '1'));
        assert!(is('c', '-') && is('c', '1') && !is('c', ' ') && is('C', '/'));
        assert!(escape('b').is_none() && escape('A').is_none());
    }

    #[test]
    fn the_dot_leaves_out_both_line_ends() {
        assert!(!has(&dot(false), '\n') && !has(&dot(false), '\r') && has(&dot(false), '\u{85}'));
        assert!(has(&dot(true), '\n') && has(&dot(true), char::MAX));
    }
}
