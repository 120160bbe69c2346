//! ORDER BY, keeping only the first rows when only those are wanted.

use std::cmp::Ordering;

use super::{Execution, Flow, Halt};
use crate::{
    dataset::{Id, TermKind},
    engine::plan::{Kind, Node, Slot, SortKey},
    sparql::Builtin,
    value::{self, Value},
};

/// What a key of a row is sorted by.
#[derive(Debug, Clone)]
enum Sortable<'q> {
    /// What is unbound comes first.
    Nothing,
    /// A string as it is stored.
    Text(&'q [u8]),
    Value(Value<'q>),
}

/// How many rows are gathered, at least, before those that cannot be among the first are dropped.
const GATHERED: usize = 256;

/// Rows and their keys, one after the other.
struct Gathered<'q> {
    keys: &'q [SortKey],
    width: usize,
    rows: Vec<Id>,
    values: Vec<Id>,
    count: usize,
    /// Keys of the last row that was kept: what comes after it, and came later, is not among the first.
    last: Vec<Id>,
}

impl<'q> Execution<'q> {
    /// The term that a row is sorted by: for `STR(?x)`, the term whose text it is.
    fn sort_id(&self, key: &'q SortKey, row: &mut [Id]) -> Result<Id, Halt> {
        match text_of(key) {
            Some(slot) => Ok(row[slot]),
            None => self.id(&key.value, row),
        }
    }

    /// What a key of a row is sorted by, where its term is this.
    fn sortable(&self, id: Id, key: &SortKey) -> Sortable<'q> {
        let is_text = text_of(key).is_some();
        if id < self.known {
            let stored = self.texts.get(id);
            let is_plain = stored.kind == TermKind::Literal && stored.suffix.is_empty();
            if is_plain || (is_text && stored.kind != TermKind::Blank) {
                return Sortable::Text(stored.text);
            }
        }
        let value = if is_text {
            self.kind_of(id).filter(|kind| *kind != TermKind::Blank).and_then(|_| self.text_of(id)).map(Value::String)
        } else {
            self.numeric(id).map(Value::Number).or_else(|| self.value_of(id))
        };
        value.map_or(Sortable::Nothing, Sortable::Value)
    }

    pub(super) fn order(
        &self,
        inner: &'q Node,
        keys: &'q [SortKey],
        slots: &'q [Slot],
        most: Option<usize>,
        row: &mut [Id],
        next: &mut dyn FnMut(&mut [Id]) -> Flow,
    ) -> Flow {
        if most == Some(0) {
            return Flow::Continue(());
        }
        let mut gathered =
            Gathered { keys, width: slots.len(), rows: Vec::new(), values: Vec::new(), count: 0, last: Vec::new() };
        let bytes = 4 * (slots.len() + keys.len());
        self.run(inner, row, &mut |row| {
            let so_far = gathered.values.len();
            for key in keys {
                match self.sort_id(key, row) {
                    Ok(id) => gathered.values.push(id),
                    Err(halt) => return Flow::Break(halt),
                }
            }
            if gathered.is_late(self, so_far) {
                gathered.values.truncate(so_far);
                return self.budget.step();
            }
            self.budget.take(bytes)?;
            gathered.rows.extend(slots.iter().map(|slot| row[*slot]));
            gathered.count += 1;
            match most {
                Some(most) if gathered.count >= most.saturating_mul(2).max(GATHERED) => {
                    self.budget.give_back(bytes * (gathered.count - most));
                    gathered.keep(self, most)
                }
                _ => Flow::Continue(()),
            }
        })?;
        let order = match gathered.places(self, most, true) {
            Ok(order) => order,
            Err(halt) => return Flow::Break(halt),
        };
        let before: Vec<Id> = slots.iter().map(|slot| row[*slot]).collect();
        let mut flow = Flow::Continue(());
        for at in order {
            for (slot, id) in slots.iter().zip(gathered.row(at)) {
                row[*slot] = *id;
            }
            flow = self.budget.step();
            if flow.is_continue() {
                flow = next(row);
            }
            if flow.is_break() {
                break;
            }
        }
        slots.iter().zip(before).for_each(|(slot, id)| row[*slot] = id);
        self.budget.give_back(bytes * gathered.count);
        flow
    }
}

/// The variable whose text rows are sorted by, if it is that.
fn text_of(key: &SortKey) -> Option<Slot> {
    match &key.value.kind {
        Kind::Call(Builtin::Str, arguments) => arguments.first()?.slot(),
        _ => None,
    }
}

/// A total order, in which nothing comes first.
fn compare(a: &Sortable<'_>, b: &Sortable<'_>) -> Ordering {
    let string = |text: &'_ [u8]| Value::String(String::from_utf8_lossy(text).into_owned().into());
    match (a, b) {
        (Sortable::Text(a), Sortable::Text(b)) => a.cmp(b),
        (Sortable::Value(Value::String(a)), Sortable::Text(b)) => a.as_bytes().cmp(b),
        (Sortable::Text(a), Sortable::Value(Value::String(b))) => (*a).cmp(b.as_bytes()),
        (Sortable::Value(a), Sortable::Value(b)) => value::order(a, b),
        (Sortable::Text(a), Sortable::Value(b)) => value::order(&string(a), b),
        (Sortable::Value(a), Sortable::Text(b)) => value::order(a, &string(b)),
        (Sortable::Nothing, Sortable::Nothing) => Ordering::Equal,
        (Sortable::Nothing, _) => Ordering::Less,
        (_, Sortable::Nothing) => Ordering::Greater,
    }
}

impl<'q> Gathered<'q> {
    fn row(&self, at: usize) -> &[Id] {
        &self.rows[at * self.width..(at + 1) * self.width]
    }

    /// Whether a row with the keys from here on comes after all that are wanted.
    fn is_late(&self, execution: &Execution<'q>, keys_at: usize) -> bool {
        if self.last.is_empty() {
            return false;
        }
        let pairs = self.values[keys_at..].iter().zip(&self.last).zip(self.keys);
        let orders = pairs.filter(|((id, last), _)| id != last).map(|((id, last), key)| {
            let order = compare(&execution.sortable(*id, key), &execution.sortable(*last, key));
            if key.descending { order.reverse() } else { order }
        });
        // Equal rows stay as they came, and this one came later.
        orders.into_iter().find(|order| *order != Ordering::Equal) != Some(Ordering::Less)
    }

    /// Drops all but the first in the order.
    fn keep(&mut self, execution: &Execution<'q>, most: usize) -> Flow {
        let mut first = match self.places(execution, Some(most), false) {
            Ok(first) => first,
            Err(halt) => return Flow::Break(halt),
        };
        let keys = self.keys.len();
        if let Some(at) = first.last() {
            self.last = self.values[at * keys..(at + 1) * keys].to_vec();
        }
        // Rows that are equal to the order stay as they came.
        first.sort_unstable();
        let width = self.width;
        for (to, at) in first.iter().enumerate() {
            self.rows.copy_within(at * width..(at + 1) * width, to * width);
            self.values.copy_within(at * keys..(at + 1) * keys, to * keys);
        }
        self.count = first.len();
        self.rows.truncate(self.count * width);
        self.values.truncate(self.count * keys);
        Flow::Continue(())
    }

    /// The places of the rows, or of the first only, if only those are wanted: in the order of their keys if `is_sorted`,
    /// and otherwise with the last of them in its place.
    fn places(&self, execution: &Execution<'q>, most: Option<usize>, is_sorted: bool) -> Result<Vec<usize>, Halt> {
        let keys = self.keys.len();
        let taken = self.values.len() * size_of::<Sortable<'_>>() + self.count * size_of::<usize>();
        if let Flow::Break(halt) = execution.budget.take(taken) {
            return Err(halt);
        }
        let keyed = self.values.iter().zip(self.keys.iter().cycle());
        let values: Vec<Sortable<'_>> = keyed.map(|(id, key)| execution.sortable(*id, key)).collect();
        let by_keys = |a: &usize, b: &usize| {
            let pairs = values[a * keys..(a + 1) * keys].iter().zip(&values[b * keys..(b + 1) * keys]);
            let orders = pairs.zip(self.keys).map(|((a, b), key)| {
                let order = compare(a, b);
                if key.descending { order.reverse() } else { order }
            });
            let first = orders.into_iter().find(|order| *order != Ordering::Equal);
            first.unwrap_or_else(|| a.cmp(b))
        };
        let mut places: Vec<usize> = (0..self.count).collect();
        if let Some(most) = most.filter(|most| (1..places.len()).contains(most)) {
            places.select_nth_unstable_by(most - 1, by_keys);
            places.truncate(most);
        }
        if is_sorted {
            places.sort_unstable_by(by_keys);
        }
        execution.budget.give_back(taken);
        Ok(places)
    }
}
