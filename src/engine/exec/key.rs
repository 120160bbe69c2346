//! Some ids of a row, to look up with.

use rustc_hash::FxHashMap;

use crate::{dataset::Id, engine::plan::Slot};

/// The values of some slots; two fit without memory of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Short(u64),
    Long(Box<[Id]>),
}

impl Key {
    #[inline]
    pub(super) fn of(row: &[Id], slots: &[Slot]) -> Self {
        match slots {
            [] => Self::Short(0),
            [a] => Self::Short(row[*a].into()),
            [a, b] => Self::Short(u64::from(row[*a]) << 32 | u64::from(row[*b])),
            _ => Self::Long(slots.iter().map(|slot| row[*slot]).collect()),
        }
    }

    /// Bytes that it takes in a table.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + if let Self::Long(ids) = self { size_of_val(&**ids) + 16 } else { 0 }
    }

    /// The same with other numbers for its so many values.
    pub(super) fn mapped(self, count: usize, number: impl Fn(Id) -> Id) -> Self {
        let ids: Vec<Id> = self.ids(count).into_iter().map(number).collect();
        Self::of(&ids, &(0..count).collect::<Vec<_>>())
    }

    /// Calls with the values, of which there are so many.
    pub(super) fn ids(&self, count: usize) -> Vec<Id> {
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        match (self, count) {
            (Self::Short(_), 0) => Vec::new(),
            (Self::Short(id), 1) => vec![*id as Id],
            (Self::Short(ids), _) => vec![(*ids >> 32) as Id, *ids as Id],
            (Self::Long(ids), _) => ids.to_vec(),
        }
    }
}

/// A table by keys, in which short ones take no more than their values.
#[derive(Debug)]
pub(super) struct KeyMap<V> {
    short: FxHashMap<u64, V>,
    long: FxHashMap<Box<[Id]>, V>,
}

impl<V> Default for KeyMap<V> {
    fn default() -> Self {
        Self { short: FxHashMap::default(), long: FxHashMap::default() }
    }
}

impl<V: Copy> KeyMap<V> {
    #[inline]
    pub(super) fn get(&self, key: &Key) -> Option<V> {
        match key {
            Key::Short(key) => self.short.get(key),
            Key::Long(key) => self.long.get(key),
        }
        .copied()
    }

    pub(super) fn insert(&mut self, key: Key, value: V) {
        match key {
            Key::Short(key) => self.short.insert(key, value),
            Key::Long(key) => self.long.insert(key, value),
        };
    }
}
