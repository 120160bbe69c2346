//! Formats: by `Accept`, by `?format=` and by `?output=`.

use super::{HTML, sparql};

const SELECT: &str = "SELECT ?s { ?s a <https://w3id.org/ocm/ontology#Resource> } ORDER BY ?s";
const ASK: &str = "ASK {}";
const CONSTRUCT: &str = "CONSTRUCT WHERE { ?s a <https://w3id.org/ocm/ontology#Resource> }";
const DESCRIBE: &str = "DESCRIBE <https://w3id.org/ocm/resource/harbour-stories>";

/// Names in `?format=`, media type asked for, media type given.
const TABLES: [(&[&str], &str, &str); 4] = [
    (&["json"], "application/sparql-results+json", "application/sparql-results+json"),
    (&["xml"], "application/sparql-results+xml", "application/sparql-results+xml"),
    (&["csv", "text/csv"], "text/csv", "text/csv; charset=utf-8"),
    (&["tsv"], "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
];

const GRAPHS: [(&[&str], &str, &str); 4] = [
    (&["ttl", "turtle"], "text/turtle", "text/turtle; charset=utf-8"),
    (&["nt", "ntriples"], "application/n-triples", "application/n-triples"),
    (&["rdf", "rdfxml"], "application/rdf+xml", "application/rdf+xml"),
    (&["jsonld", "json-ld"], "application/ld+json", "application/ld+json"),
];

#[tokio::test]
async fn sp_5_each_kind_of_query_answers_in_each_of_its_formats() {
    for (queries, formats) in [([SELECT, ASK], TABLES), ([CONSTRUCT, DESCRIBE], GRAPHS)] {
        for query in queries {
            let mut bodies = Vec::new();
            for (names, accept, content_type) in formats {
                let by_accept = sparql(query, "").accept(accept).good().await;
                assert_eq!(by_accept.header("content-type"), content_type, "{query}");
                assert_eq!(by_accept.header("vary"), "Accept, Accept-Encoding");
                assert!(!by_accept.body.is_empty());
                for name in names {
                    for parameter in ["format", "output"] {
                        // What is named beats what is accepted.
                        let more = format!("&{parameter}={}", super::encode(name));
                        let by_name = sparql(query, &more).accept("image/png").good().await;
                        assert_eq!(by_name.header("content-type"), content_type, "{query} {more}");
                        assert_eq!(by_name.body, by_accept.body, "{query} {more}");
                    }
                }
                bodies.push(by_accept);
            }
            // The same graph whatever it is written in.
            if content_is_rdf(query) {
                let graphs: Vec<_> = bodies.iter().map(super::Answer::quads).collect();
                assert!(!graphs[0].is_empty() && graphs.windows(2).all(|pair| pair[0] == pair[1]), "{query}");
            }
        }
    }
}

fn content_is_rdf(query: &str) -> bool {
    [CONSTRUCT, DESCRIBE].contains(&query)
}

#[tokio::test]
async fn sp_7_who_does_not_care_gets_json_and_turtle() {
    for accept in ["", "*/*", "application/*, text/csv;q=0.5", "nonsense"] {
        let table = sparql(SELECT, "").accept(accept).good().await;
        assert_eq!(table.media_type(), "application/sparql-results+json", "{accept}");
    }
    assert_eq!(sparql(CONSTRUCT, "").good().await.media_type(), "text/turtle");
    assert_eq!(sparql(ASK, "").good().await.media_type(), "application/sparql-results+json");
}

#[tokio::test]
async fn weights_decide() {
    for (accept, media_type) in [
        ("text/csv;q=0.9, application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("application/rdf+xml, text/tab-separated-values;q=0.001", "text/tab-separated-values"),
        ("application/xml", "application/sparql-results+xml"),
        ("application/json;q=0.3", "application/sparql-results+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ] {
        assert_eq!(sparql(SELECT, "").accept(accept).good().await.media_type(), media_type, "{accept}");
    }
}

#[tokio::test]
async fn what_is_not_on_offer_is_406_and_says_what_is() {
    for (query, accept, offered) in [
        (SELECT, "text/turtle", "csv (text/csv)"),
        (CONSTRUCT, "text/csv", "ttl (text/turtle)"),
        (ASK, "image/*", "json"),
    ] {
        let problem = sparql(query, "").accept(accept).problem(406, "not-acceptable").await;
        assert!(problem["detail"].as_str().unwrap().contains(offered), "{problem}");
    }
    let problem = sparql(SELECT, "&format=ttl").problem(400, "unknown-format").await;
    assert!(problem["detail"].as_str().unwrap().contains("csv"), "{problem}");
    sparql(SELECT, "&format=csv&format=json").problem(400, "repeated-parameter").await;
    // An empty name is no name.
    assert_eq!(sparql(SELECT, "&format=").good().await.media_type(), "application/sparql-results+json");
}
