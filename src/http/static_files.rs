//! The home page, and what comes as it is.

use std::sync::LazyLock;

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
};

use super::{
    AppState, answer, cache,
    form::{self, pairs},
    negotiate, page,
    problem::{KINDS, Kind, Problem},
    representation::{self, PAGE},
    tag::{Strength, Tag},
    things,
};
use crate::{diagnostic::near_names, edition::ONTOLOGY, engine::Shape, rdf::vocab::owl};

static STYLESHEET: File = File {
    content_type: "text/css; charset=utf-8",
    text: page::STYLESHEET,
    tag: LazyLock::new(|| Tag::of_bytes(STYLESHEET.text.as_bytes())),
};
static TERMS: File = File {
    content_type: "text/turtle; charset=utf-8",
    text: ONTOLOGY,
    tag: LazyLock::new(|| Tag::of_bytes(TERMS.text.as_bytes())),
};
static SHAPES: File = File {
    content_type: "text/turtle; charset=utf-8",
    text: include_str!("../../ontology/shapes.ttl"),
    tag: LazyLock::new(|| Tag::of_bytes(SHAPES.text.as_bytes())),
};
static CONTEXT: File = File {
    content_type: "application/ld+json",
    text: include_str!("../../ontology/context.jsonld"),
    tag: LazyLock::new(|| Tag::of_bytes(CONTEXT.text.as_bytes())),
};

/// A file of the program, which no edition changes.
struct File {
    content_type: &'static str,
    text: &'static str,
    tag: LazyLock<Tag>,
}

impl File {
    async fn answer(&'static self, state: &AppState, request: &HeaderMap) -> Result<Response, Problem> {
        let work = |_| async { Ok(([(header::CONTENT_TYPE, self.content_type)], self.text).into_response()) };
        cache::answer(state, *self.tag, request, work).await
    }
}

pub(crate) async fn home(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let tag = Tag::new(&state, &PAGE, &["/"], Strength::Strong);
    let work = |state: AppState| async move { Ok(Html(page::home(&state.edition, &state.book)).into_response()) };
    cache::answer(&state, tag, &headers, work).await
}

pub(crate) async fn stylesheet(state: State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let mut response = STYLESHEET.answer(&state, &headers).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    // It is not quite what is kept.
    response.extensions_mut().remove::<Tag>();
    Ok(response)
}

/// Where a description of the dataset is looked for first ([VoID, section 7.2](https://www.w3.org/TR/void/#well-known)).
pub(crate) async fn void() -> Redirect {
    Redirect::to("/dataset")
}

/// The document that a problem's `type` leads to.
pub(crate) async fn problem_kind(Path(slug): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(Kind { slug, status, title, meaning }) = KINDS.iter().find(|kind| kind.slug == slug) else {
        let near = near_names(&slug, KINDS.iter().map(|kind| kind.slug)).into_iter();
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
    let work = |state: AppState| async move {
        let body = match (offer.name, offer.format) {
            // As it is written, with its comments.
            ("ttl", _) => ONTOLOGY.as_bytes().to_vec(),
            (_, Some(format)) => things::ontology_data(&state, format)?,
            (_, None) => things::ontology_page(&state).into_bytes(),
        };
        Ok(answer::document(&state.edition.iris, offer, "ontology", body))
    };
    cache::answer(&state, Tag::new(&state, offer, &["/ontology"], Strength::Strong), &headers, work).await
}

/// `/ontology/1.0.0`: the ontology by the IRI of its version. There is one version in a program.
pub(crate) async fn ontology_version(
    state: State<AppState>,
    Path(version): Path<String>,
    url: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let dataset = &state.edition.dataset;
    let versions = dataset.iri(owl::VERSION_IRI.as_str()).map_or(&[][..], |predicate| dataset.pso().of(predicate));
    let current = versions.first().and_then(|[_, version]| dataset.text(*version).rsplit('/').next());
    if current != Some(version.as_str()) {
        let near = current.map(|current| format!("/ontology/{current}")).into_iter().collect();
        return Err(Problem::NotFound { what: "such version of the ontology here".into(), near });
    }
    ontology(state, url, headers).await
}

pub(crate) async fn ontology_turtle(state: State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    TERMS.answer(&state, &headers).await
}

pub(crate) async fn shapes(state: State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    SHAPES.answer(&state, &headers).await
}

pub(crate) async fn context(state: State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    CONTEXT.answer(&state, &headers).await
}
