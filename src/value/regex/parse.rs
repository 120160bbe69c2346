//! The grammar of regular expressions, by recursive descent (F&O 5.6.1 and XML Schema part 2, appendix F).
//!
//! It is read here and not given to a library, because what looks the same in another dialect often means something
//! else: `\w`, `$` before a last line end, `#` with the flag `x`, `[a-z-[aeiou]]`.

use std::sync::Arc;

use super::{
    class,
    error::PatternError::{self, TooLarge},
    flags::Flags,
    tree::{Node, Repeat},
};

/// How many groups may stand in each other, and character classes in classes: far more than anyone writes, and few
/// enough that calls by calls do not use up a thread's stack.
pub(super) const MAX_DEPTH: usize = 100;
/// How long a pattern may be, in characters.
const MAX_LENGTH: usize = 16_384;
/// How many ranges all its character classes may have together; `\w` has some 750.
const MAX_RANGES: usize = 60_000;

/// A pattern that has been read.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) node: Node,
    /// How many groups capture.
    pub(super) groups: usize,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str, flags: Flags) -> Result<Parsed, PatternError> {
    let mut chars: Vec<(usize, char)> = pattern.chars().take(MAX_LENGTH + 1).enumerate().collect();
    if chars.len() > MAX_LENGTH {
        return Err(TooLarge("it has more than 16384 characters"));
    }
    if flags.quoted {
        let node = Node::Sequence(chars.into_iter().map(|(_, letter)| Node::Char(letter)).collect());
        return Ok(Parsed { node, groups: 0 });
    }
    if flags.spaced {
        remove_space(&mut chars);
    }
    let mut parser =
        Parser { chars, next: 0, end: pattern.chars().count(), depth: 0, flags, closed: vec![], ranges: 0 };
    let node = parser.choice()?;
    match parser.peek() {
        Some(_) => Err(parser.wrong("this bracket closes none")),
        None => Ok(Parsed { node, groups: parser.closed.len() }),
    }
}

/// Takes out white space that is not in a character class (flag `x`). A backslash does not keep it: the standard takes
/// white space out before anything else is looked at.
fn remove_space(chars: &mut Vec<(usize, char)>) {
    let (mut depth, mut is_escaped) = (0_usize, false);
    chars.retain(|(_, letter)| {
        if depth == 0 && matches!(letter, ' ' | '\t' | '\n' | '\r') {
            return false;
        }
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        true
    });
}

pub(super) struct Parser {
    /// The characters that count, each with its place in the pattern.
    chars: Vec<(usize, char)>,
    next: usize,
    end: usize,
    depth: usize,
    pub(super) flags: Flags,
    /// For each group so far whether its bracket is closed.
    closed: Vec<bool>,
    ranges: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, by: usize) -> Option<char> {
        self.chars.get(self.next + by).map(|(_, letter)| *letter)
    }

    pub(super) fn skip(&mut self) {
        self.next += 1;
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.next += usize::from(is_there);
        is_there
    }

    /// A mistake at the character that comes next.
    pub(super) fn wrong(&self, reason: &'static str) -> PatternError {
        let at = 1 + self.chars.get(self.next).map_or(self.end, |(at, _)| *at);
        PatternError::Syntax { at, reason }
    }

    pub(super) fn deeper(&mut self) -> Result<(), PatternError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(TooLarge("its brackets are more than 100 deep")) } else { Ok(()) }
    }

    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// Counts ranges that are about to be copied, so that a short pattern does not become a large one.
    pub(super) fn charge(&mut self, ranges: usize) -> Result<(), PatternError> {
        self.ranges += ranges;
        if self.ranges > MAX_RANGES { Err(TooLarge("its character classes are too many")) } else { Ok(()) }
    }

    /// `regExp ::= branch ( '|' branch )*`
    fn choice(&mut self) -> Result<Node, PatternError> {
        let first = self.sequence()?;
        if self.peek() != Some('|') {
            return Ok(first);
        }
        let mut branches = vec![first];
        while self.eat('|') {
            branches.push(self.sequence()?);
        }
        Ok(Node::Choice(branches))
    }

    /// `branch ::= piece*`
    fn sequence(&mut self) -> Result<Node, PatternError> {
        let mut pieces = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            pieces.push(self.piece()?);
        }
        Ok(if pieces.len() == 1 { pieces.swap_remove(0) } else { Node::Sequence(pieces) })
    }

    /// `piece ::= atom quantifier?`
    fn piece(&mut self) -> Result<Node, PatternError> {
        let atom = self.atom()?;
        let (least, most) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => self.quantity()?,
            _ => return Ok(atom),
        };
        self.skip();
        let is_greedy = !self.eat('?');
        Ok(Node::Repeat(Repeat { node: Box::new(atom), least, most, is_greedy }))
    }

    /// What is in the braces of a quantifier; stops at the closing one.
    fn quantity(&mut self) -> Result<(u32, Option<u32>), PatternError> {
        let start = self.next;
        self.skip();
        let least = self.number()?;
        let most = match self.eat(',') {
            true if self.peek() == Some('}') => None,
            true => Some(self.number()?),
            false => Some(least),
        };
        if self.peek() != Some('}') {
            return Err(self.wrong("a quantity is {n}, {n,} or {n,m}"));
        }
        if most.is_some_and(|most| most < least) {
            self.next = start;
            return Err(self.wrong("the first number of a quantity is larger than the second"));
        }
        Ok((least, most))
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|letter| letter.to_digit(10)) {
            self.skip();
            number = match number.unwrap_or(0_u32).checked_mul(10).and_then(|tens| tens.checked_add(digit)) {
                None => return Err(TooLarge("it repeats something billions of times")),
                some => some,
            };
        }
        number.ok_or_else(|| self.wrong("a quantity needs a number here"))
    }

    /// `atom ::= normalChar | charClass | '(' regExp ')' | backReference`
    fn atom(&mut self) -> Result<Node, PatternError> {
        let Some(letter) = self.peek() else { return Err(self.wrong("the pattern ends too early")) };
        match letter {
            '(' => return self.group(),
            '[' => return self.class().map(|set| Node::Set(Arc::new(set))),
            '\\' => return self.escape(),
            '?' | '*' | '+' | '{' => return Err(self.wrong("there is nothing before this quantifier to repeat")),
            '}' | ']' => return Err(self.wrong("this bracket closes none; it needs a backslash to stand for itself")),
            _ => self.skip(),
        }
        Ok(match letter {
            '.' => Node::Set(class::dot(self.flags.dot_all)),
            '^' => Node::Start,
            '$' => Node::End,
            _ => Node::Char(letter),
        })
    }

    fn group(&mut self) -> Result<Node, PatternError> {
        let start = self.next;
        self.skip();
        self.deeper()?;
        let number = if self.eat('?') {
            if !self.eat(':') {
                return Err(self.wrong("after (? there can be only a colon"));
            }
            None
        } else {
            self.closed.push(false);
            Some(self.closed.len())
        };
        let inner = self.choice()?;
        if !self.eat(')') {
            self.next = start;
            return Err(self.wrong("this bracket is not closed"));
        }
        if let Some(number) = number {
            self.closed[number - 1] = true;
        }
        self.shallower();
        Ok(Node::Group(number, Box::new(inner)))
    }

    fn escape(&mut self) -> Result<Node, PatternError> {
        if let Some(digit) = self.ahead(1).and_then(|letter| letter.to_digit(10)).filter(|digit| *digit > 0) {
            return self.back_reference(digit);
        }
        Ok(match self.escaped()? {
            Escaped::Char(letter) => Node::Char(letter),
            Escaped::Set(set) => Node::Set(set),
        })
    }

    /// One digit always belongs to the number of a group, more of them only if so many groups have been opened.
    fn back_reference(&mut self, first: u32) -> Result<Node, PatternError> {
        let start = self.next;
        self.next += 2;
        let mut number = first as usize;
        while let Some(digit) = self.peek().and_then(|letter| letter.to_digit(10)) {
            let longer = number * 10 + digit as usize;
            if longer > self.closed.len() {
                break;
            }
            number = longer;
            self.skip();
        }
        if self.closed.get(number - 1) == Some(&true) {
            return Ok(Node::Back(number));
        }
        self.next = start;
        Err(self.wrong("a back-reference needs a group that is closed before it"))
    }
}

/// What a backslash and its letter stand for.
pub(super) enum Escaped {
    Char(char),
    Set(super::tree::Set),
}
