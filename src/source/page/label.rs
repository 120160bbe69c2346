//! When a printed label is the label meant: headings, themes, languages and types are recognised by it.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The form in which labels are compared: lower case, no accents, single spaces, no colon or full stop at the end.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase));
    }
    folded.truncate(folded.trim_end_matches([' ', ':', '.']).len());
    folded
}

/// How many slips of the pen lie between two folded labels; `None` when there are too many for the same label.
///
/// Short labels may have one slip, longer ones two.
pub(super) fn slips(a: &str, b: &str) -> Option<usize> {
    let allowed = if b.chars().count() < 8 { 1 } else { 2 };
    if a == b {
        return Some(0);
    }
    (a.len().abs_diff(b.len()) <= 2 * allowed).then(|| strsim::osa_distance(a, b)).filter(|slips| *slips <= allowed)
}

/// Whether a word, whatever its case, is in a list of words with spaces between.
pub(super) fn is_one_of(word: &str, list: &str) -> bool {
    !word.is_empty() && list.split_whitespace().any(|one| one == word || one == word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_without_case_accents_and_colon() {
        assert_eq!(fold("  PÚBLICO   objetivo: "), "publico objetivo");
        assert_eq!(fold("…"), "…");
    }

    #[test]
    fn two_slips_are_forgiven_in_a_long_label_and_one_in_a_short_one() {
        assert_eq!(slips("avaiable in", "available in"), Some(1));
        assert_eq!(slips("action", "actions"), Some(1));
        assert_eq!(slips("factors", "actions"), None);
        assert_eq!(slips("intended readers", "intended audience"), None);
    }
}
