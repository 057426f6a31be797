//! An endpoint that is disabled, enabled or deleted takes its deliveries along.

use futures::TryStreamExt as _;
use hookbench_model::{
    Action, BreakerState, DeliveryId, DeliveryStatus, EndedBecause, Endpoint, EndpointId, Noun, Timestamp,
};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::spread::{Resumed, Spread};
use super::{resume, row, stop};
use crate::columns::Columns;
use crate::writer::{EndpointState, Write};
use crate::{ChangeFeed, Result, StoreError, alerts};

// By its policy and secrets some go to other URLs (lane 0). The numbers are those of `codes`: 5 cancelled, ended because
// of 3, cancelled.
const CANCEL_ELSEWHERE: &str = "UPDATE deliveries SET status = 5, next_attempt_at = NULL, completed_at = ?2, \
                                ended_because = 3 \
                                WHERE lane = 0 AND endpoint_seq = ?1 \
                                AND next_attempt_at IS NOT NULL RETURNING id, status";

/// Disables an enabled endpoint; its waiting deliveries are paused, very many [in steps](stop).
pub(crate) async fn disable(write: &mut Write, id: EndpointId, at: Timestamp, reason: &str) -> Result<()> {
    const DISABLE: &str =
        "UPDATE endpoints SET disabled_at = ?2, disabled_reason = ?3, updated_at = ?2 WHERE seq = ?1";
    let state = write.state.living_endpoint(id)?;
    if state.disabled {
        return Ok(());
    }
    sqlx::query(DISABLE)
        .bind(state.seq)
        .bind(at.unix_ms())
        .bind(reason.to_owned())
        .execute(write.connection().await?)
        .await?;
    write.state.put_endpoint(id, EndpointState { disabled: true, ..state });
    write.endpoint_edited(Action::Updated, id, Some("disabled"));
    resume::end(write, state.seq).await?;
    alerts::stops(write, state.seq).await?;
    stop::begin(write, state.seq).await
}

/// An endpoint that has become a draft is disabled, and says so where it was before.
pub(super) async fn make_draft(write: &mut Write, id: EndpointId, now: Timestamp) -> Result<()> {
    const SAY: &str = "UPDATE endpoints SET disabled_reason = ?2 WHERE seq = ?1";
    let state = write.state.living_endpoint(id)?;
    if !state.disabled {
        return disable(write, id, now, Endpoint::UNTESTED).await;
    }
    sqlx::query(SAY).bind(state.seq).bind(Endpoint::UNTESTED).execute(write.connection().await?).await?;
    write.endpoint_edited(Action::Updated, id, Some("disabled"));
    Ok(())
}

/// Enables a disabled endpoint; its paused deliveries go on, its failures are forgotten.
pub(super) async fn enable(
    write: &mut Write,
    id: EndpointId,
    now: Timestamp,
    spread: Spread,
) -> Result<Resumed> {
    const ENABLE: &str = "UPDATE endpoints SET disabled_at = NULL, disabled_reason = NULL, \
                          consecutive_failures = 0, failing_since = NULL, updated_at = ?2, enabled_at = ?2, \
                          breaker_failures = 0, breaker_opened_at = NULL, breaker_open_for_ms = 0, \
                          breaker_probe_at = NULL \
                          WHERE seq = ?1";
    let state = write.state.living_endpoint(id)?;
    if !state.disabled {
        return Ok(Resumed::default());
    }
    if state.draft {
        return Err(StoreError::wrong_state(Noun::Endpoint, id, "draft"));
    }
    stop::finish(write, state.seq).await?;
    sqlx::query(ENABLE).bind(state.seq).bind(now.unix_ms()).execute(write.connection().await?).await?;
    let healthy = EndpointState {
        disabled: false,
        consecutive_failures: 0,
        failing_since: None,
        breaker: BreakerState::default(),
        ..state
    };
    write.state.put_endpoint(id, healthy);
    write.endpoint_enabled(id);
    resume::begin(write, &state, now, spread).await
}

/// Deletes an endpoint but for what its deliveries show of it; those that wait or are paused end, very many
/// [in steps](stop).
pub(super) async fn delete(write: &mut Write, id: EndpointId, now: Timestamp) -> Result<()> {
    const DELETE: &str = "UPDATE endpoints SET deleted_at = ?2, sealed = ?3, headers = ?4, headers_sealed = 1, cert_pem = NULL, proxy = NULL \
         WHERE seq = ?1";
    let state = write.state.living_endpoint(id)?;
    let sealed = row::sealed_nothing(&write.vault, id)?;
    sqlx::query(DELETE)
        .bind(state.seq)
        .bind(now.unix_ms())
        .bind(sealed)
        .bind(row::seal_headers(&write.vault, id, &hookbench_model::HeaderPairs::new())?)
        .execute(write.connection().await?)
        .await?;
    write.state.put_endpoint(id, EndpointState { deleted: true, ..state });
    write.endpoint_edited(Action::Deleted, id, None);
    resume::end(write, state.seq).await?;
    let cancel = sqlx::query(CANCEL_ELSEWHERE).bind(state.seq).bind(now.unix_ms());
    let cancelled = move_all(write, cancel, state.seq).await?;
    write.counted.ended(EndedBecause::Cancelled, cancelled);
    if cancelled > 0 {
        write.state.board_mut().look_at(0);
    }
    alerts::stops(write, state.seq).await?;
    stop::begin(write, state.seq).await
}

/// Runs a statement that moves an endpoint's deliveries and gives id and status, and notes the changes; gives
/// how many those are. As soon as there are more than the feed keeps, every reader reads anew anyhow.
pub(super) async fn move_all(
    write: &mut Write,
    statement: Query<'_, Sqlite, SqliteArguments>,
    endpoint_seq: i64,
) -> Result<u64> {
    let (mut moved, mut count) = (Vec::new(), 0);
    let mut rows = statement.fetch(write.connection().await?);
    while let Some(row) = rows.try_next().await? {
        if moved.len() <= ChangeFeed::KEPT {
            let mut columns = Columns::new(&row);
            let id = DeliveryId::from_bytes(columns.id()?);
            moved.push((id, columns.coded::<DeliveryStatus>()?));
        }
        count += 1;
    }
    drop(rows);
    for (id, status) in moved {
        write.delivery_changed(Action::Updated, id, endpoint_seq, status);
    }
    Ok(count)
}
