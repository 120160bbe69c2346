//! From texts to their index.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{
    fold::fold,
    index::{HEADER, MAGIC, ROW, fingerprint, write},
    words::each_word,
};

/// Parts for each processor: a part may have longer texts than another.
const PARTS: usize = 4;

/// The words of some texts, and for each the numbers of the texts that have it, ascending.
#[derive(Default)]
struct Part {
    places: FxHashMap<Box<str>, usize>,
    numbers: Vec<Vec<u32>>,
    texts: u32,
}

impl Part {
    fn add(&mut self, number: u32, text: &str, folded: &mut String) {
        self.texts += 1;
        folded.clear();
        fold(text, folded);
        each_word(folded, &mut |word, _| {
            let place = self.places.get(word).copied().unwrap_or_else(|| {
                self.places.insert(word.into(), self.numbers.len());
                self.numbers.push(Vec::new());
                self.numbers.len() - 1
            });
            if let Some(numbers) = self.numbers.get_mut(place)
                && numbers.last() != Some(&number)
            {
                numbers.push(number);
            }
        });
    }
}

/// Makes the index of some texts, on all processors. `text` gives the text of a number below `end`, if it has one that
/// counts. The same texts give the same bytes.
///
/// None if there are more words than an index can hold, which is four gigabytes of them, each once.
pub fn index<'t>(end: u32, text: impl Fn(u32) -> Option<&'t str> + Sync) -> Option<Vec<u8>> {
    let parts = u32::try_from(rayon::current_num_threads() * PARTS).unwrap_or(1).max(1);
    let size = end.div_ceil(parts).max(1);
    let parts: Vec<Part> = (0..parts)
        .into_par_iter()
        .map(|part| {
            let (mut made, mut folded) = (Part::default(), String::new());
            let start = part.saturating_mul(size).min(end);
            for number in start..start.saturating_add(size).min(end) {
                if let Some(text) = text(number) {
                    made.add(number, text, &mut folded);
                }
            }
            made
        })
        .collect();
    join(&parts)
}

/// A word in a part: the word, the part, the numbers of its texts.
type Entry<'p> = (&'p str, usize, &'p [u32]);

fn join(parts: &[Part]) -> Option<Vec<u8>> {
    let entries = parts.iter().enumerate().flat_map(|(n, part)| {
        part.places
            .iter()
            .map(move |(word, place)| (&**word, n, part.numbers.get(*place).map_or(&[][..], Vec::as_slice)))
    });
    let mut entries: Vec<Entry<'_>> = entries.collect();
    entries.par_sort_unstable_by_key(|(word, part, _)| (*word, *part));
    let (mut rows, mut words, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    let row = |words: &Vec<u8>, count: usize, numbers: &Vec<u8>, rows: &mut Vec<u8>| {
        rows.extend_from_slice(&u32::try_from(words.len()).ok()?.to_le_bytes());
        rows.extend_from_slice(&u32::try_from(count).ok()?.to_le_bytes());
        rows.extend_from_slice(&(numbers.len() as u64).to_le_bytes());
        Some(())
    };
    for run in entries.chunk_by(|a, b| a.0 == b.0) {
        row(&words, run.iter().map(|(.., numbers)| numbers.len()).sum(), &numbers, &mut rows)?;
        let mut before = 0;
        for number in run.iter().flat_map(|(.., numbers)| *numbers) {
            write(number - before, &mut numbers);
            before = *number;
        }
        words.extend_from_slice(run.first()?.0.as_bytes());
    }
    row(&words, 0, &numbers, &mut rows)?;
    let texts: u32 = parts.iter().map(|part| part.texts).sum();
    let count = (rows.len() / ROW).saturating_sub(1);
    let mut bytes = Vec::with_capacity(HEADER + rows.len() + words.len() + numbers.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&fingerprint());
    bytes.extend_from_slice(&texts.to_le_bytes());
    for length in [count, words.len(), numbers.len()] {
        bytes.extend_from_slice(&(length as u64).to_le_bytes());
    }
    bytes.extend_from_slice(&rows);
    bytes.extend_from_slice(&words);
    bytes.extend_from_slice(&numbers);
    Some(bytes)
}
