//! The reader: one token ahead, one visit of the text, no way back.

use std::collections::HashMap;

use oxigraph::model::NamedNode;
use oxiri::Iri;

use super::{
    Limit, Limits, Position, Query, Refusal, Span, Var, VarName,
    lexer::{Fault, Kind, Lexer, Token},
    scope::Names,
};

/// What the reading functions give.
pub(super) type Read<T> = Result<T, Refusal>;

/// Reads a query.
pub(super) struct Reader<'t> {
    /// The text without escapes of code points, and where it began in the text that was given.
    pub(super) text: &'t str,
    lexer: Lexer<'t>,
    /// The token that is looked at.
    pub(super) token: Token<'t>,
    /// The end of the last token that was taken.
    behind: u32,
    pub(super) limits: &'t Limits,
    pub(super) base: Option<Iri<String>>,
    pub(super) prefixes: HashMap<&'t str, String>,
    pub(super) names: Names,
    /// Brackets that are open, with their places.
    open: Vec<Span>,
    /// Whether the values of VALUES are read, which are counted by themselves.
    pub(super) in_data: bool,
    pub(super) counts: Counts,
}

/// What there is so far of what has a limit.
#[derive(Debug, Default)]
pub(super) struct Counts {
    tokens: usize,
    nodes: usize,
    values: usize,
    optionals: usize,
    expanded: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, base: Option<&str>, limits: &'t Limits) -> Read<Self> {
        let base = base.map(|base| Iri::parse(base.to_owned())).transpose().map_err(|error| Refusal::Syntax {
            position: Position { line: 1, column: 1 },
            message: format!("the base IRI cannot be used: {error}"),
        })?;
        let mut reader = Self {
            text,
            lexer: Lexer::new(text),
            token: Token { kind: Kind::End, text: "", span: Span::default() },
            behind: 0,
            limits,
            base,
            prefixes: HashMap::new(),
            names: Names::default(),
            open: Vec::new(),
            in_data: false,
            counts: Counts::default(),
        };
        reader.look()?;
        Ok(reader)
    }

    /// The whole text.
    pub(super) fn all(mut self) -> Read<Query> {
        if self.token.kind == Kind::End {
            return Err(self.wrong("there is no query"));
        }
        let query = self.query()?;
        if self.token.kind == Kind::End { Ok(query) } else { Err(self.unexpected(&[])) }
    }

    /// Looks at the next token.
    fn look(&mut self) -> Read<()> {
        self.token = self.lexer.next();
        if self.in_data {
            return Ok(());
        }
        self.counts.tokens += 1;
        self.within(Limit::Tokens, self.limits.tokens, self.counts.tokens)
    }

    /// Takes the token that is looked at.
    pub(super) fn take(&mut self) -> Read<Token<'t>> {
        let taken = self.token;
        self.behind = taken.span.end;
        self.look()?;
        Ok(taken)
    }

    /// The place from a token to the last one that was taken.
    pub(super) fn span_from(&self, start: Span) -> Span {
        Span { start: start.start, end: self.behind }
    }

    /// Takes a keyword, if it is there.
    pub(super) fn takes_word(&mut self, word: &str) -> Read<bool> {
        let is_there = self.token.is_word(word);
        if is_there {
            self.take()?;
        }
        Ok(is_there)
    }

    /// Takes a keyword that must be there.
    pub(super) fn word(&mut self, word: &'static str) -> Read<()> {
        if self.takes_word(word)? { Ok(()) } else { Err(self.unexpected(&[word])) }
    }

    /// Takes a sign, if it is there.
    pub(super) fn takes(&mut self, sign: &str) -> Read<bool> {
        let is_there = self.token.is(sign);
        if is_there {
            self.take()?;
        }
        Ok(is_there)
    }

    /// Takes a sign that must be there.
    pub(super) fn sign(&mut self, sign: &'static str) -> Read<()> {
        if self.takes(sign)? { Ok(()) } else { Err(self.unexpected(&[sign])) }
    }

    /// Takes an opening bracket that must be there.
    pub(super) fn opens(&mut self, bracket: &'static str) -> Read<()> {
        if !self.token.is(bracket) {
            return Err(self.unexpected(&[bracket]));
        }
        self.deeper()?;
        self.take()?;
        Ok(())
    }

    /// Takes the closing bracket that must be there.
    pub(super) fn closes(&mut self, bracket: &'static str) -> Read<()> {
        self.sign(bracket)?;
        self.open.pop();
        Ok(())
    }

    /// Goes one level deeper, at the token that is looked at.
    pub(super) fn deeper(&mut self) -> Read<()> {
        self.open.push(self.token.span);
        self.within(Limit::Nesting, self.limits.nesting, self.open.len())
    }

    /// Comes back from one level.
    pub(super) fn shallower(&mut self) {
        self.open.pop();
    }

    /// Counts a node of the tree.
    pub(super) fn node(&mut self) -> Read<()> {
        self.counts.nodes += 1;
        self.within(Limit::Nodes, self.limits.nodes, self.counts.nodes)
    }

    pub(super) fn value(&mut self) -> Read<()> {
        self.counts.values += 1;
        self.within(Limit::Values, self.limits.values, self.counts.values)
    }

    pub(super) fn optional(&mut self) -> Read<()> {
        self.counts.optionals += 1;
        self.within(Limit::Optionals, self.limits.optionals, self.counts.optionals)
    }

    /// Counts the bytes of an IRI: each name with a prefix repeats all of what the prefix stands for.
    pub(super) fn expands(&mut self, bytes: usize) -> Read<()> {
        self.counts.expanded += bytes;
        self.within(Limit::Expansion, self.limits.expansion, self.counts.expanded)
    }

    pub(super) fn within(&self, limit: Limit, allowed: usize, found: usize) -> Read<()> {
        if found <= allowed {
            return Ok(());
        }
        Err(Refusal::Limit { limit, allowed, found, position: Some(self.position()) })
    }

    /// The variable of a name.
    pub(super) fn variable(&mut self, token: Token<'_>) -> Read<Var> {
        let var = self.names.named(&token.text[1..]);
        self.within(Limit::Variables, self.limits.variables, self.names.len())?;
        Ok(var)
    }

    /// A variable that no text can name.
    pub(super) fn made(&mut self, name: VarName) -> Read<Var> {
        let var = self.names.made(name);
        self.within(Limit::Variables, self.limits.variables, self.names.len())?;
        Ok(var)
    }

    pub(super) fn position(&self) -> Position {
        Position::of(self.text, self.token.span.start as usize)
    }

    /// What is wrong at the token that is looked at.
    pub(super) fn wrong(&self, message: impl Into<String>) -> Refusal {
        Refusal::Syntax { position: self.position(), message: message.into() }
    }

    /// What is wrong at some place.
    pub(super) fn wrong_at(&self, span: Span, message: impl Into<String>) -> Refusal {
        Refusal::Syntax { position: Position::of(self.text, span.start as usize), message: message.into() }
    }

    /// That the token cannot stand where it stands, where one of these could.
    pub(super) fn unexpected(&self, expected: &[&str]) -> Refusal {
        let quoted: Vec<String> = expected.iter().map(|sign| format!("\"{sign}\"")).collect();
        let expected = if quoted.is_empty() { String::new() } else { format!("; expected {}", quoted.join(" or ")) };
        match self.token.kind {
            Kind::End => {
                let end = self.text.trim_end().len();
                let message = match self.open.last() {
                    Some(open) => {
                        let bracket = &self.text[open.start as usize..open.end as usize];
                        let place = Position::of(self.text, open.start as usize);
                        format!("the query ends too early: \"{bracket}\" of {place} is not closed")
                    }
                    None => format!("the query ends too early{expected}"),
                };
                Refusal::Syntax { position: Position::of(self.text, end), message }
            }
            Kind::Wrong(Fault::String) => self.wrong("a string does not end"),
            Kind::Wrong(Fault::Character) if self.token.text == "\\" => {
                self.wrong("a backslash stands outside of a string and of a name")
            }
            Kind::Sign if self.token.text == "<" => {
                self.wrong("an IRI does not end, or has a space or one of \"<{}|^` in it")
            }
            Kind::Sign if matches!(self.token.text, "<<" | ">>" | "~") => {
                self.wrong("triple terms are SPARQL 1.2, and SPARQL 1.1 is read here")
            }
            _ => self.wrong(format!("unexpected \"{}\"{expected}", shorten(self.token.text))),
        }
    }

    /// An IRI that is written in the text, resolved against the base.
    pub(super) fn resolve(&mut self, token: Token<'t>) -> Read<NamedNode> {
        let iri = &token.text[1..token.text.len() - 1];
        self.expands(iri.len())?;
        let resolved = match &self.base {
            Some(base) => base.resolve(iri).map(Iri::into_inner),
            None => Iri::parse(iri.to_owned()).map(Iri::into_inner),
        };
        resolved.map(NamedNode::new_unchecked).map_err(|error| {
            let hint = if self.base.is_none() { ": it is relative, and there is no BASE" } else { "" };
            let reason = if hint.is_empty() { format!(": {error}") } else { hint.to_owned() };
            self.wrong_at(token.span, format!("<{}> is no IRI{}", shorten(iri), shorten(&reason)))
        })
    }
}

/// Characters of the text that a message repeats.
const QUOTED: usize = 40;

pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) if text.len() > 4 * QUOTED => format!("{}…", &text[..end]),
        _ => text.into(),
    }
}
