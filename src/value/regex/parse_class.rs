//! The grammar of character classes and of what a backslash makes of a letter (XML Schema part 2, appendix F.1).

use std::sync::Arc;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::{
    class,
    error::PatternError,
    fold,
    parse::{Escaped, Parser},
};

/// Names of categories and blocks are shorter than this.
const MAX_NAME: usize = 64;
/// To look for a name takes as long as to copy so many ranges.
const NAME_CHARGE: usize = 300;

impl Parser {
    /// `charClassExpr ::= '[' '^'? charGroupPart+ ( '-' charClassExpr )? ']'`
    pub(super) fn class(&mut self) -> Result<ClassUnicode, PatternError> {
        self.skip();
        self.deeper()?;
        let is_negative = self.eat('^');
        // Case variants are added to what is written as characters and ranges, but not to sets with names: `\p{Lu}`
        // stays upper case with the flag `i`.
        let (mut written, mut named) = (Vec::new(), Vec::new());
        let mut minus = None;
        loop {
            let is_first = written.is_empty() && named.is_empty();
            match self.peek() {
                None => return Err(self.wrong("a character class is not closed")),
                Some(']') if is_first => return Err(self.wrong("a character class has nothing in it")),
                Some(']') => break,
                Some('-') if !is_first && self.ahead(1) == Some('[') => {
                    self.skip();
                    minus = Some(self.class()?);
                    if self.peek() != Some(']') {
                        return Err(self.wrong("after what is subtracted, a character class has to end"));
                    }
                    break;
                }
                Some(_) => match self.member()? {
                    Escaped::Set(set) => {
                        self.charge(set.ranges().len())?;
                        named.extend_from_slice(set.ranges());
                    }
                    Escaped::Char(first) => written.push(self.range(first)?),
                },
            }
        }
        self.skip();
        self.shallower();
        let mut set = ClassUnicode::new(written);
        if self.flags.fold {
            set = fold::with_variants(set);
        }
        set.union(&ClassUnicode::new(named));
        if is_negative {
            set.negate();
        }
        if let Some(minus) = minus {
            set.difference(&minus);
        }
        self.charge(set.ranges().len())?;
        Ok(set)
    }

    /// A character, or the range that it begins. A hyphen that cannot be part of a range stands for itself: at both ends
    /// of a class and, by XML Schema 1.1 alone, after a range and after a set, as in `[0-9-.]`.
    fn range(&mut self, first: char) -> Result<ClassUnicodeRange, PatternError> {
        let is_single = match (self.ahead(1), self.ahead(2)) {
            (None | Some('[' | ']'), _) | (Some('-'), Some('[')) => true,
            _ => self.peek() != Some('-'),
        };
        if is_single {
            return Ok(ClassUnicodeRange::new(first, first));
        }
        self.skip();
        if self.peek() == Some('-') {
            return Err(self.wrong("a hyphen at the end of a range needs a backslash"));
        }
        match self.member()? {
            Escaped::Char(last) if first <= last => Ok(ClassUnicodeRange::new(first, last)),
            Escaped::Char(_) => Err(self.wrong("the range before this ends before it begins")),
            Escaped::Set(_) => Err(self.wrong("a range ends with one character")),
        }
    }

    /// One character of a class, or a set with a name.
    fn member(&mut self) -> Result<Escaped, PatternError> {
        match self.peek() {
            None => Err(self.wrong("a character class is not closed")),
            Some('\\') => self.escaped(),
            Some('[') => Err(self.wrong("a bracket in a character class needs a backslash")),
            Some(letter) => {
                self.skip();
                Ok(Escaped::Char(letter))
            }
        }
    }

    /// What the backslash that comes next and the letter after it stand for.
    pub(super) fn escaped(&mut self) -> Result<Escaped, PatternError> {
        let Some(letter) = self.ahead(1) else { return Err(self.wrong("a backslash needs a character after it")) };
        let character = match letter {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^' | '$' => letter,
            'p' | 'P' => return self.property(letter == 'P'),
            _ => {
                let Some(set) = class::escape(letter) else {
                    return Err(self.wrong("XPath does not have this backslash sequence"));
                };
                self.charge(set.ranges().len())?;
                self.skip();
                self.skip();
                return Ok(Escaped::Set(set));
            }
        };
        self.skip();
        self.skip();
        Ok(Escaped::Char(character))
    }

    /// `\p{name}`, or `\P{name}` for what is not in it.
    fn property(&mut self, is_negative: bool) -> Result<Escaped, PatternError> {
        if self.ahead(2) != Some('{') {
            return Err(self.wrong("a name in braces is missing after this"));
        }
        let name: String = (3..3 + MAX_NAME).map_while(|by| self.ahead(by).filter(|letter| *letter != '}')).collect();
        let length = name.chars().count();
        if self.ahead(3 + length) != Some('}') {
            return Err(self.wrong("the name after this does not end"));
        }
        self.charge(NAME_CHARGE)?;
        let Some(mut set) = class::property(&name) else {
            return Err(self.wrong("there is no category and no block with this name"));
        };
        if is_negative {
            set.negate();
        }
        self.charge(set.ranges().len())?;
        (0..length + 4).for_each(|_| self.skip());
        Ok(Escaped::Set(Arc::new(set)))
    }
}
