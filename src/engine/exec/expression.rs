//! Expressions: their values for a row, and whether they are true.
//!
//! A value that is a term as it stands (a variable, a constant, what COALESCE or IF has chosen) stays the number of that
//! term, so that it keeps its writing and is joined with itself. Anything else is a value of XML Schema, and becomes a term
//! only where one is wanted.

use oxigraph::model::TermRef;

use super::{Execution, Flow, Halt};
use crate::{
    dataset::{Id, TermKind},
    engine::{
        functions,
        plan::{Constant, Kind, TextSide, Value as Expression},
        terms::{Cell, UNBOUND},
    },
    sparql::{Comparison, Factor, Sign},
    value::{self, Value},
};

/// What an expression gives: nothing is an error of the expression.
pub(super) type Evaluated<T> = Result<Option<T>, Halt>;

/// What an expression is for a row.
#[derive(Debug)]
pub(super) enum Out<'v> {
    /// A term as it stands.
    Term(Id),
    /// Something that was worked out.
    Value(Value<'v>),
}

/// Turns what a budget says into a result.
pub(super) fn checked(flow: Flow) -> Result<(), Halt> {
    match flow {
        Flow::Continue(()) => Ok(()),
        Flow::Break(halt) => Err(halt),
    }
}

impl<'q> Execution<'q> {
    /// The number of the term that an expression is for a row, or [`UNBOUND`].
    pub(super) fn id(&self, expression: &'q Expression, row: &mut [Id]) -> Result<Id, Halt> {
        match expression.kind {
            Kind::Slot(slot) => return Ok(row[slot]),
            Kind::Constant(Constant { id, .. }) => return Ok(id),
            _ => {}
        }
        let Some(memo) = expression.memo else { return self.id_anew(expression, row) };
        let key = row[memo.slot];
        if let Some(id) = self.memos[memo.index].borrow().values.get(key) {
            return Ok(id);
        }
        let id = self.id_anew(expression, row)?;
        self.memos[memo.index].borrow_mut().values.set(key, id);
        Ok(id)
    }

    fn id_anew(&self, expression: &'q Expression, row: &mut [Id]) -> Result<Id, Halt> {
        let id = match self.evaluate(expression, row)? {
            None => UNBOUND,
            Some(Out::Term(id)) => id,
            Some(Out::Value(value)) => self.number(&value)?,
        };
        self.give_back_scratch();
        Ok(id)
    }

    /// The number of the term of a value.
    pub(super) fn number(&self, value: &Value<'_>) -> Result<Id, Halt> {
        if let Value::Boolean(value) = value {
            return Ok(self.truth[usize::from(*value)]);
        }
        let mut terms = self.terms.borrow_mut();
        let before = terms.bytes();
        let id = value.with_term(|term| terms.number(term));
        checked(self.budget.take(terms.bytes() - before))?;
        Ok(id)
    }

    /// Whether an expression is true for a row; an error is not true.
    pub(super) fn holds(&self, expression: &'q Expression, row: &mut [Id]) -> Result<bool, Halt> {
        let truth = self.truth(expression, row)?;
        self.give_back_scratch();
        Ok(truth == Some(true))
    }

    /// The [effective boolean value](https://www.w3.org/TR/sparql11-query/#ebv).
    pub(super) fn truth(&self, expression: &'q Expression, row: &mut [Id]) -> Evaluated<bool> {
        let Some(memo) = expression.memo else { return self.truth_anew(expression, row) };
        let key = row[memo.slot];
        if let Some(known) = self.memos[memo.index].borrow().truths.get(key) {
            return Ok(known);
        }
        let truth = self.truth_anew(expression, row)?;
        self.memos[memo.index].borrow_mut().truths.set(key, truth);
        Ok(truth)
    }

    fn truth_anew(&self, expression: &'q Expression, row: &mut [Id]) -> Evaluated<bool> {
        Ok(match &expression.kind {
            Kind::Or(parts) => return self.first_that_is(true, parts, row),
            Kind::And(parts) => return self.first_that_is(false, parts, row),
            Kind::Not(inner) => self.truth(inner, row)?.map(|truth| !truth),
            Kind::Compare(comparison, sides) => self.compare(*comparison, sides, row)?,
            Kind::In(value, list) => self.is_in(value, list, row)?,
            Kind::Bound(slot) => Some(row[*slot] != UNBOUND),
            Kind::Exists(exists) => Some(self.exists(exists, row)?),
            Kind::Regex(index, arguments) => self.regex(*index, arguments, row)?,
            Kind::HasWords(words) => self.has_words(words, row[words.slot])?,
            Kind::MatchesWords(two) => self.matches_words(two, row)?,
            Kind::Contains(sought) => self.contains(sought, row[sought.slot])?,
            Kind::Texts(comparison, sides) => self.compare_texts(*comparison, sides, row),
            Kind::Language { slot, tag } => self.language_is(row[*slot], tag),
            _ => self.operand(expression, row)?.and_then(|value| value::truth(&value)),
        })
    }

    /// `||` is true if one is, and `&&` is false if one is; what is left is an error if there was one.
    /// [SPARQL 1.1 Query, section 17.2](https://www.w3.org/TR/sparql11-query/#evaluation)
    fn first_that_is(&self, wanted: bool, parts: &'q [Expression], row: &mut [Id]) -> Evaluated<bool> {
        let mut all_known = true;
        for part in parts {
            match self.truth(part, row)? {
                Some(truth) if truth == wanted => return Ok(Some(wanted)),
                Some(_) => {}
                None => all_known = false,
            }
        }
        Ok(all_known.then_some(!wanted))
    }

    /// What an expression is for a row.
    pub(super) fn evaluate(&self, expression: &'q Expression, row: &mut [Id]) -> Evaluated<Out<'q>> {
        Ok(match &expression.kind {
            Kind::NoValue => None,
            Kind::Slot(slot) => Some(row[*slot]).filter(|id| *id != UNBOUND).map(Out::Term),
            Kind::Constant(constant) => Some(Out::Term(constant.id)),
            Kind::If(parts) => match self.truth(&parts[0], row)? {
                Some(true) => return self.evaluate(&parts[1], row),
                Some(false) => return self.evaluate(&parts[2], row),
                None => None,
            },
            Kind::Coalesce(all) => {
                for one in all {
                    if let Some(out) = self.evaluate(one, row)? {
                        return Ok(Some(out));
                    }
                }
                None
            }
            Kind::Sum(parts) => self.sum(parts, row)?.map(Out::Value),
            Kind::Product(parts) => self.product(parts, row)?.map(Out::Value),
            Kind::Minus(inner) => self.operand(inner, row)?.and_then(|value| value::negate(&value)).map(Out::Value),
            Kind::Plus(inner) => self.operand(inner, row)?.filter(is_number).map(Out::Value),
            Kind::Cast(datatype, inner) => {
                self.operand(inner, row)?.and_then(|value| value::cast(datatype, &value)).map(Out::Value)
            }
            Kind::Call(builtin, arguments) => return self.call(*builtin, arguments, row),
            Kind::Replace(index, arguments) => self.replace(*index, arguments, row)?.map(Out::Value),
            Kind::Score(words) => self.score(words, row[words.slot])?.map(Out::Value),
            Kind::WordScore(two) => self.word_score(two, row)?.map(Out::Value),
            Kind::Or(_)
            | Kind::And(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::In(..)
            | Kind::Bound(_)
            | Kind::Exists(_)
            | Kind::Regex(..)
            | Kind::HasWords(_)
            | Kind::MatchesWords(_)
            | Kind::Contains(_)
            | Kind::Texts(..)
            | Kind::Language { .. } => self.truth(expression, row)?.map(|truth| Out::Value(Value::Boolean(truth))),
        })
    }

    /// The value of an expression for a row.
    pub(super) fn operand(&self, expression: &'q Expression, row: &mut [Id]) -> Evaluated<Value<'q>> {
        Ok(match &expression.kind {
            Kind::Constant(constant) => Some(constant.value.borrowed()),
            Kind::Slot(slot) => self.value_of(row[*slot]),
            _ => match self.evaluate(expression, row)? {
                Some(Out::Term(id)) => self.value_of(id),
                Some(Out::Value(value)) => Some(value),
                None => None,
            },
        })
    }

    /// The value of a term; none for [`UNBOUND`].
    pub(super) fn value_of(&self, id: Id) -> Option<Value<'q>> {
        if id < self.known {
            return Some(Value::of(self.texts.get(id).term()));
        }
        self.terms.borrow().term(id).map(|term| Value::of(term).into_owned())
    }

    /// What kind of term it is.
    pub(super) fn kind_of(&self, id: Id) -> Option<TermKind> {
        if id < self.known {
            return Some(self.texts.get(id).kind);
        }
        self.terms.borrow().term(id).map(|term| match term {
            TermRef::NamedNode(_) => TermKind::Iri,
            TermRef::BlankNode(_) => TermKind::Blank,
            TermRef::Literal(_) => TermKind::Literal,
        })
    }

    fn compare(&self, comparison: Comparison, sides: &'q [Expression; 2], row: &mut [Id]) -> Evaluated<bool> {
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let equality = if is_equality { self.known_equality(sides, row) } else { None };
        if let Some(equal) = equality {
            return Ok(Some(equal == (comparison == Comparison::Equal)));
        }
        let Some(a) = self.operand(&sides[0], row)? else { return Ok(None) };
        let Some(b) = self.operand(&sides[1], row)? else { return Ok(None) };
        checked(self.budget.step())?;
        Ok(value::compare(comparison, &a, &b))
    }

    /// Whether two are equal, where that is known without looking at what they are worth: an IRI or a blank node is equal to
    /// itself alone.
    fn known_equality(&self, sides: &[Expression; 2], row: &[Id]) -> Option<bool> {
        let id = |side: &Expression| match side.kind {
            Kind::Slot(slot) => Some(row[slot]).filter(|id| *id != UNBOUND),
            Kind::Constant(Constant { id, .. }) => Some(id),
            _ => None,
        };
        let (a, b) = id(&sides[0]).zip(id(&sides[1]))?;
        let is_literal = |id| self.kind_of(id) == Some(TermKind::Literal);
        if is_literal(a) && is_literal(b) { None } else { Some(a == b) }
    }

    /// [SPARQL 1.1 Query, section 17.4.1.9](https://www.w3.org/TR/sparql11-query/#func-in)
    fn is_in(&self, value: &'q Expression, list: &'q [Expression], row: &mut [Id]) -> Evaluated<bool> {
        if list.is_empty() {
            return Ok(Some(false));
        }
        let Some(value) = self.operand(value, row)? else { return Ok(None) };
        let mut all_known = true;
        for one in list {
            checked(self.budget.step())?;
            match self.operand(one, row)?.map(|one| value::equals(&value, &one)) {
                Some(Some(true)) => return Ok(Some(true)),
                Some(Some(false)) => {}
                Some(None) | None => all_known = false,
            }
        }
        Ok(all_known.then_some(false))
    }

    fn sum(&self, parts: &'q [(Sign, Expression)], row: &mut [Id]) -> Evaluated<Value<'q>> {
        let mut sum: Option<Value<'q>> = None;
        for (sign, part) in parts {
            checked(self.budget.step())?;
            let Some(part) = self.operand(part, row)? else { return Ok(None) };
            sum = match (sum, sign) {
                (None, _) => Some(part),
                (Some(sum), Sign::Add) => value::add(&sum, &part),
                (Some(sum), Sign::Subtract) => value::subtract(&sum, &part),
            };
            if sum.is_none() {
                return Ok(None);
            }
        }
        Ok(sum)
    }

    fn product(&self, parts: &'q [(Factor, Expression)], row: &mut [Id]) -> Evaluated<Value<'q>> {
        let mut product: Option<Value<'q>> = None;
        for (factor, part) in parts {
            checked(self.budget.step())?;
            let Some(part) = self.operand(part, row)? else { return Ok(None) };
            product = match (product, factor) {
                (None, _) => Some(part),
                (Some(product), Factor::Multiply) => value::multiply(&product, &part),
                (Some(product), Factor::Divide) => value::divide(&product, &part),
            };
            if product.is_none() {
                return Ok(None);
            }
        }
        Ok(product)
    }

    /// The order of bytes is that of characters, so texts need not be looked at to be compared.
    fn compare_texts(&self, comparison: Comparison, sides: &'q [TextSide; 2], row: &[Id]) -> Option<bool> {
        let terms = self.terms.borrow();
        let text = |side: &'q TextSide| match side {
            TextSide::Constant(text) => Some(text.as_bytes()),
            TextSide::Of(slot) => terms.cell(row[*slot]).filter(|cell| !cell.is_blank()).map(Cell::text),
        };
        Some(comparison.holds(text(&sides[0])?.cmp(text(&sides[1])?)))
    }

    fn language_is(&self, id: Id, tag: &str) -> Option<bool> {
        let same = |language: Option<&[u8]>| language.map(|language| language == tag.as_bytes());
        if id < self.known {
            let stored = self.texts.get(id);
            return same((stored.kind == TermKind::Literal).then(|| stored.language().unwrap_or_default()));
        }
        same(self.terms.borrow().cell(id)?.language_of_literal())
    }

    fn matches_words(&self, two: &'q [Expression; 2], row: &mut [Id]) -> Evaluated<bool> {
        Ok(self.text_and_words(two, row)?.and_then(|(text, words)| functions::matches_words(&text, &words)))
    }

    fn word_score(&self, two: &'q [Expression; 2], row: &mut [Id]) -> Evaluated<Value<'q>> {
        let both = self.text_and_words(two, row)?;
        let score = both.and_then(|(text, words)| functions::word_score(&text, &words));
        Ok(score.map(|score| Value::Number(value::Number::Double(score))))
    }

    fn text_and_words(&self, two: &'q [Expression; 2], row: &mut [Id]) -> Evaluated<(Value<'q>, Value<'q>)> {
        let Some(text) = self.operand(&two[0], row)? else { return Ok(None) };
        let Some(words) = self.operand(&two[1], row)? else { return Ok(None) };
        for value in [&text, &words] {
            if let Value::String(text) | Value::Tagged { text, .. } = value {
                checked(self.budget.read(text.as_bytes()))?;
            }
        }
        Ok(Some((text, words)))
    }
}

fn is_number(value: &Value<'_>) -> bool {
    matches!(value, Value::Number(_))
}
