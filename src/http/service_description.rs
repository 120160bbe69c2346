//! What the endpoint says of itself ([SPARQL 1.1 Service Description](https://www.w3.org/TR/sparql11-service-description/)).

use oxigraph::{
    io::RdfFormat,
    model::{NamedNode, NamedNodeRef, Triple},
};

use super::{AppState, problem::Problem, representation, things};
use crate::{
    engine::{self, Format, Shape},
    rdf::vocab::{ent, formats, rdf, rdfs, sd},
};

/// The description as RDF. The endpoint is the address that was asked, if the request says which (SD: `sd:endpoint` is
/// where it can be asked), and otherwise the permanent one.
///
/// # Errors
/// [`Problem::Internal`] when it cannot be written, which memory always can.
pub(crate) fn write(state: &AppState, asked: Option<NamedNode>, format: Format) -> Result<Vec<u8>, Problem> {
    things::data(triples(state, asked).iter().map(Triple::as_ref), format)
}

fn triples(state: &AppState, asked: Option<NamedNode>) -> Vec<Triple> {
    let endpoint = asked.unwrap_or_else(|| state.edition.iris.sparql());
    let part = |name: &str| NamedNode::new_unchecked(format!("{}#{name}", endpoint.as_str()));
    let (dataset, default) = (part("dataset"), part("default-graph"));
    let mut triples = Vec::new();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: NamedNode| {
        triples.push(Triple::new(subject.clone(), predicate, object));
    };
    say(&endpoint, rdf::TYPE, sd::SERVICE.into_owned());
    say(&endpoint, sd::ENDPOINT, endpoint.clone());
    if let Some(site) = endpoint.as_str().strip_suffix("sparql") {
        // What requests are held to; the vocabulary has no word for it.
        say(&endpoint, rdfs::SEE_ALSO, NamedNode::new_unchecked(format!("{site}limits")));
    }
    say(&endpoint, sd::SUPPORTED_LANGUAGE, sd::SPARQL11_QUERY.into_owned());
    say(&endpoint, sd::FEATURE, sd::UNION_DEFAULT_GRAPH.into_owned());
    for function in engine::functions() {
        say(&endpoint, sd::EXTENSION_FUNCTION, function.into_owned());
    }
    for shape in [Shape::Table, Shape::Graph] {
        for offer in representation::offers(shape) {
            if let Some(format) = offer.format {
                say(&endpoint, sd::RESULT_FORMAT, format_iri(format));
            }
        }
    }
    say(&endpoint, sd::DEFAULT_ENTAILMENT_REGIME, ent::SIMPLE.into_owned());
    say(&endpoint, sd::DEFAULT_DATASET, dataset.clone());
    say(&dataset, rdf::TYPE, sd::DATASET.into_owned());
    say(&dataset, sd::DEFAULT_GRAPH, default.clone());
    // By number: the names of two graphs may end alike, or as a part above is called.
    let graphs = || state.engine.graphs().iter().enumerate().map(|(n, name)| (part(&format!("graph-{}", n + 1)), name));
    for (graph, _) in graphs() {
        say(&dataset, sd::NAMED_GRAPH, graph);
    }
    say(&default, rdf::TYPE, sd::GRAPH.into_owned());
    for (graph, name) in graphs() {
        say(&graph, rdf::TYPE, sd::NAMED_GRAPH_CLASS.into_owned());
        say(&graph, sd::NAME, name.clone());
    }
    for function in engine::functions() {
        say(&function.into_owned(), rdf::TYPE, sd::FUNCTION.into_owned());
    }
    triples
}

/// The name of a format in the [W3C's list](https://www.w3.org/ns/formats/).
fn format_iri(format: Format) -> NamedNode {
    NamedNode::new_unchecked(match format {
        Format::Table(format) => format.iri(),
        // The library has an address that the list has not.
        Format::Graph(RdfFormat::JsonLd { .. }) => formats::JSON_LD.as_str(),
        Format::Graph(format) => format.iri(),
    })
}
