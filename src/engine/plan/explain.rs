//! A plan to look at.

use std::{cell::Cell, fmt::Write as _, time::Duration};

use oxigraph::model::TermRef;
use serde::{Deserialize, Serialize};

use super::{
    GraphPlace, Kind, Node, Operator, Place, Plan, Scan, Slot, SlotName, SortKey, Sought, Step, Table, TextSide,
    TextTest, Value, Words,
};
use crate::{
    dataset::Dataset,
    engine::terms::Terms,
    sparql::{Factor, Sign},
};

/// What each node of a plan has done.
#[derive(Debug)]
pub(crate) struct Counts(Vec<(Cell<u64>, Cell<Duration>)>);

impl Counts {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self((0..plan.counts.nodes).map(|_| Default::default()).collect())
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
    /// Rows of the answer, if it was evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Milliseconds of the evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<f64>,
    /// What is done, and what came of it.
    pub plan: Explained,
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
    /// The part of the query's text that it answers: its first byte, and the one behind its last.
    pub from: u32,
    /// See [`Explained::from`].
    pub to: u32,
    /// What is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<Explained>,
}

impl Plan {
    /// The plan with what its operators have done.
    pub(crate) fn explain(&self, dataset: &Dataset, counts: &Counts) -> Explained {
        let terms = Terms::new(dataset, self.constants.clone());
        Explainer { terms, counts, plan: self }.node(&self.root)
    }
}

struct Explainer<'e> {
    terms: Terms<'e>,
    counts: &'e Counts,
    plan: &'e Plan,
}

impl Explainer<'_> {
    fn node(&self, node: &Node) -> Explained {
        let (operator, inner): (String, Vec<&Node>) = match &node.operator {
            Operator::Unit => ("one row".into(), vec![]),
            Operator::Scan(scan) => (self.scan(scan), vec![]),
            Operator::Path(path) => {
                let (s, o) = (self.place(path.subject), self.place(path.object));
                (format!("path {s} {} {o}{}", self.step(&path.path), self.graph(path.graph)), vec![])
            }
            Operator::GraphName(place) => (format!("graph names {}", self.place(*place)), vec![]),
            Operator::Words(words) => (format!("word index scan {}", self.words(words)), vec![]),
            Operator::Values { slots, rows } => (format!("values {} ({} rows)", self.slots(slots), rows.len()), vec![]),
            Operator::Sequence(nodes) => ("nested-loop join".into(), nodes.iter().collect()),
            Operator::Filter(condition) => (format!("filter {}", self.value(condition)), exists_in(condition)),
            Operator::Extend { slot, value, .. } => {
                (format!("extend {} := {}", self.slot(*slot), self.value(value)), exists_in(value))
            }
            Operator::LeftJoin(inner) => ("left join".into(), vec![inner]),
            Operator::Union(nodes) => ("union".into(), nodes.iter().collect()),
            Operator::AntiJoin(inner) => ("anti join (nested loop)".into(), vec![inner]),
            Operator::HashAntiJoin(table) => (format!("anti join (hash{})", self.keys(table)), vec![&table.inner]),
            Operator::HashJoin(table) => (format!("hash join{}", self.keys(table)), vec![&table.inner]),
            Operator::Aggregate(group) => {
                (format!("hash aggregate by {}", self.slots(&group.keys)), vec![&group.inner])
            }
            Operator::Distinct { inner, slots } => (format!("distinct {}", self.slots(slots)), vec![inner]),
            Operator::Sort { inner, keys, most, .. } => {
                let key =
                    |key: &SortKey| format!("{}{}", self.value(&key.value), if key.descending { " desc" } else { "" });
                let keys: Vec<_> = keys.iter().map(key).collect();
                let name = most.map_or_else(|| "sort".to_owned(), |most| format!("top-{most}"));
                (format!("{name} by {}", keys.join(" ")), vec![inner])
            }
            Operator::Slice { inner, start, length } => {
                let length = length.map_or_else(String::new, |length| format!(" limit {length}"));
                (format!("slice offset {start}{length}"), vec![inner])
            }
        };
        let (rows, time) = self.counts.of(node.id);
        Explained {
            operator,
            estimate: (node.estimate * 10.0).round() / 10.0,
            rows,
            milliseconds: (time.as_secs_f64() * 1e6).round() / 1e3,
            from: node.span.start,
            to: node.span.end,
            inner: inner.into_iter().map(|node| self.node(node)).collect(),
        }
    }

    fn keys(&self, table: &Table) -> String {
        if let Some(on) = &table.on {
            return format!(" on value {} = {}", self.value(&on[0]), self.value(&on[1]));
        }
        let on = if table.keys.is_empty() { String::new() } else { format!(" on {}", self.slots(&table.keys)) };
        let per = if table.parameters.is_empty() {
            String::new()
        } else {
            format!(" for each {}", self.slots(&table.parameters))
        };
        format!("{on}{per}")
    }

    fn words(&self, words: &Words) -> String {
        format!("{} for {}", self.slot(words.slot), words.text)
    }

    /// The order whose run is scanned, when nothing is bound but what the query names.
    fn scan(&self, scan: &Scan) -> String {
        let places = [scan.subject, scan.predicate, scan.object].map(|place| self.place(place));
        format!("index scan {}{}", places.join(" "), self.graph(scan.graph))
    }

    fn graph(&self, graph: GraphPlace) -> String {
        graph.place().map_or_else(String::new, |place| format!(" in {}", self.place(place)))
    }

    fn value(&self, value: &Value) -> String {
        let list = |all: &[Value]| all.iter().map(|one| self.value(one)).collect::<Vec<_>>();
        let call = |name: &str, all: &[Value]| format!("{name}({})", list(all).join(", "));
        match &value.kind {
            Kind::NoValue => "no value".into(),
            Kind::Constant(constant) => self.place(Place::Term(constant.id)),
            Kind::Slot(slot) => self.slot(*slot),
            Kind::Bound(slot) => format!("BOUND({})", self.slot(*slot)),
            Kind::Or(all) => format!("({})", list(all).join(" || ")),
            Kind::And(all) => format!("({})", list(all).join(" && ")),
            Kind::Not(inner) => format!("!{}", self.value(inner)),
            Kind::Minus(inner) => format!("-{}", self.value(inner)),
            Kind::Plus(inner) => format!("+{}", self.value(inner)),
            Kind::Compare(comparison, sides) => {
                format!("{} {} {}", self.value(&sides[0]), comparison.sign(), self.value(&sides[1]))
            }
            Kind::In(value, all) => format!("{} IN ({})", self.value(value), list(all).join(", ")),
            Kind::Sum(parts) => {
                let part = |(sign, part): &(Sign, Value)| {
                    format!("{} {}", if *sign == Sign::Add { "+" } else { "-" }, self.value(part))
                };
                let all = parts.iter().map(part).collect::<Vec<_>>().join(" ");
                format!("({})", all.trim_start_matches("+ "))
            }
            Kind::Product(parts) => {
                let part = |(factor, part): &(Factor, Value)| {
                    format!("{} {}", if *factor == Factor::Multiply { "*" } else { "/" }, self.value(part))
                };
                let all = parts.iter().map(part).collect::<Vec<_>>().join(" ");
                format!("({})", all.trim_start_matches("* "))
            }
            Kind::If(three) => call("IF", &**three),
            Kind::Coalesce(all) => call("COALESCE", all),
            Kind::Exists(_) => "EXISTS".into(),
            Kind::Call(builtin, all) => call(builtin.name(), all),
            Kind::Cast(datatype, inner) => format!("<{datatype}>({})", self.value(inner)),
            Kind::Regex(_, all) => call("REGEX", all),
            Kind::Replace(_, all) => call("REPLACE", all),
            Kind::MatchesWords(two) => call("matchesWords", &**two),
            Kind::WordScore(two) => call("wordScore", &**two),
            Kind::HasWords(words) => format!("matchesWords({}, {})", self.slot(words.slot), words.text),
            Kind::Score(words) => format!("wordScore({}, {})", self.slot(words.slot), words.text),
            Kind::Contains(sought) => self.contains(sought),
            Kind::Texts(comparison, sides) => {
                let side = |side: &TextSide| match side {
                    TextSide::Of(slot) => format!("STR({})", self.slot(*slot)),
                    TextSide::Constant(text) => format!("{text:?}"),
                };
                format!("{} {} {}", side(&sides[0]), comparison.sign(), side(&sides[1]))
            }
            Kind::Language { slot, tag } => format!("LANG({}) = {tag:?}", self.slot(*slot)),
        }
    }

    fn contains(&self, sought: &Sought) -> String {
        let name = match sought.test {
            TextTest::Contains => "CONTAINS",
            TextTest::Starts => "STRSTARTS",
            TextTest::Ends => "STRENDS",
        };
        let mut text = self.slot(sought.slot);
        if sought.in_any {
            text = format!("STR({text})");
        }
        if sought.in_lower_case {
            text = format!("LCASE({text})");
        }
        format!("{name}({text}, {:?})", sought.text)
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Slot(slot) => self.slot(slot),
            Place::Term(id) => self.terms.term(id).map_or_else(|| "UNDEF".into(), short),
        }
    }

    /// What a slot is called: those without a name by their number, which stands for a node between two others.
    fn slot(&self, slot: Slot) -> String {
        match self.plan.names.get(slot) {
            Some(SlotName::Named(name)) => format!("?{name}"),
            Some(SlotName::Blank(label)) if !label.is_empty() => format!("_:{label}"),
            _ => format!("?_{slot}"),
        }
    }

    fn slots(&self, slots: &[Slot]) -> String {
        if slots.is_empty() {
            return "nothing".into();
        }
        slots.iter().map(|slot| self.slot(*slot)).collect::<Vec<_>>().join(" ")
    }

    fn step(&self, step: &Step) -> String {
        let list = |all: &[Step], between: &str| all.iter().map(|one| self.step(one)).collect::<Vec<_>>().join(between);
        match step {
            Step::Predicate(p) => self.place(Place::Term(*p)),
            Step::Inverse(step) => format!("^{}", self.step(step)),
            Step::Sequence(all) => format!("({})", list(all, "/")),
            Step::Alternative(all) => format!("({})", list(all, "|")),
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

/// The patterns of the EXISTS in an expression.
fn exists_in(value: &Value) -> Vec<&Node> {
    match &value.kind {
        Kind::Exists(exists) => vec![&exists.inner],
        kind => kind.operands().into_iter().flat_map(exists_in).collect(),
    }
}

/// A term, cut to a length that fits a line.
fn short(term: TermRef<'_>) -> String {
    let text = term.to_string();
    if text.chars().count() <= 80 { text } else { text.chars().take(79).chain(['…']).collect() }
}

impl Explanation {
    /// With the rows of the answer and the time they took, if it was evaluated.
    pub(crate) fn new(plan: Explained, came: Option<(u64, Duration)>) -> Self {
        let milliseconds = came.map(|(_, took)| (took.as_secs_f64() * 1e6).round() / 1e3);
        Self { rows: came.map(|(rows, _)| rows), milliseconds, plan }
    }

    /// As lines of text, one an operator.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let (Some(rows), Some(milliseconds)) = (self.rows, self.milliseconds) {
            let _ = writeln!(text, "{rows} rows in {milliseconds} ms");
        }
        let mut todo: Vec<(usize, &Explained)> = vec![(0, &self.plan)];
        while let Some((depth, node)) = todo.pop() {
            let _ = writeln!(
                text,
                "{:indent$}{}  (estimated {}, actual {}, {} ms)",
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
