//! One line for each request, and a number to find it by.
//!
//! What a client wrote is never in the line: not the query, not a parameter, not a path that is no route.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode},
    response::Response,
};
use tracing::Instrument;

use super::operations::Operations;
use crate::digest::hex;

/// The header with the number of a request.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// What a path that is looked up in the graph is called.
const THING: &str = "/{thing}";

/// The number of a request: ours, whatever the client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

impl RequestId {
    /// One that nobody can foretell.
    fn new() -> Self {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self(KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A request that is being answered. When it is dropped, its line is written and it is counted.
struct Record {
    operations: Arc<Operations>,
    id: RequestId,
    method: &'static str,
    /// The pattern that was matched, shared and not copied.
    route: Option<MatchedPath>,
    started: Instant,
    /// Status, and bytes of the body where they are known. None when the client left before.
    outcome: Option<(StatusCode, Option<u64>)>,
}

/// Numbers, logs and counts a request.
pub(crate) async fn observe<F: Future<Output = Response>>(
    operations: &Arc<Operations>,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let id = RequestId::new();
    request.extensions_mut().insert(id);
    operations.metrics.begin();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = known(request.method());
    let mut record =
        Record { operations: Arc::clone(operations), id, method, route, started: Instant::now(), outcome: None };
    // What is logged on the way carries the number too.
    let mut response = next(request).instrument(tracing::info_span!("request", %id)).await;
    if let Ok(value) = HeaderValue::try_from(hex(&id.0.to_be_bytes())) {
        response.headers_mut().insert(HEADER, value);
    }
    record.outcome = Some((response.status(), response.body().size_hint().exact()));
    response
}

impl Drop for Record {
    fn drop(&mut self) {
        let took: Duration = self.started.elapsed();
        let status = self.outcome.map(|(status, _)| status);
        let route = self.route.as_ref().map_or(THING, MatchedPath::as_str);
        self.operations.metrics.end(route, status, took);
        tracing::info!(
            id = %self.id,
            method = self.method,
            route,
            status = status.map(|status| status.as_u16()),
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            bytes = self.outcome.and_then(|(_, bytes)| bytes),
            "{}",
            if status.is_some() { "answered" } else { "client left" },
        );
    }
}

/// The name of a method, or that it is another: a client may make one up.
fn known(method: &Method) -> &'static str {
    const NAMES: [&str; 8] = ["GET", "HEAD", "POST", "QUERY", "OPTIONS", "PUT", "PATCH", "DELETE"];
    NAMES.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_one_number() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| RequestId::new().to_string()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 16));
        let id = RequestId(0xabc);
        assert_eq!(hex(&id.0.to_be_bytes()), id.to_string());
    }

    #[test]
    fn a_made_up_method_is_not_repeated() {
        assert_eq!(known(&Method::GET), "GET");
        assert_eq!(known(&Method::from_bytes(b"SECRET").unwrap()), "other");
    }
}
