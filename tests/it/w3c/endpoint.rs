//! The endpoint under test.

use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{GraphName, NamedNode, Quad},
    sparql::{
        QueryResults, SparqlEvaluator,
        results::{QueryResultsFormat, QueryResultsSerializer},
    },
    store::Store,
};

/// A query and the dataset to ask it of.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) query: &'a str,
    /// The dataset by the protocol: names of graphs. When both are empty, it is that of the query or the service.
    pub(super) default_graphs: &'a [NamedNode],
    pub(super) named_graphs: &'a [NamedNode],
    pub(super) accept: &'a str,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) media_type: String,
    pub(super) body: Vec<u8>,
}

pub(super) fn ask(data: &[Quad], question: &Question<'_>) -> Response {
    let store = Store::new().unwrap();
    store.extend(data.iter().cloned()).unwrap();
    match answer(&store, question) {
        Ok((media_type, body)) => Response { status: 200, media_type: media_type.into(), body },
        Err(error) => Response { status: 400, media_type: "text/plain".into(), body: error.to_string().into_bytes() },
    }
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
        QueryResults::Boolean(value) => (results.media_type(), serializer.serialize_boolean_to_writer(Vec::new(), value)?),
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
