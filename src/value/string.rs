//! Functions of strings.
//!
//! [SPARQL 1.1 Query, section 17.4.3](https://www.w3.org/TR/sparql11-query/#func-strings)

use std::borrow::Cow;

use oxilangtag::LanguageTag;

use super::{
    Number, Value,
    function::{Fault, Outcome},
    number::round_f64,
};
use crate::sparql::Builtin;

/// The text and the language of a string.
fn parts<'a, 'v>(value: &'a Value<'v>) -> Result<(&'a Cow<'v, str>, Option<&'a Cow<'v, str>>), Fault> {
    match value {
        Value::String(text) => Ok((text, None)),
        Value::Tagged { text, language } => Ok((text, Some(language))),
        _ => Err(Fault::NoValue),
    }
}

/// A text in the language of another.
fn like<'v>(text: Cow<'v, str>, language: Option<&Cow<'v, str>>) -> Value<'v> {
    match language {
        Some(language) => Value::Tagged { text, language: language.clone() },
        None => Value::String(text),
    }
}

/// A part of a text; what was lent is lent on.
fn slice<'v>(text: &Cow<'v, str>, range: std::ops::Range<usize>) -> Cow<'v, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    }
}

/// CONCAT: in the language of all, if that is one.
pub(super) fn concat<'v>(arguments: &[Value<'v>], room: usize) -> Outcome<'v> {
    let (mut language, mut length) = (None, 0_usize);
    for (n, argument) in arguments.iter().enumerate() {
        let (text, other) = parts(argument)?;
        length = length.saturating_add(text.len());
        language = if n == 0 || language == other { other } else { None };
    }
    if length > room {
        return Err(Fault::TooLarge);
    }
    let mut whole = String::with_capacity(length);
    for argument in arguments {
        whole.push_str(parts(argument)?.0);
    }
    Ok(like(whole.into(), language))
}

pub(super) fn of_one<'v>(function: Builtin, one: &Value<'v>, room: usize) -> Outcome<'v> {
    let (text, language) = parts(one)?;
    match function {
        Builtin::StrLen => {
            let length = text.bytes().filter(|byte| byte & 0xC0 != 0x80).count();
            Ok(Value::Number(Number::from(i64::try_from(length).unwrap_or(i64::MAX))))
        }
        // A letter becomes three at most, each of up to four bytes; what is longer is not begun.
        _ if text.len().saturating_mul(3) > room => Err(Fault::TooLarge),
        Builtin::UCase => Ok(like(text.to_uppercase().into(), language)),
        Builtin::LCase => Ok(like(text.to_lowercase().into(), language)),
        _ => Ok(Value::String(encoded(text).into())),
    }
}

/// [`ENCODE_FOR_URI`](https://www.w3.org/TR/xpath-functions-31/#func-encode-for-uri)
fn encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            encoded.push(HEX[usize::from(byte >> 4)].into());
            encoded.push(HEX[usize::from(byte & 15)].into());
        }
    }
    encoded
}

/// Functions of two strings whose languages agree: the second has none, or that of the first.
pub(super) fn of_two<'v>(function: Builtin, one: &Value<'v>, other: &Value<'v>) -> Outcome<'v> {
    let ((text, language), (part, other)) = (parts(one)?, parts(other)?);
    let agree = match (language, other) {
        (_, None) => true,
        (Some(language), Some(other)) => language.eq_ignore_ascii_case(other),
        (None, Some(_)) => false,
    };
    if !agree {
        return Err(Fault::NoValue);
    }
    let found = || memchr::memmem::find(text.as_bytes(), part.as_bytes());
    Ok(match function {
        Builtin::Contains => Value::Boolean(found().is_some()),
        Builtin::StrStarts => Value::Boolean(text.starts_with(&**part)),
        Builtin::StrEnds => Value::Boolean(text.ends_with(&**part)),
        // What is not found has nothing before it, in no language.
        _ => match found() {
            None => Value::String("".into()),
            Some(at) if function == Builtin::StrBefore => like(slice(text, 0..at), language),
            Some(at) => like(slice(text, at + part.len()..text.len()), language),
        },
    })
}

/// SUBSTR: characters are counted from one, and the numbers are rounded.
/// [`fn:substring`](https://www.w3.org/TR/xpath-functions-31/#func-substring)
pub(super) fn substring<'v>(text: &Value<'v>, start: &Value<'_>, length: Option<&Value<'_>>) -> Outcome<'v> {
    let (text, language) = parts(text)?;
    let number = |value: &Value<'_>| match value {
        Value::Number(number) => Ok(round_f64(number.to_f64())),
        _ => Err(Fault::NoValue),
    };
    let start = number(start)?;
    let end = match length {
        Some(length) => start + number(length)?,
        None => f64::INFINITY,
    };
    let mut place = 0.0;
    let (mut from, mut to) = (text.len(), text.len());
    for (at, _) in text.char_indices() {
        place += 1.0;
        let is_in = place >= start && place < end;
        if is_in && from == text.len() {
            from = at;
        }
        // Also where the numbers are none: then nothing is in.
        if from < text.len() && !is_in {
            to = at;
            break;
        }
    }
    Ok(like(slice(text, from..to.max(from)), language))
}

/// LANGMATCHES: [RFC 4647, basic filtering](https://www.rfc-editor.org/rfc/rfc4647#section-3.3.1).
pub(super) fn language_matches(tag: &str, range: &str) -> bool {
    if range == "*" {
        return !tag.is_empty();
    }
    let (Some(begin), Some(rest)) = (tag.get(..range.len()), tag.get(range.len()..)) else { return false };
    begin.eq_ignore_ascii_case(range) && (rest.is_empty() || rest.starts_with('-'))
}

/// STRLANG: of a string without a language and a tag.
pub(super) fn with_language<'v>(text: &Value<'v>, language: &Value<'v>) -> Outcome<'v> {
    let (Value::String(text), Value::String(language)) = (text, language) else { return Err(Fault::NoValue) };
    let tag = LanguageTag::parse(language.to_ascii_lowercase()).map_err(|_| Fault::NoValue)?;
    Ok(Value::Tagged { text: text.clone(), language: tag.into_inner().into() })
}

/// STRDT: of a string without a language and an IRI.
pub(super) fn with_datatype<'v>(text: &Value<'v>, datatype: &Value<'v>) -> Outcome<'v> {
    let (Value::String(text), Value::Iri(datatype)) = (text, datatype) else { return Err(Fault::NoValue) };
    Ok(Value::Other { text: text.clone(), datatype: datatype.clone() })
}
