//! The lists of a page: types, languages, actions.

use crate::model::{Field, LanguageMention, Slug};

use super::{line::Line, names::Names, report::Report, section::Sections};

/// Longest item of a list, in bytes.
const LONGEST: usize = 300;

/// What the two lists below the description hold. Languages and actions may be one list without a heading between.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) languages: Vec<LanguageMention>,
    pub(super) themes: Vec<Slug>,
}

/// Reads languages and actions. Languages are an open list, actions a closed one: what is no action is a language,
/// unless it stands under the heading of the actions.
pub(super) fn lists(sections: &Sections<'_>, names: &Names<'_>, report: &mut Report) -> Lists {
    let mut lists = Lists::default();
    for line in &short(&sections.languages, report) {
        match names.theme(line.text) {
            Some(theme) => lists.theme(theme, *line, report),
            None if names.begins_theme(line.text) => unknown_action(*line, names, report),
            None => lists.language(*line, names, report),
        }
    }
    for line in &short(&sections.actions, report) {
        let Some(theme) = names.theme(line.text) else {
            unknown_action(*line, names, report);
            continue;
        };
        lists.theme(theme, *line, report);
    }
    lists
}

fn unknown_action(line: Line<'_>, names: &Names<'_>, report: &mut Report) {
    report.gap(Field::Themes, "The page prints an action that is not known.");
    report.unknown(
        line.number,
        "unknown-action",
        format!("there is no action \"{}\"; it is left out", line.text),
        (line.text, names.theme_labels()),
        "the actions are those of themes.csv",
    );
}

impl Lists {
    fn theme(&mut self, theme: &Slug, line: Line<'_>, report: &mut Report) {
        if self.themes.contains(theme) {
            repeated("action", line, report);
        } else {
            self.themes.push(theme.clone());
        }
    }

    fn language(&mut self, line: Line<'_>, names: &Names<'_>, report: &mut Report) {
        let mut printed = names.languages_in(line.text);
        if printed.is_empty() {
            printed.push(line.text);
        }
        for printed in printed {
            if self.languages.iter().any(|mention| mention.printed == printed) {
                repeated("language", line, report);
                continue;
            }
            let tag = names.language(printed).cloned();
            if tag.is_none() {
                report.unknown(
                    line.number,
                    "unknown-language",
                    format!("\"{printed}\" is not a language we know; it is kept without a tag"),
                    (printed, names.language_names()),
                    "add its name to languages.csv, or delete it from the record if it is no language",
                );
            }
            self.languages.push(LanguageMention { tag, printed: printed.to_owned() });
        }
    }
}

/// The lines that can be items of a list; what is too long is said to be none.
fn short<'t>(lines: &[Line<'t>], report: &mut Report) -> Vec<Line<'t>> {
    let (short, long): (Vec<Line<'t>>, Vec<_>) = lines.iter().copied().partition(|line| line.text.len() <= LONGEST);
    for line in long {
        let message = format!("the line has {} bytes, too many for the item of a list", line.text.len());
        report.warning(line.number, "too-long", message, "it is left out; compare with the page");
    }
    short
}

fn repeated(what: &str, line: Line<'_>, report: &mut Report) {
    let message = format!("the {what} \"{}\" is printed twice; it is kept once", line.text);
    report.note(line.number, "repeated-entry", message, "nothing; the page repeats itself");
}

/// The types of a resource, each once: its slug, its name as printed, its line.
pub(super) fn types(lines: &[Line<'_>], report: &mut Report) -> Vec<(Slug, String, usize)> {
    let mut types: Vec<(Slug, String, usize)> = Vec::new();
    for line in &short(lines, report) {
        match Slug::from_name(line.text) {
            Some(slug) if types.iter().any(|(known, ..)| *known == slug) => repeated("type", *line, report),
            Some(slug) => types.push((slug, line.text.to_owned(), line.number)),
            None => {
                let message = format!("\"{}\" has no letter or digit to make the name of a type from", line.text);
                report.warning(line.number, "unnamed-type", message, "add the type by hand");
            }
        }
    }
    types
}
