//! From a prepared query to the bytes of its answer, or to terms.

use std::{collections::HashSet, time::Instant};

use oxigraph::{
    io::RdfFormat,
    model::{Term, Triple},
    sparql::{QueryResults, results::QueryResultsFormat},
};
use spargebra::Query;

use super::{
    Backend, DatasetSpec, Engine, EngineError, Limit, Limits, Prepared, Shape, Watch, compiled, functions,
    plan::{self, Compiled, Counts, Explanation, Unsupported},
    prepare::defuse_patterns,
    queryable::Queryable,
    sink::{Read, Sink, Written},
    stack,
    terms::Cell,
};

/// Rows that a query which is thought to be done soon looks at.
const LIGHT: f64 = 300_000.0;

/// Bytes it may keep, and give. What a thread frees may stay with the process, what a child frees goes with it.
const LIGHT_MEMORY: usize = 16 * 1024 * 1024;
const LIGHT_ANSWER: usize = 4 * 1024 * 1024;

/// Rows that a query looks at which is answered in a millisecond or two.
const BRIEF: f64 = 30_000.0;

/// A query that is thought to be done soon, with its plan for the engine that made it.
#[derive(Debug)]
pub struct Light {
    prepared: Prepared,
    compiled: Compiled,
}

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

impl Light {
    /// Whether it is thought to take hardly longer than it would to hand it to another thread.
    #[must_use]
    pub fn is_brief(&self) -> bool {
        self.compiled.plan.work < BRIEF
    }
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
            let mut sink = sink(&self.limits, prepared, format, watch)?;
            self.evaluate(prepared, dataset, watch, &mut sink)?;
            sink.finish()
        })?
    }

    /// Plans a query. Nothing, unless it is thought to be done soon, by code that looks at its watch and counts its memory
    /// all the time: then it need not be isolated.
    #[must_use]
    pub fn plan_if_light(&self, prepared: Prepared, dataset: &DatasetSpec) -> Option<Light> {
        if !prepared.is_bounded() {
            return None;
        }
        let compiled =
            stack::on_large(|| self.compile(&prepared, dataset).ok().map(|(_, _, compiled)| compiled)).ok()??;
        (compiled.plan.work < LIGHT).then_some(Light { prepared, compiled })
    }

    /// Evaluates a planned query as [`Engine::answer`] does. Nothing, if it turns out to be a heavy one.
    ///
    /// # Errors
    /// [`EngineError`]: never part of an answer.
    pub fn answer_light(&self, light: &Light, format: Format, watch: &Watch) -> Result<Option<Vec<u8>>, EngineError> {
        let Backend::Compiled(dataset) = &self.backend else { return Ok(None) };
        let limits = Limits { bytes: self.limits.bytes.min(LIGHT_ANSWER), ..self.limits.clone() };
        let budget = (watch, self.limits.memory.min(LIGHT_MEMORY));
        stack::on_large(|| {
            let mut sink = sink(&limits, &light.prepared, format, watch)?;
            match compiled::answer(&light.prepared.query, &light.compiled, dataset, budget, None, &mut sink) {
                Err(EngineError::Memory | EngineError::TooLarge { limit: Limit::Bytes, .. }) => Ok(None),
                outcome => {
                    outcome.and_then(|()| watch.check())?;
                    sink.finish().map(Some)
                }
            }
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
            let mut sink = Read::new(empty(prepared.shape()), most);
            self.evaluate(prepared, dataset, watch, &mut sink)?;
            Ok((sink.results, sink.complete))
        })?
    }

    /// Says how a query is answered. One that the executor answers is evaluated for it, if `evaluated`.
    ///
    /// # Errors
    /// [`EngineError`]
    pub fn explain(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        evaluated: bool,
        watch: &Watch,
    ) -> Result<Explanation, EngineError> {
        stack::on_large(|| {
            let (dataset, query, compiled) = match self.compile(prepared, dataset) {
                Ok(compiled) => compiled,
                Err(because) => return Ok(Explanation::of_reference(&because)),
            };
            let (start, mut sink) = (Instant::now(), Counted::default());
            let counts = Counts::new(&compiled.plan);
            if evaluated {
                let budget = (watch, self.limits.memory);
                compiled::answer(&query, &compiled, dataset, budget, Some(&counts), &mut sink)?;
                watch.check()?;
            }
            let took = evaluated.then(|| start.elapsed());
            let plan = compiled.plan.explain(dataset, &counts, &compiled.names);
            Ok(Explanation::of_plan(plan, took.map(|took| (sink.0, took))))
        })?
    }

    /// As [`Engine::explain`]: with what came of it, if it is a query that looks at its watch all the time and is done
    /// in the time given for that.
    ///
    /// # Errors
    /// [`EngineError`]
    pub fn explain_if_soon(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        soon: &Watch,
    ) -> Result<Explanation, EngineError> {
        match self.explain(prepared, dataset, prepared.is_bounded(), soon) {
            Err(EngineError::Timeout) => self.explain(prepared, dataset, false, &Watch::unlimited()),
            outcome => outcome,
        }
    }

    /// Whether the compiled executor has a plan for a query: then its answer is the same bytes each time.
    #[must_use]
    pub fn has_plan(&self, prepared: &Prepared, dataset: &DatasetSpec) -> bool {
        let Backend::Compiled(data) = &self.backend else { return false };
        // Constant regular expressions are looked at by who evaluates.
        stack::on_large(|| plan::compile(&prepared.query, dataset, data).is_ok()).unwrap_or(false)
    }

    /// Whether the compiled executor answers a query, and if not, why not.
    ///
    /// # Errors
    /// Why not.
    pub fn is_compiled(&self, prepared: &Prepared, dataset: &DatasetSpec) -> Result<(), String> {
        let compiled = stack::on_large(|| self.compile(prepared, dataset).map(|_| ()).map_err(|why| why.to_string()));
        compiled.unwrap_or_else(|error| Err(error.to_string()))
    }

    fn compile(
        &self,
        prepared: &Prepared,
        spec: &DatasetSpec,
    ) -> Result<(&crate::dataset::Dataset, Query, Compiled), Unsupported> {
        let Backend::Compiled(dataset) = &self.backend else {
            return Err(Unsupported("this server evaluates with the reference store"));
        };
        let mut query = prepared.query.clone();
        defuse_patterns(&mut query);
        plan::write_constants(&mut query);
        let compiled = plan::compile(&query, spec, dataset)?;
        Ok((dataset, query, compiled))
    }

    fn evaluate(
        &self,
        prepared: &Prepared,
        spec: &DatasetSpec,
        watch: &Watch,
        sink: &mut dyn Sink,
    ) -> Result<(), EngineError> {
        watch.check()?;
        if let Ok((dataset, query, compiled)) = self.compile(prepared, spec) {
            compiled::answer(&query, &compiled, dataset, (watch, self.limits.memory), None, sink)?;
        } else {
            self.evaluate_by_reference(prepared, spec, watch, sink)?;
        }
        // `OFFSET` swallows the error that stops an evaluation: an empty answer at the deadline is no answer.
        watch.check()
    }

    fn evaluate_by_reference(
        &self,
        prepared: &Prepared,
        spec: &DatasetSpec,
        watch: &Watch,
        sink: &mut dyn Sink,
    ) -> Result<(), EngineError> {
        let mut query = prepared.query.clone();
        defuse_patterns(&mut query);
        match &self.backend {
            Backend::Compiled(dataset) => {
                let view = plan::view(&query, spec, dataset);
                let query = without_dataset(query);
                let evaluator = functions::evaluator().with_cancellation_token(watch.token());
                let results = evaluator.prepare(&query).execute(Queryable::new(dataset, view))?;
                pour(results, watch, sink)
            }
            Backend::Reference(store) => {
                let evaluator = functions::store_evaluator().with_cancellation_token(watch.token());
                let mut query = evaluator.for_query(query);
                if let Some((default, named)) = spec.graphs() {
                    let (default, named) = (default.iter().cloned(), named.iter().cloned());
                    query.dataset_mut().set_default_graph(default.map(Into::into).collect());
                    query.dataset_mut().set_available_named_graphs(named.map(Into::into).collect());
                }
                pour(query.on_store(store).execute()?, watch, sink)
            }
        }
    }

    /// As [`Engine::read`], by the reference evaluator even if the executor could.
    #[cfg(test)]
    pub(super) fn read_by_reference(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        watch: &Watch,
    ) -> Result<Results, EngineError> {
        stack::on_large(|| {
            let mut sink = Read::new(empty(prepared.shape()), usize::MAX);
            self.evaluate_by_reference(prepared, dataset, watch, &mut sink)?;
            watch.check()?;
            Ok(sink.results)
        })?
    }
}

fn sink<'w>(
    limits: &'w Limits,
    prepared: &'w Prepared,
    format: Format,
    watch: &'w Watch,
) -> Result<Written<'w>, EngineError> {
    match (prepared.shape(), format) {
        (Shape::Table, Format::Table(format)) => Written::rows(prepared.columns(), format, limits, watch),
        (Shape::Boolean, Format::Table(format)) => Ok(Written::boolean(format, limits, watch)),
        (Shape::Graph, Format::Graph(format)) => Written::triples(format, limits, watch),
        _ => Err(EngineError::Internal("the format does not fit the query".into())),
    }
}

fn empty(shape: Shape) -> Results {
    match shape {
        Shape::Table => Results::Table(Vec::new()),
        Shape::Boolean => Results::Boolean(false),
        Shape::Graph => Results::Graph(Vec::new()),
    }
}

/// The query without FROM: the dataset is seen through it already.
fn without_dataset(mut query: Query) -> Query {
    let (Query::Select { dataset, .. }
    | Query::Construct { dataset, .. }
    | Query::Describe { dataset, .. }
    | Query::Ask { dataset, .. }) = &mut query;
    *dataset = None;
    query
}

/// Gives a sink what the reference evaluator gives.
fn pour(results: QueryResults<'_>, watch: &Watch, sink: &mut dyn Sink) -> Result<(), EngineError> {
    match results {
        QueryResults::Solutions(solutions) => {
            let width = solutions.variables().len();
            for solution in solutions {
                watch.check()?;
                let solution = solution?;
                sink.row(&mut (0..width).map(|n| solution.get(n).map(|term| Cell::Made(term.as_ref()))))?;
                if sink.is_full() {
                    break;
                }
            }
        }
        QueryResults::Boolean(value) => sink.boolean(value)?,
        QueryResults::Graph(triples) => {
            // A template gives the same triple for many rows; a graph has it once.
            let mut seen = HashSet::new();
            for triple in triples {
                watch.check()?;
                let triple = triple?;
                if seen.contains(&triple) {
                    continue;
                }
                sink.triple(triple.as_ref())?;
                seen.insert(triple);
                if sink.is_full() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Counts what comes.
#[derive(Default)]
struct Counted(u64);

impl Sink for Counted {
    fn row(&mut self, _: &mut dyn Iterator<Item = Option<Cell<'_>>>) -> Result<(), EngineError> {
        self.0 += 1;
        Ok(())
    }

    fn triple(&mut self, _: oxigraph::model::TripleRef<'_>) -> Result<(), EngineError> {
        self.0 += 1;
        Ok(())
    }

    fn boolean(&mut self, _: bool) -> Result<(), EngineError> {
        self.0 += 1;
        Ok(())
    }
}
