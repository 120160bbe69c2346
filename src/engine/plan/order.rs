//! ORDER BY: after a group, or before what a group only adds.

use spargebra::algebra::{GraphPattern, OrderExpression};

use super::{
    GraphPlace, Node, Operator, SortKey, Unsupported,
    compile::{Compiler, Context, rows_of},
    facts::Facts,
    group::{Act, facts_in},
    sequence::Sequence,
};

/// ORDER BY, and how many rows are wanted.
pub(super) struct Sort<'q> {
    keys: &'q [OrderExpression],
    most: Option<usize>,
}

/// Whether a pattern is a group of patterns and what happens to their rows.
fn is_group(pattern: &GraphPattern) -> bool {
    matches!(
        pattern,
        GraphPattern::LeftJoin { .. }
            | GraphPattern::Extend { .. }
            | GraphPattern::Filter { .. }
            | GraphPattern::Join { .. }
            | GraphPattern::Bgp { .. }
    )
}

impl Compiler<'_> {
    pub(super) fn order(
        &mut self,
        inner: &GraphPattern,
        keys: &[OrderExpression],
        context: &Context,
    ) -> Result<Node, Unsupported> {
        if !context.ordered {
            return self.pattern(inner, context);
        }
        let facts = facts_in(&context.scope, inner, context.graph);
        let inside = Context { needed: None, most: None, ..context.clone() };
        let node = if is_group(inner) {
            let sort = Sort { keys, most: context.most };
            let (node, is_sorted) = self.group(inner, &inside, Some(&sort))?;
            if is_sorted {
                return Ok(node);
            }
            node
        } else {
            self.pattern(inner, &inside)?
        };
        let keys = self.sort_keys(keys, &context.inside(&facts.and(&context.bound), node.estimate))?;
        let slots = match &context.needed {
            Some(needed) => facts.possible.and(needed),
            None => facts.possible,
        };
        let slots = slots.iter().collect();
        Ok(self.node(node.estimate, Operator::Order { inner: Box::new(node), keys, slots, most: context.most }))
    }

    fn sort_keys(&mut self, keys: &[OrderExpression], context: &Context) -> Result<Vec<SortKey>, Unsupported> {
        let key = |key: &OrderExpression| {
            let (OrderExpression::Asc(expression) | OrderExpression::Desc(expression)) = key;
            let value = self.value(expression, context)?;
            Ok(SortKey { value, descending: matches!(key, OrderExpression::Desc(_)) })
        };
        keys.iter().map(key).collect()
    }

    /// Sorts before OPTIONAL and BIND add what the order does not depend on: they keep the order, and every row, so the
    /// first rows come from the first rows. False if it has to be done after them.
    pub(super) fn sort_early(
        &mut self,
        sort: &Sort<'_>,
        sequence: &mut Sequence<'_>,
        context: &Context,
    ) -> Result<bool, Unsupported> {
        let last = sequence.acts.len();
        let adds = |(act, ..): &(Act<'_>, GraphPlace, Facts)| matches!(act, Act::Optional { .. } | Act::Extend { .. });
        let mut keys = sort.keys.iter().map(|(OrderExpression::Asc(key) | OrderExpression::Desc(key))| key);
        let is_settled = |key| {
            let looked_at = context.scope.of_expression(key);
            looked_at.iter().all(|slot| sequence.is_settled(slot, last, &context.scope))
        };
        if !sequence.acts.iter().flatten().all(adds) || !keys.all(is_settled) {
            return Ok(false);
        }
        let keys = self.sort_keys(sort.keys, &context.inside(&sequence.bound, sequence.rows))?;
        let rows = sequence.rows;
        let nodes = std::mem::take(&mut sequence.nodes);
        let inner = Box::new(self.node(rows, Operator::Sequence(nodes)));
        let slots = sequence.bound.possible.iter().collect();
        let rows = rows.min(rows_of(sort.most));
        let node = self.node(rows, Operator::Order { inner, keys, slots, most: sort.most });
        sequence.push(node, rows, &Facts::default());
        Ok(true)
    }
}
