//! Pass: use the index of words. A filter that looks for words in a variable becomes a pattern that binds it to the texts
//! which have them, where the index says what the filter says.

use super::{
    Planner, Slot, Slots, Step,
    estimate::Estimate,
    expression::{Expression, Kind, Words},
    logical::{Condition, Facts, Logical, LogicalKind, LogicalStep},
};
use crate::{
    engine::functions,
    sparql::{Builtin, Span},
    text::Search,
    value::Value,
};

/// A filter that the index answers.
struct Wanted {
    slot: Slot,
    search: Search,
    text: String,
    span: Span,
}

impl Planner<'_> {
    /// Uses the index of words, if the dataset has one.
    pub(super) fn use_word_index(&mut self, plan: &mut Logical) {
        if self.terms.dataset().words().is_none() {
            return;
        }
        plan.rewrite(&mut |kind| {
            if let LogicalKind::Group { items, steps } = kind {
                for Wanted { slot, search, text, span } in take(items, steps) {
                    let kind = LogicalKind::Words { slot, search, text };
                    items.push(self.logical(kind, span));
                }
            }
        });
    }

    /// How many texts the index gives, or how many of the texts pass.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn estimate_words(&self, slot: Slot, search: &Search, bound: &Slots) -> Estimate {
        let Some(index) = self.terms.dataset().words() else { return Estimate { rows: 0.3, cost: 1.0 } };
        let counts = search.words().iter().map(|sought| index.count(&index.find(sought)));
        let texts = f64::from(index.texts().max(1));
        let found = (counts.min().unwrap_or(0) as f64).min(texts);
        if bound.contains(slot) {
            Estimate { rows: found / texts, cost: 1.0 }
        } else {
            Estimate { rows: found, cost: found + 1.0 }
        }
    }

    /// What it takes to read all that the index has of the words.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn words_to_read(&self, search: &Search) -> f64 {
        let index = self.terms.dataset().words();
        let read = |sought| index.map_or(0, |index| index.count(&index.find(sought)));
        search.words().iter().map(read).sum::<u64>() as f64
    }
}

/// Takes the filters that the index can answer from what happens to the rows of a group.
///
/// The index has the terms of the dataset and no others. So some triple of the group must bind the variable, and it must be
/// bound already where the filter stands.
fn take(items: &[Logical], steps: &mut Vec<LogicalStep>) -> Vec<Wanted> {
    let is_matched = |slot| items.iter().any(|item| matches_a_triple(item) && item.facts.certain.contains(slot));
    let mut before = items.iter().fold(Facts::default(), |facts, item| facts.and(&item.facts));
    let mut found = Vec::new();
    steps.retain(|step| {
        if let LogicalStep::Filter(condition) = step
            && let Some(wanted) = wanted(condition)
            && before.certain.contains(wanted.slot)
            && is_matched(wanted.slot)
        {
            found.push(wanted);
            return false;
        }
        before = before.then(step);
        true
    });
    found
}

/// `ocm:matchesWords(?x, "words")`; or COALESCE of that and of what has no value either where it has none, which is where
/// `?x` is no string.
fn wanted(condition: &Condition) -> Option<Wanted> {
    match &condition.kind {
        Kind::MatchesWords(two) => {
            let (slot, search, text) = known_words(two)?;
            Some(Wanted { slot, search, text, span: condition.span })
        }
        Kind::Coalesce(all) => {
            let [first, others @ ..] = &all[..] else { return None };
            let found = wanted(first)?;
            others.iter().all(|other| wants_a_string(other, found.slot)).then_some(found)
        }
        _ => None,
    }
}

/// The variable, and the words if they are known: what is sought, and as it was written.
pub(super) fn known_words<E>(arguments: &[Expression<E>; 2]) -> Option<(Slot, Search, String)> {
    let (slot, words) = (arguments[0].slot()?, arguments[1].constant()?);
    let search = functions::search(&words.value)?;
    let text = match &words.value {
        Value::Tagged { text, language } => format!("{text:?}@{language}"),
        Value::String(text) => format!("{text:?}"),
        _ => return None,
    };
    Some((slot, search, text))
}

/// Whether an expression has no value where a variable is no string.
fn wants_a_string(expression: &Condition, variable: Slot) -> bool {
    let first = match &expression.kind {
        Kind::Call(
            Builtin::Contains | Builtin::StrStarts | Builtin::StrEnds | Builtin::LCase | Builtin::UCase,
            arguments,
        )
        | Kind::Regex(_, arguments) => arguments.first(),
        _ => None,
    };
    first.is_some_and(|first| first.slot() == Some(variable) || wants_a_string(first, variable))
}

/// Whether a node matches at least one triple for each of its rows, so that what it binds are terms of the dataset.
fn matches_a_triple(node: &Logical) -> bool {
    match &node.kind {
        LogicalKind::Scan { .. } => true,
        LogicalKind::Path { path, .. } => takes_a_step(path),
        _ => false,
    }
}

fn takes_a_step(path: &Step) -> bool {
    match path {
        Step::Predicate(_) | Step::Other(_) => true,
        Step::Inverse(path) | Step::OneOrMore(path) => takes_a_step(path),
        Step::Sequence(all) | Step::Alternative(all) => all.iter().all(takes_a_step),
        Step::ZeroOrMore(_) | Step::ZeroOrOne(_) => false,
    }
}

impl Words {
    /// Words with a number among the searches of a plan.
    pub(super) fn new(slot: Slot, search: Search, text: String, searches: &mut usize) -> Self {
        *searches += 1;
        Self { slot, search, text, index: *searches - 1 }
    }
}
