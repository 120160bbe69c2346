//! What a pattern says, as a tree.

use std::sync::Arc;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// A set of characters; shared, because the larger ones occur more than once in a pattern.
pub(super) type Set = Arc<ClassUnicode>;

/// A part of a pattern. It is never deeper than [`super::parse::MAX_DEPTH`] groups, so that whoever walks it may call
/// himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A character, which with the flag `i` stands for its variants too.
    Char(char),
    /// One of these characters; case is in the set already.
    Set(Set),
    /// `^`.
    Start,
    /// `$`.
    End,
    /// `( )` with its number, counted from 1 by the opening brackets, or `(?: )` without.
    Group(Option<usize>, Box<Node>),
    /// One after another; the empty pattern is a sequence of none.
    Sequence(Vec<Node>),
    /// `|`: the first that fits.
    Choice(Vec<Node>),
    /// A quantifier.
    Repeat(Repeat),
    /// `\1`: the text of the group with this number.
    Back(usize),
}

/// What is repeated and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) node: Box<Node>,
    pub(super) least: u32,
    /// Without it there is no end.
    pub(super) most: Option<u32>,
    /// Whether it takes as much as it can; otherwise it is reluctant.
    pub(super) is_greedy: bool,
}

/// What a step of an automaton takes in bytes; measured, as the next ones are.
const STEP: usize = 24;
/// What a range in a character class takes: little in ASCII, else more, because it is told apart byte by byte, and much
/// more if its characters differ in how many bytes they have.
const ASCII_RANGE: usize = 8;
const RANGE: usize = 40;
const LENGTH: usize = 120;

impl Node {
    /// Whether this part may match without taking anything; at least when it says no, it cannot.
    pub(super) fn can_be_empty(&self) -> bool {
        match self {
            Self::Char(_) | Self::Set(_) => false,
            Self::Start | Self::End | Self::Back(_) => true,
            Self::Group(_, node) => node.can_be_empty(),
            Self::Sequence(nodes) => nodes.iter().all(Self::can_be_empty),
            Self::Choice(nodes) => nodes.iter().any(Self::can_be_empty),
            Self::Repeat(repeat) => repeat.least == 0 || repeat.node.can_be_empty(),
        }
    }

    /// About how many bytes an automaton for this part takes in one direction, so that a too large one need not be
    /// built to find that out.
    pub(super) fn weight(&self, folds: bool) -> usize {
        let sum = |nodes: &[Self]| nodes.iter().fold(0, |sum: usize, node| sum.saturating_add(node.weight(folds)));
        match self {
            Self::Char(letter) if folds && letter.is_alphabetic() => 2 * STEP,
            Self::Char(_) | Self::Start | Self::End | Self::Back(_) => STEP,
            Self::Set(set) => STEP + set.ranges().iter().copied().map(range_weight).sum::<usize>(),
            Self::Group(_, node) => node.weight(folds).saturating_add(2 * STEP),
            Self::Sequence(nodes) => sum(nodes),
            Self::Choice(nodes) => sum(nodes).saturating_add(STEP * nodes.len()),
            Self::Repeat(repeat) => {
                let times = repeat.most.unwrap_or(repeat.least).max(1) as usize;
                repeat.node.weight(folds).saturating_add(STEP).saturating_mul(times)
            }
        }
    }

    /// Whether this part or one in it is as asked for.
    pub(super) fn any(&self, is_it: &impl Fn(&Self) -> bool) -> bool {
        is_it(self)
            || match self {
                Self::Group(_, node) => node.any(is_it),
                Self::Sequence(nodes) | Self::Choice(nodes) => nodes.iter().any(|node| node.any(is_it)),
                Self::Repeat(repeat) => repeat.node.any(is_it),
                Self::Char(_) | Self::Set(_) | Self::Start | Self::End | Self::Back(_) => false,
            }
    }
}

fn range_weight(range: ClassUnicodeRange) -> usize {
    if range.end().is_ascii() {
        return ASCII_RANGE;
    }
    RANGE + LENGTH * (range.end().len_utf8() - range.start().len_utf8())
}
