//! Reads of the [Graph Store HTTP Protocol](https://www.w3.org/TR/sparql11-http-rdf-update/), and no writes.

use std::collections::BTreeSet;

use oxigraph::model::{GraphName, Quad};

use super::{HTML, ask, encode, get};
use crate::support::{fixture_edition, quads_of};

const CATALOGUE: &str = "https://w3id.org/ocm/graph/catalogue";

fn without_names(quads: &[Quad]) -> Vec<Quad> {
    let quads: BTreeSet<String> =
        quads.iter().map(|q| Quad { graph_name: GraphName::DefaultGraph, ..q.clone() }.to_string()).collect();
    let text: String = quads.into_iter().map(|quad| quad + " .\n").collect();
    oxigraph::io::RdfParser::from_format(oxigraph::io::RdfFormat::NQuads).for_slice(&text).map(Result::unwrap).collect()
}

fn catalogue() -> Vec<Quad> {
    let quads = quads_of(&fixture_edition());
    without_names(&quads.into_iter().filter(|q| q.graph_name.to_string().contains("catalogue")).collect::<Vec<_>>())
}

#[tokio::test]
async fn gs_1_a_graph_has_three_addresses() {
    let expected = catalogue();
    for address in [
        "/graph/catalogue",
        "/ocm/graph/catalogue",
        "/graph/%63atalogue",
        "/graph/catalogue.ttl",
        &format!("/graphs?graph={}", encode(CATALOGUE)),
        &format!("/graphs?graph={CATALOGUE}"),
        "/graphs?graph=https://w3id.org/ocm/graph/%63atalogue",
    ] {
        let answer = get(address).good().await;
        assert_eq!(answer.media_type(), "text/turtle", "{address}");
        assert!(answer.quads() == expected, "{address}");
    }
}

#[tokio::test]
async fn gs_1_the_default_graph_is_the_union() {
    let expected = without_names(&quads_of(&fixture_edition()));
    for address in ["/graphs?default", "/graphs?default="] {
        assert!(get(address).good().await.quads() == expected, "{address}");
    }
}

#[tokio::test]
async fn gs_1_the_store_itself_is_the_dataset() {
    let expected = quads_of(&fixture_edition());
    for (accept, media_type) in [
        ("*/*", "application/trig"),
        ("application/trig", "application/trig"),
        ("application/n-quads", "application/n-quads"),
        ("application/ld+json", "application/ld+json"),
    ] {
        let answer = get("/graphs").accept(accept).good().await;
        assert_eq!(answer.media_type(), media_type);
        assert!(answer.quads() == expected, "{accept}");
    }
    // What cannot tell graphs apart cannot write a dataset.
    get("/graphs").accept("text/turtle").problem(406, "not-acceptable").await;
    let page = get("/graphs").accept(HTML).good().await.text();
    assert!(
        page.contains("/graph/catalogue") && page.contains("/graphs?default&amp;format=ttl")
            || page.contains("/graphs?default&#38;format=ttl"),
        "{page}"
    );
}

#[tokio::test]
async fn gs_2_each_format_holds_the_same_graph() {
    let expected = catalogue();
    for (suffix, media_type) in [
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
        ("jsonld", "application/ld+json"),
    ] {
        for answer in [
            get(&format!("/graph/catalogue.{suffix}")).good().await,
            get(&format!("/graph/catalogue?format={suffix}")).good().await,
            get("/graph/catalogue").accept(media_type).good().await,
        ] {
            assert_eq!(answer.media_type(), media_type, "{}", answer.what);
            assert!(answer.quads() == expected, "{}", answer.what);
        }
    }
    assert_eq!(get("/graph/catalogue").accept(HTML).good().await.media_type(), HTML);
}

#[tokio::test]
async fn gs_2_an_unknown_graph_is_404_with_near_names() {
    let near = get("/graph/catalog").problem(404, "not-found").await;
    assert_eq!(near["near"][0], CATALOGUE, "{near}");
    for unknown in ["/graph/x", "/graphs?graph=http://example.org/", "/graph/catalogue.trig", "/graph/", "/graph"] {
        get(unknown).problem(404, "not-found").await;
    }
}

#[tokio::test]
async fn gs_1_exactly_one_graph_is_named() {
    for bad in [
        format!("/graphs?default&graph={CATALOGUE}"),
        "/graphs?default=yes".into(),
        "/graphs?graph=".into(),
        "/graphs?graph=catalogue".into(),
        "/graphs?graph=%zz".into(),
    ] {
        get(&bad).problem(400, "bad-request").await;
    }
    get(&format!("/graphs?graph={CATALOGUE}&graph={CATALOGUE}")).problem(400, "repeated-parameter").await;
}

#[tokio::test]
async fn gs_4_an_iri_is_decoded_once() {
    let twice = encode(&encode(CATALOGUE));
    get(&format!("/graphs?graph={twice}")).problem(400, "bad-request").await;
    get("/graphs?graph=https://w3id.org/ocm/graph/%2563atalogue").problem(404, "not-found").await;
    get("/graph/%2563atalogue").problem(404, "not-found").await;
}

#[tokio::test]
async fn gs_5_writes_are_refused_with_the_reason() {
    for address in
        ["/graphs", "/graphs?default", "/graphs?graph=http://example.org/new", "/graph/catalogue", "/graph/new"]
    {
        for method in ["PUT", "POST", "DELETE", "PATCH"] {
            let write = ask(method, address).header("content-type", "text/turtle").body("<x:a> <x:b> <x:c> .");
            let problem = write.problem(403, "read-only").await;
            assert!(problem["detail"].as_str().unwrap().contains("files"), "{problem}");
        }
        let answer = ask("TRACE", address).answer().await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
    }
}
