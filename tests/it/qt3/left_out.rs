//! Why a case cannot be asked in SPARQL.

use std::fmt;

/// A rule by which cases are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    AnotherVersion,
    Feature,
    SchemaVersion,
    XQuery,
    Context,
    EmptySequence,
    Sequence,
    Operator,
    Function,
    Signature,
    Syntax,
    UnknownName,
    UntypedAtomic,
    ForeignType,
    DerivedType,
    Collation,
    Rounding,
    Position,
    Flag,
    UnlikeTypes,
    ImplicitTimezone,
    Assertion,
}

impl Why {
    /// All of them.
    pub(super) const ALL: [Self; 22] = [
        Self::AnotherVersion,
        Self::Feature,
        Self::SchemaVersion,
        Self::XQuery,
        Self::Context,
        Self::EmptySequence,
        Self::Sequence,
        Self::Operator,
        Self::Function,
        Self::Signature,
        Self::Syntax,
        Self::UnknownName,
        Self::UntypedAtomic,
        Self::ForeignType,
        Self::DerivedType,
        Self::Collation,
        Self::Rounding,
        Self::Position,
        Self::Flag,
        Self::UnlikeTypes,
        Self::ImplicitTimezone,
        Self::Assertion,
    ];

    /// The reason.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::AnotherVersion => "holds in an older XPath only, or in XQuery alone where that reads text otherwise",
            Self::Feature => "needs something optional: schema import, other collations, functions as values",
            Self::SchemaVersion => "depends on the version of XML Schema",
            Self::XQuery => "declares or constructs something, as XQuery does",
            Self::Context => "asks about nodes, the context item or variables from outside",
            Self::EmptySequence => "has an empty sequence, for which SPARQL has no value",
            Self::Sequence => "has a sequence of several values",
            Self::Operator => "has an operator that SPARQL lacks: idiv, mod, ||, treat as",
            Self::Function => "calls a function that SPARQL does not take over",
            Self::Signature => "calls a function with too many or too few arguments: SPARQL refuses the whole query",
            Self::Syntax => "is no expression of XPath: SPARQL has a grammar of its own",
            Self::UnknownName => "names a type that there is not: SPARQL refuses the whole query",
            Self::UntypedAtomic => "has an untyped atomic value: in RDF, every literal has a type",
            Self::ForeignType => {
                "has a value of a type that SPARQL computes nothing with: QName, hexBinary, anyURI, token"
            }
            Self::DerivedType => {
                "casts to a type derived from integer: SPARQL has such literals but no such casts, and one out of \
                 range is no error"
            }
            Self::Collation => "names a collation",
            Self::Rounding => "rounds to some digits: ROUND has one argument",
            Self::Position => "counts characters in fractions: SUBSTR takes integers",
            Self::Flag => "has the flag q, which came to XPath after SPARQL",
            Self::UnlikeTypes => "compares values of unlike types with =, where SPARQL compares terms",
            Self::ImplicitTimezone => "compares a time in a zone with one in none: SPARQL has no implicit time zone",
            Self::Assertion => "states the result in a way that is not read here",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}
