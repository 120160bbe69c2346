//! How large a query and its answer may be.

use std::{fmt, time::Duration};

/// The bounds every query of a stranger is held to. The defaults are far above what people write.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Bytes of query text.
    pub text: usize,
    /// Brackets of any kind inside one another.
    pub nesting: usize,
    /// Words, names, literals and signs outside VALUES.
    pub tokens: usize,
    /// Bytes of all names with their prefixes written out.
    pub expansion: usize,
    /// Different variables.
    pub variables: usize,
    /// Triple patterns in one group.
    pub patterns: usize,
    /// OPTIONALs.
    pub optionals: usize,
    /// Nodes of the algebra: patterns, expressions, steps of paths.
    pub nodes: usize,
    /// Values in VALUES.
    pub values: usize,
    /// Rows or triples of an answer.
    pub rows: usize,
    /// Bytes of an answer.
    pub bytes: usize,
    /// Bytes of memory for one query.
    pub memory: usize,
    /// Time for one query.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text: 256 * 1024,
            nesting: 100,
            tokens: 20_000,
            expansion: 4 * 1024 * 1024,
            variables: 1_000,
            patterns: 100,
            optionals: 30,
            nodes: 2_000,
            values: 10_000,
            rows: 1_000_000,
            bytes: 64 * 1024 * 1024,
            memory: 512 * 1024 * 1024,
            timeout: Duration::from_secs(10),
        }
    }
}

/// The limit that a query or its answer went over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Limit {
    /// [`Limits::text`]
    Text,
    /// [`Limits::nesting`]
    Nesting,
    /// [`Limits::tokens`]
    Tokens,
    /// [`Limits::expansion`]
    Expansion,
    /// [`Limits::variables`]
    Variables,
    /// [`Limits::patterns`]
    Patterns,
    /// [`Limits::optionals`]
    Optionals,
    /// [`Limits::nodes`]
    Nodes,
    /// [`Limits::values`]
    Values,
    /// [`Limits::rows`]
    Rows,
    /// [`Limits::bytes`]
    Bytes,
}

impl Limit {
    /// Its stable name, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Nesting => "nesting",
            Self::Tokens => "tokens",
            Self::Expansion => "expansion",
            Self::Variables => "variables",
            Self::Patterns => "patterns",
            Self::Optionals => "optionals",
            Self::Nodes => "nodes",
            Self::Values => "values",
            Self::Rows => "rows",
            Self::Bytes => "bytes",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Text | Self::Tokens | Self::Nodes => {
                "ask for less at once; a long list of alternatives is shorter as VALUES"
            }
            Self::Nesting => "write the query flatter",
            Self::Expansion => "use a shorter prefix, or fewer names",
            Self::Variables => "ask for fewer columns",
            Self::Patterns => "put part of the pattern into a sub-query",
            Self::Optionals => "use fewer OPTIONALs, or several queries",
            Self::Values => "send the values in several queries",
            Self::Rows | Self::Bytes => "narrow the query, or add LIMIT and OFFSET with ORDER BY",
        }
    }
}

impl fmt::Display for Limit {
    /// What is counted: `brackets inside one another`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "bytes of query text",
            Self::Nesting => "brackets inside one another",
            Self::Tokens => "tokens outside VALUES",
            Self::Expansion => "bytes of names with their prefixes written out",
            Self::Variables => "different variables",
            Self::Patterns => "triple patterns in one group",
            Self::Optionals => "OPTIONALs",
            Self::Nodes => "nodes in the query's algebra",
            Self::Values => "values in VALUES",
            Self::Rows => "rows or triples in an answer",
            Self::Bytes => "bytes in an answer",
        })
    }
}
