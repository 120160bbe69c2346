//! Aggregates while they are made: what each has of its group so far.

use oxigraph::model::{Literal, TermRef, vocab::xsd};

use super::{
    Execution, Flow,
    value::{Number, Sortable},
};
use crate::{
    dataset::Id,
    engine::{
        plan::{Aggregate, Function},
        terms::{Terms, UNBOUND},
    },
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
    pub(super) fn new(aggregate: &Aggregate) -> Self {
        let zero = Some(Number::Integer(0.into()));
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
    pub(super) fn add(&mut self, execution: &Execution<'_>, aggregate: &Aggregate, value: Option<Id>) -> Flow {
        let number = |id| execution.number(id);
        let id = value.unwrap_or(UNBOUND);
        match self {
            Self::Count(count) => {
                if value != Some(UNBOUND) {
                    *count += 1;
                }
            }
            Self::Sum(sum) => *sum = sum.and_then(|sum| sum.add(number(id)?)),
            Self::Average { sum, count } => {
                *sum = sum.and_then(|sum| sum.add(number(id)?));
                *count += 1;
            }
            Self::Best(best) => *best = best.and_then(|best| better(execution, aggregate, best, id)),
            Self::Sample(sample) => {
                if *sample == UNBOUND {
                    *sample = id;
                }
            }
            Self::Text(text) => {
                let terms = execution.terms.borrow();
                let Some(so_far) = text else { return Flow::Continue(()) };
                let (Function::Concatenation(separator), Some(part)) = (&aggregate.function, terms.term(id)) else {
                    *text = None;
                    return Flow::Continue(());
                };
                let before = so_far.value.len();
                if so_far.add(part, separator) {
                    execution.budget.take(so_far.value.len() - before)?;
                } else {
                    *text = None;
                }
            }
        }
        Flow::Continue(())
    }

    pub(super) fn merge(&mut self, execution: &Execution<'_>, aggregate: &Aggregate, other: &Self) -> Flow {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => *a += b,
            (Self::Sum(a), Self::Sum(b)) => *a = a.and_then(|a| a.add((*b)?)),
            (Self::Average { sum: a, count: n }, Self::Average { sum: b, count: m }) => {
                *a = a.and_then(|a| a.add((*b)?));
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
                    (Some(a), Some(b)) => {
                        execution.budget.take(b.value.len())?;
                        a.append(b, separator);
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

    /// The value, which is unbound when there is none.
    pub(super) fn finish(&self, aggregate: &Aggregate, terms: &mut Terms<'_>) -> Id {
        let mut number = |number: Option<Number>| number.map_or(UNBOUND, |n| terms.number(n.literal().into()));
        match self {
            Self::Count(count) => terms.number(Literal::from(*count).into()),
            Self::Sum(sum) => number(*sum),
            Self::Average { count: 0, .. } => number(Some(Number::Integer(0.into()))),
            Self::Average { sum, count } => number(sum.and_then(|sum| sum.divide(*count))),
            Self::Best(best) => best.unwrap_or(UNBOUND),
            Self::Sample(sample) => *sample,
            Self::Text(text) => {
                debug_assert!(matches!(aggregate.function, Function::Concatenation(_)), "only texts are joined");
                text.as_ref().map_or(UNBOUND, |text| terms.number(Literal::from(text.value.clone()).into()))
            }
        }
    }
}

/// The better of two; none if one has no value.
fn better(execution: &Execution<'_>, aggregate: &Aggregate, best: Id, other: Id) -> Option<Id> {
    match (best, other) {
        (_, UNBOUND) => None,
        (UNBOUND, other) => Some(other),
        (best, other) if best == other => Some(best),
        (best, other) => {
            let order = if let (Some(other), Some(best)) = (execution.number(other), execution.number(best)) {
                other.order(best)
            } else {
                let terms = execution.terms.borrow();
                Sortable::of(terms.cell(other)).compare(&Sortable::of(terms.cell(best)))
            };
            let wanted = if aggregate.function == Function::Minimum {
                std::cmp::Ordering::Less
            } else {
                std::cmp::Ordering::Greater
            };
            Some(if order == wanted { other } else { best })
        }
    }
}

impl Text {
    /// Adds a string; false if it is none.
    fn add(&mut self, part: TermRef<'_>, separator: &str) -> bool {
        let TermRef::Literal(literal) = part else { return false };
        let is_text = literal.language().is_some() || literal.datatype() == xsd::STRING;
        if is_text {
            self.push(literal.value(), separator);
        }
        is_text
    }

    fn append(&mut self, other: &Self, separator: &str) {
        if other.is_begun {
            self.push(&other.value, separator);
        }
    }

    fn push(&mut self, value: &str, separator: &str) {
        if self.is_begun {
            self.value.push_str(separator);
        }
        self.is_begun = true;
        self.value.push_str(value);
    }
}
