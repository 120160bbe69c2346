//! Conditions of FILTER, and EXISTS.

use std::cmp::Ordering;

use oxigraph::model::{TermRef, vocab::xsd};

use super::{Execution, Flow, Halt, key::Key, value::Value};
use crate::{
    dataset::Id,
    engine::{
        plan::{Comparison, Condition, Exists, Place, Sought, TextTest},
        terms::UNBOUND,
    },
};

/// How many answers of one EXISTS are remembered.
const REMEMBERED: usize = 1 << 16;

impl<'q> Execution<'q> {
    /// Whether a condition holds for a row. What has no value does not hold.
    pub(super) fn holds(&self, condition: &'q Condition, row: &mut [Id]) -> Result<bool, Halt> {
        Ok(match condition {
            Condition::Exists(exists) => self.exists(exists, row)?,
            Condition::Not(condition) => !self.holds(condition, row)?,
            Condition::Any(conditions) => {
                for condition in conditions {
                    if self.holds(condition, row)? {
                        return Ok(true);
                    }
                }
                false
            }
            Condition::Bound(slot) => row[*slot] != UNBOUND,
            Condition::Same(a, b) => {
                let value = |place: &Place| match place {
                    Place::Term(id) => *id,
                    Place::Slot(slot) => row[*slot],
                };
                value(a) == value(b) && value(a) != UNBOUND
            }
            Condition::Text { slot, constant } => row[*slot] == *constant,
            Condition::Language { slot, tag } => match self.terms.borrow().term(row[*slot]) {
                Some(TermRef::Literal(literal)) => literal.language().unwrap_or_default() == tag,
                _ => false,
            },
            Condition::Compare { slot, comparison, constant } => {
                let terms = self.terms.borrow();
                match (terms.term(row[*slot]), terms.term(*constant)) {
                    (Some(a), Some(b)) => {
                        // One term is equal to itself, whatever its datatype.
                        let order = Value::of(a).compare(&Value::of(b));
                        let same = row[*slot] == *constant && !is_nan(a);
                        comparison.holds(if same { Some(Ordering::Equal) } else { order })
                    }
                    _ => false,
                }
            }
            Condition::CompareTexts { a, b, comparison } => {
                let terms = self.terms.borrow();
                let text = |place: &Place| match Self::value_at(*place, row).and_then(|id| terms.term(id))? {
                    TermRef::NamedNode(node) => Some(node.as_str()),
                    TermRef::Literal(literal) => Some(literal.value()),
                    TermRef::BlankNode(_) => None,
                };
                comparison.holds(text(a).zip(text(b)).map(|(a, b)| a.cmp(b)))
            }
            Condition::Holds(sought) => self.is_found(sought, row[sought.slot]),
            Condition::General(general) => self.is_true(general, row)?,
        })
    }

    fn is_found(&self, sought: &Sought, id: Id) -> bool {
        let terms = self.terms.borrow();
        let text = match terms.term(id) {
            Some(TermRef::NamedNode(node)) if sought.in_any => node.as_str(),
            Some(TermRef::Literal(literal))
                if sought.in_any || literal.language().is_some() || literal.datatype() == xsd::STRING =>
            {
                literal.value()
            }
            _ => return false,
        };
        if sought.in_lower_case { sought.is_in(&text.to_lowercase()) } else { sought.is_in(text) }
    }

    /// Whether a pattern has a match for a row.
    pub(super) fn exists(&self, exists: &'q Exists, row: &mut [Id]) -> Result<bool, Halt> {
        let key = Key::of(row, &exists.keys);
        if let Some(found) = self.found[exists.index].borrow().get(&key) {
            return Ok(*found);
        }
        let mut found = false;
        let flow = self.run(&exists.inner, row, &mut |_| {
            found = true;
            Flow::Break(Halt::Enough)
        });
        if flow == Flow::Break(Halt::Failed) {
            return Err(Halt::Failed);
        }
        let mut remembered = self.found[exists.index].borrow_mut();
        if remembered.len() < REMEMBERED {
            remembered.insert(key, found);
        }
        Ok(found)
    }
}

impl Sought {
    fn is_in(&self, text: &str) -> bool {
        match self.test {
            TextTest::Contains => text.contains(&self.text),
            TextTest::Starts => text.starts_with(&self.text),
            TextTest::Ends => text.ends_with(&self.text),
        }
    }
}

impl Comparison {
    fn holds(self, order: Option<Ordering>) -> bool {
        order.is_some_and(|order| match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        })
    }
}

fn is_nan(term: TermRef<'_>) -> bool {
    match Value::of(term) {
        Value::Number(number) => f64::from(number.double()).is_nan(),
        _ => false,
    }
}
