//! From records to quads: one file for each kind of record.
//!
//! A function of the catalogue and the base IRI alone: no clock, no randomness, no blank nodes, so that the same files
//! give the same quads. Each record is taken apart field by field, so that the compiler asks about a new field here.

mod concept;
mod dataset;
mod resource;
mod sdg;
mod statistics;

use std::collections::BTreeSet;

use oxigraph::model::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term};

use super::{
    iri::{Graph, Iris},
    vocab::{rdf, xsd},
};
use crate::model::{Catalogue, Creator, LanguageTag, Resource};

pub use statistics::statistics;

/// The language of the words this project writes itself.
const OURS: &str = "en";

/// Everything the catalogue says, in the graphs `catalogue`, `sdg` and `dataset`; in no particular order, and some of it
/// more than once.
#[must_use]
pub fn quads(catalogue: &Catalogue, iris: &Iris) -> Vec<Quad> {
    let mut quads = frame(catalogue, iris);
    for record in catalogue.resources.values() {
        quads.extend(resource(catalogue, iris, record));
        quads.extend(record.creators.iter().flat_map(|it| creator(catalogue, iris, it)));
    }
    let mentions = catalogue.resources.values().flat_map(|resource| &resource.languages);
    let used = mentions.filter_map(|mention| mention.tag.as_ref()).collect();
    quads.extend(languages(catalogue, iris, &used));
    quads
}

/// All but the resources and what only they lead to: the dataset, goals, targets, indicators, themes and types.
#[must_use]
pub fn frame(catalogue: &Catalogue, iris: &Iris) -> Vec<Quad> {
    Mapper::collect(catalogue, iris, |mapper| {
        dataset::map(mapper);
        sdg::map(mapper);
        concept::map(mapper);
    })
}

/// One resource with its alignments, quotations and gaps. It need not be among those of the catalogue.
#[must_use]
pub fn resource(catalogue: &Catalogue, iris: &Iris, resource: &Resource) -> Vec<Quad> {
    Mapper::collect(catalogue, iris, |mapper| resource::map(mapper, resource))
}

/// One creator of a resource.
#[must_use]
pub fn creator(catalogue: &Catalogue, iris: &Iris, creator: &Creator) -> Vec<Quad> {
    Mapper::collect(catalogue, iris, |mapper| resource::map_creator(mapper, creator))
}

/// Those languages of the catalogue that are used: its table lists many more.
#[must_use]
pub fn languages(catalogue: &Catalogue, iris: &Iris, used: &BTreeSet<&LanguageTag>) -> Vec<Quad> {
    Mapper::collect(catalogue, iris, |mapper| concept::map_languages(mapper, used))
}

struct Mapper<'c> {
    catalogue: &'c Catalogue,
    iris: &'c Iris,
    quads: Vec<Quad>,
}

impl<'c> Mapper<'c> {
    /// What some part of the mapping says.
    fn collect(catalogue: &'c Catalogue, iris: &'c Iris, map: impl FnOnce(&mut Self)) -> Vec<Quad> {
        let mut mapper = Self { catalogue, iris, quads: Vec::new() };
        map(&mut mapper);
        mapper.quads
    }

    /// Starts to describe a thing in a graph.
    fn describe(&mut self, graph: Graph, subject: NamedNode) -> Description<'_> {
        Description::new(self.iris, graph, subject, &mut self.quads)
    }
}

/// The statements about one subject in one graph.
struct Description<'m> {
    subject: NamedNode,
    graph: GraphName,
    quads: &'m mut Vec<Quad>,
}

impl<'m> Description<'m> {
    fn new(iris: &Iris, graph: Graph, subject: NamedNode, quads: &'m mut Vec<Quad>) -> Self {
        Self { subject, graph: iris.graph(graph).into(), quads }
    }

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
