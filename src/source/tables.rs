//! The CSV tables of a data folder as records.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    path::Path,
};

use crate::{
    diagnostic::{Diagnostic, Place},
    model::{
        Dimension, Goal, GoalNumber, Indicator, IndicatorId, Language, LanguageTag, ResourceType, Slug, Target,
        TargetCode, Theme,
    },
};

use super::{
    file::TextFile,
    table::{Row, Table},
    value::{WEB, formed, iri},
    wording_digest,
};

/// Every table of a data folder.
pub(crate) struct Tables {
    pub(crate) languages: Records<LanguageTag, Language>,
    pub(crate) themes: Records<Slug, Theme>,
    pub(crate) types: Records<Slug, ResourceType>,
    pub(crate) goals: Records<GoalNumber, Goal>,
    pub(crate) targets: Records<TargetCode, Target>,
    pub(crate) indicators: Records<IndicatorId, Indicator>,
}

impl Tables {
    /// Reads the tables of a folder.
    pub(crate) fn read(data: &Path, report: &mut Vec<Diagnostic>) -> Self {
        let path = data.join("languages.csv");
        let languages = languages(&path, report).not_empty(&path, report);
        let path = data.join("themes.csv");
        let themes = themes(&path, report).not_empty(&path, report);
        let path = data.join("types.csv");
        let types = types(&path, report).not_empty(&path, report);
        let path = data.join("goals.csv");
        let goals = goals(&path, report).not_empty(&path, report);
        let path = data.join("targets.csv");
        let targets = targets(&path, &goals, report).not_empty(&path, report);
        let indicators = indicators(&data.join("indicators.csv"), &targets, report);
        Self { languages, themes, types, goals, targets, indicators }
    }
}

/// The records of one table, and the keys that may be referred to.
pub(crate) struct Records<K, R> {
    /// The sound records.
    pub(crate) sound: BTreeMap<K, R>,
    /// The keys of all rows, those with a mistake elsewhere in the row too; none when not all keys could be read.
    ///
    /// A mistake is reported where it is, not again at every reference to its row.
    keys: Option<BTreeMap<K, Place>>,
}

impl<K: Ord + Display + Clone, R> Records<K, R> {
    /// Reads a table. The function gives the key of a row, and its record when the rest is sound too. A key twice is
    /// reported.
    fn read(
        path: &Path,
        columns: &[&str],
        report: &mut Vec<Diagnostic>,
        mut record: impl FnMut(&Row<'_>, &mut Vec<Diagnostic>) -> Option<(K, Option<R>)>,
    ) -> Self {
        let unread = Self { sound: BTreeMap::new(), keys: None };
        let Some(file) = TextFile::read(path, report) else { return unread };
        let Some(table) = Table::read(&file, columns, report) else { return unread };
        let (mut sound, mut keys) = (BTreeMap::new(), BTreeMap::<K, Place>::new());
        let mut whole = table.whole;
        for row in table.rows() {
            let Some((key, value)) = record(&row, report) else {
                whole = false;
                continue;
            };
            if let Some(first) = keys.get(&key) {
                report.push(
                    Diagnostic::error("duplicate-entry", row.place(), format!("\"{key}\" is there already"))
                        .help(format!("it is also at {first}; keep one of the two")),
                );
                continue;
            }
            keys.insert(key.clone(), row.place());
            sound.extend(value.map(|value| (key, value)));
        }
        Self { sound, keys: whole.then_some(keys) }
    }

    /// Reports a table without rows, to which nothing can refer.
    fn not_empty(mut self, path: &Path, report: &mut Vec<Diagnostic>) -> Self {
        if self.keys.as_ref().is_some_and(BTreeMap::is_empty) {
            report.push(
                Diagnostic::error("empty-table", Place::file(path), "the table has a header and nothing else")
                    .help("fill it in: records refer to its rows"),
            );
            self.keys = None;
        }
        self
    }

    /// Whether a reference to the key may stand; yes when not all keys could be read.
    pub(crate) fn knows(&self, key: &K) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains_key(key))
    }

    /// The report of a reference to a key that is not there.
    pub(crate) fn unknown(&self, code: &'static str, what: &str, given: &str, table: &str, place: Place) -> Diagnostic {
        let names: Vec<String> = self.keys.iter().flatten().map(|(key, _)| key.to_string()).collect();
        Diagnostic::error(code, place, format!("there is no {what} \"{given}\"")).did_you_mean(
            given,
            names.iter().map(String::as_str),
            format!("the {what}s are those of {table}"),
        )
    }
}

/// Reports a name that stands for two records, so that a page that prints it could mean either.
#[derive(Default)]
struct Names(BTreeMap<String, Place>);

impl Names {
    fn claim(&mut self, name: &str, row: &Row<'_>, report: &mut Vec<Diagnostic>) {
        match self.0.get(&name.to_lowercase()) {
            Some(first) => report.push(
                Diagnostic::error("duplicate-name", row.place(), format!("the name \"{name}\" is taken"))
                    .help(format!("it is also at {first}; two records cannot share a name")),
            ),
            None => {
                self.0.insert(name.to_lowercase(), row.place());
            }
        }
    }
}

/// `languages.csv`: `tag,label,names`.
fn languages(path: &Path, report: &mut Vec<Diagnostic>) -> Records<LanguageTag, Language> {
    let mut names = Names::default();
    Records::read(path, &["tag", "label", "names"], report, |row, report| {
        let tag: Option<LanguageTag> = formed(row.cell("tag"), row.place(), report);
        let label = row.required("label", report);
        let others: Vec<String> =
            row.cell("names").split('|').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        for name in others.iter().chain(&label) {
            names.claim(name, row, report);
        }
        let tag = tag?;
        Some((tag.clone(), label.map(|label| Language { tag, label, names: others })))
    })
}

/// `themes.csv`: `slug,position,label,label_es`.
fn themes(path: &Path, report: &mut Vec<Diagnostic>) -> Records<Slug, Theme> {
    let mut names = Names::default();
    let mut positions = BTreeSet::new();
    Records::read(path, &["slug", "position", "label", "label_es"], report, |row, report| {
        let slug: Option<Slug> = formed(row.cell("slug"), row.place(), report);
        let position =
            row.cell("position").parse().ok().filter(|position| *position > 0 && positions.insert(*position));
        if position.is_none() {
            let message = format!("\"{}\" is not a free place in the list of themes", row.cell("position"));
            report.push(
                Diagnostic::error("bad-position", row.place(), message).help("number the themes 1, 2, 3 …, each once"),
            );
        }
        let label = row.required("label", report);
        let label_es = row.optional("label_es");
        for name in label.iter().chain(&label_es) {
            names.claim(name, row, report);
        }
        let slug = slug?;
        let theme =
            label.zip(position).map(|(label, position)| Theme { slug: slug.clone(), position, label, label_es });
        Some((slug, theme))
    })
}

/// `types.csv`: `slug,label`.
fn types(path: &Path, report: &mut Vec<Diagnostic>) -> Records<Slug, ResourceType> {
    let mut names = Names::default();
    Records::read(path, &["slug", "label"], report, |row, report| {
        let slug: Option<Slug> = formed(row.cell("slug"), row.place(), report);
        let label = row.required("label", report);
        if let Some(name) = &label {
            names.claim(name, row, report);
        }
        let slug = slug?;
        Some((slug.clone(), label.map(|label| ResourceType { slug, label })))
    })
}

/// `goals.csv`: `number,label,dimension`.
fn goals(path: &Path, report: &mut Vec<Diagnostic>) -> Records<GoalNumber, Goal> {
    Records::read(path, &["number", "label", "dimension"], report, |row, report| {
        let number: Option<GoalNumber> = formed(row.cell("number"), row.place(), report);
        let label = row.required("label", report);
        let name = row.cell("dimension");
        let dimension = Dimension::ALL.into_iter().find(|dimension| dimension.to_string() == name);
        if dimension.is_none() {
            let words = Dimension::ALL.map(|dimension| dimension.to_string());
            report.push(
                Diagnostic::error("unknown-dimension", row.place(), format!("there is no dimension \"{name}\""))
                    .did_you_mean(name, words.iter().map(String::as_str), format!("they are {}", words.join(", "))),
            );
        }
        let number = number?;
        Some((number, label.zip(dimension).map(|(label, dimension)| Goal { number, label, dimension })))
    })
}

/// `targets.csv`: `code,label`.
fn targets(
    path: &Path,
    goals: &Records<GoalNumber, Goal>,
    report: &mut Vec<Diagnostic>,
) -> Records<TargetCode, Target> {
    Records::read(path, &["code", "label"], report, |row, report| {
        let code: Option<TargetCode> = formed(row.cell("code"), row.place(), report);
        let label = row.required("label", report);
        let code = code?;
        if !goals.knows(&code.goal()) {
            report.push(goals.unknown("unknown-goal", "goal", &code.goal().to_string(), "goals.csv", row.place()));
        }
        Some((code, label.map(|label| Target { code, label })))
    })
}

/// `indicators.csv`: `id,label,definition,wording_digest,pages`.
fn indicators(
    path: &Path,
    targets: &Records<TargetCode, Target>,
    report: &mut Vec<Diagnostic>,
) -> Records<IndicatorId, Indicator> {
    let mut digests: BTreeMap<(TargetCode, Option<IndicatorId>, String), IndicatorId> = BTreeMap::new();
    let columns = ["id", "label", "definition", "wording_digest", "pages"];
    let records = Records::read(path, &columns, report, |row, report| {
        let id: IndicatorId = formed(row.cell("id"), row.place(), report)?;
        if !targets.knows(&id.target) {
            report.push(targets.unknown(
                "unknown-target",
                "target",
                &id.target.to_string(),
                "targets.csv",
                row.place(),
            ));
        }
        let (label, definition) = (row.optional("label"), row.optional("definition"));
        if label.is_none() && definition.is_none() {
            report.push(
                Diagnostic::error(
                    "empty-cell",
                    row.place(),
                    format!("indicator {id} has neither a label nor a definition"),
                )
                .help("write what it measures in a few words of your own as its label"),
            );
        }
        let digest = digest(row, definition.as_deref(), report);
        if let Some(digest) = &digest
            && let Some(twin) = digests.insert((id.target, id.parent(), digest.clone()), id)
        {
            report.push(
                Diagnostic::error("duplicate-wording", row.place(), format!("{id} has the official wording of {twin}"))
                    .help("keep one of the two"),
            );
        }
        let mut pages: Vec<String> = row
            .required("pages", report)
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|page| iri(page.into(), WEB, row.place(), report))
            .collect();
        pages.sort();
        pages.dedup();
        let indicator = digest.map(|wording_digest| Indicator { id, label, definition, wording_digest, pages });
        Some((id, indicator))
    });
    for (id, place) in records.keys.iter().flatten() {
        if let Some(parent) = id.parent().filter(|parent| !records.knows(parent)) {
            report.push(
                Diagnostic::error(
                    "dangling-reference",
                    place.clone(),
                    format!("{id} is a sub-level of {parent}, which is not there"),
                )
                .help(format!("add {parent}, or mend the identifier")),
            );
        }
    }
    records
}

/// The digest of an indicator's official wording; it must be that of the definition, where there is one.
fn digest(row: &Row<'_>, definition: Option<&str>, report: &mut Vec<Diagnostic>) -> Option<String> {
    let given = row.cell("wording_digest");
    let computed = definition.map(wording_digest);
    let problem = match &computed {
        Some(computed) if given.is_empty() || computed == given => return Some(computed.clone()),
        Some(_) => Diagnostic::error("digest-mismatch", row.place(), "the digest is not that of the definition")
            .help("leave the digest empty to have it computed"),
        None if given.len() == 64 && given.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) => {
            return Some(given.to_owned());
        }
        None => Diagnostic::error("bad-digest", row.place(), "the digest is not 64 lower-case hexadecimal digits")
            .help("give the SHA-256 of the official wording, or the wording itself as definition"),
    };
    report.push(problem);
    None
}
