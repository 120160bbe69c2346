//! The one cache rule: an answer is named by what it was made from, and whoever has it is told so before any work.
//!
//! [RFC 9110, section 8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3) and section 13.1.2. Every answer of an
//! edition is checked again each time, since the next edition may come at any moment; the check costs nothing.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{AppState, problem::Problem, representation::Representation};
use crate::digest::sha256_hex;

/// Hexadecimal digits of a tag: 128 bits.
const DIGITS: usize = 32;

/// Whether equal tags promise equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// They do.
    Strong,
    /// They promise the same answer, perhaps with its rows in another order.
    Weak,
}

/// The name of an answer, as an entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    opaque: String,
    strength: Strength,
}

impl Tag {
    /// The name of the answer to what was `asked` of this edition, in this representation, by this version of the
    /// program.
    pub(crate) fn new(state: &AppState, offer: &Representation, asked: &[&str], strength: Strength) -> Self {
        let made_from = [env!("CARGO_PKG_VERSION"), state.edition.digest(), offer.name];
        // With their lengths, so that no two lists of parts read the same.
        let parts = made_from.iter().chain(asked).map(|part| format!("{} {part}", part.len()));
        Self { opaque: short(sha256_hex(parts)), strength }
    }

    /// The name of something that is what it is, whatever was asked.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self { opaque: short(sha256_hex([bytes])), strength: Strength::Strong }
    }

    /// Answers 304 without work if the client has this answer, and otherwise does the work and names its result.
    ///
    /// # Errors
    /// Those of the work, which are never named.
    pub(crate) async fn answer(
        &self,
        request: &HeaderMap,
        work: impl Future<Output = Result<Response, Problem>>,
    ) -> Result<Response, Problem> {
        let mut response = if self.is_known(request) {
            (StatusCode::NOT_MODIFIED, [(header::VARY, "Accept")]).into_response()
        } else {
            work.await?
        };
        if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED)
            && let Ok(tag) = HeaderValue::from_str(&self.to_string())
        {
            response.headers_mut().insert(header::ETAG, tag);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        Ok(response)
    }

    /// Whether `If-None-Match` names this answer. The comparison is weak, as the RFC asks.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let values = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim).any(|tag| {
            let quoted = tag.strip_prefix("W/").unwrap_or(tag);
            tag == "*" || quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) == Some(&self.opaque)
        })
    }
}

fn short(mut digest: String) -> String {
    digest.truncate(DIGITS);
    digest
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let weak = if self.strength == Strength::Weak { "W/" } else { "" };
        write!(f, "{weak}\"{}\"", self.opaque)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn knows(header: &[u8]) -> bool {
        let tag = Tag { opaque: "abc".into(), strength: Strength::Strong };
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_bytes(header).unwrap());
        tag.is_known(&headers)
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        for known in ["\"abc\"", "W/\"abc\"", "\"x\", W/\"abc\" , \"y\"", "*"] {
            assert!(knows(known.as_bytes()), "{known}");
        }
        for unknown in ["", "abc", "\"abcd\"", "\"ab\"", "w/\"abc\"", "\"abc", "abc\"", "\"x\",\"y\""] {
            assert!(!knows(unknown.as_bytes()), "{unknown}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in proptest::collection::vec(32u8..=255, 0..60)) {
            prop_assume!(!header.contains(&127));
            let _ = knows(&header);
        }
    }
}
