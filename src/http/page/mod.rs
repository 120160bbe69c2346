//! Pages for people: pure functions from data to HTML. No page knows a class of the ontology; labels drive them all.

mod answer;
mod cell;

use std::collections::BTreeMap;

use askama::Template;
use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNodeRef, TermRef, TripleRef};

use crate::{
    edition::Edition,
    engine::Results,
    query::{CannedQuery, QueryBook},
    rdf::iri::Iris,
};

pub(crate) use answer::Shown;
use cell::Cell;

use super::limits::Section;

/// The one stylesheet, served at `/style.css`.
pub(crate) const STYLESHEET: &str = include_str!("style.css");

/// What the SPARQL form starts with.
const EXAMPLE_QUERY: &str = include_str!("example.rq");

/// The question that the home page has a field for.
const SEARCH: &str = "resources-with-words";

/// The questions the home page shows: those people ask first.
const FIRST_QUESTIONS: [&str; 7] = [
    "resources-for-target",
    "resources-for-theme",
    "coverage-goals",
    "targets-without-language",
    "targets-together",
    "indicators-of-target",
    "records-partial",
];

/// Renders a template. Templates are checked by the compiler and write to memory, so they cannot fail.
fn render(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page cannot be rendered");
        String::from("<!doctype html><title>Error</title><p>This page cannot be shown.")
    })
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    title: &'a str,
    description: &'a str,
    publisher: &'a str,
    version: &'a str,
    issued: &'a str,
    digest: &'a str,
    figures: Vec<(usize, &'static str)>,
    search: Option<&'a CannedQuery>,
    queries: Vec<&'a CannedQuery>,
    query_count: usize,
    example: &'static str,
    resource: (String, String),
}

/// `/`: what this is and where to go.
pub(crate) fn home(edition: &Edition, book: &QueryBook) -> String {
    let catalogue = &edition.catalogue;
    let dataset = &catalogue.dataset;
    let alignments = || catalogue.resources.values().flat_map(|resource| &resource.alignments);
    let targets: std::collections::BTreeSet<_> = alignments().map(|alignment| alignment.target).collect();
    let example = catalogue.resources.values().max_by_key(|r| (r.gaps.is_empty(), r.alignments.len()));
    render(&Home {
        title: if dataset.title.is_empty() { "RDF dataset" } else { &dataset.title },
        description: &dataset.description,
        publisher: &dataset.publisher,
        version: &dataset.version,
        issued: &dataset.issued,
        digest: edition.digest(),
        figures: vec![
            (catalogue.resources.len(), "resources"),
            (alignments().count(), "links to targets"),
            (targets.len(), "of the targets linked"),
            (catalogue.themes.len(), "themes"),
            (catalogue.indicators.len(), "indicators"),
            (edition.dataset.quads(), "statements"),
        ],
        search: book.get(SEARCH),
        queries: FIRST_QUESTIONS.iter().filter_map(|name| book.get(name)).collect(),
        query_count: book.iter().count(),
        example: "/queries/resources-for-target?target=11.4&format=csv",
        resource: example
            .map_or_else(Default::default, |resource| (format!("/resource/{}", resource.slug), resource.title.clone())),
    })
}

#[derive(Template)]
#[template(path = "queries.html")]
struct Queries<'a> {
    groups: BTreeMap<&'a str, Vec<&'a CannedQuery>>,
}

/// `/queries`: all canned queries, by their first tag.
pub(crate) fn queries(book: &QueryBook) -> String {
    let mut groups: BTreeMap<&str, Vec<&CannedQuery>> = BTreeMap::new();
    for query in book.iter() {
        groups.entry(query.tags.first().map_or("other", String::as_str)).or_default().push(query);
    }
    render(&Queries { groups })
}

#[derive(Template)]
#[template(path = "query.html")]
#[expect(clippy::struct_field_names, reason = "the template speaks of query.title")]
struct Query<'a> {
    query: &'a CannedQuery,
    fields: Vec<InputField<'a>>,
    problem: Option<&'a str>,
    answer: Option<String>,
    formats: Vec<(&'static str, String)>,
}

struct InputField<'a> {
    name: &'a str,
    value: &'a str,
    placeholder: String,
    required: bool,
    meaning: &'a str,
}

/// `/queries/{name}`: the form of a canned query, and its answer or what is wrong with the request. `formats` are the
/// other representations: label and address.
pub(crate) fn query(
    query: &CannedQuery,
    given: &[(String, String)],
    outcome: Result<&Shown<'_>, &str>,
    formats: Vec<(&'static str, String)>,
) -> String {
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let fields = query.params.iter().map(|param| InputField {
        name: &param.name,
        value: value(&param.name).or(param.default.as_deref()).unwrap_or_default(),
        placeholder: format!("{}, such as {}", param.kind, param.example),
        required: param.required,
        meaning: &param.meaning,
    });
    let (problem, answer) = match outcome {
        Ok(shown) => (None, Some(shown.html())),
        Err(problem) => (Some(problem), None),
    };
    render(&Query { query, fields: fields.collect(), problem, answer, formats })
}

#[derive(Template)]
#[template(path = "sparql.html")]
struct Sparql<'a> {
    query: &'a str,
    problem: Option<&'a str>,
    answer: Option<String>,
}

#[derive(Template)]
#[template(path = "limits.html")]
struct Limits<'a> {
    sections: &'a [Section],
}

/// `/limits`: what requests are held to.
pub(crate) fn limits(sections: &[Section]) -> String {
    render(&Limits { sections })
}

/// `/sparql` without a query, for a browser.
pub(crate) fn sparql_form() -> String {
    render(&Sparql { query: EXAMPLE_QUERY, problem: None, answer: None })
}

/// `/sparql` with a query, for a browser: the answer or what is wrong with the query, and the query to change.
pub(crate) fn sparql(query: &str, outcome: Result<&Shown<'_>, &str>) -> String {
    let (problem, answer) = match outcome {
        Ok(shown) => (None, Some(shown.html())),
        Err(problem) => (Some(problem), None),
    };
    render(&Sparql { query, problem, answer })
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
    hint: Option<&'a str>,
}

/// A problem, or the documentation of a kind of problem.
pub(crate) fn problem(status: u16, title: &str, detail: &str, hint: Option<&str>) -> String {
    render(&ProblemPage { status, title, detail, hint })
}

#[derive(Template)]
#[template(path = "entity.html")]
struct Entity<'a> {
    label: &'a str,
    iri: &'a str,
    properties: Vec<(String, Vec<String>)>,
    incoming: Vec<(String, Vec<String>)>,
    alternates: Vec<(&'static str, String)>,
}

/// The page of a thing: what is said of it, and what names it. `label` knows what things are called; `alternates` the
/// other representations: media type and address.
pub(crate) fn entity<'d>(
    thing: &NamedNode,
    about: &[TripleRef<'d>],
    naming: &[TripleRef<'d>],
    label: &dyn Fn(&str) -> Option<&'d str>,
    iris: &Iris,
    alternates: Vec<(&'static str, String)>,
) -> String {
    let cell = |node: NamedNodeRef<'_>| Cell::named(node, label(node.as_str()), iris).html();
    let mut properties: BTreeMap<&str, (String, Vec<String>)> = BTreeMap::new();
    for triple in about {
        let value = match triple.object {
            TermRef::NamedNode(node) => cell(node),
            other => Cell::of(other, iris).html(),
        };
        let property = properties.entry(triple.predicate.as_str());
        property.or_insert_with(|| (cell(triple.predicate), Vec::new())).1.push(value);
    }
    let mut incoming: BTreeMap<&str, (String, Vec<String>)> = BTreeMap::new();
    for triple in naming {
        if let NamedOrBlankNodeRef::NamedNode(subject) = triple.subject {
            let property = incoming.entry(triple.predicate.as_str());
            property.or_insert_with(|| (cell(triple.predicate), Vec::new())).1.push(cell(subject));
        }
    }
    render(&Entity {
        label: label(thing.as_str()).unwrap_or(thing.as_str()),
        iri: thing.as_str(),
        properties: properties.into_values().collect(),
        incoming: incoming.into_values().collect(),
        alternates,
    })
}

/// The answer of a query for a page.
pub(crate) fn shown<'a>(columns: &'a [&'a str], results: &'a Results, complete: bool, iris: &'a Iris) -> Shown<'a> {
    Shown { columns, results, complete, iris }
}

/// A graph, or several together, as a row of a page.
#[derive(Debug)]
pub(crate) struct Store {
    /// What it is, or its IRI.
    pub(crate) label: String,
    /// Where it is.
    pub(crate) address: String,
    /// How many statements it has.
    pub(crate) statements: usize,
    /// Its formats: label and address.
    pub(crate) formats: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "graphs.html")]
struct Graphs<'a> {
    title: &'a str,
    stores: Vec<Store>,
}

/// `/graphs` and the graphs' own pages.
pub(crate) fn graphs(title: &str, stores: Vec<Store>) -> String {
    render(&Graphs { title, stores })
}
