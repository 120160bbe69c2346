//! Asks an HTTP server the same questions again and again and tells how long the answers took.
//!
//! ```text
//! load HOST:PORT REQUESTS CLIENTS WARM_UP RUNS SECONDS TIMEOUT
//! ```
//!
//! `REQUESTS` is a file with one request a line: a path with its query string, a tab, and the media type to accept.
//! Each of `CLIENTS` threads keeps one connection, asks the requests in turn (each client begins with another one),
//! `WARM_UP` rounds without counting, then until the clients have asked `RUNS` requests in all or `SECONDS` have passed.
//! An answer that takes longer than `TIMEOUT` seconds ends the work. One line of JSON is printed: `count`, `errors`,
//! `timed_out`, `seconds`, `per_second`, and of the time a request took, in milliseconds, `median`, `p99`, `least` and
//! `bytes`, the mean length of a body. It is `bench/compare` that runs it.
//!
//! The standard library is all it needs, so that it measures the server and not itself.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::ExitCode,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// What is asked, of whom, and for how long.
#[derive(Debug, Clone)]
struct Plan {
    address: String,
    requests: Vec<Vec<u8>>,
    clients: usize,
    warm_up: usize,
    runs: usize,
    limit: Duration,
    timeout: Duration,
}

/// What one client, or all of them, saw.
#[derive(Debug, Default)]
struct Seen {
    milliseconds: Vec<f64>,
    errors: usize,
    timed_out: bool,
    bytes: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match plan(&arguments).and_then(|plan| measure(&plan)) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn plan(arguments: &[String]) -> io::Result<Plan> {
    let [address, requests, clients, warm_up, runs, seconds, timeout] = arguments else {
        return Err(invalid("usage: load HOST:PORT REQUESTS CLIENTS WARM_UP RUNS SECONDS TIMEOUT"));
    };
    let requests: Option<Vec<Vec<u8>>> =
        fs::read_to_string(requests)?.lines().map(|line| Some(request(address, line.split_once('\t')?))).collect();
    Ok(Plan {
        address: address.clone(),
        requests: requests.filter(|it| !it.is_empty()).ok_or_else(|| invalid("a request is a path, a tab, a type"))?,
        clients: number(clients)?,
        warm_up: number(warm_up)?,
        runs: number(runs)?,
        limit: Duration::from_secs(number(seconds)? as u64),
        timeout: Duration::from_secs(number(timeout)? as u64),
    })
}

fn number(text: &str) -> io::Result<usize> {
    text.parse().map_err(|_| invalid("a whole number is missing"))
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// The bytes of a request. It asks for a fresh answer, because it is the engine that is measured and not its cache.
fn request(address: &str, (path, accept): (&str, &str)) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\nCache-Control: no-cache\r\n\r\n")
        .into_bytes()
}

/// Runs all clients at once and puts together what they saw.
fn measure(plan: &Plan) -> io::Result<String> {
    let start = Arc::new(Barrier::new(plan.clients + 1));
    let left = Arc::new(AtomicUsize::new(plan.runs));
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..plan.clients)
        .map(|client| {
            let (plan, start, left, stop) = (plan.clone(), start.clone(), left.clone(), stop.clone());
            thread::spawn(move || work(&plan, client, &start, &left, &stop))
        })
        .collect();
    start.wait();
    let started = Instant::now();
    let mut all = Seen::default();
    for client in clients {
        let seen = client.join().map_err(|_| io::Error::other("a client failed"))?;
        all.milliseconds.extend(seen.milliseconds);
        all.errors += seen.errors;
        all.timed_out |= seen.timed_out;
        all.bytes += seen.bytes;
    }
    Ok(report(&mut all, started.elapsed()))
}

fn report(seen: &mut Seen, elapsed: Duration) -> String {
    let times = &mut seen.milliseconds;
    times.sort_by(f64::total_cmp);
    let count = times.len();
    // The smallest time that so many of a thousand do not exceed.
    let at = |thousandths: usize| times.get((count * thousandths).div_ceil(1000).saturating_sub(1)).copied();
    let shown = |value: Option<f64>| value.map_or("null".into(), |value| format!("{value:.4}"));
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
    let per_second = count as f64 / elapsed.as_secs_f64();
    format!(
        "{{\"count\":{count},\"errors\":{},\"timed_out\":{},\"seconds\":{:.3},\"per_second\":{per_second:.3},\
         \"median\":{},\"p99\":{},\"least\":{},\"bytes\":{}}}",
        seen.errors,
        seen.timed_out,
        elapsed.as_secs_f64(),
        shown(at(500)),
        shown(at(990)),
        shown(times.first().copied()),
        seen.bytes.checked_div(count).unwrap_or(0),
    )
}

/// One client: warms up, waits for the others, asks. It stops at the first timeout, and so do the others.
fn work(plan: &Plan, client: usize, start: &Barrier, left: &AtomicUsize, stop: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    let mut connection = None;
    for request in plan.requests.iter().cycle().take(plan.warm_up * plan.requests.len()) {
        if let Err(error) = ask(plan, &mut connection, request) {
            seen.timed_out |= is_timeout(&error);
            seen.errors += 1;
            break;
        }
    }
    start.wait();
    let deadline = Instant::now() + plan.limit;
    for request in plan.requests.iter().cycle().skip(client * plan.requests.len() / plan.clients) {
        let take = |left: usize| left.checked_sub(1);
        let all_asked = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err();
        if all_asked || seen.timed_out || stop.load(Ordering::Relaxed) || Instant::now() >= deadline {
            break;
        }
        let asked = Instant::now();
        match ask(plan, &mut connection, request) {
            // The timeout of a connection is for each piece; an answer may come slowly in many.
            Ok(_) if asked.elapsed() > plan.timeout => {
                seen.timed_out = true;
                stop.store(true, Ordering::Relaxed);
            }
            Ok(bytes) => {
                seen.milliseconds.push(asked.elapsed().as_secs_f64() * 1000.0);
                seen.bytes += bytes;
            }
            Err(error) => {
                connection = None;
                seen.errors += 1;
                if is_timeout(&error) {
                    seen.timed_out = true;
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    }
    seen
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Sends a request and reads its answer to the end; gives the length of the body. Anything but status 200 is an error.
fn ask(plan: &Plan, connection: &mut Option<BufReader<TcpStream>>, request: &[u8]) -> io::Result<usize> {
    if connection.is_none() {
        let stream = TcpStream::connect(&plan.address)?;
        stream.set_nodelay(true)?;
        *connection = Some(BufReader::with_capacity(1 << 16, stream));
    }
    let Some(reader) = connection.as_mut() else { return Err(invalid("no connection")) };
    reader.get_ref().set_read_timeout(Some(plan.timeout))?;
    reader.get_mut().write_all(request)?;
    let head = head(reader)?;
    let length = match head.length {
        Length::Bytes(length) => skip(reader, length)?,
        Length::Chunked => skip_chunks(reader)?,
        Length::ToTheEnd => io::copy(reader, &mut io::sink())?,
    };
    if head.closes {
        *connection = None;
    }
    if head.status != 200 {
        return Err(io::Error::other(format!("status {}", head.status)));
    }
    Ok(usize::try_from(length).unwrap_or(usize::MAX))
}

/// How the end of a body is found ([RFC 9112, section 6](https://www.rfc-editor.org/rfc/rfc9112#section-6)).
enum Length {
    Bytes(u64),
    Chunked,
    ToTheEnd,
}

/// What matters of a head.
struct Head {
    status: u16,
    length: Length,
    closes: bool,
}

fn head(reader: &mut impl BufRead) -> io::Result<Head> {
    let line = line(reader)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let mut head = Head {
        status: status.ok_or_else(|| invalid("this is not HTTP"))?,
        length: Length::ToTheEnd,
        closes: line.starts_with("HTTP/1.0"),
    };
    loop {
        let line = self::line(reader)?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        match line.split_once(':').map(|(name, value)| (name, value.trim())) {
            Some(("content-length", value)) => {
                head.length = Length::Bytes(value.parse().map_err(|_| invalid("a length is no number"))?);
            }
            Some(("transfer-encoding", "chunked")) => head.length = Length::Chunked,
            Some(("connection", value)) => head.closes = value == "close",
            _ => {}
        }
    }
    head.closes |= matches!(head.length, Length::ToTheEnd);
    Ok(head)
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).into())
}

fn skip(reader: &mut impl Read, length: u64) -> io::Result<u64> {
    match io::copy(&mut reader.by_ref().take(length), &mut io::sink())? {
        read if read == length => Ok(read),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn skip_chunks(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut total = 0;
    loop {
        let size = line(reader)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| invalid("a chunk has no size"))?;
        total += skip(reader, size)?;
        line(reader)?;
        if size == 0 {
            return Ok(total);
        }
    }
}
