//! From a prepared query to the bytes of its answer, or to terms.

use std::time::Instant;

use oxigraph::{
    io::RdfFormat,
    model::{Term, Triple, Variable},
    sparql::results::QueryResultsFormat,
};

use super::{
    Backend, DatasetSpec, Engine, EngineError, Limit, Limits, Prepared, Shape, Watch,
    evaluate::evaluate,
    plan::{self, Counts, Explanation, Plan},
    reference,
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
    plan: Plan,
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
        self.plan.work < BRIEF
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
            let columns = columns(prepared);
            let mut sink = sink(&self.limits, prepared, &columns, format, watch)?;
            self.evaluate(prepared, dataset, watch, &mut sink)?;
            sink.finish()
        })?
    }

    /// Plans a query. Nothing, unless it is thought to be done soon: then it need not be isolated.
    ///
    /// # Errors
    /// [`EngineError::UnknownFunction`]
    pub fn plan_if_light(&self, prepared: Prepared, dataset: &DatasetSpec) -> Result<Option<Light>, EngineError> {
        let Backend::Own(data) = &self.backend else { return Ok(None) };
        let plan = stack::on_large(|| plan::plan(prepared.query(), dataset, data))??;
        Ok((plan.work < LIGHT).then_some(Light { prepared, plan }))
    }

    /// Evaluates a planned query as [`Engine::answer`] does. Nothing, if it turns out to be a heavy one.
    ///
    /// # Errors
    /// [`EngineError`]: never part of an answer.
    pub fn answer_light(&self, light: &Light, format: Format, watch: &Watch) -> Result<Option<Vec<u8>>, EngineError> {
        let Backend::Own(dataset) = &self.backend else { return Ok(None) };
        let limits = Limits { bytes: self.limits.bytes.min(LIGHT_ANSWER), ..self.limits.clone() };
        let budget = (watch, self.limits.memory.min(LIGHT_MEMORY));
        stack::on_large(|| {
            let columns = columns(&light.prepared);
            let mut sink = sink(&limits, &light.prepared, &columns, format, watch)?;
            match evaluate(light.prepared.query(), &light.plan, dataset, budget, None, &mut sink) {
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

    /// Says how a query is answered, and evaluates it for that, if `evaluated`.
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
        let Backend::Own(data) = &self.backend else {
            return Err(EngineError::Unwritable("the store of the oxigraph library does not explain its plans".into()));
        };
        stack::on_large(|| {
            let plan = plan::plan(prepared.query(), dataset, data)?;
            let (start, mut sink) = (Instant::now(), Counted::default());
            let counts = Counts::new(&plan);
            if evaluated {
                let budget = (watch, self.limits.memory);
                evaluate(prepared.query(), &plan, data, budget, Some(&counts), &mut sink)?;
                watch.check()?;
            }
            let took = evaluated.then(|| start.elapsed());
            Ok(Explanation::new(plan.explain(data, &counts), took.map(|took| (sink.0, took))))
        })?
    }

    /// As [`Engine::explain`]: with what came of it, if it is done in the time given for that.
    ///
    /// # Errors
    /// [`EngineError`]
    pub fn explain_if_soon(
        &self,
        prepared: &Prepared,
        dataset: &DatasetSpec,
        soon: &Watch,
    ) -> Result<Explanation, EngineError> {
        match self.explain(prepared, dataset, true, soon) {
            Err(EngineError::Timeout) => self.explain(prepared, dataset, false, &Watch::unlimited()),
            outcome => outcome,
        }
    }

    /// Whether the same question has the same bytes as its answer each time, in every process, however many processors it
    /// has: the library's evaluator leaves the order of rows to its hash tables.
    #[must_use]
    pub fn is_deterministic(&self) -> bool {
        matches!(self.backend, Backend::Own(_))
    }

    fn evaluate(
        &self,
        prepared: &Prepared,
        spec: &DatasetSpec,
        watch: &Watch,
        sink: &mut dyn Sink,
    ) -> Result<(), EngineError> {
        watch.check()?;
        let query = prepared.query();
        match &self.backend {
            Backend::Own(dataset) => {
                let plan = plan::plan(query, spec, dataset)?;
                evaluate(query, &plan, dataset, (watch, self.limits.memory), None, sink)?;
            }
            Backend::Reference(store) => reference::evaluate(store, query, spec, watch, sink)?,
        }
        // `OFFSET` swallows the error that stops an evaluation of the library: an empty answer at the deadline is no answer.
        watch.check()
    }
}

/// The columns of an answer.
fn columns(prepared: &Prepared) -> Vec<Variable> {
    prepared.columns().into_iter().map(Variable::new_unchecked).collect()
}

fn sink<'w>(
    limits: &'w Limits,
    prepared: &Prepared,
    columns: &'w [Variable],
    format: Format,
    watch: &'w Watch,
) -> Result<Written<'w>, EngineError> {
    match (prepared.shape(), format) {
        (Shape::Table, Format::Table(format)) => Written::rows(columns, format, limits, watch),
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
