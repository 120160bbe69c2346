//! What every response carries, and what holds for every request before it is routed.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    coding::Accepted,
    compress,
    problem::Problem,
    sparql::{is_options, methods_of},
};

/// Open to every origin, since nothing here is secret or personal; closed to everything a page does not need.
const FOR_ALL: [(HeaderName, HeaderValue); 6] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "Allow, Content-Disposition, Content-Encoding, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
];

/// Whether a request says for which host it is, and how its body comes, in ways that nobody on the way can read
/// differently ([RFC 9112, sections 3.2 and 6.1](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)).
///
/// # Errors
/// [`Problem::BadRequest`]
pub(crate) fn must_be_sound(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    if request.version() == Version::HTTP_11 && headers.get_all(header::HOST).iter().count() != 1 {
        return Err(Problem::BadRequest("a request says once for which host it is, in the field Host".into()));
    }
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    if !headers.get_all(header::TRANSFER_ENCODING).iter().all(is_chunked) {
        return Err(Problem::BadRequest("the only transfer coding that is read is chunked".into()));
    }
    Ok(())
}

/// Answers `OPTIONS`, asked by browsers before a request from another origin, packs what is not packed yet, and adds the
/// headers of every response.
///
/// `HEAD` is asked as `GET`, so that its headers are those of the body it would have; whoever called leaves that out.
pub(crate) async fn for_all<F: Future<Output = Response>>(
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let mut response = if is_options(request.method()) {
        options(&request)
    } else {
        let accepted = Accepted::of(request.headers());
        if *request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        compress::for_client(accepted, next(request).await).await
    };
    for (name, value) in FOR_ALL {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Says that a response was chosen by a header of the request too.
pub(crate) fn vary(headers: &mut HeaderMap, by: &'static str) {
    let known = headers.get(header::VARY).and_then(|value| value.to_str().ok());
    let all = match known {
        None => Ok(HeaderValue::from_static(by)),
        Some(known) if known.split(',').any(|name| name.trim().eq_ignore_ascii_case(by)) => return,
        Some(known) => HeaderValue::try_from(format!("{known}, {by}")),
    };
    if let Ok(all) = all {
        headers.insert(header::VARY, all);
    }
}

fn options(request: &Request) -> Response {
    let methods = HeaderValue::from_static(methods_of(request.uri().path()));
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, methods.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let usual = HeaderValue::from_static("Accept, Content-Type");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(usual));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// The path of a request as the client wrote it.
#[derive(Debug, Clone)]
pub(crate) struct PathAsked(pub(crate) String);

/// Serves the path of the base too: with the base `https://w3id.org/ocm/`, `/ocm/resource/x` is `/resource/x`.
pub(crate) async fn below_base(State(base): State<String>, mut request: Request, next: Next) -> Response {
    let path = PathAsked(request.uri().path().to_owned());
    request.extensions_mut().insert(path);
    let rest = request.uri().path_and_query().and_then(|path| path.as_str().strip_prefix(base.as_str()));
    if let Some(rest) = rest.filter(|_| base != "/")
        && let Ok(uri) = format!("/{rest}").parse::<Uri>()
    {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}
