//! Groups and what stands in them.

use std::collections::{HashMap, HashSet};

use super::{
    Element, InlineData, Limit, Name, Pattern, PatternKind, Refusal, Span, Var,
    lexer::Kind,
    reader::{Read, Reader},
    scope::Visible,
};

/// A group while it is read.
#[derive(Default)]
pub(super) struct Group {
    pub(super) elements: Vec<Element>,
    pub(super) filters: Vec<super::Expression>,
    pub(super) visible: Visible,
    /// How many patterns are joined.
    pub(super) joined: usize,
    /// The labels of the basic graph pattern that is read.
    pub(super) labels: HashMap<String, Var>,
}

impl Reader<'_> {
    /// [53] `GroupGraphPattern`, with the variables in scope.
    pub(super) fn group(&mut self) -> Read<(Pattern, Visible)> {
        let (pattern, visible, _) = self.counted_group()?;
        Ok((pattern, visible))
    }

    /// The same, with how many patterns are joined in it.
    fn counted_group(&mut self) -> Read<(Pattern, Visible, usize)> {
        let start = self.token.span;
        self.opens("{")?;
        self.node()?;
        let mut group = Group::default();
        if self.token.is_word("SELECT") {
            self.sub_select(&mut group)?;
        } else {
            while !self.token.is("}") {
                self.element(&mut group)?;
            }
        }
        self.closes("}")?;
        self.end_of_labels(&mut group);
        let kind = PatternKind::Group { elements: group.elements, filters: group.filters };
        Ok((Pattern { span: self.span_from(start), kind }, group.visible, group.joined))
    }

    /// [8] `SubSelect`
    fn sub_select(&mut self, group: &mut Group) -> Read<()> {
        self.names.enter();
        let (mut select, _) = self.select(false)?;
        select.columns = self.names.leave(&select.columns);
        select.columns.iter().for_each(|column| group.visible.add(*column));
        let span = select.span;
        let kind = PatternKind::Select(Box::new(select));
        self.add(group, Pattern { span, kind }, 1)
    }

    /// One of what a group is made of: [54] `GroupGraphPatternSub`.
    fn element(&mut self, group: &mut Group) -> Read<()> {
        let start = self.token.span;
        if self.token.kind == Kind::Word && !self.token.is_word("true") && !self.token.is_word("false") {
            let word = self.token.text.to_ascii_uppercase();
            match word.as_str() {
                "FILTER" => {
                    self.take()?;
                    let filter = self.constraint(&mut None)?;
                    group.filters.push(filter);
                }
                "OPTIONAL" => {
                    self.end_of_labels(group);
                    self.take()?;
                    self.optional()?;
                    let (pattern, visible) = self.group()?;
                    group.visible.add_all(&visible);
                    group.elements.push(optional(pattern));
                }
                "MINUS" => {
                    self.end_of_labels(group);
                    self.take()?;
                    let (pattern, _) = self.group()?;
                    group.elements.push(Element::Minus(pattern));
                }
                "BIND" => {
                    self.end_of_labels(group);
                    self.bind(group)?;
                }
                "GRAPH" => {
                    self.end_of_labels(group);
                    self.take()?;
                    self.graph(start, group)?;
                }
                "VALUES" => {
                    self.end_of_labels(group);
                    self.take()?;
                    let data = self.data_block()?;
                    data.variables.iter().for_each(|var| group.visible.add(*var));
                    let pattern = Pattern { span: self.span_from(start), kind: PatternKind::Values(data) };
                    self.add(group, pattern, 1)?;
                }
                "SERVICE" => return Err(Refusal::Service { position: self.position() }),
                "LATERAL" => return Err(self.wrong("LATERAL is no SPARQL 1.1")),
                _ => return Err(self.unexpected(&["}"])),
            }
            self.takes(".")?;
            return Ok(());
        }
        if self.token.is("{") {
            self.end_of_labels(group);
            self.union(start, group)?;
            self.takes(".")?;
            return Ok(());
        }
        self.triples_block(group)
    }

    /// [67] `GroupOrUnionGraphPattern`
    fn union(&mut self, start: Span, group: &mut Group) -> Read<()> {
        let (first, visible, joined) = self.counted_group()?;
        group.visible.add_all(&visible);
        if !self.token.is_word("UNION") {
            return self.add(group, first, joined.max(1));
        }
        let mut branches = vec![first];
        while self.takes_word("UNION")? {
            let (branch, visible) = self.group()?;
            group.visible.add_all(&visible);
            branches.push(branch);
        }
        let pattern = Pattern { span: self.span_from(start), kind: PatternKind::Union(branches) };
        self.add(group, pattern, 1)
    }

    /// [58] `GraphGraphPattern`
    fn graph(&mut self, start: Span, group: &mut Group) -> Read<()> {
        let name = self.var_or_iri()?;
        let (inner, visible, joined) = self.counted_group()?;
        if let Name::Var(var) = &name {
            group.visible.add(*var);
        }
        group.visible.add_all(&visible);
        let kind = PatternKind::Graph { name, inner: Box::new(inner) };
        let pattern = Pattern { span: self.span_from(start), kind };
        self.add(group, pattern, joined.max(1))
    }

    /// [60] Bind
    fn bind(&mut self, group: &mut Group) -> Read<()> {
        let start = self.token.span;
        self.take()?;
        self.node()?;
        self.opens("(")?;
        let expression = self.expression(&mut None)?;
        self.word("AS")?;
        let (variable, place) = self.some_variable()?;
        if group.visible.contains(variable) {
            return Err(self.wrong_at(place, "BIND is overriding an existing variable"));
        }
        self.closes(")")?;
        group.visible.add(variable);
        group.elements.push(Element::Bind { span: self.span_from(start), variable, expression });
        Ok(())
    }

    /// Joins a pattern of so many patterns.
    pub(super) fn add(&mut self, group: &mut Group, pattern: Pattern, joined: usize) -> Read<()> {
        self.node()?;
        group.joined += joined;
        self.within(Limit::Patterns, self.limits.patterns, group.joined)?;
        group.elements.push(Element::Join(pattern));
        Ok(())
    }

    /// Ends a basic graph pattern: the labels of its blank nodes may not come again.
    fn end_of_labels(&mut self, group: &mut Group) {
        self.names.used_labels.extend(group.labels.drain().map(|(label, _)| label));
    }

    /// [62] `DataBlock`
    pub(super) fn data_block(&mut self) -> Read<InlineData> {
        self.node()?;
        let mut variables = Vec::new();
        let is_one = self.token.kind == Kind::Variable;
        if is_one {
            variables.push(self.some_variable()?.0);
        } else {
            self.opens("(")?;
            let mut seen = HashSet::new();
            while !self.token.is(")") {
                let (var, span) = self.some_variable()?;
                if !seen.insert(var) {
                    return Err(self.wrong_at(span, "VALUES names a variable twice"));
                }
                variables.push(var);
            }
            self.closes(")")?;
        }
        self.in_data = true;
        self.opens("{")?;
        let mut rows = Vec::new();
        while !self.token.is("}") {
            rows.push(if is_one { vec![self.data_value()?] } else { self.data_row(variables.len())? });
        }
        self.in_data = false;
        self.closes("}")?;
        Ok(InlineData { variables, rows })
    }

    fn data_row(&mut self, width: usize) -> Read<Vec<Option<oxigraph::model::Term>>> {
        let start = self.token.span;
        self.opens("(")?;
        let mut row = Vec::with_capacity(width.min(16));
        // A row of nothing is one too, and takes room.
        if width == 0 {
            self.value()?;
        }
        while !self.token.is(")") {
            row.push(self.data_value()?);
        }
        self.closes(")")?;
        if row.len() == width {
            return Ok(row);
        }
        Err(self.wrong_at(start, format!("a row of VALUES has {} values, and there are {width} variables", row.len())))
    }

    fn data_value(&mut self) -> Read<Option<oxigraph::model::Term>> {
        self.value()?;
        if self.takes_word("UNDEF")? { Ok(None) } else { self.constant().map(Some) }
    }
}

/// OPTIONAL: the filters of its group see what stands before it.
/// [Section 18.2.2.6](https://www.w3.org/TR/sparql11-query/#sparqlTranslateGraphPatterns)
fn optional(pattern: Pattern) -> Element {
    let Pattern { span, kind } = pattern;
    match kind {
        PatternKind::Group { elements, filters } => {
            let kind = PatternKind::Group { elements, filters: Vec::new() };
            Element::Optional { pattern: Pattern { span, kind }, conditions: filters }
        }
        kind => Element::Optional { pattern: Pattern { span, kind }, conditions: Vec::new() },
    }
}
