//! Files in, a catalogue and everything wrong with it out.
//!
//! [`load`] never stops at the first mistake and never fails: a folder that is not there is a diagnostic like any
//! other. A catalogue whose diagnostics have errors must not be published.

mod document;
mod file;
pub mod import;
mod page;
mod resource;
mod table;
mod tables;
mod value;
mod wording;
pub mod write;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

pub(crate) use file::TextFile;
use tables::Tables;
pub use wording::{normalise_wording, wording_digest};

pub use crate::progress::Progress;
use crate::{
    diagnostic::{Diagnostic, Place},
    model::{Catalogue, Resource, Slug},
};

/// What a data folder holds.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Every record that could be read.
    pub catalogue: Catalogue,
    /// Everything wrong or worth knowing, in the order of the files and lines.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a data folder: `dataset.toml`, the CSV tables and `resources/*.toml`.
#[must_use]
pub fn load(data: &Path) -> Loaded {
    load_observed(data, &|_| ())
}

/// As [`load`], telling how far it has come.
#[must_use]
pub fn load_observed(data: &Path, observe: &dyn Fn(Progress)) -> Loaded {
    let mut report = Vec::new();
    if !data.is_dir() {
        let place = Place::file(data);
        let diagnostic = Diagnostic::error("missing-folder", place, "there is no such folder")
            .help("name the folder that holds dataset.toml with --data");
        return Loaded { catalogue: Catalogue::default(), diagnostics: vec![diagnostic] };
    }
    let dataset = resource::dataset(&data.join("dataset.toml"), &mut report);
    let tables = Tables::read(data, &mut report);
    let resources = resources(&data.join("resources"), &tables, observe, &mut report);
    report.sort();
    let catalogue = Catalogue {
        languages: tables.languages.sound,
        themes: tables.themes.sound,
        types: tables.types.sound,
        goals: tables.goals.sound,
        targets: tables.targets.sound,
        indicators: tables.indicators.sound,
        resources,
        // Stands in for a description that could not be read, so that the rest can still be checked.
        dataset: dataset.unwrap_or_default(),
    };
    Loaded { catalogue, diagnostics: report }
}

fn resources(
    folder: &Path,
    tables: &Tables,
    observe: &dyn Fn(Progress),
    report: &mut Vec<Diagnostic>,
) -> BTreeMap<Slug, Resource> {
    let mut resources = BTreeMap::new();
    let mut pages: HashMap<String, PathBuf> = HashMap::new();
    let files = resource_files(folder, report);
    for (done, path) in files.iter().enumerate() {
        observe(Progress { stage: "reading records", done, total: files.len() });
        let Some(resource) = resource::resource(path, tables, report) else { continue };
        for page in resource.other_pages.iter().chain([&resource.page]) {
            if let Some(first) = pages.insert(page.clone(), path.clone()) {
                report.push(
                    Diagnostic::error(
                        "duplicate-page",
                        Place::file(path),
                        format!("the page {page} has a record already"),
                    )
                    .help(format!("it is also in {}; keep one of the two", first.display())),
                );
            }
        }
        resources.insert(resource.slug.clone(), resource);
    }
    resources
}

/// The record files of a folder, sorted; anything else in it is reported, hidden files apart.
fn resource_files(folder: &Path, report: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            report.push(
                Diagnostic::error("missing-folder", Place::file(folder), format!("the folder cannot be read: {error}"))
                    .help("create it; each resource is a file SLUG.toml in it"),
            );
            return Vec::new();
        }
    };
    let mut files = Vec::new();
    for entry in entries {
        match entry.map(|entry| entry.path()) {
            Ok(path) if path.extension().is_some_and(|extension| extension == "toml") => files.push(path),
            Ok(path) if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) => {}
            Ok(path) => report.push(
                Diagnostic::warning("stray-file", Place::file(path), "this is not a record and is not read")
                    .help("a record is a file SLUG.toml; move anything else away"),
            ),
            Err(error) => report.push(Diagnostic::error(
                "unreadable-file",
                Place::file(folder),
                format!("the folder cannot be read to its end: {error}"),
            )),
        }
    }
    files.sort();
    files
}
