//! `XPath` expressions, as far as they are read here.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// A string.
    String(String),
    /// A number as it is written: the type tells its form.
    Number(&'static str, String),
    /// `$name`
    Variable(String),
    /// `()`, or several values in parentheses.
    Sequence(Vec<Self>),
    /// Any operator between two operands.
    Binary(Operator, Box<[Self; 2]>),
    /// `-` before an operand.
    Minus(Box<Self>),
    /// `+` before an operand.
    Plus(Box<Self>),
    /// A function by its name in the namespace `fn`.
    Call(String, Vec<Self>),
    /// `cast as`, or a constructor function: the local name of a type in the namespace `xs`.
    Cast(Box<Self>, String),
    /// `castable as`
    Castable(Box<Self>, String),
    /// `instance of`
    Instance(Box<Self>, String),
    /// `if`, `then`, `else`
    If(Box<[Self; 3]>),
    /// `let`: the name of a variable, its value, and the expression that it is for.
    Let(String, Box<[Self; 2]>),
    /// `every` or `some`
    Quantified {
        /// Whether it is `every`.
        every: bool,
        /// The name of the variable.
        variable: String,
        /// What it ranges over, and what has to be true of it.
        parts: Box<[Self; 2]>,
    },
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Operator {
    /// How SPARQL writes it.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }

    /// The comparison that `XPath` writes so, of values or of sequences: with one value on each side they are the same.
    pub(super) fn comparison(text: &str) -> Option<Self> {
        Some(match text {
            "eq" | "=" => Self::Equal,
            "ne" | "!=" => Self::Unequal,
            "lt" | "<" => Self::Less,
            "le" | "<=" => Self::LessOrEqual,
            "gt" | ">" => Self::Greater,
            "ge" | ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }
}
