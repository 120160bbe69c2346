//! Queries in child processes: whatever they do, they end in time and nobody else notices.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use ocm_graph::engine::{
    DatasetSpec, EngineError, Evaluator, Format, Isolated, IsolatedError, Isolation, Limits, Unavailable,
};
use oxigraph::sparql::results::QueryResultsFormat;

use crate::support::fixture_edition;

const CSV: Format = Format::Table(QueryResultsFormat::Csv);

/// Children with half a second and 128 MiB for each query.
fn children(workers: usize, queue: usize) -> Isolated {
    let limits = Limits { timeout: Duration::from_millis(500), ..Limits::default() };
    let program = PathBuf::from(env!("CARGO_BIN_EXE_ocm"));
    let isolation = Isolation { program, workers, queue, memory: 128 * 1024 * 1024, evaluator: Evaluator::Own };
    Isolated::start(&fixture_edition().dataset, &limits, &isolation).unwrap()
}

async fn ask(children: &Isolated, query: &str, timeout: Duration) -> Result<String, IsolatedError> {
    let answer = children.answer(query, None, &DatasetSpec::default(), CSV, timeout).await?;
    Ok(String::from_utf8(answer.as_ref().to_vec()).unwrap())
}

/// Long enough for a child to start in a debug build.
const PATIENT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(500);

async fn is_well(children: &Isolated) {
    let answer = ask(children, "SELECT (1 + 1 AS ?two) {}", PATIENT).await.unwrap();
    assert_eq!(answer, "two\r\n2\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_whole() {
    let children = children(1, 4);
    is_well(&children).await;
    let all = ask(&children, "SELECT * { ?s ?p ?o }", PATIENT).await.unwrap();
    assert!(all.lines().count() > 400);
    assert_eq!(children.figures().jobs, 2);
}

/// A product of VALUES reads no quad and gives no row for a long time: no flag would ever stop it.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_never_looks_at_its_watch_is_killed() {
    let children = children(1, 4);
    is_well(&children).await;
    let numbers: String = (0..1000).map(|n| format!(" {n}")).collect();
    let query = format!(
        "SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} VALUES ?c {{ {numbers} }} }}"
    );
    let started = Instant::now();
    let error = ask(&children, &query, SHORT).await.unwrap_err();
    assert!(
        matches!(
            error,
            IsolatedError::Unavailable(Unavailable::Overdue)
                | IsolatedError::Engine(EngineError::Timeout)
                | IsolatedError::Memory
        ),
        "{error:?}"
    );
    assert!(started.elapsed() < SHORT + Duration::from_millis(500), "{:?}", started.elapsed());
    is_well(&children).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_outgrows_its_memory_dies_alone() {
    let children = children(1, 4);
    is_well(&children).await;
    let doubling: String = (0..40).map(|n| format!("BIND(CONCAT(?x{n}, ?x{n}) AS ?x{}) ", n + 1)).collect();
    let query = format!("SELECT (STRLEN(?x40) AS ?n) {{ BIND(\"0123456789abcdef\" AS ?x0) {doubling} }}");
    let error = ask(&children, &query, PATIENT).await.unwrap_err();
    assert!(matches!(error, IsolatedError::Memory), "{error:?}");
    assert_eq!(children.figures().memory, 1);
    is_well(&children).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_whose_client_has_left_is_killed() {
    let children = children(1, 4);
    is_well(&children).await;
    let endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    let left = tokio::time::timeout(Duration::from_millis(100), ask(&children, endless, PATIENT)).await;
    assert!(left.is_err(), "the query ended early");
    assert_eq!(children.figures().abandoned, 1);
    assert_eq!(children.figures().working, 0);
    is_well(&children).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_so_at_once() {
    let children = children(1, 0);
    is_well(&children).await;
    let endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    let (first, second) = tokio::join!(ask(&children, endless, SHORT), ask(&children, "ASK {}", SHORT));
    assert!(first.is_err());
    assert!(matches!(second, Err(IsolatedError::Unavailable(Unavailable::Busy))), "{second:?}");
    is_well(&children).await;
}
