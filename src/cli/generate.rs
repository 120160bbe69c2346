//! `ocm generate`: an invented catalogue of any size.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use oxigraph::io::RdfFormat;

use super::{CatalogueArgs, output};
use crate::generate;

/// Write the graph of an invented catalogue, for measurements
///
/// The same number and seed give the same bytes, and a larger catalogue holds the records of a smaller one. Themes,
/// types, targets and languages are those of the data folder. About 40 statements a resource; they are written as they
/// are made, so any number fits into memory.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    catalogue: CatalogueArgs,

    /// How many resources
    #[arg(long, value_name = "N")]
    resources: usize,

    /// Which of all invented catalogues
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// The syntax
    #[arg(long, value_enum, default_value_t = Format::Nquads)]
    format: Format,

    /// Where to write; - is standard output. A file appears whole or not at all
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One statement a line, with its graph
    #[value(alias = "nq")]
    Nquads,
    /// One statement a line, without graphs: the union of all
    #[value(alias = "nt")]
    Ntriples,
}

pub(crate) fn run(args: &GenerateArgs) -> anyhow::Result<ExitCode> {
    let edition = match args.catalogue.edition()? {
        Ok(edition) => edition,
        Err(status) => return Ok(status),
    };
    let format = match args.format {
        Format::Nquads => RdfFormat::NQuads,
        Format::Ntriples => RdfFormat::NTriples,
    };
    let size = (args.resources, args.seed);
    let (catalogue, iris) = (&edition.catalogue, &edition.iris);
    output::write(&args.out, |output| generate::write(catalogue, iris, size, format, output).map(drop))?;
    Ok(ExitCode::SUCCESS)
}
