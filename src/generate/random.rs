//! Numbers that look random and are the same on every machine and with every release.
//!
//! Written out instead of taken from a crate, because the crates keep the right to change their algorithms, and a
//! changed number is a changed catalogue. Whole numbers only: the last bits of `powf` differ between systems.

/// The step between two states: 2⁶⁴ divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// [SplitMix64](https://doi.org/10.1145/2714064.2660195), the generator that seeds others: eight bytes of state, and
/// neighbouring seeds give unrelated sequences.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The sequence of one item of a seed: any item can be made without those before it.
    pub(super) fn of(seed: u64, item: u64) -> Self {
        let origin = Self(seed).next();
        Self(origin ^ Self(item).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound, each as likely as the others; 0 for the bound 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.next()) * bound as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// A rank below a bound after Zipf's law, nearly: rank r is drawn about as often as 1 ÷ (r + 1). 0 for the bound 0.
    ///
    /// One of the classes 1, 2–3, 4–7, … is drawn, each as likely as the others, then a rank in it; both anew when the
    /// rank is not below the bound.
    pub(super) fn skewed(&mut self, bound: usize) -> usize {
        let Some(last) = bound.checked_ilog2() else { return 0 };
        loop {
            let size = 1 << self.below(last as usize + 1);
            let rank = size - 1 + self.below(size);
            if rank < bound {
                return rank;
            }
        }
    }

    /// True in so many cases out of a hundred.
    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// How often a chance in a hundred comes true in a row, at most so often.
    pub(super) fn run(&mut self, chance: usize, most: usize) -> usize {
        (0..most).take_while(|_| self.percent(chance)).count()
    }

    /// One of some things, the first ones more often. `None` when there is none.
    pub(super) fn favourite<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        things.get(self.skewed(things.len()))
    }

    /// At most so many different things, the first ones more often, in the order drawn.
    pub(super) fn favourites<T: Clone + PartialEq>(&mut self, things: &[T], most: usize) -> Vec<T> {
        let mut drawn = Vec::with_capacity(most);
        for _ in 0..most {
            match self.favourite(things) {
                Some(thing) if !drawn.contains(thing) => drawn.push(thing.clone()),
                _ => {}
            }
        }
        drawn
    }

    /// As [`Random::favourites`]: one, and after each another with a chance in a hundred, up to so many more.
    pub(super) fn one_or_more<T: Clone + PartialEq>(&mut self, things: &[T], chance: usize, more: usize) -> Vec<T> {
        let most = 1 + self.run(chance, more);
        self.favourites(things, most)
    }

    /// Brings things into an order of its own (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for end in (1..things.len()).rev() {
            things.swap(end, self.below(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of seed 1234567 in the algorithm's reference implementation.
    #[test]
    fn it_is_splitmix64() {
        let mut random = Random(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn ranks_fall_off_and_stay_below_the_bound() {
        for bound in [0, 1, 2, 3, 13, 169] {
            let mut counts = vec![0_u32; bound.max(1)];
            let mut random = Random::of(1, bound as u64);
            for _ in 0..20_000 {
                counts[random.skewed(bound)] += 1;
            }
            assert!(counts.iter().all(|count| *count > 0), "{bound}: {counts:?}");
            assert!(bound < 13 || counts[0] > 5 * counts[bound - 1], "{bound}: {counts:?}");
        }
    }

    #[test]
    fn nothing_to_draw_from_gives_nothing() {
        let mut random = Random::of(1, 1);
        assert_eq!(random.favourite::<u8>(&[]), None);
        assert!(random.favourites::<u8>(&[], 3).is_empty());
        random.shuffle::<u8>(&mut []);
    }
}
