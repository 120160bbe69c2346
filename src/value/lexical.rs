//! From the text of a typed literal to its value.

use std::str::FromStr;

use oxsdatatypes::DayTimeDuration;

use super::{Duration, DurationKind, Integer, Number, Value};
use crate::rdf::vocab::xsd;

/// The name of a datatype of XML Schema.
pub(super) fn xsd_name(datatype: &str) -> Option<&str> {
    datatype.strip_prefix(xsd::NAMESPACE)
}

/// The value of a text in a datatype; nothing if it is none of that datatype, or the datatype is not known here.
///
/// [XSD 1.1, part 2](https://www.w3.org/TR/xmlschema11-2/)
pub(super) fn typed<'t>(text: &'t str, datatype: &str) -> Option<Value<'t>> {
    let name = xsd_name(datatype)?;
    Some(match name {
        "string" => Value::String(text.into()),
        "boolean" => Value::Boolean(boolean(text)?),
        "decimal" => Value::Number(Number::Decimal(text.parse().ok()?)),
        "double" => Value::Number(Number::Double(double(text)?)),
        "float" => Value::Number(Number::Float(float(text)?)),
        "dateTime" => Value::DateTime(timed(text)?),
        "dateTimeStamp" => Value::DateTime(timed::<oxsdatatypes::DateTime>(text).filter(|t| t.timezone().is_some())?),
        "date" => Value::Date(timed(text)?),
        "time" => Value::Time(timed(text)?),
        "gYear" => Value::Year(timed(text)?),
        "gYearMonth" => Value::YearMonth(timed(text)?),
        "gMonthDay" => Value::MonthDay(month_day(text)?),
        "gMonth" => Value::Month(timed(text)?),
        "gDay" => Value::Day(timed(text)?),
        "duration" => Value::Duration(duration(text, DurationKind::Any)?),
        "yearMonthDuration" => Value::Duration(duration(text, DurationKind::YearMonth)?),
        "dayTimeDuration" => Value::Duration(duration(text, DurationKind::DayTime)?),
        name => Value::Number(Number::Integer(integer(text, name)?)),
    })
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A whole number in the range of its type.
fn integer(text: &str, name: &str) -> Option<Integer> {
    let (least, most) = range(name)?;
    let number: Integer = text.parse().ok()?;
    let fits = least.is_none_or(|least| number >= Integer::Small(least))
        && most.is_none_or(|most| number <= Integer::Small(most));
    fits.then_some(number)
}

/// The least and the greatest number of a type of whole numbers.
/// [XSD 1.1, section 3.4](https://www.w3.org/TR/xmlschema11-2/#ordinary-built-ins)
pub(super) fn range(name: &str) -> Option<(Option<i128>, Option<i128>)> {
    let both = |least: i128, most: i128| Some((Some(least), Some(most)));
    match name {
        "integer" => Some((None, None)),
        "long" => both(i64::MIN.into(), i64::MAX.into()),
        "int" => both(i32::MIN.into(), i32::MAX.into()),
        "short" => both(i16::MIN.into(), i16::MAX.into()),
        "byte" => both(i8::MIN.into(), i8::MAX.into()),
        "unsignedLong" => both(0, u64::MAX.into()),
        "unsignedInt" => both(0, u32::MAX.into()),
        "unsignedShort" => both(0, u16::MAX.into()),
        "unsignedByte" => both(0, u8::MAX.into()),
        "nonNegativeInteger" => Some((Some(0), None)),
        "positiveInteger" => Some((Some(1), None)),
        "nonPositiveInteger" => Some((None, Some(0))),
        "negativeInteger" => Some((None, Some(-1))),
        _ => None,
    }
}

/// [XSD 1.1, section 3.3.5](https://www.w3.org/TR/xmlschema11-2/#double)
fn double(text: &str) -> Option<f64> {
    match special(text) {
        Some(number) => Some(number),
        None => is_number(text).then(|| text.parse().ok())?,
    }
}

fn float(text: &str) -> Option<f32> {
    match special(text) {
        #[expect(clippy::cast_possible_truncation, reason = "what is infinite stays so")]
        Some(number) => Some(number as f32),
        None => is_number(text).then(|| text.parse().ok())?,
    }
}

fn special(text: &str) -> Option<f64> {
    match text {
        "INF" | "+INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    }
}

/// Whether a text is made of what numbers are made of: the parser of the language takes `inf` and `nan` too.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
}

/// A date or a time.
fn timed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The twenty-ninth of February is a day of some years.
fn month_day(text: &str) -> Option<oxsdatatypes::GMonthDay> {
    text.parse().ok()
}

/// A duration. [XSD 1.1, section 3.3.6](https://www.w3.org/TR/xmlschema11-2/#duration)
fn duration(text: &str, kind: DurationKind) -> Option<Duration> {
    if !is_duration(text) {
        return None;
    }
    let length = match kind {
        DurationKind::Any => text.parse().ok()?,
        DurationKind::YearMonth => text.parse::<oxsdatatypes::YearMonthDuration>().ok()?.into(),
        DurationKind::DayTime => text.parse::<DayTimeDuration>().ok()?.into(),
    };
    Some(Duration { kind, length })
}

/// Whether something stands behind each sign, and digits on both sides of a point.
fn is_duration(text: &str) -> bool {
    let is_digit = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
    let has_parts = !text.ends_with(['P', 'T']);
    let points = text.match_indices('.').all(|(at, _)| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    has_parts && points
}
