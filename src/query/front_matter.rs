//! The `#+` lines at the top of a query file, described in [the module above](super).

use std::{collections::BTreeSet, path::Path};

use super::{Column, ColumnKind, Kind, Param};
use crate::diagnostic::{Diagnostic, Place};

/// Names that requests already use for something else.
const RESERVED: [&str; 8] = ["callback", "cursor", "format", "limit", "offset", "output", "page", "query"];

/// Between what a parameter or column is and what it means.
const MEANING: &str = " — ";

/// What a query file says about itself.
#[derive(Debug, Default)]
pub(super) struct FrontMatter {
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) params: Vec<Param>,
    pub(super) columns: Vec<Column>,
    /// Names of parameters and columns whose lines could not be read: that they are missing is not said again.
    pub(super) unread: BTreeSet<String>,
}

/// Reads the front matter of a file and reports everything in it that cannot be understood.
pub(super) fn read(file: &Path, text: &str, report: &mut Vec<Diagnostic>) -> FrontMatter {
    let mut reader = Reader { file, report, found: FrontMatter::default() };
    for entry in reader.entries(text) {
        reader.entry(&entry);
    }
    for (key, value) in [("title", &reader.found.title), ("summary", &reader.found.summary)] {
        if value.is_none() {
            let message = format!("the query has no {key}");
            let help = format!("write a line \"#+ {key}: …\" at the top of the file");
            reader.report.push(Diagnostic::error("front-matter-missing", Place::file(file), message).help(help));
        }
    }
    reader.found
}

/// One statement of the front matter: `param target: …` is the key `param`, the name `target` and the rest.
struct Entry {
    line: usize,
    key: String,
    name: String,
    value: String,
}

struct Reader<'a> {
    file: &'a Path,
    report: &'a mut Vec<Diagnostic>,
    found: FrontMatter,
}

impl Reader<'_> {
    fn error(&mut self, code: &'static str, line: usize, message: impl Into<String>, help: impl Into<String>) {
        self.report.push(Diagnostic::error(code, Place::line(self.file, line), message).help(help));
    }

    /// Splits the lines into entries, joining indented lines to the entry before.
    fn entries(&mut self, text: &str) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut at_the_top = true;
        for (line, content) in (1..).zip(text.lines()) {
            let Some(content) = content.strip_prefix("#+") else {
                at_the_top = false;
                continue;
            };
            if !at_the_top {
                self.error(
                    "front-matter-place",
                    line,
                    "this \"#+\" line is not at the top of the file",
                    "move it up: the \"#+\" lines stand together before the query",
                );
            } else if content.starts_with("  ") {
                match entries.last_mut() {
                    Some(entry) => {
                        entry.value.push(' ');
                        entry.value.push_str(content.trim());
                    }
                    None => self.error(
                        "front-matter-line",
                        line,
                        "this line goes on with nothing",
                        "begin with a line such as \"#+ title: …\"",
                    ),
                }
            } else if let Some((head, value)) = content.split_once(':') {
                let mut words = head.split_whitespace();
                let (key, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                if words.next().is_some() {
                    self.malformed(line);
                } else {
                    entries.push(Entry { line, key: key.into(), name: name.into(), value: value.trim().into() });
                }
            } else if !content.trim().is_empty() {
                self.malformed(line);
            }
        }
        entries
    }

    fn malformed(&mut self, line: usize) {
        self.error(
            "front-matter-line",
            line,
            "this line is not of the form \"#+ key: value\"",
            "write \"#+ title: …\", \"#+ param NAME: …\", or indent the line to go on with the one before",
        );
    }

    fn entry(&mut self, entry: &Entry) {
        let named = matches!(entry.key.as_str(), "param" | "column");
        if entry.value.is_empty() || named == entry.name.is_empty() {
            return self.malformed(entry.line);
        }
        let read = (self.found.params.len(), self.found.columns.len());
        let twice = match entry.key.as_str() {
            "title" => self.found.title.replace(entry.value.clone()).is_some(),
            "summary" => self.found.summary.replace(entry.value.clone()).is_some(),
            "tags" => {
                let twice = !self.found.tags.is_empty();
                self.found.tags = entry.value.split(',').map(|tag| tag.trim().to_owned()).collect();
                twice
            }
            "param" => self.param(entry),
            "column" => self.column(entry),
            other => {
                let message = format!("there is no front matter key \"{other}\"");
                let keys = ["title", "summary", "tags", "param", "column"];
                let diagnostic = Diagnostic::error("front-matter-key", Place::line(self.file, entry.line), message);
                self.report.push(diagnostic.did_you_mean(other, keys, format!("the keys are {}", keys.join(", "))));
                false
            }
        };
        if named && read == (self.found.params.len(), self.found.columns.len()) {
            self.found.unread.insert(entry.name.clone());
        }
        if twice {
            let what = format!("{} {}", entry.key, entry.name);
            let message = format!("\"{}\" is there twice", what.trim());
            self.error("front-matter-duplicate", entry.line, message, "keep one of them");
        }
    }

    /// Reads `KIND, required, example VALUE — MEANING`. True when the name is declared already.
    fn param(&mut self, entry: &Entry) -> bool {
        let line = entry.line;
        let Some((spec, meaning)) = self.meaning(entry) else { return false };
        if !is_variable(&entry.name) || RESERVED.contains(&entry.name.as_str()) {
            let message = format!("a parameter cannot be called \"{}\"", entry.name);
            let help = format!(
                "use lower-case letters, digits and \"_\", beginning with a letter, and none of {}",
                RESERVED.join(", ")
            );
            self.error("param-name", line, message, help);
        }
        let mut facets = spec.split(',').map(str::trim);
        let Some(kind) = self.kind(line, "param-kind", facets.next(), &Kind::WORDS) else {
            return false;
        };
        let mut param = Param {
            name: entry.name.clone(),
            kind,
            required: false,
            default: None,
            example: String::new(),
            meaning: meaning.into(),
            line,
        };
        let mut need = 0;
        for facet in facets {
            let (word, value) = facet.split_once(' ').map_or((facet, ""), |(word, value)| (word, value.trim()));
            let bound = value.parse::<i32>().ok();
            match (word, &mut param.kind) {
                ("required", _) if value.is_empty() => (param.required, need) = (true, need + 1),
                ("optional", _) if value.is_empty() => need += 1,
                ("default", _) if !value.is_empty() => (param.default, need) = (Some(value.into()), need + 1),
                ("example", _) if !value.is_empty() => param.example = value.into(),
                ("min", Kind::Integer { min, .. }) if bound.is_some() => *min = bound,
                ("max", Kind::Integer { max, .. }) if bound.is_some() => *max = bound,
                _ => self.error(
                    "param-facet",
                    line,
                    format!("\"{facet}\" says nothing about a parameter of this kind"),
                    "write required, optional, default VALUE, example VALUE, or for an integer min N and max N",
                ),
            }
        }
        if need != 1 {
            let message =
                format!("the parameter \"{}\" must be one of required, optional and default VALUE", param.name);
            self.error("param-need", line, message, "write exactly one of the three");
        }
        if param.example.is_empty() {
            match &param.default {
                Some(default) => param.example.clone_from(default),
                None => self.error(
                    "param-example",
                    line,
                    format!("the parameter \"{}\" has no example", param.name),
                    "add \"example VALUE\" with a value that has an answer",
                ),
            }
        }
        let twice = self.found.params.iter().any(|p| p.name == param.name);
        self.found.params.push(param);
        twice
    }

    /// Reads `KIND — MEANING`. True when the name is declared already.
    fn column(&mut self, entry: &Entry) -> bool {
        let Some((word, meaning)) = self.meaning(entry) else { return false };
        let kind = self.kind(entry.line, "column-kind", Some(word), &ColumnKind::WORDS);
        let Some(kind) = kind else { return false };
        let twice = self.found.columns.iter().any(|c| c.name == entry.name);
        let (name, meaning, line) = (entry.name.clone(), meaning.into(), entry.line);
        self.found.columns.push(Column { name, kind, meaning, line });
        twice
    }

    /// What stands before and after the dash.
    fn meaning<'e>(&mut self, entry: &'e Entry) -> Option<(&'e str, &'e str)> {
        let parts = entry.value.split_once(MEANING).map(|(spec, meaning)| (spec.trim(), meaning.trim()));
        if parts.is_none() {
            let message = format!("the {} \"{}\" does not say what it means", entry.key, entry.name);
            self.error("front-matter-meaning", entry.line, message, format!("add \"{MEANING}\" and a short sentence"));
        }
        parts
    }

    /// The kind a word stands for.
    fn kind<T: Copy>(&mut self, line: usize, code: &'static str, word: Option<&str>, kinds: &[(&str, T)]) -> Option<T> {
        let word = word.unwrap_or_default();
        let kind = kinds.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        if kind.is_none() {
            let words: Vec<&str> = kinds.iter().map(|(word, _)| *word).collect();
            let otherwise = format!("the kinds are {}", words.join(", "));
            let diagnostic = Diagnostic::error(code, Place::line(self.file, line), format!("\"{word}\" is not a kind"));
            self.report.push(diagnostic.did_you_mean(word, words, otherwise));
        }
        kind
    }
}

/// Whether a name can be a SPARQL variable and needs no encoding in a request.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
