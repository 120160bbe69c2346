//! The functions of SPARQL that are functions of the values of their arguments.
//!
//! [SPARQL 1.1 Query, section 17.4](https://www.w3.org/TR/sparql11-query/#SparqlOps)

use std::borrow::Cow;

use oxsdatatypes::TimezoneOffset;
use sha1::Digest as _;

use super::{Decimal, Duration, Number, Value, string};
use crate::sparql::Builtin;

/// Why a function has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It has none for these arguments: an error of the expression.
    NoValue,
    /// It would be a text of more bytes than there is room for.
    TooLarge,
}

/// What functions give.
pub(super) type Outcome<'v> = Result<Value<'v>, Fault>;

/// The value of a function. A text of more than `room` bytes is not made.
///
/// Functions that look at time, at chance, at the base or at a regular expression are not here, and have no value.
///
/// # Errors
/// [`Fault`]
pub fn call<'v>(function: Builtin, arguments: &[Value<'v>], room: usize) -> Outcome<'v> {
    match arguments {
        _ if function == Builtin::Concat => string::concat(arguments, room),
        [one] => of_one(function, one, room),
        [one, other] => of_two(function, one, other),
        [text, start, length] if function == Builtin::SubStr => string::substring(text, start, Some(length)),
        _ => Err(Fault::NoValue),
    }
}

fn of_one<'v>(function: Builtin, one: &Value<'v>, room: usize) -> Outcome<'v> {
    let truth = |value: bool| Ok(Value::Boolean(value));
    match function {
        Builtin::IsIri => truth(matches!(one, Value::Iri(_))),
        Builtin::IsBlank => truth(matches!(one, Value::Blank(_))),
        Builtin::IsLiteral => truth(!matches!(one, Value::Iri(_) | Value::Blank(_))),
        Builtin::IsNumeric => truth(matches!(one, Value::Number(_))),
        Builtin::Str | Builtin::Lang | Builtin::DataType => of_term(function, one),
        Builtin::Abs | Builtin::Ceil | Builtin::Floor | Builtin::Round => rounded(function, one),
        Builtin::Year
        | Builtin::Month
        | Builtin::Day
        | Builtin::Hours
        | Builtin::Minutes
        | Builtin::Seconds
        | Builtin::Timezone
        | Builtin::Tz => part_of_time(function, one).ok_or(Fault::NoValue),
        Builtin::StrLen | Builtin::UCase | Builtin::LCase | Builtin::EncodeForUri => {
            string::of_one(function, one, room)
        }
        Builtin::Md5 | Builtin::Sha1 | Builtin::Sha256 | Builtin::Sha384 | Builtin::Sha512 => digest(function, one),
        _ => Err(Fault::NoValue),
    }
}

fn of_two<'v>(function: Builtin, one: &Value<'v>, other: &Value<'v>) -> Outcome<'v> {
    match function {
        Builtin::SubStr => string::substring(one, other, None),
        Builtin::Contains | Builtin::StrStarts | Builtin::StrEnds | Builtin::StrBefore | Builtin::StrAfter => {
            string::of_two(function, one, other)
        }
        Builtin::LangMatches => match (one, other) {
            (Value::String(tag), Value::String(range)) => Ok(Value::Boolean(string::language_matches(tag, range))),
            _ => Err(Fault::NoValue),
        },
        Builtin::StrLang => string::with_language(one, other),
        Builtin::StrDt => string::with_datatype(one, other),
        Builtin::SameTerm => Ok(Value::Boolean(one.with_term(|one| other.with_term(|other| one == other)))),
        _ => Err(Fault::NoValue),
    }
}

/// Functions of a term, of a value that is written as it would be as a term.
fn of_term<'v>(function: Builtin, one: &Value<'v>) -> Outcome<'v> {
    match (function, one) {
        (_, Value::Blank(_)) | (Builtin::Lang | Builtin::DataType, Value::Iri(_)) => Err(Fault::NoValue),
        (Builtin::Str, Value::Iri(text) | Value::String(text) | Value::Tagged { text, .. }) => {
            Ok(Value::String(text.clone()))
        }
        (Builtin::Str, typed) => Ok(Value::String(typed.writing().into_owned().into())),
        (Builtin::Lang, Value::Tagged { language, .. }) => Ok(Value::String(language.clone())),
        (Builtin::Lang, _) => Ok(Value::String("".into())),
        (_, Value::Tagged { .. }) => Ok(Value::Iri(oxigraph::model::vocab::rdf::LANG_STRING.as_str().into())),
        (_, Value::Other { datatype, .. }) => Ok(Value::Iri(datatype.clone())),
        (_, typed) => typed.datatype().map(|datatype| Value::Iri(datatype.as_str().into())).ok_or(Fault::NoValue),
    }
}

fn rounded<'v>(function: Builtin, one: &Value<'_>) -> Outcome<'v> {
    let Value::Number(number) = one else { return Err(Fault::NoValue) };
    let rounded = match function {
        Builtin::Abs => number.absolute(),
        Builtin::Ceil => number.ceiling(),
        Builtin::Floor => number.floor(),
        _ => number.round(),
    };
    rounded.map(Value::Number).ok_or(Fault::NoValue)
}

/// [Section 17.4.5](https://www.w3.org/TR/sparql11-query/#func-date-time), of dates and times too.
fn part_of_time<'v>(function: Builtin, one: &Value<'_>) -> Option<Value<'v>> {
    let number = |number: i64| Some(Value::Number(Number::from(number)));
    let seconds = |seconds: oxsdatatypes::Decimal| {
        let seconds: Decimal = seconds.to_string().parse().ok()?;
        Some(Value::Number(Number::Decimal(seconds)))
    };
    match (function, one) {
        (Builtin::Year, Value::DateTime(time)) => number(time.year()),
        (Builtin::Year, Value::Date(date)) => number(date.year()),
        (Builtin::Year, Value::Year(year)) => number(year.year()),
        (Builtin::Year, Value::YearMonth(month)) => number(month.year()),
        (Builtin::Month, Value::DateTime(time)) => number(time.month().into()),
        (Builtin::Month, Value::Date(date)) => number(date.month().into()),
        (Builtin::Month, Value::YearMonth(month)) => number(month.month().into()),
        (Builtin::Day, Value::DateTime(time)) => number(time.day().into()),
        (Builtin::Day, Value::Date(date)) => number(date.day().into()),
        (Builtin::Hours, Value::DateTime(time)) => number(time.hour().into()),
        (Builtin::Hours, Value::Time(time)) => number(time.hour().into()),
        (Builtin::Minutes, Value::DateTime(time)) => number(time.minute().into()),
        (Builtin::Minutes, Value::Time(time)) => number(time.minute().into()),
        (Builtin::Seconds, Value::DateTime(time)) => seconds(time.second()),
        (Builtin::Seconds, Value::Time(time)) => seconds(time.second()),
        (Builtin::Timezone, time) => {
            let zone = match time {
                Value::DateTime(time) => time.timezone()?,
                Value::Date(date) => date.timezone()?,
                Value::Time(time) => time.timezone()?,
                _ => return None,
            };
            Some(Value::Duration(Duration::of_days(zone)))
        }
        (Builtin::Tz, time) => {
            let offset = match time {
                Value::DateTime(time) => time.timezone_offset(),
                Value::Date(date) => date.timezone_offset(),
                Value::Time(time) => time.timezone_offset(),
                _ => return None,
            };
            Some(Value::String(offset.as_ref().map_or_else(String::new, TimezoneOffset::to_string).into()))
        }
        _ => None,
    }
}

/// [Section 17.4.6](https://www.w3.org/TR/sparql11-query/#func-hash): of a string without a language.
fn digest<'v>(function: Builtin, one: &Value<'_>) -> Outcome<'v> {
    let Value::String(text) = one else { return Err(Fault::NoValue) };
    let bytes: Vec<u8> = match function {
        Builtin::Md5 => md5::Md5::digest(text.as_bytes()).to_vec(),
        Builtin::Sha1 => sha1::Sha1::digest(text.as_bytes()).to_vec(),
        Builtin::Sha256 => sha2::Sha256::digest(text.as_bytes()).to_vec(),
        Builtin::Sha384 => sha2::Sha384::digest(text.as_bytes()).to_vec(),
        _ => sha2::Sha512::digest(text.as_bytes()).to_vec(),
    };
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Value::String(Cow::Owned(hex)))
}
