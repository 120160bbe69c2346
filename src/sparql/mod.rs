//! SPARQL 1.1 queries: from text to what is asked.
//!
//! ```
//! use ocm_graph::sparql::{Limits, read};
//!
//! let query = read("SELECT ?title { ?resource <http://purl.org/dc/terms/title> ?title }", None, &Limits::default())?;
//! assert_eq!(query.columns().collect::<Vec<_>>(), ["title"]);
//!
//! let refusal = read("SELECT ?title {", None, &Limits::default()).unwrap_err();
//! assert_eq!(refusal.to_string(), "the query ends too early: \"{\" of line 1, column 15 is not closed");
//! # Ok::<(), ocm_graph::sparql::Refusal>(())
//! ```
//!
//! The text is read once, from left to right, one token ahead and never back, so it takes as long as it is long. What
//! stands in brackets is read by functions that call one another, and the brackets inside one another are counted, so the
//! stack is bounded by [`Limits::nesting`]. All other [`Limits`] on the text hold while it is read, too: what is too large
//! is never made.
//!
//! [SPARQL 1.1 Query, section 19](https://www.w3.org/TR/sparql11-query/#grammar)

mod algebra;
mod builtin;
mod escape;
mod expression;
mod lexer;
mod limits;
mod pattern;
mod query;
mod reader;
mod refusal;
mod scope;
mod term;
mod triples;
mod walk;

pub use self::{
    algebra::{
        Aggregate, AggregateFunction, Comparison, DatasetClause, Duplicates, Element, Expression, ExpressionKind,
        Factor, Form, Grouping, InlineData, Name, OrderKey, Path, PathPattern, Pattern, PatternKind, Query, Select,
        Sign, Span, TemplatePart, TemplateTriple, TermPattern, TriplePattern, Var, VarName,
    },
    builtin::Builtin,
    limits::{Limit, Limits},
    refusal::{Position, Refusal},
};
use self::{escape::unescape, reader::Reader};

/// Reads a query. Relative IRIs are resolved against `base`, an absolute IRI, unless the query says BASE.
///
/// # Errors
/// [`Refusal`]: why it is not read, and where; never larger than a few hundred bytes, whatever the text.
pub fn read(text: &str, base: Option<&str>, limits: &Limits) -> Result<Query, Refusal> {
    if text.len() > limits.text {
        return Err(Refusal::Limit { limit: Limit::Text, allowed: limits.text, found: text.len(), position: None });
    }
    if let Some(at) = memchr::memchr(0, text.as_bytes()) {
        let message = "the text contains a NUL character".into();
        return Err(Refusal::Syntax { position: Position::of(text, at), message });
    }
    match unescape(text) {
        Ok(plain) => Reader::new(&plain, base, limits)?.all(),
        Err(at) => {
            let message = r"an escape \u must be followed by four hexadecimal digits, \U by eight".into();
            Err(Refusal::Syntax { position: Position::of(text, at), message })
        }
    }
}
