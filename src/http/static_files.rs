//! The home page, and what comes as it is.

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{
    AppState, answer,
    form::{self, pairs},
    negotiate, page,
    problem::{KINDS, Problem},
    representation::{self, PAGE},
    things,
};
use crate::{diagnostic::near_names, edition::ONTOLOGY, engine::Shape};

const SHAPES: &str = include_str!("../../ontology/shapes.ttl");
const CONTEXT: &str = include_str!("../../ontology/context.jsonld");
const TURTLE: &str = "text/turtle; charset=utf-8";

pub(crate) async fn home(State(state): State<AppState>) -> Html<String> {
    Html(page::home(&state.edition, &state.book))
}

pub(crate) async fn stylesheet() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, page::STYLESHEET).into_response()
}

/// The document that a problem's `type` leads to.
pub(crate) async fn problem_kind(Path(slug): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some((slug, status, title, meaning)) = KINDS.into_iter().find(|kind| kind.0 == slug) else {
        let near = near_names(&slug, KINDS.iter().map(|kind| kind.0)).into_iter();
        let near = near.map(|near| format!("/problems/{near}")).collect();
        return Err(Problem::NotFound { what: "kind of problem of that name".into(), near });
    };
    let offer = negotiate::choose(None, &headers, representation::documents())?;
    let body = if *offer == PAGE {
        page::problem(status.as_u16(), title, meaning, None)
    } else {
        let kind = serde_json::json!({
            "type": format!("/problems/{slug}"), "title": title, "status": status.as_u16(), "meaning": meaning,
        });
        format!("{kind:#}\n")
    };
    Ok(answer::response(offer, slug, body.into_bytes()))
}

/// The ontology, as a page or in any RDF format.
pub(crate) async fn ontology(
    State(state): State<AppState>,
    RawQuery(url): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let url = pairs(url.unwrap_or_default().as_bytes())?;
    let offer = negotiate::choose(form::format(&url)?, &headers, representation::offers(Shape::Graph))?;
    let body = match (offer.name, offer.format) {
        // As it is written, with its comments.
        ("ttl", _) => ONTOLOGY.as_bytes().to_vec(),
        (_, Some(format)) => things::ontology_data(&state, format)?,
        (_, None) => things::ontology_page(&state).into_bytes(),
    };
    Ok(answer::response(offer, "ontology", body))
}

pub(crate) async fn ontology_turtle() -> Response {
    ([(header::CONTENT_TYPE, TURTLE)], ONTOLOGY).into_response()
}

pub(crate) async fn shapes() -> Response {
    ([(header::CONTENT_TYPE, TURTLE)], SHAPES).into_response()
}

pub(crate) async fn context() -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/ld+json")], CONTEXT).into_response()
}
