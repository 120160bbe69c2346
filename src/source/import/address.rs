//! The address of a page and the slug in it.

use oxiri::Iri;

use crate::model::Slug;

/// Why an address cannot be that of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `http:` or `https:` with a host.
    #[error("\"{0}\" is not an address on the web")]
    NotOnTheWeb(String),
    /// No last segment to take a slug from.
    #[error("\"{0}\" does not name a page of the toolkit")]
    NoPage(String),
}

/// The slug of a page: the last segment of its path, percent signs decoded, folded to a slug.
///
/// `/documents/on-ponds` and `/index.php/documents/on-ponds` give `on-ponds`, `/es/node/432` gives `432`.
pub(super) fn slug(url: &str) -> Result<Slug, AddressError> {
    let not_on_the_web = || AddressError::NotOnTheWeb(url.into());
    let iri = Iri::parse(url).map_err(|_| not_on_the_web())?;
    if !matches!(iri.scheme(), "http" | "https") || iri.authority().is_none_or(str::is_empty) {
        return Err(not_on_the_web());
    }
    let segment = iri.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let slug = Slug::from_name(&decoded(segment)).filter(|_| segment != "index.php");
    slug.ok_or_else(|| AddressError::NoPage(url.into()))
}

/// A segment with its percent-encoded bytes as text ([RFC 3986, section 2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)).
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_gives_the_slug() {
        for (url, expected) in [
            ("https://a.org/documents/on-ponds", "on-ponds"),
            ("https://a.org/index.php/documents/on-ponds/", "on-ponds"),
            ("http://a.org/es/node/432", "432"),
            ("https://a.org/documents/On_Ponds?page=1#top", "on-ponds"),
            ("https://a.org/documents/caf%C3%A9%20society", "cafe-society"),
        ] {
            assert_eq!(slug(url).unwrap().as_str(), expected, "{url}");
        }
    }

    #[test]
    fn what_names_no_page_is_refused() {
        for url in ["", "on-ponds", "ftp://a.org/x", "file:///x", "mailto:a@b.org", "https:x", "https://a.org/a b"] {
            assert!(matches!(slug(url), Err(AddressError::NotOnTheWeb(_))), "{url}");
        }
        for url in
            ["https://a.org", "https://a.org/", "https://a.org/index.php", "https://a.org/%20/", "https://a.org/…"]
        {
            assert!(matches!(slug(url), Err(AddressError::NoPage(_))), "{url}");
        }
    }
}
