//! `ocm dump`: the graph as a file.

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use oxigraph::io::RdfFormat;

use super::{EditionArgs, is_standard_stream};
use crate::{
    dataset::Dataset,
    rdf::write::{self, Part},
    replacement::Replacement,
};

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
    if is_standard_stream(&args.output) {
        match write::dump(&edition.dataset, Part::All, format, BufWriter::new(io::stdout().lock())) {
            // Whoever reads us has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.context("the graph cannot be written to standard output")?,
        }
    } else {
        write_file(&edition.dataset, format, &args.output)
            .with_context(|| format!("{} cannot be written", args.output.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A file appears whole; a device or a pipe is written to as it is.
fn write_file(dataset: &Dataset, format: RdfFormat, path: &Path) -> io::Result<()> {
    if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return write::dump(dataset, Part::All, format, BufWriter::new(File::options().write(true).open(path)?));
    }
    let mut file = BufWriter::new(Replacement::of(path)?);
    write::dump(dataset, Part::All, format, &mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.commit()
}
