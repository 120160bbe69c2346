//! A term as a person reads it.

use askama::Template;
use oxigraph::model::{NamedNodeRef, TermRef};

use super::render;
use crate::rdf::{iri::Iris, vocab::PREFIXES};

/// A term: its text, where it leads, and its language.
#[derive(Template)]
#[template(path = "cell.html")]
pub(super) struct Cell<'a> {
    text: String,
    href: Option<String>,
    lang: &'a str,
}

impl<'a> Cell<'a> {
    /// Any term.
    pub(super) fn of(term: TermRef<'a>, iris: &Iris) -> Self {
        match term {
            TermRef::NamedNode(node) => Self::named(node, None, iris),
            TermRef::Literal(literal) => {
                Self { text: literal.value().to_owned(), href: None, lang: literal.language().unwrap_or_default() }
            }
            TermRef::BlankNode(node) => Self { text: node.to_string(), href: None, lang: "" },
        }
    }

    /// A named thing: by its label, or else as short as it can be said. Only addresses on the web become links.
    pub(super) fn named(node: NamedNodeRef<'_>, label: Option<&str>, iris: &Iris) -> Self {
        let iri = node.as_str();
        let here = iri.strip_prefix(iris.base()).map(|path| format!("/{path}"));
        let on_the_web = iri.starts_with("https://") || iri.starts_with("http://");
        let text = label.map_or_else(|| short(iri, iris), str::to_owned);
        Self { text, href: here.or_else(|| on_the_web.then(|| iri.to_owned())), lang: "" }
    }

    pub(super) fn html(&self) -> String {
        render(self)
    }
}

/// `dcterms:title`, `resource/harbour`, or the whole IRI.
fn short(iri: &str, iris: &Iris) -> String {
    let prefixed =
        PREFIXES.iter().find_map(|(prefix, namespace)| Some(format!("{prefix}:{}", iri.strip_prefix(namespace)?)));
    prefixed.or_else(|| iri.strip_prefix(iris.base()).map(str::to_owned)).unwrap_or_else(|| iri.to_owned())
}
