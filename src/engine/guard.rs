//! The guard before the parser: what is too large or too deep is refused in one pass over the text.
//!
//! The parser goes down the stack with every bracket, chains of operators become algebra that is as deep as they are
//! long, and where the grammar has two forms that begin alike the parser reads the same text twice. All three are
//! bounded here by counting tokens, so that no text can end the process or keep a core busy before evaluation begins.

use std::collections::HashSet;

use super::{
    Limit, Limits, Position, Refusal,
    escape::unescape,
    lexer::{Kind, Lexer, Token},
};

/// What a look at the tokens tells, for those who come after.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The variables by their names, in the order in which they appear first.
    pub(super) variables: Vec<String>,
    /// Whether it is `SELECT *`.
    pub(super) all_columns: bool,
}

/// Checks a text before it is parsed.
///
/// # Errors
/// [`Refusal::Limit`], [`Refusal::Update`], or [`Refusal::Syntax`] for what must not reach the parser.
pub(super) fn check(text: &str, limits: &Limits) -> Result<Outline, Refusal> {
    if text.len() > limits.text {
        return Err(too_large(Limit::Text, limits.text, text.len(), None));
    }
    let text = unescape(text).map_err(|offset| Refusal::Syntax {
        position: Position::of(text, offset),
        message: "an escape \\u must be followed by four hexadecimal digits, \\U by eight".into(),
    })?;
    if let Some(offset) = text.find('\0') {
        let message = "the text contains a NUL character".into();
        return Err(Refusal::Syntax { position: Position::of(&text, offset), message });
    }
    let mut lexer = Lexer::new(&text);
    let mut count = Count::new(&text, limits);
    let mut outline = Outline::default();
    let mut form = Form::default();
    let mut seen = HashSet::new();
    while let Some(token) = lexer.next() {
        let depth = lexer.depth();
        count.add(token, depth)?;
        count.waste(lexer.wasted(), token)?;
        if form.read(token, depth) {
            return Err(Refusal::Update { position: Position::of(&text, token.start) });
        }
        if token.kind == Kind::Variable && seen.insert(&token.text[1..]) {
            outline.variables.push(token.text[1..].into());
            count.within(Limit::Variables, limits.variables, seen.len(), token)?;
        }
    }
    outline.all_columns = form == Form::AllColumns;
    Ok(outline)
}

fn too_large(limit: Limit, allowed: usize, found: usize, position: Option<Position>) -> Refusal {
    Refusal::Limit { limit, allowed, found, position }
}

/// Bytes read in vain that are as much effort as a token.
const WASTE: usize = 16;

/// What has been counted so far.
struct Count<'a> {
    text: &'a str,
    limits: &'a Limits,
    tokens: usize,
    operators: usize,
    effort: usize,
    values: usize,
    /// A type comes next, which is part of a value.
    typed: bool,
    /// For each open bracket, how often the parser may read what is in it.
    weights: Vec<usize>,
    /// Signs of negation before the next bracket.
    negations: u32,
    /// Whether a bracket right here would be read twice for what stands before it.
    twice: bool,
}

impl<'a> Count<'a> {
    fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self {
            text,
            limits,
            tokens: 0,
            operators: 0,
            effort: 0,
            values: 0,
            typed: false,
            weights: Vec::new(),
            negations: 0,
            twice: false,
        }
    }

    fn add(&mut self, token: Token<'_>, depth: usize) -> Result<(), Refusal> {
        let limits = self.limits;
        match token.kind {
            Kind::TripleTerm => {
                let message = "triple terms are SPARQL 1.2, which this endpoint does not speak; \
                    an operator before an IRI needs a space: ?a < <iri>";
                return Err(self.syntax(message, token));
            }
            Kind::Ambiguous => {
                let message = "this could be an IRI or a comparison: put a space behind < or write the IRI in full";
                return Err(self.syntax(message, token));
            }
            Kind::Open => {
                self.within(Limit::Nesting, limits.nesting, depth, token)?;
                let factor = 1_usize.checked_shl(self.negations + u32::from(self.twice)).unwrap_or(usize::MAX);
                self.weights.push(self.weight().saturating_mul(factor));
            }
            Kind::Close => {
                self.weights.pop();
            }
            _ => {}
        }
        self.look_ahead(token);
        if token.data {
            return self.add_data(token);
        }
        self.tokens += 1;
        self.effort = self.effort.saturating_add(self.weight());
        // Outside all brackets only DESCRIBE makes the algebra deeper with each name.
        let deepens = matches!(token.kind, Kind::Operator | Kind::Open) || (token.kind == Kind::Name && depth == 0);
        self.operators += usize::from(deepens);
        self.within(Limit::Tokens, limits.tokens, self.tokens, token)?;
        self.within(Limit::Operators, limits.operators, self.operators, token)?;
        self.within(Limit::Effort, limits.effort, self.effort, token)
    }

    /// Counts the values of VALUES, which the parser makes before anybody can count them.
    fn add_data(&mut self, token: Token<'_>) -> Result<(), Refusal> {
        let is_part = self.typed || token.text.starts_with('@');
        let is_value = matches!(token.kind, Kind::Name | Kind::Literal | Kind::Word) && !is_part;
        self.typed = token.text == "^^";
        self.values += usize::from(is_value);
        self.within(Limit::Values, self.limits.values, self.values, token)
    }

    /// Takes what was read in vain for effort.
    fn waste(&self, bytes: usize, token: Token<'_>) -> Result<(), Refusal> {
        self.within(Limit::Effort, self.limits.effort, self.effort.saturating_add(bytes / WASTE), token)
    }

    fn weight(&self) -> usize {
        self.weights.last().copied().unwrap_or(1)
    }

    /// Notes what makes the parser read a following bracket twice: negation, names that may be aggregates, functions
    /// with an optional last argument.
    fn look_ahead(&mut self, token: Token<'_>) {
        const OPTIONAL_LAST_ARGUMENT: [&str; 4] = ["REGEX", "SUBSTR", "REPLACE", "GROUP_CONCAT"];
        let ends_with = |name: &&str| {
            let tail = token.text.len().checked_sub(name.len()).and_then(|at| token.text.get(at..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name))
        };
        self.twice = match token.kind {
            Kind::Name => true,
            Kind::Word => OPTIONAL_LAST_ARGUMENT.iter().any(ends_with),
            _ => false,
        };
        self.negations = match token.kind {
            Kind::Operator if token.text == "!" => self.negations.saturating_add(1),
            Kind::Name | Kind::Word => self.negations,
            _ => 0,
        };
    }

    fn within(&self, limit: Limit, allowed: usize, found: usize, token: Token<'_>) -> Result<(), Refusal> {
        if found <= allowed {
            return Ok(());
        }
        Err(too_large(limit, allowed, found, Some(Position::of(self.text, token.start))))
    }

    fn syntax(&self, message: &str, token: Token<'_>) -> Refusal {
        Refusal::Syntax { position: Position::of(self.text, token.start), message: message.into() }
    }
}

/// How far the first words of the text have been read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `PREFIX`, `BASE`, or nothing yet.
    #[default]
    Prologue,
    /// `SELECT`, perhaps with `DISTINCT` or `REDUCED`.
    Select,
    /// `SELECT *`
    AllColumns,
    /// Anything else.
    Other,
}

impl Form {
    /// Reads one more token and says whether an update begins with it.
    fn read(&mut self, token: Token<'_>, depth: usize) -> bool {
        const PROLOGUE: [&str; 3] = ["BASE", "PREFIX", "VERSION"];
        const UPDATE: [&str; 10] =
            ["ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"];
        let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(token.text));
        match (*self, token.kind) {
            (Self::Prologue, Kind::Word) if is_one_of(&UPDATE) => return true,
            (Self::Prologue, Kind::Word) if is_one_of(&["SELECT"]) => *self = Self::Select,
            (Self::Prologue, Kind::Word) if is_one_of(&PROLOGUE) => {}
            (Self::Prologue, Kind::Name | Kind::Literal) if depth == 0 => {}
            (Self::Select, Kind::Word) if is_one_of(&["DISTINCT", "REDUCED"]) => {}
            (Self::Select, Kind::Operator) if token.text == "*" => *self = Self::AllColumns,
            (Self::AllColumns | Self::Other, _) => {}
            _ => *self = Self::Other,
        }
        false
    }
}
