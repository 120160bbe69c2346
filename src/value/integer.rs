//! Whole numbers without a bound that anybody would meet.

use std::{cmp::Ordering, fmt, str::FromStr};

use num_bigint::BigInt;

/// How many digits a number may have. What would have more is an error: a product of products could take all memory.
pub const DIGITS: u32 = 10_000;

/// More bits than numbers of so many digits have.
const BITS: u64 = DIGITS as u64 * 10 / 3 + 4;

/// A whole number. Those of up to 38 digits take no memory of their own.
#[derive(Debug, Clone)]
pub enum Integer {
    /// Nearly all.
    Small(i128),
    /// One that is too large for that.
    Big(Box<BigInt>),
}

impl Integer {
    /// Ten to some power.
    #[must_use]
    pub fn power_of_ten(exponent: u32) -> Option<Self> {
        match 10_i128.checked_pow(exponent) {
            Some(power) => Some(Self::Small(power)),
            None if exponent <= DIGITS => Self::of_big(BigInt::from(10).pow(exponent)),
            None => None,
        }
    }

    /// Nothing, if it has too many digits.
    fn of_big(number: BigInt) -> Option<Self> {
        match i128::try_from(&number) {
            Ok(small) => Some(Self::Small(small)),
            Err(_) => (number.bits() <= BITS).then(|| Self::Big(Box::new(number))),
        }
    }

    fn big(&self) -> BigInt {
        match self {
            Self::Small(number) => BigInt::from(*number),
            Self::Big(number) => (**number).clone(),
        }
    }

    fn bits(&self) -> u64 {
        match self {
            Self::Small(number) => (128 - number.unsigned_abs().leading_zeros()).into(),
            Self::Big(number) => number.bits(),
        }
    }

    /// The sum; nothing, as with the others, if it has too many digits.
    #[must_use]
    pub fn add(&self, other: &Self) -> Option<Self> {
        self.with(other, i128::checked_add, |a, b| a + b)
    }

    /// The difference.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        self.with(other, i128::checked_sub, |a, b| a - b)
    }

    /// The product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        if self.bits() + other.bits() > BITS {
            return None;
        }
        self.with(other, i128::checked_mul, |a, b| a * b)
    }

    /// The quotient without what is behind the point; nothing for a division by zero.
    #[must_use]
    pub fn divide(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        self.with(other, i128::checked_div, |a, b| a / b)
    }

    /// What is left of that division; it has the sign of the first.
    #[must_use]
    pub fn remainder(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        self.with(other, i128::checked_rem, |a, b| a % b)
    }

    /// With the other sign.
    #[must_use]
    pub fn negate(&self) -> Option<Self> {
        Self::Small(0).subtract(self)
    }

    /// Without its sign.
    #[must_use]
    pub fn absolute(&self) -> Option<Self> {
        if self.is_negative() { self.negate() } else { Some(self.clone()) }
    }

    fn with(
        &self,
        other: &Self,
        small: fn(i128, i128) -> Option<i128>,
        big: fn(BigInt, BigInt) -> BigInt,
    ) -> Option<Self> {
        if let (Self::Small(a), Self::Small(b)) = (self, other)
            && let Some(number) = small(*a, *b)
        {
            return Some(Self::Small(number));
        }
        Self::of_big(big(self.big(), other.big()))
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Small(0))
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match self {
            Self::Small(number) => *number < 0,
            Self::Big(number) => number.sign() == num_bigint::Sign::Minus,
        }
    }

    /// The nearest double.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest is wanted")]
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Small(number) => *number as f64,
            Self::Big(number) => number.to_string().parse().unwrap_or(f64::NAN),
        }
    }
}

impl From<i64> for Integer {
    fn from(number: i64) -> Self {
        Self::Small(number.into())
    }
}

impl PartialEq for Integer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Integer {}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            _ => self.big().cmp(&other.big()),
        }
    }
}

/// That a text is no whole number, or one of too many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnInteger;

impl FromStr for Integer {
    type Err = NotAnInteger;

    /// An optional sign and digits: [XSD 1.1, section 3.4.13](https://www.w3.org/TR/xmlschema11-2/#integer).
    fn from_str(text: &str) -> Result<Self, NotAnInteger> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAnInteger);
        }
        if let Ok(small) = text.parse() {
            return Ok(Self::Small(small));
        }
        let digits = digits.trim_start_matches('0');
        if digits.len() > DIGITS as usize {
            return Err(NotAnInteger);
        }
        let number: BigInt = digits.parse().map_err(|_| NotAnInteger)?;
        let number = if text.starts_with('-') { -number } else { number };
        Self::of_big(number).ok_or(NotAnInteger)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(number) => number.fmt(f),
            Self::Big(number) => number.fmt(f),
        }
    }
}
