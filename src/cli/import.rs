//! `ocm import`: the text of a toolkit page into the data folder.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;

use super::{check::Format, print_diagnostics, print_result};
use crate::source::import::{Action, Counts, Lock, Plan, Request, plan};

/// Read the text of a toolkit page into the data folder
///
/// Writes the record DIR/resources/SLUG.toml, gives the indicators in DIR/indicators.csv the page's official wording, and
/// adds types not seen before to DIR/types.csv. All that could not be read is reported with its line. Importing a page
/// again changes nothing. Exit status 1 when the page is refused; then nothing is written.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The text of the page, in UTF-8; "-" reads standard input
    #[arg(value_name = "PAGE.txt")]
    page: PathBuf,

    /// The address of the page; its last segment names the record
    #[arg(long, value_name = "URL")]
    url: String,

    /// Folder with dataset.toml, the CSV tables and resources/
    #[arg(long, value_name = "DIR", env = "OCM_DATA", default_value = "data")]
    data: PathBuf,

    /// Replace the record of this page, if there is one that differs
    #[arg(long)]
    replace: bool,

    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Runs the command. For people the diagnostics go to standard error and the summary to standard output; for programs
/// one JSON object goes to standard output.
///
/// # Errors
///
/// When a file or the output cannot be written.
pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    // A folder that is not there has nothing to lock; the plan says so.
    let writes = !args.dry_run && args.data.is_dir();
    let cannot = || format!("the folder {} cannot be locked against other imports", args.data.display());
    let _lock = writes.then(|| Lock::of(&args.data)).transpose().with_context(cannot)?;
    let plan = plan(&Request { page: &args.page, url: &args.url, data: &args.data, replace: args.replace });
    if !plan.is_refused() && !args.dry_run {
        plan.write()?;
    }
    match args.format {
        Format::Json => print_result(&format!("{}\n", serde_json::to_string_pretty(&plan)?))?,
        Format::Human => {
            print_diagnostics(&plan.diagnostics);
            print_result(&summary(&plan, args.dry_run))?;
        }
    }
    Ok(if plan.is_refused() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What was read and written, in a few lines.
fn summary(plan: &Plan, dry_run: bool) -> String {
    let mut text = String::new();
    let title = plan.title.as_deref().unwrap_or("the page");
    if plan.is_refused() {
        return format!("refused: {title}; nothing is written\n");
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{title}");
    let _ = writeln!(text, "  {}", read(&plan.counts).join(", "));
    if plan.changes_nothing() {
        text.push_str("  nothing to change\n");
    }
    for file in &plan.files {
        let done = match (file.action, dry_run) {
            (Action::Keep, _) => continue,
            (Action::Create, false) => "created",
            (Action::Update, false) => "updated",
            (Action::Create, true) => "would create",
            (Action::Update, true) => "would update",
        };
        let _ = writeln!(text, "  {done} {}", file.path.display());
    }
    text
}

fn read(counts: &Counts) -> Vec<String> {
    let Counts {
        types,
        creators,
        quotations,
        languages,
        themes,
        goals,
        targets,
        reasons,
        blocks,
        indicators,
        levels,
        new_indicators,
    } = *counts;
    let number = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let mut read = vec![
        number(types, "type", "types"),
        number(creators, "creator", "creators"),
        number(quotations, "quotation", "quotations"),
        number(languages, "language", "languages"),
        number(themes, "action", "actions"),
        format!("{} with {}", number(targets, "target", "targets"), number(reasons, "reason", "reasons")),
    ];
    if goals > 0 {
        read.push(format!("{} as a whole", number(goals, "goal", "goals")));
    }
    let mut joined =
        format!("{} in {}", number(indicators, "indicator", "indicators"), number(blocks, "block", "blocks"));
    if levels > 0 {
        let _ = write!(joined, " with {}", number(levels, "sub-level", "sub-levels"));
    }
    if new_indicators > 0 {
        let _ = write!(joined, " ({new_indicators} new)");
    }
    read.push(joined);
    read
}
