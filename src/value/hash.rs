//! A number for each value, the same for equal ones: to look up what `=` will be asked about.

use std::hash::{BuildHasher, Hash, Hasher};

use oxsdatatypes::TimezoneOffset;
use rustc_hash::FxBuildHasher;

use super::{Number, Value};

/// Where values stand that may be equal to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Equal values have the same number.
    At(u64),
    /// It may be equal to any number: a float is equal to all that are rounded to it.
    Anywhere,
}

/// Where a value stands. Of two values that are [equal](super::equals), either stands anywhere, or both at one place.
#[must_use]
pub fn place(value: &Value<'_>) -> Place {
    let mut hasher = FxBuildHasher.build_hasher();
    match value {
        Value::Number(Number::Float(_)) => return Place::Anywhere,
        Value::Number(number) => {
            // Both nothings are one.
            (1_u8, (number.to_f64() + 0.0).to_bits()).hash(&mut hasher);
        }
        Value::Iri(text) => (2_u8, text).hash(&mut hasher),
        Value::Blank(label) => (3_u8, label).hash(&mut hasher),
        Value::String(text) => (4_u8, text).hash(&mut hasher),
        Value::Tagged { text, language } => (5_u8, text, language.to_ascii_lowercase()).hash(&mut hasher),
        Value::Boolean(value) => (6_u8, value).hash(&mut hasher),
        Value::Duration(duration) => (7_u8, duration.length.to_string()).hash(&mut hasher),
        Value::DateTime(time) => {
            let time = time.adjust(Some(TimezoneOffset::UTC)).unwrap_or(*time);
            (8_u8, time.to_string()).hash(&mut hasher);
        }
        // Of these there are few, and their zones shift them by days.
        Value::Date(_) | Value::Time(_) | Value::Year(_) | Value::YearMonth(_) => 9_u8.hash(&mut hasher),
        Value::MonthDay(_) | Value::Month(_) | Value::Day(_) => 10_u8.hash(&mut hasher),
        Value::Other { text, datatype } => (11_u8, text, datatype).hash(&mut hasher),
    }
    Place::At(hasher.finish())
}
