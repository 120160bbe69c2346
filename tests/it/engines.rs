//! The compiled executor on the queries people ask: it answers nearly all of them, and as the reference store does.

use std::fs;

use ocm_graph::{
    engine::{DatasetSpec, Engine, Format, Limits, Prepared, Results, Shape, Watch},
    query::QueryBook,
};
use oxigraph::{io::RdfFormat, sparql::results::QueryResultsFormat};

use crate::support::{invented_edition, repository, shipped_edition};

/// Of a hundred queries, how many the executor answers at least.
const COMPILED: usize = 90;

/// Rows as text, sorted: where the order is open, each engine has its own.
fn lines(results: Results) -> Vec<String> {
    let mut lines: Vec<String> = match results {
        Results::Table(rows) => rows.into_iter().map(|row| format!("{row:?}")).collect(),
        Results::Graph(triples) => triples.iter().map(ToString::to_string).collect(),
        Results::Boolean(value) => vec![value.to_string()],
    };
    lines.sort();
    lines.dedup();
    lines
}

fn read(engine: &Engine, prepared: &Prepared) -> Vec<String> {
    let (results, _) = engine.read(prepared, &DatasetSpec::default(), usize::MAX, &Watch::unlimited()).unwrap();
    lines(results)
}

fn answer(engine: &Engine, prepared: &Prepared) -> Vec<u8> {
    let format = match prepared.shape() {
        Shape::Table | Shape::Boolean => Format::Table(QueryResultsFormat::Json),
        Shape::Graph => Format::Graph(RdfFormat::NTriples),
    };
    engine.answer(prepared, &DatasetSpec::default(), format, &Watch::unlimited()).unwrap()
}

#[test]
fn both_engines_answer_the_canned_queries_alike() {
    let edition = shipped_edition();
    let (book, _) = QueryBook::load(&repository("queries"));
    let compiled = Engine::new(&edition.dataset, Limits::default());
    let reference = Engine::reference(&edition.dataset, Limits::default()).unwrap();
    let (mut asked, mut left) = (0, Vec::new());
    for query in book.iter() {
        let prepared = Prepared::trusted(query.bind(&query.example(), &edition.catalogue, &edition.iris).unwrap());
        asked += 1;
        if let Err(why) = compiled.is_compiled(&prepared, &DatasetSpec::default()) {
            left.push(format!("{}: {why}", query.name));
        }
        assert_eq!(read(&compiled, &prepared), read(&reference, &prepared), "{}", query.name);
    }
    assert!((asked - left.len()) * 100 >= asked * COMPILED, "of {asked} queries these are left: {left:#?}");
}

#[test]
fn the_queries_of_the_comparison_are_compiled() {
    let edition = invented_edition();
    let engine = Engine::new(&edition.dataset, Limits::default());
    let (mut asked, mut left) = (0, Vec::new());
    for file in fs::read_dir(repository("bench/queries")).unwrap() {
        let path = file.unwrap().path();
        let prepared = engine.prepare(&fs::read_to_string(&path).unwrap(), None).unwrap();
        asked += 1;
        if let Err(why) = engine.is_compiled(&prepared, &DatasetSpec::default()) {
            left.push(format!("{}: {why}", path.display()));
        } else {
            let bytes = |engine: &Engine| answer(engine, &prepared);
            let another = Engine::new(&edition.dataset, Limits::default());
            assert!(bytes(&engine) == bytes(&another), "what has a strong tag is the same bytes: {}", path.display());
        }
    }
    assert!(asked > 0);
    assert!((asked - left.len()) * 100 >= asked * COMPILED, "of {asked} queries these are left: {left:#?}");
}
