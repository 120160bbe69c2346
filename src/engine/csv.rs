//! Rows as CSV, straight from the terms.
//!
//! [SPARQL 1.1 Query Results CSV and TSV Formats, section 3](https://www.w3.org/TR/sparql11-results-csv-tsv/#csv)

use std::io::{self, Write};

use oxigraph::model::Variable;

use super::terms::Cell;

/// Writes a table row by row.
#[derive(Debug)]
pub(super) struct CsvRows<W> {
    output: W,
    /// The row that is being made.
    row: Vec<u8>,
}

impl<W: Write> CsvRows<W> {
    pub(super) fn new(mut output: W, columns: &[Variable]) -> io::Result<Self> {
        let names: Vec<&str> = columns.iter().map(Variable::as_str).collect();
        write!(output, "{}\r\n", names.join(","))?;
        Ok(Self { output, row: Vec::new() })
    }

    pub(super) fn row(&mut self, cells: &mut dyn Iterator<Item = Option<Cell<'_>>>) -> io::Result<()> {
        self.row.clear();
        for (n, cell) in cells.enumerate() {
            if n > 0 {
                self.row.push(b',');
            }
            let Some(cell) = cell else { continue };
            if cell.is_blank() {
                self.row.extend_from_slice(b"_:");
            }
            write_field(&mut self.row, cell.text());
        }
        self.row.extend_from_slice(b"\r\n");
        self.output.write_all(&self.row)
    }

    pub(super) fn finish(self) -> W {
        self.output
    }
}

/// [RFC 4180, section 2](https://www.rfc-editor.org/rfc/rfc4180#section-2). IRIs may have commas too.
fn write_field(row: &mut Vec<u8>, text: &[u8]) {
    if !text.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        row.extend_from_slice(text);
        return;
    }
    row.push(b'"');
    for part in text.split_inclusive(|byte| *byte == b'"') {
        row.extend_from_slice(part);
        if part.ends_with(b"\"") {
            row.push(b'"');
        }
    }
    row.push(b'"');
}

#[cfg(test)]
mod tests {
    use oxigraph::model::{Literal, NamedNode, Term};
    use proptest::prelude::*;

    use super::*;

    fn term() -> impl Strategy<Value = Option<Term>> {
        prop_oneof![
            Just(None),
            "[a,\"\r\n é]*".prop_map(|text| Some(Literal::from(text).into())),
            any::<i64>().prop_map(|number| Some(Literal::from(number).into())),
            "[a-z,]*".prop_map(|path| Some(NamedNode::new_unchecked(format!("http://e/{path}")).into())),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in prop::collection::vec([term(), term()], 0..4)) {
            let columns = [Variable::new_unchecked("a"), Variable::new_unchecked("é")];
            let mut writer = CsvRows::new(Vec::new(), &columns).unwrap();
            for row in &rows {
                writer.row(&mut row.iter().map(|cell| cell.as_ref().map(|term| Cell::Made(term.as_ref())))).unwrap();
            }
            let bytes = writer.finish();
            let mut reader = csv::Reader::from_reader(&*bytes);
            prop_assert_eq!(reader.headers().unwrap(), vec!["a", "é"]);
            let read: Vec<Vec<String>> =
                reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            let text = |cell: &Option<Term>| match cell {
                Some(Term::Literal(literal)) => literal.value().to_owned(),
                Some(Term::NamedNode(node)) => node.as_str().to_owned(),
                _ => String::new(),
            };
            let expected: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
