//! The graphs themselves: reads of the
//! [SPARQL 1.1 Graph Store HTTP Protocol](https://www.w3.org/TR/sparql11-http-rdf-update/).
//!
//! | address | is |
//! |---|---|
//! | `/graphs` | the whole dataset, in a format that has graphs; for people, the list of graphs |
//! | `/graphs?default` | the default graph, which is the union of all |
//! | `/graphs?graph=IRI` | one graph |
//! | `/graph/catalogue` | one graph, by its own address; with a suffix, in that format |
//!
//! Everything else the protocol has would change the graphs and is refused.

use std::io::Write;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, Uri},
    response::Response,
};
use oxigraph::model::NamedNode;

use super::{
    AppState, answer, cache,
    form::{self, once, pairs},
    negotiate, page,
    problem::Problem,
    representation::{self, Representation},
    sparql::graph_representation,
    tag::{Strength, Tag},
};
use crate::{
    dataset::{Dataset, GraphNumber},
    diagnostic::near_names,
    engine::{Format, Shape},
    rdf::write::{self, Part},
};

/// What a request of the protocol names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Store {
    /// All graphs with their names.
    Dataset,
    /// The union of all graphs.
    Default,
    /// One graph.
    Graph(NamedNode),
}

/// `/graphs`: indirect identification,
/// [section 4.2](https://www.w3.org/TR/sparql11-http-rdf-update/#indirect-graph-identification).
pub(crate) async fn store(
    State(state): State<AppState>,
    method: Method,
    RawQuery(url): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    must_read(&method)?;
    let url = pairs(url.unwrap_or_default().as_bytes())?;
    let asked = match (once(&url, "default")?, once(&url, "graph")?) {
        (None, None) => Store::Dataset,
        (Some(""), None) => Store::Default,
        (None, Some(iri)) => Store::Graph(known(&state, iri)?),
        (Some(_), Some(_)) => {
            return Err(Problem::BadRequest("either default or graph names what is wanted, not both".into()));
        }
        (Some(_), None) => return Err(Problem::BadRequest("the parameter default has no value".into())),
    };
    let offers = match asked {
        Store::Dataset => representation::datasets(),
        Store::Default | Store::Graph(_) => representation::offers(Shape::Graph),
    };
    let offer = negotiate::choose(form::format(&url)?, &headers, offers)?;
    respond(&state, &headers, asked, offer).await
}

/// `/graph/{name}`: direct identification,
/// [section 4.1](https://www.w3.org/TR/sparql11-http-rdf-update/#direct-graph-identification).
pub(crate) async fn graph(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    must_read(&method)?;
    let url = pairs(uri.query().unwrap_or_default().as_bytes())?;
    let iri = format!("{}{}", state.edition.iris.base(), form::path(uri.path())?.trim_start_matches('/'));
    let suffixed = iri.rsplit_once('.').filter(|(_, suffix)| graph_representation(suffix).is_some());
    let (iri, suffix) = suffixed.map_or((&*iri, None), |(iri, suffix)| (iri, Some(suffix)));
    let graph = known(&state, iri)?;
    let offers = representation::offers(Shape::Graph);
    let offer = negotiate::choose(form::format(&url)?.or(suffix), &headers, offers)?;
    respond(&state, &headers, Store::Graph(graph), offer).await
}

/// # Errors
/// [`Problem::ReadOnly`] for the methods that the protocol has for writing, [`Problem::Method`] for any other.
fn must_read(method: &Method) -> Result<(), Problem> {
    match *method {
        Method::GET | Method::HEAD => Ok(()),
        Method::PUT | Method::POST | Method::DELETE | Method::PATCH => Err(Problem::ReadOnly),
        _ => Err(Problem::Method(HeaderValue::from_static("GET, HEAD, OPTIONS"))),
    }
}

/// A graph there is.
fn known(state: &AppState, iri: &str) -> Result<NamedNode, Problem> {
    let shown: String = iri.chars().take(100).collect();
    let graph = NamedNode::new(iri)
        .map_err(|_| Problem::BadRequest(format!("\"{shown}\" is not an absolute IRI of a graph")))?;
    let graphs = state.engine.graphs();
    if graphs.contains(&graph) {
        return Ok(graph);
    }
    let near = near_names(iri, graphs.iter().map(NamedNode::as_str));
    let near = near.into_iter().map(str::to_owned).collect();
    Err(Problem::NotFound { what: format!("graph \"{shown}\""), near })
}

async fn respond(
    state: &AppState,
    headers: &HeaderMap,
    asked: Store,
    offer: &'static Representation,
) -> Result<Response, Problem> {
    let name = match &asked {
        Store::Dataset => "/graphs",
        Store::Default => "/graphs?default",
        Store::Graph(graph) => graph.as_str(),
    };
    let tag = Tag::new(state, offer, &[name], Strength::Strong);
    let work = |state: AppState| async move {
        let body = if let Some(Format::Graph(format)) = offer.format {
            state.write(move |dataset, output| write::dump(dataset, asked.part(dataset), format, output)).await?
        } else {
            let known = state.clone();
            state.write(move |_, output| output.write_all(page(&known, &asked).as_bytes())).await?
        };
        Ok(answer::document(&state.edition.iris, offer, "graph", body))
    };
    cache::answer(state, tag, headers, work).await
}

impl Store {
    /// What of the dataset it is.
    fn part(&self, dataset: &Dataset) -> Part {
        match self {
            Self::Dataset => Part::All,
            Self::Default => Part::Union,
            Self::Graph(graph) => {
                let number = dataset.iri(graph.as_str()).and_then(|name| dataset.graph_number(name));
                // No graph has the number that stands for one that is not there.
                Part::Graph(number.unwrap_or(GraphNumber::MAX))
            }
        }
    }
}

/// The page of the store, or of one graph: how many statements there are and where the data is.
fn page(state: &AppState, asked: &Store) -> String {
    let graphs = state.engine.graphs().iter();
    let entry = |store: Store, label: &str, address: &str, offers: &'static [Representation]| {
        let formats = offers.iter().filter(|offer| offer.format.is_some());
        let joint = if address.contains('?') { '&' } else { '?' };
        page::Store {
            label: label.to_owned(),
            address: address.to_owned(),
            statements: store.part(&state.edition.dataset).statements(&state.edition.dataset),
            formats: formats.map(|o| (o.label, format!("{address}{joint}format={}", o.name))).collect(),
        }
    };
    let triples = representation::offers(Shape::Graph);
    let graph = |graph: &NamedNode| {
        // Of the graphs of others, few are where a graph is found by its own address.
        let path = graph.as_str().strip_prefix(state.edition.iris.base());
        let name = path.and_then(|path| path.strip_prefix("graph/")).filter(|name| !name.contains('/'));
        let address = match name {
            Some(name) => format!("/graph/{}", form::encode(name)),
            None => format!("/graphs?graph={}", form::encode(graph.as_str())),
        };
        entry(Store::Graph(graph.clone()), graph.as_str(), &address, triples)
    };
    match asked {
        Store::Graph(one) => page::graphs(one.as_str(), vec![graph(one)]),
        Store::Default => page::graphs(
            "Default graph",
            vec![entry(Store::Default, "The union of all graphs", "/graphs?default", triples)],
        ),
        Store::Dataset => {
            let mut stores = vec![
                entry(
                    Store::Dataset,
                    "Everything, with the names of the graphs",
                    "/graphs",
                    representation::datasets(),
                ),
                entry(Store::Default, "The union of all graphs, which a query sees", "/graphs?default", triples),
            ];
            stores.extend(graphs.map(graph));
            page::graphs("Graphs", stores)
        }
    }
}
