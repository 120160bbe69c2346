//! The child's side: read a job, do it, reply, and wait for the next.

use std::{
    io::{self, Read, Write},
    process,
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::frame::{self, Kind};

/// The size of a piece of the body. The head goes out with the first full piece, or at the end.
const PIECE: usize = 64 * 1024;

/// Where the reply to one job is written.
///
/// Nothing is sent before the first 64 KiB are there or the work is done, so that work which fails early fails
/// with nothing sent.
pub struct Output<'w> {
    wire: &'w mut dyn Write,
    head: Option<Vec<u8>>,
    piece: Vec<u8>,
}

/// Why a child stops working for good: its parent is gone.
pub type Stop = io::Error;

impl Output<'_> {
    /// Sets the head of the reply; the last one set before the first piece is full counts.
    pub fn head(&mut self, head: Vec<u8>) {
        self.head = Some(head);
    }

    fn send_piece(&mut self) -> io::Result<()> {
        if let Some(head) = self.head.take() {
            frame::write(self.wire, Kind::Head, &head)?;
        }
        if !self.piece.is_empty() {
            frame::write(self.wire, Kind::Body, &self.piece)?;
            self.piece.clear();
        }
        self.wire.flush()
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE - self.piece.len();
        let taken = bytes.len().min(room);
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.send_piece()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Does jobs until the parent closes the pipe. The work writes its reply to the output, or gives what to say of its
/// failure.
///
/// A job that takes longer than `patience` ends the process: the parent should have killed it, and is not there to.
///
/// # Errors
/// Those of the pipes: the parent is gone.
pub fn attend(
    mut input: impl Read,
    mut wire: impl Write,
    patience: Duration,
    mut work: impl FnMut(&[u8], &mut Output<'_>) -> Result<(), Vec<u8>>,
) -> Result<(), Stop> {
    let watchdog = watchdog(patience);
    frame::write(&mut wire, Kind::Ready, &[])?;
    wire.flush()?;
    while let Some(job) = frame::read(&mut input)? {
        // Only a dead watchdog does not listen.
        let _ = watchdog.send(true);
        let mut output = Output { wire: &mut wire, head: None, piece: Vec::with_capacity(PIECE) };
        match work(&job.bytes, &mut output) {
            Ok(()) => {
                output.send_piece()?;
                frame::write(&mut wire, Kind::End, &[])?;
            }
            Err(reason) => frame::write(&mut wire, Kind::Fail, &reason)?,
        }
        wire.flush()?;
        let _ = watchdog.send(false);
    }
    Ok(())
}

/// Ends the process when a job, announced by `true`, is not followed by `false` in time.
fn watchdog(patience: Duration) -> SyncSender<bool> {
    let (sender, receiver) = sync_channel(0);
    thread::spawn(move || {
        let mut working = false;
        loop {
            let heard = if working {
                receiver.recv_timeout(patience)
            } else {
                receiver.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match heard {
                Ok(state) => working = state,
                Err(RecvTimeoutError::Timeout) => process::exit(124),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    sender
}

/// Bounds the memory of this process to what it has now and `more` bytes, and forbids core dumps.
///
/// # Errors
/// When the operating system does not say how much the process has, or refuses the limit.
pub fn confine(more: u64) -> io::Result<()> {
    let has = status_bytes("self", "VmSize:").ok_or_else(|| io::Error::other("/proc/self/status has no VmSize"))?;
    let limit = |resource, bytes| setrlimit(resource, Rlimit { current: Some(bytes), maximum: Some(bytes) });
    limit(Resource::Core, 0)?;
    Ok(limit(Resource::As, has + more)?)
}

/// A size that Linux gives for a process, in bytes.
pub(super) fn status_bytes(process: &str, key: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// The time that Linux says a process and its threads have used the processor.
pub(super) fn processor_time(process: &str) -> Option<Duration> {
    // Nanoseconds come first; of the first thread alone, so each thread is asked.
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let of_thread = |thread: std::path::PathBuf| {
        std::fs::read_to_string(thread.join("schedstat"))
            .ok()?
            .split(' ')
            .next()?
            .parse()
            .ok()
            .map(Duration::from_nanos)
    };
    threads.map(|thread| of_thread(thread.ok()?.path())).sum()
}
