//! Stands in for the real endpoint.
use axum::{
    Router,
    body::Bytes,
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{GraphName, NamedNode, Quad},
    sparql::{
        QueryResults, SparqlEvaluator,
        results::{QueryResultsFormat, QueryResultsSerializer},
    },
    store::Store,
};

struct Question<'a> {
    query: &'a str,
    default_graphs: &'a [NamedNode],
    named_graphs: &'a [NamedNode],
    accept: &'a str,
}

pub(super) fn router(quads: &[Quad], _origin: &str) -> Router {
    let store = Store::new().unwrap();
    store.extend(quads.iter().cloned()).unwrap();
    let handle = async move |RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes| {
        let query = query.unwrap_or_default();
        let graphs = |name: &str| -> Vec<NamedNode> {
            query
                .split('&')
                .filter_map(|p| p.split_once('='))
                .filter(|(n, _)| *n == name)
                .map(|(_, v)| {
                    let bytes: Vec<u8> =
                        v.split('%').skip(1).map(|h| u8::from_str_radix(&h[..2], 16).unwrap()).collect();
                    NamedNode::new(String::from_utf8(bytes).unwrap()).unwrap()
                })
                .collect()
        };
        let text = String::from_utf8(body.to_vec()).unwrap();
        let question = Question {
            query: &text,
            default_graphs: &graphs("default-graph-uri"),
            named_graphs: &graphs("named-graph-uri"),
            accept: headers.get("accept").map_or("*/*", |v| v.to_str().unwrap()),
        };
        match answer(&store, &question) {
            Ok((t, b)) => ([("content-type", t)], b).into_response(),
            Err(e) => (StatusCode::BAD_REQUEST, e.to_string()).into_response(),
        }
    };
    Router::new().route("/sparql", post(handle))
}
fn answer(store: &Store, question: &Question<'_>) -> Result<(&'static str, Vec<u8>), Box<dyn std::error::Error>> {
    let mut query = SparqlEvaluator::new().with_base_iri("http://localhost/sparql")?.parse_query(question.query)?;
    if !(question.default_graphs.is_empty() && question.named_graphs.is_empty()) {
        query.dataset_mut().set_default_graph(question.default_graphs.iter().cloned().map(GraphName::from).collect());
        query.dataset_mut().set_available_named_graphs(question.named_graphs.iter().cloned().map(Into::into).collect());
    } else if query.dataset().is_default_dataset() {
        query.dataset_mut().set_default_graph_as_union();
    }
    let results = QueryResultsFormat::from_media_type(question.accept).unwrap_or(QueryResultsFormat::Json);
    let serializer = QueryResultsSerializer::from_format(results);
    Ok(match query.on_store(store).execute()? {
        QueryResults::Boolean(value) => {
            (results.media_type(), serializer.serialize_boolean_to_writer(Vec::new(), value)?)
        }
        QueryResults::Solutions(solutions) => {
            let mut writer = serializer.serialize_solutions_to_writer(Vec::new(), solutions.variables().to_vec())?;
            for solution in solutions {
                writer.serialize(&solution?)?;
            }
            (results.media_type(), writer.finish()?)
        }
        QueryResults::Graph(triples) => {
            let format = RdfFormat::from_media_type(question.accept).unwrap_or(RdfFormat::Turtle);
            let mut writer = RdfSerializer::from_format(format).for_writer(Vec::new());
            for triple in triples {
                writer.serialize_triple(&triple?)?;
            }
            (format.media_type(), writer.finish()?)
        }
    })
}
