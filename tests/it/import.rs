//! Pages of the toolkit become records: every form they come in, the real page and the facts of the other real ones.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use ocm_graph::{
    diagnostic::has_errors,
    model::{
        AgentKind, Alignment, Catalogue, Completeness, Creator, Field, Gap, LanguageMention, Quotation, Resource,
        Wording,
    },
    source::{
        import::{Action, Plan, Request, plan},
        load, wording_digest,
        write::{indicators_csv, resource_toml, types_csv},
    },
};
use proptest::prelude::*;
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
        for kind in texts("types") {
            writeln!(page, "- {kind}").unwrap();
        }
        writeln!(page, "{}\nIntended Audience\nEverybody", facts["title"].as_str().unwrap()).unwrap();
        if let Some(creators) = facts["as_printed"].as_str() {
            writeln!(page, "- {creators}").unwrap();
        }
        page += "“Words of its own.” (p.4)\nAvaiable in\n";
        for item in texts("languages").iter().chain(&texts("actions")) {
            writeln!(page, "- {item}").unwrap();
        }
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

/// Each page of `tests/fixtures/pages` beside what comes of it: what is said, the record, the indicators.
#[test]
fn every_kind_of_page_gives_its_record_and_its_report() {
    let folder = repository("tests/fixtures/pages");
    let mut pages: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    pages.sort();
    assert!(pages.len() >= 10, "only {} pages were found", pages.len());
    for page in pages {
        let name = page.file_stem().unwrap().to_str().unwrap();
        let data = Data::without_indicators();
        let plan = data.plan_file(&page, &format!("https://example.org/documents/{name}"), false);
        if !plan.is_refused() {
            plan.write().unwrap();
            data.catalogue();
        }
        insta::with_settings!(
            { snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!(name, outcome(&plan, &data)) }
        );
    }
}

/// All that an import does, as text.
fn outcome(plan: &Plan, data: &Data) -> String {
    let mut text = String::new();
    for diagnostic in &plan.diagnostics {
        let line = diagnostic.to_string().replace(&format!("{}/", repository("tests/fixtures/pages").display()), "");
        writeln!(text, "{line}").unwrap();
    }
    writeln!(text, "{}\n", serde_json::to_string(&plan.counts).unwrap()).unwrap();
    for file in &plan.files {
        let name = file.path.strip_prefix(data.0.path()).unwrap();
        writeln!(text, "=== {:?} {}", file.action, name.display()).unwrap();
        // Of the types, only what was added.
        let before = if name == Path::new("types.csv") {
            fs::read_to_string(repository("data/types.csv")).unwrap()
        } else {
            String::new()
        };
        text += file.text.strip_prefix(&before).unwrap_or(&file.text);
    }
    text
}

/// A page with these lines under its title, whose prose names these targets, each with a block of these indicators.
fn page(title: &str, prose: &str, blocks: &[&[&str]]) -> String {
    let mut page = format!(
        "- Video\n{title}\nIntended Audience\nSailors\n- Sea School\n“Aye.”\nAvailable in\n- English\n{prose}\n"
    );
    for block in blocks {
        page += "Our Collections Matter indicators:\n";
        for item in *block {
            writeln!(page, "- {item}").unwrap();
        }
    }
    page
}

const KNOTS: &str = "https://example.org/documents/knots";
const SAILS: &str = "https://example.org/documents/sails";

#[test]
fn the_real_page_is_read_whole_and_twice_is_once() {
    let Some(path) = shared("seed/backstage.txt") else { return };
    let text = fs::read_to_string(&path).unwrap();
    let data = Data::new();
    let known: Vec<_> = data.catalogue().indicators.into_keys().collect();
    assert_eq!(known.len(), 66);
    let plan = data.plan_file(&path, BACKSTAGE, false);
    assert_eq!(codes(&plan), ["doubtful-creator", "repeated-indicator"]);
    plan.write().unwrap();

    let catalogue = data.catalogue();
    let record = &catalogue.resources["backstage-managing-creativity-and-arts-south-east-asia"];
    assert_eq!(record.title, "Backstage - Managing Creativity and the Arts in South-East Asia");
    assert_eq!((record.completeness, record.wording), (Completeness::Complete, Wording::Page));
    assert_eq!(record.page, BACKSTAGE);
    let line = |number: usize| text.lines().nth(number - 1).unwrap();
    assert_eq!(record.audience.as_deref(), Some(line(20)));
    assert_eq!(record.creators_as_printed.as_deref(), line(21).strip_prefix("- "));
    let creators: Vec<_> = record.creators.iter().map(|creator| (creator.name.as_str(), creator.kind)).collect();
    assert_eq!(
        creators,
        [
            ("S. Janamohanan", Some(AgentKind::Person)),
            ("S. Sasaki", Some(AgentKind::Person)),
            ("A. W. W. Yen", Some(AgentKind::Person)),
            (
                "UNESCO Office Bangkok and Regional Bureau for Education in Asia and the Pacific",
                Some(AgentKind::Organisation)
            ),
        ]
    );
    let [quotation] = record.quotations.as_slice() else { panic!("one quotation") };
    assert_eq!(quotation.locator.as_deref(), Some("p. 4"));
    assert_eq!(format!("“{}” (p.4)", quotation.text.as_deref().unwrap()), line(22));
    let tags: Vec<&str> = record.languages.iter().map(|mention| mention.tag.as_ref().unwrap().as_str()).collect();
    assert_eq!(tags, ["en", "lo", "th", "id", "km", "vi"]);
    assert_eq!((record.themes.len(), record.types.len()), (9, 3));

    assert_eq!(record.alignments.len(), 16);
    for alignment in &record.alignments {
        let reason = alignment.reason.as_deref().unwrap();
        let printed = [format!("{} ({reason})", alignment.printed), format!("{}. ({reason})", alignment.printed)];
        assert!(printed.iter().any(|printed| text.contains(printed)), "{printed:?}");
    }

    let imported: Vec<_> = catalogue.indicators.keys().copied().collect();
    assert_eq!(imported, known, "no indicator is new, none is there twice");
    let mut of_target: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for indicator in catalogue.indicators.values() {
        let definition = indicator.definition.as_deref().unwrap();
        let printed = text
            .lines()
            .filter_map(|l| l.split_once(' '))
            .any(|(bullet, words)| words == definition && matches!(bullet, "-" | "i." | "ii." | "iii."));
        assert!(printed, "{definition}");
        assert_eq!(wording_digest(definition), indicator.wording_digest);
        assert!(indicator.label.is_some() && indicator.pages.iter().any(|page| page == BACKSTAGE));
        let count = of_target.entry(indicator.id.target.to_string()).or_default();
        if indicator.id.level.is_none() { count.0 += 1 } else { count.1 += 1 }
    }
    let expected = "10.2:6+0 11.4:5+0 11.7:4+0 11.a:4+0 16.7:4+0 17.16:2+0 17.9:2+0 3.3:6+0 3.4:4+0 4.3:4+0 4.4:4+0 4.5:4+0 \
                    5.5:1+3 8.3:4+0 8.9:4+0 9.1:5+0";
    let counted: Vec<String> = of_target.iter().map(|(code, (own, levels))| format!("{code}:{own}+{levels}")).collect();
    assert_eq!(counted.join(" "), expected);

    let before = data.bytes();
    let again = data.import(&text, BACKSTAGE);
    assert!(again.changes_nothing() && !again.is_refused());
    assert_eq!(data.bytes(), before);
}

#[test]
fn the_same_wording_under_the_same_target_is_one_indicator() {
    let data = Data::without_indicators();
    let first = page("Knots", "SDG 4.4 (work) and 8.9 (guests).", &[&["One.", "Levels:"], &["One."]]);
    data.import(first.replace("- Levels:\n", "- Levels:\ni. low\nii. high\n"), KNOTS);
    let second = page("Sails", "SDG 4.4 (work).", &[&["Two.", "Levels:", "One."]]);
    let plan = data.import(second.replace("- Levels:\n", "- Levels:\na) high\nb) middle\n"), SAILS);
    assert_eq!(codes(&plan), ["new-indicators"]);

    let indicators = data.catalogue().indicators;
    let found: Vec<String> = indicators
        .values()
        .map(|indicator| {
            let pages: Vec<&str> = indicator.pages.iter().map(|page| page.rsplit('/').next().unwrap()).collect();
            format!("{} {} {}", indicator.id, indicator.definition.as_deref().unwrap(), pages.join("+"))
        })
        .collect();
    assert_eq!(
        found,
        [
            "4.4-1 One. knots+sails",
            "4.4-2 Levels: knots+sails",
            "4.4-2-1 low knots",
            "4.4-2-2 high knots+sails",
            "4.4-2-3 middle sails",
            "4.4-3 Two. sails",
            "8.9-1 One. knots",
        ]
    );
}

#[test]
fn a_wording_that_is_there_stays_as_it_is() {
    let data = Data::without_indicators();
    data.import(page("Knots", "SDG 4.4 (work).", &[&["Sailors’ knots."]]), KNOTS);
    let plan = data.import(page("Sails", "SDG 4.4 (work).", &[&["Sailors'  knots."]]), SAILS);
    assert_eq!(codes(&plan), [""; 0]);
    let indicators = data.catalogue().indicators;
    assert_eq!(indicators.len(), 1);
    let indicator = indicators.values().next().unwrap();
    assert_eq!(indicator.definition.as_deref(), Some("Sailors’ knots."));
    assert_eq!(indicator.pages, [KNOTS, SAILS]);
}

#[test]
fn blocks_are_joined_only_where_that_is_sound() {
    let data = Data::without_indicators();
    data.import(page("Knots", "SDG 4.4 (work) and 8.9 (guests).", &[&["Work."], &["Guests."]]), KNOTS);
    let before = data.read("indicators.csv");
    let check = |prose: &str, blocks: &[&[&str]], expected: &[&str]| {
        let plan = data.import_with(page("Sails", prose, blocks), SAILS, true);
        let mut codes = codes(&plan);
        codes.retain(|code| *code != "record-shrinks");
        assert_eq!(codes, expected);
        assert_eq!(data.read("indicators.csv"), before, "nothing is joined");
        let gaps = &data.catalogue().resources["sails"].gaps;
        assert!(gaps.iter().any(|gap| gap.field.word() == "indicators"), "{gaps:?}");
    };
    // In the order of the text, which is not that of the targets.
    check(
        "SDG 8.9 (guests), 4.4 (work).",
        &[&["Guests."], &["Work."]],
        &["block-of-other-target", "block-of-other-target"],
    );
    // A target that could not be read shifts all that follow.
    check("SDG 8.9 (guests), 3.15 (x).", &[&["Work."]], &["unknown-target", "block-of-other-target"]);
    check("SDG 4.4 (work), 8.9 (guests).", &[&["Work."]], &["blocks-and-targets-differ"]);
    check("SDG 4.4 (work).", &[&["Work."], &["Guests."]], &["blocks-and-targets-differ"]);
    check("No goals.", &[&["Work."]], &["blocks-and-targets-differ"]);
}

#[test]
fn blocks_without_their_indicators_make_the_record_partial() {
    let check = |blocks: &[&[&str]], expected: &[&str], why: &str| {
        let data = Data::without_indicators();
        data.import(page("Knots", "SDG 4.4 (work) and 8.9 (guests).", &[&["Work."], &["Guests.", "More."]]), KNOTS);
        let plan = data.import(page("Sails", "SDG 4.4 (work) and 8.9 (guests).", blocks), SAILS);
        assert_eq!(codes(&plan), expected);
        let record = &data.catalogue().resources["sails"];
        let gap = record.gaps.iter().find(|gap| gap.field == Field::Indicators);
        assert_eq!(gap.map(|gap| gap.why.as_str()), Some(why));
        assert_eq!(record.completeness, Completeness::Partial);
    };
    let empty = "Nothing could be read under a heading of indicators.";
    check(&[&["Work."], &[]], &["empty-block"], empty);
    check(&[&[], &["Guests.", "More."]], &["empty-block"], empty);
    let ends = "The text imported may end within the last of them.";
    check(&[&["Work."], &["Guests."]], &["short-block"], ends);
}

#[test]
fn a_record_is_replaced_only_when_asked() {
    let data = Data::without_indicators();
    let index = "https://example.org/index.php/documents/knots";
    data.import(page("Knots", "SDG 4.4 (work).", &[]), index);
    let path = data.path("resources/knots.toml");
    let record = fs::read_to_string(&path).unwrap().replace("completeness", "year = 1999\ncompleteness");
    fs::write(&path, &record).unwrap();
    let before = data.bytes();

    let refused = data.import(page("Knots and Hitches", "SDG 4.4 (work), 8.9 (x).", &[&["A."], &["B."]]), KNOTS);
    assert_eq!(codes(&refused), ["record-exists"]);
    assert!(refused.is_refused() && refused.files.is_empty());
    assert_eq!(data.bytes(), before);

    let replaced = data.import_with(page("Knots and Hitches", "SDG 4.4 (work).", &[]), KNOTS, true);
    assert_eq!(replaced.files.last().unwrap().action, Action::Update);
    let record = &data.catalogue().resources["knots"];
    assert_eq!((record.title.as_str(), record.page.as_str()), ("Knots and Hitches", KNOTS));
    assert_eq!((record.other_pages.as_slice(), record.year), ([index.to_owned()].as_slice(), Some(1999)));
}

#[test]
fn a_text_that_ends_early_is_no_page_without_targets() {
    let data = Data::without_indicators();
    let whole = page("Knots", "SDG 4.4 (work).", &[&["Work."]])
        .replace("- English\n", "- English\n- Lao\n- Support research\n");
    data.import(&whole, KNOTS);
    let path = data.path("resources/knots.toml");
    let noted = fs::read_to_string(&path).unwrap().replace("completeness", "note = \"Mind the ends.\"\ncompleteness");
    fs::write(&path, noted).unwrap();
    for (lines, within, shrinks) in [
        (2, "", true),
        (4, "audience", true),
        (5, "creators", true),
        (6, "description", true),
        (7, "", true),
        (8, "languages", true),
        (10, "themes", true),
    ] {
        let cut: String = whole.lines().take(lines).map(|line| format!("{line}\n")).collect();
        let plan = data.import_with(cut, KNOTS, true);
        assert!(codes(&plan).contains(&"ends-early"), "{lines}: {:?}", plan.diagnostics);
        assert_eq!(codes(&plan).contains(&"record-shrinks"), shrinks, "{lines}");
        let record = &data.catalogue().resources["knots"];
        assert_eq!(record.note.as_deref(), Some("Mind the ends."), "{lines}");
        let gaps: Vec<(&str, &str)> = record.gaps.iter().map(|gap| (gap.field.word(), gap.why.as_str())).collect();
        assert!(gaps.contains(&("targets", "The text imported ends before it.")), "{lines}: {gaps:?}");
        assert!(gaps.contains(&("indicators", "The text imported ends before them.")), "{lines}: {gaps:?}");
        let here: Vec<&str> =
            gaps.iter().filter(|(_, why)| why.contains("ends here")).map(|(field, _)| *field).collect();
        assert_eq!(here.join(" "), within, "{lines}: {gaps:?}");
        data.import_with(&whole, KNOTS, true);
    }
}

#[test]
fn an_address_belongs_to_one_record() {
    let data = Data::new();
    data.import(page("Knots", "SDG 4.4 (work).", &[]), KNOTS);
    let path = data.path("resources/knots.toml");
    let record = fs::read_to_string(&path).unwrap();
    fs::write(&path, record.replace("completeness", "other_pages = [\"https://example.org/es/node/7\"]\ncompleteness"))
        .unwrap();
    let before = data.bytes();
    let plan = data.import_with(page("Nudos", "SDG 4.4 (work).", &[]), "https://example.org/es/node/7", true);
    assert_eq!(codes(&plan), ["address-taken"]);
    assert!(plan.diagnostics[0].message.contains("\"knots\""));
    assert_eq!(data.bytes(), before);
    let plan = data.import(page("Nudos", "SDG 4.4 (work).", &[]), "https://example.org/es/node/8");
    assert_eq!(plan.slug.as_deref(), Some("8"));
}

#[test]
fn nothing_is_written_for_what_is_no_page() {
    let data = Data::new();
    let before = data.bytes();
    let sound = page("Knots", "SDG 4.4 (work).", &[]);
    let too_long = "- Video\nKnots\n".to_owned() + &"x".repeat(3 * 1024 * 1024);
    let too_many_lines = "- Video\nKnots\n".to_owned() + &"x\n".repeat(10_000);
    for (text, url, code) in [
        (b"".as_slice(), KNOTS, "no-title"),
        (b"- Video\nIntended Audience\nSailors", KNOTS, "no-title"),
        (b"Knots\nHow they are tied.", KNOTS, "no-fields"),
        (b"- Video\nKnots and caf\xe9", KNOTS, "not-utf8"),
        (b"- Video\nKnots\x00", KNOTS, "control-character"),
        (too_long.as_bytes(), KNOTS, "page-too-large"),
        (too_many_lines.as_bytes(), KNOTS, "page-too-large"),
        (sound.as_bytes(), "example.org/documents/knots", "bad-address"),
        (sound.as_bytes(), "https://example.org/", "bad-address"),
    ] {
        let plan = data.import(text, url);
        assert!(codes(&plan).contains(&code), "{code}: {:?}", plan.diagnostics);
        assert!(plan.is_refused() && plan.files.is_empty(), "{code}");
        assert_eq!(data.bytes(), before, "{code}");
    }
    for file in [data.path("no.txt"), data.path("resources")] {
        assert!(data.plan_file(&file, KNOTS, false).is_refused());
    }
}

#[test]
fn a_catalogue_with_errors_takes_no_page() {
    let data = Data::new();
    fs::write(data.path("themes.csv"), "slug,position\n").unwrap();
    let plan = data.import(page("Knots", "SDG 4.4 (work).", &[]), KNOTS);
    assert!(codes(&plan).contains(&"missing-column") && plan.is_refused());
    assert!(!data.path("resources/knots.toml").exists());
}

#[test]
fn bytes_from_other_systems_are_read_and_said() {
    let data = Data::without_indicators();
    let text = page("Knots", "SDG 4.4 (work for all).", &[&["Work."]]);
    let windows = format!("\u{feff}{}", text.replace("for all", "for\u{a0}all").replace('\n', "\r\n"));
    let plan = data.import(windows, KNOTS);
    assert_eq!(codes(&plan), ["byte-order-mark", "crlf", "no-break-space"]);
    let other = Data::without_indicators();
    other.import(text, KNOTS);
    assert_eq!(data.read("resources/knots.toml"), other.read("resources/knots.toml"));
    assert_eq!(data.read("indicators.csv"), other.read("indicators.csv"));
}

#[test]
fn two_pages_in_one_text_are_not_mixed() {
    let data = Data::without_indicators();
    let menu = menu(&data.catalogue());
    let first = menu.clone() + &page("Knots", "SDG 4.4 (work).", &[&["Work."]]);
    let second = page("Sails", "SDG 8.9 (guests).", &[&["Guests."]]);
    let plan = data.import(format!("{first}ACTIONS\n{menu}{second}"), KNOTS);
    assert_eq!(codes(&plan), ["unexpected-heading"]);
    let catalogue = data.catalogue();
    assert_eq!(catalogue.resources["knots"].alignments.len(), 1);
    assert_eq!(catalogue.resources["knots"].themes, []);
    assert_eq!(catalogue.indicators.len(), 1);
    // A menu at the foot of the page is no list of indicators either.
    let plan = data.import(first + &menu, KNOTS);
    assert!(plan.changes_nothing(), "{:?}", plan.diagnostics);
}

#[test]
fn the_menu_is_never_taken_for_the_resource() {
    let data = Data::new();
    let menu = menu(&data.catalogue());
    let cut_at_the_top: String = menu.lines().skip(9).map(|line| format!("{line}\n")).collect();
    let with_new_action = menu.replace("- Sustainable tourism\n", "- Space travel\n");
    let with_site_header = format!("Skip to main content\nHome\nACTIONS\n{menu}");
    for (menu, expected) in [
        (String::new(), [""; 0].as_slice()),
        (menu.clone(), &[]),
        (format!("ACTIONS\n{menu}"), &[]),
        (cut_at_the_top, &[]),
        (menu.replace("Waste management and", "Waste managment  and"), &[]),
        (menu.replace("- External partnerships and collaborations\n", ""), &[]),
        (with_new_action, &["unknown-action"]),
        (with_site_header, &["unused-line"]),
    ] {
        let plan = data.import_with(menu.clone() + &page("Knots", "SDG 4.4 (work).", &[]), KNOTS, true);
        assert_eq!(codes(&plan), expected, "{menu}");
        let record = &data.catalogue().resources["knots"];
        assert_eq!(record.title, "Knots", "{menu}");
        assert_eq!(record.types, ["video".parse().unwrap()], "{menu}");
        assert_eq!(record.themes, [], "{menu}");
    }
}

#[test]
fn audience_and_creators_are_told_apart() {
    let data = Data::new();
    let check = |lines: &str, audience: Option<&str>, creators: &[&str], quotations: usize| {
        let text = format!("- Video\nKnots\nIntended Audience\n{lines}\nAvailable in\n- English\n");
        data.import_with(text, KNOTS, true);
        let record = &data.catalogue().resources["knots"];
        assert_eq!(record.audience.as_deref(), audience, "{lines}");
        let names: Vec<&str> = record.creators.iter().map(|creator| creator.name.as_str()).collect();
        assert_eq!((names.as_slice(), record.quotations.len()), (creators, quotations), "{lines}");
    };
    check("Sailors\nand guests\n- A. Adder\n“Aye.”", Some("Sailors\nand guests"), &["A. Adder"], 1);
    check("- A. Adder\n- Knot Trust\n“Aye.”", None, &["A. Adder", "Knot Trust"], 1);
    check("“Sailors.” (p.2)\n- A. Adder\n- “Aye.\n- Aye.”", Some("“Sailors.” (p.2)"), &["A. Adder"], 1);
    check("All:\n• sailors\n• guests\n- A. Adder\n“Aye.”", Some("All:\nsailors\nguests"), &["A. Adder"], 1);
    // Without a creators line.
    check("Sailors\n“Aye.”\n“Aye, aye.”", Some("Sailors"), &[], 2);
    check("Sailors\nA. Adder, Knot Trust\n“Aye.”", Some("Sailors"), &["A. Adder", "Knot Trust"], 1);
    check("“Sailors.”", Some("“Sailors.”"), &[], 0);
}

#[test]
fn languages_actions_and_linkages_are_told_apart() {
    let data = Data::new();
    let check = |lines: &str, languages: &[&str], themes: usize, targets: usize, gap: bool| {
        let text = page("Knots", "It serves SDG 4.4 (work).", &[]).replace("- English\n", &format!("{lines}\n"));
        data.import_with(text, KNOTS, true);
        let record = &data.catalogue().resources["knots"];
        let printed: Vec<&str> = record.languages.iter().map(|mention| mention.printed.as_str()).collect();
        assert_eq!(printed, languages, "{lines}");
        assert_eq!((record.themes.len(), record.alignments.len()), (themes, targets), "{lines}");
        assert_eq!(record.gaps.iter().any(|gap| gap.field == Field::Themes), gap, "{lines}");
    };
    check("English, French and Spanish\n- Support research", &["English", "French", "Spanish"], 1, 1, false);
    check("- English\nFrench\n- Support research", &["English", "French"], 1, 1, false);
    check("English\nFrench\n- Support research", &["English", "French"], 1, 1, false);
    check("- English\n- Support research\n- SDG 4.7 lessons for all\n- SDG 8.9 (guests)", &["English"], 1, 3, false);
    check("- English\n- Support research\n- Learning", &["English"], 1, 1, true);
}

#[test]
fn new_types_are_added_at_the_end() {
    let data = Data::new();
    let before = data.read("types.csv");
    let text =
        page("Knots", "SDG 4.4.", &[]).replace("- Video\n", "- Video\n- Rope, braided\n- case studies\n- Atlas\n");
    let plan = data.import(text, KNOTS);
    assert_eq!(codes(&plan), ["new-type", "new-type"]);
    assert_eq!(data.read("types.csv"), before + "atlas,Atlas\nrope-braided,\"Rope, braided\"\n");
    let types: Vec<String> = data.catalogue().resources["knots"].types.iter().map(ToString::to_string).collect();
    assert_eq!(types, ["video", "rope-braided", "case-studies", "atlas"]);
}

#[test]
fn a_file_that_cannot_be_prepared_leaves_all_as_it_was() {
    let data = Data::new();
    let file = data.path("page.txt");
    fs::write(&file, page("Knots", "SDG 4.4 (work).", &[&["Work."]])).unwrap();
    let plan = data.plan_file(&file, KNOTS, false);
    fs::remove_dir(data.path("resources")).unwrap();
    fs::write(data.path("resources"), "no folder").unwrap();
    let before = data.read("indicators.csv");
    let error = plan.write().unwrap_err();
    assert!(error.to_string().ends_with("knots.toml cannot be written; nothing has changed"), "{error}");
    assert_eq!(data.read("indicators.csv"), before);
    let left: Vec<_> = fs::read_dir(data.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with('.')), "{left:?}");
}

#[cfg(unix)]
#[test]
fn files_keep_their_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let data = Data::new();
    fs::set_permissions(data.path("indicators.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    data.import(page("Knots", "SDG 4.4 (work).", &[&["Work."]]), KNOTS);
    let mode = |name: &str| fs::metadata(data.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("indicators.csv"), 0o640);
    assert_eq!(mode("resources/knots.toml") & 0o600, 0o600);
    assert_eq!(mode("resources/knots.toml") & 0o111, 0);
}

fn ocm(data: &Data, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ocm"))
        .arg("import")
        .args(args)
        .arg("--data")
        .arg(data.0.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A page that is too large is not read to its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn the_command_reads_standard_input_and_says_what_it_did() {
    let data = Data::without_indicators();
    let text = page("Knots", "SDG 4.4 (work) and 3.15.", &[&["Work."]]);
    let before = data.bytes();
    let output = ocm(&data, &["-", "--url", KNOTS, "--dry-run"], &text);
    let folder = format!("{}/", data.0.path().display());
    let said = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace(&folder, "data/");
    assert!(output.status.success());
    assert_eq!(data.bytes(), before);
    insta::assert_snapshot!(said(&output.stdout), @r"
    Knots
      1 type, 1 creator, 1 quotation, 1 language, 0 actions, 1 target with 1 reason, 1 indicator in 1 block (1 new)
      would update data/indicators.csv
      would create data/resources/knots.toml
    ");
    insta::assert_snapshot!(said(&output.stderr), @r#"
    warning[unknown-target] -:9: there is no target 3.15; it is left out
      help: did you mean "3.1" or "3.5"?
    "#);

    let output = ocm(&data, &["-", "--url", KNOTS, "--format", "json"], &text);
    assert!(output.status.success() && output.stderr.is_empty());
    insta::assert_snapshot!(said(&output.stdout), @r#"
    {
      "slug": "knots",
      "title": "Knots",
      "files": [
        {
          "path": "data/types.csv",
          "action": "keep"
        },
        {
          "path": "data/indicators.csv",
          "action": "update"
        },
        {
          "path": "data/resources/knots.toml",
          "action": "create"
        }
      ],
      "counts": {
        "types": 1,
        "creators": 1,
        "quotations": 1,
        "languages": 1,
        "themes": 0,
        "goals": 0,
        "targets": 1,
        "reasons": 1,
        "blocks": 1,
        "indicators": 1,
        "levels": 0,
        "new_indicators": 1
      },
      "diagnostics": [
        {
          "place": {
            "file": "-",
            "line": 9
          },
          "severity": "warning",
          "code": "unknown-target",
          "message": "there is no target 3.15; it is left out",
          "help": "did you mean \"3.1\" or \"3.5\"?"
        }
      ]
    }
    "#);
    data.catalogue();

    let output = ocm(&data, &["-", "--url", KNOTS], &text);
    assert!(said(&output.stdout).ends_with("nothing to change\n"));

    let output = ocm(&data, &["-", "--url", KNOTS], &"é".repeat(2 * 1024 * 1024));
    assert!(said(&output.stderr).contains("page-too-large"));

    let output = ocm(&data, &["-", "--url", KNOTS], "Knots\nHow they are tied.");
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(said(&output.stdout), @"refused: the page; nothing is written");
}

#[test]
fn imports_at_the_same_time_lose_nothing() {
    let data = Data::without_indicators();
    let folder = TempDir::new().unwrap();
    let imports: Vec<_> = (0..8)
        .map(|number| {
            let file = folder.path().join(format!("{number}.txt"));
            let text = page("Knots", "SDG 4.4 (work).", &[&[&format!("Number of knots {number}.")]]);
            fs::write(&file, text.replace("- Video\n", &format!("- Rope {number}\n"))).unwrap();
            Command::new(env!("CARGO_BIN_EXE_ocm"))
                .args(["import", "--url", &format!("{KNOTS}-{number}"), "--data"])
                .args([data.0.path(), &file])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut import in imports {
        assert!(import.wait().unwrap().success());
    }
    let catalogue = data.catalogue();
    assert_eq!((catalogue.indicators.len(), catalogue.resources.len()), (8, 8));
    assert_eq!(catalogue.types.keys().filter(|slug| slug.as_str().starts_with("rope-")).count(), 8);
    assert!(
        fs::read_dir(data.0.path()).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .as_encoded_bytes()
            .starts_with(b"."))
    );
}

#[cfg(unix)]
#[test]
fn a_table_that_is_a_link_stays_one() {
    let data = Data::without_indicators();
    let table = data.path("resources/elsewhere");
    fs::rename(data.path("indicators.csv"), &table).unwrap();
    std::os::unix::fs::symlink(&table, data.path("indicators.csv")).unwrap();
    data.import(page("Knots", "SDG 4.4 (work).", &[&["Work."]]), KNOTS);
    assert!(fs::symlink_metadata(data.path("indicators.csv")).unwrap().is_symlink());
    assert!(fs::read_to_string(table).unwrap().contains("Work."));
}

/// Pages put together from all that pages are made of, in any order.
fn any_page() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("ACTIONS"),
        Just("- Sustainable tourism"),
        Just("- Video"),
        Just("Knots"),
        Just("Intended Audience"),
        Just("Available in"),
        Just("- English"),
        Just("SDGs LINKAGES"),
        Just("Our Collections Matter indicators:"),
        Just("- Number of knots."),
        Just("i. low"),
        Just("-"),
        Just("“Aye.” (p.4)"),
        Just("“Aye"),
        Just("- A. Adder, Bee, B. and Museum of Moss (MM)"),
        Just("It serves SDG 4.4 (work), 8.9 (guests and 11.4) (x"),
        Just("Click on the SDG Target to discover Our Collections Matter indicators"),
        Just("é… (SDG 3.1-3.9)"),
    ];
    let lines = prop::collection::vec(line, 0..30);
    prop_oneof![
        lines.prop_map(|lines| lines.join("\n")),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        "- Video\nKnots\n(\\PC|\n){0,200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_refused_or_gives_a_sound_catalogue_and_twice_is_once(text in any_page()) {
        let data = Data::without_indicators();
        let plan = data.import(&text, KNOTS);
        let loaded = load(data.0.path());
        prop_assert!(!has_errors(&loaded.diagnostics), "{:?}", loaded.diagnostics);
        prop_assert_eq!(plan.is_refused(), loaded.catalogue.resources.is_empty());
        let before = data.bytes();
        prop_assert!(data.import(&text, KNOTS).changes_nothing());
        prop_assert_eq!(data.bytes(), before);
    }

    #[test]
    fn no_bytes_make_the_import_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let data = Data::new();
        data.import(bytes, KNOTS);
    }
}

/// A text such as a page may print: on one line, or on several.
fn any_line() -> impl Strategy<Value = String> {
    "[\\PC]{1,40}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("an empty text is no text", |text| !text.is_empty())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any_line(), (any_line(), any_line()).prop_map(|(first, second)| format!("{first}\n\"{second}\"\\"))]
}

/// A record whose fields are there or not, with any words.
fn any_resource() -> impl Strategy<Value = Resource> {
    let words = (any_line(), any_text(), any_text(), any_line(), any_text(), any_line());
    let there = prop::collection::vec(any::<bool>(), 12);
    (words, there).prop_map(|((title, audience, description, creators, reason, name), there)| {
        let gaps: Vec<Gap> = there[0].then(|| Gap { field: Field::Themes, why: name.clone() }).into_iter().collect();
        Resource {
            slug: "knots".parse().unwrap(),
            title,
            page: KNOTS.to_owned(),
            other_pages: there[1].then(|| SAILS.to_owned()).into_iter().collect(),
            year: there[2].then_some(1999),
            wording: if there[3] { Wording::Page } else { Wording::Ours },
            prose_language: there[4].then(|| "pt-BR".parse().unwrap()),
            audience: there[5].then_some(audience),
            description: there[6].then(|| description.clone()),
            creators_as_printed: there[7].then_some(creators),
            creators: vec![
                Creator { name: name.clone(), kind: there[8].then_some(AgentKind::Person) },
                Creator { name: format!("{name} (2)"), kind: None },
            ],
            quotations: vec![Quotation { text: there[9].then_some(description), locator: Some(name.clone()) }],
            languages: vec![
                LanguageMention { tag: there[10].then(|| "en".parse().unwrap()), printed: name.clone() },
                LanguageMention { tag: None, printed: format!("{name}, again") },
            ],
            types: vec!["video".parse().unwrap(), "case-studies".parse().unwrap()],
            themes: vec!["sustainable-tourism".parse().unwrap()],
            goals: vec!["3".parse().unwrap(), "17".parse().unwrap()],
            alignments: vec![
                Alignment {
                    target: "11.a".parse().unwrap(),
                    printed: "11.A".into(),
                    reason: there[11].then_some(reason),
                },
                Alignment { target: "8.10".parse().unwrap(), printed: "8.10".into(), reason: None },
            ],
            completeness: if gaps.is_empty() { Completeness::Complete } else { Completeness::Partial },
            gaps,
            note: there[2].then_some(name),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_record_written_is_the_record_read(resource in any_resource()) {
        let data = Data::new();
        let languages = data.read("languages.csv");
        if !languages.contains("\npt-BR,") {
            fs::write(data.path("languages.csv"), languages + "pt-BR,Brazilian Portuguese of a test,\n").unwrap();
        }
        fs::write(data.path("resources/knots.toml"), resource_toml(&resource)).unwrap();
        prop_assert_eq!(&data.catalogue().resources["knots"], &resource);
    }
}

#[test]
fn tables_written_are_the_tables_read() {
    let data = Data::new();
    let before = data.catalogue();
    fs::write(data.path("indicators.csv"), indicators_csv(before.indicators.values())).unwrap();
    fs::write(data.path("types.csv"), types_csv(before.types.values())).unwrap();
    assert_eq!(data.catalogue(), before);
}
