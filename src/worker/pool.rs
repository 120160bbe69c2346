//! The parent's side: a fixed number of children, two lanes with bounded queues, and a deadline for each job.
//!
//! Every job begins in the brief lane. One that is not done there in [`BRIEF`] goes on in the long lane, if that has a
//! free seat; if not, its child is killed, and it waits for a seat and begins anew. Long jobs get the processor time
//! that brief ones leave. So brief jobs wait for brief jobs only, however many long ones there are.

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
    time::Duration,
};

use rustix::process::{Pid, setpriority_pgrp};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{
    child::{processor_time, status_bytes},
    frame::{self, Frame, Kind},
};

/// A child that has grown by more than this over its size when idle is replaced after its job, so that memory goes back.
const GROWTH: u64 = 32 * 1024 * 1024;

/// Processor time that a job may take in the brief lane.
const BRIEF: Duration = Duration::from_millis(150);

/// How long a job may stay in the brief lane, whether the processor had time for it or not.
const BRIEF_STAY: Duration = Duration::from_millis(400);

/// How often the processor time of a job is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How far the priority of a child with a long job is lowered, of 19.
const NICE: i32 = 10;

/// The last words of a child that are kept, in bytes.
const LAST_WORDS: usize = 4096;

/// How children are started and how many there may be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Brief jobs at once. Long ones, which have children of their own, are half as many.
    pub workers: usize,
    /// Jobs that may wait in each lane; one more is refused.
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
    /// Children killed because their job was not brief and the long lane was full.
    pub displaced: u64,
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
    brief: Lane,
    long: Lane,
    /// Those that are ready come first.
    idle: Mutex<VecDeque<Worker>>,
    jobs: AtomicU64,
    late: AtomicU64,
    abandoned: AtomicU64,
    displaced: AtomicU64,
    memory: AtomicU64,
    died: AtomicU64,
}

/// Seats for jobs at work, and a bounded queue for them.
#[derive(Debug)]
struct Lane {
    seats: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

/// A child. Dropping it kills it.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last_words: JoinHandle<Vec<u8>>,
    /// Resident bytes when it was ready for its first job; none before.
    baseline: Option<u64>,
    /// Its priority is lowered. Only the privileged could raise it again.
    lowered: bool,
}

/// The reply to one job: its head, and its body piece by piece.
#[derive(Debug)]
pub struct Reply {
    /// What the work said the body would be.
    pub head: Vec<u8>,
    running: Running,
    _seat: OwnedSemaphorePermit,
}

/// A job at work. Dropped before its end, the child is killed.
#[derive(Debug)]
struct Running {
    pool: Pool,
    worker: Option<Worker>,
    deadline: Instant,
}

impl Pool {
    /// Starts the children.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(options: Options) -> io::Result<Self> {
        let idle = (0..options.children()).map(|_| Worker::start(&options)).collect::<io::Result<_>>()?;
        Ok(Self(Arc::new(Inner {
            brief: Lane::new(options.workers, options.queue),
            long: Lane::new(options.long(), options.queue),
            idle: Mutex::new(idle),
            jobs: AtomicU64::new(0),
            late: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            displaced: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            died: AtomicU64::new(0),
            options,
        })))
    }

    /// Waits until a child is ready for its first job. That the others are not yet is seen by who needs them.
    ///
    /// # Errors
    /// [`Failure`], when the child dies instead or the deadline passes.
    pub async fn ready(&self, deadline: Instant) -> Result<(), Failure> {
        self.take(deadline).await?.finish();
        Ok(())
    }

    /// Gives a job to a child and waits for the head of its reply. The deadline holds for the whole of it: waiting for a
    /// child, the head and the body.
    ///
    /// # Errors
    /// [`Failure`]; the child is dead then, or has said why it failed.
    pub async fn run(&self, job: &[u8], deadline: Instant) -> Result<Reply, Failure> {
        let mut seat = self.0.brief.seat(deadline).await?;
        let mut running = self.begin(deadline).await?;
        running.give(job).await?;
        if !running.is_brief().await {
            drop(seat);
            if let Ok(free) = Arc::clone(&self.0.long.seats).try_acquire_owned() {
                seat = free;
                running.lower();
            } else {
                running.displace();
                seat = self.0.long.seat(deadline).await?;
                running = self.begin(deadline).await?;
                running.lower();
                running.give(job).await?;
            }
        }
        let head = running.head().await?;
        Ok(Reply { head, running, _seat: seat })
    }

    /// What has happened so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let inner = &self.0;
        Figures {
            waiting: inner.brief.waiting() + inner.long.waiting(),
            working: inner
                .options
                .children()
                .saturating_sub(inner.brief.seats.available_permits() + inner.long.seats.available_permits()),
            jobs: inner.jobs.load(Ordering::Relaxed),
            late: inner.late.load(Ordering::Relaxed),
            abandoned: inner.abandoned.load(Ordering::Relaxed),
            displaced: inner.displaced.load(Ordering::Relaxed),
            memory: inner.memory.load(Ordering::Relaxed),
            died: inner.died.load(Ordering::Relaxed),
        }
    }

    /// Takes an idle child for a job and waits until it is ready.
    async fn begin(&self, deadline: Instant) -> Result<Running, Failure> {
        self.0.jobs.fetch_add(1, Ordering::Relaxed);
        self.take(deadline).await
    }

    async fn take(&self, deadline: Instant) -> Result<Running, Failure> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let worker = match idle {
            Some(worker) => worker,
            None => Worker::start(&self.0.options).map_err(|error| Failure::Died(error.to_string()))?,
        };
        let mut running = Running { pool: self.clone(), worker: Some(worker), deadline };
        running.ready().await?;
        Ok(running)
    }

    /// Takes a child back after its job, or starts another in its place.
    fn give_back(&self, worker: Option<Worker>) {
        if let Some(worker) = worker.filter(Worker::is_fresh) {
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
        if idle.len() >= self.0.options.children() {
            return;
        }
        if worker.baseline.is_some() {
            idle.push_front(worker);
        } else {
            idle.push_back(worker);
        }
    }
}

impl Options {
    fn long(&self) -> usize {
        self.workers.div_ceil(2)
    }

    fn children(&self) -> usize {
        self.workers + self.long()
    }
}

impl Lane {
    fn new(seats: usize, queue: usize) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), waiting: AtomicUsize::new(0), queue }
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A seat, when one is free before the deadline and the queue is not full.
    async fn seat(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() {
            return Ok(seat);
        }
        let Some(_place) = Place::take(self) else { return Err(Failure::Busy) };
        match timeout_at(deadline, Arc::clone(&self.seats).acquire_owned()).await {
            Ok(Ok(seat)) => Ok(seat),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(Failure::Busy),
        }
    }
}

/// A place in the queue of a lane, given back when dropped.
struct Place<'l>(&'l Lane);

impl<'l> Place<'l> {
    fn take(lane: &'l Lane) -> Option<Self> {
        let free = |waiting: usize| (waiting < lane.queue).then_some(waiting + 1);
        lane.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).ok().map(|_| Self(lane))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Worker {
    fn start(options: &Options) -> io::Result<Self> {
        let mut child = Command::new(&options.program)
            .args(&options.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A backtrace would be longer than what is kept of its last words, and push the cause out.
            .env("RUST_BACKTRACE", "0")
            // A group of its own has a priority of its own.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let closed = || io::Error::other("a pipe to the worker is missing");
        let input = child.stdin.take().ok_or_else(closed)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(closed)?);
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
        Ok(Self { child, input, output, last_words, baseline: None, lowered: false })
    }

    /// Whether it can do another job: it has its priority, and has not grown much since it was ready.
    fn is_fresh(&self) -> bool {
        if self.lowered {
            return false;
        }
        let now = self.resident().unwrap_or(u64::MAX);
        self.baseline.is_none_or(|baseline| now <= baseline + GROWTH)
    }

    /// Lowers its priority.
    fn lower(&mut self) {
        self.lowered = true;
        let group = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(group) = group
            && let Err(error) = setpriority_pgrp(Some(group), NICE)
        {
            tracing::warn!(%error, "the priority of a worker cannot be lowered");
        }
    }

    /// What it has used of the processor in all its life; nothing when the system does not say.
    fn processor_time(&self) -> Duration {
        self.child.id().and_then(|id| processor_time(&id.to_string())).unwrap_or_default()
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
    /// Waits until the child can take a job.
    async fn ready(&mut self) -> Result<(), Failure> {
        if self.worker.as_ref().is_none_or(|worker| worker.baseline.is_some()) {
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

    /// Whether the child begins its reply, or dies, while its job may be called brief.
    async fn is_brief(&mut self) -> bool {
        let end = self.deadline.min(Instant::now() + BRIEF_STAY);
        let Some(worker) = &mut self.worker else { return true };
        let before = worker.processor_time();
        loop {
            let now = Instant::now();
            if timeout_at(end.min(now + LOOK), worker.output.fill_buf()).await.is_ok() {
                return true;
            }
            if now >= end || worker.processor_time().saturating_sub(before) >= BRIEF {
                return false;
            }
        }
    }

    /// The head of the reply.
    async fn head(&mut self) -> Result<Vec<u8>, Failure> {
        match self.receive().await? {
            Frame { kind: Kind::Head, bytes } => Ok(bytes),
            // Work that set no head has an empty one; nothing but the end can follow.
            Frame { kind: Kind::End, .. } => {
                self.finish();
                Ok(Vec::new())
            }
            other => Err(self.fail(other)),
        }
    }

    /// The job is long: others go first.
    fn lower(&mut self) {
        if let Some(worker) = &mut self.worker {
            worker.lower();
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

    /// The job will begin anew in another child.
    fn displace(&mut self) {
        self.pool.0.displaced.fetch_add(1, Ordering::Relaxed);
        self.worker = None;
        self.pool.give_back(None);
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
