//! The graph: deterministic, without blank nodes, and the same in every syntax.

use std::collections::BTreeSet;

use ocm_graph::{
    digest::sha256_hex,
    edition::Edition,
    rdf::{
        iri::{Graph, Iris},
        write::{Part, dump},
    },
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{GraphName, NamedNode, NamedOrBlankNode, Quad, Term},
};

use crate::support::{fixture_edition, invented_edition, quads_of, repository, shipped_edition};

fn text(edition: &Edition, format: RdfFormat) -> String {
    let mut bytes = Vec::new();
    dump(&edition.dataset, Part::All, format, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn parse(text: &str, format: RdfFormat) -> Vec<Quad> {
    RdfParser::from_format(format).for_slice(text).map(Result::unwrap).collect()
}

#[test]
fn the_fixture_as_quads() {
    let edition = fixture_edition();
    let ontology = GraphName::from(edition.iris.graph(Graph::Ontology));
    let lines: Vec<String> =
        quads_of(&edition).iter().filter(|q| q.graph_name != ontology).map(|quad| format!("{quad} .")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let (one, other) = (shipped_edition(), shipped_edition());
    assert_eq!(one.digest(), other.digest());
    for format in [RdfFormat::NQuads, RdfFormat::TriG, RdfFormat::Turtle] {
        assert_eq!(text(&one, format), text(&other, format));
    }
}

#[test]
fn the_digest_is_that_of_the_sorted_lines() {
    let edition = shipped_edition();
    let text = text(&edition, RdfFormat::NQuads);
    assert_eq!(edition.digest(), sha256_hex([&text]));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.is_sorted());
    assert_eq!(lines.len(), lines.iter().collect::<BTreeSet<_>>().len(), "a quad is there twice");
}

#[test]
fn every_syntax_reads_back_as_the_same_graph() {
    let edition = shipped_edition();
    for format in [RdfFormat::NQuads, RdfFormat::TriG] {
        let mut quads = parse(&text(&edition, format), format);
        ocm_graph::rdf::write::sort(&mut quads);
        assert!(quads == quads_of(&edition), "{format} differs");
    }
    let turtle: BTreeSet<String> =
        parse(&text(&edition, RdfFormat::Turtle), RdfFormat::Turtle).iter().map(ToString::to_string).collect();
    let union: BTreeSet<String> = quads_of(&edition)
        .iter()
        .map(|quad| Quad { graph_name: GraphName::DefaultGraph, ..quad.clone() }.to_string())
        .collect();
    assert_eq!(turtle, union);
}

#[test]
fn every_term_is_an_iri_or_a_literal_and_every_iri_is_sound() {
    let check = |iri: &NamedNode| {
        NamedNode::new(iri.as_str()).unwrap_or_else(|error| panic!("{iri}: {error}"));
    };
    for quad in quads_of(&shipped_edition()).into_iter().chain(quads_of(&invented_edition())) {
        let NamedOrBlankNode::NamedNode(subject) = &quad.subject else { panic!("a blank node: {quad}") };
        check(subject);
        check(&quad.predicate);
        match &quad.object {
            Term::NamedNode(object) => check(object),
            Term::Literal(literal) => assert!(!literal.value().is_empty(), "an empty literal: {quad}"),
            Term::BlankNode(_) => panic!("a blank node: {quad}"),
        }
        assert!(quad.graph_name != GraphName::DefaultGraph, "outside every graph: {quad}");
    }
}

/// All data IRIs follow the base; the ontology and the UN's IRIs do not.
#[test]
fn the_base_moves_the_data_and_nothing_else() {
    let base = "http://127.0.0.1:7878/here/";
    let iris = Iris::new(base).unwrap();
    let (moved, _) = Edition::build(&repository("tests/fixtures/catalogue"), iris).unwrap();
    let here = fixture_edition();
    let ours = |edition: &Edition, base: &str| {
        let own = format!("<{base}");
        let about_the_ontology = |quad: &Quad| quad.graph_name == edition.iris.graph(Graph::Ontology).into();
        quads_of(edition).iter().filter(|q| !about_the_ontology(q)).filter(|q| q.to_string().contains(&own)).count()
    };
    assert_eq!(moved.dataset.quads(), here.dataset.quads());
    assert!(ours(&moved, base) > 100);
    assert_eq!(ours(&here, base), 0);
    let catalogue = moved.iris.graph(Graph::Catalogue);
    let quads = quads_of(&moved);
    let stray = quads.iter().filter(|quad| quad.graph_name == catalogue.clone().into()).find(|quad| {
        let subject = quad.subject.to_string();
        !subject.starts_with(&format!("<{base}"))
    });
    assert_eq!(stray, None);
}

#[test]
fn the_shipped_catalogue_has_what_it_says() {
    let catalogue = shipped_edition().catalogue;
    let alignments = || catalogue.resources.values().flat_map(|resource| &resource.alignments);
    assert_eq!(catalogue.resources.len(), 68);
    assert_eq!(alignments().count(), 276);
    assert_eq!(alignments().map(|alignment| alignment.target).collect::<BTreeSet<_>>().len(), 86);
    assert_eq!(alignments().filter(|alignment| alignment.reason.is_some()).count(), 16);
    assert_eq!((catalogue.goals.len(), catalogue.targets.len(), catalogue.themes.len()), (17, 169, 13));
    assert_eq!(catalogue.indicators.len(), 66);
    assert_eq!(catalogue.indicators.keys().filter(|id| id.level.is_some()).count(), 3);
}
