//! Aggregates while they are made: what each has of its group so far.
//!
//! [SPARQL 1.1 Query, section 18.5.1](https://www.w3.org/TR/sparql11-query/#aggregateAlgebra)

use std::cmp::Ordering;

use super::{Execution, Flow, Halt};
use crate::{
    dataset::{Id, TermKind},
    engine::{
        plan::{Aggregate, Function, Value as Expression},
        terms::UNBOUND,
    },
    value::{self, Number, Value},
};

/// One aggregate of one group so far.
#[derive(Debug, Clone)]
pub(super) enum Accumulator {
    Count(i64),
    /// None: something was not a number, or too large.
    Sum(Option<Number>),
    Average {
        sum: Option<Number>,
        count: i64,
    },
    /// The least or greatest; none: something had no value.
    Best(Option<Id>),
    Sample(Id),
    Text(Option<Text>),
}

/// What `GROUP_CONCAT` has so far. A text of languages is a text of none.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    value: String,
    is_begun: bool,
}

impl Accumulator {
    pub(super) fn new(aggregate: &Aggregate<Expression>) -> Self {
        let zero = Some(Number::from(0));
        match aggregate.function {
            Function::Count => Self::Count(0),
            Function::Sum => Self::Sum(zero),
            Function::Average => Self::Average { sum: zero, count: 0 },
            Function::Minimum | Function::Maximum => Self::Best(Some(UNBOUND)),
            Function::Sample => Self::Sample(UNBOUND),
            Function::Concatenation(_) => Self::Text(Some(Text::default())),
        }
    }

    /// The same with other numbers for terms.
    pub(super) fn mapped(&self, number: impl Fn(Id) -> Id) -> Self {
        match self {
            Self::Best(Some(id)) => Self::Best(Some(number(*id))),
            Self::Sample(id) => Self::Sample(number(*id)),
            other => other.clone(),
        }
    }

    /// Adds a value; none is a row as such.
    pub(super) fn add(
        &mut self,
        execution: &Execution<'_>,
        aggregate: &Aggregate<Expression>,
        value: Option<Id>,
    ) -> Flow {
        let id = value.unwrap_or(UNBOUND);
        match self {
            Self::Count(count) => {
                if value != Some(UNBOUND) {
                    *count += 1;
                }
            }
            Self::Sum(sum) => *sum = sum.take().and_then(|sum| sum.add(&execution.numeric(id)?)),
            Self::Average { sum, count } => {
                *sum = sum.take().and_then(|sum| sum.add(&execution.numeric(id)?));
                *count += 1;
            }
            Self::Best(best) => *best = best.and_then(|best| better(execution, aggregate, best, id)),
            Self::Sample(sample) => {
                if *sample == UNBOUND {
                    *sample = id;
                }
            }
            Self::Text(text) => {
                let Function::Concatenation(separator) = &aggregate.function else { return Flow::Continue(()) };
                // Of anything but a blank node, the text is taken.
                let part = execution.kind_of(id).filter(|kind| *kind != TermKind::Blank);
                match (&mut *text, part.and_then(|_| execution.text_of(id))) {
                    (Some(so_far), Some(part)) => {
                        execution.budget.take(part.len() + separator.len())?;
                        so_far.push(&part, separator);
                    }
                    _ => *text = None,
                }
            }
        }
        Flow::Continue(())
    }

    pub(super) fn merge(&mut self, execution: &Execution<'_>, aggregate: &Aggregate<Expression>, other: &Self) -> Flow {
        let plus = |a: &mut Option<Number>, b: &Option<Number>| {
            *a = a.take().and_then(|a| a.add(b.as_ref()?));
        };
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => *a += b,
            (Self::Sum(a), Self::Sum(b)) => plus(a, b),
            (Self::Average { sum: a, count: n }, Self::Average { sum: b, count: m }) => {
                plus(a, b);
                *n += m;
            }
            (Self::Best(a), Self::Best(b)) => {
                *a = match (*a, *b) {
                    (Some(UNBOUND), b) => b,
                    (a, Some(UNBOUND)) => a,
                    (Some(a), Some(b)) => better(execution, aggregate, a, b),
                    _ => None,
                };
            }
            (Self::Sample(a @ UNBOUND), Self::Sample(b)) => *a = *b,
            (Self::Text(a), Self::Text(b)) => {
                let Function::Concatenation(separator) = &aggregate.function else { return Flow::Continue(()) };
                match (&mut *a, b) {
                    (Some(_), Some(b)) if !b.is_begun => {}
                    (Some(a), Some(b)) => {
                        execution.budget.take(b.value.len())?;
                        a.push(&b.value, separator);
                    }
                    _ => *a = None,
                }
            }
            _ => {}
        }
        Flow::Continue(())
    }

    /// Whether it is a sum that was rounded.
    pub(super) fn is_rounded(&self) -> bool {
        match self {
            Self::Sum(sum) | Self::Average { sum, .. } => matches!(sum, Some(Number::Float(_) | Number::Double(_))),
            _ => false,
        }
    }

    /// The term of the value, which is unbound when there is none.
    pub(super) fn finish(&self, execution: &Execution<'_>) -> Result<Id, Halt> {
        let number =
            |number: Option<Number>| number.map_or(Ok(UNBOUND), |number| execution.number(&Value::Number(number)));
        match self {
            Self::Count(count) => number(Some(Number::from(*count))),
            Self::Sum(sum) => number(sum.clone()),
            Self::Average { count: 0, .. } => number(Some(Number::from(0))),
            Self::Average { sum, count } => number(sum.as_ref().and_then(|sum| sum.divide(&Number::from(*count)))),
            Self::Best(best) => Ok(best.unwrap_or(UNBOUND)),
            Self::Sample(sample) => Ok(*sample),
            Self::Text(None) => Ok(UNBOUND),
            Self::Text(Some(text)) => execution.number(&Value::String(text.value.as_str().into())),
        }
    }
}

impl Execution<'_> {
    /// The number that a term is, if it is one.
    pub(super) fn numeric(&self, id: Id) -> Option<Number> {
        if let Some(known) = self.numbers.borrow().get(id) {
            return known;
        }
        let number = match self.value_of(id)? {
            Value::Number(number) => Some(number),
            _ => None,
        };
        self.numbers.borrow_mut().set(id, number.clone());
        number
    }
}

/// The better of two; none if one has no value.
fn better(execution: &Execution<'_>, aggregate: &Aggregate<Expression>, best: Id, other: Id) -> Option<Id> {
    match (best, other) {
        (_, UNBOUND) => None,
        (UNBOUND, other) => Some(other),
        (best, other) if best == other => Some(best),
        (best, other) => {
            let order = match (execution.numeric(other), execution.numeric(best)) {
                (Some(other), Some(best)) => other.order(&best),
                _ => value::order(&execution.value_of(other)?, &execution.value_of(best)?),
            };
            let wanted = if aggregate.function == Function::Minimum { Ordering::Less } else { Ordering::Greater };
            Some(if order == wanted { other } else { best })
        }
    }
}

impl Text {
    fn push(&mut self, value: &str, separator: &str) {
        if self.is_begun {
            self.value.push_str(separator);
        }
        self.is_begun = true;
        self.value.push_str(value);
    }
}
