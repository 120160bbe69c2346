//! A client that sees what is on the wire: whether an answer is whole, or the connection was cut.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// None when the connection was closed without a status line.
    pub(crate) status: Option<u16>,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The body has the length it announced, or its last chunk.
    pub(crate) whole: bool,
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        let shown: Vec<u8> = self.body.iter().copied().take(400).collect();
        format!("{} {}", self.head.lines().next().unwrap_or("no answer"), String::from_utf8_lossy(&shown))
    }
}

/// Sends the bytes as they are and reads until the server closes.
pub(crate) fn send(address: SocketAddr, request: &[u8], patience: Duration) -> Answer {
    let started = Instant::now();
    let mut bytes = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        stream.set_read_timeout(Some(patience)).unwrap();
        stream.set_write_timeout(Some(patience)).unwrap();
        // A server that refuses early closes before it has read everything; what it said counts.
        let _ = stream.write_all(request);
        let _ = stream.read_to_end(&mut bytes);
    }
    parse(&bytes, started.elapsed())
}

/// A query by POST.
pub(crate) fn ask(address: SocketAddr, query: &[u8], patience: Duration) -> Answer {
    send(address, &post(query, "application/sparql-query"), patience)
}

pub(crate) fn post(body: &[u8], media_type: &str) -> Vec<u8> {
    let mut request = format!(
        "POST /sparql HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: {media_type}\r\n\
         Accept: application/sparql-results+json, application/n-triples;q=0.9\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Everything but the unreserved characters percent-encoded.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

fn parse(bytes: &[u8], took: Duration) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let body = bytes[end..].to_vec();
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let field = |name: &str| {
        head.lines().filter_map(|line| line.split_once(':')).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|f| f.1)
    };
    let whole = match field("content-length").and_then(|length| length.trim().parse::<usize>().ok()) {
        Some(length) => body.len() == length,
        None => body.ends_with(b"0\r\n\r\n") || status == Some(204),
    };
    Answer { status, head, body, whole, took }
}
