//! Everything on the wire. The only module that knows axum.
//!
//! [`router`] is the whole URL space; a handler is a few lines; [`negotiate`](self) alone reads `Accept`, and problem
//! documents are written in one place.

mod answer;
mod body;
mod budget;
mod cache;
mod client;
mod coding;
mod compress;
mod form;
mod graphs;
mod headers;
mod health;
mod limits;
mod live;
mod log;
mod metrics;
mod negotiate;
mod operations;
mod page;
mod plans;
mod problem;
mod queries;
mod recall;
mod representation;
mod server;
mod service_description;
mod sparql;
mod state;
mod static_files;
mod tag;
mod things;

use std::sync::Arc;

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};

pub use budget::BudgetOptions;
pub use client::{ForwardedBy, Proxies};
pub use live::{Live, LiveStatus, Refused};
pub use operations::Operations;
pub use server::{Edge, serve};
pub use state::{AppState, StartError};

use cache::Cache;

/// Every address there is.
pub fn router(state: AppState) -> Router {
    let base = state.edition.iris.base_path().to_owned();
    let (operations, cache) = (state.operations.clone(), state.cache.clone());
    let routes = Router::new()
        // For people.
        .route("/", get(static_files::home))
        .route("/style.css", get(static_files::stylesheet))
        .route("/problems/{slug}", get(static_files::problem_kind))
        .route("/limits", get(limits::show))
        // For people and programs.
        .route("/sparql", any(sparql::endpoint))
        .route("/sparql/", any(sparql::endpoint))
        .route("/queries", get(queries::list))
        .route("/queries/{name}", get(queries::ask))
        .route("/graphs", any(graphs::store))
        .route("/graph/{name}", any(graphs::graph))
        .route("/.well-known/void", get(static_files::void))
        // For whoever runs it.
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        // The ontology and its companions, as files.
        .route("/ontology", get(static_files::ontology))
        .route("/ontology/{version}", get(static_files::ontology_version))
        .route("/ontology.ttl", get(static_files::ontology_turtle))
        .route("/shapes.ttl", get(static_files::shapes))
        .route("/context.jsonld", get(static_files::context))
        // Everything else is looked up in the graph: /resource/…, /theme/…, /dataset.
        .fallback(things::thing)
        .with_state(state)
        .layer(middleware::from_fn_with_state((operations, cache), around));
    // Around the routes and not among them: a layer of a router sees a request when its route is chosen already.
    Router::new().fallback_service(routes).layer(middleware::from_fn_with_state(base, headers::below_base))
}

/// The routes that make work, which is paid for.
const PAID: [&str; 6] = ["/sparql", "/sparql/", "/queries", "/queries/{name}", "/graphs", "/graph/{name}"];

/// What happens around every handler, the outermost first. One layer and not five: the router copies all that lies inside
/// a layer for each request, once for every layer around it.
async fn around(
    State((operations, cache)): State<(Arc<Operations>, Arc<Cache>)>,
    request: Request,
    next: Next,
) -> Response {
    let operations = &operations;
    let is_paid = request.extensions().get::<MatchedPath>().is_some_and(|path| PAID.contains(&path.as_str()));
    let handle = |request| recall::before(&cache, &operations.metrics, request, |request| next.run(request));
    let paid = |request| async move {
        if is_paid { budget::within(operations, request, handle).await } else { handle(request).await }
    };
    let serving = |request| async move {
        match headers::must_be_sound(&request) {
            Ok(()) => health::unless_stopping(operations, request, paid).await,
            Err(problem) => problem.into_response(),
        }
    };
    let presented = |request| problem::present(request, serving);
    log::observe(operations, request, |request| headers::for_all(request, presented)).await
}
