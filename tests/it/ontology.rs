//! The ontology and the mapping check each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use ocm_graph::{
    edition::{Edition, ONTOLOGY},
    rdf::{
        iri::Graph,
        vocab::{PREFIXES, TERMS, ocm, rdf, rdfs},
    },
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{Quad, Term, Triple},
};

use crate::support::{fixture_edition, invented_edition, quads_of, repository, shipped_edition};

const OWL: &str = "http://www.w3.org/2002/07/owl#";

fn ontology() -> Vec<Triple> {
    RdfParser::from_format(RdfFormat::Turtle).for_slice(ONTOLOGY).map(|quad| quad.unwrap().into()).collect()
}

fn objects(triples: &[Triple], subject: &str, predicate: &str) -> Vec<String> {
    let about = |t: &&Triple| t.subject.to_string() == format!("<{subject}>") && t.predicate.as_str() == predicate;
    triples.iter().filter(about).map(|t| plain(&t.object)).collect()
}

/// An IRI without its brackets, a literal's text.
fn plain(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => node.as_str().to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        Term::BlankNode(_) => panic!("the ontology has a blank node"),
    }
}

/// Our own terms that the ontology declares.
fn declared() -> BTreeSet<String> {
    let subjects = ontology().into_iter().filter(|t| t.predicate == rdf::TYPE).map(|t| t.subject.to_string());
    subjects.map(|s| s.trim_matches(['<', '>']).to_owned()).filter(|s| s.starts_with(ocm::NAMESPACE)).collect()
}

/// What is said of things, leaving out the ontology's own graph.
fn statements(edition: &Edition) -> Vec<Quad> {
    let graph = edition.iris.graph(Graph::Ontology);
    quads_of(edition).into_iter().filter(|quad| quad.graph_name != graph.clone().into()).collect()
}

/// Our own terms in some statements.
fn used(edition: &Edition) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for quad in statements(edition) {
        used.insert(quad.predicate.as_str().to_owned());
        if let Term::NamedNode(object) = &quad.object {
            used.insert(object.as_str().to_owned());
        }
    }
    used.retain(|iri| iri.starts_with(ocm::NAMESPACE) && iri.len() > ocm::NAMESPACE.len());
    used
}

#[test]
fn every_term_used_is_declared() {
    let declared = declared();
    for edition in [fixture_edition(), shipped_edition(), invented_edition()] {
        assert_eq!(used(&edition).difference(&declared).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}

#[test]
fn every_declared_term_is_used_by_the_fixture() {
    // The class of the five Ps: its individuals are used, it stands only in the ontology. Functions are called.
    let excused = ["Dimension", "matchesWords", "wordScore"].map(|name| format!("{}{name}", ocm::NAMESPACE));
    let used = used(&fixture_edition());
    let idle: Vec<String> =
        declared().into_iter().filter(|term| !used.contains(term) && !excused.contains(term)).collect();
    assert_eq!(idle, Vec::<String>::new());
}

#[test]
fn the_program_and_the_ontology_name_the_same_terms() {
    let dimensions = ["Dimension", "People", "Planet", "Prosperity", "Peace", "Partnership"];
    let mut named: BTreeSet<String> =
        TERMS.iter().map(|term| term.as_str().to_owned()).filter(|term| term.starts_with(ocm::NAMESPACE)).collect();
    named.extend(dimensions.map(|name| format!("{}{name}", ocm::NAMESPACE)));
    assert_eq!(named, declared());
}

#[test]
fn every_predicate_emitted_is_in_the_vocabulary() {
    let known: BTreeSet<&str> = TERMS.iter().map(|term| term.as_str()).collect();
    let edition = shipped_edition();
    let statements = statements(&edition);
    let unknown: BTreeSet<&str> =
        statements.iter().map(|q| q.predicate.as_str()).filter(|p| !known.contains(p)).collect();
    assert_eq!(unknown, BTreeSet::new());
}

#[test]
fn every_term_is_labelled_defined_and_says_where() {
    let ontology = ontology();
    for term in declared() {
        for predicate in [rdfs_term("label"), rdfs_term("comment"), rdfs_term("isDefinedBy")] {
            assert!(!objects(&ontology, &term, &predicate).is_empty(), "{term} has no {predicate}");
        }
    }
}

fn rdfs_term(name: &str) -> String {
    format!("{}{name}", rdfs::NAMESPACE)
}

/// A class and everything above it, as far as the ontology says.
fn with_superclasses(ontology: &[Triple], class: String) -> BTreeSet<String> {
    let mut all = BTreeSet::from([class.clone()]);
    let mut open = vec![class];
    while let Some(class) = open.pop() {
        for above in objects(ontology, &class, &rdfs_term("subClassOf")) {
            if all.insert(above.clone()) {
                open.push(above);
            }
        }
    }
    all
}

#[test]
fn domains_and_ranges_hold() {
    let ontology = ontology();
    for edition in [fixture_edition(), shipped_edition(), invented_edition()] {
        let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for quad in quads_of(&edition).iter().filter(|quad| quad.predicate == rdf::TYPE) {
            let of = classes.entry(quad.subject.to_string()).or_default();
            of.extend(with_superclasses(&ontology, plain(&quad.object)));
        }
        let is = |thing: String, class: &String| classes.get(&thing).is_some_and(|of| of.contains(class));
        for quad in statements(&edition).iter().filter(|q| q.predicate.as_str().starts_with(ocm::NAMESPACE)) {
            for class in objects(&ontology, quad.predicate.as_str(), &rdfs_term("domain")) {
                assert!(is(quad.subject.to_string(), &class), "{quad} is outside the domain {class}");
            }
            for class in objects(&ontology, quad.predicate.as_str(), &rdfs_term("range")) {
                match &quad.object {
                    Term::Literal(literal) => {
                        let datatype = literal.datatype().as_str();
                        let literal_class = class == rdfs_term("Literal")
                            || class == datatype
                            || (datatype.ends_with("langString") && class.ends_with("langString"));
                        assert!(literal_class, "{quad} is outside the range {class}");
                    }
                    object => assert!(is(object.to_string(), &class), "{quad} is outside the range {class}"),
                }
            }
        }
    }
}

/// Properties whose domain is more than one class say so in words instead.
#[test]
fn every_property_has_a_domain_or_says_why_not() {
    let ontology = ontology();
    for term in declared() {
        let kinds = objects(&ontology, &term, rdf::TYPE.as_str());
        if kinds.iter().any(|kind| kind.starts_with(OWL) && kind.ends_with("Property")) {
            let has = |name: &str| !objects(&ontology, &term, name).is_empty();
            let note = "http://www.w3.org/2004/02/skos/core#scopeNote";
            assert!(has(&rdfs_term("domain")) || has(note), "{term} has neither a domain nor a note");
            assert!(has(&rdfs_term("range")), "{term} has no range");
        }
    }
}

/// A prefix stands for one namespace in the program, the ontology, the shapes, the context and every query.
#[test]
fn prefixes_agree_everywhere() {
    let ours: BTreeMap<&str, &str> = PREFIXES.iter().copied().collect();
    let mut files = vec![repository("ontology/ocm.ttl"), repository("ontology/shapes.ttl")];
    files.extend(fs::read_dir(repository("queries")).into_iter().flatten().map(|entry| entry.unwrap().path()));
    for path in files {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["@prefix" | "PREFIX", prefix, namespace, ..] = words[..] {
                let prefix = prefix.trim_end_matches(':');
                if let Some(known) = ours.get(prefix) {
                    assert_eq!(namespace.trim_matches(['<', '>']), *known, "{} in {}", prefix, path.display());
                }
            }
        }
    }
    let context: serde_json::Value =
        serde_json::from_slice(&fs::read(repository("ontology/context.jsonld")).unwrap()).unwrap();
    for (prefix, namespace) in PREFIXES {
        assert_eq!(context["@context"][prefix], *namespace, "{prefix} in context.jsonld");
    }
}
