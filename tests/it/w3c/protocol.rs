//! Protocol tests: HTTP messages as the manifest spells them out.

use ocm_graph::engine::Evaluator;
use oxigraph::{
    io::RdfFormat,
    model::{Graph, NamedNode, Quad, TermRef},
    sparql::results::QueryResultsFormat,
};

use super::{
    answer::Answer,
    endpoint::{Endpoint, Request, Response},
    files::{Files, list, named, object, objects, text},
    manifest::entries,
    report::Outcome,
    vocab::{cnt, ht, mf, rdfs, ut},
};

/// A test: the graphs that have to be there, then messages one after the other.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) id: String,
    data: Vec<Quad>,
    exchanges: Vec<Exchange>,
}

impl Test {
    /// Whether the request of the test is an update that should succeed.
    pub(super) fn is_update(&self) -> bool {
        self.id.contains("#update_")
    }
}

/// A request and what is said of its response.
#[derive(Debug)]
struct Exchange {
    request: Request,
    /// `2xx`, `4xx`
    statuses: Vec<String>,
    /// Of an ASK.
    boolean: Option<bool>,
    /// `boolean`, `tabular` or `RDF`
    format: Option<String>,
}

/// The tests of the protocol manifest.
pub(super) fn tests(files: &Files) -> Vec<Test> {
    let manifest = Files::iri("sparql11/protocol/manifest.ttl");
    let graph = files.graph(manifest.as_ref());
    let test = |(id, entry): (String, TermRef<'_>)| Test {
        id,
        data: objects(&graph, entry, ut::GRAPH_DATA).into_iter().flat_map(|data| quads(files, &graph, data)).collect(),
        exchanges: exchanges(&graph, entry),
    };
    entries(&graph, manifest.as_ref()).into_iter().map(test).collect()
}

/// The file that a test wants under a name.
fn quads(files: &Files, graph: &Graph, data: TermRef<'_>) -> Vec<Quad> {
    let file = object(graph, data, ut::GRAPH).map(named).expect("graph data have a file");
    let name = object(graph, data, rdfs::LABEL).map(text).expect("graph data have a name");
    let name = NamedNode::new(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    files.quads(file.as_ref(), name)
}

fn exchanges(graph: &Graph, entry: TermRef<'_>) -> Vec<Exchange> {
    let action = object(graph, entry, mf::ACTION).expect("a protocol test has an action");
    list(graph, object(graph, action, ht::REQUESTS)).into_iter().map(|request| exchange(graph, request)).collect()
}

fn exchange(graph: &Graph, request: TermRef<'_>) -> Exchange {
    let part = |of, predicate| object(graph, of, predicate).map(|term| text(term).to_owned());
    let required = |of, predicate| part(of, predicate).unwrap_or_else(|| panic!("a request has no {predicate}"));
    let headers = list(graph, object(graph, request, ht::HEADERS)).into_iter();
    let response = object(graph, request, ht::RESP).expect("a request has a response");
    let statuses = objects(graph, response, mf::EXPECTED_STATUS).into_iter().map(named);
    Exchange {
        request: Request {
            method: required(request, ht::METHOD_NAME),
            path: required(request, ht::ABSOLUTE_PATH),
            headers: headers.map(|field| (required(field, ht::FIELD_NAME), required(field, ht::FIELD_VALUE))).collect(),
            body: object(graph, request, ht::BODY)
                .map(|body| encoded(&required(body, cnt::CHARS), &required(body, cnt::CHARACTER_ENCODING))),
        },
        statuses: statuses.map(|iri| iri.as_str().rsplit_once("StatusCode").expect("a status").1.to_owned()).collect(),
        boolean: part(response, mf::EXPECTED_BOOLEAN).map(|value| value == "true"),
        format: part(response, mf::EXPECTED_FORMAT),
    }
}

fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "UTF-8" => text.as_bytes().to_vec(),
        "UTF-16" => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        other => panic!("{other} is not known"),
    }
}

/// An endpoint with the graphs that some tests need.
pub(super) fn endpoint(tests: &[Test], evaluator: Evaluator) -> Endpoint {
    Endpoint::with_evaluator(&tests.iter().flat_map(|test| test.data.clone()).collect::<Vec<_>>(), evaluator)
}

/// Runs a test: as it is stated, or for a test of an update, that the endpoint refuses it as the client's mistake,
/// whatever is to follow.
pub(super) fn run(endpoint: &Endpoint, test: &Test) -> Outcome {
    if test.is_update() {
        let update = test.exchanges.first().ok_or("has no request")?;
        let response = endpoint.send(&update.request);
        return if response.is_refusal() { Ok(()) } else { Err(response.to_string()) };
    }
    test.exchanges.iter().try_for_each(|exchange| check(&endpoint.send(&exchange.request), exchange))
}

fn check(response: &Response, expected: &Exchange) -> Outcome {
    let status = format!("{}xx", response.status / 100);
    if !expected.statuses.contains(&status) {
        return Err(format!("expected {:?}\n{response}", expected.statuses));
    }
    if let Some(format) = &expected.format
        && !is_of_format(&response.media_type, format)
    {
        return Err(format!("expected a {format} answer\n{response}"));
    }
    if let Some(value) = expected.boolean {
        let received = Answer::received(&response.media_type, &response.body)?;
        if !matches!(received, Answer::Boolean(received) if received == value) {
            return Err(format!("expected {value}\n{response}"));
        }
    }
    Ok(())
}

/// Whether a media type is one of those that a manifest's word stands for.
fn is_of_format(media_type: &str, word: &str) -> bool {
    let results = QueryResultsFormat::from_media_type(media_type);
    match word {
        "boolean" => matches!(results, Some(QueryResultsFormat::Xml | QueryResultsFormat::Json)),
        "tabular" => results.is_some(),
        "RDF" => RdfFormat::from_media_type(media_type).is_some(),
        _ => false,
    }
}
