//! SPARQL text as tokens, read the way the parser reads it.
//!
//! The tokens are for counting: brackets, operators, variables. They must never hide a bracket that the parser would
//! see, so where SPARQL's token rules and the grammar-driven parser can disagree (is `<` an operator or does an IRI
//! begin?) the lexer follows the parser, and says [`Kind::Ambiguous`] where it cannot know.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `?name` or `$name`
    Variable,
    /// `<http://example.org/>`, `ex:name`, `ex:`, `_:label`
    Name,
    /// A string, a number, a language tag.
    Literal,
    /// A keyword, a function, `a`, `true`.
    Word,
    /// `(`, `{` or `[`
    Open,
    /// `)`, `}` or `]`
    Close,
    /// `.`, `,` or `;`
    Separator,
    /// Every other sign.
    Operator,
    /// `<<`, which only SPARQL 1.2 has.
    TripleTerm,
    /// `<` where an operator may stand, followed by what could as well be an IRI.
    Ambiguous,
}

/// A token and where it begins, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// Whether it stands between the braces of VALUES.
    pub(super) data: bool,
}

/// A bracket that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// `(` around an expression, a path or a list.
    Round,
    /// `{` or `[`
    Other,
    /// `{` of VALUES, and everything in it.
    Data,
}

/// An iterator over the tokens of a text. White space and comments are left out; nothing else is.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    /// The last token ends something an operator can follow.
    after_operand: bool,
    /// VALUES was read and its brace is still to come.
    values: bool,
    /// Up to here no prefix of a name ends with a colon.
    no_prefix_before: usize,
    /// Bytes that were read in vain, for strings that do not end.
    wasted: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, frames: Vec::new(), after_operand: false, values: false, no_prefix_before: 0, wasted: 0 }
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// How many bytes were read in vain so far. The parser reads them in vain too.
    pub(super) fn wasted(&self) -> usize {
        self.wasted
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space_and_comments(&mut self) {
        loop {
            let rest = self.rest().trim_start_matches([' ', '\t', '\r', '\n']);
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find(['\r', '\n']).unwrap_or(rest.len());
        }
    }

    /// The kind of the token that begins here, and its length.
    fn scan(&mut self, first: char) -> (Kind, usize) {
        let rest = self.rest();
        match first {
            '?' | '$' => match run(&rest[1..], is_variable_char) {
                0 => (Kind::Operator, 1),
                length => (Kind::Variable, 1 + length),
            },
            '<' => self.angle(rest),
            '"' | '\'' => self.string(rest).map_or((Kind::Operator, 1), |length| (Kind::Literal, length)),
            '@' => (Kind::Literal, language(rest)),
            '0'..='9' => (Kind::Literal, number(rest)),
            '(' | '{' | '[' => (Kind::Open, 1),
            ')' | '}' | ']' => (Kind::Close, 1),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (Kind::Literal, 1 + number(&rest[1..])),
            '.' | ',' | ';' => (Kind::Separator, 1),
            '_' if rest.starts_with("_:") => (Kind::Name, 2 + local(&rest[2..])),
            ':' => (Kind::Name, 1 + local(&rest[1..])),
            _ if is_name_start(first) => self.word(rest),
            _ if ["&&", "||", "!=", ">=", "^^"].iter().any(|sign| rest.starts_with(sign)) => (Kind::Operator, 2),
            _ => (Kind::Operator, first.len_utf8()),
        }
    }

    /// `<`: an IRI, an operator, or what nobody can tell.
    fn angle(&self, rest: &str) -> (Kind, usize) {
        if rest.starts_with("<<") {
            return (Kind::TripleTerm, 2);
        }
        let operator = (Kind::Operator, if rest.starts_with("<=") { 2 } else { 1 });
        let behind = &rest[1..];
        let content = &behind[..run(behind, |c| c != '>' && !is_never_in_iri(c))];
        if !behind[content.len()..].starts_with('>') {
            return operator;
        }
        // Only inside round brackets can an operator follow an operand, and never in VALUES.
        if !self.after_operand || self.frames.last() != Some(&Frame::Round) || has_authority(content) {
            (Kind::Name, content.len() + 2)
        } else if content.contains(['(', ')', '[', ']', '\'', '#']) {
            (Kind::Ambiguous, 1)
        } else {
            // Nothing in it changes the structure: reading it as operators counts at least as much as there is.
            operator
        }
    }

    /// A name with a prefix, or a word.
    fn word(&mut self, rest: &str) -> (Kind, usize) {
        if self.at >= self.no_prefix_before {
            let prefix = run(rest, |c| is_name_char(c) || c == '.');
            if rest[prefix..].starts_with(':') {
                return (Kind::Name, prefix + 1 + local(&rest[prefix + 1..]));
            }
            self.no_prefix_before = self.at + prefix;
        }
        // `true-1` is a word, an operator and a number.
        (Kind::Word, run(rest, |c| is_name_char(c) && c != '-'))
    }

    /// The length of a string literal with its quotes; none when it does not end.
    ///
    /// Long strings are tried first. `'''` that does not end is an empty string followed by something else.
    fn string(&mut self, text: &str) -> Option<usize> {
        let quote = &text[..1];
        let long = [quote; 3].concat();
        let mut until = |from: usize, close: &str, forbidden: fn(char) -> bool| {
            let read = until_quotes(&text[from..], close, forbidden);
            self.wasted += read.err().unwrap_or_default();
            read.ok().map(|length| from + length)
        };
        let as_long = if text.starts_with(&long) { until(3, &long, |_| false) } else { None };
        as_long.or_else(|| until(1, quote, |c| matches!(c, '\n' | '\r')))
    }

    /// Keeps track of brackets, VALUES and what an operator may follow.
    fn follow(&mut self, kind: Kind, text: &str) {
        match kind {
            Kind::Open => {
                let data = self.frames.last() == Some(&Frame::Data);
                self.frames.push(match text {
                    _ if data => Frame::Data,
                    "{" if self.values => Frame::Data,
                    "(" => Frame::Round,
                    _ => Frame::Other,
                });
                self.values &= text != "{";
            }
            Kind::Close => {
                self.frames.pop();
            }
            Kind::Word => self.values = text.eq_ignore_ascii_case("VALUES"),
            _ => {}
        }
        self.after_operand = matches!(kind, Kind::Variable | Kind::Name | Kind::Literal | Kind::Word | Kind::Close);
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_space_and_comments();
        let first = self.rest().chars().next()?;
        let (kind, length) = self.scan(first);
        let (text, start) = (&self.rest()[..length], self.at);
        let data = self.frames.last() == Some(&Frame::Data);
        self.at += length;
        self.follow(kind, text);
        Some(Token { kind, text, start, data })
    }
}

/// Bytes at the start of the text whose characters all are of a kind.
fn run(text: &str, of_kind: impl Fn(char) -> bool) -> usize {
    text.find(|c| !of_kind(c)).unwrap_or(text.len())
}

/// The length up to and with the closing quotes.
///
/// # Errors
/// How far it was read, when they do not come, or something forbidden or an escape that is none comes first.
fn until_quotes(text: &str, close: &str, forbidden: impl Fn(char) -> bool) -> Result<usize, usize> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with(close) {
            return Ok(at + close.len());
        }
        if forbidden(c) {
            return Err(at);
        }
        at += if c == '\\' { escape(rest).ok_or(at)? } else { c.len_utf8() };
    }
    Err(at)
}

/// The length of an escape in a string. Code points are there only where an escape stood for the backslash of another.
fn escape(text: &str) -> Option<usize> {
    let code_point = |digits: usize| {
        let code = text.get(2..2 + digits).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u32::from_str_radix(code, 16).ok().and_then(char::from_u32).map(|_| 2 + digits)
    };
    match text.as_bytes().get(1)? {
        b't' | b'b' | b'n' | b'r' | b'f' | b'"' | b'\'' | b'\\' => Some(2),
        b'u' => code_point(4),
        b'U' => code_point(8),
        _ => None,
    }
}

/// The length of `12`, `1.5`, `1.5e-3`.
fn number(text: &str) -> usize {
    let digits = |text: &str| run(text, |c| c.is_ascii_digit());
    let mut length = digits(text);
    if text[length..].starts_with('.') {
        let fraction = digits(&text[length + 1..]);
        if fraction > 0 {
            length += 1 + fraction;
        }
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(&text[length + 1 + sign..]);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// The length of `@en-GB` or `@ar--rtl`. What follows without being part of it is a minus: `@en--1`.
fn language(text: &str) -> usize {
    let letters = |text: &str| run(text, |c| c.is_ascii_alphabetic());
    let mut length = 1 + letters(&text[1..]);
    while text[length..].starts_with('-') {
        match run(&text[length + 1..], |c| c.is_ascii_alphanumeric()) {
            0 => break,
            subtag => length += 1 + subtag,
        }
    }
    match text[length..].strip_prefix("--").map(letters) {
        None | Some(0) => length,
        Some(direction) => length + 2 + direction,
    }
}

/// The length of the local part of a name, with its escapes: `O\'Reilly`.
fn local(text: &str) -> usize {
    let mut length = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        length += match c {
            '\\' => match chars.next() {
                Some(escaped) if "_~.-!$&'()*+,;=/?#@%".contains(escaped) => 2,
                _ => break,
            },
            _ if is_name_char(c) || matches!(c, ':' | '%' | '.') => c.len_utf8(),
            _ => break,
        };
    }
    // A dot at the end ends the triple, not the name.
    text[..length].trim_end_matches('.').len()
}

/// Whether an IRI begins with `scheme://`: no expression does.
fn has_authority(iri: &str) -> bool {
    iri.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

fn is_never_in_iri(c: char) -> bool {
    c <= ' ' || matches!(c, '<' | '"' | '{' | '}' | '|' | '^' | '`')
}

/// `PN_CHARS_BASE` and `_` of the grammar, and a little more: what is too much ends in a syntax error anyway. White space is
/// among them (U+1680).
fn is_name_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || !c.is_ascii()
}

fn is_name_char(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit() || c == '-'
}

fn is_variable_char(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tokens as `Kind:text`, for comparison.
    fn tokens(text: &str) -> String {
        Lexer::new(text).map(|token| format!("{:?}:{}", token.kind, token.text)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tokens_are_those_the_parser_reads() {
        for (text, expected) in [
            ("?x $y ? $", "Variable:?x Variable:$y Operator:? Operator:$"),
            ("ex:a.b. ex: :x _:b", "Name:ex:a.b Separator:. Name:ex: Name::x Name:_:b"),
            (r"ex:O\'N\(x%20 'it''s'", r"Name:ex:O\'N\(x%20 Literal:'it' Literal:'s'"),
            ("'''a'b\n''c''' '''d", "Literal:'''a'b\n''c''' Literal:'' Operator:' Word:d"),
            ("'not\nclosed", "Operator:' Word:not Word:closed"),
            (r"'''a' [ \x'''", r"Literal:'' Literal:'a' Open:[ Operator:\ Word:x Literal:'' Operator:'"),
            (r"'\n\u0041' '\uD800'", r"Literal:'\n\u0041' Operator:' Operator:\ Word:uD800 Operator:'"),
            ("?\u{1680}<(> 1", "Variable:?\u{1680} Name:<(> Literal:1"),
            (
                "'a'@en--1 'b'@ar--rtl",
                "Literal:'a' Literal:@en Operator:- Operator:- Literal:1 Literal:'b' Literal:@ar--rtl",
            ),
            ("1.5e-3-1 .5 1e", "Literal:1.5e-3 Operator:- Literal:1 Literal:.5 Literal:1 Word:e"),
            ("true-1 a-b:c", "Word:true Operator:- Literal:1 Name:a-b:c"),
            ("a # ( '\n b", "Word:a Word:b"),
            ("!= ! <= && ^^ ^", "Operator:!= Operator:! Operator:<= Operator:&& Operator:^^ Operator:^"),
            ("{| |}", "Open:{ Operator:| Operator:| Close:}"),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn an_angle_is_an_iri_an_operator_or_said_to_be_unclear() {
        for (text, expected) in [
            ("?s <p(#'> ?o", "Variable:?s Name:<p(#'> Variable:?o"),
            ("(?a < ?b)", "Open:( Variable:?a Operator:< Variable:?b Close:)"),
            (
                "(?a<?b&&1>2)",
                "Open:( Variable:?a Operator:< Variable:?b Operator:&& Literal:1 Operator:> Literal:2 Close:)",
            ),
            ("(?a = <(x)>)", "Open:( Variable:?a Operator:= Name:<(x)> Close:)"),
            ("(?a <http://x/(#')>)", "Open:( Variable:?a Name:<http://x/(#')> Close:)"),
            ("VALUES ?b { (<a> <(b#>) }", "Word:VALUES Variable:?b Open:{ Open:( Name:<a> Name:<(b#> Close:) Close:}"),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
        for unclear in ["(?a<(?b)&&?c>1)", "(?a<#>'''\n", "(1 <a[>", "(STR(?a)<'x'>"] {
            assert!(tokens(unclear).contains("Ambiguous:<"), "{unclear}: {}", tokens(unclear));
        }
        assert!(tokens("{ <<?s ?p ?o>>").contains("TripleTerm:<<"));
    }

    proptest! {
        #[test]
        fn tokens_follow_each_other_and_leave_out_only_space_and_comments(
            text in r#"(\PC|[<>'"\#\\?:a1 \n({)}]){0,80}"#,
        ) {
            let mut end = 0;
            for token in Lexer::new(&text) {
                prop_assert!(token.start >= end && !token.text.is_empty());
                prop_assert_eq!(&text[token.start..token.start + token.text.len()], token.text);
                let mut between = text[end..token.start].trim_start_matches([' ', '\t', '\r', '\n']);
                while let Some(comment) = between.strip_prefix('#') {
                    between = comment.trim_start_matches(|c| c != '\n').trim_start_matches([' ', '\t', '\r', '\n']);
                }
                prop_assert_eq!(between, "");
                end = token.start + token.text.len();
            }
        }
    }
}
