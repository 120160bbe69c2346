//! Threads that evaluate, so that the runtime's threads never do.
//!
//! A pool has some slots. A query that finds none waits in a queue of bounded length. A query that does not stop at its
//! deadline is a runaway: nothing can end a thread, so its slot is lent to others as long as the pool has spare threads.
//! When the spares are used up too, the pool fills and says so at once.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep_until, timeout_at},
};

use super::{Watch, stack};

/// How long after its deadline a query may still answer before nobody waits for it any more.
const GRACE: Duration = Duration::from_millis(200);

/// How many queries a pool evaluates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSize {
    /// At once.
    pub workers: usize,
    /// Threads that stand in for those of runaways.
    pub spares: usize,
    /// Waiting for a slot.
    pub queue: usize,
}

impl Default for PoolSize {
    /// Two workers for each core: most queries are short, and a long one must not stop them.
    fn default() -> Self {
        let workers = 2 * thread::available_parallelism().map_or(2, usize::from);
        Self { workers, spares: 2 * workers, queue: 16 * workers }
    }
}

/// Why work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Every slot is taken, and the queue is full or did not move before the deadline.
    #[error("too many queries at once")]
    Busy,
    /// The deadline passed and the work did not come back.
    #[error("the work did not stop at its deadline")]
    Overdue,
    /// The work panicked.
    #[error("the work failed")]
    Failed,
}

type Task = Box<dyn FnOnce() + Send>;

/// Does brief work on this thread, which is one of the runtime's: who waits for the answer does not wait for two threads to
/// be woken. Nothing, if this thread is not [one for it](super::on_brief_threads).
///
/// # Errors
/// [`Unavailable::Failed`]
pub fn run_here<T>(work: impl FnOnce() -> T) -> Result<Option<T>, Unavailable> {
    if !stack::is_large() {
        return Ok(None);
    }
    catch_unwind(AssertUnwindSafe(work)).map(Some).map_err(|_| Unavailable::Failed)
}

/// Threads that evaluate.
#[derive(Debug)]
pub struct Pool {
    tasks: Sender<Task>,
    slots: Arc<Semaphore>,
    spares: Arc<Semaphore>,
    places: Semaphore,
}

impl Pool {
    /// Starts the threads of a pool.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn new(name: &str, size: &PoolSize) -> io::Result<Self> {
        let (tasks, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..size.workers + size.spares {
            let receiver = Arc::clone(&receiver);
            stack::spawn(name, move || work_off(&receiver))?;
        }
        Ok(Self {
            tasks,
            slots: Arc::new(Semaphore::new(size.workers)),
            spares: Arc::new(Semaphore::new(size.spares)),
            places: Semaphore::new(size.workers + size.queue),
        })
    }

    /// Does the work on a thread of the pool and waits for it, at most until shortly after the watch's deadline.
    ///
    /// Dropping the future asks the work to stop.
    ///
    /// # Errors
    /// [`Unavailable`]
    pub async fn run<T: Send + 'static>(
        &self,
        watch: Watch,
        work: impl FnOnce(&Watch) -> T + Send + 'static,
    ) -> Result<T, Unavailable> {
        let deadline = watch.deadline().map(Instant::from_std);
        let _place = self.places.try_acquire().map_err(|_| Unavailable::Busy)?;
        let slot = before(deadline, Arc::clone(&self.slots).acquire_owned()).await.ok_or(Unavailable::Busy)?;
        let slot = slot.map_err(|_| Unavailable::Busy)?;

        let _stop_when_dropped = StopWhenDropped(watch.clone());
        let permit = Arc::new(Mutex::new(slot));
        let (answer, answered) = oneshot::channel();
        let (end, ended) = oneshot::channel::<()>();
        let task = {
            let (watch, permit) = (watch.clone(), Arc::clone(&permit));
            move || {
                let result = catch_unwind(AssertUnwindSafe(|| work(&watch)));
                drop((permit, end));
                // Whoever asked may have left.
                let _ = answer.send(result);
            }
        };
        if self.tasks.send(Box::new(task)).is_err() {
            return Err(Unavailable::Failed);
        }
        if let Some(deadline) = deadline {
            tokio::spawn(lend_slot_of_runaway(deadline, watch, ended, permit, Arc::clone(&self.spares)));
        }
        match before(deadline.map(|deadline| deadline + GRACE), answered).await {
            None => Err(Unavailable::Overdue),
            Some(Ok(Ok(result))) => Ok(result),
            Some(_) => Err(Unavailable::Failed),
        }
    }
}

/// What a thread of a pool does all its life.
fn work_off(tasks: &Mutex<Receiver<Task>>) {
    loop {
        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match task {
            Ok(task) => task(),
            // The pool is gone.
            Err(_) => return,
        }
    }
}

/// Asks the work to stop at its deadline; if it does not, takes its slot away and gives it a spare's.
async fn lend_slot_of_runaway(
    deadline: Instant,
    watch: Watch,
    ended: oneshot::Receiver<()>,
    permit: Arc<Mutex<OwnedSemaphorePermit>>,
    spares: Arc<Semaphore>,
) {
    let mut ended = ended;
    tokio::select! {
        _ = &mut ended => return,
        () = sleep_until(deadline) => watch.cancel(),
    }
    if before(Some(deadline + GRACE), ended).await.is_none()
        && let Ok(spare) = spares.try_acquire_owned()
    {
        *permit.lock().unwrap_or_else(PoisonError::into_inner) = spare;
    }
}

/// The outcome, or none when the deadline comes first.
async fn before<T>(deadline: Option<Instant>, outcome: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => timeout_at(deadline, outcome).await.ok(),
        None => Some(outcome.await),
    }
}

struct StopWhenDropped(Watch);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
    }

    /// Work that does not stop when asked to, until the sender goes.
    fn stubborn() -> (Sender<()>, impl FnOnce(&Watch) + Send + 'static) {
        let (release, held) = mpsc::channel::<()>();
        (release, move |_: &Watch| {
            let _ = held.recv();
        })
    }

    #[test]
    fn work_is_done_and_panics_are_contained() {
        let pool = Pool::new("test", &PoolSize { workers: 1, spares: 0, queue: 1 }).unwrap();
        runtime().block_on(async {
            assert_eq!(pool.run(Watch::unlimited(), |_| 1 + 1).await, Ok(2));
            let panicked = pool.run(Watch::unlimited(), |_| -> u8 { panic!("on purpose") }).await;
            assert_eq!(panicked, Err(Unavailable::Failed));
            assert_eq!(pool.run(Watch::unlimited(), |_| 3).await, Ok(3), "the thread and its slot are there again");
        });
    }

    #[test]
    fn runaways_do_not_starve_others_until_the_spares_are_used_up() {
        let pool = Pool::new("test", &PoolSize { workers: 1, spares: 1, queue: 1 }).unwrap();
        let soon = Duration::from_millis(20);
        runtime().block_on(async {
            let (first, work) = stubborn();
            assert_eq!(pool.run(Watch::start(soon), work).await, Err(Unavailable::Overdue));
            let patient = Watch::start(Duration::from_secs(20));
            assert_eq!(pool.run(patient, |_| "served").await, Ok("served"), "on the spare thread");

            let (second, work) = stubborn();
            assert_eq!(pool.run(Watch::start(soon), work).await, Err(Unavailable::Overdue));
            assert_eq!(pool.run(Watch::start(soon), |_| ()).await, Err(Unavailable::Busy), "nothing is left");

            drop((first, second));
            let patient = Watch::start(Duration::from_secs(20));
            assert_eq!(pool.run(patient, |_| "back").await, Ok("back"));
        });
    }

    #[test]
    fn the_queue_is_bounded() {
        let pool = Arc::new(Pool::new("test", &PoolSize { workers: 1, spares: 0, queue: 1 }).unwrap());
        runtime().block_on(async {
            let (release, work) = stubborn();
            let long = || Watch::start(Duration::from_secs(20));
            let running = {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move { pool.run(long(), work).await })
            };
            let waiting = {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move { pool.run(long(), |_| ()).await })
            };
            while pool.places.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
            assert_eq!(pool.run(long(), |_| ()).await, Err(Unavailable::Busy));
            drop(release);
            assert_eq!(running.await.unwrap(), Ok(()));
            assert_eq!(waiting.await.unwrap(), Ok(()));
        });
    }

    #[test]
    fn whoever_leaves_stops_the_work() {
        let pool = Pool::new("test", &PoolSize { workers: 1, spares: 0, queue: 1 }).unwrap();
        runtime().block_on(async {
            let (stopped, told) = oneshot::channel();
            let work = |watch: &Watch| {
                while watch.check().is_ok() {
                    thread::yield_now();
                }
                let _ = stopped.send(());
            };
            let asked = pool.run(Watch::start(Duration::from_secs(50)), work);
            assert!(tokio::time::timeout(Duration::from_millis(20), asked).await.is_err());
            assert!(told.await.is_ok());
        });
    }
}
