//! Many hours in one: good, bad and hostile clients all at once while the files change, and after each round the server is
//! what it was.
//!
//! `OCM_SOAK` says for how many seconds, 24 unless it does. The hour that the endpoint is held to:
//!
//! ```text
//! OCM_SOAK=3600 OCM_BIN=target/release/ocm cargo test --test hostile long_mixed -- --nocapture
//! ```

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    DEADLINE, OPTIONS, PATIENCE, SLACK, alone, at_rest,
    attacks::{self, Attack},
    baseline, check_control, client, content, copy, repository,
    server::{Server, Use},
    while_asking,
};

/// Rounds of load; after each one the server rests and is measured. The first fills what is kept.
const ROUNDS: u32 = 12;

/// Bytes that the later rounds may end above the earlier ones: allocators round, and a cache fills unevenly.
const GROWTH: u64 = 16 << 20;

/// What the shipped catalogue says of its version, and what it says every other time the files are read.
const VERSION: [&str; 2] = ["version = \"2026.11\"", "version = \"2026.12\""];

/// A good request, with the body that it was answered with before there was any load.
struct Good {
    path: String,
    accept: &'static str,
    /// A query to be posted; a GET otherwise.
    query: Option<String>,
    body: Vec<u8>,
}

impl Good {
    fn ask(&self, http: &ureq::Agent, address: SocketAddr) -> Result<Vec<u8>, String> {
        let url = format!("http://{address}{}", self.path);
        let response = match &self.query {
            Some(query) => http
                .post(url)
                .header("Accept", self.accept)
                .header("Content-Type", "application/sparql-query")
                .send(query),
            None => http.get(url).header("Accept", self.accept).call(),
        };
        let mut response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(|error| error.to_string())?;
        if status.as_u16() != 200 {
            return Err(format!("{status} {}", String::from_utf8_lossy(&body)));
        }
        Ok(body)
    }
}

/// A client that keeps its connections, as libraries do.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().new_agent()
}

/// Every canned query by its example, things, pages and dumps, and queries in SPARQL: each in some formats.
fn good(address: SocketAddr) -> Vec<Good> {
    const TABLES: [&str; 3] = ["application/sparql-results+json", "text/csv", "text/html"];
    const TRIPLES: [&str; 3] = ["text/turtle", "application/ld+json", "text/html"];
    let http = agent();
    let get = |path: &str, accept| Good { path: path.into(), accept, query: None, body: Vec::new() };
    let mut all = vec![get("/", "text/html"), get("/limits", "application/json"), get("/ontology", "text/turtle")];
    let list = get("/queries", "application/json").ask(&http, address).unwrap();
    let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
    for query in list["queries"].as_array().unwrap() {
        let accepts = if query["form"] == "construct" { TRIPLES } else { TABLES };
        all.extend(accepts.map(|accept| get(query["example"].as_str().unwrap(), accept)));
    }
    for record in fs::read_dir(repository("data/resources")).unwrap().take(20).map(Result::unwrap) {
        let path = format!("/resource/{}", record.path().file_stem().unwrap().to_string_lossy());
        all.extend(TRIPLES.map(|accept| get(&path, accept)));
    }
    all.extend(["application/n-triples", "text/turtle", "application/rdf+xml"].map(|a| get("/graph/catalogue", a)));
    for file in fs::read_dir(repository("bench/queries")).unwrap().map(Result::unwrap) {
        let query = fs::read_to_string(file.path()).unwrap();
        // What is not said to be in order may come in any, and differs between editions.
        if query.contains("ORDER BY") || query.contains("ASK") {
            let accept = "application/sparql-results+json, application/n-triples;q=0.9";
            all.push(Good { path: "/sparql".into(), accept, query: Some(query), body: Vec::new() });
        }
    }
    for good in &mut all {
        good.body = good.ask(&http, address).unwrap_or_else(|why| panic!("{} {:?}: {why}", good.path, good.query));
    }
    // The home page and the list of queries show the version, which changes.
    all.retain(|good| !String::from_utf8_lossy(&good.body).contains("2026.11"));
    all
}

/// What all clients do until they are told to stop, and what they saw.
struct Load {
    address: SocketAddr,
    good: Vec<Good>,
    bad: Vec<Attack>,
    hostile: Vec<Attack>,
    stop: AtomicBool,
    sent: AtomicU64,
    /// The first of what went wrong.
    wrong: Mutex<Vec<String>>,
}

impl Load {
    /// Calls the client with 0, 1, 2 and so on, until the round is over.
    fn repeat(&self, first: u64, client: impl Fn(u64)) {
        for n in first.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            client(n);
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn report(&self, what: String) {
        let mut wrong = self.wrong.lock().unwrap();
        if wrong.len() < 20 {
            // An hour is long to wait for what went wrong in its first minute.
            eprintln!("wrong: {what}");
            wrong.push(what);
        }
    }

    /// The same questions again and again, and now and then one that nobody has asked before.
    fn well_behaved(&self, first: u64) {
        let http = agent();
        self.repeat(first, |n| {
            if n % 10 == 0 {
                let query =
                    format!("SELECT ?s ?o {{ ?s a ?o }} ORDER BY ?s ?o LIMIT {} OFFSET {}", 1 + n % 97, n % 911);
                let answer = client::ask(self.address, query.as_bytes(), PATIENCE);
                if answer.status != Some(200) || !answer.whole {
                    self.report(format!("{query}: {}", answer.text()));
                }
                return;
            }
            // A stride that has no factor in common with most numbers of questions.
            let at = usize::try_from(n.wrapping_mul(7919)).unwrap() % self.good.len();
            let good = &self.good[at];
            match good.ask(&http, self.address) {
                Ok(body) if body == good.body => {}
                Ok(body) => {
                    self.report(format!("{} {:?}: another answer, {} bytes", good.path, good.query, body.len()));
                }
                Err(why) => self.report(format!("{} {:?}: {why}", good.path, good.query)),
            }
        });
    }

    /// Sends what is refused or stopped, each in turn.
    fn attacks(&self, first: u64, attacks: &[Attack]) {
        let latest = DEADLINE + Duration::from_secs(1);
        self.repeat(first, |n| {
            let attack = &attacks[usize::try_from(n).unwrap() % attacks.len()];
            let answer = client::send(self.address, &attack.request, PATIENCE);
            let as_expected = answer.status.is_some_and(|status| attack.expect.contains(&status));
            if !as_expected || !answer.whole || answer.took > latest {
                self.report(format!("{}: {:?}, {}", attack.name, answer.took, answer.text()));
            }
        });
    }

    /// Begins something and leaves: in the middle of a header, of work, of an answer.
    fn leaves(&self) {
        let work = b"SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
        let requests = [
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Le".to_vec(),
            client::post(work, "application/sparql-query"),
            client::get("/graph/catalogue"),
        ];
        self.repeat(0, |n| {
            let Ok(mut stream) = TcpStream::connect(self.address) else { return self.report("no connection".into()) };
            let _ = stream.write_all(&requests[usize::try_from(n % 3).unwrap()]);
            let _ = stream.set_read_timeout(Some(Duration::from_millis(1 + n % 100)));
            let _ = stream.read(&mut [0; 100]);
        });
    }

    /// Changes the files and has them read.
    fn changes(&self, server: &Server, data: &Path, pause: Duration) {
        let started = Instant::now();
        let mut done = 0;
        while !self.stop.load(Ordering::Relaxed) {
            if started.elapsed() >= pause * (done + 1) {
                done += 1;
                set_version(data, VERSION[usize::from(done % 2 == 1)]);
                server.hang_up();
            }
            thread::sleep(Duration::from_millis(20));
        }
        set_version(data, VERSION[0]);
        server.hang_up();
    }

    /// One round of all of them.
    fn round(&self, server: &Server, data: &Path, length: Duration, number: u64) {
        self.stop.store(false, Ordering::Relaxed);
        thread::scope(|scope| {
            let offset = number * 1_000_003;
            scope.spawn(move || self.well_behaved(offset));
            scope.spawn(move || self.well_behaved(offset + 500_009));
            scope.spawn(move || self.attacks(offset, &self.bad));
            scope.spawn(move || self.attacks(offset, &self.hostile));
            scope.spawn(move || self.attacks(offset + 17, &self.hostile));
            scope.spawn(|| self.leaves());
            scope.spawn(|| self.changes(server, data, (length / 3).min(Duration::from_secs(10))));
            thread::sleep(length);
            self.stop.store(true, Ordering::Relaxed);
        });
    }
}

fn set_version(data: &Path, version: &str) {
    let (file, next) = (data.join("dataset.toml"), data.join("dataset.toml.next"));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&next, text.replace(VERSION[0], version).replace(VERSION[1], version)).unwrap();
    fs::rename(next, file).unwrap();
}

/// The digest of the edition that is served.
fn digest(address: SocketAddr) -> String {
    let answer = client::send(address, &client::get("/health/ready"), PATIENCE);
    assert_eq!(answer.status, Some(200), "{}", answer.text());
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    body["edition"].as_str().unwrap().into()
}

/// What the server takes when nobody asks for anything.
fn rested(server: &Server, before: Use) -> Use {
    assert!(at_rest(server, Duration::from_secs(10)), "something still works");
    server.takes_when(Duration::from_secs(5), |now| {
        now.processes == before.processes && now.descriptors <= before.descriptors && now.threads <= before.threads
    })
}

/// The middle one.
fn median(mut of: Vec<u64>) -> u64 {
    of.sort_unstable();
    of[of.len() / 2]
}

#[test]
fn a_long_mixed_load_leaves_nothing_behind() {
    let Some(_alone) = alone() else { return };
    let seconds = std::env::var("OCM_SOAK").map_or(24, |seconds| seconds.parse().expect("OCM_SOAK is a number"));
    let folder = TempDir::new().unwrap();
    copy(&repository("data"), folder.path());
    let mut server = Server::start_and_log(folder.path(), &OPTIONS, Stdio::null());
    let address = server.address;
    let (graph, edition) = (content(address), digest(address));
    let (hostile, bad): (Vec<_>, Vec<_>) =
        [attacks::shared(), attacks::own(), attacks::parameters(), attacks::broken()]
            .into_iter()
            .flatten()
            // What must be answered in full needs a processor to itself; its own test gives it one.
            .filter(|attack| attack.expect != [200])
            .partition(|attack| attack.expect.contains(&503));
    let load = Load {
        address,
        good: good(address),
        bad,
        hostile,
        stop: AtomicBool::new(false),
        sent: AtomicU64::new(0),
        wrong: Mutex::default(),
    };
    let before = baseline(&server, 4);
    eprintln!("{} good requests, {} bad, {} hostile", load.good.len(), load.bad.len(), load.hostile.len());
    eprintln!("before: {before:?}");
    let (mut rounds, mut control) = (Vec::new(), Vec::new());
    for number in 0..ROUNDS {
        let length = Duration::from_secs(seconds) / ROUNDS;
        control.extend(while_asking(address, || load.round(&server, folder.path(), length, number.into())));
        let now = rested(&server, before);
        eprintln!("round {number}: {now:?}, {} sent", load.sent.load(Ordering::Relaxed));
        rounds.push(now);
    }
    control.sort_unstable();
    check_control(&control);
    assert!(server.is_alive());
    assert_eq!(digest(address), edition);
    assert!(content(address) == graph, "the graph has changed");
    for now in &rounds {
        assert_eq!(now.processes, before.processes, "processes");
        assert!(now.threads <= before.threads + 2, "threads: {now:?}");
        assert!(now.descriptors <= before.descriptors + 2, "descriptors: {now:?}");
        assert!(now.resident <= before.resident + SLACK, "memory: {now:?}");
    }
    // The first round fills what is kept and does not count.
    let third = rounds.len() / 3;
    let early = median(rounds[1..=third].iter().map(|now| now.resident).collect());
    let late = median(rounds[rounds.len() - third..].iter().map(|now| now.resident).collect());
    eprintln!("resident: {} MB early, {} MB late", early >> 20, late >> 20);
    assert!(late <= early + GROWTH, "memory grows: {early} bytes, then {late}");
    let wrong = load.wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
