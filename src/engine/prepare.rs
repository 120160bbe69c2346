//! From query text to a query that may be evaluated.

use std::{collections::HashMap, iter};

use oxigraph::{
    model::{Literal, Variable},
    sparql::{QueryResults, SparqlEvaluator},
    store::Store,
};
use serde::{Deserialize, Serialize};
use spargebra::{
    Query, SparqlParser,
    algebra::{Expression, Function, GraphPattern},
};

use super::{
    Engine, Position, Refusal, algebra,
    algebra::Part,
    guard::{self, Outline},
    stack, syntax,
};

/// What kind of answer a query gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// SELECT: rows.
    Table,
    /// ASK: yes or no.
    Boolean,
    /// CONSTRUCT, DESCRIBE: triples.
    Graph,
}

/// What reading a query tells of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What kind it is of.
    pub shape: Shape,
    /// The names of its columns, as [`Prepared::columns`].
    pub columns: Vec<String>,
    /// [`Prepared::is_volatile`]
    pub is_volatile: bool,
    /// [`Engine::has_plan`]
    pub is_compiled: bool,
}

/// A query that may be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub(super) query: Query,
    columns: Vec<Variable>,
}

impl Prepared {
    /// A query from a source one trusts, as it is: neither guarded nor checked.
    #[must_use]
    pub fn trusted(query: Query) -> Self {
        let mut query = query;
        let columns = algebra::columns(&mut query).cloned().unwrap_or_default();
        Self { query, columns }
    }

    /// The parsed query.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The columns of a SELECT, in the order of the answer: as in the query text, for `*` in the order in which they
    /// appear there first. Empty for other queries.
    #[must_use]
    pub fn columns(&self) -> &[Variable] {
        &self.columns
    }

    /// Whether the same graph may give another answer the next time: the query asks for the time, for a random number
    /// or for a new name.
    #[must_use]
    pub fn is_volatile(&self) -> bool {
        let asks = |expression: &Expression| {
            let Expression::FunctionCall(function, _) = expression else { return false };
            matches!(function, Function::Now | Function::Rand | Function::Uuid | Function::StrUuid | Function::BNode)
        };
        let visit = |part: &mut Part<'_>| match part {
            Part::Expression(expression) if asks(expression) => Err(()),
            _ => Ok(()),
        };
        algebra::walk(&mut self.query.clone(), visit).is_err()
    }

    /// Whether every value it makes is about as large as those it is made from, and made about as fast: no text is
    /// multiplied, and no regular expression compiled.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let is_not = |expression: &Expression| {
            let Expression::FunctionCall(function, _) = expression else { return false };
            matches!(function, Function::Concat | Function::Replace | Function::EncodeForUri | Function::Regex)
        };
        let visit = |part: &mut Part<'_>| match part {
            Part::Expression(expression) if is_not(expression) => Err(()),
            _ => Ok(()),
        };
        algebra::walk(&mut self.query.clone(), visit).is_ok()
    }

    /// What it tells of its answer, to those who know whether the compiled executor makes that.
    #[must_use]
    pub fn profile(&self, is_compiled: bool) -> Profile {
        Profile {
            shape: self.shape(),
            columns: self.columns.iter().map(|column| column.as_str().to_owned()).collect(),
            is_volatile: self.is_volatile(),
            is_compiled,
        }
    }

    /// What kind of answer it gives.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self.query {
            Query::Select { .. } => Shape::Table,
            Query::Ask { .. } => Shape::Boolean,
            Query::Construct { .. } | Query::Describe { .. } => Shape::Graph,
        }
    }
}

impl Engine {
    /// Reads a query that a stranger wrote. Relative IRIs are resolved against `base`.
    ///
    /// # Errors
    /// [`Refusal`]: never larger than a few hundred bytes, whatever the text.
    pub fn prepare(&self, text: &str, base: Option<&str>) -> Result<Prepared, Refusal> {
        let outline = guard::check(text, &self.limits)?;
        stack::on_large(|| {
            let mut query = parse(text, base)?;
            algebra::check(&mut query, &self.limits)?;
            self.must_know(algebra::graphs(query.dataset()))?;
            if let Some(columns) = algebra::columns(&mut query) {
                order(columns, &outline);
            }
            Ok(Prepared::trusted(query))
        })
        .unwrap_or_else(|error| {
            let message = format!("the query cannot be read now: {error}");
            Err(Refusal::Syntax { position: Position { line: 1, column: 1 }, message })
        })
    }
}

fn parse(text: &str, base: Option<&str>) -> Result<Query, Refusal> {
    let mut parser = SparqlParser::new();
    if let Some(base) = base {
        parser = parser.with_base_iri(base).map_err(|error| Refusal::Syntax {
            position: Position { line: 1, column: 1 },
            message: format!("the base IRI cannot be used: {error}"),
        })?;
    }
    parser.clone().parse_query(text).map_err(|error| syntax::explain(text, &parser, &error))
}

/// Puts the columns of `SELECT *` in the order of the text: the parser sorts them by name.
fn order(columns: &mut [Variable], outline: &Outline) {
    if outline.all_columns {
        let places: HashMap<&str, usize> = iter::zip(outline.variables.iter().map(String::as_str), 0..).collect();
        columns.sort_by_key(|column| places.get(column.as_str()).copied());
    }
}

/// Replaces each call with a constant regular expression that cannot be compiled by what it is: an error. The evaluator
/// would try again for every row, which takes milliseconds each for `((a{1000}){1000}){1000}`.
///
/// Even one try each takes time that a query can multiply, so this belongs to the evaluation, which can be killed.
pub(super) fn defuse_patterns(query: &mut Query) {
    let Ok(()) = algebra::walk(query, |part| {
        if let Part::Expression(expression) = part
            && let Expression::FunctionCall(function @ (Function::Regex | Function::Replace), arguments) = &**expression
            && let Some(pattern @ Expression::Literal(_)) = arguments.get(1)
            && let flags = arguments.get(if *function == Function::Regex { 2 } else { 3 })
            // Flags that come with the rows may say that the pattern is plain text.
            && flags.is_none_or(|flags| matches!(flags, Expression::Literal(_)))
            && !compiles(pattern, flags)
        {
            **expression = Expression::Coalesce(Vec::new());
        }
        Ok::<(), std::convert::Infallible>(())
    });
}

/// Asks the evaluator itself whether it can compile a regular expression with these flags.
fn compiles(pattern: &Expression, flags: Option<&Expression>) -> bool {
    let text = Expression::Literal(Literal::from(""));
    let arguments = [&text, pattern].into_iter().chain(flags).cloned().collect();
    let matches = Expression::FunctionCall(Function::Regex, arguments);
    let variable = Variable::new_unchecked("matches");
    let pattern = GraphPattern::Extend { inner: Box::default(), variable: variable.clone(), expression: matches };
    let query = Query::Select { dataset: None, pattern, base_iri: None };
    let results =
        Store::new().ok().and_then(|empty| SparqlEvaluator::new().for_query(query).on_store(&empty).execute().ok());
    match results {
        Some(QueryResults::Solutions(mut solutions)) => {
            solutions.next().and_then(Result::ok).is_some_and(|solution| solution.get(&variable).is_some())
        }
        _ => false,
    }
}
