//! The real program as a child of the test, and what the system says of it and its own children.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::repository;

/// The program under test: the one `OCM_BIN` names, or the one built for the tests.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("OCM_BIN").map_or_else(|| env!("CARGO_BIN_EXE_ocm").into(), |path| repository("").join(path))
}

/// Whether the program under test was built for speed.
pub(crate) fn is_optimised() -> bool {
    std::env::var_os("OCM_BIN").is_some() || !cfg!(debug_assertions)
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

/// What the server and its children take of the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// Bytes, those that processes share divided among them: all map the same program and the same edition.
    pub(crate) resident: u64,
    pub(crate) processes: usize,
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    /// Ticks of user and system time; of those who live, and of those who have died and been waited for.
    pub(crate) ticks: u64,
}

impl Server {
    pub(crate) fn start(data: &Path, options: &[&str]) -> Self {
        Self::start_and_log(data, options, Stdio::inherit())
    }

    /// The same, with its log going elsewhere than to standard error.
    pub(crate) fn start_and_log(data: &Path, options: &[&str], log: Stdio) -> Self {
        let mut process = Command::new(program())
            .args(["serve", "--bind", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(options)
            .current_dir(repository(""))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(process.stdout.take().expect("standard output is a pipe")).lines();
        let address = lines
            .map(|line| line.expect("the server speaks UTF-8"))
            .find_map(|line| line.strip_prefix("http://")?.strip_suffix('/')?.parse().ok())
            .expect("the server says where it is");
        Self { process, address }
    }

    /// What it takes now.
    pub(crate) fn takes(&self) -> Use {
        let mut total = Use { resident: 0, processes: 0, threads: 0, descriptors: 0, ticks: 0 };
        for (pid, stat) in family(self.process.id()) {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let pages = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            total.resident += number(&pages, "Pss:") * 1024;
            total.threads += usize::try_from(number(&status, "Threads:")).unwrap();
            total.processes += 1;
            total.descriptors += fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
            total.ticks += stat.ticks;
        }
        total
    }

    /// What it takes when it has calmed down: as soon as `calm` holds, and at the latest after the patience.
    pub(crate) fn takes_when(&self, patience: Duration, calm: impl Fn(&Use) -> bool) -> Use {
        let started = Instant::now();
        loop {
            let takes = self.takes();
            if calm(&takes) || started.elapsed() > patience {
                return takes;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Tells it to read its files again.
    pub(crate) fn hang_up(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Stat {
    parent: u32,
    ticks: u64,
}

/// A process and its descendants. Those that have ended and still wait for their parent count too.
fn family(root: u32) -> Vec<(u32, Stat)> {
    let mut all: HashMap<u32, Stat> = fs::read_dir("/proc")
        .expect("this is Linux")
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name, in round brackets, may have anything in it.
            let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
            let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
            let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
            Some((pid, Stat { parent: fields.get(1)?.parse().ok()?, ticks }))
        })
        .collect();
    let mut found: Vec<(u32, Stat)> = all.remove_entry(&root).into_iter().collect();
    let mut next = 0;
    while next < found.len() {
        let parent = found[next].0;
        let children: Vec<u32> = all.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid).collect();
        found.extend(children.iter().filter_map(|pid| all.remove_entry(pid)));
        next += 1;
    }
    found
}

fn number(status: &str, key: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
