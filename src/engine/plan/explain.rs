//! A plan to look at.

use std::{
    cell::Cell,
    fmt::{self, Write as _},
    time::Duration,
};

use oxigraph::model::TermRef;
use serde::{Deserialize, Serialize};

use super::{
    Comparison, Condition, GraphPlace, Node, Operator, Place, Plan, Scan, Slot, Step, TextTest, Unsupported, Value,
    Words,
};
use crate::{dataset::Dataset, engine::terms::Terms};

/// What each node of a plan has done.
#[derive(Debug)]
pub(crate) struct Counts(Vec<(Cell<u64>, Cell<Duration>)>);

impl Counts {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self((0..plan.nodes).map(|_| Default::default()).collect())
    }

    pub(crate) fn add_row(&self, node: usize) {
        if let Some((rows, _)) = self.0.get(node) {
            rows.set(rows.get() + 1);
        }
    }

    pub(crate) fn add_time(&self, node: usize, time: Duration) {
        if let Some((_, all)) = self.0.get(node) {
            all.set(all.get() + time);
        }
    }

    fn of(&self, node: usize) -> (u64, Duration) {
        self.0.get(node).map(|(rows, time)| (rows.get(), time.get())).unwrap_or_default()
    }
}

/// How a query is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whether the compiled executor answers it, and if not, why not.
    pub compiled: bool,
    /// Why the reference evaluator answers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Rows of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Milliseconds of the evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<f64>,
    /// What is done, and what came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Explained>,
}

/// One operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// What it does.
    pub operator: String,
    /// Rows it was thought to give in all.
    pub estimate: f64,
    /// Rows it gave.
    pub rows: u64,
    /// Milliseconds it took, with what is in it and without what comes after.
    pub milliseconds: f64,
    /// What is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<Explained>,
}

impl Plan {
    /// The plan with what its nodes have done.
    pub(crate) fn explain(&self, dataset: &Dataset, counts: &Counts, names: &[(String, Slot)]) -> Explained {
        let terms = Terms::new(dataset, self.constants.clone());
        Explainer { terms, counts, names }.node(&self.root)
    }
}

struct Explainer<'e> {
    terms: Terms<'e>,
    counts: &'e Counts,
    names: &'e [(String, Slot)],
}

impl Explainer<'_> {
    fn node(&self, node: &Node) -> Explained {
        let (operator, inner): (String, Vec<&Node>) = match &node.operator {
            Operator::Unit => ("one row".into(), vec![]),
            Operator::Scan(scan) => (self.scan(scan), vec![]),
            Operator::Path(path) => {
                let (s, o) = (self.place(path.subject), self.place(path.object));
                (format!("path {s} {} {o}", self.step(&path.path)), vec![])
            }
            Operator::GraphName(place) => (format!("graph {}", self.place(*place)), vec![]),
            Operator::Words(words) => (format!("index of words, {}", self.words(words)), vec![]),
            Operator::Values { slots, rows } => (format!("{} given rows of {}", rows.len(), self.slots(slots)), vec![]),
            Operator::Sequence(nodes) => ("for each, in turn".into(), nodes.iter().collect()),
            Operator::Filter(condition) => {
                let (text, inner) = self.condition(condition);
                (format!("filter {text}"), inner)
            }
            Operator::Extend { slot, value } => (format!("bind {} := {}", self.slot(*slot), self.value(value)), vec![]),
            Operator::Optional(inner) => ("optional".into(), vec![inner]),
            Operator::Union(nodes) => ("union".into(), nodes.iter().collect()),
            Operator::Without(inner) => ("minus, for each row".into(), vec![inner]),
            Operator::Minus(table) => (format!("minus, a table by {}", self.slots(&table.keys)), vec![&table.inner]),
            Operator::Table(table) => (format!("join, a table by {}", self.slots(&table.keys)), vec![&table.inner]),
            Operator::Group(group) => (format!("group by {}", self.slots(&group.keys)), vec![&group.inner]),
            Operator::Distinct { inner, slots } => (format!("distinct {}", self.slots(slots)), vec![inner]),
            Operator::Order { inner, keys, most, .. } => {
                let keys: Vec<_> = keys.iter().map(|key| self.value(&key.value)).collect();
                let most = most.map_or_else(String::new, |most| format!(", the first {most}"));
                (format!("order by {}{most}", keys.join(" ")), vec![inner])
            }
            Operator::Slice { inner, start, length } => {
                let length = length.map_or_else(|| "all".into(), |length| length.to_string());
                (format!("skip {start}, give {length}"), vec![inner])
            }
        };
        let (rows, time) = self.counts.of(node.id);
        Explained {
            operator,
            estimate: (node.estimate * 10.0).round() / 10.0,
            rows,
            milliseconds: (time.as_secs_f64() * 1e6).round() / 1e3,
            inner: inner.into_iter().map(|node| self.node(node)).collect(),
        }
    }

    fn condition<'n>(&self, condition: &'n Condition) -> (String, Vec<&'n Node>) {
        match condition {
            Condition::Exists(exists) => (format!("exists, by {}", self.slots(&exists.keys)), vec![&exists.inner]),
            Condition::Not(condition) => {
                let (text, inner) = self.condition(condition);
                (format!("not {text}"), inner)
            }
            Condition::Any(all) => {
                let (texts, inner): (Vec<_>, Vec<_>) = all.iter().map(|condition| self.condition(condition)).unzip();
                (texts.join(" or "), inner.concat())
            }
            Condition::Bound(slot) => (format!("bound {}", self.slot(*slot)), vec![]),
            Condition::Same(a, b) => (format!("{} is {}", self.place(*a), self.place(*b)), vec![]),
            Condition::Text { slot, constant } => {
                (format!("{} is {}", self.slot(*slot), self.place(Place::Term(*constant))), vec![])
            }
            Condition::Language { slot, tag } => (format!("language of {} is {tag}", self.slot(*slot)), vec![]),
            Condition::Compare { slot, comparison, constant, .. } => {
                (format!("{} {comparison} {}", self.slot(*slot), self.place(Place::Term(*constant))), vec![])
            }
            Condition::CompareTexts { a, b, comparison } => {
                (format!("text of {} {comparison} text of {}", self.place(*a), self.place(*b)), vec![])
            }
            Condition::Holds(sought) => {
                let test = match sought.test {
                    TextTest::Contains => "contains",
                    TextTest::Starts => "starts with",
                    TextTest::Ends => "ends with",
                };
                let of = if sought.in_lower_case { "lower-case text" } else { "text" };
                (format!("{of} of {} {test} {:?}", self.slot(sought.slot), sought.text), vec![])
            }
            Condition::Words(words) => (self.words(words), vec![]),
            Condition::General(general) => {
                let inner = general.exists.iter().map(|(_, exists)| &*exists.inner).collect();
                (general.expression.to_string(), inner)
            }
        }
    }

    fn words(&self, words: &Words) -> String {
        format!("{} has the words {}", self.slot(words.slot), words.text)
    }

    fn scan(&self, scan: &Scan) -> String {
        let places = [scan.subject, scan.predicate, scan.object].map(|place| self.place(place));
        let graph = match scan.graph {
            GraphPlace::Default => String::new(),
            GraphPlace::Named(place) => format!(" in {}", self.place(place)),
        };
        format!("match {}{graph}", places.join(" "))
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Term(id) => self.place(Place::Term(*id)),
            Value::Slot(slot) => self.slot(*slot),
            Value::Text(slot) => format!("STR({})", self.slot(*slot)),
            Value::Score(words) => format!("score of {} for {}", self.slot(words.slot), words.text),
            Value::First(values) => {
                let values: Vec<_> = values.iter().map(|value| self.value(value)).collect();
                format!("first of {}", values.join(", "))
            }
            Value::General(general) => general.expression.to_string(),
        }
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Slot(slot) => self.slot(slot),
            Place::Term(id) => self.terms.term(id).map_or_else(|| "nothing".into(), short),
        }
    }

    fn slot(&self, slot: Slot) -> String {
        let name = self.names.iter().find(|(_, named)| *named == slot);
        name.map_or_else(|| format!("?{slot}"), |(name, _)| name.clone())
    }

    fn slots(&self, slots: &[Slot]) -> String {
        if slots.is_empty() {
            return "nothing".into();
        }
        slots.iter().map(|slot| self.slot(*slot)).collect::<Vec<_>>().join(" ")
    }

    fn step(&self, step: &Step) -> String {
        match step {
            Step::Predicate(p) => self.place(Place::Term(*p)),
            Step::Reverse(step) => format!("^{}", self.step(step)),
            Step::Sequence(a, b) => format!("({}/{})", self.step(a), self.step(b)),
            Step::Alternative(a, b) => format!("({}|{})", self.step(a), self.step(b)),
            Step::ZeroOrMore(step) => format!("{}*", self.step(step)),
            Step::OneOrMore(step) => format!("{}+", self.step(step)),
            Step::ZeroOrOne(step) => format!("{}?", self.step(step)),
            Step::Other(those) => {
                let those: Vec<_> = those.iter().map(|p| self.place(Place::Term(*p))).collect();
                format!("!({})", those.join("|"))
            }
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

/// A term, cut to a length that fits a line.
fn short(term: TermRef<'_>) -> String {
    let text = term.to_string();
    if text.chars().count() <= 80 { text } else { text.chars().take(79).chain(['…']).collect() }
}

impl Explanation {
    pub(crate) fn of_reference(because: &Unsupported) -> Self {
        Self { compiled: false, because: Some(because.to_string()), rows: None, milliseconds: None, plan: None }
    }

    /// With the rows of the answer and the time they took, if it was evaluated.
    pub(crate) fn of_plan(plan: Explained, came: Option<(u64, Duration)>) -> Self {
        let milliseconds = came.map(|(_, took)| (took.as_secs_f64() * 1e6).round() / 1e3);
        Self { compiled: true, because: None, rows: came.map(|(rows, _)| rows), milliseconds, plan: Some(plan) }
    }

    /// As lines of text, one an operator.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = match &self.because {
            Some(because) => format!("answered by the reference evaluator: {because}\n"),
            None => "answered by the compiled executor\n".to_owned(),
        };
        if let (Some(rows), Some(milliseconds)) = (self.rows, self.milliseconds) {
            let _ = writeln!(text, "{rows} rows in {milliseconds} ms");
        }
        let mut todo: Vec<(usize, &Explained)> = self.plan.iter().map(|plan| (0, plan)).collect();
        while let Some((depth, node)) = todo.pop() {
            let _ = writeln!(
                text,
                "{:indent$}{}  (thought {}, were {}, {} ms)",
                "",
                node.operator,
                node.estimate,
                node.rows,
                node.milliseconds,
                indent = 2 * depth
            );
            todo.extend(node.inner.iter().rev().map(|inner| (depth + 1, inner)));
        }
        text
    }
}
