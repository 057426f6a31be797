//! Paused deliveries go on when their endpoint is enabled: in steps, so that nobody waits until a million of them have.

use hookbench_model::Timestamp;
use sqlx::{Row as _, SqliteConnection};

use super::spread::{Resumed, Spread};
use super::status::move_all;
use crate::columns::{Columns, signed};
use crate::writer::{EndpointState, Write};
use crate::{Result, gate};

/// How many go on in one transaction.
const AT_ONCE: usize = 2_000;

/// An endpoint whose paused deliveries have not all gone on yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Resuming {
    /// Those that were due by then go on from then on.
    pub(crate) base: Timestamp,
    /// The time from one of them to the next, in milliseconds.
    pub(crate) gap_ms: f64,
    /// How many have gone on.
    pub(crate) place: u64,
}

impl Resuming {
    /// Those that an earlier run left, by the endpoint's key.
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Vec<(i64, Self)>> {
        const ALL: &str = "SELECT endpoint_seq, base, gap, place FROM resuming";
        let rows = sqlx::query(ALL).fetch_all(connection).await?;
        rows.iter()
            .map(|row| {
                let base = Timestamp::from_unix_ms(row.try_get(1)?);
                let place = u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0);
                Ok((row.try_get(0)?, Self { base, gap_ms: row.try_get(2)?, place }))
            })
            .collect()
    }
}

/// How many of an endpoint's deliveries go on, and begins with it: few at once, and very many by the
/// [steps](step) that claims take.
pub(super) async fn begin(
    write: &mut Write,
    state: &EndpointState,
    now: Timestamp,
    spread: Spread,
) -> Result<Resumed> {
    const RATE: &str = "SELECT rate_per_second FROM endpoints WHERE seq = ?";
    const PAUSED: &str = "SELECT (SELECT count(*) FROM deliveries INDEXED BY deliveries_paused \
                              WHERE endpoint_seq = ?1 AND resume_at IS NOT NULL), \
                          (SELECT count(*) FROM deliveries INDEXED BY deliveries_paused \
                              WHERE endpoint_seq = ?1 AND resume_at IS NOT NULL AND resume_at <= ?2)";
    bring_head(write, state.seq, now).await?;
    let rate: Option<f64> =
        sqlx::query_scalar(RATE).bind(state.seq).fetch_one(write.connection().await?).await?;
    let query = sqlx::query(PAUSED).bind(state.seq).bind(now.unix_ms());
    let row = query.fetch_one(write.connection().await?).await?;
    let mut columns = Columns::new(&row);
    let (count, overdue): (u64, u64) = (columns.count()?, columns.count()?);
    let gap_ms = spread.gap_ms(overdue, rate);
    keep(write, state.seq, Resuming { base: now, gap_ms, place: 0 }).await?;
    step(write, state.seq).await?;
    #[expect(clippy::cast_possible_truncation, reason = "at most an hour, or what a person asked for")]
    let until = (overdue > 0).then(|| now.plus_ms((gap_ms * (overdue.saturating_sub(1)) as f64) as i64));
    Ok(Resumed { count, until })
}

/// The head of an ordered queue goes on with what has long been due behind it, and before all of it: if it waited for a
/// later attempt of its own, they would all go at once after that.
async fn bring_head(write: &mut Write, endpoint_seq: i64, now: Timestamp) -> Result<()> {
    const BRING: &str = "UPDATE deliveries SET resume_at = (SELECT min(resume_at) \
                             FROM deliveries INDEXED BY deliveries_paused \
                             WHERE endpoint_seq = ?1 AND resume_at <= ?2) \
                         WHERE seq = (SELECT min(seq) FROM deliveries INDEXED BY deliveries_paused \
                             WHERE endpoint_seq = ?1 AND resume_at > ?2 AND in_order = 1) \
                         AND EXISTS (SELECT 1 FROM deliveries o INDEXED BY deliveries_paused \
                             WHERE o.endpoint_seq = ?1 AND o.resume_at <= ?2 \
                             AND o.seq > deliveries.seq AND o.in_order = 1) \
                         AND NOT EXISTS (SELECT 1 FROM deliveries o INDEXED BY deliveries_paused \
                             WHERE o.endpoint_seq = ?1 AND o.resume_at <= ?2 \
                             AND o.seq < deliveries.seq AND o.in_order = 1)";
    let bring = sqlx::query(BRING).bind(endpoint_seq).bind(now.unix_ms());
    bring.execute(write.connection().await?).await?;
    Ok(())
}

/// Takes the next step of one endpoint that goes on; true while there is more to do. It costs nothing while none does.
pub(crate) async fn sweep(write: &mut Write) -> Result<bool> {
    let Some(endpoint_seq) = write.state.resuming().keys().next().copied() else { return Ok(false) };
    step(write, endpoint_seq).await?;
    Ok(!write.state.resuming().is_empty())
}

/// Its paused deliveries stay where they are: it is disabled again, or deleted.
pub(super) async fn end(write: &mut Write, endpoint_seq: i64) -> Result<()> {
    const END: &str = "DELETE FROM resuming WHERE endpoint_seq = ?";
    if write.state.resuming().contains_key(&endpoint_seq) {
        sqlx::query(END).bind(endpoint_seq).execute(write.connection().await?).await?;
        write.state.resuming_mut().remove(&endpoint_seq);
    }
    Ok(())
}

async fn keep(write: &mut Write, endpoint_seq: i64, resuming: Resuming) -> Result<()> {
    const KEEP: &str = "INSERT OR REPLACE INTO resuming (endpoint_seq, base, gap, place) VALUES (?, ?, ?, ?)";
    sqlx::query(KEEP)
        .bind(endpoint_seq)
        .bind(resuming.base.unix_ms())
        .bind(resuming.gap_ms)
        .bind(signed(resuming.place))
        .execute(write.connection().await?)
        .await?;
    write.state.resuming_mut().insert(endpoint_seq, resuming);
    Ok(())
}

/// So many of an endpoint's paused deliveries go on: those that were overdue one after the other, the longest due
/// first, and the others when they would have.
async fn step(write: &mut Write, endpoint_seq: i64) -> Result<()> {
    const STEP: &str = "UPDATE deliveries SET status = iif(attempt_count > 0, 2, 0), \
                        next_attempt_at = iif(resume_at > ?2, resume_at, ?2 + cast(?3 * p.place AS INTEGER)), \
                        resume_at = NULL \
                        FROM (SELECT paused, row_number() OVER (ORDER BY due, paused) - 1 + ?4 AS place \
                              FROM (SELECT seq AS paused, resume_at AS due \
                                    FROM deliveries INDEXED BY deliveries_paused \
                                    WHERE endpoint_seq = ?1 AND resume_at IS NOT NULL \
                                    ORDER BY resume_at, seq LIMIT ?5)) p \
                        WHERE deliveries.seq = p.paused RETURNING id, status";
    let Some(resuming) = write.state.resuming().get(&endpoint_seq).copied() else { return Ok(()) };
    let most = write.gate.as_ref().map_or(AT_ONCE, |_| gate::STEP) as u64;
    let step = sqlx::query(STEP)
        .bind(endpoint_seq)
        .bind(resuming.base.unix_ms())
        .bind(resuming.gap_ms)
        .bind(signed(resuming.place))
        .bind(signed(most));
    let moved = move_all(write, step, endpoint_seq).await?;
    if moved < most {
        end(write, endpoint_seq).await?;
    } else {
        keep(write, endpoint_seq, Resuming { place: resuming.place + moved, ..resuming }).await?;
    }
    // What was asked for by hand may be among them.
    write.state.board_mut().waits_by_hand(endpoint_seq, Timestamp::EPOCH);
    // And what goes to a URL of its own, of an older version, that paused it.
    write.state.board_mut().waits(0, Timestamp::EPOCH);
    Ok(())
}
