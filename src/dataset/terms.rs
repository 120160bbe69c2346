//! The dictionary: terms by number and numbers by term.

use std::cmp::Ordering;

use oxigraph::model::{BlankNodeRef, LiteralRef, NamedNodeRef, TermRef, vocab::xsd};

use super::{
    Id, TermKind,
    column::Column,
    text::{compare_iris, compare_values, write_value},
};

/// What is printed behind the quotes of a literal: nothing, `@en` or `^^<http://…>`.
pub(super) type Suffix<'t> = &'t str;

/// A term in the parts that are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts<'t> {
    pub(super) kind: TermKind,
    pub(super) text: &'t str,
    /// Only of literals.
    pub(super) suffix: Suffix<'t>,
}

/// Takes a term apart. The suffix of a literal is built in `buffer`.
pub(super) fn parts<'t>(term: TermRef<'t>, buffer: &'t mut String) -> Parts<'t> {
    buffer.clear();
    match term {
        TermRef::NamedNode(iri) => Parts { kind: TermKind::Iri, text: iri.as_str(), suffix: "" },
        TermRef::BlankNode(node) => Parts { kind: TermKind::Blank, text: node.as_str(), suffix: "" },
        TermRef::Literal(literal) => {
            if let Some(language) = literal.language() {
                buffer.push('@');
                buffer.push_str(language);
            } else if literal.datatype() != xsd::STRING {
                buffer.push_str("^^<");
                buffer.push_str(literal.datatype().as_str());
                buffer.push('>');
            }
            Parts { kind: TermKind::Literal, text: literal.value(), suffix: buffer }
        }
    }
}

impl<'t> Parts<'t> {
    /// Puts the term together again.
    pub(super) fn term(self) -> TermRef<'t> {
        match self.kind {
            TermKind::Iri => NamedNodeRef::new_unchecked(self.text).into(),
            TermKind::Blank => BlankNodeRef::new_unchecked(self.text).into(),
            TermKind::Literal => literal(self.text, self.suffix).into(),
        }
    }

    /// The order of the terms' N-Triples texts.
    pub(super) fn compare(&self, other: &Parts<'_>) -> Ordering {
        self.kind.cmp(&other.kind).then_with(|| match self.kind {
            TermKind::Literal => compare_values(self.text, other.text).then_with(|| self.suffix.cmp(other.suffix)),
            TermKind::Iri => compare_iris(self.text, other.text),
            TermKind::Blank => self.text.cmp(other.text),
        })
    }

    /// Appends the N-Triples text.
    pub(super) fn write(&self, output: &mut Vec<u8>) {
        let plain = |before: &[u8], after: &[u8], output: &mut Vec<u8>| {
            output.extend_from_slice(before);
            output.extend_from_slice(self.text.as_bytes());
            output.extend_from_slice(after);
        };
        match self.kind {
            TermKind::Literal => {
                write_value(self.text, output);
                output.extend_from_slice(self.suffix.as_bytes());
            }
            TermKind::Iri => plain(b"<", b">", output),
            TermKind::Blank => plain(b"_:", b"", output),
        }
    }

    /// A number for hash tables, the same on every machine.
    pub(super) fn hash(&self) -> u64 {
        let text = hash_bytes(self.kind as u64, self.text.as_bytes());
        if self.suffix.is_empty() { text } else { hash_bytes(text, self.suffix.as_bytes()) }
    }
}

fn literal<'t>(value: &'t str, suffix: Suffix<'t>) -> LiteralRef<'t> {
    if let Some(language) = suffix.strip_prefix('@') {
        return LiteralRef::new_language_tagged_literal_unchecked(value, language);
    }
    match suffix.strip_prefix("^^<").and_then(|rest| rest.strip_suffix('>')) {
        Some(datatype) => LiteralRef::new_typed_literal(value, NamedNodeRef::new_unchecked(datatype)),
        None => LiteralRef::new_simple_literal(value),
    }
}

/// Eight bytes at a time: multiply, and fold the halves.
fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(FACTOR);
        // The halves of the product, one on the other.
        #[expect(clippy::cast_possible_truncation, reason = "that is what folding is")]
        let folded = product as u64 ^ (product >> 64) as u64;
        folded.wrapping_add(FACTOR)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let hash = words.iter().fold(mix(seed, bytes.len() as u64), |hash, word| mix(hash, u64::from_le_bytes(*word)));
    mix(hash, u64::from_le_bytes(last))
}

/// Instead of a term in a slot of the hash table that has none.
const EMPTY: Id = Id::MAX;

/// Terms in order, in one arena.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// How many terms are literals, and how many literals or IRIs.
    pub(super) literals: u32,
    pub(super) before_blanks: u32,
    /// The texts, one after the other.
    pub(super) arena: Column<u8>,
    /// Where each text begins, and the length of the arena.
    pub(super) starts: Column<u64>,
    /// The suffix of each literal.
    pub(super) suffixes: Column<u32>,
    /// The suffixes there are, one after the other, sorted.
    pub(super) suffix_arena: Column<u8>,
    /// Where each suffix begins, and the length of all.
    pub(super) suffix_starts: Column<u64>,
    /// The hash table: half of a hash, and the term that has it.
    pub(super) slots: Column<[u32; 2]>,
}

/// The dictionary's slices, found once for many terms.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'d> {
    literals: u32,
    before_blanks: u32,
    arena: &'d [u8],
    starts: &'d [u64],
    suffixes: &'d [u32],
    suffix_arena: &'d [u8],
    suffix_starts: &'d [u64],
}

/// A term in the bytes that are stored: UTF-8, unless the file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'d> {
    /// What it is.
    pub kind: TermKind,
    /// Lexical form, IRI, or label.
    pub text: &'d [u8],
    /// What N-Triples prints behind the quotes of a literal: nothing, `@en` or `^^<http://…>`.
    pub suffix: &'d [u8],
}

impl<'d> Texts<'d> {
    /// The term of a number. For a number that no term has: some empty term.
    #[inline]
    #[must_use]
    pub fn get(&self, id: Id) -> Stored<'d> {
        let text = piece(self.arena, self.starts, id);
        if id < self.literals {
            let suffix = self.suffixes.get(id as usize);
            let suffix = suffix.map_or(&[][..], |suffix| piece(self.suffix_arena, self.suffix_starts, *suffix));
            return Stored { kind: TermKind::Literal, text, suffix };
        }
        let kind = if id < self.before_blanks { TermKind::Iri } else { TermKind::Blank };
        Stored { kind, text, suffix: &[] }
    }
}

impl<'d> Stored<'d> {
    /// The term of the model. Empty where bytes are not UTF-8.
    #[inline]
    #[must_use]
    pub fn term(self) -> TermRef<'d> {
        self.parts().term()
    }

    /// The language tag of a literal that has one.
    #[must_use]
    pub fn language(self) -> Option<&'d [u8]> {
        self.suffix.strip_prefix(b"@")
    }

    /// The datatype of a literal that prints one: not that of plain strings, nor of those in a language.
    #[must_use]
    pub fn datatype(self) -> Option<&'d [u8]> {
        self.suffix.strip_prefix(b"^^<")?.strip_suffix(b">")
    }

    pub(super) fn parts(self) -> Parts<'d> {
        Parts { kind: self.kind, text: utf8(self.text), suffix: utf8(self.suffix) }
    }
}

/// A term that is not stored, as if it were. The suffix of a literal is built in `buffer`.
#[must_use]
pub fn as_stored<'t>(term: TermRef<'t>, buffer: &'t mut String) -> Stored<'t> {
    let Parts { kind, text, suffix } = parts(term, buffer);
    Stored { kind, text: text.as_bytes(), suffix: suffix.as_bytes() }
}

/// Appends the N-Triples text of a term.
pub fn write_term(term: TermRef<'_>, buffer: &mut String, output: &mut Vec<u8>) {
    parts(term, buffer).write(output);
}

impl Terms {
    pub(super) fn texts(&self) -> Texts<'_> {
        Texts {
            literals: self.literals,
            before_blanks: self.before_blanks,
            arena: &self.arena,
            starts: &self.starts,
            suffixes: &self.suffixes,
            suffix_arena: &self.suffix_arena,
            suffix_starts: &self.suffix_starts,
        }
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.starts.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    pub(super) fn kind(&self, id: Id) -> TermKind {
        if id < self.literals {
            TermKind::Literal
        } else if id < self.before_blanks {
            TermKind::Iri
        } else {
            TermKind::Blank
        }
    }

    #[inline]
    pub(super) fn text(&self, id: Id) -> &str {
        utf8(piece(&self.arena, &self.starts, id))
    }

    pub(super) fn parts(&self, id: Id) -> Parts<'_> {
        self.texts().get(id).parts()
    }

    pub(super) fn id(&self, wanted: &Parts<'_>) -> Option<Id> {
        let (hash, slots) = (wanted.hash(), &*self.slots);
        let (before, after) = slots.split_at_checked(first_slot(hash, slots.len()))?;
        let filled = after.iter().chain(before).take_while(|[_, id]| *id != EMPTY);
        let alike = filled.filter(|[low, _]| *low == low_half(hash));
        alike.map(|[_, id]| *id).find(|id| self.parts(*id) == *wanted)
    }

    /// Makes the hash table of the terms' hashes.
    pub(super) fn hash_all(&mut self, hashes: impl Iterator<Item = u64>) {
        let mut slots = vec![[0, EMPTY]; slot_count(self.len())];
        for (id, hash) in (0..).zip(hashes) {
            let mut at = first_slot(hash, slots.len());
            while slots[at][1] != EMPTY {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = [low_half(hash), id];
        }
        self.slots = slots.into();
    }
}

/// One text of those that lie one after the other. Empty for a number that none has.
#[inline]
fn piece<'t>(arena: &'t [u8], starts: &[u64], number: u32) -> &'t [u8] {
    let range = starts.get(number as usize).zip(starts.get(number as usize + 1));
    let bytes = range.and_then(|(start, end)| arena.get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?));
    bytes.unwrap_or_default()
}

/// Empty for bytes that are not UTF-8.
#[inline]
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// A power of two, so that at least a third of the slots are empty.
fn slot_count(terms: u32) -> usize {
    (terms as usize * 3 / 2 + 1).next_power_of_two()
}

/// Where the search for a hash begins. There is a power of two of slots.
fn first_slot(hash: u64, slots: usize) -> usize {
    usize::try_from(hash >> 32).unwrap_or(0) & slots.saturating_sub(1)
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half says where the slot is")]
fn low_half(hash: u64) -> u32 {
    hash as u32
}
