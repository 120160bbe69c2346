//! The engine that is tested, over no data.

use ocm_graph::{
    dataset::Dataset,
    engine::{DatasetSpec, Engine, Limits, Results, Watch},
};
use oxigraph::model::Term;

/// The value of an expression: none after an error in it. Or why the query was not answered at all.
pub(super) type Answer = Result<Option<Term>, String>;

/// An engine.
#[derive(Debug)]
pub(super) struct Bench {
    engine: Engine,
}

impl Bench {
    pub(super) fn new() -> Self {
        let nothing = Dataset::from_quads([]).expect("nothing is not too much");
        Self { engine: Engine::new(&nothing, Limits::default()) }
    }

    /// The value of the only variable in the only solution of a query.
    pub(super) fn evaluate(&self, query: &str) -> Answer {
        let prepared = self.engine.prepare(query, None).map_err(|refusal| refusal.to_string())?;
        let read = self.engine.read(&prepared, &DatasetSpec::default(), 1, &Watch::unlimited());
        match read.map_err(|error| error.to_string())? {
            (Results::Table(rows), true) if rows.len() == 1 => Ok(rows[0][0].clone()),
            (results, _) => Err(format!("not one solution but {results:?}")),
        }
    }
}
