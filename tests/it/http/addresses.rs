//! Everything that has an IRI under the base answers at its path, and the files beside the data.

use oxigraph::model::NamedOrBlankNode;

use super::{HTML, encode, get};
use crate::support::{quads_of, repository, shipped_edition};

#[tokio::test]
async fn every_thing_answers_at_its_own_iri() {
    let edition = shipped_edition();
    let mut seen = std::collections::BTreeSet::new();
    for quad in &quads_of(&edition) {
        let NamedOrBlankNode::NamedNode(subject) = &quad.subject else { continue };
        let Some(path) = subject.as_str().strip_prefix(edition.iris.base()) else { continue };
        // Beyond the hash is the page of the ontology itself.
        if path.starts_with("ontology") || !seen.insert(path.to_owned()) {
            continue;
        }
        // As a client sends it: what is not ASCII is percent-encoded.
        let path: String =
            path.chars().map(|c| if c.is_ascii() { c.to_string() } else { encode(&c.to_string()) }).collect();
        let asked = |path: &str| get(path).shipped().accept("application/n-triples");
        let mut answer = asked(&format!("/ocm/{path}")).answer().await;
        if answer.status == 303 {
            answer = asked(answer.header("location")).answer().await;
        }
        assert_eq!(answer.status, 200, "{path}");
        let line = format!("<{}>", subject.as_str());
        // At the address of a graph is what it holds; what is said of it is in the graph of the dataset.
        assert!(path.starts_with("graph/") || answer.text().contains(&line), "{path}: {}", answer.text());
    }
    assert!(seen.len() > 400, "{}", seen.len());
}

#[tokio::test]
async fn a_thing_comes_with_its_parts_and_links_to_its_formats() {
    let answer = get("/resource/harbour-stories").good().await;
    assert_eq!((answer.media_type(), answer.header("vary")), ("text/turtle", "Accept, Accept-Encoding"));
    let text = answer.text();
    for part in ["alignment/11.a", "quotation/1", "Harbour Stories"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("Quiet"), "{text}");
    let expected = answer.quads();
    let links = answer.header("link").to_owned();
    let mut followed = 0;
    for link in links.split(", ").filter(|link| !link.contains("void#inDataset")) {
        let (address, rest) = link.strip_prefix('<').and_then(|link| link.split_once('>')).unwrap();
        let alternate = get(address).good().await;
        assert!(rest.contains(&format!("type=\"{}\"", alternate.media_type())) && rest.contains("rel=\"alternate\""));
        if alternate.media_type() != HTML {
            assert!(alternate.quads() == expected, "{address}");
        }
        followed += 1;
    }
    assert_eq!(followed, 5);
    assert_eq!(get("/ocm/resource/harbour-stories.ttl").good().await.body, answer.body);
    assert_eq!(get("/resource/harbour-stories?format=ttl").accept(HTML).good().await.body, answer.body);
    // A suffix beats Accept.
    let nt = get("/resource/harbour-stories.nt").accept(HTML).good().await;
    assert_eq!(nt.media_type(), "application/n-triples");
}

#[tokio::test]
async fn names_beyond_ascii_have_addresses() {
    let address = "/agent/T._%C4%90eri%C4%87";
    let answer = get(address).shipped().good().await;
    assert!(answer.text().contains("T. Đerić"), "{}", answer.text());
    for same in ["/ocm/agent/T._%C4%90eri%C4%87", "/agent/%54._%c4%90eri%c4%87", "/agent/T._%C4%90eri%C4%87.ttl"] {
        assert_eq!(get(same).shipped().good().await.body, answer.body, "{same}");
    }
    for link in answer.header("link").split(", ") {
        let address = link[1..].split('>').next().unwrap();
        get(address).shipped().good().await;
    }
    let page = get(address).accept(HTML).shipped().good().await.text();
    assert!(page.contains("<h1>T. Đerić</h1>"), "{page}");
}

#[tokio::test]
async fn what_is_not_there_has_near_names() {
    let problem = get("/resource/harbor-stories").problem(404, "not-found").await;
    assert_eq!(problem["near"][0], "/resource/harbour-stories", "{problem}");
    for nothing in
        ["/resource", "/resource/", "/resource/harbour-stories/", "/resource/harbour-stories.png", "/x", "//"]
    {
        get(nothing).problem(404, "not-found").await;
    }
    let long = get(&format!("/{}", "é".repeat(3).replace('é', "%C3%A9").repeat(2000))).problem(404, "not-found").await;
    assert!(long.to_string().len() < 1000);
    for broken in ["/resource/%", "/resource/%ff", "/resource/%00"] {
        get(broken).problem(400, "bad-request").await;
    }
}

#[tokio::test]
async fn the_ontology_and_its_companions_are_the_files() {
    for (address, file, media_type) in [
        ("/ontology", "ontology/ocm.ttl", "text/turtle"),
        ("/ontology.ttl", "ontology/ocm.ttl", "text/turtle"),
        ("/ontology/1.0.0", "ontology/ocm.ttl", "text/turtle"),
        ("/ocm/ontology", "ontology/ocm.ttl", "text/turtle"),
        ("/shapes.ttl", "ontology/shapes.ttl", "text/turtle"),
        ("/context.jsonld", "ontology/context.jsonld", "application/ld+json"),
    ] {
        let answer = get(address).good().await;
        assert_eq!(answer.media_type(), media_type, "{address}");
        assert!(answer.body == std::fs::read(repository(file)).unwrap(), "{address}");
    }
    let expected = get("/ontology").good().await.quads();
    for format in ["nt", "rdf", "jsonld"] {
        assert!(get(&format!("/ontology?format={format}")).good().await.quads() == expected, "{format}");
    }
    let older = get("/ontology/0.9").problem(404, "not-found").await;
    assert_eq!(older["near"][0], "/ontology/1.0.0", "{older}");
    let page = get("/ontology").accept(HTML).good().await;
    assert!(page.text().contains("Alignment"));
}
