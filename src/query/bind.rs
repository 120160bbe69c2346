//! Binding: terms take the place of `UNDEF` inside a query that was read.

use std::collections::{BTreeMap, BTreeSet};

use oxigraph::model::Term;

use crate::sparql::{InlineData, PatternKind, Query};

/// The variables of the blocks `VALUES ?x { UNDEF }` of a query.
pub(super) fn placeholders(query: &Query) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut query = query.clone();
    for_each_placeholder(&mut query, &mut |name, _| {
        found.insert(name.to_owned());
    });
    found
}

/// Puts each term in the place of the `UNDEF` of its variable, everywhere: also in sub-queries, OPTIONAL and EXISTS.
pub(super) fn fill(query: &mut Query, terms: &BTreeMap<&str, Term>) {
    for_each_placeholder(query, &mut |name, value| {
        if let Some(term) = terms.get(name) {
            *value = Some(term.clone());
        }
    });
}

/// Shows the variable and the one value of each block `VALUES ?x { UNDEF }`.
fn for_each_placeholder(query: &mut Query, visit: &mut dyn FnMut(&str, &mut Option<Term>)) {
    let names = std::mem::take(&mut query.variables);
    let mut look = |data: &mut InlineData| {
        let ([variable], [row]) = (data.variables.as_slice(), data.rows.as_mut_slice()) else { return };
        if let ([value @ None], Some(name)) =
            (row.as_mut_slice(), names.get(variable.0 as usize).and_then(|n| n.text()))
        {
            visit(name, value);
        }
    };
    if let Some(data) = &mut query.select.values {
        look(data);
    }
    query.each_pattern_mut(&mut |pattern| match &mut pattern.kind {
        PatternKind::Values(data) => look(data),
        PatternKind::Select(select) => select.values.iter_mut().for_each(&mut look),
        _ => {}
    });
    query.variables = names;
}
