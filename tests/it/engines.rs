//! The engine on the queries people ask: it answers as the reference store does, and with the same bytes each time.

use std::fs;

use ocm_graph::{
    engine::{DatasetSpec, Engine, Format, Limits, Prepared, Results, Shape, Watch},
    query::QueryBook,
};
use oxigraph::{io::RdfFormat, sparql::results::QueryResultsFormat};

use crate::support::{invented_edition, repository, shipped_edition};

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
    let own = Engine::new(&edition.dataset, Limits::default());
    let reference = Engine::reference(&edition.dataset, Limits::default()).unwrap();
    for query in book.iter() {
        let prepared = Prepared::trusted(query.bind(&query.example(), &edition.catalogue, &edition.iris).unwrap());
        assert_eq!(read(&own, &prepared), read(&reference, &prepared), "{}", query.name);
    }
}

#[test]
fn the_queries_of_the_comparison_have_the_same_bytes_each_time() {
    let edition = invented_edition();
    let engines = [(); 2].map(|()| Engine::new(&edition.dataset, Limits::default()));
    let mut asked = 0;
    for file in fs::read_dir(repository("bench/queries")).unwrap() {
        let path = file.unwrap().path();
        let prepared = engines[0].prepare(&fs::read_to_string(&path).unwrap(), None).unwrap();
        asked += 1;
        let [one, other] = engines.each_ref().map(|engine| answer(engine, &prepared));
        assert!(one == other, "what has a strong tag is the same bytes: {}", path.display());
    }
    assert!(asked > 0);
}
