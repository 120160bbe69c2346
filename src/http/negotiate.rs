//! Which representation a request gets. Nothing else reads `Accept`.
//!
//! [RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1). The most specific range that
//! matches a media type gives its weight. Among the best, what was named wins over what a wildcard let in, and then the
//! order of our own table decides.

use axum::http::{HeaderMap, header};

use super::{problem::Problem, representation::Representation};

/// One range of an `Accept` header.
#[derive(Debug, Clone, PartialEq)]
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// Thousandths.
    weight: u16,
}

/// Chooses by `?format=` if given, and otherwise by `Accept`.
///
/// # Errors
/// [`Problem::UnknownFormat`] for a format there is not here, [`Problem::NotAcceptable`] when nothing on offer is wanted.
pub(crate) fn choose(
    format: Option<&str>,
    headers: &HeaderMap,
    offers: &'static [Representation],
) -> Result<&'static Representation, Problem> {
    if let Some(name) = format {
        let found = offers.iter().find(|offer| offer.is_called(name));
        return found.ok_or_else(|| Problem::unknown_format(name, offers));
    }
    let accept = accept(headers);
    best(&accept, offers).ok_or_else(|| Problem::NotAcceptable { offers })
}

/// Whether a client with these `Accept` headers would rather have a page than what programs get.
pub(crate) fn prefers_page(accept: &str) -> bool {
    best(accept, super::representation::documents()).is_some_and(|offer| *offer == super::representation::PAGE)
}

/// The values of all `Accept` headers; what is not text counts as not there.
pub(crate) fn accept(headers: &HeaderMap) -> String {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

fn best(accept: &str, offers: &'static [Representation]) -> Option<&'static Representation> {
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(parse).collect();
    if ranges.is_empty() {
        return offers.first();
    }
    // The first of the best: `max_by_key` would give the last.
    let ranked = offers.iter().rev().filter_map(|offer| Some((rank(offer, &ranges)?, offer)));
    ranked.max_by_key(|(rank, _)| *rank).map(|(_, offer)| offer)
}

/// The weight of a representation and how specifically it was asked for; none when it is not wanted.
fn rank(offer: &Representation, ranges: &[Range<'_>]) -> Option<(u16, u8)> {
    let of_type = |(index, media_type): (usize, &&str)| {
        let (kind, subtype) = media_type.split_once('/')?;
        let matching = ranges.iter().filter_map(|range| Some((range.specificity(kind, subtype)?, range.weight)));
        let (specificity, weight) = matching.max()?;
        // A wildcard means what is sent, not its other names; and a page is only for those who name it.
        let named = specificity == 2;
        (weight > 0 && (named || (index == 0 && offer.name != "html"))).then_some((weight, specificity))
    };
    offer.media_types.iter().enumerate().filter_map(of_type).max()
}

impl Range<'_> {
    /// 2 for the type itself, 1 for `text/*`, 0 for `*/*`; none when it does not match.
    fn specificity(&self, kind: &str, subtype: &str) -> Option<u8> {
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (k, "*") if k.eq_ignore_ascii_case(kind) => Some(1),
            (k, s) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// Reads one range; what is malformed is left out, as if it were not there.
fn parse(element: &str) -> Option<Range<'_>> {
    let mut parts = element.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let is_token = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    if !is_token(kind) || !is_token(subtype) {
        return None;
    }
    let mut weight = 1000;
    for parameter in parts {
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            weight = thousandths(value.trim())?;
            break;
        }
    }
    Some(Range { kind, subtype, weight })
}

/// `0.75` as 750, by the grammar of qvalue ([RFC 9110, section 12.4.2](https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2)).
pub(super) fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, fraction) {
        ("0", _) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::Shape, http::representation::offers};
    use proptest::prelude::*;

    fn table(accept: &str) -> Option<&'static str> {
        best(accept, offers(Shape::Table)).map(|offer| offer.name)
    }

    fn graph(accept: &str) -> Option<&'static str> {
        best(accept, offers(Shape::Graph)).map(|offer| offer.name)
    }

    #[test]
    fn programs_that_do_not_care_get_json_and_turtle() {
        for accept in ["", "*/*", "nonsense", "text/csv;q=2"] {
            assert_eq!(table(accept), Some("json"), "{accept}");
        }
        assert_eq!(graph("*/*"), Some("ttl"));
    }

    #[test]
    fn weights_specificity_and_exclusions_count() {
        let cases = [
            ("text/csv", Some("csv")),
            ("TEXT/CSV", Some("csv")),
            ("text/csv;q=0.5, application/sparql-results+xml;q=0.6", Some("xml")),
            ("text/csv, */*", Some("csv")),
            ("text/*", Some("csv")),
            ("text/*, text/csv;q=0", Some("tsv")),
            ("application/json;q=0.9, text/csv;q=0.8", Some("json")),
            ("*/*;q=0.5, application/sparql-results+json;q=0", Some("xml")),
            ("*/*;q=0.5, application/sparql-results+json;q=0, application/json;q=0.7", Some("json")),
            ("text/csv;q=0", None),
            ("image/png", None),
            ("text/csv ; header=present ; q=0.3, text/tab-separated-values;q=0.4", Some("tsv")),
        ];
        for (accept, expected) in cases {
            assert_eq!(table(accept), expected, "{accept}");
        }
    }

    #[test]
    fn browsers_get_pages_and_wildcards_do_not() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert_eq!(table(browser), Some("html"));
        assert_eq!(graph(browser), Some("html"));
        assert_eq!(table("text/*;q=0.9"), Some("csv"));
    }

    proptest! {
        #[test]
        fn any_header_gives_an_offer_or_none(accept in "\\PC{0,60}|([a-z*]{1,4}/[a-z*+]{1,9}(;q=[0-9.]{1,5})?,? ?){0,6}") {
            let _ = (table(&accept), graph(&accept));
        }

        #[test]
        fn what_is_excluded_is_never_sent(rest in "([a-z*]{1,4}/[a-z*]{1,5}(;q=0.[0-9])?,){0,4}") {
            prop_assert_ne!(table(&format!("{rest}text/csv;q=0")), Some("csv"));
        }
    }
}
