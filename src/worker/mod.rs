//! Work that can be killed: child processes that do one job at a time.
//!
//! A thread cannot be stopped from outside, and neither a stack overflow nor a failed allocation can be caught. So work
//! that strangers define runs in a child process, which can be killed at any moment and whose memory is bounded by the
//! operating system. This module knows nothing of what the work is: a job is bytes, a reply is a head and a body.
//!
//! The parent has a [`Pool`] of children; a child runs [`attend`]. They talk in frames over the child's standard input
//! and output; the child's standard error is read for the cause when it dies.

mod child;
mod frame;
mod pool;

pub use child::{Output, Stop, attend, confine};
pub use pool::{Failure, Figures, Options, Pool, Reply};
