//! The C library's allocator, told to give back what it can. Nothing is done where the C library is another one.

use std::{io, thread, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// How often what is free is given back.
const PAUSE: Duration = Duration::from_secs(2);

/// Processor time of the whole process below which nothing can have been freed that is worth a look.
const WORTH: Duration = Duration::from_millis(5);

/// Lets the allocator have no more heaps of its own than there are processors. It would make one for nearly every thread,
/// and what a thread has freed in one stays with the process.
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

/// Gives free memory back to the system every two seconds, for as long as the process lives, unless it did nothing.
///
/// By itself the allocator only gives back what is free at the end of a heap. Answers that are kept, and go with their
/// edition, leave holes before it.
///
/// # Errors
/// When the thread for it cannot be started.
pub(super) fn give_back_memory() -> io::Result<()> {
    thread::Builder::new().name("memory".into()).spawn(|| {
        let mut seen = Duration::ZERO;
        loop {
            thread::sleep(PAUSE);
            let used = processor_time();
            if used.saturating_sub(seen) > WORTH {
                trim();
                seen = processor_time();
            }
        }
    })?;
    Ok(())
}

/// What this process has used of the processor in all its life.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "malloc_trim takes a number and may be called at any time")]
        // SAFETY: it gives back pages that hold nothing.
        unsafe {
            libc::malloc_trim(0)
        };
    }
}
