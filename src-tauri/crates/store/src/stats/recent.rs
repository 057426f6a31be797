//! What was attempted lately at one endpoint, minute by minute.

use std::collections::BTreeMap;

use hookbench_model::{EndpointId, Outcome, Timestamp};

use super::StatsStore;
use super::counts::{MINUTE_MS, minute_of};
use crate::Result;
use crate::codes::Coded as _;
use crate::columns::Columns;

/// What was attempted in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteCount {
    /// When the minute begins.
    pub start: Timestamp,
    /// How many attempts began in it that say something of the receiver: not those that we broke off or could
    /// not make.
    pub attempts: u32,
    /// How many of those failed.
    pub failures: u32,
}

impl StatsStore {
    /// What was attempted at an endpoint from `since` on, oldest first, in whole minutes. What was before the
    /// endpoint was enabled last is left out; tries by hand are counted too.
    pub async fn recent(&self, endpoint: EndpointId, since: Timestamp) -> Result<Vec<MinuteCount>> {
        const RECENT: &str = "SELECT c.minute, c.outcome, sum(c.count) FROM endpoints p \
                              JOIN attempt_counts c ON c.endpoint_seq = p.seq AND c.outcome < 100 \
                                  AND c.minute >= max(?2, (coalesce(p.enabled_at, 0) + 59999) / 60000) \
                              WHERE p.id = ?1 GROUP BY 1, 2";
        let query = sqlx::query(RECENT).bind(endpoint.as_bytes().to_vec()).bind(minute_of(since));
        let mut minutes: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
        for row in query.fetch_all(self.store.readers()).await? {
            let mut columns = Columns::new(&row);
            let (minute, outcome, count): (i64, Outcome, u32) =
                (columns.get()?, Outcome::from_code(columns.get()?)?, columns.number()?);
            if matches!(outcome, Outcome::Interrupted | Outcome::Blocked) {
                continue;
            }
            let (attempts, failures) = minutes.entry(minute).or_default();
            *attempts += count;
            *failures += if outcome == Outcome::Delivered { 0 } else { count };
        }
        let counted = |(minute, (attempts, failures)): (i64, (u32, u32))| MinuteCount {
            start: Timestamp::from_unix_ms(minute * MINUTE_MS),
            attempts,
            failures,
        };
        Ok(minutes.into_iter().map(counted).collect())
    }
}
