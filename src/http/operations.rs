//! What outlives an edition: who has asked how much, what has happened, and whether the server is stopping.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    Edge,
    budget::{BudgetOptions, Budgets},
    client::Proxies,
    health::Probe,
    metrics::Metrics,
};

/// One for the life of the server, shared by all requests whatever edition answers them.
#[derive(Debug)]
pub struct Operations {
    pub(crate) edge: Edge,
    pub(crate) proxies: Proxies,
    pub(crate) budgets: Budgets,
    pub(crate) metrics: Metrics,
    pub(crate) probe: Arc<Probe>,
    stopping: AtomicBool,
}

impl Operations {
    /// `edge` is only told of here, in `/limits`; [`serve`](super::serve) holds connections to it.
    #[must_use]
    pub fn new(edge: Edge, budget: BudgetOptions, proxies: Proxies) -> Self {
        Self {
            edge,
            proxies,
            budgets: Budgets::new(budget),
            metrics: Metrics::default(),
            probe: Arc::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// From now on new requests are answered 503, save those of `/health` and `/metrics`.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

impl Default for Operations {
    fn default() -> Self {
        Self::new(Edge::default(), BudgetOptions::default(), Proxies::default())
    }
}
