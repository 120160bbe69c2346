//! Equality of tables of terms, whatever their blank nodes are called.

use std::collections::BTreeMap;

use oxigraph::model::{BlankNode, Term};

/// A solution, or the terms of a triple.
pub(super) type Row = Vec<Option<Term>>;

/// A one-to-one renaming of blank nodes, kept in both directions.
#[derive(Debug, Clone, Default)]
struct Renaming {
    there: BTreeMap<String, String>,
    back: BTreeMap<String, String>,
}

impl Renaming {
    /// This renaming, extended so that it turns a row into another; none when that cannot be.
    fn extended(&self, row: &Row, other: &Row) -> Option<Self> {
        let mut renaming = self.clone();
        let fits = row.iter().zip(other).all(|(from, to)| match (from, to) {
            (Some(Term::BlankNode(from)), Some(Term::BlankNode(to))) => renaming.rename(from, to),
            _ => from == to,
        });
        fits.then_some(renaming)
    }

    fn rename(&mut self, from: &BlankNode, to: &BlankNode) -> bool {
        let (from, to) = (from.as_str(), to.as_str());
        self.there.entry(from.to_owned()).or_insert_with(|| to.to_owned()) == to
            && self.back.entry(to.to_owned()).or_insert_with(|| from.to_owned()) == from
    }

    fn unknown_in(&self, row: &Row) -> usize {
        let unknown = |term: &&Term| matches!(term, Term::BlankNode(node) if !self.there.contains_key(node.as_str()));
        row.iter().flatten().filter(unknown).count()
    }
}

/// Whether two multisets of rows are the same after renaming blank nodes.
///
/// Tries one row after the other, those first of which most is known; the tests' answers are small.
pub(super) fn isomorphic(left: &[Row], right: &[Row]) -> bool {
    left.len() == right.len() && search(left.iter().collect(), right.iter().collect(), &Renaming::default())
}

fn search(mut left: Vec<&Row>, right: Vec<&Row>, renaming: &Renaming) -> bool {
    let Some(next) = (0..left.len()).min_by_key(|&row| renaming.unknown_in(left[row])) else { return true };
    let row = left.swap_remove(next);
    (0..right.len()).any(|candidate| {
        renaming.extended(row, right[candidate]).is_some_and(|renaming| {
            let mut right = right.clone();
            right.swap_remove(candidate);
            search(left.clone(), right, &renaming)
        })
    })
}

#[test]
fn blank_nodes_may_be_renamed_but_not_merged() {
    let rows = |text: &str| -> Vec<Row> {
        let term = |name: &str| Some(BlankNode::new_unchecked(name).into());
        text.split(' ').map(|row| row.split('-').map(term).collect()).collect()
    };
    assert!(isomorphic(&rows("a-b b-c"), &rows("y-x z-y")));
    assert!(!isomorphic(&rows("a-b b-c"), &rows("x-y z-y")));
    assert!(!isomorphic(&rows("a-b b-c"), &rows("x-y y-x")));
    assert!(!isomorphic(&rows("a-b a-b b-a"), &rows("x-y y-x x-x")));
}
