//! The parent's side: a fixed number of children, two lanes with bounded queues, and a deadline for each job.
//!
//! Every job begins in the brief lane. One that is not done there in [`running::BRIEF`] goes on in the long lane, if that has a
//! free seat; if not, its child is killed, and it waits for a seat and begins anew. Long jobs get the processor time
//! that brief ones leave. So brief jobs wait for brief jobs only, however many long ones there are.

mod lane;
mod process;
mod running;

use std::{
    collections::VecDeque,
    ffi::OsString,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{runtime::Handle, time::Instant};

use self::{lane::Lane, process::Worker, running::Running};

pub use self::running::Reply;

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
    /// Children there are.
    pub children: usize,
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
    /// child, the head and the body. What the job is, is asked when a child takes it: by then it has less time.
    ///
    /// # Errors
    /// [`Failure`]; the child is dead then, or has said why it failed.
    pub async fn run(&self, job: impl Fn() -> Vec<u8>, deadline: Instant) -> Result<Reply, Failure> {
        let mut seat = self.0.brief.seat(deadline).await?;
        let mut running = self.begin(deadline).await?;
        running.give(&job()).await?;
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
                running.give(&job()).await?;
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
            children: inner.options.children(),
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
