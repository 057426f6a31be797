mod counts;
mod recent;
mod standing;

use std::collections::{BTreeMap, HashMap};

use hookbench_model::{
    DeliveryStatus, EndpointId, EndpointStats, LatencyPercentiles, Outcome, OutcomeBucket, RequestId, Stats,
    Timestamp,
};
use sqlx::SqliteConnection;

pub(crate) use counts::Counts;
pub use recent::MinuteCount;

use crate::codes::{Coded as _, FAILED_FOR_GOOD};
use crate::columns::{Columns, signed};
use crate::{Result, Store, deliveries};
use counts::{MINUTE_MS, middle_of, minute_of};

/// The most buckets that are given.
const MOST_BUCKETS: i64 = 1000;

/// Counts for the overview.
#[derive(Clone, Debug)]
pub struct StatsStore {
    pub(crate) store: Store,
}

impl StatsStore {
    /// What happened from `since` to `until`, and what is under way. Attempts are counted in whole
    /// minutes: `since` is rounded down to one and `bucket_ms` up to a number of them, and the answer
    /// says so. Percentiles are right to within 7 %. At most 1,000 buckets are given: a `bucket_ms` that
    /// would make more is raised.
    pub async fn read(&self, since: Timestamp, until: Timestamp, bucket_ms: u64) -> Result<Stats> {
        let connection = &mut *self.store.readers().acquire().await?;
        let span = Span::new(since, until, bucket_ms);
        let mut tally = Tally::default();
        tally.read(connection, span).await?;
        let standing = standing(connection).await?;
        let stands = |status: DeliveryStatus| standing.get(&status.code()).copied().unwrap_or(0);
        let (captured, captured_invalid) = captured(connection, span.since(), until).await?;
        let waiting = waiting(connection).await?;
        Ok(Stats {
            since: span.since(),
            until,
            bucket_ms: u64::try_from(span.bucket * MINUTE_MS).unwrap_or(0),
            buckets: tally.buckets(span),
            counts: tally.counts(),
            latency: percentiles(&tally.durations),
            captured,
            captured_invalid,
            endpoints: tally.endpoints(connection, &waiting).await?,
            due: stands(DeliveryStatus::Pending) + stands(DeliveryStatus::Retrying),
            in_flight: stands(DeliveryStatus::InFlight),
            retrying: stands(DeliveryStatus::Retrying),
            failed: tally.failed,
            paused: stands(DeliveryStatus::Paused),
            next_attempt_at: deliveries::next_due(connection, &[], &HashMap::new()).await?,
        })
    }
}

/// A stretch of time in minutes.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: i64,
    to: i64,
    bucket: i64,
}

impl Span {
    fn new(since: Timestamp, until: Timestamp, bucket_ms: u64) -> Self {
        let from = minute_of(since);
        let to = minute_of(until.plus_ms(MINUTE_MS - 1)).max(from);
        let wanted = signed(bucket_ms).saturating_add(MINUTE_MS - 1) / MINUTE_MS;
        let least = (to - from + MOST_BUCKETS - 1) / MOST_BUCKETS;
        Self { from, to, bucket: wanted.max(least).max(1) }
    }

    fn since(self) -> Timestamp {
        Timestamp::from_unix_ms(self.from * MINUTE_MS)
    }
}

/// What the counts of a stretch add up to.
#[derive(Debug, Default)]
struct Tally {
    by_bucket: BTreeMap<i64, BTreeMap<i64, u64>>,
    durations: BTreeMap<i64, u64>,
    by_endpoint: HashMap<i64, EndpointTally>,
    failed: u64,
}

#[derive(Clone, Debug, Default)]
struct EndpointTally {
    counts: BTreeMap<i64, u64>,
    durations: BTreeMap<i64, u64>,
    failed: u64,
}

impl Tally {
    async fn read(&mut self, connection: &mut SqliteConnection, span: Span) -> Result<()> {
        // The failures of trials are wanted: they say nothing of how deliveries do.
        const COUNTS: &str = "SELECT (minute - ?1) / ?3, endpoint_seq, outcome, duration_class, sum(count) \
                              FROM attempt_counts WHERE minute >= ?1 AND minute < ?2 \
                              AND endpoint_seq NOT IN (SELECT seq FROM endpoints WHERE trial_of IS NOT NULL) \
                              GROUP BY 1, 2, 3, 4";
        let query = sqlx::query(COUNTS).bind(span.from).bind(span.to).bind(span.bucket);
        for row in query.fetch_all(connection).await? {
            let mut columns = Columns::new(&row);
            let (bucket, endpoint_seq) = (columns.get()?, columns.get()?);
            let (outcome, class, count) = (columns.get()?, columns.get()?, columns.count()?);
            let endpoint = self.by_endpoint.entry(endpoint_seq).or_default();
            if outcome == FAILED_FOR_GOOD {
                self.failed += count;
                endpoint.failed += count;
                continue;
            }
            *self.by_bucket.entry(bucket).or_default().entry(outcome).or_default() += count;
            *self.durations.entry(class).or_default() += count;
            *endpoint.counts.entry(outcome).or_default() += count;
            *endpoint.durations.entry(class).or_default() += count;
        }
        Ok(())
    }

    fn buckets(&self, span: Span) -> Vec<OutcomeBucket> {
        let count = (span.to - span.from + span.bucket - 1) / span.bucket;
        let start = |index| Timestamp::from_unix_ms((span.from + index * span.bucket) * MINUTE_MS);
        let counts = |index| self.by_bucket.get(&index).map(in_words).unwrap_or_default();
        (0..count).map(|index| OutcomeBucket { start: start(index), counts: counts(index) }).collect()
    }

    fn counts(&self) -> Vec<(Outcome, u64)> {
        let mut all = BTreeMap::new();
        for (outcome, count) in self.by_bucket.values().flatten() {
            *all.entry(*outcome).or_default() += count;
        }
        in_words(&all)
    }

    /// Each endpoint of which there is anything to tell, most failures first.
    async fn endpoints(
        &self,
        connection: &mut SqliteConnection,
        waiting: &HashMap<i64, u64>,
    ) -> Result<Vec<EndpointStats>> {
        const ALL: &str = "SELECT seq, id, name FROM endpoints WHERE trial_of IS NULL";
        let mut endpoints = Vec::new();
        for row in sqlx::query(ALL).fetch_all(connection).await? {
            let mut columns = Columns::new(&row);
            let seq: i64 = columns.get()?;
            let (tally, waiting) = (self.by_endpoint.get(&seq), waiting.get(&seq));
            if tally.is_none() && waiting.is_none() {
                continue;
            }
            let tally = tally.cloned().unwrap_or_default();
            endpoints.push(EndpointStats {
                endpoint_id: EndpointId::from_bytes(columns.id()?),
                name: columns.get()?,
                counts: in_words(&tally.counts),
                latency: percentiles(&tally.durations),
                waiting: waiting.copied().unwrap_or(0),
                failed: tally.failed,
            });
        }
        let failures = |endpoint: &EndpointStats| {
            let attempts = endpoint.counts.iter().filter(|(outcome, _)| *outcome != Outcome::Delivered);
            (endpoint.failed, attempts.map(|(_, count)| *count).sum::<u64>())
        };
        endpoints.sort_by_key(|endpoint| std::cmp::Reverse(failures(endpoint)));
        Ok(endpoints)
    }
}

fn in_words(counts: &BTreeMap<i64, u64>) -> Vec<(Outcome, u64)> {
    let word = |(code, count): (&i64, &u64)| Outcome::from_code(*code).ok().map(|outcome| (outcome, *count));
    counts.iter().filter_map(word).collect()
}

fn percentiles(durations: &BTreeMap<i64, u64>) -> Option<LatencyPercentiles> {
    let total: u64 = durations.values().sum();
    let at = |percent: u64| {
        let mut left = (total * percent).div_ceil(100).max(1);
        let reached = |(_, count): &(&i64, &u64)| {
            let here = left <= **count;
            left = left.saturating_sub(**count);
            here
        };
        durations.iter().find(reached).map(|(class, _)| middle_of(*class))
    };
    Some(LatencyPercentiles { p50_ms: at(50)?, p90_ms: at(90)?, p99_ms: at(99)? })
}

/// How many deliveries stand where, of those that have not ended.
async fn standing(connection: &mut SqliteConnection) -> Result<HashMap<i64, u64>> {
    const STANDING: &str = "SELECT status, count(*) FROM deliveries INDEXED BY deliveries_by_status \
                            WHERE status <> 3 AND status IN (0, 1, 2, 6) GROUP BY status";
    pairs(connection, STANDING).await
}

/// How many deliveries wait for each endpoint.
async fn waiting(connection: &mut SqliteConnection) -> Result<HashMap<i64, u64>> {
    const WAITING: &str = "SELECT lane, count(*) FROM deliveries INDEXED BY deliveries_waiting \
                           WHERE next_attempt_at IS NOT NULL GROUP BY lane";
    pairs(connection, WAITING).await
}

async fn pairs(connection: &mut SqliteConnection, sql: &'static str) -> Result<HashMap<i64, u64>> {
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            Ok((columns.get()?, columns.count()?))
        })
        .collect()
}

/// How many requests were captured in a stretch, and how many of those with an invalid signature (1).
async fn captured(
    connection: &mut SqliteConnection,
    since: Timestamp,
    until: Timestamp,
) -> Result<(u64, u64)> {
    const CAPTURED: &str = "SELECT \
         (SELECT count(*) FROM requests INDEXED BY requests_by_id WHERE id >= ?1 AND id < ?2), \
         (SELECT count(*) FROM requests INDEXED BY requests_by_verification \
          WHERE verification <> 4 AND verification = 1 AND id >= ?1 AND id < ?2)";
    let ends = [since, until].map(|at| RequestId::lowest_at(at).as_bytes().to_vec());
    let [from, to] = ends;
    let row = sqlx::query(CAPTURED).bind(from).bind(to).fetch_one(connection).await?;
    let mut columns = Columns::new(&row);
    Ok((columns.count()?, columns.count()?))
}
