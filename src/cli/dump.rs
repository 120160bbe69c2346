//! `ocm dump`: the graph as a file.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use oxigraph::io::RdfFormat;

use super::{EditionArgs, output};
use crate::rdf::write::{self, Part};

/// Write the graph to a file or to standard output
///
/// Sorted, and byte for byte the same for the same files. The SHA-256 of the N-Quads form is the digest of the edition.
/// Turtle has no graphs: it holds the union of all.
#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    #[command(flatten)]
    edition: EditionArgs,

    /// The syntax
    #[arg(long, value_enum, default_value_t = Format::Nquads)]
    format: Format,

    /// Where to write; - is standard output. A file appears whole or not at all
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One statement a line, with its graph
    #[value(alias = "nq")]
    Nquads,
    /// Grouped by graph and subject
    Trig,
    /// Grouped by subject, without graphs
    #[value(alias = "ttl")]
    Turtle,
}

pub(crate) fn run(args: &DumpArgs) -> anyhow::Result<ExitCode> {
    let edition = match args.edition.read()? {
        Ok(edition) => edition,
        Err(status) => return Ok(status),
    };
    let format = match args.format {
        Format::Nquads => RdfFormat::NQuads,
        Format::Trig => RdfFormat::TriG,
        Format::Turtle => RdfFormat::Turtle,
    };
    output::write(&args.output, |output| write::dump(&edition.dataset, Part::All, format, output))?;
    Ok(ExitCode::SUCCESS)
}
