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

impl<T: Copy + Default> Memo<T> {
    /// What is known of a term, or else what `find` says.
    #[inline]
    pub(super) fn get_or(&mut self, id: Id, find: impl FnOnce() -> T) -> T {
        if self.0.is_empty() {
            self.0.resize(PLACES, (UNBOUND, T::default()));
        }
        let place = &mut self.0[id as usize % PLACES];
        if place.0 != id || id == UNBOUND {
            *place = (id, find());
        }
        place.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_is_asked_for_once_until_another_takes_its_place() {
        let (mut memo, mut asked) = (Memo::default(), Vec::new());
        let other = u32::try_from(PLACES).unwrap();
        for id in [0, 0, 1, other, 0] {
            let value = memo.get_or(id, || {
                asked.push(id);
                id + 7
            });
            assert_eq!(value, id + 7);
        }
        assert_eq!(asked, [0, 1, other, 0]);
        assert!(
            memo.get_or(UNBOUND, || 3) == 3 && memo.get_or(UNBOUND, || 4) == 4,
            "what is unbound is nothing to know"
        );
    }
}
