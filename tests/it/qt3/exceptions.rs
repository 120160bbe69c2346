//! The cases that the engine is known to fail, and why it may.

/// Cases and one reason for all of them.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) reason: &'static str,
    /// Identifiers.
    pub(super) cases: &'static [&'static str],
}

/// All of them: one entry for each reason.
pub(super) const EXCEPTIONS: &[Exception] = &[
    Exception {
        reason: "a repetition of two thousand million times is refused as too large, as XPath allows (err:FORX0002 is for \
                 limits of the processor too)",
        cases: &["fn/matches#cbcl-matches-038"],
    },
    Exception {
        reason: "the library of dates knows no --02-29, the day of leap years alone",
        cases: &["prod/CastExpr#K-SeqExprCast-307"],
    },
];
