//! What the dataset says of its own size ([VoID, section 4.6](https://www.w3.org/TR/void/#statistics)).

use std::collections::{BTreeMap, HashSet};

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Quad, TermRef, TripleRef};

use super::Description;
use crate::rdf::{
    iri::{Graph, Iris},
    vocab::{rdf, void},
};

/// How often the figures are made anew, so that they count themselves. Which classes and properties there are is known
/// after the first time and how many statements after the second; what is left are numbers that are objects themselves.
const ROUNDS: usize = 6;

/// How much the quads say, and of what: of the union of all graphs, which is what a query sees, by class, by property and
/// by graph. The figures count themselves, so that each is what a query for it gives.
///
/// The number of objects is left out when none is right: it is an object too, and may be one that is counted already.
#[must_use]
pub fn statistics(quads: &[Quad], iris: &Iris) -> Vec<Quad> {
    let mut others = Figures::default();
    others.count(quads, iris);
    let settled = |objects_too: bool| {
        let mut said = Vec::new();
        for _ in 0..ROUNDS {
            let mut all = others.clone();
            all.count(&said, iris);
            let next = all.say(iris, objects_too);
            if next == said {
                return Ok(said);
            }
            said = next;
        }
        Err(said)
    };
    settled(true).or_else(|_| settled(false)).unwrap_or_else(|said| said)
}

/// What is counted.
#[derive(Debug, Clone, Default)]
struct Figures<'q> {
    triples: HashSet<TripleRef<'q>>,
    subjects: HashSet<NamedOrBlankNodeRef<'q>>,
    objects: HashSet<TermRef<'q>>,
    /// Subjects under our base.
    entities: usize,
    /// Instances of each class.
    classes: BTreeMap<NamedNodeRef<'q>, usize>,
    /// Triples of each property.
    properties: BTreeMap<NamedNodeRef<'q>, usize>,
    /// Triples of each graph.
    graphs: BTreeMap<NamedNodeRef<'q>, HashSet<TripleRef<'q>>>,
}

impl<'q> Figures<'q> {
    fn count(&mut self, quads: &'q [Quad], iris: &Iris) {
        for quad in quads {
            let quad = quad.as_ref();
            let triple = TripleRef::from(quad);
            if let GraphNameRef::NamedNode(graph) = quad.graph_name {
                self.graphs.entry(graph).or_default().insert(triple);
            }
            if !self.triples.insert(triple) {
                continue;
            }
            if self.subjects.insert(triple.subject) && is_ours(triple.subject, iris) {
                self.entities += 1;
            }
            self.objects.insert(triple.object);
            *self.properties.entry(triple.predicate).or_default() += 1;
            if let (rdf::TYPE, TermRef::NamedNode(class)) = (triple.predicate, triple.object) {
                *self.classes.entry(class).or_default() += 1;
            }
        }
    }

    fn say(&self, iris: &Iris, objects_too: bool) -> Vec<Quad> {
        let mut quads = Vec::new();
        let dataset = iris.dataset();
        let mut it = Description::new(iris, Graph::Dataset, dataset.clone(), &mut quads);
        it.number(void::TRIPLES, self.triples.len())
            .number(void::ENTITIES, self.entities)
            .number(void::CLASSES, self.classes.len())
            .number(void::PROPERTIES, self.properties.len())
            .number(void::DISTINCT_SUBJECTS, self.subjects.len());
        if objects_too {
            it.number(void::DISTINCT_OBJECTS, self.objects.len());
        }
        // The dataset has this part, which is of one class or property, with so many of what is counted.
        let mut part = |has, part: NamedNode, of: &[(NamedNodeRef<'_>, NamedNodeRef<'_>)], count, number: usize| {
            Description::new(iris, Graph::Dataset, dataset.clone(), &mut quads).link(has, part.clone());
            let mut it = Description::new(iris, Graph::Dataset, part, &mut quads);
            for (predicate, term) in of {
                it.link(*predicate, term.into_owned());
            }
            it.number(count, number);
        };
        for (class, instances) in &self.classes {
            let iri = iris.class_partition(*class);
            part(void::CLASS_PARTITION, iri, &[(void::CLASS, *class)], void::ENTITIES, *instances);
        }
        for (property, triples) in &self.properties {
            let iri = iris.property_partition(*property);
            part(void::PROPERTY_PARTITION, iri, &[(void::PROPERTY, *property)], void::TRIPLES, *triples);
        }
        for (graph, triples) in &self.graphs {
            part(void::SUBSET, graph.into_owned(), &[], void::TRIPLES, triples.len());
        }
        quads
    }
}

fn is_ours(subject: NamedOrBlankNodeRef<'_>, iris: &Iris) -> bool {
    matches!(subject, NamedOrBlankNodeRef::NamedNode(subject) if subject.as_str().starts_with(iris.base()))
}
