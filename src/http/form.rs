//! `application/x-www-form-urlencoded` as pairs, decoded once and strictly.

use super::problem::Problem;

/// Reads a query string or a form body. Empty pairs are left out.
///
/// # Errors
/// [`Problem::BadRequest`] for a `%` without two hexadecimal digits, for bytes that are not UTF-8, and for NUL.
pub(crate) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    text.split(|b| *b == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            Ok((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Decodes a path.
///
/// # Errors
/// As [`pairs`].
pub(crate) fn path(text: &str) -> Result<String, Problem> {
    decode(text.as_bytes(), false)
}

fn decode(text: &[u8], plus_is_space: bool) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Err(bad("a % is not followed by two hexadecimal digits"));
                };
                u8::try_from(high * 16 + low).map_err(|_| bad("a % is not followed by two hexadecimal digits"))?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| bad("the text is not UTF-8 after decoding"))?;
    if text.contains('\0') {
        return Err(bad("the text contains the character NUL"));
    }
    Ok(text)
}

fn bad(what: &str) -> Problem {
    Problem::BadRequest(what.into())
}

/// The value of a parameter that may be there once.
///
/// # Errors
/// [`Problem::RepeatedParameter`]
pub(crate) fn once<'p>(pairs: &'p [(String, String)], name: &str) -> Result<Option<&'p str>, Problem> {
    let mut values = pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let value = values.next();
    if values.next().is_some() {
        return Err(Problem::RepeatedParameter(name.into()));
    }
    Ok(value)
}

/// The format a request names: `format`, or `output` as other stores call it.
///
/// # Errors
/// [`Problem::RepeatedParameter`]
pub(crate) fn format(pairs: &[(String, String)]) -> Result<Option<&str>, Problem> {
    let named = once(pairs, "format")?.or(once(pairs, "output")?);
    Ok(named.filter(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pair_is_decoded_once() {
        let read = pairs(b"q=a%2Bb+c&x&y=%25%32%30&&z==").unwrap();
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, [("q", "a+b c"), ("x", ""), ("y", "%20"), ("z", "=")]);
    }

    #[test]
    fn what_is_not_text_is_refused() {
        for bad in ["q=%", "q=%4", "q=%zz", "q=%ff", "q=%00", "q=%c0%af"] {
            assert!(pairs(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = pairs(&bytes);
        }
    }
}
