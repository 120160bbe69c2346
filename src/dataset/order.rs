//! One order of the triples: where each first component begins, and the sorted rest.

use super::{Id, column::Column};

/// How far the end of a run is sought one by one.
const NEAR: usize = 8;

/// The triples in one order: an offset table by first component, and sorted pairs of the other two.
#[derive(Debug, Clone, Copy)]
pub struct Order<'d> {
    starts: &'d [u32],
    pairs: &'d [[Id; 2]],
}

impl<'d> Order<'d> {
    pub(super) fn new(starts: &'d [u32], pairs: &'d [[Id; 2]]) -> Self {
        Self { starts, pairs }
    }

    /// All pairs of a first component, sorted. None for an id that no term has.
    #[inline]
    #[must_use]
    pub fn of(&self, first: Id) -> &'d [[Id; 2]] {
        let first = first as usize;
        let (Some(&start), Some(&end)) = (self.starts.get(first), self.starts.get(first + 1)) else { return &[] };
        self.pairs.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The pairs of a first component that have this second one.
    #[inline]
    #[must_use]
    pub fn with(&self, first: Id, second: Id) -> &'d [[Id; 2]] {
        let pairs = self.of(first);
        let start = pairs.partition_point(|pair| pair[0] < second);
        leading(pairs.get(start..).unwrap_or_default(), second)
    }

    /// The pairs of all first components, one after the other.
    #[must_use]
    pub fn pairs(&self) -> &'d [[Id; 2]] {
        self.pairs
    }

    /// Where the pairs of each first component begin: one entry for each term, and the number of triples at the end.
    #[must_use]
    pub fn starts(&self) -> &'d [u32] {
        self.starts
    }

    /// The first component of the pair at a position.
    pub(super) fn first_at(&self, position: usize) -> Option<Id> {
        let after = self.starts.partition_point(|start| *start as usize <= position);
        (position < self.pairs.len()).then(|| u32::try_from(after.checked_sub(1)?).ok()).flatten()
    }
}

/// The pairs at the beginning that have this first component.
#[inline]
pub(crate) fn leading(pairs: &[[Id; 2]], first: Id) -> &[[Id; 2]] {
    // Most often there are a few: nearer than the middle of all.
    let near = &pairs[..pairs.len().min(NEAR)];
    let length = match near.iter().position(|pair| pair[0] != first) {
        Some(length) => length,
        None => pairs.partition_point(|pair| pair[0] == first),
    };
    &pairs[..length]
}

/// An order's numbers.
#[derive(Debug, Default)]
pub(super) struct StoredOrder {
    pub(super) starts: Column<u32>,
    pub(super) pairs: Column<[Id; 2]>,
}

impl StoredOrder {
    pub(super) fn view(&self) -> Order<'_> {
        Order::new(&self.starts, &self.pairs)
    }

    /// The order by the first component of triples that are sorted by the other two.
    pub(super) fn of(terms: usize, triples: impl Iterator<Item = (Id, [Id; 2])> + Clone) -> Self {
        let triples = triples.map(|(first, pair)| (first as usize, pair));
        let (starts, pairs) = scatter(terms, triples);
        Self { starts: starts.into(), pairs: pairs.into() }
    }
}

/// Takes values apart by their keys, which are below `keys`: where those of each key begin, and the values. Within a key
/// they stay in the order given: a counting sort, which is stable. The numbers of keys and values fit in 32 bits.
pub(super) fn scatter<T: Copy + Default>(
    keys: usize,
    values: impl Iterator<Item = (usize, T)> + Clone,
) -> (Vec<u32>, Vec<T>) {
    let mut starts = vec![0_u32; keys + 1];
    for (key, _) in values.clone() {
        starts[key + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let (mut next, mut sorted) = (starts.clone(), vec![T::default(); sum as usize]);
    for (key, value) in values {
        let at = &mut next[key];
        sorted[*at as usize] = value;
        *at += 1;
    }
    (starts, sorted)
}

/// Every triple of an order: the first component and the pair.
pub(super) fn triples(order: Order<'_>) -> impl Iterator<Item = (Id, [Id; 2])> + Clone + use<'_> {
    let firsts = (0..).zip(order.starts.windows(2));
    firsts.flat_map(move |(first, range): (Id, _)| {
        let pairs = order.pairs.get(range[0] as usize..range[1] as usize).unwrap_or_default();
        pairs.iter().map(move |pair| (first, *pair))
    })
}
