//! Why a query is not evaluated at all.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Limit;

/// A place in a query text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset. An offset inside a character or behind the end counts as the last one before it.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a query is refused before it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// Not SPARQL 1.1.
    #[error("{message}")]
    Syntax {
        /// Where the text stops making sense.
        position: Position,
        /// What was found and what could stand there: at most a few hundred characters.
        message: String,
    },
    /// An update: this graph changes only with its files.
    #[error("this is an update, and the graph is read-only")]
    Update {
        /// Where its first word stands.
        position: Position,
    },
    /// A query that asks another endpoint.
    #[error("SERVICE is not allowed: this endpoint never calls another one")]
    Service {
        /// Where it stands.
        position: Position,
    },
    /// FROM names a graph that is not here, and graphs are never fetched.
    #[error("there is no graph <{graph}>")]
    UnknownGraph {
        /// The IRI of the graph asked for.
        graph: String,
        /// Those of the graphs there are.
        known: Vec<String>,
    },
    /// Larger than a limit allows.
    #[error("too large: {found} {limit}, and {allowed} are allowed")]
    Limit {
        /// Which limit.
        limit: Limit,
        /// What it is.
        allowed: usize,
        /// How much there was, as far as it was counted.
        found: usize,
        /// Where the limit was passed, when that is one place.
        position: Option<Position>,
    },
}
