//! Functions: those that look at how a term is written, those of time and chance, and regular expressions. The rest are
//! functions of values ([`crate::value`]).

use std::{borrow::Cow, rc::Rc};

use oxigraph::model::{
    BlankNode,
    vocab::{rdf, xsd},
};

use super::{
    Execution, Halt,
    expression::{Evaluated, Out, checked},
};
use crate::{
    dataset::{Id, TermKind},
    engine::{plan::Value as Expression, terms::Cell},
    sparql::Builtin,
    value::{
        self, Fault, Value,
        regex::{Pattern, ReplaceError, Replacement},
    },
};

/// Bytes of a text that is worth counting while an expression is evaluated.
const COUNTED: usize = 256;

/// The last regular expression of a call, as it was written with its flags, and compiled if it can be.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    pattern: String,
    flags: String,
    program: Option<Rc<Pattern>>,
    is_set: bool,
}

impl<'q> Execution<'q> {
    pub(super) fn call(&self, builtin: Builtin, arguments: &'q [Expression], row: &mut [Id]) -> Evaluated<Out<'q>> {
        match (builtin, arguments) {
            (Builtin::Now, _) => return Ok(Some(Out::Value(self.moment.now()))),
            (Builtin::Rand, _) => {
                return Ok(Some(Out::Value(Value::Number(value::Number::Double(self.moment.random())))));
            }
            (Builtin::Uuid, _) => return Ok(Some(Out::Value(Value::Iri(self.moment.uuid("urn:uuid:").into())))),
            (Builtin::StrUuid, _) => return Ok(Some(Out::Value(Value::String(self.moment.uuid("").into())))),
            (Builtin::BNode, []) => return Ok(Some(Out::Value(Value::Blank(self.moment.blank().into())))),
            (Builtin::BNode, [label]) => return self.blank_of(label, row),
            (Builtin::Iri, [name]) => {
                let name = self.operand(name, row)?;
                return Ok(name.and_then(|name| value::iri(&name, self.plan.base.as_deref())).map(Out::Value));
            }
            (Builtin::SameTerm, [a, b]) => {
                let (a, b) = (self.id(a, row)?, self.id(b, row)?);
                let known = a != crate::engine::terms::UNBOUND && b != crate::engine::terms::UNBOUND;
                return Ok(known.then_some(Out::Value(Value::Boolean(a == b))));
            }
            _ => {}
        }
        if let ([one], true) = (arguments, looks_at_writing(builtin)) {
            return match self.evaluate(one, row)? {
                None => Ok(None),
                // The characters of a text that was made are counted as those of any value.
                Some(Out::Term(id)) if builtin == Builtin::StrLen && id >= self.known => match self.value_of(id) {
                    None => Ok(None),
                    Some(value) => self.of_values(builtin, &[value]),
                },
                Some(Out::Term(id)) => Ok(self.of_term(builtin, id).map(Out::Value)),
                Some(Out::Value(value)) => self.of_values(builtin, &[value]),
            };
        }
        if builtin == Builtin::StrDt {
            return self.typed(arguments, row);
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let Some(value) = self.operand(argument, row)? else { return Ok(None) };
            values.push(value);
        }
        self.of_values(builtin, &values)
    }

    /// STRDT: a term, so that it is written as it was put together.
    fn typed(&self, arguments: &'q [Expression], row: &mut [Id]) -> Evaluated<Out<'q>> {
        let [text, datatype] = arguments else { return Ok(None) };
        let Some(text) = self.operand(text, row)? else { return Ok(None) };
        let Some(datatype) = self.operand(datatype, row)? else { return Ok(None) };
        match value::call(Builtin::StrDt, &[text, datatype], self.budget.room()) {
            Ok(literal) => Ok(Some(Out::Term(self.number(&literal)?))),
            Err(_) => Ok(None),
        }
    }

    fn of_values(&self, builtin: Builtin, values: &[Value<'q>]) -> Evaluated<Out<'q>> {
        let read = values.iter().map(length).sum();
        checked(self.budget.work(1, read))?;
        match value::call(builtin, values, self.budget.room()) {
            Ok(value) => {
                self.take_scratch(&value)?;
                Ok(Some(Out::Value(value)))
            }
            Err(Fault::NoValue) => Ok(None),
            Err(Fault::TooLarge) => Err(self.too_much_memory()),
        }
    }

    /// Counts a text that is made on the way to something else.
    fn take_scratch(&self, value: &Value<'_>) -> Result<(), Halt> {
        let made = match value {
            Value::String(Cow::Owned(text))
            | Value::Iri(Cow::Owned(text))
            | Value::Tagged { text: Cow::Owned(text), .. } => text.len(),
            _ => 0,
        };
        if made < COUNTED {
            return Ok(());
        }
        self.scratch.set(self.scratch.get() + made);
        checked(self.budget.work(1, made))?;
        checked(self.budget.take(made))
    }

    /// Gives back what texts took that were made on the way.
    pub(super) fn give_back_scratch(&self) {
        let made = self.scratch.take();
        if made > 0 {
            self.budget.give_back(made);
        }
    }

    fn too_much_memory(&self) -> Halt {
        let failed = self.budget.fail(crate::engine::EngineError::Memory);
        checked(failed).err().unwrap_or(Halt::Failed)
    }

    /// A function of a term as it is written.
    fn of_term(&self, builtin: Builtin, id: Id) -> Option<Value<'q>> {
        let kind = self.kind_of(id)?;
        let is = |wanted: bool| Some(Value::Boolean(wanted));
        match builtin {
            Builtin::IsIri => is(kind == TermKind::Iri),
            Builtin::IsBlank => is(kind == TermKind::Blank),
            Builtin::IsLiteral => is(kind == TermKind::Literal),
            Builtin::Str if kind == TermKind::Blank => None,
            Builtin::Str => Some(Value::String(self.text_of(id)?)),
            Builtin::StrLen if id < self.known => {
                let stored = self.texts.get(id);
                let is_string = Cell::Stored(stored).is_string();
                // A character has one byte that does not continue another.
                let characters = || stored.text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
                is_string.then(|| Value::Number(i64::try_from(characters()).unwrap_or(i64::MAX).into()))
            }
            Builtin::Lang if id < self.known => {
                let stored = self.texts.get(id);
                let language = || Value::String(String::from_utf8_lossy(stored.language().unwrap_or_default()));
                (kind == TermKind::Literal).then(language)
            }
            Builtin::Lang if kind == TermKind::Literal => {
                self.with_cell(id, |cell| Value::String(owned(cell.language_of_literal().unwrap_or_default())))
            }
            Builtin::DataType if kind == TermKind::Literal => self.with_cell(id, |cell| Value::Iri(datatype(cell))),
            _ => None,
        }
    }

    /// Lexical form, IRI, or label.
    pub(super) fn text_of(&self, id: Id) -> Option<Cow<'q, str>> {
        if id < self.known {
            return Some(String::from_utf8_lossy(self.texts.get(id).text));
        }
        self.with_cell(id, |cell| owned(cell.text()))
    }

    fn with_cell<T>(&self, id: Id, look: impl FnOnce(Cell<'_>) -> T) -> Option<T> {
        self.terms.borrow().cell(id).map(look)
    }

    /// `BNODE("label")`: within one solution the same label is the same node.
    /// [SPARQL 1.1 Query, section 17.4.2.9](https://www.w3.org/TR/sparql11-query/#func-bnode)
    fn blank_of(&self, label: &'q Expression, row: &mut [Id]) -> Evaluated<Out<'q>> {
        let Some(Value::String(label)) = self.operand(label, row)? else { return Ok(None) };
        let known = self.labels.borrow().iter().find(|(known, _)| *known == label).map(|(_, id)| *id);
        if let Some(id) = known {
            return Ok(Some(Out::Term(id)));
        }
        let node = BlankNode::new_unchecked(self.moment.blank());
        let mut terms = self.terms.borrow_mut();
        let before = terms.bytes();
        let id = terms.number(&node);
        checked(self.budget.take(terms.bytes() - before))?;
        self.labels.borrow_mut().push((label.into_owned(), id));
        Ok(Some(Out::Term(id)))
    }

    pub(super) fn regex(&self, index: usize, arguments: &'q [Expression], row: &mut [Id]) -> Evaluated<bool> {
        let [text, pattern, flags @ ..] = arguments else { return Ok(None) };
        let Some(text) = self.operand(text, row)? else { return Ok(None) };
        let (Value::String(text) | Value::Tagged { text, .. }) = text else { return Ok(None) };
        let Some(pattern) = self.pattern(index, pattern, flags.first(), row)? else { return Ok(None) };
        checked(self.budget.work(1, 4 * text.len()))?;
        Ok(pattern.is_match(&text).ok())
    }

    pub(super) fn replace(&self, index: usize, arguments: &'q [Expression], row: &mut [Id]) -> Evaluated<Value<'q>> {
        let [text, pattern, replacement, flags @ ..] = arguments else { return Ok(None) };
        let Some(whole) = self.operand(text, row)? else { return Ok(None) };
        let (Value::String(text) | Value::Tagged { text, .. }) = &whole else { return Ok(None) };
        let Some(pattern) = self.pattern(index, pattern, flags.first(), row)? else { return Ok(None) };
        let Some(Value::String(replacement)) = self.operand(replacement, row)? else { return Ok(None) };
        checked(self.budget.work(1, 8 * text.len()))?;
        let Ok(replacement) = Replacement::new(&replacement, pattern.groups(), pattern.is_literal()) else {
            return Ok(None);
        };
        let replaced = match pattern.replace(text, &replacement, self.budget.room()) {
            Ok(replaced) => replaced.into_owned(),
            Err(ReplaceError::TooLong(_)) => return Err(self.too_much_memory()),
            Err(_) => return Ok(None),
        };
        let value = match &whole {
            Value::Tagged { language, .. } => {
                Value::Tagged { text: replaced.into(), language: Cow::Owned(language.clone().into_owned()) }
            }
            _ => Value::String(replaced.into()),
        };
        self.take_scratch(&value)?;
        Ok(Some(value))
    }

    /// A regular expression, compiled unless the last one of the call was the same.
    fn pattern(
        &self,
        index: usize,
        pattern: &'q Expression,
        flags: Option<&'q Expression>,
        row: &mut [Id],
    ) -> Evaluated<Rc<Pattern>> {
        let Some(Value::String(pattern)) = self.operand(pattern, row)? else { return Ok(None) };
        let flags = match flags {
            None => Cow::Borrowed(""),
            Some(flags) => match self.operand(flags, row)? {
                Some(Value::String(flags)) => flags,
                _ => return Ok(None),
            },
        };
        let last = &mut *self.patterns[index].borrow_mut();
        if !(last.is_set && last.pattern == *pattern && last.flags == *flags) {
            // Compiling takes some thousand times as long as its text is to read.
            checked(self.budget.work(64, pattern.len() + COUNTED))?;
            let program = Pattern::new(&pattern, &flags).ok().map(Rc::new);
            *last = Compiled { pattern: pattern.into_owned(), flags: flags.into_owned(), program, is_set: true };
        }
        Ok(last.program.clone())
    }
}

/// Whether a function of one argument looks at how a term is written, or at what kind of term it is.
fn looks_at_writing(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::Str
            | Builtin::StrLen
            | Builtin::Lang
            | Builtin::DataType
            | Builtin::IsIri
            | Builtin::IsBlank
            | Builtin::IsLiteral
    )
}

fn owned(text: &[u8]) -> Cow<'static, str> {
    Cow::Owned(String::from_utf8_lossy(text).into_owned())
}

fn datatype(cell: Cell<'_>) -> Cow<'static, str> {
    match cell {
        Cell::Stored(stored) => match (stored.datatype(), stored.language()) {
            (Some(datatype), _) => owned(datatype),
            (None, Some(_)) => rdf::LANG_STRING.as_str().into(),
            (None, None) => xsd::STRING.as_str().into(),
        },
        Cell::Made(oxigraph::model::TermRef::Literal(literal)) => literal.datatype().as_str().to_owned().into(),
        Cell::Made(_) => Cow::Borrowed(""),
    }
}

fn length(value: &Value<'_>) -> usize {
    match value {
        Value::String(text) | Value::Iri(text) | Value::Tagged { text, .. } | Value::Other { text, .. } => text.len(),
        _ => 0,
    }
}
