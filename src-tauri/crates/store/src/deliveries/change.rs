use hookbench_model::{Action, Delivery, DeliveryId, DeliveryStatus, EndedBecause, Noun, Timestamp, Trigger};

use super::finish::{Current, Landing, current, put_on_board, wrong_state};
use super::hold::{self, release_held};
use super::row;
use crate::codes::Coded as _;
use crate::writer::Write;
use crate::{Result, StoreError};

/// Makes a delivery due now by hand. What had ended goes beside its endpoint's queue, which has gone on past it; what
/// holds the queue is tried in it.
pub(super) async fn retry_now(write: &mut Write, id: DeliveryId, now: Timestamp) -> Result<Delivery> {
    let known = one(write, id).await?;
    if known.status == DeliveryStatus::InFlight {
        return Err(wrong_state(id, known.status));
    }
    if let Some(endpoint) = write.state.endpoint_id(known.endpoint_seq)
        && let state = write.state.living_endpoint(endpoint)?
        && !known.elsewhere
        && state.pauses(known.is_test)
    {
        let status = if state.draft { "draft" } else { "disabled" };
        return Err(StoreError::wrong_state(Noun::Endpoint, endpoint, status));
    }
    let endpoint = write.state.endpoint_id(known.endpoint_seq).and_then(|id| write.state.endpoint(id));
    let in_queue = endpoint.is_some_and(|state| state.ordered && !known.is_test && !known.elsewhere);
    let holder = endpoint.and_then(|state| state.held_by);
    if in_queue && holder.is_some_and(|holder| holder < known.seq) {
        return Err(wrong_state_of_queue(id));
    }
    let holds = holder == Some(known.seq);
    let in_order = if known.status.is_final() { in_queue && holds } else { known.in_order };
    let known = Current { in_order, ..known };
    let landing = Landing {
        status: waiting_status(&known),
        next_attempt_at: Some(now),
        resume_at: None,
        completed_at: None,
        because: None,
    };
    put(write, id, &known, &landing, Some(Trigger::Manual)).await?;
    live_on(write, &known, now).await?;
    write.state.board_mut().waits_by_hand(known.lane(), now);
    let delivery = read(write, id).await?;
    if let Some(at) = delivery.expires_at {
        // It had ended, and no sweep looks for what has.
        write.state.board_mut().expires(at);
    }
    Ok(delivery)
}

/// What a person wants tried lives on, whatever its time to live was.
async fn live_on(write: &mut Write, known: &Current, now: Timestamp) -> Result<()> {
    const LIVE: &str = "UPDATE deliveries SET expires_at = NULL WHERE seq = ? AND expires_at <= ?";
    sqlx::query(LIVE).bind(known.seq).bind(now.unix_ms()).execute(write.connection().await?).await?;
    Ok(())
}

/// Skips a delivery: one that waits ends, one that holds its endpoint's queue lets it go on.
pub(super) async fn skip(write: &mut Write, id: DeliveryId, now: Timestamp) -> Result<Delivery> {
    const SAY: &str = "UPDATE deliveries SET ended_because = 4 WHERE seq = ?";
    let known = one(write, id).await?;
    let endpoint = write.state.endpoint_id(known.endpoint_seq);
    let holds =
        endpoint.filter(|id| write.state.endpoint(*id).is_some_and(|state| state.held_by == Some(known.seq)));
    match (known.status, holds) {
        (DeliveryStatus::Pending | DeliveryStatus::Retrying | DeliveryStatus::Paused, _) => {
            put(write, id, &known, &Landing::end(EndedBecause::Skipped, now), None).await?;
        }
        (DeliveryStatus::Failed, Some(endpoint)) => {
            sqlx::query(SAY).bind(known.seq).execute(write.connection().await?).await?;
            write.delivery_changed(Action::Updated, id, known.endpoint_seq, known.status);
            release_held(write, endpoint).await?;
        }
        (other, _) => return Err(wrong_state(id, other)),
    }
    read(write, id).await
}

fn wrong_state_of_queue(id: DeliveryId) -> StoreError {
    StoreError::wrong_state(Noun::Delivery, id, "held")
}

/// Stops a delivery that waits or is paused.
pub(super) async fn cancel(write: &mut Write, id: DeliveryId, now: Timestamp) -> Result<Delivery> {
    let known = one(write, id).await?;
    match known.status {
        DeliveryStatus::Pending | DeliveryStatus::Retrying | DeliveryStatus::Paused => {}
        other => return Err(wrong_state(id, other)),
    }
    put(write, id, &known, &Landing::end(EndedBecause::Cancelled, now), None).await?;
    read(write, id).await
}

/// Gives claimed deliveries back that were not sent.
pub(super) async fn release(write: &mut Write, ids: Vec<DeliveryId>, due_at: Timestamp) -> Result<()> {
    let known = current(write, &ids).await?;
    for id in ids {
        let Some(known) = known.get(&id).filter(|known| known.status == DeliveryStatus::InFlight) else {
            continue;
        };
        let status = waiting_status(known);
        let landing = Landing::wait(&write.state, known, status, due_at, due_at);
        put(write, id, known, &landing, None).await?;
    }
    // Their time to live may have ended meanwhile, and no sweep looks for those that are claimed.
    write.state.board_mut().expires(due_at);
    Ok(())
}

fn waiting_status(known: &Current) -> DeliveryStatus {
    if known.attempt_count > 0 { DeliveryStatus::Retrying } else { DeliveryStatus::Pending }
}

async fn one(write: &mut Write, id: DeliveryId) -> Result<Current> {
    let found = current(write, &[id]).await?;
    found.get(&id).copied().ok_or_else(|| StoreError::not_found(Noun::Delivery, id))
}

async fn put(
    write: &mut Write,
    id: DeliveryId,
    known: &Current,
    landing: &Landing,
    trigger: Option<Trigger>,
) -> Result<()> {
    const PUT: &str = "UPDATE deliveries SET status = ?, next_attempt_at = ?, resume_at = ?, \
                       completed_at = ?, ended_because = ?, trigger = coalesce(?, trigger), \
                       in_order = ?, plan_over = plan_over OR completed_at IS NOT NULL, \
                       lane = ? WHERE seq = ?";
    sqlx::query(PUT)
        .bind(landing.status.code())
        .bind(landing.next_attempt_at.map(Timestamp::unix_ms))
        .bind(landing.resume_at.map(Timestamp::unix_ms))
        .bind(landing.completed_at.map(Timestamp::unix_ms))
        .bind(landing.because.map(EndedBecause::code))
        .bind(trigger.map(Trigger::code))
        .bind(known.in_order)
        .bind(known.lane())
        .bind(known.seq)
        .execute(write.connection().await?)
        .await?;
    write.delivery_changed(Action::Updated, id, known.endpoint_seq, landing.status);
    put_on_board(write, known, landing);
    if let Some(endpoint) = write.state.endpoint_id(known.endpoint_seq)
        && let Ok(state) = write.state.living_endpoint(endpoint)
        && hold::after(state, known, landing) != state
    {
        release_held(write, endpoint).await?;
    }
    Ok(())
}

async fn read(write: &mut Write, id: DeliveryId) -> Result<Delivery> {
    let row =
        sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec()).fetch_one(write.connection().await?).await?;
    row::read(&row)
}
