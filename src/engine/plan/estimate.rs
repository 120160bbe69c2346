//! How many rows things give: exact where constants allow, averages of each predicate otherwise.

use oxigraph::model::Term;
use spargebra::{
    algebra::GraphPattern,
    term::{NamedNodePattern, TermPattern, TriplePattern},
};

use super::{GraphPlace, Place, Slots, compile::Compiler, facts::Scope, group::Item};
use crate::dataset::Id;

/// Of a hundred rows, how many pass a filter of which nothing is known.
const PASS: f64 = 0.3;

/// How many nodes a closed path leads to from one node.
const REACH: f64 = 8.0;

/// Rows, and rows looked at to find them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) rows: f64,
    pub(super) cost: f64,
}

impl Estimate {
    fn scan(rows: f64) -> Self {
        Self { rows, cost: rows + 1.0 }
    }

    /// This, and the other for each of its rows.
    #[must_use]
    pub(super) fn then(self, other: Self) -> Self {
        Self { rows: self.rows * other.rows, cost: self.cost + self.rows * other.cost }
    }
}

/// What is known of a place before a pattern is matched.
#[derive(Debug, Clone, Copy)]
enum Known {
    Exactly(Id),
    Some,
    Nothing,
}

impl Compiler<'_> {
    /// For one row in which the variables of `bound` are bound.
    pub(super) fn estimate_item(&self, item: &Item<'_>, graph: GraphPlace, scope: &Scope, bound: &Slots) -> Estimate {
        let places = |subject: &TermPattern, object: &TermPattern| {
            (self.of_term(subject, scope, bound), self.of_term(object, scope, bound))
        };
        match item {
            Item::Triple(triple) => self.estimate_triple(triple, graph, scope, bound),
            Item::Path { subject, object, .. } => match places(subject, object) {
                (Known::Nothing, Known::Nothing) => Estimate::scan(self.triples() * REACH),
                (Known::Nothing, _) | (_, Known::Nothing) => Estimate::scan(REACH),
                _ => Estimate { rows: 0.5, cost: REACH },
            },
            Item::Values { variables, rows } => {
                let bound = variables.iter().any(|variable| bound.contains(scope.slot(variable)));
                #[expect(clippy::cast_precision_loss, reason = "an estimate")]
                let rows = rows.len() as f64;
                Estimate { rows: if bound { rows.min(1.0) } else { rows }, cost: rows }
            }
            Item::GraphName => {
                #[expect(clippy::cast_precision_loss, reason = "an estimate")]
                let graphs = self.terms.dataset().graphs().len() as f64;
                match graph {
                    GraphPlace::Named(Place::Slot(slot)) if !bound.contains(slot) => Estimate::scan(graphs),
                    _ => Estimate { rows: 1.0, cost: 1.0 },
                }
            }
            Item::Words(wanted) => self.estimate_words(wanted, bound),
            Item::Whole(pattern) => self.estimate(pattern, scope, bound),
        }
    }

    /// Without looking for the best order inside.
    pub(super) fn estimate(&self, pattern: &GraphPattern, scope: &Scope, bound: &Slots) -> Estimate {
        let one = Estimate { rows: 1.0, cost: 0.0 };
        match pattern {
            GraphPattern::Bgp { patterns } => {
                let mut todo: Vec<&TriplePattern> = patterns.iter().collect();
                let (mut bound, mut sum) = (bound.clone(), one);
                while !todo.is_empty() {
                    let estimates = todo.iter().map(|t| self.estimate_triple(t, GraphPlace::Default, scope, &bound));
                    let least = estimates.enumerate().min_by(|a, b| a.1.rows.total_cmp(&b.1.rows));
                    let Some((at, next)) = least else { break };
                    bound = bound.or(&scope.of_triple(todo.swap_remove(at)));
                    sum = sum.then(next);
                }
                sum
            }
            GraphPattern::Path { subject, path, object } => {
                self.estimate_item(&Item::Path { subject, path, object }, GraphPlace::Default, scope, bound)
            }
            GraphPattern::Values { variables, bindings } => {
                let item = Item::Values { variables, rows: bindings };
                self.estimate_item(&item, GraphPlace::Default, scope, bound)
            }
            GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
                let first = self.estimate(left, scope, bound);
                first.then(self.estimate(right, scope, &bound.or(&scope.facts(left).certain)))
            }
            GraphPattern::LeftJoin { left, right, .. } => {
                let first = self.estimate(left, scope, bound);
                let second = self.estimate(right, scope, &bound.or(&scope.facts(left).certain));
                first.then(Estimate { rows: second.rows.max(1.0), ..second })
            }
            GraphPattern::Union { left, right } => {
                let (left, right) = (self.estimate(left, scope, bound), self.estimate(right, scope, bound));
                Estimate { rows: left.rows + right.rows, cost: left.cost + right.cost }
            }
            GraphPattern::Filter { inner, .. } => {
                let inner = self.estimate(inner, scope, bound);
                Estimate { rows: inner.rows * PASS, ..inner }
            }
            GraphPattern::Minus { left, .. } => {
                let left = self.estimate(left, scope, bound);
                Estimate { rows: left.rows * PASS, cost: left.cost + left.rows }
            }
            GraphPattern::Graph { inner, .. }
            | GraphPattern::Extend { inner, .. }
            | GraphPattern::OrderBy { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Service { inner, .. } => self.estimate(inner, scope, bound),
            GraphPattern::Project { inner, variables } => {
                let projected = scope.slots(variables);
                self.estimate(inner, &scope.inner(variables), &bound.and(&projected))
            }
            GraphPattern::Slice { inner, length, .. } => {
                let inner = self.estimate(inner, scope, bound);
                #[expect(clippy::cast_precision_loss, reason = "an estimate")]
                let most = length.map_or(f64::INFINITY, |length| length as f64);
                Estimate { rows: inner.rows.min(most), ..inner }
            }
            GraphPattern::Group { inner, variables, .. } => {
                let keys = scope.slots(variables);
                let inner = self.estimate(inner, scope, bound);
                let rows = if keys.is_subset(bound) { 1.0 } else { inner.rows.powf(0.7).max(1.0) };
                Estimate { rows, ..inner }
            }
        }
    }

    fn estimate_triple(&self, triple: &TriplePattern, graph: GraphPlace, scope: &Scope, bound: &Slots) -> Estimate {
        let subject = self.of_term(&triple.subject, scope, bound);
        let object = self.of_term(&triple.object, scope, bound);
        let predicate = match &triple.predicate {
            NamedNodePattern::NamedNode(node) => self.of_constant(node.clone().into()),
            NamedNodePattern::Variable(variable) => self.of_slot(scope.slot(variable), bound),
        };
        let rows = self.matches(subject, predicate, object);
        let looked_at = match (subject, predicate, object) {
            // No order has them together: all of the subject's are looked at.
            (Known::Exactly(_) | Known::Some, Known::Nothing, Known::Exactly(_) | Known::Some) => rows + 10.0,
            _ => rows + 1.0,
        };
        let most = match graph {
            GraphPlace::Named(Place::Term(name)) => {
                let dataset = self.terms.dataset();
                dataset.graph_number(name).map_or(0, |number| dataset.triples_of(number).len())
            }
            GraphPlace::Named(Place::Slot(_)) | GraphPlace::Default => usize::MAX,
        };
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        Estimate { rows: rows.min(most as f64), cost: looked_at }
    }

    #[expect(clippy::cast_precision_loss, reason = "estimates")]
    fn matches(&self, subject: Known, predicate: Known, object: Known) -> f64 {
        use Known::{Exactly, Nothing, Some as Bound};
        let dataset = self.terms.dataset();
        let (spo, ops) = (dataset.spo(), dataset.ops());
        let all = self.triples();
        let terms = f64::from(dataset.terms().max(1));
        if let Exactly(p) = predicate {
            let Some(statistics) = dataset.predicate(p) else { return 0.0 };
            let triples = f64::from(statistics.triples);
            let subjects = f64::from(statistics.subjects.max(1));
            let objects = f64::from(statistics.objects.max(1));
            return match (subject, object) {
                (Exactly(s), Exactly(o)) => spo.with(s, p).iter().any(|pair| pair[1] == o).into(),
                (Exactly(s), Bound) => (spo.with(s, p).len() as f64 / objects).min(1.0),
                (Exactly(s), Nothing) => spo.with(s, p).len() as f64,
                (Bound, Exactly(o)) => (ops.with(o, p).len() as f64 / subjects).min(1.0),
                (Nothing, Exactly(o)) => ops.with(o, p).len() as f64,
                (Bound, Bound) => (triples / subjects / objects).min(1.0),
                (Bound, Nothing) => triples / subjects,
                (Nothing, Bound) => triples / objects,
                (Nothing, Nothing) => triples,
            };
        }
        let share = if matches!(predicate, Bound) { 1.0 / dataset.predicates().len().max(1) as f64 } else { 1.0 };
        let degree = (2.0 * all / terms).max(1.0);
        share
            * match (subject, object) {
                (Exactly(s), Exactly(o)) => spo.of(s).len().min(ops.of(o).len()).min(1) as f64,
                (Exactly(s), Nothing) => spo.of(s).len() as f64,
                (Nothing, Exactly(o)) => ops.of(o).len() as f64,
                (Bound, Nothing) | (Nothing, Bound) => degree,
                (Nothing, Nothing) => all,
                (Exactly(_) | Bound, Exactly(_) | Bound) => 0.1,
            }
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn triples(&self) -> f64 {
        self.terms.dataset().triples() as f64
    }

    fn of_term(&self, term: &TermPattern, scope: &Scope, bound: &Slots) -> Known {
        match term {
            TermPattern::NamedNode(node) => self.of_constant(node.clone().into()),
            TermPattern::Literal(literal) => self.of_constant(literal.clone().into()),
            TermPattern::Variable(_) | TermPattern::BlankNode(_) => {
                scope.of_term(term).map_or(Known::Nothing, |slot| self.of_slot(slot, bound))
            }
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "made for this")]
    fn of_constant(&self, term: Term) -> Known {
        Known::Exactly(self.terms.dataset().id(term.as_ref()).unwrap_or(Id::MAX))
    }

    fn of_slot(&self, slot: usize, bound: &Slots) -> Known {
        match self.known.get(&slot) {
            Some(id) if bound.contains(slot) => Known::Exactly(*id),
            _ if bound.contains(slot) => Known::Some,
            _ => Known::Nothing,
        }
    }
}
