//! One evaluation on all processors: the triples of the first pattern are dealt out in as many parts.

use std::{rc::Rc, thread};

use super::{Budget, Execution, Flow, Halt, group::Groups};
use crate::{
    dataset::Id,
    engine::{
        plan::{Aggregate, Function, GraphPlace, Group, Node, Operator, Scan, Value},
        stack,
        terms::UNBOUND,
    },
};

/// Fewer triples than this are not dealt out.
const WORTH_IT: usize = 20_000;

/// A part of the triples of a scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The node of the scan.
    pub(super) node: usize,
    index: usize,
    of: usize,
}

impl Part {
    /// Its share of a slice.
    pub(super) fn of<'s, T>(&self, slice: &'s [T]) -> &'s [T] {
        let at = |index: usize| slice.len() * index / self.of;
        &slice[at(self.index)..at(self.index + 1)]
    }
}

impl<'q> Execution<'q> {
    /// Groups on all processors, if the plan allows it and there is enough to do.
    pub(super) fn in_parts(&self, group: &'q Group, row: &[Id]) -> Option<Result<Groups<'q>, Halt>> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let apart = row.iter().any(|id| *id != UNBOUND)
            || self.part.get().is_some()
            || self.counted(group, row).is_some()
            || self.counts.is_some();
        // The values of a set come in no order.
        let is_ordered = |aggregate: &Aggregate<Value>| {
            aggregate.distinct && !matches!(aggregate.function, Function::Count | Function::Sum | Function::Average)
        };
        let first = first_scan(&group.inner)?;
        if threads < 2 || apart || group.aggregates.iter().any(is_ordered) || self.size(first) < WORTH_IT {
            return None;
        }
        self.deal_out(group, first.0, threads)
    }

    /// None if the system gives no threads, or if it has to be done in one go.
    fn deal_out(&self, group: &'q Group, node: usize, threads: usize) -> Option<Result<Groups<'q>, Halt>> {
        let (plan, dataset, moment) = (self.plan, self.dataset, &self.moment);
        let (watch, memory) = self.budget.again();
        let results = thread::scope(|scope| {
            let start = |index: usize| {
                let (watch, moment) = (watch.clone(), moment.clone());
                stack::spawn_for_plan(scope, move || {
                    let budget = Rc::new(Budget::new(&watch, memory / threads));
                    let execution = Execution::at(moment, plan, dataset, Rc::clone(&budget), None);
                    execution.part.set(Some(Part { node, index, of: threads }));
                    let mut row = execution.empty_row();
                    let groups = execution.grouped(group, &mut row);
                    (groups, execution.made_terms(), budget.error())
                })
            };
            // Whatever has been started is waited for.
            let handles: Vec<_> = (0..threads).map(start).collect();
            let results = handles.into_iter().map(|handle| Some(handle.ok()?.join().ok()));
            results.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
        })?;
        let mut done = results.iter().flatten().filter_map(|(groups, ..)| groups.as_ref().ok());
        if done.any(Groups::has_rounded) {
            // The sum is that of one after the other.
            return None;
        }
        let mut all: Option<Groups<'q>> = None;
        for result in results {
            let (groups, made) = match result {
                Some((Ok(groups), made, _)) => (groups, made),
                Some((Err(_), _, error)) => {
                    self.budget.fail_with(error);
                    return Some(Err(Halt::Failed));
                }
                None => {
                    self.budget.fail_with(None);
                    return Some(Err(Halt::Failed));
                }
            };
            if all.is_none() && made.len() == self.given {
                all = Some(groups);
                continue;
            }
            if let Flow::Break(halt) = all.get_or_insert_with(|| Groups::new(group)).merge(self, groups, &made) {
                return Some(Err(halt));
            }
        }
        all.map(Ok)
    }

    fn size(&self, (_, scan): (usize, &Scan)) -> usize {
        let row = self.empty_row();
        self.pairs(scan, &row).map_or(0, <[_]>::len)
    }

    /// The pairs a scan goes through, if they are one slice.
    pub(super) fn pairs(&self, scan: &Scan, row: &[Id]) -> Option<&'q [[Id; 2]]> {
        if scan.graph != GraphPlace::Default || self.plan.view.default.is_some() {
            return None;
        }
        let value = |place| Self::value_at(place, row);
        match (value(scan.subject), value(scan.predicate), value(scan.object)) {
            (None, Some(p), None) => Some(self.pso.of(p)),
            (None, Some(p), Some(o)) => Some(self.ops.with(o, p)),
            _ => None,
        }
    }

    /// Goes through a part of the triples of a scan.
    pub(super) fn scan_part(
        &self,
        scan: &Scan,
        part: Part,
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        let object = Self::value_at(scan.object, row);
        for &[a, b] in part.of(self.pairs(scan, row).unwrap_or_default()) {
            self.budget.step()?;
            let (s, o) = if let Some(o) = object { (b, o) } else { (a, b) };
            let fits = Self::put(scan.subject, s, row) && (object.is_some() || Self::put(scan.object, o, row));
            let flow = if fits { next(row) } else { Flow::Continue(()) };
            Self::clear(scan.subject, None, row);
            Self::clear(scan.object, object, row);
            flow?;
        }
        Flow::Continue(())
    }
}

/// The pattern that is matched first, once, if that is what a plan begins with.
fn first_scan(node: &Node) -> Option<(usize, &Scan)> {
    match &node.operator {
        Operator::Scan(scan) => Some((node.id, scan)),
        Operator::Sequence(nodes) => first_scan(nodes.first()?),
        Operator::Distinct { .. }
        | Operator::Unit
        | Operator::Path(_)
        | Operator::GraphName(_)
        | Operator::Words(_)
        | Operator::Values { .. }
        | Operator::Filter(_)
        | Operator::Extend { .. }
        | Operator::LeftJoin(_)
        | Operator::Union(_)
        | Operator::AntiJoin(_)
        | Operator::HashAntiJoin(_)
        | Operator::HashJoin(_)
        | Operator::Aggregate(_)
        | Operator::Sort { .. }
        | Operator::Slice { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use oxigraph::model::{GraphNameRef, NamedNode, NamedNodeRef, QuadRef};

    use super::*;
    use crate::{dataset::Dataset, engine::*};

    #[test]
    fn what_a_query_makes_is_counted_once_on_all_processors() {
        let things: Vec<_> = (0..WORTH_IT + 9).map(|n| NamedNode::new_unchecked(format!("http://e/{n}"))).collect();
        let kind = NamedNodeRef::new_unchecked("http://e/kind");
        let quads = things.iter().map(|thing| QuadRef::new(thing, kind, kind, GraphNameRef::DefaultGraph));
        let engine = Engine::new(&Dataset::from_quads(quads).unwrap(), Limits::default());
        let query = "SELECT (COUNT(DISTINCT CONCAT(STR(?x), \"!\")) AS ?n) { ?x <http://e/kind> ?y }";
        let prepared = engine.prepare(query, None).unwrap();
        let read = engine.read(&prepared, &DatasetSpec::default(), 9, &Watch::unlimited());
        let Ok((Results::Table(rows), _)) = read else { panic!("no table") };
        let expected = oxigraph::model::Literal::from(u64::try_from(things.len()).unwrap());
        assert_eq!(rows, [[Some(expected.into())]]);
    }
}
