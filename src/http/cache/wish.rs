//! What a request says of answers made before.

use axum::http::{HeaderMap, header};

/// What a request says of answers made before ([RFC 9111, section 5.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Any will do.
    Any,
    /// `no-cache`: it is made afresh, and kept.
    Fresh,
    /// `no-store`: it is made afresh, and not kept.
    Private,
}

impl Wish {
    pub(super) fn of(request: &HeaderMap) -> Self {
        let says = |name, what: &str| {
            let values = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(what))
        };
        if !request.contains_key(header::CACHE_CONTROL) {
            // Section 5.4: what counts when the newer header is not there.
            return if says(header::PRAGMA, "no-cache") { Self::Fresh } else { Self::Any };
        }
        match (says(header::CACHE_CONTROL, "no-store"), says(header::CACHE_CONTROL, "no-cache")) {
            (true, _) => Self::Private,
            (false, true) => Self::Fresh,
            (false, false) => Self::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn requests_say_what_they_think_of_kept_answers() {
        let wish = |headers: &[(header::HeaderName, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            Wish::of(&headers.collect())
        };
        let (control, pragma) = (header::CACHE_CONTROL, header::PRAGMA);
        assert_eq!(wish(&[]), Wish::Any);
        assert_eq!(wish(&[(control.clone(), "max-age=0")]), Wish::Any);
        assert_eq!(wish(&[(control.clone(), "max-age=0, No-Cache")]), Wish::Fresh);
        assert_eq!(wish(&[(control.clone(), "no-cache, no-store")]), Wish::Private);
        assert_eq!(wish(&[(pragma.clone(), "no-cache")]), Wish::Fresh);
        assert_eq!(wish(&[(pragma, "no-cache"), (control, "max-age=9")]), Wish::Any);
    }
}
