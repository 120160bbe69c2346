//! Code point escapes: `\u0028` is `(` wherever it stands, before anything else is read.
//!
//! [SPARQL 1.1, section 19.2](https://www.w3.org/TR/sparql11-query/#codepointEscape)

use std::borrow::Cow;

/// The text with every `\uXXXX` and `\UXXXXXXXX` replaced once, as the parser will replace them.
///
/// `\u` without a code point behind it stays as it is: `"C:\\users"` is a string.
///
/// # Errors
/// The byte offset of an escape that is broken by another backslash, or has a sign. The parser reads such text in ways of
/// its own, so it must not see it.
pub(super) fn unescape(text: &str) -> Result<Cow<'_, str>, usize> {
    let mut plain = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(backslash) = text[from..].find('\\').map(|found| from + found) {
        let digits = match text.as_bytes().get(backslash + 1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => {
                from = backslash + 1;
                continue;
            }
        };
        let start = backslash + 2;
        let length = text[start..].chars().take(digits).map(char::len_utf8).sum::<usize>();
        let code = &text[start..start + length];
        // The parser takes a sign for part of the number.
        if code.contains('\\') || code.starts_with('+') {
            return Err(backslash);
        }
        from = start + length;
        let is_hex = code.len() == digits && code.bytes().all(|b| b.is_ascii_hexdigit());
        let decoded = u32::from_str_radix(code, 16).ok().filter(|_| is_hex).and_then(char::from_u32);
        if let Some(decoded) = decoded {
            plain.push_str(&text[copied..backslash]);
            plain.push(decoded);
            copied = from;
        }
    }
    Ok(if copied == 0 {
        text.into()
    } else {
        plain.push_str(&text[copied..]);
        plain.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_replaced_once() {
        for (text, plain) in [
            ("plain", "plain"),
            (r"\u0041\U0001F600!", "A😀!"),
            (r"\u005Cu0041", r"\u0041"),
            (r"\\u0041", r"\A"),
            (r#""C:\\users""#, r#""C:\\users""#),
            (r"\uD800", r"\uD800"),
            (r"\u12", r"\u12"),
            (r"\", r"\"),
        ] {
            assert_eq!(unescape(text).unwrap(), plain, "{text}");
        }
        assert_eq!(unescape(r"ab\u12\é"), Err(2));
        assert_eq!(unescape(r"ab\u+027"), Err(2));
        assert_eq!(unescape(r"\U+0000027"), Err(0));
    }
}
