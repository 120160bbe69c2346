//! Cuts the text of an expression into tokens.

use super::types::{DECIMAL, DOUBLE, INTEGER};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name with or without a prefix, which may be a keyword.
    Name(String),
    /// `$name`
    Variable(String),
    /// Without its quotes.
    String(String),
    /// As it is written, with the name of its type.
    Number(&'static str, String),
    /// A sign, the longest there is.
    Sign(&'static str),
    /// What no expression of ours has.
    Strange,
}

/// Longer ones first.
const SIGNS: [&str; 27] = [
    "!=", "<=", ">=", "<<", ">>", "||", "//", "::", ":=", "=>", "..", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/",
    "|", ".", "[", "]", "?", "!",
];

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = skip(text);
    while !rest.is_empty() {
        let (token, length) = token(rest);
        tokens.push(token);
        rest = skip(&rest[length..]);
    }
    tokens
}

/// Leaves out space and comments, which nest.
fn skip(text: &str) -> &str {
    let mut rest = text.trim_start();
    let mut depth = 0_usize;
    loop {
        rest = match rest.get(..2) {
            Some("(:") => {
                depth += 1;
                &rest[2..]
            }
            Some(":)") if depth > 0 => {
                depth -= 1;
                rest[2..].trim_start()
            }
            _ if depth == 0 => return rest,
            _ => match rest.chars().next() {
                Some(first) => &rest[first.len_utf8()..],
                None => return rest,
            },
        };
        if depth == 0 {
            rest = rest.trim_start();
        }
    }
}

/// The first token, and how long it is.
fn token(text: &str) -> (Token, usize) {
    let first = text.chars().next().expect("the text is not empty");
    let fraction = first == '.' && text[1..].starts_with(|next: char| next.is_ascii_digit());
    match first {
        '"' | '\'' => string(text, first),
        '$' => {
            let length = name(&text[1..]);
            (Token::Variable(text[1..=length].to_owned()), length + 1)
        }
        _ if first.is_ascii_digit() || fraction => number(text),
        _ if is_name_start(first) => {
            let length = name(text);
            (Token::Name(text[..length].to_owned()), length)
        }
        _ => match SIGNS.iter().find(|sign| text.starts_with(**sign)) {
            Some(sign) => (Token::Sign(sign), sign.len()),
            None => (Token::Strange, first.len_utf8()),
        },
    }
}

/// A string ends at a quote that is not doubled.
fn string(text: &str, quote: char) -> (Token, usize) {
    let mut value = String::new();
    let mut rest = text[1..].char_indices();
    while let Some((at, character)) = rest.next() {
        if character == quote && !text[at + 2..].starts_with(quote) {
            return (Token::String(value), at + 2);
        }
        if character == quote {
            rest.next();
        }
        value.push(character);
    }
    (Token::Strange, text.len())
}

fn number(text: &str) -> (Token, usize) {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(0);
    let point = text[whole..].starts_with('.');
    let mantissa = if point { digits(whole + 1) } else { whole };
    let exponent = exponent(&text[mantissa..]);
    let end = mantissa + exponent;
    // A name that follows a number at once is a mistake.
    if text[end..].starts_with(|next: char| is_name_start(next) || next == '.') {
        return (Token::Strange, end);
    }
    let kind = match (exponent > 0, point) {
        (true, _) => DOUBLE,
        (false, true) => DECIMAL,
        (false, false) => INTEGER,
    };
    (Token::Number(kind, text[..end].to_owned()), end)
}

/// How long the exponent is with which a text begins.
fn exponent(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else { return 0 };
    let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 { 0 } else { text.len() - unsigned.len() + digits }
}

/// How long the name is with which a text begins: at most one colon, with a name on both sides of it.
fn name(text: &str) -> usize {
    let local = |text: &str| text.find(|next| !is_name(next)).unwrap_or(text.len());
    let length = local(text);
    match text[length..].strip_prefix(':') {
        Some(after) if after.starts_with(is_name_start) => length + 1 + local(after),
        _ => length,
    }
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

#[test]
fn an_expression_is_cut_into_tokens() {
    let name = |text: &str| Token::Name(text.into());
    assert_eq!(tokens("a(: b (: c :) :)-d"), [name("a"), Token::Sign("-"), name("d")]);
    assert_eq!(tokens("'it''s' \"\""), [Token::String("it's".into()), Token::String(String::new())]);
    assert_eq!(
        tokens("xs:int(.5)"),
        [name("xs:int"), Token::Sign("("), Token::Number(DECIMAL, ".5".into()), Token::Sign(")")]
    );
    assert_eq!(tokens("1e3 1."), [Token::Number(DOUBLE, "1e3".into()), Token::Number(DECIMAL, "1.".into())]);
    assert_eq!(tokens("1div"), [Token::Strange, name("div")]);
}
