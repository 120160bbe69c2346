//! SPARQL's REGEX and REPLACE (SPARQL 1.1, 17.4.3.14 and 17.4.3.15): the regular expressions of `XPath` (F&O 3.1, 5.6),
//! which are those of XML Schema (part 2, appendix F) with anchors, reluctant quantifiers, groups and back-references.
//!
//! A pattern is read by our own parser, and what it says is then given to the `regex` crate in words that cannot be
//! misunderstood. So the dialect is that of the standard, and time is linear in the text whatever the pattern is. What no
//! linear automaton can do is left to a matcher with a limited number of steps: back-references, and one rule of the
//! flag `m`.
//!
//! | flag | |
//! |---|---|
//! | `s` | the dot matches line ends too |
//! | `m` | `^` and `$` match at every line; a line end at the very end begins no line |
//! | `i` | characters match their case variants; `\p{Lu}` and its like stay as they are |
//! | `x` | white space outside of character classes is left out; there are no comments |
//! | `q` | every character stands for itself, also in the replacement |
//!
//! Strings are compared by code points; nobody's normal forms are looked at.

mod backtrack;
mod blocks;
mod class;
mod engine;
mod error;
mod flags;
mod fold;
mod literal;
mod parse;
mod parse_class;
mod print;
mod program;
mod replacement;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use self::{
    engine::{Engine, Matches},
    flags::Flags,
    literal::{Found, Literal},
    parse::parse,
    replacement::Part,
};

pub use self::{
    error::{PatternError, ReplaceError, ReplacementError, TooHard},
    replacement::Replacement,
};

/// A compiled regular expression.
///
/// It may be used by many threads at once. Compiling takes from a microsecond for a word to some milliseconds for the
/// largest that are let in, so it is worth keeping one for a constant pattern.
///
/// # Examples
///
/// ```ignore
/// let vowels = Pattern::new("^[a-z-[aeiou]]+$", "i")?;
/// assert!(vowels.is_match("Rhythm")?);
/// assert!(!vowels.is_match("Blues")?);
/// assert!(Pattern::new("(?<year>[0-9]+)", "").is_err());
/// ```
#[derive(Debug)]
pub struct Pattern {
    engine: Engine,
    /// Plain text that is the whole pattern or that every match has.
    literal: Option<Literal>,
    groups: usize,
    is_literal: bool,
    /// Whether the empty string matches, so that nothing can be replaced.
    is_empty_match: bool,
    memory: usize,
}

impl Pattern {
    /// Compiles a pattern, the second argument of REGEX and REPLACE, with its flags, which may be empty.
    ///
    /// What `XPath` does not have is refused, and what would be too large: so the time this takes and what it keeps are
    /// bounded, however a pattern is made (F&O 5.6.1, 5.6.2).
    pub fn new(pattern: &str, flags: &str) -> Result<Self, PatternError> {
        let flags = Flags::parse(flags)?;
        let parsed = parse(pattern, flags)?;
        let literal = Literal::of(&parsed.node, flags);
        let engine = Engine::new(&parsed, flags, literal.as_ref())?;
        let memory = size_of::<Self>() + 2 * pattern.len() + engine.memory();
        let mut pattern =
            Self { engine, literal, groups: parsed.groups, is_literal: flags.quoted, is_empty_match: false, memory };
        pattern.is_empty_match = pattern.is_match("").unwrap_or(true);
        Ok(pattern)
    }

    /// Whether a text, or a part of it, matches: REGEX (SPARQL 1.1, 17.4.3.14; `fn:matches`, F&O 5.6.3).
    ///
    /// Only patterns with back-references, and those with the flag `m` on texts of some 100 KB, can give up with
    /// [`TooHard`].
    pub fn is_match(&self, text: &str) -> Result<bool, TooHard> {
        if let Some(literal) = &self.literal {
            match literal.find(text) {
                Found::No => return Ok(false),
                Found::Yes if literal.is_all => return Ok(true),
                Found::Yes | Found::Unclear => {}
            }
        }
        self.engine.is_match(text)
    }

    /// The text with every match replaced: REPLACE (SPARQL 1.1, 17.4.3.15; `fn:replace`, F&O 5.6.4). The matches are
    /// the leftmost ones that do not overlap; without any, the text itself comes back.
    ///
    /// The result has at most `room` bytes; a replacement that names a group often could make a long text of a short
    /// one. It is an error if the pattern matches the empty string.
    pub fn replace<'t>(
        &self,
        text: &'t str,
        replacement: &Replacement,
        room: usize,
    ) -> Result<Cow<'t, str>, ReplaceError> {
        if self.is_empty_match {
            return Err(ReplaceError::MatchesEmpty);
        }
        if self.literal.as_ref().is_some_and(|literal| literal.find(text) == Found::No) {
            return fits(text, room).map(Cow::Borrowed);
        }
        let mut matches = Matches::new(&self.engine, self.literal.as_ref(), text, !replacement.is_without_groups())?;
        let mut result = String::new();
        let mut done = 0;
        while let Some((start, end)) = matches.next(done)? {
            push(&mut result, &text[done..start], room)?;
            for part in replacement.parts() {
                match part {
                    Part::Text(words) => push(&mut result, words, room)?,
                    Part::Group(0) => push(&mut result, &text[start..end], room)?,
                    Part::Group(number) => {
                        let group = matches.group(*number).map_or("", |(start, end)| &text[start..end]);
                        push(&mut result, group, room)?;
                    }
                }
            }
            done = end;
        }
        if done == 0 {
            return fits(text, room).map(Cow::Borrowed);
        }
        push(&mut result, &text[done..], room)?;
        Ok(Cow::Owned(result))
    }

    /// How many groups capture, for [`Replacement::new`].
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it has the flag `q`, so that a replacement is literal too.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.is_literal
    }

    /// About how many bytes it takes up, for a cache that counts them.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.memory
    }
}

fn push(result: &mut String, text: &str, room: usize) -> Result<(), ReplaceError> {
    if text.len() > room - result.len() {
        return Err(ReplaceError::TooLong(room));
    }
    result.push_str(text);
    Ok(())
}

fn fits(text: &str, room: usize) -> Result<&str, ReplaceError> {
    if text.len() > room { Err(ReplaceError::TooLong(room)) } else { Ok(text) }
}
