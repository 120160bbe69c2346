//! Binding: terms take the place of `UNDEF` inside a parsed query.

use std::collections::{BTreeMap, BTreeSet};

use spargebra::{
    Query,
    algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression},
    term::GroundTerm,
};

/// What a parsed query has that matters before it may be a canned query.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// The variables of its blocks `VALUES ?x { UNDEF }`.
    pub(super) placeholders: BTreeSet<String>,
    /// Whether it asks another endpoint.
    pub(super) service: bool,
    /// Whether it uses LATERAL, which is not in SPARQL 1.1.
    pub(super) lateral: bool,
}

/// Looks a query over.
pub(super) fn inspect(query: &mut Query) -> Findings {
    let mut found = Findings::default();
    walk(query, |pattern| match pattern {
        GraphPattern::Service { .. } => found.service = true,
        GraphPattern::Lateral { .. } => found.lateral = true,
        other => {
            if let Some((name, _)) = placeholder(other) {
                found.placeholders.insert(name.to_owned());
            }
        }
    });
    found
}

/// Puts each term in the place of the `UNDEF` of its variable, everywhere: also in sub-queries, OPTIONAL and EXISTS.
pub(super) fn fill(query: &mut Query, terms: &BTreeMap<&str, GroundTerm>) {
    walk(query, |pattern| {
        if let Some((name, value)) = placeholder(pattern)
            && let Some(term) = terms.get(name)
        {
            *value = Some(term.clone());
        }
    });
}

/// The variable and the one value of a block `VALUES ?x { UNDEF }`; none for every other pattern.
fn placeholder(pattern: &mut GraphPattern) -> Option<(&str, &mut Option<GroundTerm>)> {
    let GraphPattern::Values { variables, bindings } = pattern else { return None };
    let ([variable], [row]) = (variables.as_slice(), bindings.as_mut_slice()) else { return None };
    match row.as_mut_slice() {
        [value @ None] => Some((variable.as_str(), value)),
        _ => None,
    }
}

enum Node<'a> {
    Pattern(&'a mut GraphPattern),
    Expression(&'a mut Expression),
}

/// Shows every graph pattern of a query to `visit`, however deep, without recursion.
fn walk(query: &mut Query, mut visit: impl FnMut(&mut GraphPattern)) {
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    let mut todo = vec![Node::Pattern(pattern)];
    while let Some(node) = todo.pop() {
        match node {
            Node::Pattern(pattern) => {
                visit(pattern);
                push_pattern(pattern, &mut todo);
            }
            Node::Expression(expression) => push_expression(expression, &mut todo),
        }
    }
}

/// Adds what a pattern is made of. No arm is a wildcard: a new kind of pattern must be thought about.
fn push_pattern<'a>(pattern: &'a mut GraphPattern, todo: &mut Vec<Node<'a>>) {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => todo.extend([Node::Pattern(left), Node::Pattern(right)]),
        GraphPattern::LeftJoin { left, right, expression } => {
            todo.extend([Node::Pattern(left), Node::Pattern(right)]);
            todo.extend(expression.as_mut().map(Node::Expression));
        }
        GraphPattern::Filter { expr, inner } | GraphPattern::Extend { inner, expression: expr, .. } => {
            todo.extend([Node::Expression(expr), Node::Pattern(inner)]);
        }
        GraphPattern::OrderBy { inner, expression } => {
            todo.push(Node::Pattern(inner));
            todo.extend(
                expression.iter_mut().map(|(OrderExpression::Asc(e) | OrderExpression::Desc(e))| Node::Expression(e)),
            );
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            todo.push(Node::Pattern(inner));
            todo.extend(aggregates.iter_mut().filter_map(|(_, aggregate)| match aggregate {
                AggregateExpression::CountSolutions { .. } => None,
                AggregateExpression::FunctionCall { expr, .. } => Some(Node::Expression(expr)),
            }));
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Service { inner, .. } => todo.push(Node::Pattern(inner)),
    }
}

/// Adds what an expression is made of; the pattern inside EXISTS is what matters.
fn push_expression<'a>(expression: &'a mut Expression, todo: &mut Vec<Node<'a>>) {
    match expression {
        Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => {}
        Expression::Exists(pattern) => todo.push(Node::Pattern(pattern)),
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
        | Expression::Divide(a, b) => todo.extend([Node::Expression(a), Node::Expression(b)]),
        Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => todo.push(Node::Expression(a)),
        Expression::If(a, b, c) => todo.extend([Node::Expression(a), Node::Expression(b), Node::Expression(c)]),
        Expression::In(a, list) => {
            todo.push(Node::Expression(a));
            todo.extend(list.iter_mut().map(Node::Expression));
        }
        Expression::Coalesce(list) | Expression::FunctionCall(_, list) => {
            todo.extend(list.iter_mut().map(Node::Expression));
        }
    }
}
