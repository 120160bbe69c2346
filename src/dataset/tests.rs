//! The dataset against a naive model of it.

use std::collections::BTreeSet;

use oxigraph::model::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term, TermRef};
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{digest::sha256_hex, rdf::write};

/// IRIs of which some begin others.
fn iri() -> impl Strategy<Value = NamedNode> {
    prop_oneof!["http://e/[a/.-]{0,2}", "urn:x:[!~é]{0,1}"].prop_map(NamedNode::new_unchecked)
}

fn blank() -> impl Strategy<Value = BlankNode> {
    "[a-c][-.a0]{0,2}x".prop_map(BlankNode::new_unchecked)
}

fn literal() -> impl Strategy<Value = Literal> {
    let value = "[ !\"a\\\\\\n#\u{fffd}\u{ffff}]{0,2}";
    prop_oneof![
        value.prop_map(Literal::from),
        (value, "(en|en-GB|fr)").prop_map(|(value, tag)| Literal::new_language_tagged_literal(value, tag).unwrap()),
        (value, iri()).prop_map(|(value, datatype)| Literal::new_typed_literal(value, datatype)),
    ]
}

fn subject() -> impl Strategy<Value = NamedOrBlankNode> {
    prop_oneof![iri().prop_map(Into::into), blank().prop_map(Into::into)]
}

fn quad() -> impl Strategy<Value = Quad> {
    let object = prop_oneof![literal().prop_map(Term::from), subject().prop_map(Into::into)];
    let graph =
        prop_oneof![Just(GraphName::DefaultGraph), iri().prop_map(Into::into), blank().prop_map(GraphName::from)];
    (subject(), iri(), object, graph).prop_map(|(s, p, o, g)| Quad::new(s, p, o, g))
}

pub(super) fn quads() -> impl Strategy<Value = Vec<Quad>> {
    vec(quad(), 0..40)
}

fn dataset(quads: &[Quad]) -> Dataset {
    Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap()
}

/// What the model says: the terms by text, and the triples by the texts' positions.
struct Model {
    terms: Vec<Term>,
    triples: BTreeSet<[Id; 3]>,
}

impl Model {
    fn of(quads: &[Quad]) -> Self {
        let mut terms: Vec<Term> = Vec::new();
        for quad in quads {
            terms.extend([quad.subject.clone().into(), quad.predicate.clone().into(), quad.object.clone()]);
            match &quad.graph_name {
                GraphName::NamedNode(name) => terms.push(name.clone().into()),
                GraphName::BlankNode(name) => terms.push(name.clone().into()),
                GraphName::DefaultGraph => {}
            }
        }
        terms.sort_by_key(ToString::to_string);
        terms.dedup();
        let mut model = Self { terms, triples: BTreeSet::new() };
        model.triples = quads.iter().map(|quad| model.triple(quad)).collect();
        model
    }

    fn id(&self, term: TermRef<'_>) -> Id {
        u32::try_from(self.terms.iter().position(|known| known.as_ref() == term).unwrap()).unwrap()
    }

    fn triple(&self, quad: &Quad) -> [Id; 3] {
        let quad = quad.as_ref();
        [self.id(quad.subject.into()), self.id(quad.predicate.into()), self.id(quad.object)]
    }

    fn permuted(&self, order: [usize; 3]) -> Vec<[Id; 3]> {
        let permuted: BTreeSet<_> = self.triples.iter().map(|triple| order.map(|at| triple[at])).collect();
        permuted.into_iter().collect()
    }
}

/// All triples of an order, by way of its ranges.
fn listed(order: Order<'_>, terms: u32) -> Vec<[Id; 3]> {
    (0..terms).flat_map(|first| order.of(first).iter().map(move |[second, third]| [first, *second, *third])).collect()
}

proptest! {
    #[test]
    fn numbers_are_positions_in_the_order_of_texts(quads in quads()) {
        let (dataset, model) = (dataset(&quads), Model::of(&quads));
        prop_assert_eq!(dataset.terms() as usize, model.terms.len());
        for (id, term) in (0..).zip(&model.terms) {
            prop_assert_eq!(dataset.id(term.as_ref()), Some(id));
            prop_assert_eq!(dataset.term(id), term.as_ref());
            let (kind, text) = match term {
                Term::Literal(literal) => (TermKind::Literal, literal.value()),
                Term::NamedNode(iri) => (TermKind::Iri, iri.as_str()),
                Term::BlankNode(node) => (TermKind::Blank, node.as_str()),
            };
            prop_assert_eq!((dataset.kind(id), dataset.text(id)), (kind, text));
        }
    }

    #[test]
    fn terms_that_are_not_there_have_no_number(quads in quads(), other in quad()) {
        let (dataset, model) = (dataset(&quads), Model::of(&quads));
        let there = model.terms.contains(&other.object);
        prop_assert_eq!(dataset.id(other.object.as_ref()).is_some(), there);
    }

    #[test]
    fn the_orders_have_every_triple_once(quads in quads()) {
        let (dataset, model) = (dataset(&quads), Model::of(&quads));
        let terms = dataset.terms();
        prop_assert_eq!(dataset.triples(), model.triples.len());
        prop_assert_eq!(listed(dataset.spo(), terms), model.permuted([0, 1, 2]));
        prop_assert_eq!(listed(dataset.ops(), terms), model.permuted([2, 1, 0]));
        prop_assert_eq!(listed(dataset.pso(), terms), model.permuted([1, 0, 2]));
        for first in 0..terms {
            for second in 0..terms {
                let of = |order: Order<'_>| -> Vec<_> {
                    order.of(first).iter().copied().filter(|pair| pair[0] == second).collect()
                };
                prop_assert_eq!(dataset.spo().with(first, second), of(dataset.spo()));
                prop_assert_eq!(dataset.ops().with(first, second), of(dataset.ops()));
            }
        }
    }

    #[test]
    fn predicates_are_counted(quads in quads()) {
        let (dataset, model) = (dataset(&quads), Model::of(&quads));
        let used: BTreeSet<Id> = model.triples.iter().map(|triple| triple[1]).collect();
        prop_assert_eq!(dataset.predicates().iter().map(|p| p.predicate).collect::<Vec<_>>(), Vec::from_iter(used));
        for known in dataset.predicates() {
            let of: Vec<_> = model.triples.iter().filter(|triple| triple[1] == known.predicate).collect();
            let different = |at: usize| of.iter().map(|triple| triple[at]).collect::<BTreeSet<_>>().len();
            let counted = [known.triples, known.subjects, known.objects].map(|count| count as usize);
            prop_assert_eq!(counted, [of.len(), different(0), different(2)]);
            prop_assert_eq!(dataset.predicate(known.predicate), Some(*known));
        }
    }

    #[test]
    fn each_triple_knows_its_graphs_and_each_graph_its_triples(quads in quads()) {
        let (dataset, model) = (dataset(&quads), Model::of(&quads));
        let number = |name: &GraphName| match name {
            GraphName::DefaultGraph => 0,
            GraphName::NamedNode(name) => dataset.graph_number(model.id(name.as_ref().into())).unwrap(),
            GraphName::BlankNode(name) => dataset.graph_number(model.id(name.as_ref().into())).unwrap(),
        };
        let expected: BTreeSet<_> = quads.iter().map(|quad| (model.triple(quad), number(&quad.graph_name))).collect();
        prop_assert_eq!(dataset.quads(), expected.len());
        let mut by_triple = Vec::new();
        for position in 0..dataset.triples() {
            let triple = dataset.triple(position);
            prop_assert_eq!(dataset.position(triple[0], triple[1], triple[2]), Some(position));
            by_triple.extend(dataset.graphs_of(position).iter().map(|graph| (triple, *graph)));
        }
        prop_assert_eq!(&by_triple, &expected.iter().copied().collect::<Vec<_>>());
        let mut by_graph = BTreeSet::new();
        for graph in 0..=u32::try_from(dataset.graphs().len()).unwrap() {
            prop_assert!(dataset.triples_of(graph).is_sorted());
            by_graph.extend(dataset.triples_of(graph).iter().map(|at| (dataset.triple(*at as usize), graph)));
        }
        prop_assert_eq!(by_graph, expected);
    }

    #[test]
    fn the_digest_is_that_of_the_sorted_lines(mut quads in quads()) {
        let dataset = dataset(&quads);
        write::sort(&mut quads);
        let lines = quads.iter().map(|quad| format!("{quad} .\n"));
        prop_assert_eq!(dataset.digest(), sha256_hex(lines));
    }
}

#[test]
fn a_dataset_without_quads_has_nothing() {
    let dataset = dataset(&[]);
    assert_eq!((dataset.terms(), dataset.triples(), dataset.quads()), (0, 0, 0));
    assert_eq!(dataset.digest(), sha256_hex([""]));
    assert_eq!(dataset.id(NamedNode::new_unchecked("http://e/").as_ref().into()), None);
    assert_eq!((dataset.graphs(), dataset.predicates()), (&[][..], &[][..]));
}

#[test]
fn numbers_that_nothing_has_give_nothing() {
    let quad = Quad::new(
        NamedNode::new_unchecked("http://e/s"),
        NamedNode::new_unchecked("http://e/p"),
        Literal::from("o"),
        GraphName::DefaultGraph,
    );
    let dataset = dataset(&[quad]);
    for id in [3, u32::MAX - 1, u32::MAX] {
        assert!(dataset.spo().of(id).is_empty() && dataset.ops().with(id, id).is_empty());
        assert_eq!((dataset.text(id), dataset.predicate(id), dataset.graph_number(id)), ("", None, None));
        assert!(dataset.triples_of(id).is_empty() && dataset.graphs_of(id as usize).is_empty());
        assert_eq!(dataset.triple(id as usize), [u32::MAX; 3]);
        assert_eq!(dataset.term(id).to_string(), "_:");
    }
}
