//! `/queries`: the canned queries, their forms and their answers.

use std::{future, iter};

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    AppState, answer, cache,
    form::{self, pairs},
    negotiate, page,
    problem::Problem,
    representation::{self, PAGE, Representation},
    tag::{Strength, Tag},
};
use crate::{
    diagnostic::near_names,
    engine::{Prepared, Results, Shape},
    query::{CannedQuery, Form},
};

/// `GET /queries`: what can be asked.
pub(crate) async fn list(
    State(state): State<AppState>,
    RawQuery(url): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let url = pairs(url.unwrap_or_default().as_bytes())?;
    let offer = negotiate::choose(form::format(&url)?, &headers, representation::documents())?;
    let body = if *offer == PAGE {
        page::queries(&state.book)
    } else {
        let queries: Vec<_> = state
            .book
            .iter()
            .map(|query| {
                let mut entry = json!(query);
                entry["url"] = json!(format!("/queries/{}", query.name));
                entry["example"] = json!(address(query, &query.example(), None));
                entry
            })
            .collect();
        format!("{:#}\n", json!({ "queries": queries }))
    };
    Ok(answer::response(offer, "queries", body.into_bytes()))
}

/// `GET /queries/{name}`: the answer. With a suffix, `.csv` and so on, in that format; with `.rq`, the query itself.
pub(crate) async fn ask(
    State(state): State<AppState>,
    Path(name): Path<String>,
    RawQuery(url): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut given = pairs(url.unwrap_or_default().as_bytes())?;
    let format = form::format(&given)?.map(str::to_owned);
    given.retain(|(name, _)| name != "format" && name != "output");
    let (query, suffix) = find(&state, &name)?;
    if suffix == Some("rq") {
        let content_type = [(header::CONTENT_TYPE, "application/sparql-query; charset=utf-8")];
        let work = |_| future::ready(Ok((content_type, query.text.clone()).into_response()));
        return cache::answer(&state, Tag::of_bytes(query.text.as_bytes()), &headers, work).await;
    }
    let offers = representation::offers(shape(query));
    let offer = negotiate::choose(format.as_deref().or(suffix), &headers, offers)?;
    if *offer == PAGE {
        return Ok(Box::pin(show(&state, query, &given, offers)).await);
    }
    let Some(format) = offer.format else { return Err(Problem::Internal) };
    let tag = Tag::new(&state, offer, &asked(query, &given), Strength::Strong);
    let bind = || query.bind(&given, &state.edition.catalogue, &state.edition.iris).map(Prepared::trusted);
    let mut prepared = None;
    // Even who has an answer is told so only when the question is sound.
    if state.cache.known(&tag.key()).is_none() {
        prepared = Some(bind()?);
        state.cache.note(tag.key(), shape(query));
    }
    let work = |state: AppState| {
        let (prepared, name) = (prepared.map_or_else(bind, Ok), query.name.clone());
        async move {
            let bytes = state.evaluate_trusted(prepared?, format).await?;
            Ok(answer::response(offer, name.as_str(), bytes))
        }
    };
    cache::answer(&state, tag, &headers, work).await
}

/// What the answer depends on: the query and the values that are given, in whatever order.
fn asked<'a>(query: &'a CannedQuery, given: &'a [(String, String)]) -> Vec<&'a str> {
    let mut values: Vec<_> = given.iter().filter(|(_, value)| !value.trim().is_empty()).collect();
    values.sort_unstable();
    let values = values.into_iter().flat_map(|(name, value)| [name.as_str(), value]);
    iter::once(query.name.as_str()).chain(values).collect()
}

/// A query by its name, with or without a suffix.
fn find<'s, 'n>(state: &'s AppState, name: &'n str) -> Result<(&'s CannedQuery, Option<&'n str>), Problem> {
    if let Some(query) = state.book.get(name) {
        return Ok((query, None));
    }
    let suffixed = name.rsplit_once('.').and_then(|(stem, suffix)| Some((state.book.get(stem)?, Some(suffix))));
    suffixed.ok_or_else(|| {
        let near = near_names(name, state.book.iter().map(|query| query.name.as_str()));
        let shown: String = name.chars().take(60).collect();
        Problem::NotFound {
            what: format!("query \"{shown}\""),
            near: near.into_iter().map(|near| format!("/queries/{near}")).collect(),
        }
    })
}

/// The page of a query. Opened without parameters that it needs, it is a form and no complaint.
async fn show(
    state: &AppState,
    query: &CannedQuery,
    given: &[(String, String)],
    offers: &'static [Representation],
) -> Response {
    let outcome = answer_for_page(state, query, given).await;
    let formats = offers.iter().filter(|offer| **offer != PAGE);
    let formats = formats.map(|offer| (offer.label, address(query, given, Some(offer.name)))).collect();
    let untouched = given.iter().all(|(_, value)| value.trim().is_empty());
    let (status, html) = match &outcome {
        Ok((prepared, results, complete)) => {
            let columns = prepared.columns();
            let shown = page::shown(&columns, results, *complete, &state.edition.iris);
            (axum::http::StatusCode::OK, page::query(query, given, Ok(&shown), formats))
        }
        Err(Problem::Parameter(_)) if untouched => {
            (axum::http::StatusCode::OK, page::query(query, given, Err("Fill in what is asked for."), formats))
        }
        Err(problem) => (problem.status(), page::query(query, given, Err(&problem.detail()), formats)),
    };
    (status, [(header::CONTENT_TYPE, PAGE.content_type), (header::VARY, "Accept")], html).into_response()
}

async fn answer_for_page(
    state: &AppState,
    query: &CannedQuery,
    given: &[(String, String)],
) -> Result<(Prepared, Results, bool), Problem> {
    let prepared = Prepared::trusted(query.bind(given, &state.edition.catalogue, &state.edition.iris)?);
    let bytes = state.evaluate_trusted(prepared.clone(), answer::machine_format(prepared.shape())).await?;
    let (results, complete) = answer::read_back(&bytes, prepared.shape())?;
    Ok((prepared, results, complete))
}

fn shape(query: &CannedQuery) -> Shape {
    match query.form {
        Form::Select => Shape::Table,
        Form::Ask => Shape::Boolean,
        Form::Construct | Form::Describe => Shape::Graph,
    }
}

/// The address of a request: `/queries/targets?goal=11&format=csv`.
fn address(query: &CannedQuery, given: &[(String, String)], format: Option<&str>) -> String {
    let format = format.map(|format| ("format".to_owned(), format.to_owned()));
    let pairs: Vec<String> = given
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .chain(&format)
        .map(|(name, value)| format!("{}={}", form::encode(name), form::encode(value)))
        .collect();
    let path = format!("/queries/{}", query.name);
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}
