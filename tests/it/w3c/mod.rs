//! The W3C's own tests of SPARQL 1.1, as far as they concern an endpoint that is only read.
//!
//! They are found as [`files`] says. Without them these tests have to be ignored, as they are by default.

mod answer;
mod compare;
mod description;
mod endpoint;
mod exceptions;
mod files;
mod manifest;
mod protocol;
mod query;
mod report;
mod vocab;

use files::Files;
use ocm_graph::engine::Evaluator;

/// Runs all tests of some manifests.
fn suite(name: &str, manifests: &[&str], exceptions: &[report::Exception]) {
    let files = Files::open();
    let tests: Vec<_> = manifests.iter().flat_map(|path| manifest::tests(&files, Files::iri(path).as_ref())).collect();
    let bench = query::Bench::new(&files, &tests);
    let outcomes: Vec<_> = tests.iter().map(|test| (test.id.clone(), bench.run(test))).collect();
    report::check(name, &outcomes, exceptions);
}

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn sparql_1_1_query() {
    suite("SPARQL 1.1 query", &["sparql11/manifest-sparql11-query.ttl"], exceptions::QUERY_1_1);
}

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn sparql_1_1_result_formats() {
    suite("SPARQL 1.1 result formats", &["sparql11/manifest-sparql11-results.ttl"], exceptions::RESULTS_1_1);
}

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn sparql_1_0() {
    suite("SPARQL 1.0", &["sparql10/manifest.ttl"], exceptions::QUERY_1_0);
}

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn sparql_1_1_updates_are_refused() {
    let manifests = ["sparql11/syntax-update-1/manifest.ttl", "sparql11/syntax-update-2/manifest.ttl"];
    suite("SPARQL 1.1 update syntax, refused", &manifests, &[]);
}

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn sparql_1_1_protocol() {
    let files = Files::open();
    let tests = protocol::tests(&files);
    for evaluator in [Evaluator::Own, Evaluator::Reference] {
        let endpoint = protocol::endpoint(&tests, evaluator);
        let outcomes: Vec<_> = tests.iter().map(|test| (test.id.clone(), protocol::run(&endpoint, test))).collect();
        report::check(&format!("SPARQL 1.1 protocol, updates refused, {evaluator:?}"), &outcomes, &[]);
    }
}

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn sparql_1_1_service_description() {
    let files = Files::open();
    report::check("SPARQL 1.1 service description", &description::outcomes(&files), &[]);
}
