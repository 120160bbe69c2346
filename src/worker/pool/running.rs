//! A job with a child: given, waited for, read to its end, or killed.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::{
    io::AsyncBufReadExt,
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

use super::{Failure, Pool, process::Worker};
use crate::worker::frame::{self, Frame, Kind};

/// Processor time that a job may take in the brief lane.
const BRIEF: Duration = Duration::from_millis(150);

/// How long a job may stay in the brief lane, whether the processor had time for it or not.
const BRIEF_STAY: Duration = Duration::from_millis(400);

/// How often the processor time of a job is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// The reply to one job: its head, and its body piece by piece.
#[derive(Debug)]
pub struct Reply {
    /// What the work said the body would be.
    pub head: Vec<u8>,
    pub(super) running: Running,
    pub(super) _seat: OwnedSemaphorePermit,
}

/// A job at work. Dropped before its end, the child is killed.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pool: Pool,
    pub(super) worker: Option<Worker>,
    pub(super) deadline: Instant,
}

impl Running {
    /// Waits until the child can take a job.
    pub(super) async fn ready(&mut self) -> Result<(), Failure> {
        if self.worker.as_ref().is_none_or(|worker| worker.baseline.is_some()) {
            return Ok(());
        }
        match self.receive().await? {
            Frame { kind: Kind::Ready, .. } => {
                if let Some(worker) = &mut self.worker {
                    worker.baseline = Some(worker.own_memory().unwrap_or(0));
                }
                Ok(())
            }
            other => Err(self.fail(other)),
        }
    }

    pub(super) async fn give(&mut self, job: &[u8]) -> Result<(), Failure> {
        let deadline = self.deadline;
        let Some(worker) = &mut self.worker else { return Err(Failure::Busy) };
        match timeout_at(deadline, frame::send(&mut worker.input, Kind::Job, job)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.bury().await),
            Err(_) => Err(self.kill()),
        }
    }

    /// Whether the child begins its reply, or dies, while its job may be called brief.
    pub(super) async fn is_brief(&mut self) -> bool {
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
    pub(super) async fn head(&mut self) -> Result<Vec<u8>, Failure> {
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
    pub(super) fn lower(&mut self) {
        if let Some(worker) = &mut self.worker {
            worker.lower();
        }
    }

    pub(super) async fn receive(&mut self) -> Result<Frame, Failure> {
        let deadline = self.deadline;
        let Some(worker) = &mut self.worker else { return Err(Failure::Busy) };
        match timeout_at(deadline, frame::receive(&mut worker.output)).await {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => Err(self.bury().await),
            Err(_) => Err(self.kill()),
        }
    }

    /// The deadline has passed.
    pub(super) fn kill(&mut self) -> Failure {
        self.pool.0.late.fetch_add(1, Ordering::Relaxed);
        self.worker = None;
        self.pool.give_back(None);
        Failure::Late
    }

    /// The job will begin anew in another child.
    pub(super) fn displace(&mut self) {
        self.pool.0.displaced.fetch_add(1, Ordering::Relaxed);
        self.worker = None;
        self.pool.give_back(None);
    }

    /// The child is dead, or dying: that may take as long as the system needs to take its memory back.
    pub(super) async fn bury(&mut self) -> Failure {
        let Some(worker) = self.worker.take() else { return Failure::Busy };
        self.pool.give_back(None);
        let cause = timeout_at(self.deadline, worker.cause()).await.unwrap_or(Failure::Late);
        let counts = &self.pool.0;
        let count = match cause {
            Failure::Memory => &counts.memory,
            Failure::Late => &counts.late,
            _ => &counts.died,
        };
        count.fetch_add(1, Ordering::Relaxed);
        cause
    }

    /// The child has said that it failed, or something that makes no sense.
    pub(super) fn fail(&mut self, frame: Frame) -> Failure {
        if frame.kind == Kind::Fail {
            self.finish();
            return Failure::Refused(frame.bytes);
        }
        self.worker = None;
        self.pool.give_back(None);
        Failure::Died("it spoke out of turn".into())
    }

    /// The job is done and the child free.
    pub(super) fn finish(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::Options;

    #[tokio::test]
    async fn a_child_that_takes_long_to_die_is_not_waited_for_beyond_the_deadline() {
        let arguments = ["-c", "exec >&-; exec sleep 60"].map(Into::into).into();
        let pool = Pool::start(Options { program: "sh".into(), arguments, workers: 1, queue: 1 }).unwrap();
        let started = Instant::now();
        let outcome = pool.ready(started + Duration::from_millis(200)).await;
        assert!(matches!(outcome, Err(Failure::Late)), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!((pool.figures().late, pool.figures().died), (1, 0));
    }
}
