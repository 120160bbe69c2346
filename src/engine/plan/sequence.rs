//! A group as a sequence: its items in the cheapest order that is found, each by a nested loop or a hash join, and what
//! happens to the rows as early as it may.

use super::{
    Node, Operator, Slot, Slots,
    estimate::PASS,
    expression::Kind,
    logical::{Condition, Facts, Logical, LogicalKind, LogicalStep},
    order::Sort,
    physical::{Context, Physical},
    values::equal_sides,
};
use crate::{engine::terms::UNBOUND, sparql::Span};

/// How many items of a group are tried as the first.
const STARTS: usize = 8;

/// The same in a group of so many items that each try takes long.
const FEW_STARTS: usize = 2;
const MANY_ITEMS: usize = 20;

/// What a row of a table costs, compared with a row that is looked at.
const TABLE_ROW: f64 = 4.0;

/// A group that is being put in order.
pub(super) struct Sequence<'l> {
    pub(super) nodes: Vec<Node>,
    /// What is bound so far.
    pub(super) bound: Facts,
    pub(super) rows: f64,
    /// The steps that are not done yet.
    pub(super) steps: Vec<Option<&'l LogicalStep>>,
    /// What the items that are not joined yet may bind.
    items: Vec<Option<&'l Slots>>,
    /// What the whole group may bind.
    possible: &'l Slots,
}

impl<'l> Sequence<'l> {
    fn new(bound: Facts, rows: f64, possible: &'l Slots) -> Self {
        Self { nodes: Vec::new(), bound, rows, steps: Vec::new(), items: Vec::new(), possible }
    }

    pub(super) fn push(&mut self, node: Node, rows: f64, facts: &Facts) {
        self.nodes.push(node);
        self.rows = rows.max(1e-3);
        self.bound.certain = self.bound.certain.or(&facts.certain);
        self.bound.possible = self.bound.possible.or(&facts.possible);
    }

    /// Whether nothing that comes before a step can bind a variable any more.
    pub(super) fn is_settled(&self, slot: Slot, step: usize) -> bool {
        if self.bound.certain.contains(slot) || !self.possible.contains(slot) {
            return true;
        }
        !self.items.iter().flatten().any(|possible| possible.contains(slot))
            && !self.steps[..step].iter().flatten().any(|step| step.binds(slot))
    }
}

impl Physical<'_, '_> {
    /// A group. Gives true if it has sorted the rows too.
    pub(super) fn group(
        &mut self,
        items: &[Logical],
        steps: &[LogicalStep],
        facts: &Facts,
        context: &Context,
        sort: Option<&Sort<'_>>,
        span: Span,
    ) -> (Node, bool) {
        for item in items {
            self.learn(item);
        }
        let start = Facts { certain: context.certain.clone(), possible: context.possible.clone(), ..Facts::default() };
        let mut sequence = Sequence::new(start, 1.0, &facts.possible);
        sequence.steps = steps.iter().map(Some).collect();
        sequence.items = items.iter().map(|item| Some(&item.facts.possible)).collect();
        self.push_filters(&mut sequence, context);
        for at in self.best_order(items, context) {
            self.join(&items[at], &mut sequence, context);
            sequence.items[at] = None;
            self.push_filters(&mut sequence, context);
        }
        let is_sorted = match sort {
            Some(sort) if sequence.steps.iter().any(Option::is_some) => self.sort_early(sort, &mut sequence, context),
            _ => false,
        };
        for at in 0..sequence.steps.len() {
            if let Some(step) = sequence.steps[at].take() {
                self.step(step, &mut sequence, context);
                self.push_filters(&mut sequence, context);
            }
        }
        let Sequence { mut nodes, rows, .. } = sequence;
        let node = match nodes.len() {
            0 => self.operator(1.0, Operator::Unit, span),
            1 => nodes.swap_remove(0),
            _ => self.operator(rows, Operator::Sequence(nodes), span),
        };
        (node, is_sorted)
    }

    /// Remembers what VALUES says, to estimate with.
    fn learn(&mut self, item: &Logical) {
        if let LogicalKind::Values { slots, rows } = &item.kind
            && let [row] = &rows[..]
        {
            self.known.extend(slots.iter().copied().zip(row.iter().copied()).filter(|(_, id)| *id != UNBOUND));
        }
    }

    /// Puts filters where all they look at is settled.
    fn push_filters(&mut self, sequence: &mut Sequence<'_>, context: &Context) {
        for at in 0..sequence.steps.len() {
            let Some(step @ (LogicalStep::Filter(_) | LogicalStep::Minus(_))) = sequence.steps[at] else { continue };
            if step.seen().iter().all(|slot| sequence.is_settled(slot, at)) {
                sequence.steps[at] = None;
                self.step(step, sequence, context);
            }
        }
    }

    /// Greedily, from some of the items that could come first; what is cheapest in all.
    fn best_order(&mut self, items: &[Logical], context: &Context) -> Vec<usize> {
        if items.len() < 2 {
            return (0..items.len()).collect();
        }
        let bound = &context.certain;
        let first: Vec<f64> = items.iter().map(|item| self.estimate(item, bound).rows).collect();
        let mut starts: Vec<usize> = (0..items.len()).collect();
        starts.sort_by(|a, b| first[*a].total_cmp(&first[*b]));
        starts.truncate(if items.len() > MANY_ITEMS { FEW_STARTS } else { STARTS });
        let orders = starts.into_iter().map(|start| self.order_from(start, items, bound));
        let best = orders.min_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, order)| order).unwrap_or_default()
    }

    /// The cost of an order that begins with an item, and the order.
    fn order_from(&mut self, start: usize, items: &[Logical], bound: &Slots) -> (f64, Vec<usize>) {
        let mut order = vec![start];
        let mut sum = self.estimate(&items[start], bound);
        let mut bound = bound.or(&items[start].facts.certain);
        let mut todo: Vec<usize> = (0..items.len()).filter(|at| *at != start).collect();
        while !todo.is_empty() {
            let next = todo.iter().enumerate().map(|(n, at)| {
                let next = self.estimate(&items[*at], &bound);
                let is_looked_up = match &items[*at].kind {
                    LogicalKind::OnValue { on, .. } => on[0].seen.is_subset(&bound),
                    _ => false,
                };
                let apart = !is_looked_up && !items[*at].facts.possible.meets(&bound) && next.rows > 1.0;
                (apart, next, n)
            });
            let least = next
                .min_by(|a, b| a.0.cmp(&b.0).then(a.1.rows.total_cmp(&b.1.rows)).then(a.1.cost.total_cmp(&b.1.cost)));
            let Some((_, next, n)) = least else { break };
            let at = todo.remove(n);
            order.push(at);
            sum = sum.then(next);
            bound = bound.or(&items[at].facts.certain);
        }
        (sum.cost, order)
    }

    fn join(&mut self, item: &Logical, sequence: &mut Sequence<'_>, context: &Context) {
        let estimate = self.estimate(item, &sequence.bound.certain);
        let rows = sequence.rows * estimate.rows;
        self.work += context.times * sequence.rows * estimate.cost;
        let node = match (self.leaf(item, &sequence.bound.certain), &item.kind) {
            (Some(operator), _) => self.operator(rows, operator, item.span),
            (None, LogicalKind::OnValue { inner, on }) if on[0].seen.is_subset(&sequence.bound.certain) => {
                self.look_up(inner, [&on[0], &on[1]], sequence, context)
            }
            (None, _) => self.nested_or_hashed(item, sequence, context),
        };
        sequence.push(node, rows, &item.facts);
    }

    /// A pattern that is made of parts: done for each row, if it may see the row and that is cheaper, or else made into a
    /// table.
    fn nested_or_hashed(&mut self, pattern: &Logical, sequence: &Sequence<'_>, context: &Context) -> Node {
        let seen = sequence.bound.possible.and(&pattern.facts.possible);
        let times = context.times * sequence.rows;
        let strangers = sequence.bound.possible.without(&context.around);
        let may_see = !pattern.facts.blocked.meets(&strangers);
        let alone = self.estimate(pattern, &context.around.and(&context.certain));
        let is_first = seen.is_empty() && times <= 1.0 && sequence.nodes.is_empty();
        // What comes first in a group may come after something around it, which a filter in it must not see.
        if is_first && may_see {
            let inside = Context { needed: None, most: None, ordered: false, ..context.clone() };
            return self.node(pattern, &inside);
        }
        if !seen.is_empty() && may_see {
            let each = self.estimate(pattern, &sequence.bound.certain);
            if times * (each.cost + 1.0) <= alone.cost + alone.rows * TABLE_ROW + times {
                return self.node(pattern, &context.inside(&sequence.bound, times));
            }
        }
        let table = self.table(pattern, None, &sequence.bound, context);
        self.operator(sequence.rows * alone.rows.min(1.0), Operator::HashJoin(table), pattern.span)
    }

    /// A pattern whose rows are looked up by a value.
    fn look_up(&mut self, pattern: &Logical, on: [&Condition; 2], sequence: &Sequence<'_>, context: &Context) -> Node {
        let alone = self.estimate(pattern, &context.around.and(&context.certain));
        self.work += alone.cost;
        let table = self.table(pattern, Some(on), &sequence.bound, context);
        self.operator(sequence.rows, Operator::HashJoin(table), pattern.span)
    }

    fn step<'l>(&mut self, step: &'l LogicalStep, sequence: &mut Sequence<'l>, context: &Context) {
        let inside = context.inside(&sequence.bound, context.times * sequence.rows);
        match step {
            LogicalStep::Filter(condition) => self.filter(condition, sequence, &inside),
            LogicalStep::Bind { slot, value } => {
                let mut facts = Facts::default();
                facts.possible.insert(*slot);
                let always = match value.kind {
                    Kind::Constant(_) => true,
                    Kind::Slot(from) => sequence.bound.certain.contains(from),
                    _ => false,
                };
                if always {
                    facts.certain.insert(*slot);
                }
                let goes_on = matches!(sequence.nodes.last().map(|node| &node.operator), Some(Operator::Extend { .. }));
                let value_inside = self.value(value, &inside);
                let operator = Operator::Extend { slot: *slot, value: value_inside, begins: !goes_on };
                let node = self.operator(sequence.rows, operator, value.span);
                sequence.push(node, sequence.rows, &facts);
            }
            LogicalStep::Optional { inner, conditions } => self.optional(inner, conditions, sequence, &inside),
            LogicalStep::Minus(inner) => self.minus(inner, sequence, &inside),
        }
    }

    fn filter(&mut self, condition: &Condition, sequence: &mut Sequence<'_>, inside: &Context) {
        let rows = sequence.rows * PASS;
        let operator = Operator::Filter(self.value(condition, inside));
        let node = self.operator(rows, operator, condition.span);
        sequence.push(node, rows, &Facts::default());
    }

    fn optional(&mut self, pattern: &Logical, conditions: &[Condition], sequence: &mut Sequence<'_>, inside: &Context) {
        let mut inner = Sequence::new(sequence.bound.clone(), sequence.rows, &pattern.facts.possible);
        let each = self.estimate(pattern, &sequence.bound.certain);
        let is_apart = !pattern.facts.possible.meets(&sequence.bound.possible);
        let on = conditions.iter().find_map(|condition| {
            equal_sides(condition, &sequence.bound.certain, &pattern.facts.certain).filter(|_| is_apart)
        });
        let node = if let Some(on) = on {
            self.look_up(pattern, on, &inner, inside)
        } else if let Some(operator) = self.leaf(pattern, &sequence.bound.certain) {
            self.work += inside.times * each.cost;
            self.operator(sequence.rows * each.rows, operator, pattern.span)
        } else {
            let one_by_one = Context { times: inside.times / sequence.rows.max(1e-3), ..inside.clone() };
            self.nested_or_hashed(pattern, &inner, &one_by_one)
        };
        inner.push(node, sequence.rows * each.rows, &pattern.facts);
        for condition in conditions {
            let context = inside.inside(&inner.bound, inside.times);
            self.filter(condition, &mut inner, &context);
        }
        let rows = inner.rows.max(sequence.rows);
        let right = if inner.nodes.len() == 1 {
            inner.nodes.swap_remove(0)
        } else {
            self.operator(rows, Operator::Sequence(inner.nodes), pattern.span)
        };
        let node = self.operator(rows, Operator::LeftJoin(Box::new(right)), pattern.span);
        sequence.push(node, rows, &Facts { possible: pattern.facts.possible.clone(), ..Facts::default() });
    }

    /// MINUS. What an EXISTS puts in the place of variables is no part of a solution, and neither are the names of graphs
    /// that both sides are in; what shares no variable takes nothing away.
    fn minus(&mut self, pattern: &Logical, sequence: &mut Sequence<'_>, inside: &Context) {
        let shared = pattern.facts.possible.and(&sequence.bound.possible).without(&inside.around);
        if shared.is_empty() {
            return;
        }
        let rows = sequence.rows * PASS;
        let each = self.estimate(pattern, &sequence.bound.certain);
        let alone = self.estimate(pattern, &inside.around.and(&inside.certain));
        let always = shared.is_subset(&pattern.facts.certain.and(&sequence.bound.certain));
        let strangers = sequence.bound.possible.without(&inside.around);
        let for_each = always
            && !pattern.facts.blocked.meets(&strangers)
            && inside.times * (each.cost + 1.0) <= alone.cost + alone.rows * TABLE_ROW + inside.times;
        let operator = if for_each {
            self.work += inside.times * each.cost;
            Operator::AntiJoin(Box::new(self.node(pattern, inside)))
        } else {
            Operator::HashAntiJoin(self.table(pattern, None, &sequence.bound, inside))
        };
        let node = self.operator(rows, operator, pattern.span);
        sequence.push(node, rows, &Facts::default());
    }
}
