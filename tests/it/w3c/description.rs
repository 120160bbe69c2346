//! Service description tests. Their manifest has only their names; what they mean is written here.

use std::collections::BTreeSet;

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{Graph, NamedOrBlankNodeRef, TermRef, Triple, vocab::rdf},
};

use super::{
    endpoint::{Endpoint, Request, Response},
    files::Files,
    manifest::entries,
    report::Outcome,
};

/// The namespace of the vocabulary.
const SD: &str = "http://www.w3.org/ns/sparql-service-description#";

/// The properties of the vocabulary with the classes of their subjects and of their objects, where it names one.
///
/// [SPARQL 1.1 Service Description, section 3.2](https://www.w3.org/TR/sparql11-service-description/#sdproperties)
const PROPERTIES: &[(&str, &str, Option<&str>)] = &[
    ("endpoint", "Service", None),
    ("feature", "Service", Some("Feature")),
    ("defaultEntailmentRegime", "Service", Some("EntailmentRegime")),
    ("entailmentRegime", "NamedGraph", Some("EntailmentRegime")),
    ("defaultSupportedEntailmentProfile", "Service", Some("EntailmentProfile")),
    ("supportedEntailmentProfile", "NamedGraph", Some("EntailmentProfile")),
    ("extensionFunction", "Service", Some("Function")),
    ("extensionAggregate", "Service", Some("Aggregate")),
    ("languageExtension", "Service", Some("Feature")),
    ("supportedLanguage", "Service", Some("Language")),
    ("propertyFeature", "Service", Some("Feature")),
    ("defaultDataset", "Service", Some("Dataset")),
    ("availableGraphs", "Service", Some("GraphCollection")),
    ("resultFormat", "Service", None),
    ("inputFormat", "Service", None),
    ("defaultGraph", "Dataset", Some("Graph")),
    ("namedGraph", "GraphCollection", Some("NamedGraph")),
    ("name", "NamedGraph", None),
    ("graph", "NamedGraph", Some("Graph")),
];

/// What else the vocabulary defines: classes that no property above names, and individuals with their classes.
const INDIVIDUALS: &[(&str, &str)] = &[
    ("SPARQL10Query", "Language"),
    ("SPARQL11Query", "Language"),
    ("SPARQL11Update", "Language"),
    ("DereferencesURIs", "Feature"),
    ("UnionDefaultGraph", "Feature"),
    ("RequiresDataset", "Feature"),
    ("EmptyGraphs", "Feature"),
    ("BasicFederatedQuery", "Feature"),
];

/// Runs the tests of the manifest against an endpoint with one graph.
pub(super) fn outcomes(files: &Files) -> Vec<(String, Outcome)> {
    let manifest = Files::iri("sparql11/service-description/manifest.ttl");
    let graph = files.graph(manifest.as_ref());
    let data = Files::iri("sparql11/protocol/data1.nt");
    let endpoint = Endpoint::over(&files.quads(data.as_ref(), data.clone()));
    let tests = entries(&graph, manifest.as_ref()).into_iter().map(|(id, _)| id);
    tests.map(|id| (id.clone(), outcome(&endpoint, id.rsplit_once('#').map_or(&id, |(_, test)| test)))).collect()
}

fn outcome(endpoint: &Endpoint, test: &str) -> Outcome {
    let formats = [RdfFormat::Turtle, RdfFormat::RdfXml, RdfFormat::NTriples];
    match test {
        "returns-rdf" => formats.into_iter().try_for_each(|format| description(endpoint, format).map(drop)),
        "has-endpoint-triple" => has_endpoint(&description(endpoint, RdfFormat::Turtle)?, &endpoint.url()),
        "conforms-to-schema" => conforms(&description(endpoint, RdfFormat::Turtle)?),
        _ => Err("a test of unknown meaning".into()),
    }
}

/// What the endpoint answers to a GET without a query.
fn description(endpoint: &Endpoint, format: RdfFormat) -> Result<Graph, String> {
    let accept = ("accept".to_owned(), format.media_type().to_owned());
    let request = Request { method: "GET".into(), path: Endpoint::PATH.into(), headers: vec![accept], body: None };
    let response = endpoint.send(&request);
    if response.status != 200 || RdfFormat::from_media_type(&response.media_type) != Some(format) {
        return Err(format!("expected {format}\n{response}"));
    }
    parsed(&response, format).map_err(|error| format!("not {format}: {error}\n{response}"))
}

fn parsed(response: &Response, format: RdfFormat) -> Result<Graph, String> {
    let quads = RdfParser::from_format(format).for_slice(&response.body);
    quads.map(|quad| quad.map(Triple::from).map_err(|error| error.to_string())).collect()
}

/// A service is described whose endpoint is the one that was asked.
fn has_endpoint(description: &Graph, url: &str) -> Outcome {
    let found = description.iter().any(|triple| {
        let is_url = matches!(triple.object, TermRef::NamedNode(node) if node.as_str() == url);
        is_url
            && local(triple.predicate.into()) == Some("endpoint")
            && classes(description, triple.subject).contains(&"Service")
    });
    if found { Ok(()) } else { Err(format!("no sd:Service has the sd:endpoint <{url}>\n{description}")) }
}

/// Every term of the vocabulary is one that it defines, and is used as it is defined.
fn conforms(description: &Graph) -> Outcome {
    let mut wrong = BTreeSet::new();
    for triple in description {
        for term in [triple.predicate.into(), triple.object] {
            wrong.extend(local(term).filter(|name| !is_defined(name)).map(|name| format!("there is no sd:{name}")));
        }
        let Some(property) = local(triple.predicate.into()) else { continue };
        let Some((_, domain, range)) = PROPERTIES.iter().find(|(name, ..)| *name == property) else { continue };
        if matches!(triple.object, TermRef::Literal(_)) {
            wrong.insert(format!("the object of sd:{property} is a literal: {triple}"));
        }
        if !may_be(description, triple.subject.into(), domain) {
            wrong.insert(format!("{} has sd:{property}, but is no sd:{domain}", triple.subject));
        }
        if let Some(range) = range.filter(|range| !may_be(description, triple.object, range)) {
            wrong.insert(format!("{} is an object of sd:{property}, but no sd:{range}", triple.object));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Vec::from_iter(wrong).join("\n")) }
}

/// The local name of a term of the vocabulary.
fn local(term: TermRef<'_>) -> Option<&str> {
    match term {
        TermRef::NamedNode(node) => node.as_str().strip_prefix(SD),
        _ => None,
    }
}

fn is_defined(name: &str) -> bool {
    PROPERTIES.iter().any(|(property, domain, range)| [*property, *domain].contains(&name) || *range == Some(name))
        || INDIVIDUALS.iter().any(|(individual, _)| *individual == name)
}

/// Whether nothing says that a node is not of a class: it has none of the vocabulary's, or that, or a narrower one.
fn may_be(description: &Graph, node: TermRef<'_>, class: &str) -> bool {
    if let Some((_, known)) = local(node).and_then(|name| INDIVIDUALS.iter().find(|(other, _)| *other == name)) {
        return is_a(known, class);
    }
    let node = match node {
        TermRef::NamedNode(node) => NamedOrBlankNodeRef::from(node),
        TermRef::BlankNode(node) => node.into(),
        TermRef::Literal(_) => return false,
    };
    let classes = classes(description, node);
    classes.is_empty() || classes.into_iter().any(|known| is_a(known, class))
}

/// The classes of the vocabulary that a node is said to be of.
fn classes<'a>(description: &'a Graph, node: NamedOrBlankNodeRef<'a>) -> Vec<&'a str> {
    description.objects_for_subject_predicate(node, rdf::TYPE).filter_map(local).collect()
}

/// Whether a class is another or one of its sub-classes.
fn is_a(class: &str, other: &str) -> bool {
    class == other || matches!((class, other), ("Dataset", "GraphCollection") | ("Language", "Feature"))
}
