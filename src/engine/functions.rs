//! Our functions beside those of SPARQL: [`ocm::MATCHES_WORDS`] and [`ocm::WORD_SCORE`].
//!
//! Each is a function of its arguments alone, the same in the engine and in the reference store.
//!
//! [SPARQL 1.1 Query, section 17.6](https://www.w3.org/TR/sparql11-query/#extensionFunctions)

use oxigraph::model::NamedNodeRef;

use crate::{rdf::vocab::ocm, text::Search, value::Value};

/// The names of our functions.
pub(crate) fn names() -> impl Iterator<Item = NamedNodeRef<'static>> {
    [ocm::MATCHES_WORDS, ocm::WORD_SCORE].into_iter()
}

/// What the words in a value seek. None if it is no string, or has no word.
pub(super) fn search(words: &Value<'_>) -> Option<Search> {
    let (text, language) = string(words)?;
    Search::new(text, language)
}

/// Whether a text has words. None if one is no string, or there is no word.
pub(super) fn matches_words(text: &Value<'_>, words: &Value<'_>) -> Option<bool> {
    let (text, language) = string(text)?;
    Some(search(words)?.matches(text, language))
}

/// How well a text fits words. None if one is no string, or there is no word.
pub(super) fn word_score(text: &Value<'_>, words: &Value<'_>) -> Option<f64> {
    score(&search(words)?, text)
}

/// How well a text fits what is sought. None if it is no string.
pub(super) fn score(search: &Search, text: &Value<'_>) -> Option<f64> {
    let (text, language) = string(text)?;
    Some(if search.is_in_language(language) { search.score(text) } else { 0.0 })
}

/// The text and the language of a value that is a string.
fn string<'v>(value: &'v Value<'_>) -> Option<(&'v str, Option<&'v str>)> {
    match value {
        Value::String(text) => Some((text, None)),
        Value::Tagged { text, language } => Some((text, Some(language))),
        _ => None,
    }
}
