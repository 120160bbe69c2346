//! Whether the body of a file that came from elsewhere is sound.

use super::Unusable;
use crate::dataset::{Data, TermKind, terms::Terms};

impl Data {
    /// Whether offsets ascend, numbers have terms, and texts are UTF-8.
    pub(super) fn check(&self) -> Result<(), Unusable> {
        let terms = &self.terms;
        let ascending = terms.starts.is_sorted()
            && terms.suffix_starts.is_sorted()
            && self.graph_starts.is_sorted()
            && [&self.spo, &self.ops, &self.pso].iter().all(|order| order.starts.is_sorted());
        if !ascending {
            return Err(Unusable::Damaged("its offsets do not ascend"));
        }
        let known = |pairs: &[[u32; 2]]| pairs.iter().flatten().all(|id| *id < terms.len());
        if ![&self.spo, &self.ops, &self.pso].iter().all(|order| known(&order.pairs)) {
            return Err(Unusable::Damaged("it names terms that are not there"));
        }
        let sound = (0..terms.len()).all(|id| terms.is_sound(id));
        if !sound {
            return Err(Unusable::Damaged("a text is not UTF-8"));
        }
        Ok(())
    }
}

impl Terms {
    fn is_sound(&self, id: u32) -> bool {
        let range = self.starts.get(id as usize).zip(self.starts.get(id as usize + 1));
        let suffix_is_there = self.kind(id) != TermKind::Literal
            || self.suffixes.get(id as usize).is_some_and(|suffix| (*suffix as usize) + 1 < self.suffix_starts.len());
        suffix_is_there && range.is_some_and(|(start, end)| end - start == self.text(id).len() as u64)
    }
}
