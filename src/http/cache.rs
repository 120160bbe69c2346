//! The cache of finished bytes: an answer that was made once is sent again, and made once however many ask at once.
//!
//! What is kept under is the [name](super::tag) of an answer and the coding its bytes are packed in; the name has the
//! edition's digest, the question and the representation in it. Each edition has a cache of its own, bounded in bytes,
//! which goes when the edition goes. Nothing is kept of what failed.
//!
//! Requests for an answer that is being made wait for it. The work belongs to all who wait: it goes on when the first of
//! them leaves, and stops when the last one does. When it fails, each of the others does it for itself, within the time
//! that a query has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{self, DefaultLifecycle},
};

use super::{
    AppState,
    budget::{charge, unpaid},
    coding::{Accepted, Coding},
    compress::pack,
    headers::vary,
    metrics::Metrics,
    problem::Problem,
    tag::{Strength, Tag},
};
use crate::engine::Shape;

/// Bytes of answers that are kept unless the operator says otherwise.
pub(crate) const CAPACITY: u64 = 64 * 1024 * 1024;

/// What an entry takes besides its body: headers and the books kept of it.
const OVERHEAD: usize = 1024;

/// Questions that are remembered to be sound.
const QUESTIONS: usize = 10_000;

/// Requests that are remembered by the name of their answer.
const REQUESTS: usize = 4096;

/// Parts with locks of their own. The largest answer that is kept fills one.
const SHARDS: usize = 4;

/// Of everything that has a name. A browser asks each time, which costs a 304; a proxy in front may answer for a few
/// seconds by itself, so that a rush costs one request and a new edition is seen soon.
const CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=0, s-maxage=10, must-revalidate");

/// The answers of one edition.
#[derive(Debug)]
pub(crate) struct Cache {
    capacity: u64,
    /// None with a capacity of nothing.
    answers: Option<sync::Cache<Slot, Arc<Finished>, Weight>>,
    /// The shapes of questions that were read and found sound, whose answers are the same each time, and how much so.
    sound: sync::Cache<[u8; 32], (Shape, Strength)>,
    /// The names of answers by what asks for them.
    names: sync::Cache<String, Tag>,
    /// Answers that are being made.
    flights: Mutex<HashMap<Slot, WeakShared<Work>>>,
}

/// Where an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Slot {
    key: [u8; 32],
    /// The coding a client would like best; what does not pay is kept as it is.
    coding: Coding,
}

/// All that is sent, save what every response carries.
#[derive(Debug)]
struct Finished {
    headers: HeaderMap,
    body: Bytes,
}

type Outcome = Result<Arc<Finished>, Problem>;
type Work = BoxFuture<'static, Outcome>;

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Slot, Arc<Finished>> for Weight {
    fn weight(&self, _: &Slot, finished: &Arc<Finished>) -> u64 {
        finished.weight()
    }
}

/// How many answers there are, and what they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheFigures {
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

/// What a request says of answers made before ([RFC 9111, section 5.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Any will do.
    Any,
    /// `no-cache`: it is made afresh, and kept.
    Fresh,
    /// `no-store`: it is made afresh, and not kept.
    Private,
}

/// Answers 304 without work if the client has the answer of this name, and otherwise as [`fetch`].
///
/// # Errors
/// As [`fetch`].
pub(crate) async fn answer<F>(
    state: &AppState,
    tag: Tag,
    request: &HeaderMap,
    work: impl FnOnce(AppState) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    let mut response = match recall(&state.cache, &state.operations.metrics, tag, request) {
        Some(response) => response,
        None => fetch(state, tag, request, work).await?,
    };
    // The next request for the same may skip the handler.
    response.extensions_mut().insert(tag);
    Ok(response)
}

/// What can be said without work: 304 if the client has the answer of this name, or else the answer that is kept.
pub(crate) fn recall(cache: &Cache, metrics: &Metrics, tag: Tag, request: &HeaderMap) -> Option<Response> {
    let accepted = Accepted::of(request);
    if let Some(coding) = tag.known(request, &accepted) {
        let vary = [(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"))];
        let mut response = (StatusCode::NOT_MODIFIED, vary).into_response();
        name(response.headers_mut(), tag, coding);
        return Some(response);
    }
    let slot = Slot { key: tag.key(), coding: accepted.best() };
    let kept = (Wish::of(request) == Wish::Any).then(|| cache.get(slot))??;
    metrics.count_cache_hit();
    Some(kept.response())
}

/// The answer of this name, kept or made. The work is begun when it is neither kept nor being made.
///
/// # Errors
/// Those of the work; [`Problem::Timeout`] when another request's work takes longer than a query may.
pub(crate) async fn fetch<F>(
    state: &AppState,
    tag: Tag,
    request: &HeaderMap,
    work: impl FnOnce(AppState) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    let slot = Slot { key: tag.key(), coding: Accepted::of(request).best() };
    let wish = Wish::of(request);
    if wish == Wish::Any
        && let Some(kept) = state.cache.get(slot)
    {
        state.operations.metrics.count_cache_hit();
        return Ok(kept.response());
    }
    // In boxes, since futures inside one another are as large as all of them together several times over.
    let work = finish(tag, unpaid(work(state.clone()))).boxed();
    Ok(make(state, tag, slot, wish, work).boxed().await?.response())
}

/// Makes what is not kept, or not wanted as it is kept.
async fn make(state: &AppState, tag: Tag, slot: Slot, wish: Wish, work: Work) -> Outcome {
    let (cache, metrics) = (&state.cache, &state.operations.metrics);
    // Whoever waits pays for it, whoever began: no order of requests is cheaper than another.
    let _charge = charge();
    match wish {
        Wish::Any => {
            if cache.get(slot.plain()).is_some() {
                metrics.count_cache_hit();
            } else {
                metrics.count_cache_miss();
            }
            cache.packed_once(tag, slot, work, state.timeout()).await
        }
        Wish::Fresh => {
            metrics.count_cache_refused();
            let plain = work.await?;
            cache.forget(slot);
            cache.keep(slot.plain(), &plain);
            let packed = packed(tag, slot, plain).await;
            cache.keep(slot, &packed);
            Ok(packed)
        }
        Wish::Private => {
            metrics.count_cache_refused();
            Ok(packed(tag, slot, work.await?).await)
        }
    }
}

/// The result of work under its name.
async fn finish(tag: Tag, work: impl Future<Output = Result<Response, Problem>>) -> Outcome {
    let (head, body) = work.await?.into_parts();
    let internal = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, status = %head.status, "an answer is not whole and good");
        Problem::Internal
    };
    if head.status != StatusCode::OK {
        return Err(internal(&"only what is good has a name"));
    }
    // In memory already, so that this does not wait.
    let body = to_bytes(body, usize::MAX).await.map_err(|error| internal(&error))?;
    let mut headers = head.headers;
    name(&mut headers, tag, Coding::Identity);
    Ok(Arc::new(Finished { headers, body }))
}

/// Adds what says how long an answer is good for, and that its coding was chosen.
fn name(headers: &mut HeaderMap, tag: Tag, coding: Coding) {
    headers.insert(header::ETAG, tag.in_coding(coding));
    headers.insert(header::CACHE_CONTROL, CONTROL);
    vary(headers, "Accept-Encoding");
}

/// The answer in the coding of the slot, if that pays.
async fn packed(tag: Tag, slot: Slot, plain: Arc<Finished>) -> Arc<Finished> {
    let (body, coding) = pack(plain.body.clone(), slot.coding, false).await;
    let Some(coding_name) = coding.name() else { return plain };
    let mut headers = plain.headers.clone();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding_name));
    headers.insert(header::ETAG, tag.in_coding(coding));
    Arc::new(Finished { headers, body })
}

impl Cache {
    /// A cache of so many bytes; with none, nothing is kept, and work is shared all the same.
    pub(crate) fn new(capacity: u64) -> Self {
        let mut options = OptionsBuilder::new();
        // Answers take some kilobytes.
        let items = usize::try_from(capacity / 8192).unwrap_or(usize::MAX).clamp(64, 1_000_000);
        let options = options.shards(SHARDS).estimated_items_capacity(items).weight_capacity(capacity).build();
        let with = |options| {
            sync::Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default())
        };
        Self {
            capacity,
            answers: options.ok().filter(|_| capacity > 0).map(with),
            sound: sync::Cache::new(QUESTIONS),
            names: sync::Cache::new(REQUESTS),
            flights: Mutex::default(),
        }
    }

    /// Bytes it may take.
    pub(crate) fn capacity(&self) -> u64 {
        self.capacity
    }

    pub(crate) fn figures(&self) -> CacheFigures {
        let answers = self.answers.as_ref();
        CacheFigures { entries: answers.map_or(0, sync::Cache::len), bytes: answers.map_or(0, sync::Cache::weight) }
    }

    /// What was noted of a question that is sound.
    pub(crate) fn known(&self, question: &[u8; 32]) -> Option<(Shape, Strength)> {
        self.sound.get(question)
    }

    /// Notes that a question was read, is sound, and has the same answer each time.
    pub(crate) fn note(&self, question: [u8; 32], shape: Shape, strength: Strength) {
        self.sound.insert(question, (shape, strength));
    }

    /// The name of the answer to a request that was answered before.
    pub(crate) fn tag(&self, request: &str) -> Option<Tag> {
        self.names.get(request)
    }

    /// Remembers the name of the answer to a request.
    pub(crate) fn remember(&self, request: String, tag: Tag) {
        self.names.insert(request, tag);
    }

    fn get(&self, slot: Slot) -> Option<Arc<Finished>> {
        self.answers.as_ref()?.get(&slot)
    }

    fn keep(&self, slot: Slot, finished: &Finished) {
        if let Some(answers) = &self.answers
            && finished.weight() <= answers.shard_capacity()
        {
            // What was written has room to spare, and what a worker process gave counts as not yet sent.
            let body = Bytes::copy_from_slice(&finished.body);
            answers.insert(slot, Arc::new(Finished { headers: finished.headers.clone(), body }));
        }
    }

    /// Forgets an answer in all codings.
    fn forget(&self, slot: Slot) {
        if let Some(answers) = &self.answers {
            for coding in Coding::ALL {
                answers.remove(&Slot { coding, ..slot });
            }
        }
    }

    /// The answer as it is and then in the coding of the slot, each made once.
    async fn packed_once(self: &Arc<Self>, tag: Tag, slot: Slot, work: Work, patience: Duration) -> Outcome {
        if slot.coding == Coding::Identity {
            return self.once(slot, work, patience).await;
        }
        let cache = Arc::clone(self);
        let packed = async move {
            let plain = cache.once(slot.plain(), work, patience).await?;
            Ok(packed(tag, slot, plain).await)
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

impl Slot {
    fn plain(self) -> Self {
        Self { coding: Coding::Identity, ..self }
    }
}

impl Finished {
    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn weight(&self) -> u64 {
        (self.body.len() + OVERHEAD) as u64
    }
}

impl Wish {
    fn of(request: &HeaderMap) -> Self {
        let says = |name, what: &str| {
            let values = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(what))
        };
        if !request.contains_key(header::CACHE_CONTROL) {
            // Section 5.4: what counts when the newer header is not there.
            return if says(header::PRAGMA, "no-cache") { Self::Fresh } else { Self::Any };
        }
        match (says(header::CACHE_CONTROL, "no-store"), says(header::CACHE_CONTROL, "no-cache")) {
            (true, _) => Self::Private,
            (false, true) => Self::Fresh,
            (false, false) => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn requests_say_what_they_think_of_kept_answers() {
        let wish = |headers: &[(header::HeaderName, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            Wish::of(&headers.collect())
        };
        let (control, pragma) = (header::CACHE_CONTROL, header::PRAGMA);
        assert_eq!(wish(&[]), Wish::Any);
        assert_eq!(wish(&[(control.clone(), "max-age=0")]), Wish::Any);
        assert_eq!(wish(&[(control.clone(), "max-age=0, No-Cache")]), Wish::Fresh);
        assert_eq!(wish(&[(control.clone(), "no-cache, no-store")]), Wish::Private);
        assert_eq!(wish(&[(pragma.clone(), "no-cache")]), Wish::Fresh);
        assert_eq!(wish(&[(pragma, "no-cache"), (control, "max-age=9")]), Wish::Any);
    }
}
