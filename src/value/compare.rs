//! `=`, `<` and their like, and what counts as true.

use std::cmp::Ordering;

use super::{Number, Value, lexical};
use crate::sparql::Comparison;

/// The [effective boolean value](https://www.w3.org/TR/sparql11-query/#ebv); nothing for what has none.
#[must_use]
pub fn truth(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Boolean(value) => Some(*value),
        Value::String(text) | Value::Tagged { text, .. } => Some(!text.is_empty()),
        Value::Number(number) => Some(number.is_true()),
        // A literal that would be a truth or a number, if its text were right.
        Value::Other { datatype, .. } => {
            let name = lexical::xsd_name(datatype)?;
            let is_known = matches!(name, "boolean" | "decimal" | "float" | "double") || lexical::range(name).is_some();
            is_known.then_some(false)
        }
        _ => None,
    }
}

/// Whether two values compare so; nothing if the two cannot be compared.
///
/// [SPARQL 1.1 Query, section 17.3](https://www.w3.org/TR/sparql11-query/#OperatorMapping)
#[must_use]
pub fn compare(comparison: Comparison, a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    match comparison {
        Comparison::Equal => equals(a, b),
        Comparison::NotEqual => equals(a, b).map(|equal| !equal),
        _ => match (a, b) {
            // What is not a number is neither less nor greater, and that is no error.
            (Value::Number(a), Value::Number(b)) => Some(a.compare(b).is_some_and(|order| comparison.holds(order))),
            _ => ordering(a, b).map(|order| comparison.holds(order)),
        },
    }
}

/// The order of two values of one kind, if that has one.
pub(super) fn ordering(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.compare(b),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Tagged { text: a, language }, Value::Tagged { text: b, language: other })
            if language.eq_ignore_ascii_case(other) =>
        {
            Some(a.cmp(b))
        }
        (Value::DateTime(a), Value::DateTime(b)) => a.partial_cmp(b),
        (Value::Date(a), Value::Date(b)) => a.partial_cmp(b),
        (Value::Time(a), Value::Time(b)) => a.partial_cmp(b),
        (Value::Year(a), Value::Year(b)) => a.partial_cmp(b),
        (Value::YearMonth(a), Value::YearMonth(b)) => a.partial_cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.compare(b),
        _ => None,
    }
}

/// Whether two are equal: by value where both have one that is known; otherwise whether they are the same term, which is
/// not known of two different literals.
///
/// [SPARQL 1.1 Query, section 17.4.1.7](https://www.w3.org/TR/sparql11-query/#func-RDFterm-equal)
#[must_use]
pub fn equals(a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    match (a, b) {
        (Value::Iri(a), Value::Iri(b)) | (Value::Blank(a), Value::Blank(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(Number::compare(a, b) == Some(Ordering::Equal)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.equals(b)),
        (Value::Tagged { text: a, language }, Value::Tagged { text: b, language: other }) => {
            Some(a == b && language.eq_ignore_ascii_case(other))
        }
        // Neither of these is ever equal to another kind of term.
        (Value::Iri(_) | Value::Blank(_) | Value::Tagged { .. }, _)
        | (_, Value::Iri(_) | Value::Blank(_) | Value::Tagged { .. }) => Some(false),
        (Value::Other { text: a, datatype }, Value::Other { text: b, datatype: other }) => {
            (a == b && datatype == other).then_some(true)
        }
        (Value::MonthDay(a), Value::MonthDay(b)) => a.partial_cmp(b).map(|order| order == Ordering::Equal),
        (Value::Month(a), Value::Month(b)) => a.partial_cmp(b).map(|order| order == Ordering::Equal),
        (Value::Day(a), Value::Day(b)) => a.partial_cmp(b).map(|order| order == Ordering::Equal),
        _ => ordering(a, b).map(|order| order == Ordering::Equal),
    }
}
