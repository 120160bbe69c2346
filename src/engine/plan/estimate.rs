//! How many rows things give: exact where constants allow, averages of each predicate otherwise.

use super::{
    GraphPlace, Place, Slot, Slots,
    logical::{Logical, LogicalKind, LogicalStep},
    physical::Physical,
};
use crate::dataset::Id;

/// Of a hundred rows, how many pass a filter of which nothing is known.
pub(super) const PASS: f64 = 0.3;

/// How many nodes a closed path leads to from one node.
const REACH: f64 = 8.0;

/// Rows, and rows looked at to find them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) rows: f64,
    pub(super) cost: f64,
}

impl Estimate {
    const ONE: Self = Self { rows: 1.0, cost: 0.0 };

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

impl Physical<'_, '_> {
    /// For one row in which these variables are bound. What was estimated for the same before is not estimated again.
    pub(super) fn estimate(&mut self, node: &Logical, bound: &Slots) -> Estimate {
        match &node.kind {
            LogicalKind::Scan { subject, predicate, object, graph } => {
                return self.estimate_scan([*subject, *predicate, *object], *graph, bound);
            }
            LogicalKind::Values { slots, rows } => return estimate_values(slots, rows.len(), bound),
            _ => {}
        }
        let looked_up = match &node.kind {
            LogicalKind::OnValue { on, .. } => node.facts.seen.or(&on[0].seen),
            _ => node.facts.seen.clone(),
        };
        let key = (node.number, bound.and(&looked_up));
        if let Some(known) = self.estimates.get(&key) {
            return *known;
        }
        let estimate = self.estimate_anew(node, &key.1);
        self.estimates.insert(key, estimate);
        estimate
    }

    fn estimate_anew(&mut self, node: &Logical, bound: &Slots) -> Estimate {
        match &node.kind {
            LogicalKind::Scan { subject, predicate, object, graph } => {
                self.estimate_scan([*subject, *predicate, *object], *graph, bound)
            }
            LogicalKind::Values { slots, rows } => estimate_values(slots, rows.len(), bound),
            LogicalKind::Path { subject, object, .. } => match (self.of(*subject, bound), self.of(*object, bound)) {
                (Known::Nothing, Known::Nothing) => Estimate::scan(self.triples() * REACH),
                (Known::Nothing, _) | (_, Known::Nothing) => Estimate::scan(REACH),
                _ => Estimate { rows: 0.5, cost: REACH },
            },
            LogicalKind::GraphName(Place::Slot(slot)) if !bound.contains(*slot) => Estimate::scan(self.graphs()),
            LogicalKind::GraphName(_) => Estimate { rows: 1.0, cost: 1.0 },
            LogicalKind::Words { slot, search, .. } => self.planner.estimate_words(*slot, search, bound),
            LogicalKind::Group { items, steps } => self.estimate_group(items, steps, bound),
            LogicalKind::Union(branches) => branches.iter().fold(Estimate { rows: 0.0, cost: 0.0 }, |all, branch| {
                let one = self.estimate(branch, bound);
                Estimate { rows: all.rows + one.rows, cost: all.cost + one.cost }
            }),
            LogicalKind::OnValue { inner, on } => {
                let inner = self.estimate(inner, bound);
                // A value that is looked up is found once, as far as anybody knows.
                if on[0].seen.is_subset(bound) { Estimate { rows: inner.rows.min(1.0), cost: 1.0 } } else { inner }
            }
            LogicalKind::EachGraph { name, inner } => {
                let graphs = if bound.contains(*name) { 1.0 } else { self.graphs() };
                let inner = self.estimate(inner, bound);
                Estimate { rows: inner.rows, cost: inner.cost + graphs }
            }
            LogicalKind::Aggregate { inner, keys, .. } => {
                let inner = self.estimate(inner, bound);
                let all_bound = keys.iter().all(|key| bound.contains(*key));
                Estimate { rows: if all_bound { 1.0 } else { inner.rows.powf(0.7).max(1.0) }, ..inner }
            }
            LogicalKind::Project { inner, .. }
            | LogicalKind::Distinct { inner, .. }
            | LogicalKind::Order { inner, .. } => self.estimate(inner, bound),
            LogicalKind::Slice { inner, length, .. } => {
                let inner = self.estimate(inner, bound);
                Estimate { rows: inner.rows.min(rows_of(*length)), ..inner }
            }
        }
    }

    /// Greedily, without looking for the best order.
    fn estimate_group(&mut self, items: &[Logical], steps: &[LogicalStep], bound: &Slots) -> Estimate {
        let mut todo: Vec<&Logical> = items.iter().collect();
        let (mut bound, mut sum) = (bound.clone(), Estimate::ONE);
        while !todo.is_empty() {
            let estimates: Vec<Estimate> = todo.iter().map(|item| self.estimate(item, &bound)).collect();
            let least = (0..todo.len()).min_by(|a, b| estimates[*a].rows.total_cmp(&estimates[*b].rows));
            let Some(at) = least else { break };
            sum = sum.then(estimates[at]);
            bound = bound.or(&todo.swap_remove(at).facts.certain);
        }
        for step in steps {
            match step {
                LogicalStep::Filter(_) => sum.rows *= PASS,
                LogicalStep::Bind { .. } => {}
                LogicalStep::Optional { inner, .. } => {
                    let inner = self.estimate(inner, &bound);
                    sum = sum.then(Estimate { rows: inner.rows.max(1.0), ..inner });
                }
                LogicalStep::Minus(_) => sum = Estimate { rows: sum.rows * PASS, cost: sum.cost + sum.rows },
            }
        }
        sum
    }

    fn estimate_scan(&self, places: [Place; 3], graph: GraphPlace, bound: &Slots) -> Estimate {
        let [subject, predicate, object] = places.map(|place| self.of(place, bound));
        let rows = self.matches(subject, predicate, object);
        let looked_at = match (subject, predicate, object) {
            // No order has them together: all of the subject's are looked at.
            (Known::Exactly(_) | Known::Some, Known::Nothing, Known::Exactly(_) | Known::Some) => rows + 10.0,
            _ => rows + 1.0,
        };
        let most = match graph {
            GraphPlace::Named(Place::Term(name)) => {
                let dataset = self.planner.terms.dataset();
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
        let dataset = self.planner.terms.dataset();
        let (spo, ops) = (dataset.spo(), dataset.ops());
        let all = self.triples();
        let terms = f64::from(dataset.terms().max(1));
        if let Exactly(p) = predicate {
            let Some(statistics) = dataset.predicate(p) else { return 0.0 };
            let triples = f64::from(statistics.triples);
            let subjects = f64::from(statistics.subjects.max(1));
            let objects = f64::from(statistics.objects.max(1));
            return match (subject, object) {
                (Exactly(s), Exactly(o)) => spo.with(s, p).binary_search_by_key(&o, |pair| pair[1]).is_ok().into(),
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
        self.planner.terms.dataset().triples() as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn graphs(&self) -> f64 {
        self.planner.terms.dataset().graphs().len() as f64
    }

    fn of(&self, place: Place, bound: &Slots) -> Known {
        match place {
            Place::Term(id) => Known::Exactly(id),
            Place::Slot(slot) if !bound.contains(slot) => Known::Nothing,
            Place::Slot(slot) => self.known.get(&slot).map_or(Known::Some, |id| Known::Exactly(*id)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn estimate_values(slots: &[Slot], rows: usize, bound: &Slots) -> Estimate {
    let rows = rows as f64;
    let is_bound = slots.iter().any(|slot| bound.contains(*slot));
    Estimate { rows: if is_bound { rows.min(1.0) } else { rows }, cost: rows }
}

/// A number of rows to estimate with.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn rows_of(most: Option<usize>) -> f64 {
    most.map_or(f64::INFINITY, |most| most as f64)
}
