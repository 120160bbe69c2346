//! The types of XML Schema, and what SPARQL can do with each.

/// The names of those that literals have.
pub(super) const INTEGER: &str = "integer";
pub(super) const DECIMAL: &str = "decimal";
pub(super) const DOUBLE: &str = "double";
pub(super) const STRING: &str = "string";
pub(super) const BOOLEAN: &str = "boolean";

/// A type in the namespace of XML Schema.
#[derive(Debug, PartialEq)]
pub(super) struct Type {
    /// The local name.
    pub(super) name: &'static str,
    /// The name of the type it is derived from.
    base: Option<&'static str>,
    pub(super) kind: Kind,
    pub(super) class: Class,
}

/// What SPARQL can do with a type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Cast to it. SPARQL names a few, and a server may have more: this one has those that it can compute with.
    Cast,
    /// Have literals of it: integers from here to there.
    Integer(i128, i128),
    /// Nothing that `XPath` does.
    Foreign,
    /// Nothing, and it is the type of what has none.
    Untyped,
}

/// Types whose values `eq` compares with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Number,
    String,
    Boolean,
    Duration,
    DateTime,
    Date,
    Time,
    Year,
    YearMonth,
    Month,
    MonthDay,
    Day,
    Other,
}

const fn castable(name: &'static str, class: Class) -> Type {
    Type { name, base: None, kind: Kind::Cast, class }
}

const fn derived(name: &'static str, base: &'static str, from: i128, to: i128) -> Type {
    Type { name, base: Some(base), kind: Kind::Integer(from, to), class: Class::Number }
}

const fn foreign(name: &'static str) -> Type {
    Type { name, base: None, kind: Kind::Foreign, class: Class::Other }
}

/// All of them.
const TYPES: &[Type] = &[
    castable(STRING, Class::String),
    castable(BOOLEAN, Class::Boolean),
    castable("float", Class::Number),
    castable(DOUBLE, Class::Number),
    castable(DECIMAL, Class::Number),
    Type { base: Some(DECIMAL), ..castable(INTEGER, Class::Number) },
    castable("dateTime", Class::DateTime),
    castable("date", Class::Date),
    castable("time", Class::Time),
    castable("duration", Class::Duration),
    Type { base: Some("duration"), ..castable("yearMonthDuration", Class::Duration) },
    Type { base: Some("duration"), ..castable("dayTimeDuration", Class::Duration) },
    castable("gYear", Class::Year),
    castable("gYearMonth", Class::YearMonth),
    castable("gMonth", Class::Month),
    castable("gMonthDay", Class::MonthDay),
    castable("gDay", Class::Day),
    derived("long", INTEGER, i64::MIN as i128, i64::MAX as i128),
    derived("int", "long", i32::MIN as i128, i32::MAX as i128),
    derived("short", "int", i16::MIN as i128, i16::MAX as i128),
    derived("byte", "short", i8::MIN as i128, i8::MAX as i128),
    derived("nonNegativeInteger", INTEGER, 0, i128::MAX),
    derived("positiveInteger", "nonNegativeInteger", 1, i128::MAX),
    derived("unsignedLong", "nonNegativeInteger", 0, u64::MAX as i128),
    derived("unsignedInt", "unsignedLong", 0, u32::MAX as i128),
    derived("unsignedShort", "unsignedInt", 0, u16::MAX as i128),
    derived("unsignedByte", "unsignedShort", 0, u8::MAX as i128),
    derived("nonPositiveInteger", INTEGER, i128::MIN, 0),
    derived("negativeInteger", "nonPositiveInteger", i128::MIN, -1),
    Type { kind: Kind::Untyped, ..foreign("untypedAtomic") },
    foreign("anyURI"),
    foreign("QName"),
    foreign("NOTATION"),
    foreign("hexBinary"),
    foreign("base64Binary"),
    foreign("normalizedString"),
    foreign("token"),
    foreign("language"),
    foreign("NMTOKEN"),
    foreign("NMTOKENS"),
    foreign("Name"),
    foreign("NCName"),
    foreign("ID"),
    foreign("IDREF"),
    foreign("IDREFS"),
    foreign("ENTITY"),
    foreign("ENTITIES"),
    foreign("dateTimeStamp"),
    foreign("error"),
];

impl Type {
    /// The type of this local name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TYPES.iter().find(|of| of.name == name)
    }

    /// The type of this local name, which is known to be one.
    pub(super) fn known(name: &str) -> &'static Self {
        Self::named(name).unwrap_or_else(|| panic!("there is no type {name}"))
    }

    /// Whether it is another type, or derived from it.
    pub(super) fn is_a(&self, other: &Self) -> bool {
        self.name == other.name || self.base.is_some_and(|base| Self::known(base).is_a(other))
    }

    /// It and all types that are derived from it.
    pub(super) fn family(&'static self) -> impl Iterator<Item = &'static Self> {
        TYPES.iter().filter(|of| of.is_a(self))
    }

    /// What numeric functions give for it: the type itself, but integer for those derived from integer.
    pub(super) fn primitive(&'static self) -> &'static Self {
        match self.kind {
            Kind::Integer(..) => Self::known(INTEGER),
            _ => self,
        }
    }

    /// The literal of this type that a text is, if it is one in range.
    pub(super) fn integer(&self, text: &str) -> Option<i128> {
        let Kind::Integer(from, to) = self.kind else { return None };
        text.trim_ascii().parse().ok().filter(|value| (from..=to).contains(value))
    }
}

#[test]
fn types_are_derived_from_others() {
    assert!(Type::known("unsignedByte").is_a(Type::known(DECIMAL)));
    assert!(!Type::known("long").is_a(Type::known("int")));
    assert_eq!(Type::known("int").family().map(|of| of.name).collect::<Vec<_>>(), ["int", "short", "byte"]);
    assert_eq!(Type::known("byte").integer(" +127 "), Some(127));
    assert_eq!(Type::known("byte").integer("128"), None);
}
