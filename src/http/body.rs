//! Request bodies, within bounds of size and time.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, header},
};

use super::problem::Problem;

/// Longest body read, in bytes.
pub(crate) const MAX: usize = 1024 * 1024;

/// Time for a body to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a body that is not compressed.
///
/// # Errors
/// [`Problem::BodyTooLarge`], [`Problem::BodyTooSlow`], [`Problem::MediaType`] for a compressed one,
/// [`Problem::BadRequest`] when the connection breaks.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::MediaType("a body is sent as it is, not compressed".into()));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX) {
        return Err(Problem::BodyTooLarge(MAX));
    }
    match tokio::time::timeout(PATIENCE, to_bytes(body, MAX)).await {
        Err(_) => Err(Problem::BodyTooSlow),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            let source = std::error::Error::source(&error);
            let too_long = source.is_some_and(|source| source.to_string().contains("length limit"));
            Err(if too_long { Problem::BodyTooLarge(MAX) } else { Problem::BadRequest("the body does not end".into()) })
        }
    }
}
