//! Writes an expression of `XPath` as one of SPARQL.
//!
//! All values in these expressions are written out, so that the type of each part is known. Where SPARQL and `XPath`
//! part for some types, the type decides.

use super::{
    left_out::Why,
    syntax::{Expression, Operator},
    types::{BOOLEAN, Class, DECIMAL, DOUBLE, INTEGER, Kind, STRING, Type},
};

/// An expression of SPARQL.
#[derive(Debug, Clone)]
pub(super) struct Sparql {
    /// It binds as close as a literal.
    pub(super) text: String,
    /// The type of its value. None if that is not known.
    pub(super) of: Option<&'static Type>,
    /// Whether its value has a time zone. None if it has no time or that is not known.
    zoned: Option<bool>,
}

/// The functions that SPARQL has under another name: that name, the fewest and most arguments, the type of the result.
/// Without a type, it is that of the argument.
const FUNCTIONS: &[(&str, &str, usize, usize, &str)] = &[
    ("abs", "ABS", 1, 1, ""),
    ("ceiling", "CEIL", 1, 1, ""),
    ("floor", "FLOOR", 1, 1, ""),
    ("round", "ROUND", 1, 1, ""),
    ("string-length", "STRLEN", 1, 1, INTEGER),
    ("upper-case", "UCASE", 1, 1, STRING),
    ("lower-case", "LCASE", 1, 1, STRING),
    ("encode-for-uri", "ENCODE_FOR_URI", 1, 1, STRING),
    ("contains", "CONTAINS", 2, 2, BOOLEAN),
    ("starts-with", "STRSTARTS", 2, 2, BOOLEAN),
    ("ends-with", "STRENDS", 2, 2, BOOLEAN),
    ("substring-before", "STRBEFORE", 2, 2, STRING),
    ("substring-after", "STRAFTER", 2, 2, STRING),
    ("substring", "SUBSTR", 2, 3, STRING),
    ("matches", "REGEX", 2, 3, BOOLEAN),
    ("replace", "REPLACE", 3, 4, STRING),
    ("year-from-dateTime", "YEAR", 1, 1, INTEGER),
    ("month-from-dateTime", "MONTH", 1, 1, INTEGER),
    ("day-from-dateTime", "DAY", 1, 1, INTEGER),
    ("hours-from-dateTime", "HOURS", 1, 1, INTEGER),
    ("minutes-from-dateTime", "MINUTES", 1, 1, INTEGER),
    ("seconds-from-dateTime", "SECONDS", 1, 1, DECIMAL),
    ("timezone-from-dateTime", "TIMEZONE", 1, 1, "dayTimeDuration"),
];

impl Sparql {
    fn new(text: String, of: &str) -> Self {
        Self { text, of: Type::named(of), zoned: None }
    }

    fn is(&self, class: Class) -> bool {
        self.of.is_some_and(|of| of.class == class)
    }

    /// The whole query whose only answer is its value.
    pub(super) fn query(&self) -> String {
        format!("PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ({} AS ?v) {{}}", self.text)
    }
}

/// The values that variables stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(Vec<(String, Sparql)>);

impl Scope {
    /// This scope with one variable more.
    pub(super) fn with(&self, name: &str, value: Sparql) -> Self {
        Self(self.0.iter().cloned().chain([(name.to_owned(), value)]).collect())
    }

    fn value(&self, name: &str) -> Result<Sparql, Why> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).ok_or(Why::Context)
    }

    /// Translates an expression.
    pub(super) fn translate(&self, expression: &Expression) -> Result<Sparql, Why> {
        match expression {
            Expression::String(text) => Ok(Sparql::new(quoted(text), STRING)),
            Expression::Number(of, text) => Ok(Sparql::new(number(of, text), of)),
            Expression::Variable(name) => self.value(name),
            Expression::Sequence(items) if items.is_empty() => Err(Why::EmptySequence),
            Expression::Sequence(_) => Err(Why::Sequence),
            Expression::Binary(operator, operands) => self.binary(*operator, operands),
            Expression::Minus(operand) => self.signed('-', operand),
            Expression::Plus(operand) => self.signed('+', operand),
            Expression::Call(name, arguments) => self.call(name, arguments),
            Expression::Cast(operand, of) => self.cast(operand, of),
            Expression::Castable(operand, of) => self.castable(operand, of),
            Expression::Instance(operand, of) => self.instance(operand, of),
            Expression::If(parts) => self.conditional(parts),
            Expression::Let(variable, parts) => self.with(variable, self.translate(&parts[0])?).translate(&parts[1]),
            Expression::Quantified { every, variable, parts } => self.quantified(*every, variable, parts),
        }
    }

    fn signed(&self, sign: char, operand: &Expression) -> Result<Sparql, Why> {
        let operand = self.translate(operand)?;
        let of = operand.of.map(Type::primitive);
        Ok(Sparql { text: format!("({sign}{})", operand.text), of, zoned: None })
    }

    fn binary(&self, operator: Operator, operands: &[Expression; 2]) -> Result<Sparql, Why> {
        let [left, right] = [self.translate(&operands[0])?, self.translate(&operands[1])?];
        let text = format!("({} {} {})", left.text, operator.sign(), right.text);
        let of = match operator {
            Operator::Or | Operator::And => Type::named(BOOLEAN),
            Operator::Add | Operator::Multiply | Operator::Divide => sum(operator, &left, &right),
            Operator::Subtract => {
                zones(&left, &right)?;
                sum(operator, &left, &right)
            }
            Operator::Equal | Operator::Unequal => {
                alike(&left, &right)?;
                zones(&left, &right)?;
                Type::named(BOOLEAN)
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                zones(&left, &right)?;
                Type::named(BOOLEAN)
            }
        };
        Ok(Sparql { text, of, zoned: None })
    }

    fn conditional(&self, parts: &[Expression; 3]) -> Result<Sparql, Why> {
        let [condition, then, otherwise] =
            [self.translate(&parts[0])?, self.translate(&parts[1])?, self.translate(&parts[2])?];
        let text = format!("IF({}, {}, {})", condition.text, then.text, otherwise.text);
        Ok(Sparql { text, of: then.of.filter(|of| otherwise.of == Some(*of)), zoned: None })
    }

    /// Says of each token in turn what is said of all or some.
    fn quantified(&self, every: bool, variable: &str, parts: &[Expression; 2]) -> Result<Sparql, Why> {
        let mut terms = Vec::new();
        for token in tokens(&parts[0])? {
            let scope = self.with(variable, Sparql::new(quoted(token), STRING));
            terms.push(scope.translate(&parts[1])?.text);
        }
        let text = match (terms.is_empty(), every) {
            (true, _) => every.to_string(),
            (false, true) => format!("({})", terms.join(" && ")),
            (false, false) => format!("({})", terms.join(" || ")),
        };
        Ok(Sparql::new(text, BOOLEAN))
    }

    fn all(&self, arguments: &[Expression]) -> Result<Vec<Sparql>, Why> {
        arguments.iter().map(|argument| self.translate(argument)).collect()
    }

    fn call(&self, name: &str, arguments: &[Expression]) -> Result<Sparql, Why> {
        match (name, arguments) {
            ("true" | "false", []) => Ok(Sparql::new(name.to_owned(), BOOLEAN)),
            ("codepoints-to-string", [codes]) => codepoints(codes),
            ("not", [operand]) => Ok(Sparql::new(format!("(!{})", self.translate(operand)?.text), BOOLEAN)),
            ("boolean", [operand]) => Ok(Sparql::new(format!("(!(!{}))", self.translate(operand)?.text), BOOLEAN)),
            ("string", [operand]) => Ok(text(self.translate(operand)?)),
            ("number", [operand]) => Ok(double(&self.translate(operand)?)),
            ("concat", [_, _, ..]) => {
                let parts: Vec<_> = self.all(arguments)?.into_iter().map(|part| text(part).text).collect();
                Ok(Sparql::new(format!("CONCAT({})", parts.join(", ")), STRING))
            }
            ("string" | "number" | "string-length", []) => Err(Why::Context),
            ("true" | "false" | "not" | "boolean" | "string" | "number" | "concat", _) => Err(Why::Signature),
            _ => self.function(name, arguments),
        }
    }

    fn function(&self, name: &str, arguments: &[Expression]) -> Result<Sparql, Why> {
        let function = FUNCTIONS.iter().find(|(known, ..)| *known == name).ok_or(Why::Function)?;
        let &(_, sparql, least, most, of) = function;
        let values = self.all(arguments)?;
        if values.len() < least || values.len() > most {
            return Err(excess(name, values.len()));
        }
        restrict(name, arguments, &values)?;
        let text = values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(", ");
        let of = if of.is_empty() { values[0].of.map(Type::primitive) } else { Type::named(of) };
        Ok(Sparql { text: format!("{sparql}({text})"), of, zoned: None })
    }

    fn cast(&self, operand: &Expression, of: &str) -> Result<Sparql, Why> {
        let of = sort(of)?;
        if let Some(text) = constant(operand).filter(|_| of.kind != Kind::Cast) {
            let value = of.integer(&text).ok_or(Why::DerivedType)?;
            return Ok(Sparql::new(format!("\"{value}\"^^xsd:{}", of.name), of.name));
        }
        let inner = self.translate(operand)?;
        if of.kind != Kind::Cast {
            return Err(Why::DerivedType);
        }
        let zoned = match operand {
            Expression::String(text) => zone(of.class, text),
            _ => inner.zoned,
        };
        Ok(Sparql { text: format!("xsd:{}({})", of.name, inner.text), of: Some(of), zoned })
    }

    /// True if the cast has a value; but an error if there is nothing to cast.
    fn castable(&self, operand: &Expression, of: &str) -> Result<Sparql, Why> {
        let of = sort(of)?;
        let operand = self.translate(operand)?.text;
        if of.kind != Kind::Cast {
            return Err(Why::DerivedType);
        }
        let bound = format!("COALESCE(ISLITERAL(xsd:{}({operand})), false)", of.name);
        Ok(Sparql::new(format!("IF(ISLITERAL({operand}), {bound}, false)"), BOOLEAN))
    }

    fn instance(&self, operand: &Expression, of: &str) -> Result<Sparql, Why> {
        let of = Type::named(of).ok_or(Why::UnknownName)?;
        let operand = self.translate(operand)?.text;
        let names: Vec<_> = of.family().map(|of| format!("xsd:{}", of.name)).collect();
        Ok(Sparql::new(format!("(DATATYPE({operand}) IN ({}))", names.join(", ")), BOOLEAN))
    }
}

/// The type of a name, if SPARQL can compute with it.
fn sort(name: &str) -> Result<&'static Type, Why> {
    let of = Type::named(name).ok_or(Why::UnknownName)?;
    match of.kind {
        Kind::Cast | Kind::Integer(..) => Ok(of),
        Kind::Foreign => Err(Why::ForeignType),
        Kind::Untyped => Err(Why::UntypedAtomic),
    }
}

/// Why a function cannot have so many arguments.
fn excess(name: &str, count: usize) -> Why {
    match (name, count) {
        ("contains" | "starts-with" | "ends-with" | "substring-before" | "substring-after", 3) => Why::Collation,
        ("round", 2) => Why::Rounding,
        _ => Why::Signature,
    }
}

/// Leaves out arguments for which SPARQL has no answer of its own, or another.
fn restrict(name: &str, arguments: &[Expression], values: &[Sparql]) -> Result<(), Why> {
    let flags = match (name, arguments) {
        ("matches", [_, _, flags]) | ("replace", [_, _, _, flags]) => Some(flags),
        _ => None,
    };
    let is_integer = |value: &Sparql| value.of.is_some_and(|of| of.is_a(Type::known(INTEGER)));
    match name {
        _ if matches!(flags, Some(Expression::String(flags)) if flags.contains('q')) => Err(Why::Flag),
        "substring" if values[1..].iter().any(|value| value.is(Class::Number) && !is_integer(value)) => {
            Err(Why::Position)
        }
        _ => Ok(()),
    }
}

/// The text or integer that an expression is.
fn constant(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(text) | Expression::Number(INTEGER, text) => Some(text.clone()),
        Expression::Minus(operand) => match &**operand {
            Expression::Number(INTEGER, text) => Some(format!("-{text}")),
            _ => None,
        },
        Expression::Cast(operand, of) => {
            let value = Type::named(of)?.integer(&constant(operand)?)?;
            Some(value.to_string())
        }
        _ => None,
    }
}

/// The string value of a value.
fn text(value: Sparql) -> Sparql {
    if value.is(Class::String) { value } else { Sparql::new(format!("xsd:string({})", value.text), STRING) }
}

/// A value as a double: not a number if it is none, but an error if there is no value.
fn double(value: &Sparql) -> Sparql {
    let value = &value.text;
    let cast = format!("COALESCE(xsd:double({value}), xsd:double(\"NaN\"))");
    Sparql::new(format!("IF(ISLITERAL({value}), {cast}, xsd:double({value}))"), DOUBLE)
}

/// The string of some numbers of characters.
fn codepoints(codes: &Expression) -> Result<Sparql, Why> {
    let codes = match codes {
        Expression::Sequence(codes) => codes.as_slice(),
        code => std::slice::from_ref(code),
    };
    let character = |code: &Expression| match code {
        Expression::Number(INTEGER, text) => text.parse().ok().and_then(char::from_u32).ok_or(Why::Function),
        _ => Err(Why::Function),
    };
    let text = codes.iter().map(character).collect::<Result<String, _>>()?;
    if text.contains('\0') { Err(Why::Function) } else { Ok(Sparql::new(quoted(&text), STRING)) }
}

/// The tokens of a text that is cut at commas or the like: `XPath` makes none of an empty text.
fn tokens(expression: &Expression) -> Result<Vec<&str>, Why> {
    let Expression::Call(name, arguments) = expression else { return Err(Why::Sequence) };
    match (name.as_str(), arguments.as_slice()) {
        ("tokenize", [Expression::String(text), Expression::String(comma)])
            if matches!(comma.as_str(), "," | ";" | "\u{e001}") =>
        {
            Ok(if text.is_empty() { Vec::new() } else { text.split(comma).collect() })
        }
        _ => Err(Why::Sequence),
    }
}

/// The type of a sum, a difference, a product or a quotient.
fn sum(operator: Operator, left: &Sparql, right: &Sparql) -> Option<&'static Type> {
    let rank = |side: &Sparql| {
        let of = side.of.map(Type::primitive)?;
        [INTEGER, DECIMAL, "float", DOUBLE].iter().position(|name| *name == of.name)
    };
    let least = usize::from(operator == Operator::Divide);
    let rank = rank(left)?.max(rank(right)?).max(least);
    Type::named([INTEGER, DECIMAL, "float", DOUBLE][rank])
}

/// Leaves out `=` and `!=` between types that `XPath` does not compare.
fn alike(left: &Sparql, right: &Sparql) -> Result<(), Why> {
    match (left.of, right.of) {
        (Some(left), Some(right)) if left.class != right.class => Err(Why::UnlikeTypes),
        _ => Ok(()),
    }
}

/// Leaves out what depends on the implicit time zone.
fn zones(left: &Sparql, right: &Sparql) -> Result<(), Why> {
    match (left.zoned, right.zoned) {
        (Some(left), Some(right)) if left != right => Err(Why::ImplicitTimezone),
        _ => Ok(()),
    }
}

/// Whether the text of a time names a time zone.
fn zone(class: Class, text: &str) -> Option<bool> {
    let text = text.trim_ascii();
    let offset = text.len().checked_sub(6).and_then(|at| text.get(at..)).unwrap_or_default();
    let is_offset = offset.starts_with(['+', '-']) && offset.as_bytes()[3] == b':';
    match class {
        Class::Number | Class::String | Class::Boolean | Class::Duration | Class::Other => None,
        _ => Some(text.ends_with('Z') || is_offset),
    }
}

/// A string in SPARQL.
///
/// SPARQL reads `\u` as part of a number of a character before it reads strings: there, the string is cut in two.
fn quoted(text: &str) -> String {
    if let Some(at) = text.find("\\u").or_else(|| text.find("\\U")) {
        return format!("CONCAT({}, {})", quoted(&text[..=at]), quoted(&text[at + 1..]));
    }
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        _ => character.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A number in SPARQL, where no number ends in a point.
fn number(of: &str, text: &str) -> String {
    if of == DECIMAL && text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}

#[test]
fn expressions_are_written_in_sparql() {
    let sparql = |text| super::parse::parse(text).and_then(|read| Scope::default().translate(&read)).map(|it| it.text);
    assert_eq!(sparql("-1 lt xs:float('INF')"), Ok("((-1) < xsd:float(\"INF\"))".into()));
    assert_eq!(sparql("fn:not(contains('a\"', \"b\"))"), Ok("(!CONTAINS(\"a\\\"\", \"b\"))".into()));
    assert_eq!(sparql("concat(1, 'a')"), Ok("CONCAT(xsd:string(1), \"a\")".into()));
    assert_eq!(
        sparql("every $s in tokenize('a,b', ',') satisfies matches($s, '.')"),
        Ok("(REGEX(\"a\", \".\") && REGEX(\"b\", \".\"))".into())
    );
    assert_eq!(sparql("xs:short(' 5 ')"), Ok("\"5\"^^xsd:short".into()));
    assert_eq!(sparql("xs:date('2000-01-01Z') lt xs:date('2000-01-01')"), Err(Why::ImplicitTimezone));
    assert_eq!(sparql("1 eq '1'"), Err(Why::UnlikeTypes));
}
