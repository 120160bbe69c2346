//! From query text to a query that may be evaluated.

use std::sync::Arc;

use super::{Engine, stack};
use crate::sparql::{self, Form, Position, Query, Refusal};

/// What kind of answer a query gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// SELECT: rows.
    Table,
    /// ASK: yes or no.
    Boolean,
    /// CONSTRUCT, DESCRIBE: triples.
    Graph,
}

/// A query that may be evaluated. A clone is the same query.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    query: Arc<Query>,
}

impl Prepared {
    /// A query that was read before, as it is.
    #[must_use]
    pub fn trusted(query: Query) -> Self {
        Self { query: Arc::new(query) }
    }

    /// What was read.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The names of the columns of a SELECT, in the order of the answer: as in the query text, for `*` in the order in
    /// which they appear there first. Empty for other queries.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match self.query.form {
            Form::Select => self.query.columns().collect(),
            Form::Ask | Form::Construct(_) | Form::Describe(_) => Vec::new(),
        }
    }

    /// Whether the same graph may give another answer the next time: the query asks for the time, for a random number
    /// or for a new name.
    #[must_use]
    pub fn is_volatile(&self) -> bool {
        self.query.is_volatile()
    }

    /// What kind of answer it gives.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self.query.form {
            Form::Select => Shape::Table,
            Form::Ask => Shape::Boolean,
            Form::Construct(_) | Form::Describe(_) => Shape::Graph,
        }
    }
}

impl Engine {
    /// Reads a query that anybody wrote. Relative IRIs are resolved against `base`.
    ///
    /// # Errors
    /// [`Refusal`]: never larger than a few hundred bytes, whatever the text.
    pub fn prepare(&self, text: &str, base: Option<&str>) -> Result<Prepared, Refusal> {
        // As deep as the brackets of the text, which a thread of the usual size is not sure to have room for.
        let query = stack::on_large(|| sparql::read(text, base, &self.limits)).map_err(|error| Refusal::Syntax {
            position: Position { line: 1, column: 1 },
            message: format!("the query cannot be read now: {error}"),
        })??;
        let clause = query.dataset.iter();
        self.must_know(clause.flat_map(|clause| clause.default.iter().chain(&clause.named)))?;
        Ok(Prepared::trusted(query))
    }
}
