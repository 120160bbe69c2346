//! The figures that a dataset gives of itself are what queries for them give, by another engine than ours.

use std::collections::BTreeSet;

use oxigraph::{
    model::{GraphName, Quad, Term},
    sparql::{QueryResults, SparqlEvaluator},
    store::Store,
};

use ocm_graph::{
    edition::Edition,
    rdf::{iri::Iris, map},
};

use crate::support::{fixture_edition, invented_edition, quads_of, shipped_edition};

/// The rows of a query.
fn rows(store: &Store, query: &str) -> BTreeSet<Vec<String>> {
    let text = format!("PREFIX void: <http://rdfs.org/ns/void#> PREFIX ext: <http://ldf.fi/void-ext#> {query}");
    let query = SparqlEvaluator::new().parse_query(&text).unwrap();
    let QueryResults::Solutions(rows) = query.on_store(store).execute().unwrap() else { panic!("{text}") };
    let value = |term: &Term| match term {
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    };
    rows.map(|row| row.unwrap().values().iter().flatten().map(value).collect()).collect()
}

/// A property of the dataset, and what it should be.
const FIGURES: [(&str, &str); 6] = [
    ("triples", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
    (
        "entities",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?d void:sparqlEndpoint ?e ; void:uriSpace ?base . ?s ?p ?o FILTER(STRSTARTS(STR(?s), ?base)) }",
    ),
    ("classes", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"),
    ("properties", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }"),
    ("distinctSubjects", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"),
    ("distinctObjects", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"),
];

/// What is said of parts, and what should be.
const PARTS: [(&str, &str); 5] = [
    (
        "SELECT ?class ?n { ?d void:classPartition ?part . ?part void:class ?class ; void:entities ?n }",
        "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) { ?s a ?class } GROUP BY ?class",
    ),
    (
        "SELECT ?property ?n { ?d void:propertyPartition ?part . ?part void:property ?property ; void:triples ?n }",
        "SELECT ?property (COUNT(*) AS ?n) { ?s ?property ?o } GROUP BY ?property",
    ),
    (
        "SELECT ?property ?datatype ?n { ?d void:propertyPartition ?of . ?of void:property ?property ; ext:datatypePartition ?part . ?part ext:datatype ?datatype ; void:triples ?n }",
        "SELECT ?property ?datatype (COUNT(*) AS ?n) { ?s ?property ?o FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?datatype) } GROUP BY ?property ?datatype",
    ),
    (
        "SELECT ?property ?n { ?d void:subset ?links . ?links a void:Linkset ; void:linkPredicate ?property ; void:subjectsTarget ?d ; void:objectsTarget ?un ; void:triples ?n . ?un a void:Dataset ; void:uriSpace 'http://metadata.un.org/sdg/' }",
        "SELECT ?property (COUNT(*) AS ?n) { ?d void:sparqlEndpoint ?e ; void:uriSpace ?base . ?s ?property ?o FILTER(isIRI(?o) && STRSTARTS(STR(?s), ?base) && REGEX(STR(?o), '^http://metadata.un.org/sdg/[0-9]')) } GROUP BY ?property",
    ),
    (
        "SELECT ?graph ?n { ?d void:subset ?graph . ?graph void:triples ?n FILTER NOT EXISTS { ?graph a void:Linkset } }",
        "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph",
    ),
];

fn check(edition: &Edition) {
    let store = Store::new().unwrap();
    let quads = quads_of(edition);
    // The default graph is the union of all, in which what two graphs say is there once.
    store.extend(quads.iter().map(|quad| Quad { graph_name: GraphName::DefaultGraph, ..quad.clone() })).unwrap();
    store.extend(quads).unwrap();
    for (figure, query) in FIGURES {
        let said = rows(&store, &format!("SELECT ?n {{ ?dataset void:sparqlEndpoint ?e ; void:{figure} ?n }}"));
        assert_eq!(said, rows(&store, query), "{figure}");
    }
    for (said, query) in PARTS {
        let (said, counted) = (rows(&store, said), rows(&store, query));
        assert!(said.len() > 2, "{query}");
        assert_eq!(said, counted, "{query}");
    }
}

#[test]
fn vd_6_the_figures_are_what_queries_for_them_give() {
    check(&fixture_edition());
    check(&shipped_edition());
    check(&invented_edition());
}

/// Quads that differ in nothing but how many objects they have, until the number of objects is among the objects.
#[test]
fn a_number_of_objects_that_cannot_be_right_is_not_given() {
    let iris = Iris::default();
    let (mut given, mut left_out) = (0, 0);
    let integer = "<http://www.w3.org/2001/XMLSchema#integer>";
    for extra in 60..180 {
        let lines: String =
            (0..60).map(|n| format!("<http://e/s> <http://e/p> \"{}\"^^{integer} .\n", n + extra)).collect();
        let quads: Vec<Quad> = oxigraph::io::RdfParser::from_format(oxigraph::io::RdfFormat::NQuads)
            .for_slice(lines.as_bytes())
            .collect::<Result<_, _>>()
            .unwrap();
        let said = map::statistics(&quads, &iris);
        let all: BTreeSet<String> = quads.iter().chain(&said).map(|quad| quad.object.to_string()).collect();
        let figure = |name: &str| {
            let of_dataset = |quad: &&Quad| quad.subject == iris.dataset().into();
            let named = |quad: &&Quad| quad.predicate.as_str().ends_with(&format!("#{name}"));
            said.iter().filter(of_dataset).find(named).map(|quad| quad.object.to_string())
        };
        let written = |n: usize| format!("\"{n}\"^^{integer}");
        assert_eq!(figure("triples"), Some(written(quads.len() + said.len())));
        match figure("distinctObjects") {
            Some(number) => {
                given += 1;
                assert_eq!(number, written(all.len()));
            }
            None => left_out += 1,
        }
    }
    assert!(given > 0 && left_out > 0, "{given} given, {left_out} left out");
}
