//! Durations of the three types.

use std::{cmp::Ordering, fmt};

use oxigraph::model::{NamedNodeRef, vocab::xsd};
use oxsdatatypes::{DayTimeDuration, YearMonthDuration};

/// A duration.
#[derive(Debug, Clone, Copy)]
pub struct Duration {
    /// Its type.
    pub kind: DurationKind,
    /// How long it is.
    pub length: oxsdatatypes::Duration,
}

/// A type of durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationKind {
    /// `xsd:duration`
    Any,
    /// `xsd:yearMonthDuration`
    YearMonth,
    /// `xsd:dayTimeDuration`
    DayTime,
}

impl DurationKind {
    pub(super) fn datatype(self) -> NamedNodeRef<'static> {
        match self {
            Self::Any => xsd::DURATION,
            Self::YearMonth => xsd::YEAR_MONTH_DURATION,
            Self::DayTime => xsd::DAY_TIME_DURATION,
        }
    }
}

impl Duration {
    /// Years and months.
    pub(super) fn of_months(length: YearMonthDuration) -> Self {
        Self { kind: DurationKind::YearMonth, length: length.into() }
    }

    /// Days and what is shorter.
    pub(super) fn of_days(length: DayTimeDuration) -> Self {
        Self { kind: DurationKind::DayTime, length: length.into() }
    }

    /// The same as a duration of another type: what that does not have is left out.
    pub(super) fn cast(self, kind: DurationKind) -> Option<Self> {
        let months = YearMonthDuration::new(12 * self.length.years() + self.length.months());
        let length = match kind {
            DurationKind::Any => self.length,
            DurationKind::YearMonth => months.into(),
            DurationKind::DayTime => self.length.checked_sub(months)?,
        };
        Some(Self { kind, length })
    }

    /// As `<` compares: only durations of years and months, and of days and what is shorter, have an order among themselves.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        let is_ordered = self.kind == other.kind && self.kind != DurationKind::Any;
        if is_ordered { self.length.partial_cmp(&other.length) } else { None }
    }

    /// Whether both are equally long, whatever their types.
    pub(super) fn equals(&self, other: &Self) -> bool {
        self.length.is_identical_with(other.length)
    }
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.equals(other)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.length.to_string();
        let is_nothing = text == "PT0S" || text == "P0D" || text == "P0M";
        f.write_str(match (is_nothing, self.kind) {
            (true, DurationKind::YearMonth) => "P0M",
            (true, _) => "PT0S",
            (false, _) => &text,
        })
    }
}
