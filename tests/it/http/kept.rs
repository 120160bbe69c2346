//! The cache: answers are made once, kept within bounds, and made afresh for whoever asks for that.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Request, StatusCode},
};
use http_body_util::BodyExt;
use ocm_graph::{
    engine::{Evaluator, Isolation, Limits},
    http::{AppState, Live, router},
    query::QueryBook,
};
use tower::ServiceExt;

use super::{SPARQL, encode};
use crate::support::{fixture_edition, repository};

const TARGETS: &str = "/queries/targets.csv";

/// A server of its own, whose figures nobody else changes.
struct Server(Router);

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

fn state(isolation: Option<&Isolation>) -> AppState {
    let (book, _) = QueryBook::load(&repository("queries"));
    let limits = Limits { timeout: Duration::from_mins(1), ..Limits::default() };
    AppState::new(fixture_edition(), book, limits, isolation).unwrap()
}

fn server() -> Server {
    Server(router(state(None)))
}

fn with_cache(bytes: u64) -> Server {
    Server(router(state(None).with_cache(bytes)))
}

impl Server {
    async fn send(&self, mut request: Request<Body>) -> Got {
        request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
        let (head, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Got { status: head.status, headers: head.headers, body }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Got {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The value of a metric.
    async fn figure(&self, name: &str) -> u64 {
        let metrics = String::from_utf8(self.get("/metrics", &[]).await.body).unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).parse().unwrap()
    }

    async fn canned(&self) -> u64 {
        self.figure("ocm_evaluations_total{kind=\"canned\"}").await
    }

    async fn strangers(&self) -> u64 {
        self.figure("ocm_evaluations_total{kind=\"sparql\"}").await
    }

    async fn found(&self, outcome: &str) -> u64 {
        self.figure(&format!("ocm_cache_requests_total{{outcome=\"{outcome}\"}}")).await
    }
}

fn sparql(query: &str) -> String {
    format!("/sparql?query={}", encode(query))
}

#[tokio::test]
async fn an_answer_is_made_once_and_sent_in_every_coding() {
    let server = server();
    for (address, kind) in
        [("/queries/coverage-goals.json".to_owned(), "canned"), (sparql("SELECT * { ?s ?p ?o } LIMIT 40"), "sparql")]
    {
        let first = server.get(&address, &[]).await;
        assert_eq!(first.status, 200);
        for coding in ["", "gzip", "br", "gzip", "zstd", "br"] {
            let again = server.get(&address, &[("accept-encoding", coding)]).await;
            assert_eq!(again.headers.contains_key("content-encoding"), !coding.is_empty());
            assert!(coding.is_empty() == (again.body == first.body));
        }
        assert_eq!(server.figure(&format!("ocm_evaluations_total{{kind=\"{kind}\"}}")).await, 1);
    }
    assert_eq!((server.found("miss").await, server.found("hit").await), (2, 12));
    assert!(server.figure("ocm_cache_answers").await >= 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_one_evaluation() {
    // Also when nothing is kept.
    for server in [server(), with_cache(0)].map(Arc::new) {
        let slow = sparql("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d a ?e . ?f a ?e }");
        let asked = |n: usize| {
            let (server, slow) = (Arc::clone(&server), slow.clone());
            let coding = ["identity", "gzip", "br"][n % 3];
            tokio::spawn(async move { server.get(&slow, &[("accept-encoding", coding)]).await })
        };
        let all: Vec<_> = (0..24).map(asked).collect();
        let mut bodies = Vec::new();
        for one in all {
            let got = one.await.unwrap();
            assert_eq!(got.status, 200);
            bodies.push(got.body);
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1);
        assert_eq!(server.strangers().await, 1);
    }
}

#[tokio::test]
async fn what_is_asked_differently_is_kept_apart() {
    let server = server();
    let query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }";
    let graph = |parameter: &str, name: &str| {
        format!("{}&{parameter}={}", sparql(query), encode(&format!("https://w3id.org/ocm/graph/{name}")))
    };
    let addresses = [
        sparql(query),
        sparql(&format!("{query} ")),
        format!("{}&format=csv", sparql(query)),
        graph("default-graph-uri", "sdg"),
        graph("default-graph-uri", "catalogue"),
        graph("named-graph-uri", "sdg"),
    ];
    for round in 0..2 {
        for address in &addresses {
            assert_eq!(server.get(address, &[]).await.status, 200);
        }
        assert_eq!(server.strangers().await, 6, "in round {round}");
    }
    // What only looks different is one question.
    for same in
        ["/queries/targets?goal=11&format=csv", "/queries/targets.csv?goal=11", "/queries/targets.csv?goal=11&x="]
    {
        server.get(same, &[]).await;
    }
    assert_eq!(server.canned().await, 1);
}

#[tokio::test]
async fn a_query_that_is_sent_shares_with_one_that_is_in_the_address() {
    let server = server();
    let query = "SELECT * { ?s ?p ?o } LIMIT 3";
    let got = server.get(&sparql(query), &[]).await;
    let tag = got.headers["etag"].clone();
    let sent = Request::post("/sparql").header("content-type", SPARQL).header("if-none-match", tag);
    let sent = server.send(sent.body(Body::from(query)).unwrap()).await;
    assert_eq!((sent.status.as_u16(), &sent.body), (200, &got.body), "a condition is for GET and HEAD");
    assert!(!sent.headers.contains_key("etag"));
    assert_eq!(sent.headers["cache-control"], "no-store");
    assert_eq!(server.strangers().await, 1);
}

#[tokio::test]
async fn whoever_wants_no_kept_answer_gets_a_new_one() {
    let server = server();
    server.get(TARGETS, &[]).await;
    let refusals = [
        [("cache-control", "no-cache")].as_slice(),
        &[("cache-control", "max-age=5, NO-CACHE")],
        &[("pragma", "no-cache")],
        &[("cache-control", "no-store"), ("accept-encoding", "gzip")],
    ];
    for (before, headers) in (1..).zip(refusals) {
        assert_eq!(server.canned().await, before);
        assert_eq!(server.get(TARGETS, headers).await.status, 200);
    }
    // The older header does not count beside the newer one.
    server.get(TARGETS, &[("pragma", "no-cache"), ("cache-control", "max-age=0")]).await;
    assert_eq!((server.canned().await, server.found("refused").await), (5, 4));

    // Made afresh with no-cache, it is kept; with no-store, it is not.
    let (kept, not) = ("/queries/targets.csv?goal=11", "/queries/targets.csv?goal=8");
    for (address, wish, evaluations) in [(kept, "no-cache", 6), (not, "no-store", 8)] {
        server.get(address, &[("cache-control", wish)]).await;
        server.get(address, &[]).await;
        assert_eq!(server.canned().await, evaluations, "{wish}");
    }
}

#[tokio::test]
async fn what_changes_each_time_and_what_fails_is_not_kept() {
    let server = server();
    for query in ["SELECT (RAND() AS ?x) {}", "SELECT (NOW() AS ?x) {}"] {
        let got = server.get(&sparql(query), &[]).await;
        assert_eq!(got.headers["cache-control"], "no-store", "{query}");
        server.get(&sparql(query), &[]).await;
    }
    assert_eq!(server.strangers().await, 4);
    let wrong = sparql("SELECT (<http://example.org/function>(1) AS ?x) {}");
    for _ in 0..2 {
        let got = server.get(&wrong, &[]).await;
        assert_eq!((got.status.as_u16(), &got.headers["cache-control"]), (400, &"no-store".parse().unwrap()));
    }
    // What cannot be planned is never evaluated.
    assert_eq!((server.strangers().await, server.figure("ocm_cache_answers").await), (4, 0));
}

#[tokio::test]
async fn what_is_kept_stays_within_its_bounds() {
    let capacity = 128 * 1024;
    let server = with_cache(capacity);
    let rows = |n: usize| sparql(&format!("SELECT * {{ ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT 30 OFFSET {n}"));
    let mut bodies = Vec::new();
    for n in 0..60 {
        bodies.push(server.get(&rows(n), &[("accept-encoding", "br")]).await.body);
        assert!(server.figure("ocm_cache_bytes").await <= capacity);
    }
    assert!(server.figure("ocm_cache_answers").await > 0);
    for (n, body) in bodies.iter().enumerate() {
        assert!(server.get(&rows(n), &[("accept-encoding", "br")]).await.body == *body, "{n}");
    }
    assert!(server.strangers().await > 60, "not all can have been kept");
    // More than the whole is never kept, and answered all the same.
    let all = sparql("SELECT * { ?s ?p ?o }");
    assert!(server.get(&all, &[]).await.body.len() > 128 * 1024);
    assert!(server.figure("ocm_cache_bytes").await <= capacity);
    assert_eq!(server.figure("ocm_cache_capacity_bytes").await, capacity);

    let none = with_cache(0);
    for _ in 0..3 {
        none.get(TARGETS, &[]).await;
    }
    assert_eq!((none.canned().await, none.figure("ocm_cache_bytes").await), (3, 0));
}

#[tokio::test]
async fn whoever_has_the_answer_is_told_so_without_any_work() {
    let [server, twin] = [server(), server()];
    let tag = twin.get(TARGETS, &[]).await.headers["etag"].to_str().unwrap().to_owned();
    let known = server.get(TARGETS, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(known.headers["cache-control"], "public, max-age=0, s-maxage=10, must-revalidate");
    assert_eq!((server.canned().await, server.found("miss").await), (0, 0));
}

#[tokio::test]
async fn a_new_edition_begins_with_nothing() {
    let live = Live::new(state(None));
    let server = Server(live.router());
    server.get(TARGETS, &[]).await;
    assert!(server.figure("ocm_cache_bytes").await > 0);
    drop(live.replace(state(None)));
    assert_eq!(server.figure("ocm_cache_bytes").await, 0);
}

/// Long enough that it does not end before it is looked at, and never longer than a test waits.
const ENDLESS: &str = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }";

/// Waits until a figure has come to a value.
async fn until(server: &Server, name: &str, value: u64) {
    let patience = tokio::time::Instant::now() + Duration::from_mins(1);
    while server.figure(name).await != value {
        assert!(tokio::time::Instant::now() < patience, "{name} never came to {value}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_while_somebody_waits_and_stops_when_nobody_does() {
    let isolation = Isolation {
        program: env!("CARGO_BIN_EXE_ocm").into(),
        workers: 2,
        queue: 2,
        memory: 1 << 28,
        evaluator: Evaluator::Own,
    };
    let state = state(Some(&isolation));
    state.ready().await.unwrap();
    let server = Arc::new(Server(router(state)));
    let ask = || {
        let server = Arc::clone(&server);
        tokio::spawn(async move { server.get(&sparql(ENDLESS), &[]).await.status })
    };
    let first = ask();
    until(&server, "ocm_worker_jobs_total", 1).await;
    let second = ask();
    until(&server, "ocm_cache_requests_total{outcome=\"miss\"}", 2).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    // Another question is answered meanwhile, so that the work had its time to be stopped.
    assert_eq!(server.get(&sparql("ASK { ?s ?p ?o }"), &[]).await.status, 200);
    assert!(!second.is_finished());
    assert_eq!(server.figure("ocm_workers_lost_total{cause=\"abandoned\"}").await, 0);
    second.abort();
    until(&server, "ocm_workers_lost_total{cause=\"abandoned\"}", 1).await;
}
