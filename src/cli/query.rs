//! `ocm query`: canned queries on the terminal.

use std::{iter, path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::{Args, ValueEnum};
use oxigraph::{
    io::{JsonLdProfileSet, RdfFormat},
    model::{GraphNameRef, Term},
    sparql::results::QueryResultsFormat,
};

use super::{EditionArgs, print_diagnostics, print_result, table};
use crate::{
    dataset::Dataset,
    diagnostic::has_errors,
    engine::{self, DatasetSpec, Engine, Limits, Prepared, Results, Shape, Watch},
    query::{CannedQuery, Column, ColumnKind, Param, QueryBook},
    rdf::{
        iri::Iris,
        write::{self, Part},
    },
};

/// Answer a canned query, or list them
///
/// Without a name: lists the queries with their parameters. With one: answers it as a table, or in another format.
/// Parameters that are left out take their default, or mean "any".
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// Which query
    name: Option<String>,

    /// A parameter; can be repeated, once for each
    #[arg(long = "param", short, value_name = "KEY=VALUE", value_parser = key_value, requires = "name")]
    params: Vec<(String, String)>,

    #[command(flatten)]
    edition: EditionArgs,

    /// Folder with the *.rq files
    #[arg(long, value_name = "DIR", env = "OCM_QUERIES", default_value = "queries")]
    queries: PathBuf,

    /// How to print the answer; csv, tsv and xml are for tables, the four after them for graphs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Show the columns of IRIs in a table too
    #[arg(long)]
    iris: bool,

    /// Do not print the answer: show how it is made, and how long that takes
    #[arg(long, requires = "name", conflicts_with = "list")]
    explain: bool,

    /// Do not answer: describe the query, or list all of them
    #[arg(long)]
    list: bool,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// SPARQL 1.1 results as JSON, or JSON-LD for a graph
    Json,
    /// Comma-separated values
    Csv,
    /// Tab-separated values, terms as in Turtle
    Tsv,
    /// SPARQL 1.1 results as XML
    Xml,
    /// Turtle
    Ttl,
    /// N-Triples
    Nt,
    /// RDF/XML
    Rdf,
    /// JSON-LD
    Jsonld,
}

pub(crate) fn run(args: &QueryArgs) -> anyhow::Result<ExitCode> {
    let (book, diagnostics) = QueryBook::load(&args.queries);
    print_diagnostics(&diagnostics);
    if has_errors(&diagnostics) {
        return Ok(ExitCode::FAILURE);
    }
    let Some(name) = &args.name else {
        return list(&book, args.format);
    };
    let Some(query) = book.get(name) else {
        eprintln!("{}", unknown(name, &book));
        return Ok(ExitCode::from(2));
    };
    if args.list {
        return describe(query, args.format);
    }
    let edition = match args.edition.read()? {
        Ok(edition) => edition,
        Err(status) => return Ok(status),
    };
    let bound = match query.bind(&args.params, &edition.catalogue, &edition.iris) {
        Ok(bound) => bound,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(2));
        }
    };
    let engine = Engine::new(&edition.dataset, Limits::default());
    if args.explain {
        let prepared = Prepared::trusted(bound);
        let explanation = engine.explain(&prepared, &DatasetSpec::default(), true, &Watch::unlimited())?;
        let text = if args.format == Format::Json {
            serde_json::to_string_pretty(&explanation)? + "\n"
        } else {
            explanation.text()
        };
        print_result(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    print_answer(args, query, &engine, &Prepared::trusted(bound), &edition.iris)?;
    Ok(ExitCode::SUCCESS)
}

fn print_answer(
    args: &QueryArgs,
    query: &CannedQuery,
    engine: &Engine,
    prepared: &Prepared,
    iris: &Iris,
) -> anyhow::Result<()> {
    let (dataset, watch) = (DatasetSpec::default(), Watch::unlimited());
    let bytes = match (prepared.shape(), args.format) {
        (Shape::Graph, format) => {
            let format = graph_format(format)?;
            let (results, _) = engine.read(prepared, &dataset, usize::MAX, &watch)?;
            graph(&results, format)?
        }
        (_, Format::Table) => {
            let (results, _) = engine.read(prepared, &dataset, usize::MAX, &watch)?;
            return print_for_people(query, &results, iris, args.iris);
        }
        (_, format) => engine.answer(prepared, &dataset, engine::Format::Table(results_format(format)?), &watch)?,
    };
    let mut text = String::from_utf8(bytes)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(print_result(&text)?)
}

/// Sorted, each triple once.
fn graph(results: &Results, format: RdfFormat) -> anyhow::Result<Vec<u8>> {
    let Results::Graph(triples) = results else { return Ok(Vec::new()) };
    let quads = triples.iter().map(|triple| triple.as_ref().in_graph(GraphNameRef::DefaultGraph));
    let mut bytes = Vec::new();
    write::dump(&Dataset::from_quads(quads)?, Part::Union, format, &mut bytes)?;
    Ok(bytes)
}

fn print_for_people(query: &CannedQuery, results: &Results, iris: &Iris, all: bool) -> anyhow::Result<()> {
    let Results::Table(rows) = results else {
        let yes = *results == Results::Boolean(true);
        return Ok(print_result(if yes { "yes\n" } else { "no\n" })?);
    };
    let shown: Vec<bool> = query.columns.iter().map(|column| all || column.kind != ColumnKind::Iri).collect();
    let names = |shown_or_not| {
        let columns = iter::zip(&query.columns, &shown).filter(move |(_, shown)| **shown == shown_or_not);
        columns.map(|(column, _)| column.name.as_str()).collect::<Vec<_>>()
    };
    let (count, hidden) = (rows.len(), names(false));
    let cells = |row: &Vec<Option<Term>>| {
        let cells = iter::zip(row, &shown).filter(|(_, shown)| **shown);
        cells.map(|(term, _)| table::cell(term.as_ref(), iris)).collect::<Vec<_>>()
    };
    print_result(&table::render(names(true), rows.iter().map(cells)))?;
    let rows = if count == 1 { "row" } else { "rows" };
    let more = if hidden.is_empty() { String::new() } else { format!("; --iris also shows: {}", hidden.join(", ")) };
    eprintln!("{count} {rows}{more}");
    Ok(())
}

fn results_format(format: Format) -> anyhow::Result<QueryResultsFormat> {
    Ok(match format {
        Format::Json => QueryResultsFormat::Json,
        Format::Csv => QueryResultsFormat::Csv,
        Format::Tsv => QueryResultsFormat::Tsv,
        Format::Xml => QueryResultsFormat::Xml,
        _ => bail!("this query gives a table or an answer yes or no: ask for table, json, csv, tsv or xml"),
    })
}

fn graph_format(format: Format) -> anyhow::Result<RdfFormat> {
    Ok(match format {
        Format::Table | Format::Ttl => RdfFormat::Turtle,
        Format::Nt => RdfFormat::NTriples,
        Format::Rdf => RdfFormat::RdfXml,
        Format::Json | Format::Jsonld => RdfFormat::JsonLd { profile: JsonLdProfileSet::default() },
        Format::Csv | Format::Tsv | Format::Xml => bail!("this query gives a graph: ask for ttl, nt, rdf or jsonld"),
    })
}

/// All queries: title and parameters.
fn list(book: &QueryBook, format: Format) -> anyhow::Result<ExitCode> {
    if format == Format::Json {
        print_result(&format!("{}\n", serde_json::to_string_pretty(&book.iter().collect::<Vec<_>>())?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let parameters = |query: &CannedQuery| query.params.iter().map(usage).collect::<Vec<_>>().join(" ");
    let rows = book.iter().map(|q| vec![q.name.to_string(), q.title.clone(), parameters(q)]);
    print_result(&table::render(["query", "answers", "parameters"], rows))?;
    eprintln!("ocm query NAME -p parameter=value answers one; in [brackets]: can be left out");
    Ok(ExitCode::SUCCESS)
}

/// One query: what it answers, what it takes, what comes back.
fn describe(query: &CannedQuery, format: Format) -> anyhow::Result<ExitCode> {
    if format == Format::Json {
        print_result(&format!("{}\n", serde_json::to_string_pretty(query)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut parts = vec![format!("{}\n", query.title), format!("{}\n", query.summary)];
    if !query.params.is_empty() {
        let row = |p: &Param| vec![usage(p), p.kind.to_string(), p.example.clone(), p.meaning.clone()];
        parts.push(table::render(["parameter", "takes", "example", "meaning"], query.params.iter().map(row)));
    }
    if !query.columns.is_empty() {
        let row = |c: &Column| vec![c.name.clone(), c.meaning.clone()];
        parts.push(table::render(["column", "meaning"], query.columns.iter().map(row)));
    }
    let example: String = query.example().iter().map(|(name, value)| format!(" -p {name}={}", quoted(value))).collect();
    parts.push(format!("ocm query {}{example}\n", query.name));
    print_result(&parts.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// `target`, `[language]` or `[at_least=1]`.
fn usage(param: &Param) -> String {
    match &param.default {
        _ if param.required => param.name.clone(),
        Some(default) => format!("[{}={default}]", param.name),
        None => format!("[{}]", param.name),
    }
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    if value.contains(char::is_whitespace) { format!("'{value}'") } else { value.to_owned() }
}

fn unknown(name: &str, book: &QueryBook) -> String {
    let near = book.near(name);
    if near.is_empty() {
        format!("there is no query \"{name}\": ocm query lists them all")
    } else {
        format!("there is no query \"{name}\"; did you mean {}?", near.join(" or "))
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as key=value, such as target=11.4")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
