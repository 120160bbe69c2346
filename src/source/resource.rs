//! `dataset.toml` and the files of `resources/` as records.

use std::{collections::BTreeSet, path::Path};

use crate::{
    diagnostic::{Diagnostic, Place},
    model::{
        AgentKind, Alignment, Completeness, Creator, DatasetCard, Field, Gap, GoalNumber, LanguageMention, LanguageTag,
        Quotation, Resource, Slug, TargetCode, Wording,
    },
};

use super::{
    document::{At, Fields},
    file::TextFile,
    tables::{Records, Tables},
    value::{WEB, day, formed, iri},
};

/// `dataset.toml`.
pub(crate) fn dataset(path: &Path, report: &mut Vec<Diagnostic>) -> Option<DatasetCard> {
    let file = TextFile::read(path, report)?;
    let mut fields = Fields::parse(&file, report)?;
    let mut text = |key, report: &mut _| fields.required(key, report);
    let (title, description) = (text("title", report), text("description", report));
    let (publisher, publisher_page) = (text("publisher", report), text("publisher_page", report));
    let (source, source_page) = (text("source", report), text("source_page", report));
    let (license, contact) = (text("license", report), text("contact", report));
    let (version, issued) = (text("version", report), text("issued", report));
    fields.finish(report);
    let web = |at: Option<At<String>>, report: &mut _| at.and_then(|at| iri(at.value, WEB, at.place, report));
    let (publisher_page, source_page, license) =
        (web(publisher_page, report), web(source_page, report), web(license, report));
    let contact = contact.and_then(|at| iri(at.value, &["https", "http", "mailto"], at.place, report));
    let issued = issued.and_then(|at| day(at.value, at.place, report));
    Some(DatasetCard {
        title: title?.value,
        description: description?.value,
        publisher: publisher?.value,
        publisher_page: publisher_page?,
        source: source?.value,
        source_page: source_page?,
        license: license?,
        contact: contact?,
        version: version?.value,
        issued: issued?,
    })
}

/// `resources/SLUG.toml`, checked against the tables.
pub(crate) fn resource(path: &Path, tables: &Tables, report: &mut Vec<Diagnostic>) -> Option<Resource> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let slug: Option<Slug> = formed(&stem, Place::file(path), report);
    let file = TextFile::read(path, report)?;
    let before = report.len();
    let mut reader = Reader { fields: Fields::parse(&file, report)?, tables };
    let read = reader.resource(slug, report);
    reader.fields.finish(report);
    let (resource, at_completeness) = read?;
    // With other mistakes in the file, a gap may only seem to be missing.
    if report.len() == before {
        check_completeness(&resource, at_completeness, report);
    }
    Some(resource)
}

struct Reader<'f> {
    fields: Fields<'f>,
    tables: &'f Tables,
}

impl Reader<'_> {
    /// The record, and where it says whether it is complete.
    fn resource(&mut self, slug: Option<Slug>, report: &mut Vec<Diagnostic>) -> Option<(Resource, Place)> {
        let title = self.fields.required_line("title", report);
        let page = self.fields.required("page", report).and_then(|at| iri(at.value, WEB, at.place, report));
        let other_pages = self.fields.texts("other_pages", report);
        let other_pages = other_pages.into_iter().filter_map(|at| iri(at.value, WEB, at.place, report)).collect();
        let year = self.year(report);
        let completeness = self.fields.required("completeness", report);
        let at_completeness = completeness.as_ref().map(|at| at.place.clone());
        let completeness = word("completeness", completeness, Completeness::ALL, Completeness::word, report);
        let wording = self.fields.required("wording", report);
        let wording = word("wording", wording, Wording::ALL, Wording::word, report);
        let prose_language = self.fields.text("prose_language", report).and_then(|at| self.language(at, report));
        let audience = self.text("audience", report);
        let description = self.text("description", report);
        let creators_as_printed = self.fields.line("creators_as_printed", report).map(|at| at.value);
        let types = self.types(report);
        let themes = self.themes(report);
        let languages = self.languages(report);
        let goals = self.goals(report);
        let note = self.text("note", report);
        let creators = self.creators(report);
        let quotations = self.quotations(report);
        let alignments = self.alignments(report);
        let gaps = self.gaps(report);
        let resource = Resource {
            slug: slug?,
            title: title?.value,
            page: page?,
            other_pages,
            year,
            wording: wording?,
            prose_language,
            audience,
            description,
            creators_as_printed,
            creators,
            quotations,
            languages,
            types,
            themes,
            goals,
            alignments,
            completeness: completeness?,
            gaps,
            note,
        };
        Some((resource, at_completeness?))
    }

    fn text(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<String> {
        self.fields.text(key, report).map(|at| at.value)
    }

    fn year(&mut self, report: &mut Vec<Diagnostic>) -> Option<u16> {
        let At { value, place } = self.fields.integer("year", report)?;
        let year = u16::try_from(value).ok().filter(|year| (1000..=9999).contains(year));
        if year.is_none() {
            let message = format!("{value} is not a year of publication");
            report.push(Diagnostic::error("bad-year", place, message).help("write it with four digits: year = 2016"));
        }
        year
    }

    fn language(&self, At { value, place }: At<String>, report: &mut Vec<Diagnostic>) -> Option<LanguageTag> {
        let tag: LanguageTag = formed(&value, place.clone(), report)?;
        if self.tables.languages.knows(&tag) {
            return Some(tag);
        }
        let named = self.tables.languages.sound.values().find(|language| {
            language.names.iter().chain([&language.label]).any(|name| name.eq_ignore_ascii_case(&value))
        });
        let unknown = self.tables.languages.unknown("unknown-language", "language", &value, "languages.csv", place);
        report.push(match named {
            Some(language) => unknown.help(format!("the tag of {value} is \"{}\"", language.tag)),
            None => unknown,
        });
        None
    }

    fn types(&mut self, report: &mut Vec<Diagnostic>) -> Vec<Slug> {
        let slugs = self.fields.texts("types", report);
        references(slugs, &self.tables.types, ("unknown-type", "type", "types.csv"), report)
    }

    fn themes(&mut self, report: &mut Vec<Diagnostic>) -> Vec<Slug> {
        let slugs = self.fields.texts("themes", report);
        references(slugs, &self.tables.themes, ("unknown-theme", "theme", "themes.csv"), report)
    }

    fn languages(&mut self, report: &mut Vec<Diagnostic>) -> Vec<LanguageMention> {
        let mut seen = Once::default();
        let mut mentions = Vec::new();
        for mut fields in self.fields.tables("languages", report) {
            let place = fields.place();
            let given = fields.text("tag", report);
            let had_tag = given.is_some();
            let tag = given.and_then(|at| self.language(at, report));
            let label =
                || tag.as_ref().and_then(|tag| self.tables.languages.sound.get(tag)).map(|known| known.label.clone());
            let printed = fields.line("printed", report).map(|at| at.value).or_else(label);
            fields.finish(report);
            match printed {
                Some(printed) if seen.first("languages", &printed, &place, report) => {
                    mentions.push(LanguageMention { tag, printed });
                }
                None if !had_tag => report.push(
                    Diagnostic::error("missing-key", place, "a language has neither a tag nor a printed name")
                        .help("write { tag = \"en\" }"),
                ),
                _ => {}
            }
        }
        mentions
    }

    fn goals(&mut self, report: &mut Vec<Diagnostic>) -> Vec<GoalNumber> {
        let mut seen = Once::default();
        let mut goals = Vec::new();
        for At { value, place } in self.fields.integers("goals", report) {
            let Some(goal) = formed::<GoalNumber>(&value.to_string(), place.clone(), report) else { continue };
            if !self.tables.goals.knows(&goal) {
                report.push(self.tables.goals.unknown("unknown-goal", "goal", &value.to_string(), "goals.csv", place));
            } else if seen.first("goals", &value.to_string(), &place, report) {
                goals.push(goal);
            }
        }
        goals
    }

    fn creators(&mut self, report: &mut Vec<Diagnostic>) -> Vec<Creator> {
        let mut seen = Once::default();
        let mut creators = Vec::new();
        for mut fields in self.fields.tables("creators", report) {
            let name = fields.required_line("name", report);
            let kind = fields.text("kind", report);
            let kind = kind.and_then(|at| word("kind", Some(at), AgentKind::ALL, AgentKind::word, report));
            fields.finish(report);
            let Some(At { value: name, place }) = name else { continue };
            if seen.first("creators", &name, &place, report) {
                creators.push(Creator { name, kind });
            }
        }
        creators
    }

    fn quotations(&mut self, report: &mut Vec<Diagnostic>) -> Vec<Quotation> {
        let mut quotations = Vec::new();
        for mut fields in self.fields.tables("quotations", report) {
            let place = fields.place();
            let text = fields.text("text", report).map(|at| at.value);
            let locator = fields.line("locator", report).map(|at| at.value);
            fields.finish(report);
            if text.is_none() && locator.is_none() {
                report.push(
                    Diagnostic::error("missing-key", place, "a quotation has neither a text nor a locator")
                        .help("write its place as locator = \"p. 4\""),
                );
                continue;
            }
            quotations.push(Quotation { text, locator });
        }
        quotations
    }

    fn alignments(&mut self, report: &mut Vec<Diagnostic>) -> Vec<Alignment> {
        let mut seen = Once::default();
        let mut alignments = Vec::new();
        for mut fields in self.fields.tables("alignments", report) {
            let target = fields.required_line("target", report);
            let reason = fields.text("reason", report).map(|at| at.value);
            fields.finish(report);
            let Some(At { value: printed, place }) = target else { continue };
            let Some(target) = formed::<TargetCode>(&printed, place.clone(), report) else { continue };
            if !self.tables.targets.knows(&target) {
                let code = target.to_string();
                report.push(self.tables.targets.unknown("unknown-target", "target", &code, "targets.csv", place));
            } else if seen.first("alignments", &target.to_string(), &place, report) {
                alignments.push(Alignment { target, printed, reason });
            }
        }
        alignments
    }

    fn gaps(&mut self, report: &mut Vec<Diagnostic>) -> Vec<Gap> {
        let mut seen = Once::default();
        let mut gaps = Vec::new();
        for mut fields in self.fields.tables("gaps", report) {
            let field = fields.required("field", report);
            let place = field.as_ref().map_or_else(|| fields.place(), |at| at.place.clone());
            let field = word("field", field, Field::ALL, Field::word, report);
            let why = fields.required("why", report).map(|at| at.value);
            fields.finish(report);
            let (Some(field), Some(why)) = (field, why) else { continue };
            if seen.first("gaps", field.word(), &place, report) {
                gaps.push(Gap { field, why });
            }
        }
        gaps
    }
}

fn check_completeness(resource: &Resource, place: Place, report: &mut Vec<Diagnostic>) {
    report.extend(match resource.completeness {
        Completeness::Partial if resource.gaps.is_empty() => Some(
            Diagnostic::error("partial-without-gap", place, "the record is partial and does not say what is not known")
                .help("add a [[gaps]] table with field and why for each thing not known"),
        ),
        Completeness::Complete if !resource.gaps.is_empty() => Some(
            Diagnostic::error("complete-with-gap", place, "the record is complete and still has gaps")
                .help("write completeness = \"partial\", or delete the gaps"),
        ),
        _ => None,
    });
}

/// A word of a closed list.
fn word<T: Copy>(
    key: &str,
    given: Option<At<String>>,
    all: &[T],
    spell: fn(T) -> &'static str,
    report: &mut Vec<Diagnostic>,
) -> Option<T> {
    let At { value, place } = given?;
    let found = all.iter().copied().find(|candidate| spell(*candidate) == value);
    if found.is_none() {
        let words: Vec<&str> = all.iter().copied().map(spell).collect();
        report.push(
            Diagnostic::error("unknown-word", place, format!("\"{value}\" is not a value of \"{key}\"")).did_you_mean(
                &value,
                words.iter().copied(),
                format!("use {}", words.join(" or ")),
            ),
        );
    }
    found
}

/// Slugs that must be in a table, which is given with the code of the diagnostic, what it lists, and its name.
fn references<R>(
    slugs: Vec<At<String>>,
    table: &Records<Slug, R>,
    (code, what, name): (&'static str, &str, &str),
    report: &mut Vec<Diagnostic>,
) -> Vec<Slug> {
    let mut seen = Once::default();
    let mut known = Vec::new();
    for At { value, place } in slugs {
        match value.parse::<Slug>() {
            Ok(slug) if table.knows(&slug) => {
                if seen.first(&format!("the {what}s"), &value, &place, report) {
                    known.push(slug);
                }
            }
            _ => report.push(table.unknown(code, what, &value, name, place)),
        }
    }
    known
}

/// Reports what is there twice.
#[derive(Default)]
struct Once(BTreeSet<String>);

impl Once {
    fn first(&mut self, list: &str, value: &str, place: &Place, report: &mut Vec<Diagnostic>) -> bool {
        let first = self.0.insert(value.to_owned());
        if !first {
            report.push(
                Diagnostic::error("duplicate-entry", place.clone(), format!("\"{value}\" is in {list} already"))
                    .help("keep one of the two"),
            );
        }
        first
    }
}
