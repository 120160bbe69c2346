//! What terms are worth: numbers, times, strings, and their order.

use std::cmp::Ordering;

use oxigraph::model::{LiteralRef, TermRef};
use oxsdatatypes::{
    Date, DateTime, Decimal, Double, Duration, Float, GYear, GYearMonth, Integer, Time, TimezoneOffset,
};

use crate::{
    dataset::{Stored, TermKind},
    engine::terms::Cell,
    rdf::vocab::xsd,
};

/// A number of XSD.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Integer(Integer),
    Decimal(Decimal),
    Float(Float),
    Double(Double),
}

/// The value of a term, as far as it has an order by value.
#[derive(Debug, Clone)]
pub(super) enum Value<'t> {
    Number(Number),
    Boolean(bool),
    DateTime(DateTime),
    Date(Date),
    Time(Time),
    Year(GYear),
    YearMonth(GYearMonth),
    Duration(Duration),
    String(&'t [u8]),
    Tagged {
        value: &'t [u8],
        language: &'t [u8],
    },
    /// A literal of a datatype that is not known, or that it does not fit.
    Other,
    Iri(&'t [u8]),
    Blank(&'t [u8]),
}

impl<'t> Value<'t> {
    /// Texts are not looked at; the order of their bytes is that of their characters.
    pub(super) fn of(cell: Cell<'t>) -> Self {
        match cell {
            Cell::Stored(Stored { kind: TermKind::Iri, text, .. }) => Self::Iri(text),
            Cell::Stored(Stored { kind: TermKind::Literal, text, suffix: [] }) => Self::String(text),
            _ => Self::of_term(cell.term()),
        }
    }

    fn of_term(term: TermRef<'t>) -> Self {
        match term {
            TermRef::NamedNode(node) => Self::Iri(node.as_str().as_bytes()),
            TermRef::BlankNode(node) => Self::Blank(node.as_str().as_bytes()),
            TermRef::Literal(literal) => Self::of_literal(literal),
        }
    }

    fn of_literal(literal: LiteralRef<'t>) -> Self {
        let value = literal.value();
        if let Some(language) = literal.language() {
            return Self::Tagged { value: value.as_bytes(), language: language.as_bytes() };
        }
        let parsed = match of_xsd(literal) {
            Some("string") => Some(Self::String(value.as_bytes())),
            Some("boolean") => match value {
                "true" | "1" => Some(Self::Boolean(true)),
                "false" | "0" => Some(Self::Boolean(false)),
                _ => None,
            },
            Some("dateTime" | "dateTimeStamp") => value.parse().ok().map(Self::DateTime),
            Some("date") => value.parse().ok().map(Self::Date),
            Some("time") => value.parse().ok().map(Self::Time),
            Some("gYear") => value.parse().ok().map(Self::Year),
            Some("gYearMonth") => value.parse().ok().map(Self::YearMonth),
            Some("duration" | "yearMonthDuration" | "dayTimeDuration") => value.parse().ok().map(Self::Duration),
            _ => Number::of(literal).map(Self::Number),
        };
        parsed.unwrap_or(Self::Other)
    }

    /// As `<` and `=` compare: nothing if the two have no order.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.compare(*b),
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            (Self::DateTime(a), Self::DateTime(b)) => a.partial_cmp(b),
            (Self::Date(a), Self::Date(b)) => a.partial_cmp(b),
            (Self::Time(a), Self::Time(b)) => a.partial_cmp(b),
            (Self::Year(a), Self::Year(b)) => a.partial_cmp(b),
            (Self::YearMonth(a), Self::YearMonth(b)) => a.partial_cmp(b),
            (Self::Duration(a), Self::Duration(b)) => a.partial_cmp(b),
            (Self::String(a), Self::String(b)) => Some(a.cmp(b)),
            (Self::Tagged { value: a, language }, Self::Tagged { value: b, language: other }) if language == other => {
                Some(a.cmp(b))
            }
            _ => None,
        }
    }
}

/// The name of a literal's datatype, if that is one of XML Schema.
fn of_xsd(literal: LiteralRef<'_>) -> Option<&str> {
    literal.datatype().as_str().strip_prefix(xsd::NAMESPACE)
}

impl Number {
    /// The number of a literal, if it is one and its text is right.
    pub(super) fn of(literal: LiteralRef<'_>) -> Option<Self> {
        let value = literal.value();
        match of_xsd(literal)? {
            "integer" | "byte" | "short" | "int" | "long" | "unsignedByte" | "unsignedShort" | "unsignedInt"
            | "unsignedLong" | "positiveInteger" | "negativeInteger" | "nonPositiveInteger" | "nonNegativeInteger" => {
                value.parse().ok().map(Self::Integer)
            }
            "decimal" => value.parse().ok().map(Self::Decimal),
            "float" => value.parse().ok().map(Self::Float),
            "double" => value.parse().ok().map(Self::Double),
            _ => None,
        }
    }

    /// After promotion to the wider type of the two.
    /// [SPARQL 1.1 Query, section 17.3](https://www.w3.org/TR/sparql11-query/#OperatorMapping)
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(&b)),
            (Self::Double(_), _) | (_, Self::Double(_)) => self.double().partial_cmp(&other.double()),
            (Self::Float(_), _) | (_, Self::Float(_)) => self.float().partial_cmp(&other.float()),
            _ => self.decimal()?.partial_cmp(&other.decimal()?),
        }
    }

    /// A total order, in which numbers that SPARQL compares as equal are equal, save where that would contradict itself:
    /// 9007199254740993 is not 9007199254740992, and each is equal to 9007199254740992e0. What is not a number comes last.
    pub(super) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => return a.cmp(&b),
            (Self::Integer(_) | Self::Decimal(_), Self::Integer(_) | Self::Decimal(_)) => {}
            _ => {
                let (a, b) = (f64::from(self.double()), f64::from(other.double()));
                let order = a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
                if order != Ordering::Equal || (self.decimal().is_none() && other.decimal().is_none()) {
                    return order;
                }
            }
        }
        let exact = self.exact().zip(other.exact());
        exact.and_then(|(a, b)| a.partial_cmp(&b)).unwrap_or(Ordering::Equal)
    }

    /// The number as people write it, where a decimal can hold that.
    fn exact(self) -> Option<Decimal> {
        self.decimal().or_else(|| f64::from(self.double()).to_string().parse().ok())
    }

    pub(super) fn double(self) -> Double {
        match self {
            Self::Integer(a) => a.into(),
            Self::Decimal(a) => a.into(),
            Self::Float(a) => a.into(),
            Self::Double(a) => a,
        }
    }

    fn float(self) -> Float {
        match self {
            Self::Integer(a) => a.into(),
            Self::Decimal(a) => a.into(),
            Self::Float(a) => a,
            Self::Double(a) => a.into(),
        }
    }

    fn decimal(self) -> Option<Decimal> {
        match self {
            Self::Integer(a) => Some(a.into()),
            Self::Decimal(a) => Some(a),
            Self::Float(_) | Self::Double(_) => None,
        }
    }

    /// The sum; nothing if it is too large for its type.
    pub(super) fn add(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Self::Integer(a.checked_add(b)?),
            (Self::Double(_), _) | (_, Self::Double(_)) => Self::Double(self.double() + other.double()),
            (Self::Float(_), _) | (_, Self::Float(_)) => Self::Float(self.float() + other.float()),
            _ => Self::Decimal(self.decimal()?.checked_add(other.decimal()?)?),
        })
    }

    /// The quotient by a count; that of integers is a decimal.
    pub(super) fn divide(self, count: i64) -> Option<Self> {
        let count = Integer::from(count);
        Some(match self {
            Self::Integer(a) => Self::Decimal(Decimal::from(a).checked_div(count)?),
            Self::Decimal(a) => Self::Decimal(a.checked_div(count)?),
            Self::Float(a) => Self::Float(a / Float::from(count)),
            Self::Double(a) => Self::Double(a / Double::from(count)),
        })
    }

    pub(super) fn literal(self) -> oxigraph::model::Literal {
        match self {
            Self::Integer(a) => a.into(),
            Self::Decimal(a) => a.into(),
            Self::Float(a) => a.into(),
            Self::Double(a) => a.into(),
        }
    }
}

/// The kind of numbers in [`Sortable`].
const NUMBER: u8 = 3;

/// The last kind of [`Sortable`]: what is compared by its writing.
const STRING: u8 = 15;

/// A term as ORDER BY and MIN and MAX see it: no value, blank nodes, IRIs, literals; literals of one kind by value,
/// kinds among one another in a fixed order, and what is equal so by its writing.
///
/// [SPARQL 1.1 Query, section 15.1](https://www.w3.org/TR/sparql11-query/#modOrderBy)
#[derive(Debug, Clone)]
pub(super) struct Sortable<'t> {
    kind: u8,
    /// Times without a zone are in UTC here.
    value: Option<Value<'t>>,
    is_zoned: bool,
    cell: Option<Cell<'t>>,
}

impl<'t> Sortable<'t> {
    pub(super) fn of(cell: Option<Cell<'t>>) -> Self {
        let Some(cell) = cell else { return Self { kind: 0, value: None, is_zoned: false, cell: None } };
        let (kind, value, is_zoned) = match Value::of(cell) {
            Value::DateTime(time) => timed(4, Value::DateTime, time, time.timezone_offset(), DateTime::adjust),
            Value::Date(date) => timed(5, Value::Date, date, date.timezone_offset(), Date::adjust),
            Value::Time(time) => timed(6, Value::Time, time, time.timezone_offset(), Time::adjust),
            Value::Year(year) => timed(7, Value::Year, year, year.timezone_offset(), GYear::adjust),
            Value::YearMonth(month) => timed(8, Value::YearMonth, month, month.timezone_offset(), GYearMonth::adjust),
            value => {
                let kind = match &value {
                    Value::Blank(_) => 1,
                    Value::Iri(_) => 2,
                    Value::Number(_) => NUMBER,
                    Value::Boolean(_) => 9,
                    Value::Duration(_) => 14,
                    _ => STRING,
                };
                (kind, value, false)
            }
        };
        Self { kind, value: Some(value), is_zoned, cell: Some(cell) }
    }

    /// A term that is known to be this number.
    pub(super) fn of_number(number: Number, cell: Cell<'t>) -> Self {
        Self { kind: NUMBER, value: Some(Value::Number(number)), is_zoned: false, cell: Some(cell) }
    }

    /// `STR` of a term, without making it.
    pub(super) fn of_text(cell: Option<Cell<'t>>) -> Self {
        match cell.filter(|cell| !cell.is_blank()) {
            Some(cell) => Self { kind: STRING, value: Some(Value::String(cell.text())), is_zoned: false, cell: None },
            None => Self::of(None),
        }
    }

    /// A total order.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.kind.cmp(&other.kind).then_with(|| match (&self.value, &other.value) {
            (Some(Value::Iri(a)), Some(Value::Iri(b)))
            | (Some(Value::Blank(a)), Some(Value::Blank(b)))
            | (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
            (Some(Value::Number(a)), Some(Value::Number(b))) => a.order(*b),
            (Some(a), Some(b)) if self.kind < 14 => {
                a.compare(b).unwrap_or(Ordering::Equal).then(self.is_zoned.cmp(&other.is_zoned))
            }
            _ => self.writing().cmp(&other.writing()),
        })
    }

    fn writing(&self) -> Option<(&'t str, &'t str, Option<&'t str>)> {
        match self.cell?.term() {
            TermRef::Literal(literal) => Some((literal.value(), literal.datatype().as_str(), literal.language())),
            TermRef::NamedNode(_) | TermRef::BlankNode(_) => None,
        }
    }
}

/// The kind and the value of a time, and whether it has a zone. One that has none is in UTC, so that all have one order, which
/// agrees with `<` wherever that has one.
fn timed<'t, T: Copy>(
    kind: u8,
    value: fn(T) -> Value<'t>,
    time: T,
    zone: Option<TimezoneOffset>,
    adjust: fn(T, Option<TimezoneOffset>) -> Option<T>,
) -> (u8, Value<'t>, bool) {
    match zone {
        Some(_) => (kind, value(time), true),
        None => (kind, value(adjust(time, Some(TimezoneOffset::UTC)).unwrap_or(time)), false),
    }
}
