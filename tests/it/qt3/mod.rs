//! The W3C's tests of the `XPath` functions, operators and casts that SPARQL takes over.
//!
//! SPARQL 1.1 says of REGEX, ROUND or a cast to `xsd:decimal` that they do what `XPath` does, and has few tests of
//! them. The suite of `XPath` has thousands: [`case`] reads them, [`parse`] understands their expressions,
//! [`translate`] writes them as SPARQL, [`engine`] evaluates that, and [`judge`] says whether the answer is the one
//! expected. What cannot be said in SPARQL is left out by a rule: [`left_out::Why`].
//!
//! The files are found as [`files`] says. Without them the test has to be ignored, as it is by default.
//!
//! [SPARQL 1.1 Query, section 17.3](https://www.w3.org/TR/sparql11-query/#OperatorMapping)

mod case;
mod engine;
mod exceptions;
mod files;
mod judge;
mod left_out;
mod lexer;
mod parse;
mod report;
mod syntax;
mod translate;
mod types;
mod value;

use engine::Bench;
use files::Files;
use judge::Question;
use report::Outcome;

#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn xpath_functions_operators_and_casts() {
    let files = Files::open();
    let bench = Bench::new();
    let cases = files.cases();
    let outcomes: Vec<_> = cases.iter().map(|case| (case, run(&bench, case))).collect();
    report::check(&outcomes, exceptions::EXCEPTIONS);
}

/// Asks what a case asks, if SPARQL can.
fn run(bench: &Bench, case: &case::Case) -> Outcome {
    let question = match Question::new(case) {
        Ok(question) => question,
        Err(why) => return Outcome::LeftOut(why),
    };
    let answers: Vec<_> = question.queries.iter().map(|query| bench.evaluate(query)).collect();
    match question.expectation.check(&answers) {
        Ok(()) => Outcome::Passed,
        Err(wrong) => Outcome::Failed(format!("{}: {wrong}", question.expression)),
    }
}
