//! Expressions: the common conditions are operators of ours, and the reference evaluator's own evaluator has the rest.

use oxigraph::model::{
    Literal, NamedNodeRef, Term,
    vocab::{rdf, xsd},
};
use spargebra::algebra::{Expression, Function, GraphPattern};

use super::{
    Comparison, Condition, Exists, General, Place, Slot, Slots, Sought, TextTest, Unsupported, Value,
    compile::{Compiler, Context},
    correlate::may_exist,
    group::{facts_in, has_exists},
    words::calls_words,
};
use crate::{
    dataset::Id,
    engine::{
        algebra::{operands, operands_mut},
        functions,
    },
};

/// The casts of SPARQL and of XML Schema that the evaluator knows.
/// [SPARQL 1.1 Query, section 17.5](https://www.w3.org/TR/sparql11-query/#FunctionMapping)
const CASTS: [NamedNodeRef<'static>; 7] =
    [xsd::BOOLEAN, xsd::DOUBLE, xsd::FLOAT, xsd::DECIMAL, xsd::INTEGER, xsd::DATE_TIME, xsd::STRING];

/// The most variables of one expression.
const VARIABLES: usize = 60;

impl Compiler<'_> {
    /// The condition that an expression is true. False and error are the same to a filter.
    pub(super) fn condition(&mut self, expression: &Expression, context: &Context) -> Result<Condition, Unsupported> {
        if let Some(condition) = self.words_condition(expression, context) {
            return Ok(condition);
        }
        let scope = &context.scope;
        Ok(match expression {
            Expression::Exists(pattern) => Condition::Exists(self.exists(pattern, context)?),
            Expression::Bound(variable) => Condition::Bound(scope.slot(variable)),
            Expression::Not(inner) if has_no_error(inner, context) => {
                Condition::Not(Box::new(self.condition(inner, context)?))
            }
            Expression::Or(a, b) => Condition::Any(vec![self.condition(a, context)?, self.condition(b, context)?]),
            Expression::Equal(a, b) => match self.equal(a, b, context) {
                Some(condition) => condition,
                None => self.general_condition(expression, context)?,
            },
            Expression::In(a, list) => {
                let all: Option<Vec<_>> = list.iter().map(|b| self.equal(a, b, context)).collect();
                match all {
                    Some(all) => Condition::Any(all),
                    None => self.general_condition(expression, context)?,
                }
            }
            Expression::SameTerm(a, b) => match (self.simple(a, context), self.simple(b, context)) {
                (Some(a), Some(b)) => Condition::Same(a, b),
                _ => self.general_condition(expression, context)?,
            },
            Expression::Less(a, b) => self.compare(expression, a, b, Comparison::Less, context)?,
            Expression::LessOrEqual(a, b) => self.compare(expression, a, b, Comparison::LessOrEqual, context)?,
            Expression::Greater(a, b) => self.compare(expression, a, b, Comparison::Greater, context)?,
            Expression::GreaterOrEqual(a, b) => self.compare(expression, a, b, Comparison::GreaterOrEqual, context)?,
            Expression::FunctionCall(function, arguments) => match sought(function, arguments, context) {
                Some(sought) => Condition::Holds(sought),
                None => self.general_condition(expression, context)?,
            },
            _ => self.general_condition(expression, context)?,
        })
    }

    /// A variable or a constant.
    fn simple(&mut self, expression: &Expression, context: &Context) -> Option<Place> {
        match expression {
            Expression::Variable(variable) => Some(Place::Slot(context.scope.slot(variable))),
            Expression::NamedNode(node) => Some(Place::Term(self.terms.number(node.clone().into()))),
            Expression::Literal(literal) => Some(Place::Term(self.terms.number(literal.clone().into()))),
            _ => None,
        }
    }

    /// Equality with a constant.
    fn equal(&mut self, a: &Expression, b: &Expression, context: &Context) -> Option<Condition> {
        let (other, constant): (_, Term) = match (a, b) {
            (other, Expression::NamedNode(node)) | (Expression::NamedNode(node), other) => (other, node.clone().into()),
            (other, Expression::Literal(literal)) | (Expression::Literal(literal), other) => {
                (other, literal.clone().into())
            }
            _ => return None,
        };
        match (other, constant) {
            (Expression::Variable(variable), constant) => {
                let slot = context.scope.slot(variable);
                let text = matches!(&constant, Term::Literal(literal) if is_text(literal));
                let literal = constant.is_literal();
                let constant = self.terms.number(constant);
                Some(match (literal, text) {
                    (false, _) => Condition::Same(Place::Slot(slot), Place::Term(constant)),
                    (true, true) => Condition::Text { slot, constant },
                    (true, false) => self.comparing(slot, Comparison::Equal, constant),
                })
            }
            (Expression::FunctionCall(Function::Lang, arguments), Term::Literal(tag))
                if tag.datatype() == xsd::STRING =>
            {
                let [Expression::Variable(variable)] = &**arguments else { return None };
                Some(Condition::Language { slot: context.scope.slot(variable), tag: tag.value().to_owned() })
            }
            _ => None,
        }
    }

    fn compare(
        &mut self,
        whole: &Expression,
        a: &Expression,
        b: &Expression,
        comparison: Comparison,
        context: &Context,
    ) -> Result<Condition, Unsupported> {
        if let (Some(a), Some(b)) = (self.text(a, context), self.text(b, context)) {
            return Ok(Condition::CompareTexts { a, b, comparison });
        }
        let (variable, comparison, literal) = match (a, b) {
            (Expression::Variable(variable), Expression::Literal(literal)) => (variable, comparison, literal),
            (Expression::Literal(literal), Expression::Variable(variable)) => (variable, comparison.turned(), literal),
            _ => return self.general_condition(whole, context),
        };
        let constant = self.terms.number(literal.clone().into());
        Ok(self.comparing(context.scope.slot(variable), comparison, constant))
    }

    fn comparing(&mut self, slot: Slot, comparison: Comparison, constant: Id) -> Condition {
        self.expressions += 1;
        Condition::Compare { slot, comparison, constant, index: self.expressions - 1 }
    }

    /// `STR(?x)`, or a string.
    fn text(&mut self, expression: &Expression, context: &Context) -> Option<Place> {
        match expression {
            Expression::FunctionCall(Function::Str, arguments) => match &**arguments {
                [Expression::Variable(variable)] => Some(Place::Slot(context.scope.slot(variable))),
                _ => None,
            },
            Expression::Literal(literal) if literal.datatype() == xsd::STRING => {
                Some(Place::Term(self.terms.number(literal.clone().into())))
            }
            _ => None,
        }
    }

    fn general_condition(&mut self, expression: &Expression, context: &Context) -> Result<Condition, Unsupported> {
        Ok(Condition::General(self.general(expression, context)?))
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, expression: &Expression, context: &Context) -> Result<Value, Unsupported> {
        Ok(match expression {
            Expression::Variable(variable) => Value::Slot(context.scope.slot(variable)),
            Expression::NamedNode(node) => Value::Term(self.terms.number(node.clone().into())),
            Expression::Literal(literal) => Value::Term(self.terms.number(literal.clone().into())),
            Expression::FunctionCall(Function::Str, arguments) => match &**arguments {
                [Expression::Variable(variable)] => Value::Text(context.scope.slot(variable)),
                _ => Value::General(self.general(expression, context)?),
            },
            Expression::Coalesce(all) if calls_words(expression) => {
                Value::First(all.iter().map(|one| self.value(one, context)).collect::<Result<_, _>>()?)
            }
            _ => match self.words_score(expression, context) {
                Some(words) => Value::Score(words),
                None => Value::General(self.general(expression, context)?),
            },
        })
    }

    fn general(&mut self, expression: &Expression, context: &Context) -> Result<General, Unsupported> {
        let (mut expression, mut exists) = (expression.clone(), Vec::new());
        if has_exists(&expression) {
            self.take_exists(&mut expression, &mut exists, context)?;
        }
        let texts = take_texts(&mut expression, context);
        let mut variables: Vec<(oxigraph::model::Variable, Slot)> = Vec::new();
        let (mut operations, mut constants) = (0, 0);
        let mut todo = vec![&expression];
        while let Some(part) = todo.pop() {
            operations += 1;
            match part {
                Expression::Literal(literal) => constants += literal.value().len(),
                Expression::Variable(variable) | Expression::Bound(variable)
                    if variables.iter().all(|(known, _)| known != variable) =>
                {
                    variables.push((variable.clone(), context.scope.slot(variable)));
                }
                Expression::FunctionCall(function, _) => must_be_known(function)?,
                _ => {}
            }
            todo.extend(operands(part));
        }
        if variables.len() > VARIABLES {
            return Err(Unsupported("an expression of very many variables"));
        }
        variables.sort_by_key(|(_, slot)| texts.iter().any(|(text, _)| text == slot));
        self.expressions += 1;
        Ok(General { expression, variables, exists, texts, operations, constants, index: self.expressions - 1 })
    }

    /// Puts a variable in the place of each EXISTS.
    fn take_exists(
        &mut self,
        expression: &mut Expression,
        exists: &mut Vec<(Slot, Exists)>,
        context: &Context,
    ) -> Result<(), Unsupported> {
        let mut todo = vec![expression];
        while let Some(part) = todo.pop() {
            if let Expression::Exists(pattern) = part {
                // No query can name it: a variable has no space in its name.
                let variable = oxigraph::model::Variable::new_unchecked(format!("exists {}", self.expressions));
                exists.push((context.scope.slot(&variable), self.exists(pattern, context)?));
                *part = Expression::Variable(variable);
                continue;
            }
            todo.extend(operands_mut(part));
        }
        Ok(())
    }

    fn exists(&mut self, pattern: &GraphPattern, context: &Context) -> Result<Exists, Unsupported> {
        if !may_exist(&context.scope, pattern, &context.bound.possible) {
            return Err(Unsupported("an EXISTS that sees more than it binds"));
        }
        if let super::GraphPlace::Named(Place::Slot(_)) = context.graph {
            return Err(Unsupported("EXISTS in the graph of a variable"));
        }
        let around = context.around.or(&context.bound.possible);
        let inner = self.pattern(pattern, &Context { around, ..context.clone() })?;
        let mentioned = context.scope.of_expression(&Expression::Exists(Box::new(pattern.clone())));
        let keys =
            mentioned.or(&facts_in(&context.scope, pattern, context.graph).possible).and(&context.bound.possible);
        self.expressions += 1;
        Ok(Exists { inner: Box::new(inner), keys: keys.iter().collect(), index: self.expressions - 1 })
    }
}

/// Gives each `STR` of a variable a variable for the text as it is written, which is bound where the evaluator, which knows
/// values only, would write it otherwise: `STR(0.50)` is "0.50".
fn take_texts(expression: &mut Expression, context: &Context) -> Vec<(Slot, Slot)> {
    let mut texts = Vec::new();
    let mut todo = vec![expression];
    while let Some(part) = todo.pop() {
        if let Expression::FunctionCall(Function::Str, arguments) = part {
            let text = match &**arguments {
                [Expression::Variable(variable)] => {
                    let slot = context.scope.slot(variable);
                    // No query can name it: a variable has no space in its name.
                    let text = oxigraph::model::Variable::new_unchecked(format!("text {slot}"));
                    let pair = (context.scope.slot(&text), slot);
                    if !texts.contains(&pair) {
                        texts.push(pair);
                    }
                    Some(Expression::Coalesce(vec![Expression::Variable(text), part.clone()]))
                }
                [Expression::Literal(literal)] => Some(Expression::Literal(Literal::from(literal.value()))),
                _ => None,
            };
            if let Some(text) = text {
                *part = text;
                continue;
            }
        }
        todo.extend(operands_mut(part));
    }
    texts
}

/// Whether the condition of an expression is false only where the expression is false, and never where it has no value. That
/// is asked before the condition is made, since making it again at each of many negations would take for ever.
fn has_no_error(expression: &Expression, context: &Context) -> bool {
    let is_certain = |operand: &Expression| match operand {
        Expression::Variable(variable) => context.bound.certain.contains(context.scope.slot(variable)),
        Expression::NamedNode(_) => true,
        _ => false,
    };
    let is_same = |a: &Expression, b: &Expression| match (a, b) {
        // An IRI is equal to nothing else.
        (other @ Expression::Variable(_), Expression::NamedNode(_))
        | (Expression::NamedNode(_), other @ Expression::Variable(_)) => is_certain(other),
        _ => false,
    };
    match expression {
        Expression::Exists(_) | Expression::Bound(_) => true,
        Expression::Not(inner) => has_no_error(inner, context),
        Expression::Or(a, b) => has_no_error(a, context) && has_no_error(b, context),
        Expression::Equal(a, b) => is_same(a, b),
        Expression::In(a, list) => list.iter().all(|b| is_same(a, b)),
        Expression::SameTerm(a, b) => {
            [a, b].into_iter().all(|side| is_certain(side) || matches!(**side, Expression::Literal(_)))
        }
        _ => false,
    }
}

impl Comparison {
    /// The same with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// `CONTAINS(LCASE(STR(?x)), "text")` and the like.
fn sought(function: &Function, arguments: &[Expression], context: &Context) -> Option<Sought> {
    let test = match function {
        Function::Contains => TextTest::Contains,
        Function::StrStarts => TextTest::Starts,
        Function::StrEnds => TextTest::Ends,
        _ => return None,
    };
    let [whole, Expression::Literal(literal)] = arguments else { return None };
    if literal.datatype() != xsd::STRING {
        return None;
    }
    let (in_lower_case, inner) = argument_of(&Function::LCase, whole).map_or((false, whole), |inner| (true, inner));
    let (in_any, inner) = argument_of(&Function::Str, inner).map_or((false, inner), |inner| (true, inner));
    let Expression::Variable(variable) = inner else { return None };
    let slot = context.scope.slot(variable);
    Some(Sought { slot, in_any, in_lower_case, test, text: literal.value().to_owned() })
}

/// The argument, if it is a call of this function.
fn argument_of<'e>(function: &Function, expression: &'e Expression) -> Option<&'e Expression> {
    match expression {
        Expression::FunctionCall(called, arguments) if called == function => arguments.first(),
        _ => None,
    }
}

/// Whether no other term has the same value.
fn is_text(literal: &Literal) -> bool {
    literal.datatype() == xsd::STRING || literal.datatype() == rdf::LANG_STRING
}

/// # Errors
/// For functions that give another value each time, or that only the reference evaluator knows.
fn must_be_known(function: &Function) -> Result<(), Unsupported> {
    match function {
        Function::Now | Function::Rand | Function::Uuid | Function::StrUuid | Function::BNode => {
            Err(Unsupported("a function that gives another value each time"))
        }
        Function::Custom(name) if CASTS.contains(&name.as_ref()) || functions::names().any(|ours| ours == *name) => {
            Ok(())
        }
        Function::Custom(_) => Err(Unsupported("a function that is not SPARQL's")),
        _ => Ok(()),
    }
}

/// The slots of a list.
impl From<&[Slot]> for Slots {
    fn from(slots: &[Slot]) -> Self {
        slots.iter().copied().collect()
    }
}
