//! Query tests: evaluation and syntax.

use std::collections::BTreeSet;

use ocm_graph::sparql::{Limits, Query, read};
use oxigraph::model::{NamedNode, NamedNodeRef, Quad};

use super::{
    answer::{Answer, Order, media_type},
    endpoint::{Endpoint, Question, Response},
    files::Files,
    manifest::Test,
    report::Outcome,
};

/// The name of a graph that the endpoint does not have: the dataset of a test that has no data.
const NOWHERE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:nowhere");

/// One endpoint for all tests of a suite: every file is a named graph, and a test asks for those it is about.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    files: &'a Files,
    endpoint: Endpoint,
}

impl<'a> Bench<'a> {
    /// Loads the files that some tests need.
    pub(super) fn new(files: &'a Files, tests: &[Test]) -> Self {
        let needed = |test: &Test| [test.data.clone(), test.graph_data.clone(), from(files, test)].concat();
        let names: BTreeSet<NamedNode> = tests.iter().flat_map(needed).collect();
        let quads: Vec<Quad> = names.into_iter().flat_map(|name| files.quads(name.as_ref(), name.clone())).collect();
        Self { files, endpoint: Endpoint::over(&quads) }
    }

    /// Runs a test.
    pub(super) fn run(&self, test: &Test) -> Outcome {
        match test.kind.as_str() {
            "QueryEvaluationTest" | "CSVResultFormatTest" => self.evaluation(test),
            "PositiveSyntaxTest" | "PositiveSyntaxTest11" => self.accepted(test),
            "NegativeSyntaxTest" | "NegativeSyntaxTest11" => self.refused(test, &["malformed-query"]),
            "PositiveUpdateSyntaxTest11" | "NegativeUpdateSyntaxTest11" => {
                self.refused(test, &["malformed-query", "read-only"])
            }
            kind => Err(format!("a test of unknown type {kind}")),
        }
    }

    /// The query is answered, and with the answer expected.
    fn evaluation(&self, test: &Test) -> Outcome {
        let result = test.result.as_ref().ok_or("has no result")?;
        let expected = Answer::expected(self.files, result.as_ref());
        let query = with_base(self.files, test);
        let accept = media_type(result.as_ref(), matches!(expected, Answer::Graph(_)));
        let (default_graphs, named_graphs) = match (&test.data[..], &test.graph_data[..]) {
            _ if !from(self.files, test).is_empty() => (&[][..], &[][..]),
            ([], []) => (&[NOWHERE.into_owned()][..], &[][..]),
            of_test => of_test,
        };
        let response = self.endpoint.ask(&Question { query: &query, default_graphs, named_graphs, accept });
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

    /// The query is understood: it is answered, or refused for what it asks and not for how it is written.
    fn accepted(&self, test: &Test) -> Outcome {
        let response = self.ask_nothing(test);
        let understood = ["unknown-function", "unknown-graph"];
        let is_understood = response.problem().is_some_and(|problem| understood.contains(&problem.as_str()));
        if response.status == 200 || is_understood { Ok(()) } else { Err(response.to_string()) }
    }

    /// The query is refused with one of these kinds of problem.
    fn refused(&self, test: &Test, problems: &[&str]) -> Outcome {
        let response = self.ask_nothing(test);
        let is_refused = response.problem().is_some_and(|problem| problems.contains(&problem.as_str()));
        if is_refused { Ok(()) } else { Err(response.to_string()) }
    }

    /// Asks the query of no data, as it is in its file.
    fn ask_nothing(&self, test: &Test) -> Response {
        let query = self.files.text(test.query.as_ref());
        let default_graphs = &[NOWHERE.into_owned()];
        self.endpoint.ask(&Question { query: &query, default_graphs, named_graphs: &[], accept: "*/*" })
    }
}

/// The query of a test. Its relative IRIs are relative to its file, but the endpoint knows only its own address.
fn with_base(files: &Files, test: &Test) -> String {
    format!("BASE {}\n{}", test.query, files.text(test.query.as_ref()))
}

/// The graphs of FROM and FROM NAMED in the query of an evaluation test.
fn from(files: &Files, test: &Test) -> Vec<NamedNode> {
    if test.result.is_none() {
        return Vec::new();
    }
    let query = parsed(&with_base(files, test));
    let clause = query.and_then(|query| query.dataset).unwrap_or_default();
    clause.default.into_iter().chain(clause.named).collect()
}

fn parsed(query: &str) -> Option<Query> {
    read(query, None, &Limits::default()).ok()
}

/// Whether a query has ORDER BY at its top.
fn is_ordered(query: &str) -> bool {
    parsed(query).is_some_and(|query| !query.select.order.is_empty())
}
