//! Brackets that belong together, and those that do not.

use std::ops::Range;

use super::token::{Kind, Token};

/// Brackets deeper than this are not told from words; nobody writes them.
pub(super) const DEEPEST: usize = 8;

/// A token, or a pair of brackets with what is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A code or a goal.
    Number(Token),
    /// A pair of brackets: the bytes with the brackets, and what is inside.
    Group(Range<usize>, Vec<Node>),
    /// An opening bracket without its closing one.
    Unclosed(usize),
    /// A closing bracket without its opening one.
    Stray(usize),
}

impl Node {
    /// The bytes of the node.
    pub(super) fn span(&self) -> Range<usize> {
        match self {
            Self::Number(token) => token.span.clone(),
            Self::Group(span, _) => span.clone(),
            Self::Unclosed(at) | Self::Stray(at) => *at..at + 1,
        }
    }

    /// Whether it is or holds a code or a goal.
    pub(super) fn has_number(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Group(_, inner) => inner.iter().any(Self::has_number),
            Self::Unclosed(_) | Self::Stray(_) => false,
        }
    }
}

/// Pairs the brackets. An opening bracket that is never closed stays where it is, and what follows it goes on beside it.
pub(super) fn tree(tokens: Vec<Token>) -> Vec<Node> {
    let mut open: Vec<(usize, Vec<Node>)> = Vec::new();
    let mut level = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Code(_) | Kind::Goal(_) => level.push(Node::Number(token)),
            Kind::Open => open.push((token.span.start, std::mem::take(&mut level))),
            Kind::Close => match open.pop() {
                Some((start, above)) => {
                    let inner = std::mem::replace(&mut level, above);
                    level.push(Node::Group(start..token.span.end, inner));
                }
                None => level.push(Node::Stray(token.span.start)),
            },
        }
    }
    while let Some((start, mut above)) = open.pop() {
        above.push(Node::Unclosed(start));
        above.append(&mut level);
        level = above;
    }
    level
}
