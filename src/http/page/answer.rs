//! The answer of a query as a table, a yes or no, or a list of triples.

use askama::Template;
use oxigraph::model::NamedOrBlankNode;

use super::{cell::Cell, render};
use crate::{engine::Results, rdf::iri::Iris};

/// An answer to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The columns of a SELECT.
    pub(super) columns: &'a [&'a str],
    /// The rows, the yes or no, or the triples.
    pub(super) results: &'a Results,
    /// Whether these are all.
    pub(super) complete: bool,
    /// For links.
    pub(super) iris: &'a Iris,
}

#[derive(Template)]
#[template(path = "answer.html")]
struct Page<'a> {
    answer: Answer<'a>,
    complete: bool,
}

enum Answer<'a> {
    Boolean(bool),
    Table(Table<'a>),
}

struct Table<'a> {
    columns: Vec<&'a str>,
    rows: Vec<Vec<Option<String>>>,
}

impl Shown<'_> {
    /// A fragment of HTML.
    pub(crate) fn html(&self) -> String {
        let answer = match self.results {
            Results::Boolean(value) => Answer::Boolean(*value),
            Results::Table(rows) => Answer::Table(Table {
                columns: self.columns.to_vec(),
                rows: rows
                    .iter()
                    .map(|row| {
                        row.iter()
                            .map(|cell| cell.as_ref().map(|term| Cell::of(term.into(), self.iris).html()))
                            .collect()
                    })
                    .collect(),
            }),
            Results::Graph(triples) => Answer::Table(Table {
                columns: vec!["subject", "predicate", "object"],
                rows: triples
                    .iter()
                    .map(|triple| {
                        let subject = match &triple.subject {
                            NamedOrBlankNode::NamedNode(node) => Cell::named(node.into(), None, self.iris).html(),
                            NamedOrBlankNode::BlankNode(node) => node.to_string(),
                        };
                        let predicate = Cell::named(triple.predicate.as_ref(), None, self.iris).html();
                        let object = Cell::of(triple.object.as_ref(), self.iris).html();
                        vec![Some(subject), Some(predicate), Some(object)]
                    })
                    .collect(),
            }),
        };
        render(&Page { answer, complete: self.complete })
    }
}
