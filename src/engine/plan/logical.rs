//! The logical plan: what is asked, over slots and numbers of terms, before anybody has thought of how.
//!
//! It is built in one visit of the query, and each node says what the passes ask of it: which variables it binds in each
//! solution, which it may bind, which it looks at, and which must not be bound by others before it.

use super::{
    Aggregate, GraphPlace, Place, Slot, Slots, Step,
    expression::{Expression, Kind},
};
use crate::{dataset::Id, sparql::Span, text::Search};

/// An expression of a logical plan.
pub(super) type Condition = Expression<Box<Logical>>;

/// A node of the logical plan.
#[derive(Debug, Clone)]
pub(super) struct Logical {
    pub(super) kind: LogicalKind,
    pub(super) facts: Facts,
    /// Its number, for what is remembered of it while the plan is made.
    pub(super) number: usize,
    pub(super) span: Span,
}

/// What a node does with variables.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Those that it binds in each of its solutions.
    pub(super) certain: Slots,
    /// Those that it may bind.
    pub(super) possible: Slots,
    /// Those that it looks at, bound by it or not.
    pub(super) seen: Slots,
    /// Those that it would notice if they were bound before it. SPARQL evaluates a group by itself and joins the result.
    /// Handing the group the row that it will be joined with gives the same rows, faster, unless something in it would
    /// notice: a filter on a variable that the group does not bind, a limit, an aggregate over what the row would restrict.
    pub(super) blocked: Slots,
}

#[derive(Debug, Clone)]
pub(super) enum LogicalKind {
    /// One triple pattern.
    Scan { subject: Place, predicate: Place, object: Place, graph: GraphPlace },
    /// A property path.
    Path { subject: Place, path: Step, object: Place, graph: GraphPlace },
    /// The name of a graph that is there.
    GraphName(Place),
    /// Rows of the query.
    Values { slots: Vec<Slot>, rows: Vec<Vec<Id>> },
    /// Texts that have words, from the index.
    Words { slot: Slot, search: Search, text: String },
    /// A pattern that shares no variable with what stands beside it, but whose rows are wanted only where two expressions are
    /// equal: the first of what stands beside it, the second of its own. The filter that says so stands behind them.
    OnValue { inner: Box<Logical>, on: Box<[Condition; 2]> },
    /// What is joined, in any order, and then what happens to the rows, in this order unless nothing depends on it.
    Group { items: Vec<Logical>, steps: Vec<LogicalStep> },
    /// The solutions of each.
    Union(Vec<Logical>),
    /// A pattern for one graph after the other, whose name is bound first.
    EachGraph { name: Slot, inner: Box<Logical> },
    /// Groups and aggregates.
    Aggregate { inner: Box<Logical>, keys: Vec<Slot>, aggregates: Vec<Aggregate<Condition>> },
    /// Only these slots of a sub-select are seen outside.
    Project { inner: Box<Logical>, slots: Slots },
    /// Each combination of these once.
    Distinct { inner: Box<Logical>, slots: Slots },
    /// In the order of keys.
    Order { inner: Box<Logical>, keys: Vec<(Condition, bool)> },
    /// Some of the rows.
    Slice { inner: Box<Logical>, start: usize, length: Option<usize> },
}

/// What happens to the rows of a group.
#[derive(Debug, Clone)]
pub(super) enum LogicalStep {
    /// Those go for which it is not true.
    Filter(Condition),
    /// A variable is bound. A row that has another value for it goes.
    Bind { slot: Slot, value: Condition },
    /// They are extended where that is possible.
    Optional { inner: Logical, conditions: Vec<Condition> },
    /// Those go that agree with a solution.
    Minus(Logical),
}

impl Facts {
    /// Of something that binds all it looks at.
    pub(super) fn all(slots: Slots) -> Self {
        Self { certain: slots.clone(), possible: slots.clone(), seen: slots, blocked: Slots::default() }
    }

    /// Of both, joined.
    #[must_use]
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            certain: self.certain.or(&other.certain),
            possible: self.possible.or(&other.possible),
            seen: self.seen.or(&other.seen),
            blocked: self.blocked.or(&other.blocked),
        }
    }

    /// Of one or the other.
    #[must_use]
    fn either(&self, other: &Self) -> Self {
        Self { certain: self.certain.and(&other.certain), ..self.and(other) }
    }

    /// After a step.
    #[must_use]
    pub(super) fn then(&self, step: &LogicalStep) -> Self {
        let mut after = self.clone();
        match step {
            LogicalStep::Filter(condition) => {
                after.seen = after.seen.or(&condition.seen);
                after.blocked = after.blocked.or(&condition.seen.without(&self.certain));
            }
            LogicalStep::Bind { slot, value } => {
                after.seen = after.seen.or(&value.seen);
                after.seen.insert(*slot);
                after.blocked = after.blocked.or(&value.seen.without(&self.certain));
                after.possible.insert(*slot);
                let always = match value.kind {
                    Kind::Constant(_) => true,
                    Kind::Slot(from) => self.certain.contains(from),
                    _ => false,
                };
                if always {
                    after.certain.insert(*slot);
                }
            }
            LogicalStep::Optional { inner, conditions } => {
                let both = self.certain.or(&inner.facts.certain);
                after.seen = after.seen.or(&inner.facts.seen);
                after.possible = after.possible.or(&inner.facts.possible);
                after.blocked = after.blocked.or(&inner.facts.possible.without(&self.certain));
                for condition in conditions {
                    after.seen = after.seen.or(&condition.seen);
                    after.blocked = after.blocked.or(&condition.seen.without(&both));
                }
            }
            LogicalStep::Minus(inner) => {
                after.seen = after.seen.or(&inner.facts.seen);
                after.blocked = after.blocked.or(&inner.facts.possible.without(&self.certain));
            }
        }
        after
    }

    /// Of rows that are all looked at before one is handed on.
    #[must_use]
    pub(super) fn as_a_whole(&self) -> Self {
        Self { blocked: self.blocked.or(&self.possible), ..self.clone() }
    }
}

impl LogicalStep {
    /// What it looks at, without what it binds itself.
    pub(super) fn seen(&self) -> Slots {
        match self {
            Self::Filter(condition) => condition.seen.clone(),
            Self::Bind { value, .. } => value.seen.clone(),
            Self::Optional { inner, conditions } => {
                conditions.iter().fold(inner.facts.possible.clone(), |seen, condition| seen.or(&condition.seen))
            }
            Self::Minus(inner) => inner.facts.possible.clone(),
        }
    }

    /// Whether it may bind a variable.
    pub(super) fn binds(&self, slot: Slot) -> bool {
        match self {
            Self::Optional { inner, .. } => inner.facts.possible.contains(slot),
            Self::Bind { slot: bound, .. } => *bound == slot,
            Self::Filter(_) | Self::Minus(_) => false,
        }
    }

    /// Whether it gives the same rows when others have bound these variables before it, of which its own group, as it is
    /// where the step stands, binds the certain ones itself.
    pub(super) fn may_follow(&self, others: &Slots, before: &Facts) -> bool {
        let binds_another = if let Self::Bind { slot, .. } = self { others.contains(*slot) } else { false };
        !binds_another && self.seen().and(others).is_subset(&before.certain)
    }
}

impl LogicalKind {
    /// What is known of a node of this kind.
    pub(super) fn facts(&self) -> Facts {
        match self {
            Self::Scan { subject, predicate, object, graph } => Facts::all(
                [*subject, *predicate, *object].into_iter().chain(graph.place()).filter_map(Place::slot).collect(),
            ),
            Self::Path { subject, object, graph, .. } => {
                Facts::all([*subject, *object].into_iter().chain(graph.place()).filter_map(Place::slot).collect())
            }
            Self::GraphName(place) => Facts::all(place.slot().into_iter().collect()),
            Self::Words { slot, .. } => Facts::all([*slot].into_iter().collect()),
            Self::Values { slots, rows } => of_values(slots, rows),
            Self::Group { items, steps } => {
                let joined = items.iter().fold(Facts::default(), |facts, item| facts.and(&item.facts));
                steps.iter().fold(joined, |facts, step| facts.then(step))
            }
            Self::Union(branches) => {
                let mut facts = branches.iter().map(|branch| &branch.facts);
                let first = facts.next().cloned().unwrap_or_default();
                facts.fold(first, |all, facts| all.either(facts))
            }
            Self::OnValue { inner, .. } => inner.facts.clone(),
            Self::EachGraph { name, inner } => inner.facts.and(&Facts::all([*name].into_iter().collect())),
            Self::Aggregate { inner, keys, aggregates } => of_aggregate(&inner.facts, keys, aggregates),
            Self::Project { inner, slots } => Facts {
                certain: inner.facts.certain.and(slots),
                possible: inner.facts.possible.and(slots),
                seen: inner.facts.seen.and(slots),
                blocked: inner.facts.blocked.and(slots),
            },
            // What a row puts in the place of nothing would be the same as something.
            Self::Distinct { inner, .. } => {
                let facts = inner.facts.clone();
                Facts { blocked: facts.blocked.or(&facts.possible.without(&facts.certain)), ..facts }
            }
            Self::Order { inner, keys } => {
                let mut facts = inner.facts.clone();
                facts.seen = keys.iter().fold(facts.seen, |seen, (key, _)| seen.or(&key.seen));
                facts
            }
            Self::Slice { inner, .. } => inner.facts.as_a_whole(),
        }
    }
}

fn of_values(slots: &[Slot], rows: &[Vec<Id>]) -> Facts {
    let unbound = super::super::terms::UNBOUND;
    let column = |n: usize| rows.iter().map(move |row| row.get(n).is_some_and(|id| *id != unbound));
    let those = |keep: &dyn Fn(usize) -> bool| {
        slots.iter().enumerate().filter(|(n, _)| keep(*n)).map(|(_, slot)| *slot).collect::<Slots>()
    };
    Facts {
        certain: those(&|n| column(n).all(|bound| bound)),
        possible: those(&|n| column(n).any(|bound| bound)),
        seen: slots.iter().copied().collect(),
        blocked: Slots::default(),
    }
}

fn of_aggregate(inner: &Facts, keys: &[Slot], aggregates: &[Aggregate<Condition>]) -> Facts {
    let keys: Slots = keys.iter().copied().collect();
    let mut facts = Facts {
        certain: inner.certain.and(&keys),
        possible: inner.possible.and(&keys),
        seen: inner.seen.clone(),
        blocked: inner.blocked.or(&inner.possible.without(&keys.and(&inner.certain))),
    };
    for aggregate in aggregates {
        if let Some(value) = &aggregate.value {
            facts.seen = facts.seen.or(&value.seen);
            facts.blocked = facts.blocked.or(&value.seen.without(&keys.and(&inner.certain)));
        }
        facts.possible.insert(aggregate.slot);
        facts.seen.insert(aggregate.slot);
        if aggregate.function == super::Function::Count {
            facts.certain.insert(aggregate.slot);
        }
    }
    facts
}

impl Logical {
    /// Shows every node to `visit`, the innermost first, those in EXISTS too, and finds out anew what is known of each.
    pub(super) fn rewrite(&mut self, visit: &mut dyn FnMut(&mut LogicalKind)) {
        self.kind.each_part(&mut |part| part.rewrite(visit));
        visit(&mut self.kind);
        self.facts = self.kind.facts();
    }
}

impl LogicalKind {
    /// The nodes it is made of, those in its expressions too.
    fn each_part(&mut self, visit: &mut dyn FnMut(&mut Logical)) {
        match self {
            Self::Scan { .. } | Self::Path { .. } | Self::GraphName(_) | Self::Values { .. } | Self::Words { .. } => {}
            Self::Group { items, steps } => {
                items.iter_mut().for_each(&mut *visit);
                for step in steps {
                    match step {
                        LogicalStep::Optional { inner, .. } | LogicalStep::Minus(inner) => visit(inner),
                        LogicalStep::Filter(_) | LogicalStep::Bind { .. } => {}
                    }
                }
            }
            Self::Union(branches) => branches.iter_mut().for_each(&mut *visit),
            Self::EachGraph { inner, .. }
            | Self::OnValue { inner, .. }
            | Self::Aggregate { inner, .. }
            | Self::Project { inner, .. }
            | Self::Distinct { inner, .. }
            | Self::Order { inner, .. }
            | Self::Slice { inner, .. } => visit(inner),
        }
        self.each_expression(&mut |expression| expression.each_exists(visit));
    }

    /// The expressions of the node itself.
    pub(super) fn each_expression(&mut self, visit: &mut dyn FnMut(&mut Condition)) {
        match self {
            Self::Group { steps, .. } => steps.iter_mut().for_each(|step| step.each_expression(visit)),
            Self::Aggregate { aggregates, .. } => {
                aggregates.iter_mut().filter_map(|aggregate| aggregate.value.as_mut()).for_each(visit);
            }
            Self::Order { keys, .. } => keys.iter_mut().for_each(|(key, _)| visit(key)),
            _ => {}
        }
    }
}

impl LogicalStep {
    /// Its expressions.
    pub(super) fn each_expression(&mut self, visit: &mut dyn FnMut(&mut Condition)) {
        match self {
            Self::Filter(condition) => visit(condition),
            Self::Bind { value, .. } => visit(value),
            Self::Optional { conditions, .. } => conditions.iter_mut().for_each(visit),
            Self::Minus(_) => {}
        }
    }
}

impl Condition {
    /// The patterns of its EXISTS.
    pub(super) fn each_exists(&mut self, visit: &mut dyn FnMut(&mut Logical)) {
        match &mut self.kind {
            Kind::Exists(pattern) => visit(pattern),
            kind => kind.operands_mut().into_iter().for_each(|operand| operand.each_exists(visit)),
        }
    }
}
