//! Finished bytes as a response, and as terms again for pages.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{Term, TermRef, Triple},
    sparql::results::{QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput},
};

use super::{problem::Problem, representation::Representation};
use crate::{
    engine::{Format, Results, Shape},
    rdf::{iri::Iris, vocab::void},
};

/// The most rows a page shows.
pub(crate) const MOST_ROWS: usize = 1000;

/// The most bytes of terms that a page shows.
const MOST_BYTES: usize = 1024 * 1024;

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

/// As [`response`], of a document that is in the dataset and says so: what it describes may have the same address, so the
/// statement is a link, whose context is the document ([RFC 8288, section 3.2](https://www.rfc-editor.org/rfc/rfc8288#section-3.2)).
pub(crate) fn document(iris: &Iris, offer: &Representation, name: &str, body: impl Into<Body>) -> Response {
    let mut response = response(offer, name, body);
    let link = format!("<{}>; rel=\"{}\"", iris.dataset().as_str(), void::IN_DATASET.as_str());
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
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
        let triples = RdfParser::from_format(RdfFormat::NTriples).for_slice(bytes);
        let triples = triples.map(|quad| quad.map(Triple::from).map_err(|error| internal(&error)));
        let (first, complete) = first(triples, |triple| text(triple.object.as_ref()))?;
        return Ok((Results::Graph(first), complete));
    }
    let parser = QueryResultsParser::from_format(QueryResultsFormat::Json);
    match parser.for_slice(bytes).map_err(|error| internal(&error))? {
        SliceQueryResultsParserOutput::Boolean(value) => Ok((Results::Boolean(value), true)),
        SliceQueryResultsParserOutput::Solutions(solutions) => {
            let row = |solution: oxigraph::sparql::QuerySolution| {
                (0..solution.variables().len()).map(|column| solution.get(column).cloned()).collect()
            };
            let rows = solutions.map(|solution| solution.map(row).map_err(|error| internal(&error)));
            let length = |row: &Vec<Option<Term>>| row.iter().flatten().map(|term| text(term.as_ref())).sum();
            let (first, complete) = first(rows, length)?;
            Ok((Results::Table(first), complete))
        }
    }
}

/// As many items as a page shows, and whether these are all.
fn first<T>(
    items: impl Iterator<Item = Result<T, Problem>>,
    length: impl Fn(&T) -> usize,
) -> Result<(Vec<T>, bool), Problem> {
    let (mut first, mut bytes) = (Vec::new(), 0);
    for item in items {
        let item = item?;
        bytes += length(&item);
        if first.len() == MOST_ROWS || bytes > MOST_BYTES {
            return Ok((first, false));
        }
        first.push(item);
    }
    Ok((first, true))
}

/// Bytes of the text of a term.
fn text(term: TermRef<'_>) -> usize {
    match term {
        TermRef::NamedNode(node) => node.as_str().len(),
        TermRef::BlankNode(node) => node.as_str().len(),
        TermRef::Literal(literal) => literal.value().len(),
    }
}
