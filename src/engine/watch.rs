//! The deadline of one query, and the wish that it should stop.

use std::time::{Duration, Instant};

use oxigraph::sparql::CancellationToken;

use super::EngineError;

/// Says when a query has to stop. Clones share the wish.
#[derive(Clone, Default)]
pub struct Watch {
    deadline: Option<Instant>,
    token: CancellationToken,
}

impl Watch {
    /// A watch without a deadline, for work one trusts.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// A watch that starts now.
    #[must_use]
    pub fn start(timeout: Duration) -> Self {
        Self { deadline: Instant::now().checked_add(timeout), token: CancellationToken::new() }
    }

    /// When the time is up, if it ever is.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Asks the evaluation to stop. It does so when it next looks, which is at every quad and every row.
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// Whether the work may go on.
    ///
    /// # Errors
    /// [`EngineError::Timeout`] when the time is up or somebody asked to stop.
    pub fn check(&self) -> Result<(), EngineError> {
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.cancel();
        }
        if self.token.is_cancelled() { Err(EngineError::Timeout) } else { Ok(()) }
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}
