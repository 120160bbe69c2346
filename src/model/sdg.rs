//! Goals, targets and the toolkit's indicators for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{GoalNumber, IndicatorId, TargetCode};

/// A Sustainable Development Goal, from `data/goals.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Its number.
    pub number: GoalNumber,
    /// Its short name.
    pub label: String,
    /// Which of the five Ps it falls under. Derived, not a statement of the toolkit's.
    pub dimension: Dimension,
}

/// A target, from `data/targets.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its code.
    pub code: TargetCode,
    /// What it asks for, in our words.
    pub label: String,
}

/// One of the toolkit's indicators, from `data/indicators.csv`. It belongs to its target, not to a page; pages witness it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Target, position and sub-level.
    pub id: IndicatorId,
    /// What it measures, in our words.
    pub label: Option<String>,
    /// The official wording, verbatim, once a page has brought it.
    pub definition: Option<String>,
    /// SHA-256 of the normalised official wording, in lower-case hex: see [`crate::source::wording_digest`].
    pub wording_digest: String,
    /// Pages that print it, absolute IRIs, sorted.
    pub pages: Vec<String>,
}

/// One of the five Ps of the 2030 Agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dimension {
    /// Goals 1 to 5.
    People,
    /// Goals 6 and 12 to 15.
    Planet,
    /// Goals 7 to 11.
    Prosperity,
    /// Goal 16.
    Peace,
    /// Goal 17.
    Partnership,
}

impl Dimension {
    /// All five.
    pub const ALL: [Self; 5] = [Self::People, Self::Planet, Self::Prosperity, Self::Peace, Self::Partnership];
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
