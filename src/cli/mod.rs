//! The commands of `ocm`: one file each.

mod allocator;
mod build;
mod check;
mod completions;
mod dump;
mod generate;
mod health;
mod import;
mod operations;
mod output;
mod progress;
mod query;
mod query_worker;
mod reload;
mod serve;
mod table;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    diagnostic::Diagnostic,
    edition::{BuildError, Edition},
    engine,
    rdf::iri::{DEFAULT_BASE, Iris},
};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "ocm",
    version,
    about = "The knowledge graph of the Our Collections Matter toolkit",
    long_about = "The knowledge graph of the Our Collections Matter toolkit: files become RDF, RDF answers SPARQL.\n\n\
        A folder of TOML and CSV files describes resources, themes, types, SDG goals and targets, and indicators. \
        ocm checks it, turns it into a graph, answers SPARQL and canned queries over HTTP and on the terminal, and \
        writes the graph to files. The graph is read-only: it changes when the files change.",
    after_long_help = "Examples:\n  \
        ocm serve                                   serve data/ at http://127.0.0.1:7878/\n  \
        ocm check                                   report everything wrong with data/\n  \
        ocm query                                   list the canned queries\n  \
        ocm query resources-for-target -p target=11.4   resources that support target 11.4\n  \
        ocm import page.txt --url https://ocm.iccrom.org/documents/some-page\n  \
        ocm dump --format turtle > ocm.ttl\n  \
        ocm build --rdf more.nt --out more.ocm      make an edition file of RDF; ocm serve --edition more.ocm\n\n\
        Exit status: 0 done, 1 the files have errors or the work failed, 2 the command line is wrong."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Health(health::HealthArgs),
    Check(check::CheckArgs),
    Import(import::ImportArgs),
    Build(build::BuildArgs),
    Dump(dump::DumpArgs),
    Generate(generate::GenerateArgs),
    Query(query::QueryArgs),
    Completions(completions::CompletionsArgs),
    #[command(name = engine::COMMAND, hide = true)]
    QueryWorker(query_worker::QueryWorkerArgs),
}

/// Which catalogue, and under which addresses.
#[derive(Debug, Clone, Args)]
pub(crate) struct CatalogueArgs {
    /// Folder with dataset.toml, the CSV tables and resources/
    #[arg(long, value_name = "DIR", env = "OCM_DATA", default_value = "data")]
    pub(crate) data: PathBuf,

    /// What the addresses of all things begin with; the ontology keeps its own
    #[arg(long, value_name = "IRI", env = "OCM_BASE_IRI", default_value = DEFAULT_BASE, value_parser = Iris::new)]
    pub(crate) base_iri: Iris,
}

impl CatalogueArgs {
    /// Builds the edition; warnings go to standard error. With mistakes in the files, they go there too and the exit
    /// status is given instead.
    pub(crate) fn edition(&self) -> anyhow::Result<Result<Edition, ExitCode>> {
        let progress = progress::Bar::new();
        let built = Edition::build_observed(&self.data, self.base_iri.clone(), &|step| progress.show(step));
        progress.clear();
        match built {
            Ok((edition, diagnostics)) => {
                print_diagnostics(&diagnostics);
                Ok(Ok(edition))
            }
            Err(BuildError::Refused(diagnostics)) => {
                print_diagnostics(&diagnostics);
                eprintln!("{}", check::summary(&self.data, &diagnostics));
                Ok(Err(ExitCode::FAILURE))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Which edition: that of a catalogue, or one in a file.
#[derive(Debug, Args)]
pub(crate) struct EditionArgs {
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,

    /// An edition file of ocm build, instead of a data folder; it has its own base
    #[arg(long, value_name = "FILE", env = "OCM_EDITION", conflicts_with_all = ["data", "base_iri"])]
    pub(crate) edition: Option<PathBuf>,
}

impl EditionArgs {
    /// Where the graph is read from, now and again later.
    pub(crate) fn source(&self) -> reload::GraphSource {
        if let Some(file) = &self.edition {
            return reload::GraphSource::File(file.clone());
        }
        let CatalogueArgs { data, base_iri } = self.catalogue.clone();
        reload::GraphSource::Folder { data, base: base_iri }
    }

    /// Opens the edition file, or builds the edition as [`CatalogueArgs::edition`].
    pub(crate) fn read(&self) -> anyhow::Result<Result<Edition, ExitCode>> {
        match &self.edition {
            Some(path) => Ok(Ok(Edition::open(path)?)),
            None => self.catalogue.edition(),
        }
    }
}

/// Runs a command and gives the exit status.
///
/// # Errors
/// Whatever stopped the work: printed once, with its causes, by `main`.
pub fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Health(args) => health::run(args),
        Command::Check(args) => check::run(args),
        Command::Import(args) => import::run(args),
        Command::Build(args) => build::run(args),
        Command::Dump(args) => dump::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Query(args) => query::run(args),
        Command::Completions(args) => completions::run(args),
        Command::QueryWorker(args) => query_worker::run(args),
    }
}

/// Prints diagnostics for people, on standard error.
fn print_diagnostics(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        eprintln!("{diagnostic}");
    }
}

/// Prints a result on standard output. A reader that has read enough (`ocm check | head`) is no error.
fn print_result(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Whether a path names standard input or output.
fn is_standard_stream(path: &Path) -> bool {
    path == Path::new("-")
}
