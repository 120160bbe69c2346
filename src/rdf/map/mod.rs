//! From records to quads: one file for each kind of record.
//!
//! A function of the catalogue and the base IRI alone: no clock, no randomness, no blank nodes, so that the same files
//! give the same quads. Each record is taken apart field by field, so that the compiler asks about a new field here.

mod concept;
mod dataset;
mod resource;
mod sdg;

use oxigraph::model::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term};

use super::{
    iri::{Graph, Iris},
    vocab::{rdf, xsd},
};
use crate::model::{Catalogue, LanguageTag};

/// The language of the words this project writes itself.
const OURS: &str = "en";

/// Everything the catalogue says, in the graphs `catalogue`, `sdg` and `dataset`; in no particular order.
#[must_use]
pub fn quads(catalogue: &Catalogue, iris: &Iris) -> Vec<Quad> {
    let mut mapper = Mapper { catalogue, iris, quads: Vec::new() };
    dataset::map(&mut mapper);
    sdg::map(&mut mapper);
    concept::map(&mut mapper);
    for resource in catalogue.resources.values() {
        resource::map(&mut mapper, resource);
    }
    mapper.quads
}

struct Mapper<'c> {
    catalogue: &'c Catalogue,
    iris: &'c Iris,
    quads: Vec<Quad>,
}

impl Mapper<'_> {
    /// Starts to describe a thing in a graph.
    fn describe(&mut self, graph: Graph, subject: NamedNode) -> Description<'_> {
        let graph = self.iris.graph(graph).into();
        Description { subject, graph, quads: &mut self.quads }
    }
}

/// The statements about one subject in one graph.
struct Description<'m> {
    subject: NamedNode,
    graph: GraphName,
    quads: &'m mut Vec<Quad>,
}

impl Description<'_> {
    /// It is an instance of these classes.
    fn is(&mut self, classes: &[NamedNodeRef<'_>]) -> &mut Self {
        for class in classes {
            self.add(rdf::TYPE, class.into_owned());
        }
        self
    }

    /// It is linked to another thing.
    fn link(&mut self, predicate: NamedNodeRef<'_>, object: NamedNode) -> &mut Self {
        self.add(predicate, object)
    }

    /// It is linked to an address outside, which the loader has checked.
    fn page(&mut self, predicate: NamedNodeRef<'_>, address: &str) -> &mut Self {
        self.add(predicate, NamedNode::new_unchecked(address))
    }

    /// A text in no particular language: a title, a name, a code.
    fn text(&mut self, predicate: NamedNodeRef<'_>, text: impl Into<String>) -> &mut Self {
        self.add(predicate, Literal::new_simple_literal(text))
    }

    /// Words in a language, plain when it is not known.
    fn words(&mut self, predicate: NamedNodeRef<'_>, words: &str, language: Option<&str>) -> &mut Self {
        self.add(
            predicate,
            match language {
                Some(tag) => Literal::new_language_tagged_literal_unchecked(words, tag.to_ascii_lowercase()),
                None => Literal::new_simple_literal(words),
            },
        )
    }

    /// Our own words.
    fn ours(&mut self, predicate: NamedNodeRef<'_>, words: &str) -> &mut Self {
        self.words(predicate, words, Some(OURS))
    }

    /// A whole number.
    fn number(&mut self, predicate: NamedNodeRef<'_>, number: impl std::fmt::Display + Copy) -> &mut Self {
        self.typed(predicate, number.to_string(), xsd::INTEGER)
    }

    /// A literal of a datatype.
    fn typed(&mut self, predicate: NamedNodeRef<'_>, lexical: String, datatype: NamedNodeRef<'_>) -> &mut Self {
        self.add(predicate, Literal::new_typed_literal(lexical, datatype))
    }

    fn add(&mut self, predicate: NamedNodeRef<'_>, object: impl Into<Term>) -> &mut Self {
        let (subject, predicate) = (self.subject.clone(), predicate.into_owned());
        self.quads.push(Quad::new(subject, predicate, object, self.graph.clone()));
        self
    }
}

/// Places in a list, from 1.
fn numbered<T>(items: &[T]) -> impl Iterator<Item = (usize, &T)> {
    items.iter().enumerate().map(|(index, item)| (index + 1, item))
}

fn tag(language: Option<&LanguageTag>) -> Option<&str> {
    language.map(LanguageTag::as_str)
}
