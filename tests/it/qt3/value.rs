//! Whether two literals are the same value, whatever their types and their writing.

use std::str::FromStr;

use oxsdatatypes::{
    Date, DateTime, DayTimeDuration, Duration, GDay, GMonth, GMonthDay, GYear, GYearMonth, Time, YearMonthDuration,
};

use super::types::{BOOLEAN, Class, DECIMAL, DOUBLE, INTEGER, Type};

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) of: &'static Type,
    pub(super) text: String,
}

impl Value {
    /// Whether it is the same value as another. Not a number is the same as itself.
    pub(super) fn is(&self, other: &Self) -> bool {
        let text = (self.text.as_str(), other.text.as_str());
        match (self.of.class, other.of.class) {
            (Class::Number, Class::Number) => self.is_number(other),
            (left, right) if left != right => false,
            (Class::Duration, _) => is::<Duration>(&self.duration(), &other.duration()),
            (Class::Boolean, _) => is_true(text.0) == is_true(text.1),
            (Class::DateTime, _) => is::<DateTime>(text.0, text.1),
            (Class::Date, _) => is::<Date>(text.0, text.1),
            (Class::Time, _) => is::<Time>(text.0, text.1),
            (Class::Year, _) => is::<GYear>(text.0, text.1),
            (Class::YearMonth, _) => is::<GYearMonth>(text.0, text.1),
            (Class::Month, _) => is::<GMonth>(text.0, text.1),
            (Class::MonthDay, _) => is::<GMonthDay>(text.0, text.1),
            (Class::Day, _) => is::<GDay>(text.0, text.1),
            _ => text.0 == text.1,
        }
    }

    /// Whether it is this boolean.
    pub(super) fn is_boolean(&self, value: bool) -> bool {
        self.of.name == BOOLEAN && is_true(&self.text) == Some(value)
    }

    fn is_number(&self, other: &Self) -> bool {
        let (left, right) = (self.text.trim_ascii(), other.text.trim_ascii());
        let is_either = |name| self.of.name == name || other.of.name == name;
        if is_either("float") {
            same_float(float(left), float(right), f32::is_nan)
        } else if is_either(DOUBLE) {
            same_float(float(left), float(right), f64::is_nan)
        } else {
            digits(left).is_some_and(|left| Some(left) == digits(right))
        }
    }

    /// The text of a duration; those of one kind are durations as well.
    fn duration(&self) -> String {
        let rewritten = match self.of.name {
            "yearMonthDuration" => self.text.parse::<YearMonthDuration>().ok().map(|value| value.to_string()),
            "dayTimeDuration" => self.text.parse::<DayTimeDuration>().ok().map(|value| value.to_string()),
            _ => None,
        };
        rewritten.unwrap_or_else(|| self.text.clone())
    }
}

/// Whether two texts are one value of a type; texts that are none have to be equal.
fn is<T: FromStr + PartialEq>(left: &str, right: &str) -> bool {
    match (left.parse::<T>(), right.parse::<T>()) {
        (Ok(left), Ok(right)) => left == right,
        _ => left == right,
    }
}

fn is_true(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// XML Schema writes the infinities in its own way.
fn float<T: FromStr>(text: &str) -> Option<T> {
    match text {
        "INF" | "+INF" => "inf".parse().ok(),
        "-INF" => "-inf".parse().ok(),
        _ => text.parse().ok(),
    }
}

fn same_float<T: PartialEq + Copy>(left: Option<T>, right: Option<T>, is_nan: fn(T) -> bool) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return false };
    left == right || is_nan(left) && is_nan(right)
}

/// The sign, the digits before and those after the point that a number has in its shortest form.
fn digits(text: &str) -> Option<(bool, &str, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_zero = whole.is_empty() && fraction.is_empty();
    Some((text.starts_with('-') && !is_zero, whole, fraction))
}

#[test]
fn values_are_compared_not_their_writing() {
    let is = |left: (&str, &str), right: (&str, &str)| {
        let value = |(of, text): (&str, &str)| Value { of: Type::known(of), text: text.into() };
        value(left).is(&value(right))
    };
    assert!(is((DECIMAL, "+1.50"), (DECIMAL, "1.5")));
    assert!(is((DECIMAL, "-0.0"), (INTEGER, "0")));
    assert!(is((DOUBLE, "1E2"), (INTEGER, "100")));
    assert!(is((DOUBLE, "NaN"), (DOUBLE, "NaN")));
    assert!(!is((INTEGER, "1"), ("string", "1")));
    assert!(is(("duration", "P1Y"), ("yearMonthDuration", "P12M")));
    assert!(is(("dateTime", "2000-01-01T00:00:00Z"), ("dateTime", "2000-01-01T01:00:00+01:00")));
}
