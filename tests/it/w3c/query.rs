//! Query tests: evaluation and syntax.

use oxigraph::model::{NamedNode, Quad};
use spargebra::{Query, SparqlParser, algebra::GraphPattern};

use super::{
    answer::{Answer, Order, media_type},
    endpoint::{Endpoint, Question, Response},
    files::Files,
    manifest::Test,
    report::Outcome,
};

/// The name under which the endpoint holds the default graph of a test. Its own default graph is the union of all.
const DEFAULT_GRAPH: &str = "urn:test:default-graph";

/// Runs a test.
pub(super) fn run(files: &Files, test: &Test) -> Outcome {
    match test.kind.as_str() {
        "QueryEvaluationTest" | "CSVResultFormatTest" => evaluation(files, test),
        "PositiveSyntaxTest" | "PositiveSyntaxTest11" => accepted(files, test),
        "NegativeSyntaxTest" | "NegativeSyntaxTest11" => refused(files, test),
        "PositiveUpdateSyntaxTest11" | "NegativeUpdateSyntaxTest11" => refused(files, test),
        kind => Err(format!("a test of unknown type {kind}")),
    }
}

/// The query is answered, and with the answer expected.
fn evaluation(files: &Files, test: &Test) -> Outcome {
    let result = test.result.as_ref().ok_or("has no result")?;
    let expected = Answer::expected(files, result.as_ref());
    // Relative IRIs are relative to the file, and the endpoint has only its own address.
    let query = format!("BASE {}\n{}", test.query, files.text(test.query.as_ref()));
    let dataset = Dataset::of(files, test, &query);
    let response = Endpoint::over(&dataset.quads).ask(&Question {
        query: &query,
        default_graphs: &dataset.default_graphs,
        named_graphs: &dataset.named_graphs,
        accept: media_type(result.as_ref(), matches!(expected, Answer::Graph(_))),
    });
    if response.status != 200 {
        return Err(response.to_string());
    }
    let received = Answer::received(&response.media_type, &response.body)?;
    let order = match test.lax {
        true => Order::Set,
        false if is_ordered(&query) => Order::Sequence,
        false => Order::Multiset,
    };
    if expected.agrees_with(&received, order) { Ok(()) } else { Err(format!("expected {expected}\n{response}")) }
}

/// The query is answered, whatever the answer.
fn accepted(files: &Files, test: &Test) -> Outcome {
    let response = ask_nothing(files, test);
    if response.status == 200 { Ok(()) } else { Err(response.to_string()) }
}

/// The query is refused, and that is the client's fault.
fn refused(files: &Files, test: &Test) -> Outcome {
    let response = ask_nothing(files, test);
    if response.is_refusal() { Ok(()) } else { Err(response.to_string()) }
}

/// Sends a query to an endpoint without data.
fn ask_nothing(files: &Files, test: &Test) -> Response {
    let query = files.text(test.query.as_ref());
    Endpoint::over(&[]).ask(&Question { query: &query, default_graphs: &[], named_graphs: &[], accept: "*/*" })
}

/// What the endpoint holds during a test, and which part of it is asked.
#[derive(Debug, Default)]
struct Dataset {
    quads: Vec<Quad>,
    default_graphs: Vec<NamedNode>,
    named_graphs: Vec<NamedNode>,
}

impl Dataset {
    /// The dataset of the query when it has one, else that of the manifest.
    fn of(files: &Files, test: &Test, query: &str) -> Self {
        let mut dataset = Self::default();
        if let Some(own) = parsed(query).as_ref().and_then(Query::dataset) {
            for graph in own.default.iter().chain(own.named.iter().flatten()) {
                dataset.quads.extend(files.quads(graph.as_ref(), graph.clone()));
            }
            return dataset;
        }
        let default = NamedNode::new_unchecked(DEFAULT_GRAPH);
        for file in &test.data {
            dataset.quads.extend(files.quads(file.as_ref(), default.clone()));
        }
        if !dataset.quads.is_empty() {
            dataset.default_graphs.push(default);
        }
        for file in &test.graph_data {
            dataset.quads.extend(files.quads(file.as_ref(), file.clone()));
        }
        dataset.named_graphs.clone_from(&test.graph_data);
        dataset
    }
}

fn parsed(query: &str) -> Option<Query> {
    SparqlParser::new().parse_query(query).ok()
}

/// Whether a query has ORDER BY at its top.
fn is_ordered(query: &str) -> bool {
    let Some(Query::Select { pattern, .. }) = parsed(query) else { return false };
    let mut pattern = &pattern;
    loop {
        match pattern {
            GraphPattern::OrderBy { .. } => return true,
            GraphPattern::Project { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => pattern = inner,
            _ => return false,
        }
    }
}
