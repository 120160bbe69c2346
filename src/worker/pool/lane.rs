//! A lane: seats for jobs at work, and a bounded queue before them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use super::Failure;

/// Seats for jobs at work, and a bounded queue for them.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) seats: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

impl Lane {
    pub(super) fn new(seats: usize, queue: usize) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), waiting: AtomicUsize::new(0), queue }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A seat, when one is free before the deadline and the queue is not full.
    pub(super) async fn seat(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Failure> {
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
