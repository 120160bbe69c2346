//! Content codings: fewer bytes on the wire, the same bytes for whoever unpacks them.

use std::{collections::HashSet, io::Read};

use super::{Answer, HTML, SPARQL, ask, encode, get, post};

/// What the client may be sent, as it is named in `Accept-Encoding` and `Content-Encoding`.
const CODINGS: [&str; 3] = ["br", "gzip", "zstd"];

/// Answers of every origin that are large enough: kept and not kept, data and pages.
fn large() -> Vec<String> {
    let volatile =
        encode("SELECT ?s ?p ?o (NOW() < \"2020-01-01T00:00:00Z\"^^xsd:dateTime AS ?x) { ?s ?p ?o } LIMIT 99");
    let table = encode("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 99");
    let addresses = [
        "/queries/coverage-goals.json",
        "/queries/coverage-goals.xml",
        "/queries",
        "/resource/harbour-stories",
        "/graphs?default",
        "/graph/sdg.nt",
        "/ontology.ttl",
        "/ontology?format=rdf",
        "/style.css",
        "/limits",
        "/sparql",
        "/",
    ];
    let queries = [volatile, table].map(|query| format!("/sparql?query={}", query.replace("xsd%3AdateTime", XSD)));
    addresses.map(str::to_owned).into_iter().chain(queries).collect()
}

const XSD: &str = "%3Chttp%3A%2F%2Fwww.w3.org%2F2001%2FXMLSchema%23dateTime%3E";

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        "br" => brotli::BrotliDecompress(&mut &*answer.body, &mut plain).unwrap(),
        "gzip" => {
            flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut plain).unwrap();
        }
        "zstd" => {
            ruzstd::decoding::StreamingDecoder::new(&*answer.body).unwrap().read_to_end(&mut plain).unwrap();
        }
        other => panic!("{}: \"{other}\"", answer.what),
    }
    plain
}

#[tokio::test]
async fn every_coding_has_the_same_bytes_and_a_name_of_its_own() {
    for address in large() {
        let plain = get(&address).good().await;
        assert_eq!(plain.header("content-encoding"), "", "{address}");
        assert!(plain.header("vary").contains("Accept-Encoding"), "{address}: {}", plain.header("vary"));
        let mut tags = HashSet::from([plain.header("etag").to_owned()]);
        for coding in CODINGS {
            // Twice: made, and perhaps kept.
            for _ in 0..2 {
                let packed = get(&address).header("accept-encoding", coding).good().await;
                assert_eq!(packed.header("content-encoding"), coding, "{address}");
                assert!(unpacked(&packed) == plain.body, "{address} {coding}");
                assert!(packed.body.len() < plain.body.len(), "{address} {coding}");
                assert_eq!(packed.header("content-length"), packed.body.len().to_string(), "{address}");
                assert_eq!(packed.header("vary"), plain.header("vary"), "{address}");
                assert_eq!(packed.header("content-type"), plain.header("content-type"), "{address}");
                tags.insert(packed.header("etag").to_owned());
            }
        }
        assert_eq!(tags.len(), if plain.header("etag").is_empty() { 1 } else { 4 }, "{address}: {tags:?}");
    }
}

#[tokio::test]
async fn weights_decide_and_nothing_is_sent_that_is_not_taken() {
    for (accept, expected) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.9", "gzip"),
        ("*", "br"),
        ("deflate", ""),
        ("br;q=0, gzip;q=0, zstd;q=0", ""),
        ("identity, gzip;q=0.9", ""),
        ("", ""),
    ] {
        for address in ["/queries/coverage-goals.json", "/"] {
            let answer = get(address).header("accept-encoding", accept).good().await;
            assert_eq!(answer.header("content-encoding"), expected, "{address} {accept}");
        }
    }
}

#[tokio::test]
async fn little_is_sent_as_it_is_unless_that_is_not_taken() {
    let ask_yes = format!("/sparql?query={}", encode("ASK {}"));
    for address in [&*ask_yes, "/health/live", "/problems/timeout"] {
        let plain = get(address).header("accept-encoding", "br").good().await;
        assert_eq!(plain.header("content-encoding"), "", "{address}");
        let packed = get(address).header("accept-encoding", "br, identity;q=0").good().await;
        assert_eq!(unpacked(&packed), plain.body, "{address}");
        assert_eq!(packed.header("etag").is_empty(), plain.header("etag").is_empty(), "{address}");
        assert!(packed.header("etag").is_empty() || packed.header("etag") != plain.header("etag"), "{address}");
    }
    let problem = get("/nothing").header("accept-encoding", "br").answer().await;
    assert_eq!((problem.status.as_u16(), problem.header("content-encoding")), (404, ""));
    problem.json();
}

#[tokio::test]
async fn whoever_has_an_answer_in_a_coding_is_told_so() {
    for address in ["/queries/coverage-goals.json", "/graph/sdg.nt", "/ontology.ttl", "/"] {
        let (plain, gzip) = (get(address).good().await, get(address).header("accept-encoding", "gzip").good().await);
        let (plain, gzip) = (plain.header("etag"), gzip.header("etag"));
        for (known, accept, status) in [
            (gzip, "gzip", 304),
            (gzip, "br, gzip;q=0.1", 304),
            // It has what it could not be sent now.
            (gzip, "br", 200),
            (gzip, "", 200),
            (plain, "br", 304),
            (plain, "br, identity;q=0", 200),
        ] {
            let request = get(address).header("accept-encoding", accept).header("if-none-match", known);
            let answer = request.answer().await;
            assert_eq!(answer.status, status, "{address} {known} {accept}");
            if status == 304 {
                assert_eq!(answer.header("etag"), known, "{address} {accept}");
                assert!(answer.header("vary").contains("Accept-Encoding"), "{address}");
            }
        }
    }
}

#[tokio::test]
async fn head_says_what_get_sends_in_a_coding_too() {
    for address in large() {
        for coding in CODINGS {
            let got = get(&address).header("accept-encoding", coding).good().await;
            let head = ask("HEAD", &address).header("accept-encoding", coding).good().await;
            assert_eq!(head.body, b"", "{address}");
            for name in ["content-encoding", "content-length", "content-type", "etag", "vary", "cache-control"] {
                assert_eq!(head.header(name), got.header(name), "{address} {coding} {name}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_with_a_mistake_and_an_answer_to_a_post_are_packed_too() {
    let page = get("/queries/targets?goal=99").accept(HTML).header("accept-encoding", "gzip").answer().await;
    assert_eq!((page.status.as_u16(), page.header("content-encoding")), (400, "gzip"));
    assert!(String::from_utf8(unpacked(&page)).unwrap().contains("role=\"alert\""));
    let query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 99";
    let sent = post(SPARQL, query).header("accept-encoding", "zstd").good().await;
    assert!(unpacked(&sent) == post(SPARQL, query).good().await.body);
}
