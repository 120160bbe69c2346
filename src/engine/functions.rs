//! Our functions beside those of SPARQL: [`ocm::MATCHES_WORDS`] and [`ocm::WORD_SCORE`].
//!
//! Each is a function of its arguments alone, the same in the executor, the reference evaluator and the reference store.
//!
//! [SPARQL 1.1 Query, section 17.6](https://www.w3.org/TR/sparql11-query/#extensionFunctions)

use oxigraph::{
    model::{Literal, LiteralRef, NamedNodeRef, Term, vocab::xsd},
    sparql::SparqlEvaluator,
};
use spareval::QueryEvaluator;

use crate::{rdf::vocab::ocm, text::Search};

/// What a function does with its arguments: a value, or nothing for an error.
type Function = fn(&[Term]) -> Option<Term>;

/// Our functions.
const FUNCTIONS: [(NamedNodeRef<'static>, Function); 2] =
    [(ocm::MATCHES_WORDS, matches_words), (ocm::WORD_SCORE, word_score)];

/// The names of our functions.
pub(crate) fn names() -> impl Iterator<Item = NamedNodeRef<'static>> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// The reference evaluator with our functions.
pub(super) fn evaluator() -> QueryEvaluator {
    FUNCTIONS.iter().fold(QueryEvaluator::new(), |evaluator, (name, function)| {
        evaluator.with_custom_function((*name).into_owned(), function)
    })
}

/// The reference store's evaluator with our functions.
pub(super) fn store_evaluator() -> SparqlEvaluator {
    FUNCTIONS.iter().fold(SparqlEvaluator::new(), |evaluator, (name, function)| {
        evaluator.with_custom_function((*name).into_owned(), function)
    })
}

/// What the words in a literal seek. None if it is no string, or has no word.
pub(super) fn search(words: &Literal) -> Option<Search> {
    let (text, language) = string(words.as_ref())?;
    Search::new(text, language)
}

fn matches_words(arguments: &[Term]) -> Option<Term> {
    let [Term::Literal(text), Term::Literal(words)] = arguments else { return None };
    let (text, language) = string(text.as_ref())?;
    Some(Literal::from(search(words)?.matches(text, language)).into())
}

fn word_score(arguments: &[Term]) -> Option<Term> {
    let [Term::Literal(text), Term::Literal(words)] = arguments else { return None };
    Some(Literal::from(score(&search(words)?, text.as_ref())?).into())
}

/// How well a literal fits. None if it is no string.
pub(super) fn score(search: &Search, literal: LiteralRef<'_>) -> Option<f64> {
    let (text, language) = string(literal)?;
    Some(if search.is_in_language(language) { search.score(text) } else { 0.0 })
}

/// The text and the language of a literal that is a string.
pub(super) fn string(literal: LiteralRef<'_>) -> Option<(&str, Option<&str>)> {
    let is_string = literal.language().is_some() || literal.datatype() == xsd::STRING;
    is_string.then(|| (literal.value(), literal.language()))
}
