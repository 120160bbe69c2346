//! Entity tags: an answer is named by what it was made from, and whoever has it is told so before any work.
//!
//! [RFC 9110, section 8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3) and section 13.1.2. The name is made
//! from the question, so that it costs nothing to check; each content coding has a name of its own.

use axum::http::{HeaderMap, HeaderValue, header};

use super::{
    AppState,
    coding::{Accepted, Coding},
    representation::Representation,
};
use crate::digest::{hex, sha256};

/// Bytes of the hash that a tag shows: 128 bits.
const SHOWN: usize = 16;

/// Whether equal tags promise equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// They do.
    Strong,
    /// They promise the same answer, perhaps with its rows in another order.
    Weak,
}

/// The name of an answer, in whatever coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    key: [u8; 32],
    strength: Strength,
}

impl Tag {
    /// The name of the answer to what was `asked` of this edition and these canned queries, in this representation, by
    /// this version of the program.
    pub(crate) fn new(
        state: &AppState,
        offer: &Representation,
        asked: &[impl AsRef<[u8]>],
        strength: Strength,
    ) -> Self {
        let made_from = [state.origin.as_slice(), offer.name.as_bytes()];
        let parts = made_from.into_iter().chain(asked.iter().map(AsRef::as_ref));
        Self { key: digest(parts), strength }
    }

    /// The name of something that is what it is, whatever was asked.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self { key: sha256([bytes]), strength: Strength::Strong }
    }

    /// What an answer of this name is kept under.
    pub(crate) fn key(&self) -> [u8; 32] {
        self.key
    }

    /// As the value of `ETag`.
    pub(crate) fn in_coding(&self, coding: Coding) -> HeaderValue {
        let weak = if self.strength == Strength::Weak { "W/" } else { "" };
        let value = [weak, "\"", &self.opaque(), coding.suffix(), "\""].concat();
        // Letters, digits and a few signs.
        HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// The coding of the answer that `If-None-Match` names, when the client takes that coding; for `*`, the one it would
    /// get. The comparison is weak, as the RFC asks.
    pub(crate) fn known(&self, request: &HeaderMap, accepted: &Accepted) -> Option<Coding> {
        let mut values = request.get_all(header::IF_NONE_MATCH).iter().peekable();
        values.peek()?;
        let opaque = self.opaque();
        let named = |tag: &str| {
            if tag == "*" {
                return Some(accepted.best());
            }
            let quoted = tag.strip_prefix("W/").unwrap_or(tag);
            let suffix = quoted.strip_prefix('"')?.strip_suffix('"')?.strip_prefix(opaque.as_str())?;
            let mut codings = Coding::ALL.into_iter().filter(|coding| coding.suffix() == suffix);
            codings.next().filter(|coding| accepted.takes(*coding))
        };
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim).find_map(named)
    }

    fn opaque(&self) -> String {
        hex(&self.key[..SHOWN])
    }
}

/// The hash of a list of parts, with their lengths, so that no two lists read the same.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut all = Vec::with_capacity(512);
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_le_bytes());
        all.extend_from_slice(part);
    }
    sha256([all])
}

/// Gives the tag of a response, if it has one, the suffix of the coding that its bytes are packed in now.
pub(crate) fn suffix(headers: &mut HeaderMap, coding: Coding) {
    let plain = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()?.strip_suffix('"'));
    if let Some(Ok(packed)) = plain.map(|plain| HeaderValue::try_from(format!("{plain}{}\"", coding.suffix()))) {
        headers.insert(header::ETAG, packed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TAG: Tag = Tag { key: [0xab; 32], strength: Strength::Strong };

    fn known(header: &[u8], accept: &'static str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_bytes(header).unwrap());
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
        TAG.known(&headers, &Accepted::of(&headers))
    }

    fn filled(pattern: &str) -> String {
        pattern.replace('#', &"ab".repeat(SHOWN))
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        for some in ["\"#\"", "W/\"#\"", "\"x\", W/\"#\" , \"y\"", "*"] {
            assert_eq!(known(filled(some).as_bytes(), ""), Some(Coding::Identity), "{some}");
        }
        for none in ["", "#", "\"#d\"", "\"ab\"", "w/\"#\"", "\"#", "#\"", "\"x\",\"y\"", "\"#-\"", "\"#-deflate\""] {
            assert_eq!(known(filled(none).as_bytes(), ""), None, "{none}");
        }
    }

    #[test]
    fn what_is_known_in_a_coding_must_still_be_taken() {
        let cases = [
            ("\"#-gzip\"", "gzip, br", Some(Coding::Gzip)),
            ("\"#-gzip\"", "br", None),
            ("\"#-gzip\"", "", None),
            ("\"#-zstd\", \"#\"", "br", Some(Coding::Identity)),
            ("\"#\"", "br, identity;q=0", None),
            ("*", "br", Some(Coding::Brotli)),
        ];
        for (tag, accept, expected) in cases {
            assert_eq!(known(filled(tag).as_bytes(), accept), expected, "{tag} {accept}");
        }
    }

    #[test]
    fn each_coding_has_a_tag_of_its_own() {
        let mut headers = HeaderMap::new();
        for coding in Coding::ALL {
            headers.insert(header::ETAG, TAG.in_coding(Coding::Identity));
            suffix(&mut headers, coding);
            assert_eq!(headers[header::ETAG], TAG.in_coding(coding));
        }
        let tags: std::collections::HashSet<_> = Coding::ALL.map(|coding| TAG.in_coding(coding)).into();
        assert_eq!(tags.len(), Coding::ALL.len());
        let weak = Tag { strength: Strength::Weak, ..TAG }.in_coding(Coding::Gzip);
        assert_eq!(weak, filled("W/\"#-gzip\""));
    }

    #[test]
    fn no_two_lists_of_parts_read_the_same() {
        let lists: [&[&[u8]]; 5] = [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[b"", b"abc"]];
        let digests: std::collections::HashSet<_> = lists.map(|list| digest(list.iter().copied())).into();
        assert_eq!(digests.len(), lists.len());
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in proptest::collection::vec(32u8..=255, 0..60)) {
            prop_assume!(!header.contains(&127));
            let _ = known(&header, "gzip");
        }
    }
}
