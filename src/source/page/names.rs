//! The names in the catalogue by which printed languages and actions are recognised.

use std::collections::HashMap;

use crate::model::{Catalogue, LanguageTag, Slug};

use super::label::{fold, slips};

/// Finds languages and themes by printed names.
pub(super) struct Names<'c> {
    /// By name in lower case.
    languages: HashMap<String, &'c LanguageTag>,
    /// By folded name; none where two languages share it.
    near_languages: HashMap<String, Option<&'c LanguageTag>>,
    themes: Vec<(String, &'c Slug)>,
    catalogue: &'c Catalogue,
}

impl<'c> Names<'c> {
    /// Takes the names from the catalogue.
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        let mut languages = HashMap::new();
        let mut near_languages = HashMap::new();
        for language in catalogue.languages.values() {
            for name in language.names.iter().chain([&language.label]) {
                languages.insert(name.to_lowercase(), &language.tag);
                let near = near_languages.entry(fold(name)).or_insert(Some(&language.tag));
                if *near != Some(&language.tag) {
                    *near = None;
                }
            }
        }
        let themes = catalogue.themes.values().flat_map(|theme| {
            [Some(&theme.label), theme.label_es.as_ref()].into_iter().flatten().map(|label| (fold(label), &theme.slug))
        });
        Self { languages, near_languages, themes: themes.collect(), catalogue }
    }

    /// The theme with a printed name in English or Spanish, slips of the pen forgiven.
    pub(super) fn theme(&self, printed: &str) -> Option<&'c Slug> {
        let folded = fold(printed);
        let near = self.themes.iter().filter_map(|(label, slug)| Some((slips(&folded, label)?, *slug)));
        near.min_by_key(|(slips, _)| *slips).map(|(_, slug)| slug)
    }

    /// Whether a text is the beginning of a theme's name, and of no language: an action that is cut off.
    pub(super) fn begins_theme(&self, printed: &str) -> bool {
        let folded = fold(printed);
        let begins = |label: &str| label.strip_prefix(&folded).is_some_and(|rest| !rest.is_empty());
        folded.len() >= 4 && self.languages_in(printed).is_empty() && self.themes.iter().any(|(label, _)| begins(label))
    }

    /// The language with a printed name. A remark in brackets behind it does not matter: `English (summary)`.
    pub(super) fn language(&self, printed: &str) -> Option<&'c LanguageTag> {
        let named = |name: &str| {
            let exact = self.languages.get(&name.trim().to_lowercase()).copied();
            exact.or_else(|| self.near_languages.get(&fold(name)).copied().flatten())
        };
        named(printed).or_else(|| named(printed.split_once('(')?.0))
    }

    /// The languages of a line: one, or several where each of them is known; none where none is.
    pub(super) fn languages_in<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if self.language(text).is_some() {
            return vec![text];
        }
        let parts = text.split([',', ';', '/']).flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" y "));
        let parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.iter().all(|part| self.language(part).is_some()) { parts } else { Vec::new() }
    }

    /// The labels of the themes, to suggest one.
    pub(super) fn theme_labels(&self) -> impl Iterator<Item = &'c str> {
        self.catalogue.themes.values().flat_map(|theme| theme.label_es.iter().chain([&theme.label])).map(String::as_str)
    }

    /// The names of the languages, to suggest one.
    pub(super) fn language_names(&self) -> impl Iterator<Item = &'c str> {
        self.catalogue.languages.values().flat_map(|l| l.names.iter().chain([&l.label])).map(String::as_str)
    }
}
