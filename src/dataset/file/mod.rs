//! The edition file: the dataset's numbers as they are in memory, behind a header. `docs/EDITION-FILE.md` describes it.

mod check;
mod header;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytemuck::{AnyBitPattern, NoUninit};
use memmap2::Mmap;
use sha2::{Digest, Sha256};

pub(super) use self::header::Body;
use self::header::{Counts, Header};
use super::{Data, Dataset, PredicateStatistics, column::Column};
use crate::replacement::Replacement;

/// How every edition file begins. The last bytes show a transfer that changes line ends.
const MAGIC: [u8; 8] = *b"\x89OCM\r\n\x1a\n";

/// The version of the format.
const VERSION: u32 = 1;

/// Written as a number, so that it reads as another one where numbers have the other byte order.
const BYTE_ORDER: u32 = 0x0102_0304;

/// Bytes before the table of sections.
const FIXED: usize = 144;

/// Bytes of an entry of the table: the name, where the section is, its length.
const ENTRY: usize = 40;
const NAME: usize = 24;

/// Sections begin at multiples of this.
const ALIGNMENT: usize = 64;

/// What attachments' names have before them.
const ATTACHED: &str = "+";

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", .path.display())]
pub struct OpenError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub why: Unusable,
}

/// What is the matter with a file.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The system does not give it.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no edition file: make one with ocm build")]
    NotOurs,
    /// It was made by another program.
    #[error(
        "this edition file has version {0} of the format, and this program reads {VERSION}: make it again with ocm build"
    )]
    Version(u32),
    /// It was made on another machine.
    #[error(
        "this edition file was made on a machine with another byte order: make it again with ocm build on this one"
    )]
    ByteOrder,
    /// It is shorter or longer than it was.
    #[error(
        "the edition file has {found} bytes and should have {expected}: copy it again, or make it again with ocm build"
    )]
    Length {
        /// What the header says.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// Bytes have changed.
    #[error("the edition file is damaged ({0}): copy it again, or make it again with ocm build")]
    Damaged(&'static str),
}

impl Dataset {
    /// Writes the dataset to a file, which appears whole or not at all. The same dataset gives the same bytes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = Replacement::of(path)?;
        self.write_to(&mut file)?;
        file.commit()
    }

    /// Writes the bytes of the dataset's file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_to(&self, output: &mut impl Write) -> io::Result<()> {
        let predicates: Vec<[u32; 4]> =
            self.data.predicates.iter().copied().map(PredicateStatistics::numbers).collect();
        let mut sections = self.data.sections(&predicates);
        let attached = self.attachments.iter().map(|(name, bytes)| (format!("{ATTACHED}{name}"), bytes.bytes()));
        sections.extend(attached);
        let mut place = (FIXED + sections.len() * ENTRY + 32).next_multiple_of(ALIGNMENT);
        let (body, mut table, mut hash) = (place, Vec::new(), Sha256::new());
        for (name, bytes) in &sections {
            let mut field = [0; NAME];
            let room = field.get_mut(..name.len()).filter(|room| room.len() < NAME);
            room.ok_or_else(|| io::Error::other(format!("the section name {name} is too long")))?
                .copy_from_slice(name.as_bytes());
            table.extend_from_slice(&field);
            table.extend_from_slice(&(place as u64).to_ne_bytes());
            table.extend_from_slice(&(bytes.len() as u64).to_ne_bytes());
            hash.update(bytes);
            hash.update(padding(bytes.len()));
            place += bytes.len().next_multiple_of(ALIGNMENT);
        }
        let counts = Counts::of(&self.data);
        let mut head = Vec::with_capacity(body);
        head.extend_from_slice(&MAGIC);
        head.extend_from_slice(&VERSION.to_ne_bytes());
        head.extend_from_slice(&BYTE_ORDER.to_ne_bytes());
        head.extend_from_slice(&(place as u64).to_ne_bytes());
        head.extend_from_slice(bytemuck::bytes_of(&counts.0));
        head.extend_from_slice(&self.data.raw_digest());
        head.extend_from_slice(&hash.finalize());
        head.extend_from_slice(&u64::try_from(sections.len()).unwrap_or(0).to_ne_bytes());
        head.extend_from_slice(&table);
        let checksum = Sha256::digest(&head);
        head.extend_from_slice(&checksum);
        head.resize(body, 0);
        output.write_all(&head)?;
        for (_, bytes) in &sections {
            output.write_all(bytes)?;
            output.write_all(padding(bytes.len()))?;
        }
        output.flush()
    }

    /// Opens a file that [`Dataset::write`] has made. It is mapped, not read: its pages come when they are needed, and
    /// processes share them.
    ///
    /// The header is checked as a whole, so that a damaged file never panics; the rest by [`Dataset::verify`]. A file in
    /// use must be replaced, not written over.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let open = || {
            let file = File::open(path)?;
            let bytes = Arc::new(map(&file)?);
            Header::read(&bytes)?.dataset(file, &bytes)
        };
        open().map_err(|why| OpenError { path: path.to_owned(), why })
    }

    /// Where another process can open the file that this dataset was opened from, also when a next one has taken its
    /// place since. None for a dataset that was built, and on systems without `/proc`.
    #[must_use]
    pub fn shared_path(&self) -> Option<PathBuf> {
        let body = self.data.body.as_ref()?;
        let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), body.file.as_raw_fd()));
        path.exists().then_some(path)
    }

    /// Checks every byte of an opened file against the checksum in its header, and that numbers and texts are sound. It
    /// reads the whole file. A dataset that was built is sound.
    ///
    /// # Errors
    /// [`Unusable::Damaged`]
    pub fn verify(&self) -> Result<(), Unusable> {
        let Some(body) = &self.data.body else { return self.data.check() };
        // Through a mapping of its own, so that pages which nothing else needs are this process's no longer than that.
        let file = body.file.try_clone()?;
        let bytes = Arc::new(map(&file)?);
        if Sha256::digest(bytes.get(body.start..).unwrap_or_default())[..] != body.checksum {
            return Err(Unusable::Damaged("its content does not agree with its checksum"));
        }
        Header::read(&bytes)?.dataset(file, &bytes)?.data.check()
    }
}

/// Zeros up to where the next section begins.
fn padding(length: usize) -> &'static [u8] {
    &[0; ALIGNMENT][..length.next_multiple_of(ALIGNMENT) - length]
}

#[expect(
    unsafe_code,
    reason = "a mapping is undefined when its file changes; editions are replaced, never written over"
)]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: `Replacement` gives a new file in place of the old one, whose content stays while it is mapped. Every view
    // of the bytes is of numbers, for which any bits are valid, or is checked to be UTF-8 each time.
    unsafe { Mmap::map(file) }
}

impl PredicateStatistics {
    fn numbers(self) -> [u32; 4] {
        [self.predicate, self.triples, self.subjects, self.objects]
    }

    fn from_numbers([predicate, triples, subjects, objects]: [u32; 4]) -> Self {
        Self { predicate, triples, subjects, objects }
    }
}

impl Data {
    /// What goes into the file, in this order.
    fn sections<'d>(&'d self, predicates: &'d [[u32; 4]]) -> Vec<(String, &'d [u8])> {
        fn section<'d, T: AnyBitPattern + NoUninit>(name: &str, column: &'d Column<T>) -> (String, &'d [u8]) {
            (name.into(), column.bytes())
        }
        let terms = &self.terms;
        vec![
            section("terms.text", &terms.arena),
            section("terms.starts", &terms.starts),
            section("terms.suffixes", &terms.suffixes),
            section("suffixes.text", &terms.suffix_arena),
            section("suffixes.starts", &terms.suffix_starts),
            section("terms.slots", &terms.slots),
            section("spo.starts", &self.spo.starts),
            section("spo.pairs", &self.spo.pairs),
            section("ops.starts", &self.ops.starts),
            section("ops.pairs", &self.ops.pairs),
            section("pso.starts", &self.pso.starts),
            section("pso.pairs", &self.pso.pairs),
            ("predicates".into(), bytemuck::cast_slice(predicates)),
            section("graphs", &self.graphs),
            section("graphs.of", &self.graph_of),
            section("graphs.several", &self.several),
            section("graphs.starts", &self.graph_starts),
            section("graphs.triples", &self.graph_triples),
        ]
    }

    /// The digest as it was before it was written in hex.
    fn raw_digest(&self) -> [u8; 32] {
        let digit = |at: usize| self.digest.as_bytes().get(at).and_then(|digit| char::from(*digit).to_digit(16));
        std::array::from_fn(|at| {
            let byte = digit(2 * at).unwrap_or(0) << 4 | digit(2 * at + 1).unwrap_or(0);
            u8::try_from(byte).unwrap_or(0)
        })
    }
}
