//! Answers: rows of a SELECT, yes or no, and the triples of CONSTRUCT and DESCRIBE.

use std::rc::Rc;

use oxigraph::model::{BlankNode, BlankNodeRef, NamedNodeRef, NamedOrBlankNodeRef, TermRef, TripleRef};
use rustc_hash::FxHashSet;

use super::{
    EngineError, Watch,
    exec::{Budget, Execution, Flow, Halt},
    plan::{Counts, Plan, Slot},
    sink::Sink,
    terms::{Terms, UNBOUND},
};
use crate::{
    dataset::{Dataset, Id},
    sparql::{Form, Name, Query, TemplatePart, TemplateTriple},
};

/// Evaluates a plan into a sink.
///
/// # Errors
/// [`EngineError`]; what the sink has then is no answer.
pub(super) fn evaluate(
    query: &Query,
    plan: &Plan,
    dataset: &Dataset,
    budget: (&Watch, usize),
    counts: Option<&Counts>,
    sink: &mut dyn Sink,
) -> Result<(), EngineError> {
    let budget = Rc::new(Budget::new(budget.0, budget.1));
    let execution = Execution::new(plan, dataset, Rc::clone(&budget), counts);
    let flow = match &query.form {
        Form::Select => select(&plan.columns, &execution, &budget, sink),
        Form::Ask => {
            let mut found = false;
            let flow = execution.rows(&mut |_| {
                found = true;
                Flow::Break(Halt::Enough)
            });
            if flow != Flow::Break(Halt::Failed) {
                sink.boolean(found)?;
            }
            flow
        }
        Form::Construct(template) => construct(template, &execution, &budget, sink),
        Form::Describe(targets) => describe(targets, dataset, &execution, &budget, sink),
    };
    match (flow, budget.error()) {
        (_, Some(error)) => Err(error),
        (Flow::Break(Halt::Failed), None) => Err(EngineError::Internal("the evaluation failed".into())),
        (Flow::Continue(()) | Flow::Break(Halt::Enough), None) => Ok(()),
    }
}

/// What the sink says of what it was given.
fn taken(result: Result<(), EngineError>, budget: &Budget, sink: &dyn Sink) -> Flow {
    match result {
        Err(error) => budget.fail(error),
        Ok(()) if sink.is_full() => Flow::Break(Halt::Enough),
        Ok(()) => Flow::Continue(()),
    }
}

fn select(columns: &[Slot], execution: &Execution<'_>, budget: &Budget, sink: &mut dyn Sink) -> Flow {
    let terms = execution.terms();
    execution.rows(&mut |row| {
        let terms = terms.borrow();
        let mut cells = columns.iter().map(|slot| terms.cell(row[*slot]));
        let result = sink.row(&mut cells);
        taken(result, budget, sink)
    })
}

/// A place of a template.
enum Part {
    Term(Id),
    Slot(Slot),
    /// A new blank node for each row, the same within it.
    Blank(u32),
}

/// [SPARQL 1.1 Query, section 16.2](https://www.w3.org/TR/sparql11-query/#construct)
fn construct(template: &[TemplateTriple], execution: &Execution<'_>, budget: &Budget, sink: &mut dyn Sink) -> Flow {
    let terms = execution.terms();
    let template: Vec<[Part; 3]> = {
        let mut terms = terms.borrow_mut();
        let mut part = |part: &TemplatePart| match part {
            TemplatePart::Term(term) => Part::Term(terms.number(term)),
            TemplatePart::Var(var) => Part::Slot(var.0 as Slot),
            TemplatePart::Blank(number) => Part::Blank(*number),
        };
        template.iter().map(|triple| triple.parts.each_ref().map(&mut part)).collect()
    };
    let (mut seen, mut rows) = (FxHashSet::default(), 0_u64);
    execution.rows(&mut |row| {
        rows += 1;
        let terms = terms.borrow();
        for parts in &template {
            budget.step()?;
            let ids = parts.each_ref().map(|part| match part {
                Part::Term(id) => Some(*id),
                Part::Slot(slot) => Some(row[*slot]),
                Part::Blank(_) => None,
            });
            if let [Some(s), Some(p), Some(o)] = ids
                && !seen.insert([s, p, o])
            {
                continue;
            }
            budget.take(24)?;
            let made = parts.each_ref().map(|part| match part {
                Part::Blank(n) => Some(BlankNode::new_unchecked(label(&terms, rows, *n))),
                Part::Term(_) | Part::Slot(_) => None,
            });
            let [s, p, o] = [0, 1, 2].map(|n| match (&made[n], ids[n]) {
                (Some(blank), _) => Some(TermRef::from(blank.as_ref())),
                (None, id) => terms.term(id.unwrap_or(UNBOUND)),
            });
            if let Some(triple) = triple(s, p, o) {
                taken(sink.triple(triple), budget, sink)?;
            }
        }
        Flow::Continue(())
    })
}

/// A label that no blank node of the dataset has; the same each time.
fn label(terms: &Terms<'_>, row: u64, n: u32) -> String {
    let mut label = format!("row{row}n{n}");
    while terms.dataset().id(TermRef::BlankNode(BlankNodeRef::new_unchecked(&label))).is_some() {
        label.push('x');
    }
    label
}

fn triple<'t>(s: Option<TermRef<'t>>, p: Option<TermRef<'t>>, o: Option<TermRef<'t>>) -> Option<TripleRef<'t>> {
    let subject: NamedOrBlankNodeRef<'t> = match s? {
        TermRef::NamedNode(node) => node.into(),
        TermRef::BlankNode(node) => node.into(),
        TermRef::Literal(_) => return None,
    };
    let predicate: NamedNodeRef<'t> = match p? {
        TermRef::NamedNode(node) => node,
        TermRef::BlankNode(_) | TermRef::Literal(_) => return None,
    };
    Some(TripleRef { subject, predicate, object: o? })
}

/// The triples about what is described, and about the blank nodes in them. What the query names is described whether or
/// not there is a solution. [SPARQL 1.1 Query, section 16.4](https://www.w3.org/TR/sparql11-query/#describe)
fn describe(
    targets: &[Name],
    dataset: &Dataset,
    execution: &Execution<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Flow {
    let mut description = Description { dataset, execution, budget, known: FxHashSet::default() };
    let named = targets.iter().filter_map(|target| match target {
        Name::Iri(iri) => dataset.id(iri.as_ref().into()),
        Name::Var(_) => None,
    });
    description.add(named, sink)?;
    let columns = execution.columns();
    if columns.is_empty() {
        return Flow::Continue(());
    }
    execution.rows(&mut |row| description.add(columns.iter().map(|slot| row[*slot]), sink))
}

/// What is described, and all that has been.
struct Description<'d, 'q> {
    dataset: &'d Dataset,
    execution: &'d Execution<'q>,
    budget: &'d Budget,
    known: FxHashSet<Id>,
}

impl Description<'_, '_> {
    fn add(&mut self, ids: impl Iterator<Item = Id>, sink: &mut dyn Sink) -> Flow {
        let terms = self.execution.terms();
        let mut todo: Vec<Id> = ids.filter(|id| self.known.insert(*id)).collect();
        while let Some(subject) = todo.pop() {
            for &[p, o] in self.dataset.spo().of(subject) {
                self.budget.step()?;
                if !self.execution.is_in_default_graph(subject, p, o) {
                    continue;
                }
                let terms = terms.borrow();
                if let Some(triple) = triple(terms.term(subject), terms.term(p), terms.term(o)) {
                    taken(sink.triple(triple), self.budget, sink)?;
                }
                if matches!(terms.term(o), Some(TermRef::BlankNode(_))) && self.known.insert(o) {
                    todo.push(o);
                }
            }
        }
        Flow::Continue(())
    }
}
