//! From quads in any order to a dataset.

use oxigraph::model::{GraphNameRef, QuadRef, TermRef};
use rayon::prelude::*;

use super::{
    Data, Dataset, Id, MOST, Order, PredicateStatistics, SEVERAL, TermKind,
    intern::Interner,
    lines,
    order::{StoredOrder, scatter, triples},
    terms::{Terms, parts},
};
use crate::{digest::hex, progress::Progress};

/// Why there is no dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// More terms than there are numbers.
    #[error("a dataset has at most {MOST} terms: divide the data among several")]
    TooManyTerms,
    /// More graphs, or more statements in several graphs, than there are numbers.
    #[error("a dataset has at most {SEVERAL} graphs and about as many statements in several: divide the data")]
    TooManyGraphs,
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

    /// Adds all that another builder was given.
    ///
    /// # Errors
    /// [`BuildError`] when there are too many terms or statements.
    pub(super) fn absorb(&mut self, other: &Self) -> Result<(), BuildError> {
        let places = self.terms.absorb(&other.terms)?;
        self.quads.extend(other.quads.iter().map(|quad| quad.map(|id| place(&places, id))));
        Ok(())
    }

    /// Sorts what was added and makes the orders, telling how far it has come.
    ///
    /// # Errors
    /// [`BuildError::TooManyStatements`]
    pub fn finish(self, observe: &(dyn Fn(Progress) + Sync)) -> Result<Dataset, BuildError> {
        let stage = |stage, done| observe(Progress { stage, done, total: STAGES });
        let Self { terms, mut quads, .. } = self;
        stage("sorting terms", 0);
        let (terms, places) = in_order(terms);
        stage("sorting statements", 1);
        // The unnamed graph first: one more than a graph's name, and nothing for none.
        quads.par_iter_mut().for_each(|quad| {
            *quad = quad.map(|id| place(&places, id));
            quad[3] = quad[3].wrapping_add(1);
        });
        drop(places);
        quads.par_sort_unstable();
        quads.dedup();
        if quads.len() >= MOST as usize {
            return Err(BuildError::TooManyStatements);
        }
        let mut data = Data { terms, quads: quads.len(), ..Data::default() };
        number_graphs(&mut data, &mut quads);
        stage("making the orders", 2);
        let terms = data.terms.len() as usize;
        let spo = quads.chunk_by(|a, b| a[..3] == b[..3]).map(|run| (run[0][0], [run[0][1], run[0][2]]));
        data.spo = StoredOrder::of(terms, spo);
        place_graphs(&mut data, &quads)?;
        drop(quads);
        let orders = || {
            let pso = StoredOrder::of(terms, triples(data.spo.view()).map(|(s, [p, o])| (p, [s, o])));
            let ops = StoredOrder::of(terms, triples(pso.view()).map(|(p, [s, o])| (o, [p, s])));
            (statistics(pso.view(), ops.view()), pso, ops)
        };
        let ((predicates, pso, ops), digest) = rayon::join(orders, || lines::digest(&data));
        stage("making the orders", STAGES);
        Ok(Dataset::new(Data { predicates, pso, ops, digest: hex(&digest), ..data }))
    }
}

/// Steps of [`Builder::finish`].
const STAGES: usize = 3;

/// The new number of a term; the mark of the unnamed graph stays.
fn place(places: &[Id], id: Id) -> Id {
    if id == UNNAMED { UNNAMED } else { places[id as usize] }
}

/// The terms in order, and for each former number the new one.
fn in_order(mut interner: Interner) -> (Terms, Vec<Id>) {
    interner.freeze();
    let mut order: Vec<Id> = (0..interner.len()).collect();
    order.par_sort_unstable_by(|a, b| interner.get(*a).compare(&interner.get(*b)));
    let mut places = vec![0; order.len()];
    for (place, id) in (0..).zip(&order) {
        places[*id as usize] = place;
    }
    let mut terms = Terms::default();
    let suffix_places = sort_suffixes(&mut terms, interner.suffixes());
    let (mut arena, mut starts, mut suffixes) = (Vec::with_capacity(interner.bytes()), vec![0], Vec::new());
    starts.reserve_exact(order.len());
    for id in &order {
        let parts = interner.get(*id);
        arena.extend_from_slice(parts.text.as_bytes());
        starts.push(arena.len() as u64);
        match parts.kind {
            TermKind::Literal => terms.literals += 1,
            TermKind::Iri => terms.before_blanks += 1,
            TermKind::Blank => {}
        }
        suffixes.extend(interner.suffix_of(*id).map(|suffix| suffix_places[suffix as usize]));
    }
    terms.before_blanks += terms.literals;
    (terms.arena, terms.starts, terms.suffixes) = (arena.into(), starts.into(), suffixes.into());
    terms.hash_all(order.iter().map(|id| interner.hash_of(*id)));
    (terms, places)
}

/// Stores the suffixes in order. Gives, for each former number, the new one.
fn sort_suffixes(terms: &mut Terms, suffixes: &[Box<str>]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..suffixes.len()).collect();
    order.sort_unstable_by_key(|suffix| &suffixes[*suffix]);
    let (mut places, mut arena, mut starts) = (vec![0; order.len()], Vec::new(), vec![0]);
    for (place, suffix) in (0..).zip(order) {
        places[suffix] = place;
        arena.extend_from_slice(suffixes[suffix].as_bytes());
        starts.push(arena.len() as u64);
    }
    (terms.suffix_arena, terms.suffix_starts) = (arena.into(), starts.into());
    places
}

/// Puts graph numbers in place of the names' ids, which have the same order.
fn number_graphs(data: &mut Data, quads: &mut [Numbers]) {
    let mut names: Vec<Id> = quads.par_iter().filter_map(|quad| quad[3].checked_sub(1)).collect();
    names.par_sort_unstable();
    names.dedup();
    quads.par_iter_mut().for_each(|quad| {
        let number = quad[3].checked_sub(1).and_then(|name| names.binary_search(&name).ok());
        quad[3] = number.map_or(0, |number| u32::try_from(number + 1).unwrap_or(0));
    });
    data.graphs = names.into();
}

/// Writes down the graphs of each triple, and the triples of each graph.
///
/// # Errors
/// [`BuildError::TooManyGraphs`]
fn place_graphs(data: &mut Data, quads: &[Numbers]) -> Result<(), BuildError> {
    let triples = quads.chunk_by(|a, b| a[..3] == b[..3]);
    let (mut graph_of, mut several) = (Vec::with_capacity(data.spo.pairs.len()), Vec::new());
    for run in triples.clone() {
        if let [only] = run {
            graph_of.push(only[3]);
        } else {
            graph_of.push(SEVERAL | number(several.len()));
            several.push(number(run.len()));
            several.extend(run.iter().map(|quad| quad[3]));
        }
    }
    if data.graphs.len().max(several.len()) >= SEVERAL as usize {
        return Err(BuildError::TooManyGraphs);
    }
    let positions = (0_u32..).zip(triples);
    let by_graph = positions.flat_map(|(position, run)| run.iter().map(move |quad| (quad[3] as usize, position)));
    let (starts, positions) = scatter(data.graphs.len() + 1, by_graph);
    (data.graph_of, data.several) = (graph_of.into(), several.into());
    (data.graph_starts, data.graph_triples) = (starts.into(), positions.into());
    Ok(())
}

/// A count of statements or terms, of which there are no more than numbers.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(MOST)
}

/// Counts, per predicate, triples and the different subjects and objects.
fn statistics(pso: Order<'_>, ops: Order<'_>) -> Vec<PredicateStatistics> {
    let mut all = Vec::new();
    for (predicate, range) in (0..).zip(pso.starts().windows(2)) {
        let pairs = &pso.pairs()[range[0] as usize..range[1] as usize];
        if !pairs.is_empty() {
            let subjects = number(pairs.chunk_by(|a, b| a[0] == b[0]).count());
            all.push(PredicateStatistics { predicate, triples: number(pairs.len()), subjects, objects: 0 });
        }
    }
    for range in ops.starts().windows(2) {
        for run in ops.pairs()[range[0] as usize..range[1] as usize].chunk_by(|a, b| a[0] == b[0]) {
            if let Ok(at) = all.binary_search_by_key(&run[0][0], |known| known.predicate) {
                all[at].objects += 1;
            }
        }
    }
    all
}
