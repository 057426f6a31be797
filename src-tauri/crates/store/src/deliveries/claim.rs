use std::collections::HashMap;

use bytes::Bytes;
use hookbench_model::{Action, DeliveryStatus, EndpointId, Event, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{Claimed, row};
use crate::columns::{Columns, to_json};
use crate::vault::Vault;
use crate::writer::{Hot, Write};
use crate::{Result, StoreError, events};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) now: Timestamp,
    pub(crate) limit: usize,
    /// The most of each of these endpoints.
    pub(crate) room: HashMap<EndpointId, usize>,
}

/// An endpoint that something waits for.
#[derive(Clone, Copy, Debug)]
struct Head {
    endpoint_seq: i64,
    endpoint: Option<EndpointId>,
    due: Timestamp,
    /// Where the endpoint is ordered: the one delivery that may go next.
    only: Option<i64>,
}

pub(crate) async fn claim_all(write: &mut Write, jobs: &mut [Hot<Claim, Vec<Claimed>>]) -> Result<()> {
    for Hot { input, outcome, .. } in jobs {
        *outcome = Some(Ok(claim(write, input).await?));
    }
    Ok(())
}

async fn claim(write: &mut Write, claim: &Claim) -> Result<Vec<Claimed>> {
    const MARK: &str = "UPDATE deliveries SET status = 1, next_attempt_at = NULL \
                        WHERE seq IN (SELECT value FROM json_each(?))";
    let seqs = due(&mut write.connection, claim).await?;
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let keys = to_json(&seqs)?;
    sqlx::query(MARK).bind(&keys).execute(&mut write.connection).await?;
    let rows = sqlx::query(row::BY_SEQS).bind(&keys).fetch_all(&mut write.connection).await?;
    // The rows come newest first; what was accepted first goes out first.
    let claimed = with_events(&mut write.connection, &write.vault, rows.iter().rev()).await?;
    for Claimed { delivery, .. } in &claimed {
        let parent = delivery.target.endpoint_id().map(|id| id.to_string());
        let status = Some(DeliveryStatus::InFlight.as_str());
        write.changed(hookbench_model::Noun::Delivery, Action::Updated, delivery.id, parent, status);
    }
    Ok(claimed)
}

/// The keys of what may be claimed: each endpoint's longest due, side by side.
async fn due(connection: &mut SqliteConnection, claim: &Claim) -> Result<Vec<i64>> {
    const DUE: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_waiting \
                       WHERE endpoint_seq = ? AND next_attempt_at <= ? \
                       ORDER BY next_attempt_at, seq LIMIT ?";
    let full = claim.room.iter().filter(|(_, room)| **room == 0).map(|(id, _)| *id);
    let mut heads = heads(connection, &full.collect::<Vec<_>>()).await?;
    heads.retain(|head| head.due <= claim.now);
    let mut seqs = Vec::new();
    for (index, head) in heads.iter().enumerate() {
        let left = claim.limit.saturating_sub(seqs.len());
        if left == 0 {
            break;
        }
        if let Some(only) = head.only {
            seqs.push(only);
            continue;
        }
        let room = head.endpoint.and_then(|id| claim.room.get(&id)).copied().unwrap_or(usize::MAX);
        let share = left.div_ceil(heads.len() - index).min(room);
        let due = sqlx::query_scalar(DUE)
            .bind(head.endpoint_seq)
            .bind(claim.now.unix_ms())
            .bind(i64::try_from(share).unwrap_or(i64::MAX));
        let due: Vec<i64> = due.fetch_all(&mut *connection).await?;
        seqs.extend(due);
    }
    Ok(seqs)
}

/// When the next delivery is due that a claim with these exceptions would give.
pub(crate) async fn next_due(
    connection: &mut SqliteConnection,
    except: &[EndpointId],
) -> Result<Option<Timestamp>> {
    Ok(heads(connection, except).await?.first().map(|head| head.due))
}

/// The endpoints that something waits for and that may be sent to, the longest due first. An ordered one
/// stands there with the oldest of its deliveries, unless one is under way.
async fn heads(connection: &mut SqliteConnection, except: &[EndpointId]) -> Result<Vec<Head>> {
    // Steps from one endpoint to the next along the index, without reading what lies between.
    const HEADS: &str = "WITH RECURSIVE waiting(endpoint_seq) AS ( \
             SELECT min(endpoint_seq) FROM deliveries WHERE next_attempt_at IS NOT NULL \
             UNION ALL \
             SELECT (SELECT min(d.endpoint_seq) FROM deliveries d \
                     WHERE d.next_attempt_at IS NOT NULL AND d.endpoint_seq > waiting.endpoint_seq) \
             FROM waiting WHERE waiting.endpoint_seq IS NOT NULL) \
         SELECT w.endpoint_seq, p.id, coalesce(p.ordered, 0), \
             (SELECT min(d.next_attempt_at) FROM deliveries d \
              WHERE d.endpoint_seq = w.endpoint_seq AND d.next_attempt_at IS NOT NULL) \
         FROM waiting w LEFT JOIN endpoints p ON p.seq = w.endpoint_seq \
         WHERE w.endpoint_seq IS NOT NULL";
    let mut heads = Vec::new();
    for row in sqlx::query(HEADS).fetch_all(&mut *connection).await? {
        let mut columns = Columns::new(&row);
        let endpoint_seq = columns.get()?;
        let endpoint = columns.id_or_none()?.map(EndpointId::from_bytes);
        let (ordered, due) = (columns.get()?, columns.time()?);
        if endpoint.is_some_and(|id| except.contains(&id)) {
            continue;
        }
        if ordered {
            heads.extend(oldest(connection, endpoint_seq, endpoint).await?);
        } else {
            heads.push(Head { endpoint_seq, endpoint, due, only: None });
        }
    }
    heads.sort_by_key(|head| head.due);
    Ok(heads)
}

/// The oldest delivery of an ordered endpoint, unless one of its is under way.
async fn oldest(
    connection: &mut SqliteConnection,
    endpoint_seq: i64,
    endpoint: Option<EndpointId>,
) -> Result<Option<Head>> {
    const OLDEST: &str = "SELECT seq, next_attempt_at FROM deliveries INDEXED BY deliveries_waiting \
                          WHERE endpoint_seq = ?1 AND next_attempt_at IS NOT NULL \
                          AND NOT EXISTS (SELECT 1 FROM deliveries d \
                              WHERE d.status <> 3 AND d.status = 1 AND d.endpoint_seq = ?1) \
                          ORDER BY seq LIMIT 1";
    let row = sqlx::query(OLDEST).bind(endpoint_seq).fetch_optional(connection).await?;
    row.map(|row| {
        let due = Timestamp::from_unix_ms(row.try_get(1)?);
        Ok(Head { endpoint_seq, endpoint, due, only: Some(row.try_get(0)?) })
    })
    .transpose()
}

/// What stands as in flight, oldest first.
pub(super) async fn in_flight(connection: &mut SqliteConnection, vault: &Vault) -> Result<Vec<Claimed>> {
    let rows = sqlx::query(row::IN_FLIGHT).fetch_all(&mut *connection).await?;
    with_events(connection, vault, rows.iter()).await
}

/// The deliveries with their events; those of one event share its payload.
async fn with_events(
    connection: &mut SqliteConnection,
    vault: &Vault,
    rows: impl Iterator<Item = &SqliteRow>,
) -> Result<Vec<Claimed>> {
    let deliveries = rows.map(row::read_with_event).collect::<Result<Vec<_>>>()?;
    let mut seqs: Vec<i64> = deliveries.iter().map(|(_, event_seq)| *event_seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    let events = events_by_seq(connection, vault, &seqs).await?;
    deliveries
        .into_iter()
        .map(|(delivery, event_seq)| {
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
