//! [SPARQL 1.1 Service Description](https://www.w3.org/TR/sparql11-service-description/), and where the dataset is found.

use std::collections::BTreeSet;

use oxigraph::{
    model::{Quad, Term},
    sparql::{QueryResults, SparqlEvaluator},
    store::Store,
};

use super::{Ask, HTML, ask, encode, get, sparql};

fn store(quads: &[Quad]) -> Store {
    let store = Store::new().unwrap();
    store.extend(quads.iter().cloned()).unwrap();
    store
}

/// The values of the one variable of a query.
fn values(quads: &[Quad], pattern: &str) -> BTreeSet<String> {
    let text = format!("PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT ?x WHERE {{ {pattern} }}");
    let query = SparqlEvaluator::new().parse_query(&text).unwrap();
    let QueryResults::Solutions(rows) = query.on_store(&store(quads)).execute().unwrap() else { panic!("{text}") };
    let text = |term: &Term| match term {
        Term::NamedNode(node) => node.as_str().to_owned(),
        other => other.to_string(),
    };
    rows.map(|row| text(row.unwrap().get("x").unwrap())).collect()
}

#[tokio::test]
async fn sd_1_a_get_without_query_describes_the_endpoint_asked() {
    let cases = [
        ("/sparql", "localhost:7878", "http://localhost:7878/sparql"),
        ("/sparql/", "127.0.0.1", "http://127.0.0.1/sparql/"),
        ("/sparql?format=nt", "[::1]:80", "http://[::1]:80/sparql"),
        ("/ocm/sparql", "example.org", "http://example.org/ocm/sparql"),
        // The host of the base is asked by its scheme.
        ("/ocm/sparql", "w3id.org", "https://w3id.org/ocm/sparql"),
        // What is no host is not repeated.
        ("/sparql", "a\"><b>", "https://w3id.org/ocm/sparql"),
        ("/sparql", "user@host", "https://w3id.org/ocm/sparql"),
        ("/sparql", "", "https://w3id.org/ocm/sparql"),
    ];
    for (path, host, endpoint) in cases {
        // A proxy's header could come from anybody.
        let request = Ask { host, ..get(path) }.header("x-forwarded-proto", "gopher");
        let quads = request.good().await.quads();
        assert_eq!(values(&quads, "?x a sd:Service"), [endpoint.to_owned()].into(), "{path} {host}");
        assert_eq!(values(&quads, "?s a sd:Service ; sd:endpoint ?x"), [endpoint.to_owned()].into(), "{path} {host}");
    }
}

#[tokio::test]
async fn sd_1_it_comes_in_every_format_of_graphs() {
    let expected = get("/sparql").good().await.quads();
    for media_type in ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"] {
        let answer = get("/sparql").accept(media_type).good().await;
        assert_eq!(answer.media_type(), media_type);
        assert!(answer.quads() == expected, "{media_type}");
    }
    assert_eq!(get("/sparql").accept(HTML).good().await.media_type(), HTML);
    get("/sparql").accept("text/csv").problem(406, "not-acceptable").await;
}

#[tokio::test]
async fn sd_2_every_format_claimed_is_served_and_no_other_claim_is_made() {
    let quads = get("/sparql").good().await.quads();
    let is = |pattern: &str, expected: &[&str]| {
        let expected: BTreeSet<String> = expected.iter().map(|name| format!("http://www.w3.org/ns/{name}")).collect();
        assert_eq!(values(&quads, pattern), expected, "{pattern}");
    };
    is("?s sd:supportedLanguage ?x", &["sparql-service-description#SPARQL11Query"]);
    is("?s sd:feature ?x", &["sparql-service-description#UnionDefaultGraph"]);
    is("?s sd:defaultEntailmentRegime ?x", &["entailment/Simple"]);
    is("?s sd:inputFormat ?x", &[]);
    is("?s sd:languageExtension ?x", &[]);
    // Ours are not the W3C's; each is answered by the endpoint.
    for function in ["matchesWords", "wordScore"] {
        let name = format!("<https://w3id.org/ocm/ontology#{function}>");
        assert_eq!(values(&quads, &format!("?x sd:extensionFunction {name}")).len(), 1);
        let answer = sparql(&format!("ASK {{ FILTER({name}(\"A word\", \"word\")) }}"), "&format=json").good().await;
        assert_eq!(answer.json()["boolean"], true, "{function}");
    }

    let mut served = BTreeSet::new();
    for (query, formats) in
        [("SELECT * {}", ["json", "xml", "csv", "tsv"]), ("CONSTRUCT {} {}", ["ttl", "nt", "rdf", "jsonld"])]
    {
        for format in formats {
            let media_type = sparql(query, &format!("&format={format}")).good().await.media_type().to_owned();
            served.insert(match &*media_type {
                "application/sparql-results+json" => "SPARQL_Results_JSON",
                "application/sparql-results+xml" => "SPARQL_Results_XML",
                "text/csv" => "SPARQL_Results_CSV",
                "text/tab-separated-values" => "SPARQL_Results_TSV",
                "text/turtle" => "Turtle",
                "application/n-triples" => "N-Triples",
                "application/rdf+xml" => "RDF_XML",
                "application/ld+json" => "JSON-LD",
                other => panic!("{other}"),
            });
        }
    }
    let served: Vec<String> = served.into_iter().map(|name| format!("formats/{name}")).collect();
    is("?s sd:resultFormat ?x", &served.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn sd_2_its_named_graphs_are_those_there_are() {
    let described = values(
        &get("/sparql").good().await.quads(),
        "?s sd:defaultDataset ?d . ?d a sd:Dataset ; sd:defaultGraph [ a sd:Graph ] ; sd:namedGraph [ a sd:NamedGraph ; sd:name ?x ]",
    );
    let found = sparql("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "").good().await.column();
    assert_eq!(described, found.into_iter().collect());
    let quads = get("/sparql").good().await.quads();
    assert_eq!(values(&quads, "?x a sd:NamedGraph").len(), described.len(), "each has a description of its own");
    assert_eq!(values(&quads, "?x a sd:NamedGraph, sd:Dataset"), BTreeSet::new());
    for graph in described {
        assert_eq!(ask("HEAD", &format!("/graphs?graph={}", encode(&graph))).answer().await.status, 200, "{graph}");
    }
}

#[tokio::test]
async fn vd_1_the_dataset_is_found_from_its_well_known_address() {
    let answer = get("/.well-known/void").answer().await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/dataset"));
    let quads = get("/dataset").good().await.quads();
    let values = |pattern: &str| values(&quads, &pattern.replace("void:", "http://rdfs.org/ns/void#"));
    let datasets = ["dataset", "dataset/linked/un-sdg"].map(|path| format!("https://w3id.org/ocm/{path}"));
    assert_eq!(values("?x a <void:Dataset>"), datasets.into());
    // Its parts come with it, and what this document is.
    let document =
        "?x a <void:DatasetDescription> ; <http://xmlns.com/foaf/0.1/primaryTopic> <https://w3id.org/ocm/dataset>";
    assert_eq!(values(document), ["https://w3id.org/ocm/.well-known/void".to_owned()].into());
    assert!(values("?d <void:propertyPartition> ?part . ?part <void:property> ?x").len() > 10);
}

#[tokio::test]
async fn vd_4_the_prefixes_can_be_asked_for() {
    let query = "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?n { ?p sh:prefix \"skos\" ; sh:namespace ?n }";
    assert_eq!(sparql(query, "").good().await.column(), ["http://www.w3.org/2004/02/skos/core#"]);
}

#[tokio::test]
async fn vd_5_every_document_says_of_which_dataset_it_is() {
    let link = "<https://w3id.org/ocm/dataset>; rel=\"http://rdfs.org/ns/void#inDataset\"";
    let paths = ["/resource/harbour-stories", "/theme/heritage.ttl", "/graph/sdg.nt", "/graphs?default", "/ontology"];
    for path in paths {
        let answer = get(path).good().await;
        assert!(answer.header("link").ends_with(link), "{path}: {}", answer.header("link"));
    }
}

#[tokio::test]
async fn vd_2_every_dump_is_there() {
    let dumps = sparql("SELECT ?dump { ?graph <http://rdfs.org/ns/void#dataDump> ?dump }", "").good().await.column();
    assert_eq!(dumps.len(), 8);
    for dump in dumps {
        let path = dump.strip_prefix("https://w3id.org/ocm").unwrap();
        assert!(!get(path).good().await.quads().is_empty(), "{dump}");
    }
}
