//! What one client may use, and what the server says of itself.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Extension, Router,
    body::Body,
    http::{HeaderValue, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use ocm_graph::{
    engine::{Evaluator, Isolation, Limits},
    http::{AppState, BudgetOptions, Edge, ForwardedBy, Operations, Proxies, router},
    query::QueryBook,
};
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{fixture_edition, repository};

const FAR: &str = "192.0.2.1:4711";
const NEAR: &str = "127.0.0.1:4711";

/// A server whose one client has the address given.
struct Server {
    router: Router,
    operations: Arc<Operations>,
}

fn server(budget: BudgetOptions, proxies: Proxies, isolation: Option<&Isolation>) -> Server {
    let operations = Arc::new(Operations::new(Edge::default(), budget, proxies));
    let (book, _) = QueryBook::load(&repository("queries"));
    let limits = Limits { timeout: Duration::from_secs(20), ..Limits::default() };
    let state = AppState::new(fixture_edition(), book, limits, isolation).unwrap();
    Server { router: router(state.with_operations(Arc::clone(&operations))), operations }
}

fn plain() -> Server {
    server(BudgetOptions::default(), Proxies::default(), None)
}

impl Server {
    async fn send(&self, peer: &str, mut request: Request<Body>) -> Response<Body> {
        request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
        let peer: SocketAddr = peer.parse().unwrap();
        self.router.clone().layer(Extension(peer)).oneshot(request).await.unwrap()
    }

    async fn get(&self, peer: &str, path: &str) -> Response<Body> {
        self.send(peer, Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn text(&self, path: &str) -> String {
        text(self.get(NEAR, path).await).await
    }
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

const ASK: &str = "/sparql?query=ASK%7B%7D";
const WRONG: &str = "/sparql?query=ASK%7B";

#[tokio::test]
async fn errors_are_counted_and_then_refused() {
    let server = server(BudgetOptions { errors_per_minute: 2, ..BudgetOptions::default() }, Proxies::default(), None);
    let first = server.get(FAR, ASK).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers()["ratelimit-policy"], "\"work-seconds\";q=120;w=120, \"errors\";q=2;w=60");
    assert!(first.headers()["ratelimit"].to_str().unwrap().contains("\"errors\";r=2;t=0"));
    for (path, status) in [(WRONG, 400), ("/queries/there-is-none", 404)] {
        assert_eq!(server.get(FAR, path).await.status(), status);
    }
    let refused = server.get(FAR, ASK).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert!(refused.headers()["ratelimit"].to_str().unwrap().contains("\"errors\";r=0;"));
    let id = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(problem["type"], "/problems/too-many-requests");
    assert_eq!(problem["instance"], format!("/requests/{id}"));

    assert_eq!(server.get("192.0.2.2:1", ASK).await.status(), StatusCode::OK, "another client");
    assert_eq!(server.get(FAR, "/style.css").await.status(), StatusCode::OK, "another part of the site");
    assert!(server.text("/metrics").await.contains("ocm_budget_refusals_total{budget=\"errors\"} 1\n"));
}

#[tokio::test]
async fn this_machine_is_exempt_unless_told_otherwise() {
    for (limit_loopback, status) in [(false, StatusCode::OK), (true, StatusCode::TOO_MANY_REQUESTS)] {
        let budget = BudgetOptions { errors_per_minute: 1, limit_loopback, ..BudgetOptions::default() };
        let server = server(budget, Proxies::default(), None);
        server.get(NEAR, WRONG).await;
        assert_eq!(server.get(NEAR, ASK).await.status(), status);
    }
}

#[tokio::test]
async fn behind_a_proxy_each_client_has_its_own_budget() {
    let proxies = Proxies { trusted: vec!["127.0.0.1".parse().unwrap()], header: ForwardedBy::XForwardedFor };
    let server = server(BudgetOptions { errors_per_minute: 1, ..BudgetOptions::default() }, proxies, None);
    let from = |peer: &'static str, client: &'static str, path: &'static str| {
        let request = Request::get(path).header("x-forwarded-for", client).header("forwarded", "for=8.8.8.8");
        let server = &server;
        async move { server.send(peer, request.body(Body::empty()).unwrap()).await.status() }
    };
    assert_eq!(from(NEAR, "203.0.113.1, 198.51.100.1", WRONG).await, StatusCode::BAD_REQUEST);
    assert_eq!(from(NEAR, "203.0.113.2, 198.51.100.1", ASK).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from(NEAR, "198.51.100.1, 198.51.100.2", ASK).await, StatusCode::OK);
    // Who is no proxy cannot speak for others.
    assert_eq!(from(FAR, "198.51.100.3", WRONG).await, StatusCode::BAD_REQUEST);
    assert_eq!(from(FAR, "198.51.100.4", ASK).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from(NEAR, "198.51.100.3", ASK).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_paid_for_when_the_client_leaves() {
    let budget = BudgetOptions {
        work_per_minute: Duration::from_millis(60),
        work_burst: Duration::from_millis(100),
        ..BudgetOptions::default()
    };
    let server = server(budget, Proxies::default(), None);
    let endless = "/sparql?query=SELECT(COUNT(*)AS%20?n)%7B?a%20?b%20?c.?d%20?e%20?f.?g%20?h%20?i.?j%20?k%20?l%7D";
    let left = tokio::time::timeout(Duration::from_millis(200), server.get(FAR, endless)).await;
    assert!(left.is_err(), "the query ended early");
    let refused = server.get(FAR, ASK).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(text(refused).await.contains("time for queries"));
    let metrics = server.text("/metrics").await;
    assert!(metrics.contains("ocm_budget_refusals_total{budget=\"work\"} 1\n"), "{metrics}");
    assert!(metrics.contains("ocm_http_request_duration_seconds_count{route=\"/sparql\",status=\"gone\"} 1\n"));
}

#[tokio::test]
async fn every_limit_is_told() {
    let server = plain();
    let told: Value = serde_json::from_str(&server.text("/limits").await).unwrap();
    let bounds: Vec<(&str, u64)> = told["sections"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|section| section["limits"].as_array().unwrap())
        .map(|limit| (limit["name"].as_str().unwrap(), limit["allowed"].as_u64().unwrap()))
        .collect();
    let expected = [("timeout", 20_000), ("nesting", 100), ("work-burst", 120_000), ("errors-per-minute", 30)];
    for bound in expected {
        assert!(bounds.contains(&bound), "{bound:?} is not among {bounds:?}");
    }
    let page = text(server.get(NEAR, "/limits?format=html").await).await;
    for (name, _) in &bounds {
        assert!(page.contains(&format!("<th>{name}</th>")), "{name}");
    }
    assert!(server.text("/").await.contains("href=\"/limits\""));
    assert!(
        server.text("/sparql?format=nt").await.contains("rdf-schema#seeAlso> <"),
        "the service description links to it"
    );
}

#[tokio::test]
async fn a_stopping_server_says_so_and_stays_alive() {
    let server = plain();
    let ready = server.get(NEAR, "/health/ready").await;
    assert_eq!(ready.status(), StatusCode::OK);
    let digest = fixture_edition().digest().to_owned();
    assert!(text(ready).await.contains(&digest));
    server.operations.stop();
    for path in ["/", ASK, "/resource/quiet-archive", "/health/ready"] {
        let refused = server.get(NEAR, path).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(refused.headers()[header::RETRY_AFTER], "10");
    }
    assert_eq!(server.get(NEAR, "/health/live").await.status(), StatusCode::OK);
    assert!(server.text("/metrics").await.contains("\nocm_stopping 1\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_workers_do_not_start_is_not_ready() {
    let isolation = |program: &str| Isolation {
        program: program.into(),
        workers: 1,
        queue: 1,
        memory: 1 << 27,
        evaluator: Evaluator::Own,
    };
    let well = server(BudgetOptions::default(), Proxies::default(), Some(&isolation(env!("CARGO_BIN_EXE_ocm"))));
    let started = Instant::now();
    while well.get(NEAR, "/health/ready").await.status() != StatusCode::OK {
        assert!(started.elapsed() < Duration::from_mins(1), "it does not become ready");
    }
    let broken = server(BudgetOptions::default(), Proxies::default(), Some(&isolation("/bin/false")));
    assert_eq!(broken.get(NEAR, "/health/ready").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(broken.get(NEAR, "/health/live").await.status(), StatusCode::OK);
    let metrics = broken.text("/metrics").await;
    assert!(metrics.contains("ocm_workers_lost_total{cause=\"died\"} 1\n"), "{metrics}");
}

/// One sample of the text format: name, labels and value.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let sound = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    Some((name, labels.strip_suffix('}')?, value.parse().ok()?)).filter(|_| sound)
}

#[tokio::test]
async fn metrics_parse_and_have_no_label_of_a_clients_making() {
    let server = plain();
    for path in ["/sparql?query=SECRET", ASK, "/secret", "/queries/secret", "/resource/quiet-archive", "/queries"] {
        server.get(NEAR, path).await;
    }
    let odd = Request::builder().method("SECRET").uri("/sparql").body(Body::empty()).unwrap();
    server.send(NEAR, odd).await;
    let metrics = server.text("/metrics").await;
    assert!(!metrics.to_lowercase().contains("secret"), "{metrics}");
    let mut families = std::collections::BTreeSet::new();
    for line in metrics.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert!(families.insert(kind.split(' ').next().unwrap()), "twice: {line}");
        } else if !line.starts_with('#') {
            let (name, _, value) = sample(line).unwrap_or_else(|| panic!("{line}"));
            let known = families.iter().any(|family| name.starts_with(family));
            assert!(known && value >= 0.0, "{line}");
        }
    }
    assert!(metrics.contains("_bucket{route=\"/sparql\",status=\"2xx\",le=\"+Inf\"} 1\n"), "{metrics}");
    assert!(metrics.contains("_count{route=\"/sparql\",status=\"4xx\"} 2\n"), "{metrics}");
    assert!(metrics.contains("_count{route=\"/{thing}\",status=\"4xx\"} 1\n"), "{metrics}");
    assert!(metrics.contains("ocm_evaluations_total{kind=\"sparql\"} 1\n"), "{metrics}");
    assert!(metrics.contains(&format!("ocm_edition_info{{digest=\"{}\"}} 1\n", fixture_edition().digest())));
}

/// Where a log is kept.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_has_one_line_and_nothing_of_what_the_client_wrote() {
    let server = plain();
    let kept = Kept::default();
    let writer = kept.clone();
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(tracing::Level::INFO);
    let guard = tracing::subscriber::set_default(log.with_writer(move || writer.clone()).finish());
    let paths = [
        "/sparql?query=SELECT%20(%22SECRET%22%20AS%20?x)%7B%7D",
        "/sparql?query=SECRET",
        "/queries/SECRET",
        "/SECRET",
        "/queries/targets?goal=SECRET",
    ];
    for path in paths {
        let request = Request::get(path).header("x-request-id", "SECRET").body(Body::empty()).unwrap();
        let answer = server.send(FAR, request).await;
        assert_ne!(answer.headers()["x-request-id"], "SECRET");
    }
    drop(guard);
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains("SECRET"), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), paths.len(), "{log}");
    assert_eq!(
        (&lines[0]["route"], &lines[0]["status"], &lines[0]["method"]),
        (&"/sparql".into(), &200.into(), &"GET".into())
    );
    assert!(lines[0]["ms"].is_u64() && lines[0]["bytes"].as_u64() > Some(0) && lines[0]["id"].is_string(), "{log}");
}
