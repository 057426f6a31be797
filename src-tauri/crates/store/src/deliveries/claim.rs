use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{Action, Delivery, DeliveryStatus, Event, Noun, Timestamp};
use sqlx::SqliteConnection;

use super::claimed_row::{self, ClaimedRow};
use super::due::{Claim, Picked, pick};
use super::{Claimed, Claims, expire};
use crate::columns::{Columns, to_json};
use crate::vault::Vault;
use crate::writer::{Hot, Write};
use crate::{Result, StoreError, alerts, endpoints, events};

pub(crate) async fn claim_all(write: &mut Write, jobs: &mut [Hot<Claim, Claims>]) -> Result<()> {
    for Hot { input, outcome, .. } in jobs {
        *outcome = Some(Ok(claim(write, input).await?));
    }
    Ok(())
}

async fn claim(write: &mut Write, claim: &Claim) -> Result<Claims> {
    const MARK: &str = "UPDATE deliveries SET status = 1, next_attempt_at = NULL \
                        WHERE seq IN (SELECT value FROM json_each(?))";
    let more_expired = expire::sweep(write, claim.now).await?;
    alerts::sweep(write, claim.now).await?;
    let stopping = endpoints::stop_some(write).await?;
    let resuming = endpoints::resume_some(write).await?;
    let Picked { seqs, full, more, overdue } = pick(write, claim).await?;
    let mut claims = Claims { more, full, overdue, ..Claims::default() };
    if !seqs.is_empty() {
        let keys = to_json(&seqs)?;
        write.rows(MARK, 1).await?.bind(keys.clone());
        // What was accepted first goes out first.
        let deliveries = claimed_row::by_seqs(write, keys).await?;
        let recent = write.state.recent_events();
        let known = deliveries.iter().map(|row| row.event_seq);
        let known = known.filter_map(|seq| recent.take(seq).map(|event| (seq, event)));
        let known = known.collect();
        for ClaimedRow { delivery, current, .. } in &deliveries {
            if !is_over(delivery, claim.now) {
                write.state.went_out(delivery.id, *current);
            }
        }
        let claimed = with_events(write, deliveries, known).await?;
        // More may have expired than one sweep takes.
        let (dead, living) = claimed.into_iter().partition(|claimed| is_over(&claimed.delivery, claim.now));
        claims.claimed = living;
        claims.more |= expire::end_claimed(write, &dead, claim.now).await? > 0;
    }
    for Claimed { delivery, .. } in &claims.claimed {
        let parent = delivery.target.endpoint_id().map(|id| id.to_string());
        let status = Some(DeliveryStatus::InFlight.as_str());
        write.changed(Noun::Delivery, Action::Updated, delivery.id, parent, status);
        let endpoint = delivery.target.lane().and_then(|id| Some((id, *write.state.endpoint(id)?)));
        if let Some((id, state)) = endpoint.filter(|(_, state)| state.breaker.opened_at.is_some()) {
            // The probe of an open breaker, or a person's try.
            write.changed(Noun::Endpoint, Action::Updated, id, None, Some(state.status()));
        }
    }
    claims.more |= more_expired || stopping || resuming;
    look_ahead(write, claim, &mut claims).await?;
    Ok(claims)
}

/// When something is due next. What would expire, or be told, before anything is due is looked up anew where nothing
/// else is to be done: it may have ended otherwise, or nobody may want it any more.
async fn look_ahead(write: &mut Write, claim: &Claim, claims: &mut Claims) -> Result<()> {
    let state = &write.state;
    let waiting = state.board().next(|seq, by_hand| claim.doors.shut_until(state.endpoint_id(seq)?, by_hand));
    let is_earlier = |at: Option<Timestamp>| at.is_some_and(|at| waiting.is_none_or(|waiting| at < waiting));
    claims.next_sweep = state.alerts().next();
    let mut told = claims.next_sweep;
    if claims.claimed.is_empty() && !claims.more {
        if is_earlier(told) {
            told = alerts::next_told(write);
        }
        if is_earlier(write.state.board().next_expiry()) {
            expire::look_ahead(write, claim.now).await?;
        }
    }
    let expiry = write.state.board().next_expiry();
    claims.next_due = [waiting, expiry, told].into_iter().flatten().min();
    Ok(())
}

fn is_over(delivery: &Delivery, now: Timestamp) -> bool {
    delivery.expires_at.is_some_and(|at| at <= now)
}

/// What stands as in flight, oldest first.
pub(super) async fn in_flight(connection: &mut SqliteConnection, vault: &Vault) -> Result<Vec<Claimed>> {
    let deliveries = claimed_row::in_flight(connection).await?;
    let unknown = unknown(&deliveries, &HashMap::new());
    let events = events_by_seq(connection, vault, &unknown).await?;
    together(deliveries, &events)
}

/// The deliveries with their events, of which some are known already.
async fn with_events(
    write: &mut Write,
    deliveries: Vec<ClaimedRow>,
    mut events: HashMap<i64, Event>,
) -> Result<Vec<Claimed>> {
    let unknown = unknown(&deliveries, &events);
    if !unknown.is_empty() {
        let vault = Arc::clone(&write.vault);
        events.extend(events_by_seq(write.connection().await?, &vault, &unknown).await?);
    }
    together(deliveries, &events)
}

/// Whose event is not known.
fn unknown(deliveries: &[ClaimedRow], known: &HashMap<i64, Event>) -> Vec<i64> {
    let mut unknown: Vec<i64> =
        deliveries.iter().map(|row| row.event_seq).filter(|seq| !known.contains_key(seq)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

/// Those of one event share its payload.
fn together(deliveries: Vec<ClaimedRow>, events: &HashMap<i64, Event>) -> Result<Vec<Claimed>> {
    deliveries
        .into_iter()
        .map(|ClaimedRow { delivery, event_seq, .. }| {
            let event = events.get(&event_seq).cloned();
            let event = event.ok_or_else(|| StoreError::corrupt("a delivery without its event"))?;
            let attempt_number = delivery.attempt_count + 1;
            Ok(Claimed { delivery, event, attempt_number })
        })
        .collect()
}

async fn events_by_seq(
    connection: &mut SqliteConnection,
    vault: &Vault,
    seqs: &[i64],
) -> Result<HashMap<i64, Event>> {
    let rows = sqlx::query(events::BY_SEQS_WHOLE).bind(to_json(&seqs)?).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            let event = events::read(vault, &mut columns)?;
            let payload = Bytes::from(columns.get::<Vec<u8>>()?);
            Ok((columns.get()?, Event { payload, ..event }))
        })
        .collect()
}
