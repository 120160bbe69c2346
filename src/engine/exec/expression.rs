//! Expressions by the reference evaluator's own evaluator.
//!
//! It evaluates queries, not expressions, and to build an evaluation for every row would be most of the work. So each expression
//! becomes a query that is built once and never ends: its data is whatever row is put before it, and each solution that
//! is taken from it is the value for that row. Each variable has a pattern of its own, so that a variable that is unbound
//! is one that the query does not have.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    iter,
    rc::Rc,
};

use oxigraph::model::{Literal, NamedNode, Term, TermRef, Variable};
use oxiri::Iri;
use rustc_hash::FxHashMap;
use spareval::{ExpressionTerm, InternalQuad, QueryResults, QuerySolutionIter, QueryableDataset};
use spargebra::{
    Query,
    algebra::{Expression, GraphPattern},
    term::{NamedNodePattern, TermPattern, TriplePattern},
};

use super::{Execution, Flow, Halt, key::Key};
use crate::{
    dataset::Id,
    engine::{
        EngineError, functions,
        plan::{General, Value},
        terms::{Terms, UNBOUND},
    },
};

/// How many values of one expression are remembered.
const REMEMBERED: usize = 1 << 16;

/// Bytes of an operation of an expression that is ready to be evaluated, about.
const OPERATION: usize = 512;

/// The most variables of an expression whose values are remembered.
const NARROW: usize = 2;

/// The name under which a solution has the value.
const RESULT: &str = "value of an expression";

/// What an expression is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Its value.
    Value,
    /// Whether it is true: [effective boolean value](https://www.w3.org/TR/sparql11-query/#ebv).
    Truth,
}

/// All evaluations of one expression: one for each set of bound variables, and what is remembered.
#[derive(Default)]
pub(super) struct Evaluators<'q> {
    by_bound: FxHashMap<u64, Evaluator<'q>>,
    remembered: FxHashMap<Key, Id>,
}

/// An evaluation that waits for the next row.
struct Evaluator<'q> {
    feed: Rc<Feed<'q>>,
    solutions: QuerySolutionIter<'q>,
}

/// The row before an evaluation, and the value it gives.
struct Feed<'q> {
    terms: Rc<RefCell<Terms<'q>>>,
    /// Numbers of the predicates that stand for the columns.
    columns: RefCell<Vec<Id>>,
    row: RefCell<Vec<Id>>,
    value: Cell<Id>,
}

/// [`Feed`] as a dataset.
struct Rows<'q>(Rc<Feed<'q>>);

impl<'q> Execution<'q> {
    /// The value of an expression for a row, or [`UNBOUND`].
    pub(super) fn value(&self, value: &'q Value, row: &mut [Id]) -> Result<Id, Halt> {
        match value {
            Value::Term(id) => Ok(*id),
            Value::Slot(slot) => Ok(row[*slot]),
            Value::Text(slot) => self.text_of(row[*slot]),
            Value::First(values) => {
                for value in values {
                    let id = self.value(value, row)?;
                    if id != UNBOUND {
                        return Ok(id);
                    }
                }
                Ok(UNBOUND)
            }
            Value::Score(words) => self.score(words, row[words.slot]),
            Value::General(general) => self.general(general, row, Wanted::Value),
        }
    }

    /// [`STR`](https://www.w3.org/TR/sparql11-query/#func-str) of a term; a blank node has none.
    fn text_of(&self, id: Id) -> Result<Id, Halt> {
        let terms = &mut *self.terms.borrow_mut();
        let Some(cell) = terms.cell(id).filter(|cell| !cell.is_blank()) else { return Ok(UNBOUND) };
        if cell.is_plain() {
            return Ok(id);
        }
        let text = Literal::from(String::from_utf8_lossy(cell.text()).into_owned());
        let before = terms.bytes();
        let id = terms.number(text.into());
        match self.budget.take(terms.bytes() - before) {
            Flow::Continue(()) => Ok(id),
            Flow::Break(halt) => Err(halt),
        }
    }

    /// The text of a literal that the evaluator would write otherwise; of any other term, [`UNBOUND`].
    fn writing_of(&self, id: Id) -> Result<Id, Halt> {
        let is_canonical = || {
            let terms = self.terms.borrow();
            let Some(cell) = terms.cell(id) else { return true };
            cell.is_blank() || cell.is_string() || matches!(cell.term(), TermRef::NamedNode(_)) || {
                let term = cell.term().into_owned();
                Term::from(ExpressionTerm::from(term.clone())) == term
            }
        };
        if self.canonical.borrow_mut().get_or(id, is_canonical) { Ok(UNBOUND) } else { self.text_of(id) }
    }

    pub(super) fn is_true(&self, general: &'q General, row: &mut [Id]) -> Result<bool, Halt> {
        Ok(self.general(general, row, Wanted::Truth)? == self.truth[1])
    }

    fn general(&self, general: &'q General, row: &mut [Id], wanted: Wanted) -> Result<Id, Halt> {
        for (slot, exists) in &general.exists {
            let found = self.exists(exists, row)?;
            row[*slot] = self.truth[usize::from(found)];
        }
        for (text, slot) in &general.texts {
            row[*text] = self.writing_of(row[*slot])?;
        }
        let evaluators = &mut *self.evaluators[general.index].borrow_mut();
        // Texts are those of other variables.
        let looked_at = &general.variables[..general.variables.len() - general.texts.len()];
        let narrow = looked_at.len() <= NARROW;
        let key = narrow.then(|| match looked_at {
            [] => Key::of(row, &[]),
            [(_, a)] => Key::of(row, &[*a]),
            [(_, a), (_, b), ..] => Key::of(row, &[*a, *b]),
        });
        if let Some(value) = key.as_ref().and_then(|key| evaluators.remembered.get(key)) {
            general.texts.iter().for_each(|(text, _)| row[*text] = UNBOUND);
            return Ok(*value);
        }
        let is_bound = |slot: usize| row[slot] != UNBOUND;
        let bound = general.variables.iter().rev().fold(0, |bits, (_, slot)| bits << 1 | u64::from(is_bound(*slot)));
        let evaluator = match evaluators.by_bound.entry(bound) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                if let Flow::Break(halt) = self.budget.take(OPERATION * general.operations as usize + general.constants)
                {
                    return Err(halt);
                }
                let variables: Vec<_> =
                    general.variables.iter().filter(|(_, slot)| is_bound(*slot)).map(|(v, _)| v.clone()).collect();
                match Evaluator::new(&general.expression, &variables, wanted, self.plan.base.clone(), &self.terms) {
                    Ok(evaluator) => entry.insert(evaluator),
                    Err(error) => return Err(self.failed(error)),
                }
            }
        };
        {
            let mut given = evaluator.feed.row.borrow_mut();
            given.clear();
            given.extend(general.variables.iter().map(|(_, slot)| row[*slot]).filter(|id| *id != UNBOUND));
        }
        for slot in general.exists.iter().map(|(slot, _)| slot).chain(general.texts.iter().map(|(text, _)| text)) {
            row[*slot] = UNBOUND;
        }
        let length = |id: &Id| self.terms.borrow().cell(*id).map_or(0, |cell| cell.text().len());
        let bytes = evaluator.feed.row.borrow().iter().map(length).sum::<usize>() + general.constants;
        if let Flow::Break(halt) = self.budget.work(general.operations, bytes) {
            return Err(halt);
        }
        let before = self.terms.borrow().bytes();
        let value = match evaluator.next() {
            Ok(value) => value,
            Err(error) => return Err(self.failed(error)),
        };
        let made = self.terms.borrow().bytes() - before;
        if let Flow::Break(halt) = self.budget.take(made) {
            return Err(halt);
        }
        if let Some(key) = key
            && evaluators.remembered.len() < REMEMBERED
        {
            evaluators.remembered.insert(key, value);
        }
        Ok(value)
    }

    fn failed(&self, error: EngineError) -> Halt {
        let Flow::Break(halt) = self.budget.fail(error) else { return Halt::Failed };
        halt
    }
}

impl<'q> Evaluator<'q> {
    fn new(
        expression: &Expression,
        variables: &[Variable],
        wanted: Wanted,
        base_iri: Option<Iri<String>>,
        terms: &Rc<RefCell<Terms<'q>>>,
    ) -> Result<Self, EngineError> {
        let result = Variable::new_unchecked(RESULT);
        // Something must be matched for every row, or the query would end.
        let tick = [Variable::new_unchecked("tick")];
        let matched = if variables.is_empty() { &tick[..] } else { variables };
        let mut pattern: Option<GraphPattern> = None;
        let mut columns = Vec::new();
        for (n, variable) in matched.iter().enumerate() {
            let column = NamedNode::new_unchecked(format!("column:{n}"));
            columns.push(terms.borrow_mut().number(column.clone().into()));
            // Objects may be anything: the optimizer draws conclusions from subjects and predicates.
            let triple = TriplePattern {
                subject: TermPattern::NamedNode(NamedNode::new_unchecked("row:")),
                predicate: NamedNodePattern::NamedNode(column),
                object: TermPattern::Variable(variable.clone()),
            };
            let one = GraphPattern::Bgp { patterns: vec![triple] };
            pattern = Some(match pattern {
                None => one,
                // In this order, and never with a table.
                Some(left) => GraphPattern::Lateral { left: Box::new(left), right: Box::new(one) },
            });
        }
        let expression = match wanted {
            Wanted::Value => expression.clone(),
            Wanted::Truth => {
                let truth = |value: bool| Box::new(Expression::Literal(Literal::from(value)));
                Expression::If(Box::new(expression.clone()), truth(true), truth(false))
            }
        };
        let inner =
            GraphPattern::Extend { inner: Box::new(pattern.unwrap_or_default()), variable: result.clone(), expression };
        let pattern = GraphPattern::Project { inner: Box::new(inner), variables: vec![result] };
        let query = Query::Select { dataset: None, pattern, base_iri };
        let feed = Rc::new(Feed {
            terms: Rc::clone(terms),
            columns: RefCell::new(columns),
            row: RefCell::default(),
            value: Cell::new(UNBOUND),
        });
        match functions::evaluator().prepare(&query).execute(Rows(Rc::clone(&feed)))? {
            QueryResults::Solutions(solutions) => Ok(Self { feed, solutions }),
            _ => Err(EngineError::Internal("an expression gave no solutions".into())),
        }
    }

    fn next(&mut self) -> Result<Id, EngineError> {
        if self.feed.row.borrow().is_empty() {
            self.feed.row.borrow_mut().push(UNBOUND);
        }
        match self.solutions.next() {
            Some(Ok(solution)) => Ok(if solution.get(0).is_some() { self.feed.value.get() } else { UNBOUND }),
            Some(Err(error)) => Err(error.into()),
            None => Err(EngineError::Internal("an expression gave no solution".into())),
        }
    }
}

impl<'q> QueryableDataset<'q> for Rows<'q> {
    type InternalTerm = Id;
    type Error = Infallible;

    /// The value of a column; the first column's again and again, each time for the next row.
    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Id>,
        predicate: Option<&Id>,
        _: Option<&Id>,
        _: Option<Option<&Id>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Id>, Infallible>> + use<'q> {
        let (subject, predicate) = (subject.copied().unwrap_or(UNBOUND), predicate.copied().unwrap_or(UNBOUND));
        let column = self.0.columns.borrow().iter().position(|column| *column == predicate);
        let feed = Rc::clone(&self.0);
        let mut given = false;
        iter::from_fn(move || {
            let column = column.filter(|column| *column == 0 || !given)?;
            given = true;
            let object = feed.row.borrow().get(column).copied().unwrap_or(UNBOUND);
            Some(Ok(InternalQuad { subject, predicate, object, graph_name: None }))
        })
    }

    fn internalize_term(&self, term: Term) -> Result<Id, Infallible> {
        Ok(self.0.terms.borrow_mut().number(term))
    }

    /// The value is wanted as a number, so that is kept, and what is given instead is empty and costs nothing.
    fn externalize_term(&self, term: Id) -> Result<Term, Infallible> {
        self.0.value.set(term);
        Ok(NamedNode::new_unchecked(String::new()).into())
    }

    fn externalize_expression_term(&self, term: Id) -> Result<ExpressionTerm, Infallible> {
        let terms = self.0.terms.borrow();
        let term = terms.term(term).map_or_else(|| Literal::from("").into(), TermRef::into_owned);
        Ok(term.into())
    }

    fn internalize_expression_term(&self, term: ExpressionTerm) -> Result<Id, Infallible> {
        self.internalize_term(term.into())
    }
}
