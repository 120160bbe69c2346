//! The command that `ocm serve` starts for each of its children; not for people.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::engine;

/// Answer queries on standard input until it closes
#[derive(Debug, Args)]
pub(crate) struct QueryWorkerArgs {
    /// The edition file
    #[arg(long)]
    edition: PathBuf,

    /// The limits, as JSON
    #[arg(long)]
    limits: String,

    /// Who evaluates, as JSON
    #[arg(long)]
    evaluator: String,

    /// Bytes of memory that a query may take
    #[arg(long)]
    memory: u64,
}

pub(crate) fn run(args: &QueryWorkerArgs) -> anyhow::Result<ExitCode> {
    engine::work(&args.edition, &args.limits, &args.evaluator, args.memory)
}
