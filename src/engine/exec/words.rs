//! Words, by the index where there is one.

use std::cell::OnceCell;

use super::{
    Execution, Flow, Halt,
    expression::{Evaluated, checked},
};
use crate::{
    dataset::Id,
    engine::{functions, plan::Words, terms::UNBOUND},
    text::{Index, Sought},
    value::{Number, Value},
};

/// The texts that have what is sought, ascending; made when they are first wanted.
pub(super) type Found = OnceCell<Vec<Id>>;

impl<'q> Execution<'q> {
    /// Binds a variable to each text that has the words, or checks the one it has.
    pub(super) fn words(&self, words: &'q Words, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        if row[words.slot] != UNBOUND {
            return match self.has_words(words, row[words.slot]) {
                Ok(Some(true)) => next(row),
                Ok(_) => self.budget.step(),
                Err(halt) => Flow::Break(halt),
            };
        }
        let Some(index) = self.dataset.words() else { return Flow::Continue(()) };
        let found = match self.found_by(&index, words) {
            Ok(found) => found,
            Err(halt) => return Flow::Break(halt),
        };
        for id in found {
            self.budget.step()?;
            row[words.slot] = *id;
            let flow = next(row);
            row[words.slot] = UNBOUND;
            flow?;
        }
        Flow::Continue(())
    }

    /// Whether a term has the words; nothing if it is no string.
    pub(super) fn has_words(&self, words: &'q Words, id: Id) -> Evaluated<bool> {
        if id >= self.known {
            return self.matches(words, self.value_of(id).as_ref());
        }
        let Some((text, language)) = self.dataset.string(id) else { return Ok(None) };
        let found = match (self.searches.get(words.index).and_then(OnceCell::get), self.dataset.words()) {
            (Some(found), _) => found,
            (None, Some(index)) => self.found_by(&index, words)?,
            (None, None) => {
                checked(self.budget.read(text.as_bytes()))?;
                return Ok(Some(words.search.matches(text, language)));
            }
        };
        Ok(Some(found.binary_search(&id).is_ok()))
    }

    /// Whether a value has the words, by reading it.
    fn matches(&self, words: &Words, value: Option<&Value<'_>>) -> Evaluated<bool> {
        let (text, language) = match value {
            Some(Value::String(text)) => (text, None),
            Some(Value::Tagged { text, language }) => (text, Some(&**language)),
            _ => return Ok(None),
        };
        checked(self.budget.read(text.as_bytes()))?;
        Ok(Some(words.search.matches(text, language)))
    }

    /// How well a term fits words; nothing if it is no string.
    pub(super) fn score(&self, words: &'q Words, id: Id) -> Evaluated<Value<'q>> {
        let value = self.value_of(id);
        if let Some(Value::String(text) | Value::Tagged { text, .. }) = &value {
            checked(self.budget.read(text.as_bytes()))?;
        }
        let score = value.and_then(|value| functions::score(&words.search, &value));
        Ok(score.map(|score| Value::Number(Number::Double(score))))
    }

    fn found_by(&self, index: &Index<'_>, words: &'q Words) -> Result<&[Id], Halt> {
        let Some(found) = self.searches.get(words.index) else { return Ok(&[]) };
        if let Some(found) = found.get() {
            return Ok(found);
        }
        let mut all: Vec<&Sought> = words.search.words().iter().collect();
        all.sort_by_key(|sought| index.count(&index.find(sought)));
        let mut texts: Option<Vec<Id>> = None;
        for sought in all {
            let of_word = self.texts_of(index, sought)?;
            let left = match texts.take() {
                None => of_word,
                Some(before) => {
                    let both = before.iter().copied().filter(|id| of_word.binary_search(id).is_ok()).collect();
                    self.budget.give_back(size_of::<Id>() * of_word.len());
                    both
                }
            };
            let none_left = left.is_empty();
            texts = Some(left);
            if none_left {
                break;
            }
        }
        let mut texts = texts.unwrap_or_default();
        // In a file that is damaged a number may be that of anything.
        texts.retain(|id| self.dataset.string(*id).is_some_and(|(_, language)| words.search.is_in_language(language)));
        Ok(found.get_or_init(|| texts))
    }

    /// The texts that have a word, ascending, each once.
    fn texts_of(&self, index: &Index<'_>, sought: &Sought) -> Result<Vec<Id>, Halt> {
        let mut texts = Vec::new();
        let gathered = index.texts_of(&index.find(sought)).try_for_each(|id| {
            self.budget.step()?;
            self.budget.take(size_of::<Id>())?;
            texts.push(id);
            Flow::Continue(())
        });
        if let Flow::Break(halt) = gathered {
            return Err(halt);
        }
        if sought.begins {
            let before = texts.len();
            texts.sort_unstable();
            texts.dedup();
            self.budget.give_back(size_of::<Id>() * (before - texts.len()));
        }
        Ok(texts)
    }
}
