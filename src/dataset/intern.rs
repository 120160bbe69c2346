//! Terms numbered as they come, each once.

use std::collections::HashMap;

use hashbrown::{HashTable, hash_table::Entry};

use super::{BuildError, Id, MOST, TermKind, terms::Parts};

/// Terms by the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Interner {
    arena: Vec<u8>,
    ends: Vec<usize>,
    kinds: Vec<Kind>,
    table: HashTable<Id>,
    suffixes: Vec<Box<str>>,
    suffix_numbers: HashMap<Box<str>, u32>,
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
        let hash = parts.hash();
        let Self { arena, ends, kinds, table, suffixes, .. } = self;
        let get = |id: Id| get(arena, ends, kinds, suffixes, id);
        let entry = table.entry(hash, |id| get(*id) == *parts, |id| get(*id).hash());
        let vacant = match entry {
            Entry::Occupied(known) => return Ok(*known.get()),
            Entry::Vacant(vacant) => vacant,
        };
        let id = u32::try_from(ends.len()).ok().filter(|id| *id < MOST).ok_or(BuildError::TooManyTerms)?;
        vacant.insert(id);
        let kind = match parts.kind {
            TermKind::Literal => Kind::Literal(self.suffix(parts.suffix)),
            TermKind::Iri => Kind::Iri,
            TermKind::Blank => Kind::Blank,
        };
        self.arena.extend_from_slice(parts.text.as_bytes());
        self.ends.push(self.arena.len());
        self.kinds.push(kind);
        Ok(id)
    }

    /// There are never more suffixes than terms.
    fn suffix(&mut self, suffix: &str) -> u32 {
        if let Some(number) = self.suffix_numbers.get(suffix) {
            return *number;
        }
        let number = u32::try_from(self.suffixes.len()).unwrap_or(u32::MAX);
        self.suffixes.push(suffix.into());
        self.suffix_numbers.insert(suffix.into(), number);
        number
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn bytes(&self) -> usize {
        self.arena.len()
    }

    pub(super) fn get(&self, id: Id) -> Parts<'_> {
        get(&self.arena, &self.ends, &self.kinds, &self.suffixes, id)
    }

    pub(super) fn suffixes(&self) -> &[Box<str>] {
        &self.suffixes
    }

    /// The number of a literal's suffix.
    pub(super) fn suffix_of(&self, id: Id) -> Option<u32> {
        match self.kinds[id as usize] {
            Kind::Literal(suffix) => Some(suffix),
            Kind::Iri | Kind::Blank => None,
        }
    }
}

fn get<'t>(arena: &'t [u8], ends: &[usize], kinds: &[Kind], suffixes: &'t [Box<str>], id: Id) -> Parts<'t> {
    let id = id as usize;
    let start = if id == 0 { 0 } else { ends[id - 1] };
    let text = std::str::from_utf8(&arena[start..ends[id]]).expect("the arena is made of whole texts");
    let (kind, suffix) = match kinds[id] {
        Kind::Literal(suffix) => (TermKind::Literal, &*suffixes[suffix as usize]),
        Kind::Iri => (TermKind::Iri, ""),
        Kind::Blank => (TermKind::Blank, ""),
    };
    Parts { kind, text, suffix }
}
