//! The C library's allocator, told to give back what it can.

/// Lets the allocator have no more heaps of its own than there are processors. It would make one for nearly every thread,
/// and what a thread has freed in one stays with the process.
///
/// Nothing where the C library is another one, which has no such heaps.
pub(super) fn keep_few_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let arenas = i32::try_from(processors).unwrap_or(i32::MAX);
        #[expect(unsafe_code, reason = "mallopt takes two numbers and may be called at any time")]
        // SAFETY: it reads and writes nothing of ours.
        let taken = unsafe { libc::mallopt(libc::M_ARENA_MAX, arenas) };
        if taken == 0 {
            tracing::warn!("the allocator keeps as many arenas as it likes");
        }
    }
}
