//! Requests that were answered before: the same address with the same `Accept` means the same answer, whose
//! [name](super::tag) is remembered, so that nothing of the request is read again.

use axum::{
    extract::Request,
    http::{Method, header},
    response::Response,
};

use super::{
    cache::{self, Cache},
    metrics::Metrics,
    tag::Tag,
};

/// Bytes of a request that are remembered at most.
const LONGEST: usize = 2048;

/// Answers a request for what is kept, or known to the client, without its handler; remembers what the handler names.
pub(crate) async fn before<F: Future<Output = Response>>(
    cache: &Cache,
    metrics: &Metrics,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let Some(asked) = asked(&request) else { return next(request).await };
    let tag = cache.tag(&asked);
    if let Some(response) = tag.and_then(|tag| cache::recall(cache, metrics, tag, request.headers())) {
        return response;
    }
    let response = next(request).await;
    if let Some(named) = response.extensions().get::<Tag>()
        && tag.is_none()
    {
        cache.remember(asked, *named);
    }
    response
}

/// All of a request that decides which answer is meant; none when that is long or not so simple.
fn asked(request: &Request) -> Option<String> {
    let mut accept = request.headers().get_all(header::ACCEPT).iter();
    let (first, second) = (accept.next(), accept.next());
    let accept = first.map_or(Some(""), |accept| accept.to_str().ok())?;
    let address = request.uri().path_and_query()?.as_str();
    let is_simple = request.method() == Method::GET && second.is_none() && address.len() + accept.len() < LONGEST;
    // An address has no spaces.
    is_simple.then(|| [address, accept].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn of(method: &str, address: &str, accept: &[&str]) -> Option<String> {
        let mut request = Request::builder().method(method).uri(address);
        for accept in accept {
            request = request.header(header::ACCEPT, *accept);
        }
        asked(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn requests_are_told_apart_by_address_and_accept() {
        let all = [
            of("GET", "/a", &[]),
            of("GET", "/a?", &[]),
            of("GET", "/a?b", &[]),
            of("GET", "/a", &["text/csv"]),
            of("GET", "/a", &["text/csv "]),
            of("GET", "/a", &["a b"]),
            of("GET", "/a%20a", &["b"]),
        ];
        let different: std::collections::HashSet<_> = all.iter().flatten().collect();
        assert_eq!(different.len(), all.len(), "{all:?}");
        let long = format!("/{}", "a".repeat(LONGEST));
        for none in [of("POST", "/a", &[]), of("GET", "/a", &["a/b", "c/d"]), of("GET", &long, &[])] {
            assert_eq!(none, None);
        }
    }
}
