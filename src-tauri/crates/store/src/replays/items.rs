use std::collections::HashSet;

use hookbench_model::{DeliveryId, EndpointId, ReplayId, ReplayItem, ReplaySource, RequestId, Timestamp};
use sqlx::SqliteConnection;

use super::{ReplayWork, WaitingItem};
use crate::columns::{Columns, hex_ids, signed, to_json};
use crate::events::endpoint_of;
use crate::query::Select;
use crate::writer::Write;
use crate::{Repeat, Result, deliveries, requests};

/// How many rows are taken at once.
pub(super) const AT_ONCE: usize = 10_000;
/// How many items one transaction writes, or removes.
pub(super) const A_PART: usize = 2_000;

/// The keys of what a replay repeats, oldest first.
pub(super) enum Originals {
    Deliveries(Vec<i64>),
    Requests(Vec<i64>),
}

impl Originals {
    /// As many as one transaction writes, in each.
    pub(super) fn parts(&self) -> Vec<Self> {
        let parts = self.seqs().chunks(A_PART).map(<[i64]>::to_vec);
        match self {
            Self::Deliveries(_) => parts.map(Self::Deliveries).collect(),
            Self::Requests(_) => parts.map(Self::Requests).collect(),
        }
    }

    pub(super) fn seqs(&self) -> &[i64] {
        match self {
            Self::Deliveries(seqs) | Self::Requests(seqs) => seqs,
        }
    }
}

/// What the source stands for now.
pub(super) async fn resolve(connection: &mut SqliteConnection, source: &ReplaySource) -> Result<Originals> {
    const DELIVERIES: &str = "SELECT seq FROM deliveries \
                              WHERE id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY id";
    const REQUESTS: &str = "SELECT seq FROM requests \
                            WHERE id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY id";
    Ok(match source {
        ReplaySource::Deliveries(filter) => {
            let select = deliveries::select(connection, filter).await?;
            Originals::Deliveries(all(connection, &select).await?)
        }
        ReplaySource::Requests(filter) => {
            let select = requests::select(connection, filter).await?;
            Originals::Requests(all(connection, &select).await?)
        }
        ReplaySource::DeliveryIds(ids) => {
            let ids = hex_ids(ids.iter().map(DeliveryId::as_bytes))?;
            Originals::Deliveries(sqlx::query_scalar(DELIVERIES).bind(ids).fetch_all(connection).await?)
        }
        ReplaySource::RequestIds(ids) => {
            let ids = hex_ids(ids.iter().map(RequestId::as_bytes))?;
            Originals::Requests(sqlx::query_scalar(REQUESTS).bind(ids).fetch_all(connection).await?)
        }
    })
}

/// Every row that matches, oldest first.
async fn all(connection: &mut SqliteConnection, select: &Select) -> Result<Vec<i64>> {
    let (mut seqs, mut before) = (Vec::new(), None);
    let limit = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
    loop {
        let part = select.page(connection, before, limit).await?;
        seqs.extend(part.seqs);
        before = part.next;
        if before.is_none() {
            seqs.reverse();
            return Ok(seqs);
        }
    }
}

/// When the first and the last of them came.
pub(super) async fn span(
    connection: &mut SqliteConnection,
    originals: &Originals,
) -> Result<Option<(Timestamp, Timestamp)>> {
    const DELIVERIES: &str = "SELECT id FROM deliveries WHERE seq IN (?, ?) ORDER BY id";
    const REQUESTS: &str = "SELECT id FROM requests WHERE seq IN (?, ?) ORDER BY id";
    let (Some(first), Some(last)) = (originals.seqs().first(), originals.seqs().last()) else {
        return Ok(None);
    };
    let statement = match originals {
        Originals::Deliveries(_) => DELIVERIES,
        Originals::Requests(_) => REQUESTS,
    };
    let rows = sqlx::query(statement).bind(*first).bind(*last).fetch_all(connection).await?;
    let ids: Vec<RequestId> =
        rows.iter().map(|row| Ok(RequestId::from_bytes(Columns::new(row).id()?))).collect::<Result<_>>()?;
    // Ids of either kind hold the time likewise.
    Ok(ids.first().zip(ids.last()).map(|(first, last)| (first.created_at(), last.created_at())))
}

/// How many of these requests did not come whole and well formed.
pub(super) async fn broken(connection: &mut SqliteConnection, seqs: &[i64]) -> Result<u64> {
    const BROKEN: &str = "SELECT count(*) FROM json_each(?) j JOIN request_wire w ON w.seq = j.value \
                          WHERE w.fault_code IS NOT NULL";
    let count: i64 = sqlx::query_scalar(BROKEN).bind(to_json(&seqs)?).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

/// Those that have not been removed meanwhile.
pub(super) async fn still_there(
    connection: &mut SqliteConnection,
    originals: Originals,
) -> Result<Originals> {
    const DELIVERIES: &str =
        "SELECT t.seq FROM json_each(?) j JOIN deliveries t ON t.seq = j.value ORDER BY j.key";
    const REQUESTS: &str =
        "SELECT t.seq FROM json_each(?) j JOIN requests t ON t.seq = j.value ORDER BY j.key";
    let statement = match originals {
        Originals::Deliveries(_) => DELIVERIES,
        Originals::Requests(_) => REQUESTS,
    };
    let there = sqlx::query_scalar(statement).bind(to_json(&originals.seqs())?).fetch_all(connection).await?;
    Ok(match originals {
        Originals::Deliveries(_) => Originals::Deliveries(there),
        Originals::Requests(_) => Originals::Requests(there),
    })
}

/// An endpoint, its name and a URL.
type Target = (Option<EndpointId>, String, String);

/// Where these deliveries went, and how many of them.
pub(super) async fn targets(connection: &mut SqliteConnection, seqs: &[i64]) -> Result<Vec<(Target, u64)>> {
    const TARGETS: &str = "SELECT p.id, coalesce(p.name, ''), coalesce(t.target_url, p.url, ''), count(*) \
                           FROM json_each(?) j JOIN deliveries t ON t.seq = j.value \
                           LEFT JOIN endpoints p ON p.seq = t.endpoint_seq GROUP BY 1, 2, 3";
    let rows = sqlx::query(TARGETS).bind(to_json(&seqs)?).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            let endpoint = columns.id_or_none()?.map(EndpointId::from_bytes);
            Ok(((endpoint, columns.get()?, columns.get()?), columns.count()?))
        })
        .collect()
}

/// Writes items of a new replay after so many others, all of them waiting.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    replay_seq: i64,
    originals: &Originals,
    after: u64,
) -> Result<()> {
    const DELIVERIES: &str = "INSERT INTO replay_items (replay_seq, position, is_request, original, state) \
                              SELECT ?1, ?2 + j.key, 0, t.id, 0 \
                              FROM json_each(?3) j JOIN deliveries t ON t.seq = j.value";
    const REQUESTS: &str = "INSERT INTO replay_items (replay_seq, position, is_request, original, state) \
                            SELECT ?1, ?2 + j.key, 1, t.id, 0 \
                            FROM json_each(?3) j JOIN requests t ON t.seq = j.value";
    let statement = match originals {
        Originals::Deliveries(_) => DELIVERIES,
        Originals::Requests(_) => REQUESTS,
    };
    let insert =
        sqlx::query(statement).bind(replay_seq).bind(signed(after)).bind(to_json(&originals.seqs())?);
    insert.execute(connection).await?;
    Ok(())
}

/// The first items that wait.
pub(super) async fn waiting(
    connection: &mut SqliteConnection,
    id: ReplayId,
    limit: u32,
) -> Result<Vec<WaitingItem>> {
    const WAITING: &str = "SELECT position, is_request, original \
                           FROM replay_items INDEXED BY replay_items_waiting \
                           WHERE replay_seq = (SELECT seq FROM replays WHERE id = ?) AND state = 0 \
                           ORDER BY position LIMIT ?";
    let query = sqlx::query(WAITING).bind(id.as_bytes().to_vec()).bind(i64::from(limit));
    let rows = query.fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::new(row);
            let (position, is_request) = (columns.count()?, columns.get()?);
            let original = columns.id()?;
            let item = if is_request {
                ReplayItem::Request(RequestId::from_bytes(original))
            } else {
                ReplayItem::Delivery(DeliveryId::from_bytes(original))
            };
            Ok(WaitingItem { position, item })
        })
        .collect()
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// How many items that waited do so no longer.
    pub(super) of: u64,
    /// How many of those are left out.
    pub(super) skipped: u64,
}

/// Makes deliveries of items that wait, or leaves them out.
pub(super) async fn make(write: &mut Write, replay_seq: i64, work: Vec<(u64, ReplayWork)>) -> Result<Done> {
    let mut waiting = still_waiting(write, replay_seq, &work).await?;
    let (mut done, mut repeats) = (Done::default(), Vec::with_capacity(work.len()));
    for (position, work) in &work {
        if !waiting.remove(position) {
            continue;
        }
        done.of += 1;
        let made = match work {
            ReplayWork::Made(repeat) if can_be_made(write, repeat).await? => {
                repeats.push(repeat);
                Some(new_id(repeat))
            }
            ReplayWork::Made(_) | ReplayWork::Skipped => {
                done.skipped += 1;
                None
            }
        };
        put(write, replay_seq, *position, made).await?;
    }
    deliveries::write_repeats(write, &repeats).await?;
    Ok(done)
}

async fn still_waiting(
    write: &mut Write,
    replay_seq: i64,
    work: &[(u64, ReplayWork)],
) -> Result<HashSet<u64>> {
    const WAITING: &str = "SELECT position FROM replay_items WHERE replay_seq = ? AND state = 0 \
                           AND position IN (SELECT value FROM json_each(?))";
    let positions: Vec<u64> = work.iter().map(|(position, _)| *position).collect();
    let query = sqlx::query_scalar(WAITING).bind(replay_seq).bind(to_json(&positions)?);
    let waiting: Vec<i64> = query.fetch_all(write.connection().await?).await?;
    Ok(waiting.into_iter().filter_map(|position| u64::try_from(position).ok()).collect())
}

fn new_id(repeat: &Repeat) -> DeliveryId {
    match repeat {
        Repeat::Existing(_, new) | Repeat::New(_, new) => new.id,
    }
}

async fn can_be_made(write: &mut Write, repeat: &Repeat) -> Result<bool> {
    let (event, new) = match repeat {
        Repeat::Existing(event, new) => (Some(event), new),
        Repeat::New(_, new) => (None, new),
    };
    if endpoint_of(write, &new.target).is_err() {
        return Ok(false);
    }
    let Some(event) = event else { return Ok(true) };
    let there = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM events WHERE id = ?)");
    Ok(there.bind(event.as_bytes().to_vec()).fetch_one(write.connection().await?).await?)
}

/// Records that an item is made into a delivery (1), or left out (2).
async fn put(write: &mut Write, replay_seq: i64, position: u64, made: Option<DeliveryId>) -> Result<()> {
    const PUT: &str =
        "UPDATE replay_items SET state = ?3, delivery_id = ?4 WHERE replay_seq = ?1 AND position = ?2";
    sqlx::query(PUT)
        .bind(replay_seq)
        .bind(signed(position))
        .bind(if made.is_some() { 1_i64 } else { 2 })
        .bind(made.map(|id| id.as_bytes().to_vec()))
        .execute(write.connection().await?)
        .await?;
    Ok(())
}
