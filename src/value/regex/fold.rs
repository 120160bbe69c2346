//! Which characters are the same when case does not count (flag `i`, F&O 5.6.2).

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// The dotless i, which has the upper case of `i`, so that `XPath` takes all three for the same; the simple case folding
/// of Unicode leaves it apart, because Turkish does.
const DOTLESS_I: char = '\u{131}';

/// The same characters and their case variants.
///
/// `XPath` calls two characters variants if `fn:lower-case` or `fn:upper-case` makes the same of both. That is Unicode's
/// simple case folding plus the dotless i.
pub(super) fn with_variants(mut set: ClassUnicode) -> ClassUnicode {
    let (has_i, has_dotless) = (has(&set, 'i') || has(&set, 'I'), has(&set, DOTLESS_I));
    // Without the tables of case folding nothing could fold, but they are compiled in with the Unicode tables.
    let _ = set.try_case_fold_simple();
    if has_i {
        set.push(ClassUnicodeRange::new(DOTLESS_I, DOTLESS_I));
    }
    if has_dotless {
        set.push(ClassUnicodeRange::new('i', 'i'));
        set.push(ClassUnicodeRange::new('I', 'I'));
    }
    set
}

/// The case variants of one character, itself among them.
pub(super) fn variants(character: char) -> ClassUnicode {
    with_variants(ClassUnicode::new([ClassUnicodeRange::new(character, character)]))
}

/// Whether two characters are the same but for case, for back-references.
pub(super) fn is_variant(one: char, other: char) -> bool {
    one == other || one.to_lowercase().eq(other.to_lowercase()) || one.to_uppercase().eq(other.to_uppercase())
}

/// Whether a set has a character.
pub(super) fn has(set: &ClassUnicode, character: char) -> bool {
    let ranges = set.ranges();
    let after = ranges.partition_point(|range| range.start() <= character);
    after.checked_sub(1).is_some_and(|index| character <= ranges[index].end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(character: char) -> String {
        variants(character).iter().flat_map(|range| range.start()..=range.end()).collect()
    }

    #[test]
    fn variants_are_of_both_cases_and_of_other_scripts() {
        assert_eq!(list('q'), "Qq");
        assert_eq!(list('K'), "Kk\u{212A}");
        assert_eq!(list('s'), "Ss\u{17F}");
        assert_eq!(list('i'), "Ii\u{131}");
        assert_eq!(list('\u{131}'), "Ii\u{131}");
        assert_eq!(list('ß'), "ßẞ");
        assert_eq!(list('σ'), "Σςσ");
        assert_eq!(list('5'), "5");
        assert!(is_variant('K', '\u{212A}') && is_variant('i', '\u{131}') && !is_variant('a', 'b'));
    }

    /// The sets, which come from case folding, against the definition of `XPath`, for every letter of the scripts with
    /// cases that most texts are in. Theta is left out: folding also equates its two symbols with each other.
    #[test]
    fn sets_and_definition_agree() {
        let letters: Vec<char> = ('\0'..='\u{58F}').filter(|letter| !"ϑϴθΘ".contains(*letter)).collect();
        for &one in &letters {
            let set = variants(one);
            for &other in &letters {
                assert_eq!(has(&set, other), is_variant(one, other), "{one} {other}");
            }
        }
    }

    #[test]
    fn has_finds_the_ends_of_ranges() {
        let set = ClassUnicode::new([ClassUnicodeRange::new('b', 'd'), ClassUnicodeRange::new('x', 'x')]);
        let found: String = ('a'..='z').filter(|letter| has(&set, *letter)).collect();
        assert_eq!(found, "bcdx");
        assert!(!has(&ClassUnicode::empty(), 'a'));
    }
}
