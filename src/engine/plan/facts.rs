//! Which variables a pattern binds, always or perhaps.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use oxigraph::model::{BlankNode, Variable};
use spargebra::{
    algebra::{AggregateExpression, AggregateFunction, Expression, GraphPattern},
    term::{NamedNodePattern, TermPattern, TriplePattern},
};

use super::{Slot, Slots};
use crate::engine::algebra::operands;

/// The variables of one SELECT and their slots.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    names: Rc<RefCell<HashMap<String, Slot>>>,
    /// What the slots of all scopes of a query are called.
    slots: Rc<RefCell<Vec<String>>>,
}

/// The variables that a pattern binds in each of its solutions, and those that it may bind.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) certain: Slots,
    pub(super) possible: Slots,
}

impl Scope {
    pub(super) fn new() -> Self {
        Self { names: Rc::default(), slots: Rc::default() }
    }

    /// The scope of a sub-select: only the projected variables are the same.
    pub(super) fn inner(&self, projected: &[Variable]) -> Self {
        let names = projected.iter().map(|variable| (variable.as_str().to_owned(), self.slot(variable))).collect();
        Self { names: Rc::new(RefCell::new(names)), slots: Rc::clone(&self.slots) }
    }

    pub(super) fn slot(&self, variable: &Variable) -> Slot {
        self.named(variable.as_str().to_owned())
    }

    /// The slot of a blank node of a pattern, which is a variable without a name.
    fn blank(&self, node: &BlankNode) -> Slot {
        self.named(format!("_:{}", node.as_str()))
    }

    fn named(&self, name: String) -> Slot {
        let mut names = self.names.borrow_mut();
        if let Some(slot) = names.get(&name) {
            return *slot;
        }
        let mut slots = self.slots.borrow_mut();
        slots.push(if name.starts_with("_:") { name.clone() } else { format!("?{name}") });
        names.insert(name, slots.len() - 1);
        slots.len() - 1
    }

    /// A slot for something without a name.
    pub(super) fn fresh(&self) -> Slot {
        let mut slots = self.slots.borrow_mut();
        slots.push("?".to_owned());
        slots.len() - 1
    }

    /// Whether a slot is that of a variable of the query.
    pub(super) fn has_name(&self, slot: Slot) -> bool {
        self.slots.borrow().get(slot).is_some_and(|name| name.len() > 1 && name.starts_with('?'))
    }

    /// How many slots there are.
    pub(super) fn width(&self) -> usize {
        self.slots.borrow().len()
    }

    /// What the slots of all scopes are called.
    pub(super) fn names(&self) -> Vec<(String, Slot)> {
        self.slots.borrow().iter().cloned().zip(0..).collect()
    }

    pub(super) fn slots<'v>(&self, variables: impl IntoIterator<Item = &'v Variable>) -> Slots {
        variables.into_iter().map(|variable| self.slot(variable)).collect()
    }

    pub(super) fn of_term(&self, term: &TermPattern) -> Option<Slot> {
        match term {
            TermPattern::Variable(variable) => Some(self.slot(variable)),
            TermPattern::BlankNode(node) => Some(self.blank(node)),
            TermPattern::NamedNode(_) | TermPattern::Literal(_) => None,
        }
    }

    pub(super) fn of_name(&self, name: &NamedNodePattern) -> Option<Slot> {
        match name {
            NamedNodePattern::Variable(variable) => Some(self.slot(variable)),
            NamedNodePattern::NamedNode(_) => None,
        }
    }

    pub(super) fn of_triple(&self, triple: &TriplePattern) -> Slots {
        let places = [self.of_term(&triple.subject), self.of_name(&triple.predicate), self.of_term(&triple.object)];
        places.into_iter().flatten().collect()
    }

    /// The variables an expression looks at, those in its EXISTS too.
    pub(super) fn of_expression(&self, expression: &Expression) -> Slots {
        let mut slots = Slots::default();
        let mut todo = vec![expression];
        while let Some(expression) = todo.pop() {
            match expression {
                Expression::Variable(variable) | Expression::Bound(variable) => slots.insert(self.slot(variable)),
                Expression::Exists(pattern) => slots = slots.or(&self.mentioned(pattern)),
                _ => todo.extend(operands(expression)),
            }
        }
        slots
    }

    /// Everything a pattern looks at, bound by it or not.
    pub(super) fn mentioned(&self, pattern: &GraphPattern) -> Slots {
        let mut slots = self.facts(pattern).possible;
        let mut todo = vec![pattern];
        while let Some(pattern) = todo.pop() {
            match pattern {
                GraphPattern::Join { left, right }
                | GraphPattern::Lateral { left, right }
                | GraphPattern::Union { left, right }
                | GraphPattern::Minus { left, right } => todo.extend([&**left, &**right]),
                GraphPattern::LeftJoin { left, right, expression } => {
                    todo.extend([&**left, &**right]);
                    if let Some(expression) = expression {
                        slots = slots.or(&self.of_expression(expression));
                    }
                }
                GraphPattern::Filter { expr, inner } | GraphPattern::Extend { inner, expression: expr, .. } => {
                    todo.push(inner);
                    slots = slots.or(&self.of_expression(expr));
                }
                GraphPattern::Graph { inner, .. }
                | GraphPattern::Service { inner, .. }
                | GraphPattern::OrderBy { inner, .. } => todo.push(inner),
                // Other variables than the projected ones are other variables; those may be looked at and not bound.
                GraphPattern::Project { variables, .. } => slots = slots.or(&self.slots(variables)),
                GraphPattern::Bgp { .. }
                | GraphPattern::Path { .. }
                | GraphPattern::Values { .. }
                | GraphPattern::Distinct { .. }
                | GraphPattern::Reduced { .. }
                | GraphPattern::Slice { .. }
                | GraphPattern::Group { .. } => {}
            }
        }
        slots
    }

    /// What a pattern binds.
    pub(super) fn facts(&self, pattern: &GraphPattern) -> Facts {
        match pattern {
            GraphPattern::Bgp { patterns } => {
                let slots = patterns.iter().fold(Slots::default(), |slots, triple| slots.or(&self.of_triple(triple)));
                Facts::all(slots)
            }
            GraphPattern::Path { subject, object, .. } => {
                Facts::all([self.of_term(subject), self.of_term(object)].into_iter().flatten().collect())
            }
            GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
                self.facts(left).and(&self.facts(right))
            }
            GraphPattern::LeftJoin { left, right, .. } => {
                let (left, right) = (self.facts(left), self.facts(right));
                Facts { possible: left.possible.or(&right.possible), certain: left.certain }
            }
            GraphPattern::Union { left, right } => {
                let (left, right) = (self.facts(left), self.facts(right));
                Facts { possible: left.possible.or(&right.possible), certain: left.certain.and(&right.certain) }
            }
            GraphPattern::Graph { name, inner } | GraphPattern::Service { name, inner, .. } => {
                self.facts(inner).and(&Facts::all(self.of_name(name).into_iter().collect()))
            }
            GraphPattern::Extend { inner, variable, expression } => {
                let mut facts = self.facts(inner);
                let slot = self.slot(variable);
                facts.possible.insert(slot);
                let always = match expression {
                    Expression::NamedNode(_) | Expression::Literal(_) => true,
                    Expression::Variable(variable) => facts.certain.contains(self.slot(variable)),
                    _ => false,
                };
                if always {
                    facts.certain.insert(slot);
                }
                facts
            }
            GraphPattern::Minus { left: inner, .. }
            | GraphPattern::Filter { inner, .. }
            | GraphPattern::OrderBy { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => self.facts(inner),
            GraphPattern::Values { variables, bindings } => {
                let column = |n: usize, all: bool| {
                    let bound = |row: &Vec<_>| row.get(n).is_some_and(Option::is_some);
                    if all { bindings.iter().all(bound) } else { bindings.iter().any(bound) }
                };
                let slots = |all: bool| {
                    let columns = variables.iter().enumerate().filter(|(n, _)| column(*n, all));
                    columns.map(|(_, variable)| self.slot(variable)).collect()
                };
                Facts { certain: slots(true), possible: slots(false) }
            }
            GraphPattern::Project { inner, variables } => {
                let facts = self.inner(variables).facts(inner);
                let projected = self.slots(variables);
                Facts { certain: facts.certain.and(&projected), possible: facts.possible.and(&projected) }
            }
            GraphPattern::Group { inner, variables, aggregates } => {
                let keys = self.slots(variables);
                let facts = self.facts(inner);
                let mut facts = Facts { certain: facts.certain.and(&keys), possible: facts.possible.and(&keys) };
                for (variable, aggregate) in aggregates {
                    let slot = self.slot(variable);
                    facts.possible.insert(slot);
                    if is_count(aggregate) {
                        facts.certain.insert(slot);
                    }
                }
                facts
            }
        }
    }
}

fn is_count(aggregate: &AggregateExpression) -> bool {
    match aggregate {
        AggregateExpression::CountSolutions { .. } => true,
        AggregateExpression::FunctionCall { name, .. } => *name == AggregateFunction::Count,
    }
}

impl Facts {
    pub(super) fn all(slots: Slots) -> Self {
        Self { certain: slots.clone(), possible: slots }
    }

    #[must_use]
    pub(super) fn and(&self, other: &Self) -> Self {
        Self { certain: self.certain.or(&other.certain), possible: self.possible.or(&other.possible) }
    }
}
