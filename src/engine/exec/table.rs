//! Tables: rows that are made once and looked up for each row they are joined with.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Execution, Flow, Halt, expression::checked, key::Key};
use crate::{
    dataset::Id,
    engine::{
        plan::{Slot, Table, Value},
        terms::UNBOUND,
    },
    value::{self, Place},
};

/// How many tables of one operator are kept, each for other values of its parameters.
const KEPT: usize = 16;

/// The tables of one operator, by what its parameters were.
#[derive(Debug, Default)]
pub(super) struct Tables(Vec<(Key, Rc<Rows>)>);

/// The rows of a table by their keys.
#[derive(Debug, Default)]
pub(super) struct Rows {
    width: usize,
    ids: Vec<Id>,
    count: usize,
    by_key: FxHashMap<Key, Vec<u32>>,
    /// Rows whose value may be equal to any.
    anywhere: Vec<u32>,
    /// Memory that it takes.
    bytes: usize,
}

impl Rows {
    fn row(&self, at: u32) -> &[Id] {
        let at = at as usize * self.width;
        &self.ids[at..at + self.width]
    }
}

impl<'q> Execution<'q> {
    /// The rows of a table for what its parameters are in a row, made when they are first wanted.
    fn table(&self, table: &'q Table, row: &[Id]) -> Result<Rc<Rows>, Halt> {
        let parameters = Key::of(row, &table.parameters);
        let kept = &self.tables[table.index];
        if let Some((_, rows)) = kept.borrow().0.iter().find(|(known, _)| *known == parameters) {
            return Ok(Rc::clone(rows));
        }
        let rows = Rc::new(self.make_table(table, row)?);
        let tables = &mut kept.borrow_mut().0;
        if tables.len() >= KEPT {
            let (_, oldest) = tables.remove(0);
            self.budget.give_back(oldest.bytes);
        }
        tables.push((parameters, Rc::clone(&rows)));
        Ok(rows)
    }

    fn make_table(&self, table: &'q Table, row: &[Id]) -> Result<Rows, Halt> {
        let mut made = Rows { width: table.slots.len(), ..Rows::default() };
        let mut start = self.empty_row();
        for slot in &table.parameters {
            start[*slot] = row[*slot];
        }
        checked(self.run(&table.inner, &mut start, &mut |row| {
            let place = match &table.on {
                None => None,
                Some(on) => match self.place(&on[1], row) {
                    Ok(Some(place)) => Some(place),
                    // What has no value is equal to nothing.
                    Ok(None) => return self.budget.step(),
                    Err(halt) => return Flow::Break(halt),
                },
            };
            let key = match place {
                None => Key::of(row, &table.keys),
                Some(Place::At(place)) => Key::Short(place),
                Some(Place::Anywhere) => Key::Short(0),
            };
            let bytes = 4 * made.width + 4 + key.bytes();
            self.budget.take(bytes)?;
            made.bytes += bytes;
            made.ids.extend(table.slots.iter().map(|slot| row[*slot]));
            let Ok(at) = u32::try_from(made.count) else { return Flow::Break(Halt::Failed) };
            made.count += 1;
            match place {
                Some(Place::Anywhere) => made.anywhere.push(at),
                _ => made.by_key.entry(key).or_default().push(at),
            }
            Flow::Continue(())
        }))?;
        Ok(made)
    }

    /// Hands on the row joined with each row of the table that agrees with it.
    pub(super) fn join(&self, table: &'q Table, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        let rows = match self.table(table, row) {
            Ok(rows) => rows,
            Err(halt) => return Flow::Break(halt),
        };
        let place = match &table.on {
            None => None,
            Some(on) => match self.place(&on[0], row) {
                Ok(Some(place)) => Some(place),
                Ok(None) => return self.budget.step(),
                Err(halt) => return Flow::Break(halt),
            },
        };
        let all: Vec<u32>;
        let (found, others): (&[u32], &[u32]) = match place {
            None => (rows.by_key.get(&Key::of(row, &table.keys)).map_or(&[], Vec::as_slice), &[]),
            Some(Place::At(place)) => (rows.by_key.get(&Key::Short(place)).map_or(&[], Vec::as_slice), &rows.anywhere),
            Some(Place::Anywhere) => {
                all = (0..u32::try_from(rows.count).unwrap_or(u32::MAX)).collect();
                (&all, &[])
            }
        };
        let mut set: Vec<Slot> = Vec::with_capacity(rows.width);
        for at in found.iter().chain(others) {
            self.budget.step()?;
            let agrees = table.slots.iter().zip(rows.row(*at)).all(|(slot, id)| {
                if *id == UNBOUND || row[*slot] == *id {
                    return true;
                }
                let empty = row[*slot] == UNBOUND;
                if empty {
                    row[*slot] = *id;
                    set.push(*slot);
                }
                empty
            });
            let flow = if agrees { next(row) } else { Flow::Continue(()) };
            set.drain(..).for_each(|slot| row[slot] = UNBOUND);
            flow?;
        }
        Flow::Continue(())
    }

    /// Where the value of an expression stands; nothing if it has none.
    fn place(&self, expression: &'q Value, row: &mut [Id]) -> Result<Option<Place>, Halt> {
        let value = self.operand(expression, row)?;
        self.give_back_scratch();
        Ok(value.map(|value| value::place(&value)))
    }

    /// Whether a row of the table agrees with the row and shares a variable with it.
    pub(super) fn is_taken_away(&self, table: &'q Table, row: &[Id]) -> Result<bool, Halt> {
        let rows = self.table(table, row)?;
        let Some(found) = rows.by_key.get(&Key::of(row, &table.keys)) else { return Ok(false) };
        for at in found {
            if let Flow::Break(halt) = self.budget.step() {
                return Err(halt);
            }
            let (mut shares, mut agrees) = (false, true);
            for (slot, id) in table.slots.iter().zip(rows.row(*at)) {
                if *id != UNBOUND && row[*slot] != UNBOUND {
                    shares = true;
                    agrees &= row[*slot] == *id;
                }
            }
            if shares && agrees {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
