//! Everything that can go wrong with a request, as problem documents (RFC 9457). Nothing else writes error bodies.

use axum::{
    body::HttpBody,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{budget, log::RequestId, negotiate, page, representation::Representation};
use crate::{
    engine::{EngineError, IsolatedError, Limit, Refusal, Unavailable},
    query::ParamError,
};

/// Why a request has no answer.
#[derive(Debug, Clone)]
pub(crate) enum Problem {
    /// The request is not sound HTTP or not sound URL encoding.
    BadRequest(String),
    /// Neither a query nor a place to ask one.
    MissingQuery,
    /// A parameter that may be there once is there more often.
    RepeatedParameter(String),
    /// The query is refused before it is evaluated.
    Query(Refusal),
    /// A canned query cannot be bound.
    Parameter(ParamError),
    /// The graph is read-only.
    ReadOnly,
    /// There is nothing at this address; names that are near.
    NotFound {
        /// What was looked for.
        what: String,
        /// Addresses that are near.
        near: Vec<String>,
    },
    /// The method is not one of these.
    Method(HeaderValue),
    /// Nothing on offer is acceptable.
    NotAcceptable {
        /// What is on offer.
        offers: &'static [Representation],
    },
    /// `?format=` names something that is not on offer.
    UnknownFormat {
        /// The name given.
        given: String,
        /// What is on offer.
        offers: &'static [Representation],
    },
    /// The body is in a format we do not read.
    MediaType(String),
    /// The body is longer than this many bytes.
    BodyTooLarge(usize),
    /// The body did not come in time.
    BodyTooSlow,
    /// The query did not end in time.
    Timeout,
    /// The answer is larger than a limit.
    AnswerTooLarge {
        /// Which.
        limit: Limit,
        /// What it is.
        allowed: usize,
    },
    /// The query outgrew its memory.
    Memory,
    /// The query calls a function there is not.
    UnknownFunction(String),
    /// Too many queries at once.
    Busy,
    /// The client has used up what it may.
    TooManyRequests(budget::Refusal),
    /// The server is asked to end.
    Stopping,
    /// The edition's file has changed under us.
    Damaged,
    /// Our fault.
    Internal,
}

/// The kinds of problem: slug, status, title, and what it means. `/problems/{slug}` shows them.
pub(crate) const KINDS: [(&str, StatusCode, &str, &str); 26] = [
    (
        "bad-request",
        StatusCode::BAD_REQUEST,
        "The request is malformed",
        "The request cannot be read: its encoding is broken.",
    ),
    (
        "missing-query",
        StatusCode::BAD_REQUEST,
        "There is no query",
        "A request to the SPARQL endpoint carries exactly one query, as the parameter query or as the body.",
    ),
    (
        "repeated-parameter",
        StatusCode::BAD_REQUEST,
        "A parameter is given more than once",
        "The SPARQL Protocol allows one query, and each parameter of a canned query has one value.",
    ),
    (
        "malformed-query",
        StatusCode::BAD_REQUEST,
        "The query is not SPARQL 1.1",
        "The text stops being SPARQL at the line and column given.",
    ),
    (
        "query-too-complex",
        StatusCode::BAD_REQUEST,
        "The query is too complex",
        "A limit on the shape of queries keeps the endpoint up for everybody. The detail says which limit.",
    ),
    (
        "query-too-long",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The query is too long",
        "The text of a query has a largest length.",
    ),
    (
        "unknown-graph",
        StatusCode::BAD_REQUEST,
        "There is no such graph",
        "FROM and FROM NAMED name graphs of this dataset. Nothing is ever fetched.",
    ),
    (
        "unknown-function",
        StatusCode::BAD_REQUEST,
        "There is no such function",
        "The query calls a function by its IRI. This endpoint has those of SPARQL 1.1 and the casts of XML Schema.",
    ),
    ("service-refused", StatusCode::FORBIDDEN, "SERVICE is not allowed", "This endpoint never calls another one."),
    (
        "read-only",
        StatusCode::FORBIDDEN,
        "The graph is read-only",
        "The graph changes only when the files it is made of change. Updates are refused, whoever sends them.",
    ),
    (
        "bad-parameter",
        StatusCode::BAD_REQUEST,
        "A parameter is wrong",
        "A canned query's parameters have types. The detail names the parameter and shows a value that works.",
    ),
    ("not-found", StatusCode::NOT_FOUND, "There is nothing here", "Nothing has this address."),
    (
        "method-not-allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "This method is not possible here",
        "The Allow header lists the methods that are.",
    ),
    (
        "not-acceptable",
        StatusCode::NOT_ACCEPTABLE,
        "No acceptable format",
        "Nothing in the Accept header is on offer. The detail lists what is.",
    ),
    (
        "unknown-format",
        StatusCode::BAD_REQUEST,
        "There is no such format here",
        "The format parameter names a format that this answer does not come in. The detail lists those it does.",
    ),
    (
        "unsupported-media-type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body is in the wrong format",
        "A query is sent as a form, or as application/sparql-query in UTF-8 and not compressed.",
    ),
    (
        "body-too-large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body is too large",
        "The body of a request has a largest length.",
    ),
    (
        "body-too-slow",
        StatusCode::REQUEST_TIMEOUT,
        "The body took too long",
        "The body of a request must come in time.",
    ),
    (
        "timeout",
        StatusCode::SERVICE_UNAVAILABLE,
        "The query took too long",
        "Every query has a deadline. Parts that share no variable multiply; join them, ask for less, or add a LIMIT inside a sub-query.",
    ),
    (
        "out-of-memory",
        StatusCode::SERVICE_UNAVAILABLE,
        "The query needed too much memory",
        "Every query has a limit of memory. Sorting, grouping and DISTINCT hold all their rows: ask for less before them.",
    ),
    (
        "answer-too-large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The answer is too large",
        "An answer has a largest size, and is never cut silently. Narrow the query, or page through it with ORDER BY, LIMIT and OFFSET.",
    ),
    (
        "busy",
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many queries at once",
        "The queue is full. Try again after the time in Retry-After.",
    ),
    (
        "too-many-requests",
        StatusCode::TOO_MANY_REQUESTS,
        "You have used up your budget",
        "Each client may use so many seconds of work and make so many errors in each minute; /limits says how many. Try again after the time in Retry-After.",
    ),
    (
        "stopping",
        StatusCode::SERVICE_UNAVAILABLE,
        "The server is stopping",
        "Requests at work are finished, new ones are not begun. Try again after the time in Retry-After.",
    ),
    (
        "damaged",
        StatusCode::SERVICE_UNAVAILABLE,
        "The edition is damaged",
        "The file that is served does not agree with its checksum; the server's log says what to do.",
    ),
    (
        "internal",
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong here",
        "This is our fault. The cause is in the server's log.",
    ),
];

impl Problem {
    pub(crate) fn unknown_format(given: &str, offers: &'static [Representation]) -> Self {
        Self::UnknownFormat { given: given.chars().take(60).collect(), offers }
    }

    fn slug(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad-request",
            Self::MissingQuery => "missing-query",
            Self::RepeatedParameter(_) | Self::Parameter(ParamError::Repeated { .. }) => "repeated-parameter",
            Self::Query(Refusal::Syntax { .. }) => "malformed-query",
            Self::UnknownFunction(_) => "unknown-function",
            Self::Query(Refusal::Update { .. }) | Self::ReadOnly => "read-only",
            Self::Query(Refusal::Service) => "service-refused",
            Self::Query(Refusal::UnknownGraph { .. }) => "unknown-graph",
            Self::Query(Refusal::Limit { limit: Limit::Text, .. }) => "query-too-long",
            Self::Query(Refusal::Limit { .. }) => "query-too-complex",
            Self::Parameter(_) => "bad-parameter",
            Self::NotFound { .. } => "not-found",
            Self::Method(_) => "method-not-allowed",
            Self::NotAcceptable { .. } => "not-acceptable",
            Self::UnknownFormat { .. } => "unknown-format",
            Self::MediaType(_) => "unsupported-media-type",
            Self::BodyTooLarge(_) => "body-too-large",
            Self::BodyTooSlow => "body-too-slow",
            Self::Timeout => "timeout",
            Self::Memory => "out-of-memory",
            Self::AnswerTooLarge { .. } => "answer-too-large",
            Self::Busy => "busy",
            Self::TooManyRequests(_) => "too-many-requests",
            Self::Stopping => "stopping",
            Self::Damaged => "damaged",
            Self::Internal => "internal",
        }
    }

    fn kind(&self) -> (&'static str, StatusCode, &'static str, &'static str) {
        let slug = self.slug();
        // The last kind is "internal".
        KINDS.into_iter().find(|kind| kind.0 == slug).unwrap_or(KINDS[KINDS.len() - 1])
    }

    /// The status of its answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind().1
    }

    /// What is wrong with this very request.
    pub(crate) fn detail(&self) -> String {
        let list = |offers: &[Representation]| {
            let offers: Vec<String> = offers.iter().map(|o| format!("{} ({})", o.name, o.media_types[0])).collect();
            offers.join(", ")
        };
        match self {
            Self::BadRequest(what) | Self::MediaType(what) | Self::UnknownFunction(what) => what.clone(),
            Self::RepeatedParameter(name) => format!("the parameter \"{name}\" is given more than once"),
            Self::Query(Refusal::UnknownGraph { graph, known }) => {
                let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                format!("there is no graph {graph}; there are {}", known.join(", "))
            }
            Self::Query(refusal) => refusal.to_string(),
            Self::Parameter(error) => error.to_string(),
            Self::NotFound { what, near } if near.is_empty() => format!("there is no {what}"),
            Self::NotFound { what, near } => format!("there is no {what}; did you mean {}?", near.join(" or ")),
            Self::NotAcceptable { offers } => format!("this answer comes as {}", list(offers)),
            Self::UnknownFormat { given, offers } => {
                format!("there is no format \"{given}\" for this answer: it comes as {}", list(offers))
            }
            Self::BodyTooLarge(most) => format!("a body may have {most} bytes"),
            Self::AnswerTooLarge { limit, allowed } => format!("the answer has more than {allowed} {limit}"),
            Self::TooManyRequests(refusal) => refusal.to_string(),
            Self::Memory => "the query needed more memory than a query may have".into(),
            Self::MissingQuery
            | Self::ReadOnly
            | Self::Method(_)
            | Self::BodyTooSlow
            | Self::Timeout
            | Self::Busy
            | Self::Stopping
            | Self::Damaged
            | Self::Internal => self.kind().3.to_owned(),
        }
    }

    /// The members that programs may want, besides those of RFC 9457.
    fn extensions(&self) -> Map<String, Value> {
        let members = match self {
            Self::Query(refusal) => {
                let (position, limit) = match refusal {
                    Refusal::Syntax { position, .. } | Refusal::Update { position } => (Some(*position), None),
                    Refusal::Limit { limit, allowed, position, .. } => (*position, Some((*limit, *allowed))),
                    Refusal::Service | Refusal::UnknownGraph { .. } => (None, None),
                };
                json!({
                    "line": position.map(|p| p.line),
                    "column": position.map(|p| p.column),
                    "limit": limit.map(|(limit, _)| limit.name()),
                    "allowed": limit.map(|(_, allowed)| allowed),
                    "hint": limit.map(|(limit, _)| limit.advice()),
                })
            }
            Self::AnswerTooLarge { limit, allowed } => {
                json!({ "limit": limit.name(), "allowed": allowed, "hint": limit.advice() })
            }
            Self::Parameter(error) => match error {
                ParamError::Unknown { given, near, known } => {
                    json!({ "parameter": given, "near": near, "known": known })
                }
                ParamError::Repeated { name } => json!({ "parameter": name }),
                ParamError::Missing { name, example, .. } => json!({ "parameter": name, "example": example }),
                ParamError::Invalid { name, example, near, .. } => {
                    json!({ "parameter": name, "example": example, "near": near })
                }
            },
            Self::NotFound { near, .. } => json!({ "near": near }),
            Self::RepeatedParameter(name) => json!({ "parameter": name }),
            _ => json!({}),
        };
        let Value::Object(members) = members else { return Map::new() };
        let said = |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
        members.into_iter().filter(|(_, value)| said(value)).collect()
    }

    fn respond(&self, as_page: bool, id: Option<RequestId>) -> Response {
        let (slug, status, title, _) = self.kind();
        let detail = self.detail();
        let mut response = if as_page {
            let hint = self.extensions().get("hint").and_then(Value::as_str).map(str::to_owned);
            let body = page::problem(status.as_u16(), title, &detail, hint.as_deref());
            body.into_response()
        } else {
            let mut body = json!({
                "type": format!("/problems/{slug}"),
                "title": title,
                "status": status.as_u16(),
                "detail": detail,
            });
            if let Value::Object(members) = &mut body {
                members.extend(id.map(|id| ("instance".into(), json!(format!("/requests/{id}")))));
                members.extend(self.extensions());
            }
            format!("{body:#}\n").into_response()
        };
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, content_type(as_page));
        self.add_headers(response.headers_mut());
        response
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
        match self {
            Self::Method(allow) => {
                headers.insert(header::ALLOW, allow.clone());
            }
            Self::Busy => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            Self::TooManyRequests(refusal) => {
                headers.insert(header::RETRY_AFTER, refusal.retry_after.into());
            }
            Self::Stopping => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Self::Timeout | Self::Memory => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
            }
            _ => {}
        }
    }
}

fn content_type(as_page: bool) -> HeaderValue {
    HeaderValue::from_static(if as_page { "text/html; charset=utf-8" } else { "application/problem+json" })
}

impl IntoResponse for Problem {
    /// Carries the problem to [`present`], which knows what the client reads.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem of a response in the form the client prefers. What axum itself refused becomes a problem too.
pub(crate) async fn present<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let accept = negotiate::accept(request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let has_body = !request.body().is_end_stream();
    let id = request.extensions().get::<RequestId>().copied();
    let mut response = next(request).await;
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            let allow = response.headers().get(header::ALLOW).cloned();
            Some(Problem::Method(allow.unwrap_or(HeaderValue::from_static("GET, HEAD, OPTIONS"))))
        }
        _ => None,
    });
    let Some(problem) = problem else { return response };
    if problem.status().is_server_error() {
        tracing::warn!(%method, path = uri.path(), problem = problem.slug(), "request failed");
    }
    // What the client has left is said with a refusal too.
    let kept: Vec<_> = [budget::POLICY, budget::LEFT]
        .into_iter()
        .filter_map(|name| Some((name.clone(), response.headers_mut().remove(name)?)))
        .collect();
    let mut response = problem.respond(negotiate::prefers_page(&accept), id);
    response.headers_mut().extend(kept);
    if has_body {
        // It may not have been read to its end, and then the connection cannot carry another request.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if method == Method::HEAD { without_body(response) } else { response }
}

/// The head of a response, with the length its body would have.
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(head, axum::body::Body::empty())
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Query(refusal)
    }
}

impl From<ParamError> for Problem {
    fn from(error: ParamError) -> Self {
        Self::Parameter(error)
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Timeout => Self::Timeout,
            EngineError::Memory => Self::Memory,
            EngineError::TooLarge { limit, allowed } => Self::AnswerTooLarge { limit, allowed },
            EngineError::UnknownFunction(what) => Self::UnknownFunction(what),
            EngineError::Internal(cause) => {
                tracing::error!(cause, "an evaluation failed");
                Self::Internal
            }
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Busy => Self::Busy,
            Unavailable::Overdue => Self::Timeout,
            Unavailable::Failed => Self::Internal,
        }
    }
}

impl From<IsolatedError> for Problem {
    fn from(error: IsolatedError) -> Self {
        match error {
            IsolatedError::Unavailable(unavailable) => unavailable.into(),
            IsolatedError::Engine(error) => error.into(),
            IsolatedError::Memory => Self::Memory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_kind_is_the_one_for_everything_else() {
        assert_eq!(KINDS[KINDS.len() - 1].0, "internal");
        assert_eq!(Problem::Internal.kind().1, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
