//! An index of words, as it lies in an edition file: `docs/EDITION-FILE.md` describes it.

use std::ops::Range;

use super::search::Sought;

/// How every index begins.
pub(super) const MAGIC: [u8; 8] = *b"OCMword\x01";

/// Bytes before the table of words.
pub(super) const HEADER: usize = 48;

/// Bytes of a row of the table: where the word's text begins, how many texts have it, where their numbers begin.
pub(super) const ROW: usize = 16;

/// Raised when the rules of this module change, so that an index made by others is not believed.
const RULES: u8 = 1;

/// What words depend on: our rules, and the versions of the tables of Unicode that this program has.
pub(super) fn fingerprint() -> [u8; 12] {
    let (letters, forms) = (char::UNICODE_VERSION, unicode_normalization::UNICODE_VERSION);
    let segments: (u64, u64, u64) = unicode_segmentation::UNICODE_VERSION;
    let segments = [segments.0, segments.1, segments.2].map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    let versions = [[letters.0, letters.1, letters.2], [forms.0, forms.1, forms.2], segments];
    let mut print = [0; 12];
    print[0] = RULES;
    print[1..10].copy_from_slice(versions.as_flattened());
    print
}

/// Words in order, and for each the numbers of the texts that have it, ascending.
///
/// Whatever the bytes are, reading them neither panics nor leaves them.
#[derive(Debug, Clone, Copy)]
pub struct Index<'i> {
    texts: u32,
    rows: &'i [u8],
    words: &'i [u8],
    numbers: &'i [u8],
}

/// Words that lie next to each other in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run(Range<usize>);

impl<'i> Index<'i> {
    /// Looks at bytes as an index. None if they are none, or one that was made by other rules or with other tables of
    /// Unicode: those may have other words.
    #[must_use]
    pub fn open(bytes: &'i [u8]) -> Option<Self> {
        let header = bytes.get(..HEADER)?;
        if header.get(..8)? != MAGIC || header.get(8..20)? != fingerprint() {
            return None;
        }
        let length = |at: usize| usize::try_from(number(header, at)).ok();
        let rows = HEADER.checked_add(length(24)?.checked_add(1)?.checked_mul(ROW)?)?;
        let words = rows.checked_add(length(32)?)?;
        let end = words.checked_add(length(40)?)?;
        (bytes.len() == end).then_some(())?;
        Some(Self {
            texts: small(header, 20),
            rows: bytes.get(HEADER..rows)?,
            words: bytes.get(rows..words)?,
            numbers: bytes.get(words..end)?,
        })
    }

    /// How many texts were looked through.
    #[must_use]
    pub fn texts(&self) -> u32 {
        self.texts
    }

    /// How many different words they have.
    #[must_use]
    pub fn words(&self) -> usize {
        (self.rows.len() / ROW).saturating_sub(1)
    }

    /// The words that are what is sought.
    #[must_use]
    pub fn find(&self, sought: &Sought) -> Run {
        let start = self.first(0, |word| word < sought.text.as_bytes());
        Run(start..self.first(start, |word| sought.is(word)))
    }

    /// How many texts have a word of a run; those that have several count several times.
    #[must_use]
    pub fn count(&self, run: &Run) -> u64 {
        run.0.clone().map(|word| u64::from(small(self.row(word), 4))).sum()
    }

    /// The numbers of the texts that have a word of a run, ascending for each word.
    pub fn texts_of(&self, run: &Run) -> impl Iterator<Item = u32> + use<'i> {
        let index = *self;
        run.0.clone().flat_map(move |word| index.numbers_of(word))
    }

    /// The first word, from one on, of which something is not true.
    fn first(&self, from: usize, is: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (from, self.words());
        while low < high {
            let middle = low + (high - low) / 2;
            if is(self.word(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn row(&self, word: usize) -> &'i [u8] {
        self.rows.get(word * ROW..(word + 1) * ROW).unwrap_or_default()
    }

    fn word(&self, word: usize) -> &'i [u8] {
        let [start, end] = [word, word + 1].map(|word| small(self.row(word), 0) as usize);
        self.words.get(start..end).unwrap_or_default()
    }

    fn numbers_of(&self, word: usize) -> Numbers<'i> {
        let [start, end] =
            [word, word + 1].map(|word| usize::try_from(number(self.row(word), 8)).unwrap_or(usize::MAX));
        Numbers { bytes: self.numbers.get(start..end).unwrap_or_default(), before: 0 }
    }
}

/// Ascending numbers, of which the differences are written, seven bits a byte.
struct Numbers<'i> {
    bytes: &'i [u8],
    before: u32,
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    /// Ends where the bytes are no number.
    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (mut difference, mut shift) = (0_u32, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            difference |= u32::from(byte & 0x7F).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        self.before = self.before.checked_add(difference)?;
        Some(self.before)
    }
}

/// Appends a number, seven bits a byte, the lowest first.
pub(super) fn write(mut number: u32, bytes: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return bytes.push(low & 0x7F);
        }
        bytes.push(low | 0x80);
    }
}

/// The number of eight bytes at a place; 0 if they are not there.
fn number(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The number of four bytes at a place; 0 if they are not there.
fn small(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
