//! TOML documents as fields with places: every mistake in a file is found, not only the first.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::diagnostic::{Diagnostic, Place, near_names};

use super::file::{TextFile, is_forbidden};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// A table whose keys are taken one by one; what is left over at the end is unknown.
pub(crate) struct Fields<'f> {
    file: &'f TextFile,
    table: DeTable<'f>,
    start: usize,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
}

impl<'f> Fields<'f> {
    /// Parses a file. Of several syntax errors only the first is reported, and nothing else of the file is read: what
    /// follows a syntax error is mostly its consequence.
    pub(crate) fn parse(file: &'f TextFile, report: &mut Vec<Diagnostic>) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        let offset = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        if let Some(first) = errors.iter().min_by_key(|error| offset(error)) {
            let message = format!("this is not TOML: {}", first.message().replace('\n', ", "));
            report.push(
                Diagnostic::error("toml-syntax", file.at(offset(first)), message)
                    .help("mend it and check again: the rest of the file was not read; see https://toml.io/en/v1.0.0"),
            );
            return None;
        }
        Some(Self::new(file, table.into_inner(), 0))
    }

    fn new(file: &'f TextFile, table: DeTable<'f>, start: usize) -> Self {
        Self { file, table, start, known: Vec::new(), missing: Vec::new() }
    }

    /// Where the table starts.
    pub(crate) fn place(&self) -> Place {
        self.file.at(self.start)
    }

    /// A text that may be absent. An empty one is reported.
    pub(crate) fn text(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<At<String>> {
        let value = self.take(key)?;
        self.as_text(key, value, report)
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<At<String>> {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.missing.push(key);
            return None;
        }
        self.text(key, report)
    }

    /// A text on one line that may be absent: a name, a code, a locator.
    pub(crate) fn line(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<At<String>> {
        let text = self.text(key, report)?;
        one_line(key, text, report)
    }

    /// A text on one line that must be there.
    pub(crate) fn required_line(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<At<String>> {
        let text = self.required(key, report)?;
        one_line(key, text, report)
    }

    /// A whole number that may be absent.
    pub(crate) fn integer(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<At<i64>> {
        let value = self.take(key)?;
        self.as_integer(key, &value, report)
    }

    /// An array of texts; absent is empty.
    pub(crate) fn texts(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Vec<At<String>> {
        self.array(key, report).into_iter().filter_map(|value| self.as_text(key, value, report)).collect()
    }

    /// An array of whole numbers; absent is empty.
    pub(crate) fn integers(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Vec<At<i64>> {
        self.array(key, report).into_iter().filter_map(|value| self.as_integer(key, &value, report)).collect()
    }

    /// An array of tables; absent is empty.
    pub(crate) fn tables(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Vec<Fields<'f>> {
        let mut tables = Vec::new();
        for value in self.array(key, report) {
            let start = value.span().start;
            match value.into_inner() {
                DeValue::Table(table) => tables.push(Self::new(self.file, table, start)),
                other => report.push(self.wrong_type(key, start, "a table", &other)),
            }
        }
        tables
    }

    /// Reports every key nobody asked for and every required key that is not there. A misspelt key is one mistake.
    pub(crate) fn finish(mut self, report: &mut Vec<Diagnostic>) {
        for key in self.table.keys() {
            let name = key.get_ref();
            let near = near_names(name, self.known.iter().copied());
            self.missing.retain(|missing| !near.contains(missing));
            report.push(
                Diagnostic::error("unknown-key", self.file.at(key.span().start), format!("there is no key \"{name}\""))
                    .did_you_mean(name, near, format!("the keys are {}", self.known.join(", "))),
            );
        }
        for key in &self.missing {
            report.push(
                Diagnostic::error("missing-key", self.place(), format!("\"{key}\" is missing"))
                    .help(format!("add a line such as {key} = \"…\"")),
            );
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'f>>> {
        self.known.push(key);
        self.table.remove(key)
    }

    fn array(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Vec<Spanned<DeValue<'f>>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let start = value.span().start;
        match value.into_inner() {
            DeValue::Array(array) => array.into_iter().collect(),
            other => {
                report.push(self.wrong_type(key, start, "an array", &other));
                Vec::new()
            }
        }
    }

    fn as_text(&self, key: &str, value: Spanned<DeValue<'f>>, report: &mut Vec<Diagnostic>) -> Option<At<String>> {
        let Range { start, .. } = value.span();
        let place = self.file.at(start);
        let text = match value.into_inner() {
            DeValue::String(text) => text.into_owned(),
            // A date needs no quotes in TOML; it is text to us all the same.
            DeValue::Datetime(date) => date.to_string(),
            other => {
                report.push(self.wrong_type(key, start, "text in quotes", &other));
                return None;
            }
        };
        if text.trim().is_empty() {
            let message = format!("\"{key}\" is empty");
            report.push(Diagnostic::error("empty-text", place, message).help("fill it in, or delete the line"));
            return None;
        }
        if let Some(c) = text.chars().find(|c| is_forbidden(*c)) {
            let message =
                format!("\"{key}\" holds the control character U+{:04X}, which cannot be published", u32::from(c));
            report.push(Diagnostic::error("control-character", place, message).help("delete it"));
            return None;
        }
        if text.trim() != text {
            let message = format!("\"{key}\" has space before or after it");
            report.push(
                Diagnostic::warning("untrimmed-text", place.clone(), message)
                    .help("delete the space; it is ignored here"),
            );
        }
        Some(At { value: text.trim().to_owned(), place })
    }

    fn as_integer(&self, key: &str, value: &Spanned<DeValue<'f>>, report: &mut Vec<Diagnostic>) -> Option<At<i64>> {
        let start = value.span().start;
        let number = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            report.push(self.wrong_type(key, start, "a whole number", value.get_ref()));
        }
        number.map(|value| At { value, place: self.file.at(start) })
    }

    fn wrong_type(&self, key: &str, start: usize, expected: &str, found: &DeValue<'_>) -> Diagnostic {
        let message = format!("\"{key}\" must be {expected}, not {}", kind(found));
        let help = match found {
            DeValue::Float(_) | DeValue::Integer(_) if expected.starts_with("text") => {
                "put it in quotes: 8.1 and 8.10 are the same number, but two codes"
            }
            _ => "see the recipe for a record in README.md",
        };
        Diagnostic::error("wrong-type", self.file.at(start), message).help(help)
    }
}

fn one_line(key: &str, text: At<String>, report: &mut Vec<Diagnostic>) -> Option<At<String>> {
    if text.value.contains('\n') {
        let message = format!("\"{key}\" goes over more than one line");
        report.push(Diagnostic::error("line-break-in-text", text.place, message).help("write it on one line"));
        return None;
    }
    Some(text)
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
