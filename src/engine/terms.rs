//! Terms as numbers: those of the dataset, and those that a query brings or makes.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use oxigraph::model::{Term, TermRef, vocab::xsd};
use rustc_hash::FxBuildHasher;

use crate::dataset::{Dataset, Id, Stored, TermKind, Texts};

/// The number of no term: an unbound variable.
pub(super) const UNBOUND: Id = Id::MAX;

/// Terms that a query names or makes and the dataset does not have. Their numbers follow those of the dataset.
#[derive(Debug, Clone, Default)]
pub(super) struct Constants {
    terms: Vec<Term>,
    /// The places of the terms, by their hashes.
    places: HashTable<u32>,
}

impl Constants {
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The place of a term, if it is there.
    fn find(&self, hash: u64, term: TermRef<'_>) -> Option<u32> {
        self.places.find(hash, |place| self.terms.get(*place as usize).is_some_and(|it| it.as_ref() == term)).copied()
    }

    /// Puts a term behind the others.
    fn push(&mut self, hash: u64, term: Term) -> u32 {
        let Self { terms, places } = self;
        let place = u32::try_from(terms.len()).unwrap_or(u32::MAX);
        terms.push(term);
        let hash_at = |place: &u32| terms.get(*place as usize).map_or(0, |term| FxBuildHasher.hash_one(term.as_ref()));
        places.insert_unique(hash, place, hash_at);
        place
    }
}

/// A term where it lies: what is stored need not be looked at to be written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'t> {
    Stored(Stored<'t>),
    Made(TermRef<'t>),
}

impl<'t> Cell<'t> {
    #[inline]
    pub(super) fn term(self) -> TermRef<'t> {
        match self {
            Self::Stored(stored) => stored.term(),
            Self::Made(term) => term,
        }
    }

    pub(super) fn is_blank(self) -> bool {
        match self {
            Self::Stored(stored) => stored.kind == TermKind::Blank,
            Self::Made(term) => term.is_blank_node(),
        }
    }

    /// Whether it is a string, in a language or in none.
    pub(super) fn is_string(self) -> bool {
        match self {
            Self::Stored(stored) => stored.kind == TermKind::Literal && stored.datatype().is_none(),
            Self::Made(TermRef::Literal(literal)) => literal.language().is_some() || literal.datatype() == xsd::STRING,
            Self::Made(_) => false,
        }
    }

    /// The language tag of a literal, empty if it has none; nothing for what is no literal.
    pub(super) fn language_of_literal(self) -> Option<&'t [u8]> {
        match self {
            Self::Stored(stored) => (stored.kind == TermKind::Literal).then(|| stored.language().unwrap_or_default()),
            Self::Made(TermRef::Literal(literal)) => Some(literal.language().unwrap_or_default().as_bytes()),
            Self::Made(_) => None,
        }
    }

    /// Lexical form, IRI, or label.
    #[inline]
    pub(super) fn text(self) -> &'t [u8] {
        match self {
            Self::Stored(stored) => stored.text,
            Self::Made(term) => text(term).as_bytes(),
        }
    }
}

/// All terms that can stand in a row.
#[derive(Debug)]
pub(super) struct Terms<'d> {
    dataset: &'d Dataset,
    texts: Texts<'d>,
    known: u32,
    new: Constants,
    bytes: usize,
    /// The numbers of terms that were made last, each in the one place that its hash leads to: to find one in the dataset takes
    /// many steps. Empty until something is made.
    recent: Vec<Id>,
}

/// How many terms that were made are remembered: a power of two.
const RECENT: usize = 1024;

impl<'d> Terms<'d> {
    pub(super) fn new(dataset: &'d Dataset, constants: Constants) -> Self {
        Self { dataset, texts: dataset.texts(), known: dataset.terms(), new: constants, bytes: 0, recent: Vec::new() }
    }

    pub(super) fn into_constants(self) -> Constants {
        self.new
    }

    pub(super) fn made(&self) -> &Constants {
        &self.new
    }

    pub(super) fn dataset(&self) -> &'d Dataset {
        self.dataset
    }

    /// The number of a term, which is equal for equal terms.
    pub(super) fn number<'t>(&mut self, term: impl Into<TermRef<'t>>) -> Id {
        let term = term.into();
        let hash = FxBuildHasher.hash_one(term);
        let at = usize::from((hash >> 48) as u16) % RECENT;
        if let Some(id) = self.recent.get(at).copied()
            && self.term(id) == Some(term)
        {
            return id;
        }
        let id = self.find_or_push(hash, term);
        if self.recent.is_empty() {
            self.recent.resize(RECENT, UNBOUND);
        }
        self.recent[at] = id;
        id
    }

    fn find_or_push(&mut self, hash: u64, term: TermRef<'_>) -> Id {
        if let Some(place) = self.new.find(hash, term) {
            return self.known.saturating_add(place);
        }
        if let Some(id) = self.dataset.id(term) {
            return id;
        }
        self.bytes += size_of::<Term>() + text(term).len() + 16;
        let place = self.new.push(hash, term.into_owned());
        self.known.saturating_add(place)
    }

    /// The term of a number; none for [`UNBOUND`].
    pub(super) fn term(&self, id: Id) -> Option<TermRef<'_>> {
        self.cell(id).map(Cell::term)
    }

    /// The term of a number as it lies there; none for [`UNBOUND`].
    #[inline]
    pub(super) fn cell(&self, id: Id) -> Option<Cell<'_>> {
        match id.checked_sub(self.known) {
            None => Some(Cell::Stored(self.texts.get(id))),
            Some(new) => self.new.terms.get(new as usize).map(|term| Cell::Made(term.as_ref())),
        }
    }

    /// The number here of a term that is numbered elsewhere, where these are the new terms.
    pub(super) fn renumber(&mut self, id: Id, made: &Constants) -> Id {
        match id.checked_sub(self.known).and_then(|new| made.terms.get(new as usize)) {
            Some(term) => self.number(term),
            None => id,
        }
    }

    /// Bytes that new terms take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn text(term: TermRef<'_>) -> &str {
    match term {
        TermRef::NamedNode(node) => node.as_str(),
        TermRef::BlankNode(node) => node.as_str(),
        TermRef::Literal(literal) => literal.value(),
    }
}
