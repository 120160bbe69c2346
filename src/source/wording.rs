//! When two printed wordings count as the same.

use unicode_normalization::UnicodeNormalization;

use crate::digest::sha256_hex;

/// The form in which wordings are compared: Unicode NFC, straight quotes, plain hyphens, single spaces, no space around.
/// Letter case and punctuation stay, so that texts differing in one word stay two texts.
///
/// ```
/// # use ocm_graph::source::normalise_wording;
/// assert_eq!(normalise_wording(" peoples’  groups\n"), "peoples' groups");
/// ```
#[must_use]
pub fn normalise_wording(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.extend(word.nfc().map(|c| match c {
            '‘' | '’' | 'ʼ' | '′' => '\'',
            '“' | '”' | '″' => '"',
            '‐' | '‑' | '‒' | '–' | '—' => '-',
            other => other,
        }));
    }
    normal
}

/// SHA-256 of the normalised wording, 64 lower-case hex digits.
///
/// By it an import recognises an official wording that the shipped data does not contain.
#[must_use]
pub fn wording_digest(text: &str) -> String {
    sha256_hex([normalise_wording(text)])
}
