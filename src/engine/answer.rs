//! From a prepared query to the bytes of its answer, or to terms.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use oxigraph::{
    io::RdfFormat,
    model::{Term, Triple},
    sparql::{
        QueryEvaluationError, QueryResults, QuerySolution, SparqlEvaluator,
        results::{QueryResultsFormat, QueryResultsSerializer},
    },
};

use super::{DatasetSpec, Engine, EngineError, Limit, Prepared, Watch, prepare::defuse_patterns, stack};
use crate::rdf::write;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A table or a yes or no.
    Table(QueryResultsFormat),
    /// A graph.
    Graph(RdfFormat),
}

/// An answer as terms, for pages and terminals.
#[derive(Debug, Clone, PartialEq)]
pub enum Results {
    /// Of a SELECT: cells in the order of [`Prepared::columns`].
    Table(Vec<Vec<Option<Term>>>),
    /// Of an ASK.
    Boolean(bool),
    /// Of a CONSTRUCT or DESCRIBE.
    Graph(Vec<Triple>),
}

impl Engine {
    /// Evaluates a query and writes the whole answer.
    ///
    /// # Errors
    /// [`EngineError`]: never part of an answer.
    pub fn answer(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        format: Format,
        watch: &Watch,
    ) -> Result<Vec<u8>, EngineError> {
        stack::on_large(|| {
            let output = Capped { bytes: Vec::new(), most: self.limits.bytes, watch };
            let output = match (self.evaluate(prepared, dataset, watch)?, format) {
                (QueryResults::Solutions(solutions), Format::Table(format)) => {
                    let serializer = QueryResultsSerializer::from_format(format);
                    let mut serializer =
                        serializer.serialize_solutions_to_writer(output, solutions.variables().to_vec())?;
                    for solution in self.checked(solutions, watch) {
                        serializer.serialize(&solution?)?;
                    }
                    serializer.finish()?
                }
                (QueryResults::Boolean(value), Format::Table(format)) => {
                    QueryResultsSerializer::from_format(format).serialize_boolean_to_writer(output, value)?
                }
                (QueryResults::Graph(triples), Format::Graph(format)) => {
                    let mut serializer = write::writer(format, output)?;
                    // A template gives the same triple for many rows; a graph has it once.
                    let mut seen = HashSet::new();
                    for triple in self.checked(triples, watch) {
                        let triple = triple?;
                        if !seen.contains(&triple) {
                            serializer.serialize_triple(&triple)?;
                            seen.insert(triple);
                        }
                    }
                    serializer.finish()?
                }
                _ => return Err(EngineError::Internal("the format does not fit the query".into())),
            };
            // `OFFSET` swallows the error that stops an evaluation: an empty answer at the deadline is no answer.
            watch.check()?;
            Ok(output.bytes)
        })?
    }

    /// Evaluates a query and gives its first rows or triples, and whether these are all.
    ///
    /// # Errors
    /// [`EngineError`]
    pub fn read(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        most: usize,
        watch: &Watch,
    ) -> Result<(Results, bool), EngineError> {
        stack::on_large(|| {
            let (results, complete) = match self.evaluate(prepared, dataset, watch)? {
                QueryResults::Solutions(solutions) => {
                    let width = solutions.variables().len();
                    let (solutions, complete) = first(self.checked(solutions, watch), most)?;
                    let cells = |solution: QuerySolution| (0..width).map(|n| solution.get(n).cloned()).collect();
                    let rows = solutions.into_iter().map(cells).collect();
                    (Results::Table(rows), complete)
                }
                QueryResults::Boolean(value) => (Results::Boolean(value), true),
                QueryResults::Graph(triples) => {
                    let (triples, complete) = first(self.checked(triples, watch), most)?;
                    (Results::Graph(triples), complete)
                }
            };
            watch.check()?;
            Ok((results, complete))
        })?
    }

    fn evaluate(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        watch: &Watch,
    ) -> Result<QueryResults<'static>, EngineError> {
        watch.check()?;
        let evaluator = SparqlEvaluator::new().with_cancellation_token(watch.token());
        let mut query = prepared.query.clone();
        defuse_patterns(&mut query);
        let mut query = evaluator.for_query(query);
        if let Some((default, named)) = dataset.graphs() {
            query.dataset_mut().set_default_graph(default.iter().cloned().map(Into::into).collect());
            query.dataset_mut().set_available_named_graphs(named.iter().cloned().map(Into::into).collect());
        }
        Ok(query.on_store(&self.store).execute()?)
    }

    /// The same rows, with the deadline and the number of rows looked at before each.
    fn checked<T>(
        &self,
        rows: impl Iterator<Item = Result<T, QueryEvaluationError>>,
        watch: &Watch,
    ) -> impl Iterator<Item = Result<T, EngineError>> {
        let most = self.limits.rows;
        rows.enumerate().map(move |(before, row)| {
            watch.check()?;
            if before >= most {
                return Err(EngineError::TooLarge { limit: Limit::Rows, allowed: most });
            }
            Ok(row?)
        })
    }
}

/// The first of them, and whether there were no more.
fn first<T, E>(mut items: impl Iterator<Item = Result<T, E>>, most: usize) -> Result<(Vec<T>, bool), E> {
    let found = items.by_ref().take(most).collect::<Result<Vec<T>, E>>()?;
    let complete = items.next().transpose()?.is_none();
    Ok((found, complete))
}

/// Memory that does not grow beyond a limit, nor after the deadline.
struct Capped<'a> {
    bytes: Vec<u8>,
    most: usize,
    watch: &'a Watch,
}

impl Write for Capped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::Error::other(EngineError::TooLarge { limit: Limit::Bytes, allowed: self.most }));
        }
        self.watch.check().map_err(io::Error::other)?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
