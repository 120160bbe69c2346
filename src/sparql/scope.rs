//! Variables by name, and which of them are in scope.

use std::collections::{HashMap, HashSet};

use super::{Var, VarName};

/// The variables of a query. A sub-select has a scope of its own.
#[derive(Debug)]
pub(super) struct Names {
    all: Vec<VarName>,
    scopes: Vec<HashMap<String, Var>>,
    /// Labels of blank nodes in basic graph patterns that have ended: they may not come again.
    /// [Section 19.6](https://www.w3.org/TR/sparql11-query/#grammarBNodes)
    pub(super) used_labels: HashSet<String>,
    /// Variables of sub-selects that turned out to be those of the same name around them.
    same: HashMap<Var, Var>,
}

impl Default for Names {
    fn default() -> Self {
        Self { all: Vec::new(), scopes: vec![HashMap::new()], used_labels: HashSet::new(), same: HashMap::new() }
    }
}

impl Names {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The variable of a name in the innermost scope.
    pub(super) fn named(&mut self, name: &str) -> Var {
        if let Some(known) = self.scopes.last().and_then(|scope| scope.get(name)) {
            return *known;
        }
        let var = self.made(VarName::Named(name.to_owned()));
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), var);
        }
        var
    }

    /// What a variable is called; nothing if that cannot be written.
    pub(super) fn name(&self, var: Var) -> &str {
        self.all.get(var.0 as usize).and_then(VarName::text).unwrap_or_default()
    }

    pub(super) fn is_named(&self, var: Var) -> bool {
        matches!(self.all.get(var.0 as usize), Some(VarName::Named(_)))
    }

    /// A variable that is in no scope.
    pub(super) fn made(&mut self, name: VarName) -> Var {
        self.all.push(name);
        Var(u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX))
    }

    /// Begins a scope.
    pub(super) fn enter(&mut self) {
        self.scopes.push(HashMap::new());
    }

    /// Ends a scope, of which these variables are seen around it. Gives what they are called there.
    pub(super) fn leave(&mut self, projected: &[Var]) -> Vec<Var> {
        self.scopes.pop();
        let outer = |names: &mut Self, var: &Var| {
            let Some(VarName::Named(name)) = names.all.get(var.0 as usize).cloned() else { return *var };
            if let Some(known) = names.scopes.last().and_then(|scope| scope.get(&name)).copied() {
                // One that is projected twice is known the second time.
                if known != *var {
                    names.same.insert(*var, known);
                }
                return known;
            }
            if let Some(scope) = names.scopes.last_mut() {
                scope.insert(name, *var);
            }
            *var
        };
        projected.iter().map(|var| outer(self, var)).collect()
    }

    /// The names of all variables, and which variables are the same as others.
    pub(super) fn finish(self) -> (Vec<VarName>, HashMap<Var, Var>) {
        (self.all, self.same)
    }
}

/// Variables in scope, in the order in which they appear.
/// [SPARQL 1.1 Query, section 18.2.1](https://www.w3.org/TR/sparql11-query/#variableScope)
#[derive(Debug, Clone, Default)]
pub(super) struct Visible {
    order: Vec<Var>,
    set: HashSet<Var>,
}

impl Visible {
    pub(super) fn add(&mut self, var: Var) {
        if self.set.insert(var) {
            self.order.push(var);
        }
    }

    pub(super) fn add_all(&mut self, others: &Self) {
        others.order.iter().for_each(|var| self.add(*var));
    }

    pub(super) fn contains(&self, var: Var) -> bool {
        self.set.contains(&var)
    }

    pub(super) fn in_order(&self) -> &[Var] {
        &self.order
    }
}
