//! The query book: every `*.rq` file of a folder, read once at start.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    CannedQuery, Column, Form, ParamError, bind,
    front_matter::{self, FrontMatter},
};
use crate::{
    dataset::Dataset,
    diagnostic::{Diagnostic, Place, has_errors, near_names},
    engine::{Engine, Limits, Position, Prepared, Refusal},
    model::{Catalogue, Slug},
    rdf::iri::Iris,
    source::TextFile,
};

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
        // Without a graph: it is wanted for how it reads queries, under the limits everybody's are held to.
        let engine = Engine::new(&Dataset::default(), Limits::default());
        for path in query_files(folder, &mut report) {
            let mut problems = Vec::new();
            let query = read_query(&path, &engine, &mut problems);
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

fn read_query(path: &Path, engine: &Engine, report: &mut Vec<Diagnostic>) -> Option<CannedQuery> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().parse::<Slug>();
    if let Err(error) = &name {
        let help = "rename the file: its name is the name of the query";
        report.push(Diagnostic::error("query-name", Place::file(path), error.to_string()).help(help));
    }
    let TextFile { text, .. } = TextFile::read(path, report)?;
    let front = front_matter::read(path, &text, report);
    let prepared = engine.prepare(&text, None).map_err(|refusal| report.push(refused(path, &refusal))).ok()?;
    let columns = agree(path, &front, &prepared, report);
    Some(CannedQuery {
        name: name.ok()?,
        title: front.title?,
        summary: front.summary?,
        tags: front.tags,
        form: Form::of(prepared.query()),
        params: front.params,
        columns,
        text,
        query: prepared.query().clone(),
    })
}

/// Why the engine does not take a query, as a diagnostic.
fn refused(path: &Path, refusal: &Refusal) -> Diagnostic {
    let at =
        |position: &Position| Place { file: path.into(), line: Some(position.line), column: Some(position.column) };
    let message = refusal.to_string();
    match refusal {
        Refusal::Syntax { position, .. } => {
            Diagnostic::error("query-syntax", at(position), message).help("the file must be SPARQL 1.1 as it stands")
        }
        Refusal::Update { position } => {
            Diagnostic::error("query-update", at(position), message).help("write a SELECT, ASK, CONSTRUCT or DESCRIBE")
        }
        Refusal::Service { position } => {
            Diagnostic::error("query-service", at(position), message).help("ask only this graph")
        }
        Refusal::UnknownGraph { .. } => Diagnostic::error("query-from", Place::file(path), message)
            .help("leave FROM out: a query sees the union of all graphs, whose IRIs depend on the base"),
        Refusal::Limit { limit, position, .. } => {
            let place = position.as_ref().map_or_else(|| Place::file(path), at);
            Diagnostic::error("query-too-large", place, message).help(limit.advice())
        }
    }
}

/// Compares what the front matter declares with what the query has. Gives the columns in the order of the answer.
fn agree(path: &Path, front: &FrontMatter, prepared: &Prepared, report: &mut Vec<Diagnostic>) -> Vec<Column> {
    let placeholders = bind::placeholders(prepared.query());
    let mut error = |code, place, message: String, help: &str| {
        report.push(Diagnostic::error(code, place, message).help(help));
    };
    let is_param = |name: &str| front.unread.contains(name) || front.params.iter().any(|p| p.name == name);
    for name in placeholders.iter().filter(|name| !is_param(name)) {
        let message =
            format!("\"VALUES ?{name} {{ UNDEF }}\" stands in the query, but no parameter is called \"{name}\"");
        error("param-undeclared", Place::file(path), message, &format!("add a line \"#+ param {name}: …\""));
    }
    for param in front.params.iter().filter(|p| !placeholders.contains(&p.name)) {
        let message = format!("the parameter \"{}\" is not used", param.name);
        let help = format!("write \"VALUES ?{} {{ UNDEF }}\" where the query needs it", param.name);
        error("param-unused", Place::line(path, param.line), message, &help);
    }
    let projected = prepared.columns();
    let is_column = |name: &str| front.unread.contains(name) || front.columns.iter().any(|c| c.name == name);
    for name in projected.iter().filter(|name| !is_column(name)) {
        let message = format!("the column \"{name}\" is not described");
        error("column-undeclared", Place::file(path), message, &format!("add a line \"#+ column {name}: …\""));
    }
    for column in front.columns.iter().filter(|c| !projected.contains(&c.name.as_str())) {
        let message = format!("the query has no column \"{}\"", column.name);
        error("column-unknown", Place::line(path, column.line), message, "remove the line, or add it to the SELECT");
    }
    projected.iter().filter_map(|name| front.columns.iter().find(|c| c.name == *name).cloned()).collect()
}
