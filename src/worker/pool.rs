//! The parent's side: a fixed number of children, a bounded queue, and a deadline for each job.

use std::{
    collections::VecDeque,
    ffi::OsString,
    io,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStdin, ChildStdout, Command},
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{
    child::status_bytes,
    frame::{self, Frame, Kind},
};

/// A child that has grown by more than this over its size when idle is replaced after its job, so that memory goes back.
const GROWTH: u64 = 32 * 1024 * 1024;

/// The last words of a child that are kept, in bytes.
const LAST_WORDS: usize = 4096;

/// How children are started and how many there may be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Children at once.
    pub workers: usize,
    /// Jobs that may wait for a child; one more is refused.
    pub queue: usize,
}

/// Why there is no reply, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Every child is at work and the queue is full.
    #[error("every worker is busy and the queue is full")]
    Busy,
    /// The deadline has passed; the child was killed.
    #[error("the work was not done in time")]
    Late,
    /// The child outgrew its memory.
    #[error("the work needed more memory than it may have")]
    Memory,
    /// The child died of something else, for example of a stack overflow.
    #[error("the worker died: {0}")]
    Died(String),
    /// The work failed, and said so.
    #[error("the work failed")]
    Refused(Vec<u8>),
}

/// What has happened so far, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Jobs waiting for a child now.
    pub waiting: usize,
    /// Children at work now.
    pub working: usize,
    /// Jobs given to a child.
    pub jobs: u64,
    /// Children killed at the deadline.
    pub late: u64,
    /// Children killed because nobody wanted the reply any more.
    pub abandoned: u64,
    /// Children that outgrew their memory.
    pub memory: u64,
    /// Children that died of something else.
    pub died: u64,
}

/// Child processes that do jobs.
#[derive(Debug, Clone)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: Options,
    slots: Arc<Semaphore>,
    idle: Mutex<VecDeque<Worker>>,
    waiting: AtomicUsize,
    jobs: AtomicU64,
    late: AtomicU64,
    abandoned: AtomicU64,
    memory: AtomicU64,
    died: AtomicU64,
}

/// A child. Dropping it kills it.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    last_words: JoinHandle<Vec<u8>>,
    /// Resident bytes when it was ready for its first job; none before.
    baseline: Option<u64>,
}

/// The reply to one job: its head, and its body piece by piece.
#[derive(Debug)]
pub struct Reply {
    /// What the work said the body would be.
    pub head: Vec<u8>,
    running: Running,
}

/// A job at work. Dropped before its end, the child is killed.
#[derive(Debug)]
struct Running {
    pool: Pool,
    worker: Option<Worker>,
    deadline: Instant,
    _slot: OwnedSemaphorePermit,
}

impl Pool {
    /// Starts the children.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(options: Options) -> io::Result<Self> {
        let idle = (0..options.workers).map(|_| Worker::start(&options)).collect::<io::Result<_>>()?;
        Ok(Self(Arc::new(Inner {
            slots: Arc::new(Semaphore::new(options.workers)),
            idle: Mutex::new(idle),
            waiting: AtomicUsize::new(0),
            jobs: AtomicU64::new(0),
            late: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            died: AtomicU64::new(0),
            options,
        })))
    }

    /// Waits until every child is ready for its first job.
    ///
    /// # Errors
    /// [`Failure`], when a child dies instead or the deadline passes.
    pub async fn ready(&self, deadline: Instant) -> Result<(), Failure> {
        // All at once, so that none is asked twice.
        let mut children = Vec::new();
        for _ in 0..self.0.options.workers {
            let mut running = self.take(deadline).await?;
            running.ready().await?;
            children.push(running);
        }
        children.iter_mut().for_each(Running::finish);
        Ok(())
    }

    /// Gives a job to a child and waits for the head of its reply. The deadline holds for the whole of it: waiting for a
    /// child, the head and the body.
    ///
    /// # Errors
    /// [`Failure`]; the child is dead then, or has said why it failed.
    pub async fn run(&self, job: &[u8], deadline: Instant) -> Result<Reply, Failure> {
        let mut running = self.take(deadline).await?;
        self.0.jobs.fetch_add(1, Ordering::Relaxed);
        running.ready().await?;
        running.give(job).await?;
        match running.receive().await? {
            Frame { kind: Kind::Head, bytes } => Ok(Reply { head: bytes, running }),
            // Work that set no head has an empty one; nothing but the end can follow.
            Frame { kind: Kind::End, .. } => {
                running.finish();
                Ok(Reply { head: Vec::new(), running })
            }
            other => Err(running.fail(other)),
        }
    }

    /// What has happened so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let inner = &self.0;
        Figures {
            waiting: inner.waiting.load(Ordering::Relaxed),
            working: inner.options.workers.saturating_sub(inner.slots.available_permits()),
            jobs: inner.jobs.load(Ordering::Relaxed),
            late: inner.late.load(Ordering::Relaxed),
            abandoned: inner.abandoned.load(Ordering::Relaxed),
            memory: inner.memory.load(Ordering::Relaxed),
            died: inner.died.load(Ordering::Relaxed),
        }
    }

    async fn take(&self, deadline: Instant) -> Result<Running, Failure> {
        let slot = self.slot(deadline).await?;
        let worker = Some(self.idle_worker()?);
        Ok(Running { pool: self.clone(), worker, deadline, _slot: slot })
    }

    async fn slot(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Failure> {
        let slots = Arc::clone(&self.0.slots);
        if let Ok(slot) = Arc::clone(&slots).try_acquire_owned() {
            return Ok(slot);
        }
        let Some(_place) = Place::take(self) else { return Err(Failure::Busy) };
        match timeout_at(deadline, slots.acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(Failure::Busy),
        }
    }

    fn idle_worker(&self) -> Result<Worker, Failure> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match idle {
            Some(worker) => Ok(worker),
            None => Worker::start(&self.0.options).map_err(|error| Failure::Died(error.to_string())),
        }
    }

    /// Takes a child back after its job, or starts another in its place.
    fn give_back(&self, worker: Option<Worker>) {
        if let Some(worker) = worker.filter(Worker::is_small) {
            return self.idle(worker);
        }
        let pool = self.clone();
        // Without a runtime the server is going down, and nobody needs another child.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                match Worker::start(&pool.0.options) {
                    Ok(worker) => pool.idle(worker),
                    // The next job tries again and reports it.
                    Err(error) => tracing::error!(%error, "a worker cannot be started"),
                }
            });
        }
    }

    fn idle(&self, worker: Worker) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.0.options.workers {
            idle.push_back(worker);
        }
    }
}

/// A place in the queue, given back when dropped.
struct Place<'p>(&'p Pool);

impl<'p> Place<'p> {
    fn take(pool: &'p Pool) -> Option<Self> {
        let queue = pool.0.options.queue;
        let free = |waiting: usize| (waiting < queue).then_some(waiting + 1);
        pool.0.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).ok().map(|_| Self(pool))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Worker {
    fn start(options: &Options) -> io::Result<Self> {
        let mut child = Command::new(&options.program)
            .args(&options.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A ctrl-c on the terminal asks the parent to stop; its children go with it, not before it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let closed = || io::Error::other("a pipe to the worker is missing");
        let input = child.stdin.take().ok_or_else(closed)?;
        let output = child.stdout.take().ok_or_else(closed)?;
        let mut errors = child.stderr.take().ok_or_else(closed)?;
        let last_words = tokio::spawn(async move {
            let (mut kept, mut piece) = (Vec::new(), [0; 1024]);
            while let Ok(n @ 1..) = errors.read(&mut piece).await {
                kept.extend_from_slice(&piece[..n]);
                let surplus = kept.len().saturating_sub(LAST_WORDS);
                kept.drain(..surplus);
            }
            kept
        });
        Ok(Self { child, input, output, last_words, baseline: None })
    }

    /// Whether it has not grown much since it was ready.
    fn is_small(&self) -> bool {
        let now = self.resident().unwrap_or(u64::MAX);
        self.baseline.is_none_or(|baseline| now <= baseline + GROWTH)
    }

    fn resident(&self) -> Option<u64> {
        status_bytes(&self.child.id()?.to_string(), "VmRSS:")
    }

    /// Why it died.
    async fn cause(mut self) -> Failure {
        let status = self.child.wait().await.map(|status| status.to_string());
        let words = String::from_utf8_lossy(&self.last_words.await.unwrap_or_default()).into_owned();
        if words.contains("memory allocation of") || words.contains("failed to allocate") {
            return Failure::Memory;
        }
        let words = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no last words").to_owned();
        Failure::Died(format!("{}; {words}", status.unwrap_or_else(|error| error.to_string())))
    }
}

impl Running {
    /// Waits until the child has read what it must know, if it has not yet.
    async fn ready(&mut self) -> Result<(), Failure> {
        if self.worker.as_ref().is_some_and(|worker| worker.baseline.is_some()) {
            return Ok(());
        }
        match self.receive().await? {
            Frame { kind: Kind::Ready, .. } => {
                if let Some(worker) = &mut self.worker {
                    worker.baseline = Some(worker.resident().unwrap_or(0));
                }
                Ok(())
            }
            other => Err(self.fail(other)),
        }
    }

    async fn give(&mut self, job: &[u8]) -> Result<(), Failure> {
        let deadline = self.deadline;
        let Some(worker) = &mut self.worker else { return Err(Failure::Busy) };
        match timeout_at(deadline, frame::send(&mut worker.input, Kind::Job, job)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.bury().await),
            Err(_) => Err(self.kill()),
        }
    }

    async fn receive(&mut self) -> Result<Frame, Failure> {
        let deadline = self.deadline;
        let Some(worker) = &mut self.worker else { return Err(Failure::Busy) };
        match timeout_at(deadline, frame::receive(&mut worker.output)).await {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => Err(self.bury().await),
            Err(_) => Err(self.kill()),
        }
    }

    /// The deadline has passed.
    fn kill(&mut self) -> Failure {
        self.pool.0.late.fetch_add(1, Ordering::Relaxed);
        self.worker = None;
        self.pool.give_back(None);
        Failure::Late
    }

    /// The child is dead.
    async fn bury(&mut self) -> Failure {
        let Some(worker) = self.worker.take() else { return Failure::Busy };
        self.pool.give_back(None);
        let cause = worker.cause().await;
        let count = if matches!(cause, Failure::Memory) { &self.pool.0.memory } else { &self.pool.0.died };
        count.fetch_add(1, Ordering::Relaxed);
        cause
    }

    /// The child has said that it failed, or something that makes no sense.
    fn fail(&mut self, frame: Frame) -> Failure {
        if frame.kind == Kind::Fail {
            self.finish();
            return Failure::Refused(frame.bytes);
        }
        self.worker = None;
        self.pool.give_back(None);
        Failure::Died("it spoke out of turn".into())
    }

    /// The job is done and the child free.
    fn finish(&mut self) {
        if let Some(worker) = self.worker.take() {
            self.pool.give_back(Some(worker));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.worker.take().is_some() {
            self.pool.0.abandoned.fetch_add(1, Ordering::Relaxed);
            self.pool.give_back(None);
        }
    }
}

impl Reply {
    /// The next piece of the body; none when it is complete.
    ///
    /// # Errors
    /// [`Failure`]: what has come so far is not the whole answer.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, Failure>> {
        self.running.worker.as_ref()?;
        match self.running.receive().await {
            Ok(Frame { kind: Kind::Body, bytes }) => Some(Ok(bytes)),
            Ok(Frame { kind: Kind::End, .. }) => {
                self.running.finish();
                None
            }
            Ok(other) => Some(Err(self.running.fail(other))),
            Err(failure) => Some(Err(failure)),
        }
    }
}
