//! Rows as JSON, straight from the terms.
//!
//! [SPARQL 1.1 Query Results JSON Format](https://www.w3.org/TR/sparql11-results-json/)

use std::io::{self, Write};

use oxigraph::model::{TermRef, Variable, vocab::xsd};

/// Writes a table row by row.
#[derive(Debug)]
pub(super) struct JsonRows<W> {
    output: W,
    /// `"name":` of each column.
    names: Vec<String>,
    /// The row that is being made.
    row: Vec<u8>,
    is_first: bool,
}

impl<W: Write> JsonRows<W> {
    pub(super) fn new(mut output: W, columns: &[Variable]) -> io::Result<Self> {
        let names: Vec<&str> = columns.iter().map(Variable::as_str).collect();
        let quoted = serde_json::to_string(&names)?;
        write!(output, "{{\"head\":{{\"vars\":{quoted}}},\"results\":{{\"bindings\":[")?;
        let name = |name: &str| serde_json::to_string(name).map(|name| format!("{name}:"));
        let names = names.into_iter().map(name).collect::<Result<_, _>>()?;
        Ok(Self { output, names, row: Vec::new(), is_first: true })
    }

    pub(super) fn row(&mut self, cells: &mut dyn Iterator<Item = Option<TermRef<'_>>>) -> io::Result<()> {
        let row = &mut self.row;
        row.clear();
        row.extend_from_slice(if self.is_first { b"{" } else { b",{" });
        self.is_first = false;
        let mut comma = false;
        for (name, cell) in self.names.iter().zip(cells) {
            let Some(term) = cell else { continue };
            if comma {
                row.push(b',');
            }
            comma = true;
            row.extend_from_slice(name.as_bytes());
            write_term(row, term);
        }
        row.push(b'}');
        self.output.write_all(row)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.output.write_all(b"]}}")?;
        Ok(self.output)
    }
}

fn write_term(row: &mut Vec<u8>, term: TermRef<'_>) {
    match term {
        TermRef::NamedNode(node) => write_value(row, b"uri", node.as_str()),
        TermRef::BlankNode(node) => write_value(row, b"bnode", node.as_str()),
        TermRef::Literal(literal) => {
            write_value(row, b"literal", literal.value());
            if let Some(language) = literal.language() {
                row.extend_from_slice(b",\"xml:lang\":");
                write_string(row, language);
            } else if literal.datatype() != xsd::STRING {
                row.extend_from_slice(b",\"datatype\":");
                write_string(row, literal.datatype().as_str());
            }
        }
    }
    row.push(b'}');
}

fn write_value(row: &mut Vec<u8>, kind: &[u8], value: &str) {
    row.extend_from_slice(b"{\"type\":\"");
    row.extend_from_slice(kind);
    row.extend_from_slice(b"\",\"value\":");
    write_string(row, value);
}

/// [RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7)
fn write_string(row: &mut Vec<u8>, text: &str) {
    row.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        row.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => row.extend_from_slice(b"\\\""),
            b'\\' => row.extend_from_slice(b"\\\\"),
            b'\n' => row.extend_from_slice(b"\\n"),
            b'\r' => row.extend_from_slice(b"\\r"),
            b'\t' => row.extend_from_slice(b"\\t"),
            control => row.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    row.extend_from_slice(rest);
    row.push(b'"');
}

#[cfg(test)]
mod tests {
    use oxigraph::{
        model::{BlankNode, Literal, NamedNode, Term},
        sparql::results::{QueryResultsFormat, QueryResultsSerializer},
    };
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn term() -> impl Strategy<Value = Option<Term>> {
        let language = prop::sample::select(vec!["en", "fr-CA"]);
        prop_oneof![
            Just(None),
            ".*".prop_map(|text| Some(Literal::from(text).into())),
            (".*", language).prop_map(|(text, language)| {
                Some(Literal::new_language_tagged_literal_unchecked(text, language).into())
            }),
            any::<i64>().prop_map(|number| Some(Literal::from(number).into())),
            "[a-z\"\\\\]*".prop_map(|path| Some(NamedNode::new_unchecked(format!("http://e/{path}")).into())),
            "[a-z]+".prop_map(|label| Some(BlankNode::new_unchecked(label).into())),
        ]
    }

    proptest! {
        #[test]
        fn it_says_what_the_librarys_serializer_says(rows in prop::collection::vec([term(), term()], 0..4)) {
            let columns = [Variable::new_unchecked("a"), Variable::new_unchecked("é")];
            let mut ours = JsonRows::new(Vec::new(), &columns).unwrap();
            let theirs = QueryResultsSerializer::from_format(QueryResultsFormat::Json);
            let mut theirs = theirs.serialize_solutions_to_writer(Vec::new(), columns.to_vec()).unwrap();
            for row in &rows {
                ours.row(&mut row.iter().map(|cell| cell.as_ref().map(Term::as_ref))).unwrap();
                let named = columns.iter().zip(row);
                theirs.serialize(named.filter_map(|(name, cell)| Some((name.as_ref(), cell.as_ref()?.as_ref())))).unwrap();
            }
            let (ours, theirs) = (ours.finish().unwrap(), theirs.finish().unwrap());
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
            prop_assert_eq!(read(&ours), read(&theirs));
        }
    }
}
