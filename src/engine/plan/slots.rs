//! Sets of slots.

/// The place of a variable in a row.
pub(crate) type Slot = usize;

/// How many slots have a bit without memory of their own.
const FIRST: usize = 128;

/// A set of slots. Most queries have few variables, and their sets are two words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Slots {
    first: u128,
    /// The words behind; the last one is not zero.
    rest: Vec<u64>,
}

impl Slots {
    pub(crate) fn insert(&mut self, slot: Slot) {
        let Some(behind) = slot.checked_sub(FIRST) else {
            self.first |= 1 << slot;
            return;
        };
        if self.rest.len() <= behind / 64 {
            self.rest.resize(behind / 64 + 1, 0);
        }
        self.rest[behind / 64] |= 1 << (behind % 64);
    }

    pub(crate) fn contains(&self, slot: Slot) -> bool {
        match slot.checked_sub(FIRST) {
            None => self.first >> slot & 1 == 1,
            Some(behind) => self.rest.get(behind / 64).is_some_and(|word| word >> (behind % 64) & 1 == 1),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first == 0 && self.rest.is_empty()
    }

    /// The slots, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        let first = Bits(self.first);
        let rest = self.rest.iter().enumerate();
        first.chain(rest.flat_map(|(n, word)| Bits(u128::from(*word)).map(move |bit| FIRST + n * 64 + bit)))
    }

    #[must_use]
    pub(crate) fn and(&self, other: &Self) -> Self {
        let rest = self.rest.iter().zip(&other.rest).map(|(a, b)| a & b);
        Self { first: self.first & other.first, rest: trimmed(rest.collect()) }
    }

    #[must_use]
    pub(crate) fn or(&self, other: &Self) -> Self {
        let (long, short) = if self.rest.len() < other.rest.len() { (other, self) } else { (self, other) };
        let mut rest = long.rest.clone();
        rest.iter_mut().zip(&short.rest).for_each(|(a, b)| *a |= b);
        Self { first: self.first | other.first, rest }
    }

    /// Those that are not in the other.
    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        let word = |(n, word): (usize, &u64)| word & !other.rest.get(n).copied().unwrap_or(0);
        Self { first: self.first & !other.first, rest: trimmed(self.rest.iter().enumerate().map(word).collect()) }
    }

    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.without(other).is_empty()
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.first & other.first != 0 || self.rest.iter().zip(&other.rest).any(|(a, b)| a & b != 0)
    }
}

fn trimmed(mut words: Vec<u64>) -> Vec<u64> {
    while words.last() == Some(&0) {
        words.pop();
    }
    words
}

/// The bits that are set.
struct Bits(u128);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            bit
        })
    }
}

impl FromIterator<Slot> for Slots {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let mut set = Self::default();
        slots.into_iter().for_each(|slot| set.insert(slot));
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::btree_set, prelude::*};

    use super::*;

    fn sets() -> impl Strategy<Value = BTreeSet<Slot>> {
        btree_set(0_usize..300, 0..20)
    }

    proptest! {
        #[test]
        fn they_are_sets(a in sets(), b in sets()) {
            let [x, y]: [Slots; 2] = [&a, &b].map(|set| set.iter().copied().collect());
            let same = |slots: &Slots, set: BTreeSet<Slot>| slots.iter().eq(set.iter().copied()) && *slots == set.into_iter().collect();
            prop_assert!(same(&x.and(&y), &a & &b) && same(&x.or(&y), &a | &b) && same(&x.without(&y), &a - &b));
            prop_assert_eq!(x.is_subset(&y), a.is_subset(&b));
            prop_assert_eq!(x.meets(&y), !a.is_disjoint(&b));
            prop_assert_eq!(x.is_empty(), a.is_empty());
            prop_assert!((0..310).all(|slot| x.contains(slot) == a.contains(&slot)));
        }
    }
}
