//! Pages of the toolkit become records: every form they come in, the real page and the facts of the other real ones.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use ocm_graph::{
    model::{Catalogue, Slug},
    source::{
        import::{Plan, Request, plan},
        load,
    },
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{copy, repository};

const BACKSTAGE: &str = "https://ocm.iccrom.org/documents/backstage-managing-creativity-and-arts-south-east-asia";

/// A data folder of one's own: the tables of the shipped data, and no records.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        copy(&repository("data"), folder.path());
        for record in fs::read_dir(folder.path().join("resources")).unwrap() {
            fs::remove_file(record.unwrap().path()).unwrap();
        }
        Self(folder)
    }

    /// As above, and no indicators either.
    fn without_indicators() -> Self {
        let data = Self::new();
        fs::write(data.path("indicators.csv"), "id,label,definition,wording_digest,pages\n").unwrap();
        data
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn plan_file(&self, page: &Path, url: &str, replace: bool) -> Plan {
        plan(&Request { page, url, data: self.0.path(), replace })
    }

    /// Imports a text and writes what comes of it.
    fn import(&self, text: impl AsRef<[u8]>, url: &str) -> Plan {
        self.import_with(text, url, false)
    }

    fn import_with(&self, text: impl AsRef<[u8]>, url: &str, replace: bool) -> Plan {
        let page = TempDir::new().unwrap();
        let file = page.path().join("page.txt");
        fs::write(&file, text).unwrap();
        let plan = self.plan_file(&file, url, replace);
        if !plan.is_refused() {
            plan.write().unwrap();
        }
        plan
    }

    fn catalogue(&self) -> Catalogue {
        let loaded = load(self.0.path());
        assert_eq!(loaded.diagnostics, [], "what was written is sound");
        loaded.catalogue
    }

    /// The bytes of every file, by path.
    fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut bytes = BTreeMap::new();
        for folder in [self.0.path().to_owned(), self.path("resources")] {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    bytes.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
        bytes
    }
}

/// The folder with the real pages, where there is one.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("OCM_SHARED").map_or_else(|| repository("../shared"), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

/// The site's menu, which every page begins with.
fn menu(catalogue: &Catalogue) -> String {
    let mut themes: Vec<_> = catalogue.themes.values().collect();
    themes.sort_by_key(|theme| theme.position);
    themes.iter().map(|theme| format!("- {}\n", theme.label)).collect()
}

fn codes(plan: &Plan) -> Vec<&'static str> {
    plan.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

/// The 68 records of the toolkit that facts are known of, printed as pages, give those facts back.
#[test]
fn the_facts_of_real_pages_come_back() {
    let Some(path) = shared("data/ocm_resources.jsonl") else { return };
    let data = Data::new();
    let menu = menu(&data.catalogue());
    let mut other_splits = Vec::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let facts: Value = serde_json::from_str(line).unwrap();
        let texts = |key: &str| -> Vec<&str> {
            facts[key].as_array().map(|values| values.iter().map(|v| v.as_str().unwrap()).collect()).unwrap_or_default()
        };
        let targets: Vec<String> = facts["targets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|target| target["code"].as_str().unwrap().to_uppercase())
            .collect();
        let mut page = menu.clone();
        texts("types").iter().for_each(|kind| writeln!(page, "- {kind}").unwrap());
        writeln!(page, "{}\nIntended Audience\nEverybody", facts["title"].as_str().unwrap()).unwrap();
        if let Some(creators) = facts["as_printed"].as_str() {
            writeln!(page, "- {creators}").unwrap();
        }
        page += "“Words of its own.” (p.4)\nAvaiable in\n";
        texts("languages").iter().chain(&texts("actions")).for_each(|item| writeln!(page, "- {item}").unwrap());
        let reasons: Vec<String> = targets.iter().map(|code| format!("{code} (why {code} it is)")).collect();
        writeln!(page, "It serves SDG targets {}.", reasons.join(", ")).unwrap();

        let url = facts["url"].as_str().unwrap();
        let plan = data.import(&page, url);
        assert!(!plan.is_refused(), "{url}: {:?}", plan.diagnostics);
        let catalogue = data.catalogue();
        let record = &catalogue.resources[plan.slug.as_deref().unwrap()];
        assert_eq!(record.slug.as_str(), facts["slug"].as_str().unwrap());
        assert_eq!(record.title, facts["title"].as_str().unwrap());
        assert_eq!(record.creators_as_printed.as_deref(), facts["as_printed"].as_str());
        let types: Vec<&str> = record.types.iter().map(|slug| catalogue.types[slug].label.as_str()).collect();
        assert_eq!(types, texts("types"), "{url}");
        let themes: Vec<&str> = record.themes.iter().map(|slug| catalogue.themes[slug].label.as_str()).collect();
        assert_eq!(themes, texts("actions"), "{url}");
        let languages: Vec<&str> = record.languages.iter().map(|mention| mention.printed.as_str()).collect();
        assert_eq!(languages, texts("languages"), "{url}");
        assert!(record.languages.iter().all(|mention| mention.tag.is_some()), "{languages:?}");
        let printed: Vec<&str> = record.alignments.iter().map(|alignment| alignment.printed.as_str()).collect();
        assert_eq!(printed, targets, "{url}");
        for alignment in &record.alignments {
            assert_eq!(alignment.reason, Some(format!("why {} it is", alignment.printed)), "{url}");
        }
        let creators: Vec<&str> = record.creators.iter().map(|creator| creator.name.as_str()).collect();
        if creators != texts("creators") {
            other_splits.push((record.slug.to_string(), creators.join(" | ")));
        }
    }
    // Nothing on the line tells that its last name is a journal's.
    let expected = "Keith L. Pendergrass | Walker Sampson | Tim Walsh | Laura Alagna | The American Archivist";
    assert_eq!(
        other_splits,
        [("toward-environmentally-sustainable-digital-preservation".to_owned(), expected.to_owned())]
    );
}
