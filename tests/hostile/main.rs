//! Hostile clients against the real program: whatever they send, everybody else is answered in time, and afterwards the
//! server is what it was before.
//!
//! The figures hold for a release build: the one that the environment variable `OCM_BIN` names, or the one built for the
//! tests by `cargo test --release`. A debug build is not measured; `.ci/run` measures the release build.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod attacks;
mod client;
mod server;
mod soak;

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use attacks::Attack;
use client::{ask, send};
use server::{Server, Use, is_optimised};

/// What every server here is started with.
const OPTIONS: [&str; 4] = ["--query-timeout", "2s", "--query-memory", "512MB"];
const DEADLINE: Duration = Duration::from_secs(2);
/// Bytes that may stay, with the answers that are kept.
const SLACK: u64 = 50 << 20;
const PATIENCE: Duration = Duration::from_secs(20);

/// A path inside the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// One test at a time: they measure. None for a build that says nothing about the program people run.
fn alone() -> Option<MutexGuard<'static, ()>> {
    static TURN: Mutex<()> = Mutex::new(());
    if !is_optimised() {
        eprintln!("skipped: this measures a release build; name one in OCM_BIN, or use cargo test --release");
        return None;
    }
    Some(TURN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Everything in the graph, to be compared.
fn content(address: SocketAddr) -> BTreeSet<Vec<u8>> {
    let answer = ask(address, b"CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", PATIENCE);
    assert_eq!(answer.status, Some(200), "{}", answer.text());
    answer.body.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Runs the work while another client asks `ASK {}` all the time, and says how long each answer took.
fn while_asking(address: SocketAddr, work: impl FnOnce()) -> Vec<Duration> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let control = scope.spawn(|| {
            let mut times = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let answer = ask(address, b"ASK {}", PATIENCE);
                assert!(answer.status == Some(200) && answer.whole, "the control: {}", answer.text());
                times.push(answer.took);
                thread::sleep(Duration::from_millis(10));
            }
            times
        });
        let work = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        stop.store(true, Ordering::Relaxed);
        let mut times = control.join().unwrap();
        if let Err(panic) = work {
            std::panic::resume_unwind(panic);
        }
        times.sort_unstable();
        times
    })
}

/// 99 of 100 control answers in half a second. The slowest is held to twice the second that it should take: it was
/// measured at half a second to nine tenths of one, on two processors that others used too.
fn check_control(times: &[Duration]) {
    let p99 = times[times.len() * 99 / 100];
    let (p50, worst) = (times[times.len() / 2], times[times.len() - 1]);
    eprintln!("control: {} answers, p50 {p50:?}, p99 {p99:?}, worst {worst:?}", times.len());
    assert!(times.len() > 20, "too few answers to say anything");
    assert!(p99 < Duration::from_millis(500), "p99 {p99:?}");
    assert!(worst < Duration::from_secs(2), "worst {worst:?}");
}

/// Sends attacks, so many at a time, and gives what went wrong.
fn attack(address: SocketAddr, attacks: &[Attack], at_a_time: usize) -> Vec<String> {
    // The deadline, what the standard allows after it, and the noise of the machine.
    let latest = DEADLINE + Duration::from_millis(500) + Duration::from_millis(250);
    let (queue, wrong) = (Mutex::new(attacks.iter()), Mutex::new(Vec::new()));
    let show = std::env::var_os("OCM_SHOW").is_some();
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(attack) = next else { return };
                    let answer = send(address, &attack.request, PATIENCE);
                    let as_expected = answer.status.is_some_and(|status| attack.expect.contains(&status));
                    if !as_expected || !answer.whole || answer.took > latest || show {
                        let cut = if answer.whole { "" } else { " CUT" };
                        let line = format!("{}: {:?}{cut}, {}", attack.name, answer.took, answer.text());
                        if as_expected && answer.whole && answer.took <= latest {
                            eprintln!("{line}");
                        } else {
                            wrong.lock().unwrap().push(line);
                        }
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

/// What a server takes when its children are ready and nothing happens.
fn baseline(server: &Server, workers: usize) -> Use {
    // Every child and every lane has answered.
    thread::scope(|scope| {
        for _ in 0..4 * workers {
            scope.spawn(|| assert_eq!(ask(server.address, b"ASK {}", PATIENCE).status, Some(200)));
        }
    });
    at_rest(server, Duration::from_secs(10));
    server.takes()
}

/// Waits until the server and its children use no processor, at most this long, and says whether they came to rest.
fn at_rest(server: &Server, patience: Duration) -> bool {
    let started = Instant::now();
    loop {
        let before = server.takes().ticks;
        thread::sleep(Duration::from_millis(300));
        // A tick is 10 ms; new children of the last moment may make the sum smaller.
        if server.takes().ticks.abs_diff(before) <= 2 {
            return true;
        }
        if started.elapsed() > patience {
            return false;
        }
    }
}

/// Five seconds after the attacks, the server is as it was.
fn check_back_at(server: &mut Server, before: Use) {
    assert!(at_rest(server, Duration::from_secs(2)), "something still works");
    let now = server.takes_when(Duration::from_secs(5), |now| {
        now.resident <= before.resident + SLACK
            && now.processes == before.processes
            && now.descriptors <= before.descriptors
    });
    eprintln!("before: {before:?}\nafter:  {now:?}");
    assert!(server.is_alive());
    assert!(now.resident <= before.resident + SLACK, "memory does not come back");
    assert_eq!(now.processes, before.processes, "processes");
    assert!(now.threads <= before.threads + 2, "threads");
    assert!(now.descriptors <= before.descriptors + 2, "descriptors");
}

fn withstands(data: &Path) {
    let Some(_alone) = alone() else { return };
    let mut server = Server::start(data, &OPTIONS);
    let graph = content(server.address);
    let before = baseline(&server, 4);
    let mut attacks = attacks::shared();
    attacks.extend(attacks::own());
    attacks.extend(attacks::parameters());
    let mut wrong = Vec::new();
    let started = Instant::now();
    // What must be answered in full is asked for when nothing else holds the processors; the others come all at once.
    let (sound, harmful): (Vec<_>, Vec<_>) = attacks.into_iter().partition(|attack| attack.expect == [200]);
    let times = while_asking(server.address, || {
        wrong = attack(server.address, &harmful, 8);
        wrong.extend(attack(server.address, &sound, 1));
    });
    let sent = harmful.len() + sound.len();
    eprintln!("{sent} attacks in {:?}", started.elapsed());
    check_control(&times);
    assert!(wrong.is_empty(), "{} of {sent}:\n{}", wrong.len(), wrong.join("\n"));
    check_back_at(&mut server, before);
    assert!(content(server.address) == graph, "the graph has changed");
}

#[test]
fn the_shipped_graph_withstands_every_attack() {
    withstands(&repository("data"));
}

/// Four copies of every record; only against a release build.
#[test]
fn a_larger_graph_withstands_every_attack() {
    if !is_optimised() {
        return eprintln!("left out: a debug build takes too long to load it");
    }
    let folder = tempfile::TempDir::new().unwrap();
    copy(&repository("data"), folder.path());
    let records = folder.path().join("resources");
    for entry in fs::read_dir(repository("data/resources")).unwrap().map(Result::unwrap) {
        let text = fs::read_to_string(entry.path()).unwrap();
        let name = entry.file_name().into_string().unwrap();
        for copy in 1..4 {
            let text = text.replace("https://ocm.iccrom.org/", &format!("https://example.org/{copy}/"));
            fs::write(records.join(format!("copy-{copy}-of-{name}")), text).unwrap();
        }
    }
    withstands(folder.path());
}

/// Clients that ask for much and leave do not keep the server at work.
#[test]
fn work_for_clients_that_leave_stops() {
    let Some(_alone) = alone() else { return };
    let mut server = Server::start(&repository("data"), &["--query-timeout", "60s"]);
    let before = baseline(&server, 4);
    let query = b"SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    let request = client::post(query, "application/sparql-query");
    let clients: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.write_all(&request).unwrap();
            stream
        })
        .collect();
    let busy = server.takes_when(PATIENCE, |now| now.ticks > before.ticks + 50);
    assert!(busy.ticks > before.ticks + 50, "nothing was done for them");
    drop(clients);
    check_back_at(&mut server, before);
}

/// Requests that are no sound HTTP, or more of it than anybody needs.
#[test]
fn broken_requests_are_refused_and_leave_nothing_behind() {
    let Some(_alone) = alone() else { return };
    let mut server = Server::start(&repository("data"), &OPTIONS);
    let before = baseline(&server, 4);
    for Attack { name, request, expect } in attacks::broken() {
        let answer = send(server.address, &request, PATIENCE);
        assert!(answer.status.is_some_and(|status| expect.contains(&status)), "{name}: {}", answer.text());
    }
    let two_lengths = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n\
        Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: x\r\n\
        Connection: close\r\n\r\n";
    let answer = send(server.address, two_lengths, PATIENCE);
    let all = [answer.head.as_bytes(), &answer.body].concat();
    assert!(String::from_utf8_lossy(&all).matches("HTTP/1.1 ").count() <= 1, "{}", answer.text());
    assert_ne!(answer.status, Some(200), "{}", answer.text());
    check_back_at(&mut server, before);
}

/// A thousand sockets that say nothing keep nobody out.
#[test]
fn idle_sockets_keep_nobody_out() {
    let Some(_alone) = alone() else { return };
    let mut server = Server::start(&repository("data"), &OPTIONS);
    let before = baseline(&server, 4);
    let mut sockets: Vec<TcpStream> = (0..1000).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    for socket in sockets.iter_mut().step_by(2) {
        socket.write_all(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n").unwrap();
    }
    let times = while_asking(server.address, || thread::sleep(Duration::from_millis(1500)));
    check_control(&times);
    drop(sockets);
    check_back_at(&mut server, before);
}

/// Answers that nobody takes cost little memory, however many are asked for.
#[test]
fn answers_that_nobody_reads_do_not_fill_the_memory() {
    let Some(_alone) = alone() else { return };
    let mut server = Server::start(&repository("data"), &["--query-timeout", "20s"]);
    let before = baseline(&server, 4);
    let rows = if is_optimised() { 60_000 } else { 20_000 };
    let query = format!("SELECT * {{ {{ SELECT * {{ ?a ?b ?c }} LIMIT 1000 }} ?d ?e ?f }} LIMIT {rows}");
    let request = client::post(query.as_bytes(), "application/sparql-query");
    let mut readers: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.write_all(&request).unwrap();
            stream
        })
        .collect();
    let mut statuses = Vec::new();
    for reader in &mut readers {
        let mut status = [0; 12];
        reader.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        reader.read_exact(&mut status).unwrap();
        statuses.push(String::from_utf8_lossy(&status[9..]).into_owned());
    }
    assert!(at_rest(&server, PATIENCE));
    let now = server.takes();
    eprintln!("statuses {statuses:?}, {} MB more", now.resident.saturating_sub(before.resident) >> 20);
    assert!(now.resident < before.resident + (400 << 20), "{} MB more", (now.resident - before.resident) >> 20);
    drop(readers);
    check_back_at(&mut server, before);
}
