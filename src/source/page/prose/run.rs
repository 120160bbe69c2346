//! Codes that stand together: `12.6 and 12.7`, `3.1-3.9`.

use std::ops::Range;

use super::{
    token::{Kind, Token, is_between, is_marker},
    tree::Node,
};

/// Codes and goals that stand together.
#[derive(Debug, Clone)]
pub(super) struct Run<'t> {
    text: &'t str,
    /// From the first code to the end of the last.
    pub(super) span: Range<usize>,
    pub(super) items: Vec<Item>,
    /// Whether one of them is a code and not a goal.
    pub(super) has_code: bool,
    /// Whether a reason behind them is meant for all, as far as the words between them tell.
    together: Together,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Together {
    /// One code or range; or "SDGs" before them and "and" before the last.
    Always,
    /// "and" before the last.
    UnlessListed,
    /// Only commas between them, or a mark for each.
    Never,
}

/// A code or a goal, and the other end where it is a range.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) token: Token,
    pub(super) until: Option<Token>,
}

impl<'t> Run<'t> {
    /// The codes and goals of nodes that stand together.
    pub(super) fn new(text: &'t str, nodes: &[Node]) -> Self {
        let mut items: Vec<Item> = Vec::new();
        let mut between: Vec<&str> = Vec::new();
        for node in nodes {
            let Node::Number(token) = node else { continue };
            if let Some(last) = items.last_mut() {
                let end = last.until.as_ref().unwrap_or(&last.token).span.end;
                let joiner = &text[end..token.span.start];
                let is_range =
                    last.until.is_none() && matches!(joiner.trim(), "-" | "–" | "—" | "to" | "through" | "a");
                if is_range && std::mem::discriminant(&last.token.kind) == std::mem::discriminant(&token.kind) {
                    last.until = Some(token.clone());
                    continue;
                }
                between.push(joiner);
            }
            items.push(Item { token: token.clone(), until: None });
        }
        let span = nodes.first().map_or(0, |node| node.span().start)..nodes.last().map_or(0, |node| node.span().end);
        let has_code = items.iter().any(|item| matches!(item.token.kind, Kind::Code(_)));
        let together = together(&items, &between);
        Self { text, span, items, has_code, together }
    }

    /// The same codes, with a reason for all.
    pub(super) fn as_one(&self) -> Self {
        Self { together: Together::Always, ..self.clone() }
    }

    /// Whether the codes share a reason behind them. `listed`: they go on with a list in which codes have their own.
    pub(super) fn shares(&self, listed: bool) -> bool {
        match self.together {
            Together::Always => true,
            Together::UnlessListed => !listed,
            Together::Never => false,
        }
    }

    /// The codes as printed.
    pub(super) fn printed(&self) -> &'t str {
        &self.text[self.span.clone()]
    }
}

fn together(items: &[Item], between: &[&str]) -> Together {
    let has_word = |text: &str, test: &dyn Fn(&str) -> bool| text.split([' ', ',']).any(test);
    let is_and = |word: &str| matches!(word, "and" | "&" | "y" | "e" | "or" | "o");
    let own_mark = between.iter().any(|text| text.contains(',') && has_word(text, &is_marker));
    let pair_with_comma = between.len() == 1 && between[0].contains(',');
    match between.last() {
        None => Together::Always,
        Some(last) if own_mark || !has_word(last, &is_and) && !last.contains('/') => Together::Never,
        Some(_) if items.first().is_some_and(|item| item.token.marked) => Together::Always,
        Some(_) if pair_with_comma => Together::Never,
        Some(_) => Together::UnlessListed,
    }
}

/// How many nodes from the first on are codes and goals with only commas, "and" or a dash between them.
pub(super) fn run_length(text: &str, nodes: &[Node]) -> usize {
    let together = |pair: &&[Node]| match pair {
        [Node::Number(last), Node::Number(next)] => is_between(&text[last.span.end..next.span.start]),
        _ => false,
    };
    nodes.windows(2).take_while(together).count() + 1
}
