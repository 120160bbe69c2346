//! One toolkit entry and what hangs on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{GoalNumber, LanguageTag, Slug, TargetCode};

/// A toolkit entry: one file in `data/resources/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Identifier in our IRIs; the file is `SLUG.toml`.
    pub slug: Slug,
    /// Title, exactly as printed.
    pub title: String,
    /// The page of the toolkit it comes from, an absolute IRI.
    pub page: String,
    /// Other addresses of the same page, absolute IRIs.
    pub other_pages: Vec<String>,
    /// Year the resource was published, where the page says so.
    pub year: Option<u16>,
    /// Whose words `audience`, `description`, the quotations and the reasons are.
    pub wording: Wording,
    /// Language of those words; none where it is not known.
    pub prose_language: Option<LanguageTag>,
    /// Intended audience.
    pub audience: Option<String>,
    /// What the resource is and how it helps.
    pub description: Option<String>,
    /// The creators as one line, exactly as printed.
    pub creators_as_printed: Option<String>,
    /// The creators, one by one, in the order printed.
    pub creators: Vec<Creator>,
    /// Quotations from the resource, in the order printed.
    pub quotations: Vec<Quotation>,
    /// Languages the resource is available in, in the order printed.
    pub languages: Vec<LanguageMention>,
    /// Slugs of [`super::Catalogue::types`], in the order printed.
    pub types: Vec<Slug>,
    /// Slugs of [`super::Catalogue::themes`], in the order printed.
    pub themes: Vec<Slug>,
    /// Goals named as a whole ("SDG 3"), besides those of the targets.
    pub goals: Vec<GoalNumber>,
    /// The targets it supports, in the order printed; no target twice.
    pub alignments: Vec<Alignment>,
    /// Whether the record holds everything its page says.
    pub completeness: Completeness,
    /// What is not known, field by field; no field twice. Empty for a complete record.
    pub gaps: Vec<Gap>,
    /// A remark on the record, in our words.
    pub note: Option<String>,
}

/// Someone named in the creators line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// Name exactly as printed.
    pub name: String,
    /// Person or organisation, where the name leaves no doubt.
    pub kind: Option<AgentKind>,
}

/// A passage quoted on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// The passage; none where only its place is recorded.
    pub text: Option<String>,
    /// Where in the resource it stands: `p. 4`.
    pub locator: Option<String>,
}

/// A language as a page names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageMention {
    /// The language; none where the printed name is not one we know.
    pub tag: Option<LanguageTag>,
    /// The words printed: `Bahasa Indonesia`.
    pub printed: String,
}

/// The statement that the resource supports a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alignment {
    /// The target.
    pub target: TargetCode,
    /// The code as printed: `11.A`.
    pub printed: String,
    /// Why, where a reason is given.
    pub reason: Option<String>,
}

/// Something the record does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing or incomplete.
    pub field: Field,
    /// Why, in our words.
    pub why: String,
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it in data files and in the graph.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value a word stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }

        $crate::model::text::as_text!($name, |word| $name::from_word(&word).ok_or("this is no word of the list"));

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// What sort of agent a creator is.
    AgentKind {
        /// A human being.
        Person = "person",
        /// A body: museum, agency, association, company, project.
        Organisation = "organisation",
    }
}

words! {
    /// Whose words a text is in.
    Wording {
        /// Ours: short and written for this catalogue.
        Ours = "ours",
        /// The page's, verbatim.
        Page = "page",
    }
}

words! {
    /// Whether a record holds all that its page says.
    Completeness {
        /// Everything is there.
        Complete = "complete",
        /// Something is missing; the gaps say what.
        Partial = "partial",
    }
}

words! {
    /// A part of a record that can be unknown.
    Field {
        /// Who made it.
        Creators = "creators",
        /// For whom.
        Audience = "audience",
        /// What it is.
        Description = "description",
        /// Passages quoted.
        Quotations = "quotations",
        /// Languages it is in.
        Languages = "languages",
        /// Toolkit actions.
        Themes = "themes",
        /// Kinds of resource.
        Types = "types",
        /// SDG targets.
        Targets = "targets",
        /// Why it supports its targets.
        Reasons = "reasons",
        /// The indicators printed under its targets.
        Indicators = "indicators",
    }
}
