//! The reader against the parser of the oxigraph library: what both read means the same.

use std::{fs, path::Path};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{Quad, Term, Triple},
    sparql::{QueryResults, SparqlEvaluator},
    store::Store,
};

use super::{
    differential::{Choices, comparable, quads},
    reference, *,
};

/// The answer of a query as the library's parser has read it.
fn by_the_library(store: &Store, text: &str) -> Option<Vec<String>> {
    let query = SparqlEvaluator::new().parse_query(text).ok()?;
    Some(comparable(match query.on_store(store).execute().ok()? {
        QueryResults::Boolean(value) => Results::Boolean(value),
        QueryResults::Graph(triples) => Results::Graph(triples.collect::<Result<Vec<Triple>, _>>().ok()?),
        QueryResults::Solutions(solutions) => {
            let width = solutions.variables().len();
            let mut columns: Vec<usize> = (0..width).collect();
            columns.sort_by_key(|n| solutions.variables()[*n].as_str().to_owned());
            let row = |solution: oxigraph::sparql::QuerySolution| -> Vec<Option<Term>> {
                columns.iter().map(|n| solution.get(*n).cloned()).collect()
            };
            Results::Table(solutions.map(|solution| solution.map(row)).collect::<Result<_, _>>().ok()?)
        }
    }))
}

/// The answer of a query as our reader has read it, by the same evaluator; columns sorted by name.
fn by_the_reader(engine: &Engine, text: &str) -> Option<Vec<String>> {
    let prepared = engine.prepare(text, None).ok()?;
    let columns = prepared.columns();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|n| columns[*n]);
    let (results, _) = engine.read(&prepared, &DatasetSpec::default(), usize::MAX, &Watch::unlimited()).ok()?;
    Some(comparable(match results {
        Results::Table(rows) => {
            Results::Table(rows.iter().map(|row| order.iter().map(|n| row[*n].clone()).collect()).collect())
        }
        other => other,
    }))
}

/// What makes an answer depend on chance, on an order that is open, on functions that a plain evaluator does not know, or on
/// graphs that are not there; and an alias in HAVING, which has no value there.
const OPEN: [&str; 9] = ["FROM", "LIMIT", "OCM:WORD", "OCM:MATCHES", "HAVING", "RAND", "UUID", "NOW", "BNODE"];

/// Both readings of a text over the same data: whether there was something to compare, or how they differ.
fn agree(engine: &Engine, store: &Store, text: &str) -> Result<bool, String> {
    let capitals = text.to_uppercase();
    if OPEN.iter().any(|part| capitals.contains(part)) {
        return Ok(false);
    }
    let Some(expected) = by_the_library(store, text) else { return Ok(false) };
    match by_the_reader(engine, text) {
        Some(found) if found == expected => Ok(true),
        found => Err(format!("{text}\n{expected:?}\n{found:?}")),
    }
}

/// Files of the suites that are not compared: what is wrong by the Recommendation and the library reads, federation, SPARQL 1.2,
/// and templates whose blank nodes are made anew.
fn is_apart(path: &Path) -> bool {
    ["syn-bad", "service", "sparql12", "construct", "query-reif"]
        .iter()
        .any(|part| path.to_string_lossy().contains(part))
}

fn report(compared: usize, mut wrong: Vec<String>) {
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(3)].join("\n\n"));
    assert!(compared > 500, "only {compared} were compared");
}

#[test]
fn what_both_read_means_the_same() {
    let dataset = Dataset::from_quads(quads().iter().map(Quad::as_ref)).unwrap();
    let engine = Engine::reference(&dataset, Limits::default()).unwrap();
    let store = reference::store(&dataset).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for seed in 0..1500 {
        match agree(&engine, &store, &Choices(seed).query()) {
            Ok(is_compared) => compared += usize::from(is_compared),
            Err(difference) => wrong.push(difference),
        }
    }
    report(compared, wrong);
}

/// The queries of the W3C's suites, each over all data of its folder.
#[test]
#[ignore = "needs the conformance suites beside the checkout"]
fn what_both_read_of_the_suites_means_the_same() {
    let shared = std::env::var_os("OCM_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), std::path::PathBuf::from);
    let (mut folders, mut compared, mut wrong) = (vec![shared.join("w3c/sparql")], 0, Vec::new());
    while let Some(folder) = folders.pop() {
        let entries: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.extend(entries.iter().filter(|path| path.is_dir()).cloned());
        let of = |end: &'static str| entries.iter().filter(move |path| path.extension().is_some_and(|it| it == end));
        let mut triples: Vec<Quad> = Vec::new();
        for path in of("ttl") {
            let parser = RdfParser::from_format(RdfFormat::Turtle).with_base_iri("http://e/").unwrap();
            // Some are broken on purpose.
            triples.extend(parser.rename_blank_nodes().for_slice(&fs::read(path).unwrap()).map_while(Result::ok));
        }
        let dataset = Dataset::from_quads(triples.iter().map(Quad::as_ref)).unwrap();
        let engine = Engine::reference(&dataset, Limits::default()).unwrap();
        let store = reference::store(&dataset).unwrap();
        for path in of("rq").filter(|path| !is_apart(path)) {
            let Ok(text) = fs::read_to_string(path) else { continue };
            match agree(&engine, &store, &format!("BASE <http://e/>\n{text}")) {
                Ok(is_compared) => compared += usize::from(is_compared),
                Err(difference) => wrong.push(format!("{}: {difference}", path.display())),
            }
        }
    }
    println!("{compared} queries of the suites were read by both");
    report(compared, wrong);
}
