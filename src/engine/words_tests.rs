//! Searches for words: the plan, what the index may not be asked, and an index that is damaged.

use oxigraph::model::{GraphName, Literal, NamedNode, Quad};
use proptest::{collection::vec, prelude::*};

use super::*;

fn iri(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("http://e/{name}"))
}

fn data() -> Dataset {
    let texts = [
        ("museum", Some("en")),
        ("Museums of the climate", Some("en")),
        ("Le patrimoine du musée", Some("fr")),
        ("Patrimoine", Some("fr-ca")),
        ("patrimoine", None),
        ("An archive", None),
    ];
    let mut quads = Vec::new();
    for n in 0..200 {
        let (text, language) = texts[n % texts.len()];
        let text = format!("{text} {n}");
        let text = match language {
            Some(tag) => Literal::new_language_tagged_literal_unchecked(text, tag),
            None => Literal::from(text),
        };
        let graph = if n % 2 == 0 { GraphName::DefaultGraph } else { iri("odd").into() };
        quads.push(Quad::new(iri(&n.to_string()), iri("title"), text, graph.clone()));
        quads.push(Quad::new(iri(&n.to_string()), iri("next"), iri(&(n + 1).to_string()), graph));
    }
    Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap()
}

fn engine() -> Engine {
    Engine::new(&data().with_words(), Limits::default())
}

fn prepared(engine: &Engine, query: &str) -> Prepared {
    let prefixes = "PREFIX : <http://e/> PREFIX ocm: <https://w3id.org/ocm/ontology#> ";
    engine.prepare(&format!("{prefixes}{query}"), None).unwrap()
}

fn plan(query: &str) -> String {
    let engine = engine();
    let plan = engine.explain(&prepared(&engine, query), &DatasetSpec::default(), true, &Watch::unlimited());
    plan.unwrap().text()
}

fn rows(engine: &Engine, query: &str) -> Vec<String> {
    let (results, _) =
        engine.read(&prepared(engine, query), &DatasetSpec::default(), usize::MAX, &Watch::unlimited()).unwrap();
    let Results::Table(rows) = results else { panic!("no table") };
    let mut rows: Vec<String> = rows.into_iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

/// With the index, without it, and by the reference store; how many rows there are.
fn alike(query: &str) -> usize {
    let (with, without) = (engine(), Engine::new(&data(), Limits::default()));
    let reference = Engine::reference(&data(), Limits::default()).unwrap();
    let expected = rows(&reference, query);
    assert_eq!(rows(&with, query), expected, "{query}");
    assert_eq!(rows(&without, query), expected, "{query}");
    expected.len()
}

#[test]
fn a_filter_that_the_index_answers_comes_first() {
    for query in [
        "SELECT * { ?r :title ?t FILTER(ocm:matchesWords(?t, \"climate 7*\")) }",
        "SELECT * { ?r :next ?n . ?r :title ?t . ?n :title ?m FILTER(?n != :x && ocm:matchesWords(?t, \"climate 7*\")) }",
        "SELECT * { VALUES ?w { \"climate 7*\" } ?r :title ?t FILTER(!BOUND(?w) || ocm:matchesWords(?t, ?w)) }",
        "SELECT * { VALUES ?w { \"climate 7*\" } ?r :title|:name ?t
            FILTER(COALESCE(ocm:matchesWords(?t, ?w), CONTAINS(LCASE(?t), LCASE(?w)))) }",
        "SELECT * { GRAPH ?g { ?r :title ?t FILTER(ocm:matchesWords(?t, \"climate 7*\")) } }",
        "SELECT * FROM :odd { ?r :title ?t FILTER(ocm:matchesWords(?t, \"climate 7*\")) }",
    ] {
        let plan = plan(query);
        let first = plan.lines().position(|line| line.contains("word index scan ?t"));
        let scan = plan.lines().position(|line| line.contains("title>"));
        assert!(first.is_some() && first < scan, "{query}\n{plan}");
        assert!(alike(query) > 0, "{query}");
    }
}

#[test]
fn what_the_index_cannot_say_is_evaluated() {
    for query in [
        // Texts of the query's own.
        "SELECT * { ?r :title ?s BIND(CONCAT(\"climate \", STR(?s)) AS ?t) FILTER(ocm:matchesWords(?t, \"climate archive\")) }",
        "SELECT * { VALUES ?t { \"new climate\" \"climates\" } FILTER(ocm:matchesWords(?t, \"climate\")) }",
        // Not always bound.
        "SELECT * { ?r :next ?n OPTIONAL { ?r :title ?t FILTER(ocm:matchesWords(?t, \"climate\")) } }",
        "SELECT * { OPTIONAL { :none :title ?t } ?r :next ?n FILTER(!BOUND(?t) || ocm:matchesWords(?t, \"climate\")) }",
        // A text of the query by a path of no steps.
        "SELECT * { ?r :title* ?t FILTER(ocm:matchesWords(?t, \"museum\")) }",
        // A fallback that may be true of what is no string.
        "SELECT * { ?r :next ?t FILTER(COALESCE(ocm:matchesWords(?t, \"e\"), CONTAINS(STR(?t), \"e\"))) }",
        // Other words for each row, and not only where they are.
        "SELECT * { VALUES ?w { \"archive\" \"climate\" \"*\" } ?r :title ?t FILTER(ocm:matchesWords(?t, ?w)) }",
        "SELECT * { ?r :title ?t FILTER(!ocm:matchesWords(?t, \"climate\")) }",
        "SELECT * { ?r :title ?t FILTER(ocm:matchesWords(?t, \"climate\") || LANG(?t) = \"\") }",
        "SELECT * { ?r :title ?t FILTER NOT EXISTS { ?r :title ?u FILTER(ocm:matchesWords(?u, \"climate\")) } }",
    ] {
        assert!(alike(query) > 0, "{query}");
    }
    for nothing in ["\"\"", "\"*\"", "7", ":museum", "?none"] {
        assert_eq!(
            alike(&format!("SELECT * {{ ?r :title ?t FILTER(ocm:matchesWords(?t, {nothing})) }}")),
            0,
            "{nothing}"
        );
    }
    let before = "{ ?r :next ?n FILTER(ocm:matchesWords(?t, \"climate\")) } ?r :title ?t";
    assert_eq!(alike(&format!("SELECT * {{ {before} }}")), 0, "?t is not bound where the filter stands");
    assert_eq!(alike("SELECT * { ?r :next ?t FILTER(ocm:matchesWords(?t, \"e\")) }"), 0, "an IRI is no string");
}

#[test]
fn words_in_a_language_are_sought_in_that_language() {
    let count = |words: &str| alike(&format!("SELECT * {{ ?r :title ?t FILTER(ocm:matchesWords(?t, {words})) }}"));
    assert_eq!((count("\"patrimoine\""), count("\"patrimoine\"@fr"), count("\"patrimoine\"@fr-CA")), (99, 66, 33));
    assert_eq!((count("\"patrimoine\"@en"), count("\"museum\"@en"), count("\"MUSÉ*\"@fr")), (0, 34, 33));
}

#[test]
fn scores_are_doubles_and_the_same_everywhere() {
    assert_eq!(alike("SELECT ?r ?s { ?r :title ?t BIND(ocm:wordScore(?t, \"museum* 1\") AS ?s) }"), 200);
    let engine = engine();
    let best =
        rows(&engine, "SELECT ?r (ocm:wordScore(?t, \"museum\") AS ?s) { ?r :title ?t } ORDER BY DESC(?s) ?r LIMIT 1");
    assert!(best[0].contains("0.75") && best[0].contains("XMLSchema#double"), "{best:?}");
}

#[test]
fn a_search_takes_from_the_budget() {
    let limits = Limits { memory: 64, ..Limits::default() };
    let engine = Engine::new(&data().with_words(), limits);
    let query = prepared(&engine, "SELECT * { ?r :title ?t FILTER(ocm:matchesWords(?t, \"m*\")) }");
    let answer = engine.read(&query, &DatasetSpec::default(), usize::MAX, &Watch::unlimited());
    assert!(matches!(answer, Err(EngineError::Memory)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever an index says, an answer is made of terms that are there.
    #[test]
    fn a_damaged_index_gives_something_or_nothing(changes in vec((any::<usize>(), any::<u8>()), 1..60)) {
        let dataset = data().with_words();
        let mut bytes = dataset.attachment("words").unwrap().to_vec();
        for (at, byte) in changes {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        let engine = Engine::new(&dataset.with_attachment("words", bytes), Limits::default());
        for words in ["museum", "m*", "le patrimoine*", "1*"] {
            rows(&engine, &format!("SELECT * {{ ?r :title ?t FILTER(ocm:matchesWords(?t, \"{words}\")) }}"));
            rows(&engine, &format!("SELECT * {{ ?r :title ?t . ?r :next ?n FILTER(ocm:matchesWords(?t, \"{words}\"@fr)) }}"));
        }
    }
}
