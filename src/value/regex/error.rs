//! What can be wrong with a regular expression, a replacement or a match. In SPARQL each of these is an error of the
//! expression, so its variable stays unbound.

use thiserror::Error;

/// Why a pattern or its flags were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PatternError {
    /// The pattern breaks the grammar (`err:FORX0002`).
    #[error("the regular expression has a mistake at character {at}: {reason}")]
    Syntax {
        /// Which character of the pattern, counted from 1; one more than there are if the pattern ends too early.
        at: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A flag that `XPath` does not have (`err:FORX0001`).
    #[error("there is no flag {0:?}: the flags of a regular expression are s, m, i, x and q")]
    Flag(char),
    /// The pattern is right, but following it would take more memory or time than one query may have.
    #[error("the regular expression is too large: {0}")]
    TooLarge(&'static str),
}

/// Why a replacement was refused (`err:FORX0004`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplacementError {
    /// A backslash before something else than `\` or `$`.
    #[error("in a replacement a backslash stands only before another backslash or a dollar sign")]
    Backslash,
    /// A dollar sign without a digit after it.
    #[error("in a replacement a dollar sign needs the number of a group after it, or a backslash before it")]
    Dollar,
}

/// A match that was given up. Only patterns with back-references, and patterns with the flag `m` on very long texts,
/// can come to this; all others take linear time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the regular expression takes too many steps on this text")]
pub struct TooHard;

/// Why nothing was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReplaceError {
    /// The pattern matches the empty string, so it is unclear how often (`err:FORX0003`).
    #[error("the regular expression matches the empty string, so that there is nothing to replace")]
    MatchesEmpty,
    /// The result would be longer than the caller has room for.
    #[error("the text after the replacement is longer than {0} bytes")]
    TooLong(usize),
    /// See [`TooHard`].
    #[error(transparent)]
    TooHard(#[from] TooHard),
}
