//! Answers, expected and received, in one form that can be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::{BlankNode, Graph, Literal, NamedNodeRef, Term, TermRef, Triple, vocab::rdf},
    sparql::results::{QueryResultsFormat, QueryResultsParser, SliceQueryResultsParserOutput},
};

use super::{
    compare::{Row, canonical, isomorphic},
    files::{Files, extension, object, objects, text},
    vocab::rs,
};

/// What a query can answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// To ASK.
    Boolean(bool),
    /// To SELECT.
    Solutions(Table),
    /// To CONSTRUCT and DESCRIBE: the triples as rows.
    Graph(Vec<Row>),
}

/// Solutions.
#[derive(Debug)]
pub(super) struct Table {
    /// The variables in alphabetical order.
    columns: Vec<String>,
    /// The values in the order of the columns.
    rows: Vec<Row>,
    /// Whether the order of the rows was stated.
    ordered: bool,
}

/// How closely an answer has to be like the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The rows are a sequence.
    Sequence,
    /// The rows are a multiset.
    Multiset,
    /// The rows are a set.
    Set,
}

/// The media type to ask for, so that the answer comes in the format of a file.
pub(super) fn media_type(file: NamedNodeRef<'_>, graph: bool) -> &'static str {
    let results = extension(file).and_then(QueryResultsFormat::from_extension);
    match (results, extension(file).and_then(RdfFormat::from_extension)) {
        (Some(format), _) => format.media_type(),
        (None, Some(format)) if graph => format.media_type(),
        // Solutions as a graph are a format of the tests alone.
        (None, Some(_)) => QueryResultsFormat::Json.media_type(),
        (None, None) => panic!("{file} is of no known format"),
    }
}

impl Answer {
    /// Reads the file of an expected answer.
    pub(super) fn expected(files: &Files, file: NamedNodeRef<'_>) -> Self {
        if let Some(format) = extension(file).and_then(QueryResultsFormat::from_extension) {
            return results(format, &files.bytes(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
        let graph = files.graph(file);
        let of_type = |class: NamedNodeRef<'_>| graph.subject_for_predicate_object(rdf::TYPE, class);
        match of_type(rs::RESULT_SET) {
            None => Self::Graph(graph.iter().map(triple).collect()),
            Some(set) => match object(&graph, set.into(), rs::BOOLEAN) {
                Some(value) => Self::Boolean(text(value) == "true"),
                None => Self::Solutions(result_set(&graph, set.into())),
            },
        }
    }

    /// Reads an answer of the endpoint.
    pub(super) fn received(media_type: &str, body: &[u8]) -> Result<Self, String> {
        if let Some(format) = QueryResultsFormat::from_media_type(media_type) {
            results(format, body)
        } else if let Some(format) = RdfFormat::from_media_type(media_type) {
            let quads = RdfParser::from_format(format).for_slice(body);
            let graph = quads.map(|quad| quad.map(Triple::from)).collect::<Result<Graph, _>>();
            let graph = graph.map_err(|error| format!("not {format}: {error}"))?;
            Ok(Self::Graph(graph.iter().map(triple).collect()))
        } else {
            Err(format!("the media type is {media_type}"))
        }
    }

    /// Whether an answer says the same as this one.
    pub(super) fn agrees_with(&self, received: &Self, order: Order) -> bool {
        match (self, received) {
            (Self::Boolean(expected), Self::Boolean(received)) => expected == received,
            (Self::Graph(expected), Self::Graph(received)) => isomorphic(expected, received),
            (Self::Solutions(expected), Self::Solutions(received)) => {
                let unknown = order == Order::Sequence && !expected.ordered;
                let order = if unknown { Order::Multiset } else { order };
                expected.columns == received.columns && isomorphic(&expected.rows_as(order), &received.rows_as(order))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = match self {
            Self::Boolean(value) => return write!(f, "{value}"),
            Self::Solutions(table) => {
                write!(f, "{}", table.columns.join(" | "))?;
                &table.rows
            }
            Self::Graph(triples) => triples,
        };
        rows.iter().try_for_each(|row| {
            let cell = |cell: &Option<Term>| cell.as_ref().map(ToString::to_string).unwrap_or_default();
            write!(f, "\n  {}", row.iter().map(cell).collect::<Vec<_>>().join(" | "))
        })
    }
}

impl Table {
    /// Solutions whose columns are in any order.
    fn new(columns: &[String], rows: impl IntoIterator<Item = Row>, ordered: bool) -> Self {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|&column| &columns[column]);
        let rows = rows
            .into_iter()
            .map(|row| order.iter().map(|&column| row[column].clone().map(canonical)).collect())
            .collect();
        Self { columns: order.iter().map(|&column| columns[column].clone()).collect(), rows, ordered }
    }

    /// The rows such that comparing them as a multiset compares them in the way asked for.
    fn rows_as(&self, order: Order) -> Vec<Row> {
        let numbered = |(number, row): (usize, &Row)| {
            let number = i64::try_from(number).expect("a test has few rows");
            row.iter().cloned().chain([Some(Literal::from(number).into())]).collect()
        };
        match order {
            Order::Sequence => self.rows.iter().enumerate().map(numbered).collect(),
            Order::Multiset => self.rows.clone(),
            Order::Set => {
                let mut seen = BTreeSet::new();
                self.rows.iter().filter(|row| seen.insert(format!("{row:?}"))).cloned().collect()
            }
        }
    }
}

fn triple(triple: oxigraph::model::TripleRef<'_>) -> Row {
    let triple = triple.into_owned();
    vec![Some(triple.subject.into()), Some(triple.predicate.into()), Some(canonical(triple.object))]
}

/// Reads the standard formats of results.
fn results(format: QueryResultsFormat, bytes: &[u8]) -> Result<Answer, String> {
    let error = |error: &dyn std::fmt::Display| format!("not {}: {error}", format.name());
    if format == QueryResultsFormat::Csv {
        return csv(bytes).map(Answer::Solutions).map_err(|reason| error(&reason));
    }
    match QueryResultsParser::from_format(format).for_slice(bytes).map_err(|reason| error(&reason))? {
        SliceQueryResultsParserOutput::Boolean(value) => Ok(Answer::Boolean(value)),
        SliceQueryResultsParserOutput::Solutions(solutions) => {
            let columns = solutions.variables().iter().map(|variable| variable.as_str().to_owned()).collect::<Vec<_>>();
            let rows = solutions.map(|solution| solution.map(|solution| solution.values().to_vec()));
            let rows = rows.collect::<Result<Vec<_>, _>>().map_err(|reason| error(&reason))?;
            Ok(Answer::Solutions(Table::new(&columns, rows, true)))
        }
    }
}

/// Reads CSV, which keeps the text of a term but not its kind; blank nodes alone can be told.
fn csv(bytes: &[u8]) -> Result<Table, csv::Error> {
    let mut reader = csv::Reader::from_reader(bytes);
    let columns = reader.headers()?.iter().map(str::to_owned).collect::<Vec<_>>();
    let term = |cell: &str| match cell.strip_prefix("_:") {
        _ if cell.is_empty() => None,
        Some(label) => Some(BlankNode::new_unchecked(label).into()),
        None => Some(Literal::from(cell).into()),
    };
    let rows = reader.records().map(|record| Ok(record?.iter().map(term).collect()));
    Ok(Table::new(&columns, rows.collect::<Result<Vec<Row>, csv::Error>>()?, true))
}

/// Reads solutions written with the vocabulary `rs:`.
fn result_set(graph: &Graph, set: TermRef<'_>) -> Table {
    let columns: Vec<String> =
        objects(graph, set, rs::RESULT_VARIABLE).into_iter().map(|name| text(name).to_owned()).collect();
    let mut solutions = objects(graph, set, rs::SOLUTION);
    let index = |solution: &TermRef<'_>| object(graph, *solution, rs::INDEX).and_then(|i| text(i).parse::<u32>().ok());
    let ordered = solutions.iter().all(|solution| index(solution).is_some());
    solutions.sort_by_key(index);
    let row = |solution: &TermRef<'_>| {
        let bindings = objects(graph, *solution, rs::BINDING).into_iter().map(|binding| {
            let part = |predicate| object(graph, binding, predicate).expect("a binding has a variable and a value");
            (text(part(rs::VARIABLE)).to_owned(), part(rs::VALUE).into_owned())
        });
        let mut values: BTreeMap<String, Term> = bindings.collect();
        columns.iter().map(|column| values.remove(column)).collect()
    };
    let rows: Vec<Row> = solutions.iter().map(row).collect();
    Table::new(&columns, rows, ordered)
}
