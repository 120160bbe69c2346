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
mod column;
mod file;
mod intern;
mod iter;
mod lines;
mod order;
mod read;
#[cfg(test)]
mod read_tests;
mod terms;
#[cfg(test)]
mod tests;
mod text;
mod words;
#[cfg(test)]
mod words_tests;

use std::{collections::BTreeMap, fmt, sync::Arc};

use oxigraph::model::{QuadRef, TermRef};

pub(crate) use self::order::leading;
pub use self::{
    build::{BuildError, Builder},
    file::{OpenError, Unusable},
    order::Order,
    read::{RdfFile, ReadError},
    terms::{Stored, Texts, as_stored, write_term},
};
use self::{
    column::Column,
    file::Body,
    order::StoredOrder,
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

/// Marks an entry of [`Data::graph_of`] that leads to [`Data::several`].
const SEVERAL: GraphNumber = 1 << 31;

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
pub struct Dataset {
    data: Arc<Data>,
    attachments: Arc<BTreeMap<String, Arc<Column<u8>>>>,
}

/// The numbers of a dataset.
#[derive(Default)]
struct Data {
    digest: String,
    quads: usize,
    terms: Terms,
    spo: StoredOrder,
    ops: StoredOrder,
    pso: StoredOrder,
    predicates: Vec<PredicateStatistics>,
    graphs: Column<Id>,
    /// The graph of each triple, or where in `several` its graphs are.
    graph_of: Column<GraphNumber>,
    /// Their number, and the graphs.
    several: Column<GraphNumber>,
    /// Where the triples of each graph begin, and the number of quads.
    graph_starts: Column<u32>,
    graph_triples: Column<u32>,
    /// The file all this is in, when it was opened.
    body: Option<Body>,
}

impl Data {
    fn graphs_of(&self, position: usize) -> &[GraphNumber] {
        let Some(entry) = self.graph_of.get(position) else { return &[] };
        if entry & SEVERAL == 0 {
            return std::slice::from_ref(entry);
        }
        let at = (entry & !SEVERAL) as usize;
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
        builder.finish(&|_| ())
    }

    fn new(data: Data) -> Self {
        Self { data: Arc::new(data), attachments: Arc::default() }
    }

    /// The same dataset with something that goes into its file beside it. A name is at most 22 bytes long.
    #[must_use]
    pub fn with_attachment(mut self, name: &str, bytes: Vec<u8>) -> Self {
        Arc::make_mut(&mut self.attachments).insert(name.to_owned(), Arc::new(bytes.into()));
        self
    }

    /// What was given with [`Dataset::with_attachment`], perhaps before the dataset was written to a file.
    #[must_use]
    pub fn attachment(&self, name: &str) -> Option<&[u8]> {
        self.attachments.get(name).map(|bytes| &***bytes)
    }

    /// How many terms there are.
    #[must_use]
    pub fn terms(&self) -> u32 {
        self.data.terms.len()
    }

    /// How many triples there are in the union of all graphs.
    #[must_use]
    pub fn triples(&self) -> usize {
        self.data.spo.pairs.len()
    }

    /// How many quads there are: a triple counts once for each graph it is in.
    #[must_use]
    pub fn quads(&self) -> usize {
        self.data.quads
    }

    /// SHA-256 of the sorted N-Quads lines, in lower-case hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.data.digest
    }

    /// The number of a term.
    #[must_use]
    pub fn id(&self, term: TermRef<'_>) -> Option<Id> {
        self.data.terms.id(&parts(term, &mut String::new()))
    }

    /// The term of a number. For a number that no term has: some empty term.
    #[must_use]
    pub fn term(&self, id: Id) -> TermRef<'_> {
        self.data.terms.parts(id).term()
    }

    /// The terms by number, for who looks up many.
    #[must_use]
    pub fn texts(&self) -> Texts<'_> {
        self.data.terms.texts()
    }

    /// What the term of a number is.
    #[must_use]
    pub fn kind(&self, id: Id) -> TermKind {
        self.data.terms.kind(id)
    }

    /// Lexical form, IRI, or label of a blank node. Empty for a number that no term has.
    #[must_use]
    pub fn text(&self, id: Id) -> &str {
        self.data.terms.text(id)
    }

    /// By subject: predicate and object.
    #[must_use]
    pub fn spo(&self) -> Order<'_> {
        self.data.spo.view()
    }

    /// By object: predicate and subject.
    #[must_use]
    pub fn ops(&self) -> Order<'_> {
        self.data.ops.view()
    }

    /// By predicate: subject and object.
    #[must_use]
    pub fn pso(&self) -> Order<'_> {
        self.data.pso.view()
    }

    /// Statistics of all predicates, ascending.
    #[must_use]
    pub fn predicates(&self) -> &[PredicateStatistics] {
        &self.data.predicates
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
        &self.data.graphs
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
        self.data.graphs_of(position)
    }

    /// The positions of a graph's triples in the SPO order, ascending.
    #[must_use]
    pub fn triples_of(&self, graph: GraphNumber) -> &[u32] {
        let (starts, graph) = (&self.data.graph_starts, graph as usize);
        let (Some(start), Some(end)) = (starts.get(graph), starts.get(graph + 1)) else { return &[] };
        self.data.graph_triples.get(*start as usize..*end as usize).unwrap_or_default()
    }
}

impl Default for Dataset {
    /// The dataset without statements.
    fn default() -> Self {
        Self::from_quads([]).expect("nothing is not too much")
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
