//! `ocm check`: everything wrong with a data folder.

use std::{path::Path, path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::print_result;
use crate::{
    diagnostic::{Diagnostic, Severity, has_errors},
    query::QueryBook,
    rdf::iri::Iris,
    source,
};

/// Report everything wrong with a data folder
///
/// With --queries, with the canned queries too. Reads every file to its end and prints each mistake with its file, line, what is wrong and what to do. Exit status 1
/// when there are errors; warnings and notes alone give 0.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Folder with dataset.toml, the CSV tables and resources/
    #[arg(long, value_name = "DIR", env = "OCM_DATA", default_value = "data")]
    data: PathBuf,

    /// Folder with canned queries to check too
    #[arg(long, value_name = "DIR", env = "OCM_QUERIES")]
    queries: Option<PathBuf>,

    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How reports are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One or two lines for each diagnostic
    Human,
    /// One JSON object
    Json,
}

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut loaded = source::load(&args.data);
    if let Some(folder) = &args.queries {
        let (book, diagnostics) = QueryBook::load(folder);
        loaded.diagnostics.extend(diagnostics);
        loaded.diagnostics.extend(book.check(&loaded.catalogue, &Iris::default()));
    }
    let diagnostics = &loaded.diagnostics;
    let text = match args.format {
        Format::Human => {
            let lines = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n"));
            format!("{}{}\n", lines.collect::<String>(), summary(&args.data, diagnostics))
        }
        Format::Json => {
            let report = json!({
                "data": args.data,
                "ok": !has_errors(diagnostics),
                "errors": count(diagnostics, Severity::Error),
                "warnings": count(diagnostics, Severity::Warning),
                "resources": loaded.catalogue.resources.len(),
                "diagnostics": diagnostics,
            });
            format!("{report:#}\n")
        }
    };
    print_result(&text)?;
    Ok(if has_errors(diagnostics) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One line: `data: 2 errors, 1 warning`.
pub(crate) fn summary(data: &Path, diagnostics: &[Diagnostic]) -> String {
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    format!(
        "{}: {}, {}",
        data.display(),
        plural(count(diagnostics, Severity::Error), "error"),
        plural(count(diagnostics, Severity::Warning), "warning"),
    )
}

fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
}
