//! The fastest form of an expression, and what is remembered of its values.

use super::{
    Numbers, Sought, TextTest, Value,
    expression::{Kind, Remembered, TextSide, Words},
    words::known_words,
};
use crate::{
    sparql::{Builtin, Comparison},
    value,
};

impl Value {
    /// Puts faster forms of the same in the place of common conditions, and gives what depends on one variable a memo.
    pub(super) fn specialise(&mut self, numbers: &mut Numbers) {
        if let Some(kind) = faster(&self.kind, numbers) {
            self.kind = kind;
        } else if self.is_worth_remembering() {
            numbers.memos += 1;
            self.memo = self.seen.iter().next().map(|slot| Remembered { slot, index: numbers.memos - 1 });
        }
        self.kind.operands_mut().into_iter().for_each(|operand| operand.specialise(numbers));
    }

    /// Whether its value depends on one variable and takes longer to find than to remember.
    fn is_worth_remembering(&self) -> bool {
        let takes_long = !matches!(
            self.kind,
            Kind::Slot(_)
                | Kind::Bound(_)
                | Kind::Constant(_)
                | Kind::Exists(_)
                | Kind::HasWords(_)
                | Kind::Score(_)
                | Kind::Contains(_)
                | Kind::Texts(..)
                | Kind::Language { .. }
                | Kind::Call(Builtin::SameTerm | Builtin::IsIri | Builtin::IsBlank | Builtin::IsLiteral, _)
        );
        takes_long && self.seen.iter().take(2).count() == 1 && !self.has_exists() && !self.is_volatile()
    }
}

fn faster(kind: &Kind<super::Exists>, numbers: &mut Numbers) -> Option<Kind<super::Exists>> {
    match kind {
        Kind::MatchesWords(two) => {
            let (slot, search, text) = known_words(two)?;
            Some(Kind::HasWords(Words::new(slot, search, text, &mut numbers.searches)))
        }
        Kind::WordScore(two) => {
            let (slot, search, text) = known_words(two)?;
            Some(Kind::Score(Words::new(slot, search, text, &mut numbers.searches)))
        }
        Kind::Call(builtin, arguments) => sought(*builtin, arguments).map(Kind::Contains),
        Kind::Compare(Comparison::Equal, sides) => {
            let other = || language(&sides[1], &sides[0]);
            language(&sides[0], &sides[1]).or_else(other).or_else(|| texts(Comparison::Equal, sides))
        }
        Kind::Compare(comparison, sides) => texts(*comparison, sides),
        _ => None,
    }
}

/// `LANG(?x) = "fr"`
fn language(one: &Value, other: &Value) -> Option<Kind<super::Exists>> {
    let Kind::Call(Builtin::Lang, arguments) = &one.kind else { return None };
    let value::Value::String(tag) = &other.constant()?.value else { return None };
    Some(Kind::Language { slot: arguments.first()?.slot()?, tag: tag.to_string() })
}

/// `STR(?x) < STR(?y)`
fn texts(comparison: Comparison, sides: &[Value; 2]) -> Option<Kind<super::Exists>> {
    let side = |side: &Value| match (&side.kind, side.constant()) {
        (_, Some(constant)) => match &constant.value {
            value::Value::String(text) => Some(TextSide::Constant(text.to_string())),
            _ => None,
        },
        _ => Some(TextSide::Of(argument_of(Builtin::Str, side)?.slot()?)),
    };
    Some(Kind::Texts(comparison, [side(&sides[0])?, side(&sides[1])?]))
}

/// `CONTAINS(LCASE(STR(?x)), "text")` and the like.
fn sought(builtin: Builtin, arguments: &[Value]) -> Option<Sought> {
    let test = match builtin {
        Builtin::Contains => TextTest::Contains,
        Builtin::StrStarts => TextTest::Starts,
        Builtin::StrEnds => TextTest::Ends,
        _ => return None,
    };
    let [whole, constant] = arguments else { return None };
    let value::Value::String(part) = &constant.constant()?.value else { return None };
    let (in_lower_case, inner) = argument_of(Builtin::LCase, whole).map_or((false, whole), |inner| (true, inner));
    let (in_any, sought) = argument_of(Builtin::Str, inner).map_or((false, inner), |argument| (true, argument));
    Some(Sought { slot: sought.slot()?, in_any, in_lower_case, test, text: part.to_string() })
}

/// The argument, if it is a call of this function.
fn argument_of(builtin: Builtin, expression: &Value) -> Option<&Value> {
    match &expression.kind {
        Kind::Call(called, arguments) if *called == builtin => arguments.first(),
        _ => None,
    }
}
