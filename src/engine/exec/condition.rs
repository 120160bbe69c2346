//! Conditions of FILTER, and EXISTS.

use std::cmp::Ordering;

use memchr::{memchr2_iter, memmem};

use super::{Execution, Flow, Halt, key::Key, value::Value};
use crate::{
    dataset::Id,
    engine::{
        plan::{Comparison, Condition, Exists, Place, Sought, TextTest},
        terms::{Cell, UNBOUND},
    },
};

/// How many answers of one EXISTS are remembered.
const REMEMBERED: usize = 1 << 16;

impl<'q> Execution<'q> {
    /// Whether a condition holds for a row. What has no value does not hold.
    pub(super) fn holds(&self, condition: &'q Condition, row: &mut [Id]) -> Result<bool, Halt> {
        Ok(match condition {
            Condition::Exists(exists) => self.exists(exists, row)?,
            Condition::Not(condition) => !self.holds(condition, row)?,
            Condition::Any(conditions) => {
                for condition in conditions {
                    if self.holds(condition, row)? {
                        return Ok(true);
                    }
                }
                false
            }
            Condition::Bound(slot) => row[*slot] != UNBOUND,
            Condition::Same(a, b) => {
                let value = |place: &Place| match place {
                    Place::Term(id) => *id,
                    Place::Slot(slot) => row[*slot],
                };
                value(a) == value(b) && value(a) != UNBOUND
            }
            Condition::Text { slot, constant } => row[*slot] == *constant,
            Condition::Language { slot, tag } => {
                let terms = self.terms.borrow();
                terms.cell(row[*slot]).and_then(Cell::language_of_literal) == Some(tag.as_bytes())
            }
            Condition::Compare { slot, comparison, constant, index } => {
                let compare = || self.compares(row[*slot], *comparison, *constant);
                self.compared[*index].borrow_mut().get_or(row[*slot], compare)
            }
            Condition::CompareTexts { a, b, comparison } => {
                let terms = self.terms.borrow();
                let text = |place: &Place| {
                    let cell = Self::value_at(*place, row).and_then(|id| terms.cell(id))?;
                    (!cell.is_blank()).then(|| cell.text())
                };
                comparison.holds(text(a).zip(text(b)).map(|(a, b)| a.cmp(b)))
            }
            Condition::Holds(sought) => self.is_found(sought, row[sought.slot])?,
            Condition::Words(words) => self.has_words(words, row[words.slot])?,
            Condition::General(general) => self.is_true(general, row)?,
        })
    }

    fn compares(&self, id: Id, comparison: Comparison, constant: Id) -> bool {
        let terms = self.terms.borrow();
        let (Some(a), Some(b)) = (terms.cell(id), terms.cell(constant)) else { return false };
        // One term is equal to itself, whatever its datatype.
        let same = comparison == Comparison::Equal && id == constant && !is_nan(a);
        comparison.holds(if same { Some(Ordering::Equal) } else { Value::of(a).compare(&Value::of(b)) })
    }

    fn is_found(&self, sought: &Sought, id: Id) -> Result<bool, Halt> {
        let terms = self.terms.borrow();
        let Some(cell) = terms.cell(id) else { return Ok(false) };
        let has_text = if sought.in_any { !cell.is_blank() } else { cell.is_string() };
        if let Flow::Break(halt) = self.budget.read(cell.text()) {
            return Err(halt);
        }
        let is_in =
            || if sought.in_lower_case { sought.is_in_lower_case(cell.text()) } else { sought.is_in(cell.text()) };
        Ok(has_text && is_in())
    }

    /// Whether a pattern has a match for a row.
    pub(super) fn exists(&self, exists: &'q Exists, row: &mut [Id]) -> Result<bool, Halt> {
        let key = Key::of(row, &exists.keys);
        if let Some(found) = self.found[exists.index].borrow().get(&key) {
            return Ok(*found);
        }
        let mut found = false;
        let flow = self.run(&exists.inner, row, &mut |_| {
            found = true;
            Flow::Break(Halt::Enough)
        });
        if flow == Flow::Break(Halt::Failed) {
            return Err(Halt::Failed);
        }
        let mut remembered = self.found[exists.index].borrow_mut();
        if remembered.len() < REMEMBERED {
            if let Flow::Break(halt) = self.budget.take(key.bytes() + 8) {
                return Err(halt);
            }
            remembered.insert(key, found);
        }
        Ok(found)
    }
}

impl Sought {
    fn is_in(&self, text: &[u8]) -> bool {
        let wanted = self.text.as_bytes();
        match self.test {
            TextTest::Contains => memmem::find(text, wanted).is_some(),
            TextTest::Starts => text.starts_with(wanted),
            TextTest::Ends => text.ends_with(wanted),
        }
    }

    /// As in `str::to_lowercase` of the text, which is made only where it matters: small letters of ASCII come from their
    /// own capitals and from İ and the sign for kelvin.
    fn is_in_lower_case(&self, text: &[u8]) -> bool {
        let wanted = self.text.as_bytes();
        let has_others =
            || memchr2_iter(0xC4, 0xE2, text).any(|at| matches!(text[at..], [0xC4, 0xB0, ..] | [0xE2, 0x84, ..]));
        if !wanted.is_ascii() || has_others() {
            return self.is_in(String::from_utf8_lossy(text).to_lowercase().as_bytes());
        }
        let is_at = |text: &[u8]| text.iter().zip(wanted).all(|(byte, wanted)| byte.to_ascii_lowercase() == *wanted);
        let Some(last) = text.len().checked_sub(wanted.len()) else { return false };
        match (self.test, wanted.first()) {
            (TextTest::Starts, _) => is_at(text),
            (TextTest::Ends, _) => is_at(&text[last..]),
            (TextTest::Contains, None) => true,
            (TextTest::Contains, Some(first)) => {
                let mut starts = memchr2_iter(*first, first.to_ascii_uppercase(), &text[..=last]);
                starts.any(|at| is_at(&text[at..]))
            }
        }
    }
}

impl Comparison {
    fn holds(self, order: Option<Ordering>) -> bool {
        order.is_some_and(|order| match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        })
    }
}

fn is_nan(cell: Cell<'_>) -> bool {
    match Value::of(cell) {
        Value::Number(number) => f64::from(number.double()).is_nan(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sought(test: TextTest, part: &str) -> Sought {
        Sought { slot: 0, in_any: true, in_lower_case: true, test, text: part.into() }
    }

    fn expected(test: TextTest, whole: &str, part: &str) -> bool {
        let whole = whole.to_lowercase();
        match test {
            TextTest::Contains => whole.contains(part),
            TextTest::Starts => whole.starts_with(part),
            TextTest::Ends => whole.ends_with(part),
        }
    }

    const TESTS: [TextTest; 3] = [TextTest::Contains, TextTest::Starts, TextTest::Ends];

    #[test]
    fn every_character_is_found_in_lower_case_as_the_library_makes_it() {
        for c in '\0'..=char::MAX {
            let lower = c.to_string().to_lowercase();
            for part in lower.chars().filter(char::is_ascii) {
                let part = part.to_string();
                assert!(sought(TextTest::Contains, &part).is_in_lower_case(c.to_string().as_bytes()), "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_is_sought_in_lower_case(whole in "[aAbkKiIİ\u{212A}sSΣ é\u{2126}]{0,8}", part in "[aAbkiİsσς é]{0,3}") {
            for test in TESTS {
                prop_assert_eq!(
                    sought(test, &part).is_in_lower_case(whole.as_bytes()),
                    expected(test, &whole, &part),
                    "{:?} {} {}", test, whole, part
                );
            }
        }
    }
}
