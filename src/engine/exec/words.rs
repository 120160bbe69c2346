//! Words, by the index where there is one.

use std::cell::OnceCell;

use oxigraph::model::{Literal, TermRef};

use super::{Execution, Flow, Halt};
use crate::{
    dataset::Id,
    engine::{functions, plan::Words, terms::UNBOUND},
    text::{Index, Sought},
};

/// The texts that have what is sought, ascending; made when they are first wanted.
pub(super) type Found = OnceCell<Vec<Id>>;

impl<'q> Execution<'q> {
    /// Binds a variable to each text that has the words, or checks the one it has.
    pub(super) fn words(&self, words: &'q Words, row: &mut [Id], next: &mut dyn FnMut(&mut [Id]) -> Flow) -> Flow {
        if row[words.slot] != UNBOUND {
            return match self.has_words(words, row[words.slot]) {
                Ok(true) => next(row),
                Ok(false) => self.budget.step(),
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

    /// Whether a term is a string that has the words.
    pub(super) fn has_words(&self, words: &'q Words, id: Id) -> Result<bool, Halt> {
        if id >= self.dataset.terms() {
            let terms = self.terms.borrow();
            let Some(TermRef::Literal(literal)) = terms.term(id) else { return Ok(false) };
            return self.matches(words, functions::string(literal));
        }
        if let Some(found) = self.texts.get(words.index).and_then(OnceCell::get) {
            return Ok(found.binary_search(&id).is_ok());
        }
        match self.dataset.words() {
            Some(index) => Ok(self.found_by(&index, words)?.binary_search(&id).is_ok()),
            None => self.matches(words, self.dataset.string(id)),
        }
    }

    /// Whether a text has the words, by reading it.
    fn matches(&self, words: &Words, string: Option<(&str, Option<&str>)>) -> Result<bool, Halt> {
        let Some((text, language)) = string else { return Ok(false) };
        match self.budget.read(text.as_bytes()) {
            Flow::Break(halt) => Err(halt),
            Flow::Continue(()) => Ok(words.search.matches(text, language)),
        }
    }

    /// The number of the score of a term; [`UNBOUND`] if it is no string.
    pub(super) fn score(&self, words: &'q Words, id: Id) -> Result<Id, Halt> {
        let mut terms = self.terms.borrow_mut();
        let score = match terms.term(id) {
            Some(TermRef::Literal(literal)) => {
                if let Flow::Break(halt) = self.budget.read(literal.value().as_bytes()) {
                    return Err(halt);
                }
                functions::score(&words.search, literal)
            }
            _ => None,
        };
        let Some(score) = score else { return Ok(UNBOUND) };
        let before = terms.bytes();
        let number = terms.number(Literal::from(score).into());
        match self.budget.take(terms.bytes() - before) {
            Flow::Break(halt) => Err(halt),
            Flow::Continue(()) => Ok(number),
        }
    }

    fn found_by(&self, index: &Index<'_>, words: &'q Words) -> Result<&[Id], Halt> {
        let Some(found) = self.texts.get(words.index) else { return Ok(&[]) };
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
