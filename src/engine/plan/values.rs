//! Pass: join on values. Patterns of a group that share no variable, but of which a filter wants two expressions to be
//! equal, are a product of which most is thrown away. One side becomes a table that is looked up by value.

use super::{
    Planner, Slots,
    expression::Kind,
    logical::{Condition, Facts, Logical, LogicalKind, LogicalStep},
};
use crate::sparql::Comparison;

impl Planner<'_> {
    /// Finds joins on equal values everywhere in a plan.
    pub(super) fn join_on_values(&mut self, plan: &mut Logical) {
        plan.rewrite(&mut |kind| {
            if let LogicalKind::Group { items, steps } = kind
                && items.len() > 1
            {
                for step in steps.iter() {
                    if let LogicalStep::Filter(condition) = step {
                        self.join_on_value(items, condition);
                    }
                }
            }
        });
    }

    /// Puts together the items that are connected with one side of an equality, if none of them is connected with the other.
    fn join_on_value(&mut self, items: &mut Vec<Logical>, condition: &Condition) {
        let Kind::Compare(Comparison::Equal, sides) = &condition.kind else { return };
        let [first, second] = [&sides[0], &sides[1]].map(|side| connected(items, &side.seen));
        let is_joined = first.is_empty() || second.is_empty() || first.iter().any(|at| second.contains(at));
        // What is looked up already is not looked up by something else.
        let is_looked_up = second.iter().any(|at| matches!(items[*at].kind, LogicalKind::OnValue { .. }));
        if is_joined || is_looked_up {
            return;
        }
        let all =
            |those: &[usize]| those.iter().fold(Facts::default(), |facts, at| facts.and(&items[*at].facts)).certain;
        let Some(on) = equal_sides(condition, &all(&first), &all(&second)) else { return };
        let on = Box::new(on.map(Clone::clone));
        let (mut inner, mut others) = (Vec::new(), Vec::new());
        for (at, item) in std::mem::take(items).into_iter().enumerate() {
            if second.contains(&at) { &mut inner } else { &mut others }.push(item);
        }
        *items = others;
        let span = inner.first().map_or(condition.span, |item| item.span);
        let inner = Box::new(self.logical(LogicalKind::Group { items: inner, steps: Vec::new() }, span));
        items.push(self.logical(LogicalKind::OnValue { inner, on }, span));
    }
}

/// The items that are connected with variables, by themselves or by others.
fn connected(items: &[Logical], variables: &Slots) -> Vec<usize> {
    let (mut found, mut reached) = (Vec::new(), variables.clone());
    loop {
        let next = (0..items.len()).find(|at| !found.contains(at) && items[*at].facts.seen.meets(&reached));
        let Some(at) = next else { return found };
        reached = reached.or(&items[at].facts.seen);
        found.push(at);
    }
}

/// The sides of an equality of which one is known by the first variables, and the other by the second: in this order.
pub(super) fn equal_sides<'c>(condition: &'c Condition, first: &Slots, second: &Slots) -> Option<[&'c Condition; 2]> {
    let Kind::Compare(Comparison::Equal, sides) = &condition.kind else { return None };
    let is_plain = |side: &Condition| !side.seen.is_empty() && !side.has_exists() && !side.is_volatile();
    if !sides.iter().all(is_plain) {
        return None;
    }
    let [one, other] = [&sides[0], &sides[1]];
    if one.seen.is_subset(first) && other.seen.is_subset(second) {
        Some([one, other])
    } else if other.seen.is_subset(first) && one.seen.is_subset(second) {
        Some([other, one])
    } else {
        None
    }
}
