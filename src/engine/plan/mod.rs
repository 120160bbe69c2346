//! From a query to what is done to answer it: operators over rows of term numbers.
//!
//! The query becomes a logical plan ([`translate`], [`fold`]); passes change it, each a file: [`constants`] propagates
//! constants, [`words`] uses the index of words, [`values`] finds joins on equal values; then [`physical`] chooses for each
//! group the order of its joins ([`sequence`], by the statistics of [`estimate`]) and between a nested loop and a hash join
//! for each. `docs/QUERY-ENGINE.md` follows one query.
//!
//! Every operator extends a row: given what is bound so far, it binds more and hands each result on. A join is one
//! operator after the other; what may not see what is bound (a sub-select with a limit, say) is made into a table once
//! and looked up.

mod constants;
mod estimate;
mod explain;
mod expression;
mod fold;
mod logical;
mod order;
mod physical;
mod sequence;
mod slots;
mod specialise;
mod translate;
mod values;
mod words;

pub use self::explain::Explanation;
pub(crate) use self::{
    explain::Counts,
    expression::{Constant, Expression, Kind, Sought, TextSide, TextTest, Words},
    slots::{Slot, Slots},
    translate::{Planner, SlotName},
};
use super::{
    DatasetSpec, EngineError,
    terms::{Constants, Terms},
};
use crate::{
    dataset::{Dataset, GraphNumber, Id},
    sparql::{Form, Query, Span},
};

/// Why a query has no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlanError {
    /// It calls a function that is not there.
    UnknownFunction(String),
}

impl From<PlanError> for EngineError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::UnknownFunction(name) => Self::UnknownFunction(format!("there is no function <{name}>")),
        }
    }
}

/// How a query is answered.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What is done.
    pub(crate) root: Node,
    /// What the slots of a row are called.
    pub(crate) names: Vec<SlotName>,
    /// Slots of the answer's columns.
    pub(crate) columns: Vec<Slot>,
    /// Which graphs it sees.
    pub(crate) view: View,
    /// Terms of the query that the dataset does not have.
    pub(crate) constants: Constants,
    /// How many there are of what has a state while it is evaluated.
    pub(crate) counts: Numbers,
    /// Rows that are thought to be looked at in all.
    pub(crate) work: f64,
    /// What relative IRIs are resolved against.
    pub(crate) base: Option<String>,
}

/// How many there are of what has a state while a plan is evaluated.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    pub(crate) nodes: usize,
    pub(crate) tables: usize,
    pub(crate) exists: usize,
    pub(crate) memos: usize,
    pub(crate) patterns: usize,
    pub(crate) searches: usize,
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
    /// The part of the text that it answers.
    pub(crate) span: Span,
}

/// An expression of a plan.
pub(crate) type Value = Expression<Exists>;

/// What is done to a row.
#[derive(Debug)]
pub(crate) enum Operator {
    /// Hands it on.
    Unit,
    /// Matches a triple pattern in one of the dataset's orders.
    Scan(Scan),
    /// Follows a property path.
    Path(PathScan),
    /// Binds the name of a named graph, or checks it.
    GraphName(Place),
    /// Binds a text that has words, or checks it.
    Words(Words),
    /// Joins rows given in the query.
    Values { slots: Vec<Slot>, rows: Vec<Vec<Id>> },
    /// Does one after the other: a nested-loop join of all.
    Sequence(Vec<Node>),
    /// Hands it on if a condition is true.
    Filter(Value),
    /// Binds the value of an expression.
    Extend {
        slot: Slot,
        value: Value,
        /// Whether a new solution begins with it for the labels of `BNODE`.
        begins: bool,
    },
    /// Hands on what the operator gives, or the row itself if that is nothing.
    LeftJoin(Box<Node>),
    /// Hands on what each gives.
    Union(Vec<Node>),
    /// Hands it on unless the operator gives something.
    AntiJoin(Box<Node>),
    /// Hands it on unless a row of the table agrees with it and shares a variable.
    HashAntiJoin(Table),
    /// Joins the rows of a table.
    HashJoin(Table),
    /// Groups and aggregates.
    Aggregate(Group),
    /// Hands on each combination of these slots once.
    Distinct { inner: Box<Node>, slots: Vec<Slot> },
    /// Sorts, and keeps the first if only so many are wanted.
    Sort { inner: Box<Node>, keys: Vec<SortKey>, slots: Vec<Slot>, most: Option<usize> },
    /// Leaves out the first and hands on so many.
    Slice { inner: Box<Node>, start: usize, length: Option<usize> },
}

/// A place in a pattern: a term or a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Term(Id),
    Slot(Slot),
}

impl Place {
    /// The slot, if it is a variable.
    pub(crate) fn slot(self) -> Option<Slot> {
        if let Self::Slot(slot) = self { Some(slot) } else { None }
    }
}

/// Where a pattern is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GraphPlace {
    /// In the default graph.
    Default,
    /// In a named graph.
    Named(Place),
}

impl GraphPlace {
    /// The name of the graph, if it is not the default one.
    pub(crate) fn place(self) -> Option<Place> {
        if let Self::Named(place) = self { Some(place) } else { None }
    }
}

/// A triple pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) subject: Place,
    pub(crate) predicate: Place,
    pub(crate) object: Place,
    pub(crate) graph: GraphPlace,
    /// Which of the three are known to hold a term when it begins.
    pub(crate) known: [bool; 3],
}

/// A property path between two places. When it is followed in the graph of a slot, that is bound before.
#[derive(Debug)]
pub(crate) struct PathScan {
    pub(crate) subject: Place,
    pub(crate) path: Step,
    pub(crate) object: Place,
    pub(crate) graph: GraphPlace,
}

/// One step of a path, from node to node.
///
/// [SPARQL 1.1 Query, section 9](https://www.w3.org/TR/sparql11-query/#propertypaths)
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Predicate(Id),
    Inverse(Box<Step>),
    Sequence(Vec<Step>),
    Alternative(Vec<Step>),
    ZeroOrMore(Box<Step>),
    OneOrMore(Box<Step>),
    ZeroOrOne(Box<Step>),
    /// Any predicate but these.
    Other(Vec<Id>),
}

/// The rows of an operator, made for nothing bound but its parameters, and looked up by the keys.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) inner: Box<Node>,
    /// Its number among the plan's tables.
    pub(crate) index: usize,
    /// What its rows hold.
    pub(crate) slots: Vec<Slot>,
    /// Those that are bound on both sides.
    pub(crate) keys: Vec<Slot>,
    /// What is equal on both sides, by value: for the row it is looked up with, and for its own rows.
    pub(crate) on: Option<Box<[Value; 2]>>,
    /// What its rows depend on: the name of the graph that it is in, and what an EXISTS sees around it. For other values of
    /// these it is made anew.
    pub(crate) parameters: Vec<Slot>,
}

/// Grouping.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) inner: Box<Node>,
    pub(crate) keys: Vec<Slot>,
    pub(crate) aggregates: Vec<Aggregate<Value>>,
}

/// One aggregate.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate<V> {
    pub(crate) slot: Slot,
    pub(crate) function: Function,
    pub(crate) distinct: bool,
    /// None is `*`.
    pub(crate) value: Option<V>,
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

/// Whether a pattern has a match for the row.
#[derive(Debug)]
pub(crate) struct Exists {
    pub(crate) inner: Box<Node>,
    /// What the answer depends on.
    pub(crate) keys: Vec<Slot>,
    /// Its number among the plan's EXISTS, for what is remembered.
    pub(crate) index: usize,
}

/// Makes the plan of a query.
///
/// # Errors
/// [`PlanError`]
pub(crate) fn plan(query: &Query, spec: &DatasetSpec, dataset: &Dataset) -> Result<Plan, PlanError> {
    let mut planner = Planner::new(Terms::new(dataset, Constants::default()), query);
    let mut logical = planner.select(&query.select, GraphPlace::Default)?;
    planner.propagate_constants(&mut logical);
    planner.use_word_index(&mut logical);
    planner.join_on_values(&mut logical);
    let columns = match &query.form {
        Form::Select => query.select.columns.iter().map(|column| translate::slot(*column)).collect(),
        Form::Describe(targets) => {
            let slot = |target: &crate::sparql::Name| match target {
                crate::sparql::Name::Var(var) => Some(translate::slot(*var)),
                crate::sparql::Name::Iri(_) => None,
            };
            targets.iter().filter_map(slot).collect()
        }
        Form::Ask | Form::Construct(_) => Vec::new(),
    };
    let (root, counts, work) = physical::of(&mut planner, &logical);
    Ok(Plan {
        root,
        columns,
        view: view(query, spec, dataset),
        counts,
        work,
        base: query.base.clone(),
        names: planner.names,
        constants: planner.terms.into_constants(),
    })
}

/// The dataset of the protocol, or else that of the query. A graph that is not there is an empty one.
fn view(query: &Query, spec: &DatasetSpec, dataset: &Dataset) -> View {
    let numbers = |graphs: &[oxigraph::model::NamedNode]| {
        let number = |graph: &oxigraph::model::NamedNode| dataset.graph_number(dataset.id(graph.as_ref().into())?);
        let mut numbers: Vec<_> = graphs.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    };
    match (spec.graphs(), &query.dataset) {
        (Some((default, named)), _) => View { default: numbers(default), named: numbers(named) },
        (None, Some(clause)) => View { default: numbers(&clause.default), named: numbers(&clause.named) },
        (None, None) => View::default(),
    }
}
