//! ORDER BY: after a group, or before what a group only adds.

use super::{
    Node, Operator,
    estimate::rows_of,
    logical::{Condition, Facts, Logical, LogicalKind, LogicalStep},
    physical::{Context, Physical},
    sequence::Sequence,
};
use crate::sparql::Span;

/// ORDER BY, and how many rows are wanted.
pub(super) struct Sort<'l> {
    keys: &'l [(Condition, bool)],
    most: Option<usize>,
    span: Span,
}

impl Physical<'_, '_> {
    pub(super) fn order(
        &mut self,
        inner: &Logical,
        keys: &[(Condition, bool)],
        facts: &Facts,
        context: &Context,
        span: Span,
    ) -> Node {
        if !context.ordered {
            return self.node(inner, context);
        }
        let inside = Context { needed: None, most: None, ..context.clone() };
        let node = if let LogicalKind::Group { items, steps } = &inner.kind {
            let sort = Sort { keys, most: context.most, span };
            let (node, is_sorted) = self.group(items, steps, &inner.facts, &inside, Some(&sort), inner.span);
            if is_sorted {
                return node;
            }
            node
        } else {
            self.node(inner, &inside)
        };
        let keys = self.sort_keys(keys, &context.inside(&context.with(facts), node.estimate));
        let slots = match &context.needed {
            Some(needed) => facts.possible.and(needed),
            None => facts.possible.clone(),
        };
        let slots = slots.iter().collect();
        let sort = Operator::Sort { inner: Box::new(node), keys, slots, most: context.most };
        let estimate = rows_of(context.most);
        self.operator(estimate, sort, span)
    }

    /// Sorts before OPTIONAL and BIND add what the order does not depend on: they keep the order, and every row, so the
    /// first rows come from the first rows. False if it has to be done after them.
    pub(super) fn sort_early(&mut self, sort: &Sort<'_>, sequence: &mut Sequence<'_>, context: &Context) -> bool {
        let last = sequence.steps.len();
        let adds = |step: &&LogicalStep| match step {
            LogicalStep::Optional { .. } => true,
            // A variable that is bound already may take a row away.
            LogicalStep::Bind { slot, .. } => !sequence.bound.possible.contains(*slot),
            LogicalStep::Filter(_) | LogicalStep::Minus(_) => false,
        };
        let is_settled = |key: &Condition| key.seen.iter().all(|slot| sequence.is_settled(slot, last));
        if !sequence.steps.iter().flatten().all(adds) || !sort.keys.iter().all(|(key, _)| is_settled(key)) {
            return false;
        }
        let keys = self.sort_keys(sort.keys, &context.inside(&sequence.bound, sequence.rows));
        let rows = sequence.rows;
        let nodes = std::mem::take(&mut sequence.nodes);
        let inner = Box::new(self.operator(rows, Operator::Sequence(nodes), sort.span));
        let slots = sequence.bound.possible.iter().collect();
        let rows = rows.min(rows_of(sort.most));
        let node = self.operator(rows, Operator::Sort { inner, keys, slots, most: sort.most }, sort.span);
        sequence.push(node, rows, &Facts::default());
        true
    }
}
