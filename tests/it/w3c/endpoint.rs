//! The endpoint under test, over a socket.

use std::{fmt, io::Read, sync::LazyLock};

use ocm_graph::{
    dataset::Dataset,
    edition::Edition,
    engine::{Evaluator, Isolation, Limits},
    http::{AppState, Edge, router, serve},
    query::QueryBook,
    rdf::iri::Iris,
};
use oxigraph::model::{NamedNode, Quad};
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle};
use ureq::{Agent, http};

use crate::support::fixture_edition;

/// What the servers of all tests run on.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime can be started"));

/// The client of all tests. Statuses are answers to it, it sends what it is told to, however wrong, and every request has
/// a connection of its own, so that none depends on the one before.
static CLIENT: LazyLock<Agent> = LazyLock::new(|| {
    let config = Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true);
    config.max_redirects(0).max_idle_connections(0).proxy(None).build().into()
});

/// A server on a port of its own, until it is dropped.
#[derive(Debug)]
pub(super) struct Endpoint {
    origin: String,
    server: JoinHandle<()>,
}

/// A query and the dataset to ask it of.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) query: &'a str,
    /// The names of the graphs whose merge is the default graph.
    pub(super) default_graphs: &'a [NamedNode],
    /// The names of the named graphs. Without any graph the dataset is that of the query, or else of the service.
    pub(super) named_graphs: &'a [NamedNode],
    /// The media type of the answer.
    pub(super) accept: &'a str,
}

/// A request as it is sent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// With the query string.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
}

/// A response as it came.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Empty when there is none.
    pub(super) media_type: String,
    pub(super) body: Vec<u8>,
}

impl Endpoint {
    /// Where queries are sent.
    pub(super) const PATH: &str = "/sparql";

    /// Serves some quads.
    pub(super) fn over(quads: &[Quad]) -> Self {
        Self::with_evaluator(quads, Evaluator::Own)
    }

    /// Serves some quads, for an evaluator to evaluate over.
    pub(super) fn with_evaluator(quads: &[Quad], evaluator: Evaluator) -> Self {
        let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port of one's own can be had");
        let address = listener.local_addr().expect("a bound socket has an address");
        let origin = format!("http://{address}");
        // The state starts tasks of its own.
        let state = RUNTIME.block_on(async { state(quads, &origin, evaluator) });
        let server = RUNTIME.spawn(async move {
            let forever = std::future::pending();
            serve(listener, router(state), Edge::default(), forever).await.expect("a server runs until it is stopped");
        });
        Self { origin, server }
    }

    /// The IRI of the endpoint.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.origin, Self::PATH)
    }

    /// Asks a query by POST.
    pub(super) fn ask(&self, question: &Question<'_>) -> Response {
        let graphs = |name, graphs: &[NamedNode]| -> String {
            graphs.iter().map(|graph| format!("{name}={}&", percent_encoded(graph.as_str()))).collect()
        };
        let dataset =
            graphs("default-graph-uri", question.default_graphs) + &graphs("named-graph-uri", question.named_graphs);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        self.send(&Request {
            method: "POST".into(),
            path: format!("{}?{dataset}", Self::PATH),
            headers: vec![header("content-type", "application/sparql-query"), header("accept", question.accept)],
            body: Some(question.query.into()),
        })
    }

    /// Sends a request.
    pub(super) fn send(&self, request: &Request) -> Response {
        let mut builder =
            http::Request::builder().method(request.method.as_str()).uri(format!("{}{}", self.origin, request.path));
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let response = match &request.body {
            Some(body) => CLIENT.run(builder.body(body.as_slice()).expect("a request is sound")),
            None => CLIENT.run(builder.body(()).expect("a request is sound")),
        };
        let mut response = response.unwrap_or_else(|error| panic!("{request:?}: {error}"));
        let mut body = Vec::new();
        response.body_mut().as_reader().read_to_end(&mut body).unwrap_or_else(|error| panic!("{request:?}: {error}"));
        let media_type = response.headers().get(http::header::CONTENT_TYPE).map(http::HeaderValue::to_str);
        let media_type = media_type.transpose().expect("a media type is ASCII").unwrap_or_default().to_owned();
        Response { status: response.status().as_u16(), media_type, body }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Response {
    /// Whether the endpoint says that the request is wrong.
    pub(super) fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
    }

    /// The kind of problem, when the endpoint says that the request is wrong: the end of the problem's type (RFC 9457).
    pub(super) fn problem(&self) -> Option<String> {
        let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        let kind = document.get("type")?.as_str()?.rsplit('/').next()?;
        (self.is_refusal() && self.media_type == "application/problem+json").then(|| kind.to_owned())
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "received {} {}\n{}", self.status, self.media_type, body.trim_end())
    }
}

/// A value as it stands in a query string.
fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// An edition of these quads alone, with queries in child processes as `ocm serve` has them.
fn state(quads: &[Quad], origin: &str, evaluator: Evaluator) -> AppState {
    let iris = Iris::new(&format!("{origin}/")).expect("an origin is a sound base");
    let edition =
        Edition { iris, dataset: Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap(), ..fixture_edition() };
    let program = env!("CARGO_BIN_EXE_ocm").into();
    let isolation = Isolation { program, workers: 1, queue: 8, memory: 1 << 30, evaluator };
    let state = AppState::new(edition, QueryBook::default(), Limits::default(), Some(&isolation));
    state.expect("any quads can be served")
}
