//! From a parsed query to a plan.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, Variable};
use spargebra::{
    Query,
    algebra::{AggregateExpression, AggregateFunction, GraphPattern},
    term::{GroundTerm, NamedNodePattern, TermPattern},
};

use super::{
    Aggregate, Function, GraphPlace, Group, Node, Operator, Place, Plan, Slot, Slots, Unsupported, Value, View,
    facts::{Facts, Scope},
    group::{facts_in, is_matched_in_one_graph},
};
use crate::{
    dataset::{Dataset, Id},
    engine::{
        DatasetSpec,
        terms::{Constants, Terms, UNBOUND},
    },
};

/// A plan and the slots of the query's own variables.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) plan: Plan,
    /// Slots of the variables of a CONSTRUCT template.
    pub(crate) slots: HashMap<Variable, Slot>,
    /// What the slots are called.
    pub(crate) names: Vec<(String, Slot)>,
}

/// What a pattern is compiled for.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) scope: Scope,
    pub(super) graph: GraphPlace,
    /// What is bound when it begins.
    pub(super) bound: Facts,
    /// What may be bound around an EXISTS that it is in: that is seen everywhere in it, by definition.
    pub(super) around: Slots,
    /// What is looked at afterwards; everything if none.
    pub(super) needed: Option<Slots>,
    /// How many rows are wanted at most.
    pub(super) most: Option<usize>,
    /// Whether the order of the rows matters.
    pub(super) ordered: bool,
    /// How often it is done.
    pub(super) times: f64,
}

impl Context {
    /// For a pattern inside, done for each of some rows.
    pub(super) fn inside(&self, bound: &Facts, times: f64) -> Self {
        Self { bound: bound.clone(), needed: None, most: None, ordered: false, times: times.max(2.0), ..self.clone() }
    }

    /// For a table: nothing is bound, and it is done once.
    pub(super) fn apart(&self) -> Self {
        Self { bound: Facts::default(), needed: None, most: None, ordered: false, times: 1.0, ..self.clone() }
    }
}

/// Makes plans for one dataset.
#[derive(Debug)]
pub(super) struct Compiler<'d> {
    pub(super) terms: Terms<'d>,
    /// Variables that VALUES gives one value: only to estimate with.
    pub(super) known: HashMap<Slot, Id>,
    nodes: usize,
    pub(super) tables: usize,
    pub(super) work: f64,
    pub(super) expressions: usize,
    pub(super) searches: usize,
}

/// Makes the plan of a query.
///
/// # Errors
/// [`Unsupported`]
pub(crate) fn compile(query: &Query, spec: &DatasetSpec, dataset: &Dataset) -> Result<Compiled, Unsupported> {
    let mut compiler = Compiler {
        terms: Terms::new(dataset, Constants::default()),
        known: HashMap::new(),
        nodes: 0,
        tables: 0,
        work: 0.0,
        expressions: 0,
        searches: 0,
    };
    let scope = Scope::new();
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    let context = Context {
        scope: scope.clone(),
        graph: GraphPlace::Default,
        bound: Facts::default(),
        around: Slots::default(),
        needed: None,
        most: None,
        ordered: true,
        times: 1.0,
    };
    let root = compiler.pattern(pattern, &context)?;
    let mut slots = HashMap::new();
    let columns = match query {
        Query::Construct { template, .. } => {
            for triple in template {
                let variables = [
                    variable_of_term(&triple.subject),
                    variable_of_name(&triple.predicate),
                    variable_of_term(&triple.object),
                ];
                slots.extend(variables.into_iter().flatten().map(|variable| (variable.clone(), scope.slot(variable))));
            }
            Vec::new()
        }
        _ => columns(pattern).iter().map(|variable| scope.slot(variable)).collect(),
    };
    let Compiler { terms, nodes, tables, work, expressions, searches, .. } = compiler;
    let constants = terms.into_constants();
    let view = view(query, spec, dataset);
    let width = scope.width();
    let base = query.base_iri().cloned();
    Ok(Compiled {
        plan: Plan { root, width, columns, view, constants, nodes, tables, expressions, searches, work, base },
        slots,
        names: scope.names(),
    })
}

fn variable_of_term(term: &TermPattern) -> Option<&Variable> {
    if let TermPattern::Variable(variable) = term { Some(variable) } else { None }
}

fn variable_of_name(name: &NamedNodePattern) -> Option<&Variable> {
    if let NamedNodePattern::Variable(variable) = name { Some(variable) } else { None }
}

fn columns(pattern: &GraphPattern) -> &[Variable] {
    match pattern {
        GraphPattern::Project { variables, .. } => variables,
        GraphPattern::Slice { inner, .. } | GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => {
            columns(inner)
        }
        _ => &[],
    }
}

/// The dataset of the protocol, or else that of the query. A graph that is not there is an empty one.
pub(crate) fn view(query: &Query, spec: &DatasetSpec, dataset: &Dataset) -> View {
    let numbers = |graphs: &[NamedNode]| {
        let number = |graph: &NamedNode| dataset.graph_number(dataset.id(graph.as_ref().into())?);
        let mut numbers: Vec<_> = graphs.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    };
    if let Some((default, named)) = spec.graphs() {
        return View { default: numbers(default), named: numbers(named) };
    }
    match query.dataset() {
        Some(dataset) => {
            View { default: numbers(&dataset.default), named: numbers(dataset.named.as_deref().unwrap_or_default()) }
        }
        None => View::default(),
    }
}

impl Compiler<'_> {
    pub(super) fn node(&mut self, estimate: f64, operator: Operator) -> Node {
        self.nodes += 1;
        Node { id: self.nodes - 1, estimate, operator }
    }

    pub(super) fn pattern(&mut self, pattern: &GraphPattern, context: &Context) -> Result<Node, Unsupported> {
        match pattern {
            GraphPattern::Union { .. } => self.union(pattern, context),
            GraphPattern::Project { inner, variables } => {
                let scope = context.scope.inner(variables);
                let projected = context.scope.slots(variables);
                let bound = Facts {
                    certain: context.bound.certain.and(&projected),
                    possible: context.bound.possible.and(&projected),
                };
                let needed = Some(context.needed.as_ref().map_or(projected.clone(), |needed| needed.and(&projected)));
                self.pattern(inner, &Context { scope, bound, needed, ..context.clone() })
            }
            // REDUCED may leave duplicates in.
            GraphPattern::Reduced { inner } => self.pattern(inner, context),
            GraphPattern::Distinct { inner } => {
                let node = self.pattern(inner, &Context { most: None, needed: None, ..context.clone() })?;
                let slots = facts_in(&context.scope, inner, context.graph).possible.iter().collect();
                Ok(self.node(node.estimate, Operator::Distinct { inner: Box::new(node), slots }))
            }
            GraphPattern::Slice { inner, start, length } => {
                let most = length.and_then(|length| start.checked_add(length));
                let node = self.pattern(inner, &Context { most, ordered: true, ..context.clone() })?;
                let estimate = node.estimate.min(rows_of(*length));
                Ok(self.node(estimate, Operator::Slice { inner: Box::new(node), start: *start, length: *length }))
            }
            GraphPattern::OrderBy { inner, expression } => self.order(inner, expression, context),
            GraphPattern::Group { inner, variables, aggregates } => {
                self.grouping(inner, variables, aggregates, context)
            }
            GraphPattern::Graph { name: name @ NamedNodePattern::Variable(_), inner }
                if !is_matched_in_one_graph(inner) =>
            {
                self.each_graph(name, inner, context)
            }
            _ => Ok(self.group(pattern, context, None)?.0),
        }
    }

    /// A pattern that is matched in one graph after the other.
    fn each_graph(
        &mut self,
        name: &NamedNodePattern,
        inner: &GraphPattern,
        context: &Context,
    ) -> Result<Node, Unsupported> {
        let (place, alias) = self.graph_place(name, inner, &context.scope);
        let Place::Slot(slot) = place else { return Err(Unsupported("a graph without a variable")) };
        let bound = context.bound.and(&Facts::all([slot].into_iter().collect()));
        let graph = GraphPlace::Named(place);
        let name = self.node(1.0, Operator::GraphName(place));
        let node = self.pattern(inner, &Context { graph, ..context.inside(&bound, 2.0) })?;
        let estimate = node.estimate;
        let mut nodes = vec![name, node];
        if let Some((slot, from)) = alias {
            nodes.push(self.node(estimate, Operator::Extend { slot, value: Value::Slot(from) }));
        }
        Ok(self.node(estimate, Operator::Sequence(nodes)))
    }

    fn union(&mut self, pattern: &GraphPattern, context: &Context) -> Result<Node, Unsupported> {
        let context = Context { most: None, ..context.clone() };
        let (mut branches, mut todo) = (Vec::new(), vec![pattern]);
        while let Some(pattern) = todo.pop() {
            match pattern {
                GraphPattern::Union { left, right } => todo.extend([&**right, &**left]),
                branch => branches.push(self.pattern(branch, &context)?),
            }
        }
        let estimate = branches.iter().map(|branch| branch.estimate).sum();
        Ok(self.node(estimate, Operator::Union(branches)))
    }

    fn grouping(
        &mut self,
        inner: &GraphPattern,
        variables: &[Variable],
        aggregates: &[(Variable, AggregateExpression)],
        context: &Context,
    ) -> Result<Node, Unsupported> {
        let scope = &context.scope;
        let facts = facts_in(scope, inner, context.graph);
        let node = self.pattern(inner, &Context { needed: None, most: None, ordered: false, ..context.clone() })?;
        let inside = context.inside(&facts.and(&context.bound), node.estimate);
        let aggregates = aggregates
            .iter()
            .map(|(variable, aggregate)| {
                let (function, distinct, value) = match aggregate {
                    AggregateExpression::CountSolutions { distinct } => (Function::Count, *distinct, None),
                    AggregateExpression::FunctionCall { name, expr, distinct } => {
                        (function(name)?, *distinct, Some(self.value(expr, &inside)?))
                    }
                };
                // Blank nodes and what a path goes through have no names, and are no part of a solution.
                let named = || facts.possible.iter().filter(|slot| scope.has_name(*slot)).collect();
                let row = if value.is_none() && distinct { named() } else { Vec::new() };
                Ok(Aggregate { slot: scope.slot(variable), function, distinct, value, row })
            })
            .collect::<Result<_, _>>()?;
        let keys: Vec<Slot> = variables.iter().map(|variable| scope.slot(variable)).collect();
        let estimate = if keys.is_empty() { 1.0 } else { node.estimate.powf(0.7).max(1.0) };
        Ok(self.node(estimate, Operator::Group(Group { inner: Box::new(node), keys, aggregates })))
    }

    pub(super) fn place(&mut self, term: &TermPattern, scope: &Scope) -> Place {
        match term {
            TermPattern::NamedNode(node) => Place::Term(self.terms.number(node.clone().into())),
            TermPattern::Literal(literal) => Place::Term(self.terms.number(literal.clone().into())),
            TermPattern::Variable(_) | TermPattern::BlankNode(_) => {
                scope.of_term(term).map_or(Place::Term(UNBOUND), Place::Slot)
            }
        }
    }

    pub(super) fn place_of_name(&mut self, name: &NamedNodePattern, scope: &Scope) -> Place {
        match name {
            NamedNodePattern::NamedNode(node) => Place::Term(self.terms.number(node.clone().into())),
            NamedNodePattern::Variable(variable) => Place::Slot(scope.slot(variable)),
        }
    }

    pub(super) fn ground(&mut self, term: &GroundTerm) -> Id {
        self.terms.number(match term {
            GroundTerm::NamedNode(node) => node.clone().into(),
            GroundTerm::Literal(literal) => literal.clone().into(),
        })
    }
}

fn function(name: &AggregateFunction) -> Result<Function, Unsupported> {
    Ok(match name {
        AggregateFunction::Count => Function::Count,
        AggregateFunction::Sum => Function::Sum,
        AggregateFunction::Avg => Function::Average,
        AggregateFunction::Min => Function::Minimum,
        AggregateFunction::Max => Function::Maximum,
        AggregateFunction::Sample => Function::Sample,
        AggregateFunction::GroupConcat { separator } => {
            Function::Concatenation(separator.as_deref().unwrap_or(" ").to_owned())
        }
        AggregateFunction::Custom(_) => return Err(Unsupported("an aggregate that is not SPARQL's")),
    })
}

/// A number of rows to estimate with.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn rows_of(most: Option<usize>) -> f64 {
    most.map_or(f64::INFINITY, |most| most as f64)
}
