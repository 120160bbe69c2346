//! Entity tags: whoever has an answer is told so, and nobody is told so wrongly.

use std::collections::BTreeMap;

use super::{Ask, ask, get, post, server, sparql};
use crate::support::fixture_edition;

const NAMED: [&str; 11] = [
    "/resource/harbour-stories",
    "/resource/harbour-stories.nt",
    "/theme/heritage",
    "/dataset",
    "/ontology",
    "/ontology.ttl",
    "/shapes.ttl",
    "/context.jsonld",
    "/graphs?default",
    "/graph/sdg",
    "/queries/coverage-goals.csv",
];

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again() {
    let asked = |query| format!("/sparql?query={}", super::encode(query));
    let plain = asked("SELECT * { ?s ?p ?o } LIMIT 3");
    let nested = asked("SELECT * { GRAPH ?g { ?s ?p ?o FILTER EXISTS { ?s a ?class } } } LIMIT 3");
    for address in NAMED.into_iter().chain([&*plain, &*nested, "/graphs", "/queries/coverage-goals.rq"]) {
        let first = get(address).good().await;
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty(), "{address}");
        assert!(!tag.starts_with("W/"), "{address}");
        for known in [tag.clone(), format!("\"x\", {tag}"), format!("W/{}", tag.trim_start_matches("W/")), "*".into()] {
            for method in ["GET", "HEAD"] {
                let again = ask(method, address).header("if-none-match", known.clone()).answer().await;
                assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{method} {address}");
                for name in ["etag", "cache-control", "vary", "access-control-allow-origin"] {
                    // A file comes in one representation and does not vary.
                    assert!(again.header(name) == first.header(name) || name == "vary", "{address} {name}");
                }
            }
        }
        let stale = get(address).header("if-none-match", "\"other\"").good().await;
        assert_eq!((stale.header("etag"), &stale.body), (&*tag, &first.body), "{address}");
    }
}

#[tokio::test]
async fn different_answers_have_different_tags() {
    let mut seen: BTreeMap<String, (String, Vec<u8>)> = BTreeMap::new();
    let formats =
        ["", "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "text/html"];
    let entities =
        ["/resource/harbour-stories", "/resource/quiet-archive", "/graph/sdg", "/graphs?default", "/ontology"];
    let entities = entities.iter().flat_map(|address| formats.map(|accept| get(address).accept(accept)));
    let tables = ["?goal=11", "?goal=8", ""].map(|goal| get(&format!("/queries/targets{goal}")));
    let graph = super::encode("https://w3id.org/ocm/graph/sdg");
    let asked = ["", &format!("&default-graph-uri={graph}"), &format!("&named-graph-uri={graph}")]
        .map(|more| sparql("SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 9", more));
    for request in entities.chain(tables).chain(asked) {
        let answer = request.good().await;
        let tag = answer.header("etag").to_owned();
        if let Some((other, body)) = seen.get(&tag) {
            assert!(*body == answer.body, "{other} and {} have one tag", answer.what);
        }
        seen.insert(tag, (answer.what, answer.body));
    }
    assert!(seen.len() > 25, "{}", seen.len());
}

/// A strong tag promises bytes, so two servers of one edition must not differ in a byte.
#[tokio::test]
async fn equal_tags_mean_equal_bytes() {
    let twin = Box::leak(Box::new(server(fixture_edition())));
    let list = get("/queries").good().await.json();
    let examples: Vec<String> =
        list["queries"].as_array().unwrap().iter().map(|query| query["example"].as_str().unwrap().to_owned()).collect();
    assert!(examples.len() > 20);
    for address in NAMED.into_iter().map(str::to_owned).chain(examples) {
        let (one, other) = (get(&address).answer().await, Ask { router: twin, ..get(&address) }.answer().await);
        assert_eq!(one.header("etag"), other.header("etag"), "{address}");
        // A problem names its request.
        assert!(one.body == other.body || !one.status.is_success(), "{address}");
    }
}

#[tokio::test]
async fn an_answer_of_chance_has_no_name() {
    for expression in ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "STR(1 + RAND())"] {
        for query in [
            format!("SELECT ({expression} AS ?x) {{}}"),
            format!("SELECT ?s {{ ?s ?p ?o }} ORDER BY ({expression}) LIMIT 1"),
            format!("ASK {{ FILTER EXISTS {{ BIND({expression} AS ?x) }} }}"),
        ] {
            assert_eq!(sparql(&query, "").good().await.header("etag"), "", "{query}");
        }
    }
    // Nor has what is sent, nor what went wrong.
    assert_eq!(post(super::SPARQL, "ASK {}").good().await.header("etag"), "");
    let wrong = get("/queries/targets?goal=99").header("if-none-match", "*").answer().await;
    assert_eq!((wrong.status.as_u16(), wrong.header("etag"), wrong.header("cache-control")), (400, "", "no-store"));
    let nothing = get("/resource/none").header("if-none-match", "*").answer().await;
    assert_eq!(nothing.status, 404);
}
