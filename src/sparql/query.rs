//! Query forms, their prologue and their modifiers.

use std::collections::HashSet;

use super::{
    AggregateFunction, DatasetClause, Duplicates, Expression, ExpressionKind, Form, Grouping, InlineData, Name,
    OrderKey, Pattern, PatternKind, Query, Refusal, Select, Span, Var, VarName,
    expression::Aggregates,
    lexer::Kind,
    reader::{Read, Reader},
    scope::Visible,
};

/// The words with which an update begins.
const UPDATES: [&str; 10] = ["ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"];

/// What stands between SELECT and WHERE.
struct Clause {
    duplicates: Duplicates,
    /// None is `*`.
    columns: Option<Vec<(Var, Span)>>,
    extensions: Vec<(Var, Expression, Span)>,
    aggregates: Aggregates,
}

/// What stands behind GROUP BY.
struct GroupKeys {
    /// What is computed for each row before it is grouped.
    binds: Vec<(Var, Expression)>,
    keys: Vec<Var>,
}

/// What stands behind WHERE.
#[derive(Default)]
struct Modifiers {
    group: Option<(Span, GroupKeys)>,
    having: Vec<Expression>,
    order: Vec<OrderKey>,
    offset: u64,
    limit: Option<u64>,
    values: Option<InlineData>,
}

impl Reader<'_> {
    /// [2] Query
    pub(super) fn query(&mut self) -> Read<Query> {
        self.prologue()?;
        let start = self.token.span;
        let word = if self.token.kind == Kind::Word { self.token.text.to_ascii_uppercase() } else { String::new() };
        let (form, select, dataset) = match word.as_str() {
            "SELECT" => {
                let (select, dataset) = self.select(true)?;
                (Form::Select, select, dataset)
            }
            "ASK" => {
                self.take()?;
                let dataset = self.dataset_clause()?;
                self.takes_word("WHERE")?;
                let (pattern, visible) = self.group()?;
                (Form::Ask, self.rest(start, pattern, &visible)?, dataset)
            }
            "CONSTRUCT" => self.construct(start)?,
            "DESCRIBE" => self.describe(start)?,
            word if UPDATES.contains(&word) => return Err(Refusal::Update { position: self.position() }),
            "VERSION" => return Err(self.wrong("VERSION is SPARQL 1.2, and SPARQL 1.1 is read here")),
            _ => return Err(self.unexpected(&["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])),
        };
        let base = self.base.take().map(oxiri::Iri::into_inner);
        let mut query = Query { form, select, dataset, base, variables: Vec::new() };
        let (variables, same) = std::mem::take(&mut self.names).finish();
        query.variables = variables;
        if !same.is_empty() {
            query.each_var_mut(&mut |var| {
                // A variable of a select in a select in a select may be that of the outermost.
                while let Some(other) = same.get(var) {
                    *var = *other;
                }
            });
        }
        Ok(query)
    }

    /// [4] Prologue
    fn prologue(&mut self) -> Read<()> {
        loop {
            if self.takes_word("BASE")? {
                if self.token.kind != Kind::Iri {
                    return Err(self.unexpected(&["an IRI"]));
                }
                let token = self.take()?;
                let base = self.resolve(token)?;
                self.base = oxiri::Iri::parse(base.into_string()).ok();
            } else if self.takes_word("PREFIX")? {
                let prefix = self.token.text.strip_suffix(':');
                let prefix = prefix.filter(|prefix| self.token.kind == Kind::Name && !prefix.contains(':'));
                let Some(prefix) = prefix else { return Err(self.unexpected(&["a prefix with a colon"])) };
                self.take()?;
                if self.token.kind != Kind::Iri {
                    return Err(self.unexpected(&["an IRI"]));
                }
                let token = self.take()?;
                let iri = self.resolve(token)?;
                self.prefixes.insert(prefix, iri.into_string());
            } else {
                return Ok(());
            }
        }
    }

    /// [7] `SelectQuery` and [8] `SubSelect`
    pub(super) fn select(&mut self, is_query: bool) -> Read<(Select, Option<DatasetClause>)> {
        let start = self.token.span;
        let clause = self.select_clause()?;
        let dataset = if is_query { self.dataset_clause()? } else { None };
        self.takes_word("WHERE")?;
        let (pattern, visible) = self.group()?;
        let Clause { duplicates, columns, extensions, mut aggregates } = clause;
        let modifiers = self.modifiers(&mut aggregates)?;
        let is_grouped = modifiers.group.is_some() || !aggregates.is_empty();
        let all = match (&columns, is_grouped) {
            (None, true) => return Err(self.wrong_at(start, "SELECT * cannot be used with GROUP BY: name the columns")),
            (None, false) => self.named_only(&with_values(&visible, modifiers.values.as_ref())),
            (Some(columns), _) => columns.iter().map(|(var, _)| *var).collect(),
        };
        self.check_columns(columns.as_deref().unwrap_or_default(), &extensions, &visible, &modifiers, is_grouped)?;
        let extensions = extensions.into_iter().map(|(var, expression, _)| (var, expression)).collect();
        let mut select = self.assemble(start, pattern, modifiers, aggregates);
        (select.duplicates, select.columns, select.extensions) = (duplicates, all, extensions);
        Ok((select, dataset))
    }

    /// [9] `SelectClause`
    fn select_clause(&mut self) -> Read<Clause> {
        self.word("SELECT")?;
        let duplicates = if self.takes_word("DISTINCT")? {
            Duplicates::Go
        } else if self.takes_word("REDUCED")? {
            Duplicates::MayGo
        } else {
            Duplicates::Keep
        };
        let mut aggregates = Aggregates::default();
        if self.takes("*")? {
            return Ok(Clause { duplicates, columns: None, extensions: Vec::new(), aggregates });
        }
        let (mut columns, mut extensions) = (Vec::new(), Vec::new());
        loop {
            let span = self.token.span;
            if self.token.kind == Kind::Variable {
                let token = self.take()?;
                columns.push((self.variable(token)?, span));
            } else if self.token.is("(") {
                self.opens("(")?;
                let expression = self.expression(&mut Some(&mut aggregates))?;
                self.word("AS")?;
                let (var, place) = self.some_variable()?;
                self.closes(")")?;
                columns.push((var, place));
                extensions.push((var, expression, place));
            } else if columns.is_empty() {
                return Err(self.unexpected(&["*", "a variable", "("]));
            } else {
                return Ok(Clause { duplicates, columns: Some(columns), extensions, aggregates });
            }
        }
    }

    /// A variable that must be there, with its place.
    pub(super) fn some_variable(&mut self) -> Read<(Var, Span)> {
        if self.token.kind != Kind::Variable {
            return Err(self.unexpected(&["a variable"]));
        }
        let token = self.take()?;
        Ok((self.variable(token)?, token.span))
    }

    /// What may be projected. [Section 18.2.4.4](https://www.w3.org/TR/sparql11-query/#sparqlSelectExpressions) and rules
    /// 12 to 14 of [section 19.8](https://www.w3.org/TR/sparql11-query/#sparqlGrammar).
    fn check_columns(
        &self,
        columns: &[(Var, Span)],
        extensions: &[(Var, Expression, Span)],
        visible: &Visible,
        modifiers: &Modifiers,
        is_grouped: bool,
    ) -> Read<()> {
        let mut known: HashSet<Var> = match &modifiers.group {
            Some((_, group)) => group.keys.iter().copied().chain(group.binds.iter().map(|(var, _)| *var)).collect(),
            None => HashSet::new(),
        };
        let mut aliases = HashSet::new();
        for (var, expression, span) in extensions {
            if visible.contains(*var) || !aliases.insert(*var) {
                let message = format!("the variable of AS is bound already: {}", self.name(*var));
                return Err(self.wrong_at(*span, message));
            }
            if is_grouped {
                self.check_grouped(expression, &known)?;
            }
            known.insert(*var);
        }
        if is_grouped {
            let free = columns.iter().find(|(var, _)| !known.contains(var));
            if let Some((var, span)) = free {
                return Err(self.not_grouped(*var, *span));
            }
        }
        Ok(())
    }

    /// Outside of aggregates only what all solutions of a group have in common has a value.
    fn check_grouped(&self, expression: &Expression, known: &HashSet<Var>) -> Read<()> {
        let mut todo = vec![expression];
        while let Some(expression) = todo.pop() {
            if let ExpressionKind::Var(var) = &expression.kind
                && !known.contains(var)
                && self.names.is_named(*var)
            {
                return Err(self.not_grouped(*var, expression.span));
            }
            todo.extend(expression.operands());
        }
        Ok(())
    }

    fn not_grouped(&self, var: Var, span: Span) -> Refusal {
        let name = self.name(var);
        self.wrong_at(
            span,
            format!("{name} is neither in GROUP BY nor in an aggregate: write SAMPLE({name}), or group by it"),
        )
    }

    fn name(&self, var: Var) -> String {
        format!("?{}", super::reader::shorten(self.names.name(var)))
    }

    /// Those that have a name.
    fn named_only(&self, visible: &Visible) -> Vec<Var> {
        visible.in_order().iter().copied().filter(|var| self.names.is_named(*var)).collect()
    }

    /// [13] `DatasetClause`
    fn dataset_clause(&mut self) -> Read<Option<DatasetClause>> {
        let mut clause = None;
        while self.takes_word("FROM")? {
            let is_named = self.takes_word("NAMED")?;
            self.node()?;
            let iri = self.iri()?;
            let clause: &mut DatasetClause = clause.get_or_insert_default();
            if is_named { &mut clause.named } else { &mut clause.default }.push(iri);
        }
        Ok(clause)
    }

    /// The select of a form that projects nothing.
    fn rest(&mut self, start: Span, pattern: Pattern, visible: &Visible) -> Read<Select> {
        let mut aggregates = Aggregates::default();
        let modifiers = self.modifiers(&mut aggregates)?;
        let visible = with_values(visible, modifiers.values.as_ref());
        let grouped = modifiers.group.as_ref().map(|(_, group)| group.keys.clone());
        let mut select = self.assemble(start, pattern, modifiers, aggregates);
        select.columns = match (grouped, &select.grouping) {
            (Some(keys), _) => keys,
            (None, Some(_)) => Vec::new(),
            (None, None) => self.named_only(&visible),
        };
        Ok(select)
    }

    fn assemble(&mut self, start: Span, pattern: Pattern, modifiers: Modifiers, aggregates: Aggregates) -> Select {
        let Modifiers { group, having, order, offset, limit, values } = modifiers;
        let first = aggregates.first_span();
        let aggregates = aggregates.into_all();
        let grouping = match (group, aggregates.is_empty()) {
            (Some((span, GroupKeys { binds, keys })), _) => Some(Grouping { span, binds, keys, aggregates }),
            (None, false) => Some(Grouping { span: first, binds: Vec::new(), keys: Vec::new(), aggregates }),
            (None, true) => None,
        };
        Select {
            span: self.span_from(start),
            pattern,
            grouping,
            having,
            extensions: Vec::new(),
            values,
            order,
            columns: Vec::new(),
            duplicates: Duplicates::Keep,
            offset,
            limit,
        }
    }

    /// [10] `ConstructQuery`
    fn construct(&mut self, start: Span) -> Read<(Form, Select, Option<DatasetClause>)> {
        self.word("CONSTRUCT")?;
        if self.token.is("{") {
            let template = self.template()?;
            let dataset = self.dataset_clause()?;
            self.takes_word("WHERE")?;
            let (pattern, visible) = self.group()?;
            return Ok((Form::Construct(template), self.rest(start, pattern, &visible)?, dataset));
        }
        let dataset = self.dataset_clause()?;
        self.word("WHERE")?;
        let (pattern, visible) = self.triples_only()?;
        let template = super::triples::as_template(&pattern, &self.names);
        Ok((Form::Construct(template), self.rest(start, pattern, &visible)?, dataset))
    }

    /// [11] `DescribeQuery`
    fn describe(&mut self, start: Span) -> Read<(Form, Select, Option<DatasetClause>)> {
        self.word("DESCRIBE")?;
        let mut targets = Vec::new();
        let all = self.takes("*")?;
        while !all && (self.is_iri() || self.token.kind == Kind::Variable) {
            self.node()?;
            targets.push(self.var_or_iri()?);
        }
        if !all && targets.is_empty() {
            return Err(self.unexpected(&["*", "a variable", "an IRI"]));
        }
        let dataset = self.dataset_clause()?;
        let (pattern, visible) = if self.takes_word("WHERE")? || self.token.is("{") {
            self.group()?
        } else {
            let kind = PatternKind::Group { elements: Vec::new(), filters: Vec::new() };
            (Pattern { span: self.span_from(start), kind }, Visible::default())
        };
        let select = self.rest(start, pattern, &visible)?;
        if all {
            targets = select.columns.iter().map(|var| Name::Var(*var)).collect();
        }
        Ok((Form::Describe(targets), select, dataset))
    }

    /// [107] `VarOrIri`
    pub(super) fn var_or_iri(&mut self) -> Read<Name> {
        if self.token.kind == Kind::Variable {
            return Ok(Name::Var(self.some_variable()?.0));
        }
        if self.is_iri() {
            return Ok(Name::Iri(self.iri()?));
        }
        Err(self.unexpected(&["a variable", "an IRI"]))
    }

    /// [18] `SolutionModifier` and [28] `ValuesClause`
    fn modifiers(&mut self, aggregates: &mut Aggregates) -> Read<Modifiers> {
        let mut modifiers = Modifiers::default();
        let start = self.token.span;
        if self.takes_word("GROUP")? {
            self.word("BY")?;
            let group = self.group_conditions()?;
            modifiers.group = Some((self.span_from(start), group));
        }
        if self.takes_word("HAVING")? {
            while modifiers.having.is_empty() || self.is_constraint() {
                modifiers.having.push(self.constraint(&mut Some(aggregates))?);
            }
        }
        if self.takes_word("ORDER")? {
            self.word("BY")?;
            while modifiers.order.is_empty() || self.is_order_condition() {
                modifiers.order.push(self.order_condition(aggregates)?);
            }
        }
        let (mut has_limit, mut has_offset) = (false, false);
        loop {
            if !has_limit && self.takes_word("LIMIT")? {
                has_limit = true;
                modifiers.limit = Some(self.integer()?);
            } else if !has_offset && self.takes_word("OFFSET")? {
                has_offset = true;
                modifiers.offset = self.integer()?;
            } else {
                break;
            }
        }
        if self.takes_word("VALUES")? {
            modifiers.values = Some(self.data_block()?);
        }
        Ok(modifiers)
    }

    /// [20] `GroupCondition`s
    fn group_conditions(&mut self) -> Read<GroupKeys> {
        let (mut binds, mut keys) = (Vec::new(), Vec::new());
        loop {
            if self.token.kind == Kind::Variable {
                keys.push(self.some_variable()?.0);
            } else if self.token.is("(") {
                self.opens("(")?;
                let expression = self.expression(&mut None)?;
                let var = if self.takes_word("AS")? { self.some_variable()?.0 } else { self.made(VarName::Hidden)? };
                self.closes(")")?;
                binds.push((var, expression));
                keys.push(var);
            } else if self.is_call() {
                let expression = self.call(&mut None)?;
                let var = self.made(VarName::Hidden)?;
                binds.push((var, expression));
                keys.push(var);
            } else if keys.is_empty() {
                return Err(self.unexpected(&["a variable", "("]));
            } else {
                return Ok(GroupKeys { binds, keys });
            }
        }
    }

    fn is_order_condition(&self) -> bool {
        self.token.kind == Kind::Variable
            || self.token.is_word("ASC")
            || self.token.is_word("DESC")
            || self.is_constraint()
    }

    /// [24] `OrderCondition`
    fn order_condition(&mut self, aggregates: &mut Aggregates) -> Read<OrderKey> {
        let descending = self.token.is_word("DESC");
        if descending || self.token.is_word("ASC") {
            self.take()?;
            let expression = self.bracketed(&mut Some(aggregates))?;
            return Ok(OrderKey { expression, descending });
        }
        if self.token.kind == Kind::Variable {
            let (var, span) = self.some_variable()?;
            self.node()?;
            let expression = Expression { span, kind: ExpressionKind::Var(var) };
            return Ok(OrderKey { expression, descending: false });
        }
        Ok(OrderKey { expression: self.constraint(&mut Some(aggregates))?, descending: false })
    }

    fn integer(&mut self) -> Read<u64> {
        if self.token.kind != Kind::Integer {
            return Err(self.unexpected(&["a whole number"]));
        }
        let text = self.token.text;
        self.take()?;
        // A number that no computer can count to is as good as all.
        Ok(text.parse().unwrap_or(u64::MAX))
    }
}

/// What is in scope with the variables of a block of values behind it all.
fn with_values(visible: &Visible, values: Option<&InlineData>) -> Visible {
    let mut all = visible.clone();
    values.into_iter().flat_map(|data| &data.variables).for_each(|var| all.add(*var));
    all
}

/// The name of an aggregate.
pub(super) fn aggregate(word: &str) -> Option<AggregateFunction> {
    let all = [
        ("COUNT", AggregateFunction::Count),
        ("SUM", AggregateFunction::Sum),
        ("AVG", AggregateFunction::Average),
        ("MIN", AggregateFunction::Minimum),
        ("MAX", AggregateFunction::Maximum),
        ("SAMPLE", AggregateFunction::Sample),
        ("GROUP_CONCAT", AggregateFunction::Concatenation(" ".to_owned())),
    ];
    all.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, function)| function)
}
