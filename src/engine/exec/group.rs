//! GROUP BY: rows come together in groups, each with its aggregates so far.

use std::ops::ControlFlow;

use rustc_hash::FxHashSet;

use super::{
    Execution, Flow, Halt,
    accumulator::Accumulator,
    key::{Key, KeyMap},
};
use crate::{
    dataset::Id,
    engine::{
        plan::{Aggregate, Function, Group, Operator, Value},
        terms::{Constants, UNBOUND},
    },
};

/// Bytes of a group and of each of its aggregates, about.
const GROUP: usize = 64;
const ACCUMULATOR: usize = size_of::<Accumulator>();

/// Bytes of a value that was seen, in a table that is half full.
const VALUE: usize = 18;

/// Groups with their aggregates so far.
pub(super) struct Groups<'q> {
    group: &'q Group,
    numbers: KeyMap<u32>,
    keys: Vec<Key>,
    /// Those of the first group, those of the second, …
    accumulators: Vec<Accumulator>,
    /// For each aggregate, what it has seen in which group.
    seen: Vec<Seen>,
}

/// What an aggregate of different values has seen: groups with values, or groups with rows.
#[derive(Default)]
struct Seen {
    values: FxHashSet<(u32, Id)>,
    rows: FxHashSet<(u32, Key)>,
}

impl<'q> Execution<'q> {
    pub(super) fn group(&self, group: &'q Group, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        let groups = match self.grouped(group, row) {
            Ok(groups) => groups,
            Err(halt) => return Flow::Break(halt),
        };
        self.hand_on(groups, row, next)
    }

    /// Groups all rows.
    pub(super) fn grouped(&self, group: &'q Group, row: &mut [Id]) -> Result<Groups<'q>, Halt> {
        let mut groups = Groups::new(group);
        if let Some(count) = self.counted(group, row) {
            return match groups.number(self, Key::of(row, &[])) {
                ControlFlow::Continue(_) => {
                    groups.accumulators.fill(Accumulator::Count(count));
                    Ok(groups)
                }
                ControlFlow::Break(halt) => Err(halt),
            };
        }
        let flow = self.run(&group.inner, row, &mut |row| groups.add(self, row));
        match flow {
            Flow::Break(halt) => Err(halt),
            Flow::Continue(()) => Ok(groups),
        }
    }

    /// How many rows there are, if that is all that is asked and an order of the dataset knows it.
    pub(super) fn counted(&self, group: &Group, row: &[Id]) -> Option<i64> {
        let counts = |aggregate: &Aggregate<Value>| {
            aggregate.function == Function::Count && !aggregate.distinct && aggregate.value.is_none()
        };
        let Operator::Scan(scan) = &group.inner.operator else { return None };
        if !group.keys.is_empty()
            || self.counts.is_some()
            || self.part.get().is_some()
            || !group.aggregates.iter().all(counts)
        {
            return None;
        }
        i64::try_from(self.size_of(scan, row)?).ok()
    }

    /// The value of an aggregate.
    fn finish(&self, accumulator: &Accumulator) -> Result<Id, Halt> {
        // Many groups have the same count.
        let small = match accumulator {
            Accumulator::Count(count) => Id::try_from(*count).ok(),
            _ => None,
        };
        if let Some(id) = small.and_then(|small| self.counted.borrow().get(small)) {
            return Ok(id);
        }
        let id = accumulator.finish(self)?;
        if let Some(small) = small {
            self.counted.borrow_mut().set(small, id);
        }
        Ok(id)
    }

    pub(super) fn hand_on(
        &self,
        mut groups: Groups<'q>,
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        let group = groups.group;
        if group.keys.is_empty() && groups.keys.is_empty() {
            // Without GROUP BY there is one group, of nothing too.
            groups.number(self, Key::of(row, &[]))?;
        }
        let aggregates = group.aggregates.len();
        let slots = || group.keys.iter().copied().chain(group.aggregates.iter().map(|aggregate| aggregate.slot));
        let before: Vec<Id> = slots().map(|slot| row[slot]).collect();
        let mut flow = Flow::Continue(());
        for (n, key) in groups.keys.iter().enumerate() {
            for (slot, id) in group.keys.iter().zip(key.ids(group.keys.len())) {
                row[*slot] = id;
            }
            let accumulators = &groups.accumulators[n * aggregates..(n + 1) * aggregates];
            let (mut agrees, mut failed) = (true, None);
            for (at, (aggregate, accumulator)) in group.aggregates.iter().zip(accumulators).enumerate() {
                let id = match self.finish(accumulator) {
                    Ok(id) => id,
                    Err(halt) => {
                        failed = Some(halt);
                        break;
                    }
                };
                // What the row already says of it must agree.
                let said = before[group.keys.len() + at];
                agrees &= said == UNBOUND || id == UNBOUND || said == id;
                row[aggregate.slot] = if id == UNBOUND { said } else { id };
            }
            flow = failed.map_or_else(|| self.budget.step(), Flow::Break);
            if agrees && flow.is_continue() {
                flow = next(row);
            }
            if flow.is_break() {
                break;
            }
        }
        slots().zip(before).for_each(|(slot, id)| row[slot] = id);
        self.budget.give_back(groups.bytes());
        flow
    }
}

impl<'q> Groups<'q> {
    pub(super) fn new(group: &'q Group) -> Self {
        Self {
            group,
            numbers: KeyMap::default(),
            keys: Vec::new(),
            accumulators: Vec::new(),
            seen: group.aggregates.iter().map(|_| Seen::default()).collect(),
        }
    }

    /// About what is given back when the groups go; what texts and distinct values took stays charged.
    fn bytes(&self) -> usize {
        self.keys.len() * (GROUP + ACCUMULATOR * self.group.aggregates.len())
    }

    fn number(&mut self, execution: &Execution<'_>, key: Key) -> ControlFlow<Halt, u32> {
        if let Some(number) = self.numbers.get(&key) {
            return ControlFlow::Continue(number);
        }
        if let Flow::Break(halt) =
            execution.budget.take(GROUP + key.bytes() + ACCUMULATOR * self.group.aggregates.len())
        {
            return ControlFlow::Break(halt);
        }
        let number = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.accumulators.extend(self.group.aggregates.iter().map(Accumulator::new));
        self.keys.push(key.clone());
        self.numbers.insert(key, number);
        ControlFlow::Continue(number)
    }

    fn add(&mut self, execution: &Execution<'q>, row: &mut [Id]) -> Flow {
        let number = self.number(execution, Key::of(row, &self.group.keys))?;
        let first = number as usize * self.group.aggregates.len();
        for (at, aggregate) in self.group.aggregates.iter().enumerate() {
            let value = match &aggregate.value {
                None => None,
                Some(value) => match execution.id(value, row) {
                    Ok(id) => Some(id),
                    Err(halt) => return Flow::Break(halt),
                },
            };
            if aggregate.distinct {
                let (is_new, bytes) = match value {
                    None => {
                        let key = Key::of(row, &aggregate.row);
                        let bytes = key.bytes() + 8;
                        (self.seen[at].rows.insert((number, key)), bytes)
                    }
                    Some(UNBOUND) if aggregate.function == Function::Count => continue,
                    Some(id) => (self.seen[at].values.insert((number, id)), VALUE),
                };
                if !is_new {
                    continue;
                }
                execution.budget.take(bytes)?;
            }
            self.accumulators[first + at].add(execution, aggregate, value)?;
        }
        Flow::Continue(())
    }

    /// Whether a sum was rounded, so that it depends on the order of what was added.
    pub(super) fn has_rounded(&self) -> bool {
        self.accumulators.iter().any(Accumulator::is_rounded)
    }

    /// Adds the groups of rows that came after these, on a thread with new terms of its own.
    pub(super) fn merge(&mut self, execution: &Execution<'q>, other: Self, made: &Constants) -> Flow {
        let has_same = made.len() == execution.given;
        let renumber = |id| if has_same { id } else { execution.terms.borrow_mut().renumber(id, made) };
        let mapped = |key: Key, ids| if has_same { key } else { key.mapped(ids, renumber) };
        let aggregates = self.group.aggregates.len();
        let mut numbers = Vec::with_capacity(other.keys.len());
        for key in other.keys {
            numbers.push(self.number(execution, mapped(key, self.group.keys.len()))?);
        }
        for (n, number) in numbers.iter().enumerate() {
            for (at, aggregate) in self.group.aggregates.iter().enumerate() {
                if !aggregate.distinct {
                    let theirs = other.accumulators[n * aggregates + at].mapped(renumber);
                    self.accumulators[*number as usize * aggregates + at].merge(execution, aggregate, &theirs)?;
                }
            }
        }
        for (at, seen) in other.seen.into_iter().enumerate() {
            let aggregate = &self.group.aggregates[at];
            let place = |number: u32| number as usize * aggregates + at;
            for (n, id) in seen.values {
                let (number, id) = (numbers[n as usize], renumber(id));
                if self.seen[at].values.insert((number, id)) {
                    self.accumulators[place(number)].add(execution, aggregate, Some(id))?;
                }
            }
            for (n, key) in seen.rows {
                let (number, key) = (numbers[n as usize], mapped(key, aggregate.row.len()));
                if self.seen[at].rows.insert((number, key)) {
                    self.accumulators[place(number)].add(execution, aggregate, None)?;
                }
            }
        }
        Flow::Continue(())
    }
}
