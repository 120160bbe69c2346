//! Who asks: the address that budgets are counted for.
//!
//! The TCP peer, unless it is a proxy that the operator has named. Only such a proxy's own entry in a forwarding header
//! is believed: the right-most one, since everything left of it came from somebody else.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// The header a proxy writes the address of its client to. Only the one named is read: a proxy passes the other on as a
/// stranger sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedBy {
    /// `X-Forwarded-For: 192.0.2.1`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=192.0.2.1` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239#section-4))
    Forwarded,
}

/// The proxies in front, as the operator says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies {
    /// Their addresses as the server sees them.
    pub trusted: Vec<IpAddr>,
    /// Where they say who asked.
    pub header: ForwardedBy,
}

/// Whom a budget belongs to: an IPv4 address, or the /64 network of an IPv6 address, since a subscriber has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Client(IpAddr);

impl Client {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl Proxies {
    /// The address that asked. From a trusted proxy, the right-most address of its header; when that is a trusted proxy
    /// too, the next one to its left. Where an entry is no address, whoever wrote it is the client.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values: Vec<_> = headers.get_all(self.header.name()).iter().collect();
        // A value that is not text is an entry that is no address.
        let entries = values.iter().rev().flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for entry in entries {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = self.header.address(entry.trim()) else { break };
            client = address.to_canonical();
        }
        client
    }

    /// Whether an address is a proxy in front.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|trusted| trusted.to_canonical() == address.to_canonical())
    }
}

impl ForwardedBy {
    fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            Self::Forwarded => header::FORWARDED,
        }
    }

    fn address(self, entry: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => node(entry),
            Self::Forwarded => forwarded_for(entry),
        }
    }
}

/// The `for` of one element of a `Forwarded` header. The element is what stands right of the last comma, so a comma
/// inside quotes leaves half a quoted string behind: then it is none.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(';') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"').map_or(Some(value), |rest| rest.strip_suffix('"'))?;
        if value.contains(['"', '\\']) {
            return None;
        }
        if name.eq_ignore_ascii_case("for") && found.replace(node(value)?).is_some() {
            return None;
        }
    }
    found
}

/// An address, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse::<IpAddr>().ok().or_else(bracketed).or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn proxies(header: ForwardedBy) -> Proxies {
        Proxies { trusted: vec![PROXY, "10.0.0.2".parse().unwrap()], header }
    }

    fn client(header: ForwardedBy, peer: IpAddr, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header.name(), HeaderValue::from_str(line).unwrap());
        }
        proxies(header).client(peer, &headers).to_string()
    }

    #[test]
    fn only_what_a_trusted_hop_added_is_believed() {
        let stranger = "192.0.2.9".parse().unwrap();
        let header = ForwardedBy::XForwardedFor;
        assert_eq!(client(header, stranger, &["198.51.100.1"]), "192.0.2.9", "a stranger's own header");
        assert_eq!(client(header, PROXY, &[]), "10.0.0.1");
        assert_eq!(client(header, PROXY, &["127.0.0.1, 198.51.100.1"]), "198.51.100.1", "the right-most");
        assert_eq!(
            client(header, PROXY, &["203.0.113.7", "198.51.100.1"]),
            "198.51.100.1",
            "of several lines the last"
        );
        assert_eq!(client(header, PROXY, &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1", "through two proxies");
        assert_eq!(client(header, PROXY, &["198.51.100.1, unknown"]), "10.0.0.1", "nothing left of nonsense");
        assert_eq!(client(header, PROXY, &["198.51.100.1,"]), "10.0.0.1");
        assert_eq!(client(header, "::ffff:10.0.0.1".parse().unwrap(), &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes() {
        let header = ForwardedBy::Forwarded;
        let read = |line: &str| client(header, PROXY, &[line]);
        assert_eq!(read("for=192.0.2.1"), "192.0.2.1");
        assert_eq!(read("For=\"[2001:db8::1]:4711\";proto=https;by=203.0.113.43"), "2001:db8::1");
        assert_eq!(read("for=9.9.9.9, proto=http;for=192.0.2.1:80"), "192.0.2.1");
        // An unclosed quote from a stranger hides nothing of what the proxy adds.
        assert_eq!(read("for=\"9.9.9.9, for=192.0.2.1"), "192.0.2.1");
        // What a stranger put into the host that the proxy quotes is no element.
        for bad in ["for=192.0.2.1;host=\"x, for=9.9.9.9\"", "for=192.0.2.1;host=\"x,for=9.9.9.9;y=z\"", "for=_hidden"]
        {
            assert_eq!(read(bad), "10.0.0.1", "{bad}");
        }
        assert_eq!(read("for=9.9.9.9;for=8.8.8.8"), "10.0.0.1", "two answers are none");
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let of = |text: &str| Client::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    proptest! {
        #[test]
        fn whatever_stands_left_changes_nothing(garbage in "[ -~]{0,60}", address: std::net::Ipv4Addr) {
            prop_assume!(!proxies(ForwardedBy::default()).trusts(address.into()));
            let lists = [
                (ForwardedBy::XForwardedFor, format!("{garbage}, {address}")),
                (ForwardedBy::Forwarded, format!("{garbage}, for={address}")),
            ];
            for (header, list) in lists {
                prop_assert_eq!(client(header, PROXY, &[&list]), address.to_string());
            }
        }

        #[test]
        fn every_address_is_read_in_every_form(address: IpAddr, port: u16) {
            prop_assert_eq!(node(&address.to_string()), Some(address));
            prop_assert_eq!(node(&SocketAddr::new(address, port).to_string()), Some(address));
            let quoted = format!("for=\"{}\"", SocketAddr::new(address, port));
            prop_assert_eq!(forwarded_for(&quoted), Some(address));
        }

        #[test]
        fn no_bytes_make_it_panic_or_believe_a_stranger(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let stranger: IpAddr = "192.0.2.9".parse().unwrap();
            for header in [ForwardedBy::XForwardedFor, ForwardedBy::Forwarded] {
                let headers = HeaderMap::from_iter([(header.name(), value.clone())]);
                let _ = proxies(header).client(PROXY, &headers);
                prop_assert_eq!(proxies(header).client(stranger, &headers), stranger);
            }
        }
    }
}
