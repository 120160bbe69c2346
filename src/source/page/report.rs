//! What the reader of a page has to say about it.

use std::path::{Path, PathBuf};

use crate::{
    diagnostic::{Diagnostic, Place},
    model::{Field, Gap},
};

/// Collects the diagnostics of one page, each with what to do and where it can with the line, and the gaps of its record.
#[derive(Debug)]
pub(crate) struct Report {
    file: PathBuf,
    /// What has been said so far.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What the record will not hold, each field once.
    pub(crate) gaps: Vec<Gap>,
    /// How often a near name has been looked for.
    suggestions: usize,
}

impl Report {
    /// An empty report on a page, named as the user names its file.
    pub(crate) fn new(file: &Path) -> Self {
        Self { file: file.into(), diagnostics: Vec::new(), gaps: Vec::new(), suggestions: 0 }
    }

    /// Part of a field, or all of it, will not be in the record. Of several reasons the first stays.
    pub(crate) fn gap(&mut self, field: Field, why: &str) {
        if !self.gaps.iter().any(|gap| gap.field == field) {
            self.gaps.push(Gap { field, why: why.to_owned() });
        }
    }

    /// The page must be refused.
    pub(crate) fn error(&mut self, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, Place::file(&self.file), message).help(help));
    }

    /// Something was not used, or somebody should look at it.
    pub(crate) fn warning(
        &mut self,
        line: usize,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::warning(code, Place::line(&self.file, line), message).help(help));
    }

    /// Something was read in a way worth knowing.
    pub(crate) fn note(
        &mut self,
        line: usize,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::note(code, Place::line(&self.file, line), message).help(help));
    }

    /// A warning whose help names what is near to what was given.
    pub(crate) fn unknown<'a>(
        &mut self,
        line: usize,
        code: &'static str,
        message: impl Into<String>,
        (given, known): (&str, impl IntoIterator<Item = &'a str>),
        otherwise: &str,
    ) {
        // Who prints so many unknown names has not misspelt them.
        const MOST: usize = 50;
        let diagnostic = Diagnostic::warning(code, Place::line(&self.file, line), message);
        self.suggestions += 1;
        self.diagnostics.push(if self.suggestions <= MOST {
            diagnostic.did_you_mean(given, known, otherwise)
        } else {
            diagnostic.help(otherwise)
        });
    }
}

/// The beginning of a text, to remind a reader which one is meant.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}
