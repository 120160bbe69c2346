//! A group as a list: what is joined, and what happens to the joined rows.

use spargebra::{
    algebra::{Expression, GraphPattern, PropertyPathExpression},
    term::{GroundTerm, NamedNodePattern, TermPattern, TriplePattern},
};

use oxigraph::model::Variable;

use super::{
    GraphPlace, Place, Slot, Slots, Unsupported,
    compile::Compiler,
    facts::{Facts, Scope},
    words::Wanted,
};
use crate::engine::algebra::operands;

/// Something that is joined, in any order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'q> {
    Triple(&'q TriplePattern),
    Path { subject: &'q TermPattern, path: &'q PropertyPathExpression, object: &'q TermPattern },
    Values { variables: &'q [Variable], rows: &'q [Vec<Option<GroundTerm>>] },
    GraphName,
    Words(&'q Wanted),
    Whole(&'q GraphPattern),
}

/// Something that happens to rows, in the order of the query unless nothing depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act<'q> {
    Filter(&'q Expression),
    Optional {
        right: &'q GraphPattern,
        condition: Option<&'q Expression>,
    },
    Extend {
        variable: &'q Variable,
        expression: &'q Expression,
    },
    Minus(&'q GraphPattern),
    /// Binds a variable to what another slot has.
    Alias {
        slot: Slot,
        from: Slot,
    },
}

/// A group.
#[derive(Debug)]
pub(super) struct Flat<'q> {
    pub(super) items: Vec<(Item<'q>, GraphPlace, Facts)>,
    pub(super) acts: Vec<(Act<'q>, GraphPlace, Facts)>,
    pub(super) facts: Facts,
}

impl<'q> Flat<'q> {
    fn item(item: Item<'q>, graph: GraphPlace, facts: Facts) -> Self {
        Self { items: vec![(item, graph, facts.clone())], acts: Vec::new(), facts }
    }

    /// Adds what happens to the rows so far.
    fn then(mut self, act: Act<'q>, graph: GraphPlace, after: Facts) -> Self {
        let before = std::mem::replace(&mut self.facts, after);
        self.acts.push((act, graph, before));
        self
    }

    fn may_follow(&self, scope: &Scope, other: &Slots) -> bool {
        self.acts.iter().all(|(act, _, before)| {
            let settled = |slots: Slots| slots.and(other).is_subset(&before.certain);
            match act {
                Act::Filter(expression) => settled(scope.of_expression(expression)),
                Act::Optional { right, condition } => {
                    settled(scope.facts(right).possible)
                        && condition.is_none_or(|condition| settled(scope.of_expression(condition)))
                }
                Act::Extend { variable, expression } => {
                    !other.contains(scope.slot(variable)) && settled(scope.of_expression(expression))
                }
                Act::Minus(right) => settled(scope.facts(right).possible),
                Act::Alias { .. } => true,
            }
        })
    }
}

impl Compiler<'_> {
    /// Takes a group apart. What happens to one side of a join is put behind the join where that makes no difference.
    pub(super) fn flatten<'q>(
        &mut self,
        pattern: &'q GraphPattern,
        scope: &Scope,
        graph: GraphPlace,
    ) -> Result<Flat<'q>, Unsupported> {
        let whole = || {
            let facts = facts_in(scope, pattern, graph);
            Flat::item(Item::Whole(pattern), graph, facts)
        };
        Ok(match pattern {
            GraphPattern::Bgp { patterns } => {
                let items = patterns.iter().map(|triple| {
                    let facts = Facts::all(scope.of_triple(triple)).and(&of_place(graph));
                    (Item::Triple(triple), graph, facts)
                });
                let mut flat = Flat { items: items.collect(), acts: Vec::new(), facts: Facts::default() };
                if flat.items.is_empty() && graph != GraphPlace::Default {
                    flat = Flat::item(Item::GraphName, graph, of_place(graph));
                }
                flat.facts = facts_in(scope, pattern, graph);
                flat
            }
            GraphPattern::Path { subject, path, object } => {
                let facts = facts_in(scope, pattern, graph);
                Flat::item(Item::Path { subject, path, object }, graph, facts)
            }
            GraphPattern::Values { variables, bindings } => {
                Flat::item(Item::Values { variables, rows: bindings }, graph, scope.facts(pattern))
            }
            GraphPattern::Graph { name: NamedNodePattern::Variable(_), inner } if !is_matched_in_one_graph(inner) => {
                whole()
            }
            GraphPattern::Graph { name, inner } => self.flatten_graph(name, inner, scope)?,
            GraphPattern::Join { left, right } => {
                let (mut first, mut second) = (self.flatten(left, scope, graph)?, self.flatten(right, scope, graph)?);
                if !first.may_follow(scope, &second.facts.possible) {
                    first = Flat::item(Item::Whole(left), graph, facts_in(scope, left, graph));
                }
                if !second.may_follow(scope, &first.facts.possible) {
                    second = Flat::item(Item::Whole(right), graph, facts_in(scope, right, graph));
                }
                let facts = first.facts.and(&second.facts);
                first.items.append(&mut second.items);
                first.acts.append(&mut second.acts);
                Flat { facts, ..first }
            }
            GraphPattern::Filter { expr, inner } => {
                let mut flat = self.flatten(inner, scope, graph)?;
                for part in conjuncts(expr) {
                    let facts = flat.facts.clone();
                    flat = flat.then(Act::Filter(part), graph, facts);
                }
                flat
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                let flat = self.flatten(left, scope, graph)?;
                let possible = flat.facts.possible.or(&facts_in(scope, right, graph).possible);
                let facts = Facts { certain: flat.facts.certain.clone(), possible };
                flat.then(Act::Optional { right, condition: expression.as_ref() }, graph, facts)
            }
            GraphPattern::Extend { inner, variable, expression } => {
                let flat = self.flatten(inner, scope, graph)?;
                let facts = facts_in(scope, pattern, graph);
                flat.then(Act::Extend { variable, expression }, graph, facts)
            }
            GraphPattern::Minus { left, right } => {
                let flat = self.flatten(left, scope, graph)?;
                let facts = flat.facts.clone();
                flat.then(Act::Minus(right), graph, facts)
            }
            GraphPattern::Lateral { .. } => return Err(Unsupported("LATERAL")),
            GraphPattern::Service { .. } => return Err(Unsupported("SERVICE")),
            GraphPattern::Union { .. }
            | GraphPattern::OrderBy { .. }
            | GraphPattern::Project { .. }
            | GraphPattern::Distinct { .. }
            | GraphPattern::Reduced { .. }
            | GraphPattern::Slice { .. }
            | GraphPattern::Group { .. } => whole(),
        })
    }

    fn flatten_graph<'q>(
        &mut self,
        name: &NamedNodePattern,
        inner: &'q GraphPattern,
        scope: &Scope,
    ) -> Result<Flat<'q>, Unsupported> {
        let (place, alias) = self.graph_place(name, inner, scope);
        let graph = GraphPlace::Named(place);
        let mut flat = self.flatten(inner, scope, graph)?;
        // Something must bind or check the name; a triple pattern does.
        let binds = |(item, within, _): &(Item<'_>, GraphPlace, Facts)| {
            matches!(item, Item::Triple(_) | Item::GraphName) && *within == graph
        };
        if !flat.items.iter().any(binds) {
            flat.items.push((Item::GraphName, graph, of_place(graph)));
        }
        flat.facts = flat.facts.and(&of_place(graph));
        if let Some((slot, from)) = alias {
            let facts = flat.facts.and(&Facts::all([slot].into_iter().collect()));
            flat = flat.then(Act::Alias { slot, from }, graph, facts);
        }
        Ok(flat)
    }

    /// The place of a graph's name. Inside the braces its variable is another one: what is there under the same name is
    /// joined afterwards.
    pub(super) fn graph_place(
        &mut self,
        name: &NamedNodePattern,
        inner: &GraphPattern,
        scope: &Scope,
    ) -> (Place, Option<(Slot, Slot)>) {
        match name {
            NamedNodePattern::NamedNode(name) => (Place::Term(self.terms.number(name.clone().into())), None),
            NamedNodePattern::Variable(variable) => {
                let slot = scope.slot(variable);
                if scope.mentioned(inner).contains(slot) {
                    let from = scope.fresh();
                    (Place::Slot(from), Some((slot, from)))
                } else {
                    (Place::Slot(slot), None)
                }
            }
        }
    }
}

/// Whether matching triple by triple in the graph of a variable is matching all of it in one graph.
pub(super) fn is_matched_in_one_graph(pattern: &GraphPattern) -> bool {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Values { .. } => true,
        GraphPattern::Join { left, right } => is_matched_in_one_graph(left) && is_matched_in_one_graph(right),
        GraphPattern::Filter { expr, inner } | GraphPattern::Extend { inner, expression: expr, .. } => {
            !has_exists(expr) && is_matched_in_one_graph(inner)
        }
        _ => false,
    }
}

/// Whether there is an EXISTS in it.
pub(super) fn has_exists(expression: &Expression) -> bool {
    let mut todo = vec![expression];
    while let Some(expression) = todo.pop() {
        if matches!(expression, Expression::Exists(_)) {
            return true;
        }
        todo.extend(operands(expression));
    }
    false
}

/// The parts of a conjunction. A row passes if it passes each.
fn conjuncts(expression: &Expression) -> Vec<&Expression> {
    let (mut parts, mut todo) = (Vec::new(), vec![expression]);
    while let Some(expression) = todo.pop() {
        match expression {
            Expression::And(a, b) => todo.extend([&**b, &**a]),
            other => parts.push(other),
        }
    }
    parts
}

/// What a pattern binds when it is matched in a graph.
pub(super) fn facts_in(scope: &Scope, pattern: &GraphPattern, graph: GraphPlace) -> Facts {
    scope.facts(pattern).and(&of_place(graph))
}

fn of_place(graph: GraphPlace) -> Facts {
    match graph {
        GraphPlace::Named(Place::Slot(slot)) => Facts::all([slot].into_iter().collect()),
        GraphPlace::Named(Place::Term(_)) | GraphPlace::Default => Facts::default(),
    }
}
