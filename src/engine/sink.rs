//! Where answers go: into bytes, or into terms.

use std::io::{self, Write};

use oxigraph::{
    io::{RdfFormat, WriterQuadSerializer},
    model::{Term, TripleRef, Variable},
    sparql::results::{QueryResultsFormat, QueryResultsSerializer, WriterSolutionsSerializer},
};

use super::{EngineError, Limit, Limits, Results, Watch, csv::CsvRows, json::JsonRows, terms::Cell, xml};
use crate::{dataset::write_term, rdf::write};

/// Takes an answer row by row.
pub(super) trait Sink {
    /// Takes a row: a cell for each column.
    fn row(&mut self, cells: &mut dyn Iterator<Item = Option<Cell<'_>>>) -> Result<(), EngineError>;

    /// Takes a triple that has not come before.
    fn triple(&mut self, triple: TripleRef<'_>) -> Result<(), EngineError>;

    /// Takes yes or no.
    fn boolean(&mut self, value: bool) -> Result<(), EngineError>;

    /// Whether it wants no more.
    fn is_full(&self) -> bool {
        false
    }
}

/// Writes the answer in a format.
pub(super) struct Written<'w> {
    columns: &'w [Variable],
    form: Form<'w>,
    /// Not every text can be written.
    is_xml: bool,
    limits: &'w Limits,
    rows: usize,
}

enum Form<'w> {
    Json(JsonRows<Capped<'w>>),
    Csv(CsvRows<Capped<'w>>),
    Rows(WriterSolutionsSerializer<Capped<'w>>),
    Boolean(QueryResultsFormat, Option<Capped<'w>>),
    Triples(Box<WriterQuadSerializer<Capped<'w>>>),
    Lines(Lines<Capped<'w>>),
}

/// N-Triples, a line at a time.
struct Lines<W> {
    output: W,
    line: Vec<u8>,
    suffix: String,
}

impl<W: Write> Lines<W> {
    fn triple(&mut self, triple: TripleRef<'_>) -> io::Result<()> {
        let Self { output, line, suffix } = self;
        line.clear();
        for (term, after) in [(triple.subject.into(), " "), (triple.predicate.into(), " "), (triple.object, " .\n")] {
            write_term(term, suffix, line);
            line.extend_from_slice(after.as_bytes());
        }
        output.write_all(line)
    }
}

impl<'w> Written<'w> {
    pub(super) fn rows(
        columns: &'w [Variable],
        format: QueryResultsFormat,
        limits: &'w Limits,
        watch: &'w Watch,
    ) -> Result<Self, EngineError> {
        let output = Capped::new(limits, watch);
        let form = match format {
            QueryResultsFormat::Json => Form::Json(JsonRows::new(output, columns)?),
            QueryResultsFormat::Csv => Form::Csv(CsvRows::new(output, columns)?),
            _ => {
                let serializer = QueryResultsSerializer::from_format(format);
                Form::Rows(serializer.serialize_solutions_to_writer(output, columns.to_vec())?)
            }
        };
        Ok(Self { columns, form, is_xml: format == QueryResultsFormat::Xml, limits, rows: 0 })
    }

    pub(super) fn boolean(format: QueryResultsFormat, limits: &'w Limits, watch: &'w Watch) -> Self {
        let form = Form::Boolean(format, Some(Capped::new(limits, watch)));
        Self { columns: &[], form, is_xml: false, limits, rows: 0 }
    }

    pub(super) fn triples(format: RdfFormat, limits: &'w Limits, watch: &'w Watch) -> Result<Self, EngineError> {
        let output = Capped::new(limits, watch);
        let form = if format == RdfFormat::NTriples {
            Form::Lines(Lines { output, line: Vec::new(), suffix: String::new() })
        } else {
            Form::Triples(Box::new(write::writer(format, output)?))
        };
        Ok(Self { columns: &[], form, is_xml: format == RdfFormat::RdfXml, limits, rows: 0 })
    }

    /// The bytes of the whole answer.
    pub(super) fn finish(self) -> Result<Vec<u8>, EngineError> {
        let output = match self.form {
            Form::Json(rows) => rows.finish()?,
            Form::Csv(rows) => rows.finish(),
            Form::Rows(serializer) => serializer.finish()?,
            Form::Triples(serializer) => serializer.finish()?,
            Form::Lines(lines) => lines.output,
            Form::Boolean(_, output) => {
                output.ok_or_else(|| EngineError::Internal("a yes or no was never said".into()))?
            }
        };
        Ok(output.bytes)
    }

    fn count(&mut self) -> Result<(), EngineError> {
        if self.rows >= self.limits.rows {
            return Err(EngineError::TooLarge { limit: Limit::Rows, allowed: self.limits.rows });
        }
        self.rows += 1;
        Ok(())
    }
}

impl Sink for Written<'_> {
    fn row(&mut self, cells: &mut dyn Iterator<Item = Option<Cell<'_>>>) -> Result<(), EngineError> {
        self.count()?;
        match &mut self.form {
            Form::Json(rows) => Ok(rows.row(cells)?),
            Form::Csv(rows) => Ok(rows.row(cells)?),
            Form::Rows(serializer) => {
                let (is_xml, mut checked) = (self.is_xml, Ok(()));
                let named = self.columns.iter().zip(cells).filter_map(|(column, cell)| {
                    let term = cell?.term();
                    if is_xml && checked.is_ok() {
                        checked = xml::check_text(term);
                    }
                    Some((column.as_ref(), term))
                });
                serializer.serialize(named)?;
                checked
            }
            Form::Boolean(..) | Form::Triples(_) | Form::Lines(_) => Err(misfit()),
        }
    }

    fn triple(&mut self, triple: TripleRef<'_>) -> Result<(), EngineError> {
        self.count()?;
        if self.is_xml {
            xml::check_text(triple.object)?;
            xml::check_predicate(triple.predicate)?;
        }
        match &mut self.form {
            Form::Triples(serializer) => Ok(serializer.serialize_triple(triple)?),
            Form::Lines(lines) => Ok(lines.triple(triple)?),
            Form::Json(_) | Form::Csv(_) | Form::Rows(_) | Form::Boolean(..) => Err(misfit()),
        }
    }

    fn boolean(&mut self, value: bool) -> Result<(), EngineError> {
        let Form::Boolean(format, output) = &mut self.form else { return Err(misfit()) };
        let Some(capped) = output.take() else { return Err(misfit()) };
        *output = Some(QueryResultsSerializer::from_format(*format).serialize_boolean_to_writer(capped, value)?);
        Ok(())
    }
}

fn misfit() -> EngineError {
    EngineError::Internal("the format does not fit the query".into())
}

/// The first rows or triples as terms, and whether these are all.
pub(super) struct Read {
    pub(super) results: Results,
    pub(super) complete: bool,
    most: usize,
    rows: usize,
}

impl Read {
    pub(super) fn new(results: Results, most: usize) -> Self {
        Self { results, complete: true, most, rows: 0 }
    }

    fn has_room(&mut self) -> bool {
        self.complete = self.rows < self.most;
        self.rows += 1;
        self.complete
    }
}

impl Sink for Read {
    fn row(&mut self, cells: &mut dyn Iterator<Item = Option<Cell<'_>>>) -> Result<(), EngineError> {
        if self.has_room() {
            let Results::Table(rows) = &mut self.results else { return Err(misfit()) };
            rows.push(cells.map(|cell| cell.map(|cell| cell.term().into_owned())).collect::<Vec<Option<Term>>>());
        }
        Ok(())
    }

    fn triple(&mut self, triple: TripleRef<'_>) -> Result<(), EngineError> {
        if self.has_room() {
            let Results::Graph(triples) = &mut self.results else { return Err(misfit()) };
            triples.push(triple.into_owned());
        }
        Ok(())
    }

    fn boolean(&mut self, value: bool) -> Result<(), EngineError> {
        self.results = Results::Boolean(value);
        Ok(())
    }

    fn is_full(&self) -> bool {
        !self.complete
    }
}

/// Memory that does not grow beyond a limit, nor after the deadline.
struct Capped<'a> {
    bytes: Vec<u8>,
    most: usize,
    watch: &'a Watch,
    /// Bytes until the watch is looked at again.
    unwatched: usize,
}

/// How many bytes are written between two looks at the watch.
const LOOK: usize = 64 * 1024;

impl<'a> Capped<'a> {
    fn new(limits: &Limits, watch: &'a Watch) -> Self {
        Self { bytes: Vec::new(), most: limits.bytes, watch, unwatched: LOOK }
    }
}

impl Write for Capped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::Error::other(EngineError::TooLarge { limit: Limit::Bytes, allowed: self.most }));
        }
        if let Some(left) = self.unwatched.checked_sub(bytes.len()) {
            self.unwatched = left;
        } else {
            self.unwatched = LOOK;
            self.watch.check().map_err(io::Error::other)?;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
