//! What is wrong with a text that does not parse, and where.
//!
//! The parser's own report is of little use: it tries keywords by length, so it points up to fourteen characters behind
//! the mistake and names the longest keyword it tried there. But it can be asked again: with every token far from the
//! next, the place it reports lies behind the token that is wrong and before the next; and on the text that ends right
//! before that token it says what it would like to read.

use std::{collections::HashSet, fmt::Write};

use spargebra::{SparqlParser, SparqlSyntaxError};

use super::{
    Position, Refusal,
    escape::unescape,
    lexer::{Kind, Lexer, Token},
};
use crate::rdf::vocab::PREFIXES;

/// More than the longest keyword.
const PADDING: &str = "                    ";

/// Characters of the text that a message repeats.
const QUOTED: usize = 40;

/// Explains why a text is not a query.
pub(super) fn explain(text: &str, parser: &SparqlParser, error: &SparqlSyntaxError) -> Refusal {
    let Ok(text) = unescape(text) else {
        return at(text, 0, shorten(&error.to_string()));
    };
    let tokens: Vec<Token<'_>> = Lexer::new(&text).collect();
    let wrong = first_wrong(&tokens, parser);
    if let Some(token) = broken_iri(&tokens, wrong) {
        return at(&text, token.start, "an IRI does not end, or has a space or one of \"<{}|^` in it".into());
    }
    let offset = wrong.map_or_else(|| text.trim_end().len(), |token| token.start);
    let wanted = wanted_after(&text[..offset], parser);
    let message = if let Some(reason) = wanted.reason {
        reason
    } else if let Some(prefix) = wrong.and_then(|token| undeclared_prefix(token, &tokens)) {
        let line = PREFIXES.iter().find(|(known, _)| *known == prefix);
        let hint = line.map(|(known, iri)| format!(": add PREFIX {known}: <{iri}>")).unwrap_or_default();
        shorten(&format!("the prefix \"{prefix}:\" is not declared{hint}"))
    } else {
        let mut message = match wrong {
            Some(token) => format!("unexpected \"{}\"", shorten(token.text)),
            None if tokens.is_empty() => "there is no query".into(),
            None => "the query ends too early".into(),
        };
        if let (None, Some(open)) = (wrong, last_open(&tokens)) {
            // Writing to a String cannot fail.
            let _ = write!(message, ": \"{}\" of {} is not closed", open.text, Position::of(&text, open.start));
        } else if !wanted.signs.is_empty() {
            let _ = write!(message, "; expected {}", wanted.signs.join(" or "));
        }
        message
    };
    at(&text, offset, message)
}

fn at(text: &str, offset: usize, message: String) -> Refusal {
    Refusal::Syntax { position: Position::of(text, offset), message }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) if text.len() > 4 * QUOTED => format!("{}…", &text[..end]),
        _ => text.into(),
    }
}

/// The first token that cannot stand where it stands; none when the text ends too early.
fn first_wrong<'a>(tokens: &[Token<'a>], parser: &SparqlParser) -> Option<Token<'a>> {
    let mut spaced = String::new();
    let mut starts = Vec::new();
    let mut before: Option<Token<'_>> = None;
    for token in tokens {
        if before.is_none_or(|before| !belong_together(before, *token)) {
            spaced.push_str(PADDING);
        }
        starts.push(spaced.len());
        spaced.push_str(token.text);
        before = Some(*token);
    }
    spaced.push_str(PADDING);
    let report = parser.clone().parse_query(&spaced).err()?.to_string();
    let (line, column, _) = place_and_expectations(&report)?;
    // The spaced text has a line break only where a string has one.
    let line_start: usize = spaced.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let offset = spaced[line_start..].char_indices().nth(column - 1).map_or(spaced.len(), |(at, _)| line_start + at);
    let index = starts.partition_point(|start| *start <= offset).checked_sub(1)?;
    let token = tokens.get(index).copied()?;
    let behind = starts[index] + token.text.len() + PADDING.len();
    (index + 1 < tokens.len() || offset < behind).then_some(token)
}

/// The first `<` before the wrong token that is neither a comparison nor the beginning of an IRI.
fn broken_iri<'a>(tokens: &[Token<'a>], wrong: Option<Token<'a>>) -> Option<Token<'a>> {
    let mut open = Vec::new();
    for token in tokens.iter().take_while(|token| wrong.is_none_or(|wrong| token.start <= wrong.start)) {
        match token.kind {
            Kind::Open => open.push(token.text),
            Kind::Close => drop(open.pop()),
            Kind::Operator if token.text == "<" && open.last() != Some(&"(") => return Some(*token),
            _ => {}
        }
    }
    None
}

/// Whether white space between two tokens would change what they are.
fn belong_together(first: Token<'_>, second: Token<'_>) -> bool {
    first.start + first.text.len() == second.start
        && (matches!((first.text, second.text), ("{", "|") | ("|", "}"))
            || (first.kind == Kind::Word && second.text == "("))
}

/// What the parser says it wants.
#[derive(Default)]
struct Wanted {
    /// A sentence: the text is understood so far, but it makes no sense.
    reason: Option<String>,
    /// Signs that could come next.
    signs: Vec<String>,
}

fn wanted_after(text: &str, parser: &SparqlParser) -> Wanted {
    let Some(report) = parser.clone().parse_query(text.trim_end()).err().map(|error| error.to_string()) else {
        return Wanted::default();
    };
    let Some((_, _, expectations)) = place_and_expectations(&report) else {
        return Wanted { reason: Some(shorten(&report)), signs: Vec::new() };
    };
    let expectations = expectations.strip_prefix("one of ").unwrap_or(expectations).split(", ");
    let mut wanted = Wanted::default();
    for expectation in expectations {
        if expectation.starts_with('"') && expectation.len() < 6 {
            wanted.signs.push(expectation.into());
        } else if expectation.len() > 15 && expectation.contains(' ') && !expectation.starts_with('[') {
            wanted.reason.get_or_insert_with(|| expectation.trim_end_matches('.').into());
        }
    }
    // More than a few say nothing.
    wanted.signs.truncate(if wanted.signs.len() > 6 { 0 } else { 6 });
    wanted
}

/// Takes `error at 3:14: expected …` apart.
fn place_and_expectations(report: &str) -> Option<(usize, usize, &str)> {
    let (place, expectations) = report.strip_prefix("error at ")?.split_once(": expected ")?;
    let (line, column) = place.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?, expectations))
}

/// The prefix of a name, when no `PREFIX` declares it.
fn undeclared_prefix<'a>(token: Token<'a>, tokens: &[Token<'_>]) -> Option<&'a str> {
    let prefix = |token: &Token<'a>| {
        let is_prefixed = token.kind == Kind::Name && !token.text.starts_with(['<', '_']);
        is_prefixed.then(|| token.text.split(':').next()).flatten()
    };
    let declared: HashSet<&str> = tokens
        .windows(2)
        .filter(|pair| pair[0].text.eq_ignore_ascii_case("PREFIX"))
        .filter_map(|pair| pair[1].text.strip_suffix(':'))
        .collect();
    prefix(&token).filter(|prefix| !declared.contains(prefix))
}

/// The last bracket that is opened and not closed.
fn last_open<'a>(tokens: &[Token<'a>]) -> Option<Token<'a>> {
    let mut open = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Open => open.push(*token),
            Kind::Close => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}
