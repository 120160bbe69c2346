//! The edition file: the dataset's numbers as they are in memory, behind a header. `docs/EDITION-FILE.md` describes it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytemuck::{AnyBitPattern, NoUninit};
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::{Data, Dataset, PredicateStatistics, TermKind, column::Column, order::StoredOrder, terms::Terms};
use crate::{digest::hex, replacement::Replacement};

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

/// More sections are no file of ours.
const MOST_SECTIONS: u32 = 1024;

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

/// What the header says of the body of an opened file.
pub(super) struct Body {
    file: File,
    start: usize,
    checksum: [u8; 32],
}

/// Terms, literals, literals and IRIs, graphs, triples, quads.
struct Counts([u64; 6]);

impl Counts {
    fn of(data: &Data) -> Self {
        let terms = &data.terms;
        let counts = [terms.len(), terms.literals, terms.before_blanks].map(u64::from);
        let rows = [data.graphs.len(), data.spo.pairs.len(), data.quads].map(|count| count as u64);
        Self([counts[0], counts[1], counts[2], rows[0], rows[1], rows[2]])
    }
}

/// A header whose checksum is right.
struct Header {
    counts: Counts,
    digest: [u8; 32],
    checksum: [u8; 32],
    body: usize,
    /// Where each section begins and ends.
    sections: BTreeMap<String, (usize, usize)>,
}

impl Header {
    fn read(file: &[u8]) -> Result<Self, Unusable> {
        let short = Unusable::Damaged("its header is not whole");
        if file.get(..MAGIC.len()) != Some(&MAGIC) {
            return Err(Unusable::NotOurs);
        }
        let Some(fixed) = file.get(..FIXED) else { return Err(short) };
        // In the order of the fields.
        let version = number::<u32>(fixed, 8);
        match number::<u32>(fixed, 12) {
            BYTE_ORDER => {}
            other if other == BYTE_ORDER.swap_bytes() => return Err(Unusable::ByteOrder),
            _ => return Err(Unusable::Damaged("its byte order is none")),
        }
        if version != VERSION {
            return Err(Unusable::Version(version));
        }
        let (expected, found) = (number::<u64>(fixed, 16), file.len() as u64);
        if expected != found {
            return Err(Unusable::Length { expected, found });
        }
        let count = u32::try_from(number::<u64>(fixed, 136)).ok().filter(|count| *count <= MOST_SECTIONS);
        let count = count.ok_or(Unusable::Damaged("it has too many sections"))? as usize;
        let end = FIXED + count * ENTRY;
        let (Some(table), Some(checksum)) = (file.get(FIXED..end), file.get(end..end + 32)) else { return Err(short) };
        if Sha256::digest(&file[..end])[..] != *checksum {
            return Err(Unusable::Damaged("its header does not agree with its checksum"));
        }
        let body = (end + 32).next_multiple_of(ALIGNMENT);
        if file.get(end + 32..body).is_none_or(|padding| padding.iter().any(|byte| *byte != 0)) {
            return Err(short);
        }
        let mut sections = BTreeMap::new();
        for entry in table.chunks_exact(ENTRY) {
            let name = entry[..NAME].split(|byte| *byte == 0).next().unwrap_or_default();
            let name = String::from_utf8_lossy(name).into_owned();
            let (start, length) = (number::<u64>(entry, NAME), number::<u64>(entry, NAME + 8));
            let place = usize::try_from(start).ok().zip(start.checked_add(length).and_then(|end| end.try_into().ok()));
            let place = place.filter(|(start, end)| *start >= body && *end <= file.len() && start % ALIGNMENT == 0);
            sections.insert(name, place.ok_or(Unusable::Damaged("a section lies outside of it"))?);
        }
        let counts = Counts(std::array::from_fn(|at| number::<u64>(fixed, 24 + 8 * at)));
        let bytes = |at: usize| std::array::from_fn(|n| fixed[at + n]);
        Ok(Self { counts, digest: bytes(72), checksum: bytes(104), body, sections })
    }

    /// A section of numbers, of which there must be as many.
    fn column<T: AnyBitPattern>(
        &self,
        file: &Arc<Mmap>,
        name: &str,
        length: Option<u64>,
    ) -> Result<Column<T>, Unusable> {
        let (start, end) = *self.sections.get(name).ok_or(Unusable::Damaged("a section is missing"))?;
        let (bytes, size) = ((end - start) as u64, size_of::<T>() as u64);
        if bytes % size != 0 || length.is_some_and(|length| length.checked_mul(size) != Some(bytes)) {
            return Err(Unusable::Damaged("a section does not have the length it should have"));
        }
        Ok(Column::Mapped { file: Arc::clone(file), start, end })
    }

    fn dataset(&self, opened: File, file: &Arc<Mmap>) -> Result<Dataset, Unusable> {
        let Counts([terms, literals, before_blanks, graphs, triples, quads]) = self.counts;
        let small = |count: u64| u32::try_from(count).map_err(|_| Unusable::Damaged("a count is too large"));
        let order = |starts: &str, pairs: &str| -> Result<StoredOrder, Unusable> {
            let starts = self.column(file, starts, terms.checked_add(1))?;
            Ok(StoredOrder { starts, pairs: self.column(file, pairs, Some(triples))? })
        };
        let predicates: Column<[u32; 4]> = self.column(file, "predicates", None)?;
        let (_, _, _) = (small(terms)?, small(triples)?, small(quads)?);
        let data = Data {
            digest: hex(&self.digest),
            quads: usize::try_from(quads).map_err(|_| Unusable::Damaged("a count is too large"))?,
            terms: Terms {
                literals: small(literals)?,
                before_blanks: small(before_blanks)?,
                arena: self.column(file, "terms.text", None)?,
                starts: self.column(file, "terms.starts", terms.checked_add(1))?,
                suffixes: self.column(file, "terms.suffixes", Some(literals))?,
                suffix_arena: self.column(file, "suffixes.text", None)?,
                suffix_starts: self.column(file, "suffixes.starts", None)?,
                slots: self.column(file, "terms.slots", None)?,
            },
            spo: order("spo.starts", "spo.pairs")?,
            ops: order("ops.starts", "ops.pairs")?,
            pso: order("pso.starts", "pso.pairs")?,
            predicates: predicates.iter().copied().map(PredicateStatistics::from_numbers).collect(),
            graphs: self.column(file, "graphs", Some(graphs))?,
            graph_of: self.column(file, "graphs.of", Some(triples))?,
            several: self.column(file, "graphs.several", None)?,
            graph_starts: self.column(file, "graphs.starts", graphs.checked_add(2))?,
            graph_triples: self.column(file, "graphs.triples", Some(quads))?,
            body: Some(Body { file: opened, start: self.body, checksum: self.checksum }),
        };
        let mut attachments = BTreeMap::new();
        for name in self.sections.keys() {
            if let Some(short) = name.strip_prefix(ATTACHED) {
                attachments.insert(short.to_owned(), Arc::new(self.column(file, name, None)?));
            }
        }
        Ok(Dataset { data: Arc::new(data), attachments: Arc::new(attachments) })
    }
}

/// The number at a place that is there.
fn number<T: bytemuck::AnyBitPattern + Default>(bytes: &[u8], at: usize) -> T {
    bytes.get(at..at + size_of::<T>()).map(bytemuck::pod_read_unaligned).unwrap_or_default()
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

    /// Whether offsets ascend, numbers have terms, and texts are UTF-8.
    fn check(&self) -> Result<(), Unusable> {
        let terms = &self.terms;
        let ascending = terms.starts.is_sorted()
            && terms.suffix_starts.is_sorted()
            && self.graph_starts.is_sorted()
            && [&self.spo, &self.ops, &self.pso].iter().all(|order| order.starts.is_sorted());
        if !ascending {
            return Err(Unusable::Damaged("its offsets do not ascend"));
        }
        let known = |pairs: &[[u32; 2]]| pairs.iter().flatten().all(|id| *id < terms.len());
        if ![&self.spo, &self.ops, &self.pso].iter().all(|order| known(&order.pairs)) {
            return Err(Unusable::Damaged("it names terms that are not there"));
        }
        let sound = (0..terms.len()).all(|id| terms.is_sound(id));
        if !sound {
            return Err(Unusable::Damaged("a text is not UTF-8"));
        }
        Ok(())
    }
}

impl Terms {
    fn is_sound(&self, id: u32) -> bool {
        let range = self.starts.get(id as usize).zip(self.starts.get(id as usize + 1));
        let suffix_is_there = self.kind(id) != TermKind::Literal
            || self.suffixes.get(id as usize).is_some_and(|suffix| (*suffix as usize) + 1 < self.suffix_starts.len());
        suffix_is_there && range.is_some_and(|(start, end)| end - start == self.text(id).len() as u64)
    }
}
