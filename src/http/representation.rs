//! The formats answers come in: one table, read by negotiation, `?format=`, suffixes and the "other formats" rows.

use oxigraph::{io::RdfFormat, sparql::results::QueryResultsFormat};

use crate::engine::{Format, Shape};

/// One way to write an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Representation {
    /// Its name in `?format=` and as a suffix.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) label: &'static str,
    /// The `Content-Type` it is sent with.
    pub(crate) content_type: &'static str,
    /// Media types that ask for it; the first is its own.
    pub(crate) media_types: &'static [&'static str],
    /// How the engine writes it; none for a page.
    pub(crate) format: Option<Format>,
}

/// A page for people. It is given only to those who name it: `*/*` means a program.
pub(crate) const PAGE: Representation = Representation {
    name: "html",
    label: "Page",
    content_type: "text/html; charset=utf-8",
    media_types: &["text/html", "application/xhtml+xml"],
    format: None,
};

/// A list or a document of ours for programs.
pub(crate) const JSON: Representation = Representation {
    name: "json",
    label: "JSON",
    content_type: "application/json",
    media_types: &["application/json"],
    format: None,
};

/// JSON-LD, which writes graphs and datasets alike.
const JSON_LD: Representation = Representation {
    name: "jsonld",
    label: "JSON-LD",
    content_type: "application/ld+json",
    media_types: &["application/ld+json", "application/json"],
    format: Some(Format::Graph(RdfFormat::JsonLd { profile: oxigraph::io::JsonLdProfileSet::empty() })),
};

/// SELECT and ASK, the preferred one first.
const TABLES: [Representation; 5] = [
    Representation {
        name: "json",
        label: "JSON",
        content_type: "application/sparql-results+json",
        media_types: &["application/sparql-results+json", "application/json"],
        format: Some(Format::Table(QueryResultsFormat::Json)),
    },
    Representation {
        name: "xml",
        label: "XML",
        content_type: "application/sparql-results+xml",
        media_types: &["application/sparql-results+xml", "application/xml", "text/xml"],
        format: Some(Format::Table(QueryResultsFormat::Xml)),
    },
    Representation {
        name: "csv",
        label: "CSV",
        content_type: "text/csv; charset=utf-8",
        media_types: &["text/csv"],
        format: Some(Format::Table(QueryResultsFormat::Csv)),
    },
    Representation {
        name: "tsv",
        label: "TSV",
        content_type: "text/tab-separated-values; charset=utf-8",
        media_types: &["text/tab-separated-values"],
        format: Some(Format::Table(QueryResultsFormat::Tsv)),
    },
    PAGE,
];

/// Graphs, the preferred one first.
const GRAPHS: [Representation; 5] = [
    Representation {
        name: "ttl",
        label: "Turtle",
        content_type: "text/turtle; charset=utf-8",
        media_types: &["text/turtle", "application/x-turtle"],
        format: Some(Format::Graph(RdfFormat::Turtle)),
    },
    Representation {
        name: "nt",
        label: "N-Triples",
        content_type: "application/n-triples",
        media_types: &["application/n-triples", "text/plain"],
        format: Some(Format::Graph(RdfFormat::NTriples)),
    },
    Representation {
        name: "rdf",
        label: "RDF/XML",
        content_type: "application/rdf+xml",
        media_types: &["application/rdf+xml", "application/xml", "text/xml"],
        format: Some(Format::Graph(RdfFormat::RdfXml)),
    },
    JSON_LD,
    PAGE,
];

/// The whole dataset, the preferred one first: the formats that have graphs.
const DATASETS: [Representation; 4] = [
    Representation {
        name: "trig",
        label: "TriG",
        content_type: "application/trig; charset=utf-8",
        media_types: &["application/trig", "application/x-trig"],
        format: Some(Format::Graph(RdfFormat::TriG)),
    },
    Representation {
        name: "nq",
        label: "N-Quads",
        content_type: "application/n-quads",
        media_types: &["application/n-quads", "text/x-nquads"],
        format: Some(Format::Graph(RdfFormat::NQuads)),
    },
    JSON_LD,
    PAGE,
];

/// What a document of ours comes as.
const DOCUMENTS: [Representation; 2] = [JSON, PAGE];

/// The representations of an answer.
pub(crate) fn offers(shape: Shape) -> &'static [Representation] {
    match shape {
        Shape::Table | Shape::Boolean => &TABLES,
        Shape::Graph => &GRAPHS,
    }
}

/// The representations of the whole dataset.
pub(crate) fn datasets() -> &'static [Representation] {
    &DATASETS
}

/// The representations of a list or a document of ours.
pub(crate) fn documents() -> &'static [Representation] {
    &DOCUMENTS
}

impl Representation {
    /// Whether `?format=` with this value asks for it: its name, one of its media types, or what other stores
    /// call it.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let other = match self.name {
            "ttl" => "turtle",
            "nt" => "ntriples",
            "rdf" => "rdfxml",
            "jsonld" => "json-ld",
            "nq" => "nquads",
            _ => "",
        };
        let name = name.trim().to_ascii_lowercase();
        name == self.name || (name == other && !other.is_empty()) || self.media_types.contains(&name.as_str())
    }
}
