//! From quads in any order to a dataset.

use oxigraph::model::{GraphNameRef, QuadRef, TermRef};
use rayon::prelude::*;

use super::{
    Dataset, GraphNumber, Id, Inner, MOST, PredicateStatistics, TermKind,
    intern::Interner,
    lines,
    order::{OwnedOrder, triples},
    terms::{Terms, parts},
};
use crate::digest::hex;

/// Why there is no dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// More terms than there are numbers.
    #[error("a dataset has at most {MOST} terms: divide the data among several")]
    TooManyTerms,
    /// More statements than there are numbers.
    #[error("a dataset has at most {MOST} statements: divide the data among several")]
    TooManyStatements,
}

/// Marks the unnamed graph in a quad of numbers while the dataset is built.
const UNNAMED: Id = Id::MAX;

/// Subject, predicate, object, graph.
type Numbers = [Id; 4];

/// Takes quads in any order, as often as they come.
#[derive(Debug, Default)]
pub struct Builder {
    terms: Interner,
    quads: Vec<Numbers>,
    buffer: String,
}

impl Builder {
    /// Adds a quad.
    ///
    /// # Errors
    /// [`BuildError`] when there are too many terms or statements.
    pub fn add(&mut self, quad: QuadRef<'_>) -> Result<(), BuildError> {
        let graph = match quad.graph_name {
            GraphNameRef::NamedNode(name) => self.intern(name.into())?,
            GraphNameRef::BlankNode(name) => self.intern(name.into())?,
            GraphNameRef::DefaultGraph => UNNAMED,
        };
        let (subject, predicate) = (self.intern(quad.subject.into())?, self.intern(quad.predicate.into())?);
        let numbers = [subject, predicate, self.intern(quad.object)?, graph];
        self.quads.push(numbers);
        Ok(())
    }

    fn intern(&mut self, term: TermRef<'_>) -> Result<Id, BuildError> {
        self.terms.intern(&parts(term, &mut self.buffer))
    }

    /// Sorts what was added and makes the orders, with progress by stage.
    ///
    /// # Errors
    /// [`BuildError::TooManyStatements`]
    pub fn finish(self) -> Result<Dataset, BuildError> {
        let Self { terms, mut quads, .. } = self;
        let (terms, places) = in_order(terms);
        let place = |id: Id| if id == UNNAMED { UNNAMED } else { places[id as usize] };
        // The unnamed graph first: one more than a graph's name, and nothing for none.
        quads.par_iter_mut().for_each(|quad| {
            *quad = [place(quad[0]), place(quad[1]), place(quad[2]), place(quad[3]).wrapping_add(1)];
        });
        drop(places);
        quads.par_sort_unstable();
        quads.dedup();
        if quads.len() >= MOST as usize {
            return Err(BuildError::TooManyStatements);
        }
        let mut inner = Inner { terms, ..Inner::default() };
        number_graphs(&mut inner, &mut quads);
        let spo = triples_of(&quads);
        let terms = inner.terms.len() as usize;
        inner.spo = OwnedOrder::scatter(terms, spo.iter().map(|[s, p, o]| (*s, [*p, *o])));
        drop(spo);
        place_graphs(&mut inner, &quads);
        inner.quads = quads.len();
        drop(quads);
        inner.pso = OwnedOrder::scatter(terms, triples(inner.spo.view()).map(|(s, [p, o])| (p, [s, o])));
        inner.ops = OwnedOrder::scatter(terms, triples(inner.pso.view()).map(|(p, [s, o])| (o, [p, s])));
        inner.predicates = statistics(&inner);
        inner.digest = hex(&lines::digest(&inner));
        Ok(Dataset::new(inner))
    }
}

/// The terms in order, and for each former number the new one.
fn in_order(interner: Interner) -> (Terms, Vec<Id>) {
    let mut order: Vec<Id> = (0..interner.len()).collect();
    order.par_sort_unstable_by(|a, b| interner.get(*a).compare(&interner.get(*b)));
    let mut places = vec![0; order.len()];
    for (place, id) in (0..).zip(&order) {
        places[*id as usize] = place;
    }
    let mut suffix_order: Vec<u32> = (0..).take(interner.suffixes().len()).collect();
    suffix_order.sort_unstable_by_key(|suffix| &interner.suffixes()[*suffix as usize]);
    let mut suffix_places = vec![0_u32; suffix_order.len()];
    let mut terms = Terms { starts: vec![0], suffix_starts: vec![0], ..Terms::default() };
    terms.arena.reserve_exact(interner.bytes());
    terms.starts.reserve_exact(order.len());
    for (place, suffix) in (0..).zip(&suffix_order) {
        suffix_places[*suffix as usize] = place;
        terms.suffix_arena.extend_from_slice(interner.suffixes()[*suffix as usize].as_bytes());
        // Suffixes are few, or else short: all of them are shorter than the arena they came from.
        terms.suffix_starts.push(u32::try_from(terms.suffix_arena.len()).unwrap_or(u32::MAX));
    }
    for id in &order {
        let parts = interner.get(*id);
        terms.arena.extend_from_slice(parts.text.as_bytes());
        terms.starts.push(terms.arena.len() as u64);
        match parts.kind {
            TermKind::Literal => terms.literals += 1,
            TermKind::Iri => terms.before_blanks += 1,
            TermKind::Blank => {}
        }
        terms.suffixes.extend(interner.suffix_of(*id).map(|suffix| suffix_places[suffix as usize]));
    }
    terms.before_blanks += terms.literals;
    drop(interner);
    terms.hash_all();
    (terms, places)
}

/// Puts graph numbers in place of the names' ids, which have the same order.
fn number_graphs(inner: &mut Inner, quads: &mut [Numbers]) {
    let mut names: Vec<Id> = quads.iter().filter_map(|quad| quad[3].checked_sub(1)).collect();
    names.par_sort_unstable();
    names.dedup();
    inner.graphs = names;
    let graphs = &inner.graphs;
    quads.par_iter_mut().for_each(|quad| {
        let number = quad[3].checked_sub(1).and_then(|name| graphs.binary_search(&name).ok());
        quad[3] = number.map_or(0, |number| u32::try_from(number + 1).unwrap_or(0));
    });
}

/// The triples of sorted quads, each once.
fn triples_of(quads: &[Numbers]) -> Vec<[Id; 3]> {
    let mut triples: Vec<[Id; 3]> = quads.iter().map(|[s, p, o, _]| [*s, *p, *o]).collect();
    triples.dedup();
    triples
}

/// Writes down the graphs of each triple, and the triples of each graph.
fn place_graphs(inner: &mut Inner, quads: &[Numbers]) {
    let triples = quads.chunk_by(|a, b| a[..3] == b[..3]);
    inner.graph_of.reserve_exact(inner.spo.pairs.len());
    for run in triples.clone() {
        match run {
            [only] => inner.graph_of.push(only[3]),
            several => {
                let at = u32::try_from(inner.several.len()).unwrap_or(MOST);
                inner.graph_of.push(Inner::SEVERAL | at);
                inner.several.push(u32::try_from(several.len()).unwrap_or(MOST));
                inner.several.extend(several.iter().map(|quad| quad[3]));
            }
        }
    }
    let mut lists: Vec<Vec<u32>> = vec![Vec::new(); inner.graphs.len() + 1];
    for (position, run) in (0..).zip(triples) {
        for quad in run {
            lists[quad[3] as usize].push(position);
        }
    }
    inner.graph_starts = vec![0];
    for list in lists {
        inner.graph_triples.extend_from_slice(&list);
        inner.graph_starts.push(u32::try_from(inner.graph_triples.len()).unwrap_or(MOST));
    }
}

/// Counts, per predicate, triples and the different subjects and objects.
fn statistics(inner: &Inner) -> Vec<PredicateStatistics> {
    let number = |count: usize| u32::try_from(count).unwrap_or(MOST);
    let (pso, mut all) = (inner.pso.view(), Vec::new());
    for (predicate, range) in (0..).zip(pso.starts().windows(2)) {
        let pairs = &pso.pairs()[range[0] as usize..range[1] as usize];
        if !pairs.is_empty() {
            let subjects = number(pairs.chunk_by(|a, b| a[0] == b[0]).count());
            all.push(PredicateStatistics { predicate, triples: number(pairs.len()), subjects, objects: 0 });
        }
    }
    let ops = inner.ops.view();
    for range in ops.starts().windows(2) {
        for run in ops.pairs()[range[0] as usize..range[1] as usize].chunk_by(|a, b| a[0] == b[0]) {
            if let Ok(at) = all.binary_search_by_key(&run[0][0], |known| known.predicate) {
                all[at].objects += 1;
            }
        }
    }
    all
}

impl Inner {
    /// Marks an entry of [`Inner::graph_of`] that leads to [`Inner::several`].
    pub(super) const SEVERAL: GraphNumber = 1 << 31;
}
