//! Going through all of a query.

use super::{
    Aggregate, Builtin, Element, Expression, ExpressionKind, Form, InlineData, Name, Pattern, PatternKind, Query,
    Select, TemplatePart, TermPattern, Var, VarName,
};

impl VarName {
    /// What is written: the name, or the label of a blank node.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Named(name) | Self::Blank(name) => Some(name),
            Self::Hidden => None,
        }
    }
}

/// A part of a query.
enum Part<'q> {
    Pattern(&'q mut Pattern),
    Expression(&'q mut Expression),
    Select(&'q mut Select),
}

impl Query {
    /// The name of a variable; none if it has none that the text can say.
    #[must_use]
    pub fn name(&self, var: Var) -> Option<&str> {
        match self.variables.get(var.0 as usize) {
            Some(VarName::Named(name)) => Some(name),
            _ => None,
        }
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.select.columns.iter().filter_map(|var| self.name(*var))
    }

    /// Whether the same graph may give another answer the next time: the query asks for the time, for a random number or
    /// for a new name.
    #[must_use]
    pub fn is_volatile(&self) -> bool {
        let mut found = false;
        let mut query = self.clone();
        query.each_expression_mut(&mut |expression| {
            found |= matches!(
                expression.kind,
                ExpressionKind::Call(
                    Builtin::Now | Builtin::Rand | Builtin::Uuid | Builtin::StrUuid | Builtin::BNode,
                    _
                )
            );
        });
        found
    }

    /// Shows every pattern, a whole before its parts, those in expressions too.
    pub fn each_pattern_mut(&mut self, visit: &mut dyn FnMut(&mut Pattern)) {
        each(vec![Part::Select(&mut self.select)], &mut |part| {
            if let Part::Pattern(pattern) = part {
                visit(pattern);
            }
        });
    }

    /// Shows every expression, a whole before its parts.
    pub fn each_expression_mut(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
        each(vec![Part::Select(&mut self.select)], &mut |part| {
            if let Part::Expression(expression) = part {
                visit(expression);
            }
        });
    }

    /// Shows every place where a variable stands.
    pub fn each_var_mut(&mut self, visit: &mut dyn FnMut(&mut Var)) {
        match &mut self.form {
            Form::Construct(template) => {
                for part in template.iter_mut().flat_map(|triple| &mut triple.parts) {
                    if let TemplatePart::Var(var) = part {
                        visit(var);
                    }
                }
            }
            Form::Describe(targets) => {
                for target in targets {
                    if let Name::Var(var) = target {
                        visit(var);
                    }
                }
            }
            Form::Select | Form::Ask => {}
        }
        each(vec![Part::Select(&mut self.select)], &mut |part| part.each_var(visit));
    }
}

impl Pattern {
    /// Whether a variable stands somewhere in it.
    #[must_use]
    pub fn mentions(&self, var: Var) -> bool {
        let mut found = false;
        let mut pattern = self.clone();
        each(vec![Part::Pattern(&mut pattern)], &mut |part| part.each_var(&mut |other| found |= *other == var));
        found
    }
}

/// Shows every part of some parts, without recursion.
fn each(mut todo: Vec<Part<'_>>, visit: &mut dyn FnMut(&mut Part<'_>)) {
    while let Some(mut part) = todo.pop() {
        visit(&mut part);
        match part {
            Part::Pattern(pattern) => push_pattern(pattern, &mut todo),
            Part::Expression(expression) => push_expression(expression, &mut todo),
            Part::Select(select) => push_select(select, &mut todo),
        }
    }
}

fn push_pattern<'q>(pattern: &'q mut Pattern, todo: &mut Vec<Part<'q>>) {
    match &mut pattern.kind {
        PatternKind::Group { elements, filters } => {
            for element in elements {
                match element {
                    Element::Join(pattern) | Element::Minus(pattern) => todo.push(Part::Pattern(pattern)),
                    Element::Optional { pattern, conditions } => {
                        todo.push(Part::Pattern(pattern));
                        todo.extend(conditions.iter_mut().map(Part::Expression));
                    }
                    Element::Bind { expression, .. } => todo.push(Part::Expression(expression)),
                }
            }
            todo.extend(filters.iter_mut().map(Part::Expression));
        }
        PatternKind::Union(branches) => todo.extend(branches.iter_mut().map(Part::Pattern)),
        PatternKind::Graph { inner, .. } => todo.push(Part::Pattern(inner)),
        PatternKind::Select(select) => todo.push(Part::Select(select)),
        PatternKind::Triple(_) | PatternKind::Path(_) | PatternKind::Values(_) => {}
    }
}

fn push_select<'q>(select: &'q mut Select, todo: &mut Vec<Part<'q>>) {
    todo.push(Part::Pattern(&mut select.pattern));
    if let Some(grouping) = &mut select.grouping {
        todo.extend(grouping.binds.iter_mut().map(|(_, expression)| Part::Expression(expression)));
        let arguments = grouping.aggregates.iter_mut().filter_map(|(_, Aggregate { argument, .. })| argument.as_mut());
        todo.extend(arguments.map(Part::Expression));
    }
    todo.extend(select.having.iter_mut().map(Part::Expression));
    todo.extend(select.extensions.iter_mut().map(|(_, expression)| Part::Expression(expression)));
    todo.extend(select.order.iter_mut().map(|key| Part::Expression(&mut key.expression)));
}

fn push_expression<'q>(expression: &'q mut Expression, todo: &mut Vec<Part<'q>>) {
    match &mut expression.kind {
        ExpressionKind::Exists(pattern) => todo.push(Part::Pattern(pattern)),
        kind => todo.extend(kind.operands_mut().into_iter().map(Part::Expression)),
    }
}

impl Part<'_> {
    /// The variables of the part itself.
    fn each_var(&mut self, visit: &mut dyn FnMut(&mut Var)) {
        match self {
            Self::Pattern(pattern) => pattern.each_var(visit),
            Self::Expression(expression) => {
                if let ExpressionKind::Var(var) | ExpressionKind::Bound(var) = &mut expression.kind {
                    visit(var);
                }
            }
            Self::Select(select) => {
                if let Some(grouping) = &mut select.grouping {
                    grouping.binds.iter_mut().for_each(|(var, _)| visit(var));
                    grouping.keys.iter_mut().for_each(&mut *visit);
                    grouping.aggregates.iter_mut().for_each(|(var, _)| visit(var));
                }
                select.extensions.iter_mut().for_each(|(var, _)| visit(var));
                select.columns.iter_mut().for_each(&mut *visit);
                if let Some(InlineData { variables, .. }) = &mut select.values {
                    variables.iter_mut().for_each(visit);
                }
            }
        }
    }
}

impl Pattern {
    fn each_var(&mut self, visit: &mut dyn FnMut(&mut Var)) {
        let mut term = |term: &mut TermPattern| {
            if let TermPattern::Var(var) = term {
                visit(var);
            }
        };
        match &mut self.kind {
            PatternKind::Triple(triple) => {
                [&mut triple.subject, &mut triple.predicate, &mut triple.object].into_iter().for_each(&mut term);
            }
            PatternKind::Path(path) => [&mut path.subject, &mut path.object].into_iter().for_each(&mut term),
            PatternKind::Graph { name: Name::Var(var), .. } => visit(var),
            PatternKind::Values(data) => data.variables.iter_mut().for_each(visit),
            PatternKind::Group { elements, .. } => {
                for element in elements {
                    if let Element::Bind { variable, .. } = element {
                        visit(variable);
                    }
                }
            }
            PatternKind::Graph { .. } | PatternKind::Union(_) | PatternKind::Select(_) => {}
        }
    }
}

/// Writes a function that lists what an expression is made of, borrowed one way or the other.
macro_rules! operands {
    ($(#[$doc:meta])* $name:ident, $iter:ident $(, $mutable:tt)?) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&$($mutable)? self) -> Vec<&$($mutable)? Expression> {
            match self {
                Self::Var(_) | Self::Term(_) | Self::Bound(_) | Self::Exists(_) => Vec::new(),
                Self::Or(all) | Self::And(all) | Self::Coalesce(all) | Self::Call(_, all) | Self::Named(_, all) => {
                    all.$iter().collect()
                }
                Self::Not(one) | Self::Minus(one) | Self::Plus(one) => vec![one],
                Self::Compare(_, two) => two.$iter().collect(),
                Self::In(one, all) => std::iter::once(&$($mutable)? **one).chain(all).collect(),
                Self::Sum(all) => all.$iter().map(|(_, one)| one).collect(),
                Self::Product(all) => all.$iter().map(|(_, one)| one).collect(),
                Self::If(three) => three.$iter().collect(),
            }
        }
    };
}

impl ExpressionKind {
    operands!(
        /// The expressions it is made of, without what is in an EXISTS.
        operands, iter
    );
    operands!(
        /// The same, to be changed.
        operands_mut, iter_mut, mut
    );
}

impl Expression {
    /// The expressions it is made of, without what is in an EXISTS.
    #[must_use]
    pub fn operands(&self) -> Vec<&Self> {
        self.kind.operands()
    }
}
