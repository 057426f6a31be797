//! What waits, and when it is due.

use hookbench_model::{DeliveryId, EndpointId, Outcome, Timestamp};
use sqlx::{Row as _, SqliteConnection};

use crate::Result;
use crate::columns::{Columns, signed};

/// What is due when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// How many deliveries wait.
    pub waiting: u64,
    /// How many of those are due already.
    pub overdue: u64,
    /// How many fall due in each stretch of time to come; the rest are due later.
    pub buckets: Vec<ForecastBucket>,
}

/// What is due in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForecastBucket {
    /// Its begin, which is part of it.
    pub from: Timestamp,
    /// Its end, which is not.
    pub until: Timestamp,
    /// How many deliveries.
    pub count: u64,
}

/// What waits for an endpoint, and how its newest deliveries went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointWork {
    /// How many deliveries wait.
    pub waiting: u64,
    /// How many of those are due.
    pub due: u64,
    /// When the next is due that is not due yet.
    pub next_due_at: Option<Timestamp>,
    /// The delivery that failed for good and holds its queue.
    pub held_by: Option<DeliveryId>,
    /// When a delivery last arrived, as far as its newest deliveries tell.
    pub last_success_at: Option<Timestamp>,
    /// Its newest failure, as far as its newest deliveries tell.
    pub last_failure: Option<LastFailure>,
}

/// An attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// Its delivery.
    pub delivery: DeliveryId,
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
}

/// The most stretches of time that a forecast tells.
const MOST_BUCKETS: u32 = 1000;

pub(super) async fn read(
    connection: &mut SqliteConnection,
    now: Timestamp,
    bucket_ms: u64,
    buckets: u32,
) -> Result<Forecast> {
    // The whole index once, and no row.
    const COUNTS: &str = "SELECT iif(next_attempt_at <= ?1, -1, \
                              min((next_attempt_at - ?1) / ?2, ?3)) AS bucket, count(*) \
                          FROM deliveries INDEXED BY deliveries_waiting WHERE next_attempt_at IS NOT NULL \
                          GROUP BY bucket";
    let (width, count) = (signed(bucket_ms.max(1)), i64::from(buckets.min(MOST_BUCKETS)));
    let at = |index: i64| now.plus_ms(index.saturating_mul(width));
    let mut forecast = Forecast {
        buckets: (0..count)
            .map(|index| ForecastBucket { from: at(index), until: at(index + 1), count: 0 })
            .collect(),
        ..Forecast::default()
    };
    let query = sqlx::query(COUNTS).bind(now.unix_ms()).bind(width).bind(count);
    for row in query.fetch_all(connection).await? {
        let mut columns = Columns::new(&row);
        let (index, count): (i64, u64) = (columns.get()?, columns.count()?);
        forecast.waiting += count;
        match usize::try_from(index) {
            Err(_) => forecast.overdue += count,
            Ok(index) => {
                if let Some(bucket) = forecast.buckets.get_mut(index) {
                    bucket.count += count;
                }
            }
        }
    }
    Ok(forecast)
}

pub(super) async fn overdue(
    connection: &mut SqliteConnection,
    until: Timestamp,
) -> Result<Vec<(EndpointId, u64)>> {
    const OVERDUE: &str = "SELECT p.id, w.count FROM (SELECT lane, count(*) AS count \
             FROM deliveries INDEXED BY deliveries_waiting \
             WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ? GROUP BY lane) w \
         JOIN endpoints p ON p.seq = w.lane";
    let rows = sqlx::query(OVERDUE).bind(until.unix_ms()).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            Ok((EndpointId::from_bytes(columns.id()?), columns.count()?))
        })
        .collect()
}

pub(super) async fn of_endpoint(
    connection: &mut SqliteConnection,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<EndpointWork> {
    const SEQ: &str = "SELECT p.seq, d.id FROM endpoints p LEFT JOIN deliveries d ON d.seq = p.held_by \
                       WHERE p.id = ?";
    const WORK: &str = "SELECT count(*), coalesce(sum(next_attempt_at <= ?2), 0), \
                            min(iif(next_attempt_at > ?2, next_attempt_at, NULL)) \
                        FROM deliveries INDEXED BY deliveries_waiting \
                        WHERE lane = ?1 AND next_attempt_at IS NOT NULL";
    let row = sqlx::query(SEQ).bind(endpoint.as_bytes().to_vec()).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(EndpointWork::default()) };
    let mut columns = Columns::new(&row);
    let (seq, held_by): (i64, _) = (columns.get()?, columns.id_or_none()?.map(DeliveryId::from_bytes));
    let row = sqlx::query(WORK).bind(seq).bind(now.unix_ms()).fetch_one(&mut *connection).await?;
    let mut columns = Columns::new(&row);
    Ok(EndpointWork {
        waiting: columns.count()?,
        due: columns.count()?,
        next_due_at: columns.time_or_none()?,
        held_by,
        last_success_at: last_success(connection, seq).await?,
        last_failure: last_failure(connection, seq).await?,
    })
}

/// When a delivery last arrived, of an endpoint's newest thousand. 0 is `delivered`.
async fn last_success(connection: &mut SqliteConnection, seq: i64) -> Result<Option<Timestamp>> {
    const LAST: &str = "SELECT max(completed_at) FROM (SELECT completed_at, last_outcome, target_url FROM deliveries \
                        WHERE endpoint_seq = ? ORDER BY id DESC LIMIT 1000) \
                        WHERE last_outcome = 0 AND target_url IS NULL";
    let at: Option<i64> = sqlx::query_scalar(LAST).bind(seq).fetch_one(connection).await?;
    Ok(at.map(Timestamp::from_unix_ms))
}

/// The newest failed attempt, of those that are the newest of an endpoint's newest thousand deliveries.
async fn last_failure(connection: &mut SqliteConnection, seq: i64) -> Result<Option<LastFailure>> {
    const LAST: &str = "SELECT d.id, a.started_at, a.outcome, a.error \
         FROM (SELECT id, seq, attempt_count, last_outcome, target_url FROM deliveries \
               WHERE endpoint_seq = ? ORDER BY id DESC LIMIT 1000) d \
         JOIN attempts a ON a.key = (d.seq << 16) + d.attempt_count \
         WHERE d.last_outcome <> 0 AND d.target_url IS NULL ORDER BY a.started_at DESC LIMIT 1";
    let row = sqlx::query(LAST).bind(seq).fetch_optional(connection).await?;
    row.map(|row| {
        let mut columns = Columns::new(&row);
        Ok(LastFailure {
            delivery: DeliveryId::from_bytes(columns.id()?),
            at: columns.time()?,
            outcome: columns.coded()?,
            error: row.try_get(3)?,
        })
    })
    .transpose()
}
