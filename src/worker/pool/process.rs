//! One child, seen from its parent: started, measured, lowered, buried.

use std::{io, process::Stdio, time::Duration};

use rustix::process::{Pid, setpriority_pgrp};
use tokio::{
    io::{AsyncReadExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
};

use super::{Failure, Options};
use crate::worker::child::{processor_time, status_bytes};

/// A child that has grown by more than this over its size when idle is replaced after its job, so that memory goes back.
const GROWTH: u64 = 32 * 1024 * 1024;

/// How far the priority of a child with a long job is lowered, of 19.
const NICE: i32 = 10;

/// The last words of a child that are kept, in bytes.
const LAST_WORDS: usize = 4096;

/// A child. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    pub(super) input: ChildStdin,
    pub(super) output: BufReader<ChildStdout>,
    last_words: JoinHandle<Vec<u8>>,
    /// Bytes of its own memory when it was ready for its first job; none before.
    pub(super) baseline: Option<u64>,
    /// Its priority is lowered. Only the privileged could raise it again.
    lowered: bool,
}

impl Worker {
    pub(super) fn start(options: &Options) -> io::Result<Self> {
        let mut child = Command::new(&options.program)
            .args(&options.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A backtrace would be longer than what is kept of its last words, and push the cause out.
            .env("RUST_BACKTRACE", "0")
            // A group of its own has a priority of its own.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let closed = || io::Error::other("a pipe to the worker is missing");
        let input = child.stdin.take().ok_or_else(closed)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(closed)?);
        let mut errors = child.stderr.take().ok_or_else(closed)?;
        let last_words = tokio::spawn(async move {
            let (mut kept, mut piece) = (Vec::new(), [0; 1024]);
            while let Ok(n @ 1..) = errors.read(&mut piece).await {
                kept.extend_from_slice(&piece[..n]);
                let surplus = kept.len().saturating_sub(LAST_WORDS);
                kept.drain(..surplus);
            }
            kept
        });
        Ok(Self { child, input, output, last_words, baseline: None, lowered: false })
    }

    /// Whether it can do another job: it has its priority, and has not grown much since it was ready.
    pub(super) fn is_fresh(&self) -> bool {
        if self.lowered {
            return false;
        }
        let now = self.own_memory().unwrap_or(u64::MAX);
        self.baseline.is_none_or(|baseline| now <= baseline + GROWTH)
    }

    /// Lowers its priority.
    pub(super) fn lower(&mut self) {
        self.lowered = true;
        let group = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(group) = group
            && let Err(error) = setpriority_pgrp(Some(group), NICE)
        {
            tracing::warn!(%error, "the priority of a worker cannot be lowered");
        }
    }

    /// What it has used of the processor in all its life; nothing when the system does not say.
    pub(super) fn processor_time(&self) -> Duration {
        self.child.id().and_then(|id| processor_time(&id.to_string())).unwrap_or_default()
    }

    /// Resident bytes that are its own. Pages of the mapped edition do not count: they are shared, and go by themselves.
    pub(super) fn own_memory(&self) -> Option<u64> {
        status_bytes(&self.child.id()?.to_string(), "RssAnon:")
    }

    /// Why it died.
    pub(super) async fn cause(mut self) -> Failure {
        let status = self.child.wait().await.map(|status| status.to_string());
        let words = String::from_utf8_lossy(&self.last_words.await.unwrap_or_default()).into_owned();
        if words.contains("memory allocation of") || words.contains("failed to allocate") {
            return Failure::Memory;
        }
        let words = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no last words").to_owned();
        Failure::Died(format!("{}; {words}", status.unwrap_or_else(|error| error.to_string())))
    }
}
