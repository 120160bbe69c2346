//! Equality of tables of terms, whatever their blank nodes are called.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

use oxigraph::model::{BlankNode, Literal, Term, vocab::xsd};
use oxsdatatypes::{Boolean, Date, DateTime, Decimal, Double, Float, Integer};

/// A solution, or the terms of a triple.
pub(super) type Row = Vec<Option<Term>>;

/// The same value in the form that all its writings share: `"+1.50"^^xsd:decimal` becomes `"1.5"^^xsd:decimal`.
///
/// SPARQL computes values; how they are written is not part of the answer, and implementations differ.
pub(super) fn canonical(term: Term) -> Term {
    fn rewritten<T: FromStr + Display>(text: &str) -> Option<String> {
        text.parse::<T>().ok().map(|value| value.to_string())
    }
    let Term::Literal(literal) = &term else { return term };
    let (text, datatype) = (literal.value(), literal.datatype());
    let text = match datatype {
        xsd::BOOLEAN => rewritten::<Boolean>(text),
        xsd::INTEGER => rewritten::<Integer>(text),
        xsd::DECIMAL => rewritten::<Decimal>(text),
        xsd::FLOAT => rewritten::<Float>(text),
        xsd::DOUBLE => rewritten::<Double>(text),
        xsd::DATE => rewritten::<Date>(text),
        xsd::DATE_TIME => rewritten::<DateTime>(text),
        _ => None,
    };
    text.map_or(term.clone(), |text| Literal::new_typed_literal(text, datatype.into_owned()).into())
}

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
    left.len() == right.len() && search(left.iter().collect(), &right.iter().collect::<Vec<_>>(), &Renaming::default())
}

fn search(mut left: Vec<&Row>, right: &[&Row], renaming: &Renaming) -> bool {
    let Some(next) = (0..left.len()).min_by_key(|&row| renaming.unknown_in(left[row])) else { return true };
    let row = left.swap_remove(next);
    (0..right.len()).any(|candidate| {
        renaming.extended(row, right[candidate]).is_some_and(|renaming| {
            let mut right = right.to_vec();
            right.swap_remove(candidate);
            search(left.clone(), &right, &renaming)
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

#[test]
fn values_are_compared_not_their_writing() {
    let decimal = |text| canonical(Literal::new_typed_literal(text, xsd::DECIMAL).into());
    assert_eq!(decimal("+1.50"), decimal("1.5"));
    assert_ne!(decimal("1.5"), decimal("1.6"));
    assert_ne!(decimal("1"), canonical(Literal::from(1).into()));
    assert_eq!(decimal("one"), Literal::new_typed_literal("one", xsd::DECIMAL).into());
}
