//! Everything that has an address under our base: found by path, described from the edition.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    response::Response,
};
use oxigraph::model::{LiteralRef, NamedNode, TermRef, TripleRef};

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
    dataset::{Dataset, Id},
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

/// The most IRIs that a path is compared with one by one.
const MOST_NEIGHBOURS: usize = 500;

/// What a thing is called: the best of its labels, English before any other language.
pub(crate) fn label<'d>(dataset: &'d Dataset, thing: &str) -> Option<&'d str> {
    let thing = dataset.iri(thing)?;
    let properties = [skos::PREF_LABEL, dcterms::TITLE, foaf::NAME, rdfs::LABEL, skos::DEFINITION, skos::NOTATION];
    properties.into_iter().find_map(|property| {
        let values = dataset.spo().with(thing, dataset.iri(property.as_str())?);
        let labels = values.iter().filter_map(|[_, value]| match dataset.term(*value) {
            TermRef::Literal(label) => Some(label),
            _ => None,
        });
        let foreign = |label: &LiteralRef<'_>| label.language().is_some_and(|language| language != "en");
        Some(labels.min_by_key(foreign)?.value())
    })
}

/// A thing, as a page or as data: `/resource/harbour`, `/resource/harbour.ttl`. Its parts, such as a resource's
/// alignments, come with the data.
pub(crate) async fn thing(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::Method(HeaderValue::from_static("GET, HEAD, OPTIONS")));
    }
    let path = form::path(request.uri().path())?;
    let url = pairs(request.uri().query().unwrap_or_default().as_bytes())?;
    let (thing, suffix) = find(&state.edition, path.trim_start_matches('/'))?;
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
        Some(format) => data(described(&state.edition.dataset, thing), format)?,
        None => page_of(state, thing, offers, |offer| address(state, thing, offer)).into_bytes(),
    };
    let mut response = answer::document(&state.edition.iris, offer, "thing", bytes);
    let links = offers.iter().map(|offer| {
        format!("<{}>; rel=\"alternate\"; type=\"{}\"", address(state, thing, offer), offer.media_types[0])
    });
    let mut links: Vec<String> = links.collect();
    let dataset = response.headers().get(header::LINK).and_then(|link| link.to_str().ok());
    links.extend(dataset.map(str::to_owned));
    if let Ok(links) = HeaderValue::from_str(&links.join(", ")) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

/// Looks a path up, and then once more without its suffix.
fn find<'p>(edition: &Edition, path: &'p str) -> Result<(NamedNode, Option<&'p str>), Problem> {
    if let Some(thing) = subject(edition, path) {
        return Ok((thing, None));
    }
    if let Some((stem, suffix)) = path.rsplit_once('.')
        && graph_representation(suffix).is_some()
        && let Some(thing) = subject(edition, stem)
    {
        return Ok((thing, Some(suffix)));
    }
    let paths: Vec<String> = neighbours(edition, path).map(|(_, path)| path).collect();
    let near = near_names(path, paths.iter().map(String::as_str));
    let shown: String = path.chars().take(100).collect();
    Err(Problem::NotFound {
        what: format!("\"/{shown}\""),
        near: near.into_iter().map(|near| format!("/{near}")).collect(),
    })
}

/// The thing at a path under the base, percent-decoded, of which something is said. Its IRI may have other characters
/// percent-encoded than the address had.
fn subject(edition: &Edition, path: &str) -> Option<NamedNode> {
    let dataset = &edition.dataset;
    let as_written = dataset.iri(&format!("{}{path}", edition.iris.base()));
    let thing = as_written
        .filter(|id| !dataset.spo().of(*id).is_empty())
        .or_else(|| neighbours(edition, path).find(|(_, known)| known == path).map(|(id, _)| id))?;
    Some(NamedNode::new_unchecked(dataset.text(thing)))
}

/// The things whose IRIs begin as a path under the base does, with their decoded paths. They have to begin so for
/// longer, when they are many.
fn neighbours(edition: &Edition, path: &str) -> impl Iterator<Item = (Id, String)> {
    let (dataset, base) = (&edition.dataset, edition.iris.base());
    let wanted = format!("{base}{path}");
    let mut beginnings = (base.len()..=wanted.len()).filter_map(|end| wanted.get(..end));
    let range = beginnings.find_map(|beginning| {
        let range = dataset.iris_with(beginning);
        (range.len() <= MOST_NEIGHBOURS).then_some(range)
    });
    let subjects = range.unwrap_or_default().filter(|id| !dataset.spo().of(*id).is_empty());
    subjects.filter_map(move |id| Some((id, form::path(dataset.text(id).strip_prefix(base)?).ok()?)))
}

/// The statements about a thing, about its parts, whose IRIs begin with its own and a slash, and about the documents whose
/// topic it is.
fn described<'d>(dataset: &'d Dataset, thing: &NamedNode) -> impl Iterator<Item = TripleRef<'d>> {
    let parts = dataset.iris_with(&format!("{}/", thing.as_str()));
    let thing = dataset.iri(thing.as_str());
    let topic = dataset.iri(foaf::PRIMARY_TOPIC.as_str());
    let documents = thing.zip(topic).map_or(&[][..], |(thing, topic)| dataset.ops().with(thing, topic));
    parts.chain(thing).chain(documents.iter().map(|[_, document]| *document)).flat_map(|id| dataset.about(id))
}

/// The ontology's own graph.
pub(crate) fn ontology_data(state: &AppState, format: Format) -> Result<Vec<u8>, Problem> {
    let dataset = &state.edition.dataset;
    let name = dataset.iri(state.edition.iris.graph(Graph::Ontology).as_str());
    let graph = name.and_then(|name| dataset.graph_number(name));
    data(graph.into_iter().flat_map(|graph| dataset.graph(graph)), format)
}

/// The ontology as a page: what is said of it, and its terms.
pub(crate) fn ontology_page(state: &AppState) -> String {
    let ontology = NamedNode::new_unchecked(ocm::NAMESPACE.trim_end_matches('#'));
    page_of(state, &ontology, representation::offers(Shape::Graph), |offer| format!("/ontology?format={}", offer.name))
}

/// A graph of ours as RDF.
pub(crate) fn data<'t>(triples: impl IntoIterator<Item = TripleRef<'t>>, format: Format) -> Result<Vec<u8>, Problem> {
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
    let dataset = &state.edition.dataset;
    let id = dataset.iri(thing.as_str());
    let about: Vec<_> = id.into_iter().flat_map(|id| dataset.about(id)).collect();
    let naming = id.map_or(&[][..], |id| dataset.ops().of(id)).iter().take(MOST_NAMING);
    let naming: Vec<_> = naming.filter_map(|[p, s]| dataset.decode([*s, *p, id?])).collect();
    let alternates = offers
        .iter()
        .filter(|offer| offer.format.is_some())
        .map(|offer| (offer.media_types[0], address(offer)))
        .collect();
    page::entity(thing, &about, &naming, &|thing| label(dataset, thing), &state.edition.iris, alternates)
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
