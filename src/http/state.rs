//! What every handler knows: one edition, who answers, and the canned queries.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Bytes;

use super::{
    Operations,
    budget::charge,
    cache::{self, Cache},
    plans::{Pace, Planned, Plans, Question},
    problem::Problem,
    tag::{self, Strength},
};
use crate::{
    dataset::{Dataset, Unusable},
    edition::Edition,
    engine::{
        DatasetSpec, Engine, EngineError, Explanation, Format, Isolated, IsolatedError, Isolation, Limits, Pool,
        PoolSize, Prepared, Unavailable, Watch, run_here,
    },
    query::QueryBook,
};

/// What every handler knows. Cheap to clone; never changes.
#[derive(Debug, Clone)]
pub struct AppState {
    pub(crate) edition: Arc<Edition>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) book: Arc<QueryBook>,
    /// SHA-256 of all that answers are made from.
    pub(crate) origin: [u8; 32],
    /// Threads for queries of our own, which are bounded by construction.
    pool: Arc<Pool>,
    /// Children for everybody else's; without them, the same threads.
    pub(crate) isolated: Option<Arc<Isolated>>,
    pub(crate) isolation: Option<Isolation>,
    pub(crate) operations: Arc<Operations>,
    pub(crate) cache: Arc<Cache>,
    plans: Arc<Plans>,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The graph cannot be loaded into the engine.
    #[error("the graph cannot be loaded: {0}")]
    Engine(#[from] EngineError),
    /// The system gives no more threads or processes.
    #[error("threads or worker processes cannot be started: {0}")]
    System(#[from] io::Error),
    /// A worker process died at once, or took too long to read the graph.
    #[error("the worker processes do not become ready: {0}")]
    Workers(#[from] IsolatedError),
}

/// How long worker processes may take to read the graph.
const START: Duration = Duration::from_mins(1);

/// How long a query may take on a thread of the server itself.
const SOON: Duration = Duration::from_millis(150);

/// How long one may keep a thread of the runtime from its other tasks.
const BRIEF: Duration = Duration::from_millis(5);

impl AppState {
    /// Loads an edition. With isolation, strangers' queries run in child processes; without, on threads, which cannot be
    /// killed: for tests.
    ///
    /// # Errors
    /// [`StartError`]
    pub fn new(
        edition: Edition,
        book: QueryBook,
        limits: Limits,
        isolation: Option<&Isolation>,
    ) -> Result<Self, StartError> {
        let isolated = isolation.map(|isolation| Isolated::start(&edition.dataset, &limits, isolation)).transpose()?;
        let evaluator = isolation.map(|isolation| isolation.evaluator).unwrap_or_default();
        let engine = Engine::with_evaluator(&edition.dataset, evaluator, limits)?;
        Ok(Self {
            engine: Arc::new(engine),
            origin: origin(&edition, &book),
            edition: Arc::new(edition),
            book: Arc::new(book),
            pool: Arc::new(Pool::new("query", &PoolSize::default())?),
            isolated: isolated.map(Arc::new),
            isolation: isolation.cloned(),
            operations: Arc::default(),
            cache: Arc::new(Cache::new(cache::CAPACITY)),
            plans: Arc::default(),
        })
    }

    /// With an empty cache of so many bytes; with none, no answer is kept.
    #[must_use]
    pub fn with_cache(self, bytes: u64) -> Self {
        Self { cache: Arc::new(Cache::new(bytes)), ..self }
    }

    /// With the accounts and figures that outlive this edition.
    #[must_use]
    pub fn with_operations(self, operations: Arc<Operations>) -> Self {
        Self { operations, ..self }
    }

    /// The accounts and figures that outlive this edition.
    #[must_use]
    pub fn operations(&self) -> Arc<Operations> {
        Arc::clone(&self.operations)
    }

    /// Waits until the worker processes can answer.
    ///
    /// # Errors
    /// [`StartError::Workers`]
    pub async fn ready(&self) -> Result<(), StartError> {
        match &self.isolated {
            Some(isolated) => Ok(isolated.ready(START).await?),
            None => Ok(()),
        }
    }

    /// The digest of the edition.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.edition.digest()
    }

    /// Checks the whole file that the edition was opened from; see [`Dataset::verify`].
    ///
    /// # Errors
    /// [`Unusable`]
    pub fn verify(&self) -> Result<(), Unusable> {
        self.edition.dataset.verify()
    }

    /// Whether another edition and query book would answer every request as these do.
    #[must_use]
    pub fn is_same(&self, edition: &Edition, book: &QueryBook) -> bool {
        // The catalogue too: it knows names that parameters accept and no statement has.
        self.edition.digest() == edition.digest()
            && self.edition.catalogue == edition.catalogue
            && self.book.iter().map(|query| &query.text).eq(book.iter().map(|query| &query.text))
    }

    /// Reads and plans a question, unless that was done before. Relative IRIs are resolved against the endpoint's own.
    pub(crate) fn read(&self, question: &Question) -> Result<Planned, Problem> {
        if let Some(planned) = self.plans.get(question) {
            return Ok(planned);
        }
        let base = self.edition.iris.sparql();
        let prepared = self.engine.prepare(&question.text, Some(base.as_str()))?;
        Ok(self.plans.plan(&self.engine, question, prepared)?)
    }

    /// What the tag of an answer promises.
    pub(crate) fn strength(&self) -> Strength {
        if self.engine.is_deterministic() { Strength::Strong } else { Strength::Weak }
    }

    /// Answers a question that was found to be sound.
    ///
    /// One that is thought to be done soon is done on a thread of the server; any other in a process that can be killed.
    pub(crate) async fn evaluate(&self, question: &Question, format: Format) -> Result<Bytes, Problem> {
        self.operations.metrics.count_strangers();
        let _charge = charge();
        let planned = self.read(question)?;
        let Some(isolated) = &self.isolated else {
            let (engine, question, left) = (Arc::clone(&self.engine), question.clone(), self.left(question)?);
            let work = move |watch: &Watch| engine.answer(&planned.prepared, &question.dataset, format, watch);
            return Ok(self.pool.run(Watch::start(left), work).await??.into());
        };
        if let Some(bytes) = self.evaluate_light(planned.pace, question, format).await? {
            return self.hold(bytes);
        }
        let (base, left) = (self.edition.iris.sparql(), self.left(question)?);
        let answer = isolated.answer(&question.text, Some(base.as_str()), &question.dataset, format, left).await?;
        Ok(Bytes::from_owner(answer))
    }

    /// Nothing, if it is not thought to be done soon, or is not: then it is begun anew elsewhere.
    async fn evaluate_light(
        &self,
        pace: Pace,
        question: &Question,
        format: Format,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let light = match pace {
            Pace::Brief(light) => {
                let watch = Watch::start(BRIEF.min(self.left(question)?));
                match run_here(|| self.engine.answer_light(&light, format, &watch))? {
                    // Not on this thread, or not in this time: on another, then, and there the next time too.
                    None => light,
                    Some(Err(EngineError::Timeout)) => {
                        self.plans.note(question, Pace::Light(Arc::clone(&light)));
                        light
                    }
                    Some(answer) => return self.settle(question, answer),
                }
            }
            Pace::Light(light) => light,
            Pace::Heavy => return Ok(None),
        };
        let (engine, plans, asked) = (Arc::clone(&self.engine), Arc::clone(&self.plans), question.clone());
        let work = move |watch: &Watch| {
            let started = Instant::now();
            let answer = engine.answer_light(&light, format, watch);
            if matches!(answer, Ok(Some(_))) {
                plans.measured(&asked, &light, started.elapsed());
            }
            answer
        };
        match self.pool.run(Watch::start(SOON.min(self.left(question)?)), work).await {
            Ok(answer) => self.settle(question, answer),
            Err(Unavailable::Busy | Unavailable::Overdue) => Ok(None),
            Err(unavailable) => Err(unavailable.into()),
        }
    }

    /// The answer of what was thought to be a light query, or a note that it is none.
    fn settle(
        &self,
        question: &Question,
        answer: Result<Option<Vec<u8>>, EngineError>,
    ) -> Result<Option<Vec<u8>>, Problem> {
        match answer {
            Ok(None) | Err(EngineError::Timeout) => {
                self.plans.note(question, Pace::Heavy);
                Ok(None)
            }
            answer => Ok(answer?),
        }
    }

    /// Says how a question is answered, and what comes of it if that is soon known: where it is answered too, so that
    /// looking at plans is not a way around the processes that can be killed.
    pub(crate) async fn explain(&self, question: &Question) -> Result<Explanation, Problem> {
        let _charge = charge();
        let planned = self.read(question)?;
        let (base, left) = (self.edition.iris.sparql(), self.left(question)?);
        if let Some(isolated) = &self.isolated {
            return Ok(isolated.explain(&question.text, Some(base.as_str()), &question.dataset, left).await?);
        }
        let (engine, question) = (Arc::clone(&self.engine), question.clone());
        let work = move |watch: &Watch| engine.explain_if_soon(&planned.prepared, &question.dataset, watch);
        Ok(self.pool.run(Watch::start(SOON.min(left)), work).await??)
    }

    /// Answers a query of our own.
    pub(crate) async fn evaluate_trusted(&self, prepared: Prepared, format: Format) -> Result<Bytes, Problem> {
        self.operations.metrics.count_canned();
        let _charge = charge();
        let engine = Arc::clone(&self.engine);
        let work = move |watch: &Watch| engine.answer(&prepared, &DatasetSpec::default(), format, watch);
        self.hold(self.pool.run(Watch::start(self.timeout()), work).await??)
    }

    /// Finished bytes, which take room until they are sent and no longer kept.
    ///
    /// # Errors
    /// [`Problem::Busy`] when there is none.
    pub(crate) fn hold(&self, bytes: Vec<u8>) -> Result<Bytes, Problem> {
        match &self.isolated {
            Some(isolated) => Ok(Bytes::from_owner(isolated.keep(bytes)?)),
            None => Ok(bytes.into()),
        }
    }

    /// Writes something of the edition, which takes as long as the edition is large.
    pub(crate) async fn write(
        &self,
        work: impl FnOnce(&Dataset, &mut Vec<u8>) -> io::Result<()> + Send + 'static,
    ) -> Result<Bytes, Problem> {
        let _charge = charge();
        let edition = Arc::clone(&self.edition);
        let write = move |_: &Watch| {
            let mut output = Vec::new();
            work(&edition.dataset, &mut output).map(|()| output)
        };
        let written = self.pool.run(Watch::start(self.timeout()), write).await?.map_err(|error| {
            tracing::error!(%error, "a graph cannot be written");
            Problem::Internal
        });
        self.hold(written?)
    }

    /// What is left of the time for a question: reading it, waiting and every attempt at it share one deadline.
    fn left(&self, question: &Question) -> Result<Duration, Problem> {
        let left = self.timeout().saturating_sub(question.asked.elapsed());
        if left.is_zero() { Err(Problem::Timeout) } else { Ok(left) }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.engine.limits().timeout
    }
}

/// Names this program, the edition, and the canned queries, which are no part of the edition.
fn origin(edition: &Edition, book: &QueryBook) -> [u8; 32] {
    let queries = book.iter().flat_map(|query| [query.name.as_str(), &query.text]);
    let parts = [env!("CARGO_PKG_VERSION"), edition.digest()].into_iter().chain(queries);
    tag::digest(parts.map(str::as_bytes))
}
