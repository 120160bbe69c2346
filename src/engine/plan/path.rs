//! Property paths.

use spargebra::algebra::PropertyPathExpression;

use super::compile::Compiler;
use crate::dataset::Id;

/// One step of a path, from node to node.
///
/// [SPARQL 1.1 Query, section 9](https://www.w3.org/TR/sparql11-query/#propertypaths)
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Predicate(Id),
    Reverse(Box<Step>),
    Sequence(Box<Step>, Box<Step>),
    Alternative(Box<Step>, Box<Step>),
    ZeroOrMore(Box<Step>),
    OneOrMore(Box<Step>),
    ZeroOrOne(Box<Step>),
    /// Any predicate but these.
    Other(Vec<Id>),
}

impl Compiler<'_> {
    pub(super) fn step(&mut self, path: &PropertyPathExpression) -> Step {
        match path {
            PropertyPathExpression::NamedNode(node) => Step::Predicate(self.terms.number(node.clone().into())),
            PropertyPathExpression::Reverse(path) => Step::Reverse(self.boxed(path)),
            PropertyPathExpression::Sequence(a, b) => Step::Sequence(self.boxed(a), self.boxed(b)),
            PropertyPathExpression::Alternative(a, b) => Step::Alternative(self.boxed(a), self.boxed(b)),
            PropertyPathExpression::ZeroOrMore(path) => Step::ZeroOrMore(self.boxed(path)),
            PropertyPathExpression::OneOrMore(path) => Step::OneOrMore(self.boxed(path)),
            PropertyPathExpression::ZeroOrOne(path) => Step::ZeroOrOne(self.boxed(path)),
            PropertyPathExpression::NegatedPropertySet(nodes) => {
                Step::Other(nodes.iter().map(|node| self.terms.number(node.clone().into())).collect())
            }
        }
    }

    fn boxed(&mut self, path: &PropertyPathExpression) -> Box<Step> {
        Box::new(self.step(path))
    }
}
