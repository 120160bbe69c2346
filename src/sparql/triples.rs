//! Triples, in patterns and in templates: lists of predicates and objects, collections, and nodes in brackets.

use std::collections::HashMap;

use oxigraph::model::{NamedNode, Term, vocab::rdf};

use super::{
    Element, Path, PathPattern, Pattern, PatternKind, Span, TemplatePart, TemplateTriple, TermPattern, TriplePattern,
    Var, VarName,
    lexer::Kind,
    pattern::Group,
    reader::{Read, Reader},
    scope::Visible,
};

/// Where triples go.
enum Target<'g> {
    Pattern(&'g mut Group),
    Template(&'g mut Template),
}

/// A template that is read.
#[derive(Default)]
struct Template {
    triples: Vec<TemplateTriple>,
    labels: HashMap<String, u32>,
    blanks: u32,
}

/// A place of a triple.
#[derive(Clone)]
enum Node {
    Var(Var),
    Term(Term),
    /// Only in templates.
    Blank(u32),
}

/// What stands between subject and object.
enum Verb {
    Var(Var),
    Path(Path),
}

impl Reader<'_> {
    /// [55] `TriplesBlock`, up to what is no triple.
    pub(super) fn triples_block(&mut self, group: &mut Group) -> Read<()> {
        let mut target = Target::Pattern(group);
        loop {
            self.triples(&mut target)?;
            let goes_on = self.takes(".")?;
            match (goes_on, self.begins_triples()) {
                (true, true) => {}
                (false, true) => return Err(self.unexpected(&["."])),
                (_, false) => return Ok(()),
            }
        }
    }

    /// [52] `TriplesTemplate` in braces where a whole pattern could stand: the pattern of CONSTRUCT WHERE.
    pub(super) fn triples_only(&mut self) -> Read<(Pattern, Visible)> {
        let start = self.token.span;
        self.opens("{")?;
        let mut group = Group::default();
        while !self.token.is("}") {
            if !self.begins_triples() {
                return Err(self.unexpected(&["}"]));
            }
            self.triples(&mut Target::Pattern(&mut group))?;
            if !self.takes(".")? {
                break;
            }
        }
        self.closes("}")?;
        let is_triple =
            |element: &Element| matches!(element, Element::Join(Pattern { kind: PatternKind::Triple(_), .. }));
        if !group.elements.iter().all(is_triple) {
            return Err(self.wrong_at(start, "a property path cannot be constructed: write a template"));
        }
        let kind = PatternKind::Group { elements: group.elements, filters: Vec::new() };
        Ok((Pattern { span: self.span_from(start), kind }, group.visible))
    }

    /// [73] `ConstructTemplate`
    pub(super) fn template(&mut self) -> Read<Vec<TemplateTriple>> {
        self.opens("{")?;
        let mut template = Template::default();
        while !self.token.is("}") {
            if !self.begins_triples() {
                return Err(self.unexpected(&["}"]));
            }
            self.triples(&mut Target::Template(&mut template))?;
            if !self.takes(".")? {
                break;
            }
        }
        self.closes("}")?;
        Ok(template.triples)
    }

    fn begins_triples(&self) -> bool {
        matches!(self.token.kind, Kind::Variable | Kind::Blank)
            || self.is_iri()
            || self.is_literal()
            || self.token.is("[")
            || self.token.is("(")
    }

    /// [75] `TriplesSameSubject` and [81] `TriplesSameSubjectPath`
    fn triples(&mut self, target: &mut Target<'_>) -> Read<()> {
        let is_node = self.token.is("[") || self.token.is("(");
        let start = self.token.span;
        let subject = self.graph_node(target)?;
        // What is in brackets may be all that is said.
        let said_enough = is_node && !self.begins_verb() && !self.is_empty_node(start);
        if said_enough {
            return Ok(());
        }
        self.properties(&subject, target)
    }

    /// Whether what was taken from here on is `[]` or `()`, which say nothing by themselves.
    fn is_empty_node(&self, start: Span) -> bool {
        let span = self.span_from(start);
        let text = &self.text[span.start as usize..span.end as usize];
        text.len() >= 2 && text[1..text.len() - 1].trim().is_empty()
    }

    fn begins_verb(&self) -> bool {
        self.token.kind == Kind::Variable
            || self.is_iri()
            || self.token.text == "a"
            || ["^", "!", "("].iter().any(|sign| self.token.is(sign))
    }

    /// [77] `PropertyListNotEmpty` and [83] `PropertyListPathNotEmpty`
    fn properties(&mut self, subject: &Node, target: &mut Target<'_>) -> Read<()> {
        loop {
            let start = self.token.span;
            let verb = self.verb(target)?;
            loop {
                let object = self.graph_node(target)?;
                self.triple(start, subject, &verb, object, target)?;
                if !self.takes(",")? {
                    break;
                }
            }
            let mut goes_on = false;
            while self.takes(";")? {
                goes_on = true;
            }
            if !goes_on || !self.begins_verb() {
                return Ok(());
            }
        }
    }

    fn verb(&mut self, target: &mut Target<'_>) -> Read<Verb> {
        if self.token.kind == Kind::Variable {
            let (var, _) = self.some_variable()?;
            if let Target::Pattern(group) = target {
                group.visible.add(var);
            }
            return Ok(Verb::Var(var));
        }
        match target {
            Target::Pattern(_) => Ok(Verb::Path(self.path()?)),
            Target::Template(_) if self.token.text == "a" => {
                self.take()?;
                Ok(Verb::Path(Path::Predicate(rdf::TYPE.into_owned())))
            }
            Target::Template(_) => Ok(Verb::Path(Path::Predicate(self.iri()?))),
        }
    }

    /// [104] `GraphNode`: a term, or a node in brackets with what is said of it.
    fn graph_node(&mut self, target: &mut Target<'_>) -> Read<Node> {
        if self.token.is("[") {
            self.opens("[")?;
            let node = self.blank(None, target)?;
            if !self.token.is("]") {
                self.properties(&node, target)?;
            }
            self.closes("]")?;
            return Ok(node);
        }
        if self.token.is("(") {
            return self.collection(target);
        }
        match self.token.kind {
            Kind::Variable => {
                let (var, _) = self.some_variable()?;
                if let Target::Pattern(group) = target {
                    group.visible.add(var);
                }
                Ok(Node::Var(var))
            }
            Kind::Blank => {
                let label = &self.token.text[2..];
                let node = self.blank(Some(label), target)?;
                self.take()?;
                Ok(node)
            }
            _ if self.is_iri() => Ok(Node::Term(self.iri()?.into())),
            _ if self.is_literal() => Ok(Node::Term(self.literal()?.into())),
            _ => Err(self.unexpected(&[])),
        }
    }

    /// [102] Collection
    fn collection(&mut self, target: &mut Target<'_>) -> Read<Node> {
        let start = self.token.span;
        self.opens("(")?;
        let is = |name: oxigraph::model::NamedNodeRef<'_>| Verb::Path(Path::Predicate(name.into_owned()));
        let (mut first, mut last): (Option<Node>, Option<Node>) = (None, None);
        while !self.token.is(")") {
            let cell = self.blank(None, target)?;
            if let Some(last) = last.replace(cell.clone()) {
                self.triple(start, &last, &is(rdf::REST), cell.clone(), target)?;
            }
            first.get_or_insert_with(|| cell.clone());
            let member = self.graph_node(target)?;
            self.triple(start, &cell, &is(rdf::FIRST), member, target)?;
        }
        self.closes(")")?;
        let nil = Node::Term(rdf::NIL.into_owned().into());
        let (Some(first), Some(last)) = (first, last) else { return Ok(nil) };
        self.triple(start, &last, &is(rdf::REST), nil, target)?;
        Ok(first)
    }

    /// A blank node: a variable of a pattern, or a number of a template.
    fn blank(&mut self, label: Option<&str>, target: &mut Target<'_>) -> Read<Node> {
        match target {
            Target::Template(template) => {
                let next = template.blanks;
                let number = match label {
                    Some(label) => *template.labels.entry(label.to_owned()).or_insert(next),
                    None => next,
                };
                template.blanks += u32::from(number == next);
                Ok(Node::Blank(number))
            }
            Target::Pattern(group) => {
                let Some(label) = label else { return Ok(Node::Var(self.made(VarName::Blank(String::new()))?)) };
                if let Some(var) = group.labels.get(label) {
                    return Ok(Node::Var(*var));
                }
                if self.names.used_labels.contains(label) {
                    let message = "a label of a blank node stands in two basic graph patterns: use a variable";
                    return Err(self.wrong(message));
                }
                let var = self.made(VarName::Blank(label.to_owned()))?;
                group.labels.insert(label.to_owned(), var);
                Ok(Node::Var(var))
            }
        }
    }

    fn triple(&mut self, start: Span, subject: &Node, verb: &Verb, object: Node, target: &mut Target<'_>) -> Read<()> {
        let span = self.span_from(start);
        match target {
            Target::Template(template) => {
                self.node()?;
                let predicate = match verb {
                    Verb::Var(var) => TemplatePart::Var(*var),
                    Verb::Path(Path::Predicate(name)) => TemplatePart::Term(name.clone().into()),
                    Verb::Path(_) => return Err(self.wrong_at(start, "a property path cannot be constructed")),
                };
                template.triples.push(TemplateTriple { parts: [subject.clone().part(), predicate, object.part()] });
                Ok(())
            }
            Target::Pattern(group) => {
                let (subject, object) = (subject.clone().pattern(), object.pattern());
                let kind = match verb {
                    Verb::Var(var) => {
                        PatternKind::Triple(TriplePattern { subject, predicate: TermPattern::Var(*var), object })
                    }
                    Verb::Path(Path::Predicate(name)) => {
                        let predicate = TermPattern::Term(name.clone().into());
                        PatternKind::Triple(TriplePattern { subject, predicate, object })
                    }
                    Verb::Path(path) => PatternKind::Path(PathPattern { subject, path: path.clone(), object }),
                };
                self.add(group, Pattern { span, kind }, 1)
            }
        }
    }

    /// [88] Path: alternatives.
    pub(super) fn path(&mut self) -> Read<Path> {
        let mut all = vec![self.path_sequence()?];
        while self.takes("|")? {
            all.push(self.path_sequence()?);
        }
        Ok(one_or(all, Path::Alternative))
    }

    /// [90] `PathSequence`
    fn path_sequence(&mut self) -> Read<Path> {
        let mut all = vec![self.path_element()?];
        while self.takes("/")? {
            all.push(self.path_element()?);
        }
        Ok(one_or(all, Path::Sequence))
    }

    /// [92] `PathEltOrInverse`
    fn path_element(&mut self) -> Read<Path> {
        self.node()?;
        if self.takes("^")? {
            return Ok(Path::Inverse(Box::new(self.path_with_modifier()?)));
        }
        self.path_with_modifier()
    }

    /// [91] `PathElt`
    fn path_with_modifier(&mut self) -> Read<Path> {
        let path = Box::new(self.path_primary()?);
        if self.takes("*")? {
            Ok(Path::ZeroOrMore(path))
        } else if self.takes("+")? {
            Ok(Path::OneOrMore(path))
        } else if self.takes("?")? {
            Ok(Path::ZeroOrOne(path))
        } else {
            Ok(*path)
        }
    }

    /// [94] `PathPrimary`
    fn path_primary(&mut self) -> Read<Path> {
        if self.takes("!")? {
            return self.negated();
        }
        if self.token.is("(") {
            self.opens("(")?;
            let path = self.path()?;
            self.closes(")")?;
            return Ok(path);
        }
        Ok(Path::Predicate(self.path_iri()?))
    }

    fn path_iri(&mut self) -> Read<NamedNode> {
        if self.token.kind == Kind::Word && self.token.text == "a" {
            self.take()?;
            return Ok(rdf::TYPE.into_owned());
        }
        if self.is_iri() { self.iri() } else { Err(self.unexpected(&[])) }
    }

    /// [95] `PathNegatedPropertySet`
    fn negated(&mut self) -> Read<Path> {
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        let mut one = |this: &mut Self| {
            this.node()?;
            if this.takes("^")? {
                backward.push(this.path_iri()?);
            } else {
                forward.push(this.path_iri()?);
            }
            Ok(())
        };
        if self.token.is("(") {
            self.opens("(")?;
            if !self.token.is(")") {
                one(self)?;
                while self.takes("|")? {
                    one(self)?;
                }
            }
            self.closes(")")?;
        } else {
            one(self)?;
        }
        Ok(Path::Negated { forward, backward })
    }
}

fn one_or(mut all: Vec<Path>, many: fn(Vec<Path>) -> Path) -> Path {
    if all.len() == 1 { all.swap_remove(0) } else { many(all) }
}

impl Node {
    fn pattern(self) -> TermPattern {
        match self {
            Self::Var(var) => TermPattern::Var(var),
            Self::Term(term) => TermPattern::Term(term),
            // Numbers are of templates alone.
            Self::Blank(number) => TermPattern::Var(Var(number)),
        }
    }

    fn part(self) -> TemplatePart {
        match self {
            Self::Var(var) => TemplatePart::Var(var),
            Self::Term(term) => TemplatePart::Term(term),
            Self::Blank(number) => TemplatePart::Blank(number),
        }
    }
}

/// The template that CONSTRUCT WHERE is short for: each blank node of the pattern is a blank node of the template.
pub(super) fn as_template(pattern: &Pattern, names: &super::scope::Names) -> Vec<TemplateTriple> {
    let PatternKind::Group { elements, .. } = &pattern.kind else { return Vec::new() };
    let part = |term: &TermPattern| match term {
        TermPattern::Var(var) if names.is_named(*var) => TemplatePart::Var(*var),
        TermPattern::Var(var) => TemplatePart::Blank(var.0),
        TermPattern::Term(term) => TemplatePart::Term(term.clone()),
    };
    let triple = |element: &Element| match element {
        Element::Join(Pattern { kind: PatternKind::Triple(triple), .. }) => {
            Some(TemplateTriple { parts: [&triple.subject, &triple.predicate, &triple.object].map(part) })
        }
        _ => None,
    };
    elements.iter().filter_map(triple).collect()
}
