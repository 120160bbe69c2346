//! Patterns that are plain text, or that no text matches without some plain text in it.
//!
//! Most patterns that people write into a query are a word. To look for a word takes a tenth of what an automaton takes,
//! and where a word is only a part of the pattern, most texts do not have it.

use memchr::{memchr2, memchr3_iter, memmem};

use super::{flags::Flags, tree::Node};

/// Where the plain text has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    Start,
    End,
    Whole,
}

/// What a search for plain text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Yes,
    No,
    /// The automaton has to say it.
    Unclear,
}

/// Plain text to look for.
#[derive(Debug)]
pub(super) struct Literal {
    place: Place,
    needle: Needle,
    /// Whether the pattern is nothing else, so that what is found is a match.
    pub(super) is_all: bool,
}

#[derive(Debug)]
enum Needle {
    Exact(Box<memmem::Finder<'static>>),
    Folded(Folded),
}

impl Literal {
    /// The plain text of a pattern, if it has one that is worth looking for.
    pub(super) fn of(node: &Node, flags: Flags) -> Option<Self> {
        let mut items = Vec::new();
        flatten(node, flags, &mut items);
        // What may be nothing at the ends says nothing about whether the pattern matches: `.*word.*` is `word`.
        let mut items = &items[..];
        while let [Item::Anything, rest @ ..] | [rest @ .., Item::Anything] = items {
            items = rest;
        }
        let (is_start, rest) = match items {
            [Item::Start, rest @ ..] => (true, rest),
            _ => (false, items),
        };
        let (is_end, rest) = match rest {
            [rest @ .., Item::End] => (true, rest),
            _ => (false, rest),
        };
        let runs: Vec<&[Item]> = rest.split(|item| item.char(flags).is_none()).collect();
        let longest = (0..runs.len()).max_by_key(|run| (runs[*run].len(), runs.len() - run))?;
        let is_all = runs.len() == 1;
        let text: String = runs[longest].iter().filter_map(|item| item.char(flags)).collect();
        // A single letter is found by the automaton as fast, but what goes back and forth may take long to find nothing.
        let goes_back = || node.any(&|node| matches!(node, Node::Back(_)));
        if !is_all && (text.is_empty() || (text.len() < 2 && !goes_back())) {
            return None;
        }
        let place = match (is_start && longest == 0, is_end && longest + 1 == runs.len()) {
            (true, true) => Place::Whole,
            (true, false) => Place::Start,
            (false, true) => Place::End,
            (false, false) => Place::Anywhere,
        };
        let needle = if flags.fold && text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            Needle::Folded(Folded::new(&text))
        } else {
            Needle::Exact(Box::new(memmem::Finder::new(text.as_bytes()).into_owned()))
        };
        Some(Self { place, needle, is_all })
    }

    /// Whether the plain text is in a text, at its place.
    pub(super) fn find(&self, text: &str) -> Found {
        let text = text.as_bytes();
        match &self.needle {
            Needle::Exact(finder) => {
                let needle = finder.needle();
                let is_found = match self.place {
                    Place::Anywhere => finder.find(text).is_some(),
                    Place::Start => text.starts_with(needle),
                    Place::End => text.ends_with(needle),
                    Place::Whole => text == needle,
                };
                if is_found { Found::Yes } else { Found::No }
            }
            Needle::Folded(folded) => folded.find(text, self.place),
        }
    }

    /// Whether it is the pattern and needs the automaton only in rare texts.
    pub(super) fn is_folded(&self) -> bool {
        self.is_all && matches!(self.needle, Needle::Folded(_))
    }

    /// The finder of a pattern that is nothing but this text in this case, at any place: it can replace, too.
    pub(super) fn finder(&self) -> Option<&memmem::Finder<'static>> {
        match &self.needle {
            Needle::Exact(finder) if self.is_all && self.place == Place::Anywhere => Some(finder),
            _ => None,
        }
    }
}

/// ASCII text in either case.
#[derive(Debug)]
struct Folded {
    /// In lower case.
    needle: Box<[u8]>,
    /// Where its rarest letter is, and that letter in both cases.
    rare: usize,
    lower: u8,
    upper: u8,
    /// Whether it has a letter with variants outside of ASCII: the Kelvin sign, the long s and the dotless i.
    has_others: bool,
}

/// The letters of ASCII from the most frequent to the rarest in the languages of Europe.
const BY_FREQUENCY: &[u8] = b"etainorsldhcumpgfybvwkxzjq";

impl Folded {
    fn new(text: &str) -> Self {
        let needle = text.to_ascii_lowercase().into_bytes().into_boxed_slice();
        let rarity = |byte: u8| match BY_FREQUENCY.iter().position(|letter| *letter == byte) {
            Some(rank) => rank,
            None if byte == b' ' => 0,
            None => 15,
        };
        let rare = (0..needle.len()).max_by_key(|index| rarity(needle[*index])).unwrap_or(0);
        let lower = needle.get(rare).copied().unwrap_or(0);
        let has_others = needle.iter().any(|byte| b"kis".contains(byte));
        Self { rare, lower, upper: lower.to_ascii_uppercase(), needle, has_others }
    }

    fn find(&self, text: &[u8], place: Place) -> Found {
        let length = self.needle.len();
        let is_found = match place {
            Place::Anywhere => self.is_in(text),
            Place::Start => Some(text.get(..length).is_some_and(|start| start.eq_ignore_ascii_case(&self.needle))),
            Place::End => Some(text.len() >= length && text[text.len() - length..].eq_ignore_ascii_case(&self.needle)),
            Place::Whole => Some(text.eq_ignore_ascii_case(&self.needle)),
        };
        match is_found {
            Some(true) => Found::Yes,
            Some(false) if self.has_others && has_others(text) => Found::Unclear,
            Some(false) => Found::No,
            None => Found::Unclear,
        }
    }

    /// Whether it is in a text; nothing if its rarest letter is so frequent there that the search would not be linear.
    fn is_in(&self, text: &[u8]) -> Option<bool> {
        let Some(last) = text.len().checked_sub(self.needle.len()) else { return Some(false) };
        let letters = &text[self.rare..=self.rare + last];
        let (mut start, mut tries) = (0, 16 + text.len() / 8);
        while let Some(found) = memchr2(self.lower, self.upper, &letters[start..]) {
            start += found;
            if text[start..start + self.needle.len()].eq_ignore_ascii_case(&self.needle) {
                return Some(true);
            }
            start += 1;
            tries -= 1;
            if tries == 0 {
                return None;
            }
        }
        Some(false)
    }
}

/// Whether a text has a character outside of ASCII whose case variant is in it.
fn has_others(text: &[u8]) -> bool {
    let others = ["\u{131}", "\u{17F}", "\u{212A}"].map(str::as_bytes);
    memchr3_iter(others[0][0], others[1][0], others[2][0], text)
        .any(|start| others.iter().any(|other| text[start..].starts_with(other)))
}

/// A part of a pattern that follows the parts before it, as far as plain text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Char(char),
    Start,
    End,
    /// Something that may also be nothing.
    Anything,
    Other,
}

impl Item {
    /// The character, if one may look for it: with the flag `i` only ASCII is easy to compare.
    fn char(self, flags: Flags) -> Option<char> {
        match self {
            Self::Char(letter) if !flags.fold || letter.is_ascii() => Some(letter),
            _ => None,
        }
    }
}

fn flatten(node: &Node, flags: Flags, items: &mut Vec<Item>) {
    match node {
        Node::Char(letter) => items.push(Item::Char(*letter)),
        Node::Sequence(nodes) => nodes.iter().for_each(|node| flatten(node, flags, items)),
        Node::Group(_, node) => flatten(node, flags, items),
        Node::Start if !flags.lines => items.push(Item::Start),
        Node::End if !flags.lines => items.push(Item::End),
        // A group in it might be referred to, but then the reference would be an item of its own that is no text.
        Node::Repeat(repeat) if repeat.least == 0 => items.push(Item::Anything),
        _ => items.push(Item::Other),
    }
}
