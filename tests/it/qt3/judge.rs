//! What is asked of the engine for a case, and which answers are good.

use oxigraph::model::{Term, vocab::xsd};

use super::{
    case::{Assertion, Case},
    engine::Answer,
    left_out::Why,
    parse::parse,
    syntax::Expression,
    translate::{Scope, Sparql},
    types::{BOOLEAN, STRING, Type},
    value::Value,
};

/// The name of the result in what is asserted of it.
const RESULT: &str = "result";

/// Errors that are found before anything is evaluated. SPARQL has its own rules for which texts are queries.
const STATIC: [(&str, Why); 6] = [
    ("XPST0003", Why::Syntax),
    ("XPST0008", Why::Context),
    ("XPST0017", Why::Signature),
    ("XPST0051", Why::UnknownName),
    ("XPST0080", Why::UnknownName),
    ("XPST0081", Why::UnknownName),
];

/// A case in SPARQL.
#[derive(Debug)]
pub(super) struct Question {
    /// The expression.
    pub(super) expression: String,
    /// The query for the expression, and then those for what is asserted of it.
    pub(super) queries: Vec<String>,
    pub(super) expectation: Expectation,
}

/// What the answers have to be.
#[derive(Debug)]
pub(super) enum Expectation {
    Boolean(bool),
    Value(Value),
    Text(String),
    Type(&'static Type),
    Bound,
    Unbound,
    /// The query of this number is answered with true.
    True(usize),
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
}

impl Question {
    /// Says a case in SPARQL.
    pub(super) fn new(case: &Case) -> Result<Self, Why> {
        let expression = case.expression.as_deref().ok_or(Why::XQuery)?;
        suits(case, expression)?;
        let translated = parse(expression).and_then(|read| Scope::default().translate(&read));
        let sparql = translated.map_err(|why| stated(&case.result).unwrap_or(why))?;
        if let Some(why) = stated(&case.result) {
            return Err(why);
        }
        let mut queries = vec![sparql.query()];
        let expectation = Expectation::new(&case.result, &sparql, &mut queries)?;
        Ok(Self { expression: sparql.text, queries, expectation })
    }
}

/// Leaves out what is not for every processor of today's `XPath`.
fn suits(case: &Case, expression: &str) -> Result<(), Why> {
    for (kind, value) in &case.dependencies {
        match kind.as_str() {
            "spec" => suits_spec(value, expression)?,
            "xsd-version" => return Err(Why::SchemaVersion),
            "unicode-version" => {}
            _ => return Err(Why::Feature),
        }
    }
    Ok(())
}

/// `XQuery` reads references to characters in a string, `XPath` does not.
fn suits_spec(specs: &str, expression: &str) -> Result<(), Why> {
    let is_current = |spec: &str| spec.ends_with('+') || spec.ends_with("31");
    let is_xpath = specs.split(' ').any(|spec| spec.starts_with("XP"));
    let is_read_otherwise = !is_xpath && expression.contains('&');
    if !specs.split(' ').any(is_current) || is_read_otherwise { Err(Why::AnotherVersion) } else { Ok(()) }
}

/// Why there is nothing to evaluate if a case expects only errors that are found before.
fn stated(result: &Assertion) -> Option<Why> {
    match result {
        Assertion::Error(code) => STATIC.iter().find(|(known, _)| known == code).map(|(_, why)| *why),
        Assertion::Any(options) => {
            let found: Option<Vec<Why>> = options.iter().map(stated).collect();
            found?.first().copied()
        }
        _ => None,
    }
}

impl Expectation {
    fn new(stated: &Assertion, sparql: &Sparql, queries: &mut Vec<String>) -> Result<Self, Why> {
        let mut parts =
            |stated: &[Assertion]| stated.iter().map(|part| Self::new(part, sparql, queries)).collect::<Result<_, _>>();
        Ok(match stated {
            Assertion::Boolean(value) => Self::Boolean(*value),
            Assertion::Equal(expression) => Self::Value(value(&parse(expression).map_err(|_| Why::Assertion)?)?),
            Assertion::Text(text) => Self::Text(text.clone()),
            Assertion::Type(name) => Self::Type(type_of(name)?),
            Assertion::Count(count) if count == "1" => Self::Bound,
            Assertion::Error(_) => Self::Unbound,
            Assertion::True(expression) => {
                let scope = Scope::default().with(RESULT, sparql.clone());
                queries.push(scope.translate(&parse(expression)?)?.query());
                Self::True(queries.len() - 1)
            }
            Assertion::Any(options) => Self::Any(parts(options)?),
            Assertion::All(all) => Self::All(parts(all)?),
            Assertion::Not(part) => Self::Not(Box::new(Self::new(part, sparql, queries)?)),
            Assertion::Count(_) | Assertion::Other => return Err(Why::Assertion),
        })
    }

    /// Says what is wrong with the answers.
    pub(super) fn check(&self, answers: &[Answer]) -> Result<(), String> {
        let refused = answers.iter().find_map(|answer| answer.as_ref().err());
        if let Some(refusal) = refused {
            return Err(format!("refused: {refusal}"));
        }
        if self.holds(answers) { Ok(()) } else { Err(format!("expected {self:?}, got {}", shown(&answers[0]))) }
    }

    fn holds(&self, answers: &[Answer]) -> bool {
        let result = literal(&answers[0]);
        let is = |test: &dyn Fn(&Value) -> bool| result.as_ref().is_some_and(test);
        match self {
            Self::Boolean(value) => is(&|result| result.is_boolean(*value)),
            Self::Value(expected) => is(&|result| result.is(expected)),
            Self::Text(text) => is(&|result| result.is(&Value { of: result.of, text: text.clone() })),
            Self::Type(of) => is(&|result| result.of.is_a(of)),
            Self::Bound => result.is_some(),
            Self::Unbound => matches!(answers[0], Ok(None)),
            Self::True(number) => literal(&answers[*number]).is_some_and(|value| value.is_boolean(true)),
            Self::Any(options) => options.iter().any(|option| option.holds(answers)),
            Self::All(parts) => parts.iter().all(|part| part.holds(answers)),
            Self::Not(part) => !part.holds(answers),
        }
    }
}

/// The literal that an answer is.
fn literal(answer: &Answer) -> Option<Value> {
    let Ok(Some(Term::Literal(literal))) = answer else { return None };
    let name = literal.datatype().as_str().strip_prefix(xsd::STRING.as_str().strip_suffix(STRING)?)?;
    Some(Value { of: Type::named(name)?, text: literal.value().to_owned() })
}

fn shown(answer: &Answer) -> String {
    match answer {
        Ok(Some(term)) => term.to_string(),
        Ok(None) => "nothing".into(),
        Err(refusal) => refusal.clone(),
    }
}

fn type_of(name: &str) -> Result<&'static Type, Why> {
    name.trim().strip_prefix("xs:").and_then(Type::named).ok_or(Why::Assertion)
}

/// The value that an expression writes out.
fn value(expression: &Expression) -> Result<Value, Why> {
    let of = |of: &str, text: &str| Value { of: Type::known(of), text: text.to_owned() };
    match expression {
        Expression::String(text) => Ok(of(STRING, text)),
        Expression::Number(kind, text) => Ok(of(kind, text)),
        Expression::Plus(operand) => value(operand),
        Expression::Minus(operand) => value(operand).map(|value| Value { text: format!("-{}", value.text), ..value }),
        Expression::Call(name, arguments) if arguments.is_empty() && matches!(name.as_str(), "true" | "false") => {
            Ok(of(BOOLEAN, name))
        }
        Expression::Cast(operand, name) => {
            let kind = Type::named(name).ok_or(Why::Assertion)?;
            value(operand).map(|value| Value { of: kind, ..value })
        }
        _ => Err(Why::Assertion),
    }
}

#[test]
fn answers_are_judged() {
    use oxigraph::model::Literal;
    let check = |result: Assertion, answer: Answer| {
        let case = Case { expression: Some("1 + 1".into()), result, ..Case::default() };
        Question::new(&case).expect("SPARQL has +").expectation.check(&[answer]).is_ok()
    };
    let literal = |text: &str, of| Ok(Some(Literal::new_typed_literal(text, of).into()));
    assert!(check(Assertion::Equal("2.0".into()), literal("2", xsd::INTEGER)));
    assert!(!check(Assertion::Equal("2.5".into()), literal("2", xsd::INTEGER)));
    assert!(!check(Assertion::Equal("\"2\"".into()), literal("2", xsd::INTEGER)));
    assert!(check(Assertion::Text("1.0E1".into()), literal("10", xsd::DOUBLE)));
    assert!(!check(Assertion::Text("1.0E1".into()), literal("10", xsd::STRING)));
    assert!(check(Assertion::Type("xs:decimal".into()), literal("2", xsd::INTEGER)));
    assert!(!check(Assertion::Type("xs:integer".into()), literal("2", xsd::DECIMAL)));
    assert!(check(Assertion::Error("FORG0001".into()), Ok(None)));
    assert!(!check(Assertion::Error("FORG0001".into()), Err("refused".into())));
    assert!(!check(Assertion::Boolean(true), literal("true", xsd::STRING)));
}
