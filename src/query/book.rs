//! The query book: every `*.rq` file of a folder, read once at start.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use spargebra::{Query, SparqlParser};

use super::{
    CannedQuery, Form, ParamError, bind,
    canned::projection,
    front_matter::{self, FrontMatter},
};
use crate::{
    diagnostic::{Diagnostic, Place, has_errors, near_names},
    model::{Catalogue, Slug},
    rdf::iri::Iris,
};

/// Largest query file read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// The canned queries by name.
#[derive(Debug, Clone, Default)]
pub struct QueryBook {
    folder: PathBuf,
    queries: BTreeMap<Slug, CannedQuery>,
}

impl QueryBook {
    /// Reads every `*.rq` file that stands directly in a folder.
    ///
    /// Never fails: what is wrong comes back as diagnostics, sorted by place, and a query with an error is left out.
    #[must_use]
    pub fn load(folder: &Path) -> (Self, Vec<Diagnostic>) {
        let mut book = Self { folder: folder.into(), queries: BTreeMap::new() };
        let mut report = Vec::new();
        for path in query_files(folder, &mut report) {
            let mut problems = Vec::new();
            let query = read_query(&path, &mut problems);
            if let Some(query) = query.filter(|_| !has_errors(&problems)) {
                if let Some(other) = book.iter().find(|other| other.title == query.title) {
                    let message = format!("the query \"{}\" has the same title", other.name);
                    problems.push(
                        Diagnostic::warning("query-title", Place::file(&path), message).help("say how the two differ"),
                    );
                }
                book.queries.insert(query.name.clone(), query);
            }
            report.append(&mut problems);
        }
        report.sort();
        (book, report)
    }

    /// Checks defaults and examples against a catalogue: a default that cannot be bound is an error, an example that
    /// this catalogue does not know is a warning.
    #[must_use]
    pub fn check(&self, catalogue: &Catalogue, iris: &Iris) -> Vec<Diagnostic> {
        let mut report = Vec::new();
        for query in self.iter() {
            let place = |line| Place::line(self.folder.join(format!("{}.rq", query.name)), line);
            for param in &query.params {
                let what_is_wrong = |value| match param.read(value, catalogue, iris) {
                    Err(error @ ParamError::Invalid { .. }) => Some(error.to_string()),
                    _ => None,
                };
                if let Some(wrong) = param.default.as_deref().and_then(what_is_wrong) {
                    let message = format!("the default cannot be used: {wrong}");
                    report.push(Diagnostic::error("param-default", place(param.line), message));
                } else if let Some(wrong) = what_is_wrong(&param.example) {
                    let message = format!("the example cannot be used: {wrong}");
                    report.push(Diagnostic::warning("param-example", place(param.line), message));
                }
            }
        }
        report
    }

    /// The query of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&CannedQuery> {
        self.queries.get(name)
    }

    /// Every query, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = &CannedQuery> {
        self.queries.values()
    }

    /// Names near one that is not there, nearest first.
    #[must_use]
    pub fn near(&self, name: &str) -> Vec<&str> {
        near_names(name, self.queries.keys().map(Slug::as_str))
    }
}

/// The paths of the files, in order of name.
fn query_files(folder: &Path, report: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match entries {
        Ok(entries) => {
            let paths = entries.into_iter().map(|entry| entry.path());
            let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "rq")).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            let message = format!("the folder of queries cannot be read: {error}");
            let help = "give the folder that holds the *.rq files";
            report.push(Diagnostic::error("query-folder", Place::file(folder), message).help(help));
            Vec::new()
        }
    }
}

fn read_query(path: &Path, report: &mut Vec<Diagnostic>) -> Option<CannedQuery> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().parse::<Slug>();
    if let Err(error) = &name {
        let help = "rename the file: its name is the name of the query";
        report.push(Diagnostic::error("query-name", Place::file(path), error.to_string()).help(help));
    }
    let text = read_text(path).map_err(|diagnostic| report.push(diagnostic)).ok()?;
    let front = front_matter::read(path, &text, report);
    let mut query = parse(path, &text).map_err(|diagnostic| report.push(diagnostic)).ok()?;
    let columns = agree(path, &front, &mut query, report);
    Some(CannedQuery {
        name: name.ok()?,
        title: front.title?,
        summary: front.summary?,
        tags: front.tags,
        form: Form::of(&query),
        params: front.params,
        columns,
        text,
        query,
    })
}

fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let error = |message: String| Diagnostic::error("query-file", Place::file(path), message);
    let meta = fs::metadata(path).map_err(|e| error(format!("the file cannot be read: {e}")))?;
    if !meta.is_file() {
        return Err(error("this is not a file".into()).help("a query is a plain text file"));
    }
    if meta.len() > MAX_FILE {
        return Err(error(format!("the file is larger than {MAX_FILE} bytes")).help("a query is a page of text"));
    }
    let bytes = fs::read(path).map_err(|e| error(format!("the file cannot be read: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        let message = "the text is not UTF-8 from here on";
        Diagnostic::error("query-file", Place::line(path, line), message).help("save the file as UTF-8")
    })?;
    if text.starts_with('\u{FEFF}') {
        return Err(error("the file begins with a byte order mark".into()).help("save it as UTF-8 without one"));
    }
    Ok(text)
}

fn parse(path: &Path, text: &str) -> Result<Query, Diagnostic> {
    SparqlParser::new().parse_query(text).map_err(|error| {
        if SparqlParser::new().parse_update(text).is_ok() {
            let message = "this is an update, and the graph is read-only";
            return Diagnostic::error("query-update", Place::file(path), message)
                .help("write a SELECT, ASK, CONSTRUCT or DESCRIBE");
        }
        let error = error.to_string();
        let (place, message) = located(path, &error);
        Diagnostic::error("query-syntax", place, message.to_owned()).help("the file must be SPARQL 1.1 as it stands")
    })
}

/// Takes the place out of a parser's message `error at 3:14: expected …`.
fn located<'a>(path: &Path, message: &'a str) -> (Place, &'a str) {
    let read = || {
        let (place, rest) = message.strip_prefix("error at ")?.split_once(": ")?;
        let (line, column) = place.split_once(':')?;
        let place = Place { file: path.into(), line: line.parse().ok(), column: column.parse().ok() };
        Some((place, rest))
    };
    read().unwrap_or_else(|| (Place::file(path), message))
}

/// Compares what the front matter declares with what the query has. Gives the columns in the order of the answer.
fn agree(path: &Path, front: &FrontMatter, query: &mut Query, report: &mut Vec<Diagnostic>) -> Vec<super::Column> {
    let found = bind::inspect(query);
    let mut error = |code, place, message: String, help: &str| {
        report.push(Diagnostic::error(code, place, message).help(help));
    };
    if found.service {
        let help = "ask only this graph; the server never calls another";
        error("query-service", Place::file(path), "the query uses SERVICE".into(), help);
    }
    if found.lateral {
        let help = "write SPARQL 1.1, so that the file works at any endpoint";
        error("query-lateral", Place::file(path), "the query uses LATERAL".into(), help);
    }
    let declared: BTreeSet<&str> = front.params.iter().map(|p| p.name.as_str()).collect();
    for name in found.placeholders.iter().filter(|name| !declared.contains(name.as_str())) {
        let message =
            format!("\"VALUES ?{name} {{ UNDEF }}\" stands in the query, but no parameter is called \"{name}\"");
        error("param-undeclared", Place::file(path), message, &format!("add a line \"#+ param {name}: …\""));
    }
    for param in front.params.iter().filter(|p| !found.placeholders.contains(&p.name)) {
        let message = format!("the parameter \"{}\" is not used", param.name);
        let help = format!("write \"VALUES ?{} {{ UNDEF }}\" where the query needs it", param.name);
        error("param-unused", Place::line(path, param.line), message, &help);
    }
    let projected = projection(query);
    for name in projected.iter().filter(|name| front.columns.iter().all(|c| c.name != **name)) {
        let message = format!("the column \"{name}\" is not described");
        error("column-undeclared", Place::file(path), message, &format!("add a line \"#+ column {name}: …\""));
    }
    for column in front.columns.iter().filter(|c| !projected.contains(&c.name.as_str())) {
        let message = format!("the query has no column \"{}\"", column.name);
        error("column-unknown", Place::line(path, column.line), message, "remove the line, or add it to the SELECT");
    }
    projected.iter().filter_map(|name| front.columns.iter().find(|c| c.name == *name).cloned()).collect()
}
