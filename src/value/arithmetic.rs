//! Sums, differences, products and quotients: of numbers, and of times and durations.
//!
//! SPARQL has those of numbers ([section 17.3](https://www.w3.org/TR/sparql11-query/#OperatorMapping)) and lets others be
//! added; the others are those of [XPath](https://www.w3.org/TR/xpath-functions-31/#durations-dates-times).

use oxsdatatypes::{DayTimeDuration, YearMonthDuration};

use super::{Decimal, Duration, DurationKind, Number, Value};

/// `a + b`; nothing if there is none, or if it has too many digits.
#[must_use]
pub fn add<'v>(a: &Value<'_>, b: &Value<'_>) -> Option<Value<'v>> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.add(b).map(Value::Number),
        (Value::Duration(a), Value::Duration(b)) => {
            Some(Value::Duration(Duration { kind: of_both(a, b)?, length: a.length.checked_add(b.length)? }))
        }
        (Value::Duration(duration), time) | (time, Value::Duration(duration)) => later(time, duration),
        _ => None,
    }
}

/// `a - b`, likewise.
#[must_use]
pub fn subtract<'v>(a: &Value<'_>, b: &Value<'_>) -> Option<Value<'v>> {
    let days = |length: Option<DayTimeDuration>| Some(Value::Duration(Duration::of_days(length?)));
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.subtract(b).map(Value::Number),
        (Value::Duration(a), Value::Duration(b)) => {
            Some(Value::Duration(Duration { kind: of_both(a, b)?, length: a.length.checked_sub(b.length)? }))
        }
        (Value::DateTime(a), Value::DateTime(b)) => days(a.checked_sub(*b)),
        (Value::Date(a), Value::Date(b)) => days(a.checked_sub(*b)),
        (Value::Time(a), Value::Time(b)) => days(a.checked_sub(*b)),
        (time, Value::Duration(duration)) => {
            let back = Duration { length: duration.length.checked_neg()?, ..*duration };
            later(time, &back)
        }
        _ => None,
    }
}

/// `a * b`, likewise.
#[must_use]
pub fn multiply<'v>(a: &Value<'_>, b: &Value<'_>) -> Option<Value<'v>> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.multiply(b).map(Value::Number),
        (Value::Duration(duration), Value::Number(number)) | (Value::Number(number), Value::Duration(duration)) => {
            times(duration, number)
        }
        _ => None,
    }
}

/// `a / b`, likewise.
#[must_use]
pub fn divide<'v>(a: &Value<'_>, b: &Value<'_>) -> Option<Value<'v>> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.divide(b).map(Value::Number),
        (Value::Duration(a), Value::Duration(b)) => {
            of_both(a, b)?;
            Some(Value::Number(Number::Decimal(length(a)?.divide(&length(b)?)?)))
        }
        (Value::Duration(duration), Value::Number(number)) => {
            if !number.is_true() {
                return None;
            }
            times(duration, &Number::Double(1.0 / number.to_f64()))
        }
        _ => None,
    }
}

/// `-a`
#[must_use]
pub fn negate<'v>(a: &Value<'_>) -> Option<Value<'v>> {
    match a {
        Value::Number(number) => number.negate().map(Value::Number),
        _ => None,
    }
}

/// The type of two durations that can be added.
fn of_both(a: &Duration, b: &Duration) -> Option<DurationKind> {
    (a.kind == b.kind && a.kind != DurationKind::Any).then_some(a.kind)
}

/// A duration after a time.
fn later<'v>(time: &Value<'_>, duration: &Duration) -> Option<Value<'v>> {
    let months = || YearMonthDuration::try_from(duration.length).ok();
    let days = || DayTimeDuration::try_from(duration.length).ok();
    Some(match (time, duration.kind) {
        (Value::DateTime(time), DurationKind::YearMonth) => {
            Value::DateTime(time.checked_add_year_month_duration(months()?)?)
        }
        (Value::DateTime(time), DurationKind::DayTime) => Value::DateTime(time.checked_add_day_time_duration(days()?)?),
        (Value::Date(date), DurationKind::YearMonth) => Value::Date(date.checked_add_year_month_duration(months()?)?),
        (Value::Date(date), DurationKind::DayTime) => Value::Date(date.checked_add_day_time_duration(days()?)?),
        (Value::Time(time), DurationKind::DayTime) => Value::Time(time.checked_add_day_time_duration(days()?)?),
        _ => return None,
    })
}

/// Months, or seconds.
fn length(duration: &Duration) -> Option<Decimal> {
    match duration.kind {
        DurationKind::YearMonth => {
            Some(Decimal::from(super::Integer::from(12 * duration.length.years() + duration.length.months())))
        }
        DurationKind::DayTime => {
            let days = DayTimeDuration::try_from(duration.length).ok()?;
            days.as_seconds().to_string().parse().ok()
        }
        DurationKind::Any => None,
    }
}

fn times<'v>(duration: &Duration, number: &Number) -> Option<Value<'v>> {
    let product = length(duration)?.multiply(&number.to_decimal()?)?;
    Some(Value::Duration(if duration.kind == DurationKind::YearMonth {
        let months = product.round()?.to_string().parse::<i64>().ok()?;
        Duration::of_months(YearMonthDuration::new(months))
    } else {
        let seconds = cut(&product.to_string()).parse::<oxsdatatypes::Decimal>().ok()?;
        Duration::of_days(DayTimeDuration::new(seconds))
    }))
}

/// With no more digits behind the point than the seconds of the library have.
fn cut(text: &str) -> &str {
    match text.find('.') {
        Some(point) => &text[..text.len().min(point + 19)],
        None => text,
    }
}
