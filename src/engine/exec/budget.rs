//! What an evaluation may take: time and memory, looked at as it goes.

use std::{cell::Cell, ops::ControlFlow};

use crate::engine::{EngineError, Watch};

/// Why no more rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Halt {
    /// There are enough.
    Enough,
    /// Something went wrong: [`Budget::error`].
    Failed,
}

/// Whether to go on.
pub(in crate::engine) type Flow = ControlFlow<Halt>;

/// How many steps are made between two looks at the watch.
const STEPS: u32 = 4096;

/// Bytes of text that are read in a step: a megabyte between two looks.
const A_STEP: usize = 256;

/// Time and memory of one evaluation.
pub(in crate::engine) struct Budget {
    watch: Watch,
    memory: usize,
    used: Cell<usize>,
    steps: Cell<u32>,
    error: Cell<Option<EngineError>>,
}

impl Budget {
    pub(in crate::engine) fn new(watch: &Watch, memory: usize) -> Self {
        Self { watch: watch.clone(), memory, used: Cell::new(0), steps: Cell::new(STEPS), error: Cell::new(None) }
    }

    /// The same again, for another thread.
    pub(super) fn again(&self) -> (Watch, usize) {
        (self.watch.clone(), self.memory.saturating_sub(self.used.get()))
    }

    /// Takes a step.
    #[inline]
    pub(in crate::engine) fn step(&self) -> Flow {
        let left = self.steps.get();
        if left > 0 {
            self.steps.set(left - 1);
            return Flow::Continue(());
        }
        self.look()
    }

    /// Takes as many steps as a text is worth that is read from one end to the other.
    #[inline]
    pub(super) fn read(&self, text: &[u8]) -> Flow {
        if text.len() < A_STEP { Flow::Continue(()) } else { self.work(1, text.len()) }
    }

    /// Takes the steps of so many operations on texts of so many bytes.
    #[inline]
    pub(super) fn work(&self, operations: u32, bytes: usize) -> Flow {
        let for_each = u32::try_from(bytes / A_STEP).unwrap_or(u32::MAX).max(1);
        let steps = operations.saturating_mul(for_each);
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Flow::Continue(())
            }
            None => self.look(),
        }
    }

    #[cold]
    fn look(&self) -> Flow {
        self.steps.set(STEPS);
        match self.watch.check() {
            Ok(()) => Flow::Continue(()),
            Err(error) => self.fail(error),
        }
    }

    /// Takes memory that is kept.
    #[inline]
    pub(in crate::engine) fn take(&self, bytes: usize) -> Flow {
        let used = self.used.get().saturating_add(bytes);
        self.used.set(used);
        if used > self.memory { self.fail(EngineError::Memory) } else { Flow::Continue(()) }
    }

    /// How much memory is left.
    pub(super) fn room(&self) -> usize {
        self.memory.saturating_sub(self.used.get())
    }

    /// Gives memory back.
    pub(super) fn give_back(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    #[cold]
    pub(in crate::engine) fn fail(&self, error: EngineError) -> Flow {
        self.error.set(Some(error));
        Flow::Break(Halt::Failed)
    }

    /// Fails for what went wrong on another thread.
    pub(super) fn fail_with(&self, error: Option<EngineError>) {
        self.error.set(Some(error.unwrap_or_else(|| EngineError::Internal("a thread of the query failed".into()))));
    }

    /// What went wrong.
    pub(in crate::engine) fn error(&self) -> Option<EngineError> {
        self.error.take()
    }
}
