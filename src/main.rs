//! `ocm`: parse, run, print the chain of causes once.

use std::process::ExitCode;

use clap::Parser;
use ocm_graph::cli::{Cli, run};

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("ocm: {error:#}");
            ExitCode::FAILURE
        }
    }
}
