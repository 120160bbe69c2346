//! A page of the toolkit into a data folder: its record, the official wording of its indicators, its types.
//!
//! [`plan`] reads and decides, [`Plan::write`] writes; nothing is written that was not prepared whole. A [`Lock`] held
//! around both keeps imports apart. Importing a page a second time changes nothing.

mod address;
mod join;
mod write;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

pub use address::AddressError;
use serde::Serialize;
pub use write::{Lock, WriteError};

use crate::{
    diagnostic::{Diagnostic, Severity, has_errors},
    model::{Catalogue, Completeness, Gap, Resource, ResourceType, Slug, TargetCode, Wording},
};

use super::{
    file::TextFile,
    load,
    page::{self, MAX_PAGE, PageReading, Report},
    write::{indicators_csv, resource_toml, types_csv},
};

/// What to import, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The file that holds the text of the page; `-` stands for standard input.
    pub page: &'a Path,
    /// The address the text was read at.
    pub url: &'a str,
    /// The data folder.
    pub data: &'a Path,
    /// Whether a record that is there already may be replaced.
    pub replace: bool,
}

/// What an import does to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The file is new.
    Create,
    /// Its content changes.
    Update,
    /// It is as it should be.
    Keep,
}

/// One file of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedFile {
    /// Where it is.
    pub path: PathBuf,
    /// What happens to it.
    pub action: Action,
    /// Its new content; empty for a file that is kept.
    #[serde(skip)]
    pub text: String,
}

/// What was read from the page, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Types of the resource.
    pub types: usize,
    /// Creators.
    pub creators: usize,
    /// Quotations.
    pub quotations: usize,
    /// Languages.
    pub languages: usize,
    /// Actions.
    pub themes: usize,
    /// Goals named as wholes.
    pub goals: usize,
    /// Targets.
    pub targets: usize,
    /// Targets with a reason.
    pub reasons: usize,
    /// Blocks of indicators.
    pub blocks: usize,
    /// Indicators in those blocks, sub-levels apart.
    pub indicators: usize,
    /// Their sub-levels.
    pub levels: usize,
    /// Indicators and sub-levels that were not in the catalogue.
    pub new_indicators: usize,
}

/// The outcome of reading a page: what would be written, or why nothing may be.
///
/// As JSON: `{"slug":"on-ponds","title":"On ponds","files":[{"path":"data/resources/on-ponds.toml",
/// "action":"create"}],"counts":{"types":1,…},"diagnostics":[…]}`.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The slug of the record; none when the address gives none.
    pub slug: Option<String>,
    /// The title of the resource; none when the page was not read.
    pub title: Option<String>,
    /// The files. Empty when the page is refused.
    pub files: Vec<PlannedFile>,
    /// What was read.
    pub counts: Counts,
    /// What is to be said about the page, in the order of its lines; an error means that it is refused.
    pub diagnostics: Vec<Diagnostic>,
}

impl Plan {
    /// Whether the page is refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// Whether everything is there already.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.files.iter().all(|file| file.action == Action::Keep)
    }
}

/// Reads a page and decides what it changes in a data folder. Writes nothing and never fails: all that can be wrong is a
/// diagnostic of the plan.
#[must_use]
pub fn plan(request: &Request<'_>) -> Plan {
    let mut report = Report::new(request.page);
    let file = read_page(request.page, &mut report);
    let slug = address::slug(request.url)
        .map_err(|error| {
            let help = "give the address of the page, such as https://ocm.iccrom.org/documents/climate-toolkit";
            report.error("bad-address", error.to_string(), help);
        })
        .ok();
    let loaded = load(request.data);
    let sound = !has_errors(&loaded.diagnostics);
    report.diagnostics.extend(loaded.diagnostics.into_iter().filter(|found| found.severity == Severity::Error));
    let mut plan = Plan {
        slug: slug.as_ref().map(ToString::to_string),
        title: None,
        files: Vec::new(),
        counts: Counts::default(),
        diagnostics: Vec::new(),
    };
    if let (Some(file), Some(slug), true) = (file, slug, sound)
        && let Some(reading) = page::read(&file, &loaded.catalogue, &mut report)
    {
        plan.title = Some(reading.title.clone());
        let import = Import { request, slug, catalogue: &loaded.catalogue };
        import.decide(reading, &mut plan, &mut report);
    }
    plan.diagnostics = report.diagnostics;
    plan.diagnostics.sort();
    plan.diagnostics.dedup();
    if plan.is_refused() {
        plan.files.clear();
    }
    plan
}

fn read_page(path: &Path, report: &mut Report) -> Option<TextFile> {
    if path == Path::new("-") {
        return read_standard_input(path, report);
    }
    if !path.exists() {
        report.error(
            "missing-file",
            "there is no such file",
            "name the file that holds the text of the page, or - for standard input",
        );
        return None;
    }
    TextFile::read(path, &mut report.diagnostics)
}

fn read_standard_input(path: &Path, report: &mut Report) -> Option<TextFile> {
    let mut bytes = Vec::new();
    // One byte more than a page may have, to tell that it has too many.
    match io::stdin().lock().take(MAX_PAGE as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > MAX_PAGE => page::too_large(report),
        Ok(_) => return TextFile::decode(path, bytes, &mut report.diagnostics),
        Err(error) => {
            report.error("unreadable-file", format!("standard input cannot be read: {error}"), "pipe the text into it");
        }
    }
    None
}

/// A page that has been read, on its way into a catalogue.
struct Import<'a> {
    request: &'a Request<'a>,
    slug: Slug,
    catalogue: &'a Catalogue,
}

impl Import<'_> {
    fn decide(&self, reading: PageReading, plan: &mut Plan, report: &mut Report) {
        let targets: Vec<TargetCode> = reading.alignments.iter().map(|alignment| alignment.target).collect();
        let known = &self.catalogue.indicators;
        let page = join::Page { blocks: &reading.blocks, url: self.request.url, cut_off: reading.cut_off };
        let joined = join::join(&page, &targets, known, report);
        plan.counts = Counts { new_indicators: joined.new, ..counts(&reading) };
        let (types, unseen) = self.types(&reading, report);
        let resource = self.resource(reading, types, &report.gaps);
        self.check_address(report);
        let indicators = &joined.indicators;
        plan.files = vec![
            self.table("types.csv", unseen.is_empty(), || self.types_with(&unseen)),
            self.table("indicators.csv", indicators == known, || indicators_csv(indicators.values())),
            self.record(&resource, report),
        ];
    }

    /// The record of the page. What no page tells, and a record that is replaced knows, is kept.
    fn resource(&self, reading: PageReading, types: Vec<Slug>, gaps: &[Gap]) -> Resource {
        let former = self.catalogue.resources.get(&self.slug);
        let pages = former.into_iter().flat_map(|record| [&record.page].into_iter().chain(&record.other_pages));
        let other_pages = pages.filter(|page| *page != self.request.url).cloned().collect();
        let mut gaps = gaps.to_vec();
        gaps.sort_by_key(|gap| gap.field);
        Resource {
            slug: self.slug.clone(),
            title: reading.title,
            page: self.request.url.to_owned(),
            other_pages,
            year: former.and_then(|record| record.year),
            wording: Wording::Page,
            prose_language: reading.prose_language.filter(|tag| self.catalogue.languages.contains_key(tag)),
            audience: reading.audience,
            description: reading.description,
            creators_as_printed: reading.creators_as_printed,
            creators: reading.creators,
            quotations: reading.quotations,
            languages: reading.languages,
            types,
            themes: reading.themes,
            goals: reading.goals,
            alignments: reading.alignments,
            completeness: if gaps.is_empty() { Completeness::Complete } else { Completeness::Partial },
            gaps,
            note: former.and_then(|record| record.note.clone()),
        }
    }

    /// The slugs of the types, and those the catalogue does not have.
    fn types(&self, reading: &PageReading, report: &mut Report) -> (Vec<Slug>, BTreeMap<Slug, ResourceType>) {
        let mut slugs = Vec::new();
        let mut unseen = BTreeMap::new();
        for (slug, label, line) in &reading.types {
            let types = &self.catalogue.types;
            let same_label = types.values().find(|kind| kind.label.to_lowercase() == label.to_lowercase());
            let known = same_label.or_else(|| types.get(slug));
            if known.is_none() {
                let message = format!("\"{label}\" is a type not seen before; it is added to types.csv");
                report.note(*line, "new-type", message, "nothing, if it is no slip of the pen");
                unseen.insert(slug.clone(), ResourceType { slug: slug.clone(), label: label.clone() });
            }
            let slug = known.map_or(slug, |known| &known.slug);
            if !slugs.contains(slug) {
                slugs.push(slug.clone());
            }
        }
        (slugs, unseen)
    }

    /// Refuses an address that another record has.
    fn check_address(&self, report: &mut Report) {
        let url = self.request.url;
        let others = self.catalogue.resources.values().filter(|record| record.slug != self.slug);
        for record in others.filter(|record| record.page == url || record.other_pages.iter().any(|page| page == url)) {
            let message = format!("the record \"{}\" has the address {url} already", record.slug);
            let help = format!("import the page at the address that gives the slug {}: {}", record.slug, record.page);
            report.error("address-taken", message, help);
        }
    }

    fn record(&self, resource: &Resource, report: &mut Report) -> PlannedFile {
        let path = self.request.data.join("resources").join(format!("{}.toml", self.slug));
        let action = match self.catalogue.resources.get(&self.slug) {
            None => Action::Create,
            Some(former) if former == resource => Action::Keep,
            Some(former) if self.request.replace => {
                say_losses(former, resource, report);
                Action::Update
            }
            Some(_) => {
                let message = format!("the page has a record already, {}, and it differs", path.display());
                report.error("record-exists", message, "look at it, and import with --replace to replace it");
                Action::Keep
            }
        };
        let text = if action == Action::Keep { String::new() } else { resource_toml(resource) };
        PlannedFile { path, action, text }
    }

    fn table(&self, name: &str, same: bool, text: impl Fn() -> String) -> PlannedFile {
        let path = self.request.data.join(name);
        if same {
            return PlannedFile { path, action: Action::Keep, text: String::new() };
        }
        PlannedFile { path, action: Action::Update, text: text() }
    }

    /// `types.csv` with more types: at its end when it is as we write it, so that its order stays.
    fn types_with(&self, unseen: &BTreeMap<Slug, ResourceType>) -> String {
        let more = types_csv(unseen.values());
        let (header, rows) = more.split_once('\n').unwrap_or_default();
        let written = fs::read_to_string(self.request.data.join("types.csv")).unwrap_or_default();
        if written.lines().next() == Some(header) && !written.contains('\r') {
            let end = if written.ends_with('\n') { "" } else { "\n" };
            return format!("{written}{end}{rows}");
        }
        let mut types = self.catalogue.types.clone();
        types.extend(unseen.clone());
        types_csv(types.values())
    }
}

/// Says what a record that is replaced has more of than the new one.
fn say_losses(former: &Resource, new: &Resource, report: &mut Report) {
    let reasons = |record: &Resource| record.alignments.iter().filter(|alignment| alignment.reason.is_some()).count();
    let counts = |record: &Resource| {
        [
            ("types", record.types.len()),
            ("audience", usize::from(record.audience.is_some())),
            ("creators", record.creators.len()),
            ("quotations", record.quotations.len()),
            ("description", usize::from(record.description.is_some())),
            ("languages", record.languages.len()),
            ("actions", record.themes.len()),
            ("goals", record.goals.len()),
            ("targets", record.alignments.len()),
            ("reasons", reasons(record)),
        ]
    };
    let losses: Vec<String> = counts(former)
        .into_iter()
        .zip(counts(new))
        .filter(|((_, before), (_, after))| after < before)
        .map(|((what, before), (_, after))| format!("{what} ({after} instead of {before})"))
        .collect();
    if !losses.is_empty() {
        let message = format!("the record that is replaced holds more: {}", losses.join(", "));
        report.warning(1, "record-shrinks", message, "look whether the text is that of the whole page");
    }
}

fn counts(reading: &PageReading) -> Counts {
    let items = || reading.blocks.iter().flat_map(|block| &block.items);
    Counts {
        types: reading.types.len(),
        creators: reading.creators.len(),
        quotations: reading.quotations.len(),
        languages: reading.languages.len(),
        themes: reading.themes.len(),
        goals: reading.goals.len(),
        targets: reading.alignments.len(),
        reasons: reading.alignments.iter().filter(|alignment| alignment.reason.is_some()).count(),
        blocks: reading.blocks.len(),
        indicators: items().count(),
        levels: items().map(|item| item.levels.len()).sum(),
        new_indicators: 0,
    }
}
