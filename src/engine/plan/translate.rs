//! From a query to its logical plan, in one visit.

use super::{
    Aggregate, Function, GraphPlace, Place, PlanError, Slot, Slots, Step,
    expression::{Constant, Expression, Kind},
    logical::{Condition, Facts, Logical, LogicalKind, LogicalStep},
};
use crate::{
    dataset::Id,
    engine::terms::{Terms, UNBOUND},
    sparql::{
        self, AggregateFunction, Duplicates, Element, InlineData, Name, Path, Pattern, PatternKind, Query, Select,
        Span, TermPattern, Var,
    },
    value::Value,
};

/// What a slot is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SlotName {
    /// A variable of the query.
    Named(String),
    /// A blank node of the query.
    Blank(String),
    /// Nothing that the query names.
    Hidden,
}

/// Makes logical plans for one dataset.
pub(crate) struct Planner<'d> {
    pub(super) terms: Terms<'d>,
    /// What the slots are called.
    pub(super) names: Vec<SlotName>,
    /// How many nodes there are.
    pub(super) nodes: usize,
    /// How many regular expressions there are.
    pub(super) patterns: usize,
}

/// A group that is being put together.
#[derive(Default)]
struct Group {
    items: Vec<Logical>,
    /// The steps, and what is known before each.
    steps: Vec<(LogicalStep, Facts)>,
    facts: Facts,
}

impl Group {
    fn item(item: Logical) -> Self {
        Self { facts: item.facts.clone(), items: vec![item], steps: Vec::new() }
    }

    fn then(&mut self, step: LogicalStep) {
        let after = self.facts.then(&step);
        let before = std::mem::replace(&mut self.facts, after);
        self.steps.push((step, before));
    }

    /// Whether its steps may come after what binds these.
    fn may_follow(&self, others: &Slots) -> bool {
        self.steps.iter().all(|(step, before)| step.may_follow(others, before))
    }
}

impl<'d> Planner<'d> {
    pub(super) fn new(terms: Terms<'d>, query: &Query) -> Self {
        let name = |name: &sparql::VarName| match name {
            sparql::VarName::Named(name) => SlotName::Named(name.clone()),
            sparql::VarName::Blank(label) => SlotName::Blank(label.clone()),
            sparql::VarName::Hidden => SlotName::Hidden,
        };
        Self { terms, names: query.variables.iter().map(name).collect(), nodes: 0, patterns: 0 }
    }

    /// A slot for something without a name.
    pub(super) fn fresh(&mut self) -> Slot {
        self.names.push(SlotName::Hidden);
        self.names.len() - 1
    }

    pub(super) fn logical(&mut self, kind: LogicalKind, span: Span) -> Logical {
        self.nodes += 1;
        Logical { facts: kind.facts(), kind, number: self.nodes - 1, span }
    }

    /// A SELECT, or the pattern of another form with its modifiers.
    pub(super) fn select(&mut self, select: &Select, graph: GraphPlace) -> Result<Logical, PlanError> {
        let span = select.span;
        let mut group = Group::item(self.pattern(&select.pattern, graph)?);
        if let Some(grouping) = &select.grouping {
            self.binds(&grouping.binds, &mut group, graph)?;
            let inner = Box::new(self.close(group, select.pattern.span));
            let visible: Slots = inner.facts.possible.iter().filter(|slot| self.is_named(*slot)).collect();
            let aggregates = grouping.aggregates.iter().map(|(var, aggregate)| {
                let value = aggregate.argument.as_ref().map(|value| self.expression(value, graph)).transpose()?;
                // Blank nodes and what a path goes through are no part of a solution.
                let row = if value.is_none() && aggregate.distinct { visible.iter().collect() } else { Vec::new() };
                Ok(Aggregate {
                    slot: slot(*var),
                    function: function(&aggregate.function),
                    distinct: aggregate.distinct,
                    value,
                    row,
                })
            });
            let aggregates = aggregates.collect::<Result<_, PlanError>>()?;
            let keys = grouping.keys.iter().map(|key| slot(*key)).collect();
            group = Group::item(self.logical(LogicalKind::Aggregate { inner, keys, aggregates }, grouping.span));
        }
        let having = select.having.iter().map(|condition| self.expression(condition, graph));
        let having = having.collect::<Result<Vec<_>, _>>()?;
        let aliases: Slots = select.extensions.iter().map(|(var, _)| slot(*var)).collect();
        let sees_aliases = having.iter().any(|condition| condition.seen.meets(&aliases));
        if sees_aliases {
            self.binds(&select.extensions, &mut group, graph)?;
        }
        having.into_iter().flat_map(conjuncts).for_each(|part| group.then(LogicalStep::Filter(part)));
        if let Some(data) = &select.values {
            let values = self.values(data, span);
            group = self.join(group, values, span);
        }
        if !sees_aliases {
            self.binds(&select.extensions, &mut group, graph)?;
        }
        let mut plan = self.close(group, span);
        if !select.order.is_empty() {
            let keys = select.order.iter().map(|key| Ok((self.expression(&key.expression, graph)?, key.descending)));
            let keys = keys.collect::<Result<_, PlanError>>()?;
            plan = self.logical(LogicalKind::Order { inner: Box::new(plan), keys }, span);
        }
        let columns: Slots = select.columns.iter().map(|column| slot(*column)).collect();
        plan = self.logical(LogicalKind::Project { inner: Box::new(plan), slots: columns.clone() }, span);
        if select.duplicates == Duplicates::Go {
            plan = self.logical(LogicalKind::Distinct { inner: Box::new(plan), slots: columns }, span);
        }
        if select.offset > 0 || select.limit.is_some() {
            let start = usize::try_from(select.offset).unwrap_or(usize::MAX);
            let length = select.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
            plan = self.logical(LogicalKind::Slice { inner: Box::new(plan), start, length }, span);
        }
        Ok(plan)
    }

    fn is_named(&self, slot: Slot) -> bool {
        matches!(self.names.get(slot), Some(SlotName::Named(_)))
    }

    fn binds(
        &mut self,
        binds: &[(Var, sparql::Expression)],
        group: &mut Group,
        graph: GraphPlace,
    ) -> Result<(), PlanError> {
        for (var, expression) in binds {
            let value = self.expression(expression, graph)?;
            group.then(LogicalStep::Bind { slot: slot(*var), value });
        }
        Ok(())
    }

    pub(super) fn pattern(&mut self, pattern: &Pattern, graph: GraphPlace) -> Result<Logical, PlanError> {
        let span = pattern.span;
        Ok(match &pattern.kind {
            PatternKind::Group { elements, filters } => {
                let group = self.elements(elements, graph, span)?;
                let group = self.filters(filters, group, graph)?;
                self.close_in(group, graph, span)
            }
            PatternKind::Triple(triple) => {
                let [subject, predicate, object] =
                    [&triple.subject, &triple.predicate, &triple.object].map(|term| self.place(term));
                self.logical(LogicalKind::Scan { subject, predicate, object, graph }, span)
            }
            PatternKind::Path(path) => {
                let (subject, object) = (self.place(&path.subject), self.place(&path.object));
                self.path(subject, &path.path, object, graph, span)
            }
            PatternKind::Union(branches) => {
                let branches = branches.iter().map(|branch| self.pattern(branch, graph)).collect::<Result<_, _>>()?;
                self.logical(LogicalKind::Union(branches), span)
            }
            PatternKind::Graph { name, inner } => self.graph(name, inner, span)?,
            PatternKind::Values(data) => self.values(data, span),
            PatternKind::Select(select) => self.select(select, graph)?,
        })
    }

    fn elements(&mut self, elements: &[Element], graph: GraphPlace, span: Span) -> Result<Group, PlanError> {
        let mut group = Group::default();
        for element in elements {
            match element {
                Element::Join(pattern) => {
                    let joined = self.pattern(pattern, graph)?;
                    group = self.join(group, joined, span);
                }
                Element::Optional { pattern, conditions } => {
                    let inner = self.pattern(pattern, graph)?;
                    let conditions = conditions.iter().map(|condition| self.expression(condition, graph));
                    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
                    let conditions = conditions.into_iter().flat_map(conjuncts).collect();
                    group.then(LogicalStep::Optional { inner, conditions });
                }
                Element::Minus(pattern) => {
                    let inner = self.pattern(pattern, graph)?;
                    group.then(LogicalStep::Minus(inner));
                }
                Element::Bind { variable, expression, .. } => {
                    let value = self.expression(expression, graph)?;
                    group.then(LogicalStep::Bind { slot: slot(*variable), value });
                }
            }
        }
        Ok(group)
    }

    fn filters(
        &mut self,
        filters: &[sparql::Expression],
        mut group: Group,
        graph: GraphPlace,
    ) -> Result<Group, PlanError> {
        for filter in filters {
            let condition = self.expression(filter, graph)?;
            for part in conjuncts(condition) {
                group.then(LogicalStep::Filter(part));
            }
        }
        Ok(group)
    }

    /// Joins a pattern to a group. What is joined in a group of its own is joined in this one, and what happens to the
    /// rows of one side comes after the join, where that makes no difference.
    fn join(&mut self, mut group: Group, other: Logical, span: Span) -> Group {
        if !group.may_follow(&other.facts.possible) {
            group = Group::item(self.close(group, span));
        }
        let facts = group.facts.and(&other.facts);
        match other.kind {
            LogicalKind::Group { items, steps } => {
                let mut inner = Group { facts: Facts::default(), items, steps: Vec::new() };
                inner.facts = inner.items.iter().fold(Facts::default(), |facts, item| facts.and(&item.facts));
                for step in steps {
                    inner.then(step);
                }
                if inner.may_follow(&group.facts.possible) {
                    group.items.append(&mut inner.items);
                    group.steps.append(&mut inner.steps);
                } else {
                    let item = self.close(inner, other.span);
                    group.items.push(item);
                }
            }
            kind => group.items.push(Logical { kind, ..other }),
        }
        Group { facts, ..group }
    }

    /// The node of a group, which is its only item where nothing happens to it.
    fn close(&mut self, mut group: Group, span: Span) -> Logical {
        if group.steps.is_empty() && group.items.len() == 1 {
            return group.items.swap_remove(0);
        }
        let steps = group.steps.into_iter().map(|(step, _)| step).collect();
        self.logical(LogicalKind::Group { items: group.items, steps }, span)
    }

    /// The same in a graph: a group of nothing has the solution of nothing in each graph that is there.
    fn close_in(&mut self, mut group: Group, graph: GraphPlace, span: Span) -> Logical {
        if let GraphPlace::Named(place) = graph
            && group.items.is_empty()
        {
            let name = self.logical(LogicalKind::GraphName(place), span);
            group.items.push(name);
        }
        self.close(group, span)
    }

    fn values(&mut self, data: &InlineData, span: Span) -> Logical {
        let number = |terms: &mut Terms<'_>, term: &Option<_>| {
            term.as_ref().map_or(UNBOUND, |term: &oxigraph::model::Term| terms.number(term))
        };
        let rows = data.rows.iter().map(|row| row.iter().map(|term| number(&mut self.terms, term)).collect()).collect();
        let slots = data.variables.iter().map(|var| slot(*var)).collect();
        self.logical(LogicalKind::Values { slots, rows }, span)
    }

    fn place(&mut self, term: &TermPattern) -> Place {
        match term {
            TermPattern::Var(var) => Place::Slot(slot(*var)),
            TermPattern::Term(term) => Place::Term(self.terms.number(term)),
        }
    }

    /// `GRAPH name { … }`. Inside the braces a variable of that name is another one: what it is bound to there is joined
    /// with the name afterwards. [Section 18.6](https://www.w3.org/TR/sparql11-query/#sparqlAlgebraEval)
    fn graph(&mut self, name: &Name, inner: &Pattern, span: Span) -> Result<Logical, PlanError> {
        let var = match name {
            Name::Iri(iri) => {
                let graph = GraphPlace::Named(Place::Term(self.terms.number(iri)));
                let inner = self.pattern(inner, graph)?;
                // Something must see to it that the graph is there; a triple of it does.
                return Ok(if sees_graph(&inner) { inner } else { self.in_graph(graph, inner, span) });
            }
            Name::Var(var) => slot(*var),
        };
        let is_looked_at = inner.mentions(Var(u32::try_from(var).unwrap_or(u32::MAX)));
        let own = if is_looked_at { self.fresh() } else { var };
        let graph = GraphPlace::Named(Place::Slot(own));
        let inner = self.pattern(inner, graph)?;
        let node = match (is_matched_in_one_graph(&inner), sees_graph(&inner)) {
            (true, true) => inner,
            (true, false) => self.in_graph(graph, inner, span),
            (false, _) => self.logical(LogicalKind::EachGraph { name: own, inner: Box::new(inner) }, span),
        };
        if !is_looked_at {
            return Ok(node);
        }
        let value = Expression { kind: Kind::Slot(own), seen: [own].into_iter().collect(), span, memo: None };
        let mut group = self.join(Group::default(), node, span);
        group.then(LogicalStep::Bind { slot: var, value });
        Ok(self.close(group, span))
    }

    /// A pattern together with the name of its graph.
    fn in_graph(&mut self, graph: GraphPlace, inner: Logical, span: Span) -> Logical {
        let GraphPlace::Named(place) = graph else { return inner };
        let name = self.logical(LogicalKind::GraphName(place), span);
        let group = self.join(Group::item(name), inner, span);
        self.close(group, span)
    }

    /// A property path. What it is made of one after the other is joined; the nodes between have no names.
    /// [Section 18.2.2.4](https://www.w3.org/TR/sparql11-query/#sparqlTranslatePathPatterns)
    fn path(&mut self, subject: Place, path: &Path, object: Place, graph: GraphPlace, span: Span) -> Logical {
        match path {
            Path::Predicate(predicate) => {
                let predicate = Place::Term(self.terms.number(predicate));
                self.logical(LogicalKind::Scan { subject, predicate, object, graph }, span)
            }
            Path::Inverse(path) => self.path(object, path, subject, graph, span),
            Path::Sequence(paths) => {
                let mut group = Group::default();
                let mut from = subject;
                for (n, path) in paths.iter().enumerate() {
                    let to = if n + 1 == paths.len() { object } else { Place::Slot(self.fresh()) };
                    let part = self.path(from, path, to, graph, span);
                    group = self.join(group, part, span);
                    from = to;
                }
                self.close(group, span)
            }
            _ => {
                let path = self.step(path);
                self.logical(LogicalKind::Path { subject, path, object, graph }, span)
            }
        }
    }

    fn step(&mut self, path: &Path) -> Step {
        let boxed = |this: &mut Self, path: &Path| Box::new(this.step(path));
        let mut ids = |names: &[oxigraph::model::NamedNode]| -> Vec<Id> {
            names.iter().map(|name| self.terms.number(name)).collect()
        };
        match path {
            Path::Predicate(predicate) => Step::Predicate(self.terms.number(predicate)),
            Path::Inverse(path) => Step::Inverse(boxed(self, path)),
            Path::Sequence(all) => Step::Sequence(all.iter().map(|path| self.step(path)).collect()),
            Path::Alternative(all) => Step::Alternative(all.iter().map(|path| self.step(path)).collect()),
            Path::ZeroOrMore(path) => Step::ZeroOrMore(boxed(self, path)),
            Path::OneOrMore(path) => Step::OneOrMore(boxed(self, path)),
            Path::ZeroOrOne(path) => Step::ZeroOrOne(boxed(self, path)),
            Path::Negated { forward, backward } => {
                let goes_forward = !forward.is_empty() || backward.is_empty();
                let (forward_ids, backward_ids) = (ids(forward), ids(backward));
                let against = || Step::Inverse(Box::new(Step::Other(backward_ids.clone())));
                match (goes_forward, backward.is_empty()) {
                    (true, true) => Step::Other(forward_ids),
                    (true, false) => Step::Alternative(vec![Step::Other(forward_ids.clone()), against()]),
                    (false, _) => against(),
                }
            }
        }
    }

    /// The number and the value of a term.
    pub(super) fn constant(&mut self, term: &oxigraph::model::Term) -> Constant {
        Constant { id: self.terms.number(term), value: Value::of(term.as_ref()).into_owned() }
    }
}

/// The slot of a variable.
pub(super) fn slot(var: Var) -> Slot {
    var.0 as Slot
}

fn function(function: &AggregateFunction) -> Function {
    match function {
        AggregateFunction::Count => Function::Count,
        AggregateFunction::Sum => Function::Sum,
        AggregateFunction::Average => Function::Average,
        AggregateFunction::Minimum => Function::Minimum,
        AggregateFunction::Maximum => Function::Maximum,
        AggregateFunction::Sample => Function::Sample,
        AggregateFunction::Concatenation(separator) => Function::Concatenation(separator.clone()),
    }
}

/// The parts of a conjunction. A row passes if it passes each.
fn conjuncts(condition: Condition) -> Vec<Condition> {
    match condition.kind {
        Kind::And(parts) => parts.into_iter().flat_map(conjuncts).collect(),
        _ => vec![condition],
    }
}

/// Whether matching item by item in the graph of a slot is matching all of it in one graph: it is triples, given rows and
/// what depends on nothing else.
fn is_matched_in_one_graph(node: &Logical) -> bool {
    match &node.kind {
        LogicalKind::Scan { .. } | LogicalKind::Values { .. } | LogicalKind::GraphName(_) => true,
        LogicalKind::Group { items, steps } => {
            let is_plain = |step: &LogicalStep| match step {
                LogicalStep::Filter(value) | LogicalStep::Bind { value, .. } => !value.has_exists(),
                LogicalStep::Optional { .. } | LogicalStep::Minus(_) => false,
            };
            items.iter().all(is_matched_in_one_graph) && steps.iter().all(is_plain)
        }
        _ => false,
    }
}

/// Whether a pattern gives nothing where its graph is not there, and binds the graph's name.
fn sees_graph(node: &Logical) -> bool {
    match &node.kind {
        LogicalKind::Scan { graph, .. } => matches!(graph, GraphPlace::Named(_)),
        LogicalKind::GraphName(_) | LogicalKind::EachGraph { .. } => true,
        LogicalKind::Group { items, .. } => items.iter().any(sees_graph),
        _ => false,
    }
}
