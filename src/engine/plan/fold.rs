//! Expressions of the query as expressions of the plan: functions are found, and what is constant is worked out.

use oxigraph::model::{NamedNode, Term};

use super::{
    GraphPlace, PlanError, Slots,
    expression::{Expression, Kind},
    logical::Condition,
    translate::{Planner, slot},
};
use crate::{
    engine::functions,
    rdf::vocab::{ocm, xsd},
    sparql::{self, Builtin, ExpressionKind, Factor, Sign},
    value::{self, Value},
};

/// Bytes of the largest constant that is worked out beforehand.
const ROOM: usize = 4096;

impl Planner<'_> {
    /// An expression that is evaluated in a graph.
    ///
    /// # Errors
    /// [`PlanError::UnknownFunction`]
    pub(super) fn expression(
        &mut self,
        expression: &sparql::Expression,
        graph: GraphPlace,
    ) -> Result<Condition, PlanError> {
        let one = |this: &mut Self, part: &sparql::Expression| this.expression(part, graph);
        let kind = match &expression.kind {
            ExpressionKind::Var(var) => Kind::Slot(slot(*var)),
            ExpressionKind::Bound(var) => Kind::Bound(slot(*var)),
            ExpressionKind::Term(term) => Kind::Constant(self.constant(term)),
            ExpressionKind::Or(all) => Kind::Or(self.expressions(all, graph)?),
            ExpressionKind::And(all) => Kind::And(self.expressions(all, graph)?),
            ExpressionKind::Coalesce(all) => Kind::Coalesce(self.expressions(all, graph)?),
            ExpressionKind::Not(inner) => Kind::Not(Box::new(one(self, inner)?)),
            ExpressionKind::Minus(inner) => Kind::Minus(Box::new(one(self, inner)?)),
            ExpressionKind::Plus(inner) => Kind::Plus(Box::new(one(self, inner)?)),
            ExpressionKind::Compare(comparison, sides) => {
                Kind::Compare(*comparison, Box::new([one(self, &sides[0])?, one(self, &sides[1])?]))
            }
            ExpressionKind::In(value, list) => Kind::In(Box::new(one(self, value)?), self.expressions(list, graph)?),
            ExpressionKind::If(parts) => {
                Kind::If(Box::new([one(self, &parts[0])?, one(self, &parts[1])?, one(self, &parts[2])?]))
            }
            ExpressionKind::Sum(parts) => {
                Kind::Sum(parts.iter().map(|(sign, part)| Ok((*sign, one(self, part)?))).collect::<Result<_, _>>()?)
            }
            ExpressionKind::Product(parts) => Kind::Product(
                parts.iter().map(|(factor, part)| Ok((*factor, one(self, part)?))).collect::<Result<_, _>>()?,
            ),
            ExpressionKind::Exists(pattern) => Kind::Exists(Box::new(self.pattern(pattern, graph)?)),
            ExpressionKind::Call(builtin, arguments) => {
                let arguments = self.expressions(arguments, graph)?;
                self.call(*builtin, arguments)
            }
            ExpressionKind::Named(name, arguments) => {
                let arguments = self.expressions(arguments, graph)?;
                named(name, arguments)?
            }
        };
        let seen = match &kind {
            Kind::Slot(slot) | Kind::Bound(slot) => [*slot].into_iter().collect(),
            Kind::Exists(pattern) => pattern.facts.seen.clone(),
            kind => kind.operands().iter().fold(Slots::default(), |seen, operand| seen.or(&operand.seen)),
        };
        let kind = self.fold(kind);
        Ok(Expression { kind, seen, span: expression.span, memo: None })
    }

    fn expressions(&mut self, all: &[sparql::Expression], graph: GraphPlace) -> Result<Vec<Condition>, PlanError> {
        all.iter().map(|one| self.expression(one, graph)).collect()
    }

    fn call(&mut self, builtin: Builtin, arguments: Vec<Condition>) -> Kind<Box<super::logical::Logical>> {
        match builtin {
            Builtin::Regex | Builtin::Replace => {
                self.patterns += 1;
                let index = self.patterns - 1;
                if builtin == Builtin::Regex { Kind::Regex(index, arguments) } else { Kind::Replace(index, arguments) }
            }
            _ => Kind::Call(builtin, arguments),
        }
    }

    /// Works out what is made of constants alone and is the same each time.
    fn fold<E>(&mut self, kind: Kind<E>) -> Kind<E> {
        let operands = kind.operands();
        let constants: Option<Vec<&Value<'static>>> =
            operands.iter().map(|operand| Some(&operand.constant()?.value)).collect();
        let Some(constants) = constants.filter(|constants| !constants.is_empty()) else { return kind };
        let value = match &kind {
            Kind::Call(builtin, _) if is_a_function(*builtin) => {
                let arguments: Vec<Value<'_>> = constants.iter().map(|value| value.borrowed()).collect();
                value::call(*builtin, &arguments, ROOM).ok().map(Value::into_owned)
            }
            Kind::Cast(datatype, _) => value::cast(datatype, constants[0]).map(Value::into_owned),
            Kind::Minus(_) => value::negate(constants[0]).map(Value::into_owned),
            Kind::Sum(parts) => fold_chain(&constants, |n, a, b| match parts[n].0 {
                Sign::Add => value::add(a, b),
                Sign::Subtract => value::subtract(a, b),
            }),
            Kind::Product(parts) => fold_chain(&constants, |n, a, b| match parts[n].0 {
                Factor::Multiply => value::multiply(a, b),
                Factor::Divide => value::divide(a, b),
            }),
            _ => None,
        };
        match value {
            Some(value) => {
                let term: Term = value.into_term();
                Kind::Constant(self.constant(&term))
            }
            None => kind,
        }
    }
}

/// One value after the other, with what is done for the n-th.
fn fold_chain<'v>(
    values: &[&Value<'v>],
    step: impl Fn(usize, &Value<'v>, &Value<'v>) -> Option<Value<'v>>,
) -> Option<Value<'v>> {
    let (first, rest) = values.split_first()?;
    rest.iter().enumerate().try_fold((*first).clone(), |sum, (n, value)| step(n + 1, &sum, value))
}

/// Whether its value is a function of the values of its arguments, and of nothing else.
fn is_a_function(builtin: Builtin) -> bool {
    !matches!(
        builtin,
        Builtin::Now
            | Builtin::Rand
            | Builtin::Uuid
            | Builtin::StrUuid
            | Builtin::BNode
            | Builtin::Iri
            // These look at how a term is written.
            | Builtin::Str
            | Builtin::DataType
            | Builtin::SameTerm
            | Builtin::Lang
    )
}

/// A function that is named by an IRI.
fn named<E>(name: &NamedNode, arguments: Vec<Expression<E>>) -> Result<Kind<E>, PlanError> {
    let unknown = || PlanError::UnknownFunction(name.as_str().to_owned());
    if name.as_str().starts_with(xsd::NAMESPACE) && value::is_castable(name.as_str()) {
        let [argument] = <[_; 1]>::try_from(arguments).map_err(|_| unknown())?;
        return Ok(Kind::Cast(name.as_str().to_owned(), Box::new(argument)));
    }
    if !functions::names().any(|ours| ours == *name) {
        return Err(unknown());
    }
    // A wrong number of arguments has no value, as with an argument of a wrong type.
    let Ok(two) = <[_; 2]>::try_from(arguments) else { return Ok(Kind::NoValue) };
    Ok(if *name == ocm::MATCHES_WORDS { Kind::MatchesWords(Box::new(two)) } else { Kind::WordScore(Box::new(two)) })
}
