//! Goal numbers, target codes and indicator identifiers: strings that look like numbers and are not.

use std::{fmt, str::FromStr};

use super::text::as_text;

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not of the form `11` for a goal.
    #[error("\"{0}\" is not a goal: a goal is a number from 1 to 17")]
    Goal(String),
    /// Not of the form `11.4` or `11.a`.
    #[error("\"{0}\" is not a target code: a code is a goal, a dot, and a number or a letter, such as 11.4 or 11.a")]
    Target(String),
    /// Not of the form `3.3-1` or `5.5-1-2`.
    #[error("\"{0}\" is not an indicator: an identifier is a target and a position, such as 3.3-1 or 5.5-1-2")]
    Indicator(String),
}

/// The number of a Sustainable Development Goal, 1 to 17.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoalNumber(u8);

impl GoalNumber {
    /// The number itself.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl FromStr for GoalNumber {
    type Err = CodeError;

    /// Reads `1` … `17`, without sign or leading zero.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        small_number(text).filter(|n| (1..=17).contains(n)).map(Self).ok_or_else(|| CodeError::Goal(text.into()))
    }
}

impl fmt::Display for GoalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What follows the dot of a target code. Numbers come before letters, as in the UN's own lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetPart {
    /// An outcome target: `11.4`.
    Number(u8),
    /// A means of implementation: `11.a`. Always lower case.
    Letter(char),
}

/// The code of a target, such as `8.10` or `11.a`. `8.1` and `8.10` are two targets.
///
/// Ordered by goal, then numbers before letters, so 17.9 comes before 17.16. Whether a code is one of the 169 is known
/// only to [`super::Catalogue::targets`].
///
/// ```
/// # use ocm_graph::model::TargetCode;
/// let code: TargetCode = "11.A".parse()?;
/// assert_eq!(code.to_string(), "11.a");
/// assert_eq!(code.as_printed(), "11.A");
/// assert!("17.9".parse::<TargetCode>()? < "17.16".parse()?);
/// # Ok::<(), ocm_graph::model::CodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetCode {
    goal: GoalNumber,
    part: TargetPart,
}

impl TargetCode {
    /// The goal the target belongs to.
    #[must_use]
    pub fn goal(self) -> GoalNumber {
        self.goal
    }

    /// What follows the dot.
    #[must_use]
    pub fn part(self) -> TargetPart {
        self.part
    }

    /// The form the toolkit's pages print: capital letters, `11.A`.
    #[must_use]
    pub fn as_printed(self) -> String {
        self.to_string().to_uppercase()
    }
}

impl FromStr for TargetCode {
    type Err = CodeError;

    /// Reads `11.4`, `11.a` or `11.A`.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let read = || {
            let (goal, part) = text.split_once('.')?;
            let part = match part.as_bytes() {
                [letter] if letter.is_ascii_alphabetic() => TargetPart::Letter(char::from(letter.to_ascii_lowercase())),
                _ => TargetPart::Number(small_number(part)?),
            };
            Some(Self { goal: goal.parse().ok()?, part })
        };
        read().ok_or_else(|| CodeError::Target(text.into()))
    }
}

impl fmt::Display for TargetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            TargetPart::Number(n) => write!(f, "{}.{n}", self.goal),
            TargetPart::Letter(c) => write!(f, "{}.{c}", self.goal),
        }
    }
}

/// Names one indicator: its target, its place under the target, and for a sub-level its place under the indicator.
///
/// ```
/// # use ocm_graph::model::IndicatorId;
/// let level: IndicatorId = "5.5-1-2".parse()?;
/// assert_eq!((level.position, level.level), (1, Some(2)));
/// assert_eq!(level.parent().unwrap().to_string(), "5.5-1");
/// # Ok::<(), ocm_graph::model::CodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndicatorId {
    /// The target the indicator measures.
    pub target: TargetCode,
    /// Place among the indicators of the target, from 1.
    pub position: u16,
    /// Place among the sub-levels of the indicator, from 1; none for the indicator itself.
    pub level: Option<u16>,
}

impl IndicatorId {
    /// The indicator a sub-level belongs to; none for an indicator that is not a sub-level.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        self.level.map(|_| Self { level: None, ..self })
    }
}

impl FromStr for IndicatorId {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let read = || {
            let mut parts = text.split('-');
            let target = parts.next()?.parse().ok()?;
            let position = positive(parts.next()?)?;
            let level = parts.next().map(|p| positive(p).ok_or(())).transpose().ok()?;
            parts.next().is_none().then_some(Self { target, position, level })
        };
        read().ok_or_else(|| CodeError::Indicator(text.into()))
    }
}

impl fmt::Display for IndicatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.target, self.position)?;
        self.level.map_or(Ok(()), |level| write!(f, "-{level}"))
    }
}

/// A decimal number of one or two digits that does not start with zero.
fn small_number(text: &str) -> Option<u8> {
    (text.len() <= 2).then(|| positive(text)).flatten().and_then(|n| u8::try_from(n).ok())
}

/// A decimal number that does not start with a zero or a sign.
fn positive(text: &str) -> Option<u16> {
    (text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')).then(|| text.parse().ok()).flatten()
}

as_text!(GoalNumber);
as_text!(TargetCode);
as_text!(IndicatorId);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn similar_codes_stay_apart() {
        let codes = ["8.1", "8.10", "8.a", "17.9", "17.16"].map(|c| c.parse::<TargetCode>().unwrap());
        assert!(codes.is_sorted());
        assert_eq!(codes.map(|c| c.to_string()), ["8.1", "8.10", "8.a", "17.9", "17.16"]);
    }

    #[test]
    fn what_only_looks_like_a_code_is_refused() {
        for text in
            ["", "3", "3.", ".3", "03.1", "3.01", "18.1", "0.1", "3.3.1", "3.ab", "3.é", "+3.1", "3. 1", "1.100"]
        {
            assert!(text.parse::<TargetCode>().is_err(), "{text}");
        }
        for text in ["3.3", "3.3-0", "3.3-1-", "3.3-1-1-1", "3.3-x"] {
            assert!(text.parse::<IndicatorId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_or_refuses_and_reading_is_stable(text in "\\PC{0,8}|[0-9]{1,2}\\.[0-9a-zA-Z]{1,2}") {
            if let Ok(code) = text.parse::<TargetCode>() {
                prop_assert_eq!(code.to_string(), text.to_lowercase());
                prop_assert_eq!(code.as_printed().parse::<TargetCode>().unwrap(), code);
            }
        }
    }
}
