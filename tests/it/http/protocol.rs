//! [SPARQL 1.1 Protocol](https://www.w3.org/TR/sparql11-protocol/) for queries; the names of the rules are those of our
//! checklist: 1 ways to ask, 2 parameters, 3 what is refused, 4 statuses, 5 media types, 6 base, 7 and 8 our own bar.

use super::{FORM, SPARQL, ask, encode, get, post, sparql};

const RESOURCES: &str =
    "SELECT ?r WHERE { ?r a <https://w3id.org/ocm/ontology#Resource> } ORDER BY ?r # plus + and %41 stay";
const CATALOGUE: &str = "https://w3id.org/ocm/graph/catalogue";
const SDG: &str = "https://w3id.org/ocm/graph/sdg";

fn harbour_and_quiet() -> Vec<String> {
    ["harbour-stories", "quiet-archive"].map(|slug| format!("https://w3id.org/ocm/resource/{slug}")).to_vec()
}

#[tokio::test]
async fn sp_1_every_way_to_ask_gives_the_same_answer() {
    let form = format!("query={}", encode(RESOURCES));
    let ways = [
        sparql(RESOURCES, ""),
        get(&format!("/sparql/?{form}")),
        post(FORM, form.clone()),
        post("Application/X-WWW-Form-Urlencoded; charset=UTF-8", form.clone()),
        post(SPARQL, RESOURCES),
        post("application/sparql-query;charset=\"utf-8\"", RESOURCES),
        ask("QUERY", "/sparql").header("content-type", SPARQL).body(RESOURCES),
        ask("QUERY", "/sparql/").header("content-type", FORM).body(form.clone()),
        get(&format!("/ocm/sparql?{form}")),
    ];
    for way in ways {
        let answer = way.good().await;
        assert_eq!(answer.column(), harbour_and_quiet(), "{}", answer.what);
        assert_eq!(answer.header("content-type"), "application/sparql-results+json");
    }
}

#[tokio::test]
async fn sp_2_a_query_is_asked_exactly_once() {
    let query = encode("ASK {}");
    let both = format!("query={query}&query={query}");
    get(&format!("/sparql?{both}")).problem(400, "repeated-parameter").await;
    post(FORM, both).problem(400, "repeated-parameter").await;
    // Once in the address and once in the body.
    let address = format!("/sparql?query={query}");
    ask("POST", &address).header("content-type", SPARQL).body("ASK {}").problem(400, "repeated-parameter").await;
    let form = ask("POST", &address).header("content-type", FORM).body(format!("query={query}"));
    form.problem(400, "repeated-parameter").await;

    post(FORM, "").problem(400, "missing-query").await;
    post(FORM, "default-graph-uri=x").problem(400, "missing-query").await;
    for nothing in [get("/sparql?query="), post(FORM, "query="), post(SPARQL, "")] {
        nothing.problem(400, "malformed-query").await;
    }
}

#[tokio::test]
async fn sp_2_the_dataset_of_the_protocol_beats_that_of_the_query() {
    let goals = "{ ?g a <http://metadata.un.org/sdg/ontology#Goal> }";
    let count = |from: &str| format!("SELECT (COUNT(*) AS ?n) {from} WHERE {goals}");
    let (sdg, catalogue) = (encode(SDG), encode(CATALOGUE));
    let all = sparql(&count(""), "").good().await.column();
    assert_ne!(all, ["0"]);
    let from_catalogue = count(&format!("FROM <{CATALOGUE}>"));
    assert_eq!(sparql(&from_catalogue, "").good().await.column(), ["0"]);
    assert_eq!(sparql(&from_catalogue, &format!("&default-graph-uri={sdg}")).good().await.column(), all);
    let both = format!("&default-graph-uri={sdg}&default-graph-uri={catalogue}");
    assert_eq!(sparql(&from_catalogue, &both).good().await.column(), all);
    // In the address of a direct POST, and as fields of a form.
    let direct = ask("POST", &format!("/sparql?default-graph-uri={catalogue}"));
    assert_eq!(direct.header("content-type", SPARQL).body(count("")).good().await.column(), ["0"]);
    let form = format!("query={}&default-graph-uri={catalogue}", encode(&count("")));
    assert_eq!(post(FORM, form).good().await.column(), ["0"]);
}

#[tokio::test]
async fn sp_2_named_graphs_are_those_the_protocol_names() {
    let names = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g";
    let all = sparql(names, "").good().await.column();
    assert_eq!(
        all,
        ["catalogue", "dataset", "ontology", "sdg"].map(|name| format!("https://w3id.org/ocm/graph/{name}"))
    );
    let from_named = names.replace("WHERE", &format!("FROM NAMED <{CATALOGUE}> WHERE"));
    assert_eq!(sparql(&from_named, "").good().await.column(), [CATALOGUE]);
    let sdg = format!("&named-graph-uri={}", encode(SDG));
    assert_eq!(sparql(&from_named, &sdg).good().await.column(), [SDG]);
    // With named graphs alone the default graph is empty.
    assert_eq!(sparql("ASK { ?s ?p ?o }", &sdg).good().await.json()["boolean"], false);
    // With a default graph alone there is no named graph.
    let default = format!("&default-graph-uri={}", encode(SDG));
    assert_eq!(sparql(names, &default).good().await.column(), [""; 0]);
}

#[tokio::test]
async fn sp_2_a_graph_is_named_by_an_absolute_iri() {
    for parameter in ["default-graph-uri", "named-graph-uri"] {
        let bad = sparql("ASK {}", &format!("&{parameter}=catalogue")).problem(400, "bad-request").await;
        assert!(bad["detail"].as_str().unwrap().contains("catalogue"), "{bad}");
    }
    let unknown = sparql("ASK FROM <https://w3id.org/ocm/graph/nowhere> {}", "").problem(400, "unknown-graph").await;
    assert!(unknown["detail"].as_str().unwrap().contains(CATALOGUE), "{unknown}");
}

#[tokio::test]
async fn sp_3_what_is_not_a_query_request_is_refused() {
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
        let answer = ask(method, "/sparql").header("content-type", SPARQL).body("ASK {}").answer().await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "GET, HEAD, POST, QUERY, OPTIONS");
        assert_eq!(answer.json()["type"], "/problems/method-not-allowed");
    }
    for media_type in ["text/plain", "application/json", "multipart/form-data; boundary=x", "nonsense", ""] {
        post(media_type, "ASK {}").problem(415, "unsupported-media-type").await;
    }
    ask("POST", "/sparql").body("query=ASK%20%7B%7D").problem(415, "unsupported-media-type").await;
    ask("POST", "/sparql").body("ASK {}").problem(415, "unsupported-media-type").await;
    post("application/sparql-query; charset=utf-16", "ASK {}").problem(415, "unsupported-media-type").await;
    post(SPARQL, "ASK {}").header("content-encoding", "gzip").problem(415, "unsupported-media-type").await;
    let utf_16: Vec<u8> = "ASK {}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [b"ASK { ?s ?p \"\xff\" }".to_vec(), [b"\xff\xfe".to_vec(), utf_16].concat()] {
        post(SPARQL, bytes).problem(400, "bad-request").await;
    }
}

#[tokio::test]
async fn sp_3_a_broken_encoding_is_not_guessed_at() {
    for value in ["%", "%4", "%zz", "ASK%20%FF", "%C0%AF", "ASK%00%7B%7D"] {
        get(&format!("/sparql?query={value}")).problem(400, "bad-request").await;
        post(FORM, format!("query={value}")).problem(400, "bad-request").await;
    }
    post(FORM, b"query=ASK \xff".to_vec()).problem(400, "bad-request").await;
    // A NUL in the query itself is not SPARQL.
    let nul = post(SPARQL, "ASK {\0}").answer().await;
    assert_eq!(nul.status, 400, "{}", nul.text());
}

#[tokio::test]
async fn sp_4_updates_are_refused_whatever_way_they_come() {
    let update = "INSERT DATA { <x:a> <x:b> <x:c> }";
    let field = format!("update={}", encode(update));
    let ways = [
        post("application/sparql-update", update),
        ask("QUERY", "/sparql").header("content-type", "application/sparql-update").body(update),
        post(FORM, field.clone()),
        get(&format!("/sparql?{field}")),
        get(&format!("/sparql?{field}&query=ASK%7B%7D")),
        sparql(update, ""),
        post(SPARQL, update),
        post(FORM, format!("query={}", encode("PREFIX x: <x:> DELETE WHERE { ?s ?p ?o }"))),
        post(SPARQL, "CLEAR ALL"),
        post(SPARQL, "DROP SILENT GRAPH <x:g>"),
        post(SPARQL, "LOAD <http://127.0.0.1:9/>"),
    ];
    for way in ways {
        let problem = way.problem(403, "read-only").await;
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    let nothing_came = sparql("ASK { <x:a> ?p ?o }", "").good().await.json();
    assert_eq!(nothing_came["boolean"], false);
}

#[tokio::test]
async fn sp_4_a_syntax_error_has_its_place() {
    let problem = sparql("SELECT *\nWHERE { ?s ?p }", "").problem(400, "malformed-query").await;
    assert_eq!((&problem["line"], &problem["column"]), (&2.into(), &15.into()), "{problem}");
    sparql("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "").problem(403, "service-refused").await;
    let long = format!("ASK {{}} #{}", "x".repeat(400_000));
    assert_eq!(post(SPARQL, long).answer().await.status, 413);
    post(SPARQL, vec![b' '; 1024 * 1024 + 1]).problem(413, "body-too-large").await;
    let announced = post(SPARQL, "ASK {}").header("content-length", "99999999");
    announced.problem(413, "body-too-large").await;
}

#[tokio::test]
async fn sp_6_relative_iris_are_resolved_against_the_endpoint() {
    let answer = sparql("SELECT (STR(<resource/x>) AS ?a) {}", "").good().await;
    assert_eq!(answer.column(), ["https://w3id.org/ocm/resource/x"]);
}

#[tokio::test]
async fn sp_8_columns_come_in_the_order_of_the_text() {
    for (query, columns) in [
        ("SELECT * { ?zebra ?apple ?mango } LIMIT 1", "zebra,apple,mango"),
        ("SELECT ?o ?s ?p { ?s ?p ?o } LIMIT 1", "o,s,p"),
        ("SELECT ?o (1 AS ?b) (2 AS ?a) { ?s ?p ?o } LIMIT 1", "o,b,a"),
        ("SELECT * { ?s ?p ?o . BIND(1 AS ?b) OPTIONAL { ?s ?q ?a } } LIMIT 1", "s,p,o,b,q,a"),
    ] {
        let csv = sparql(query, "&format=csv").good().await.text();
        assert_eq!(csv.split("\r\n").next().unwrap(), columns, "{query}");
        let json = sparql(query, "").good().await.json();
        let columns: Vec<_> = columns.split(',').collect();
        assert_eq!(json["head"]["vars"], serde_json::json!(columns), "{query}");
    }
}

#[tokio::test]
async fn sp_8_tables_follow_their_own_standards() {
    let query = "SELECT ?a ?b { VALUES (?a ?b) { ('x, \"y\"\\nz' <x:i>) (1 UNDEF) ('é'@fr true) } }";
    let csv = sparql(query, "&format=csv").good().await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text(), "a,b\r\n\"x, \"\"y\"\"\nz\",x:i\r\n1,\r\né,true\r\n");
    let tsv = sparql(query, "&format=tsv").good().await;
    assert_eq!(tsv.header("content-type"), "text/tab-separated-values; charset=utf-8");
    assert_eq!(tsv.text(), "?a\t?b\n\"x, \\\"y\\\"\\nz\"\t<x:i>\n1\t\n\"é\"@fr\ttrue\n");
}

#[tokio::test]
async fn sp_8_a_query_can_be_explained() {
    let path = format!("/sparql?query={}", encode(RESOURCES));
    let text = get(&format!("{path}&explain=text")).good().await;
    assert!(text.text().starts_with("2 rows in "), "{}", text.text());
    let json = get(&format!("{path}&explain=json")).good().await.json();
    assert_eq!((&json["rows"], &json["plan"]["rows"]), (&2.into(), &2.into()));
    let chance = format!("/sparql?query={}&explain=json", encode("SELECT (RAND() AS ?x) {}"));
    assert_eq!(get(&chance).good().await.json()["rows"], 1);
    get(&format!("{path}&explain=poem")).problem(400, "bad-request").await;
}
