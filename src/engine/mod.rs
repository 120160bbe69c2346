//! SPARQL over one edition: text in, finished bytes out, within limits.
//!
//! ```
//! # use ocm_graph::{dataset::Dataset, engine::*};
//! # use oxigraph::{model::*, sparql::results::QueryResultsFormat};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let graph = NamedNode::new("http://example.org/graph")?;
//! let title = NamedNode::new("http://purl.org/dc/terms/title")?;
//! let quad = Quad::new(NamedNode::new("http://example.org/a")?, title, Literal::from("A title"), graph);
//! let engine = Engine::new(&Dataset::from_quads([quad.as_ref()])?, Limits::default());
//! let query = engine.prepare("SELECT ?title { ?resource <http://purl.org/dc/terms/title> ?title }", None)?;
//! let csv = Format::Table(QueryResultsFormat::Csv);
//! let answer = engine.answer(&query, &DatasetSpec::default(), csv, &Watch::unlimited())?;
//! assert_eq!(answer, b"title\r\nA title\r\n");
//! # Ok(())
//! # }
//! ```
//!
//! The order of things: the text is read ([`crate::sparql`]) under limits that hold while it is read; the query is planned;
//! the plan is evaluated, and every loop of that takes steps and memory from one budget. An answer is whole or it is an
//! error.
//!
//! The store of the oxigraph library ([`Engine::reference`]) evaluates the same queries for whoever chooses it. It does not
//! hold to the limits in every loop: [`Pool`] stops waiting for it and gives its slot away, but the thread goes on;
//! [`Isolated`] ends it.

mod answer;
mod csv;
#[cfg(test)]
mod differential;
mod evaluate;
mod exec;
mod functions;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod invariance_tests;
mod isolated;
mod json;
mod plan;
mod pool;
mod prepare;
#[cfg(test)]
mod reading_tests;
mod reference;
mod sink;
mod stack;
mod terms;
#[cfg(test)]
mod tests;
mod watch;
#[cfg(test)]
mod words_tests;
mod xml;

use std::{fmt, io};

use oxigraph::{
    model::{NamedNode, TermRef},
    sparql::QueryEvaluationError,
    store::{StorageError, Store},
};

use crate::dataset::Dataset;

pub(crate) use self::functions::names as functions;
pub use self::{
    answer::{Format, Light, Results},
    isolated::{Answer, COMMAND, Evaluator, Isolated, IsolatedError, Isolation, work},
    plan::Explanation,
    pool::{Pool, PoolSize, Unavailable, run_here},
    prepare::{Prepared, Shape},
    stack::on_brief_threads,
    watch::Watch,
};
pub use crate::sparql::{Limit, Limits, Position, Refusal};

/// Answers SPARQL queries over the quads it was made of. They never change.
#[derive(Clone)]
pub struct Engine {
    backend: Backend,
    graphs: Vec<NamedNode>,
    limits: Limits,
}

/// Who evaluates.
#[derive(Clone)]
enum Backend {
    /// This engine.
    Own(Dataset),
    /// The store of the oxigraph library.
    Reference(Store),
}

/// Why an evaluation gave no answer.
#[derive(Debug, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum EngineError {
    /// The deadline passed, or nobody wants the answer any more.
    #[error("the query did not end in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the answer has more than {allowed} {limit}")]
    TooLarge {
        /// [`Limit::Rows`] or [`Limit::Bytes`]
        limit: Limit,
        /// What it is.
        allowed: usize,
    },
    /// It needed more memory than a query may have.
    #[error("the query needed more memory than a query may have")]
    Memory,
    /// The query calls a function that is not there.
    #[error("{0}")]
    UnknownFunction(String),
    /// The format that is asked for cannot hold the answer.
    #[error("{0}")]
    Unwritable(String),
    /// Our fault.
    #[error("the query could not be evaluated: {0}")]
    Internal(String),
}

impl From<QueryEvaluationError> for EngineError {
    fn from(error: QueryEvaluationError) -> Self {
        match error {
            QueryEvaluationError::Cancelled => Self::Timeout,
            QueryEvaluationError::UnsupportedCustomFunction(_)
            | QueryEvaluationError::UnsupportedCustomFunctionArity { .. } => Self::UnknownFunction(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<io::Error> for EngineError {
    /// Takes the error of a writer out of the envelope that serializers put around it.
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| Self::Internal(error.to_string()))
    }
}

impl From<StorageError> for EngineError {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// The dataset that a request of the SPARQL protocol asks for, instead of the one the query names.
///
/// [SPARQL 1.1 Protocol, section 2.1.4](https://www.w3.org/TR/sparql11-protocol/#dataset)
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetSpec {
    default: Vec<NamedNode>,
    named: Vec<NamedNode>,
}

impl DatasetSpec {
    /// A dataset of these graphs; without any, the dataset that the query itself asks for.
    ///
    /// A graph that is not here is an empty one: the W3C's protocol tests name such a graph and expect an answer. FROM
    /// in a query is read more strictly: [`Refusal::UnknownGraph`].
    #[must_use]
    pub fn new(default: Vec<NamedNode>, named: Vec<NamedNode>) -> Self {
        Self { default, named }
    }

    /// The default and the named graphs, when the request names any.
    fn graphs(&self) -> Option<(&[NamedNode], &[NamedNode])> {
        let names_any = !self.default.is_empty() || !self.named.is_empty();
        names_any.then_some((&self.default, &self.named))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("graphs", &self.graphs).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Engine {
    /// Takes a dataset. The default graph of a query is the union of its graphs, each triple once.
    #[must_use]
    pub fn new(dataset: &Dataset, limits: Limits) -> Self {
        Self { backend: Backend::Own(dataset.clone()), graphs: graphs(dataset), limits }
    }

    /// Takes a dataset, for an evaluator to evaluate over.
    ///
    /// # Errors
    /// [`EngineError::Internal`] when the reference store cannot hold it.
    pub fn with_evaluator(dataset: &Dataset, evaluator: Evaluator, limits: Limits) -> Result<Self, EngineError> {
        match evaluator {
            Evaluator::Own => Ok(Self::new(dataset, limits)),
            Evaluator::Reference => Self::reference(dataset, limits),
        }
    }

    /// The same with the store of the oxigraph library: slower, and a reference for what an answer should be.
    ///
    /// # Errors
    /// [`EngineError::Internal`]
    pub fn reference(dataset: &Dataset, limits: Limits) -> Result<Self, EngineError> {
        Ok(Self { backend: Backend::Reference(reference::store(dataset)?), graphs: graphs(dataset), limits })
    }

    /// What queries and answers are held to.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The named graphs, sorted.
    #[must_use]
    pub fn graphs(&self) -> &[NamedNode] {
        &self.graphs
    }

    fn must_know<'a>(&self, mut graphs: impl Iterator<Item = &'a NamedNode>) -> Result<(), Refusal> {
        graphs.find(|graph| self.graphs.binary_search(graph).is_err()).map_or(Ok(()), |graph| {
            let known = self.graphs.iter().map(|graph| graph.as_str().into()).collect();
            Err(Refusal::UnknownGraph { graph: graph.as_str().into(), known })
        })
    }
}

/// The names of the named graphs, sorted.
fn graphs(dataset: &Dataset) -> Vec<NamedNode> {
    let name = |id: &u32| match dataset.term(*id) {
        TermRef::NamedNode(name) => Some(name.into_owned()),
        TermRef::BlankNode(_) | TermRef::Literal(_) => None,
    };
    let mut graphs: Vec<NamedNode> = dataset.graphs().iter().filter_map(name).collect();
    graphs.sort();
    graphs
}
