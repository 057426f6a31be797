//! Whether the machine slept, or its clock was set: three ways to measure the same stretch of time tell it.

use std::time::Duration;

use hookbench_model::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::Workbench;
use crate::clock::Reading;

/// How often it is looked, in real time.
const EVERY: Duration = Duration::from_secs(5);

/// Time that went by unseen, or that the clock was set forward by, is told from here on.
const FORWARD: Duration = Duration::from_mins(1);

/// A clock that was set back is told from here on; less is a correction.
const BACK: Duration = Duration::from_secs(5);

/// What happened to the machine's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineEvent {
    /// The machine slept.
    Slept,
    /// Hookbench was held up while the machine went on.
    HeldUp,
    /// The clock was set forward.
    SetForward,
    /// The clock was set back.
    SetBack,
}

/// What was noticed of the machine's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineNotice {
    /// What happened.
    pub event: MachineEvent,
    /// How long it lasted, or by how much the clock was set.
    pub by: Duration,
    /// When it was noticed, by the workspace's clock.
    pub at: Timestamp,
}

/// Watches the machine's time until it is stopped, and tells engine, log and readers what it notices.
pub(crate) async fn watch(workbench: Workbench, stopping: CancellationToken) {
    let mut before = Reading::now();
    while stopping.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let after = Reading::now();
        if let Some((event, by)) = compare(&before, &after) {
            tracing::warn!(?event, by_ms = by.as_millis(), "the machine's time did not go on as usual");
            workbench.take_notice(MachineNotice { event, by, at: workbench.now() }).await;
        }
        before = after;
    }
}

impl MachineNotice {
    /// By how much the clock is further than it would have been, in milliseconds; less than 0 where it is behind.
    pub(crate) fn jump_ms(&self) -> i64 {
        let by = i64::try_from(self.by.as_millis()).unwrap_or(i64::MAX);
        if self.event == MachineEvent::SetBack { -by } else { by }
    }
}

/// What happened between two readings that are [`EVERY`] apart, had all gone as usual.
fn compare(before: &Reading, after: &Reading) -> Option<(MachineEvent, Duration)> {
    let awake_ms = ms(after.running.saturating_sub(before.running));
    let since_boot = after.since_boot.zip(before.since_boot);
    let passed_ms = since_boot.map_or(awake_ms, |(after, before)| ms(after.saturating_sub(before)));
    let unseen = duration(passed_ms - ms(EVERY));
    let set_by_ms = after.wall.ms_since(before.wall) - passed_ms;
    if duration(-set_by_ms) >= BACK {
        return Some((MachineEvent::SetBack, duration(-set_by_ms)));
    }
    if unseen >= FORWARD {
        // Where the time since the start counts sleep and the time that we ran does not, they tell it apart.
        let held_up = since_boot.is_some() && duration(passed_ms - awake_ms) < unseen / 2;
        return Some((if held_up { MachineEvent::HeldUp } else { MachineEvent::Slept }, unseen));
    }
    if duration(set_by_ms) >= FORWARD {
        // Where nothing that we can read counts sleep, a clock that is ahead means that the machine slept.
        let slept = since_boot.is_none() && !Reading::RUNNING_COUNTS_SLEEP;
        let event = if slept { MachineEvent::Slept } else { MachineEvent::SetForward };
        return Some((event, duration(set_by_ms)));
    }
    None
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Nothing where it is less than nothing.
fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reading so many seconds after the first, by each of the three measures.
    fn reading(wall: i64, running: u64, since_boot: Option<u64>) -> Reading {
        Reading {
            wall: Timestamp::from_unix_ms(1_000_000 + wall * 1000),
            running: Duration::from_secs(running),
            since_boot: since_boot.map(Duration::from_secs),
        }
    }

    fn noticed(wall: i64, running: u64, since_boot: u64) -> Option<(MachineEvent, u64)> {
        let compared = compare(&reading(0, 0, Some(0)), &reading(wall, running, Some(since_boot)));
        compared.map(|(event, by)| (event, by.as_secs()))
    }

    #[test]
    fn what_is_usual_is_not_noticed() {
        assert_eq!(noticed(5, 5, 5), None);
        assert_eq!(noticed(7, 5, 5), None, "a correction forward");
        assert_eq!(noticed(3, 5, 5), None, "a correction back");
        assert_eq!(noticed(40, 40, 40), None, "a busy machine");
    }

    #[test]
    fn a_sleep_a_stop_and_a_clock_that_was_set_are_told_apart() {
        assert_eq!(noticed(7205, 5, 7205), Some((MachineEvent::Slept, 7200)));
        assert_eq!(noticed(7205, 7205, 7205), Some((MachineEvent::HeldUp, 7200)));
        assert_eq!(noticed(7205, 5, 5), Some((MachineEvent::SetForward, 7200)));
        assert_eq!(noticed(-3595, 5, 5), Some((MachineEvent::SetBack, 3600)));
    }

    #[test]
    fn a_clock_set_back_in_its_sleep_is_behind_whatever_it_slept() {
        assert_eq!(noticed(-3600 + 7205, 5, 7205), Some((MachineEvent::SetBack, 3600)));
    }

    #[test]
    fn where_only_one_measure_counts_sleep_that_one_tells_it() {
        let of = |wall, running| {
            compare(&reading(0, 0, None), &reading(wall, running, None))
                .map(|(event, by)| (event, by.as_secs()))
        };
        assert_eq!(of(7205, 7205), Some((MachineEvent::Slept, 7200)));
        let ahead =
            if Reading::RUNNING_COUNTS_SLEEP { MachineEvent::SetForward } else { MachineEvent::Slept };
        assert_eq!(of(7205, 5), Some((ahead, 7200)));
        assert_eq!(of(-3595, 5), Some((MachineEvent::SetBack, 3600)));
    }

    #[test]
    fn the_jump_has_the_direction_of_the_clock() {
        let notice =
            |event| MachineNotice { event, by: Duration::from_secs(2), at: Timestamp::EPOCH }.jump_ms();
        assert_eq!(notice(MachineEvent::Slept), 2000);
        assert_eq!(notice(MachineEvent::SetBack), -2000);
    }
}
