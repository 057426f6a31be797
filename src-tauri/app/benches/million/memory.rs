//! What the processes of a window take.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The proportional set size of the program on this workspace and of all that it started, in KiB.
pub(crate) fn of_those_that_serve(data: &Path) -> u64 {
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
    parents.keys().copied().filter(|pid| descends(*pid)).map(proportional).sum()
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
