//! Binding: terms take the place of `UNDEF` inside a parsed query.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use spargebra::{Query, algebra::GraphPattern, term::GroundTerm};

use crate::engine::{Part, walk};

/// What a parsed query has that matters before it may be a canned query.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// The variables of its blocks `VALUES ?x { UNDEF }`.
    pub(super) placeholders: BTreeSet<String>,
    /// Whether it uses LATERAL, which the parser knows and SPARQL 1.1 does not.
    pub(super) lateral: bool,
}

/// Looks a query over.
pub(super) fn inspect(query: &mut Query) -> Findings {
    let mut found = Findings::default();
    for_each_pattern(query, |pattern| {
        found.lateral |= matches!(pattern, GraphPattern::Lateral { .. });
        found.placeholders.extend(placeholder(pattern).map(|(name, _)| name.to_owned()));
    });
    found
}

/// Puts each term in the place of the `UNDEF` of its variable, everywhere: also in sub-queries, OPTIONAL and EXISTS.
pub(super) fn fill(query: &mut Query, terms: &BTreeMap<&str, GroundTerm>) {
    for_each_pattern(query, |pattern| {
        if let Some((name, value)) = placeholder(pattern)
            && let Some(term) = terms.get(name)
        {
            *value = Some(term.clone());
        }
    });
}

fn for_each_pattern(query: &mut Query, mut visit: impl FnMut(&mut GraphPattern)) {
    let Ok(()) = walk(query, |part| {
        if let Part::Pattern(pattern) = part {
            visit(pattern);
        }
        Ok::<(), Infallible>(())
    });
}

/// The variable and the one value of a block `VALUES ?x { UNDEF }`; none for every other pattern.
fn placeholder(pattern: &mut GraphPattern) -> Option<(&str, &mut Option<GroundTerm>)> {
    let GraphPattern::Values { variables, bindings } = pattern else { return None };
    let ([variable], [row]) = (variables.as_slice(), bindings.as_mut_slice()) else { return None };
    match row.as_mut_slice() {
        [value @ None] => Some((variable.as_str(), value)),
        _ => None,
    }
}
