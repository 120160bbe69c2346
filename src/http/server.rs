//! The accept loop: connections come and go within bounds, and the server stops when asked to.
//!
//! `axum::serve` sets no timer, so that a client which sends its headers byte by byte keeps a connection for ever. Here
//! every phase of a connection has a limit.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;

use super::client::Client;

/// How much a client may take of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Time for the head of a request, also for the next one on the same connection. Then the connection is closed.
    pub head: Duration,
    /// Time in which a client must take or send something. Then the connection is closed.
    pub stall: Duration,
    /// Bytes of the request line and the headers. More is answered 431, a request line that long 414.
    pub head_bytes: usize,
    /// Headers of a request. More is answered 431.
    pub headers: usize,
    /// Connections in all. More wait to be accepted.
    pub connections: usize,
    /// Connections from one address, or from one /64 network of IPv6 addresses. More are closed at once. Loopback and the
    /// proxies are not bounded.
    pub connections_per_address: usize,
    /// The addresses of proxies in front.
    pub proxies: Vec<IpAddr>,
    /// Time for the requests at work when the server is asked to stop.
    pub drain: Duration,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            // More than the longest URL there can be (64 KiB), so that a longer one is told apart.
            head_bytes: 128 * 1024,
            headers: 100,
            connections: 2048,
            connections_per_address: 128,
            proxies: Vec::new(),
            drain: Duration::from_secs(10),
        }
    }
}

impl Edge {
    /// How many connections an address may have.
    fn most_from(&self, address: IpAddr) -> usize {
        let address = address.to_canonical();
        let is_proxy = self.proxies.iter().any(|proxy| proxy.to_canonical() == address);
        if address.is_loopback() || is_proxy { usize::MAX } else { self.connections_per_address }
    }
}

/// Serves HTTP/1.1 until the future `stop` is done, then lets the requests at work end, within limits.
///
/// HTTP/2 is not offered: a proxy in front can offer it. While the last requests end, connections are still accepted, so
/// that a router which knows of the stop can say so and answer for its health.
///
/// # Errors
/// None today: a connection that fails ends alone, and a socket that cannot accept is tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    edge: Edge,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let mut door = Door::new(listener, router, edge);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            visit = door.next() => if let Some(visit) = visit {
                let connection = graceful.watch(visit.connection);
                tokio::spawn(attend(connection, visit.claims));
            },
            () = &mut stop => break,
        }
    }
    door.http.keep_alive(false);
    let mut drained = std::pin::pin!(tokio::time::timeout(door.edge.drain, graceful.shutdown()));
    loop {
        tokio::select! {
            visit = door.next() => if let Some(visit) = visit {
                tokio::spawn(attend(visit.connection, visit.claims));
            },
            drained = &mut drained => {
                if drained.is_err() {
                    tracing::warn!("some requests were still at work and are dropped");
                }
                return Ok(());
            }
        }
    }
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    router: Router,
    edge: Edge,
    http: http1::Builder,
    places: Arc<Semaphore>,
    addresses: Addresses,
}

/// A socket whose client must read.
type Wire = TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>;

/// A connection that has come in, and what it takes up while it is there.
struct Visit {
    connection: http1::Connection<Wire, TowerToHyperService<Router>>,
    claims: (Claim, OwnedSemaphorePermit),
}

impl Door {
    fn new(listener: TcpListener, router: Router, edge: Edge) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(edge.head)
            .max_headers(edge.headers)
            .max_header_size(edge.head_bytes)
            .half_close(false);
        let places = Arc::new(Semaphore::new(edge.connections));
        Self { listener, router, edge, http, places, addresses: Addresses::default() }
    }

    /// The next connection; none when one cannot be accepted or is one too many.
    async fn next(&self) -> Option<Visit> {
        let (stream, peer, place) = accept(&self.listener, &self.places).await?;
        let claim = self.addresses.claim(peer.ip(), self.edge.most_from(peer.ip()))?;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.edge.stall));
        let service = TowerToHyperService::new(self.router.clone().layer(axum::Extension(peer)));
        let connection = self.http.serve_connection(TokioIo::new(Box::pin(stream)), service);
        Some(Visit { connection, claims: (claim, place) })
    }
}

async fn attend(connection: impl Future<Output = hyper::Result<()>>, claims: (Claim, OwnedSemaphorePermit)) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(claims);
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are written whole; waiting for more would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection cannot be accepted");
            // Out of descriptors, most likely: give the others time to close theirs.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// How many connections each client has.
#[derive(Debug, Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<Client, usize>>>);

/// One connection of a client, given back when dropped.
struct Claim(Addresses, Client);

impl Addresses {
    fn claim(&self, address: IpAddr, most: usize) -> Option<Claim> {
        let client = Client::of(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Claim(self.clone(), client))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        time::{Instant, timeout},
    };

    /// A server whose limits are short enough to be waited for.
    async fn start() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        let edge = Edge { head: Duration::from_millis(300), head_bytes: 4096, headers: 10, ..Edge::default() };
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, edge, async {
            let _ = stopped.await;
        }));
        (address, stop, server)
    }

    async fn answer(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.unwrap();
        // A server that closes with unread input resets the connection; what it said before counts.
        let _ = read;
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn a_request_is_answered() {
        let (address, _stop, _server) = start().await;
        let answer = answer(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_cut_off() {
        let (address, _stop, _server) = start().await;
        let started = Instant::now();
        let answer = answer(address, "GET / HTTP/1.1\r\nHost:").await;
        assert!(!answer.contains("200"), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn heads_that_are_too_large_are_refused() {
        let (address, _stop, _server) = start().await;
        let many: String = (0..50).map(|n| format!("X-{n}: y\r\n")).collect();
        let headers = answer(address, &format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n")).await;
        assert!(headers.starts_with("HTTP/1.1 431"), "{headers}");
        let long = answer(address, &format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "y".repeat(8000))).await;
        assert!(long.starts_with("HTTP/1.1 414") || long.starts_with("HTTP/1.1 431"), "{long}");
    }

    #[tokio::test]
    async fn two_lengths_for_one_body_are_refused() {
        let (address, _stop, _server) = start().await;
        let smuggled =
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET";
        let answer = answer(address, smuggled).await;
        assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{answer}");
    }

    #[tokio::test]
    async fn the_server_stops_when_asked() {
        let (address, stop, server) = start().await;
        let idle = TcpStream::connect(address).await.unwrap();
        stop.send(()).unwrap();
        timeout(Duration::from_secs(5), server).await.unwrap().unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
        drop(idle);
    }

    #[test]
    fn a_client_has_only_so_many_connections() {
        let addresses = Addresses::default();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let edge = Edge { connections_per_address: 1, proxies: vec![address("10.0.0.1")], ..Edge::default() };
        let claim = |text: &str| addresses.claim(address(text), edge.most_from(address(text)));
        let first = claim("192.0.2.1").unwrap();
        assert!(claim("192.0.2.1").is_none() && claim("::ffff:192.0.2.1").is_none());
        drop(first);
        assert!(claim("192.0.2.1").is_some());
        let _one = claim("2001:db8::1").unwrap();
        assert!(claim("2001:db8::2").is_none(), "a subscriber has the whole network");
        assert!(claim("2001:db8:0:1::1").is_some());
        for many in ["127.0.0.1", "::1", "10.0.0.1", "::ffff:10.0.0.1"] {
            let (_one, another) = (claim(many).unwrap(), claim(many));
            assert!(another.is_some(), "{many}");
        }
    }
}
