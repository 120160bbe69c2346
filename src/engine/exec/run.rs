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
            (Some(s), Some(o)) => {
                let is_there = match scan.object {
                    Place::Term(_) => self.is_subject(node, s, p, o),
                    Place::Slot(_) => self.objects(node, s, p).binary_search_by_key(&o, |pair| pair[1]).is_ok(),
                };
                Some(if is_there { self.step_to(row, next) } else { self.budget.step() })
            }
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
    fn objects(&self, node: usize, s: Id, p: Id) -> &'q [[Id; 2]] {
        let cursor = self.cursors[node].get().unwrap_or_else(|| Cursor::new(self.pso.of(p)));
        if cursor.misses >= MISSES {
            return self.spo.with(s, p);
        }
        let cursor = cursor.to(s, |pair| pair[0]);
        self.cursors[node].set(Some(cursor));
        leading(cursor.ahead(), s)
    }

    /// Whether a subject has a predicate with an object that is the same for all rows.
    fn is_subject(&self, node: usize, s: Id, p: Id, o: Id) -> bool {
        let cursor = self.cursors[node].get().unwrap_or_else(|| Cursor::new(self.ops.with(o, p)));
        let cursor = cursor.to(s, |pair| pair[1]);
        self.cursors[node].set(Some(cursor));
        cursor.ahead().first().is_some_and(|pair| pair[1] == s)
    }
}

/// A place in a run of pairs that are sorted by subject.
///
/// Rows come in the order of their subjects more often than not; then the next one lies right behind the last, and need not
/// be sought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'q> {
    run: &'q [[Id; 2]],
    at: usize,
    /// How often in a row the next subject was elsewhere.
    misses: u32,
}

impl<'q> Cursor<'q> {
    fn new(run: &'q [[Id; 2]]) -> Self {
        Self { run, at: 0, misses: 0 }
    }

    /// The pairs from here on.
    fn ahead(self) -> &'q [[Id; 2]] {
        self.run.get(self.at..).unwrap_or_default()
    }

    /// The first place whose subject is not less.
    #[inline]
    fn to(self, s: Id, subject: impl Fn(&[Id; 2]) -> Id) -> Self {
        let ahead = self.ahead();
        let near = &ahead[..ahead.len().min(NEAR)];
        if self.misses < MISSES
            && near.first().is_some_and(|pair| subject(pair) <= s)
            && let Some(steps) = near.iter().position(|pair| subject(pair) >= s)
        {
            return Self { at: self.at + steps, misses: 0, ..self };
        }
        Self { at: self.run.partition_point(|pair| subject(pair) < s), misses: self.misses + 1, ..self }
    }
}
