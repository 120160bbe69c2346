//! Expressions of a plan: variables are slots, constants are read, functions are found.

use super::{Slot, Slots};
use crate::{
    dataset::Id,
    sparql::{Builtin, Comparison, Factor, Sign, Span},
    text::Search,
    value::Value,
};

/// An expression. What an EXISTS asks is a pattern before the plan is made, and an operator afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Expression<E> {
    pub(crate) kind: Kind<E>,
    /// The variables it looks at, those in its EXISTS too.
    pub(crate) seen: Slots,
    /// Where it stands in the text.
    pub(crate) span: Span,
    /// What is remembered of its values, if it depends on one variable.
    pub(crate) memo: Option<Remembered>,
}

/// That the values of an expression are remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remembered {
    /// By what the variable in this slot has.
    pub(crate) slot: Slot,
    /// The number among the plan's memos.
    pub(crate) index: usize,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub(crate) enum Kind<E> {
    /// Nothing has a value less often.
    NoValue,
    Constant(Constant),
    Slot(Slot),
    Or(Vec<Expression<E>>),
    And(Vec<Expression<E>>),
    Not(Box<Expression<E>>),
    Compare(Comparison, Box<[Expression<E>; 2]>),
    In(Box<Expression<E>>, Vec<Expression<E>>),
    Sum(Vec<(Sign, Expression<E>)>),
    Product(Vec<(Factor, Expression<E>)>),
    Minus(Box<Expression<E>>),
    Plus(Box<Expression<E>>),
    Bound(Slot),
    If(Box<[Expression<E>; 3]>),
    Coalesce(Vec<Expression<E>>),
    Exists(E),
    Call(Builtin, Vec<Expression<E>>),
    /// A cast to the datatype of this IRI.
    Cast(String, Box<Expression<E>>),
    /// REGEX with its number among the plan's regular expressions, for what is compiled.
    Regex(usize, Vec<Expression<E>>),
    /// REPLACE, likewise.
    Replace(usize, Vec<Expression<E>>),
    /// `ocm:matchesWords`
    MatchesWords(Box<[Expression<E>; 2]>),
    /// `ocm:wordScore`
    WordScore(Box<[Expression<E>; 2]>),
    /// `ocm:matchesWords` of a variable and words that are known.
    HasWords(Words),
    /// `ocm:wordScore` of the same.
    Score(Words),
    /// A test of the text of a variable for a constant.
    Contains(Sought),
    /// A comparison of `STR` of variables, or of one with a string.
    Texts(Comparison, [TextSide; 2]),
    /// `LANG(?x)` compared with a constant.
    Language {
        slot: Slot,
        tag: String,
    },
}

/// A constant: its number, and its value.
#[derive(Debug, Clone)]
pub(crate) struct Constant {
    pub(crate) id: Id,
    pub(crate) value: Value<'static>,
}

/// Words that are sought in the texts of a variable.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) slot: Slot,
    pub(crate) search: Search,
    /// As they were written.
    pub(crate) text: String,
    /// Their number among the plan's searches.
    pub(crate) index: usize,
}

/// A constant that is sought in texts.
#[derive(Debug, Clone)]
pub(crate) struct Sought {
    pub(crate) slot: Slot,
    /// In the text of any term (`STR`), and not of strings only.
    pub(crate) in_any: bool,
    /// In lower case (`LCASE`).
    pub(crate) in_lower_case: bool,
    pub(crate) test: TextTest,
    pub(crate) text: String,
}

/// A side of a comparison of texts.
#[derive(Debug, Clone)]
pub(crate) enum TextSide {
    /// `STR` of a variable.
    Of(Slot),
    /// A string.
    Constant(String),
}

/// How a text is tested for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    Contains,
    Starts,
    Ends,
}

/// Writes a function that lists what an expression is made of, borrowed one way or the other.
macro_rules! operands {
    ($(#[$doc:meta])* $name:ident, $iter:ident $(, $mutable:tt)?) => {
        $(#[$doc])*
        pub(crate) fn $name(&$($mutable)? self) -> Vec<&$($mutable)? Expression<E>> {
            match self {
                Self::NoValue
                | Self::Constant(_)
                | Self::Slot(_)
                | Self::Bound(_)
                | Self::Exists(_)
                | Self::HasWords(_)
                | Self::Score(_)
                | Self::Contains(_)
                | Self::Texts(..)
                | Self::Language { .. } => Vec::new(),
                Self::Or(all)
                | Self::And(all)
                | Self::Coalesce(all)
                | Self::Call(_, all)
                | Self::Regex(_, all)
                | Self::Replace(_, all) => all.$iter().collect(),
                Self::Not(one) | Self::Minus(one) | Self::Plus(one) | Self::Cast(_, one) => vec![one],
                Self::Compare(_, two) | Self::MatchesWords(two) | Self::WordScore(two) => two.$iter().collect(),
                Self::If(three) => three.$iter().collect(),
                Self::In(one, all) => std::iter::once(&$($mutable)? **one).chain(all).collect(),
                Self::Sum(all) => all.$iter().map(|(_, one)| one).collect(),
                Self::Product(all) => all.$iter().map(|(_, one)| one).collect(),
            }
        }
    };
}

impl<E> Kind<E> {
    operands!(
        /// What it is made of, without what is in an EXISTS.
        operands, iter
    );
    operands!(
        /// The same, to be changed.
        operands_mut, iter_mut, mut
    );

    /// The same with another kind of EXISTS and other parts.
    pub(crate) fn map<F>(self, exists: &mut dyn FnMut(E) -> F, each: &mut MapPart<'_, E, F>) -> Kind<F> {
        let mut one = |expression: Expression<E>| each(expression, exists);
        match self {
            Self::Exists(pattern) => Kind::Exists(exists(pattern)),
            Self::NoValue => Kind::NoValue,
            Self::Constant(constant) => Kind::Constant(constant),
            Self::Slot(slot) => Kind::Slot(slot),
            Self::Bound(slot) => Kind::Bound(slot),
            Self::HasWords(words) => Kind::HasWords(words),
            Self::Score(words) => Kind::Score(words),
            Self::Contains(sought) => Kind::Contains(sought),
            Self::Texts(comparison, sides) => Kind::Texts(comparison, sides),
            Self::Language { slot, tag } => Kind::Language { slot, tag },
            Self::Or(all) => Kind::Or(all.into_iter().map(one).collect()),
            Self::And(all) => Kind::And(all.into_iter().map(one).collect()),
            Self::Coalesce(all) => Kind::Coalesce(all.into_iter().map(one).collect()),
            Self::Call(function, all) => Kind::Call(function, all.into_iter().map(one).collect()),
            Self::Regex(index, all) => Kind::Regex(index, all.into_iter().map(one).collect()),
            Self::Replace(index, all) => Kind::Replace(index, all.into_iter().map(one).collect()),
            Self::Not(inner) => Kind::Not(Box::new(one(*inner))),
            Self::Minus(inner) => Kind::Minus(Box::new(one(*inner))),
            Self::Plus(inner) => Kind::Plus(Box::new(one(*inner))),
            Self::Cast(datatype, inner) => Kind::Cast(datatype, Box::new(one(*inner))),
            Self::Compare(comparison, two) => Kind::Compare(comparison, Box::new((*two).map(one))),
            Self::MatchesWords(two) => Kind::MatchesWords(Box::new((*two).map(one))),
            Self::WordScore(two) => Kind::WordScore(Box::new((*two).map(one))),
            Self::If(three) => Kind::If(Box::new((*three).map(one))),
            Self::In(value, list) => {
                let value = Box::new(one(*value));
                Kind::In(value, list.into_iter().map(one).collect())
            }
            Self::Sum(all) => Kind::Sum(all.into_iter().map(|(sign, part)| (sign, one(part))).collect()),
            Self::Product(all) => Kind::Product(all.into_iter().map(|(factor, part)| (factor, one(part))).collect()),
        }
    }
}

/// What makes another expression of a part, and of what is in its EXISTS.
type MapPart<'m, E, F> = dyn FnMut(Expression<E>, &mut dyn FnMut(E) -> F) -> Expression<F> + 'm;

impl<E> Expression<E> {
    /// The constant it is, if it is one.
    pub(crate) fn constant(&self) -> Option<&Constant> {
        if let Kind::Constant(constant) = &self.kind { Some(constant) } else { None }
    }

    /// The slot it is the value of, if it is that.
    pub(crate) fn slot(&self) -> Option<Slot> {
        if let Kind::Slot(slot) = self.kind { Some(slot) } else { None }
    }

    /// Whether there is an EXISTS in it.
    pub(crate) fn has_exists(&self) -> bool {
        matches!(self.kind, Kind::Exists(_)) || self.kind.operands().iter().any(|operand| operand.has_exists())
    }

    /// Whether it may have another value the next time, for the same variables.
    pub(crate) fn is_volatile(&self) -> bool {
        let is_so =
            matches!(self.kind, Kind::Call(Builtin::Rand | Builtin::Uuid | Builtin::StrUuid | Builtin::BNode, _));
        is_so || self.kind.operands().iter().any(|operand| operand.is_volatile())
    }
}
