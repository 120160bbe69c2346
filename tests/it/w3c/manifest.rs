//! Manifests: what is to be asked of which data, and what has to come back.

use oxigraph::model::{Graph, NamedNode, NamedNodeRef, TermRef, vocab::rdf};

use super::{
    files::{Files, list, named, object, objects},
    vocab::{mf, qt},
};

/// A test as its manifest states it.
#[derive(Debug)]
pub(super) struct Test {
    /// Folder and fragment: `sparql10/ask#ask-1`.
    pub(super) id: String,
    /// The local name of its type: `QueryEvaluationTest`.
    pub(super) kind: String,
    /// The query.
    pub(super) query: NamedNode,
    /// The files whose merge is the default graph.
    pub(super) data: Vec<NamedNode>,
    /// The files that are named graphs.
    pub(super) graph_data: Vec<NamedNode>,
    /// The answer.
    pub(super) result: Option<NamedNode>,
    /// An answer may hold a solution less often than stated, but at least once.
    pub(super) lax: bool,
}

/// The tests of a manifest and of those it includes, in their order.
pub(super) fn tests(files: &Files, manifest: NamedNodeRef<'_>) -> Vec<Test> {
    let graph = files.graph(manifest);
    let included = list(&graph, object(&graph, manifest.into(), mf::INCLUDE));
    let mut tests: Vec<Test> = included.into_iter().flat_map(|other| tests_of(files, other)).collect();
    tests.extend(entries(&graph, manifest).into_iter().map(|(id, entry)| test(&graph, id, entry)));
    tests
}

fn tests_of(files: &Files, manifest: TermRef<'_>) -> Vec<Test> {
    tests(files, named(manifest).as_ref())
}

/// The entries of one manifest with their identifiers.
pub(super) fn entries<'a>(graph: &'a Graph, manifest: NamedNodeRef<'a>) -> Vec<(String, TermRef<'a>)> {
    let name = Files::name(manifest);
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let id = |entry: TermRef<'_>| format!("{folder}#{}", local(entry));
    list(graph, object(graph, manifest.into(), mf::ENTRIES)).into_iter().map(|entry| (id(entry), entry)).collect()
}

/// What stands behind the `#` of an IRI.
fn local(term: TermRef<'_>) -> String {
    let iri = named(term);
    iri.as_str().rsplit_once('#').map_or_else(|| iri.to_string(), |(_, local)| local.to_owned())
}

fn test(graph: &Graph, id: String, entry: TermRef<'_>) -> Test {
    let action = object(graph, entry, mf::ACTION).unwrap_or_else(|| panic!("{id} has no action"));
    let kind = object(graph, entry, rdf::TYPE).unwrap_or_else(|| panic!("{id} has no type"));
    let of_action = |predicate| objects(graph, action, predicate).into_iter().map(named).collect();
    Test {
        kind: local(kind),
        // The action of a syntax test is the query itself.
        query: named(object(graph, action, qt::QUERY).unwrap_or(action)),
        data: of_action(qt::DATA),
        graph_data: of_action(qt::GRAPH_DATA),
        result: object(graph, entry, mf::RESULT).map(named),
        lax: object(graph, entry, mf::RESULT_CARDINALITY) == Some(mf::LAX_CARDINALITY.into()),
        id,
    }
}
