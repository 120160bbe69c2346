//! Stack for code that recurses: the reader, the planner, the evaluator.

use std::{cell::Cell, io, panic, thread};

/// Bytes of stack of a thread that reads or evaluates queries.
///
/// What the limits on a text let through needs less than a fifth of it, in a debug build, where frames are largest. Only
/// pages that are used take memory.
const SIZE: usize = 256 * 1024 * 1024;

thread_local! {
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Starts a thread with a large stack.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.into()).stack_size(SIZE).spawn(move || {
        IS_LARGE.set(true);
        work();
    })?;
    Ok(())
}

/// Gives the threads of a runtime large stacks, so that they can answer brief queries by themselves.
pub fn on_brief_threads(runtime: &mut tokio::runtime::Builder) -> &mut tokio::runtime::Builder {
    runtime.thread_stack_size(SIZE).on_thread_start(|| IS_LARGE.set(true))
}

/// Whether this thread has a large stack.
pub(super) fn is_large() -> bool {
    IS_LARGE.get()
}

/// Does the work with a large stack: here, if this thread has one, and otherwise on a thread of its own.
pub(super) fn on_large<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    if IS_LARGE.get() {
        return Ok(work());
    }
    thread::scope(|scope| {
        let thread = spawn_scoped(scope, work)?;
        thread.join().or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Bytes of stack of a thread that only does what a plan says: as deep as the plan, which the limits bound.
const PLAN: usize = 32 * 1024 * 1024;

/// Starts a thread that does what a plan says and ends before the scope does.
pub(super) fn spawn_for_plan<'s, T: Send + 's>(
    scope: &'s thread::Scope<'s, '_>,
    work: impl FnOnce() -> T + Send + 's,
) -> io::Result<thread::ScopedJoinHandle<'s, T>> {
    thread::Builder::new().name("query".into()).stack_size(PLAN).spawn_scoped(scope, work)
}

/// Starts a thread with a large stack that ends before the scope does.
fn spawn_scoped<'s, T: Send + 's>(
    scope: &'s thread::Scope<'s, '_>,
    work: impl FnOnce() -> T + Send + 's,
) -> io::Result<thread::ScopedJoinHandle<'s, T>> {
    thread::Builder::new().name("query".into()).stack_size(SIZE).spawn_scoped(scope, move || {
        IS_LARGE.set(true);
        work()
    })
}
