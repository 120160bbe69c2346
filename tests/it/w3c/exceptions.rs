//! The tests that the endpoint is known to fail, and why it may.
//!
//! Most reasons are the reference evaluator's, which answers what the compiled executor does not know and evaluates all
//! expressions: with an address, it is known to its makers.

use super::report::Exception;

/// `GRAPH ?g { … }` binds `?g` inside the braces.
const GRAPH_SCOPE: &str = "the variable of GRAPH is in scope inside of it: fixed after this version of the engine, \
                           https://github.com/oxigraph/oxigraph/pull/1758";

/// Of the SPARQL 1.1 query suite.
pub(super) const QUERY_1_1: &[Exception] = &[
    Exception { reason: GRAPH_SCOPE, tests: &["sparql11/aggregates#agg-empty-group-count-graph"] },
    Exception {
        reason: "BNODE(\"x\") gives the same blank node in every solution of an answer, not in one solution only",
        tests: &["sparql11/functions#bnode01"],
    },
];

/// Of the suites of result formats.
pub(super) const RESULTS_1_1: &[Exception] = &[];

/// Of the SPARQL 1.0 suite.
pub(super) const QUERY_1_0: &[Exception] = &[
    Exception { reason: GRAPH_SCOPE, tests: &["sparql10/graph#graph-optional"] },
    Exception {
        reason: "TRUE is not read as a boolean: fixed after this version of the engine, \
                 https://github.com/oxigraph/oxigraph/issues/1720",
        tests: &["sparql10/expr-builtin#case-insensitive-booleans"],
    },
    Exception {
        reason: "`<?a&&?b>` is read as operators, though the longest token is an IRI",
        tests: &["sparql10/syntax-sparql3#syn-bad-26"],
    },
    Exception {
        reason: "SPARQL 1.0 leaves open how dates compare; here a date differs from the same date with a time zone, and \
                 the test wants that to be unknown: https://github.com/w3c/rdf-tests/issues/367",
        tests: &["sparql10/open-world#date-2"],
    },
];
