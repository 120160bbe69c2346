//! The program itself: it says whether it is ready, and stops without dropping anybody.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

use crate::support::repository;

/// Ends the program if a test does not. Its log goes to a file, since a pipe that nobody reads fills up.
struct Program(Child, NamedTempFile);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(options: &[&str]) -> (Program, SocketAddr) {
    let log = NamedTempFile::new().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_ocm"))
        .args(["serve", "--bind", "127.0.0.1:0", "--workers", "1", "--data"])
        .arg(repository("tests/fixtures/catalogue"))
        .args(options)
        .current_dir(repository("."))
        .stdout(Stdio::piped())
        .stderr(log.reopen().unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().strip_prefix("http://")?.strip_suffix('/')?.parse().ok());
    (Program(program, log), address.unwrap())
}

/// Everything that the server says on a connection after a request.
fn exchange(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        thread::yield_now();
    }
}

fn terminate(program: &Program) {
    assert!(Command::new("kill").args(["-TERM", &program.0.id().to_string()]).status().unwrap().success());
}

fn ended(program: &mut Program) -> ExitStatus {
    let mut status = None;
    until("the program ends", || {
        status = program.0.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

const ENDLESS: &str = "/sparql?query=SELECT(COUNT(*)AS%20?n)%7B?a%20?b%20?c.?d%20?e%20?f.?g%20?h%20?i.?j%20?k%20?l%7D";

#[test]
fn what_is_at_work_is_finished_and_nothing_new_begun() {
    let (mut program, address) = start(&["--query-timeout", "3s"]);
    until("the worker is ready", || exchange(address, "/health/ready").starts_with("HTTP/1.1 200"));
    let mut idle = TcpStream::connect(address).unwrap();
    write!(idle, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut seen = [0; 12];
    idle.read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"HTTP/1.1 200");
    let fresh = TcpStream::connect(address).unwrap();

    let at_work = thread::spawn(move || exchange(address, ENDLESS));
    until("the query is at work", || exchange(address, "/metrics").contains("\nocm_workers_busy 1\n"));
    terminate(&program);
    until("it says that it stops", || exchange(address, "/metrics").contains("\nocm_stopping 1\n"));
    let refused = exchange(address, "/");
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after: 10"), "{refused}");
    assert!(exchange(address, "/health/live").starts_with("HTTP/1.1 200"));
    assert!(exchange(address, "/health/ready").starts_with("HTTP/1.1 503"));
    // Idle connections are closed though a query is still at work.
    for mut stream in [idle, fresh] {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
    }
    assert!(!at_work.is_finished(), "the query was too short to show anything");
    let answer = at_work.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("/problems/timeout"), "{answer}");
    assert_eq!(ended(&mut program).code(), Some(0));
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn an_idle_server_stops_at_once_and_health_tells() {
    let (mut program, address) = start(&["--log-format", "json"]);
    let health = |path: &str| {
        let url = format!("http://{address}{path}");
        Command::new(env!("CARGO_BIN_EXE_ocm")).args(["health", "--url", &url]).output().unwrap().status.code()
    };
    assert_eq!(health("/health/live"), Some(0));
    until("the worker is ready", || health("") == Some(0));
    assert_eq!(health("/no-such-page"), Some(1));
    let idle = TcpStream::connect(address).unwrap();
    let started = Instant::now();
    terminate(&program);
    assert_eq!(ended(&mut program).code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    drop(idle);
    assert_eq!(health(""), Some(1), "nobody is there");
    let log = std::fs::read_to_string(program.1.path()).unwrap();
    assert!(
        log.lines().filter(|line| line.starts_with('{')).any(|line| line.contains("\"route\":\"/health/live\"")),
        "{log}"
    );
}
