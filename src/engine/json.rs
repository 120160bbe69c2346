//! Rows as JSON, straight from the terms.
//!
//! [SPARQL 1.1 Query Results JSON Format](https://www.w3.org/TR/sparql11-results-json/)

use std::io::{self, Write};

use oxigraph::model::Variable;

use super::terms::Cell;
use crate::dataset::{Stored, TermKind, as_stored};

/// Writes a table row by row.
#[derive(Debug)]
pub(super) struct JsonRows<W> {
    output: W,
    /// `"name":` of each column.
    names: Vec<String>,
    /// The row that is being made.
    row: Vec<u8>,
    /// The suffix of the literal that is being written.
    suffix: String,
    is_first: bool,
}

impl<W: Write> JsonRows<W> {
    pub(super) fn new(mut output: W, columns: &[Variable]) -> io::Result<Self> {
        let names: Vec<&str> = columns.iter().map(Variable::as_str).collect();
        let quoted = serde_json::to_string(&names)?;
        write!(output, "{{\"head\":{{\"vars\":{quoted}}},\"results\":{{\"bindings\":[")?;
        let name = |name: &str| serde_json::to_string(name).map(|name| format!("{name}:"));
        let names = names.into_iter().map(name).collect::<Result<_, _>>()?;
        Ok(Self { output, names, row: Vec::new(), suffix: String::new(), is_first: true })
    }

    pub(super) fn row(&mut self, cells: &mut dyn Iterator<Item = Option<Cell<'_>>>) -> io::Result<()> {
        let row = &mut self.row;
        row.clear();
        row.extend_from_slice(if self.is_first { b"{" } else { b",{" });
        self.is_first = false;
        let mut comma = false;
        for (name, cell) in self.names.iter().zip(cells) {
            let Some(cell) = cell else { continue };
            if comma {
                row.push(b',');
            }
            comma = true;
            row.extend_from_slice(name.as_bytes());
            match cell {
                Cell::Stored(stored) => write_term(row, stored),
                Cell::Made(term) => write_term(row, as_stored(term, &mut self.suffix)),
            }
        }
        row.push(b'}');
        self.output.write_all(row)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.output.write_all(b"]}}")?;
        Ok(self.output)
    }
}

fn write_term(row: &mut Vec<u8>, term: Stored<'_>) {
    row.extend_from_slice(match term.kind {
        TermKind::Iri => b"{\"type\":\"uri\",\"value\":",
        TermKind::Blank => b"{\"type\":\"bnode\",\"value\":",
        TermKind::Literal => b"{\"type\":\"literal\",\"value\":",
    });
    write_string(row, term.text);
    if let Some(language) = term.language() {
        row.extend_from_slice(b",\"xml:lang\":");
        write_string(row, language);
    } else if let Some(datatype) = term.datatype() {
        row.extend_from_slice(b",\"datatype\":");
        write_string(row, datatype);
    }
    row.push(b'}');
}

/// [RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7)
fn write_string(row: &mut Vec<u8>, text: &[u8]) {
    row.push(b'"');
    let mut rest = text;
    while let Some(at) = escaped(rest) {
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

/// Where the first byte is that is not written as it is.
fn escaped(text: &[u8]) -> Option<usize> {
    const LANES: usize = 16;
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let (chunks, _) = text.as_chunks::<LANES>();
    // Without a way out of the inner loop, so that it is one comparison of many bytes.
    let plain = chunks.iter().take_while(|chunk| !chunk.iter().fold(false, |any, byte| any | is_special(byte))).count();
    let start = plain * LANES;
    text[start..].iter().position(is_special).map(|at| start + at)
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
                ours.row(&mut row.iter().map(|cell| cell.as_ref().map(|term| Cell::Made(term.as_ref())))).unwrap();
                let named = columns.iter().zip(row);
                theirs.serialize(named.filter_map(|(name, cell)| Some((name.as_ref(), cell.as_ref()?.as_ref())))).unwrap();
            }
            let (ours, theirs) = (ours.finish().unwrap(), theirs.finish().unwrap());
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
            prop_assert_eq!(read(&ours), read(&theirs));
        }
    }
}
