//! One canned query: its text, what it says about itself, and how it is bound.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Param, ParamError, bind, param};
use crate::{
    diagnostic::near_names,
    model::{Catalogue, Slug},
    rdf::iri::Iris,
    sparql::{self, Query},
};

/// A query of the [`QueryBook`](super::QueryBook).
///
/// As JSON, without the text: `{"name":"targets","title":"…","summary":"…","tags":["targets"],"form":"select",
/// "params":[{"name":"goal","kind":"goal",…}],"columns":[{"name":"code","kind":"text","meaning":"…"}]}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CannedQuery {
    /// File name without `.rq`.
    #[serde(serialize_with = "as_text")]
    pub name: Slug,
    /// What it asks, one line.
    pub title: String,
    /// What comes back and how to read it.
    pub summary: String,
    /// Topics.
    pub tags: Vec<String>,
    /// What kind of answer it gives.
    pub form: Form,
    /// Parameters, in the order of the front matter.
    pub params: Vec<Param>,
    /// Columns, in the order of the answer; empty unless the form is SELECT.
    pub columns: Vec<Column>,
    /// The whole file: SPARQL 1.1 that any endpoint understands.
    #[serde(skip)]
    pub text: String,
    /// The parsed text, unbound.
    #[serde(skip)]
    pub(super) query: Query,
}

/// What kind of answer a query gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A table.
    Select,
    /// Yes or no.
    Ask,
    /// A graph.
    Construct,
    /// A graph.
    Describe,
}

/// A column of a SELECT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its variable.
    pub name: String,
    /// What stands in it.
    pub kind: ColumnKind,
    /// What it means.
    pub meaning: String,
    /// Line of the file that declares it.
    #[serde(skip)]
    pub(super) line: usize,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// An IRI.
    Iri,
    /// A plain or language-tagged literal.
    Text,
    /// An `xsd:integer`.
    Integer,
    /// An `xsd:gYear`.
    Year,
    /// An `xsd:boolean`.
    Boolean,
    /// An IRI in some rows, a literal in others.
    Any,
}

impl ColumnKind {
    /// Every kind by its word in front matter.
    pub(super) const WORDS: [(&str, Self); 6] = [
        ("iri", Self::Iri),
        ("text", Self::Text),
        ("integer", Self::Integer),
        ("year", Self::Year),
        ("boolean", Self::Boolean),
        ("any", Self::Any),
    ];
}

impl CannedQuery {
    /// Binds a request: pairs of name and value as they came, in any order.
    ///
    /// An empty value counts as not given. A parameter that is not given takes its default; without one it stays
    /// unbound, which means "any".
    ///
    /// # Errors
    /// The first thing wrong with the request, in the order given; then the first required parameter that is missing.
    pub fn bind(&self, given: &[(String, String)], catalogue: &Catalogue, iris: &Iris) -> Result<Query, ParamError> {
        let mut terms = BTreeMap::new();
        for (name, value) in given {
            let param = self.params.iter().find(|p| p.name == *name).ok_or_else(|| self.unknown(name))?;
            if value.trim().is_empty() {
                continue;
            }
            if terms.insert(&*param.name, param.read(value, catalogue, iris)?).is_some() {
                return Err(ParamError::Repeated { name: name.clone() });
            }
        }
        for param in &self.params {
            if terms.contains_key(param.name.as_str()) {
                continue;
            }
            if let Some(default) = &param.default {
                terms.insert(&param.name, param.read(default, catalogue, iris)?);
            } else if param.required {
                return Err(ParamError::Missing {
                    name: param.name.clone(),
                    kind: param.kind,
                    example: param.example.clone(),
                });
            }
        }
        let mut query = self.query.clone();
        bind::fill(&mut query, &terms);
        Ok(query)
    }

    /// A request that has an answer in the shipped catalogue: every parameter with its example.
    #[must_use]
    pub fn example(&self) -> Vec<(String, String)> {
        self.params.iter().map(|p| (p.name.clone(), p.example.clone())).collect()
    }

    /// The query as parsed, with nothing bound.
    #[must_use]
    pub fn unbound(&self) -> &Query {
        &self.query
    }

    fn unknown(&self, given: &str) -> ParamError {
        let known: Vec<String> = self.params.iter().map(|p| p.name.clone()).collect();
        let given = param::readable(given);
        let near = near_names(&given, known.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
        ParamError::Unknown { given, near, known }
    }
}

impl Form {
    /// The form of a parsed query.
    pub(super) fn of(query: &Query) -> Self {
        match query.form {
            sparql::Form::Select => Self::Select,
            sparql::Form::Ask => Self::Ask,
            sparql::Form::Construct(_) => Self::Construct,
            sparql::Form::Describe(_) => Self::Describe,
        }
    }
}

fn as_text<S: Serializer>(slug: &Slug, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(slug.as_str())
}
