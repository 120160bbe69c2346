//! Decimals: exact, as long as they have no more digits than anybody would write.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::{DIGITS, Integer};

/// Digits behind the point of a quotient.
const QUOTIENT: u32 = 18;

/// A decimal: a whole number, divided by ten so many times. Without zeros at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    digits: Integer,
    scale: u32,
}

impl Decimal {
    /// Takes the zeros from the end.
    fn new(mut digits: Integer, mut scale: u32) -> Option<Self> {
        let ten = Integer::Small(10);
        while scale > 0 {
            let fits = match &digits {
                Integer::Small(small) => small % 10 == 0,
                Integer::Big(_) => digits.remainder(&ten)?.is_zero(),
            };
            if !fits {
                break;
            }
            digits = digits.divide(&ten)?;
            scale -= 1;
        }
        (scale <= DIGITS).then_some(Self { digits, scale })
    }

    /// Both with as many digits behind the point.
    fn aligned(&self, other: &Self) -> Option<(Integer, Integer, u32)> {
        let scale = self.scale.max(other.scale);
        let lift = |one: &Self| match scale - one.scale {
            0 => Some(one.digits.clone()),
            more => one.digits.multiply(&Integer::power_of_ten(more)?),
        };
        Some((lift(self)?, lift(other)?, scale))
    }

    /// The sum; nothing, as with the others, if it has too many digits.
    #[must_use]
    pub fn add(&self, other: &Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.add(&b)?, scale)
    }

    /// The difference.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.subtract(&b)?, scale)
    }

    /// The product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        Self::new(self.digits.multiply(&other.digits)?, self.scale + other.scale)
    }

    /// The quotient, cut behind eighteen digits or as many as the first has, if those are more; nothing for a division by
    /// zero.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Option<Self> {
        let scale = QUOTIENT.max(self.scale);
        let lifted = self.digits.multiply(&Integer::power_of_ten(scale + other.scale - self.scale)?)?;
        Self::new(lifted.divide(&other.digits)?, scale)
    }

    /// With the other sign.
    #[must_use]
    pub fn negate(&self) -> Option<Self> {
        Some(Self { digits: self.digits.negate()?, scale: self.scale })
    }

    /// Without its sign.
    #[must_use]
    pub fn absolute(&self) -> Option<Self> {
        Some(Self { digits: self.digits.absolute()?, scale: self.scale })
    }

    /// The whole part: what is behind the point is cut.
    #[must_use]
    pub fn truncate(&self) -> Option<Integer> {
        self.digits.divide(&Integer::power_of_ten(self.scale)?)
    }

    /// The greatest whole number that is not greater.
    #[must_use]
    pub fn floor(&self) -> Option<Integer> {
        let whole = self.truncate()?;
        if self.digits.is_negative() && self.scale > 0 { whole.subtract(&1.into()) } else { Some(whole) }
    }

    /// The least whole number that is not less.
    #[must_use]
    pub fn ceiling(&self) -> Option<Integer> {
        let whole = self.truncate()?;
        if !self.digits.is_negative() && self.scale > 0 { whole.add(&1.into()) } else { Some(whole) }
    }

    /// The nearest whole number; of two the greater.
    #[must_use]
    pub fn round(&self) -> Option<Integer> {
        self.add(&Self { digits: 5.into(), scale: 1 })?.floor()
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits.is_zero()
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        if self.scale == 0 { self.digits.to_f64() } else { self.to_string().parse().unwrap_or(f64::NAN) }
    }

    /// The double in as few digits as tell it from all others; nothing for what is no number of digits.
    #[must_use]
    pub fn of_f64(number: f64) -> Option<Self> {
        if number.is_finite() { number.to_string().parse().ok() } else { None }
    }

    /// The float, likewise.
    #[must_use]
    pub fn of_f32(number: f32) -> Option<Self> {
        if number.is_finite() { number.to_string().parse().ok() } else { None }
    }
}

impl From<Integer> for Decimal {
    fn from(digits: Integer) -> Self {
        Self { digits, scale: 0 }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            // So many digits that they cannot be written one below the other: they are far apart.
            None => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

/// That a text is no decimal, or one of too many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADecimal;

impl FromStr for Decimal {
    type Err = NotADecimal;

    /// [XSD 1.1, section 3.3.3](https://www.w3.org/TR/xmlschema11-2/#decimal)
    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.is_empty() {
            // `5.` is one, and `.` is none.
            return whole.parse::<Integer>().map(Self::from).map_err(|_| NotADecimal);
        }
        let unsigned = whole.strip_prefix(['+', '-']).unwrap_or(whole);
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(unsigned) || !is_digits(fraction) {
            return Err(NotADecimal);
        }
        let fraction = fraction.trim_end_matches('0');
        let scale = u32::try_from(fraction.len()).ok().filter(|scale| *scale <= DIGITS).ok_or(NotADecimal)?;
        let digits: Integer = match small(unsigned, fraction) {
            Some(number) => Integer::Small(if whole.starts_with('-') { -number } else { number }),
            None => format!("{whole}{fraction}").parse().map_err(|_| NotADecimal)?,
        };
        Ok(Self { digits, scale })
    }
}

/// The number of two rows of digits, if they are few.
fn small(whole: &str, fraction: &str) -> Option<i128> {
    let all = whole.bytes().chain(fraction.bytes());
    (whole.len() + fraction.len() <= 36).then(|| all.fold(0, |number, byte| number * 10 + i128::from(byte - b'0')))
}

impl fmt::Display for Decimal {
    /// As `XPath` casts it to a string: without a point if nothing is behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return self.digits.fmt(f);
        }
        let text = self.digits.to_string();
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
        let scale = self.scale as usize;
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}
