//! The account of one client: how it fills, how it empties, and when it is empty.

use std::time::{Duration, Instant};

/// What a client may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetOptions {
    /// Work that flows in each minute.
    pub work_per_minute: Duration,
    /// Most work that can be saved up.
    pub work_burst: Duration,
    /// Errors that flow in each minute, and the most that can be saved up.
    pub errors_per_minute: u32,
    /// Whether clients on this machine have budgets too.
    pub limit_loopback: bool,
    /// Clients remembered. With more, those that have used least are forgotten.
    pub clients: usize,
}

impl Default for BudgetOptions {
    fn default() -> Self {
        Self {
            work_per_minute: Duration::from_mins(1),
            work_burst: Duration::from_mins(2),
            errors_per_minute: 30,
            limit_loopback: false,
            clients: 10_000,
        }
    }
}

/// How fast a bucket fills, and what it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) name: &'static str,
    pub(super) per_second: f64,
    pub(super) holds: f64,
}

impl BudgetOptions {
    pub(super) fn work(&self) -> Rate {
        let holds = self.work_burst.as_secs_f64();
        Rate { name: "work-seconds", per_second: self.work_per_minute.as_secs_f64() / 60.0, holds }
    }

    pub(super) fn errors(&self) -> Rate {
        let holds = f64::from(self.errors_per_minute);
        Rate { name: "errors", per_second: holds / 60.0, holds }
    }
}

impl Rate {
    /// Whole seconds until a bucket that has `has` has `wanted`.
    pub(super) fn seconds_until(self, has: f64, wanted: f64) -> u64 {
        whole(((wanted - has) / self.per_second).ceil())
    }

    pub(super) fn policy(self) -> String {
        format!("\"{}\";q={};w={}", self.name, whole(self.holds), self.seconds_until(0.0, self.holds))
    }

    pub(super) fn left(self, has: f64) -> String {
        format!("\"{}\";r={};t={}", self.name, whole(has), self.seconds_until(has, self.holds))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just before")]
pub(super) fn whole(number: f64) -> u64 {
    number.clamp(0.0, 1e9) as u64
}

/// What a client has left. Work may be owed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) work: f64,
    pub(super) errors: f64,
    /// Queries of this client with the evaluators.
    pub(super) running: u32,
    /// When this was so.
    at: Instant,
}

impl Account {
    pub(super) fn new(options: &BudgetOptions, at: Instant) -> Self {
        Self { work: options.work().holds, errors: options.errors().holds, running: 0, at }
    }

    /// Brings the account up to date: buckets fill, and running queries empty the one for work.
    pub(super) fn settle(&mut self, options: &BudgetOptions, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        let (work, errors) = (options.work(), options.errors());
        self.work = (self.work + (work.per_second - f64::from(self.running)) * seconds).min(work.holds);
        self.errors = (self.errors + errors.per_second * seconds).min(errors.holds);
        self.at = self.at.max(now);
    }

    pub(super) fn is_untouched(&self, options: &BudgetOptions) -> bool {
        self.running == 0 && self.work >= options.work().holds && self.errors >= options.errors().holds
    }

    /// What is empty, and the seconds until it no longer is.
    pub(super) fn refusal(&self, options: &BudgetOptions) -> Option<Refusal> {
        if self.work <= 0.0 {
            return Some(Refusal { budget: Budget::Work, retry_after: options.work().seconds_until(self.work, 1.0) });
        }
        let retry_after = options.errors().seconds_until(self.errors, 1.0);
        (self.errors < 1.0).then_some(Refusal { budget: Budget::Errors, retry_after })
    }
}

/// One of the two budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budget {
    Work,
    Errors,
}

/// Why a client has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) budget: Budget,
    /// Seconds.
    pub(crate) retry_after: u64,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, advice) = match self.budget {
            Budget::Work => ("the time for queries", "ask for less at once"),
            Budget::Errors => ("the number of errors", "look at what the earlier answers say is wrong"),
        };
        write!(f, "{what} that one client may use is used up; wait {} s, and {advice}", self.retry_after)
    }
}
