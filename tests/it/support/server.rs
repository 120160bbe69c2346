//! A server of its own for a test: the real program on a free port.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Longer than anything takes on a busy machine; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `ocm serve`; dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
    /// Where its temporary files go.
    temporary: TempDir,
    http: ureq::Agent,
}

impl Server {
    /// Serves a data folder and a folder of queries.
    pub(crate) fn start(data: &Path, queries: &Path, more: &[&str]) -> Self {
        Self::of("--data", data, queries, more)
    }

    /// Serves an edition file and a folder of queries.
    pub(crate) fn of_edition(file: &Path, queries: &Path) -> Self {
        Self::of("--edition", file, queries, &[])
    }

    fn of(option: &str, graph: &Path, queries: &Path, more: &[&str]) -> Self {
        let temporary = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_ocm"))
            .args(["serve", "--bind", "127.0.0.1:0", "--workers", "2", "--query-timeout", "60s", option])
            .args([graph, Path::new("--queries"), queries])
            .args(more)
            .env("RUST_LOG", "ocm_graph=info")
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (mut stderr, kept) = (child.stderr.take().unwrap(), Arc::clone(&log));
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(n @ 1..) = stderr.read(&mut piece) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..n]));
            }
        });
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find(|line| line.starts_with("http://"));
        let address = address.unwrap_or_else(|| panic!("the server did not start: {}", log.lock().unwrap()));
        let http = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { child, address, log, temporary, http }
    }

    /// Status and body of a GET.
    pub(crate) fn get(&self, path: &str, accept: &str) -> (u16, String) {
        let address = format!("{}{path}", self.address.trim_end_matches('/'));
        let mut answer = self.http.get(address).header("Accept", accept).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// Status and body of a query, with CSV for a table.
    pub(crate) fn query(&self, query: &str) -> (u16, String) {
        let mut answer = self
            .http
            .post(format!("{}sparql", self.address))
            .header("Accept", "text/csv, */*;q=0.1")
            .header("Content-Type", "application/sparql-query")
            .send(query)
            .unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// Sends a signal: `HUP`, `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Its child processes; those that have ended and are not yet reaped too.
    pub(crate) fn children(&self) -> Vec<u32> {
        let mut children = Vec::new();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(stat) = fs::read_to_string(process.path().join("stat")) else { continue };
            // `pid (name) state parent …`, and a name may have brackets.
            let Some((_, rest)) = stat.rsplit_once(')') else { continue };
            if rest.split_whitespace().nth(1) == Some(self.child.id().to_string().as_str()) {
                children.extend(process.file_name().to_str().unwrap().parse::<u32>());
            }
        }
        children
    }

    /// How many temporary files there are.
    pub(crate) fn temporary_files(&self) -> usize {
        fs::read_dir(self.temporary.path()).unwrap().count()
    }

    /// Waits for it to end by itself.
    pub(crate) fn ended(&mut self) -> bool {
        eventually("the server ends", || self.child.try_wait().unwrap().is_some());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so; fails after a minute.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "it never came to this: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
