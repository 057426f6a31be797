//! What waits for an endpoint that is disabled is paused, and what waits for one that is deleted ends: in steps, so that
//! nobody waits until a million of them have. The endpoint itself is disabled or deleted at once, and nothing of it is
//! claimed meanwhile. What is left to do is told by the deliveries themselves, so a crash in between forgets nothing.

use hookbench_model::EndedBecause;
use sqlx::{Row as _, SqliteConnection};

use super::status::move_all;
use crate::columns::signed;
use crate::writer::{EndpointState, Write};
use crate::{Result, gate};

/// How many stop in one transaction.
const AT_ONCE: usize = 2_000;

/// The endpoints, by their keys, whose deliveries an earlier run left on their way.
pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Vec<i64>> {
    // One step down an index for each; 0 is pending, 2 retrying. Tests of a draft may wait.
    const LEFT: &str = "SELECT p.seq FROM endpoints p \
         WHERE (p.disabled_at IS NOT NULL AND EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_waiting \
                 WHERE d.lane = p.seq AND d.status IN (0, 2) AND d.next_attempt_at IS NOT NULL \
                 AND (d.is_test = 0 OR p.draft = 0))) \
            OR (p.deleted_at IS NOT NULL AND ( \
                EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_waiting \
                    WHERE d.lane = p.seq AND d.status IN (0, 2) AND d.next_attempt_at IS NOT NULL) \
                OR EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_paused \
                    WHERE d.endpoint_seq = p.seq AND d.resume_at IS NOT NULL)))";
    let rows = sqlx::query(LEFT).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Begins with it: few at once, and very many by the steps that claims take.
pub(super) async fn begin(write: &mut Write, endpoint_seq: i64) -> Result<()> {
    write.state.stopping_mut().insert(endpoint_seq);
    let most = most(write);
    step(write, endpoint_seq, most).await
}

/// Takes the next step of one endpoint; true while there is more to do. It costs nothing while there is none.
pub(crate) async fn sweep(write: &mut Write) -> Result<bool> {
    let Some(endpoint_seq) = write.state.stopping().first().copied() else { return Ok(false) };
    let most = most(write);
    step(write, endpoint_seq, most).await?;
    Ok(!write.state.stopping().is_empty())
}

/// Does all that is left of one endpoint: it is about to be enabled, and what goes on then is what was paused.
pub(super) async fn finish(write: &mut Write, endpoint_seq: i64) -> Result<()> {
    if write.state.stopping().contains(&endpoint_seq) {
        step(write, endpoint_seq, u64::MAX).await?;
    }
    Ok(())
}

fn most(write: &Write) -> u64 {
    write.gate.as_ref().map_or(AT_ONCE, |_| gate::STEP) as u64
}

/// At most so many stop.
async fn step(write: &mut Write, endpoint_seq: i64, most: u64) -> Result<()> {
    let known = write.state.endpoint_id(endpoint_seq).and_then(|id| write.state.endpoint(id)).copied();
    let moved = match known {
        Some(state) if state.deleted => cancel(write, &state, most).await?,
        Some(state) if state.disabled => pause(write, &state, most).await?,
        _ => 0,
    };
    if moved > 0 {
        // What was due first waits no more.
        write.state.board_mut().look_at(endpoint_seq);
    }
    if moved < most {
        write.state.stopping_mut().remove(&endpoint_seq);
    }
    Ok(())
}

async fn pause(write: &mut Write, state: &EndpointState, most: u64) -> Result<u64> {
    // 6 is paused. What waits is found by the index alone, the first attempts before the others.
    const PAUSE: &str = "UPDATE deliveries SET status = 6, resume_at = next_attempt_at, next_attempt_at = NULL \
                         WHERE seq IN (SELECT seq FROM deliveries INDEXED BY deliveries_waiting \
                             WHERE lane = ?1 AND status IN (0, 2) AND next_attempt_at IS NOT NULL \
                             AND (is_test = 0 OR NOT ?2) LIMIT ?3) RETURNING id, status";
    let pause = sqlx::query(PAUSE).bind(state.seq).bind(state.draft).bind(signed(most));
    move_all(write, pause, state.seq).await
}

async fn cancel(write: &mut Write, state: &EndpointState, most: u64) -> Result<u64> {
    // 5 is cancelled, ended because of 3, cancelled. What is paused goes first, of whatever lane.
    const CANCEL: &str = "UPDATE deliveries SET status = 5, next_attempt_at = NULL, resume_at = NULL, ended_because = 3, \
                              completed_at = (SELECT deleted_at FROM endpoints WHERE seq = ?1) \
                          WHERE seq IN (SELECT seq FROM ( \
                              SELECT seq FROM deliveries INDEXED BY deliveries_paused \
                              WHERE endpoint_seq = ?1 AND resume_at IS NOT NULL \
                              UNION ALL SELECT seq FROM deliveries INDEXED BY deliveries_waiting \
                              WHERE lane = ?1 AND status IN (0, 2) AND next_attempt_at IS NOT NULL) LIMIT ?2) \
                          RETURNING id, status";
    let cancel = sqlx::query(CANCEL).bind(state.seq).bind(signed(most));
    let cancelled = move_all(write, cancel, state.seq).await?;
    write.counted.ended(EndedBecause::Cancelled, cancelled);
    Ok(cancelled)
}
