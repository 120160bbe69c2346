//! The one voice for mistakes in files that people write: data, ontology, queries, pages.
//!
//! A diagnostic says where, what and what to do. It is collected, never thrown: whoever reads a file goes on to the end.

use std::{fmt, path::PathBuf};

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The catalogue cannot be published.
    Error,
    /// It can, but somebody should look.
    Warning,
    /// Something was understood in a way worth knowing.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// Where in the files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file, as the user would name it.
    pub file: PathBuf,
    /// Line, from 1; none when the file as a whole is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

impl Place {
    /// The file as a whole.
    pub fn file(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// A line of it.
    pub fn line(file: impl Into<PathBuf>, line: usize) -> Self {
        Self { file: file.into(), line: Some(line), column: None }
    }

    /// The line and column of a byte offset in the text of the file.
    pub fn offset(file: impl Into<PathBuf>, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            file: file.into(),
            line: Some(before.matches('\n').count() + 1),
            column: Some(before[line_start..].chars().count() + 1),
        }
    }
}

impl fmt::Display for Place {
    /// `data/types.csv`, `data/types.csv:3` or `data/types.csv:3:7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A file name can hold a line feed; a report has its lines to itself.
        for c in self.file.to_string_lossy().chars() {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// One thing that is wrong or worth knowing, and what to do about it.
///
/// As JSON: `{"severity":"error","code":"unknown-theme","place":{"file":"data/resources/a.toml","line":7,"column":11},
/// "message":"…","help":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// Where.
    pub place: Place,
    /// How bad.
    pub severity: Severity,
    /// A stable kebab-case name for the kind of mistake: `unknown-theme`.
    pub code: &'static str,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake that stops publication.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { place, severity: Severity::Error, code, message: message.into(), help: None }
    }

    /// Something somebody should look at.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Something worth knowing.
    pub fn note(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, place, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean …" when a known name is near the one given; otherwise the fallback.
    #[must_use]
    pub fn did_you_mean<'a>(
        self,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: impl Into<String>,
    ) -> Self {
        let near = near_names(given, known);
        if near.is_empty() {
            return self.help(otherwise);
        }
        let near: Vec<_> = near.iter().map(|name| format!("\"{name}\"")).collect();
        self.help(format!("did you mean {}?", near.join(" or ")))
    }
}

impl fmt::Display for Diagnostic {
    /// `error[unknown-theme] data/resources/a.toml:7:11: …` and, on a second line, the help.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: {}", self.severity, self.code, self.place, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

/// Whether any of them stops publication.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// Up to three known names that are near the one given, nearest first.
///
/// ```
/// # use ocm_graph::diagnostic::near_names;
/// assert_eq!(near_names("employmnt", ["employment", "waste"]), ["employment"]);
/// ```
pub fn near_names<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let given = given.to_lowercase();
    // No name is like one of another length, and to compare them takes the product of the two.
    let is_comparable = |name: &&str| name.len() <= 4 * given.len() && given.len() <= 4 * name.len();
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .filter(is_comparable)
        .map(|name| (strsim::jaro_winkler(&given, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.85)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup_by_key(|(_, name)| *name);
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_end_is_near_nothing() {
        assert_eq!(near_names(&"name".repeat(1_000_000), ["name", "names"]), Vec::<&str>::new());
    }

    #[test]
    fn an_offset_becomes_a_line_and_a_column_in_characters() {
        let place = Place::offset("a.toml", "é = 1\nthème = 2", "é = 1\nthè".len());
        assert_eq!(place.to_string(), "a.toml:2:4");
    }

    #[test]
    fn a_diagnostic_reads_as_a_sentence_with_a_place() {
        let place = Place::line("types.csv", 3);
        let diagnostic = Diagnostic::error("unknown-theme", place, "there is no theme \"wast\"").did_you_mean(
            "wast",
            ["waste", "transport"],
            "see themes.csv",
        );
        assert_eq!(
            diagnostic.to_string(),
            "error[unknown-theme] types.csv:3: there is no theme \"wast\"\n  help: did you mean \"waste\"?"
        );
    }
}
