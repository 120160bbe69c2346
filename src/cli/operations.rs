//! How `ocm serve` treats its clients and what it says of itself: options and the log.

use std::{
    io::{self, IsTerminal},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::serve::duration;
use crate::http::{BudgetOptions, Edge, ForwardedBy, Operations, Proxies};

/// What is logged unless `RUST_LOG` says otherwise: a line for each request.
const FILTER: &str = "warn,ocm_graph=info";

#[derive(Debug, Args)]
pub(crate) struct OperationsArgs {
    /// Work that one client may ask for in each minute
    #[arg(long, value_name = "TIME", env = "OCM_CLIENT_WORK", default_value = "60s", value_parser = duration)]
    client_work: Duration,

    /// Most work that one client can save up
    #[arg(long, value_name = "TIME", env = "OCM_CLIENT_BURST", default_value = "120s", value_parser = duration)]
    client_burst: Duration,

    /// Errors that one client may make in each minute
    #[arg(long, value_name = "N", env = "OCM_CLIENT_ERRORS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    client_errors: u32,

    /// Give clients on this machine a budget too
    #[arg(long, env = "OCM_LIMIT_LOOPBACK")]
    limit_loopback: bool,

    /// Address of a proxy in front, whose word on who asks is believed; repeatable
    ///
    /// Without it every request that a proxy passes on is counted as the proxy's own, or, with the proxy on this machine,
    /// not at all.
    #[arg(long, value_name = "IP", env = "OCM_TRUSTED_PROXY", value_delimiter = ',')]
    trusted_proxy: Vec<IpAddr>,

    /// Header in which the trusted proxy adds who asks; the other one is never read
    #[arg(long, value_name = "HEADER", env = "OCM_FORWARDED_BY", default_value = "x-forwarded-for")]
    forwarded_by: Header,

    /// How the log on standard error is written
    #[arg(long, value_name = "FORMAT", env = "OCM_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Header {
    XForwardedFor,
    Forwarded,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl OperationsArgs {
    /// What a connection may take.
    pub(crate) fn edge(&self) -> Edge {
        Edge { proxies: self.trusted_proxy.clone(), ..Edge::default() }
    }

    /// What outlives every edition.
    pub(crate) fn operations(&self, edge: Edge) -> Arc<Operations> {
        let budget = BudgetOptions {
            work_per_minute: self.client_work,
            work_burst: self.client_burst,
            errors_per_minute: self.client_errors,
            limit_loopback: self.limit_loopback,
            ..BudgetOptions::default()
        };
        let header = match self.forwarded_by {
            Header::XForwardedFor => ForwardedBy::XForwardedFor,
            Header::Forwarded => ForwardedBy::Forwarded,
        };
        Arc::new(Operations::new(edge, budget, Proxies { trusted: self.trusted_proxy.clone(), header }))
    }

    /// Logs go to standard error; `RUST_LOG` sets how much.
    pub(crate) fn start_log(&self) {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        // A second start in one process keeps the first log.
        let _ = match self.log_format {
            LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
            LogFormat::Json => log.json().flatten_event(true).with_current_span(false).try_init(),
        };
    }
}
