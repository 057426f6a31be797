use futures::FutureExt as _;
use hookbench_model::{DeliveryId, EventId, Timestamp};
use sqlx::QueryBuilder;

use super::{Purged, deliveries, free_pages};
use crate::deliveries::BODIES_SIZE;
use crate::writer::Write;
use crate::{Result, Store};

/// How many deliveries one step removes at most: few, for each may have megabytes of bodies.
const A_STEP: i64 = 20;

/// Removes the oldest ended deliveries, with their attempts and the events that nothing holds any more, until
/// the log fits.
///
/// Its size is what its tables and their indexes take in the file: room that is free within it, captured
/// requests and endpoints do not count. Only where the whole file holds more than `most` is that counted, and
/// then only the log's own pages are read.
pub(super) async fn purge(store: &Store, most: u64, now: Timestamp, purged: &mut Purged) -> Result<()> {
    let page = page_size(store).await?;
    if in_use(store).await?.saturating_mul(page) <= most {
        return Ok(());
    }
    let mut excess = log_size(store).await?.saturating_sub(most);
    let mut cursors = Cursors { delivery: vec![0; 16], event: vec![0; 16] };
    while excess > 0 {
        let Some(step) = next_step(store, &mut cursors, excess, now).await? else { return Ok(()) };
        let freed = store.writer().run(move |write| remove(write, step).boxed()).await?;
        purged.deliveries += freed.deliveries;
        purged.events += freed.events;
        excess = excess.saturating_sub(freed.pages.saturating_mul(page));
    }
    Ok(())
}

/// How far the oldest have been looked through.
struct Cursors {
    delivery: Vec<u8>,
    event: Vec<u8>,
}

/// What one transaction removes.
struct Step {
    deliveries: Vec<i64>,
    events: Vec<i64>,
}

struct Freed {
    deliveries: u64,
    events: u64,
    pages: u64,
}

/// The next oldest ended deliveries, no more than are too much by their bodies, and the events up to then that have no
/// delivery at all; `None` where there are none of either.
async fn next_step(
    store: &Store,
    cursors: &mut Cursors,
    excess: u64,
    now: Timestamp,
) -> Result<Option<Step>> {
    const LOOSE: &str = "SELECT id, seq FROM events e WHERE id > ? AND id < ? \
                         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_seq = e.seq) \
                         ORDER BY id LIMIT ?";
    let ended = oldest_ended(store, &cursors.delivery, excess).await?;
    let last = ended.last().and_then(|(id, _)| <[u8; 16]>::try_from(id.as_slice()).ok());
    let until = last.map_or(now, |id| DeliveryId::from_bytes(id).created_at());
    let until = EventId::lowest_at(until).as_bytes().to_vec();
    let loose = sqlx::query_as(LOOSE).bind(&cursors.event).bind(until).bind(A_STEP);
    let loose: Vec<(Vec<u8>, i64)> = loose.fetch_all(store.readers()).await?;
    for (found, cursor) in [(&ended, &mut cursors.delivery), (&loose, &mut cursors.event)] {
        if let Some((id, _)) = found.last() {
            cursor.clone_from(id);
        }
    }
    let seqs = |found: Vec<(Vec<u8>, i64)>| found.into_iter().map(|(_, seq)| seq).collect::<Vec<_>>();
    let step = Step { deliveries: seqs(ended), events: seqs(loose) };
    Ok((!step.deliveries.is_empty() || !step.events.is_empty()).then_some(step))
}

/// The oldest ended deliveries behind that one: so many that their bodies come to as much, but no more than a step.
async fn oldest_ended(store: &Store, after: &[u8], excess: u64) -> Result<Vec<(Vec<u8>, i64)>> {
    let mut query = QueryBuilder::new("SELECT id, seq, ");
    query.push(BODIES_SIZE).push(" FROM deliveries t WHERE id > ").push_bind(after.to_vec());
    query.push(" AND completed_at IS NOT NULL ORDER BY id LIMIT ").push_bind(A_STEP);
    let all: Vec<(Vec<u8>, i64, i64)> = query.build_query_as().fetch_all(store.readers()).await?;
    let mut before = 0;
    let within = all.into_iter().take_while(|(_, _, size)| {
        let fits = before < excess;
        before += u64::try_from(*size).unwrap_or(0);
        fits
    });
    Ok(within.map(|(id, seq, _)| (id, seq)).collect())
}

/// Removes them in one transaction; as nothing else writes meanwhile, what becomes free is theirs.
async fn remove(write: &mut Write, step: Step) -> Result<Freed> {
    let before = free_pages(write).await?;
    let removed = deliveries::remove(write, step.deliveries).await?;
    let events = [step.events, removed.event_seqs].concat();
    let events = deliveries::remove_events(write, events).await?;
    let pages = free_pages(write).await?.saturating_sub(before);
    Ok(Freed { deliveries: removed.count, events, pages: u64::try_from(pages).unwrap_or(0) })
}

async fn page_size(store: &Store) -> Result<u64> {
    let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(store.readers()).await?;
    Ok(u64::try_from(size).unwrap_or(0))
}

/// How many pages of the file hold anything.
async fn in_use(store: &Store) -> Result<u64> {
    const PAGES: &str = "SELECT (SELECT page_count FROM pragma_page_count) \
                         - (SELECT freelist_count FROM pragma_freelist_count)";
    let pages: i64 = sqlx::query_scalar(PAGES).fetch_one(store.readers()).await?;
    Ok(u64::try_from(pages).unwrap_or(0))
}

/// What the log's tables and their indexes take, in bytes.
async fn log_size(store: &Store) -> Result<u64> {
    const SIZE: &str = "SELECT coalesce(sum(s.pgsize), 0) FROM sqlite_schema t \
                        CROSS JOIN dbstat s ON s.name = t.name AND s.aggregate = TRUE \
                        WHERE t.rootpage > 0 AND t.tbl_name IN ('events', 'event_payloads', 'deliveries', \
                        'attempts', 'attempt_bodies', 'attempt_request_bodies')";
    let size: i64 = sqlx::query_scalar(SIZE).fetch_one(store.readers()).await?;
    Ok(u64::try_from(size).unwrap_or(0))
}
