//! The header of an edition file: read, checked, and made a dataset of.

use std::{collections::BTreeMap, fs::File, sync::Arc};

use bytemuck::AnyBitPattern;
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::{ALIGNMENT, ATTACHED, BYTE_ORDER, ENTRY, FIXED, MAGIC, NAME, Unusable, VERSION};
use crate::{
    dataset::{Data, Dataset, PredicateStatistics, column::Column, order::StoredOrder, terms::Terms},
    digest::hex,
};

/// More sections are no file of ours.
const MOST_SECTIONS: u32 = 1024;

/// What the header says of the body of an opened file.
pub(in crate::dataset) struct Body {
    pub(super) file: File,
    pub(super) start: usize,
    pub(super) checksum: [u8; 32],
}

/// Terms, literals, literals and IRIs, graphs, triples, quads.
pub(super) struct Counts(pub(super) [u64; 6]);

impl Counts {
    pub(super) fn of(data: &Data) -> Self {
        let terms = &data.terms;
        let counts = [terms.len(), terms.literals, terms.before_blanks].map(u64::from);
        let rows = [data.graphs.len(), data.spo.pairs.len(), data.quads].map(|count| count as u64);
        Self([counts[0], counts[1], counts[2], rows[0], rows[1], rows[2]])
    }
}

/// A header whose checksum is right.
pub(super) struct Header {
    counts: Counts,
    digest: [u8; 32],
    checksum: [u8; 32],
    body: usize,
    /// Where each section begins and ends.
    sections: BTreeMap<String, (usize, usize)>,
}

impl Header {
    pub(super) fn read(file: &[u8]) -> Result<Self, Unusable> {
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

    pub(super) fn dataset(&self, opened: File, file: &Arc<Mmap>) -> Result<Dataset, Unusable> {
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
fn number<T: AnyBitPattern + Default>(bytes: &[u8], at: usize) -> T {
    bytes.get(at..at + size_of::<T>()).map(bytemuck::pod_read_unaligned).unwrap_or_default()
}
