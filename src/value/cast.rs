//! Casts, by the rules of `XPath`.
//!
//! [SPARQL 1.1 Query, section 17.5](https://www.w3.org/TR/sparql11-query/#FunctionMapping), [Functions and Operators 3.1,
//! section 19](https://www.w3.org/TR/xpath-functions-31/#casting)

use std::borrow::Cow;

use super::{Decimal, DurationKind, Integer, Number, Value, lexical};

/// Whether there is a cast to a datatype.
#[must_use]
pub fn is_castable(datatype: &str) -> bool {
    let Some(name) = lexical::xsd_name(datatype) else { return false };
    let is_one = matches!(
        name,
        "string"
            | "boolean"
            | "decimal"
            | "float"
            | "double"
            | "dateTime"
            | "date"
            | "time"
            | "gYear"
            | "gYearMonth"
            | "gMonthDay"
            | "gMonth"
            | "gDay"
            | "duration"
            | "yearMonthDuration"
            | "dayTimeDuration"
    );
    is_one || lexical::range(name).is_some()
}

/// A value as one of another datatype; nothing if it is none.
#[must_use]
pub fn cast<'v>(datatype: &str, value: &Value<'_>) -> Option<Value<'v>> {
    let name = lexical::xsd_name(datatype)?;
    match value {
        // What is ill-typed is no value, and what has a language or another datatype is cast by nobody.
        Value::Blank(_) | Value::Tagged { .. } | Value::Other { .. } => None,
        Value::Iri(iri) => (name == "string").then(|| Value::String(Cow::Owned(iri.to_string()))),
        Value::String(text) if name == "string" => Some(Value::String(Cow::Owned(text.to_string()))),
        Value::String(text) => of_text(text, datatype),
        typed if name == "string" => Some(Value::String(typed.writing().into_owned().into())),
        Value::Number(number) => of_number(number, name),
        Value::Boolean(value) => of_boolean(*value, name),
        time => of_time(time, name),
    }
}

/// White space around a text does not count.
fn of_text<'v>(text: &str, datatype: &str) -> Option<Value<'v>> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    lexical::typed(text, datatype).map(Value::into_owned)
}

fn of_number<'v>(number: &Number, name: &str) -> Option<Value<'v>> {
    Some(match name {
        "boolean" => Value::Boolean(number.is_true()),
        "double" => Value::Number(Number::Double(number.to_f64())),
        "float" => Value::Number(Number::Float(number.to_f32())),
        "decimal" => Value::Number(Number::Decimal(number.to_decimal()?)),
        _ => Value::Number(Number::Integer(within(number.to_decimal()?.truncate()?, name)?)),
    })
}

fn of_boolean<'v>(value: bool, name: &str) -> Option<Value<'v>> {
    let number = Integer::from(i64::from(value));
    Some(match name {
        "boolean" => Value::Boolean(value),
        "double" => Value::Number(Number::Double(number.to_f64())),
        "float" => Value::Number(Number::Float(if value { 1.0 } else { 0.0 })),
        "decimal" => Value::Number(Number::Decimal(Decimal::from(number))),
        _ => Value::Number(Number::Integer(within(number, name)?)),
    })
}

/// A number, if it is one of that type of whole numbers.
fn within(number: Integer, name: &str) -> Option<Integer> {
    let (least, most) = lexical::range(name)?;
    let fits = least.is_none_or(|least| number >= Integer::Small(least))
        && most.is_none_or(|most| number <= Integer::Small(most));
    fits.then_some(number)
}

/// Dates, times and durations, as far as each has what the other wants.
fn of_time<'v>(time: &Value<'_>, name: &str) -> Option<Value<'v>> {
    let date = || match time {
        Value::DateTime(time) => oxsdatatypes::Date::try_from(*time).ok(),
        Value::Date(date) => Some(*date),
        _ => None,
    };
    Some(match (name, time) {
        ("dateTime", Value::DateTime(time)) => Value::DateTime(*time),
        ("dateTime", Value::Date(date)) => Value::DateTime((*date).try_into().ok()?),
        ("date", _) => Value::Date(date()?),
        ("time", Value::Time(time)) => Value::Time(*time),
        ("time", Value::DateTime(time)) => Value::Time((*time).into()),
        ("gYear", Value::Year(year)) => Value::Year(*year),
        ("gYear", _) => Value::Year(date()?.try_into().ok()?),
        ("gYearMonth", Value::YearMonth(month)) => Value::YearMonth(*month),
        ("gYearMonth", _) => Value::YearMonth(date()?.into()),
        ("gMonthDay", Value::MonthDay(day)) => Value::MonthDay(*day),
        ("gMonthDay", _) => Value::MonthDay(date()?.into()),
        ("gMonth", Value::Month(month)) => Value::Month(*month),
        ("gMonth", _) => Value::Month(date()?.into()),
        ("gDay", Value::Day(day)) => Value::Day(*day),
        ("gDay", _) => Value::Day(date()?.into()),
        ("duration", Value::Duration(duration)) => Value::Duration(duration.cast(DurationKind::Any)?),
        ("yearMonthDuration", Value::Duration(duration)) => Value::Duration(duration.cast(DurationKind::YearMonth)?),
        ("dayTimeDuration", Value::Duration(duration)) => Value::Duration(duration.cast(DurationKind::DayTime)?),
        _ => return None,
    })
}

/// [`IRI`](https://www.w3.org/TR/sparql11-query/#func-iri): of a string, resolved against a base.
#[must_use]
pub fn iri(value: &Value<'_>, base: Option<&str>) -> Option<Value<'static>> {
    let text = match value {
        Value::Iri(iri) => return Some(Value::Iri(Cow::Owned(iri.to_string()))),
        Value::String(text) => text,
        _ => return None,
    };
    let resolved = match base {
        Some(base) => oxiri::IriRef::parse(base).ok()?.resolve(text).ok()?.into_inner(),
        None => oxiri::Iri::parse(text.to_string()).ok()?.into_inner(),
    };
    Some(Value::Iri(Cow::Owned(resolved)))
}
