//! `ocm dump`: the graph as a file.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use oxigraph::{io::RdfFormat, model::Quad};
use tempfile::NamedTempFile;

use super::{CatalogueArgs, is_standard_stream};
use crate::rdf::write;

/// Write the graph to a file or to standard output
///
/// Sorted, and byte for byte the same for the same files. The SHA-256 of the N-Quads form is the digest of the edition.
/// Turtle has no graphs: it holds the union of all.
#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    #[command(flatten)]
    catalogue: CatalogueArgs,

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
    let edition = match args.catalogue.edition()? {
        Ok(edition) => edition,
        Err(status) => return Ok(status),
    };
    let format = match args.format {
        Format::Nquads => RdfFormat::NQuads,
        Format::Trig => RdfFormat::TriG,
        Format::Turtle => RdfFormat::Turtle,
    };
    if is_standard_stream(&args.output) {
        match write::dump(&edition.quads, format, BufWriter::new(io::stdout().lock())) {
            // Whoever reads us has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.context("the graph cannot be written to standard output")?,
        }
    } else {
        write_file(&edition.quads, format, &args.output)
            .with_context(|| format!("{} cannot be written", args.output.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_file(quads: &[Quad], format: RdfFormat, path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = BufWriter::new(NamedTempFile::new_in(folder)?);
    write::dump(quads, format, &mut file)?;
    file.flush()?;
    file.into_inner()?.persist(path)?;
    Ok(())
}
