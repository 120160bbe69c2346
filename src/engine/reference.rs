//! The store of the oxigraph library as another evaluator: a choice of the operator, and an oracle for tests.
//!
//! It is given the algebra of the library, translated from ours, so that a bound query never becomes text again.

use std::{cell::Cell, collections::HashSet};

use oxigraph::{
    model::{GraphNameRef, Literal, NamedNode, QuadRef, Term, Variable, vocab::xsd},
    sparql::{QueryResults, SparqlEvaluator},
    store::Store,
};
use spargebra::{
    algebra::{
        AggregateExpression, AggregateFunction as Aggregates, Expression as Its, Function, GraphPattern,
        OrderExpression, PropertyPathExpression, QueryDataset,
    },
    term::{GroundTerm, NamedNodePattern, TermPattern as ItsTerm, TriplePattern as ItsTriple},
};

use super::{DatasetSpec, EngineError, Watch, functions, sink::Sink, terms};
use crate::{
    dataset::Dataset,
    rdf::vocab::ocm,
    sparql::{
        Aggregate, AggregateFunction, Builtin, Comparison, Duplicates, Element, Expression, ExpressionKind, Factor,
        Form, InlineData, Name, Path, Pattern, PatternKind, Query, Select, Sign, TemplatePart, TermPattern, Var,
        VarName,
    },
    value::Value,
};

/// A store with the statements of a dataset, each triple once in the default graph.
///
/// # Errors
/// [`EngineError::Internal`]
pub(super) fn store(dataset: &Dataset) -> Result<Store, EngineError> {
    let store = Store::new()?;
    let mut loader = store.bulk_loader();
    let named = dataset.iter().filter(|quad| !quad.graph_name.is_default_graph());
    loader.load_quads(named.map(QuadRef::into_owned))?;
    // The evaluator's own union gives a triple once for each graph it is in.
    loader.load_quads(dataset.union().map(|triple| triple.in_graph(GraphNameRef::DefaultGraph).into_owned()))?;
    loader.commit()?;
    Ok(store)
}

/// Evaluates a query into a sink.
///
/// # Errors
/// [`EngineError`]
pub(super) fn evaluate(
    store: &Store,
    query: &Query,
    spec: &DatasetSpec,
    watch: &Watch,
    sink: &mut dyn Sink,
) -> Result<(), EngineError> {
    let mut query = evaluator().with_cancellation_token(watch.token()).for_query(translate(query));
    if let Some((default, named)) = spec.graphs() {
        let (default, named) = (default.iter().cloned(), named.iter().cloned());
        query.dataset_mut().set_default_graph(default.map(Into::into).collect());
        query.dataset_mut().set_available_named_graphs(named.map(Into::into).collect());
    }
    pour(query.on_store(store).execute()?, watch, sink)
}

/// The library's evaluator with our functions.
fn evaluator() -> SparqlEvaluator {
    let two = |arguments: &[Term], function: fn(&Value<'_>, &Value<'_>) -> Option<Literal>| {
        let [a, b] = arguments else { return None };
        function(&Value::of(a.as_ref()), &Value::of(b.as_ref())).map(Term::from)
    };
    SparqlEvaluator::new()
        .with_custom_function(ocm::MATCHES_WORDS.into_owned(), move |arguments| {
            two(arguments, |text, words| functions::matches_words(text, words).map(Literal::from))
        })
        .with_custom_function(ocm::WORD_SCORE.into_owned(), move |arguments| {
            two(arguments, |text, words| functions::word_score(text, words).map(Literal::from))
        })
}

/// Gives a sink what the evaluator gives.
fn pour(results: QueryResults<'_>, watch: &Watch, sink: &mut dyn Sink) -> Result<(), EngineError> {
    match results {
        QueryResults::Solutions(solutions) => {
            let width = solutions.variables().len();
            for solution in solutions {
                watch.check()?;
                let solution = solution?;
                sink.row(&mut (0..width).map(|n| solution.get(n).map(|term| terms::Cell::Made(term.as_ref()))))?;
                if sink.is_full() {
                    break;
                }
            }
        }
        QueryResults::Boolean(value) => sink.boolean(value)?,
        QueryResults::Graph(triples) => {
            // A template gives the same triple for many rows; a graph has it once.
            let mut seen = HashSet::new();
            for triple in triples {
                watch.check()?;
                let triple = triple?;
                if seen.contains(&triple) {
                    continue;
                }
                sink.triple(triple.as_ref())?;
                seen.insert(triple);
                if sink.is_full() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The query in the algebra of the library.
pub(super) fn translate(query: &Query) -> spargebra::Query {
    let translation = Translation { query, made: Cell::new(0) };
    let dataset = query
        .dataset
        .as_ref()
        .map(|clause| QueryDataset { default: clause.default.clone(), named: Some(clause.named.clone()) });
    let base_iri = query.base.as_ref().and_then(|base| oxiri::Iri::parse(base.clone()).ok());
    let pattern = translation.select(&query.select);
    match &query.form {
        Form::Select => spargebra::Query::Select { dataset, pattern, base_iri },
        Form::Ask => spargebra::Query::Ask { dataset, pattern, base_iri },
        Form::Construct(template) => {
            let template = template.iter().map(|triple| translation.template(&triple.parts)).collect();
            spargebra::Query::Construct { template, dataset, pattern, base_iri }
        }
        Form::Describe(targets) => {
            let pattern = translation.described(pattern, targets);
            spargebra::Query::Describe { dataset, pattern, base_iri }
        }
    }
}

/// What is translated, and how many names were made for it.
struct Translation<'q> {
    query: &'q Query,
    made: Cell<usize>,
}

impl Translation<'_> {
    /// Variables of one name in different scopes are different ones there too, so the number goes into the name of all but
    /// the first.
    fn variable(&self, var: Var) -> Variable {
        let variables = &self.query.variables;
        let name = match variables.get(var.0 as usize) {
            Some(name @ VarName::Named(text)) => {
                let first = variables.iter().position(|other| other == name);
                if first == Some(var.0 as usize) { text.clone() } else { format!("{text} {}", var.0) }
            }
            _ => format!(" {}", var.0),
        };
        Variable::new_unchecked(name)
    }

    fn fresh(&self) -> Variable {
        self.made.set(self.made.get() + 1);
        Variable::new_unchecked(format!(" made {}", self.made.get()))
    }

    fn select(&self, select: &Select) -> GraphPattern {
        let mut pattern = self.pattern(&select.pattern);
        if let Some(grouping) = &select.grouping {
            pattern = self.extended(pattern, &grouping.binds);
            let variables = grouping.keys.iter().map(|key| self.variable(*key)).collect();
            let aggregates =
                grouping.aggregates.iter().map(|(var, aggregate)| (self.variable(*var), self.aggregate(aggregate)));
            pattern = GraphPattern::Group { inner: Box::new(pattern), variables, aggregates: aggregates.collect() };
        }
        pattern = self.extended(pattern, &select.extensions);
        pattern = self.filtered(pattern, &select.having);
        if let Some(data) = &select.values {
            pattern = joined(pattern, self.values(data));
        }
        if !select.order.is_empty() {
            let key = |key: &crate::sparql::OrderKey| {
                let expression = self.expression(&key.expression);
                if key.descending { OrderExpression::Desc(expression) } else { OrderExpression::Asc(expression) }
            };
            let expression = select.order.iter().map(key).collect();
            pattern = GraphPattern::OrderBy { inner: Box::new(pattern), expression };
        }
        let variables = select.columns.iter().map(|column| self.variable(*column)).collect();
        pattern = GraphPattern::Project { inner: Box::new(pattern), variables };
        pattern = match select.duplicates {
            Duplicates::Keep => pattern,
            Duplicates::MayGo => GraphPattern::Reduced { inner: Box::new(pattern) },
            Duplicates::Go => GraphPattern::Distinct { inner: Box::new(pattern) },
        };
        if select.offset == 0 && select.limit.is_none() {
            return pattern;
        }
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        GraphPattern::Slice { inner: Box::new(pattern), start: number(select.offset), length: select.limit.map(number) }
    }

    /// What DESCRIBE names becomes a column of its own: the library describes what the columns have.
    fn described(&self, mut pattern: GraphPattern, targets: &[Name]) -> GraphPattern {
        let mut variables = Vec::new();
        for target in targets {
            variables.push(match target {
                Name::Var(var) => self.variable(*var),
                Name::Iri(iri) => {
                    let variable = self.fresh();
                    let expression = Its::NamedNode(iri.clone());
                    pattern = GraphPattern::Extend { inner: Box::new(pattern), variable: variable.clone(), expression };
                    variable
                }
            });
        }
        GraphPattern::Project { inner: Box::new(pattern), variables }
    }

    fn extended(&self, pattern: GraphPattern, binds: &[(Var, Expression)]) -> GraphPattern {
        binds.iter().fold(pattern, |inner, (var, expression)| GraphPattern::Extend {
            inner: Box::new(inner),
            variable: self.variable(*var),
            expression: self.expression(expression),
        })
    }

    fn filtered(&self, pattern: GraphPattern, filters: &[Expression]) -> GraphPattern {
        match self.all(filters) {
            Some(expr) => GraphPattern::Filter { expr, inner: Box::new(pattern) },
            None => pattern,
        }
    }

    /// The conjunction of filters.
    fn all(&self, filters: &[Expression]) -> Option<Its> {
        chain(filters.iter().map(|filter| self.expression(filter)), Its::And)
    }

    fn pattern(&self, pattern: &Pattern) -> GraphPattern {
        match &pattern.kind {
            PatternKind::Group { elements, filters } => {
                let group = elements.iter().fold(None, |group, element| Some(self.element(group, element)));
                self.filtered(group.unwrap_or_default(), filters)
            }
            PatternKind::Triple(triple) => {
                let patterns = vec![self.triple(&triple.subject, &triple.predicate, &triple.object)];
                GraphPattern::Bgp { patterns }
            }
            PatternKind::Path(path) => GraphPattern::Path {
                subject: self.term(&path.subject),
                path: step(&path.path),
                object: self.term(&path.object),
            },
            PatternKind::Union(branches) => {
                let union = |left, right| GraphPattern::Union { left: Box::new(left), right: Box::new(right) };
                branches.iter().map(|branch| self.pattern(branch)).reduce(union).unwrap_or_default()
            }
            PatternKind::Graph { name, inner } => {
                let name = match name {
                    Name::Var(var) => NamedNodePattern::Variable(self.variable(*var)),
                    Name::Iri(iri) => NamedNodePattern::NamedNode(iri.clone()),
                };
                GraphPattern::Graph { name, inner: Box::new(self.pattern(inner)) }
            }
            PatternKind::Values(data) => self.values(data),
            PatternKind::Select(select) => self.select(select),
        }
    }

    fn element(&self, group: Option<GraphPattern>, element: &Element) -> GraphPattern {
        let before = group.is_some();
        let group = group.unwrap_or_default();
        match element {
            Element::Join(pattern) if !before => self.pattern(pattern),
            Element::Join(pattern) => joined(group, self.pattern(pattern)),
            Element::Optional { pattern, conditions } => GraphPattern::LeftJoin {
                left: Box::new(group),
                right: Box::new(self.pattern(pattern)),
                expression: self.all(conditions),
            },
            Element::Minus(pattern) => {
                GraphPattern::Minus { left: Box::new(group), right: Box::new(self.pattern(pattern)) }
            }
            Element::Bind { variable, expression, .. } => GraphPattern::Extend {
                inner: Box::new(group),
                variable: self.variable(*variable),
                expression: self.expression(expression),
            },
        }
    }

    fn values(&self, data: &InlineData) -> GraphPattern {
        let ground = |term: &Term| match term {
            Term::NamedNode(node) => Some(GroundTerm::NamedNode(node.clone())),
            Term::Literal(literal) => Some(GroundTerm::Literal(literal.clone())),
            Term::BlankNode(_) => None,
        };
        let row = |row: &Vec<Option<Term>>| row.iter().map(|term| ground(term.as_ref()?)).collect();
        GraphPattern::Values {
            variables: data.variables.iter().map(|var| self.variable(*var)).collect(),
            bindings: data.rows.iter().map(row).collect(),
        }
    }

    fn triple(&self, subject: &TermPattern, predicate: &TermPattern, object: &TermPattern) -> ItsTriple {
        ItsTriple { subject: self.term(subject), predicate: name(self.term(predicate)), object: self.term(object) }
    }

    fn template(&self, parts: &[TemplatePart; 3]) -> ItsTriple {
        let [subject, predicate, object] = parts.each_ref().map(|part| match part {
            TemplatePart::Var(var) => ItsTerm::Variable(self.variable(*var)),
            TemplatePart::Term(term) => constant(term),
            TemplatePart::Blank(n) => {
                ItsTerm::BlankNode(oxigraph::model::BlankNode::new_unchecked(format!("template{n}")))
            }
        });
        ItsTriple { subject, predicate: name(predicate), object }
    }

    fn term(&self, term: &TermPattern) -> ItsTerm {
        match term {
            TermPattern::Var(var) => ItsTerm::Variable(self.variable(*var)),
            TermPattern::Term(term) => constant(term),
        }
    }

    fn aggregate(&self, aggregate: &Aggregate) -> AggregateExpression {
        let distinct = aggregate.distinct;
        let Some(argument) = &aggregate.argument else { return AggregateExpression::CountSolutions { distinct } };
        let name = match &aggregate.function {
            AggregateFunction::Count => Aggregates::Count,
            AggregateFunction::Sum => Aggregates::Sum,
            AggregateFunction::Average => Aggregates::Avg,
            AggregateFunction::Minimum => Aggregates::Min,
            AggregateFunction::Maximum => Aggregates::Max,
            AggregateFunction::Sample => Aggregates::Sample,
            AggregateFunction::Concatenation(separator) => {
                Aggregates::GroupConcat { separator: Some(separator.clone()) }
            }
        };
        AggregateExpression::FunctionCall { name, expr: self.expression(argument), distinct }
    }

    fn expression(&self, expression: &Expression) -> Its {
        let boxed = |one: &Expression| Box::new(self.expression(one));
        let list = |all: &[Expression]| all.iter().map(|one| self.expression(one)).collect::<Vec<_>>();
        match &expression.kind {
            ExpressionKind::Var(var) => Its::Variable(self.variable(*var)),
            ExpressionKind::Term(Term::NamedNode(node)) => Its::NamedNode(node.clone()),
            ExpressionKind::Term(Term::Literal(literal)) => Its::Literal(literal.clone()),
            // A blank node is no constant, and an error to the reader.
            ExpressionKind::Term(Term::BlankNode(_)) => Its::Coalesce(Vec::new()),
            ExpressionKind::Or(all) => chain(list(all).into_iter(), Its::Or).unwrap_or_else(truth),
            ExpressionKind::And(all) => chain(list(all).into_iter(), Its::And).unwrap_or_else(truth),
            ExpressionKind::Not(inner) => Its::Not(boxed(inner)),
            ExpressionKind::Minus(inner) => Its::UnaryMinus(boxed(inner)),
            ExpressionKind::Plus(inner) => Its::UnaryPlus(boxed(inner)),
            ExpressionKind::Compare(comparison, sides) => {
                let (a, b) = (boxed(&sides[0]), boxed(&sides[1]));
                match comparison {
                    Comparison::Equal => Its::Equal(a, b),
                    Comparison::NotEqual => Its::Not(Box::new(Its::Equal(a, b))),
                    Comparison::Less => Its::Less(a, b),
                    Comparison::LessOrEqual => Its::LessOrEqual(a, b),
                    Comparison::Greater => Its::Greater(a, b),
                    Comparison::GreaterOrEqual => Its::GreaterOrEqual(a, b),
                }
            }
            ExpressionKind::In(value, all) => Its::In(boxed(value), list(all)),
            ExpressionKind::Sum(parts) => {
                let parts = parts.iter().map(|(sign, part)| (*sign == Sign::Add, self.expression(part)));
                folded(parts, Its::Add, Its::Subtract)
            }
            ExpressionKind::Product(parts) => {
                let parts = parts.iter().map(|(factor, part)| (*factor == Factor::Multiply, self.expression(part)));
                folded(parts, Its::Multiply, Its::Divide)
            }
            ExpressionKind::Bound(var) => Its::Bound(self.variable(*var)),
            ExpressionKind::If(parts) => Its::If(boxed(&parts[0]), boxed(&parts[1]), boxed(&parts[2])),
            ExpressionKind::Coalesce(all) => Its::Coalesce(list(all)),
            ExpressionKind::Exists(pattern) => Its::Exists(Box::new(self.pattern(pattern))),
            ExpressionKind::Call(Builtin::SameTerm, two) => match &two[..] {
                [a, b] => Its::SameTerm(boxed(a), boxed(b)),
                _ => Its::Coalesce(Vec::new()),
            },
            ExpressionKind::Call(builtin, all) => Its::FunctionCall(function(*builtin), list(all)),
            ExpressionKind::Named(name, all) => Its::FunctionCall(Function::Custom(name.clone()), list(all)),
        }
    }
}

fn truth() -> Its {
    Its::Literal(Literal::new_typed_literal("true", xsd::BOOLEAN))
}

fn joined(left: GraphPattern, right: GraphPattern) -> GraphPattern {
    match (left, right) {
        (GraphPattern::Bgp { patterns: mut left }, GraphPattern::Bgp { patterns: right }) => {
            left.extend(right);
            GraphPattern::Bgp { patterns: left }
        }
        (left, right) => GraphPattern::Join { left: Box::new(left), right: Box::new(right) },
    }
}

fn chain(parts: impl Iterator<Item = Its>, join: fn(Box<Its>, Box<Its>) -> Its) -> Option<Its> {
    parts.reduce(|a, b| join(Box::new(a), Box::new(b)))
}

/// One after the other, by the first or the second operator.
fn folded(
    parts: impl Iterator<Item = (bool, Its)>,
    first: fn(Box<Its>, Box<Its>) -> Its,
    second: fn(Box<Its>, Box<Its>) -> Its,
) -> Its {
    let join = |(_, a): (bool, Its), (is_first, b): (bool, Its)| {
        let operator = if is_first { first } else { second };
        (true, operator(Box::new(a), Box::new(b)))
    };
    parts.reduce(join).map_or_else(truth, |(_, whole)| whole)
}

fn constant(term: &Term) -> ItsTerm {
    term.clone().into()
}

fn name(term: ItsTerm) -> NamedNodePattern {
    match term {
        ItsTerm::NamedNode(node) => node.into(),
        ItsTerm::Variable(variable) => variable.into(),
        // The reader lets nothing else be a predicate.
        ItsTerm::BlankNode(_) | ItsTerm::Literal(_) => NamedNode::new_unchecked("").into(),
    }
}

fn step(path: &Path) -> PropertyPathExpression {
    use PropertyPathExpression as Step;
    let pairs = |all: &[Path], join: fn(Box<Step>, Box<Step>) -> Step| {
        let joined = all.iter().map(step).reduce(|a, b| join(Box::new(a), Box::new(b)));
        joined.unwrap_or(Step::NegatedPropertySet(Vec::new()))
    };
    match path {
        Path::Predicate(predicate) => Step::NamedNode(predicate.clone()),
        Path::Inverse(path) => Step::Reverse(Box::new(step(path))),
        Path::Sequence(all) => pairs(all, Step::Sequence),
        Path::Alternative(all) => pairs(all, Step::Alternative),
        Path::ZeroOrMore(path) => Step::ZeroOrMore(Box::new(step(path))),
        Path::OneOrMore(path) => Step::OneOrMore(Box::new(step(path))),
        Path::ZeroOrOne(path) => Step::ZeroOrOne(Box::new(step(path))),
        Path::Negated { forward, backward } => {
            let against = || Step::Reverse(Box::new(Step::NegatedPropertySet(backward.clone())));
            match (forward.is_empty(), backward.is_empty()) {
                (_, true) => Step::NegatedPropertySet(forward.clone()),
                (true, false) => against(),
                (false, false) => {
                    Step::Alternative(Box::new(Step::NegatedPropertySet(forward.clone())), Box::new(against()))
                }
            }
        }
    }
}

fn function(builtin: Builtin) -> Function {
    match builtin {
        Builtin::Abs => Function::Abs,
        Builtin::BNode => Function::BNode,
        Builtin::Ceil => Function::Ceil,
        Builtin::Concat => Function::Concat,
        Builtin::Contains => Function::Contains,
        Builtin::DataType => Function::Datatype,
        Builtin::Day => Function::Day,
        Builtin::EncodeForUri => Function::EncodeForUri,
        Builtin::Floor => Function::Floor,
        Builtin::Hours => Function::Hours,
        Builtin::Iri => Function::Iri,
        Builtin::IsBlank => Function::IsBlank,
        Builtin::IsIri => Function::IsIri,
        Builtin::IsLiteral => Function::IsLiteral,
        Builtin::IsNumeric => Function::IsNumeric,
        Builtin::LCase => Function::LCase,
        Builtin::Lang => Function::Lang,
        Builtin::LangMatches => Function::LangMatches,
        Builtin::Md5 => Function::Md5,
        Builtin::Minutes => Function::Minutes,
        Builtin::Month => Function::Month,
        Builtin::Now => Function::Now,
        Builtin::Rand => Function::Rand,
        Builtin::Regex => Function::Regex,
        Builtin::Replace => Function::Replace,
        Builtin::Round => Function::Round,
        Builtin::Seconds => Function::Seconds,
        Builtin::Sha1 => Function::Sha1,
        Builtin::Sha256 => Function::Sha256,
        Builtin::Sha384 => Function::Sha384,
        Builtin::Sha512 => Function::Sha512,
        // SameTerm is an operator there.
        Builtin::Str | Builtin::SameTerm => Function::Str,
        Builtin::StrAfter => Function::StrAfter,
        Builtin::StrBefore => Function::StrBefore,
        Builtin::StrDt => Function::StrDt,
        Builtin::StrEnds => Function::StrEnds,
        Builtin::StrLang => Function::StrLang,
        Builtin::StrLen => Function::StrLen,
        Builtin::StrStarts => Function::StrStarts,
        Builtin::StrUuid => Function::StrUuid,
        Builtin::SubStr => Function::SubStr,
        Builtin::Timezone => Function::Timezone,
        Builtin::Tz => Function::Tz,
        Builtin::UCase => Function::UCase,
        Builtin::Uuid => Function::Uuid,
        Builtin::Year => Function::Year,
    }
}
