//! The typed catalogue: what the toolkit says, free of files, RDF and HTTP.
//!
//! Every record here is plain data that has already been checked by [`crate::source`]: a [`Resource`] never names a
//! theme, type, target or language that the [`Catalogue`] does not hold.

mod code;
mod name;
mod resource;
mod sdg;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use code::{CodeError, GoalNumber, IndicatorId, TargetCode, TargetPart};
pub use name::{LanguageTag, NameError, Slug};
pub use resource::{
    AgentKind, Alignment, Completeness, Creator, Field, Gap, LanguageMention, Quotation, Resource, Wording,
};
pub use sdg::{Dimension, Goal, Indicator, Target};

/// One version of the whole catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// What the publication as a whole is.
    pub dataset: DatasetCard,
    /// Languages a resource may be in, by BCP 47 tag.
    pub languages: BTreeMap<LanguageTag, Language>,
    /// The closed list of toolkit actions, by slug.
    pub themes: BTreeMap<Slug, Theme>,
    /// The open list of resource types, by slug.
    pub types: BTreeMap<Slug, ResourceType>,
    /// The 17 goals.
    pub goals: BTreeMap<GoalNumber, Goal>,
    /// The 169 targets, in the order of their codes.
    pub targets: BTreeMap<TargetCode, Target>,
    /// The toolkit's indicators, in the order of their identifiers.
    pub indicators: BTreeMap<IndicatorId, Indicator>,
    /// The resources, by slug.
    pub resources: BTreeMap<Slug, Resource>,
}

/// The description of the publication itself: `data/dataset.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetCard {
    /// Name of the dataset.
    pub title: String,
    /// One paragraph on what it holds and what it leaves out.
    pub description: String,
    /// Who publishes this graph.
    pub publisher: String,
    /// Home page of the publisher, an absolute IRI.
    pub publisher_page: String,
    /// Whose statements the graph repeats (the toolkit's owner).
    pub source: String,
    /// Home page of the source, an absolute IRI.
    pub source_page: String,
    /// Licence of our own words and of the compilation, an absolute IRI.
    pub license: String,
    /// Where to write, an absolute IRI (`mailto:` or `https:`).
    pub contact: String,
    /// Version of the data, for example `2026.11`.
    pub version: String,
    /// Day this version was issued, `YYYY-MM-DD`.
    pub issued: String,
}

/// A language, from `data/languages.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// BCP 47 tag, for example `id`.
    pub tag: LanguageTag,
    /// English name, for example `Indonesian`.
    pub label: String,
    /// Other names a page may print: `Bahasa Indonesia`, `Indonesio`.
    pub names: Vec<String>,
}

/// One of the toolkit's actions, from `data/themes.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Identifier in our IRIs.
    pub slug: Slug,
    /// Place in the site's list, from 1.
    pub position: u32,
    /// Name as the English pages print it.
    pub label: String,
    /// Name as the Spanish pages print it.
    pub label_es: Option<String>,
}

/// A kind of resource, from `data/types.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceType {
    /// Identifier in our IRIs.
    pub slug: Slug,
    /// Name as the pages print it.
    pub label: String,
}
