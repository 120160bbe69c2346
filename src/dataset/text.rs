//! Terms as N-Triples prints them: their order, and their bytes.

use std::cmp::Ordering;

/// Compares two lexical forms as they are printed: escaped, and with the closing quote.
pub(super) fn compare_values(a: &str, b: &str) -> Ordering {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    if same == a.len() && same == b.len() {
        return Ordering::Equal;
    }
    // Both share what is before the character that differs, so its boundary is one in both.
    let at = (0..=same).rev().find(|at| a.is_char_boundary(*at)).unwrap_or(0);
    printed(a[at..].chars().next()).cmp(&printed(b[at..].chars().next()))
}

/// Compares two IRIs as they are printed: with the closing bracket.
pub(super) fn compare_iris(a: &str, b: &str) -> Ordering {
    let (short, long) = (a.len().min(b.len()), [a.as_bytes(), b.as_bytes()]);
    let next = |text: &[u8]| text.get(short).copied().unwrap_or(b'>');
    long[0][..short]
        .cmp(&long[1][..short])
        .then_with(|| next(long[0]).cmp(&next(long[1])).then_with(|| a.len().cmp(&b.len())))
}

/// One character of a lexical form as it is printed; the closing quote after the last.
fn printed(c: Option<char>) -> ([u8; 6], usize) {
    let Some(c) = c else { return ([b'"', 0, 0, 0, 0, 0], 1) };
    escape(c).unwrap_or_else(|| {
        let mut bytes = [0; 6];
        let length = c.encode_utf8(&mut bytes).len();
        (bytes, length)
    })
}

/// The escape of a character that is not printed as it is.
///
/// [N-Triples, canonical form](https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples)
fn escape(c: char) -> Option<([u8; 6], usize)> {
    let short = |letter: u8| Some(([b'\\', letter, 0, 0, 0, 0], 2));
    match c {
        '\u{8}' => short(b'b'),
        '\t' => short(b't'),
        '\n' => short(b'n'),
        '\u{C}' => short(b'f'),
        '\r' => short(b'r'),
        '"' => short(b'"'),
        '\\' => short(b'\\'),
        '\0'..='\u{1F}' | '\u{7F}' | '\u{FFFE}' | '\u{FFFF}' => {
            let code = u32::from(c);
            let digit = |shift: u32| b"0123456789ABCDEF"[(code >> shift & 15) as usize];
            Some(([b'\\', b'u', digit(12), digit(8), digit(4), digit(0)], 6))
        }
        _ => None,
    }
}

/// Appends a lexical form in its quotes.
pub(super) fn write_value(text: &str, output: &mut Vec<u8>) {
    output.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(may_need_escape) {
        let (plain, special) = rest.split_at(at);
        output.extend_from_slice(plain.as_bytes());
        let mut characters = special.chars();
        if let Some(c) = characters.next() {
            let (bytes, length) = printed(Some(c));
            output.extend_from_slice(&bytes[..length]);
        }
        rest = characters.as_str();
    }
    output.extend_from_slice(rest.as_bytes());
    output.push(b'"');
}

/// Whether a character that begins with this byte may have an escape.
fn may_need_escape(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7F | 0xEF)
}

#[cfg(test)]
mod tests {
    use oxigraph::model::{LiteralRef, NamedNodeRef};
    use proptest::prelude::*;

    use super::*;

    /// Characters whose printed form moves them in the order, and their neighbours.
    const HARD: &str =
        "[ !\"#'>=/<a\\\\\\[\\]\\t\\n\\r\\x08\\x0c\\x00\\x1f\\x7f~é\u{fffd}\u{fffe}\u{ffff}\u{10000}]{0,4}";

    proptest! {
        #[test]
        fn the_order_of_values_is_that_of_their_texts(a in HARD, b in HARD) {
            let text = |value: &str| LiteralRef::new_simple_literal(value).to_string();
            prop_assert_eq!(compare_values(&a, &b), text(&a).cmp(&text(&b)));
        }

        #[test]
        fn the_order_of_iris_is_that_of_their_texts(a in "[ !>=/<a]{0,4}", b in "[ !=/?a]{0,4}") {
            let text = |iri: &str| NamedNodeRef::new_unchecked(iri).to_string();
            prop_assume!(!a.contains('>'));
            prop_assert_eq!(compare_iris(&a, &b), text(&a).cmp(&text(&b)));
        }

        #[test]
        fn values_are_printed_as_the_library_prints_them(value in prop_oneof![HARD.prop_map(String::from), any::<String>()]) {
            let mut bytes = Vec::new();
            write_value(&value, &mut bytes);
            prop_assert_eq!(bytes, LiteralRef::new_simple_literal(&value).to_string().into_bytes());
        }
    }
}
