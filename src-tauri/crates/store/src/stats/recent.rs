//! What was attempted lately at one endpoint, minute by minute.

use std::collections::BTreeMap;

use hookbench_model::{EndpointId, Outcome, Timestamp};
use sqlx::SqliteConnection;

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
        let connection = &mut *self.store.readers().acquire().await?;
        read(connection, endpoint, since).await
    }

    /// When the newest minute begins in which something was sent to an endpoint, as far back as `since`; whatever came of
    /// it, and whoever asked for it.
    pub async fn newest_minute(&self, endpoint: EndpointId, since: Timestamp) -> Result<Option<Timestamp>> {
        // Along the key, as below: from the newest minute back.
        const NEWEST: &str = "WITH RECURSIVE p(seq) AS (SELECT seq FROM endpoints WHERE id = ?1), \
                 minutes(minute) AS ( \
                     SELECT max(minute) FROM attempt_counts \
                     UNION ALL \
                     SELECT (SELECT max(minute) FROM attempt_counts c WHERE c.minute < minutes.minute) \
                     FROM minutes WHERE minutes.minute > ?2) \
                 SELECT m.minute FROM minutes m CROSS JOIN p WHERE m.minute >= ?2 AND EXISTS ( \
                     SELECT 1 FROM attempt_counts c \
                     WHERE c.minute = m.minute AND c.endpoint_seq = p.seq AND c.outcome < 100) LIMIT 1";
        let query = sqlx::query_scalar(NEWEST).bind(endpoint.as_bytes().to_vec()).bind(minute_of(since));
        let minute: Option<i64> = query.fetch_optional(self.store.readers()).await?;
        Ok(minute.map(|minute| Timestamp::from_unix_ms(minute * MINUTE_MS)))
    }

    /// When something happened last, to the millisecond: an event, the end of an attempt, a request that arrived. What was
    /// imported has times of its own. All that is kept is looked through.
    pub async fn last_happened(&self) -> Result<Option<Timestamp>> {
        const LAST: &str = "SELECT max(at) FROM (SELECT max(created_at) AS at FROM events \
                            UNION ALL SELECT max(started_at + duration_ms) FROM attempts \
                            UNION ALL SELECT max(received_at) FROM requests \
                                      WHERE seq NOT IN (SELECT seq FROM request_imports))";
        let at: Option<i64> = sqlx::query_scalar(LAST).fetch_one(self.store.readers()).await?;
        Ok(at.map(Timestamp::from_unix_ms))
    }
}

/// Counts of each minute: attempts, and those of them that failed.
async fn read(
    connection: &mut SqliteConnection,
    endpoint: EndpointId,
    since: Timestamp,
) -> Result<Vec<MinuteCount>> {
    // From minute to minute along the key, so that nothing is read of what other endpoints had in them.
    const RECENT: &str = "WITH RECURSIVE p(seq, since) AS ( \
                 SELECT seq, max(?2, (coalesce(enabled_at, 0) + 59999) / 60000) FROM endpoints WHERE id = ?1), \
             minutes(minute) AS ( \
                 SELECT (SELECT min(minute) FROM attempt_counts WHERE minute >= p.since) FROM p \
                 UNION ALL \
                 SELECT (SELECT min(minute) FROM attempt_counts c WHERE c.minute > minutes.minute) \
                 FROM minutes WHERE minutes.minute IS NOT NULL) \
             SELECT c.minute, c.outcome, sum(c.count) FROM p CROSS JOIN minutes m \
             CROSS JOIN attempt_counts c ON c.minute = m.minute AND c.endpoint_seq = p.seq AND c.outcome < 100 \
             GROUP BY 1, 2";
    let query = sqlx::query(RECENT).bind(endpoint.as_bytes().to_vec()).bind(minute_of(since));
    let mut minutes: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
    for row in query.fetch_all(connection).await? {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::FutureExt as _;
    use hookbench_model::{Endpoint, ProviderId};

    use super::*;
    use crate::{OpenOptions, Store, Synchronous};

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    /// The steps of the database that an endpoint's counts of ten minutes take beside so many other endpoints.
    async fn steps_beside(others: i64) -> u64 {
        // 0 is `delivered`, 3 a failure.
        const FILL: &str = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 10 * (?2 + 1) - 1) \
             INSERT INTO attempt_counts SELECT ?1 + i % 10, 1 + i / 10, 3 * (i % 2), 5, 7 FROM n";
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
        let store = Store::open(folder.path(), NOW, options).await.unwrap();
        let url = "http://localhost:9/".parse().unwrap();
        let endpoint = Endpoint::new(EndpointId::new(NOW), "one", url, ProviderId::generic());
        let endpoint = store.endpoints().create(endpoint).await.unwrap().id;
        let fill = store.writer().run(move |write| {
            async move {
                let fill = sqlx::query(FILL).bind(minute_of(NOW)).bind(others);
                fill.execute(write.connection().await?).await?;
                Ok(())
            }
            .boxed()
        });
        fill.await.unwrap();
        let mut connection = store.readers().acquire().await.unwrap();
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        connection.lock_handle().await.unwrap().set_progress_handler(1, move || {
            counted.fetch_add(1, Ordering::Relaxed);
            true
        });
        let found = read(&mut connection, endpoint, NOW.plus_ms(2 * MINUTE_MS)).await.unwrap();
        let counts: Vec<_> = found.iter().map(|minute| (minute.attempts, minute.failures)).collect();
        assert_eq!(counts, [(7, 0), (7, 7)].repeat(4));
        steps.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn what_other_endpoints_were_sent_costs_nothing() {
        let (alone, beside) = (steps_beside(0).await, steps_beside(500).await);
        assert!(beside < alone + alone / 4, "{alone} steps, and {beside} beside others");
    }
}
