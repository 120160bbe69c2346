//! Doing what a plan says.
//!
//! Each operator is handed a row and hands rows on; nothing is kept that need not be. A row is a slice that all operators
//! share: whoever binds a slot empties it again. Every loop takes steps from a [`Budget`], and whatever is kept takes
//! memory from it.

mod accumulator;
mod budget;
mod call;
mod exists;
mod expression;
mod group;
mod key;
mod memo;
mod moment;
mod parallel;
mod path;
mod run;
mod scan;
mod sort;
mod table;
mod words;

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    time::Instant,
};

use oxigraph::model::Literal;
use rustc_hash::{FxHashMap, FxHashSet};

pub(in crate::engine) use self::budget::{Budget, Flow, Halt};
use self::{call::Compiled, key::Key, memo::Memo, moment::Moment, run::Cursor, scan::Visible, table::Tables};
use super::{
    plan::{Counts, Node, Operator, Plan, Slot},
    terms::{Constants, Terms, UNBOUND},
};
use crate::{
    dataset::{Dataset, Id, Order, Texts},
    value::Number,
};

/// One evaluation of a plan.
pub(in crate::engine) struct Execution<'q> {
    plan: &'q Plan,
    dataset: &'q Dataset,
    spo: Order<'q>,
    ops: Order<'q>,
    pso: Order<'q>,
    budget: Rc<Budget>,
    terms: Rc<RefCell<Terms<'q>>>,
    /// The terms of the dataset, and how many there are.
    texts: Texts<'q>,
    known: Id,
    moment: Moment,
    /// The terms false and true.
    truth: [Id; 2],
    /// How many terms the dataset does not have were there before the first row.
    given: usize,
    tables: Vec<RefCell<Tables>>,
    found: Vec<RefCell<FxHashMap<Key, bool>>>,
    memos: Vec<RefCell<Remembered>>,
    patterns: Vec<RefCell<Compiled>>,
    /// What texts take that are made on the way to a value.
    scratch: Cell<usize>,
    /// The blank nodes of `BNODE("label")` in the solution that is being worked on.
    labels: RefCell<Vec<(String, Id)>>,
    /// Where the last subject of each scan was.
    cursors: Vec<Cell<Option<Cursor<'q>>>>,
    /// The numbers that terms are.
    numbers: RefCell<Memo<Option<Number>>>,
    /// The terms of counts.
    counted: RefCell<Memo<Id>>,
    /// What each search for words has found.
    searches: Vec<words::Found>,
    /// The part of the first scan's triples that is looked at, of so many.
    part: Cell<Option<parallel::Part>>,
    counts: Option<&'q Counts>,
}

/// What is known of the values of an expression that depends on one variable.
#[derive(Debug, Default)]
struct Remembered {
    values: Memo<Id>,
    truths: Memo<Option<bool>>,
}

impl<'q> Execution<'q> {
    pub(in crate::engine) fn new(
        plan: &'q Plan,
        dataset: &'q Dataset,
        budget: Rc<Budget>,
        counts: Option<&'q Counts>,
    ) -> Self {
        Self::at(Moment::new(), plan, dataset, budget, counts)
    }

    /// At a time that other evaluations share.
    fn at(
        moment: Moment,
        plan: &'q Plan,
        dataset: &'q Dataset,
        budget: Rc<Budget>,
        counts: Option<&'q Counts>,
    ) -> Self {
        let mut terms = Terms::new(dataset, plan.constants.clone());
        let truth = [false, true].map(|value| terms.number(&Literal::from(value)));
        let given = terms.made().len();
        Self {
            plan,
            dataset,
            spo: dataset.spo(),
            ops: dataset.ops(),
            pso: dataset.pso(),
            budget,
            terms: Rc::new(RefCell::new(terms)),
            texts: dataset.texts(),
            known: dataset.terms(),
            moment,
            truth,
            given,
            tables: (0..plan.counts.tables).map(|_| RefCell::default()).collect(),
            found: (0..plan.counts.exists).map(|_| RefCell::default()).collect(),
            memos: (0..plan.counts.memos).map(|_| RefCell::default()).collect(),
            patterns: (0..plan.counts.patterns).map(|_| RefCell::default()).collect(),
            searches: (0..plan.counts.searches).map(|_| OnceCell::new()).collect(),
            scratch: Cell::default(),
            labels: RefCell::default(),
            cursors: vec![Cell::default(); plan.counts.nodes],
            numbers: RefCell::default(),
            counted: RefCell::default(),
            part: Cell::new(None),
            counts,
        }
    }

    /// All terms that can stand in a row.
    pub(in crate::engine) fn terms(&self) -> Rc<RefCell<Terms<'q>>> {
        Rc::clone(&self.terms)
    }

    /// The terms that the dataset does not have.
    fn made_terms(&self) -> Constants {
        self.terms.borrow().made().clone()
    }

    /// Slots of the answer's columns.
    pub(in crate::engine) fn columns(&self) -> &'q [Slot] {
        &self.plan.columns
    }

    /// Whether a triple is in the default graph of the query's dataset.
    pub(in crate::engine) fn is_in_default_graph(&self, s: Id, p: Id, o: Id) -> bool {
        match self.default_graph() {
            Visible::All => true,
            visible => {
                let position = self.dataset.position(s, p, o);
                position.is_some_and(|position| visible.sees(self.dataset.graphs_of(position)))
            }
        }
    }

    /// A row in which nothing is bound.
    fn empty_row(&self) -> Vec<Id> {
        vec![UNBOUND; self.plan.names.len()]
    }

    /// Gives every row of the answer.
    pub(in crate::engine) fn rows(&self, next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        let mut row = self.empty_row();
        self.run(&self.plan.root, &mut row, next)
    }

    fn run(&self, node: &'q Node, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        let Some(counts) = self.counts else { return self.operate(node, row, next) };
        let start = Instant::now();
        let mut after = std::time::Duration::ZERO;
        let flow = self.operate(node, row, &mut |row| {
            counts.add_row(node.id);
            let start = Instant::now();
            let flow = next(row);
            after += start.elapsed();
            flow
        });
        counts.add_time(node.id, start.elapsed().saturating_sub(after));
        flow
    }

    fn operate(&self, node: &'q Node, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        match &node.operator {
            Operator::Unit => next(row),
            Operator::Scan(scan) => match self.part.get() {
                Some(part) if part.node == node.id => self.scan_part(scan, part, row, next),
                _ => self.scan_run(node.id, scan, row, next).unwrap_or_else(|| self.scan(scan, row, next)),
            },
            Operator::Path(path) => self.path(path, row, next),
            Operator::GraphName(place) => self.graph_name(*place, row, next),
            Operator::Words(words) => self.words(words, row, next),
            Operator::Values { slots, rows } => self.values(slots, rows, row, next),
            Operator::Sequence(nodes) => self.sequence(nodes, row, next),
            Operator::Filter(condition) => match self.holds(condition, row) {
                Ok(true) => next(row),
                Ok(false) => Flow::Continue(()),
                Err(halt) => Flow::Break(halt),
            },
            Operator::Extend { slot, value, begins } => {
                if *begins {
                    self.labels.borrow_mut().clear();
                }
                let id = match self.id(value, row) {
                    Ok(id) => id,
                    Err(halt) => return Flow::Break(halt),
                };
                let before = row[*slot];
                if before != UNBOUND && id != UNBOUND && before != id {
                    return Flow::Continue(());
                }
                if id != UNBOUND {
                    row[*slot] = id;
                }
                let flow = next(row);
                row[*slot] = before;
                flow
            }
            Operator::LeftJoin(inner) => {
                let mut any = false;
                self.run(inner, row, &mut |row| {
                    any = true;
                    next(row)
                })?;
                if any { Flow::Continue(()) } else { next(row) }
            }
            // A row becomes many, also where nothing is read.
            Operator::Union(nodes) => nodes.iter().try_for_each(|node| {
                self.budget.step()?;
                self.run(node, row, next)
            }),
            Operator::AntiJoin(inner) => {
                let mut any = false;
                let flow = self.run(inner, row, &mut |_| {
                    any = true;
                    Flow::Break(Halt::Enough)
                });
                match flow {
                    Flow::Break(Halt::Failed) => flow,
                    _ if any => Flow::Continue(()),
                    _ => next(row),
                }
            }
            Operator::HashAntiJoin(table) => match self.is_taken_away(table, row) {
                Ok(true) => Flow::Continue(()),
                Ok(false) => next(row),
                Err(halt) => Flow::Break(halt),
            },
            Operator::HashJoin(table) => self.join(table, row, next),
            Operator::Aggregate(group) => match self.in_parts(group, row) {
                Some(Ok(groups)) => self.hand_on(groups, row, next),
                Some(Err(halt)) => Flow::Break(halt),
                None => self.group(group, row, next),
            },
            Operator::Distinct { inner, slots } => {
                let mut seen = FxHashSet::default();
                self.run(inner, row, &mut |row| {
                    let key = Key::of(row, slots);
                    let bytes = key.bytes() + 8;
                    if !seen.insert(key) {
                        return self.budget.step();
                    }
                    self.budget.take(bytes)?;
                    next(row)
                })
            }
            Operator::Sort { inner, keys, slots, most } => self.order(inner, keys, slots, *most, row, next),
            Operator::Slice { inner, start, length } => self.slice(inner, *start, *length, row, next),
        }
    }

    fn sequence(&self, nodes: &'q [Node], row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        match nodes {
            [] => next(row),
            [last] => self.run(last, row, next),
            [first, rest @ ..] => self.run(first, row, &mut |row| self.sequence(rest, row, next)),
        }
    }

    fn values(
        &self,
        slots: &[usize],
        rows: &[Vec<Id>],
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        let before: Vec<Id> = slots.iter().map(|slot| row[*slot]).collect();
        for given in rows {
            self.budget.step()?;
            let agrees = slots.iter().zip(given).all(|(slot, id)| {
                let free = row[*slot] == UNBOUND;
                if free {
                    row[*slot] = *id;
                }
                free || *id == UNBOUND || row[*slot] == *id
            });
            let flow = if agrees { next(row) } else { Flow::Continue(()) };
            slots.iter().zip(&before).for_each(|(slot, id)| row[*slot] = *id);
            flow?;
        }
        Flow::Continue(())
    }

    fn slice(
        &self,
        inner: &'q Node,
        start: usize,
        length: Option<usize>,
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        if length == Some(0) {
            return Flow::Continue(());
        }
        let (mut skipped, mut given) = (0, 0);
        let mut after = Flow::Continue(());
        let flow = self.run(inner, row, &mut |row| {
            if skipped < start {
                skipped += 1;
                return self.budget.step();
            }
            given += 1;
            after = next(row);
            after?;
            if length == Some(given) { Flow::Break(Halt::Enough) } else { Flow::Continue(()) }
        });
        if flow == Flow::Break(Halt::Failed) { flow } else { after }
    }
}
