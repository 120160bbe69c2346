//! `/health`: whether the process serves, and whether it should be asked.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use oxigraph::sparql::results::QueryResultsFormat;
use serde_json::json;
use tokio::{sync::Mutex, time::timeout};

use super::{AppState, Live, operations::Operations, problem::Problem};
use crate::engine::{DatasetSpec, Format};

/// How long a worker's last answer to the smallest query counts.
const FRESH: Duration = Duration::from_secs(1);

/// How long whoever asks waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// When a worker was last asked, and whether it answered.
pub(crate) type Probe = Mutex<Option<(Instant, bool)>>;

/// `GET /health/live`: 200 while there is somebody to say so.
pub(crate) async fn live() -> Response {
    answer(&json!({ "status": "live" }))
}

/// `GET /health/ready`: 200 with the edition, and why the newest files were refused if they were; 503 while the server
/// stops, when the queue is full, or when no worker answers.
pub(crate) async fn ready(State(state): State<AppState>, live: Option<Extension<Live>>) -> Result<Response, Problem> {
    if state.operations.is_stopping() {
        return Err(Problem::Stopping);
    }
    let status = live.map(|Extension(live)| live.status());
    if status.as_ref().is_some_and(|status| status.damaged.is_some()) {
        return Err(Problem::Damaged);
    }
    if !can_answer(&state).await {
        return Err(Problem::Busy);
    }
    let mut body = json!({ "status": "ready", "edition": state.edition.digest() });
    if let Some(refused) = status.and_then(|status| status.refused) {
        let seconds = refused.at.elapsed().unwrap_or_default().as_secs();
        body["refused"] = json!({ "why": refused.why, "seconds_ago": seconds });
    }
    Ok(answer(&body))
}

/// Refuses new requests while those at work come to their end. The state of the server can still be asked for.
pub(crate) async fn unless_stopping<F: Future<Output = Response>>(
    operations: &Operations,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let path = request.uri().path();
    if operations.is_stopping() && !path.starts_with("/health/") && path != "/metrics" {
        return Problem::Stopping.into_response();
    }
    next(request).await
}

/// Whether a stranger's query would be answered now. Asks a worker when one is free, at most once a second, whoever asks
/// how often.
async fn can_answer(state: &AppState) -> bool {
    let (Some(isolated), Some(isolation)) = (&state.isolated, &state.isolation) else { return true };
    let figures = isolated.figures();
    if figures.working >= isolation.workers {
        return figures.waiting < isolation.queue;
    }
    let (isolated, probe) = (Arc::clone(isolated), Arc::clone(&state.operations.probe));
    let patience = state.timeout();
    // On its own, so that a client that does not wait does not get a worker killed that is about to start.
    let asked = tokio::spawn(async move {
        let mut last = probe.lock().await;
        if let Some((_, well)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
            return well;
        }
        let json = Format::Table(QueryResultsFormat::Json);
        let well = isolated.answer("ASK {}", None, &DatasetSpec::default(), json, patience).await.is_ok();
        *last = Some((Instant::now(), well));
        well
    });
    matches!(timeout(PATIENCE, asked).await, Ok(Ok(true)))
}

fn answer(body: &serde_json::Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, json), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::OK, headers, format!("{body}\n")).into_response()
}
