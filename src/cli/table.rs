//! Answers as tables for people.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Row, Table, presets::UTF8_NO_BORDERS};
use oxigraph::model::{NamedNode, Term};

use crate::rdf::{
    iri::{Iris, UN_SDG},
    vocab::{PREFIXES, xsd},
};

/// Lays rows out under the named columns. On a terminal long cells are wrapped to its width; nothing is ever cut off.
pub(crate) fn render<'a>(
    header: impl IntoIterator<Item = &'a str>,
    rows: impl IntoIterator<Item = impl Into<Row>>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_NO_BORDERS.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.into_iter().map(Cell::new).collect::<Vec<_>>())
        .add_rows(rows);
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// One term of an answer; nothing where there is none.
pub(crate) fn cell(term: Option<&Term>, iris: &Iris) -> Cell {
    match term {
        None => Cell::new(""),
        Some(Term::NamedNode(iri)) => Cell::new_owned(short(iri, iris)),
        Some(Term::Literal(number)) if number.datatype() == xsd::INTEGER => {
            Cell::new(number.value()).set_alignment(CellAlignment::Right)
        }
        Some(Term::Literal(text)) => Cell::new(text.value()),
        Some(Term::BlankNode(node)) => Cell::new(node),
    }
}

/// An IRI as people say it: `resource/some-slug`, `sdg:11.4`, `skos:Concept`, or the whole address of a page.
fn short(iri: &NamedNode, iris: &Iris) -> String {
    let text = iri.as_str();
    let target = text.strip_prefix(UN_SDG).and_then(|rest| rest.strip_prefix('/')).filter(|rest| !rest.contains('#'));
    if let Some(code) = target.filter(|code| !code.contains('/')) {
        return format!("sdg:{code}");
    }
    for (prefix, namespace) in PREFIXES {
        if let Some(local) = text.strip_prefix(namespace).filter(|local| !local.contains(['/', '#'])) {
            return format!("{prefix}:{local}");
        }
    }
    text.strip_prefix(iris.base()).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdf::iri::DEFAULT_BASE;

    #[test]
    fn iris_are_shown_as_people_say_them() {
        let iris = Iris::new(DEFAULT_BASE).unwrap();
        for (iri, shown) in [
            ("https://w3id.org/ocm/resource/some-slug", "resource/some-slug"),
            ("http://metadata.un.org/sdg/11.a", "sdg:11.a"),
            ("http://metadata.un.org/sdg/ontology#Goal", "sdgo:Goal"),
            ("https://w3id.org/ocm/ontology#Peace", "ocm:Peace"),
            ("http://schema.org/text", "schema:text"),
            ("https://example.org/a/page", "https://example.org/a/page"),
        ] {
            assert_eq!(short(&NamedNode::new(iri).unwrap(), &iris), shown);
        }
    }
}
