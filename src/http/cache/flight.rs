//! Answers that are being made: once, for all who ask meanwhile.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use super::{
    packed,
    store::{Cache, Finished, Slot},
};
use crate::http::{AppState, coding::Coding, problem::Problem, tag::Tag};

pub(super) type Outcome = Result<Arc<Finished>, Problem>;
pub(super) type Work = BoxFuture<'static, Outcome>;

impl Cache {
    /// The answer as it is and then in the coding of the slot, each made once.
    pub(super) async fn packed_once(self: &Arc<Self>, state: &AppState, tag: Tag, slot: Slot, work: Work) -> Outcome {
        let patience = state.timeout();
        if slot.coding == Coding::Identity {
            return self.once(slot, work, patience).await;
        }
        let (cache, state) = (Arc::clone(self), state.clone());
        let packed = async move {
            let plain = cache.once(slot.plain(), work, patience).await?;
            Ok(packed(&state, tag, slot, plain).await)
        };
        self.once(slot, packed.boxed(), patience).await
    }

    /// What is kept, or what is being made, or else the work.
    async fn once(self: &Arc<Self>, slot: Slot, work: Work, patience: Duration) -> Outcome {
        let cache = Arc::clone(self);
        let work = async move { work.await.inspect(|finished| cache.keep(slot, finished)) };
        match self.board(slot, work.boxed()) {
            Boarded::Kept(kept) => Ok(kept),
            Boarded::First(flight) => flight.await,
            Boarded::Joined(flight, work) => {
                let either = async {
                    match flight.await {
                        // It may have been killed for another's sake.
                        Err(_) => work.await,
                        made => made,
                    }
                };
                tokio::time::timeout(patience, either).await.unwrap_or(Err(Problem::Timeout))
            }
        }
    }

    fn board(&self, slot: Slot, work: Work) -> Boarded {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&slot).and_then(WeakShared::upgrade) {
            return Boarded::Joined(flight, work);
        }
        // It is kept before its flight is over, so that looking again now misses nothing.
        if let Some(kept) = self.get(slot) {
            return Boarded::Kept(kept);
        }
        let flight = work.shared();
        flights.retain(|_, flight| flight.upgrade().is_some());
        flights.extend(flight.downgrade().map(|flight| (slot, flight)));
        Boarded::First(flight)
    }
}

/// How a request comes to its answer.
enum Boarded {
    Kept(Arc<Finished>),
    /// By its own work, which others may join.
    First(Shared<Work>),
    /// By the work of another, and by its own if that fails.
    Joined(Shared<Work>, Work),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::cache::CAPACITY;
    use axum::{body::Bytes, http::HeaderMap};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;

    const SLOT: Slot = Slot { key: [7; 32], coding: Coding::Identity };
    const PATIENCE: Duration = Duration::from_secs(50);

    fn finished(text: &'static str) -> Arc<Finished> {
        Arc::new(Finished { headers: HeaderMap::new(), body: Bytes::from_static(text.as_bytes()) })
    }

    fn text(outcome: &Outcome) -> &str {
        outcome.as_ref().map_or("failed", |finished| std::str::from_utf8(&finished.body).unwrap())
    }

    /// Work that ends when it is told how.
    fn told() -> (oneshot::Sender<Outcome>, Work) {
        let (tell, told) = oneshot::channel();
        (tell, async { told.await.unwrap_or(Err(Problem::Internal)) }.boxed())
    }

    fn own(text: &'static str) -> Work {
        async move { Ok(finished(text)) }.boxed()
    }

    #[tokio::test]
    async fn whoever_joins_gets_what_the_first_makes() {
        let cache = Arc::new(Cache::new(CAPACITY));
        let (tell, work) = told();
        let (first, second, _) =
            tokio::join!(cache.once(SLOT, work, PATIENCE), cache.once(SLOT, own("second's"), PATIENCE), async {
                tell.send(Ok(finished("first's")))
            },);
        assert_eq!((text(&first), text(&second)), ("first's", "first's"));
        assert_eq!(text(&cache.once(SLOT, own("third's"), PATIENCE).await), "first's", "it is kept");
    }

    #[tokio::test]
    async fn whoever_joins_does_it_alone_when_the_first_fails() {
        for failure in [Problem::Timeout, Problem::Busy, Problem::Memory] {
            let cache = Arc::new(Cache::new(CAPACITY));
            let (tell, work) = told();
            let (first, second, third, _) = tokio::join!(
                cache.once(SLOT, work, PATIENCE),
                cache.once(SLOT, own("second's"), PATIENCE),
                cache.once(SLOT, own("third's"), PATIENCE),
                async { tell.send(Err(failure)) },
            );
            assert_eq!((text(&first), text(&second), text(&third)), ("failed", "second's", "third's"));
            assert_ne!(text(&cache.once(SLOT, own("fourth's"), PATIENCE).await), "fourth's", "a good one is kept");
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_another_longer_than_for_a_query() {
        let cache = Arc::new(Cache::new(CAPACITY));
        let (_tell, work) = told();
        let first = cache.once(SLOT, work, PATIENCE);
        let second = cache.once(SLOT, own("second's"), Duration::from_millis(20));
        tokio::select! {
            biased;
            _ = first => panic!("nobody told it to end"),
            outcome = second => assert!(matches!(outcome, Err(Problem::Timeout))),
        }
    }

    #[tokio::test]
    async fn the_work_outlives_the_first_and_ends_with_the_last() {
        struct Ends(Arc<AtomicUsize>);
        impl Drop for Ends {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let cache = Arc::new(Cache::new(CAPACITY));
        let ended = Arc::new(AtomicUsize::new(0));
        let ends = Ends(Arc::clone(&ended));
        let (tell, work) = told();
        let work = async move {
            let _ends = ends;
            work.await
        };
        let mut first = Box::pin(cache.once(SLOT, work.boxed(), PATIENCE));
        let mut second = Box::pin(cache.once(SLOT, own("second's"), PATIENCE));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        assert!((&mut second).now_or_never().is_none());
        assert_eq!(ended.load(Ordering::Relaxed), 0);
        drop(second);
        assert_eq!(ended.load(Ordering::Relaxed), 1);
        drop(tell);
        assert_eq!(text(&cache.once(SLOT, own("third's"), PATIENCE).await), "third's");
    }

    #[test]
    fn flights_that_are_over_are_forgotten() {
        let cache = Cache::new(0);
        for n in 0..100 {
            drop(cache.board(Slot { key: [n; 32], ..SLOT }, own("")));
        }
        assert_eq!(cache.flights.lock().unwrap().len(), 1);
    }
}
