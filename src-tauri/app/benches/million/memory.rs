//! What the processes of a window take, and whether they are at work.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// The proportional set size of the program on this workspace and of all that it started, in KiB.
pub(crate) fn taken(data: &Path) -> u64 {
    processes(data).into_iter().map(proportional).sum()
}

/// Waits until they are at rest: what is done behind the capturing is done. Gives how long that took.
pub(crate) async fn at_rest(data: &Path) -> Duration {
    const LOOK: Duration = Duration::from_secs(2);
    let began = Instant::now();
    let work = || processes(data).into_iter().map(ticks).sum::<u64>();
    let mut before = work();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = work();
        // A tick is a hundredth of a second: they work for less than a twentieth of the time.
        if now.saturating_sub(before) < 10 {
            return began.elapsed();
        }
        before = now;
    }
}

fn processes(data: &Path) -> Vec<u32> {
    let parents = parents();
    let data = data.to_str().unwrap();
    let is_the_window = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words[0].ends_with(b"hookbench-desktop") && words.contains(&data.as_bytes())
    };
    let window = parents.keys().copied().find(is_the_window).expect("the window runs");
    let descends = |mut pid: u32| {
        while pid != window {
            match parents.get(&pid) {
                Some(parent) => pid = *parent,
                None => return false,
            }
        }
        true
    };
    parents.keys().copied().filter(|pid| descends(*pid)).collect()
}

/// Every process and its parent.
fn parents() -> HashMap<u32, u32> {
    let parent = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("PPid:"))?;
        Some((pid, line.split_whitespace().nth(1)?.parse().ok()?))
    };
    let folders = fs::read_dir("/proc").unwrap();
    folders.filter_map(|one| one.ok()?.file_name().to_str()?.parse().ok()).filter_map(parent).collect()
}

/// Zero for one that has ended meanwhile.
fn proportional(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// The time of the processors that one has taken, in ticks; zero for one that has ended meanwhile.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold spaces.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}
