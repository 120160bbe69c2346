//! Words: those of [UAX 29](https://www.unicode.org/reports/tr29/#Word_Boundaries), divided further.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::fold::parts;

/// Shows each word of a folded text, with what comes behind it.
///
/// A word of UAX 29 is divided at every sign in it that is no letter, mark or number, so that `l'eau` has `eau` and
/// `example.org` has `example`; but not at a full stop or comma between two numbers: `11.4` is one word.
pub(super) fn each_word<'t>(folded: &'t str, each: &mut impl FnMut(&'t str, &'t str)) {
    let mut offset = 0;
    for part in parts(folded) {
        let range = offset..offset + part.len();
        offset = range.end;
        if part.is_ascii() {
            each_ascii_word(folded, range, each);
        } else {
            each_unicode_word(folded, range, each);
        }
    }
}

/// The same for ASCII, where it needs no tables.
fn each_ascii_word<'t>(folded: &'t str, Range { start, end }: Range<usize>, each: &mut impl FnMut(&'t str, &'t str)) {
    let bytes = folded.as_bytes().get(..end).unwrap_or_default();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = start;
    while at < bytes.len() {
        let start = at;
        while bytes.get(at).is_some_and(|byte| {
            byte.is_ascii_alphanumeric()
                || (at > start && matches!(byte, b'.' | b',') && digit(at - 1) && digit(at + 1))
        }) {
            at += 1;
        }
        if at > start {
            give(folded, start, at, each);
        }
        at += 1;
    }
}

pub(super) fn each_unicode_word<'t>(folded: &'t str, part: Range<usize>, each: &mut impl FnMut(&'t str, &'t str)) {
    for (offset, segment) in folded.get(part.clone()).unwrap_or_default().unicode_word_indices() {
        let offset = part.start + offset;
        let (mut start, mut before) = (None, '\0');
        for (at, c) in segment.char_indices() {
            let joins = matches!(c, '.' | ',') && before.is_numeric() && {
                let after = segment.get(at + 1..).and_then(|rest| rest.chars().next());
                after.is_some_and(char::is_numeric)
            };
            // A mark goes with what is before it, and begins nothing.
            let is_part = if is_combining_mark(c) { start.is_some() } else { c.is_alphanumeric() };
            if joins || is_part {
                start.get_or_insert(at);
            } else if let Some(start) = start.take() {
                give(folded, offset + start, offset + at, each);
            }
            before = c;
        }
        if let Some(start) = start {
            give(folded, offset + start, offset + segment.len(), each);
        }
    }
}

fn give<'t>(folded: &'t str, start: usize, end: usize, each: &mut impl FnMut(&'t str, &'t str)) {
    if let (Some(word), Some(after)) = (folded.get(start..end), folded.get(end..)) {
        each(word, after);
    }
}
