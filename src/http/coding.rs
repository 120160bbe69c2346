//! Which content coding a response gets. Nothing else reads `Accept-Encoding`.
//!
//! [RFC 9110, section 12.5.3](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3). Among the codings with the greatest
//! weight the order of our own table decides. Who sends no such header gets the bytes as they are, and so does who leaves
//! nothing that we have: an answer is worth more than a refusal.

use axum::http::{HeaderMap, HeaderValue, header};

use super::negotiate::thousandths;

/// How the bytes of a response are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    Zstd,
    /// Not at all.
    Identity,
}

impl Coding {
    /// Every coding, what packs best first.
    pub(crate) const ALL: [Self; 4] = [Self::Brotli, Self::Gzip, Self::Zstd, Self::Identity];

    /// Its name in `Content-Encoding`; none for identity, which is not named there.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::Identity => None,
        }
    }

    /// What an entity tag ends in when its bytes are packed so (section 8.8.3.3).
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gzip",
            Self::Zstd => "-zstd",
            Self::Identity => "",
        }
    }

    fn is_called(self, name: &str) -> bool {
        let own = self.name().unwrap_or("identity");
        // Section 8.4.1.3: "x-gzip" is the same.
        name.eq_ignore_ascii_case(own) || (self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip"))
    }
}

/// What a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Thousandths, in the order of [`Coding::ALL`]; none for what is not taken.
    weights: [Option<u16>; Coding::ALL.len()],
}

impl Accepted {
    /// What the headers of a request say.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self::read(headers.get_all(header::ACCEPT_ENCODING).iter())
    }

    /// A value that is not text counts as not there; so does an element that is malformed.
    fn read<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut named: [Option<u16>; Coding::ALL.len()] = [None; _];
        let mut others = None;
        let elements = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        for (name, weight) in elements.filter_map(element) {
            // Said twice, the smaller weight counts: what is excluded is never sent.
            let least = |known: Option<u16>| Some(known.map_or(weight, |known| known.min(weight)));
            if name == "*" {
                others = least(others);
            }
            for (coding, known) in Coding::ALL.into_iter().zip(&mut named) {
                if coding.is_called(name) {
                    *known = least(*known);
                }
            }
        }
        let mut weights = named.map(|named| named.or(others).filter(|weight| *weight > 0));
        // Identity is taken unless it is excluded, and comes last unless it is named.
        let [.., named] = named;
        let [.., identity] = &mut weights;
        if named.is_none() && others != Some(0) {
            *identity = Some(0);
        }
        Self { weights }
    }

    /// Whether a client takes a coding.
    pub(crate) fn takes(&self, coding: Coding) -> bool {
        self.weighed().any(|(_, taken)| taken == coding)
    }

    /// What it gets.
    pub(crate) fn best(&self) -> Coding {
        // The first of the best: `max_by_key` alone would give the last.
        self.weighed().rev().max_by_key(|(weight, _)| *weight).map_or(Coding::Identity, |(_, coding)| coding)
    }

    fn weighed(&self) -> impl DoubleEndedIterator<Item = (u16, Coding)> {
        self.weights.into_iter().zip(Coding::ALL).filter_map(|(weight, coding)| Some((weight?, coding)))
    }
}

/// A name and its weight.
fn element(text: &str) -> Option<(&str, u16)> {
    let (name, parameter) = text.split_once(';').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let name = name.trim();
    let weight = match parameter {
        None => 1000,
        Some(parameter) => {
            let (q, value) = parameter.split_once('=')?;
            q.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))??
        }
    };
    (!name.is_empty()).then_some((name, weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepted(values: &[&str]) -> Accepted {
        let values: Vec<HeaderValue> = values.iter().map(|value| HeaderValue::from_str(value).unwrap()).collect();
        Accepted::read(values.iter())
    }

    fn best(value: &str) -> &'static str {
        accepted(&[value]).best().name().unwrap_or("identity")
    }

    #[test]
    fn weights_exclusions_and_wildcards_count() {
        let cases = [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("GZIP", "gzip"),
            ("x-gzip", "gzip"),
            ("deflate", "identity"),
            ("", "identity"),
            ("*", "br"),
            ("*;q=0.1, br;q=0", "gzip"),
            ("gzip;q=0.8, br;q=0.7", "gzip"),
            ("gzip;q=0.5, identity", "identity"),
            ("gzip;q=0.5, identity;q=0.5", "gzip"),
            ("gzip;q=0.001", "gzip"),
            ("gzip;q=0", "identity"),
            ("zstd;q=1.0 , gzip ; Q=0.999", "zstd"),
            ("identity;q=0, gzip;q=0.1", "gzip"),
            ("*;q=0, zstd", "zstd"),
            ("gzip, gzip;q=0", "identity"),
            ("gzip;q=2, zstd;q=0.3", "zstd"),
            ("gzip;level=9", "identity"),
        ];
        for (value, expected) in cases {
            assert_eq!(best(value), expected, "{value}");
        }
        assert_eq!(accepted(&[]).best(), Coding::Identity);
        assert_eq!(accepted(&["zstd", "gzip"]).best(), Coding::Gzip);
    }

    #[test]
    fn identity_is_taken_unless_it_is_excluded() {
        for (value, takes) in [
            ("", true),
            ("gzip", true),
            ("*", true),
            ("identity;q=0", false),
            ("*;q=0", false),
            ("*;q=0, identity", true),
            ("*;q=0, identity;q=0.1", true),
            ("*;q=0.5, identity;q=0", false),
        ] {
            assert_eq!(accepted(&[value]).takes(Coding::Identity), takes, "{value}");
        }
        // Nothing is left, and something must be sent.
        assert_eq!(best("*;q=0"), "identity");
    }

    fn elements() -> impl Strategy<Value = String> {
        "((gzip|br|zstd|identity|deflate|\\*)( ?; ?q=(0(\\.[0-9]{0,3})?|1))?, ?){0,6}"
    }

    proptest! {
        #[test]
        fn what_is_excluded_is_never_sent(some in elements(), more in elements(), coding in "gzip|br|zstd") {
            let best = best(&format!("{some}{coding};q=0,{more}"));
            prop_assert_ne!(best, coding);
        }

        #[test]
        fn what_is_sent_is_taken_unless_nothing_is(value in elements()) {
            let accepted = accepted(&[&value]);
            let taken = Coding::ALL.into_iter().any(|coding| accepted.takes(coding));
            prop_assert_eq!(accepted.takes(accepted.best()), taken);
        }

        #[test]
        fn nothing_outweighs_what_is_sent(a in 1..=1000u16, b in 1..=1000u16) {
            let sent = best(&format!("gzip;q={:.3}, zstd;q={:.3}", f64::from(a) / 1000.0, f64::from(b) / 1000.0));
            prop_assert_eq!(sent, if a >= b { "gzip" } else { "zstd" });
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = Accepted::read([value].iter()).best();
            }
        }
    }
}
