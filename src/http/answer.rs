//! Finished bytes as a response, and as terms again for pages.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    sparql::results::{QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput},
};

use super::{problem::Problem, representation::Representation};
use crate::engine::{Format, Results, Shape};

/// The most rows a page shows.
pub(crate) const MOST_ROWS: usize = 1000;

/// A response whose representation was chosen by negotiation. `name` is what a downloaded table is called.
pub(crate) fn response(offer: &Representation, name: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(offer.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    // A spreadsheet that opens a cell such as =1+1 must have been saved by somebody first.
    if matches!(offer.name, "csv" | "tsv")
        && let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{}\"", offer.name))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The format a page is made from.
pub(crate) fn machine_format(shape: Shape) -> Format {
    match shape {
        Shape::Table | Shape::Boolean => Format::Table(QueryResultsFormat::Json),
        Shape::Graph => Format::Graph(RdfFormat::NTriples),
    }
}

/// The first rows of an answer in [`machine_format`], and whether these are all.
pub(crate) fn read_back(bytes: &[u8], shape: Shape) -> Result<(Results, bool), Problem> {
    let internal = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "our own answer cannot be read back");
        Problem::Internal
    };
    if shape == Shape::Graph {
        let mut triples = RdfParser::from_format(RdfFormat::NTriples).for_slice(bytes);
        let first: Result<Vec<_>, _> = triples.by_ref().take(MOST_ROWS).map(|quad| quad.map(Into::into)).collect();
        return Ok((Results::Graph(first.map_err(|error| internal(&error))?), triples.next().is_none()));
    }
    let parser = QueryResultsParser::from_format(QueryResultsFormat::Json);
    match parser.for_slice(bytes).map_err(|error| internal(&error))? {
        SliceQueryResultsParserOutput::Boolean(value) => Ok((Results::Boolean(value), true)),
        SliceQueryResultsParserOutput::Solutions(mut solutions) => {
            let row = |solution: oxigraph::sparql::QuerySolution| {
                (0..solution.variables().len()).map(|column| solution.get(column).cloned()).collect()
            };
            let first: Result<Vec<_>, _> = solutions.by_ref().take(MOST_ROWS).map(|s| s.map(row)).collect();
            Ok((Results::Table(first.map_err(|error| internal(&error))?), solutions.next().is_none()))
        }
    }
}
