//! The suites on disk: every file has the IRI it has on the web.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{Graph, GraphName, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Quad, Term, TermRef, vocab::rdf},
};

use crate::support::repository;

/// Where the W3C publishes the suites.
const BASE: &str = "https://w3c.github.io/rdf-tests/sparql/";

/// The W3C's files.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    /// The files below `w3c/sparql` in the folder `OCM_SHARED`, or in `shared` beside the repository.
    pub(super) fn open() -> Self {
        let shared = env::var_os("OCM_SHARED").map_or_else(|| repository("../shared"), PathBuf::from);
        let folder = shared.join("w3c/sparql");
        assert!(folder.is_dir(), "the W3C's SPARQL tests are not at {}", folder.display());
        Self { folder }
    }

    /// The IRI of a file: `sparql11/manifest-all.ttl`.
    pub(super) fn iri(path: &str) -> NamedNode {
        NamedNode::new(format!("{BASE}{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The path of a file below the folder of all suites.
    pub(super) fn name(iri: NamedNodeRef<'_>) -> String {
        let name = iri.as_str().strip_prefix(BASE);
        name.unwrap_or_else(|| panic!("{iri} is not a file of the suites")).to_owned()
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, iri: NamedNodeRef<'_>) -> Vec<u8> {
        let path = self.folder.join(Self::name(iri));
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The text of a file.
    pub(super) fn text(&self, iri: NamedNodeRef<'_>) -> String {
        String::from_utf8(self.bytes(iri)).unwrap_or_else(|error| panic!("{iri}: {error}"))
    }

    /// The triples of a file, in a graph of any name. Its blank nodes are like none of another file.
    pub(super) fn quads(&self, iri: NamedNodeRef<'_>, graph: impl Into<GraphName>) -> Vec<Quad> {
        let format = extension(iri).and_then(RdfFormat::from_extension).unwrap_or_else(|| panic!("{iri} is not RDF"));
        let parser = RdfParser::from_format(format).with_base_iri(iri.as_str()).expect("an IRI is a sound base");
        let bytes = self.bytes(iri);
        let quads = parser.rename_blank_nodes().with_default_graph(graph).for_slice(&bytes);
        quads.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{iri}: {error}"))
    }

    /// The graph a file holds.
    pub(super) fn graph(&self, iri: NamedNodeRef<'_>) -> Graph {
        self.quads(iri, GraphName::DefaultGraph).into_iter().map(oxigraph::model::Triple::from).collect()
    }
}

/// The extension of the file an IRI names: `ttl`.
pub(super) fn extension(iri: NamedNodeRef<'_>) -> Option<&str> {
    Path::new(iri.as_str()).extension()?.to_str()
}

/// The one object of a predicate, if there is one.
pub(super) fn object<'a>(graph: &'a Graph, subject: TermRef<'a>, predicate: NamedNodeRef<'_>) -> Option<TermRef<'a>> {
    objects(graph, subject, predicate).pop()
}

/// The objects of a predicate. A literal has none.
pub(super) fn objects<'a>(graph: &'a Graph, subject: TermRef<'a>, predicate: NamedNodeRef<'_>) -> Vec<TermRef<'a>> {
    let Some(subject) = node(subject) else { return Vec::new() };
    graph.objects_for_subject_predicate(subject, predicate).collect()
}

/// The members of an RDF list.
pub(super) fn list<'a>(graph: &'a Graph, head: Option<TermRef<'a>>) -> Vec<TermRef<'a>> {
    let mut members = Vec::new();
    let mut rest = head;
    while let Some(cell) = rest {
        members.extend(object(graph, cell, rdf::FIRST));
        rest = object(graph, cell, rdf::REST);
    }
    members
}

/// The text of a literal.
pub(super) fn text(term: TermRef<'_>) -> &str {
    match term {
        TermRef::Literal(literal) => literal.value(),
        _ => panic!("{term} is not a literal"),
    }
}

/// The IRI a term is.
pub(super) fn named(term: TermRef<'_>) -> NamedNode {
    match term.into_owned() {
        Term::NamedNode(node) => node,
        term => panic!("{term} is not an IRI"),
    }
}

fn node(term: TermRef<'_>) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        TermRef::NamedNode(node) => Some(node.into()),
        TermRef::BlankNode(node) => Some(node.into()),
        TermRef::Literal(_) => None,
    }
}
