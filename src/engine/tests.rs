//! Tests of the engine as a whole; those of one part stand beside it.

use std::time::Duration;

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{NamedNode, Quad},
    sparql::results::QueryResultsFormat,
};
use proptest::prelude::*;

use super::*;

const TSV: Format = Format::Table(QueryResultsFormat::Tsv);

fn quads() -> Vec<Quad> {
    let trig = r#"
        @prefix ex: <http://example.org/> .
        ex:one { ex:a ex:knows ex:b ; ex:name "A", "Ä"@de . ex:both ex:in ex:graphs . }
        ex:two { ex:b ex:knows ex:c . ex:both ex:in ex:graphs . }
    "#;
    RdfParser::from_format(RdfFormat::TriG).for_slice(trig).collect::<Result<_, _>>().unwrap()
}

fn dataset(quads: &[Quad]) -> Dataset {
    Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap()
}

fn engine() -> Engine {
    Engine::new(&dataset(&quads()), Limits::default())
}

fn tsv(query: &str) -> String {
    let engine = engine();
    let prepared = engine.prepare(query, None).unwrap_or_else(|refusal| panic!("{query}: {refusal}"));
    let bytes = engine.answer(&prepared, &DatasetSpec::default(), TSV, &Watch::unlimited()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn refusal(query: &str) -> Refusal {
    match engine().prepare(query, None) {
        Ok(_) => panic!("accepted: {}", &query[..query.len().min(100)]),
        Err(refusal) => refusal,
    }
}

fn limit(query: &str) -> (Limit, Option<Position>) {
    match refusal(query) {
        Refusal::Limit { limit, position, .. } => (limit, position),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_default_graph_is_the_union_with_each_triple_once() {
    assert_eq!(tsv("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), "?n\n5\n");
    assert_eq!(tsv("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"), "?n\n6\n");
    assert_eq!(tsv("SELECT (COUNT(*) AS ?n) FROM <http://example.org/two> { ?s ?p ?o }"), "?n\n2\n");
}

#[test]
fn the_protocols_dataset_overrides_the_querys() {
    let engine = engine();
    let one = NamedNode::new("http://example.org/one").unwrap();
    let query = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/two> { ?s ?p ?o }";
    let prepared = engine.prepare(query, None).unwrap();
    let nowhere = NamedNode::new("http://example.org/nowhere").unwrap();
    let cases = [
        (vec![one.clone()], vec![], "4"),
        (vec![one.clone(), nowhere.clone()], vec![], "4"),
        (vec![], vec![one], "0"),
        (vec![nowhere], vec![], "0"),
    ];
    for (default, named, count) in cases {
        let dataset = DatasetSpec::new(default, named);
        let answer = engine.answer(&prepared, &dataset, TSV, &Watch::unlimited()).unwrap();
        assert_eq!(String::from_utf8(answer).unwrap(), format!("?n\n{count}\n"));
    }
    assert!(matches!(refusal("ASK FROM <http://example.org/nowhere> {}"), Refusal::UnknownGraph { .. }));
}

#[test]
fn columns_come_in_the_order_of_the_text() {
    for (query, columns) in [
        ("SELECT ?s ?p ?o { ?o ?p ?s }", "?s\t?p\t?o"),
        ("SELECT * { ?z ?y ?x . ?x ?a ?b }", "?z\t?y\t?x\t?a\t?b"),
        ("SELECT DISTINCT * { { SELECT ?b ?a { ?a ?q ?b } } }  LIMIT 1", "?b\t?a"),
        ("# SELECT ?n\nSELECT (STR(?g) AS ?n) ?g { ?g ?p 'SELECT * ?z' }", "?n\t?g"),
    ] {
        assert_eq!(tsv(query).lines().next(), Some(columns), "{query}");
    }
}

#[test]
fn what_is_not_a_query_is_refused_with_its_place_and_reason() {
    for (text, place, reason) in [
        ("", "1:1", "there is no query"),
        ("SELECT ?x WHERE {\n  ?x ?y\n}", "3:1", "unexpected \"}\""),
        ("SELECT ?x WHERE {\n  ?x a ?y", "2:10", "the query ends too early: \"{\" of line 1, column 17 is not closed"),
        ("SELECT ?x { ?x a <http://example.org/ b> }", "1:18", "an IRI does not end, or has a space"),
        ("SELECT ?x { ?x a ?y FILTER(?y > ) }", "1:33", "unexpected \")\""),
        ("SELECT ?x { ?x a ?y } ORDER ?x", "1:29", "unexpected \"?x\""),
        (
            "SELECT ?x { ?x skos:prefLabel ?y }",
            "1:16",
            "the prefix \"skos:\" is not declared: add PREFIX skos: <http://www.w3.org/2004/02/skos/core#>",
        ),
        ("SELECT ?x { ?x my:label ?y }", "1:16", "the prefix \"my:\" is not declared"),
        ("SELECT ?x { ?x a ?y ?z }", "1:21", "unexpected \"?z\""),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "1:8", "?s is neither in GROUP BY nor in an aggregate"),
        ("SELECT * { ?x ?y ?z BIND(1 AS ?z) ?a ?b ?c }", "1:31", "BIND is overriding an existing variable"),
        ("ASK {} ; DROP ALL", "1:8", "unexpected \";\""),
        ("SELECT ?s { ?s ?p 'é\0' }", "1:21", "the text contains a NUL character"),
        (r"ASK { ?s ?p '\u12\é' }", "1:14", r"an escape \u must be followed by four hexadecimal digits, \U by eight"),
        ("ASK {\n << ?a ?b ?c >> ?p ?o }", "2:2", "triple terms are SPARQL 1.2"),
        ("ASK { FILTER(?a<(?b)&&?c>1) }", "1:16", "unexpected \"<(?b)&&?c>\""),
    ] {
        let Refusal::Syntax { position, message } = refusal(text) else { panic!("{text}") };
        assert_eq!(format!("{}:{}", position.line, position.column), place, "{text}: {message}");
        assert!(message.starts_with(reason), "{text}: {message}");
    }
}

#[test]
fn a_refusal_does_not_repeat_the_text() {
    for text in [
        format!("SELECT ?x WHERE {{ ?x ?y {} }}", "é".repeat(100_000)),
        format!("SELECT ?x WHERE {{ ?x ?y '''{}''' ?z }}", "x\n".repeat(100_000)),
        format!("SELECT ?x WHERE {{ ?x ?y {}:z }}", "x".repeat(100_000)),
        format!("SELECT ?x WHERE {{ ?x ?y <http://{}> ?z }}", "x".repeat(100_000)),
    ] {
        let Refusal::Syntax { message, .. } = refusal(&text) else { panic!("accepted") };
        assert!(message.len() < 500, "{message}");
    }
}

#[test]
fn updates_are_recognised() {
    for text in [
        "INSERT DATA { <a> <b> <c> }",
        "# comment\nPREFIX ex: <http://e/> BASE <http://b/>\n delete where { ?s ?p ?o }",
        "WITH <http://g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DROP ALL",
        "LOAD <file:///etc/passwd>",
    ] {
        assert!(matches!(refusal(text), Refusal::Update { .. }), "{text}");
    }
    assert!(matches!(refusal("ASK { ?s ?p ?o } INSERT DATA {}"), Refusal::Syntax { .. }));
}

#[test]
fn service_is_found_wherever_it_hides() {
    for text in [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?where { ?s ?p ?o } }",
        "SELECT * { OPTIONAL { FILTER NOT EXISTS { { SELECT ?s { ?s ?p ?o SERVICE <http://e/> { ?s ?p ?o } } } } } }",
        "SELECT (EXISTS { SERVICE <http://e/> {} } AS ?x) {}",
        "SELECT * {} ORDER BY EXISTS { SERVICE <http://e/> {} }",
        "SELECT (COUNT(EXISTS { SERVICE <http://e/> {} }) AS ?x) {}",
    ] {
        assert!(matches!(refusal(text), Refusal::Service { .. }), "{text}");
    }
}

#[test]
fn algebra_that_is_too_large_is_refused_by_name() {
    let triples =
        |n: usize| format!("ASK {{ {} }}", (0..n).map(|i| format!("?a <p:{i}> ?b{i} . ")).collect::<String>());
    assert!(engine().prepare(&triples(100), None).is_ok());
    assert_eq!(limit(&triples(101)).0, Limit::Patterns);
    let split = format!("ASK {{ {} }}", "{ ?a ?b ?c FILTER(?a > 1) } ?d <p> ?e . ".repeat(51));
    let split = split.replace("<p>", "<http://p>");
    assert_eq!(limit(&split).0, Limit::Patterns);
    assert_eq!(limit(&format!("ASK {{ {} }}", "OPTIONAL { ?a ?b ?c } ".repeat(31))).0, Limit::Optionals);
    assert_eq!(limit(&format!("ASK {{ VALUES ?x {{ {} }} }}", "1 ".repeat(10_001))).0, Limit::Values);
    assert_eq!(limit(&format!("ASK {{ FILTER(?x IN ({})) }}", vec!["1"; 2_001].join(","))).0, Limit::Nodes);
    assert_eq!(limit(&format!("ASK {{ {} }}", " ".repeat(300_000))).0, Limit::Text);
    let variables: String = (0..1_001).map(|i| format!("?v{i} ")).collect();
    assert_eq!(limit(&format!("SELECT {variables} {{}}")).0, Limit::Variables);
}

/// Every form of the grammar that a text can repeat, each so often that nothing recursive would survive it.
#[test]
#[expect(clippy::too_many_lines, reason = "one table of all that can repeat")]
fn no_repetition_overflows_a_stack() {
    const N: usize = 20_000;
    let forms: &[(&str, &str, &str, &str)] = &[
        // before, repeated, middle, repeated after
        ("ASK { FILTER(", "(", "1", ")"),
        ("ASK ", "{", "", "}"),
        ("ASK { ?s ?p ", "[ ?p ", "?o", "]"),
        ("ASK { ?s ?p ", "(", "1", ")"),
        ("ASK { ?s ", "(", "<http://p>", ")"),
        ("ASK { ?s ", "^", "<http://p> ?o }", ""),
        ("ASK { ?s ", "!", "<http://p> ?o }", ""),
        ("ASK { ?s <http://p>", "/<http://p>", " ?o }", ""),
        ("ASK { ?s <http://p>", "|<http://p>", " ?o }", ""),
        ("ASK { ?s <http://p>", "*", " ?o }", ""),
        ("ASK { ?s (<http://p>", ")?", " ?o }", ""),
        ("ASK { FILTER(", "!", "?x) }", ""),
        ("ASK { FILTER(", "-", "1) }", ""),
        ("ASK { FILTER(", "- ", "?x) }", ""),
        ("ASK { FILTER(1", "&&1", ") }", ""),
        ("ASK { FILTER(1", "||1", ") }", ""),
        ("ASK { FILTER(1", "+1", ") }", ""),
        ("ASK { FILTER(1", "-1", ") }", ""),
        ("ASK { FILTER(1", "*1", ") }", ""),
        ("ASK { FILTER(1", "/1", ") }", ""),
        ("ASK { FILTER(1", "=1", ") }", ""),
        ("ASK { FILTER(true", "-true", ") }", ""),
        ("ASK { FILTER('a'@en", "--1", ") }", ""),
        ("ASK { FILTER(?a", "<?b", ") }", ""),
        ("ASK { FILTER(?a<1", "+1", ">2) }", ""),
        ("ASK { FILTER(", "IF(true,", "1", ",1)"),
        ("ASK { FILTER(", "STR(", "1", ")"),
        ("ASK { FILTER(", "COALESCE(", "1", ")"),
        ("ASK { FILTER(1", " IN (1", "", ")"),
        ("ASK { FILTER(", "<http://f>(", "1", ")"),
        ("ASK { FILTER ", "<http://f>(EXISTS { FILTER ", "<", ")}"),
        ("ASK { FILTER(", "EXISTS{", "FILTER(1)", "}"),
        ("ASK { ", "FILTER EXISTS{", "", "}"),
        ("ASK { ", "FILTER NOT EXISTS{", "", "}"),
        ("ASK { ", "OPTIONAL{", "", "}"),
        ("ASK { ", "OPTIONAL{}", "}", ""),
        ("ASK { ", "MINUS{}", "}", ""),
        ("ASK { ", "LATERAL{}", "}", ""),
        ("ASK { {}", "UNION{}", "}", ""),
        ("ASK { ", "GRAPH ?g{", "", "}"),
        ("ASK { ", "GRAPH ?g{}", "}", ""),
        ("ASK { ", "SERVICE ?g{}", "}", ""),
        ("ASK { ", "{}", "}", ""),
        ("ASK { ", "FILTER(1)", "}", ""),
        ("ASK { ", "FILTER BOUND(?x)", "}", ""),
        ("ASK { ", "BIND(1 AS ?x)", "}", ""),
        ("ASK { ", "VALUES ?x {}", "}", ""),
        ("ASK { VALUES ?x { ", "(", "1", ")"),
        ("ASK { VALUES (?x) { ", "(1)", "} }", ""),
        ("ASK { ", "{SELECT * ", "{}", "}"),
        ("SELECT ", "(1 AS ?x)", "{}", ""),
        ("SELECT (", "SUM(", "1", ")"),
        ("SELECT (", "GROUP_CONCAT(", "1", ")"),
        ("SELECT (1 AS ?x) {} GROUP BY ", "(1)", "", ""),
        ("SELECT (1 AS ?x) {} GROUP BY ", "STR(1)", "", ""),
        ("SELECT (1 AS ?x) {} HAVING ", "(1)", "", ""),
        ("SELECT * {} ORDER BY ", "(1)", "", ""),
        ("SELECT * {} ORDER BY ", "ASC(1)", "", ""),
        ("DESCRIBE ", "<a:>", "", ""),
        ("PREFIX a: <http://a> DESCRIBE ", "a: ", "", ""),
        ("DESCRIBE ", "?x ", "", ""),
        ("ASK ", "FROM <a:>", "{}", ""),
        ("", "PREFIX a:<b:>", "ASK {}", ""),
        ("", "BASE<b:>", "ASK {}", ""),
        ("ASK { ?s ?p ?o", ";", "}", ""),
        ("ASK { ?s ?p ?o", ",?o", "}", ""),
        ("ASK { ?s ?p ?o", ".?s ?p ?o", "}", ""),
        ("ASK { ?s ?p ?o", ".", "}", ""),
        ("ASK { ?s ?p ?o ", "{|?p ?o ", "", "|}"),
        ("ASK { ?s ?p ?o ", "~", "}", ""),
        ("ASK { ", "<<", "?s", ">>"),
        ("ASK { ", "<<(", "?s", ")>>"),
        ("ASK { ?s ?p (1 ", "<<?s ?p ", "", ""),
        ("ASK { BIND(", "<<(?s ?p ", "1", ")>>"),
        ("ASK { VALUES ?x {", "<<(<a:> <a:> ", "1", ")>>"),
        ("CONSTRUCT {", "[<a:> ", "1", "]"),
        ("CONSTRUCT { ?s ?p ", "(", "1", ")"),
        ("ASK { FILTER(", r"\u0028", "1", r"\u0029"),
        ("ASK { FILTER(?a<", "(", "1", ")>2)"),
        ("ASK { FILTER(?a<#>'''\n", "(", "1", ")'''"),
        ("ASK { ?s ?p '''", "'", "'''}", ""),
        ("ASK { ?s ?p ", "''", "}", ""),
        ("ASK { FILTER(!", "(!", "1", ")"),
        ("ASK { FILTER(", "REPLACE(", "'a'", ",'b','c')"),
        ("ASK { FILTER(", "SUBSTR(", "'a'", ",1)"),
        ("ASK { FILTER(", "REGEX(", "'a'", ",'b')"),
    ];
    let engine = engine();
    for (before, repeated, middle, after) in forms {
        for n in [5, 99, 1_990, N] {
            let text = format!("{before}{}{middle}{}", repeated.repeat(n), after.repeat(n));
            for text in [format!("{text} }}"), text].into_iter().take(if n < 1_000 { 2 } else { 1 }) {
                let Ok(prepared) = engine.prepare(&text, None) else { continue };
                let format = match prepared.shape() {
                    Shape::Graph => Format::Graph(RdfFormat::NTriples),
                    Shape::Table | Shape::Boolean => TSV,
                };
                // Planning many equal patterns takes seconds in a debug build; recursion is what matters here.
                if !text.contains("?p") || n < 33 {
                    let watch = Watch::start(Duration::from_secs(1));
                    let _ = engine.answer(&prepared, &DatasetSpec::default(), format, &watch);
                }
            }
        }
    }
}

#[test]
fn an_answer_is_whole_or_an_error() {
    let engine = Engine::new(&dataset(&quads()), Limits { rows: 2, bytes: 100, ..Limits::default() });
    let answer = |query: &str, watch: &Watch| {
        engine.answer(&engine.prepare(query, None).unwrap(), &DatasetSpec::default(), TSV, watch)
    };
    let unlimited = Watch::unlimited();
    assert!(answer("SELECT ?s { ?s ?p ?o } LIMIT 2", &unlimited).is_ok());
    let rows = answer("SELECT ?s { ?s ?p ?o } LIMIT 3", &unlimited);
    assert!(matches!(rows, Err(EngineError::TooLarge { limit: Limit::Rows, .. })), "{rows:?}");
    let bytes = answer("SELECT (REPLACE('aaaaaaaaaa', 'a', 'aaaaaaaaaa') AS ?x) {}", &unlimited);
    assert!(matches!(bytes, Err(EngineError::TooLarge { limit: Limit::Bytes, .. })), "{bytes:?}");
    // OFFSET swallows the error with which an evaluation stops.
    let watch = Watch::start(Duration::ZERO);
    for query in ["SELECT * { ?s ?p ?o } OFFSET 1000000000000000000", "ASK { ?s ?p ?o }"] {
        assert!(matches!(answer(query, &watch), Err(EngineError::Timeout)), "{query}");
    }
}

#[test]
fn a_function_that_is_not_there_is_the_questioners_mistake() {
    let engine = engine();
    let prepared = engine.prepare("SELECT (<http://example.org/f>(1) AS ?x) {}", None).unwrap();
    let answer = engine.answer(&prepared, &DatasetSpec::default(), TSV, &Watch::unlimited());
    assert!(matches!(answer, Err(EngineError::UnknownFunction(_))), "{answer:?}");
}

#[test]
fn a_regular_expression_that_cannot_be_compiled_is_an_error_and_not_a_delay() {
    let query =
        "SELECT ?s (REPLACE(?o, '(', 'x') AS ?r) { ?s ?p ?o FILTER(!REGEX(STR(?o), '((a{1000}){1000}){1000}')) }";
    assert_eq!(tsv(query), "?s\t?r\n");
    assert_eq!(tsv("SELECT ?n { ?s <http://example.org/name> ?n FILTER REGEX(?n, '^a$', 'i') }"), "?n\n\"A\"\n");
    // With the flag q, no pattern is wrong.
    assert_eq!(tsv("SELECT (REPLACE('f(x', 'f(', 'g', 'q') AS ?x) { FILTER REGEX('f(x', '(', 'q') }"), "?x\n\"gx\"\n");
    assert_eq!(tsv("SELECT (REPLACE('f(x', 'f(', 'g', ?flag) AS ?x) { VALUES ?flag { 'q' } }"), "?x\n\"gx\"\n");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = Engine::new(&Dataset::default(), Limits::default()).prepare(&text, None);
    }

    #[test]
    fn no_text_of_sparqls_own_signs_makes_the_engine_panic(
        signs in prop::collection::vec(prop::sample::select(vec![
            "SELECT", "*", "?x", "{", "}", "(", ")", "[", "]", "<", ">", "<a>", "<<", "'", "\"", "'''", "\\", "\\u0028", "\\u12\\é", "#",
            "\n", " ", "a:b", "_:b", "PREFIX", "VALUES", "FILTER", "EXISTS", "!", "REGEX", "1", ".5", "1e", "@en", "--", "^^", "|", "&&", "é", "?", ":",
            "UNION", "OPTIONAL", "BIND", "AS", ",", ";", ".", "DESCRIBE", "ASK", "INSERT", "%41", "\u{0}",
        ]), 0..60),
    ) {
        let text = signs.concat();
        let engine = Engine::new(&Dataset::default(), Limits::default());
        if let Err(Refusal::Syntax { message, .. }) = engine.prepare(&text, None) {
            prop_assert!(message.len() < 1000);
        }
    }
}

#[test]
fn no_text_hides_its_brackets() {
    let nest = "IF(".repeat(80_000);
    for text in [
        format!("ASK {{ FILTER('\\u+027={nest}') }}"),
        format!("ASK {{ FILTER(?\u{1680}<{nest}> 1) }}"),
        format!("ASK {{ ?s ?p ('''a' {}\\x''') }}", "[?p ".repeat(60_000)),
        format!("ASK {{ ?s ?p ('''a' {}\\uD800''') }}", "[?p ".repeat(60_000)),
    ] {
        refusal(&text);
    }
}

#[test]
fn strings_that_do_not_end_and_values_are_counted_before_they_are_read() {
    let ends = "\\\"\"\"\n".repeat(40_000);
    refusal(&format!("ASK {{ VALUES ?x {{ {ends} }} }}"));
    let names = "p: ".repeat(43_000);
    assert_eq!(limit(&format!("PREFIX p:<http://e/> ASK {{ VALUES ?x {{ {names} }} }}")).0, Limit::Values);
    let rows = "('1'^^<a:b> 'x'@en UNDEF true) ".repeat(2000);
    assert!(engine().prepare(&format!("ASK {{ VALUES (?a ?b ?c ?d) {{ {rows} }} }}"), None).is_ok(), "8,000 values");
}

/// `!=` is a negation, and so is NOT IN: what is negated must not be planned twice.
#[test]
fn planning_takes_no_longer_for_negations_in_one_another() {
    for negated in ["EXISTS { PATTERN } != 1", "EXISTS { PATTERN } NOT IN (1)"] {
        let around = |pattern: String, _| format!("?s ?p ?o FILTER({})", negated.replace("PATTERN", &pattern));
        let query = format!("ASK {{ {} }}", (0..40).fold("?s ?p ?o".to_owned(), around));
        let prepared = engine().prepare(&query, None).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert!(engine().explain(&prepared, &DatasetSpec::default(), false, &Watch::unlimited()).is_ok());
    }
}

/// Rows that come from nothing, and expressions that take long by themselves, are seen by the watch too.
#[test]
fn the_watch_is_looked_at_where_nothing_is_read() {
    let union = "{ BIND(1 AS ?a) } UNION { BIND(1 AS ?a) } ".repeat(40);
    let text = "é".repeat(50_000);
    let slow = format!("{}'{text}'{}", "UCASE(LCASE(".repeat(40), "))".repeat(40));
    let many = (0..60).map(|n| format!(" {n}")).collect::<String>();
    let rows = format!("VALUES ?s {{ {many} }} VALUES ?p {{ {many} }} VALUES ?o {{ 1 2 }}");
    for query in [
        format!("SELECT (COUNT(*) AS ?n) {{ {union} }}"),
        format!("ASK {{ {rows} FILTER(COALESCE(?s, ?p, ?o) = STRLEN({slow})) }}"),
    ] {
        let engine = engine();
        let prepared = engine.prepare(&query, None).unwrap();
        let started = std::time::Instant::now();
        let answer = engine.answer(&prepared, &DatasetSpec::default(), TSV, &Watch::start(Duration::from_millis(100)));
        assert!(matches!(answer, Err(EngineError::Timeout)), "{answer:?}");
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}

/// What a group binds only perhaps is not filled in from outside before duplicates are counted or a filter looks.
#[test]
fn what_is_unbound_inside_stays_so_until_it_is_joined() {
    let loose = "{ VALUES ?k { 1 } } UNION { VALUES ?z { 2 3 } }";
    for (query, answer) in [
        (format!("SELECT * {{ VALUES ?k {{ 1 }} {{ SELECT DISTINCT ?k {{ {loose} }} }} }}"), "?k\n1\n1\n"),
        (
            format!(
                "SELECT * {{ VALUES ?k {{ 1 }} {{ SELECT ?k (COUNT(*) AS ?n) {{ {loose} }} GROUP BY ?k }} }} ORDER BY ?n"
            ),
            "?k\t?n\n1\t1\n1\t2\n",
        ),
        (
            "SELECT * { VALUES ?x { 1 } FILTER(?x = 1) OPTIONAL { { VALUES ?y { 2 } FILTER(!BOUND(?x)) } } }".into(),
            "?x\t?y\n1\t2\n",
        ),
    ] {
        assert_eq!(tsv(&query), answer, "{query}");
    }
}

/// Integers that are the same as a double, and not the same as one another.
#[test]
fn numbers_have_one_order_whatever_their_types() {
    let nan = "'NaN'^^<http://www.w3.org/2001/XMLSchema#double>";
    let numbers =
        ["9007199254740993", "9007199254740992e0", "9007199254740992", "0.1", "1e-1", "0.100000000000000001", nan];
    let values: String = (0..600).map(|n| format!(" {}", numbers[n * 7919 % 7])).collect();
    let sorted = tsv(&format!("SELECT ?x {{ VALUES ?x {{ {values} }} }} ORDER BY ?x"));
    let lines: Vec<&str> = sorted.lines().skip(1).collect();
    assert_eq!(lines.len(), 600);
    let first = |number: &str| lines.iter().position(|line| *line == number).unwrap();
    let last = |number: &str| lines.iter().rposition(|line| *line == number).unwrap();
    assert!(last("0.1") < first("0.100000000000000001"), "{lines:?}");
    assert!(last("0.100000000000000001") < first("9007199254740992"), "{lines:?}");
    assert!(last("9007199254740992") < first("9007199254740993"), "{lines:?}");
    // The second key decides where the first is equal.
    assert_eq!(tsv("SELECT ?y { VALUES (?x ?y) { (1 2) (1e0 1) (1.0 3) } } ORDER BY ?x ?y"), "?y\n1\n2\n3\n");
}

/// What is around an EXISTS is seen everywhere in it: in a UNION, behind OPTIONAL and MINUS too.
#[test]
fn everything_in_an_exists_sees_the_row_around_it() {
    let union = "{ VALUES ?d { 1 } FILTER(?d = ?x) } UNION { VALUES ?d { 7 } FILTER(?d = ?x) }";
    let optional = "OPTIONAL { { VALUES ?w { 5 } FILTER(?x = 1) } UNION { VALUES ?w { 6 } FILTER(?x = 3) } }";
    let minus = "MINUS { VALUES ?z { 1 } FILTER(?x = 1) }";
    for (filter, answer) in [
        (format!("FILTER EXISTS {{ VALUES ?z {{ 1 }} {union} }}"), "1\n"),
        (format!("FILTER NOT EXISTS {{ VALUES ?z {{ 1 }} {union} }}"), "2\n"),
        (format!("FILTER EXISTS {{ VALUES ?z {{ 1 }} {optional} FILTER(BOUND(?w)) }}"), "1\n"),
        (format!("FILTER EXISTS {{ VALUES ?z {{ 1 }} {minus} }}"), "2\n"),
        (format!("FILTER NOT EXISTS {{ VALUES ?z {{ 1 }} {{ SELECT ?z {{ VALUES ?z {{ 1 }} }} }} {minus} }}"), "1\n"),
    ] {
        assert_eq!(tsv(&format!("SELECT ?x {{ VALUES ?x {{ 1 2 }} {filter} }}")), format!("?x\n{answer}"), "{filter}");
    }
}

#[test]
fn what_has_no_name_is_no_part_of_a_solution() {
    assert_eq!(tsv("SELECT (COUNT(DISTINCT *) AS ?n) { ?s <http://example.org/in> [] }"), "?n\n1\n");
    let knows = "<http://example.org/knows>";
    assert_eq!(tsv(&format!("SELECT (COUNT(DISTINCT *) AS ?n) {{ ?a {knows}/{knows} ?b . [] ?p [] }}")), "?n\n3\n");
}

/// The name of the graph is shared by both sides of MINUS, but bound by neither.
#[test]
fn minus_in_the_graph_of_a_variable_needs_a_variable_of_its_own() {
    let both = tsv("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }");
    assert_eq!(tsv("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o MINUS { ?a ?b ?c } } }"), both);
    assert_eq!(tsv("SELECT (COUNT(*) AS ?n) { GRAPH ?g { SELECT ?g { ?s ?p ?o FILTER(BOUND(?g)) } } }"), "?n\n0\n");
}

#[test]
fn times_and_booleans_are_sorted_as_they_are_compared() {
    let xsd = "http://www.w3.org/2001/XMLSchema#";
    let (late, early) =
        (format!("'2030-01-01T00:00:00'^^<{xsd}dateTime>"), format!("'2020-01-01T00:00:00Z'^^<{xsd}dateTime>"));
    let values = format!("VALUES ?d {{ {late} {early} }}");
    assert!(tsv(&format!("SELECT (STR(?d) AS ?s) {{ {values} }} ORDER BY ?d")).starts_with("?s\n\"2020"));
    assert!(tsv(&format!("SELECT (STR(MIN(?d)) AS ?s) {{ {values} }}")).starts_with("?s\n\"2020"));
    assert_eq!(tsv("SELECT ?x { VALUES ?x { true false } FILTER(?x < true) }"), "?x\nfalse\n");
    assert_eq!(tsv("SELECT ?x { VALUES ?x { true false } } ORDER BY ?x"), "?x\nfalse\ntrue\n");
    assert_eq!(tsv("SELECT ?x { VALUES ?x { 'a'^^<x:y> } FILTER(?x <= 'a'^^<x:y>) }"), "?x\n");
}

/// The text of a literal is as it is written, also inside of other expressions.
#[test]
fn a_text_is_as_it_is_written_wherever_it_stands() {
    let xsd = "http://www.w3.org/2001/XMLSchema#";
    let time = format!("'2020-01-01T00:00:00.000Z'^^<{xsd}dateTime>");
    for (query, answer) in [
        ("SELECT ?t { VALUES ?x { 0.50 } BIND(CONCAT(STR(?x), '') AS ?t) }".to_owned(), "?t\n\"0.50\"\n"),
        (format!("SELECT ?l {{ VALUES ?x {{ '01'^^<{xsd}integer> }} BIND(STRLEN(STR(?x)) AS ?l) }}"), "?l\n2\n"),
        (
            format!("SELECT ?x {{ VALUES ?x {{ 0.50 7 '01'^^<{xsd}integer> }} FILTER(STR(?x) IN ('0.50', '01')) }}"),
            "?x\n0.50\n01\n",
        ),
        (
            format!("SELECT (STRLEN(STR(?x)) AS ?l) {{ VALUES ?x {{ {time} }} FILTER(STR(?x) = STR({time})) }}"),
            "?l\n24\n",
        ),
        (format!("SELECT ?t {{ VALUES ?x {{ '1'^^<{xsd}boolean> }} BIND(UCASE(STR(?x)) AS ?t) }}"), "?t\n\"1\"\n"),
        (
            "SELECT ?t { VALUES ?x { 1.0 <x:y> 'z'@en UNDEF } BIND(CONCAT(STR(?x), '!') AS ?t) }".to_owned(),
            "?t\n\"1.0!\"\n\"x:y!\"\n\"z!\"\n\n",
        ),
    ] {
        assert_eq!(tsv(&query), answer, "{query}");
    }
}
