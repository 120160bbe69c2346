//! `ocm serve`: the graph over HTTP.

use std::{env, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{Args, ValueEnum};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{
    EditionArgs,
    allocator::{give_back_memory, keep_few_arenas},
    operations::OperationsArgs,
    print_diagnostics, print_result,
    reload::{LOOK, Sources, Watch, verify},
};
use crate::{
    diagnostic::has_errors,
    engine::{Evaluator, Isolation, Limits, on_brief_threads},
    http::{AppState, Live, serve},
    query::QueryBook,
};

/// Build the graph and serve it
///
/// Prints the address when it is ready. A catalogue or a canned query with errors is refused: ocm check --queries DIR
/// shows them. On SIGHUP the files are read again: without errors, they are served from the next request on; with errors,
/// the edition before stays. Stops on SIGTERM or ctrl-c, after the requests at work have ended.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    edition: EditionArgs,

    /// Folder with the canned queries, NAME.rq
    #[arg(long, value_name = "DIR", env = "OCM_QUERIES", default_value = "queries")]
    queries: PathBuf,

    /// Read the files again when they change, as on SIGHUP
    #[arg(long, env = "OCM_WATCH")]
    watch: bool,

    /// Address to listen at; port 0 picks a free one
    #[arg(long, value_name = "HOST:PORT", env = "OCM_BIND", default_value = "127.0.0.1:7878", value_parser = host_and_port)]
    bind: String,

    /// Time for one query, such as 10s or 500ms; then it is answered 503
    #[arg(long, value_name = "TIME", env = "OCM_QUERY_TIMEOUT", default_value = "10s", value_parser = duration)]
    query_timeout: Duration,

    /// Memory for one query of a stranger, such as 512MB
    #[arg(long, value_name = "SIZE", env = "OCM_QUERY_MEMORY", default_value = "512MB", value_parser = bytes)]
    query_memory: u64,

    /// Rows or triples of one answer; more are refused, never cut
    #[arg(long, value_name = "N", env = "OCM_MAX_ROWS", default_value = "1000000", value_parser = clap::value_parser!(u32).range(1..))]
    max_rows: u32,

    /// Size of one answer, such as 64MB; more is refused, never cut
    #[arg(long, value_name = "SIZE", env = "OCM_MAX_BYTES", default_value = "64MB", value_parser = bytes)]
    max_bytes: u64,

    /// Memory for answers that are kept to be sent again, such as 64MB; 0 keeps none
    #[arg(long, value_name = "SIZE", env = "OCM_CACHE", default_value = "64MB", value_parser = bytes_or_none)]
    cache: u64,

    /// Queries of strangers at once, each in a process of its own; there are half as many processes again for long ones
    #[arg(long, value_name = "N", env = "OCM_WORKERS", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,

    /// Strangers' queries that may wait; one more is answered 503
    #[arg(long, value_name = "N", env = "OCM_QUEUE", default_value_t = 64)]
    queue: u16,

    /// Who evaluates queries
    #[arg(long, value_enum, env = "OCM_ENGINE", default_value_t = EngineChoice::Ocm)]
    engine: EngineChoice,

    #[command(flatten)]
    operations: OperationsArgs,
}

/// Who evaluates queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineChoice {
    /// Our own: all of SPARQL 1.1
    Ocm,
    /// The oxigraph library's store, as a reference: slower, and loads the whole graph
    Oxigraph,
}

/// Threads that pack answers and read files: no more than processors have time for, however many ask.
const BLOCKING_THREADS: usize = 8;

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    args.operations.start_log();
    raise_descriptors();
    keep_few_arenas();
    give_back_memory().context("a thread cannot be started")?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = on_brief_threads(runtime.enable_all().max_blocking_threads(BLOCKING_THREADS)).build()?;
    let (hangup, watch) = {
        let _inside = runtime.enter();
        let graph = args.edition.edition.as_ref().unwrap_or(&args.edition.catalogue.data);
        let folders = vec![graph.clone(), args.queries.clone()];
        // Before the files are read, so that no change is missed.
        (signal(SignalKind::hangup())?, args.watch.then(|| Watch::start(folders, LOOK)))
    };
    let edition = match args.edition.read()? {
        Ok(edition) => edition,
        Err(status) => return Ok(status),
    };
    let (book, mut diagnostics) = QueryBook::load(&args.queries);
    // The examples of parameters are of a catalogue.
    if !edition.is_foreign() {
        diagnostics.extend(book.check(&edition.catalogue, &edition.iris));
    }
    print_diagnostics(&diagnostics);
    if has_errors(&diagnostics) {
        return Ok(ExitCode::FAILURE);
    }
    let limits = Limits {
        timeout: args.query_timeout,
        rows: usize::try_from(args.max_rows).unwrap_or(usize::MAX),
        bytes: usize::try_from(args.max_bytes).unwrap_or(usize::MAX),
        memory: usize::try_from(args.query_memory).unwrap_or(usize::MAX),
        ..Limits::default()
    };
    let isolation = Isolation {
        program: env::current_exe().context("this program cannot be found again, to start its workers")?,
        workers: args.workers.into(),
        queue: args.queue.into(),
        memory: args.query_memory,
        evaluator: match args.engine {
            EngineChoice::Ocm => Evaluator::Own,
            EngineChoice::Oxigraph => Evaluator::Reference,
        },
    };
    let sources = Sources {
        graph: args.edition.source(),
        queries: args.queries.clone(),
        limits: limits.clone(),
        isolation,
        cache: args.cache,
    };
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(&args.bind).await.with_context(|| {
            format!("cannot listen at {}: choose another address with --bind; port 0 picks a free one", args.bind)
        })?;
        let summary =
            format!("{} resources, {} statements", edition.catalogue.resources.len(), edition.dataset.quads());
        let digest = edition.digest().to_owned();
        let edge = args.operations.edge();
        let operations = args.operations.operations(edge.clone());
        let state = AppState::new(edition, book, limits, Some(&sources.isolation))?
            .with_operations(std::sync::Arc::clone(&operations))
            .with_cache(args.cache);
        state.ready().await?;
        let live = Live::new(state.clone());
        let asked_to_stop = stop_signal()?;
        verify(&live, &state);
        announce(listener.local_addr()?, &summary, &digest)?;
        let follow = tokio::spawn(sources.follow(live.clone(), state, hangup, watch));
        let stop = async {
            asked_to_stop.await;
            operations.stop();
        };
        serve(listener, live.router(), edge, stop).await?;
        follow.abort();
        anyhow::Ok(())
    });
    // An edition that is being built is waited for, so that its temporary file goes. Evaluation has threads of its own,
    // which do not keep the program from ending.
    runtime.shutdown_timeout(Duration::from_secs(5));
    served.map(|()| ExitCode::SUCCESS)
}

/// Lets this process have as many descriptors as the system allows it: many systems begin with 1,024, fewer than the
/// connections that are kept.
fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the number of open descriptors stays as it is");
    }
}

/// Says where the server is, for people and for whoever started it.
fn announce(address: SocketAddr, summary: &str, digest: &str) -> anyhow::Result<()> {
    print_result(&format!("{summary}, edition {}\nhttp://{address}/\n", &digest[..12]))?;
    tracing::info!(%address, digest, "serving");
    Ok(())
}

/// Done when the process is asked to end.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// `127.0.0.1:7878`, `[::1]:0`, `localhost:80`.
fn host_and_port(text: &str) -> Result<String, String> {
    let sound = text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if sound { Ok(text.to_owned()) } else { Err("write a host and a port: 127.0.0.1:7878, or [::1]:7878".into()) }
}

/// `10s`, `500ms`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let milliseconds = match unit {
        "ms" => 1,
        "s" | "" => 1000,
        "m" => 60_000,
        _ => return Err("write a number and a unit: 500ms, 10s or 2m".into()),
    };
    let number: u64 = number.parse().map_err(|_| "write a whole number and a unit: 500ms, 10s or 2m")?;
    match number.checked_mul(milliseconds) {
        Some(milliseconds @ 1..=3_600_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err("choose between 1ms and 60m".into()),
    }
}

/// `512MB`, `64KB`, `1GB`, with 1,024 bytes to a kilobyte.
fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" | "KIB" | "K" => 1 << 10,
        "MB" | "MIB" | "M" => 1 << 20,
        "GB" | "GIB" | "G" => 1 << 30,
        _ => return Err("write a number and a unit: 64KB, 512MB or 1GB".into()),
    };
    let number: u64 = number.parse().map_err(|_| "write a whole number and a unit: 64KB, 512MB or 1GB")?;
    number
        .checked_mul(factor)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "choose a size between 1B and 16777215GB".into())
}

/// As [`bytes`], or nothing: `0`.
fn bytes_or_none(text: &str) -> Result<u64, String> {
    if text.trim() == "0" { Ok(0) } else { bytes(text) }
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..at], text[at..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_with_their_units() {
        assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(bytes("512MB"), Ok(512 << 20));
        assert_eq!(bytes("1 GB"), Ok(1 << 30));
        assert_eq!((bytes_or_none("0"), bytes_or_none("64MB")), (Ok(0), Ok(64 << 20)));
        assert!(bytes_or_none("none").is_err());
        for bad in ["", "s", "10h", "-1s", "0s", "1.5s", "99999999999999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        for bad in ["", "MB", "0", "1TB", "99999999999GB"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
