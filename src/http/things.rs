//! Everything that has an address under our base: found by path, described from the edition.

use std::collections::HashMap;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    response::Response,
};
use oxigraph::model::{GraphName, NamedNode, NamedOrBlankNode, Quad, Term, Triple};

use super::{
    AppState, answer, cache,
    form::{self, pairs},
    negotiate, page,
    problem::Problem,
    representation::{self, Representation},
    sparql::graph_representation,
    tag::{Strength, Tag},
};
use crate::{
    diagnostic::near_names,
    edition::Edition,
    engine::{Format, Shape},
    rdf::{
        iri::Graph,
        vocab::{dcterms, foaf, ocm, rdfs, skos},
        write,
    },
};

/// The most things a page lists as naming a thing.
const MOST_NAMING: usize = 200;

/// The things of an edition and what they are called.
#[derive(Debug)]
pub(crate) struct Things {
    /// By path under the base, percent-decoded.
    by_path: HashMap<String, NamedNode>,
    labels: HashMap<NamedNode, String>,
}

impl Things {
    pub(crate) fn of(edition: &Edition) -> Self {
        let mut by_path = HashMap::new();
        let mut labels: HashMap<NamedNode, (usize, String)> = HashMap::new();
        for quad in &edition.quads {
            let NamedOrBlankNode::NamedNode(subject) = &quad.subject else { continue };
            if let Some(path) = subject.as_str().strip_prefix(edition.iris.base())
                && let Ok(path) = form::path(path)
            {
                by_path.entry(path).or_insert_with(|| subject.clone());
            }
            if let (Some(rank), Term::Literal(label)) = (label_rank(quad), &quad.object) {
                let better = labels.get(subject).is_none_or(|(known, _)| rank < *known);
                if better {
                    labels.insert(subject.clone(), (rank, label.value().to_owned()));
                }
            }
        }
        let labels = labels.into_iter().map(|(thing, (_, label))| (thing, label)).collect();
        Self { by_path, labels }
    }
}

/// How good a statement is as a label; the smaller the better. English before any other language.
fn label_rank(quad: &Quad) -> Option<usize> {
    let properties = [skos::PREF_LABEL, dcterms::TITLE, foaf::NAME, rdfs::LABEL, skos::DEFINITION, skos::NOTATION];
    let property = properties.iter().position(|property| quad.predicate == *property)?;
    let Term::Literal(literal) = &quad.object else { return None };
    let foreign = literal.language().is_some_and(|language| language != "en");
    Some(property * 2 + usize::from(foreign))
}

/// A thing, as a page or as data: `/resource/harbour`, `/resource/harbour.ttl`. Its parts, such as a resource's
/// alignments, come with the data.
pub(crate) async fn thing(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::Method(HeaderValue::from_static("GET, HEAD, OPTIONS")));
    }
    let path = form::path(request.uri().path())?;
    let url = pairs(request.uri().query().unwrap_or_default().as_bytes())?;
    let (thing, suffix) = find(&state, path.trim_start_matches('/'))?;
    let offers = representation::offers(Shape::Graph);
    let offer = negotiate::choose(form::format(&url)?.or(suffix), request.headers(), offers)?;
    let tag = Tag::new(&state, offer, &[thing.as_str()], Strength::Strong);
    let work = |state: AppState| async move { present(&state, &thing, offer, offers) };
    cache::answer(&state, tag, request.headers(), work).await
}

/// A thing in one representation, with links to the others.
fn present(
    state: &AppState,
    thing: &NamedNode,
    offer: &Representation,
    offers: &'static [Representation],
) -> Result<Response, Problem> {
    let bytes = match offer.format {
        Some(format) => data(&described(&state.edition, thing), format)?,
        None => page_of(state, thing, offers, |offer| address(state, thing, offer)).into_bytes(),
    };
    let mut response = answer::response(offer, "thing", bytes);
    let links = offers.iter().map(|offer| {
        format!("<{}>; rel=\"alternate\"; type=\"{}\"", address(state, thing, offer), offer.media_types[0])
    });
    if let Ok(links) = HeaderValue::from_str(&links.collect::<Vec<_>>().join(", ")) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

/// Looks a path up, below the base's own path too, and then once more without its suffix.
fn find<'p>(state: &AppState, path: &'p str) -> Result<(NamedNode, Option<&'p str>), Problem> {
    let by_path = &state.things.by_path;
    if let Some(thing) = by_path.get(path) {
        return Ok((thing.clone(), None));
    }
    if let Some((stem, suffix)) = path.rsplit_once('.')
        && let Some(thing) = by_path.get(stem)
        && graph_representation(suffix).is_some()
    {
        return Ok((thing.clone(), Some(suffix)));
    }
    let near = near_names(path, by_path.keys().map(String::as_str));
    let shown: String = path.chars().take(100).collect();
    Err(Problem::NotFound {
        what: format!("\"/{shown}\""),
        near: near.into_iter().map(|near| format!("/{near}")).collect(),
    })
}

/// The statements about a thing and about its parts, whose IRIs begin with its own and a slash.
fn described(edition: &Edition, thing: &NamedNode) -> Vec<Triple> {
    let of = |quad: &&Quad| match &quad.subject {
        NamedOrBlankNode::NamedNode(subject) => {
            let rest = subject.as_str().strip_prefix(thing.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        NamedOrBlankNode::BlankNode(_) => false,
    };
    edition.quads.iter().filter(of).map(|quad| quad.clone().into()).collect()
}

/// The ontology's own graph.
pub(crate) fn ontology_data(state: &AppState, format: Format) -> Result<Vec<u8>, Problem> {
    let graph = GraphName::from(state.edition.iris.graph(Graph::Ontology));
    let quads = state.edition.quads.iter().filter(|quad| quad.graph_name == graph);
    data(&quads.map(|quad| quad.clone().into()).collect::<Vec<_>>(), format)
}

/// The ontology as a page: what is said of it, and its terms.
pub(crate) fn ontology_page(state: &AppState) -> String {
    let ontology = NamedNode::new_unchecked(ocm::NAMESPACE.trim_end_matches('#'));
    page_of(state, &ontology, representation::offers(Shape::Graph), |offer| format!("/ontology?format={}", offer.name))
}

/// A graph of ours as RDF.
pub(crate) fn data(triples: &[Triple], format: Format) -> Result<Vec<u8>, Problem> {
    let Format::Graph(format) = format else { return Err(Problem::Internal) };
    write::triples(triples, format).map_err(|error| {
        tracing::error!(%error, "a graph cannot be written");
        Problem::Internal
    })
}

fn page_of(
    state: &AppState,
    thing: &NamedNode,
    offers: &[Representation],
    address: impl Fn(&Representation) -> String,
) -> String {
    let mut about = described(&state.edition, thing);
    about.retain(|triple| triple.subject == thing.clone().into());
    let names = |quad: &&Quad| quad.object == Term::from(thing.clone());
    let naming: Vec<Triple> =
        state.edition.quads.iter().filter(names).take(MOST_NAMING).map(|quad| quad.clone().into()).collect();
    let alternates = offers
        .iter()
        .filter(|offer| offer.format.is_some())
        .map(|offer| (offer.media_types[0], address(offer)))
        .collect();
    page::entity(thing, &about, &naming, &state.things.labels, &state.edition.iris, alternates)
}

/// The address of one representation of a thing.
fn address(state: &AppState, thing: &NamedNode, offer: &Representation) -> String {
    let path = thing.as_str().strip_prefix(state.edition.iris.base()).unwrap_or_default();
    let ascii: String = path
        .chars()
        .map(|c| {
            let mut bytes = [0; 4];
            let encoded = |c: char, bytes: &mut [u8; 4]| {
                c.encode_utf8(bytes).bytes().map(|b| format!("%{b:02X}")).collect::<String>()
            };
            if c.is_ascii() { c.to_string() } else { encoded(c, &mut bytes) }
        })
        .collect();
    format!("/{ascii}.{}", offer.name)
}
