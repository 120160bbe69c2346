//! EXISTS, and constants that are sought in texts.

use memchr::{memchr2_iter, memmem};

use super::{
    Execution, Flow, Halt,
    expression::{Evaluated, checked},
    key::Key,
};
use crate::{
    dataset::{Id, TermKind},
    engine::plan::{Exists, Sought, TextTest},
};

/// How many answers of one EXISTS are remembered.
const REMEMBERED: usize = 1 << 16;

impl<'q> Execution<'q> {
    /// Whether the text of a term has what is sought; nothing if it has no text, or is no string where that is wanted.
    pub(super) fn contains(&self, sought: &Sought, id: Id) -> Evaluated<bool> {
        if id < self.known {
            let stored = self.texts.get(id);
            let has_text = match stored.kind {
                TermKind::Blank => false,
                TermKind::Iri => sought.in_any,
                TermKind::Literal => sought.in_any || !stored.suffix.starts_with(b"^"),
            };
            if !has_text {
                return Ok(None);
            }
            checked(self.budget.read(stored.text))?;
            return Ok(Some(sought.holds(stored.text)));
        }
        let terms = self.terms.borrow();
        let Some(cell) = terms.cell(id) else { return Ok(None) };
        let has_text = if sought.in_any { !cell.is_blank() } else { cell.is_string() };
        if !has_text {
            return Ok(None);
        }
        checked(self.budget.read(cell.text()))?;
        Ok(Some(sought.holds(cell.text())))
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
            checked(self.budget.take(key.bytes() + 8))?;
            remembered.insert(key, found);
        }
        Ok(found)
    }
}
impl Sought {
    fn holds(&self, text: &[u8]) -> bool {
        if self.in_lower_case { self.is_in_lower_case(text) } else { self.is_in(text) }
    }

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
