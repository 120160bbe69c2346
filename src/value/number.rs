//! Numbers of all types, and what becomes of two types together.

use std::{cmp::Ordering, fmt};

use oxigraph::model::{NamedNodeRef, vocab::xsd};

use super::{Decimal, Integer};

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// `xsd:integer` and the types that are derived from it.
    Integer(Integer),
    /// `xsd:decimal`
    Decimal(Decimal),
    /// `xsd:float`
    Float(f32),
    /// `xsd:double`
    Double(f64),
}

/// Two numbers of one type.
enum Pair {
    Integers(Integer, Integer),
    Decimals(Decimal, Decimal),
    Floats(f32, f32),
    Doubles(f64, f64),
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::Integer(number.into())
    }
}

impl Number {
    pub(super) fn datatype(&self) -> NamedNodeRef<'static> {
        match self {
            Self::Integer(_) => xsd::INTEGER,
            Self::Decimal(_) => xsd::DECIMAL,
            Self::Float(_) => xsd::FLOAT,
            Self::Double(_) => xsd::DOUBLE,
        }
    }

    /// Both in the wider type of the two. [XPath 3.1, appendix B.1](https://www.w3.org/TR/xpath-31/#promotion)
    fn promoted(&self, other: &Self) -> Pair {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Pair::Integers(a.clone(), b.clone()),
            (Self::Double(_), _) | (_, Self::Double(_)) => Pair::Doubles(self.to_f64(), other.to_f64()),
            (Self::Float(_), _) | (_, Self::Float(_)) => Pair::Floats(self.to_f32(), other.to_f32()),
            _ => Pair::Decimals(self.as_decimal(), other.as_decimal()),
        }
    }

    /// A whole number or a decimal as a decimal; others have been promoted before.
    fn as_decimal(&self) -> Decimal {
        match self {
            Self::Integer(number) => number.clone().into(),
            Self::Decimal(number) => number.clone(),
            Self::Float(_) | Self::Double(_) => Decimal::from(Integer::from(0)),
        }
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Integer(number) => number.to_f64(),
            Self::Decimal(number) => number.to_f64(),
            Self::Float(number) => (*number).into(),
            Self::Double(number) => *number,
        }
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f32(&self) -> f32 {
        match self {
            Self::Float(number) => *number,
            // By way of the text, since to round twice is to round wrong.
            Self::Integer(Integer::Big(_)) | Self::Decimal(_) => self.to_string().parse().unwrap_or(f32::NAN),
            #[expect(clippy::cast_possible_truncation, reason = "the nearest is wanted")]
            Self::Double(number) => *number as f32,
            #[expect(clippy::cast_precision_loss, reason = "the nearest is wanted")]
            Self::Integer(Integer::Small(number)) => *number as f32,
        }
    }

    /// The decimal of the same value, in as few digits as tell a double or float from all others.
    #[must_use]
    pub fn to_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(number.clone().into()),
            Self::Decimal(number) => Some(number.clone()),
            Self::Float(number) => Decimal::of_f32(*number),
            Self::Double(number) => Decimal::of_f64(*number),
        }
    }

    /// The sum; nothing, as with the others, if it has too many digits.
    #[must_use]
    pub fn add(&self, other: &Self) -> Option<Self> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other) {
            return a.add(b).map(Self::Integer);
        }
        Some(match self.promoted(other) {
            Pair::Integers(a, b) => Self::Integer(a.add(&b)?),
            Pair::Decimals(a, b) => Self::Decimal(a.add(&b)?),
            Pair::Floats(a, b) => Self::Float(a + b),
            Pair::Doubles(a, b) => Self::Double(a + b),
        })
    }

    /// The difference.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        Some(match self.promoted(other) {
            Pair::Integers(a, b) => Self::Integer(a.subtract(&b)?),
            Pair::Decimals(a, b) => Self::Decimal(a.subtract(&b)?),
            Pair::Floats(a, b) => Self::Float(a - b),
            Pair::Doubles(a, b) => Self::Double(a - b),
        })
    }

    /// The product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        Some(match self.promoted(other) {
            Pair::Integers(a, b) => Self::Integer(a.multiply(&b)?),
            Pair::Decimals(a, b) => Self::Decimal(a.multiply(&b)?),
            Pair::Floats(a, b) => Self::Float(a * b),
            Pair::Doubles(a, b) => Self::Double(a * b),
        })
    }

    /// The quotient: that of whole numbers is a decimal.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Option<Self> {
        Some(match self.promoted(other) {
            Pair::Integers(a, b) => Self::Decimal(Decimal::from(a).divide(&b.into())?),
            Pair::Decimals(a, b) => Self::Decimal(a.divide(&b)?),
            Pair::Floats(a, b) => Self::Float(a / b),
            Pair::Doubles(a, b) => Self::Double(a / b),
        })
    }

    /// With the other sign.
    #[must_use]
    pub fn negate(&self) -> Option<Self> {
        self.with(Integer::negate, Decimal::negate, |a| -a, |a| -a)
    }

    /// Without its sign.
    #[must_use]
    pub fn absolute(&self) -> Option<Self> {
        self.with(Integer::absolute, Decimal::absolute, f32::abs, f64::abs)
    }

    /// The least whole number of the same type that is not less.
    #[must_use]
    pub fn ceiling(&self) -> Option<Self> {
        self.with(|a| Some(a.clone()), |a| a.ceiling().map(Decimal::from), f32::ceil, f64::ceil)
    }

    /// The greatest whole number of the same type that is not greater.
    #[must_use]
    pub fn floor(&self) -> Option<Self> {
        self.with(|a| Some(a.clone()), |a| a.floor().map(Decimal::from), f32::floor, f64::floor)
    }

    /// The nearest whole number of the same type, of two the greater.
    /// [`fn:round`](https://www.w3.org/TR/xpath-functions-31/#func-round)
    #[must_use]
    pub fn round(&self) -> Option<Self> {
        self.with(|a| Some(a.clone()), |a| a.round().map(Decimal::from), round_f32, round_f64)
    }

    fn with(
        &self,
        integer: impl Fn(&Integer) -> Option<Integer>,
        decimal: impl Fn(&Decimal) -> Option<Decimal>,
        float: impl Fn(f32) -> f32,
        double: impl Fn(f64) -> f64,
    ) -> Option<Self> {
        Some(match self {
            Self::Integer(number) => Self::Integer(integer(number)?),
            Self::Decimal(number) => Self::Decimal(decimal(number)?),
            Self::Float(number) => Self::Float(float(*number)),
            Self::Double(number) => Self::Double(double(*number)),
        })
    }

    /// As `<` compares; nothing if one is not a number.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Decimal(a), Self::Decimal(b)) => Some(a.cmp(b)),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            _ => match self.promoted(other) {
                Pair::Integers(a, b) => Some(a.cmp(&b)),
                Pair::Decimals(a, b) => Some(a.cmp(&b)),
                Pair::Floats(a, b) => a.partial_cmp(&b),
                Pair::Doubles(a, b) => a.partial_cmp(&b),
            },
        }
    }

    /// A total order, in which numbers that SPARQL compares as equal are equal, save where that would contradict itself:
    /// 9007199254740993 is not 9007199254740992, and each is equal to 9007199254740992e0. What is not a number comes last.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Float(_) | Self::Double(_), Self::Float(_) | Self::Double(_)) => by_size(self, other),
            _ => match (self.exact(), other.exact()) {
                (Some(a), Some(b)) => a.cmp(&b),
                // One is infinite, or no number at all.
                _ => by_size(self, other),
            },
        }
    }

    /// The number in decimal digits, a float as the double it is.
    fn exact(&self) -> Option<Decimal> {
        match self {
            Self::Float(number) => Decimal::of_f64((*number).into()),
            other => other.to_decimal(),
        }
    }

    /// Whether it counts as true. [SPARQL 1.1 Query, section 17.2.2](https://www.w3.org/TR/sparql11-query/#ebv)
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Integer(number) => !number.is_zero(),
            Self::Decimal(number) => !number.is_zero(),
            Self::Float(number) => *number != 0.0 && !number.is_nan(),
            Self::Double(number) => *number != 0.0 && !number.is_nan(),
        }
    }
}

/// The nearest whole number, of two the greater; the sign of nothing stays.
pub(super) fn round_f64(number: f64) -> f64 {
    let floor = number.floor();
    let rounded = if number - floor >= 0.5 { floor + 1.0 } else { floor };
    if rounded == 0.0 { rounded.copysign(number) } else { rounded }
}

fn round_f32(number: f32) -> f32 {
    let floor = number.floor();
    let rounded = if number - floor >= 0.5 { floor + 1.0 } else { floor };
    if rounded == 0.0 { rounded.copysign(number) } else { rounded }
}

impl fmt::Display for Number {
    /// As `XPath` casts it to a string.
    /// [Functions and Operators 3.1, section 19.1.2.2](https://www.w3.org/TR/xpath-functions-31/#casting-to-string)
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Float(number) => write_float(f, (*number).into(), &number.to_string(), &format!("{number:E}")),
            Self::Double(number) => write_float(f, *number, &number.to_string(), &format!("{number:E}")),
        }
    }
}

/// By what they are as doubles; what is not a number comes last.
fn by_size(a: &Number, b: &Number) -> Ordering {
    let (a, b) = (a.to_f64(), b.to_f64());
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Numbers from a millionth to a million are written without an exponent.
fn write_float(f: &mut fmt::Formatter<'_>, number: f64, plain: &str, scientific: &str) -> fmt::Result {
    let size = number.abs();
    if number.is_nan() {
        f.write_str("NaN")
    } else if number.is_infinite() {
        f.write_str(if number > 0.0 { "INF" } else { "-INF" })
    } else if size == 0.0 || (1e-6..1e6).contains(&size) {
        f.write_str(plain)
    } else {
        let (mantissa, exponent) = scientific.split_once('E').unwrap_or((scientific, "0"));
        let point = if mantissa.contains('.') { "" } else { ".0" };
        write!(f, "{mantissa}{point}E{exponent}")
    }
}
