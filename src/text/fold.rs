//! Folding: what is written differently and sought alike becomes the same.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// Appends a text as it is compared: in the compatibility decomposition (NFKD), without accents and points, in one case.
pub(super) fn fold(text: &str, folded: &mut String) {
    // A space has no decomposition and no part in one.
    for part in parts(text) {
        if part.is_ascii() {
            let start = folded.len();
            folded.push_str(part);
            if let Some(added) = folded.get_mut(start..) {
                added.make_ascii_lowercase();
            }
        } else {
            fold_unicode(part, folded);
        }
    }
}

/// The whole if it is ASCII, and otherwise what is between spaces, with the space behind it: most of it may be ASCII.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let is_ascii = text.is_ascii();
    text.split_inclusive(move |c| c == ' ' && !is_ascii)
}

pub(super) fn fold_unicode(text: &str, folded: &mut String) {
    for c in text.nfkd() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else if !is_dropped(c) {
            // To lower case twice: the capital ß becomes ss only by way of the small one.
            let folds = c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
            folds.for_each(|c| match without_stroke(c) {
                Some(plain) => folded.push_str(plain),
                None => folded.push(c),
            });
        }
    }
}

/// Accents, points and tone marks; and what is not seen inside a word.
///
/// By combining class and not by "is a mark": the vowel signs of Indian scripts, the vowels below of Thai and Lao and the
/// voicing of kana are marks too, and without them a word is another one.
fn is_dropped(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 7 | 10..=36 | 107 | 122 | 200..=240)
        || matches!(
            c,
            // Soft hyphen, joiners and marks of direction; U+200B is not here, for it parts words.
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
            // The stroke that makes an Arabic word longer.
            | '\u{640}'
            // Enclosing marks, variation selectors.
            | '\u{20DD}'..='\u{20E0}' | '\u{20E2}'..='\u{20E4}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'
        )
}

/// Letters that Unicode does not take apart and that people type as others.
fn without_stroke(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'đ' => "d",
        'ħ' => "h",
        'ł' => "l",
        'ø' => "o",
        'œ' => "oe",
        'ŧ' => "t",
        _ => return None,
    })
}
