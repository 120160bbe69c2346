//! A query as the reader gives it: what is asked, with the place in the text of every part.
//!
//! It follows the text more closely than the algebra of the standard: a group is a list of elements, a chain of `&&` or
//! of `UNION` is one node, and the modifiers of a SELECT are its fields. So the tree is as deep as the brackets of the
//! text and no deeper, and whoever goes down it needs no more stack than the limit on brackets allows.
//!
//! Variables are numbers. A variable of a sub-select that it does not project is another variable than the one of the
//! same name around it, and has another number; a blank node of a pattern is a variable without a name that can be asked
//! for. So whoever reads the tree need not know about scopes.
//!
//! [SPARQL 1.1 Query, sections 18.2 to 18.5](https://www.w3.org/TR/sparql11-query/#sparqlQuery)

use std::cmp::Ordering;

use oxigraph::model::{NamedNode, Term};

use super::Builtin;

/// Where something stands in the text: the bytes from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

/// A variable of a query, by its number in [`Query::variables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

/// What a variable is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VarName {
    /// `?name` or `$name`, without the sign.
    Named(String),
    /// The label of a blank node in a pattern, `_:label` without the sign; empty for `[]` and for lists.
    Blank(String),
    /// What the reader made: the value of an aggregate, or of an expression in GROUP BY.
    Hidden,
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What kind of answer is wanted, and of what.
    pub form: Form,
    /// The pattern and what happens to its solutions.
    pub select: Select,
    /// FROM and FROM NAMED, when there are any.
    pub dataset: Option<DatasetClause>,
    /// What relative IRIs are resolved against, also those that `IRI()` makes: the last BASE, or what was given.
    pub base: Option<String>,
    /// The names of all variables.
    pub variables: Vec<VarName>,
}

/// FROM and FROM NAMED.
/// [Section 13.2](https://www.w3.org/TR/sparql11-query/#specifyingDataset)
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetClause {
    /// The graphs whose union is the default graph.
    pub default: Vec<NamedNode>,
    /// The named graphs.
    pub named: Vec<NamedNode>,
}

/// What kind of answer a query wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// A table of [`Select::columns`].
    Select,
    /// Yes or no.
    Ask,
    /// A graph made of a template.
    Construct(Vec<TemplateTriple>),
    /// A graph about these, and about the solutions' values of those that are variables. `DESCRIBE *` lists all variables
    /// that are in scope.
    Describe(Vec<Name>),
}

/// A triple of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateTriple {
    /// Subject, predicate and object.
    pub parts: [TemplatePart; 3],
}

/// A place in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// The value of a variable.
    Var(Var),
    /// An IRI or a literal.
    Term(Term),
    /// A blank node, new for each solution: by number, counted from 0 in each template.
    Blank(u32),
}

/// A SELECT, at the top or inside; for the other forms the pattern with its modifiers.
///
/// What happens, in this order: the pattern; `grouping`; `having`; `values` is joined; `extensions`; `order`; `columns` and
/// `distinct`; `offset` and `limit`. When `having` looks at a variable of `extensions`, those come before it: an alias may
/// be used there, as other engines allow.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// From SELECT to its last modifier.
    pub span: Span,
    /// WHERE.
    pub pattern: Pattern,
    /// GROUP BY, and aggregates without it.
    pub grouping: Option<Grouping>,
    /// HAVING: all of them.
    pub having: Vec<Expression>,
    /// `(expression AS ?variable)`, in the order of the text; a later one may look at an earlier one.
    pub extensions: Vec<(Var, Expression)>,
    /// VALUES behind everything.
    pub values: Option<InlineData>,
    /// ORDER BY.
    pub order: Vec<OrderKey>,
    /// The columns, in the order of the text; for `*` all named variables in scope, in the order in which they appear.
    /// For ASK, CONSTRUCT and DESCRIBE all named variables in scope.
    pub columns: Vec<Var>,
    /// DISTINCT or REDUCED.
    pub duplicates: Duplicates,
    /// OFFSET.
    pub offset: u64,
    /// LIMIT.
    pub limit: Option<u64>,
}

/// What becomes of equal solutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// They stay.
    Keep,
    /// REDUCED: some may go.
    MayGo,
    /// DISTINCT.
    Go,
}

/// GROUP BY with its aggregates.
/// [Section 18.5.1](https://www.w3.org/TR/sparql11-query/#aggregateAlgebra)
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    /// From GROUP to the last condition; that of the first aggregate when there is no GROUP BY.
    pub span: Span,
    /// Expressions among the conditions, and the variables they are bound to first.
    pub binds: Vec<(Var, Expression)>,
    /// What solutions of one group have in common. None: all solutions are one group.
    pub keys: Vec<Var>,
    /// Each aggregate of the query once, and the variable that has its value.
    pub aggregates: Vec<(Var, Aggregate)>,
}

/// An aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Its place.
    pub span: Span,
    /// Which.
    pub function: AggregateFunction,
    /// Whether each value counts once.
    pub distinct: bool,
    /// None is `*`.
    pub argument: Option<Expression>,
}

/// What an aggregate does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AggregateFunction {
    /// COUNT
    Count,
    /// SUM
    Sum,
    /// AVG
    Average,
    /// MIN
    Minimum,
    /// MAX
    Maximum,
    /// SAMPLE
    Sample,
    /// `GROUP_CONCAT`, with what stands between.
    Concatenation(String),
}

/// A key of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    /// What is sorted by.
    pub expression: Expression,
    /// DESC.
    pub descending: bool,
}

/// A graph pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: PatternKind,
}

/// What a graph pattern is.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// `{ … }`: the elements in the order of the text, beginning with one empty solution, and then the filters, which see
    /// all of them wherever they stand.
    Group {
        /// What is joined and what happens to the solutions.
        elements: Vec<Element>,
        /// FILTERs.
        filters: Vec<Expression>,
    },
    /// A triple pattern.
    Triple(TriplePattern),
    /// A property path that is more than one predicate.
    Path(PathPattern),
    /// The alternatives of UNION: at least two groups.
    Union(Vec<Pattern>),
    /// `GRAPH name { … }`
    Graph {
        /// Which graph.
        name: Name,
        /// A group.
        inner: Box<Pattern>,
    },
    /// VALUES
    Values(InlineData),
    /// A sub-select.
    Select(Box<Select>),
}

/// An element of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// Joins a pattern.
    Join(Pattern),
    /// `OPTIONAL { … }`
    Optional {
        /// The group, without its filters.
        pattern: Pattern,
        /// The filters of the group: they see what stands before the OPTIONAL too.
        conditions: Vec<Expression>,
    },
    /// `MINUS { … }`
    Minus(Pattern),
    /// `BIND(expression AS ?variable)`
    Bind {
        /// Its place.
        span: Span,
        /// What is bound.
        variable: Var,
        /// To what.
        expression: Expression,
    },
}

/// A variable or an IRI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A variable.
    Var(Var),
    /// An IRI.
    Iri(NamedNode),
}

/// A triple pattern. Blank nodes are variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriplePattern {
    /// Subject.
    pub subject: TermPattern,
    /// Predicate.
    pub predicate: TermPattern,
    /// Object.
    pub object: TermPattern,
}

/// A place in a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermPattern {
    /// A variable.
    Var(Var),
    /// An IRI or a literal.
    Term(Term),
}

/// A property path between two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    /// Where it begins.
    pub subject: TermPattern,
    /// How it goes.
    pub path: Path,
    /// Where it ends.
    pub object: TermPattern,
}

/// A property path.
/// [Section 9.1](https://www.w3.org/TR/sparql11-query/#pp-language)
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// One predicate.
    Predicate(NamedNode),
    /// `^path`
    Inverse(Box<Path>),
    /// `a/b`: at least two.
    Sequence(Vec<Path>),
    /// `a|b`: at least two.
    Alternative(Vec<Path>),
    /// `path*`
    ZeroOrMore(Box<Path>),
    /// `path+`
    OneOrMore(Box<Path>),
    /// `path?`
    ZeroOrOne(Box<Path>),
    /// `!(a|^b)`: any predicate but the first ones, or against any but the second ones. Which of the two ways is there at
    /// all is said by the lists: an empty one is a way that is not taken, unless both are empty: `!()` is any predicate.
    Negated {
        /// Not these forwards.
        forward: Vec<NamedNode>,
        /// Not these backwards.
        backward: Vec<NamedNode>,
    },
}

/// Rows that the query gives.
/// [Section 10.2](https://www.w3.org/TR/sparql11-query/#inline-data)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineData {
    /// Their columns.
    pub variables: Vec<Var>,
    /// As many terms each; none is UNDEF.
    pub rows: Vec<Vec<Option<Term>>>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: ExpressionKind,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// The value of a variable.
    Var(Var),
    /// An IRI or a literal.
    Term(Term),
    /// `a || b`: at least two.
    Or(Vec<Expression>),
    /// `a && b`: at least two.
    And(Vec<Expression>),
    /// `!a`; also NOT of EXISTS and IN.
    Not(Box<Expression>),
    /// `a < b` and the like.
    Compare(Comparison, Box<[Expression; 2]>),
    /// `a IN (b, …)`
    In(Box<Expression>, Vec<Expression>),
    /// `a + b - c`: what is added or taken away, at least two; the first is added.
    Sum(Vec<(Sign, Expression)>),
    /// `a * b / c`: what is multiplied or divided by, at least two; the first is multiplied.
    Product(Vec<(Factor, Expression)>),
    /// `-a`
    Minus(Box<Expression>),
    /// `+a`
    Plus(Box<Expression>),
    /// `BOUND(?a)`
    Bound(Var),
    /// `IF(a, b, c)`
    If(Box<[Expression; 3]>),
    /// `COALESCE(a, …)`; of nothing it has no value.
    Coalesce(Vec<Expression>),
    /// `EXISTS { … }`
    Exists(Box<Pattern>),
    /// A function of SPARQL.
    Call(Builtin, Vec<Expression>),
    /// A function that is named by an IRI: a cast, one of ours, or one that is not there.
    Named(NamedNode, Vec<Expression>),
}

/// A sign between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Whether it says so of two values in this order.
    #[must_use]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }

    /// The sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// What is done with a part of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is added.
    Add,
    /// It is taken away.
    Subtract,
}

/// What is done with a part of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// It is multiplied.
    Multiply,
    /// It divides.
    Divide,
}
