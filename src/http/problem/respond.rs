//! Problems on the wire: as documents for programs and as pages for people.

use axum::{
    body::HttpBody,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Kind, Problem};
use crate::http::{budget, log::RequestId, negotiate, page};

impl Problem {
    fn respond(&self, as_page: bool, id: Option<RequestId>) -> Response {
        let Kind { slug, status, title, .. } = *self.kind();
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
        tracing::warn!(%method, path = uri.path(), problem = problem.kind().slug, "request failed");
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
