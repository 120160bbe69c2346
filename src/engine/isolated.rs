//! Evaluation in child processes: whatever a query does, it can be stopped, and its memory is its own.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use oxigraph::{io::RdfFormat, model::NamedNode, sparql::results::QueryResultsFormat};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tempfile::TempPath;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{DatasetSpec, Engine, EngineError, Explanation, Format, Limits, Refusal, Unavailable, Watch, stack};
use crate::{
    dataset::Dataset,
    worker::{Failure, Figures, Options, Pool, attend, confine},
};

/// How long after its deadline a child may still say that time is up before it is killed.
const GRACE: Duration = Duration::from_millis(250);

/// How long after it should have been killed a child ends by itself: its parent is gone.
const ORPHAN: Duration = Duration::from_secs(5);

/// Bytes of all the answers that have not been sent yet. Clients that ask for much and read slowly share it.
const ROOM: usize = 256 * 1024 * 1024;

/// Bytes of one answer that need no room.
const SMALL: usize = 64 * 1024;

/// How long a query may be evaluated to explain it.
const EXPLAINED: Duration = Duration::from_millis(150);

/// The name of the hidden command that a child runs.
pub const COMMAND: &str = "query-worker";

/// Who evaluates queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Evaluator {
    /// This engine.
    #[default]
    Own,
    /// The store of the oxigraph library.
    Reference,
}

/// How many children there are, and how much memory a query may take in one.
#[derive(Debug, Clone)]
pub struct Isolation {
    /// The program that has the command [`COMMAND`]: this one.
    pub program: PathBuf,
    /// Queries at once.
    pub workers: usize,
    /// Queries that may wait.
    pub queue: usize,
    /// Bytes of memory for one query.
    pub memory: u64,
    /// Who evaluates, in the children and in the server itself.
    pub evaluator: Evaluator,
}

/// Child processes that hold the same graph and answer queries about it.
#[derive(Debug)]
pub struct Isolated {
    pool: Pool,
    room: Arc<Semaphore>,
    // The children open its file whenever one is started.
    _dataset: Dataset,
    // It goes when the children do.
    _temporary: Option<TempPath>,
}

/// A whole answer. It takes room until it is dropped, so whoever sends it keeps it until it is sent.
#[derive(Debug)]
pub struct Answer {
    bytes: Vec<u8>,
    /// Time that a processor worked for it.
    took: Duration,
    room: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Answer {
    /// The time that a child's processors worked for it, reading the query included.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Adds a piece, when there is room.
    fn add(&mut self, piece: &[u8], room: &Arc<Semaphore>) -> Result<(), Unavailable> {
        self.take(piece.len(), room)?;
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// Takes room for so many bytes more.
    fn take(&mut self, length: usize, room: &Arc<Semaphore>) -> Result<(), Unavailable> {
        let more = u32::try_from(length).map_err(|_| Unavailable::Busy)?;
        if self.bytes.len() + length > SMALL {
            let more = Arc::clone(room).try_acquire_many_owned(more).map_err(|_| Unavailable::Busy)?;
            match &mut self.room {
                Some(room) => room.merge(more),
                None => self.room = Some(more),
            }
        }
        Ok(())
    }
}

/// What a child is told to do with a query.
#[derive(Serialize, Deserialize)]
struct Job {
    task: Task,
    query: String,
    base: Option<String>,
    default: Vec<String>,
    named: Vec<String>,
    /// What is left of its time.
    milliseconds: u64,
}

#[derive(Clone, Serialize, Deserialize)]
enum Task {
    /// Answer it in a format that is called by its media type.
    Answer(String),
    /// Say how it is answered: an [`Explanation`].
    Explain,
}

/// Why a child has not done what it was told.
#[derive(Serialize, Deserialize)]
enum Failed {
    Refused(Refusal),
    Engine(EngineError),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum IsolatedError {
    /// No child could take it, or it was killed at its deadline.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The evaluation gave none.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// It needed more memory than a query may have.
    #[error("the query needed more memory than a query may have")]
    Memory,
    /// It is none that is evaluated.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The child died.
    #[error("the query could not be evaluated: {0}")]
    Died(String),
}

impl Isolated {
    /// Starts the children with a dataset. They map the file that it was opened from; for one that was built, a
    /// temporary file is written.
    ///
    /// # Errors
    /// When the file cannot be written, or the program cannot be started.
    pub fn start(dataset: &Dataset, limits: &Limits, isolation: &Isolation) -> io::Result<Self> {
        let temporary = dataset.shared_path().is_none().then(|| temporary(dataset)).transpose()?;
        let edition = dataset.shared_path().or_else(|| Some(temporary.as_ref()?.to_path_buf())).unwrap_or_default();
        let limits = serde_json::to_string(limits)?;
        let arguments = vec![
            COMMAND.into(),
            "--edition".into(),
            edition.into(),
            "--limits".into(),
            limits.into(),
            "--memory".into(),
            isolation.memory.to_string().into(),
            "--evaluator".into(),
            serde_json::to_string(&isolation.evaluator)?.into(),
        ];
        let pool = Pool::start(Options {
            program: isolation.program.clone(),
            arguments,
            workers: isolation.workers,
            queue: isolation.queue,
        })?;
        Ok(Self { pool, room: Arc::new(Semaphore::new(ROOM)), _dataset: dataset.clone(), _temporary: temporary })
    }

    /// Waits until a child has read the graph.
    ///
    /// # Errors
    /// When the child dies instead or the time is up.
    pub async fn ready(&self, timeout: Duration) -> Result<(), IsolatedError> {
        Ok(self.pool.ready(Instant::now() + timeout).await?)
    }

    /// Answers a query. Dropping the future kills the child.
    ///
    /// # Errors
    /// [`IsolatedError`]: never part of an answer.
    pub async fn answer(
        &self,
        query: &str,
        base: Option<&str>,
        dataset: &DatasetSpec,
        format: Format,
        timeout: Duration,
    ) -> Result<Answer, IsolatedError> {
        self.tell(Task::Answer(format.media_type().into()), (query, base, dataset), timeout).await
    }

    /// Says how a query is answered, and what comes of it if that is soon known.
    ///
    /// # Errors
    /// [`IsolatedError`]
    pub async fn explain(
        &self,
        query: &str,
        base: Option<&str>,
        dataset: &DatasetSpec,
        timeout: Duration,
    ) -> Result<Explanation, IsolatedError> {
        read_back(&self.tell(Task::Explain, (query, base, dataset), timeout).await?)
    }

    /// Has a child do something with a query of a base and a dataset.
    async fn tell(
        &self,
        task: Task,
        (query, base, dataset): (&str, Option<&str>, &DatasetSpec),
        timeout: Duration,
    ) -> Result<Answer, IsolatedError> {
        let ends = Instant::now() + timeout;
        let names = |graphs: &[NamedNode]| graphs.iter().map(|graph| graph.as_str().to_owned()).collect();
        let job = || {
            let left = ends.saturating_duration_since(Instant::now());
            let job = Job {
                task: task.clone(),
                query: query.into(),
                base: base.map(str::to_owned),
                default: names(&dataset.default),
                named: names(&dataset.named),
                milliseconds: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
            };
            // Texts and numbers can be written; a child says of nothing that it cannot be read.
            serde_json::to_vec(&job).unwrap_or_default()
        };
        let mut reply = self.pool.run(job, ends + GRACE).await?;
        let microseconds = serde_json::from_slice(&reply.head).unwrap_or(u64::MAX);
        let mut answer = Answer { bytes: Vec::new(), took: Duration::from_micros(microseconds), room: None };
        while let Some(piece) = reply.next().await {
            answer.add(&piece?, &self.room)?;
        }
        Ok(answer)
    }

    /// Takes room for an answer that was made elsewhere.
    ///
    /// # Errors
    /// [`Unavailable::Busy`] when there is none.
    pub fn keep(&self, bytes: Vec<u8>) -> Result<Answer, Unavailable> {
        let mut answer = Answer { bytes: Vec::new(), took: Duration::ZERO, room: None };
        answer.take(bytes.len(), &self.room)?;
        answer.bytes = bytes;
        Ok(answer)
    }

    /// What has happened so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.pool.figures()
    }
}

impl From<Failure> for IsolatedError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy => Unavailable::Busy.into(),
            Failure::Late => Unavailable::Overdue.into(),
            Failure::Memory => Self::Memory,
            Failure::Died(cause) => Self::Died(cause),
            Failure::Refused(reason) => match serde_json::from_slice(&reason) {
                Ok(Failed::Refused(refusal)) => Self::Refused(refusal),
                Ok(Failed::Engine(EngineError::Memory)) => Self::Memory,
                Ok(Failed::Engine(error)) => Self::Engine(error),
                Err(_) => Self::Died("the worker gave no reason".into()),
            },
        }
    }
}

fn temporary(dataset: &Dataset) -> io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix("ocm-").suffix(".edition").tempfile()?;
    dataset.write_to(&mut file)?;
    Ok(file.into_temp_path())
}

/// What a child does: opens the edition file, bounds its own memory, and answers until its parent leaves.
///
/// # Errors
/// When the file cannot be opened or the limits cannot be set.
pub fn work(edition: &Path, limits: &str, evaluator: &str, memory: u64) -> anyhow::Result<ExitCode> {
    let limits: Limits = serde_json::from_str(limits)?;
    let patience = limits.timeout + GRACE + ORPHAN;
    let evaluator: Evaluator = serde_json::from_str(evaluator)?;
    let engine = Engine::with_evaluator(&Dataset::open(edition)?, evaluator, limits)?;
    stack::on_large(|| {
        confine(memory)?;
        attend(io::stdin().lock(), io::BufWriter::new(io::stdout().lock()), patience, |job, output| {
            let before = processor_time();
            let bytes = do_job(&engine, job).map_err(|failed| serde_json::to_vec(&failed).unwrap_or_default())?;
            let took = processor_time().saturating_sub(before).as_micros();
            output.head(serde_json::to_vec(&took).unwrap_or_default());
            output.write_all(&bytes).map_err(|_| Vec::new())
        })
    })??;
    Ok(ExitCode::SUCCESS)
}

/// The time that processors have worked for this process.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

fn do_job(engine: &Engine, job: &[u8]) -> Result<Vec<u8>, Failed> {
    let internal = |error: &dyn std::fmt::Display| EngineError::Internal(error.to_string());
    let job: Job = serde_json::from_slice(job).map_err(|error| internal(&error))?;
    let graphs = |names: Vec<String>| names.into_iter().map(NamedNode::new_unchecked).collect();
    let dataset = DatasetSpec { default: graphs(job.default), named: graphs(job.named) };
    let time = Duration::from_millis(job.milliseconds);
    let watch = Watch::start(time);
    let prepared = engine.prepare(&job.query, job.base.as_deref())?;
    let told = match job.task {
        Task::Explain => {
            let explanation = engine.explain_if_soon(&prepared, &dataset, &Watch::start(EXPLAINED.min(time)))?;
            serde_json::to_vec(&explanation)
        }
        Task::Answer(media_type) => {
            let format = Format::from_media_type(&media_type).ok_or_else(|| internal(&"an unknown format"))?;
            return Ok(engine.answer(&prepared, &dataset, format, &watch)?);
        }
    };
    Ok(told.map_err(|error| internal(&error))?)
}

/// What a child has told of a query.
fn read_back<T: DeserializeOwned>(told: &Answer) -> Result<T, IsolatedError> {
    Ok(serde_json::from_slice(told.as_ref()).map_err(|error| EngineError::Internal(error.to_string()))?)
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Self::Table(format) => format.media_type(),
            Self::Graph(format) => format.media_type(),
        }
    }

    fn from_media_type(media_type: &str) -> Option<Self> {
        let table = QueryResultsFormat::from_media_type(media_type).map(Self::Table);
        table.or_else(|| RdfFormat::from_media_type(media_type).map(Self::Graph))
    }
}
