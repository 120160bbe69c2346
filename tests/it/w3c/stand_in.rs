//! Stands in for the real router until there is one: the engine, and just enough of HTTP to reach it.

use axum::{
    Router,
    body::Bytes,
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use ocm_graph::engine::{Engine, Format, Limits, Shape, Watch};
use oxigraph::{
    io::RdfFormat,
    model::{NamedNode, Quad},
    sparql::results::QueryResultsFormat,
};

pub(super) fn router(quads: &[Quad], origin: &str) -> Router {
    let engine = Engine::new(quads, Limits::default()).unwrap();
    let base = format!("{origin}/sparql");
    let handle = async move |RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes| {
        let query = query.unwrap_or_default();
        let accept = headers.get("accept").map_or("*/*", |value| value.to_str().unwrap());
        let text = String::from_utf8(body.to_vec()).unwrap();
        match answer(&engine, &base, &text, &query, accept) {
            Ok((media_type, body)) => ([("content-type", media_type)], body).into_response(),
            Err(error) => (StatusCode::BAD_REQUEST, error).into_response(),
        }
    };
    Router::new().route("/sparql", post(handle.clone())).route("/sparql/", post(handle))
}

fn answer(
    engine: &Engine,
    base: &str,
    text: &str,
    parameters: &str,
    accept: &str,
) -> Result<(&'static str, Vec<u8>), String> {
    let graphs = |name: &str| -> Vec<NamedNode> {
        let values = parameters.split('&').filter_map(|p| p.split_once('=')).filter(|(n, _)| *n == name);
        values.map(|(_, value)| NamedNode::new(decoded(value)).unwrap()).collect()
    };
    let prepared = engine.prepare(text, Some(base)).map_err(|e| format!("{e:?}"))?;
    let dataset =
        engine.dataset(graphs("default-graph-uri"), graphs("named-graph-uri")).map_err(|e| format!("{e:?}"))?;
    let (format, media_type) = if prepared.shape() == Shape::Graph {
        let format = RdfFormat::from_media_type(accept).unwrap_or(RdfFormat::Turtle);
        (Format::Graph(format), format.media_type())
    } else {
        let format = QueryResultsFormat::from_media_type(accept).unwrap_or(QueryResultsFormat::Json);
        (Format::Table(format), format.media_type())
    };
    let bytes = engine.answer(&prepared, &dataset, format, &Watch::unlimited()).map_err(|e| format!("{e:?}"))?;
    Ok((media_type, bytes))
}

fn decoded(text: &str) -> String {
    let bytes = text.split('%').skip(1).map(|hex| u8::from_str_radix(&hex[..2], 16).unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}
