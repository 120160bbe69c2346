//! The cache of finished bytes: an answer that was made once is sent again, and made once however many ask at once.
//!
//! What is kept under is the [name](super::tag) of an answer and the coding its bytes are packed in; the name has the
//! edition's digest, the question and the representation in it. Each edition has a cache of its own, bounded in bytes,
//! which goes when the edition goes. Nothing is kept of what failed.
//!
//! Requests for an answer that is being made wait for it. The work belongs to all who wait: it goes on when the first of
//! them leaves, and stops when the last one does. When it fails, each of the others does it for itself, within the time
//! that a query has.

mod flight;
mod store;
mod wish;

use std::sync::Arc;

use axum::{
    body::to_bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use self::{
    flight::{Outcome, Work},
    store::{Finished, Slot},
    wish::Wish,
};
use super::{
    AppState,
    budget::{charge, unpaid},
    coding::{Accepted, Coding},
    compress::pack,
    headers::vary,
    metrics::Metrics,
    problem::Problem,
    tag::Tag,
};

pub(crate) use self::store::{CAPACITY, Cache};

/// Of everything that has a name. A browser asks each time, which costs a 304; a proxy in front may answer for a few
/// seconds by itself, so that a rush costs one request and a new edition is seen soon.
const CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=0, s-maxage=10, must-revalidate");

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
            cache.packed_once(state, tag, slot, work).await
        }
        Wish::Fresh => {
            metrics.count_cache_refused();
            let plain = work.await?;
            cache.forget(slot);
            cache.keep(slot.plain(), &plain);
            let packed = packed(state, tag, slot, plain).await;
            cache.keep(slot, &packed);
            Ok(packed)
        }
        Wish::Private => {
            metrics.count_cache_refused();
            Ok(packed(state, tag, slot, work.await?).await)
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

/// The answer in the coding of the slot, if that pays and there is room for it.
async fn packed(state: &AppState, tag: Tag, slot: Slot, plain: Arc<Finished>) -> Arc<Finished> {
    let (body, coding) = pack(plain.body.clone(), slot.coding, false).await;
    let Some(coding_name) = coding.name() else { return plain };
    let Ok(body) = state.hold(body.into()) else { return plain };
    let mut headers = plain.headers.clone();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding_name));
    headers.insert(header::ETAG, tag.in_coding(coding));
    Arc::new(Finished { headers, body })
}
