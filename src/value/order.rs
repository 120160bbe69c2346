//! One order of all values, for ORDER BY, MIN and MAX.

use std::cmp::Ordering;

use oxsdatatypes::{Date, DateTime, GYear, GYearMonth, Time, TimezoneOffset};

use super::{Value, compare::ordering};

/// A total order: blank nodes, IRIs, literals; literals of one kind by value, kinds among one another in a fixed order, and
/// what has no order by value by its writing. It agrees with `<` wherever that has an answer.
///
/// [SPARQL 1.1 Query, section 15.1](https://www.w3.org/TR/sparql11-query/#modOrderBy)
#[must_use]
pub fn order(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (Value::Iri(a), Value::Iri(b)) | (Value::Blank(a), Value::Blank(b)) | (Value::String(a), Value::String(b)) => {
            a.cmp(b)
        }
        (Value::Number(a), Value::Number(b)) => a.order(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => timed(*a, *b, DateTime::timezone_offset, DateTime::adjust),
        (Value::Date(a), Value::Date(b)) => timed(*a, *b, Date::timezone_offset, Date::adjust),
        (Value::Time(a), Value::Time(b)) => timed(*a, *b, Time::timezone_offset, Time::adjust),
        (Value::Year(a), Value::Year(b)) => timed(*a, *b, GYear::timezone_offset, GYear::adjust),
        (Value::YearMonth(a), Value::YearMonth(b)) => timed(*a, *b, GYearMonth::timezone_offset, GYearMonth::adjust),
        (Value::Duration(_), Value::Duration(_)) => ordering(a, b).unwrap_or_else(|| written(a).cmp(&written(b))),
        _ => written(a).cmp(&written(b)),
    })
}

/// The place of a kind among the others.
fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Blank(_) => 1,
        Value::Iri(_) => 2,
        Value::Number(_) => 3,
        Value::DateTime(_) => 4,
        Value::Date(_) => 5,
        Value::Time(_) => 6,
        Value::Year(_) => 7,
        Value::YearMonth(_) => 8,
        Value::Boolean(_) => 9,
        // Those of one type have an order among themselves.
        Value::Duration(duration) => 10 + duration.kind as u8,
        Value::String(_)
        | Value::Tagged { .. }
        | Value::Other { .. }
        | Value::MonthDay(_)
        | Value::Month(_)
        | Value::Day(_) => 15,
    }
}

/// Times without a zone are in UTC here, so that all have one order; of equal ones that without a zone comes first.
fn timed<T: Copy + PartialOrd>(
    a: T,
    b: T,
    zone: fn(T) -> Option<TimezoneOffset>,
    adjust: fn(T, Option<TimezoneOffset>) -> Option<T>,
) -> Ordering {
    let in_utc = |time: T| match zone(time) {
        Some(_) => time,
        None => adjust(time, Some(TimezoneOffset::UTC)).unwrap_or(time),
    };
    let order = in_utc(a).partial_cmp(&in_utc(b)).unwrap_or(Ordering::Equal);
    order.then_with(|| zone(a).is_some().cmp(&zone(b).is_some()))
}

/// The text, the datatype and the language.
fn written(value: &Value<'_>) -> (String, String, String) {
    let datatype = match value {
        Value::Other { datatype, .. } => datatype.to_string(),
        other => other.datatype().map_or_else(String::new, |datatype| datatype.as_str().to_owned()),
    };
    let language = if let Value::Tagged { language, .. } = value { language.to_string() } else { String::new() };
    (value.writing().into_owned(), datatype, language)
}
