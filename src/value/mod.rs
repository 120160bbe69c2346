//! Values: what terms are worth, and what SPARQL's operators and functions make of them.
//!
//! ```
//! use ocm_graph::{sparql::Builtin, value::{self, Value}};
//!
//! let half = Value::of_literal("0.50", Some("http://www.w3.org/2001/XMLSchema#decimal"), None);
//! let sum = value::add(&half, &half).unwrap();
//! assert_eq!(sum.into_term().to_string(), "\"1\"^^<http://www.w3.org/2001/XMLSchema#decimal>");
//! let text = value::call(Builtin::UCase, &[Value::String("é".into())], 100).unwrap();
//! assert_eq!(text.into_term().to_string(), "\"É\"");
//! ```
//!
//! A value has no writing: `0.50` and `.5` are one. Who wants to know how a term is written asks the term. Integers and
//! decimals are exact, to [`DIGITS`] digits; a quotient of them has eighteen digits behind the point. A value that is made
//! of others is written as `XPath` casts it to a string, so that `STR` and `xsd:string` say the same of it.
//!
//! [SPARQL 1.1 Query, section 17](https://www.w3.org/TR/sparql11-query/#expressions)

mod arithmetic;
mod cast;
mod compare;
mod decimal;
mod duration;
mod function;
mod hash;
mod integer;
mod lexical;
mod number;
mod order;
pub mod regex;
mod string;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use oxigraph::model::{BlankNodeRef, LiteralRef, NamedNodeRef, Term, TermRef, vocab::xsd};
use oxsdatatypes::{Date, DateTime, GDay, GMonth, GMonthDay, GYear, GYearMonth, Time};

pub use self::{
    arithmetic::{add, divide, multiply, negate, subtract},
    cast::{cast, iri, is_castable},
    compare::{compare, equals, truth},
    decimal::Decimal,
    duration::{Duration, DurationKind},
    function::{Fault, call},
    hash::{Place, place},
    integer::{DIGITS, Integer},
    number::Number,
    order::order,
};

/// What a term is worth, or what an expression has given.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'t> {
    /// An IRI.
    Iri(Cow<'t, str>),
    /// A blank node, by its label.
    Blank(Cow<'t, str>),
    /// `xsd:string`
    String(Cow<'t, str>),
    /// A string in a language.
    Tagged {
        /// The string.
        text: Cow<'t, str>,
        /// Its language tag.
        language: Cow<'t, str>,
    },
    /// `xsd:boolean`
    Boolean(bool),
    /// A number of any type.
    Number(Number),
    /// `xsd:dateTime`
    DateTime(DateTime),
    /// `xsd:date`
    Date(Date),
    /// `xsd:time`
    Time(Time),
    /// `xsd:gYear`
    Year(GYear),
    /// `xsd:gYearMonth`
    YearMonth(GYearMonth),
    /// `xsd:gMonthDay`
    MonthDay(GMonthDay),
    /// `xsd:gMonth`
    Month(GMonth),
    /// `xsd:gDay`
    Day(GDay),
    /// A duration of any type.
    Duration(Duration),
    /// A literal of a datatype that is not known here, or whose text is none of its datatype.
    Other {
        /// Its text.
        text: Cow<'t, str>,
        /// The IRI of its datatype.
        datatype: Cow<'t, str>,
    },
}

impl<'t> Value<'t> {
    /// What a term is worth.
    #[must_use]
    pub fn of(term: TermRef<'t>) -> Self {
        match term {
            TermRef::NamedNode(node) => Self::Iri(node.as_str().into()),
            TermRef::BlankNode(node) => Self::Blank(node.as_str().into()),
            TermRef::Literal(literal) => of_literal(literal),
        }
    }

    /// What a literal of this text is worth; without datatype and language it is a string.
    #[must_use]
    pub fn of_literal(text: &'t str, datatype: Option<&'t str>, language: Option<&'t str>) -> Self {
        match (language, datatype) {
            (Some(language), _) => Self::Tagged { text: text.into(), language: language.into() },
            (None, None) => Self::String(text.into()),
            (None, Some(datatype)) => {
                lexical::typed(text, datatype).unwrap_or(Self::Other { text: text.into(), datatype: datatype.into() })
            }
        }
    }

    /// The term of the value. What was worked out is written as `XPath` writes it.
    #[must_use]
    pub fn into_term(self) -> Term {
        self.with_term(|term: TermRef<'_>| term.into_owned())
    }

    /// Looks at the term of the value, which need not be put together for that.
    pub fn with_term<T>(&self, look: impl FnOnce(TermRef<'_>) -> T) -> T {
        match self {
            Self::Iri(iri) => look(NamedNodeRef::new_unchecked(iri).into()),
            Self::Blank(label) => look(BlankNodeRef::new_unchecked(label).into()),
            Self::String(text) => look(LiteralRef::new_simple_literal(text).into()),
            Self::Tagged { text, language } => {
                look(LiteralRef::new_language_tagged_literal_unchecked(text, language).into())
            }
            Self::Other { text, datatype } => {
                look(LiteralRef::new_typed_literal(text, NamedNodeRef::new_unchecked(datatype)).into())
            }
            typed => {
                let datatype = typed.datatype().unwrap_or(xsd::STRING);
                look(LiteralRef::new_typed_literal(&typed.writing(), datatype).into())
            }
        }
    }

    /// The datatype of a literal whose datatype is known here.
    pub(super) fn datatype(&self) -> Option<NamedNodeRef<'static>> {
        Some(match self {
            Self::Iri(_) | Self::Blank(_) | Self::Other { .. } | Self::Tagged { .. } => return None,
            Self::String(_) => xsd::STRING,
            Self::Boolean(_) => xsd::BOOLEAN,
            Self::Number(number) => number.datatype(),
            Self::DateTime(_) => xsd::DATE_TIME,
            Self::Date(_) => xsd::DATE,
            Self::Time(_) => xsd::TIME,
            Self::Year(_) => xsd::G_YEAR,
            Self::YearMonth(_) => xsd::G_YEAR_MONTH,
            Self::MonthDay(_) => xsd::G_MONTH_DAY,
            Self::Month(_) => xsd::G_MONTH,
            Self::Day(_) => xsd::G_DAY,
            Self::Duration(duration) => duration.kind.datatype(),
        })
    }

    /// How it is written: the text of a literal, an IRI or a label.
    pub(super) fn writing(&self) -> Cow<'_, str> {
        match self {
            Self::Iri(text)
            | Self::Blank(text)
            | Self::String(text)
            | Self::Tagged { text, .. }
            | Self::Other { text, .. } => Cow::Borrowed(text),
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Number(number) => number.to_string().into(),
            Self::DateTime(time) => time.to_string().into(),
            Self::Date(date) => date.to_string().into(),
            Self::Time(time) => time.to_string().into(),
            Self::Year(year) => year.to_string().into(),
            Self::YearMonth(month) => month.to_string().into(),
            Self::MonthDay(day) => day.to_string().into(),
            Self::Month(month) => month.to_string().into(),
            Self::Day(day) => day.to_string().into(),
            Self::Duration(duration) => duration.to_string().into(),
        }
    }

    /// The same with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        let own = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Iri(iri) => Value::Iri(own(iri)),
            Self::Blank(label) => Value::Blank(own(label)),
            Self::String(text) => Value::String(own(text)),
            Self::Tagged { text, language } => Value::Tagged { text: own(text), language: own(language) },
            Self::Other { text, datatype } => Value::Other { text: own(text), datatype: own(datatype) },
            Self::Boolean(value) => Value::Boolean(value),
            Self::Number(number) => Value::Number(number),
            Self::DateTime(time) => Value::DateTime(time),
            Self::Date(date) => Value::Date(date),
            Self::Time(time) => Value::Time(time),
            Self::Year(year) => Value::Year(year),
            Self::YearMonth(month) => Value::YearMonth(month),
            Self::MonthDay(day) => Value::MonthDay(day),
            Self::Month(month) => Value::Month(month),
            Self::Day(day) => Value::Day(day),
            Self::Duration(duration) => Value::Duration(duration),
        }
    }

    /// The same, with its texts lent.
    #[must_use]
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Iri(iri) => Value::Iri(Cow::Borrowed(iri)),
            Self::Blank(label) => Value::Blank(Cow::Borrowed(label)),
            Self::String(text) => Value::String(Cow::Borrowed(text)),
            Self::Tagged { text, language } => {
                Value::Tagged { text: Cow::Borrowed(text), language: Cow::Borrowed(language) }
            }
            Self::Other { text, datatype } => {
                Value::Other { text: Cow::Borrowed(text), datatype: Cow::Borrowed(datatype) }
            }
            other => other.clone(),
        }
    }
}

fn of_literal(literal: LiteralRef<'_>) -> Value<'_> {
    let text = literal.value();
    if let Some(language) = literal.language() {
        return Value::Tagged { text: text.into(), language: language.into() };
    }
    let datatype = literal.datatype();
    if datatype == xsd::STRING {
        Value::String(text.into())
    } else {
        Value::of_literal(text, Some(datatype.as_str()), None)
    }
}
