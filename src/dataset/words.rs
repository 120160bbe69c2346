//! The index of words, which is attached to a dataset.

use super::{Dataset, Id, TermKind};
use crate::text::{self, Index};

/// What the index is called among the attachments.
const NAME: &str = "words";

impl Dataset {
    /// The same dataset with an index of the words in its strings.
    #[must_use]
    pub fn with_words(self) -> Self {
        match text::index(self.data.terms.literals, |id| self.string(id).map(|(text, _)| text)) {
            Some(bytes) => self.with_attachment(NAME, bytes),
            None => self,
        }
    }

    /// The index of words. None in a dataset without, and in one whose index was made with other tables of Unicode.
    #[must_use]
    pub fn words(&self) -> Option<Index<'_>> {
        Index::open(self.attachment(NAME)?)
    }

    /// The text of a literal that is a string (`xsd:string`), or one in a language, and that language.
    #[must_use]
    pub fn string(&self, id: Id) -> Option<(&str, Option<&str>)> {
        let parts = self.data.terms.parts(id);
        let language = match parts.suffix.as_bytes().first() {
            None => None,
            Some(b'@') => parts.suffix.get(1..),
            Some(_) => return None,
        };
        (parts.kind == TermKind::Literal).then_some((parts.text, language))
    }
}
