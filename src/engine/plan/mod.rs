//! What is done to answer a query: operators over rows of term numbers.
//!
//! Every operator extends a row: given what is bound so far, it binds more and hands each result on. A join is one
//! operator after the other; what may not see what is bound (a sub-select with a limit, say) is made into a table once
//! and looked up. [`compile`] makes a plan, or says why the query is left to the reference evaluator.

mod compile;
mod condition;
mod constants;
mod correlate;
mod estimate;
mod explain;
mod facts;
mod group;
mod order;
mod path;
mod sequence;
mod slots;
mod words;

use oxigraph::model::Variable;
use oxiri::Iri;
use spargebra::algebra::Expression;

pub use self::explain::Explanation;
pub(crate) use self::{
    compile::{Compiled, compile, view},
    constants::write_constants,
    explain::Counts,
    path::Step,
    slots::{Slot, Slots},
};
use crate::{
    dataset::{GraphNumber, Id},
    engine::terms::Constants,
    text::Search,
};

/// Why a query is left to the reference evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unsupported(pub(crate) &'static str);

/// How a query is answered.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What is done.
    pub(crate) root: Node,
    /// Slots of a row.
    pub(crate) width: usize,
    /// Slots of the answer's columns.
    pub(crate) columns: Vec<Slot>,
    /// Which graphs it sees.
    pub(crate) view: View,
    /// Terms of the query that the dataset does not have.
    pub(crate) constants: Constants,
    /// How many nodes, tables and expressions there are.
    pub(crate) nodes: usize,
    pub(crate) tables: usize,
    pub(crate) expressions: usize,
    /// How many searches for words there are.
    pub(crate) searches: usize,
    /// Rows that are thought to be looked at in all.
    pub(crate) work: f64,
    /// What relative IRIs are resolved against.
    pub(crate) base: Option<Iri<String>>,
}

/// The graphs of a query's dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Graphs whose union is the default graph; all of them if none are named.
    pub(crate) default: Option<Vec<GraphNumber>>,
    /// Named graphs; all of them if none are named.
    pub(crate) named: Option<Vec<GraphNumber>>,
}

/// An operator with its number and how many rows it is thought to give for one.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: usize,
    pub(crate) estimate: f64,
    pub(crate) operator: Operator,
}

/// What is done to a row.
#[derive(Debug)]
pub(crate) enum Operator {
    /// Hands it on.
    Unit,
    /// Matches a triple pattern.
    Scan(Scan),
    /// Follows a property path.
    Path(PathScan),
    /// Binds the name of a named graph, or checks it.
    GraphName(Place),
    /// Binds a text that has words, or checks it.
    Words(Words),
    /// Joins rows given in the query.
    Values { slots: Vec<Slot>, rows: Vec<Vec<Id>> },
    /// Does one after the other.
    Sequence(Vec<Node>),
    /// Hands it on if a condition holds.
    Filter(Condition),
    /// Binds the value of an expression.
    Extend { slot: Slot, value: Value },
    /// Hands on what the operator gives, or the row itself if that is nothing.
    Optional(Box<Node>),
    /// Hands on what each gives.
    Union(Vec<Node>),
    /// Hands it on unless the operator gives something.
    Without(Box<Node>),
    /// Hands it on unless a row of the table agrees with it and shares a variable.
    Minus(Table),
    /// Joins the rows of a table.
    Table(Table),
    /// Groups and aggregates.
    Group(Group),
    /// Hands on each combination of these slots once.
    Distinct { inner: Box<Node>, slots: Vec<Slot> },
    /// Sorts, and keeps the first if only so many are wanted.
    Order { inner: Box<Node>, keys: Vec<SortKey>, slots: Vec<Slot>, most: Option<usize> },
    /// Leaves out the first and hands on so many.
    Slice { inner: Box<Node>, start: usize, length: Option<usize> },
}

/// A place in a pattern: a term or a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Term(Id),
    Slot(Slot),
}

/// Where a pattern is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GraphPlace {
    /// In the default graph.
    Default,
    /// In a named graph.
    Named(Place),
}

/// A triple pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) subject: Place,
    pub(crate) predicate: Place,
    pub(crate) object: Place,
    pub(crate) graph: GraphPlace,
}

/// A property path between two places.
#[derive(Debug)]
pub(crate) struct PathScan {
    pub(crate) subject: Place,
    pub(crate) path: Step,
    pub(crate) object: Place,
    /// A named graph; none is the default graph.
    pub(crate) graph: Option<Id>,
}

/// The rows of an operator, made once for nothing bound, and looked up by the keys.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) inner: Box<Node>,
    /// Its number among the plan's tables.
    pub(crate) index: usize,
    /// What its rows hold.
    pub(crate) slots: Vec<Slot>,
    /// Those that are bound on both sides.
    pub(crate) keys: Vec<Slot>,
}

/// Grouping.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) inner: Box<Node>,
    pub(crate) keys: Vec<Slot>,
    pub(crate) aggregates: Vec<Aggregate>,
}

/// One aggregate.
#[derive(Debug)]
pub(crate) struct Aggregate {
    pub(crate) slot: Slot,
    pub(crate) function: Function,
    pub(crate) distinct: bool,
    /// None is `*`.
    pub(crate) value: Option<Value>,
    /// For `COUNT(DISTINCT *)`: what a row is.
    pub(crate) row: Vec<Slot>,
}

/// An aggregate function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Function {
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
    Sample,
    Concatenation(String),
}

/// A key of ORDER BY.
#[derive(Debug)]
pub(crate) struct SortKey {
    pub(crate) value: Value,
    pub(crate) descending: bool,
}

/// Something that has a value for each row, or none.
#[derive(Debug)]
pub(crate) enum Value {
    Term(Id),
    Slot(Slot),
    /// `STR` of it.
    Text(Slot),
    /// How well the text fits words.
    Score(Words),
    /// The first that has a value.
    First(Vec<Value>),
    General(General),
}

/// A condition of FILTER.
#[derive(Debug)]
pub(crate) enum Condition {
    Exists(Exists),
    Not(Box<Condition>),
    Any(Vec<Condition>),
    Bound(Slot),
    /// The same term.
    Same(Place, Place),
    /// The same string. A literal of an unknown datatype may or may not be one.
    Text {
        slot: Slot,
        constant: Id,
    },
    /// The language tag of a literal is this.
    Language {
        slot: Slot,
        tag: String,
    },
    /// A comparison with a constant that has an order.
    Compare {
        slot: Slot,
        comparison: Comparison,
        constant: Id,
        /// Its number among the plan's expressions, for what is remembered.
        index: usize,
    },
    /// A comparison of `STR` of terms.
    CompareTexts {
        a: Place,
        b: Place,
        comparison: Comparison,
    },
    /// A test of the text of a literal, or of `STR` of any term, for a constant.
    Holds(Sought),
    /// The text has words.
    Words(Words),
    General(General),
}

/// A constant that is sought in texts.
#[derive(Debug)]
pub(crate) struct Sought {
    pub(crate) slot: Slot,
    /// In the text of any term (`STR`), and not of strings only.
    pub(crate) in_any: bool,
    /// In lower case (`LCASE`).
    pub(crate) in_lower_case: bool,
    pub(crate) test: TextTest,
    pub(crate) text: String,
}

/// Words that are sought in the texts of a variable.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) slot: Slot,
    pub(crate) search: Search,
    /// As they were written.
    pub(crate) text: String,
    /// Its number among the plan's searches.
    pub(crate) index: usize,
}

/// How a text is tested for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    Contains,
    Starts,
    Ends,
}

/// A sign between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether a pattern has a match for the row.
#[derive(Debug)]
pub(crate) struct Exists {
    pub(crate) inner: Box<Node>,
    /// What the answer depends on.
    pub(crate) keys: Vec<Slot>,
    /// Its number among the plan's expressions, for what is remembered.
    pub(crate) index: usize,
}

/// An expression that the reference evaluator's own evaluator evaluates.
#[derive(Debug)]
pub(crate) struct General {
    pub(crate) expression: Expression,
    /// Its variables; those of `texts` last.
    pub(crate) variables: Vec<(Variable, Slot)>,
    /// EXISTS in it: each answers in a slot of its own first.
    pub(crate) exists: Vec<(Slot, Exists)>,
    /// `STR` of a variable in it: the slot for the text, where the evaluator would write another one, and the variable's.
    pub(crate) texts: Vec<(Slot, Slot)>,
    /// How many operations it is, and how many bytes its constants are.
    pub(crate) operations: u32,
    pub(crate) constants: usize,
    /// Its number among the plan's expressions.
    pub(crate) index: usize,
}
