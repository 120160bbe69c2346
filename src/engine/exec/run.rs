//! The usual triple pattern: of one predicate, in a default graph that is all graphs. Its matches are one run of an order.

use super::{Execution, Flow};
use crate::{
    dataset::{Id, leading},
    engine::{
        plan::{GraphPlace, Place, Scan, Slot},
        terms::UNBOUND,
    },
};

/// How far behind the last subject the next one is sought, one by one.
const NEAR: usize = 16;

/// How often in a row it may be elsewhere before it is no longer sought there.
const MISSES: u32 = 8;

impl<'q> Execution<'q> {
    /// As [`Execution::scan`], if the pattern is of the usual kind.
    #[inline]
    pub(super) fn scan_run(
        &self,
        node: usize,
        scan: &Scan,
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Option<Flow> {
        let (GraphPlace::Default, Place::Term(p), None) = (scan.graph, scan.predicate, &self.plan.view.default) else {
            return None;
        };
        match (Self::value_at(scan.subject, row), Self::value_at(scan.object, row)) {
            (Some(s), None) => Some(self.hand_on_run(self.objects(node, s, p), scan.object, row, next)),
            (None, Some(o)) => Some(self.hand_on_run(self.ops.with(o, p), scan.subject, row, next)),
            (Some(s), Some(o)) => Some(match self.objects(node, s, p).binary_search_by_key(&o, |pair| pair[1]) {
                Ok(_) => self.step_to(row, next),
                Err(_) => self.budget.step(),
            }),
            (None, None) => match (scan.subject, scan.object) {
                (Place::Slot(a), Place::Slot(b)) if a != b => {
                    Some(self.hand_on_pairs(self.pso.of(p), [a, b], row, next))
                }
                _ => None,
            },
        }
    }

    /// Hands on the row with the second of each pair in a place that is free.
    fn hand_on_run(
        &self,
        pairs: &[[Id; 2]],
        place: Place,
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        let Place::Slot(slot) = place else { return Flow::Continue(()) };
        let mut flow = Flow::Continue(());
        for pair in pairs {
            row[slot] = pair[1];
            flow = self.step_to(row, next);
            if flow.is_break() {
                break;
            }
        }
        row[slot] = UNBOUND;
        flow
    }

    /// Hands on the row with each pair in two slots that are free.
    fn hand_on_pairs(
        &self,
        pairs: &[[Id; 2]],
        [a, b]: [Slot; 2],
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        let mut flow = Flow::Continue(());
        for pair in pairs {
            (row[a], row[b]) = (pair[0], pair[1]);
            flow = self.step_to(row, next);
            if flow.is_break() {
                break;
            }
        }
        (row[a], row[b]) = (UNBOUND, UNBOUND);
        flow
    }

    fn step_to(&self, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        self.budget.step()?;
        next(row)
    }

    /// The objects of a subject and a predicate, as the second of each pair.
    ///
    /// Rows come in the order of their subjects more often than not; then the next run lies right behind the last, and need
    /// not be sought.
    fn objects(&self, node: usize, s: Id, p: Id) -> &'q [[Id; 2]] {
        let cursor = &self.cursors[node];
        let (at, misses) = cursor.get();
        if misses >= MISSES {
            return self.spo.with(s, p);
        }
        let run = self.pso.of(p);
        let rest = run.get(at..).unwrap_or_default();
        let near = &rest[..rest.len().min(NEAR)];
        let is_ahead = near.first().is_some_and(|pair| pair[0] <= s);
        let (start, misses) = match near.iter().position(|pair| pair[0] >= s) {
            Some(steps) if is_ahead => (at + steps, 0),
            _ => (run.partition_point(|pair| pair[0] < s), misses + 1),
        };
        cursor.set((start, misses));
        leading(run.get(start..).unwrap_or_default(), s)
    }
}
