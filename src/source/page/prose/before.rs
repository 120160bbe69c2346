//! What stands before codes, where it says why they are named.

use super::{
    super::label::is_one_of,
    sentence::{clauses, sentences, without_joiners, without_lead_in, without_leading_joiners, without_number},
    token::is_marker,
};

/// Longest text before a bracket that is taken for a reason, in bytes.
const LONGEST: usize = 400;

/// The text before codes as their reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    /// It says why.
    Reason(String),
    /// It says nothing of the codes.
    Nothing,
    /// It says something that cannot be told from what else it says.
    Unbounded,
}

impl Clause {
    /// The clause at the end of the text before a bracket: `…; keeping boats (11.4)`.
    pub(super) fn before_bracket(text: &str) -> Self {
        let start = clauses(text).last().copied().unwrap_or(0);
        let clause = without_leading_joiners(&text[start..]);
        let reason = without_lead_in(clause);
        if !reason.contains(char::is_alphabetic) || names_goal(reason) {
            return Self::Nothing;
        }
        let paired = reason.matches(['(', '[', '{']).count() == reason.matches([')', ']', '}']).count();
        if reason.len() > LONGEST || !paired { Self::Unbounded } else { Self::Reason(reason.to_owned()) }
    }

    /// What a line says before a colon, where it is of targets: `Targets relating to ponds: 6.3, 6.6`.
    pub(super) fn before_colon(text: &str) -> Self {
        let Some((head, _)) = text.rsplit_once(':').filter(|(_, list)| is_filler(list)) else {
            return Self::Nothing;
        };
        let start = sentences(head).last().copied().unwrap_or(0);
        let head = without_joiners(&head[start..]);
        let reason = without_lead_in(head);
        let led_in = reason.len() < without_number(head).len() && !reason.is_empty();
        if led_in { Self::Reason(reason.to_owned()) } else { Self::Nothing }
    }

    /// What a bracket says before its code, `(reducing waste, SDG 12.5)`; otherwise what stands before the bracket.
    pub(super) fn in_bracket(text: &str, before_bracket: &Self) -> Self {
        let reason = without_joiners(text);
        let without_marker = text.trim_end().trim_end_matches(char::is_alphabetic).trim_end();
        let parted = without_marker.ends_with([',', ';', ':', '–', '—', '-']);
        if parted && !is_filler(text) && reason.contains(char::is_alphabetic) {
            return Self::Reason(reason.to_owned());
        }
        before_bracket.clone()
    }
}

/// `(water: 6.3, 6.6; peace: 16.6)`: what stands before a colon in a bracket is said of the codes behind it.
pub(super) fn label(text: &str) -> Option<&str> {
    let label = text.trim_end().strip_suffix(':').filter(|label| !is_filler(label))?;
    Some(without_joiners(label)).filter(|label| label.contains(char::is_alphabetic))
}

/// What a sentence says of its targets before it names them: `Targets relating to ponds, such as 6.3`.
pub(super) fn led_in(text: &str) -> Option<&str> {
    let start = clauses(text).last().copied().unwrap_or(0);
    let clause = without_number(without_joiners(&text[start..]));
    let said = without_lead_in(clause);
    (said.len() < clause.len() && !is_filler(said) && said.contains(char::is_alphabetic)).then_some(said)
}

/// `… in SDG 3`
fn names_goal(text: &str) -> bool {
    text.rsplit_once(' ').is_some_and(|(before, number)| {
        number.bytes().all(|b| b.is_ascii_digit()) && before.split(' ').next_back().is_some_and(is_marker)
    })
}

/// Whether a text holds only words that lead up to a code: nothing, "SDG", "see", "contributing to SDG targets".
pub(super) fn is_filler(text: &str) -> bool {
    const WORDS: &str = "\
        addressing also and cf contributing contributes e.g eg i.e ie in including line linked particular primarily \
        related relates relating see supporting supports the to un with véase";
    text.split([' ', ',', ':', '.', '(', '#', '-', '–', '—', '*', '"', '“'])
        .filter(|word| !word.is_empty())
        .all(|word| is_one_of(word, WORDS) || is_marker(word))
}
