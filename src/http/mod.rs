//! Everything on the wire. The only module that knows axum.
//!
//! [`router`] is the whole URL space; a handler is a few lines; [`negotiate`](self) alone reads `Accept`, and problem
//! documents are written in one place.

mod answer;
mod body;
mod form;
mod headers;
mod live;
mod negotiate;
mod page;
mod problem;
mod queries;
mod representation;
mod server;
mod service_description;
mod sparql;
mod state;
mod static_files;
mod things;

use axum::{
    Router, middleware,
    routing::{any, get},
};

pub use live::{Live, LiveStatus, Refused};
pub use server::{Edge, serve};
pub use state::{AppState, StartError};

/// Every address there is.
pub fn router(state: AppState) -> Router {
    let base = state.edition.iris.base_path().to_owned();
    Router::new()
        // For people.
        .route("/", get(static_files::home))
        .route("/style.css", get(static_files::stylesheet))
        .route("/problems/{slug}", get(static_files::problem_kind))
        // For programs.
        .route("/sparql", any(sparql::endpoint))
        .route("/sparql/", any(sparql::endpoint))
        .route("/queries", get(queries::list))
        .route("/queries/{name}", get(queries::ask))
        // The ontology and its companions, as files.
        .route("/ontology", get(static_files::ontology))
        .route("/ontology.ttl", get(static_files::ontology_turtle))
        .route("/shapes.ttl", get(static_files::shapes))
        .route("/context.jsonld", get(static_files::context))
        // Everything else is looked up in the graph: /resource/…, /theme/…, /dataset.
        .fallback(things::thing)
        .with_state(state)
        .layer(middleware::from_fn(problem::present))
        .layer(middleware::from_fn(headers::for_all))
        .layer(middleware::from_fn_with_state(base, headers::below_base))
}
