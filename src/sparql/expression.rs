//! Expressions, and the aggregates in them.

use std::collections::HashMap;

use oxigraph::model::Term;

use super::{
    Aggregate, AggregateFunction, Builtin, Comparison, Expression, ExpressionKind, Factor, Sign, Span, Var, VarName,
    lexer::Kind,
    query::aggregate,
    reader::{Read, Reader, shorten},
};

/// The aggregates of a select, each once, with the variables that have their values.
#[derive(Default)]
pub(super) struct Aggregates {
    all: Vec<(Var, Aggregate)>,
    /// By their texts.
    known: HashMap<String, Var>,
    /// Whether one is being read: they may not stand in one another.
    is_inside: bool,
}

impl Aggregates {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn first_span(&self) -> Span {
        self.all.first().map(|(_, aggregate)| aggregate.span).unwrap_or_default()
    }

    pub(super) fn into_all(self) -> Vec<(Var, Aggregate)> {
        self.all
    }
}

/// Where aggregates go; nowhere where they may not stand.
pub(super) type Place<'a> = Option<&'a mut Aggregates>;

/// The names of functions of SPARQL 1.2.
const NEWER: [&str; 12] = [
    "TRIPLE",
    "SUBJECT",
    "PREDICATE",
    "OBJECT",
    "ISTRIPLE",
    "LANGDIR",
    "HASLANG",
    "HASLANGDIR",
    "STRLANGDIR",
    "ADJUST",
    "STRLANG_DIR",
    "IS_TRIPLE",
];

impl Reader<'_> {
    /// [110] Expression: a disjunction.
    pub(super) fn expression(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let first = self.conjunction(place)?;
        if !self.token.is("||") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.takes("||")? {
            all.push(self.conjunction(place)?);
        }
        self.made_of(start, ExpressionKind::Or(all))
    }

    /// [112] `ConditionalAndExpression`
    fn conjunction(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let first = self.relation(place)?;
        if !self.token.is("&&") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.takes("&&")? {
            all.push(self.relation(place)?);
        }
        self.made_of(start, ExpressionKind::And(all))
    }

    fn made_of(&mut self, start: Span, kind: ExpressionKind) -> Read<Expression> {
        self.node()?;
        Ok(Expression { span: self.span_from(start), kind })
    }

    /// [114] `RelationalExpression`
    fn relation(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let first = self.sum(place)?;
        let comparison = match self.token.text {
            "=" => Some(Comparison::Equal),
            "!=" => Some(Comparison::NotEqual),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::LessOrEqual),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let (Some(comparison), Kind::Sign) = (comparison, self.token.kind) {
            self.take()?;
            let second = self.sum(place)?;
            return self.made_of(start, ExpressionKind::Compare(comparison, Box::new([first, second])));
        }
        let is_negated = self.takes_word("NOT")?;
        if self.takes_word("IN")? {
            let list = self.list(place)?;
            let is_in = self.made_of(start, ExpressionKind::In(Box::new(first), list))?;
            return if is_negated { self.made_of(start, ExpressionKind::Not(Box::new(is_in))) } else { Ok(is_in) };
        }
        if is_negated { Err(self.unexpected(&["IN"])) } else { Ok(first) }
    }

    /// [116] `AdditiveExpression`. A number with a sign is added to what stands before it.
    fn sum(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let first = self.product(place)?;
        let mut parts = vec![(Sign::Add, first)];
        loop {
            let sign = match self.token.text {
                "+" if self.token.kind == Kind::Sign => Sign::Add,
                "-" if self.token.kind == Kind::Sign => Sign::Subtract,
                _ => break,
            };
            self.take()?;
            parts.push((sign, self.product(place)?));
        }
        match parts.pop() {
            Some((_, only)) if parts.is_empty() => Ok(only),
            last => {
                parts.extend(last);
                self.made_of(start, ExpressionKind::Sum(parts))
            }
        }
    }

    /// [117] `MultiplicativeExpression`
    fn product(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let first = self.unary(place)?;
        let mut parts = vec![(Factor::Multiply, first)];
        loop {
            let factor = match self.token.text {
                "*" if self.token.kind == Kind::Sign => Factor::Multiply,
                "/" if self.token.kind == Kind::Sign => Factor::Divide,
                _ => break,
            };
            self.take()?;
            parts.push((factor, self.unary(place)?));
        }
        match parts.pop() {
            Some((_, only)) if parts.is_empty() => Ok(only),
            last => {
                parts.extend(last);
                self.made_of(start, ExpressionKind::Product(parts))
            }
        }
    }

    /// [118] `UnaryExpression`. Signs one before the other count as brackets in one another.
    fn unary(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let sign = match self.token.text {
            "!" if self.token.kind == Kind::Sign => '!',
            "-" if self.token.kind == Kind::Sign => '-',
            "+" if self.token.kind == Kind::Sign => '+',
            _ => return self.primary(place),
        };
        self.deeper()?;
        let token = self.take()?;
        let is_number = matches!(self.token.kind, Kind::Integer | Kind::Decimal | Kind::Double);
        if sign != '!' && is_number && self.token.span.start == token.span.end {
            let number = self.number(token.text)?;
            self.shallower();
            return self.made_of(start, ExpressionKind::Term(number.into()));
        }
        let inner = if sign == '!' { self.unary(place)? } else { self.primary(place)? };
        self.shallower();
        let inner = Box::new(inner);
        self.made_of(
            start,
            match sign {
                '!' => ExpressionKind::Not(inner),
                '-' => ExpressionKind::Minus(inner),
                _ => ExpressionKind::Plus(inner),
            },
        )
    }

    /// [119] `PrimaryExpression`
    fn primary(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        match self.token.kind {
            Kind::Variable => {
                let (var, _) = self.some_variable()?;
                self.made_of(start, ExpressionKind::Var(var))
            }
            Kind::Sign if self.token.is("(") => self.bracketed(place),
            Kind::Word if !self.is_literal() => self.call(place),
            Kind::Iri | Kind::Name => {
                let name = self.iri()?;
                if self.token.is("(") {
                    return self.named_call(start, name, place);
                }
                self.made_of(start, ExpressionKind::Term(name.into()))
            }
            _ if self.is_literal() => {
                let literal: Term = self.literal()?.into();
                self.made_of(start, ExpressionKind::Term(literal))
            }
            _ => Err(self.unexpected(&[])),
        }
    }

    /// [120] `BrackettedExpression`
    pub(super) fn bracketed(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        self.opens("(")?;
        let expression = self.expression(place)?;
        self.closes(")")?;
        Ok(expression)
    }

    pub(super) fn is_constraint(&self) -> bool {
        self.token.is("(") || self.is_call()
    }

    /// Whether a call begins here, with or without brackets behind it.
    pub(super) fn is_call(&self) -> bool {
        let word = self.token.text;
        match self.token.kind {
            Kind::Iri | Kind::Name => true,
            Kind::Word => {
                Builtin::ALL.iter().any(|(name, ..)| word.eq_ignore_ascii_case(name))
                    || aggregate(word).is_some()
                    || ["BOUND", "IF", "COALESCE", "EXISTS", "NOT"].iter().any(|form| word.eq_ignore_ascii_case(form))
            }
            _ => false,
        }
    }

    /// [69] Constraint
    pub(super) fn constraint(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        self.node()?;
        if self.token.is("(") {
            return self.bracketed(place);
        }
        if !self.is_call() {
            return Err(self.unexpected(&["("]));
        }
        self.call(place)
    }

    /// A call: [121] `BuiltInCall` or [70] `FunctionCall`.
    pub(super) fn call(&mut self, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        if self.is_iri() {
            let name = self.iri()?;
            return self.named_call(start, name, place);
        }
        let word = self.token;
        if let Some(function) = aggregate(word.text) {
            return self.aggregate(function, place);
        }
        let upper = word.text.to_ascii_uppercase();
        match upper.as_str() {
            "BOUND" => {
                self.take()?;
                self.opens("(")?;
                let (var, _) = self.some_variable()?;
                self.closes(")")?;
                self.made_of(start, ExpressionKind::Bound(var))
            }
            "IF" => {
                self.take()?;
                let arguments = self.list(place)?;
                let count = arguments.len();
                let three = <[Expression; 3]>::try_from(arguments)
                    .map_err(|_| self.wrong_at(start, format!("IF takes 3 arguments, and there are {count}")))?;
                self.made_of(start, ExpressionKind::If(Box::new(three)))
            }
            "COALESCE" => {
                self.take()?;
                let all = self.list(place)?;
                self.made_of(start, ExpressionKind::Coalesce(all))
            }
            "NOT" => {
                self.take()?;
                self.exists(start, true)
            }
            "EXISTS" => self.exists(start, false),
            _ => self.builtin(start, &upper, place),
        }
    }

    /// [125] `ExistsFunc` and [126] `NotExistsFunc`
    fn exists(&mut self, start: Span, is_negated: bool) -> Read<Expression> {
        self.word("EXISTS")?;
        let (pattern, _) = self.group()?;
        let exists = self.made_of(start, ExpressionKind::Exists(Box::new(pattern)))?;
        if is_negated { self.made_of(start, ExpressionKind::Not(Box::new(exists))) } else { Ok(exists) }
    }

    fn builtin(&mut self, start: Span, upper: &str, place: &mut Place<'_>) -> Read<Expression> {
        let Some((name, function, least, most)) = Builtin::ALL.iter().find(|(name, ..)| *name == upper).copied() else {
            if NEWER.contains(&upper) {
                return Err(self.wrong(format!("{upper} is SPARQL 1.2, and SPARQL 1.1 is read here")));
            }
            return Err(self.unexpected(&[]));
        };
        self.take()?;
        let arguments = self.list(place)?;
        if !(least..=most).contains(&arguments.len()) {
            let takes = match (least, most) {
                (least, usize::MAX) => format!("{least} or more"),
                (least, most) if least == most => least.to_string(),
                (least, most) => format!("{least} to {most}"),
            };
            let message = format!("{name} takes {takes} arguments, and there are {}", arguments.len());
            return Err(self.wrong_at(start, message));
        }
        self.made_of(start, ExpressionKind::Call(function, arguments))
    }

    fn named_call(&mut self, start: Span, name: oxigraph::model::NamedNode, place: &mut Place<'_>) -> Read<Expression> {
        if !self.token.is("(") {
            return Err(self.unexpected(&["("]));
        }
        let arguments = self.list(place)?;
        self.made_of(start, ExpressionKind::Named(name, arguments))
    }

    /// [71] `ArgList` and [80] `ExpressionList`
    fn list(&mut self, place: &mut Place<'_>) -> Read<Vec<Expression>> {
        self.opens("(")?;
        if self.token.is_word("DISTINCT") {
            return Err(self.wrong("DISTINCT stands only in aggregates"));
        }
        let mut all = Vec::new();
        if !self.token.is(")") {
            all.push(self.expression(place)?);
            while self.takes(",")? {
                all.push(self.expression(place)?);
            }
        }
        self.closes(")")?;
        Ok(all)
    }

    /// [127] Aggregate
    fn aggregate(&mut self, mut function: AggregateFunction, place: &mut Place<'_>) -> Read<Expression> {
        let start = self.token.span;
        let name = shorten(self.token.text).to_ascii_uppercase();
        match place {
            None => {
                return Err(
                    self.wrong(format!("{name} is an aggregate, which has no value here: use HAVING or a sub-select"))
                );
            }
            Some(aggregates) if aggregates.is_inside => {
                return Err(self.wrong(format!("{name} is an aggregate, and stands in another one")));
            }
            Some(aggregates) => aggregates.is_inside = true,
        }
        self.take()?;
        self.opens("(")?;
        let distinct = self.takes_word("DISTINCT")?;
        let argument =
            if function == AggregateFunction::Count && self.takes("*")? { None } else { Some(self.expression(place)?) };
        if let AggregateFunction::Concatenation(separator) = &mut function
            && self.takes(";")?
        {
            self.word("SEPARATOR")?;
            self.sign("=")?;
            *separator = self.string()?;
        }
        self.closes(")")?;
        let span = self.span_from(start);
        let aggregate = Aggregate { span, function, distinct, argument };
        let Some(aggregates) = place else { return Err(self.unexpected(&[])) };
        aggregates.is_inside = false;
        // What is written alike in one select is the same.
        let text = &self.text[span.start as usize..span.end as usize];
        let var = match aggregates.known.get(text) {
            Some(var) => *var,
            None => self.made(VarName::Hidden)?,
        };
        if aggregates.known.insert(text.to_owned(), var).is_none() {
            aggregates.all.push((var, aggregate));
        }
        self.made_of(start, ExpressionKind::Var(var))
    }
}
