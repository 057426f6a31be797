use hookbench_model::{EndpointId, Noun, Replay, ReplayId, ReplayProgress, Timestamp};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::codes::Coded as _;
use crate::columns::{Columns, signed, to_json};
use crate::{Result, StoreError};

// Counted along deliveries_by_replay: 3 delivered, 4 failed, 5 cancelled.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, source, target_url, target_endpoint, resign, per_second, gaps, reason, status, created_at, ",
            "completed_at, total, waiting, skipped, ",
            "purged_delivered + (SELECT count(*) FROM deliveries d ",
            "WHERE d.replay_seq = replays.seq AND d.status = 3), ",
            "purged_failed + (SELECT count(*) FROM deliveries d ",
            "WHERE d.replay_seq = replays.seq AND d.status IN (4, 5)) FROM replays ",
            $rest
        )
    };
}

pub(super) const PAGE: &str = select!("WHERE id < ? ORDER BY id DESC LIMIT ?");

/// Those that are running (0) or paused (1), with none of their deliveries counted.
pub(super) const UNFINISHED: &str = "SELECT id, source, target_url, target_endpoint, resign, per_second, gaps, reason, status, \
                                     created_at, completed_at, total, waiting, skipped, 0, 0 FROM replays \
                                     WHERE status IN (0, 1) ORDER BY id";

/// Whether each delivery of a replay has ended: 0 pending, 1 in flight, 2 retrying, 6 paused.
pub(super) async fn has_ended(connection: &mut SqliteConnection, id: ReplayId) -> Result<bool> {
    const ENDED: &str = "SELECT NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_by_replay \
                         WHERE replay_seq = (SELECT seq FROM replays WHERE id = ?) AND status IN (0, 1, 2, 6))";
    Ok(sqlx::query_scalar(ENDED).bind(id.as_bytes().to_vec()).fetch_one(connection).await?)
}

pub(super) async fn get(connection: &mut SqliteConnection, id: ReplayId) -> Result<Option<Replay>> {
    const BY_ID: &str = select!("WHERE id = ?");
    let found = sqlx::query(BY_ID).bind(id.as_bytes().to_vec()).fetch_optional(connection).await?;
    found.as_ref().map(read).transpose()
}

pub(super) fn read(row: &SqliteRow) -> Result<Replay> {
    let mut columns = Columns::new(row);
    Ok(Replay {
        id: ReplayId::from_bytes(columns.id()?),
        source: columns.json()?,
        target_url: columns.parsed_or_none()?,
        target_endpoint: columns.id_or_none()?.map(EndpointId::from_bytes),
        resign: columns.coded()?,
        per_second: columns.get()?,
        gaps: columns.get()?,
        reason: columns.get()?,
        status: columns.coded()?,
        created_at: columns.time()?,
        completed_at: columns.time_or_none()?,
        progress: progress(&mut columns)?,
    })
}

fn progress(columns: &mut Columns<'_>) -> Result<ReplayProgress> {
    let (total, waiting, skipped) = (columns.count()?, columns.count()?, columns.count()?);
    let (delivered, failed) = (columns.count()?, columns.count()?);
    let under_way = total.saturating_sub(waiting + skipped + delivered + failed);
    Ok(ReplayProgress { total, waiting, under_way, delivered, failed, skipped })
}

/// Writes a replay of which every item waits.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    seq: i64,
    replay: &Replay,
    total: u64,
) -> Result<()> {
    const INSERT: &str = "INSERT INTO replays (seq, id, source, target_url, target_endpoint, resign, per_second, gaps, \
                          reason, status, created_at, completed_at, total, waiting, skipped) \
                          VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,0)";
    let inserted = sqlx::query(INSERT)
        .bind(seq)
        .bind(replay.id.as_bytes().to_vec())
        .bind(to_json(&replay.source)?)
        .bind(replay.target_url.as_ref().map(|url| url.as_str().to_owned()))
        .bind(replay.target_endpoint.map(|id| id.as_bytes().to_vec()))
        .bind(replay.resign.code())
        .bind(replay.per_second)
        .bind(replay.gaps)
        .bind(replay.reason.clone())
        .bind(replay.status.code())
        .bind(replay.created_at.unix_ms())
        .bind(replay.completed_at.map(Timestamp::unix_ms))
        .bind(signed(total))
        .bind(signed(total))
        .execute(connection)
        .await;
    let there = || format!("there is a {} with this id", Noun::Replay.as_str());
    inserted.map(drop).map_err(|error| StoreError::from(error).or_conflict("id", there))
}
