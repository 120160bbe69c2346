//! The program answers connections and never opens one, whatever a query asks for.

use std::{collections::BTreeMap, fs, io::ErrorKind, net::TcpListener, process::Command};

use ocm_graph::engine::{DatasetSpec, Engine, Format, Limits, Shape, Watch};
use oxigraph::{
    io::RdfFormat,
    sparql::{QueryResults, SparqlEvaluator, results::QueryResultsFormat},
    store::Store,
};

use crate::support::{fixture_edition, repository, server::Server};

/// Somebody on this machine who would notice.
struct Bystander(TcpListener);

impl Bystander {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// Fails when anybody has connected: the system finishes the handshake itself, so a connection is there to be seen
    /// as soon as it was opened.
    fn was_left_alone(&self, query: &str) {
        match self.0.accept() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => panic!("{query}\nopened a connection: {other:?}"),
        }
    }
}

/// Every way there is to name another server in a query.
fn remote_queries(there: &str) -> Vec<String> {
    let service = format!("SERVICE <{there}/sparql> {{ ?s ?p ?o }}");
    vec![
        format!("SELECT * {{ {service} }}"),
        format!("SELECT * {{ SERVICE SILENT <{there}/sparql> {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ VALUES ?there {{ <{there}/sparql> }} SERVICE ?there {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ VALUES ?there {{ <{there}/sparql> }} SERVICE SILENT ?there {{ ?s ?p ?o }} }}"),
        format!("SELECT * {{ SERVICE SILENT <{there}/a> {{ SERVICE SILENT <{there}/b> {{ ?s ?p ?o }} }} }}"),
        format!("SELECT * {{ ?a a ?b OPTIONAL {{ {{ SELECT * {{ {service} }} }} UNION {{ ?s ?p ?o }} }} }}"),
        format!("ASK {{ ?a a ?b MINUS {{ {service} }} }}"),
        format!("SELECT * {{ ?a a ?b FILTER EXISTS {{ {service} }} }}"),
        format!("SELECT * {{ ?a a ?b BIND(EXISTS {{ GRAPH ?g {{ {service} }} }} AS ?c) }}"),
        format!("CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {service} }}"),
        format!("DESCRIBE ?s WHERE {{ {service} }}"),
        format!("DESCRIBE <{there}/thing>"),
        format!("SELECT * FROM <{there}/graph.ttl> {{ ?s ?p ?o }}"),
        format!("SELECT * FROM NAMED <{there}/graph.ttl> {{ GRAPH <{there}/graph.ttl> {{ ?s ?p ?o }} }}"),
        format!("BASE <{there}/> SELECT * {{ SERVICE <sparql> {{ ?s ?p ?o }} }}"),
    ]
}

/// Whether it says where to call, rather than only naming a thing.
fn calls_out(query: &str) -> bool {
    ["SERVICE", "LOAD", "FROM"].iter().any(|word| query.contains(word))
}

/// Not queries at all, but what a careless endpoint would do for a stranger.
fn updates(there: &str) -> Vec<String> {
    vec![
        format!("LOAD <{there}/graph.ttl>"),
        format!("LOAD SILENT <{there}/graph.ttl> INTO GRAPH <{there}/g>"),
        format!("INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{there}/sparql> {{ ?s ?p ?o }} }}"),
    ]
}

#[test]
fn a_query_cannot_make_the_engine_open_a_connection() {
    let bystander = Bystander::new();
    let engine = Engine::new(&fixture_edition().dataset, Limits::default());
    for query in remote_queries(&bystander.address()).iter().chain(&updates(&bystander.address())) {
        let prepared = engine.prepare(query, None);
        assert_eq!(prepared.is_err(), calls_out(query), "{query}");
        if let Ok(prepared) = prepared {
            let format = match prepared.shape() {
                Shape::Graph => Format::Graph(RdfFormat::NTriples),
                Shape::Table | Shape::Boolean => Format::Table(QueryResultsFormat::Json),
            };
            let watch = Watch::start(Limits::default().timeout);
            let _ = engine.answer(&prepared, &DatasetSpec::default(), format, &watch);
        }
        bystander.was_left_alone(query);
    }
}

/// Below the guards, which refuse these queries: the evaluator that is compiled in has no way out either. Fails when a
/// feature of the engine, or of a crate that shares it, brings an HTTP client back.
#[test]
fn the_evaluator_itself_has_no_way_out() {
    let bystander = Bystander::new();
    let store = Store::new().unwrap();
    for query in remote_queries(&bystander.address()) {
        let parsed = SparqlEvaluator::new().parse_query(&query).unwrap();
        match parsed.on_store(&store).execute() {
            Ok(QueryResults::Solutions(rows)) => rows.for_each(drop),
            Ok(QueryResults::Graph(triples)) => triples.for_each(drop),
            Ok(QueryResults::Boolean(_)) | Err(_) => {}
        }
        bystander.was_left_alone(&query);
    }
    for update in updates(&bystander.address()) {
        let _ = SparqlEvaluator::new().parse_update(&update).unwrap().on_store(&store).execute();
        bystander.was_left_alone(&update);
    }
}

#[test]
fn a_request_cannot_make_the_server_open_a_connection() {
    let bystander = Bystander::new();
    let there = bystander.address();
    let server = Server::start(&repository("tests/fixtures/catalogue"), &repository("queries"), &[]);
    for query in remote_queries(&there).iter().chain(&updates(&there)) {
        let (status, body) = server.query(query);
        let expected = if calls_out(query) { 400..=499 } else { 200..=200 };
        assert!(expected.contains(&status), "{status} {query}\n{body}");
        bystander.was_left_alone(query);
    }
    for path in [
        format!("/sparql?query=ASK%7B%7D&default-graph-uri={there}/g"),
        format!("/sparql?query=ASK%7B%7D&named-graph-uri={there}/g"),
        format!("/queries/resources-for-target?target={there}/11.4"),
        format!("/graphs?graph={there}/g"),
        format!("/{there}/g"),
    ] {
        server.get(&path, "*/*");
        bystander.was_left_alone(&path);
    }
}

/// The bans of `deny.toml`, held to the crates that are built, on machines without cargo-deny too.
#[test]
fn nothing_that_could_open_a_connection_is_built_in() {
    let rules: toml::Table = fs::read_to_string(repository("deny.toml")).unwrap().parse().unwrap();
    let bans = rules["bans"].as_table().unwrap();
    let strings = |value: &toml::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"])
        .args(["--format", "{p}|{f}"])
        .current_dir(repository("."))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    // `hyper v1.12.0|http1,server`
    let tree = String::from_utf8(tree.stdout).unwrap();
    let mut built: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let (package, features) = line.split_once('|').unwrap();
        built.entry(package.split(' ').next().unwrap()).or_default().extend(features.split(','));
    }
    assert!(built.contains_key("oxigraph") && built["hyper"].contains(&"server"), "the tree was not understood");
    for banned in strings(&bans["deny"]) {
        assert!(!built.contains_key(banned.as_str()), "{banned} is built in");
    }
    for rule in bans["features"].as_array().unwrap() {
        let name = rule["crate"].as_str().unwrap();
        for banned in strings(&rule["deny"]) {
            assert!(!built[name].contains(&banned.as_str()), "{name} is built with {banned}");
        }
    }
}
