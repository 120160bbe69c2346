//! Terms as numbers: those of the dataset, and those that a query brings or makes.

use oxigraph::model::{Term, TermRef};
use rustc_hash::FxHashMap;

use crate::dataset::{Dataset, Id};

/// The number of no term: an unbound variable.
pub(super) const UNBOUND: Id = Id::MAX;

/// Terms that a query names and the dataset does not have. Their numbers follow those of the dataset.
#[derive(Debug, Clone, Default)]
pub(super) struct Constants {
    terms: Vec<Term>,
    numbers: FxHashMap<Term, Id>,
}

/// All terms that can stand in a row.
#[derive(Debug)]
pub(super) struct Terms<'d> {
    dataset: &'d Dataset,
    new: Constants,
    bytes: usize,
}

impl<'d> Terms<'d> {
    pub(super) fn new(dataset: &'d Dataset, constants: Constants) -> Self {
        Self { dataset, new: constants, bytes: 0 }
    }

    pub(super) fn into_constants(self) -> Constants {
        self.new
    }

    pub(super) fn dataset(&self) -> &'d Dataset {
        self.dataset
    }

    /// The number of a term, which is equal for equal terms.
    pub(super) fn number(&mut self, term: Term) -> Id {
        if let Some(id) = self.dataset.id(term.as_ref()) {
            return id;
        }
        if let Some(id) = self.new.numbers.get(&term) {
            return *id;
        }
        let id = self.dataset.terms().saturating_add(u32::try_from(self.new.terms.len()).unwrap_or(u32::MAX));
        self.bytes += 2 * (size_of::<Term>() + text(term.as_ref()).len()) + 16;
        self.new.terms.push(term.clone());
        self.new.numbers.insert(term, id);
        id
    }

    /// The term of a number; none for [`UNBOUND`].
    pub(super) fn term(&self, id: Id) -> Option<TermRef<'_>> {
        match id.checked_sub(self.dataset.terms()) {
            None => Some(self.dataset.term(id)),
            Some(new) => self.new.terms.get(new as usize).map(Term::as_ref),
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
