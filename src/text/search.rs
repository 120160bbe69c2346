//! What is sought, whether a text has it, and how well it fits.

use std::ops::Range;

use super::{fold::fold, words::each_word};

/// Words that are sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    words: Vec<Sought>,
    /// A language range: only texts in this language.
    language: Option<String>,
}

/// A word that is sought, folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sought {
    /// The word, or how it begins.
    pub text: String,
    /// Whether any word that begins so will do.
    pub begins: bool,
}

impl Search {
    /// Reads what is sought: words, each with `*` directly behind it if it is only the beginning of one. All other signs
    /// part words, as they do in texts. None if there is no word.
    ///
    /// The language is a range such as `fr`; the text must be in it, or in a variety of it.
    #[must_use]
    pub fn new(text: &str, language: Option<&str>) -> Option<Self> {
        let mut folded = String::with_capacity(text.len());
        fold(text, &mut folded);
        let mut words = Vec::new();
        each_word(&folded, &mut |word, after| {
            words.push(Sought { text: word.to_owned(), begins: after.starts_with('*') });
        });
        words.sort_unstable();
        words.dedup();
        let language = language.map(str::to_ascii_lowercase);
        (!words.is_empty()).then_some(Self { words, language })
    }

    /// The words, each once.
    #[must_use]
    pub fn words(&self) -> &[Sought] {
        &self.words
    }

    /// Whether any language will do, and none as well.
    #[must_use]
    pub fn is_in_any_language(&self) -> bool {
        self.language.is_none()
    }

    /// Whether a text with this language tag is in the language that is sought, as `langMatches` says.
    ///
    /// [RFC 4647, basic filtering](https://www.rfc-editor.org/rfc/rfc4647#section-3.3.1)
    #[must_use]
    pub fn is_in_language(&self, tag: Option<&str>) -> bool {
        let Some(range) = self.language.as_deref() else { return true };
        let Some((head, rest)) = tag.and_then(|tag| tag.split_at_checked(range.len())) else { return false };
        head.eq_ignore_ascii_case(range) && (rest.is_empty() || rest.starts_with('-'))
    }

    /// Whether a text is in the language that is sought and has every word.
    #[must_use]
    pub fn matches(&self, text: &str, language: Option<&str>) -> bool {
        self.is_in_language(language) && Text::of(text).is_some_and(|text| text.has_all(&self.words))
    }

    /// How well a text fits: from above 0 to 1 if it has every word, and 0 if not. The language plays no part.
    ///
    /// The mean of two shares: of the words that are sought, where one that is there as it stands counts 1 and one that
    /// only begins some word ½; and of the text's words, how many are among those sought. A title that is just the words
    /// has 1, and the same words in a long description have little more than ½.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no text has 2^53 words")]
    pub fn score(&self, text: &str) -> f64 {
        let Some(text) = Text::of(text) else { return 0.0 };
        let words = text.words();
        let (mut found, mut covered) = (0.0, Vec::with_capacity(self.words.len()));
        for sought in &self.words {
            let range = sought.range_in(&words);
            if range.is_empty() {
                return 0.0;
            }
            // In order, so that the word itself comes before those it begins.
            found += if words.get(range.start).is_some_and(|word| *word == sought.text) { 1.0 } else { 0.5 };
            covered.push(range);
        }
        f64::midpoint(found / self.words.len() as f64, total(covered) as f64 / words.len() as f64)
    }
}

impl Sought {
    /// Whether a word is what is sought.
    #[must_use]
    pub fn is(&self, word: &[u8]) -> bool {
        if self.begins { word.starts_with(self.text.as_bytes()) } else { word == self.text.as_bytes() }
    }

    /// Those of some sorted words that are what is sought.
    fn range_in(&self, words: &[&str]) -> Range<usize> {
        let start = words.partition_point(|word| *word < self.text.as_str());
        let rest = words.get(start..).unwrap_or_default();
        start..start + rest.partition_point(|word| self.is(word.as_bytes()))
    }
}

/// How many numbers lie in some ranges, which may overlap.
fn total(mut ranges: Vec<Range<usize>>) -> usize {
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut count, mut end) = (0, 0);
    for range in ranges {
        count += range.end.saturating_sub(range.start.max(end));
        end = end.max(range.end);
    }
    count
}

/// A folded text.
struct Text(String);

impl Text {
    /// None if it has no words.
    fn of(text: &str) -> Option<Self> {
        let mut folded = String::with_capacity(text.len());
        fold(text, &mut folded);
        (!folded.is_empty()).then_some(Self(folded))
    }

    /// Its words, sorted.
    fn words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        each_word(&self.0, &mut |word, _| words.push(word));
        words.sort_unstable();
        words
    }

    fn has_all(&self, sought: &[Sought]) -> bool {
        if let [one] = sought {
            let mut found = false;
            each_word(&self.0, &mut |word, _| found |= one.is(word.as_bytes()));
            return found;
        }
        let words = self.words();
        sought.iter().all(|sought| !sought.range_in(&words).is_empty())
    }
}
