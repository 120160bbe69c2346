//! Whether a pattern may see what is bound around it.
//!
//! SPARQL evaluates a group by itself and joins the result. Handing it the row that it will be joined with gives the same
//! rows, faster, unless something in it would notice: a filter on a variable that the group does not bind, a limit, an
//! aggregate over what the row would restrict.

use spargebra::algebra::{Expression, GraphPattern};

use super::{
    Slots,
    facts::{Facts, Scope},
};

/// Whether the solutions of a pattern that agree with a row are those of the pattern started from the row, in which the
/// variables of `bound` may be bound.
pub(super) fn may_see(scope: &Scope, pattern: &GraphPattern, bound: &Slots) -> bool {
    sees(scope, pattern, bound, false)
}

/// The same for the pattern of an EXISTS, whose filters see the row by definition.
pub(super) fn may_exist(scope: &Scope, pattern: &GraphPattern, bound: &Slots) -> bool {
    sees(scope, pattern, bound, true)
}

fn sees(scope: &Scope, pattern: &GraphPattern, bound: &Slots, exists: bool) -> bool {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => true,
        GraphPattern::Join { left, right } | GraphPattern::Union { left, right } => {
            sees(scope, left, bound, exists) && sees(scope, right, bound, exists)
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            let facts = scope.facts(left);
            let right = scope.facts(right).possible;
            right.and(bound).is_subset(&facts.certain)
                && expression.as_ref().is_none_or(|e| is_settled(scope, e, &facts.and_possible(&right), bound, exists))
                && sees(scope, left, bound, exists)
        }
        GraphPattern::Minus { left, right } => {
            scope.facts(right).possible.and(bound).is_subset(&scope.facts(left).certain)
                && sees(scope, left, bound, exists)
        }
        GraphPattern::Filter { expr, inner } | GraphPattern::Extend { inner, expression: expr, .. } => {
            is_settled(scope, expr, &scope.facts(inner), bound, exists) && sees(scope, inner, bound, exists)
        }
        GraphPattern::Graph { inner, .. } | GraphPattern::OrderBy { inner, .. } => sees(scope, inner, bound, exists),
        // What the row puts in the place of nothing would be the same as something.
        GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => {
            let facts = scope.facts(inner);
            facts.possible.and(bound).is_subset(&facts.certain) && sees(scope, inner, bound, exists)
        }
        GraphPattern::Project { inner, variables } => {
            sees(&scope.inner(variables), inner, &bound.and(&scope.slots(variables)), false)
        }
        GraphPattern::Slice { inner, .. } => !scope.facts(inner).possible.meets(bound),
        GraphPattern::Group { inner, variables, .. } => {
            let (keys, facts) = (scope.slots(variables), scope.facts(inner));
            facts.possible.and(bound).is_subset(&keys.and(&facts.certain)) && sees(scope, inner, bound, false)
        }
        GraphPattern::Lateral { .. } | GraphPattern::Service { .. } => false,
    }
}

/// Whether an expression over a pattern has the same value with the row as without.
fn is_settled(scope: &Scope, expression: &Expression, facts: &Facts, bound: &Slots, exists: bool) -> bool {
    let seen = scope.of_expression(expression).and(bound);
    seen.iter().all(|slot| facts.certain.contains(slot) || (exists && !facts.possible.contains(slot)))
}

impl Facts {
    fn and_possible(&self, possible: &Slots) -> Self {
        Self { certain: self.certain.clone(), possible: self.possible.or(possible) }
    }
}
