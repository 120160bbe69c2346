//! `GET /metrics`: what has happened, in the
//! [text format of Prometheus](https://prometheus.io/docs/instrumenting/exposition_formats/).
//!
//! Written by hand: most numbers are kept elsewhere and only read here, which a registry of metric objects makes longer.
//! Label values are route patterns, status classes and words of ours; none comes from a client.

use std::{
    collections::BTreeMap,
    fmt::{Display, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::AppState;

/// The upper bounds of the buckets, in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What is counted here.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    at_work: AtomicUsize,
    /// By route pattern and class of status.
    requests: Mutex<BTreeMap<String, BTreeMap<&'static str, Durations>>>,
    /// Evaluations of queries of our own.
    canned: AtomicU64,
    /// Evaluations of strangers' queries.
    strangers: AtomicU64,
    /// Answers that were kept.
    cache_hits: AtomicU64,
    /// Answers that had to be made, or were being made for another.
    cache_misses: AtomicU64,
    /// Answers that had to be made because the client wanted no other.
    cache_refused: AtomicU64,
}

/// A histogram; not cumulated.
#[derive(Debug, Default, Clone)]
struct Durations {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

impl Metrics {
    pub(crate) fn begin(&self) {
        self.at_work.fetch_add(1, Ordering::Relaxed);
    }

    /// A request to a route pattern has ended; without a status, because the client left.
    pub(crate) fn end(&self, route: &str, status: Option<StatusCode>, took: Duration) {
        self.at_work.fetch_sub(1, Ordering::Relaxed);
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        // A route is new once, and then its name is not copied again.
        if !requests.contains_key(route) {
            requests.insert(route.to_owned(), BTreeMap::new());
        }
        let Some(classes) = requests.get_mut(route) else { return };
        let durations = classes.entry(class(status)).or_default();
        durations.count += 1;
        durations.sum += took;
        if let Some(bucket) = BOUNDS.iter().position(|bound| took.as_secs_f64() <= *bound) {
            durations.buckets[bucket] += 1;
        }
    }

    pub(crate) fn count_canned(&self) {
        self.canned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_strangers(&self) {
        self.strangers.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_cache_hit(&self) {
        self.cache_hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_cache_miss(&self) {
        self.cache_misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_cache_refused(&self) {
        self.cache_refused.fetch_add(1, Ordering::Relaxed);
    }
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
        None => "gone",
    }
}

/// The answer to `GET /metrics`.
pub(crate) async fn show(State(state): State<AppState>) -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    let headers = [(header::CONTENT_TYPE, text), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (headers, text_of(&state)).into_response()
}

fn text_of(state: &AppState) -> String {
    let (operations, mut page) = (&state.operations, Page::default());
    let metrics = &operations.metrics;

    page.family("ocm_http_requests_in_progress", "gauge", "Requests being answered.");
    page.line("ocm_http_requests_in_progress", &[], metrics.at_work.load(Ordering::Relaxed));
    let requests = metrics.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
    page.family("ocm_http_request_duration_seconds", "histogram", "Time until the head of the answer is ready.");
    for (route, classes) in &requests {
        for (class, durations) in classes {
            page.histogram("ocm_http_request_duration_seconds", &[("route", route), ("status", class)], durations);
        }
    }

    page.family("ocm_evaluations_total", "counter", "Queries that were given to an evaluator.");
    for (kind, count) in [("canned", &metrics.canned), ("sparql", &metrics.strangers)] {
        page.line("ocm_evaluations_total", &[("kind", kind)], count.load(Ordering::Relaxed));
    }
    page.family("ocm_cache_requests_total", "counter", "Requests for answers that can be kept, by what was found.");
    let found = [("hit", &metrics.cache_hits), ("miss", &metrics.cache_misses), ("refused", &metrics.cache_refused)];
    for (outcome, count) in found {
        page.line("ocm_cache_requests_total", &[("outcome", outcome)], count.load(Ordering::Relaxed));
    }
    let cache = state.cache.figures();
    page.family("ocm_cache_capacity_bytes", "gauge", "Bytes that kept answers may take.");
    page.line("ocm_cache_capacity_bytes", &[], state.cache.capacity());
    page.family("ocm_cache_bytes", "gauge", "Bytes that kept answers take.");
    page.line("ocm_cache_bytes", &[], cache.bytes);
    page.family("ocm_cache_answers", "gauge", "Answers that are kept, each coding for itself.");
    page.line("ocm_cache_answers", &[], cache.entries);

    if let (Some(isolated), Some(isolation)) = (&state.isolated, &state.isolation) {
        let figures = isolated.figures();
        page.family("ocm_worker_jobs_total", "counter", "Queries that a worker process has begun.");
        page.line("ocm_worker_jobs_total", &[], figures.jobs);
        page.family("ocm_workers_lost_total", "counter", "Worker processes that were killed or died, by cause.");
        let causes = [
            ("late", figures.late),
            ("abandoned", figures.abandoned),
            ("memory", figures.memory),
            ("died", figures.died),
        ];
        for (cause, count) in causes {
            page.line("ocm_workers_lost_total", &[("cause", cause)], count);
        }
        page.family("ocm_workers", "gauge", "Worker processes there are.");
        page.line("ocm_workers", &[], figures.children);
        page.family("ocm_workers_busy", "gauge", "Worker processes at work.");
        page.line("ocm_workers_busy", &[], figures.working);
        page.family("ocm_queue_places", "gauge", "Queries that may wait for a worker process.");
        page.line("ocm_queue_places", &[], isolation.queue);
        page.family("ocm_queue_waiting", "gauge", "Queries that wait for a worker process.");
        page.line("ocm_queue_waiting", &[], figures.waiting);
    }

    let budgets = operations.budgets.figures();
    page.family("ocm_budget_refusals_total", "counter", "Requests answered 429, by the budget that was used up.");
    page.line("ocm_budget_refusals_total", &[("budget", "work")], budgets.refused_for_work);
    page.line("ocm_budget_refusals_total", &[("budget", "errors")], budgets.refused_for_errors);
    page.family("ocm_budget_clients", "gauge", "Clients whose use is remembered.");
    page.line("ocm_budget_clients", &[], budgets.clients);

    page.family("ocm_edition_info", "gauge", "The edition that is served.");
    page.line("ocm_edition_info", &[("digest", state.edition.digest())], 1);
    page.family("ocm_edition_statements", "gauge", "Statements in the edition.");
    page.line("ocm_edition_statements", &[], state.edition.dataset.quads());
    page.family("ocm_stopping", "gauge", "1 while the server stops.");
    page.line("ocm_stopping", &[], u8::from(operations.is_stopping()));
    page.0
}

/// Text in the format. Writing to memory cannot fail.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], durations: &Durations) {
        let (bucket, mut so_far) = (format!("{name}_bucket"), 0);
        for (bound, count) in BOUNDS.iter().zip(durations.buckets) {
            so_far += count;
            self.line(&bucket, &[labels, &[("le", &bound.to_string())]].concat(), so_far);
        }
        self.line(&bucket, &[labels, &[("le", "+Inf")]].concat(), durations.count);
        self.line(&format!("{name}_sum"), labels, durations.sum.as_secs_f64());
        self.line(&format!("{name}_count"), labels, durations.count);
    }
}
