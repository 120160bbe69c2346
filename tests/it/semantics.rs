//! What SPARQL says of queries on which engines differ: each case is a kind of mistake that was made somewhere.

use ocm_graph::{
    dataset::Dataset,
    engine::{DatasetSpec, Engine, Limits, Results, Watch},
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::Quad,
};

const PREFIXES: &str = "PREFIX : <http://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ";

/// The rows of an answer as lines, sorted; a cell as in N-Triples with short datatypes, `-` for nothing.
fn answer(data: &str, query: &str) -> Vec<String> {
    let data = format!("@prefix : <http://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . {data}");
    let quads: Vec<Quad> = RdfParser::from_format(RdfFormat::TriG).for_slice(&data).collect::<Result<_, _>>().unwrap();
    let engine = Engine::new(&Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap(), Limits::default());
    let prepared = engine.prepare(&format!("{PREFIXES}{query}"), None).unwrap_or_else(|why| panic!("{query}: {why}"));
    let (results, _) = engine.read(&prepared, &DatasetSpec::default(), 1000, &Watch::unlimited()).unwrap();
    let short = |text: String| {
        text.replace("<http://www.w3.org/2001/XMLSchema#", "xsd:<")
            .replace("^^xsd:<", "^^xsd:")
            .replace("<http://e/", ":<")
            .replace(":<", ":")
            .replace('>', "")
    };
    let mut lines: Vec<String> = match results {
        Results::Table(rows) => {
            let cell = |term: &Option<oxigraph::model::Term>| {
                term.as_ref().map_or_else(|| "-".to_owned(), |term| short(term.to_string()))
            };
            rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
        }
        Results::Boolean(value) => vec![value.to_string()],
        Results::Graph(triples) => triples.iter().map(|triple| short(triple.to_string())).collect(),
    };
    lines.sort();
    lines
}

/// The values of expressions, one after the other; `-` for none.
fn values(expressions: &[&str]) -> Vec<String> {
    let value = |expression: &&str| answer("", &format!("SELECT ({expression} AS ?value) {{}}")).concat();
    expressions.iter().map(value).collect()
}

const NONE: [&str; 0] = [];

/// Things with weights in many writings.
const SHELF: &str = r#"
    :cup :weight "2.50"^^xsd:decimal ; :name "Cup"@en , ""@de . :pin :weight "007"^^xsd:integer .
    :ring :weight "9"^^xsd:byte . :coin :weight "+3.0"^^xsd:decimal . :seal :weight "400"^^xsd:byte ."#;

/// The same place in two graphs, and one more.
const ROOMS: &str = "
    :north { :map :in :case1 . :globe :in :case1 . :case1 :by :door } :south { :atlas :in :case2 } ";

#[test]
fn a_term_that_passes_through_keeps_its_writing_and_joins_with_itself() {
    let all = [":coin :coin", ":cup :cup", ":pin :pin", ":ring :ring", ":seal :seal"];
    assert_eq!(answer(SHELF, "SELECT ?s ?t { ?s :weight ?w BIND(COALESCE(?w / 0, ?w) AS ?k) ?t :weight ?k }"), all);
    assert_eq!(answer(SHELF, "SELECT ?s ?t { ?s :weight ?w BIND(IF(true, ?w, 1) AS ?k) ?t :weight ?k }"), all);
    let sample = "SELECT ?s ?t { { SELECT ?s (SAMPLE(?w) AS ?k) { ?s :weight ?w } GROUP BY ?s } ?t :weight ?k }";
    assert_eq!(answer(SHELF, sample), all);
    let least = "SELECT (MIN(?w) AS ?a) (MAX(?w) AS ?b) { VALUES ?s { :cup :coin } ?s :weight ?w }";
    assert_eq!(answer(SHELF, least), [r#""2.50"^^xsd:decimal "+3.0"^^xsd:decimal"#]);
    let texts = [r#":coin "+3.0""#, r#":cup "2.50""#, r#":pin "007""#, r#":ring "9""#, r#":seal "400""#];
    for condition in ["", "FILTER(RAND() < 2)", "BIND(NOW() AS ?now)"] {
        assert_eq!(answer(SHELF, &format!("SELECT ?s (STR(?w) AS ?t) {{ ?s :weight ?w {condition} }}")), texts);
    }
    assert_eq!(answer(SHELF, "SELECT (DATATYPE(?w) AS ?d) { :ring :weight ?w }"), ["xsd:byte"], "a derived type stays");
}

#[test]
fn a_computed_term_and_a_stored_one_of_the_same_writing_are_one() {
    assert_eq!(answer(":a :n 6 . :b :n 2 .", "SELECT ?s { :b :n ?n BIND(?n * 3 AS ?m) ?s :n ?m }"), [":a"]);
    assert_eq!(answer(":a :l \"xy\" .", "SELECT ?s { BIND(CONCAT(\"x\", \"y\") AS ?l) ?s :l ?l }"), [":a"]);
}

#[test]
fn booleans_have_an_order() {
    assert_eq!(values(&["false < true", "true > false", "true <= true", "true < false"]), booleans("tttf"));
    let lit = ":a :now true ; :was false . :b :now false ; :was true .";
    assert_eq!(answer(lit, "SELECT ?s { ?s :now ?n ; :was ?w FILTER(?n > ?w) }"), [":a"]);
    assert_eq!(
        answer(lit, "SELECT ?s (IF(?n >= ?w, \"up\", \"down\") AS ?t) { ?s :now ?n ; :was ?w }"),
        [r#":a "up""#, r#":b "down""#]
    );
}

/// `tf-` as cells.
fn booleans(signs: &str) -> Vec<String> {
    let cell = |sign| match sign {
        't' => r#""true"^^xsd:boolean"#.into(),
        'f' => r#""false"^^xsd:boolean"#.into(),
        _ => "-".into(),
    };
    signs.chars().map(cell).collect()
}

#[test]
fn a_string_with_a_language_is_true_unless_it_is_empty() {
    assert_eq!(answer(SHELF, "SELECT ?l { :cup :name ?l FILTER(?l) }"), [r#""Cup"@en"#]);
    assert_eq!(values(&["!\"\"@de", "!\"x\"@de", "\"x\"@de && true", "IF(\"\"@de, 1, 2) = 2"]), booleans("tftt"));
}

#[test]
fn what_is_ill_typed_is_no_number() {
    assert_eq!(
        answer(SHELF, "SELECT ?s (isNumeric(?w) AS ?r) { VALUES ?s { :seal :ring } ?s :weight ?w }"),
        [r#":ring "true"^^xsd:boolean"#, r#":seal "false"^^xsd:boolean"#]
    );
    assert_eq!(
        values(&["\"no\"^^xsd:integer < 3", "\"no\"^^xsd:integer = 3", "!\"no\"^^xsd:integer"]),
        booleans("--t")
    );
}

#[test]
fn integers_have_no_bound() {
    let sand = ":dune :grains 300000000000000000000 . :box :grains 7 .";
    assert_eq!(answer(sand, "SELECT ?s { ?s :grains ?n FILTER(?n > 10) }"), [":dune"]);
    assert_eq!(answer(sand, "SELECT (SUM(?n) AS ?all) { ?s :grains ?n }"), [r#""300000000000000000007"^^xsd:integer"#]);
    assert_eq!(
        values(&["9223372036854775807 + 1", "4294967296 * 4294967296", "99999999999999999999 > 1e3"]),
        [r#""9223372036854775808"^^xsd:integer"#, r#""18446744073709551616"^^xsd:integer"#, r#""true"^^xsd:boolean"#]
    );
}

#[test]
fn casts_are_exact_and_canonical() {
    let numbers = ["xsd:integer(1e6)", "xsd:integer(2.5e7)", "xsd:integer(-1.9)", "xsd:decimal(1e5)"];
    let expected = ["1000000", "25000000", "-1"].map(|n| format!("\"{n}\"^^xsd:integer"));
    assert_eq!(values(&numbers)[..3], expected);
    assert_eq!(values(&numbers)[3..], [r#""100000"^^xsd:decimal"#]);
    assert_eq!(
        values(&[
            "xsd:string(3.0e6)",
            "xsd:string(654321.5e0)",
            "xsd:string(\"2.0e30\"^^xsd:double)",
            "xsd:string(1.5e0)"
        ]),
        [r#""3.0E6""#, r#""654321.5""#, r#""2.0E30""#, r#""1.5""#]
    );
    let sum = "SELECT (xsd:integer(SUM(?x)) AS ?s) { VALUES ?x { 2.5e6 5e5 0 } }";
    assert_eq!(answer("", sum), [r#""3000000"^^xsd:integer"#]);
}

#[test]
fn regular_expressions_are_those_of_xpath() {
    assert_eq!(
        values(&[
            r#"REGEX("e", "^[a-z-[aeiou]]$")"#,
            r#"REGEX("f", "^[a-z-[aeiou]]$")"#,
            r#"REGEX("B", "^B #$", "x")"#,
            r#"REGEX("B#", "^B #$", "x")"#,
            r#"REGEX("été", "^\\p{Ll}+$")"#,
            r#"REGEX("a:b", "^\\i\\c*$")"#,
            r#"REGEX("a.b", "a.b", "q")"#,
            r#"REGEX("x", "(?=x)")"#,
        ]),
        booleans("ftfttttx".replace('x', "-").as_str())
    );
    assert_eq!(
        values(&[
            r#"REPLACE("30min", "([0-9]+)min", "$1m")"#,
            r#"REPLACE("7 GBP", "GBP", "\\$")"#,
            r#"REPLACE("12.5", "^([0-9]+)[.]([0-9a-d]+)$", "$1_$2")"#,
            r#"REPLACE("abc", "x*", "-")"#,
        ]),
        [r#""30m""#, r#""7 $""#, r#""12_5""#, "-"]
    );
}

#[test]
fn an_alternative_path_keeps_duplicates_wherever_it_stands() {
    let twice = [":globe", ":globe", ":map", ":map"];
    for tail in ["", "BIND(NOW() AS ?t)", "FILTER(RAND() < 2)"] {
        assert_eq!(answer(ROOMS, &format!("SELECT ?s {{ ?s (:in|:in) :case1 {tail} }}")), twice);
        assert_eq!(answer(ROOMS, &format!("SELECT ?s {{ GRAPH ?g {{ ?s (:in|:in) :case1 {tail} }} }}")), twice);
    }
}

#[test]
fn what_is_inside_of_graph_is_evaluated_for_each_graph() {
    let counts = [r#":north "3"^^xsd:integer"#, r#":south "1"^^xsd:integer"#];
    assert_eq!(answer(ROOMS, "SELECT ?g ?n { GRAPH ?g { { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } } }"), counts);
    let limited = "SELECT ?g ?s { GRAPH ?g { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 1 } } }";
    assert_eq!(answer(ROOMS, limited), [":north :case1", ":south :atlas"]);
    let minus = "SELECT ?g ?s { GRAPH ?g { ?s :in ?c MINUS { ?c :by ?d } } }";
    assert_eq!(answer(ROOMS, minus), [":south :atlas"]);
    let closure = "SELECT ?g ?e { GRAPH ?g { :map (:in|:by)* ?e } }";
    assert_eq!(answer(ROOMS, closure), [":north :case1", ":north :door", ":north :map", ":south :map"]);
    let empty = "SELECT ?g { GRAPH ?g {} }";
    assert_eq!(answer(ROOMS, empty), [":north", ":south"]);
}

#[test]
fn the_name_of_the_graph_is_joined_after_the_braces() {
    let inside = ":here { :a :at :here } :there { :b :at :here }";
    assert_eq!(answer(inside, "SELECT ?g ?s { GRAPH ?g { ?s :at ?g } }"), [":here :a"]);
    assert_eq!(answer(inside, "SELECT ?g ?s { GRAPH ?g { ?s :at ?o FILTER NOT EXISTS { ?s :at ?g } } }"), NONE);
    let grouped = "SELECT ?g ?s { GRAPH ?g { { SELECT ?s (SAMPLE(?o) AS ?g) { ?s :at ?o } GROUP BY ?s } } }";
    assert_eq!(answer(inside, grouped), [":here :a"]);
}

#[test]
fn modifiers_are_read_in_every_form() {
    let made = ":a :by :x . :b :by :x . :c :by :y .";
    assert_eq!(answer(made, "ASK { ?s :by ?o } GROUP BY ?o HAVING (COUNT(*) > 1)"), ["true"]);
    assert_eq!(answer(made, "ASK { ?s :by ?o } GROUP BY ?o HAVING (COUNT(*) > 2)"), ["false"]);
    let busiest = "CONSTRUCT { ?o :is :busy } { ?s :by ?o } GROUP BY ?o ORDER BY DESC(COUNT(*)) LIMIT 1";
    assert_eq!(answer(made, busiest), [":x :is :busy"]);
    assert_eq!(
        answer(made, "SELECT ?who (COUNT(*) AS ?n) { ?s :by ?o } GROUP BY (?o AS ?who)"),
        [r#":x "2"^^xsd:integer"#, r#":y "1"^^xsd:integer"#]
    );
    let alias = "SELECT ?o (COUNT(*) AS ?n) { ?s :by ?o } GROUP BY ?o HAVING (?n > 1)";
    assert_eq!(answer(made, alias), [r#":x "2"^^xsd:integer"#]);
    assert_eq!(answer(made, "DESCRIBE :c WHERE { ?x :lost ?y }"), [":c :by :y"]);
    assert_eq!(answer(made, "DESCRIBE :c ?s WHERE { ?s :by :x } LIMIT 0"), [":c :by :y"]);
}

#[test]
fn valid_texts_are_read() {
    let made = ":a :by :x .";
    let spaced =
        "SELECT (CONCAT (STR (?s), \"!\") AS ?a) (COALESCE (?none, 1) AS ?b) { ?s :by ?o FILTER(isBLANK (BNODE ())) }";
    assert_eq!(answer(made, spaced), [r#""http://e/a!" "1"^^xsd:integer"#]);
    assert_eq!(answer(made, "SELECT ?s { ?s :by ?o FILTER(!EXISTS { _:any :sold ?o }) }"), [":a"]);
    assert_eq!(answer(made, "select distinct ?s where { ?s :by ?o filter(True && not exists { ?o :by ?s }) }"), [":a"]);
}

#[test]
fn a_list_of_nothing_has_nothing_in_it() {
    assert_eq!(values(&["2 IN ()", "2 NOT IN ()", "(1/0) IN ()"]), booleans("ftf"));
    assert_eq!(values(&["2 IN (1, 2)", "2 IN (1, 1/0)", "2 IN (1/0, 2)", "2 NOT IN (1, 3)"]), booleans("t-tt"));
}

#[test]
fn texts_are_joined_of_anything_that_has_a_text() {
    let row = ":a :by :x ; :year 1900 .";
    assert_eq!(answer(row, "SELECT (GROUP_CONCAT(?o; SEPARATOR=\"+\") AS ?t) { :a ?p ?o }"), [r#""http://e/x+1900""#]);
}

#[test]
fn a_label_is_one_blank_node_within_a_solution_and_another_in_the_next() {
    let nodes = "SELECT ?a ?b { VALUES ?x { 1 2 } BIND(BNODE(\"n\") AS ?a) BIND(BNODE(\"n\") AS ?b) }";
    let rows = answer("", nodes);
    let pairs: Vec<(&str, &str)> = rows.iter().filter_map(|row| row.split_once(' ')).collect();
    assert!(pairs.len() == 2 && pairs.iter().all(|(a, b)| a == b) && pairs[0].0 != pairs[1].0, "{rows:?}");
}

#[test]
fn exists_sees_the_row_by_substitution() {
    let data = ":a :p :b ; :q :c . :b :p :d .";
    // Everything in it sees the row, a group in it too.
    assert_eq!(answer(data, "SELECT ?s { ?s :p ?o FILTER EXISTS { { ?s :q ?c } } }"), [":a"]);
    assert_eq!(answer(data, "SELECT ?s { ?s :p ?o FILTER EXISTS { ?x :q ?c FILTER(?x = ?s) } }"), [":a"]);
    assert_eq!(
        answer(data, "SELECT ?s { ?s :p ?o FILTER EXISTS { SELECT ?s { ?s :q ?c } LIMIT 1 } }"),
        [":a"],
        "what a sub-select projects is the same variable"
    );
    // What is put in the place of a variable is none any more, so this MINUS shares nothing and takes nothing away.
    assert_eq!(answer(data, "SELECT ?s { ?s :q ?o FILTER EXISTS { ?s :p ?x MINUS { ?s :q ?y } } }"), [":a"]);
}

#[test]
fn a_filter_that_is_always_true_changes_nothing() {
    for query in [
        "SELECT ?s ?o { ?s :in ?o MINUS { GRAPH ?g { ?s :in :case2 } } @ }",
        "SELECT ?s { GRAPH ?g { ?s :in ?o @ } }",
        "SELECT ?s ?w { ?s :in ?w OPTIONAL { ?w :by ?d } @ }",
    ] {
        let plain = answer(ROOMS, &query.replace('@', ""));
        for same in ["FILTER(RAND() < 2)", "BIND(NOW() AS ?now)", "OPTIONAL { ?nothing :never ?there }"] {
            assert_eq!(answer(ROOMS, &query.replace('@', same)), plain, "{query} with {same}");
        }
    }
}

#[test]
fn patterns_joined_on_values_have_the_rows_of_the_product() {
    let data = r#"
        :a :n 1, "1.0"^^xsd:decimal, 1e0, "1"^^xsd:float, "NaN"^^xsd:double, "x", "x"@en, "true"^^xsd:boolean .
        :b :n 16777217, "16777216"^^xsd:float, "2020-01-01T00:00:00Z"^^xsd:dateTime, "-0.0"^^xsd:double, :a .
        :c :m "01"^^xsd:integer, "1.0"^^xsd:float, "NaN"^^xsd:double, "x", "x"@EN, "1"^^xsd:boolean, 0, "ill"^^xsd:integer .
        :d :m 16777216, 16777217, "2020-01-01T02:00:00+02:00"^^xsd:dateTime, "2020-01-01"^^xsd:date, :a, "x"^^:own ."#;
    for pattern in [
        "{ ?s :n ?n . ?t :m ?m @ }",
        "{ ?s :n ?n OPTIONAL { ?t :m ?m @ } }",
        "{ { ?s :n ?n } UNION { ?s :m ?n } ?t :m ?m @ }",
    ] {
        for (equal, other) in [("?n = ?m", "!(?n != ?m)"), ("?n + 1 = ?m + 1", "!(?n + 1 != ?m + 1)")] {
            let rows = |filter: &str| {
                let pattern = pattern.replace('@', &format!("FILTER({filter})"));
                answer(data, &format!("SELECT * {pattern}"))
            };
            let looked_up = rows(equal);
            assert_eq!(looked_up, rows(other), "{pattern} with {equal}");
            assert!(looked_up.len() > 5, "{looked_up:?}");
        }
    }
}
