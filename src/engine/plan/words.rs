//! Filters that look for words, and the index of words as a way to the rows.

use oxigraph::model::{NamedNodeRef, Variable};
use spargebra::algebra::{Expression, Function, GraphPattern, PropertyPathExpression};

use super::{
    Condition, GraphPlace, Slot, Slots, Words,
    compile::{Compiler, Context},
    estimate::Estimate,
    facts::{Facts, Scope},
    group::{Act, Item},
};
use crate::{
    engine::{algebra::operands, functions},
    rdf::vocab::ocm,
    text::Search,
};

/// Words that a filter seeks in what a variable has.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    slot: Slot,
    search: Search,
    /// As it was written.
    text: String,
}

/// Whether one of our functions is called in an expression, or in the filters of an EXISTS in it.
pub(super) fn calls_words(expression: &Expression) -> bool {
    let mut todo = vec![expression];
    while let Some(expression) = todo.pop() {
        match expression {
            Expression::FunctionCall(Function::Custom(name), _) if functions::names().any(|ours| ours == *name) => {
                return true;
            }
            Expression::Exists(pattern) => {
                let mut pattern = &**pattern;
                while let GraphPattern::Filter { expr, inner } = pattern {
                    todo.push(expr);
                    pattern = inner;
                }
            }
            other => todo.extend(operands(other)),
        }
    }
    false
}

/// `ocm:matchesWords(?x, "words")`; or COALESCE of that and of what has no value either where it has none, which is
/// where `?x` is no string.
fn wanted(expression: &Expression, scope: &Scope) -> Option<Wanted> {
    match expression {
        Expression::FunctionCall(..) => call(ocm::MATCHES_WORDS, expression, scope),
        Expression::Coalesce(all) => {
            let [first @ Expression::FunctionCall(_, arguments), others @ ..] = &**all else { return None };
            let Some(Expression::Variable(variable)) = arguments.first() else { return None };
            let found = wanted(first, scope)?;
            others.iter().all(|other| wants_a_string(other, variable)).then_some(found)
        }
        _ => None,
    }
}

/// A call of one of our functions on a variable and words that are known.
fn call(function: NamedNodeRef<'_>, expression: &Expression, scope: &Scope) -> Option<Wanted> {
    let Expression::FunctionCall(Function::Custom(name), arguments) = expression else { return None };
    let [Expression::Variable(variable), Expression::Literal(words)] = &**arguments else { return None };
    let search = (*name == function).then(|| functions::search(words))??;
    Some(Wanted { slot: scope.slot(variable), search, text: words.to_string() })
}

/// Whether an expression has no value where a variable is no string.
fn wants_a_string(expression: &Expression, variable: &Variable) -> bool {
    let Expression::FunctionCall(function, arguments) = expression else { return false };
    let is_strict = matches!(
        function,
        Function::Contains
            | Function::StrStarts
            | Function::StrEnds
            | Function::LCase
            | Function::UCase
            | Function::Regex
    );
    is_strict
        && arguments.first().is_some_and(|first| match first {
            Expression::Variable(first) => first == variable,
            inner => wants_a_string(inner, variable),
        })
}

impl Compiler<'_> {
    /// The condition that an expression is, if it is one that looks for words.
    pub(super) fn words_condition(&mut self, expression: &Expression, context: &Context) -> Option<Condition> {
        wanted(expression, &context.scope).map(|wanted| Condition::Words(self.words(&wanted)))
    }

    /// What an expression is, if it is a score.
    pub(super) fn words_score(&mut self, expression: &Expression, context: &Context) -> Option<Words> {
        call(ocm::WORD_SCORE, expression, &context.scope).map(|wanted| self.words(&wanted))
    }

    pub(super) fn words(&mut self, wanted: &Wanted) -> Words {
        let Wanted { slot, search, text } = wanted.clone();
        self.searches += 1;
        Words { slot, search, text, index: self.searches - 1 }
    }

    /// Takes the filters that the index can answer from what happens to the rows of a group.
    ///
    /// The index has the terms of the dataset and no others. So some triple of the group must bind the variable, and it
    /// must be bound already where the filter stands.
    pub(super) fn take_words(
        &self,
        acts: &mut [Option<(Act<'_>, GraphPlace, Facts)>],
        items: &[(Item<'_>, GraphPlace, Facts)],
        scope: &Scope,
    ) -> Vec<Wanted> {
        if self.terms.dataset().words().is_none() {
            return Vec::new();
        }
        let is_matched = |slot| {
            items.iter().any(|(item, _, facts)| {
                let matches = match item {
                    Item::Triple(_) => true,
                    Item::Path { path, .. } => takes_a_step(path),
                    _ => false,
                };
                matches && facts.certain.contains(slot)
            })
        };
        let take = |act: &mut Option<(Act<'_>, GraphPlace, Facts)>| {
            let Some((Act::Filter(expression), _, before)) = act else { return None };
            let found = wanted(expression, scope)?;
            let usable = before.certain.contains(found.slot) && is_matched(found.slot);
            if usable {
                *act = None;
            }
            usable.then_some(found)
        };
        acts.iter_mut().filter_map(take).collect()
    }

    /// How many texts the index gives, or how many of the texts pass.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn estimate_words(&self, wanted: &Wanted, bound: &Slots) -> Estimate {
        let Some(index) = self.terms.dataset().words() else { return Estimate { rows: 0.3, cost: 1.0 } };
        let counts = wanted.search.words().iter().map(|sought| index.count(&index.find(sought)));
        let texts = f64::from(index.texts().max(1));
        let found = (counts.min().unwrap_or(0) as f64).min(texts);
        if bound.contains(wanted.slot) {
            Estimate { rows: found / texts, cost: 1.0 }
        } else {
            Estimate { rows: found, cost: found + 1.0 }
        }
    }

    /// What it takes to read all that the index has of the words.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn words_to_read(&self, wanted: &Wanted) -> f64 {
        let index = self.terms.dataset().words();
        let read = |sought| index.map_or(0, |index| index.count(&index.find(sought)));
        wanted.search.words().iter().map(read).sum::<u64>() as f64
    }
}

impl Wanted {
    pub(super) fn facts(&self) -> Facts {
        Facts::all([self.slot].into_iter().collect())
    }
}

/// Whether a path matches at least one triple, so that its ends are terms of the dataset.
fn takes_a_step(path: &PropertyPathExpression) -> bool {
    match path {
        PropertyPathExpression::NamedNode(_) | PropertyPathExpression::NegatedPropertySet(_) => true,
        PropertyPathExpression::Reverse(path) | PropertyPathExpression::OneOrMore(path) => takes_a_step(path),
        PropertyPathExpression::Sequence(a, b) | PropertyPathExpression::Alternative(a, b) => {
            takes_a_step(a) && takes_a_step(b)
        }
        PropertyPathExpression::ZeroOrMore(_) | PropertyPathExpression::ZeroOrOne(_) => false,
    }
}
