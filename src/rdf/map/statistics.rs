//! What the dataset says of its own size ([VoID, section 4.6](https://www.w3.org/TR/void/#statistics)).

use std::{
    collections::{BTreeMap, HashSet},
    hash::Hash,
};

use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Quad, TermRef, TripleRef};

use super::Description;
use crate::rdf::{
    iri::{Graph, Iris, UN_SDG},
    vocab::{rdf, void, void_ext},
};

/// How often the figures are made anew, so that they count themselves. Which classes and properties there are is known
/// after the first time and how many statements after the second; what is left are numbers that are objects themselves.
const ROUNDS: usize = 6;

/// How much the quads say, and of what: of the union of all graphs, which is what a query sees, by class, by
/// property and datatype, by link and by graph. The figures count themselves, so that each is what a query for it gives.
///
/// The number of objects is left out when none is right: it is an object too, and may be one that is counted already.
#[must_use]
pub fn statistics(quads: &[Quad], iris: &Iris) -> Vec<Quad> {
    let mut others = Figures::default();
    others.count(quads, iris);
    let settled = |objects_too: bool| {
        let mut said = Vec::new();
        for _ in 0..ROUNDS {
            let mut all = others.and_more();
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

/// Things, each counted once, on top of those that were counted before.
#[derive(Debug)]
struct Distinct<'q, T> {
    before: Option<&'q HashSet<T>>,
    new: HashSet<T>,
}

impl<T> Default for Distinct<'_, T> {
    fn default() -> Self {
        Self { before: None, new: HashSet::new() }
    }
}

impl<T: Eq + Hash> Distinct<'_, T> {
    /// Counts it, and says whether it was not counted yet.
    fn insert(&mut self, thing: T) -> bool {
        !self.before.is_some_and(|before| before.contains(&thing)) && self.new.insert(thing)
    }

    fn len(&self) -> usize {
        self.before.map_or(0, HashSet::len) + self.new.len()
    }

    fn and_more(&self) -> Distinct<'_, T> {
        debug_assert!(self.before.is_none(), "one on top of the other, no third");
        Distinct { before: Some(&self.new), new: HashSet::new() }
    }
}

/// What is counted.
#[derive(Debug, Default)]
struct Figures<'q> {
    triples: Distinct<'q, TripleRef<'q>>,
    subjects: Distinct<'q, NamedOrBlankNodeRef<'q>>,
    objects: Distinct<'q, TermRef<'q>>,
    /// Triples in the graphs that have them.
    placed: Distinct<'q, (NamedNodeRef<'q>, TripleRef<'q>)>,
    /// Subjects under our base.
    entities: usize,
    /// Instances of each class.
    classes: BTreeMap<NamedNodeRef<'q>, usize>,
    /// Triples of each property.
    properties: BTreeMap<NamedNodeRef<'q>, usize>,
    /// Triples of each property with objects of each datatype.
    datatypes: BTreeMap<(NamedNodeRef<'q>, NamedNodeRef<'q>), usize>,
    /// Triples of each property that lead from what is ours to the UN's goals and targets.
    links: BTreeMap<NamedNodeRef<'q>, usize>,
    /// Triples of each graph.
    graphs: BTreeMap<NamedNodeRef<'q>, usize>,
}

impl<'q> Figures<'q> {
    /// The same, to which more can be added; what they stand on is not copied.
    fn and_more(&self) -> Figures<'_> {
        Figures {
            triples: self.triples.and_more(),
            subjects: self.subjects.and_more(),
            objects: self.objects.and_more(),
            placed: self.placed.and_more(),
            entities: self.entities,
            classes: self.classes.clone(),
            properties: self.properties.clone(),
            datatypes: self.datatypes.clone(),
            links: self.links.clone(),
            graphs: self.graphs.clone(),
        }
    }

    fn count(&mut self, quads: &'q [Quad], iris: &Iris) {
        for quad in quads {
            let quad = quad.as_ref();
            let triple = TripleRef::from(quad);
            if let GraphNameRef::NamedNode(graph) = quad.graph_name
                && self.placed.insert((graph, triple))
            {
                *self.graphs.entry(graph).or_default() += 1;
            }
            if !self.triples.insert(triple) {
                continue;
            }
            if self.subjects.insert(triple.subject) && is_ours(triple.subject, iris) {
                self.entities += 1;
            }
            self.objects.insert(triple.object);
            *self.properties.entry(triple.predicate).or_default() += 1;
            match triple.object {
                TermRef::NamedNode(class) if triple.predicate == rdf::TYPE => {
                    *self.classes.entry(class).or_default() += 1;
                }
                TermRef::NamedNode(object) if is_ours(triple.subject, iris) && is_of_the_un(object) => {
                    *self.links.entry(triple.predicate).or_default() += 1;
                }
                TermRef::Literal(literal) => {
                    *self.datatypes.entry((triple.predicate, literal.datatype())).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    fn say(&self, iris: &Iris, objects_too: bool) -> Vec<Quad> {
        let mut quads = Vec::new();
        let (dataset, un_sdg) = (iris.dataset(), iris.un_sdg());
        let mut it = Description::new(iris, Graph::Dataset, dataset.clone(), &mut quads);
        it.number(void::TRIPLES, self.triples.len())
            .number(void::ENTITIES, self.entities)
            .number(void::CLASSES, self.classes.len())
            .number(void::PROPERTIES, self.properties.len())
            .number(void::DISTINCT_SUBJECTS, self.subjects.len());
        if objects_too {
            it.number(void::DISTINCT_OBJECTS, self.objects.len());
        }
        // A whole has this part, which is of one class, property or datatype, with so many of what is counted.
        let mut part = |(whole, has): (&NamedNode, _),
                        part: NamedNode,
                        of: &[(NamedNodeRef<'_>, NamedNodeRef<'_>)],
                        count,
                        number: usize| {
            Description::new(iris, Graph::Dataset, whole.clone(), &mut quads).link(has, part.clone());
            let mut it = Description::new(iris, Graph::Dataset, part, &mut quads);
            for (predicate, term) in of {
                it.link(*predicate, term.into_owned());
            }
            it.number(count, number);
        };
        for (class, instances) in &self.classes {
            let (whole, iri) = ((&dataset, void::CLASS_PARTITION), iris.class_partition(*class));
            part(whole, iri, &[(void::CLASS, *class)], void::ENTITIES, *instances);
        }
        for (property, triples) in &self.properties {
            let (whole, iri) = ((&dataset, void::PROPERTY_PARTITION), iris.property_partition(*property));
            part(whole, iri, &[(void::PROPERTY, *property)], void::TRIPLES, *triples);
        }
        for ((property, datatype), triples) in &self.datatypes {
            let whole = (&iris.property_partition(*property), void_ext::DATATYPE_PARTITION);
            let iri = iris.datatype_partition(*property, *datatype);
            part(whole, iri, &[(void_ext::DATATYPE, *datatype)], void::TRIPLES, *triples);
        }
        for (property, triples) in &self.links {
            let of = [
                (rdf::TYPE, void::LINKSET),
                (void::LINK_PREDICATE, *property),
                (void::SUBJECTS_TARGET, dataset.as_ref()),
                (void::OBJECTS_TARGET, un_sdg.as_ref()),
            ];
            part((&dataset, void::SUBSET), iris.linkset(*property), &of, void::TRIPLES, *triples);
        }
        for (graph, triples) in &self.graphs {
            part((&dataset, void::SUBSET), graph.into_owned(), &[], void::TRIPLES, *triples);
        }
        quads
    }
}

fn is_ours(subject: NamedOrBlankNodeRef<'_>, iris: &Iris) -> bool {
    matches!(subject, NamedOrBlankNodeRef::NamedNode(subject) if subject.as_str().starts_with(iris.base()))
}

/// Whether it is a goal or a target, which have numbers, and not a term of the UN's ontology.
fn is_of_the_un(object: NamedNodeRef<'_>) -> bool {
    let code = object.as_str().strip_prefix(UN_SDG).and_then(|path| path.strip_prefix('/'));
    code.is_some_and(|code| code.starts_with(|c: char| c.is_ascii_digit()))
}
