//! A plan to look at.

use std::{cell::Cell, fmt::Write as _, time::Duration};

use oxigraph::model::TermRef;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{
    Aggregate, Function, GraphPlace, Kind, Node, Operator, Place, Plan, Scan, Slot, SlotName, SortKey, Sought, Step,
    Table, TextSide, TextTest, Value, Words,
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
        let mut explainer = Explainer { terms, counts, plan: self, meanings: FxHashMap::default() };
        explainer.learn(&self.root);
        explainer.node(&self.root)
    }
}

impl Node {
    /// The operators in it, in the order in which they are run, those in an EXISTS too.
    fn inner(&self) -> Vec<&Node> {
        match &self.operator {
            Operator::Unit
            | Operator::Scan(_)
            | Operator::Path(_)
            | Operator::GraphName(_)
            | Operator::Words(_)
            | Operator::Values { .. } => Vec::new(),
            Operator::Sequence(nodes) | Operator::Union(nodes) => nodes.iter().collect(),
            Operator::Filter(value) | Operator::Extend { value, .. } => exists_in(value),
            Operator::LeftJoin(inner)
            | Operator::AntiJoin(inner)
            | Operator::Distinct { inner, .. }
            | Operator::Sort { inner, .. }
            | Operator::Slice { inner, .. } => vec![inner],
            Operator::HashAntiJoin(table) | Operator::HashJoin(table) => vec![&table.inner],
            Operator::Aggregate(group) => vec![&group.inner],
        }
    }
}

struct Explainer<'e> {
    terms: Terms<'e>,
    counts: &'e Counts,
    plan: &'e Plan,
    /// What the slots without a name hold that are computed.
    meanings: FxHashMap<Slot, String>,
}

impl Explainer<'_> {
    /// Notes what is computed without a name: an aggregate, or an expression in GROUP BY or ORDER BY.
    fn learn(&mut self, node: &Node) {
        for inner in node.inner() {
            self.learn(inner);
        }
        let computed: Vec<(Slot, String)> = match &node.operator {
            Operator::Aggregate(group) => group.aggregates.iter().map(|one| (one.slot, self.aggregate(one))).collect(),
            Operator::Extend { slot, value, .. } => vec![(*slot, self.value(value))],
            _ => Vec::new(),
        };
        self.meanings.extend(computed);
    }

    fn node(&self, node: &Node) -> Explained {
        let (rows, time) = self.counts.of(node.id);
        Explained {
            operator: self.operator(&node.operator),
            estimate: (node.estimate * 10.0).round() / 10.0,
            rows,
            milliseconds: (time.as_secs_f64() * 1e6).round() / 1e3,
            from: node.span.start,
            to: node.span.end,
            inner: node.inner().into_iter().map(|node| self.node(node)).collect(),
        }
    }

    /// What an operator does, by the name it has in textbooks.
    fn operator(&self, operator: &Operator) -> String {
        match operator {
            Operator::Unit => "one row".into(),
            Operator::Scan(scan) => self.scan(scan),
            Operator::Path(path) => {
                let (s, o) = (self.place(path.subject), self.place(path.object));
                format!("path {s} {} {o}{}", self.step(&path.path), self.graph(path.graph))
            }
            Operator::GraphName(place) => format!("graph names {}", self.place(*place)),
            Operator::Words(words) => format!("word index scan {}", self.words(words)),
            Operator::Values { slots, rows } => format!("values {} ({} rows)", self.slots(slots), rows.len()),
            Operator::Sequence(_) => "nested-loop join".into(),
            Operator::Filter(condition) => format!("filter {}", self.value(condition)),
            Operator::Extend { slot, value, .. } if self.is_named(*slot) => {
                format!("extend {} := {}", self.slot(*slot), self.value(value))
            }
            Operator::Extend { value, .. } => format!("extend {}", self.value(value)),
            Operator::LeftJoin(_) => "left join".into(),
            Operator::Union(_) => "union".into(),
            Operator::AntiJoin(_) => "anti join (nested loop)".into(),
            Operator::HashAntiJoin(table) => format!("anti join (hash{})", self.keys(table)),
            Operator::HashJoin(table) => format!("hash join{}", self.keys(table)),
            Operator::Aggregate(group) => {
                let aggregates: String =
                    group.aggregates.iter().map(|one| format!(" {}", self.aggregate(one))).collect();
                format!("hash aggregate{aggregates} by {}", self.slots(&group.keys))
            }
            Operator::Distinct { slots, .. } => format!("distinct {}", self.slots(slots)),
            Operator::Sort { keys, most, .. } => {
                let key =
                    |key: &SortKey| format!("{}{}", self.value(&key.value), if key.descending { " desc" } else { "" });
                let keys: Vec<_> = keys.iter().map(key).collect();
                let name = most.map_or_else(|| "sort".to_owned(), |most| format!("top-{most}"));
                format!("{name} by {}", keys.join(" "))
            }
            Operator::Slice { start, length, .. } => {
                let length = length.map_or_else(String::new, |length| format!(" limit {length}"));
                format!("slice offset {start}{length}")
            }
        }
    }

    fn aggregate(&self, aggregate: &Aggregate<Value>) -> String {
        let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
        let value = aggregate.value.as_ref().map_or_else(|| "*".to_owned(), |value| self.value(value));
        let (name, separator) = match &aggregate.function {
            Function::Count => ("COUNT", None),
            Function::Sum => ("SUM", None),
            Function::Average => ("AVG", None),
            Function::Minimum => ("MIN", None),
            Function::Maximum => ("MAX", None),
            Function::Sample => ("SAMPLE", None),
            Function::Concatenation(separator) => ("GROUP_CONCAT", Some(separator)),
        };
        let separator = separator.map_or_else(String::new, |text| format!("; SEPARATOR = {text:?}"));
        format!("{name}({distinct}{value}{separator})")
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

    /// A scan with the order of triples that is read, by what is known when it begins.
    fn scan(&self, scan: &Scan) -> String {
        let order = match scan.known {
            [true, true | false, true] => "spo or ops",
            [true, _, false] | [false, false, false] => "spo",
            [false, _, true] => "ops",
            [false, true, false] => "pso",
        };
        let places = [scan.subject, scan.predicate, scan.object].map(|place| self.place(place));
        format!("index scan ({order}) {}{}", places.join(" "), self.graph(scan.graph))
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

    /// What a slot is called. One without a name is what is computed in it, or a node between two others, which SPARQL
    /// writes as a blank node.
    fn slot(&self, slot: Slot) -> String {
        match self.plan.names.get(slot) {
            Some(SlotName::Named(name)) => format!("?{name}"),
            Some(SlotName::Blank(label)) if !label.is_empty() => format!("_:{label}"),
            _ => self.meanings.get(&slot).cloned().unwrap_or_else(|| format!("_:node{slot}")),
        }
    }

    fn is_named(&self, slot: Slot) -> bool {
        matches!(self.plan.names.get(slot), Some(SlotName::Named(_)))
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
            let came = if self.rows.is_some() {
                format!(", actual {}, {} ms", node.rows, node.milliseconds)
            } else {
                String::new()
            };
            let (indent, operator, estimate) = (2 * depth, &node.operator, node.estimate);
            let _ = writeln!(text, "{:indent$}{operator}  (estimated {estimate}{came})", "");
            todo.extend(node.inner.iter().rev().map(|inner| (depth + 1, inner)));
        }
        text
    }
}
