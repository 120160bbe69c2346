//! How far a long piece of work has come.

/// How far a long piece of work has come, told after each step.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What is being done: `reading records`.
    pub stage: &'static str,
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
}
