use std::collections::BTreeMap;
use std::sync::LazyLock;

use hookbench_model::{Attempt, Timestamp};

use crate::Result;
use crate::codes::{Coded as _, FAILED_FOR_GOOD};
use crate::rows::{ROWS, RowTexts, insert};
use crate::writer::Write;

pub(super) const MINUTE_MS: i64 = 60_000;

/// Attempts to be added to `attempt_counts`: minute, endpoint, outcome and class of duration.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<(i64, i64, i64, i64), i64>);

static ADD: LazyLock<RowTexts> = LazyLock::new(|| {
    const COLUMNS: &str = "minute, endpoint_seq, outcome, duration_class, count";
    let insert = |rows| insert("attempt_counts", COLUMNS, rows);
    RowTexts::new(|rows| insert(rows) + " ON CONFLICT DO UPDATE SET count = count + excluded.count")
});

impl Counts {
    pub(crate) fn add_attempt(&mut self, endpoint_seq: i64, attempt: &Attempt) {
        let class = class_of(attempt.duration_ms);
        self.add(attempt.started_at, endpoint_seq, attempt.outcome.code(), class);
    }

    /// A delivery that failed for good.
    pub(crate) fn add_failed(&mut self, endpoint_seq: i64, at: Timestamp) {
        self.add(at, endpoint_seq, FAILED_FOR_GOOD, 0);
    }

    fn add(&mut self, at: Timestamp, endpoint_seq: i64, outcome: i64, class: i64) {
        *self.0.entry((minute_of(at), endpoint_seq, outcome, class)).or_default() += 1;
    }

    pub(crate) async fn write(self, write: &mut Write) -> Result<()> {
        let counts: Vec<_> = self.0.into_iter().collect();
        for rows in counts.chunks(ROWS) {
            let script = write.rows(ADD.of(rows.len()), rows.len()).await?;
            for ((minute, endpoint_seq, outcome, class), count) in rows {
                script.bind(*minute).bind(*endpoint_seq).bind(*outcome).bind(*class).bind(*count);
            }
        }
        Ok(())
    }
}

/// The minute, counted from the epoch.
pub(super) fn minute_of(at: Timestamp) -> i64 {
    at.unix_ms().div_euclid(MINUTE_MS)
}

/// The class of a duration: exact below 16 ms, then eight classes to each doubling.
fn class_of(duration_ms: u64) -> i64 {
    if duration_ms < 16 {
        return i64::try_from(duration_ms).unwrap_or(0);
    }
    let doubling = i64::from(duration_ms.ilog2());
    let eighth = i64::try_from(duration_ms >> (doubling - 3) & 7).unwrap_or(0);
    16 + (doubling - 4) * 8 + eighth
}

/// The middle of a class, in milliseconds.
pub(super) fn middle_of(class: i64) -> u64 {
    let class = u64::try_from(class).unwrap_or(0);
    if class < 16 {
        return class;
    }
    let (doubling, eighth) = ((class - 16) / 8 + 4, (class - 16) % 8);
    let width = 1 << (doubling.min(62) - 3);
    (8 + eighth) * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_class_is_near_every_duration_in_it() {
        let mut last = -1;
        for duration in (0..5000).chain([9_999, 65_535, 65_536, 120_000, 1 << 40]) {
            let class = class_of(duration);
            assert!(class >= last, "{duration}");
            last = class;
            let off = middle_of(class).abs_diff(duration);
            assert!(off * 15 <= duration, "{duration} became {}", middle_of(class));
        }
    }
}
