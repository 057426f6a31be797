//! What an edit of an endpoint means for its queue and its breaker.

use std::collections::HashMap;

use hookbench_model::{BreakerState, Endpoint, EndpointId, OrderOnFailure};

use crate::columns::id as id_at;
use crate::deliveries::release_held;
use crate::writer::{EndpointState, Write, breaker};
use crate::{Result, Store};

/// Takes over whether deliveries go in order, and lets go what no rule holds any more.
pub(super) async fn follow(
    write: &mut Write,
    id: EndpointId,
    known: &Endpoint,
    edited: &Endpoint,
) -> Result<()> {
    let before = write.state.living_endpoint(id)?;
    let blocks = edited.order_on_failure == OrderOnFailure::Block;
    let breaker = if edited.breaker.is_some() { before.breaker } else { BreakerState::default() };
    write.state.put_endpoint(id, EndpointState { ordered: edited.ordered, blocks, breaker, ..before });
    if known.ordered != edited.ordered {
        put_in_order(write, before.seq, edited.ordered).await?;
    }
    let released = before.held_by.is_some() && !(edited.ordered && blocks);
    if released || breaker != before.breaker {
        let held_by = if released { None } else { before.held_by };
        let state = write.state.living_endpoint(id)?;
        write.state.put_endpoint(id, EndpointState { held_by, ..state });
        release_or_keep(write, id, released).await?;
    }
    Ok(())
}

async fn release_or_keep(write: &mut Write, id: EndpointId, released: bool) -> Result<()> {
    if released { release_held(write, id).await } else { crate::deliveries::keep_health(write, id).await }
}

/// Puts what has not ended in order, or out of it.
async fn put_in_order(write: &mut Write, seq: i64, ordered: bool) -> Result<()> {
    // The three ways not to have ended, each by its index: it waits, is under way (1), is paused (6).
    const PUT: &str = "UPDATE deliveries SET in_order = ?2 WHERE is_test = 0 AND seq IN ( \
             SELECT seq FROM deliveries INDEXED BY deliveries_waiting \
             WHERE lane = ?1 AND next_attempt_at IS NOT NULL \
             UNION ALL SELECT seq FROM deliveries INDEXED BY deliveries_by_status \
             WHERE status <> 3 AND status IN (1, 6) AND lane = ?1)";
    sqlx::query(PUT).bind(seq).bind(ordered).execute(write.connection().await?).await?;
    write.state.board_mut().look_at(seq);
    Ok(())
}

/// Where the breakers stand of all endpoints, or of one.
pub(super) async fn breakers(
    store: &Store,
    one: Option<EndpointId>,
) -> Result<HashMap<EndpointId, BreakerState>> {
    const ALL: &str = "SELECT id, breaker_failures, breaker_opened_at, breaker_open_for_ms, breaker_probe_at \
                       FROM endpoints WHERE deleted_at IS NULL AND (?1 IS NULL OR id = ?1) \
                       AND breaker IS NOT NULL";
    let rows = sqlx::query(ALL).bind(one.map(|id| id.as_bytes().to_vec())).fetch_all(store.readers()).await?;
    rows.iter().map(|row| Ok((EndpointId::from_bytes(id_at(row, 0)?), breaker(row, 1)?))).collect()
}
