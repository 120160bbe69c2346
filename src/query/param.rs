//! Parameters: what kind of thing is asked for, and how a given text becomes an RDF term.

use std::fmt;

use oxigraph::model::{Literal, Term};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::{
    diagnostic::near_names,
    model::{Catalogue, Field, Language, Resource, ResourceType, Theme},
    rdf::iri::Iris,
};

/// Longest value accepted, in characters.
const MAX_VALUE: usize = 200;

/// A parameter of a canned query.
///
/// As JSON: `{"name":"at_least","kind":"integer","min":0,"max":100,"required":false,"default":"1","example":"1",
/// "meaning":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Param {
    /// Its name in a request, and its variable in the query.
    pub name: String,
    /// What values it takes.
    #[serde(flatten)]
    pub kind: Kind,
    /// Whether the query has no answer without it.
    pub required: bool,
    /// The value bound when none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// A value that has an answer in the shipped catalogue.
    pub example: String,
    /// What it does, one sentence.
    pub meaning: String,
    /// Line of the file that declares it.
    #[serde(skip)]
    pub(super) line: usize,
}

/// The kinds of value, and what each becomes in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A target code (`11.4`, `11.A`) or its label: `<http://metadata.un.org/sdg/11.a>`.
    Target,
    /// A goal number or its label: `<http://metadata.un.org/sdg/11>`.
    Goal,
    /// The slug or label of a theme: `<{base}theme/waste>`.
    Theme,
    /// The slug or label of a type: `<{base}type/video>`.
    Type,
    /// A BCP 47 tag or a name of a language of the catalogue: `"lo"`, as in `schema:inLanguage`.
    Language,
    /// The slug or title of a resource: `<{base}resource/…>`.
    Slug,
    /// A part of a record that can be unknown: `"targets"`, as in `ocm:gapField`.
    Field,
    /// Words: `"museum"`.
    Text,
    /// A whole number: `"5"^^xsd:integer`.
    Integer {
        /// Smallest value accepted.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<i32>,
        /// Largest value accepted.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<i32>,
    },
}

/// Why a request cannot be bound. Each message says which parameter, what is wrong and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// The query has no such parameter.
    #[error("there is no parameter \"{given}\"{}", hint(near).unwrap_or_else(|| known_names(known)))]
    Unknown {
        /// The name given.
        given: String,
        /// Names that are near it.
        near: Vec<String>,
        /// All the names there are.
        known: Vec<String>,
    },
    /// Given more than once.
    #[error("the parameter \"{name}\" is given more than once: give it one value")]
    Repeated {
        /// Its name.
        name: String,
    },
    /// Required and not given.
    #[error("the parameter \"{name}\" is missing: give {kind}, such as {name}={example}")]
    Missing {
        /// Its name.
        name: String,
        /// What it takes.
        kind: Kind,
        /// A value that works.
        example: String,
    },
    /// Given, but not a value of its kind.
    #[error(
        "the parameter \"{name}\" must be {kind}, such as {example}: \"{given}\" {why}{}",
        hint(near).unwrap_or_default()
    )]
    Invalid {
        /// Its name.
        name: String,
        /// What it takes.
        kind: Kind,
        /// The value given, cut to a readable length.
        given: String,
        /// What is wrong with it, the end of a sentence that begins with it.
        why: String,
        /// A value that works.
        example: String,
        /// Values that are near it.
        near: Vec<String>,
    },
}

/// Why a text is not a value of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) near: Vec<String>,
}

impl Refusal {
    fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), near: Vec::new() }
    }
}

impl Param {
    /// Reads a given value.
    ///
    /// # Errors
    /// [`ParamError::Invalid`].
    pub(super) fn read(&self, given: &str, catalogue: &Catalogue, iris: &Iris) -> Result<Term, ParamError> {
        self.kind.read(given, catalogue, iris).map_err(|Refusal { why, near }| ParamError::Invalid {
            name: self.name.clone(),
            kind: self.kind,
            given: readable(given),
            why,
            example: self.example.clone(),
            near,
        })
    }
}

impl Kind {
    /// Every kind by its word in front matter; an integer still without bounds.
    pub(super) const WORDS: [(&str, Self); 9] = [
        ("target", Self::Target),
        ("goal", Self::Goal),
        ("theme", Self::Theme),
        ("type", Self::Type),
        ("language", Self::Language),
        ("slug", Self::Slug),
        ("field", Self::Field),
        ("text", Self::Text),
        ("integer", Self::Integer { min: None, max: None }),
    ];

    /// Turns a given text into the term to bind. Space around it does not count.
    pub(super) fn read(self, given: &str, catalogue: &Catalogue, iris: &Iris) -> Result<Term, Refusal> {
        let given = given.trim();
        if given.chars().nth(MAX_VALUE).is_some() {
            return Err(Refusal::because(format!("is longer than {MAX_VALUE} characters")));
        }
        if given.chars().any(char::is_control) {
            return Err(Refusal::because("has a line break or another control character in it"));
        }
        match self {
            Self::Text => Ok(Literal::from(given.nfc().collect::<String>()).into()),
            Self::Integer { min, max } => integer(given, min, max),
            _ => pick(given, &self.known(catalogue, iris)),
        }
    }

    /// Every value of a kind that is a choice; none for words and numbers.
    fn known<'a>(self, catalogue: &'a Catalogue, iris: &Iris) -> Vec<Known<'a>> {
        match self {
            Self::Target => {
                catalogue.targets.values().map(|t| Known::new(t.code, iris.target(t.code)).label(&t.label)).collect()
            }
            Self::Goal => {
                catalogue.goals.values().map(|g| Known::new(g.number, iris.goal(g.number)).label(&g.label)).collect()
            }
            Self::Theme => {
                let known = |t: &'a Theme| Known::new(&t.slug, iris.theme(&t.slug)).label(&t.label);
                catalogue.themes.values().map(|t| t.label_es.iter().fold(known(t), |k, label| k.label(label))).collect()
            }
            Self::Type => {
                let known = |t: &'a ResourceType| Known::new(&t.slug, iris.resource_type(&t.slug)).label(&t.label);
                catalogue.types.values().map(known).collect()
            }
            Self::Language => {
                let known = |l: &'a Language| Known::new(&l.tag, Literal::from(l.tag.as_str())).label(&l.label);
                catalogue.languages.values().map(|l| l.names.iter().fold(known(l), |k, name| k.label(name))).collect()
            }
            Self::Slug => {
                let known = |r: &'a Resource| Known::new(&r.slug, iris.resource(&r.slug)).label(&r.title);
                catalogue.resources.values().map(known).collect()
            }
            Self::Field => Field::ALL.iter().map(|field| Known::new(field, Literal::from(field.word()))).collect(),
            Self::Text | Self::Integer { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for Kind {
    /// What to give, with its article: `an SDG target code`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "the code of an SDG target",
            Self::Goal => "the number of a goal",
            Self::Theme => "a theme",
            Self::Type => "a type of resource",
            Self::Language => "a language or its BCP 47 tag",
            Self::Slug => "the slug of a resource",
            Self::Field => "a part of a record",
            Self::Text => "some words",
            Self::Integer { min, max } => {
                return match (min, max) {
                    (Some(min), Some(max)) => write!(f, "a whole number from {min} to {max}"),
                    (Some(min), None) => write!(f, "a whole number from {min} up"),
                    (None, Some(max)) => write!(f, "a whole number up to {max}"),
                    (None, None) => f.write_str("a whole number"),
                };
            }
        })
    }
}

/// A value there is, its term, and the labels it also goes by.
struct Known<'a> {
    value: String,
    term: Term,
    labels: Vec<&'a str>,
}

impl<'a> Known<'a> {
    fn new(value: impl fmt::Display, term: impl Into<Term>) -> Self {
        Self { value: value.to_string(), term: term.into(), labels: Vec::new() }
    }

    fn label(mut self, label: &'a str) -> Self {
        self.labels.push(label);
        self
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.value).chain(self.labels.iter().copied())
    }
}

/// The one known value that goes by the given name, in any letter case; else why not, and which are near.
fn pick(given: &str, known: &[Known<'_>]) -> Result<Term, Refusal> {
    let lower = given.to_lowercase();
    let values = |names: &[&str]| {
        let mut values: Vec<String> = Vec::new();
        for known in names.iter().flat_map(|near| known.iter().filter(|k| k.names().any(|name| name == *near))) {
            if !values.contains(&known.value) {
                values.push(known.value.clone());
            }
        }
        values
    };
    let named: Vec<_> = known.iter().filter(|k| k.names().any(|name| name.to_lowercase() == lower)).collect();
    match named.as_slice() {
        [one] => Ok(one.term.clone()),
        [] => {
            let mut near = near_names(given, known.iter().flat_map(Known::names));
            if near.is_empty() && lower.chars().count() >= 3 {
                let holds = |name: &&str| name.to_lowercase().contains(&lower);
                near = known.iter().flat_map(Known::names).filter(holds).take(3).collect();
            }
            Err(Refusal { why: format!("is not one of the {} in this catalogue", known.len()), near: values(&near) })
        }
        several => {
            let near = several.iter().map(|k| k.value.clone()).collect();
            Err(Refusal { why: "is the name of more than one".into(), near })
        }
    }
}

fn integer(given: &str, min: Option<i32>, max: Option<i32>) -> Result<Term, Refusal> {
    let number: i32 = given.parse().map_err(|_| Refusal::because("is not a whole number"))?;
    if min.is_some_and(|min| number < min) {
        return Err(Refusal::because("is too small"));
    }
    if max.is_some_and(|max| number > max) {
        return Err(Refusal::because("is too large"));
    }
    Ok(Literal::from(number).into())
}

/// A text a stranger gave, fit to be shown in one line.
pub(super) fn readable(given: &str) -> String {
    const SHOWN: usize = 100;
    let mut shown: String =
        given.trim().chars().take(SHOWN).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if given.trim().chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn hint(near: &[String]) -> Option<String> {
    let quoted: Vec<_> = near.iter().map(|name| format!("\"{name}\"")).collect();
    (!near.is_empty()).then(|| format!("; did you mean {}?", quoted.join(" or ")))
}

fn known_names(known: &[String]) -> String {
    if known.is_empty() { ": this query takes none".into() } else { format!(": this query takes {}", known.join(", ")) }
}
