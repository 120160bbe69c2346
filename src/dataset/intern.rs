//! Terms numbered as they come, each once.

use std::collections::HashMap;

use hashbrown::{HashTable, hash_table::Entry};

use super::{BuildError, Id, MOST, TermKind, terms::Parts};

/// Terms by the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Interner {
    stored: Stored,
    table: HashTable<Id>,
    suffix_numbers: HashMap<Box<str>, u32>,
}

/// The terms apart from the table that finds them.
#[derive(Debug, Default)]
struct Stored {
    arena: String,
    ends: Vec<usize>,
    kinds: Vec<Kind>,
    hashes: Vec<u64>,
    suffixes: Vec<Box<str>>,
}

/// What a term is; of a literal, the number of its suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Literal(u32),
    Iri,
    Blank,
}

impl Interner {
    /// The number of a term, a new one if it has none.
    ///
    /// # Errors
    /// [`BuildError::TooManyTerms`]
    pub(super) fn intern(&mut self, parts: &Parts<'_>) -> Result<Id, BuildError> {
        self.intern_hashed(parts, parts.hash())
    }

    /// Takes all terms of another. Gives, for each number there, the one here.
    pub(super) fn absorb(&mut self, other: &Self) -> Result<Vec<Id>, BuildError> {
        let hashes = (0..).zip(&other.stored.hashes);
        hashes.map(|(id, hash)| self.intern_hashed(&other.get(id), *hash)).collect()
    }

    fn intern_hashed(&mut self, parts: &Parts<'_>, hash: u64) -> Result<Id, BuildError> {
        let Self { stored, table, .. } = self;
        let same = |id: &Id| stored.hashes[*id as usize] == hash && stored.get(*id) == *parts;
        let vacant = match table.entry(hash, same, |id| stored.hashes[*id as usize]) {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(vacant) => vacant,
        };
        let id = u32::try_from(stored.ends.len()).ok().filter(|id| *id < MOST).ok_or(BuildError::TooManyTerms)?;
        vacant.insert(id);
        let kind = match parts.kind {
            TermKind::Literal => Kind::Literal(self.suffix(parts.suffix)),
            TermKind::Iri => Kind::Iri,
            TermKind::Blank => Kind::Blank,
        };
        let stored = &mut self.stored;
        stored.arena.push_str(parts.text);
        stored.ends.push(stored.arena.len());
        stored.kinds.push(kind);
        stored.hashes.push(hash);
        Ok(id)
    }

    /// There are never more suffixes than terms.
    fn suffix(&mut self, suffix: &str) -> u32 {
        if let Some(number) = self.suffix_numbers.get(suffix) {
            return *number;
        }
        let suffixes = &mut self.stored.suffixes;
        let number = u32::try_from(suffixes.len()).unwrap_or(u32::MAX);
        suffixes.push(suffix.into());
        self.suffix_numbers.insert(suffix.into(), number);
        number
    }

    /// Gives up finding terms, and the memory that takes.
    pub(super) fn freeze(&mut self) {
        self.table = HashTable::new();
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.stored.ends.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn bytes(&self) -> usize {
        self.stored.arena.len()
    }

    pub(super) fn get(&self, id: Id) -> Parts<'_> {
        self.stored.get(id)
    }

    pub(super) fn hash_of(&self, id: Id) -> u64 {
        self.stored.hashes[id as usize]
    }

    pub(super) fn suffixes(&self) -> &[Box<str>] {
        &self.stored.suffixes
    }

    /// The number of a literal's suffix.
    pub(super) fn suffix_of(&self, id: Id) -> Option<u32> {
        match self.stored.kinds[id as usize] {
            Kind::Literal(suffix) => Some(suffix),
            Kind::Iri | Kind::Blank => None,
        }
    }
}

impl Stored {
    fn get(&self, id: Id) -> Parts<'_> {
        let id = id as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] };
        let text = &self.arena[start..self.ends[id]];
        let (kind, suffix) = match self.kinds[id] {
            Kind::Literal(suffix) => (TermKind::Literal, &*self.suffixes[suffix as usize]),
            Kind::Iri => (TermKind::Iri, ""),
            Kind::Blank => (TermKind::Blank, ""),
        };
        Parts { kind, text, suffix }
    }
}
