//! What VALUES says, written into the expressions that look for words: the planner looks them up in the index, and for
//! that it has to know them.

use oxigraph::model::{Literal, Variable};
use rustc_hash::FxHashMap;
use spargebra::{
    Query,
    algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression},
    term::GroundTerm,
};

use super::words::calls_words;
use crate::engine::algebra::{Part, operands_mut, walk};

/// Variables that have one value in every solution of a pattern.
type Constants = FxHashMap<Variable, Expression>;

/// Puts the value in the place of a variable, where `VALUES` gives the variable one value in all rows that an expression
/// sees. Only in expressions that look for words, where it matters.
pub(crate) fn write_constants(query: &mut Query) {
    let Ok(()) = walk(query, |part| {
        if let Part::Pattern(pattern) = part {
            let (inner, expressions) = expressions(pattern);
            if expressions.iter().any(|expression| calls_words(expression)) {
                let constants = constants(inner);
                for expression in expressions {
                    each_condition(expression, &mut |condition| substitute(condition, &constants));
                }
            }
        }
        Ok::<(), std::convert::Infallible>(())
    });
}

/// The expressions of a pattern, and what gives the rows they see.
fn expressions(pattern: &mut GraphPattern) -> (&GraphPattern, Vec<&mut Expression>) {
    match pattern {
        GraphPattern::Filter { expr, inner } | GraphPattern::Extend { expression: expr, inner, .. } => {
            (inner, vec![expr])
        }
        GraphPattern::OrderBy { inner, expression } => {
            let keys = expression.iter_mut().map(|(OrderExpression::Asc(key) | OrderExpression::Desc(key))| key);
            (inner, keys.collect())
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            let values = aggregates.iter_mut().filter_map(|(_, aggregate)| match aggregate {
                AggregateExpression::FunctionCall { expr, .. } => Some(expr),
                AggregateExpression::CountSolutions { .. } => None,
            });
            (inner, values.collect())
        }
        other => (other, Vec::new()),
    }
}

/// What a pattern binds to one value in each of its solutions.
fn constants(pattern: &GraphPattern) -> Constants {
    let (mut constants, mut todo) = (Constants::default(), vec![pattern]);
    while let Some(pattern) = todo.pop() {
        match pattern {
            GraphPattern::Values { variables, bindings } => {
                if let [row] = &**bindings {
                    let bound =
                        variables.iter().zip(row).filter_map(|(v, term)| Some((v.clone(), value(term.as_ref()?))));
                    constants.extend(bound);
                }
            }
            GraphPattern::Join { left, right } => todo.extend([&**left, &**right]),
            GraphPattern::Filter { inner, .. } | GraphPattern::Extend { inner, .. } => todo.push(inner),
            GraphPattern::LeftJoin { left, .. } | GraphPattern::Minus { left, .. } => todo.push(left),
            _ => {}
        }
    }
    constants
}

fn value(term: &GroundTerm) -> Expression {
    match term {
        GroundTerm::NamedNode(node) => Expression::NamedNode(node.clone()),
        GroundTerm::Literal(literal) => Expression::Literal(literal.clone()),
    }
}

/// Shows the parts of a conjunction that look for words.
fn each_condition(expression: &mut Expression, visit: &mut impl FnMut(&mut Expression)) {
    match expression {
        Expression::And(a, b) => {
            each_condition(a, visit);
            each_condition(b, visit);
        }
        other if calls_words(other) => visit(other),
        _ => {}
    }
}

fn substitute(expression: &mut Expression, constants: &Constants) {
    match expression {
        Expression::Variable(variable) => {
            if let Some(value) = constants.get(variable) {
                *expression = value.clone();
            }
        }
        Expression::Bound(variable) if constants.contains_key(variable) => *expression = truth(true),
        Expression::Exists(pattern) => substitute_in_filters(pattern, constants),
        other => {
            for operand in operands_mut(other) {
                substitute(operand, constants);
            }
            simplify(other);
        }
    }
}

/// An EXISTS sees the values of the row it is evaluated for; its own filters do.
fn substitute_in_filters(pattern: &mut GraphPattern, constants: &Constants) {
    if let GraphPattern::Filter { expr, inner } = pattern {
        each_condition(expr, &mut |condition| substitute(condition, constants));
        substitute_in_filters(inner, constants);
    }
}

/// `!true || x` is `x`.
fn simplify(expression: &mut Expression) {
    let simple = match expression {
        Expression::Not(inner) => is_truth(inner).map(|value| truth(!value)),
        Expression::Or(a, b) => match is_truth(a) {
            Some(true) => Some(truth(true)),
            Some(false) => Some(std::mem::replace(&mut **b, truth(false))),
            None => None,
        },
        _ => None,
    };
    if let Some(simple) = simple {
        *expression = simple;
    }
}

fn truth(value: bool) -> Expression {
    Expression::Literal(Literal::from(value))
}

fn is_truth(expression: &Expression) -> Option<bool> {
    [false, true].into_iter().find(|value| *expression == truth(*value))
}
