//! The last pass: from what is asked to what is done.

use rustc_hash::FxHashMap;

use super::{
    Aggregate, Exists, Group, Node, Numbers, Operator, PathScan, Place, Planner, Scan, Slot, Slots, SortKey, Table,
    Value, Words,
    estimate::{Estimate, rows_of},
    expression::Expression,
    logical::{Condition, Facts, Logical, LogicalKind},
};
use crate::{dataset::Id, sparql::Span};

/// What a node is planned for.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// What is bound when it begins: always, and perhaps.
    pub(super) certain: Slots,
    pub(super) possible: Slots,
    /// What is bound around a group and belongs to it all the same: what an EXISTS sees, and the names of the graphs around.
    pub(super) around: Slots,
    /// What is looked at afterwards; everything if none.
    pub(super) needed: Option<Slots>,
    /// How many rows are wanted at most.
    pub(super) most: Option<usize>,
    /// Whether the order of the rows matters.
    pub(super) ordered: bool,
    /// How often it is done.
    pub(super) times: f64,
}

impl Context {
    /// For what comes after something else, done for each of some rows.
    pub(super) fn inside(&self, facts: &Facts, times: f64) -> Self {
        Self {
            certain: facts.certain.clone(),
            possible: facts.possible.clone(),
            around: self.around.clone(),
            needed: None,
            most: None,
            ordered: false,
            times: times.max(2.0),
        }
    }

    /// For a table: nothing is bound but what belongs to it, and it is done once.
    pub(super) fn apart(&self) -> Self {
        Self {
            certain: self.certain.and(&self.around),
            possible: self.possible.and(&self.around),
            around: self.around.clone(),
            needed: None,
            most: None,
            ordered: false,
            times: 1.0,
        }
    }

    /// For all of what is inside, whatever becomes of it.
    fn all(&self) -> Self {
        Self { needed: None, most: None, ..self.clone() }
    }

    /// What is bound by others than those around.
    pub(super) fn strangers(&self) -> Slots {
        self.possible.without(&self.around)
    }
}

/// Chooses operators.
pub(super) struct Physical<'p, 'd> {
    pub(super) planner: &'p mut Planner<'d>,
    /// What was estimated, by the number of a node and what is bound of what it looks at.
    pub(super) estimates: FxHashMap<(usize, Slots), Estimate>,
    /// Variables that VALUES gives one value: only to estimate with.
    pub(super) known: FxHashMap<Slot, Id>,
    pub(super) numbers: Numbers,
    pub(super) work: f64,
}

/// The operators of a logical plan, how many states they have, and how many rows they are thought to look at.
pub(super) fn of(planner: &mut Planner<'_>, plan: &Logical) -> (Node, Numbers, f64) {
    let numbers = Numbers { patterns: planner.patterns, ..Numbers::default() };
    let (estimates, known) = (FxHashMap::default(), FxHashMap::default());
    let mut physical = Physical { planner, estimates, known, numbers, work: 0.0 };
    let root = physical.node(plan, &Context { ordered: true, times: 1.0, ..Context::default() });
    (root, physical.numbers, physical.work)
}

impl Physical<'_, '_> {
    pub(super) fn operator(&mut self, estimate: f64, operator: Operator, span: Span) -> Node {
        self.numbers.nodes += 1;
        Node { id: self.numbers.nodes - 1, estimate, operator, span }
    }

    /// The operator of a node.
    pub(super) fn node(&mut self, node: &Logical, context: &Context) -> Node {
        let span = node.span;
        match &node.kind {
            LogicalKind::Group { items, steps } => self.group(items, steps, &node.facts, context, None, span).0,
            LogicalKind::Union(branches) => {
                let inside = Context { most: None, ..context.clone() };
                let branches: Vec<Node> = branches.iter().map(|branch| self.node(branch, &inside)).collect();
                let estimate = branches.iter().map(|branch| branch.estimate).sum();
                self.operator(estimate, Operator::Union(branches), span)
            }
            LogicalKind::OnValue { inner, .. } => self.node(inner, context),
            LogicalKind::EachGraph { name, inner } => self.each_graph(*name, inner, context, span),
            LogicalKind::Aggregate { inner, keys, aggregates } => {
                self.aggregate(inner, keys, aggregates, context, span)
            }
            LogicalKind::Project { inner, slots } => {
                let needed = context.needed.as_ref().map_or_else(|| slots.clone(), |needed| needed.and(slots));
                self.node(inner, &Context { needed: Some(needed), ..context.clone() })
            }
            LogicalKind::Distinct { inner, slots } => {
                let node = self.node(inner, &context.all());
                let slots = slots.and(&inner.facts.possible).iter().collect();
                self.operator(node.estimate, Operator::Distinct { inner: Box::new(node), slots }, span)
            }
            LogicalKind::Order { inner, keys } => self.order(inner, keys, &node.facts, context, span),
            LogicalKind::Slice { inner, start, length } => {
                let most = length.and_then(|length| start.checked_add(length));
                let node = self.node(inner, &Context { most, ordered: true, ..context.clone() });
                let estimate = node.estimate.min(rows_of(*length));
                let slice = Operator::Slice { inner: Box::new(node), start: *start, length: *length };
                self.operator(estimate, slice, span)
            }
            LogicalKind::Scan { .. }
            | LogicalKind::Path { .. }
            | LogicalKind::GraphName(_)
            | LogicalKind::Values { .. }
            | LogicalKind::Words { .. } => {
                self.group(std::slice::from_ref(node), &[], &node.facts, context, None, span).0
            }
        }
    }

    /// The operator of something that is matched by itself; none for what is made of parts.
    pub(super) fn leaf(&mut self, node: &Logical, bound: &Slots) -> Option<Operator> {
        Some(match &node.kind {
            LogicalKind::Scan { subject, predicate, object, graph } => {
                let known = [subject, predicate, object].map(|place| match place {
                    Place::Term(_) => true,
                    Place::Slot(slot) => bound.contains(*slot),
                });
                Operator::Scan(Scan { subject: *subject, predicate: *predicate, object: *object, graph: *graph, known })
            }
            LogicalKind::Path { subject, path, object, graph } => {
                Operator::Path(PathScan { subject: *subject, path: path.clone(), object: *object, graph: *graph })
            }
            LogicalKind::GraphName(place) => Operator::GraphName(*place),
            LogicalKind::Values { slots, rows } => Operator::Values { slots: slots.clone(), rows: rows.clone() },
            LogicalKind::Words { slot, search, text } => {
                self.work += self.planner.words_to_read(search);
                Operator::Words(Words::new(*slot, search.clone(), text.clone(), &mut self.numbers.searches))
            }
            _ => return None,
        })
    }

    /// A pattern that is matched in one graph after the other.
    fn each_graph(&mut self, name: Slot, inner: &Logical, context: &Context, span: Span) -> Node {
        let place = Place::Slot(name);
        let names = self.operator(1.0, Operator::GraphName(place), span);
        let bound = |slots: &Slots| slots.or(&[name].into_iter().collect());
        let inside = Context {
            certain: bound(&context.certain),
            possible: bound(&context.possible),
            around: bound(&context.around),
            times: context.times.max(2.0),
            needed: None,
            most: None,
            ordered: false,
        };
        // Others may have bound what would be noticed inside.
        let inner = if inner.facts.blocked.meets(&inside.strangers()) {
            let facts =
                Facts { certain: inside.certain.clone(), possible: inside.possible.clone(), ..Facts::default() };
            let table = self.table(inner, None, &facts, &inside);
            self.operator(1.0, Operator::HashJoin(table), span)
        } else {
            self.node(inner, &inside)
        };
        let estimate = inner.estimate;
        self.operator(estimate, Operator::Sequence(vec![names, inner]), span)
    }

    /// The rows of a node as a table that is looked up with what is bound.
    pub(super) fn table(
        &mut self,
        node: &Logical,
        on: Option<[&Condition; 2]>,
        bound: &Facts,
        context: &Context,
    ) -> Table {
        let inner = Box::new(self.node(node, &context.apart()));
        let on = on.map(|on| Box::new(on.map(|side| self.value(side, context))));
        let parameters = node.facts.seen.and(&context.around).and(&context.possible);
        let slots = node.facts.possible.without(&parameters);
        let keys = node.facts.certain.and(&bound.certain).without(&parameters);
        self.numbers.tables += 1;
        Table {
            inner,
            index: self.numbers.tables - 1,
            slots: slots.iter().collect(),
            keys: keys.iter().collect(),
            on,
            parameters: parameters.iter().collect(),
        }
    }

    fn aggregate(
        &mut self,
        inner: &Logical,
        keys: &[Slot],
        aggregates: &[Aggregate<Condition>],
        context: &Context,
        span: Span,
    ) -> Node {
        let node = self.node(inner, &Context { ordered: false, ..context.all() });
        let inside = context.inside(&context.with(&inner.facts), node.estimate);
        let one = |this: &mut Self, aggregate: &Aggregate<Condition>| Aggregate {
            slot: aggregate.slot,
            function: aggregate.function.clone(),
            distinct: aggregate.distinct,
            value: aggregate.value.as_ref().map(|value| this.value(value, &inside)),
            row: aggregate.row.clone(),
        };
        let aggregates = aggregates.iter().map(|aggregate| one(self, aggregate)).collect();
        let estimate = if keys.is_empty() { 1.0 } else { node.estimate.powf(0.7).max(1.0) };
        let group = Group { inner: Box::new(node), keys: keys.to_vec(), aggregates };
        self.operator(estimate, Operator::Aggregate(group), span)
    }

    pub(super) fn sort_keys(&mut self, keys: &[(Condition, bool)], context: &Context) -> Vec<SortKey> {
        let key = |(value, descending): &(Condition, bool)| SortKey {
            value: self.value(value, context),
            descending: *descending,
        };
        keys.iter().map(key).collect()
    }

    /// An expression whose EXISTS are operators, in its fastest form.
    pub(super) fn value(&mut self, expression: &Condition, context: &Context) -> Value {
        let mut value = self.with_operators(expression.clone(), context);
        value.specialise(&mut self.numbers);
        value
    }

    fn with_operators(&mut self, expression: Condition, context: &Context) -> Value {
        let Expression { kind, seen, span, memo } = expression;
        let kind = kind.map(&mut |pattern| self.exists(&pattern, context), &mut |part, exists| part.map(exists));
        Expression { kind, seen, span, memo }
    }

    /// By substitution: everything in an EXISTS sees the row that it is evaluated for.
    /// [Section 18.6](https://www.w3.org/TR/sparql11-query/#defn_substitute)
    fn exists(&mut self, pattern: &Logical, context: &Context) -> Exists {
        let around = context.around.or(&context.possible);
        let inside = Context { around: around.clone(), needed: None, most: Some(1), ordered: false, ..context.clone() };
        let inner = Box::new(self.node(pattern, &inside));
        self.numbers.exists += 1;
        let keys = pattern.facts.seen.and(&around).and(&context.possible);
        Exists { inner, keys: keys.iter().collect(), index: self.numbers.exists - 1 }
    }
}

impl Context {
    /// What is bound with these beside what is bound already.
    pub(super) fn with(&self, facts: &Facts) -> Facts {
        Facts {
            certain: self.certain.or(&facts.certain),
            possible: self.possible.or(&facts.possible),
            ..Facts::default()
        }
    }
}

impl Expression<Box<Logical>> {
    /// The same with operators.
    fn map(self, exists: &mut dyn FnMut(Box<Logical>) -> Exists) -> Value {
        let Self { kind, seen, span, memo } = self;
        let kind = kind.map(exists, &mut |part, exists| part.map(exists));
        Expression { kind, seen, span, memo }
    }
}
