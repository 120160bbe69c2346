//! `/sparql`: the SPARQL 1.1 Protocol for queries.

use std::{iter, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};
use oxigraph::model::NamedNode;

use super::{
    AppState, answer, body, cache,
    form::{self, once, pairs},
    headers::PathAsked,
    negotiate, page,
    plans::{Planned, Question},
    problem::Problem,
    representation::{self, Representation},
    service_description,
    tag::{self, Tag},
};
use crate::engine::{DatasetSpec, Prepared, Shape};

/// The methods of the endpoint.
pub(crate) const METHODS: &str = "GET, HEAD, POST, QUERY, OPTIONS";

/// A request of the protocol, whatever way it came.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    /// None for a `GET` that asks nothing.
    query: Option<String>,
    default: Vec<String>,
    named: Vec<String>,
    format: Option<String>,
    /// How the answer is made is wanted instead of the answer, in this form.
    explain: Option<String>,
}

/// [SPARQL 1.1 Protocol, section 2](https://www.w3.org/TR/sparql11-protocol/#protocol): a query by `GET`, as a form, or
/// as the body. `QUERY` is as `POST` with the query as the body. Without a query: the service description, or a form for
/// people.
pub(crate) async fn endpoint(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let endpoint = asked_address(&state, &request);
    // What is rarely needed is boxed, so that the rest is not moved about with it.
    let asked = Box::pin(read(request)).await?;
    let Some(query) = &asked.query else { return describe(&state, &headers, endpoint, asked.format.as_deref()) };

    let question = asked.question(query.clone(), dataset(&asked)?);
    if let Some(form) = &asked.explain {
        return Box::pin(explain_plan(&state, &question, form)).await;
    }
    let wants_page = wants_page(&headers, asked.format.as_deref());
    let (shape, is_volatile) = match state.cache.known(&question.digest).filter(|_| !wants_page) {
        // What is known already is not volatile.
        Some(shape) => (shape, false),
        None => match state.read(&question) {
            Ok(Planned { prepared, .. }) => (prepared.shape(), prepared.is_volatile()),
            // The form again, with what is wrong beside it.
            Err(problem) if wants_page => return Ok(form(problem.status(), query, Err(&explain(&problem)))),
            Err(problem) => return Err(problem),
        },
    };
    let offer = negotiate::choose(asked.format.as_deref(), &headers, representation::offers(shape))?;
    if !is_volatile {
        state.cache.note(question.digest, shape);
    }
    let Some(format) = offer.format else {
        let prepared = state.read(&question)?.prepared;
        return Box::pin(show(&state, &question, &prepared)).await;
    };
    let strength = state.strength();
    let tag = Tag::new(&state, offer, &[question.digest], strength);
    let work = |state: AppState| async move {
        let bytes = state.evaluate(&question, format).await?;
        Ok(answer::response(offer, "answer", bytes))
    };
    if is_volatile {
        return Box::pin(work(state)).await.map(not_to_be_kept);
    }
    if reads {
        return cache::answer(&state, tag, &headers, work).await;
    }
    // What is sent may have been asked before, but caches on the way do not look into bodies.
    let mut response = cache::fetch(&state, tag, &headers, work).await?;
    response.headers_mut().remove(header::ETAG);
    Ok(not_to_be_kept(response))
}

/// How a query is answered: `?explain=text` or `?explain=json`.
async fn explain_plan(state: &AppState, question: &Question, form: &str) -> Result<Response, Problem> {
    let as_json = match form {
        "json" => true,
        "text" => false,
        _ => return Err(Problem::BadRequest("explain is json or text".into())),
    };
    let explanation = state.explain(question).await?;
    let (media_type, body) = if as_json {
        let body = serde_json::to_string_pretty(&explanation).map_err(|error| {
            tracing::error!(%error, "an explanation cannot be written");
            Problem::Internal
        })?;
        ("application/json", body)
    } else {
        ("text/plain; charset=utf-8", explanation.text())
    };
    Ok(not_to_be_kept(([(header::CONTENT_TYPE, media_type)], body).into_response()))
}

fn not_to_be_kept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The form for people, with an answer or with what is wrong.
fn form(status: StatusCode, query: &str, outcome: Result<&page::Shown<'_>, &str>) -> Response {
    let headers = [(header::CONTENT_TYPE, representation::PAGE.content_type), (header::VARY, "Accept")];
    (status, headers, page::sparql(query, outcome)).into_response()
}

/// The answer as a page: what programs get, read back.
async fn show(state: &AppState, question: &Question, prepared: &Prepared) -> Result<Response, Problem> {
    let query = &question.text;
    let shape = prepared.shape();
    let outcome = match state.evaluate(question, answer::machine_format(shape)).await {
        Ok(bytes) => answer::read_back(&bytes, shape),
        Err(problem) => Err(problem),
    };
    Ok(match &outcome {
        Ok((results, complete)) => {
            let columns = prepared.columns();
            let shown = page::shown(&columns, results, *complete, &state.edition.iris);
            form(StatusCode::OK, query, Ok(&shown))
        }
        Err(problem) => form(problem.status(), query, Err(&explain(problem))),
    })
}

/// A problem in one sentence, with its place.
fn explain(problem: &Problem) -> String {
    match problem {
        Problem::Query(crate::engine::Refusal::Syntax { position, message }) => format!("At {position}: {message}"),
        other => other.detail(),
    }
}

fn wants_page(headers: &HeaderMap, format: Option<&str>) -> bool {
    format.map_or_else(
        || negotiate::prefers_page(&negotiate::accept(headers)),
        |name| representation::PAGE.is_called(name),
    )
}

/// The address of the endpoint as the client wrote it. Nothing in the data depends on it.
///
/// The scheme is that of the base when the host is, and otherwise that of this server; what a proxy's header says could
/// be said by anybody.
fn asked_address(state: &AppState, request: &Request) -> Option<NamedNode> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let host: Authority = host.parse().ok().filter(|host: &Authority| !host.as_str().contains('@'))?;
    let PathAsked(path) = request.extensions().get()?;
    let base: Uri = state.edition.iris.base().parse().ok()?;
    let scheme = if base.authority() == Some(&host) { base.scheme_str()? } else { "http" };
    NamedNode::new(format!("{scheme}://{host}{path}")).ok()
}

fn describe(
    state: &AppState,
    headers: &HeaderMap,
    endpoint: Option<NamedNode>,
    format: Option<&str>,
) -> Result<Response, Problem> {
    let offer = negotiate::choose(format, headers, representation::offers(Shape::Graph))?;
    let body = match offer.format {
        None => page::sparql_form().into_bytes(),
        Some(format) => service_description::write(state, endpoint, format)?,
    };
    Ok(answer::response(offer, "service", body))
}

/// The dataset the protocol asks for.
/// [Section 2.1.4](https://www.w3.org/TR/sparql11-protocol/#dataset)
fn dataset(asked: &Asked) -> Result<DatasetSpec, Problem> {
    let names = |iris: &[String]| -> Result<Vec<NamedNode>, Problem> {
        let read = |iri: &String| {
            let shown: String = iri.chars().take(100).collect();
            NamedNode::new(iri)
                .map_err(|_| Problem::BadRequest(format!("\"{shown}\" is not an absolute IRI of a graph")))
        };
        iris.iter().map(read).collect()
    };
    Ok(DatasetSpec::new(names(&asked.default)?, names(&asked.named)?))
}

async fn read(request: Request) -> Result<Asked, Problem> {
    let (head, content) = request.into_parts();
    let url = pairs(head.uri.query().unwrap_or_default().as_bytes())?;
    match head.method.as_str() {
        "GET" | "HEAD" => Asked::from_pairs(&url),
        "POST" | "QUERY" => match media_type(&head.headers)?.as_str() {
            "application/x-www-form-urlencoded" => {
                let content = body::read(&head.headers, content).await?;
                let mut fields = pairs(&content)?;
                fields.extend(url);
                Asked::from_pairs(&fields)?.must_ask()
            }
            "application/sparql-query" => {
                let content = body::read(&head.headers, content).await?;
                let text = String::from_utf8(content.into())
                    .map_err(|_| Problem::BadRequest("the query is not UTF-8".into()))?;
                let asked = Asked::from_pairs(&url)?;
                if asked.query.is_some() {
                    return Err(Problem::RepeatedParameter("query".into()));
                }
                Ok(Asked { query: Some(text), ..asked })
            }
            "application/sparql-update" => Err(Problem::ReadOnly),
            other => {
                let shown: String = other.chars().take(60).collect();
                Err(Problem::MediaType(format!(
                    "a query comes as application/sparql-query or application/x-www-form-urlencoded, not as \"{shown}\""
                )))
            }
        },
        _ => Err(Problem::Method(HeaderValue::from_static(METHODS))),
    }
}

impl Asked {
    fn from_pairs(pairs: &[(String, String)]) -> Result<Self, Problem> {
        let all = |name: &str| pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect();
        if pairs.iter().any(|(name, _)| name == "update") {
            return Err(Problem::ReadOnly);
        }
        Ok(Self {
            query: once(pairs, "query")?.map(str::to_owned),
            default: all("default-graph-uri"),
            named: all("named-graph-uri"),
            format: form::format(pairs)?.map(str::to_owned),
            explain: once(pairs, "explain")?.map(str::to_owned),
        })
    }

    /// What the answer depends on.
    fn question(&self, text: String, dataset: DatasetSpec) -> Question {
        let graphs = |name, iris| iter::once(name).chain(<[String]>::iter(iris).map(String::as_str));
        let graphs = graphs("default", &self.default).chain(graphs("named", &self.named));
        let digest = tag::digest(iter::once(text.as_str()).chain(graphs).map(str::as_bytes));
        Question { text, dataset, digest, asked: Instant::now() }
    }

    fn must_ask(self) -> Result<Self, Problem> {
        if self.query.is_none() { Err(Problem::MissingQuery) } else { Ok(self) }
    }
}

/// The media type of the body, in lower case and without parameters. Only UTF-8 is read.
fn media_type(headers: &HeaderMap) -> Result<String, Problem> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    for parameter in parts {
        if let Some(charset) = parameter.strip_prefix("charset=")
            && !matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii")
        {
            return Err(Problem::MediaType("a query is sent in UTF-8".into()));
        }
    }
    Ok(media_type)
}

/// What `OPTIONS` says of a path.
pub(crate) fn methods_of(path: &str) -> &'static str {
    if path.trim_end_matches('/') == "/sparql" { METHODS } else { "GET, HEAD, OPTIONS" }
}

/// Whether a method may be asked of any path.
pub(crate) fn is_options(method: &Method) -> bool {
    *method == Method::OPTIONS
}

/// The representation of a graph for a name or suffix.
pub(crate) fn graph_representation(name: &str) -> Option<&'static Representation> {
    representation::offers(Shape::Graph).iter().find(|offer| offer.name == name)
}
