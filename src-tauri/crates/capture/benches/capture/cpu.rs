use std::time::Duration;

/// How the threads are called that make the load, and whose work is not the server's.
pub(crate) const LOAD_THREADS: &str = "load";

/// The CPU time that all threads of this process but the load's have spent so far; `None` where the
/// system does not tell by thread.
pub(crate) fn spent() -> Option<Duration> {
    let mut nanoseconds = 0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let task = task.ok()?.path();
        let name = std::fs::read_to_string(task.join("comm")).unwrap_or_default();
        if name.trim_end() == LOAD_THREADS {
            continue;
        }
        let stat = std::fs::read_to_string(task.join("schedstat")).ok()?;
        nanoseconds += stat.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanoseconds))
}
