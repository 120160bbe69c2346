//! Property paths: breadth-first over ids.

use rustc_hash::FxHashSet;

use super::{Execution, Flow, scan::Visible};
use crate::{
    dataset::Id,
    engine::plan::{GraphPlace, PathScan, Place, Step},
};

/// Along the triples or against them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Along,
    Against,
}

impl Direction {
    fn turned(self) -> Self {
        if self == Self::Along { Self::Against } else { Self::Along }
    }
}

impl Execution<'_> {
    /// Hands on the row with each pair of ends of the path.
    pub(super) fn path(&self, scan: &PathScan, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        let name = scan.graph.place().and_then(|place| Self::value_at(place, row));
        let number = name.and_then(|name| self.named_graph(name));
        let walk = Walk {
            execution: self,
            constants: [scan.subject, scan.object].map(|place| match place {
                Place::Term(id) => Some(id),
                Place::Slot(_) => None,
            }),
            visible: match (scan.graph, &number) {
                (GraphPlace::Default, _) => self.default_graph(),
                (GraphPlace::Named(_), None) => Visible::None,
                (GraphPlace::Named(_), Some(number)) => Visible::In(std::slice::from_ref(number)),
            },
        };
        let (subject, object) = (Self::value_at(scan.subject, row), Self::value_at(scan.object, row));
        match (subject, object) {
            (Some(subject), Some(object)) => walk.go(&scan.path, subject, Direction::Along, &mut |end| {
                if end == object { next(row) } else { Flow::Continue(()) }
            }),
            (Some(subject), None) => walk.go(&scan.path, subject, Direction::Along, &mut |end| {
                let flow = if Self::put(scan.object, end, row) { next(row) } else { Flow::Continue(()) };
                Self::clear(scan.object, None, row);
                flow
            }),
            (None, Some(object)) => walk.go(&scan.path, object, Direction::Against, &mut |start| {
                let flow = if Self::put(scan.subject, start, row) { next(row) } else { Flow::Continue(()) };
                Self::clear(scan.subject, None, row);
                flow
            }),
            (None, None) => walk.starts(&scan.path, &mut |start| {
                walk.go(&scan.path, start, Direction::Along, &mut |end| {
                    let fits = Self::put(scan.subject, start, row) && Self::put(scan.object, end, row);
                    let flow = if fits { next(row) } else { Flow::Continue(()) };
                    Self::clear(scan.subject, None, row);
                    Self::clear(scan.object, None, row);
                    flow
                })
            }),
        }
    }
}

struct Walk<'e, 'q> {
    execution: &'e Execution<'q>,
    visible: Visible<'e>,
    /// The ends that are terms of the query.
    constants: [Option<Id>; 2],
}

impl Walk<'_, '_> {
    fn sees(&self, s: Id, p: Id, o: Id) -> bool {
        if let Visible::All = self.visible {
            return true;
        }
        let dataset = self.execution.dataset;
        dataset.position(s, p, o).is_some_and(|position| self.visible.sees(dataset.graphs_of(position)))
    }

    /// Whether it is the subject or object of a triple that is seen, or named by the query: a path of no steps leads from
    /// such a term to itself, wherever it occurs.
    fn is_node(&self, id: Id) -> bool {
        if self.constants.contains(&Some(id)) {
            return true;
        }
        let dataset = self.execution.dataset;
        dataset.spo().of(id).iter().any(|&[p, o]| self.sees(id, p, o))
            || dataset.ops().of(id).iter().any(|&[p, s]| self.sees(s, p, id))
    }

    /// Every node a step leads to, as often as there are ways, save where the path is a set by definition.
    fn go(&self, step: &Step, from: Id, direction: Direction, each: &mut dyn FnMut(Id) -> Flow) -> Flow {
        let execution = self.execution;
        let dataset = execution.dataset;
        execution.budget.step()?;
        match step {
            Step::Predicate(p) => {
                let pairs = match direction {
                    Direction::Along => dataset.spo().with(from, *p),
                    Direction::Against => dataset.ops().with(from, *p),
                };
                pairs.iter().try_for_each(|&[_, to]| {
                    execution.budget.step()?;
                    if self.sees_from(from, *p, to, direction) { each(to) } else { Flow::Continue(()) }
                })
            }
            Step::Other(those) => {
                let pairs = match direction {
                    Direction::Along => dataset.spo().of(from),
                    Direction::Against => dataset.ops().of(from),
                };
                pairs.iter().try_for_each(|&[p, to]| {
                    execution.budget.step()?;
                    let other = !those.contains(&p) && self.sees_from(from, p, to, direction);
                    if other { each(to) } else { Flow::Continue(()) }
                })
            }
            Step::Inverse(step) => self.go(step, from, direction.turned(), each),
            Step::Sequence(steps) => self.go_all(steps, from, direction, each),
            Step::Alternative(steps) => steps.iter().try_for_each(|step| self.go(step, from, direction, each)),
            Step::ZeroOrOne(step) => {
                if !self.is_node(from) {
                    return Flow::Continue(());
                }
                let mut seen = FxHashSet::from_iter([from]);
                each(from)?;
                self.go(step, from, direction, &mut |to| {
                    execution.budget.step()?;
                    if seen.insert(to) { each(to) } else { Flow::Continue(()) }
                })
            }
            Step::ZeroOrMore(step) => {
                if !self.is_node(from) {
                    return Flow::Continue(());
                }
                let mut seen = FxHashSet::from_iter([from]);
                each(from)?;
                self.closure(step, from, direction, &mut seen, each)
            }
            Step::OneOrMore(step) => self.closure(step, from, direction, &mut FxHashSet::default(), each),
        }
    }

    /// One step after the other.
    fn go_all(&self, steps: &[Step], from: Id, direction: Direction, each: &mut dyn FnMut(Id) -> Flow) -> Flow {
        let ((Direction::Along, [first, rest @ ..]) | (Direction::Against, [rest @ .., first])) = (direction, steps)
        else {
            return each(from);
        };
        self.go(first, from, direction, &mut |middle| self.go_all(rest, middle, direction, each))
    }

    fn sees_from(&self, from: Id, p: Id, to: Id, direction: Direction) -> bool {
        if direction == Direction::Along { self.sees(from, p, to) } else { self.sees(to, p, from) }
    }

    /// Each node that is reached and was not seen before.
    fn closure(
        &self,
        step: &Step,
        from: Id,
        direction: Direction,
        seen: &mut FxHashSet<Id>,
        each: &mut dyn FnMut(Id) -> Flow,
    ) -> Flow {
        let budget = &*self.execution.budget;
        let mut todo = vec![from];
        let mut taken = 0;
        let mut flow = Flow::Continue(());
        while let (Some(node), Flow::Continue(())) = (todo.pop(), flow) {
            flow = self.go(step, node, direction, &mut |to| {
                if !seen.insert(to) {
                    return Flow::Continue(());
                }
                todo.push(to);
                taken += 16;
                budget.take(16)?;
                each(to)
            });
        }
        budget.give_back(taken);
        flow
    }

    /// Every node that the path may begin at, once.
    fn starts(&self, step: &Step, each: &mut dyn FnMut(Id) -> Flow) -> Flow {
        let dataset = self.execution.dataset;
        match step {
            Step::Predicate(p) => {
                let mut last = None;
                dataset.pso().of(*p).iter().try_for_each(|&[s, _]| {
                    self.execution.budget.step()?;
                    if last.replace(s) == Some(s) { Flow::Continue(()) } else { each(s) }
                })
            }
            Step::OneOrMore(step) => self.starts(step, each),
            Step::Sequence(steps) => steps.first().map_or(Flow::Continue(()), |first| self.starts(first, each)),
            Step::Other(_) => (0..dataset.terms()).try_for_each(|id| {
                self.execution.budget.step()?;
                if dataset.spo().of(id).is_empty() { Flow::Continue(()) } else { each(id) }
            }),
            Step::Inverse(_) | Step::Alternative(_) | Step::ZeroOrMore(_) | Step::ZeroOrOne(_) => (0..dataset.terms())
                .try_for_each(|id| {
                    self.execution.budget.step()?;
                    if dataset.spo().of(id).is_empty() && dataset.ops().of(id).is_empty() {
                        Flow::Continue(())
                    } else {
                        each(id)
                    }
                }),
        }
    }
}
