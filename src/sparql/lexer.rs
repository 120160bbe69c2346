//! Tokens: the terminals of the grammar, one at a time, each with its place.
//!
//! [SPARQL 1.1 Query, section 19.8](https://www.w3.org/TR/sparql11-query/#sparqlGrammar)

use super::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `<iri>` with its brackets.
    Iri,
    /// `prefix:local`, `prefix:` or `:`.
    Name,
    /// `_:label`
    Blank,
    /// `?name` or `$name`
    Variable,
    /// `@tag`
    Language,
    Integer,
    Decimal,
    Double,
    /// A string with its quotes.
    String,
    /// A keyword, the name of a function, or `a`.
    Word,
    /// A sign of one character or two.
    Sign,
    /// The end of the text.
    End,
    /// What is none of these.
    Wrong(Fault),
}

/// Why something is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No token begins with this character.
    Character,
    /// A string does not end.
    String,
    /// A language tag, a variable or a label has no name.
    Name,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) span: Span,
}

impl Token<'_> {
    /// Whether it is this sign.
    pub(super) fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    /// Whether it is this keyword, in any case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }
}

/// Gives the tokens of a text.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

/// The signs of two characters.
const PAIRS: [&str; 8] = ["^^", "&&", "||", "!=", "<=", ">=", "<<", ">>"];

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; at the end, the end again and again.
    pub(super) fn next(&mut self) -> Token<'t> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let (kind, length) = token(rest);
        let start = self.at;
        self.at += length;
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Token { kind, text: &rest[..length], span: Span { start: place(start), end: place(self.at) } }
    }

    /// Passes over white space and comments.
    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' => {
                    let line = &bytes[self.at..];
                    self.at += line.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(line.len());
                }
                _ => return,
            }
        }
    }
}

/// The kind and the length of the token that a text begins with.
fn token(text: &str) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return (Kind::End, 0) };
    match first {
        b'<' => match iri(bytes) {
            Some(length) => (Kind::Iri, length),
            None => sign(text),
        },
        b'?' | b'$' => match variable_name(&text[1..]) {
            0 if *first == b'?' => (Kind::Sign, 1),
            0 => (Kind::Wrong(Fault::Name), 1),
            length => (Kind::Variable, 1 + length),
        },
        b'"' | b'\'' => string(bytes),
        b'@' => match language(bytes) {
            0 => (Kind::Wrong(Fault::Name), 1),
            length => (Kind::Language, length),
        },
        b'0'..=b'9' => number(bytes),
        b'.' if bytes.get(1).is_some_and(u8::is_ascii_digit) => number(bytes),
        b'_' if bytes.get(1) == Some(&b':') => match label(&text[2..]) {
            0 => (Kind::Wrong(Fault::Name), 2),
            length => (Kind::Blank, 2 + length),
        },
        b':' => (Kind::Name, 1 + local_name(&text[1..])),
        _ => word_or_name(text),
    }
}

/// A keyword, a name with a prefix, or a sign.
fn word_or_name(text: &str) -> (Kind, usize) {
    let prefix = prefix(text);
    if prefix > 0 && text.as_bytes().get(prefix) == Some(&b':') {
        return (Kind::Name, prefix + 1 + local_name(&text[prefix + 1..]));
    }
    let word = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if word > 0 && text.as_bytes()[0].is_ascii_alphabetic() {
        return (Kind::Word, word);
    }
    sign(text)
}

fn sign(text: &str) -> (Kind, usize) {
    if PAIRS.iter().any(|pair| text.starts_with(pair)) {
        return (Kind::Sign, 2);
    }
    let Some(first) = text.chars().next() else { return (Kind::End, 0) };
    let is_sign = matches!(
        first,
        '(' | ')'
            | '{'
            | '}'
            | '['
            | ']'
            | ';'
            | ','
            | '.'
            | '*'
            | '/'
            | '|'
            | '^'
            | '!'
            | '+'
            | '-'
            | '='
            | '<'
            | '>'
            | '~'
    );
    if is_sign { (Kind::Sign, 1) } else { (Kind::Wrong(Fault::Character), first.len_utf8()) }
}

/// [139] IRIREF
fn iri(bytes: &[u8]) -> Option<usize> {
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            b'>' => return Some(at + 1),
            b'<' | b'"' | b'{' | b'}' | b'|' | b'^' | b'`' | b'\\' | 0..=b' ' => return None,
            _ => {}
        }
    }
    None
}

/// [166] VARNAME: its length.
fn variable_name(text: &str) -> usize {
    let is_name = |(at, c): &(usize, char)| {
        is_base(*c)
            || *c == '_'
            || c.is_ascii_digit()
            || (*at > 0 && matches!(c, '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}'))
    };
    length(text, text.char_indices().find(|c| !is_name(c)))
}

fn length(text: &str, behind: Option<(usize, char)>) -> usize {
    behind.map_or(text.len(), |(at, _)| at)
}

/// [164] `PN_CHARS_BASE`
fn is_base(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// [167] `PN_CHARS`
fn is_name(c: char) -> bool {
    is_base(c) || matches!(c, '_' | '-' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// [168] `PN_PREFIX`: its length. It may have dots inside.
fn prefix(text: &str) -> usize {
    if !text.starts_with(is_base) {
        return 0;
    }
    let all = length(text, text.char_indices().find(|(_, c)| !is_name(*c) && *c != '.'));
    text[..all].trim_end_matches('.').len()
}

/// [142] `BLANK_NODE_LABEL` behind `_:`.
fn label(text: &str) -> usize {
    if !text.starts_with(|c: char| is_base(c) || c == '_' || c.is_ascii_digit()) {
        return 0;
    }
    let all = length(text, text.char_indices().find(|(_, c)| !is_name(*c) && *c != '.'));
    text[..all].trim_end_matches('.').len()
}

/// [169] `PN_LOCAL`: its length, which may be nothing.
fn local_name(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut end) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let next = match c {
            '%' => {
                let is_hex = |n: usize| bytes.get(n).is_some_and(u8::is_ascii_hexdigit);
                if !(is_hex(at + 1) && is_hex(at + 2)) {
                    break;
                }
                at + 3
            }
            '\\' => {
                let is_escaped = bytes.get(at + 1).is_some_and(|byte| b"_~.-!$&'()*+,;=/?#@%".contains(byte));
                if !is_escaped {
                    break;
                }
                at + 2
            }
            '.' if at > 0 => {
                at += 1;
                continue;
            }
            ':' => at + 1,
            c if at == 0 && !(is_base(c) || c == '_' || c.is_ascii_digit()) => break,
            c if is_name(c) => at + c.len_utf8(),
            _ => break,
        };
        at = next;
        end = next;
    }
    end
}

/// [145] LANGTAG: its length with the sign.
fn language(bytes: &[u8]) -> usize {
    let first = bytes[1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if first == 0 {
        return 0;
    }
    let mut at = 1 + first;
    while bytes.get(at) == Some(&b'-') {
        let part = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if part == 0 {
            break;
        }
        at += 1 + part;
    }
    at
}

/// [146] to [148], without a sign before it.
fn number(bytes: &[u8]) -> (Kind, usize) {
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let (mut kind, mut at) = (Kind::Integer, whole);
    let fraction = if bytes.get(at) == Some(&b'.') { digits(at + 1) } else { 0 };
    if fraction > 0 {
        (kind, at) = (Kind::Decimal, at + 1 + fraction);
    }
    // `1.e5` is a number too.
    let exponent = if fraction == 0 && bytes.get(at) == Some(&b'.') { at + 1 } else { at };
    if matches!(bytes.get(exponent), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(exponent + 1), Some(b'+' | b'-')));
        let count = digits(exponent + 1 + sign);
        if count > 0 {
            (kind, at) = (Kind::Double, exponent + 1 + sign + count);
        }
    }
    (kind, at)
}

/// [156] to [159]
fn string(bytes: &[u8]) -> (Kind, usize) {
    let quote = bytes[0];
    let is_long = bytes.get(1) == Some(&quote) && bytes.get(2) == Some(&quote);
    let mut at = if is_long { 3 } else { 1 };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' | b'\r' if !is_long => return (Kind::Wrong(Fault::String), 1),
            byte if *byte == quote && !is_long => return (Kind::String, at + 1),
            byte if *byte == quote && bytes[at..].starts_with(&[quote; 3]) => return (Kind::String, at + 3),
            _ => at += 1,
        }
    }
    (Kind::Wrong(Fault::String), 1)
}
