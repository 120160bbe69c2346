//! A group as a sequence: its items in the cheapest order that is found, and what happens to the rows as early as it may.

use spargebra::algebra::GraphPattern;

use super::{
    GraphPlace, Node, Operator, PathScan, Place, Scan, Slot, Slots, Table, Unsupported, Value,
    compile::{Compiler, Context},
    correlate::may_see,
    facts::{Facts, Scope},
    group::{Act, Flat, Item, facts_in},
    order::Sort,
};
use crate::engine::terms::UNBOUND;

/// How many items of a group are tried as the first.
const STARTS: usize = 8;

/// What a row of a table costs, compared with a row that is looked at.
const TABLE_ROW: f64 = 4.0;

/// A group that is being put in order.
pub(super) struct Sequence<'q> {
    pub(super) nodes: Vec<Node>,
    pub(super) bound: Facts,
    pub(super) rows: f64,
    pub(super) acts: Vec<Option<(Act<'q>, GraphPlace, Facts)>>,
    /// What the items that are not joined yet may bind.
    items: Vec<Option<Slots>>,
    /// What the whole group binds.
    facts: Facts,
}

impl Sequence<'_> {
    /// What comes after it, as if it were by itself.
    fn after(before: &Sequence<'_>) -> Self {
        Self {
            nodes: Vec::new(),
            bound: before.bound.clone(),
            rows: before.rows,
            acts: Vec::new(),
            items: Vec::new(),
            facts: Facts::default(),
        }
    }

    pub(super) fn push(&mut self, node: Node, rows: f64, facts: &Facts) {
        self.nodes.push(node);
        self.rows = rows.max(1e-3);
        self.bound = self.bound.and(facts);
    }

    /// Whether nothing that comes before an act can bind a variable any more.
    pub(super) fn is_settled(&self, slot: Slot, act: usize, scope: &Scope) -> bool {
        if self.bound.certain.contains(slot) || !self.facts.possible.contains(slot) {
            return true;
        }
        let binds = |act: &Act<'_>| match act {
            Act::Optional { right, .. } => scope.facts(right).possible.contains(slot),
            Act::Extend { variable, .. } => scope.slot(variable) == slot,
            Act::Alias { slot: alias, .. } => *alias == slot,
            Act::Filter(_) | Act::Minus(_) => false,
        };
        !self.items.iter().flatten().any(|possible| possible.contains(slot))
            && !self.acts[..act].iter().flatten().any(|(act, ..)| binds(act))
    }
}

impl Compiler<'_> {
    /// A group: its items in the cheapest order that is found, and what happens to the rows as early as it may.
    ///
    /// Gives true if it has sorted the rows too.
    pub(super) fn group(
        &mut self,
        pattern: &GraphPattern,
        context: &Context,
        sort: Option<&Sort<'_>>,
    ) -> Result<(Node, bool), Unsupported> {
        let Flat { mut items, acts, facts } = self.flatten(pattern, &context.scope, context.graph)?;
        let mut acts: Vec<_> = acts.into_iter().map(Some).collect();
        let wanted = self.take_words(&mut acts, &items, &context.scope);
        items.extend(wanted.iter().map(|wanted| (Item::Words(wanted), context.graph, wanted.facts())));
        for (item, ..) in &items {
            self.learn(item, &context.scope);
        }
        let mut sequence = Sequence {
            nodes: Vec::new(),
            bound: context.bound.clone(),
            rows: 1.0,
            acts,
            items: items.iter().map(|(_, _, facts)| Some(facts.possible.clone())).collect(),
            facts,
        };
        self.settle(&mut sequence, context)?;
        for at in self.best_order(&items, context) {
            let (item, graph, facts) = &items[at];
            self.join(item, *graph, facts, &mut sequence, context)?;
            sequence.items[at] = None;
            self.settle(&mut sequence, context)?;
        }
        let is_sorted = match sort {
            Some(sort) if sequence.acts.iter().any(Option::is_some) => self.sort_early(sort, &mut sequence, context)?,
            _ => false,
        };
        for at in 0..sequence.acts.len() {
            if let Some((act, graph, _)) = sequence.acts[at].take() {
                self.act(act, graph, &mut sequence, context)?;
                self.settle(&mut sequence, context)?;
            }
        }
        let Sequence { mut nodes, rows, .. } = sequence;
        let node = match nodes.len() {
            0 => self.node(1.0, Operator::Unit),
            1 => nodes.swap_remove(0),
            _ => self.node(rows, Operator::Sequence(nodes)),
        };
        Ok((node, is_sorted))
    }

    /// Remembers what VALUES says, to estimate with.
    fn learn(&mut self, item: &Item<'_>, scope: &Scope) {
        if let Item::Values { variables, rows: [row] } = item {
            for (variable, term) in variables.iter().zip(row) {
                if let Some(term) = term {
                    let id = self.ground(term);
                    self.known.insert(scope.slot(variable), id);
                }
            }
        }
    }

    /// Puts filters where all they look at is settled.
    fn settle(&mut self, sequence: &mut Sequence<'_>, context: &Context) -> Result<(), Unsupported> {
        for at in 0..sequence.acts.len() {
            let Some((act, graph, _)) = &sequence.acts[at] else { continue };
            let scope = &context.scope;
            let looked_at = match act {
                Act::Filter(expression) => scope.of_expression(expression),
                Act::Minus(right) => scope.facts(right).possible,
                Act::Optional { .. } | Act::Extend { .. } | Act::Alias { .. } => continue,
            };
            if looked_at.iter().all(|slot| sequence.is_settled(slot, at, scope)) {
                let (act, graph) = (*act, *graph);
                sequence.acts[at] = None;
                self.act(act, graph, sequence, context)?;
            }
        }
        Ok(())
    }

    /// Greedily, from some of the items that could come first; what is cheapest in all.
    fn best_order(&self, items: &[(Item<'_>, GraphPlace, Facts)], context: &Context) -> Vec<usize> {
        let bound = &context.bound.certain;
        let estimate = |at: usize, bound: &Slots| {
            let (item, graph, _) = &items[at];
            self.estimate_item(item, *graph, &context.scope, bound)
        };
        let mut starts: Vec<usize> = (0..items.len()).collect();
        starts.sort_by(|a, b| estimate(*a, bound).rows.total_cmp(&estimate(*b, bound).rows));
        starts.truncate(if items.len() > 20 { 2 } else { STARTS });
        let orders = starts.into_iter().map(|start| {
            let mut order = vec![start];
            let mut sum = estimate(start, bound);
            let mut bound = bound.or(&items[start].2.certain);
            let mut todo: Vec<usize> = (0..items.len()).filter(|at| *at != start).collect();
            while !todo.is_empty() {
                let next = todo.iter().enumerate().map(|(n, at)| {
                    let next = estimate(*at, &bound);
                    let apart = !items[*at].2.possible.meets(&bound) && next.rows > 1.0;
                    (apart, next, n)
                });
                let least = next.min_by(|a, b| {
                    a.0.cmp(&b.0).then(a.1.rows.total_cmp(&b.1.rows)).then(a.1.cost.total_cmp(&b.1.cost))
                });
                let Some((_, next, n)) = least else { break };
                let at = todo.remove(n);
                order.push(at);
                sum = sum.then(next);
                bound = bound.or(&items[at].2.certain);
            }
            (sum.cost, order)
        });
        orders.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, order)| order).unwrap_or_default()
    }

    fn join(
        &mut self,
        item: &Item<'_>,
        graph: GraphPlace,
        facts: &Facts,
        sequence: &mut Sequence<'_>,
        context: &Context,
    ) -> Result<(), Unsupported> {
        let scope = &context.scope;
        let estimate = self.estimate_item(item, graph, scope, &sequence.bound.certain);
        let rows = sequence.rows * estimate.rows;
        self.work += context.times * sequence.rows * estimate.cost;
        let operator = match item {
            Item::Triple(triple) => Operator::Scan(Scan {
                subject: self.place(&triple.subject, scope),
                predicate: self.place_of_name(&triple.predicate, scope),
                object: self.place(&triple.object, scope),
                graph,
            }),
            Item::Path { subject, path, object } => Operator::Path(PathScan {
                subject: self.place(subject, scope),
                path: self.step(path),
                object: self.place(object, scope),
                graph: match graph {
                    GraphPlace::Default => None,
                    GraphPlace::Named(Place::Term(name)) => Some(name),
                    GraphPlace::Named(Place::Slot(_)) => {
                        return Err(Unsupported("a property path in the graph of a variable"));
                    }
                },
            }),
            Item::Values { variables, rows } => Operator::Values {
                slots: variables.iter().map(|variable| scope.slot(variable)).collect(),
                rows: rows
                    .iter()
                    .map(|row| row.iter().map(|term| term.as_ref().map_or(UNBOUND, |term| self.ground(term))).collect())
                    .collect(),
            },
            Item::Words(wanted) => {
                self.work += self.words_to_read(wanted);
                Operator::Words(self.words(wanted))
            }
            Item::GraphName => match graph {
                GraphPlace::Named(place) => Operator::GraphName(place),
                GraphPlace::Default => Operator::Unit,
            },
            Item::Whole(pattern) => {
                let node = self.whole(pattern, graph, facts, sequence, context)?;
                sequence.push(node, rows, facts);
                return Ok(());
            }
        };
        let node = self.node(rows, operator);
        sequence.push(node, rows, facts);
        Ok(())
    }

    /// A pattern that is compiled by itself: done for each row, if it may see the row and that is cheaper, or else made
    /// into a table.
    fn whole(
        &mut self,
        pattern: &GraphPattern,
        graph: GraphPlace,
        facts: &Facts,
        sequence: &Sequence<'_>,
        context: &Context,
    ) -> Result<Node, Unsupported> {
        let context = Context { graph, ..context.clone() };
        let seen = sequence.bound.possible.and(&facts.possible);
        let times = context.times * sequence.rows;
        let alone = self.estimate(pattern, &context.scope, &Slots::default());
        let is_first = seen.is_empty() && times <= 1.0 && sequence.nodes.is_empty();
        // What comes first in a group may come after something around it, which a filter in it must not see.
        if is_first && may_see(&context.scope, pattern, &sequence.bound.possible) {
            return self.pattern(pattern, &Context { needed: None, most: None, ordered: false, ..context });
        }
        if !seen.is_empty() && may_see(&context.scope, pattern, &sequence.bound.possible) {
            let each = self.estimate(pattern, &context.scope, &sequence.bound.certain);
            if times * (each.cost + 1.0) <= alone.cost + alone.rows * TABLE_ROW + times {
                return self.pattern(pattern, &context.inside(&sequence.bound, sequence.rows));
            }
        }
        let table = self.table(pattern, facts, &sequence.bound, &context)?;
        Ok(self.node(sequence.rows * alone.rows.min(1.0), Operator::Table(table)))
    }

    fn table(
        &mut self,
        pattern: &GraphPattern,
        facts: &Facts,
        bound: &Facts,
        context: &Context,
    ) -> Result<Table, Unsupported> {
        if let GraphPlace::Named(Place::Slot(_)) = context.graph {
            return Err(Unsupported("a group of its own in the graph of a variable"));
        }
        if !context.around.is_empty() && !may_see(&context.scope, pattern, &context.around) {
            return Err(Unsupported("a group of its own in an EXISTS that sees what is around it"));
        }
        let inner = Box::new(self.pattern(pattern, &context.apart())?);
        self.tables += 1;
        Ok(Table {
            inner,
            index: self.tables - 1,
            slots: facts.possible.iter().collect(),
            keys: facts.certain.and(&bound.certain).iter().collect(),
        })
    }

    fn act(
        &mut self,
        act: Act<'_>,
        graph: GraphPlace,
        sequence: &mut Sequence<'_>,
        context: &Context,
    ) -> Result<(), Unsupported> {
        let inside = Context { graph, ..context.inside(&sequence.bound, context.times * sequence.rows) };
        let scope = &context.scope;
        match act {
            Act::Filter(expression) => {
                let condition = self.condition(expression, &inside)?;
                let rows = sequence.rows * 0.3;
                let node = self.node(rows, Operator::Filter(condition));
                sequence.push(node, rows, &Facts::default());
            }
            Act::Extend { variable, expression } => {
                let value = self.value(expression, &inside)?;
                let slot = scope.slot(variable);
                let mut facts = Facts { possible: [slot].into_iter().collect(), certain: Slots::default() };
                let always = match value {
                    Value::Term(_) => true,
                    Value::Slot(slot) => sequence.bound.certain.contains(slot),
                    Value::Text(_) | Value::Score(_) | Value::First(_) | Value::General(_) => false,
                };
                if always {
                    facts.certain.insert(slot);
                }
                let node = self.node(sequence.rows, Operator::Extend { slot, value });
                sequence.push(node, sequence.rows, &facts);
            }
            Act::Optional { right, condition } => {
                let facts = facts_in(scope, right, graph);
                let mut inner = Sequence::after(sequence);
                let node = self.whole(right, graph, &facts, &inner, &inside)?;
                let each = self.estimate(right, scope, &sequence.bound.certain);
                inner.push(node, sequence.rows * each.rows, &facts);
                if let Some(condition) = condition {
                    let inside = Context { bound: inner.bound.clone(), ..inside.clone() };
                    let condition = self.condition(condition, &inside)?;
                    let node = self.node(inner.rows, Operator::Filter(condition));
                    inner.push(node, inner.rows, &Facts::default());
                }
                let rows = inner.rows.max(sequence.rows);
                let right = if inner.nodes.len() == 1 {
                    inner.nodes.swap_remove(0)
                } else {
                    self.node(rows, Operator::Sequence(inner.nodes))
                };
                let node = self.node(rows, Operator::Optional(Box::new(right)));
                sequence.push(node, rows, &Facts { possible: facts.possible, certain: Slots::default() });
            }
            Act::Alias { slot, from } => {
                let node = self.node(sequence.rows, Operator::Extend { slot, value: Value::Slot(from) });
                sequence.push(node, sequence.rows, &Facts::all([slot].into_iter().collect()));
            }
            Act::Minus(right) => self.minus(right, graph, sequence, &inside)?,
        }
        Ok(())
    }

    fn minus(
        &mut self,
        right: &GraphPattern,
        graph: GraphPlace,
        sequence: &mut Sequence<'_>,
        inside: &Context,
    ) -> Result<(), Unsupported> {
        let scope = &inside.scope;
        let facts = facts_in(scope, right, graph);
        // The name of the graph that both are in is no part of their solutions.
        let shared = scope.facts(right).possible.and(&sequence.bound.possible);
        if shared.is_empty() {
            return Ok(());
        }
        let rows = sequence.rows * 0.3;
        let each = self.estimate(right, scope, &sequence.bound.certain);
        let alone = self.estimate(right, scope, &Slots::default());
        let always = shared.is_subset(&facts.certain.and(&sequence.bound.certain));
        let for_each = always
            && may_see(scope, right, &sequence.bound.possible)
            && inside.times * (each.cost + 1.0) <= alone.cost + alone.rows * TABLE_ROW + inside.times;
        let operator = if for_each {
            Operator::Without(Box::new(self.pattern(right, inside)?))
        } else {
            Operator::Minus(self.table(right, &facts, &sequence.bound, inside)?)
        };
        let node = self.node(rows, operator);
        sequence.push(node, rows, &Facts::default());
        Ok(())
    }
}
