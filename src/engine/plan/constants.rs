//! Pass: propagate constants. What VALUES binds to one value is that value in the expressions that see it, and a filter that
//! says which term a variable is becomes a row of VALUES, so that it is looked up and not sought.

use super::{
    Planner, Slot,
    expression::{Constant, Expression, Kind},
    logical::{Condition, Facts, Logical, LogicalKind, LogicalStep},
};
use crate::{
    engine::terms::UNBOUND,
    sparql::{Builtin, Comparison, Span},
    value::{self, Value},
};

/// Slots that have one value in every row.
type Known = Vec<(Slot, Constant)>;

impl Planner<'_> {
    /// Propagates constants everywhere in a plan.
    pub(super) fn propagate_constants(&mut self, plan: &mut Logical) {
        plan.rewrite(&mut |kind| {
            if let LogicalKind::Group { items, steps } = kind {
                self.look_up(items, steps);
                let known = self.known(items);
                if !known.is_empty() {
                    for step in steps.iter_mut() {
                        step.each_expression(&mut |expression| self.substitute(expression, &known));
                    }
                }
            }
        });
    }

    /// Puts VALUES in the place of filters that say which terms a variable is that the items of a group bind.
    fn look_up(&mut self, items: &mut Vec<Logical>, steps: &mut Vec<LogicalStep>) {
        let certain = items.iter().fold(Facts::default(), |facts, item| facts.and(&item.facts)).certain;
        let mut found = Vec::new();
        steps.retain(|step| {
            let LogicalStep::Filter(condition) = step else { return true };
            let Some((slot, ids)) = terms_of(condition).filter(|(slot, _)| certain.contains(*slot)) else {
                return true;
            };
            found.push((slot, ids, condition.span));
            false
        });
        for (slot, ids, span) in found {
            let rows = ids.into_iter().map(|id| vec![id]).collect();
            items.push(self.logical(LogicalKind::Values { slots: vec![slot], rows }, span));
        }
    }

    /// What the items of a group bind to one value.
    fn known(&self, items: &[Logical]) -> Known {
        let mut known = Known::new();
        for item in items {
            if let LogicalKind::Values { slots, rows } = &item.kind
                && let [row] = &rows[..]
            {
                let bound = slots.iter().zip(row).filter(|(_, id)| **id != UNBOUND);
                known.extend(bound.filter_map(|(slot, id)| {
                    let value = Value::of(self.terms.term(*id)?).into_owned();
                    Some((*slot, Constant { id: *id, value }))
                }));
            }
        }
        known
    }

    fn substitute(&mut self, expression: &mut Condition, known: &Known) {
        let constant =
            |slot: Slot| known.iter().find(|(bound, _)| *bound == slot).map(|(_, constant)| constant.clone());
        match &mut expression.kind {
            Kind::Slot(slot) => {
                if let Some(constant) = constant(*slot) {
                    expression.kind = Kind::Constant(constant);
                    expression.seen = super::Slots::default();
                }
            }
            Kind::Bound(slot) => {
                if constant(*slot).is_some() {
                    *expression = self.truth(true, expression.span);
                }
            }
            Kind::Exists(pattern) => {
                // An EXISTS sees the values of the row that it is evaluated for.
                pattern.rewrite(&mut |kind| kind.each_expression(&mut |inner| self.substitute(inner, known)));
            }
            kind => {
                kind.operands_mut().into_iter().for_each(|operand| self.substitute(operand, known));
                self.simplify(expression);
            }
        }
    }

    fn truth(&mut self, value: bool, span: Span) -> Condition {
        let constant = self.constant(&oxigraph::model::Literal::from(value).into());
        Expression { kind: Kind::Constant(constant), seen: super::Slots::default(), span, memo: None }
    }

    /// `!true || x` is whatever x is, as a condition.
    fn simplify(&mut self, expression: &mut Condition) {
        let of = |part: &Condition| part.constant().and_then(|constant| value::truth(&constant.value));
        match &mut expression.kind {
            Kind::Not(inner) => {
                if let Some(value) = of(inner) {
                    *expression = self.truth(!value, expression.span);
                    return;
                }
            }
            Kind::Or(parts) => {
                if parts.iter().any(|part| of(part) == Some(true)) {
                    *expression = self.truth(true, expression.span);
                    return;
                }
                parts.retain(|part| of(part) != Some(false));
                match parts.len() {
                    0 => {
                        *expression = self.truth(false, expression.span);
                        return;
                    }
                    1 if is_condition(&parts[0]) => *expression = parts.swap_remove(0),
                    _ => {}
                }
            }
            _ => {}
        }
        expression.seen = match &expression.kind {
            Kind::Slot(_) | Kind::Bound(_) | Kind::Exists(_) => return,
            kind => kind.operands().iter().fold(super::Slots::default(), |seen, operand| seen.or(&operand.seen)),
        };
    }
}

/// Whether its value, if it has one, is true or false.
fn is_condition(expression: &Condition) -> bool {
    matches!(
        expression.kind,
        Kind::Or(_)
            | Kind::And(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::In(..)
            | Kind::Bound(_)
            | Kind::Exists(_)
            | Kind::MatchesWords(_)
            | Kind::Regex(..)
    )
}

/// The terms that a variable is where a condition is true, if the condition says just that.
fn terms_of(condition: &Condition) -> Option<(Slot, Vec<crate::dataset::Id>)> {
    let constants = |list: &[Condition], is_sought: fn(&Value<'_>) -> bool| {
        let ids = list.iter().map(|one| one.constant().filter(|constant| is_sought(&constant.value)).map(|c| c.id));
        let mut ids: Vec<_> = ids.collect::<Option<_>>()?;
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    };
    match &condition.kind {
        Kind::Compare(Comparison::Equal, sides) => match (&sides[0], &sides[1]) {
            (one, other) if one.slot().is_some() => {
                Some((one.slot()?, constants(std::slice::from_ref(other), is_equal_to_itself_alone)?))
            }
            (other, one) => Some((one.slot()?, constants(std::slice::from_ref(other), is_equal_to_itself_alone)?)),
        },
        Kind::In(value, list) => Some((value.slot()?, constants(list, is_equal_to_itself_alone)?)),
        Kind::Call(Builtin::SameTerm, sides) => match &sides[..] {
            [one, other] if one.slot().is_some() => {
                Some((one.slot()?, constants(std::slice::from_ref(other), |_| true)?))
            }
            [other, one] => Some((one.slot()?, constants(std::slice::from_ref(other), |_| true)?)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether no other term is equal to it.
fn is_equal_to_itself_alone(value: &Value<'_>) -> bool {
    matches!(value, Value::Iri(_) | Value::String(_) | Value::Tagged { .. })
}
