//! Statements and terms one after the other.

use std::{iter, ops::Range};

use oxigraph::model::{GraphNameRef, NamedNodeRef, NamedOrBlankNodeRef, QuadRef, TermRef, TripleRef};

use super::{Dataset, GraphNumber, Id, TermKind};

impl Dataset {
    /// All quads, in the order of their N-Quads lines.
    pub fn iter(&self) -> impl Iterator<Item = QuadRef<'_>> {
        let positions = iter::zip(0.., super::order::triples(self.spo()));
        positions.flat_map(move |(position, (s, [p, o]))| {
            let triple = self.decode([s, p, o]);
            self.graphs_of(position).iter().filter_map(move |graph| Some(triple?.in_graph(self.graph_name(*graph))))
        })
    }

    /// The triples of all graphs together, each once, in the order of their N-Triples lines.
    pub fn union(&self) -> impl Iterator<Item = TripleRef<'_>> {
        super::order::triples(self.spo()).filter_map(|(s, [p, o])| self.decode([s, p, o]))
    }

    /// The triples of one graph, in the order of their N-Triples lines.
    pub fn graph(&self, graph: GraphNumber) -> impl Iterator<Item = TripleRef<'_>> {
        self.triples_of(graph).iter().filter_map(|position| self.decode(self.triple(*position as usize)))
    }

    /// The triples with a subject, in order.
    pub fn about(&self, subject: Id) -> impl Iterator<Item = TripleRef<'_>> {
        self.spo().of(subject).iter().filter_map(move |[p, o]| self.decode([subject, *p, *o]))
    }

    /// A triple of terms. None where numbers stand for no triple, which happens in a damaged file only.
    #[must_use]
    pub fn decode(&self, [subject, predicate, object]: [Id; 3]) -> Option<TripleRef<'_>> {
        let subject = match self.term(subject) {
            TermRef::NamedNode(iri) => NamedOrBlankNodeRef::from(iri),
            TermRef::BlankNode(node) => node.into(),
            TermRef::Literal(_) => return None,
        };
        let TermRef::NamedNode(predicate) = self.term(predicate) else { return None };
        Some(TripleRef::new(subject, predicate, self.term(object)))
    }

    /// The name of a graph.
    #[must_use]
    pub fn graph_name(&self, graph: GraphNumber) -> GraphNameRef<'_> {
        let name = graph.checked_sub(1).and_then(|graph| self.graphs().get(graph as usize));
        match name.map(|name| self.term(*name)) {
            Some(TermRef::NamedNode(name)) => name.into(),
            Some(TermRef::BlankNode(name)) => name.into(),
            _ => GraphNameRef::DefaultGraph,
        }
    }

    /// The number of an IRI.
    #[must_use]
    pub fn iri(&self, iri: &str) -> Option<Id> {
        self.id(NamedNodeRef::new_unchecked(iri).into())
    }

    /// The IRIs that begin with a text, all of which lie together.
    #[must_use]
    pub fn iris_with(&self, prefix: &str) -> Range<Id> {
        let iris = self.data.terms.literals..self.data.terms.before_blanks;
        let printed = |id: Id| self.text(id).bytes().chain([b'>']);
        let start = first(iris.clone(), |id| !printed(id).lt(prefix.bytes()));
        let end = first(start..iris.end, |id| !self.text(id).starts_with(prefix));
        start..end
    }

    /// The terms of one kind, all of which lie together.
    #[must_use]
    pub fn of_kind(&self, kind: TermKind) -> Range<Id> {
        let (literals, before_blanks) = (self.data.terms.literals, self.data.terms.before_blanks);
        match kind {
            TermKind::Literal => 0..literals,
            TermKind::Iri => literals..before_blanks,
            TermKind::Blank => before_blanks..self.terms(),
        }
    }
}

/// The first number of a range that is one of those wanted, which are all at its end.
fn first(range: Range<Id>, wanted: impl Fn(Id) -> bool) -> Id {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if wanted(middle) {
            end = middle;
        } else {
            start = middle + 1;
        }
    }
    start
}
