//! Parsed queries: walking them, and checking them before they are planned.

use oxigraph::model::{NamedNode, Variable};
use spargebra::{
    Query,
    algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression, PropertyPathExpression, QueryDataset},
};

use super::{Limit, Limits, Refusal};

/// A part of a query's algebra.
#[derive(Debug)]
pub(crate) enum Part<'a> {
    /// A graph pattern.
    Pattern(&'a mut GraphPattern),
    /// An expression.
    Expression(&'a mut Expression),
    /// A property path.
    Path(&'a mut PropertyPathExpression),
}

/// Shows every part of a query to `visit`, a whole before its parts, without recursion.
///
/// # Errors
/// The first error of `visit`.
pub(crate) fn walk<E>(query: &mut Query, mut visit: impl FnMut(&mut Part<'_>) -> Result<(), E>) -> Result<(), E> {
    let mut todo = vec![Part::Pattern(pattern_mut(query))];
    while let Some(mut part) = todo.pop() {
        visit(&mut part)?;
        match part {
            Part::Pattern(pattern) => push_pattern(pattern, &mut todo),
            Part::Expression(expression) => push_expression(expression, &mut todo),
            Part::Path(path) => push_path(path, &mut todo),
        }
    }
    Ok(())
}

fn pattern_mut(query: &mut Query) -> &mut GraphPattern {
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    pattern
}

/// Adds what a pattern is made of. No arm is a wildcard: a new kind of pattern must be thought about.
fn push_pattern<'a>(pattern: &'a mut GraphPattern, todo: &mut Vec<Part<'a>>) {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Path { path, .. } => todo.push(Part::Path(path)),
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => todo.extend([Part::Pattern(left), Part::Pattern(right)]),
        GraphPattern::LeftJoin { left, right, expression } => {
            todo.extend([Part::Pattern(left), Part::Pattern(right)]);
            todo.extend(expression.as_mut().map(Part::Expression));
        }
        GraphPattern::Filter { expr, inner } | GraphPattern::Extend { inner, expression: expr, .. } => {
            todo.extend([Part::Expression(expr), Part::Pattern(inner)]);
        }
        GraphPattern::OrderBy { inner, expression } => {
            todo.push(Part::Pattern(inner));
            todo.extend(
                expression.iter_mut().map(|(OrderExpression::Asc(e) | OrderExpression::Desc(e))| Part::Expression(e)),
            );
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            todo.push(Part::Pattern(inner));
            todo.extend(aggregates.iter_mut().filter_map(|(_, aggregate)| match aggregate {
                AggregateExpression::CountSolutions { .. } => None,
                AggregateExpression::FunctionCall { expr, .. } => Some(Part::Expression(expr)),
            }));
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Service { inner, .. } => todo.push(Part::Pattern(inner)),
    }
}

fn push_expression<'a>(expression: &'a mut Expression, todo: &mut Vec<Part<'a>>) {
    match expression {
        Expression::Exists(pattern) => todo.push(Part::Pattern(pattern)),
        other => todo.extend(operands_mut(other).into_iter().map(Part::Expression)),
    }
}

/// Writes a function that lists the operands of an expression, borrowed one way or the other. What is in an EXISTS is a
/// pattern, and not among them.
macro_rules! operands {
    ($(#[$doc:meta])* $name:ident, $iter:ident $(, $mutable:tt)?) => {
        $(#[$doc])*
        pub(super) fn $name(expression: &$($mutable)? Expression) -> Vec<&$($mutable)? Expression> {
            match expression {
                Expression::NamedNode(_)
                | Expression::Literal(_)
                | Expression::Variable(_)
                | Expression::Bound(_)
                | Expression::Exists(_) => Vec::new(),
                Expression::Or(a, b)
                | Expression::And(a, b)
                | Expression::Equal(a, b)
                | Expression::SameTerm(a, b)
                | Expression::Greater(a, b)
                | Expression::GreaterOrEqual(a, b)
                | Expression::Less(a, b)
                | Expression::LessOrEqual(a, b)
                | Expression::Add(a, b)
                | Expression::Subtract(a, b)
                | Expression::Multiply(a, b)
                | Expression::Divide(a, b) => vec![a, b],
                Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => vec![a],
                Expression::If(a, b, c) => vec![a, b, c],
                Expression::In(a, list) => std::iter::once(&$($mutable)? **a).chain(list).collect(),
                Expression::Coalesce(list) | Expression::FunctionCall(_, list) => list.$iter().collect(),
            }
        }
    };
}

operands!(
    /// The operands of an expression, without what is in an EXISTS.
    operands, iter
);
operands!(
    /// The same, to be changed.
    operands_mut, iter_mut, mut
);

fn push_path<'a>(path: &'a mut PropertyPathExpression, todo: &mut Vec<Part<'a>>) {
    match path {
        PropertyPathExpression::NamedNode(_) | PropertyPathExpression::NegatedPropertySet(_) => {}
        PropertyPathExpression::Reverse(a)
        | PropertyPathExpression::ZeroOrMore(a)
        | PropertyPathExpression::OneOrMore(a)
        | PropertyPathExpression::ZeroOrOne(a) => todo.push(Part::Path(a)),
        PropertyPathExpression::Sequence(a, b) | PropertyPathExpression::Alternative(a, b) => {
            todo.extend([Part::Path(a), Part::Path(b)]);
        }
    }
}

/// Checks what the planner and the evaluator would go down into.
///
/// # Errors
/// [`Refusal::Service`] or [`Refusal::Limit`].
pub(super) fn check(query: &mut Query, limits: &Limits) -> Result<(), Refusal> {
    let (mut nodes, mut optionals, mut values) = (0, 0, 0);
    walk(query, |part| {
        nodes += 1;
        if let Part::Pattern(pattern) = part {
            match pattern {
                GraphPattern::Service { .. } => return Err(Refusal::Service),
                GraphPattern::LeftJoin { .. } => optionals += 1,
                GraphPattern::Values { bindings, .. } => values += bindings.iter().map(Vec::len).sum::<usize>(),
                GraphPattern::Bgp { .. } | GraphPattern::Join { .. } => {
                    within(Limit::Patterns, limits.patterns, joined_patterns(pattern))?;
                }
                _ => {}
            }
        } else if let Part::Path(PropertyPathExpression::NegatedPropertySet(names)) = part {
            nodes += names.len();
        }
        within(Limit::Nodes, limits.nodes, nodes)?;
        within(Limit::Optionals, limits.optionals, optionals)?;
        within(Limit::Values, limits.values, values)
    })
}

fn within(limit: Limit, allowed: usize, found: usize) -> Result<(), Refusal> {
    if found <= allowed { Ok(()) } else { Err(Refusal::Limit { limit, allowed, found, position: None }) }
}

/// How many triple patterns and paths the planner has to bring into an order together.
fn joined_patterns(pattern: &GraphPattern) -> usize {
    let mut todo = vec![pattern];
    let mut patterns = 0;
    while let Some(pattern) = todo.pop() {
        match pattern {
            GraphPattern::Bgp { patterns: triples } => patterns += triples.len(),
            GraphPattern::Join { left, right } => todo.extend([&**left, &**right]),
            _ => patterns += 1,
        }
    }
    patterns
}

/// The variables a SELECT projects, in the order of its answer.
pub(super) fn columns(query: &mut Query) -> Option<&mut Vec<Variable>> {
    let mut pattern = match query {
        Query::Select { pattern, .. } => pattern,
        Query::Construct { .. } | Query::Describe { .. } | Query::Ask { .. } => return None,
    };
    loop {
        match pattern {
            GraphPattern::Project { variables, .. } => return Some(variables),
            GraphPattern::Slice { inner, .. } | GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => {
                pattern = inner;
            }
            _ => return None,
        }
    }
}

/// The graphs that FROM and FROM NAMED name.
pub(super) fn graphs(dataset: Option<&QueryDataset>) -> impl Iterator<Item = &NamedNode> {
    dataset.into_iter().flat_map(|dataset| dataset.default.iter().chain(dataset.named.iter().flatten()))
}
