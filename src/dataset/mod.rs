//! An immutable, dictionary-encoded RDF dataset: terms have numbers, triples have three orders.
//!
//! ```
//! # use ocm_graph::dataset::*;
//! # use oxigraph::model::*;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let quad = QuadRef::new(
//!     NamedNodeRef::new("http://example.org/a")?,
//!     NamedNodeRef::new("http://purl.org/dc/terms/title")?,
//!     LiteralRef::from("A title"),
//!     GraphNameRef::DefaultGraph,
//! );
//! let dataset = Dataset::from_quads([quad])?;
//! let title = dataset.id(quad.predicate.into()).ok_or("the predicate has a number")?;
//! let [[subject, object]] = dataset.pso().of(title) else { return Err("it has one triple".into()) };
//! assert_eq!(dataset.text(*subject), "http://example.org/a");
//! assert_eq!(dataset.term(*object), quad.object);
//! # Ok(())
//! # }
//! ```
//!
//! Numbers follow the order of the terms' N-Triples texts. A scan of the SPO order is therefore the sorted N-Quads
//! document, and the dump and the digest sort nothing.

mod build;
mod intern;
mod lines;
mod order;
mod terms;
#[cfg(test)]
mod tests;
mod text;

use std::{fmt, sync::Arc};

use oxigraph::model::{QuadRef, TermRef};

pub use self::{
    build::{BuildError, Builder},
    order::Order,
};
use self::{
    order::OwnedOrder,
    terms::{Terms, parts},
};

/// Number of a term: its position in the order of the terms' N-Triples texts. Literals come first (`"`), then IRIs
/// (`<`), then blank nodes (`_:`).
pub type Id = u32;

/// Number of a graph: 0 is the unnamed default graph, n is `graphs()[n - 1]`.
pub type GraphNumber = u32;

/// The most terms, and the most statements, that a dataset can have. Graph numbers keep a bit for themselves, and there
/// are fewer graphs than terms.
pub(crate) const MOST: u32 = u32::MAX - 16;

/// What a term is. The order is that of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermKind {
    /// A literal.
    Literal,
    /// An IRI.
    Iri,
    /// A blank node.
    Blank,
}

/// How often a predicate is used, in the union of all graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PredicateStatistics {
    /// Which.
    pub predicate: Id,
    /// Its triples.
    pub triples: u32,
    /// Its different subjects.
    pub subjects: u32,
    /// Its different objects.
    pub objects: u32,
}

/// Terms and triples that never change. A clone is the same dataset.
#[derive(Clone)]
pub struct Dataset(Arc<Inner>);

#[derive(Default)]
struct Inner {
    digest: String,
    quads: usize,
    terms: Terms,
    spo: OwnedOrder,
    ops: OwnedOrder,
    pso: OwnedOrder,
    predicates: Vec<PredicateStatistics>,
    graphs: Vec<Id>,
    /// The graph of each triple, or where in `several` its graphs are.
    graph_of: Vec<GraphNumber>,
    /// Their number, and the graphs.
    several: Vec<GraphNumber>,
    /// Where the triples of each graph begin, and the number of quads.
    graph_starts: Vec<u32>,
    graph_triples: Vec<u32>,
}

impl Inner {
    fn graphs_of(&self, position: usize) -> &[GraphNumber] {
        let Some(entry) = self.graph_of.get(position) else { return &[] };
        if entry & Self::SEVERAL == 0 {
            return std::slice::from_ref(entry);
        }
        let at = (entry & !Self::SEVERAL) as usize;
        let graphs = self.several.get(at).and_then(|count| self.several.get(at + 1..)?.get(..*count as usize));
        graphs.unwrap_or_default()
    }
}

impl Dataset {
    /// Makes a dataset of quads in any order. What comes twice is there once.
    ///
    /// # Errors
    /// [`BuildError`] when there are too many terms or statements for their numbers.
    pub fn from_quads<'a>(quads: impl IntoIterator<Item = QuadRef<'a>>) -> Result<Self, BuildError> {
        let mut builder = Builder::default();
        for quad in quads {
            builder.add(quad)?;
        }
        builder.finish()
    }

    fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// How many terms there are.
    #[must_use]
    pub fn terms(&self) -> u32 {
        self.0.terms.len()
    }

    /// How many triples there are in the union of all graphs.
    #[must_use]
    pub fn triples(&self) -> usize {
        self.0.spo.pairs.len()
    }

    /// How many quads there are: a triple counts once for each graph it is in.
    #[must_use]
    pub fn quads(&self) -> usize {
        self.0.quads
    }

    /// SHA-256 of the sorted N-Quads lines, in lower-case hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// The number of a term.
    #[must_use]
    pub fn id(&self, term: TermRef<'_>) -> Option<Id> {
        self.0.terms.id(&parts(term, &mut String::new()))
    }

    /// The term of a number. For a number that no term has: some empty term.
    #[must_use]
    pub fn term(&self, id: Id) -> TermRef<'_> {
        self.0.terms.parts(id).term()
    }

    /// What the term of a number is.
    #[must_use]
    pub fn kind(&self, id: Id) -> TermKind {
        self.0.terms.kind(id)
    }

    /// Lexical form, IRI, or label of a blank node. Empty for a number that no term has.
    #[must_use]
    pub fn text(&self, id: Id) -> &str {
        self.0.terms.text(id)
    }

    /// By subject: predicate and object.
    #[must_use]
    pub fn spo(&self) -> Order<'_> {
        self.0.spo.view()
    }

    /// By object: predicate and subject.
    #[must_use]
    pub fn ops(&self) -> Order<'_> {
        self.0.ops.view()
    }

    /// By predicate: subject and object.
    #[must_use]
    pub fn pso(&self) -> Order<'_> {
        self.0.pso.view()
    }

    /// Statistics of all predicates, ascending.
    #[must_use]
    pub fn predicates(&self) -> &[PredicateStatistics] {
        &self.0.predicates
    }

    /// Statistics of one predicate.
    #[must_use]
    pub fn predicate(&self, predicate: Id) -> Option<PredicateStatistics> {
        let predicates = self.predicates();
        let at = predicates.binary_search_by_key(&predicate, |known| known.predicate).ok()?;
        predicates.get(at).copied()
    }

    /// The names of the named graphs, ascending.
    #[must_use]
    pub fn graphs(&self) -> &[Id] {
        &self.0.graphs
    }

    /// The number of a named graph.
    #[must_use]
    pub fn graph_number(&self, name: Id) -> Option<GraphNumber> {
        GraphNumber::try_from(self.graphs().binary_search(&name).ok()? + 1).ok()
    }

    /// Where a triple is in the SPO order.
    #[must_use]
    pub fn position(&self, subject: Id, predicate: Id, object: Id) -> Option<usize> {
        let spo = self.spo();
        let at = spo.of(subject).binary_search(&[predicate, object]).ok()?;
        Some(*spo.starts().get(subject as usize)? as usize + at)
    }

    /// The triple at a position of the SPO order. Beyond the last: numbers that no term has.
    #[must_use]
    pub fn triple(&self, position: usize) -> [Id; 3] {
        let spo = self.spo();
        match (spo.first_at(position), spo.pairs().get(position)) {
            (Some(subject), Some(&[predicate, object])) => [subject, predicate, object],
            _ => [Id::MAX; 3],
        }
    }

    /// The graphs that the triple at a position is in, ascending; at least one.
    #[must_use]
    pub fn graphs_of(&self, position: usize) -> &[GraphNumber] {
        self.0.graphs_of(position)
    }

    /// The positions of a graph's triples in the SPO order, ascending.
    #[must_use]
    pub fn triples_of(&self, graph: GraphNumber) -> &[u32] {
        let (starts, graph) = (&self.0.graph_starts, graph as usize);
        let (Some(start), Some(end)) = (starts.get(graph), starts.get(graph + 1)) else { return &[] };
        self.0.graph_triples.get(*start as usize..*end as usize).unwrap_or_default()
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("terms", &self.terms())
            .field("triples", &self.triples())
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}
