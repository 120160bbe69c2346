//! The canned queries: every file of `queries/` is bound, run and compared with what the catalogue itself says.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use ocm_graph::{
    dataset::Dataset,
    edition::Edition,
    engine::{DatasetSpec, Engine, Limits, Prepared, Results, Watch},
    model::{
        Alignment, Catalogue, Completeness, Creator, Field, GoalNumber, LanguageMention, LanguageTag, Resource, Slug,
        TargetCode,
    },
    query::{CannedQuery, ColumnKind, Form, QueryBook},
    rdf::{
        iri::{DEFAULT_BASE, Iris},
        vocab::{PREFIXES, xsd},
    },
    sparql::{PatternKind, Query},
};
use oxigraph::model::{Literal, Quad, Term};

use crate::support::{fixture_edition, quads_of, repository, shipped_edition};

mod binding;
mod book;
mod command;
mod figures;
mod plans;

/// The shipped queries, which have no mistakes.
static BOOK: LazyLock<QueryBook> = LazyLock::new(|| {
    let (book, diagnostics) = QueryBook::load(&repository("queries"));
    assert_eq!(diagnostics, [], "the shipped queries have mistakes");
    book
});

/// The shipped catalogue.
static SHIPPED: LazyLock<Asked> = LazyLock::new(|| Asked::new(shipped_edition()));

/// The small one.
static SMALL: LazyLock<Asked> = LazyLock::new(|| Asked::new(small()));

/// A catalogue small enough to be counted by hand: the fixture and one more resource, which shares things with the
/// first and whose title is hard on sorting and quoting.
fn small() -> Edition {
    let Edition { mut catalogue, iris, .. } = fixture_edition();
    let of = |code: &str, reason: Option<&str>| Alignment {
        target: code.parse().unwrap(),
        printed: code.to_uppercase(),
        reason: reason.map(str::to_owned),
    };
    let harbour = catalogue.resources.values().find(|r| r.slug.as_str() == "harbour-stories").unwrap();
    let river = Resource {
        slug: "river-songs".parse().unwrap(),
        title: "\"River\" {songs} ?x; écoute".into(),
        page: "https://example.org/toolkit/river".into(),
        other_pages: Vec::new(),
        themes: vec![catalogue.themes.values().find(|t| t.position == 2).unwrap().slug.clone()],
        types: harbour.types[..1].to_vec(),
        languages: vec![LanguageMention { tag: Some("pt-BR".parse().unwrap()), printed: "Português".into() }],
        creators: vec![Creator { name: "Harbour Museum".into(), kind: harbour.creators[2].kind }],
        alignments: vec![of("11.a", Some("rivers join towns")), of("11.4", None), of("8.1", None)],
        quotations: Vec::new(),
        goals: Vec::new(),
        year: None,
        ..harbour.clone()
    };
    catalogue.resources.insert(river.slug.clone(), river);
    Edition::of(catalogue, iris).unwrap()
}

/// An edition that can be asked.
struct Asked {
    edition: Edition,
    engine: Engine,
}

impl Asked {
    fn new(edition: Edition) -> Self {
        Self { engine: Self::engine(quads_of(&edition).iter()), edition }
    }

    fn engine<'a>(quads: impl Iterator<Item = &'a Quad>) -> Engine {
        let quads: Vec<Quad> = quads.cloned().collect();
        Engine::new(&Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap(), Limits::default())
    }

    /// The answer of a canned query as text, cell by cell: an empty cell is an empty text; a graph is its triples.
    fn ask(&self, query: &CannedQuery, given: &[(&str, &str)]) -> Vec<Vec<String>> {
        let rows = self.terms(query, given);
        rows.into_iter()
            .map(|row| row.into_iter().map(|t| t.as_ref().map_or_else(String::new, plain)).collect())
            .collect()
    }

    fn terms(&self, query: &CannedQuery, given: &[(&str, &str)]) -> Vec<Vec<Option<Term>>> {
        let given: Vec<_> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let bound = match query.bind(&given, &self.edition.catalogue, &self.edition.iris) {
            Ok(bound) => bound,
            Err(error) => panic!("{}: {error}", query.name),
        };
        evaluate(&self.engine, bound)
    }

    /// One column of an answer as text.
    fn column(&self, query: &CannedQuery, given: &[(&str, &str)], column: &str) -> Vec<String> {
        let at = query.columns.iter().position(|c| c.name == column).unwrap();
        self.ask(query, given).into_iter().map(|mut row| row.swap_remove(at)).collect()
    }
}

/// The rows that a query gives, as it would write them: `( "id" )`, `( UNDEF )`.
fn given_rows(query: &Query) -> String {
    let mut written = Vec::new();
    query.clone().each_pattern_mut(&mut |pattern| {
        if let PatternKind::Values(data) = &pattern.kind {
            written.extend(data.rows.iter().map(|row| {
                let cells =
                    row.iter().map(|term| term.as_ref().map_or_else(|| "UNDEF".to_owned(), ToString::to_string));
                format!("( {} )\n", cells.collect::<Vec<_>>().join(" "))
            }));
        }
    });
    written.concat()
}

/// The answer as terms: an ASK as one cell, a graph as its sorted triples.
fn evaluate(engine: &Engine, query: Query) -> Vec<Vec<Option<Term>>> {
    let cell = |text: Literal| vec![Some(text.into())];
    let prepared = Prepared::trusted(query);
    let (results, _) = engine.read(&prepared, &DatasetSpec::default(), usize::MAX, &Watch::unlimited()).unwrap();
    match results {
        Results::Table(rows) => rows,
        Results::Boolean(value) => vec![cell(Literal::from(value))],
        Results::Graph(triples) => {
            let triples: BTreeSet<_> = triples.iter().map(ToString::to_string).collect();
            triples.into_iter().map(|triple| cell(Literal::from(triple))).collect()
        }
    }
}

fn plain(term: &Term) -> String {
    match term {
        Term::NamedNode(iri) => iri.as_str().to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        Term::BlankNode(node) => panic!("a blank node in an answer: {node}"),
    }
}

fn borrowed(given: &[(String, String)]) -> Vec<(&str, &str)> {
    given.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

/// What the small catalogue is asked: a value for each required parameter, everything else left out.
fn small_request(query: &CannedQuery) -> Vec<(&'static str, &'static str)> {
    const VALUES: [(&str, &str); 8] = [
        ("target", "11.4"),
        ("goal", "11"),
        ("theme", "tourism"),
        ("type", "report"),
        ("language", "id"),
        ("resource", "harbour-stories"),
        ("creator", "museum"),
        ("words", "songs} ?X"),
    ];
    let taken = |name: &str| query.params.iter().any(|p| p.name == name && p.required);
    VALUES.into_iter().filter(|(name, _)| taken(name)).collect()
}

#[test]
fn there_are_queries_of_every_form_and_none_is_an_orphan() {
    assert!(BOOK.iter().count() >= 24);
    for form in [Form::Select, Form::Ask, Form::Construct] {
        assert!(BOOK.iter().any(|query| query.form == form), "{form:?}");
    }
    let Edition { catalogue, iris, .. } = &SHIPPED.edition;
    assert_eq!(BOOK.check(catalogue, iris), [], "examples and defaults must be values of the shipped catalogue");
}

/// Whoever reads a number must know what it is a number of.
#[test]
fn figures_say_that_they_are_of_a_sample() {
    let figures: Vec<_> = BOOK.iter().filter(|query| query.tags.iter().any(|tag| tag == "figures")).collect();
    assert!(figures.len() >= 10);
    for query in figures {
        assert!(query.summary.contains("sample"), "{}", query.name);
    }
}

/// The files are sent to endpoints that know nothing of this program, about graphs with any base.
#[test]
fn the_texts_stand_alone() {
    let moved = Iris::new("http://127.0.0.1:7878/here/").unwrap();
    let moved = Asked::new(Edition::of(small().catalogue, moved).unwrap());
    let known: BTreeMap<&str, &str> = PREFIXES.iter().copied().collect();
    for query in BOOK.iter() {
        let prefixes = query.text.lines().filter_map(|line| line.strip_prefix("PREFIX ")?.split_once(": <"));
        for (prefix, namespace) in prefixes {
            assert_eq!(known.get(prefix).copied(), namespace.strip_suffix('>'), "{}: {prefix}", query.name);
            assert!(query.text.matches(&format!("{prefix}:")).count() > 1, "{}: {prefix} is not used", query.name);
        }
        let request = small_request(query);
        let (here, there) = (SMALL.ask(query, &request), moved.ask(query, &request));
        let there: Vec<Vec<String>> = there
            .into_iter()
            .map(|row| row.iter().map(|cell| cell.replace(moved.edition.iris.base(), DEFAULT_BASE)).collect())
            .collect();
        if query.form == Form::Construct {
            assert_eq!(here.len(), there.len(), "{}", query.name);
        } else {
            assert_eq!(here, there, "{}", query.name);
        }
    }
}

#[test]
fn every_query_answers_its_examples_together_and_each_alone() {
    for query in BOOK.iter() {
        let together = query.example();
        assert!(!SHIPPED.ask(query, &borrowed(&together)).is_empty(), "{}: no answer to {together:?}", query.name);
        for param in query.params.iter().filter(|p| !p.required) {
            let mut alone: Vec<_> = query.params.iter().filter(|p| p.required).collect();
            alone.push(param);
            let alone: Vec<_> = alone.iter().map(|p| (p.name.as_str(), p.example.as_str())).collect();
            assert!(!SHIPPED.ask(query, &alone).is_empty(), "{}: no answer to {alone:?}", query.name);
        }
        if query.form == Form::Ask {
            assert_eq!(SHIPPED.ask(query, &borrowed(&together)), [["true"]], "{}", query.name);
        }
    }
}

/// What the front matter says of the columns is what comes.
#[test]
fn every_cell_is_of_the_kind_its_column_declares() {
    for query in BOOK.iter().filter(|q| q.form == Form::Select) {
        for row in SHIPPED.terms(query, &borrowed(&query.example())) {
            assert_eq!(row.len(), query.columns.len());
            for (cell, column) in row.iter().zip(&query.columns) {
                let fits = match (cell, column.kind) {
                    (None, _) | (_, ColumnKind::Any) | (Some(Term::NamedNode(_)), ColumnKind::Iri) => true,
                    (Some(Term::Literal(l)), ColumnKind::Integer) => l.datatype() == xsd::INTEGER,
                    (Some(Term::Literal(l)), ColumnKind::Year) => l.datatype() == xsd::G_YEAR,
                    (Some(Term::Literal(l)), ColumnKind::Boolean) => l.datatype().as_str().ends_with("#boolean"),
                    (Some(Term::Literal(l)), ColumnKind::Text) => {
                        l.language().is_some() || l.datatype().as_str().ends_with("#string")
                    }
                    _ => false,
                };
                assert!(fits, "{}: {cell:?} in column {}", query.name, column.name);
            }
        }
    }
}

/// The order of the answer is the query's, not the store's: it is the same however the graph was loaded.
#[test]
fn the_order_of_every_answer_is_fixed() {
    let Asked { edition, engine } = &*SHIPPED;
    let reversed = Asked::engine(quads_of(edition).iter().rev());
    for query in BOOK.iter() {
        let required: Vec<_> =
            query.params.iter().filter(|p| p.required).map(|p| (p.name.clone(), p.example.clone())).collect();
        let bound = query.bind(&required, &edition.catalogue, &edition.iris).unwrap();
        assert_eq!(evaluate(engine, bound.clone()), evaluate(&reversed, bound), "{}", query.name);
    }
}

#[test]
fn every_table_of_the_small_catalogue() {
    for query in BOOK.iter() {
        let request = small_request(query);
        let rows = SMALL.ask(query, &request);
        let asked: String = request.iter().map(|(k, v)| format!(" {k}={v}")).collect();
        let header: Vec<_> = query.columns.iter().map(|c| c.name.as_str()).collect();
        let rows: String = rows.iter().map(|row| format!("{}\n", row.join(" | ").trim_end())).collect();
        let base = SMALL.edition.iris.base();
        let text = format!("{}{asked}\n\n{}\n{rows}", query.title, header.join(" | ")).replace(base, "ocm/");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("query__{}", query.name), text);
        });
    }
}
