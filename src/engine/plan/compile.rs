//! From a parsed query to a plan.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, Variable};
use spargebra::{
    Query,
    algebra::{AggregateExpression, AggregateFunction, GraphPattern, OrderExpression},
    term::{GroundTerm, NamedNodePattern, TermPattern},
};

use super::{
    Aggregate, Function, GraphPlace, Group, Node, Operator, PathScan, Place, Plan, Scan, Slot, Slots, SortKey, Table,
    Unsupported, Value, View,
    correlate::may_see,
    estimate::Estimate,
    facts::{Facts, Scope},
    group::{Act, Flat, Item, facts_in, is_matched_in_one_graph},
};
use crate::{
    dataset::{Dataset, Id},
    engine::{
        DatasetSpec,
        terms::{Constants, Terms, UNBOUND},
    },
};

/// How many items of a group are tried as the first.
const STARTS: usize = 8;

/// What a row of a table costs, compared with a row that is looked at.
const TABLE_ROW: f64 = 4.0;

/// A plan and the slots of the query's own variables.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) plan: Plan,
    /// Slots of the variables of a CONSTRUCT template.
    pub(crate) slots: HashMap<Variable, Slot>,
    /// What the slots are called.
    pub(crate) names: Vec<(String, Slot)>,
}

/// What a pattern is compiled for.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) scope: Scope,
    pub(super) graph: GraphPlace,
    /// What is bound when it begins.
    pub(super) bound: Facts,
    /// What is looked at afterwards; everything if none.
    needed: Option<Slots>,
    /// How many rows are wanted at most.
    most: Option<usize>,
    /// Whether the order of the rows matters.
    ordered: bool,
    /// How often it is done.
    pub(super) times: f64,
}

impl Context {
    /// For a pattern inside, done for each of some rows.
    pub(super) fn inside(&self, bound: &Facts, times: f64) -> Self {
        Self { bound: bound.clone(), needed: None, most: None, ordered: false, times: times.max(2.0), ..self.clone() }
    }

    /// For a table: nothing is bound, and it is done once.
    fn apart(&self) -> Self {
        Self { bound: Facts::default(), needed: None, most: None, ordered: false, times: 1.0, ..self.clone() }
    }
}

/// Makes plans for one dataset.
#[derive(Debug)]
pub(super) struct Compiler<'d> {
    pub(super) terms: Terms<'d>,
    /// Variables that VALUES gives one value: only to estimate with.
    pub(super) known: HashMap<Slot, Id>,
    nodes: usize,
    tables: usize,
    work: f64,
    pub(super) expressions: usize,
    pub(super) makes_terms: bool,
}

/// Makes the plan of a query.
///
/// # Errors
/// [`Unsupported`]
pub(crate) fn compile(query: &Query, spec: &DatasetSpec, dataset: &Dataset) -> Result<Compiled, Unsupported> {
    let mut compiler = Compiler {
        terms: Terms::new(dataset, Constants::default()),
        known: HashMap::new(),
        nodes: 0,
        tables: 0,
        work: 0.0,
        expressions: 0,
        makes_terms: false,
    };
    let scope = Scope::new();
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    let context = Context {
        scope: scope.clone(),
        graph: GraphPlace::Default,
        bound: Facts::default(),
        needed: None,
        most: None,
        ordered: true,
        times: 1.0,
    };
    let root = compiler.pattern(pattern, &context)?;
    let mut slots = HashMap::new();
    let columns = match query {
        Query::Construct { template, .. } => {
            for triple in template {
                let variables = [
                    variable_of_term(&triple.subject),
                    variable_of_name(&triple.predicate),
                    variable_of_term(&triple.object),
                ];
                slots.extend(variables.into_iter().flatten().map(|variable| (variable.clone(), scope.slot(variable))));
            }
            Vec::new()
        }
        _ => columns(pattern).iter().map(|variable| scope.slot(variable)).collect(),
    };
    let Compiler { terms, nodes, tables, work, expressions, makes_terms, .. } = compiler;
    let constants = terms.into_constants();
    let view = view(query, spec, dataset);
    let width = scope.width();
    let base = query.base_iri().cloned();
    Ok(Compiled {
        plan: Plan { root, width, columns, view, constants, nodes, tables, expressions, work, base, makes_terms },
        slots,
        names: scope.names(),
    })
}

fn variable_of_term(term: &TermPattern) -> Option<&Variable> {
    if let TermPattern::Variable(variable) = term { Some(variable) } else { None }
}

fn variable_of_name(name: &NamedNodePattern) -> Option<&Variable> {
    if let NamedNodePattern::Variable(variable) = name { Some(variable) } else { None }
}

fn columns(pattern: &GraphPattern) -> &[Variable] {
    match pattern {
        GraphPattern::Project { variables, .. } => variables,
        GraphPattern::Slice { inner, .. } | GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => {
            columns(inner)
        }
        _ => &[],
    }
}

/// The dataset of the protocol, or else that of the query. A graph that is not there is an empty one.
pub(crate) fn view(query: &Query, spec: &DatasetSpec, dataset: &Dataset) -> View {
    let numbers = |graphs: &[NamedNode]| {
        let number = |graph: &NamedNode| dataset.graph_number(dataset.id(graph.as_ref().into())?);
        let mut numbers: Vec<_> = graphs.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    };
    if let Some((default, named)) = spec.graphs() {
        return View { default: numbers(default), named: numbers(named) };
    }
    match query.dataset() {
        Some(dataset) => {
            View { default: numbers(&dataset.default), named: numbers(dataset.named.as_deref().unwrap_or_default()) }
        }
        None => View::default(),
    }
}

impl Compiler<'_> {
    pub(super) fn node(&mut self, estimate: f64, operator: Operator) -> Node {
        self.nodes += 1;
        Node { id: self.nodes - 1, estimate, operator }
    }

    pub(super) fn pattern(&mut self, pattern: &GraphPattern, context: &Context) -> Result<Node, Unsupported> {
        match pattern {
            GraphPattern::Union { .. } => self.union(pattern, context),
            GraphPattern::Project { inner, variables } => {
                let scope = context.scope.inner(variables);
                let projected = context.scope.slots(variables);
                let bound = Facts {
                    certain: context.bound.certain.and(&projected),
                    possible: context.bound.possible.and(&projected),
                };
                let needed = Some(context.needed.as_ref().map_or(projected.clone(), |needed| needed.and(&projected)));
                self.pattern(inner, &Context { scope, bound, needed, ..context.clone() })
            }
            // REDUCED may leave duplicates in.
            GraphPattern::Reduced { inner } => self.pattern(inner, context),
            GraphPattern::Distinct { inner } => {
                let node = self.pattern(inner, &Context { most: None, needed: None, ..context.clone() })?;
                let slots = facts_in(&context.scope, inner, context.graph).possible.iter().collect();
                Ok(self.node(node.estimate, Operator::Distinct { inner: Box::new(node), slots }))
            }
            GraphPattern::Slice { inner, start, length } => {
                let most = length.and_then(|length| start.checked_add(length));
                let node = self.pattern(inner, &Context { most, ordered: true, ..context.clone() })?;
                let estimate = node.estimate.min(rows_of(*length));
                Ok(self.node(estimate, Operator::Slice { inner: Box::new(node), start: *start, length: *length }))
            }
            GraphPattern::OrderBy { inner, expression } => self.order(inner, expression, context),
            GraphPattern::Group { inner, variables, aggregates } => {
                self.grouping(inner, variables, aggregates, context)
            }
            GraphPattern::Graph { name: name @ NamedNodePattern::Variable(_), inner }
                if !is_matched_in_one_graph(inner) =>
            {
                self.each_graph(name, inner, context)
            }
            _ => Ok(self.group(pattern, context, None)?.0),
        }
    }

    /// A pattern that is matched in one graph after the other.
    fn each_graph(
        &mut self,
        name: &NamedNodePattern,
        inner: &GraphPattern,
        context: &Context,
    ) -> Result<Node, Unsupported> {
        let (place, alias) = self.graph_place(name, inner, &context.scope);
        let Place::Slot(slot) = place else { return Err(Unsupported("a graph without a variable")) };
        let bound = context.bound.and(&Facts::all([slot].into_iter().collect()));
        let graph = GraphPlace::Named(place);
        let name = self.node(1.0, Operator::GraphName(place));
        let node = self.pattern(inner, &Context { graph, ..context.inside(&bound, 2.0) })?;
        let estimate = node.estimate;
        let mut nodes = vec![name, node];
        if let Some((slot, from)) = alias {
            nodes.push(self.node(estimate, Operator::Extend { slot, value: Value::Slot(from) }));
        }
        Ok(self.node(estimate, Operator::Sequence(nodes)))
    }

    fn union(&mut self, pattern: &GraphPattern, context: &Context) -> Result<Node, Unsupported> {
        let context = Context { most: None, ..context.clone() };
        let (mut branches, mut todo) = (Vec::new(), vec![pattern]);
        while let Some(pattern) = todo.pop() {
            match pattern {
                GraphPattern::Union { left, right } => todo.extend([&**right, &**left]),
                branch => branches.push(self.pattern(branch, &context)?),
            }
        }
        let estimate = branches.iter().map(|branch| branch.estimate).sum();
        Ok(self.node(estimate, Operator::Union(branches)))
    }

    fn order(
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
    fn sort_early(
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

    fn grouping(
        &mut self,
        inner: &GraphPattern,
        variables: &[Variable],
        aggregates: &[(Variable, AggregateExpression)],
        context: &Context,
    ) -> Result<Node, Unsupported> {
        let scope = &context.scope;
        let facts = facts_in(scope, inner, context.graph);
        let node = self.pattern(inner, &Context { needed: None, most: None, ordered: false, ..context.clone() })?;
        let inside = context.inside(&facts.and(&context.bound), node.estimate);
        let aggregates = aggregates
            .iter()
            .map(|(variable, aggregate)| {
                let (function, distinct, value) = match aggregate {
                    AggregateExpression::CountSolutions { distinct } => (Function::Count, *distinct, None),
                    AggregateExpression::FunctionCall { name, expr, distinct } => {
                        (function(name)?, *distinct, Some(self.value(expr, &inside)?))
                    }
                };
                self.makes_terms |= function != Function::Count;
                let row = if value.is_none() && distinct { facts.possible.iter().collect() } else { Vec::new() };
                Ok(Aggregate { slot: scope.slot(variable), function, distinct, value, row })
            })
            .collect::<Result<_, _>>()?;
        let keys: Vec<Slot> = variables.iter().map(|variable| scope.slot(variable)).collect();
        let estimate = if keys.is_empty() { 1.0 } else { node.estimate.powf(0.7).max(1.0) };
        Ok(self.node(estimate, Operator::Group(Group { inner: Box::new(node), keys, aggregates })))
    }

    /// A group: its items in the cheapest order that is found, and what happens to the rows as early as it may.
    ///
    /// Gives true if it has sorted the rows too.
    fn group(
        &mut self,
        pattern: &GraphPattern,
        context: &Context,
        sort: Option<&Sort<'_>>,
    ) -> Result<(Node, bool), Unsupported> {
        let Flat { items, acts, facts } = self.flatten(pattern, &context.scope, context.graph)?;
        for (item, ..) in &items {
            self.learn(item, &context.scope);
        }
        let mut sequence = Sequence {
            nodes: Vec::new(),
            bound: context.bound.clone(),
            rows: 1.0,
            acts: acts.into_iter().map(Some).collect(),
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
        if seen.is_empty() && times <= 1.0 && sequence.nodes.is_empty() {
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
                self.makes_terms |= matches!(value, Value::General(_));
                let slot = scope.slot(variable);
                let mut facts = Facts { possible: [slot].into_iter().collect(), certain: Slots::default() };
                let always = match value {
                    Value::Term(_) => true,
                    Value::Slot(slot) => sequence.bound.certain.contains(slot),
                    Value::General(_) => false,
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
        let shared = facts.possible.and(&sequence.bound.possible);
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

    fn place(&mut self, term: &TermPattern, scope: &Scope) -> Place {
        match term {
            TermPattern::NamedNode(node) => Place::Term(self.terms.number(node.clone().into())),
            TermPattern::Literal(literal) => Place::Term(self.terms.number(literal.clone().into())),
            TermPattern::Variable(_) | TermPattern::BlankNode(_) => {
                scope.of_term(term).map_or(Place::Term(UNBOUND), Place::Slot)
            }
        }
    }

    fn place_of_name(&mut self, name: &NamedNodePattern, scope: &Scope) -> Place {
        match name {
            NamedNodePattern::NamedNode(node) => Place::Term(self.terms.number(node.clone().into())),
            NamedNodePattern::Variable(variable) => Place::Slot(scope.slot(variable)),
        }
    }

    pub(super) fn ground(&mut self, term: &GroundTerm) -> Id {
        self.terms.number(match term {
            GroundTerm::NamedNode(node) => node.clone().into(),
            GroundTerm::Literal(literal) => literal.clone().into(),
        })
    }
}

fn function(name: &AggregateFunction) -> Result<Function, Unsupported> {
    Ok(match name {
        AggregateFunction::Count => Function::Count,
        AggregateFunction::Sum => Function::Sum,
        AggregateFunction::Avg => Function::Average,
        AggregateFunction::Min => Function::Minimum,
        AggregateFunction::Max => Function::Maximum,
        AggregateFunction::Sample => Function::Sample,
        AggregateFunction::GroupConcat { separator } => {
            Function::Concatenation(separator.as_deref().unwrap_or(" ").to_owned())
        }
        AggregateFunction::Custom(_) => return Err(Unsupported("an aggregate that is not SPARQL's")),
    })
}

/// A number of rows to estimate with.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn rows_of(most: Option<usize>) -> f64 {
    most.map_or(f64::INFINITY, |most| most as f64)
}

/// ORDER BY, and how many rows are wanted.
struct Sort<'q> {
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

/// A group that is being put in order.
struct Sequence<'q> {
    nodes: Vec<Node>,
    bound: Facts,
    rows: f64,
    acts: Vec<Option<(Act<'q>, GraphPlace, Facts)>>,
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

    fn push(&mut self, node: Node, rows: f64, facts: &Facts) {
        self.nodes.push(node);
        self.rows = rows.max(1e-3);
        self.bound = self.bound.and(facts);
    }

    /// Whether nothing that comes before an act can bind a variable any more.
    fn is_settled(&self, slot: Slot, act: usize, scope: &Scope) -> bool {
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

impl Default for Estimate {
    fn default() -> Self {
        Self { rows: 1.0, cost: 0.0 }
    }
}
