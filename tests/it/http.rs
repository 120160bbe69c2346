//! Everything on the wire, in process: what a request gets, rule by rule.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use ocm_graph::{
    edition::Edition,
    engine::Limits,
    http::{AppState, router},
    query::QueryBook,
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::Quad,
};
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{fixture_edition, repository, shipped_edition};

mod addresses;
mod caching;
mod canned;
mod encodings;
mod every_route;
mod graphs;
mod kept;
mod negotiation;
mod pages;
mod problems;
mod protocol;
mod readme;
mod service_description;

/// The small catalogue over HTTP.
static SMALL: LazyLock<Router> = LazyLock::new(|| server(fixture_edition()));

/// The shipped catalogue over HTTP.
static SHIPPED: LazyLock<Router> = LazyLock::new(|| server(shipped_edition()));

const FORM: &str = "application/x-www-form-urlencoded";
const SPARQL: &str = "application/sparql-query";
const HTML: &str = "text/html";

fn server(edition: Edition) -> Router {
    let (book, diagnostics) = QueryBook::load(&repository("queries"));
    assert_eq!(diagnostics, []);
    router(AppState::new(edition, book, Limits::default(), None).unwrap())
}

/// A request and its answer, on the small catalogue unless told otherwise.
struct Ask {
    method: Method,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    router: &'static Router,
    host: &'static str,
}

fn ask(method: &str, target: &str) -> Ask {
    let method = method.parse().unwrap();
    Ask { method, target: target.into(), headers: Vec::new(), body: Vec::new(), router: &SMALL, host: "localhost:7878" }
}

fn get(target: &str) -> Ask {
    ask("GET", target)
}

/// `GET /sparql?query=…` with other parameters as they stand.
fn sparql(query: &str, more: &str) -> Ask {
    get(&format!("/sparql?query={}{more}", encode(query)))
}

/// `POST /sparql` with a body of some type.
fn post(media_type: &str, body: impl Into<Vec<u8>>) -> Ask {
    ask("POST", "/sparql").header("content-type", media_type).body(body)
}

impl Ask {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn accept(self, value: &str) -> Self {
        self.header("accept", value)
    }

    fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn shipped(mut self) -> Self {
        self.router = &SHIPPED;
        self
    }

    async fn answer(self) -> Answer {
        let what = format!("{} {}", self.method, self.target);
        let mut request = Request::builder().method(self.method).uri(&self.target).header("host", self.host);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { what, status: head.status, headers: head.headers, body }
    }

    /// The answer, which must be a problem of this kind.
    async fn problem(self, status: u16, kind: &str) -> Value {
        let answer = self.answer().await;
        assert_eq!(answer.status, status, "{}: {}", answer.what, answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.what);
        let problem = answer.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{}: {problem}", answer.what);
        problem
    }

    /// The answer, which must be good.
    async fn good(self) -> Answer {
        let answer = self.answer().await;
        assert_eq!(answer.status, 200, "{}: {}", answer.what, answer.text());
        answer
    }
}

struct Answer {
    what: String,
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text()))
    }

    /// A header that is there once; empty if not at all.
    fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{}: {name} is there twice", self.what);
        value.unwrap_or_default()
    }

    /// The media type without parameters.
    fn media_type(&self) -> &str {
        self.header(header::CONTENT_TYPE.as_str()).split(';').next().unwrap()
    }

    /// The body as RDF of the type that the answer claims, sorted.
    fn quads(&self) -> Vec<Quad> {
        let format = RdfFormat::from_media_type(self.media_type()).unwrap_or_else(|| panic!("{}", self.what));
        let quads = RdfParser::from_format(format).for_slice(&self.body);
        let mut quads: Vec<Quad> =
            quads.map(|quad| quad.unwrap_or_else(|error| panic!("{}: {error}", self.what))).collect();
        quads.sort_by_key(ToString::to_string);
        quads
    }

    /// The first column of an answer in SPARQL's JSON, as plain text.
    fn column(&self) -> Vec<String> {
        let json = self.json();
        let name = json["head"]["vars"][0].as_str().unwrap();
        let rows = json["results"]["bindings"].as_array().unwrap().iter();
        rows.map(|row| row[name]["value"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Percent-encodes a value of a query string.
fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
