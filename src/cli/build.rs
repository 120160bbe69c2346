//! `ocm build`: an edition file.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use clap::Args;
use oxigraph::model::NamedNode;
use tokio::signal::unix::{SignalKind, signal};

use super::{CatalogueArgs, print_result, progress::Bar};
use crate::{
    dataset::{Dataset, RdfFile},
    edition::Edition,
    replacement::Replacement,
};

/// Make an edition file, which ocm serve --edition opens at once
///
/// Of a data folder, or of RDF that somebody else wrote: N-Triples, N-Quads, Turtle, TriG, RDF/XML or JSON-LD by the
/// extension of the file. The same input gives the same bytes. A file in use may be replaced: what is served stays until
/// SIGHUP.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    catalogue: CatalogueArgs,

    /// A file of RDF, instead of a data folder; triples go into the unnamed graph, quads where they say; repeatable
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "data")]
    rdf: Vec<PathBuf>,

    /// A file of RDF whose triples go into a graph of this name; repeatable
    #[arg(long, value_name = "IRI=FILE", num_args = 1.., value_parser = graph_and_file, conflicts_with = "data")]
    graph: Vec<RdfFile>,

    /// Where to write; the file appears whole or not at all
    #[arg(long, short, value_name = "FILE", required_unless_present = "verify")]
    out: Option<PathBuf>,

    /// Build nothing: check every byte of an edition file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "base_iri", "rdf", "graph", "out"])]
    verify: Option<PathBuf>,
}

pub(crate) fn run(args: &BuildArgs) -> anyhow::Result<ExitCode> {
    let Some(out) = &args.out else {
        return args.verify.as_deref().map_or(Ok(ExitCode::FAILURE), verify);
    };
    let interrupted = on_interrupt()?;
    let edition = match args.edition()? {
        Ok(edition) => edition,
        Err(status) => return Ok(status),
    };
    let dataset = edition.to_file()?;
    let size = interrupted
        .unless(|stop| write(&dataset, out, stop))
        .with_context(|| format!("{} cannot be written", out.display()))?;
    print_result(&format!(
        "{}: {} statements, {} terms, {size} bytes, edition {}\n",
        out.display(),
        dataset.quads(),
        dataset.terms(),
        dataset.digest().get(..12).unwrap_or_default(),
    ))?;
    Ok(ExitCode::SUCCESS)
}

impl BuildArgs {
    fn edition(&self) -> anyhow::Result<Result<Edition, ExitCode>> {
        let unnamed = self.rdf.iter().map(|path| RdfFile { path: path.clone(), graph: None });
        let files: Vec<RdfFile> = unnamed.chain(self.graph.iter().cloned()).collect();
        if files.is_empty() {
            return self.catalogue.edition();
        }
        let progress = Bar::new();
        let read = Dataset::read(&files, &|step| progress.show(step));
        progress.clear();
        Ok(Ok(Edition::foreign(read?, self.catalogue.base_iri.clone())))
    }
}

/// Checks a file to its end.
fn verify(path: &Path) -> anyhow::Result<ExitCode> {
    let edition = Edition::open(path)?;
    edition.dataset.verify().with_context(|| path.display().to_string())?;
    print_result(&format!("{}: sound, edition {}\n", path.display(), edition.digest()))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the file and gives its size.
fn write(dataset: &Dataset, path: &Path, stop: &AtomicBool) -> io::Result<u64> {
    let mut file = Stoppable { file: Replacement::of(path)?, written: 0, stop };
    dataset.write_to(&mut file)?;
    let Stoppable { file, written, .. } = file;
    file.commit().map(|()| written)
}

/// What Ctrl-C does: it ends the program at once, unless a file is being written. Then that stops first, so that nothing
/// of it stays.
struct Interrupt {
    writing: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

/// What a shell expects of a program that was interrupted.
const INTERRUPTED: i32 = 130;

fn on_interrupt() -> io::Result<Interrupt> {
    let interrupt = Interrupt { writing: Arc::default(), stop: Arc::default() };
    let (writing, stop) = (Arc::clone(&interrupt.writing), Arc::clone(&interrupt.stop));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt_signal, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt_signal.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        stop.store(true, Ordering::SeqCst);
        if !writing.load(Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
    });
    Ok(interrupt)
}

impl Interrupt {
    /// Writes something that looks at the flag.
    fn unless<T>(&self, write: impl FnOnce(&AtomicBool) -> io::Result<T>) -> io::Result<T> {
        self.writing.store(true, Ordering::SeqCst);
        write(&self.stop)
    }
}

/// A file that takes no more when it is to stop.
struct Stoppable<'s> {
    file: Replacement,
    written: u64,
    stop: &'s AtomicBool,
}

/// Bytes that are written between two looks.
const STEP: usize = 1 << 20;

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(io::Error::other("interrupted; the former file is as it was"));
        }
        let written = self.file.write(&bytes[..bytes.len().min(STEP)])?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// `http://example.org/graph=file.nt`; an IRI may have a `=`, so the last one counts.
fn graph_and_file(text: &str) -> Result<RdfFile, String> {
    let (iri, path) = text.rsplit_once('=').ok_or("write an IRI, =, and a file: http://example.org/graph=file.nt")?;
    let graph = NamedNode::new(iri).map_err(|error| format!("\"{iri}\" is not an absolute IRI: {error}"))?;
    Ok(RdfFile { path: path.into(), graph: Some(graph) })
}
