//! What was found out about terms that come again and again.

use crate::{dataset::Id, engine::terms::UNBOUND};

/// How many terms are remembered: a power of two.
const PLACES: usize = 256;

/// Remembers something small about the terms that came last, each in the one place its number leads to. Bounded, and never
/// charged for: years and numbers of a catalogue are few.
#[derive(Debug)]
pub(super) struct Memo<T>(Vec<(Id, T)>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone + Default> Memo<T> {
    /// What is known of a term.
    #[inline]
    pub(super) fn get(&self, id: Id) -> Option<T> {
        self.0
            .get(id as usize % PLACES)
            .filter(|(known, _)| *known == id && id != UNBOUND)
            .map(|(_, value)| value.clone())
    }

    /// Remembers something of a term, in the place of another.
    #[inline]
    pub(super) fn set(&mut self, id: Id, value: T) {
        if self.0.is_empty() {
            self.0.resize(PLACES, (UNBOUND, T::default()));
        }
        self.0[id as usize % PLACES] = (id, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_known_until_another_takes_its_place() {
        let mut memo = Memo::default();
        let other = u32::try_from(PLACES).unwrap();
        assert_eq!(memo.get(0), None);
        memo.set(0, 7);
        memo.set(1, 8);
        assert_eq!([memo.get(0), memo.get(1), memo.get(other)], [Some(7), Some(8), None]);
        memo.set(other, 9);
        assert_eq!([memo.get(0), memo.get(other)], [None, Some(9)]);
        memo.set(UNBOUND, 5);
        assert_eq!(memo.get(UNBOUND), None, "what is unbound is nothing to know");
    }
}
