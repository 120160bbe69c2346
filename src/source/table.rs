//! CSV tables (RFC 4180) as rows of named cells, each with its line.

use crate::diagnostic::{Diagnostic, Place, near_names};

use super::file::TextFile;

/// Longest cell read, in bytes.
const MAX_CELL: usize = 64 * 1024;

/// The rows of a table whose header has been checked.
pub(crate) struct Table<'f> {
    file: &'f TextFile,
    header: Vec<String>,
    rows: Vec<(usize, csv::StringRecord)>,
    /// Whether every row could be read, so that what is not in the rows is not in the table.
    pub(crate) whole: bool,
}

/// One row: cells by column name.
pub(crate) struct Row<'t> {
    table: &'t Table<'t>,
    line: usize,
    cells: &'t csv::StringRecord,
}

impl<'f> Table<'f> {
    /// Reads a table that must have exactly these columns, in any order. Rows that are not sound are reported and left
    /// out; `None` when the header is not usable.
    pub(crate) fn read(file: &'f TextFile, columns: &[&str], report: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.text.as_bytes());
        let mut records = reader.records().map(|record| record.map_err(|error| error.to_string()));
        let Some(Ok(header)) = records.next() else {
            report.push(
                Diagnostic::error("missing-column", Place::line(&file.path, 1), "the table is empty")
                    .help(format!("the first line names the columns: {}", columns.join(","))),
            );
            return None;
        };
        let header: Vec<String> = header.iter().map(str::to_owned).collect();
        if !check_header(file, &header, columns, report) {
            return None;
        }
        let mut table = Self { file, header, rows: Vec::new(), whole: true };
        for record in records {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(1, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
                    if check_row(file, line, &record, table.header.len(), report) {
                        table.rows.push((line, record));
                    } else {
                        table.whole = false;
                    }
                }
                Err(error) => {
                    report.push(Diagnostic::error("csv-syntax", Place::file(&file.path), error));
                    table.whole = false;
                }
            }
        }
        Some(table)
    }

    /// The rows, in the order of the file.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row { table: self, line: *line, cells })
    }
}

impl Row<'_> {
    /// The line the row starts on.
    pub(crate) fn place(&self) -> Place {
        Place::line(&self.table.file.path, self.line)
    }

    /// A cell without the space around it; empty when it is empty.
    pub(crate) fn cell(&self, column: &str) -> &str {
        let index = self.table.header.iter().position(|name| name == column);
        index.and_then(|index| self.cells.get(index)).unwrap_or_default().trim()
    }

    /// A cell that may be empty.
    pub(crate) fn optional(&self, column: &str) -> Option<String> {
        let cell = self.cell(column);
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    /// A cell that must not be empty.
    pub(crate) fn required(&self, column: &str, report: &mut Vec<Diagnostic>) -> Option<String> {
        let cell = self.optional(column);
        if cell.is_none() {
            report.push(
                Diagnostic::error("empty-cell", self.place(), format!("the cell \"{column}\" is empty"))
                    .help("fill it in, or delete the line"),
            );
        }
        cell
    }
}

/// Reports what is wrong with the header. A misspelt column is one mistake.
fn check_header(file: &TextFile, header: &[String], columns: &[&str], report: &mut Vec<Diagnostic>) -> bool {
    let place = || Place::line(&file.path, 1);
    let before = report.len();
    let mut missing: Vec<&str> =
        columns.iter().copied().filter(|column| !header.iter().any(|name| name == column)).collect();
    for (index, name) in header.iter().enumerate() {
        if !columns.contains(&name.as_str()) {
            let near = near_names(name, columns.iter().copied());
            missing.retain(|column| !near.contains(column));
            report.push(
                Diagnostic::error("unknown-column", place(), format!("there is no use for a column \"{name}\""))
                    .did_you_mean(name, near, format!("the columns are {}", columns.join(","))),
            );
        } else if header[..index].contains(name) {
            report.push(
                Diagnostic::error("duplicate-column", place(), format!("the column \"{name}\" is there twice"))
                    .help("delete one of the two"),
            );
        }
    }
    for column in missing {
        report.push(
            Diagnostic::error("missing-column", place(), format!("there is no column \"{column}\""))
                .help(format!("the columns are {}", columns.join(","))),
        );
    }
    report.len() == before
}

fn check_row(
    file: &TextFile,
    line: usize,
    record: &csv::StringRecord,
    width: usize,
    report: &mut Vec<Diagnostic>,
) -> bool {
    let place = Place::line(&file.path, line);
    let problem = if record.len() != width {
        let message = format!("the line has {} cells, the header {width}", record.len());
        Diagnostic::error("wrong-number-of-cells", place, message)
            .help("put cells that hold a comma or a quote in double quotes")
    } else if let Some(cell) = record.iter().find(|cell| cell.len() > MAX_CELL) {
        let message = format!("a cell has {} bytes; at most {MAX_CELL} are read", cell.len());
        Diagnostic::error("cell-too-long", place, message).help("a closing quote may be missing")
    } else if record.iter().any(|cell| cell.contains('\n')) {
        Diagnostic::error("line-break-in-cell", place, "a cell goes on over the end of the line")
            .help("a closing quote may be missing; write the text on one line")
    } else {
        return true;
    };
    report.push(problem);
    false
}
