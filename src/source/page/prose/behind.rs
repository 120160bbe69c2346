//! What stands behind codes, where it says why they are named.

use super::{
    run::Run,
    sentence::{sentences, without_joiners},
    tree::Node,
};

/// What follows a run of codes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// A reason. So many nodes belong to it, and it ends at this byte.
    Reason { reason: String, nodes: usize, end: usize },
    /// A bracket that names further codes.
    Codes,
    /// A reason that is cut off.
    CutOff,
    /// Nothing that belongs to the codes.
    Nothing,
}

/// Where a run of codes stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a pair of brackets.
    Brackets,
    /// Behind an opening bracket that has no partner.
    OpenBracket,
    /// At the beginning of a line.
    LineStart { bulleted: bool },
    /// In a sentence.
    Sentence,
}

impl Behind {
    /// Reads what follows a run: `nodes` are those behind it, and the text it may belong to goes on to byte `stop`.
    pub(super) fn read(text: &str, run: &Run<'_>, nodes: &[Node], stop: usize, place: Place) -> Self {
        let gap = &text[run.span.end..nodes.first().map_or(stop, |node| node.span().start)];
        let adjacent = gap.chars().all(|c| matches!(c, ' ' | '.' | ',' | ':' | ';'));
        match nodes.first() {
            Some(group) if adjacent && matches!(group, Node::Group(..)) && group.has_number() => Self::Codes,
            Some(Node::Group(span, _)) if adjacent => {
                let reason = text[span.start + 1..span.end - 1].trim();
                // "… SDG 9.4. (See the guide.)" is a sentence of its own.
                let apart = gap.contains('.') && reason.starts_with(char::is_uppercase) && reason.ends_with('.');
                if apart { Self::Nothing } else { Self::reason(reason, 1, span.end) }
            }
            Some(Node::Unclosed(start)) if adjacent => Self::unclosed(text, *start, &nodes[1..]),
            // "15.5 on extinctions) and 16.6": the opening bracket is missing.
            Some(Node::Stray(close)) if place != Place::Brackets && sentences(gap).len() == 1 && run.has_code => {
                Self::reason(without_joiners(gap), 1, close + 1)
            }
            _ => match place {
                Place::Brackets | Place::OpenBracket => Self::in_bracket(text, run, nodes, stop, place),
                _ => Self::sign(text, run, nodes, stop, place),
            },
        }
    }

    fn reason(reason: &str, nodes: usize, end: usize) -> Self {
        if reason.contains(char::is_alphanumeric) {
            Self::Reason { reason: reason.to_owned(), nodes, end }
        } else {
            Self::Nothing
        }
    }

    /// `11.4 (keeping boats, 11.7 (open quays)`: the reason ends where the next code or a closing bracket stands.
    fn unclosed(text: &str, start: usize, nodes: &[Node]) -> Self {
        let next = nodes.iter().position(|node| node.has_number() || matches!(node, Node::Stray(_)));
        match next.map(|next| (next, &nodes[next])) {
            Some((more, Node::Number(token))) => {
                let end = token.span.start;
                Self::reason(without_joiners(&text[start + 1..end]), more + 1, end)
            }
            Some((more, Node::Stray(close))) => Self::reason(text[start + 1..*close].trim(), more + 2, close + 1),
            _ => Self::CutOff,
        }
    }

    /// `(11.4 keeping boats, 14.2 …)`: the reason ends where the next code stands, or the bracket.
    fn in_bracket(text: &str, run: &Run<'_>, nodes: &[Node], stop: usize, place: Place) -> Self {
        let next = nodes.iter().position(Node::has_number);
        let end = next.map_or(stop, |next| nodes[next].span().start);
        let reason = without_joiners(&text[run.span.end..end]);
        match next {
            _ if place == Place::Brackets => Self::reason(reason, next.unwrap_or(nodes.len()), end),
            Some(next) if matches!(nodes[next], Node::Number(_)) => Self::reason(reason, next, end),
            None if !reason.is_empty() => Self::CutOff,
            _ => Self::Nothing,
        }
    }

    /// `4.7: lessons`, `4.7 – lessons; 11.4 – boats`, and `4.7 Lessons` at the beginning of a line.
    fn sign(text: &str, run: &Run<'_>, nodes: &[Node], stop: usize, place: Place) -> Self {
        let next = nodes.iter().position(Node::has_number);
        let stop = next.map_or(stop, |next| nodes[next].span().start);
        let after = text[run.span.end..stop].trim_start();
        let sign = after.chars().next().filter(|c| matches!(c, ':' | '–' | '—') || after.starts_with("- "));
        let heads_line = match place {
            Place::LineStart { bulleted: true } => after.starts_with(char::is_alphabetic),
            Place::LineStart { bulleted: false } => after.starts_with(char::is_uppercase),
            _ => false,
        };
        if !run.has_code || (sign.is_none() && !heads_line) {
            return Self::Nothing;
        }
        let said = &after[sign.map_or(0, char::len_utf8)..];
        let sentence = sentences(said).get(1).copied().unwrap_or(said.len());
        let until = said.find([';', '–', '—']).unwrap_or(said.len()).min(sentence);
        let reason = without_joiners(&said[..until]);
        if !said[..until].trim().starts_with(reason) {
            // "11.4 – and more": the sentence goes on.
            return Self::Nothing;
        }
        let end = stop - said.len() + until;
        Self::reason(reason, nodes.iter().take_while(|node| node.span().end <= end).count(), end)
    }
}
