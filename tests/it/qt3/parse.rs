//! Reads an expression of `XPath`, as far as SPARQL can say it. What comes first that it cannot, is why not.
//!
//! [`XPath` 3.1, appendix A.1](https://www.w3.org/TR/xpath-31/#id-grammar)

use super::{
    left_out::Why,
    lexer::{Token, tokens},
    syntax::{Expression, Operator},
};

type Read<T = Expression> = Result<T, Why>;

/// Reads an expression.
pub(super) fn parse(text: &str) -> Read {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let expression = parser.expression()?;
    match parser.peek() {
        None => Ok(expression),
        Some(Token::Sign(",")) => Err(Why::Sequence),
        Some(_) => Err(parser.stray()),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// The sign or name that comes next, if it is one.
    fn word(&self) -> &str {
        self.word_after(0)
    }

    fn word_after(&self, ahead: usize) -> &str {
        match self.tokens.get(self.at + ahead) {
            Some(Token::Name(name)) => name,
            Some(Token::Sign(sign)) => sign,
            _ => "",
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.word() == word;
        self.at += usize::from(takes);
        takes
    }

    fn need(&mut self, word: &str) -> Read<()> {
        if self.takes(word) { Ok(()) } else { Err(self.stray()) }
    }

    /// Takes two keywords, such as `cast` and `as`.
    fn takes_both(&mut self, first: &str, second: &str) -> bool {
        let takes = self.word() == first && self.word_after(1) == second;
        self.at += 2 * usize::from(takes);
        takes
    }

    /// Why an expression cannot go on with what comes next.
    fn stray(&self) -> Why {
        match self.word() {
            "mod" | "idiv" | "||" | "=>" | "treat" => Why::Operator,
            "to" | "[" | "!" | "union" | "|" | "intersect" | "except" => Why::Sequence,
            "/" | "//" | "is" | "<<" | ">>" | "." | "@" => Why::Context,
            _ if self.peek() == Some(&Token::Strange) && self.at > 0 && self.tokens.contains(&Token::Sign(":=")) => {
                Why::XQuery
            }
            _ => Why::Syntax,
        }
    }

    fn expression(&mut self) -> Read {
        match (self.word(), self.tokens.get(self.at + 1)) {
            ("if", Some(Token::Sign("("))) => self.conditional(),
            ("every" | "some", Some(Token::Variable(_))) => self.quantified(),
            ("let", Some(Token::Variable(_))) => {
                self.at += 1;
                self.binding()
            }
            ("for", Some(Token::Variable(_))) => Err(Why::XQuery),
            ("declare" | "import" | "xquery" | "module" | "typeswitch" | "switch" | "try" | "validate", Some(next))
                if *next != Token::Sign(")") =>
            {
                Err(Why::XQuery)
            }
            _ => self.or(),
        }
    }

    fn conditional(&mut self) -> Read {
        self.at += 2;
        let condition = self.expression()?;
        self.need(")")?;
        self.need("then")?;
        let then = self.expression()?;
        self.need("else")?;
        Ok(Expression::If(Box::new([condition, then, self.expression()?])))
    }

    fn quantified(&mut self) -> Read {
        let every = self.word() == "every";
        let Some(Token::Variable(variable)) = self.tokens.get(self.at + 1).cloned() else { return Err(Why::Syntax) };
        self.at += 2;
        self.need("in")?;
        let over = self.expression()?;
        self.need("satisfies")?;
        let parts = Box::new([over, self.expression()?]);
        Ok(Expression::Quantified { every, variable, parts })
    }

    /// One variable of `let`, and all that follows it.
    fn binding(&mut self) -> Read {
        let Some(Token::Variable(variable)) = self.peek().cloned() else { return Err(Why::XQuery) };
        self.at += 1;
        // A type may stand here, but only in XQuery.
        if !self.takes(":=") {
            return Err(Why::XQuery);
        }
        let value = self.expression()?;
        let rest = if self.takes(",") {
            self.binding()?
        } else {
            // Other clauses are XQuery's.
            if !self.takes("return") {
                return Err(Why::XQuery);
            }
            self.expression()?
        };
        Ok(Expression::Let(variable, Box::new([value, rest])))
    }

    /// Operands of one precedence, from left to right.
    fn chain(&mut self, operand: fn(&mut Self) -> Read, operator: fn(&str) -> Option<Operator>) -> Read {
        let mut left = operand(self)?;
        while let Some(operator) = operator(self.word()) {
            self.at += 1;
            left = Expression::Binary(operator, Box::new([left, operand(self)?]));
        }
        Ok(left)
    }

    fn or(&mut self) -> Read {
        self.chain(Self::and, |word| (word == "or").then_some(Operator::Or))
    }

    fn and(&mut self) -> Read {
        self.chain(Self::comparison, |word| (word == "and").then_some(Operator::And))
    }

    /// Comparisons do not follow each other.
    fn comparison(&mut self) -> Read {
        let left = self.sum()?;
        let Some(operator) = Operator::comparison(self.word()) else { return Ok(left) };
        self.at += 1;
        let right = self.sum()?;
        match Operator::comparison(self.word()) {
            Some(_) => Err(Why::Syntax),
            None => Ok(Expression::Binary(operator, Box::new([left, right]))),
        }
    }

    fn sum(&mut self) -> Read {
        self.chain(Self::product, |word| match word {
            "+" => Some(Operator::Add),
            "-" => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Read {
        self.chain(Self::typed, |word| match word {
            "*" => Some(Operator::Multiply),
            "div" => Some(Operator::Divide),
            _ => None,
        })
    }

    /// `instance of`, `castable as` and `cast as`, of which each binds closer than the one before.
    fn typed(&mut self) -> Read {
        let mut operand = self.unary()?;
        if self.takes_both("cast", "as") {
            operand = cast(operand, &self.single_type()?);
        }
        if self.takes_both("castable", "as") {
            operand = Expression::Castable(Box::new(operand), self.single_type()?);
        }
        if self.takes_both("treat", "as") {
            return Err(Why::Operator);
        }
        if self.takes_both("instance", "of") {
            operand = Expression::Instance(Box::new(operand), self.sequence_type()?);
        }
        Ok(operand)
    }

    /// A type, or none: there is always a value here.
    fn single_type(&mut self) -> Read<String> {
        let name = self.type_name()?;
        self.takes("?");
        Ok(name)
    }

    fn sequence_type(&mut self) -> Read<String> {
        if self.word_after(1) == "(" {
            return Err(Why::Sequence);
        }
        let name = self.type_name()?;
        let _ = self.takes("?") || self.takes("*") || self.takes("+");
        Ok(name)
    }

    fn type_name(&mut self) -> Read<String> {
        let Some(Token::Name(name)) = self.peek() else { return Err(self.stray()) };
        let local = name.strip_prefix("xs:").ok_or(Why::UnknownName)?.to_owned();
        self.at += 1;
        Ok(local)
    }

    fn unary(&mut self) -> Read {
        if self.takes("-") {
            return Ok(Expression::Minus(Box::new(self.unary()?)));
        }
        if self.takes("+") {
            return Ok(Expression::Plus(Box::new(self.unary()?)));
        }
        let operand = self.primary()?;
        match self.word() {
            "[" => Err(Why::Sequence),
            "/" | "//" => Err(Why::Context),
            "(" | "?" => Err(Why::Function),
            _ => Ok(operand),
        }
    }

    fn primary(&mut self) -> Read {
        let token = self.peek().cloned().ok_or(Why::Syntax)?;
        self.at += 1;
        match token {
            Token::String(text) => Ok(Expression::String(text)),
            Token::Number(of, text) => Ok(Expression::Number(of, text)),
            Token::Variable(name) => Ok(Expression::Variable(name)),
            Token::Sign("(") => self.parenthesised(),
            Token::Name(name) if self.word() == "(" => self.call(&name),
            Token::Name(name) if is_constructor(&name) && self.peek() == Some(&Token::Strange) => Err(Why::XQuery),
            Token::Name(_) | Token::Sign("." | ".." | "/" | "//" | "*") => Err(Why::Context),
            Token::Sign("<") => Err(Why::XQuery),
            Token::Sign("[") => Err(Why::Sequence),
            Token::Sign(_) | Token::Strange => Err(Why::Syntax),
        }
    }

    fn parenthesised(&mut self) -> Read {
        let mut items = self.list()?;
        match items.len() {
            1 => Ok(items.remove(0)),
            _ => Ok(Expression::Sequence(items)),
        }
    }

    /// What stands between commas, up to the closing parenthesis.
    fn list(&mut self) -> Read<Vec<Expression>> {
        let mut items = Vec::new();
        if self.takes(")") {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if !self.takes(",") {
                break;
            }
        }
        self.need(")")?;
        Ok(items)
    }

    fn call(&mut self, name: &str) -> Read {
        if is_kind_test(name) {
            return Err(Why::Context);
        }
        self.at += 1;
        let mut arguments = self.list()?;
        let local = name.strip_prefix("fn:").unwrap_or(name);
        match name.strip_prefix("xs:") {
            Some(of) if arguments.len() == 1 => Ok(cast(arguments.remove(0), of)),
            Some(_) => Err(Why::Signature),
            None if local.contains(':') => Err(Why::Function),
            None => Ok(Expression::Call(local.to_owned(), arguments)),
        }
    }
}

fn cast(operand: Expression, of: &str) -> Expression {
    Expression::Cast(Box::new(operand), of.to_owned())
}

/// Whether a name before `{` or another name constructs something.
fn is_constructor(name: &str) -> bool {
    matches!(name, "element" | "attribute" | "document" | "text" | "comment" | "ordered" | "unordered" | "validate")
}

/// Whether a name before a parenthesis asks for a kind of node.
fn is_kind_test(name: &str) -> bool {
    matches!(name, "node" | "text" | "item" | "element" | "attribute" | "comment" | "document-node")
}

#[test]
fn operators_bind_as_in_xpath() {
    let number = |text: &str| Expression::Number(super::types::INTEGER, text.into());
    let negative = Expression::Minus(Box::new(number("1")));
    let cast = Expression::Cast(Box::new(negative), "int".into());
    assert_eq!(parse("2 + -1 cast as xs:int"), Ok(Expression::Binary(Operator::Add, Box::new([number("2"), cast]))));
    assert_eq!(parse("1 eq 2 eq 3"), Err(Why::Syntax));
    assert_eq!(parse("5 mod 2"), Err(Why::Operator));
    assert_eq!(parse("1 + <a/>"), Err(Why::XQuery));
    assert_eq!(parse("a/b = 1"), Err(Why::Context));
}
