//! RDF files in, a dataset out: line formats in pieces on every processor, the others one after the other.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read},
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use oxigraph::{
    io::{RdfFormat, RdfParseError, RdfParser, RdfSyntaxError},
    model::{BlankNode, GraphName, NamedNode, NamedOrBlankNode, Quad, Term},
};

use super::{BuildError, Builder, Dataset};
use crate::progress::Progress;

/// Bytes of a piece of a file that is parsed at once.
const PIECE: usize = 4 << 20;

/// Statements of a file that cannot be parsed in pieces, between two tells of progress.
const BATCH: usize = 1 << 16;

/// A file of RDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RdfFile {
    /// Where it is. The extension says what it is.
    pub path: PathBuf,
    /// Where the statements go that name no graph; otherwise into the unnamed one.
    pub graph: Option<NamedNode>,
}

/// Why files of RDF gave no dataset.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The extension is not one of RDF.
    #[error("{}: the extension does not say which RDF format this is: rename the file to .nt, .nq, .ttl, .trig, .rdf or .jsonld", .0.display())]
    Format(PathBuf),
    /// The file cannot be read.
    #[error("{}: the file cannot be read: {error}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is written there is not RDF.
    #[error("{}{}: {message}: correct the file", .path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// The line, from 1, where the format has lines.
        line: Option<u64>,
        /// What is wrong.
        message: String,
    },
    /// There is too much of it.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl Dataset {
    /// Reads files of RDF, telling how far it has come.
    ///
    /// Blank nodes of one N-Triples or N-Quads file keep their labels. With several files the number of the file goes
    /// before the label, so that nodes of two files are never one. In the other formats labels are written by the parser
    /// as often as by people, and nodes are numbered in the order they come in. The same files in the same order give the
    /// same dataset.
    ///
    /// # Errors
    /// [`ReadError`] of the first file, and in it of the first line, that has a mistake.
    pub fn read(files: &[RdfFile], observe: &(dyn Fn(Progress) + Sync)) -> Result<Self, ReadError> {
        let mut builder = Builder::default();
        for (number, file) in (1..).zip(files) {
            let extension = file.path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            let format = RdfFormat::from_extension(&extension.to_ascii_lowercase());
            let format = format.ok_or_else(|| ReadError::Format(file.path.clone()))?;
            let prefix = if files.len() > 1 { format!("f{number}-") } else { String::new() };
            let reading = Reading { file, format, prefix };
            match format {
                RdfFormat::NTriples | RdfFormat::NQuads => reading.in_pieces(&mut builder, observe)?,
                _ => reading.in_order(&mut builder, observe)?,
            }
        }
        Ok(builder.finish(observe)?)
    }
}

/// A file that is read.
struct Reading<'f> {
    file: &'f RdfFile,
    format: RdfFormat,
    /// What goes before the labels of its blank nodes.
    prefix: String,
}

impl Reading<'_> {
    fn parser(&self) -> RdfParser {
        let parser = RdfParser::from_format(self.format);
        match &self.file.graph {
            Some(graph) => parser.with_default_graph(graph.clone()),
            None => parser,
        }
    }

    fn io(&self, error: io::Error) -> ReadError {
        ReadError::Io { path: self.file.path.clone(), error }
    }

    fn open(&self) -> Result<(File, usize), ReadError> {
        let file = File::open(&self.file.path).map_err(|error| self.io(error))?;
        let size = file.metadata().map_err(|error| self.io(error))?.len();
        Ok((file, usize::try_from(size).unwrap_or(usize::MAX)))
    }

    /// Parses whole lines on every processor. All pieces before one with a mistake are parsed too, so that the first
    /// mistake is the one that is told.
    fn in_pieces(&self, builder: &mut Builder, observe: &(dyn Fn(Progress) + Sync)) -> Result<(), ReadError> {
        let (file, total) = self.open()?;
        let (pieces, done) = (Mutex::new(Pieces::new(file)), AtomicUsize::new(0));
        let (builder, failure) = (Mutex::new(builder), Mutex::new(None::<(u64, ReadError)>));
        let work = || {
            loop {
                let piece = match lock(&pieces).next() {
                    Ok(Some(piece)) => piece,
                    Ok(None) => return,
                    Err(error) => return earliest(&failure, u64::MAX, self.io(error)),
                };
                let added = self.parse(&piece).and_then(|quads| Ok(lock(&builder).absorb(&quads)?));
                if let Err(error) = added {
                    lock(&pieces).stop();
                    return earliest(&failure, piece.line, error);
                }
                let done = done.fetch_add(piece.bytes.len(), Ordering::Relaxed) + piece.bytes.len();
                observe(Progress { stage: "reading statements", done, total });
            }
        };
        thread::scope(|scope| {
            for _ in 1..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
            work();
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), |(_, error)| Err(error))
    }

    fn parse(&self, piece: &Piece) -> Result<Builder, ReadError> {
        let mut builder = Builder::default();
        for quad in self.parser().for_slice(&piece.bytes) {
            let mut quad = quad.map_err(|error| self.syntax(piece.line, &error))?;
            if !self.prefix.is_empty() {
                rename(&mut quad, &mut |node| format!("{}{}", self.prefix, node.as_str()));
            }
            builder.add(quad.as_ref())?;
        }
        Ok(builder)
    }

    /// Parses a format in which a statement may need what came before it.
    fn in_order(&self, builder: &mut Builder, observe: &(dyn Fn(Progress) + Sync)) -> Result<(), ReadError> {
        let (file, total) = self.open()?;
        let done = AtomicUsize::new(0);
        let counted = Counted { file, done: &done };
        let mut names: HashMap<BlankNode, String> = HashMap::new();
        for (count, quad) in self.parser().for_reader(BufReader::with_capacity(1 << 16, counted)).enumerate() {
            let mut quad = quad.map_err(|error| match error {
                RdfParseError::Io(error) => self.io(error),
                RdfParseError::Syntax(error) => self.syntax(1, &error),
            })?;
            rename(&mut quad, &mut |node| {
                let next = names.len() + 1;
                names.entry(node.clone()).or_insert_with(|| format!("{}b{next}", self.prefix)).clone()
            });
            builder.add(quad.as_ref())?;
            if count % BATCH == 0 {
                observe(Progress { stage: "reading statements", done: done.load(Ordering::Relaxed), total });
            }
        }
        Ok(())
    }

    /// A mistake in a text whose first line has this number.
    fn syntax(&self, first: u64, error: &RdfSyntaxError) -> ReadError {
        let line = error.location().map(|location| first + location.start.line);
        let message = error.to_string();
        // The place that the library names is in the piece, not in the file.
        let message = match (line, message.split_once(": ")) {
            (Some(_), Some((place, message))) if place.starts_with("Parser error") => message.to_owned(),
            _ => message,
        };
        ReadError::Syntax { path: self.file.path.clone(), line, message }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the failure that is first in the file.
fn earliest(failure: &Mutex<Option<(u64, ReadError)>>, line: u64, error: ReadError) {
    let mut failure = lock(failure);
    if failure.as_ref().is_none_or(|(known, _)| line < *known) {
        *failure = Some((line, error));
    }
}

/// Gives every blank node of a quad another label.
fn rename(quad: &mut Quad, label: &mut impl FnMut(&BlankNode) -> String) {
    if let NamedOrBlankNode::BlankNode(node) = &mut quad.subject {
        *node = BlankNode::new_unchecked(label(node));
    }
    if let Term::BlankNode(node) = &mut quad.object {
        *node = BlankNode::new_unchecked(label(node));
    }
    if let GraphName::BlankNode(node) = &mut quad.graph_name {
        *node = BlankNode::new_unchecked(label(node));
    }
}

/// Some whole lines of a file.
struct Piece {
    bytes: Vec<u8>,
    /// The number of the first, from 1.
    line: u64,
}

/// A file in pieces.
struct Pieces {
    file: File,
    rest: Vec<u8>,
    line: u64,
    ended: bool,
}

impl Pieces {
    fn new(file: File) -> Self {
        Self { file, rest: Vec::new(), line: 1, ended: false }
    }

    /// Gives no more.
    fn stop(&mut self) {
        (self.ended, self.rest) = (true, Vec::new());
    }

    fn next(&mut self) -> io::Result<Option<Piece>> {
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.reserve(PIECE);
        // A line may be longer than a piece.
        let mut end = None;
        while !self.ended && end.is_none() {
            let before = bytes.len();
            let read = self.file.by_ref().take(PIECE as u64).read_to_end(&mut bytes)?;
            self.ended = read < PIECE;
            end = bytes[before..].iter().rposition(|byte| *byte == b'\n').map(|at| before + at + 1);
        }
        if let Some(end) = end.filter(|_| !self.ended) {
            self.rest = bytes.split_off(end);
        }
        let line = self.line;
        self.line += bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        Ok((!bytes.is_empty()).then_some(Piece { bytes, line }))
    }
}

/// A file that counts the bytes read from it.
struct Counted<'c> {
    file: File,
    done: &'c AtomicUsize,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.done.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}
