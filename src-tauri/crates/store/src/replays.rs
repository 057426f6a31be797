mod items;
mod making;
mod purge;
mod row;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use futures::FutureExt as _;
use hookbench_model::{
    Action, EndpointId, Noun, Page, PageRequest, Replay, ReplayId, ReplayItem, ReplaySource, ReplayStatus,
    Timestamp,
};

use crate::codes::Coded as _;
use crate::columns::{Columns, signed};
use crate::query::limit;
use crate::writer::Write;
use crate::{Repeat, Result, Store, StoreError};
use items::Originals;
use making::Making;
pub(crate) use making::Makings;
pub(crate) use purge::{ended as purge_ended, items as purge_items};

/// Replays.
#[derive(Clone, Debug)]
pub struct Replays {
    pub(crate) store: Store,
}

/// What a replay would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayPreview {
    /// How many things it would repeat.
    pub total: u64,
    /// Where those went before, most first: a delivery's endpoint, or nothing for captured requests.
    pub by_endpoint: Vec<ReplayTarget>,
    /// How many of the captured requests among them did not come whole and well formed.
    pub broken: u64,
}

/// One place that things to be repeated went to before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayTarget {
    /// The endpoint; `None` for plain URLs and captured requests.
    pub endpoint_id: Option<EndpointId>,
    /// Its name; empty where there is none.
    pub name: String,
    /// The URL; empty for captured requests.
    pub url: String,
    /// How many.
    pub count: u64,
}

/// An item that still waits to be made into a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingItem {
    /// Its place in the replay, from 0, oldest original first.
    pub position: u64,
    /// What it repeats.
    pub item: ReplayItem,
}

/// What has become of an item.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all of a list of these are the large one")]
pub enum ReplayWork {
    /// It is made into this delivery, which is written with it. Where its event or endpoint is gone by
    /// now it is left out.
    Made(Repeat),
    /// It is left out, since its original or its endpoint is gone.
    Skipped,
}

impl Replays {
    /// Writes a replay and the items that its source stands for now: what is there of it, each once, oldest first.
    /// Very many items are written in parts, between which others write; the replay is there with the last of them.
    /// Its `progress` is counted, whatever it holds.
    pub async fn create(&self, replay: Replay) -> Result<Replay> {
        // Looking for what matches may take long; the writer must not wait for that.
        let originals = {
            let _turn = self.store.turn_to_search(true).await;
            items::resolve(&mut *self.store.readers().acquire().await?, &replay.source).await?
        };
        let making = self.store.inner.makings.begin();
        let (mut parts, mut written) = (originals.parts(), 0);
        let last = parts.pop();
        for part in parts {
            let making = Arc::clone(&making);
            written += self
                .store
                .writer()
                .run(move |write| async move { add(write, &making, part, written).await }.boxed())
                .await?;
        }
        self.store.writer().run(move |write| create(write, replay, making, last, written).boxed()).await
    }

    /// What a replay of this would repeat; writes nothing.
    pub async fn preview(&self, source: &ReplaySource) -> Result<ReplayPreview> {
        let _turn = self.store.turn_to_search(true).await;
        let connection = &mut *self.store.readers().acquire().await?;
        let originals = items::resolve(connection, source).await?;
        let total = originals.seqs().len() as u64;
        let (mut counts, mut broken) = (HashMap::new(), 0);
        match &originals {
            Originals::Deliveries(seqs) => {
                for seqs in seqs.chunks(items::AT_ONCE) {
                    for (target, count) in items::targets(connection, seqs).await? {
                        *counts.entry(target).or_insert(0) += count;
                    }
                }
            }
            Originals::Requests(seqs) => {
                for seqs in seqs.chunks(items::AT_ONCE) {
                    broken += items::broken(connection, seqs).await?;
                }
                counts.insert((None, String::new(), String::new()), total);
            }
        }
        let target = |((endpoint_id, name, url), count)| ReplayTarget { endpoint_id, name, url, count };
        let mut by_endpoint: Vec<_> =
            counts.into_iter().map(target).filter(|target| target.count > 0).collect();
        by_endpoint
            .sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (&a.name, &a.url).cmp(&(&b.name, &b.url))));
        Ok(ReplayPreview { total, by_endpoint, broken })
    }

    /// When the oldest and the newest of what a replay of this would repeat came; `None` where there is nothing.
    pub async fn span(&self, source: &ReplaySource) -> Result<Option<(Timestamp, Timestamp)>> {
        let _turn = self.store.turn_to_search(true).await;
        let connection = &mut *self.store.readers().acquire().await?;
        let originals = items::resolve(connection, source).await?;
        items::span(connection, &originals).await
    }

    /// One of them, with its progress.
    pub async fn get(&self, id: ReplayId) -> Result<Option<Replay>> {
        row::get(&mut *self.store.readers().acquire().await?, id).await
    }

    /// A page of them, newest first, with their progress.
    pub async fn list(&self, page: PageRequest<ReplayId>) -> Result<Page<Replay, ReplayId>> {
        let limit = limit(&page);
        let before = page.before.map_or([0xff; 16], |id| *id.as_bytes());
        let found = sqlx::query(row::PAGE).bind(before.to_vec()).bind(i64::from(limit) + 1);
        let rows = found.fetch_all(self.store.readers()).await?;
        let wanted = &rows[..rows.len().min(limit as usize)];
        let read: Vec<Replay> = wanted.iter().map(row::read).collect::<Result<_>>()?;
        let next = if rows.len() > read.len() { read.last().map(|replay| replay.id) } else { None };
        Ok(Page { rows: read, next })
    }

    /// Those that are running or paused, oldest first. What has become of their deliveries is not counted, since they
    /// are asked for again and again: all that were made stand as `under_way`, and [`Self::has_ended`] tells whether
    /// they are still.
    pub async fn unfinished(&self) -> Result<Vec<Replay>> {
        sqlx::query(row::UNFINISHED).fetch_all(self.store.readers()).await?.iter().map(row::read).collect()
    }

    /// Whether every delivery that a replay has made has ended.
    pub async fn has_ended(&self, id: ReplayId) -> Result<bool> {
        row::has_ended(&mut *self.store.readers().acquire().await?, id).await
    }

    /// The first items that wait to be made.
    pub async fn waiting_items(&self, id: ReplayId, limit: u32) -> Result<Vec<WaitingItem>> {
        items::waiting(&mut *self.store.readers().acquire().await?, id, limit).await
    }

    /// Records what has become of items, with their deliveries, in one transaction; gives how many that
    /// were. Items that no longer wait are passed over with their deliveries, so a repeated call does no
    /// harm. Nothing is made of a replay that is not running.
    pub async fn made(&self, id: ReplayId, work: Vec<(u64, ReplayWork)>) -> Result<u64> {
        self.store.writer().run(move |write| made(write, id, work).boxed()).await
    }

    /// Moves it to another status. `WrongState` where it has ended.
    pub async fn set_status(&self, id: ReplayId, status: ReplayStatus, now: Timestamp) -> Result<Replay> {
        self.store.writer().run(move |write| set_status(write, id, status, now).boxed()).await
    }
}

/// Writes some of the items of a replay that is being made, of which so many are written; gives how many those are.
async fn add(write: &mut Write, making: &Making, part: Originals, written: u64) -> Result<u64> {
    let part = items::still_there(write.connection().await?, part).await?;
    let seq = making.seq(write).await?;
    items::insert(write.connection().await?, seq, &part, written).await?;
    Ok(part.seqs().len() as u64)
}

/// Writes a replay with the last of its items.
async fn create(
    write: &mut Write,
    replay: Replay,
    making: Arc<Making>,
    last: Option<Originals>,
    mut written: u64,
) -> Result<Replay> {
    if let Some(last) = last {
        written += add(write, &making, last, written).await?;
    }
    let seq = making.seq(write).await?;
    row::insert(write.connection().await?, seq, &replay, written).await?;
    write.changed(Noun::Replay, Action::Created, replay.id, None, Some(replay.status.as_str()));
    get(write, replay.id).await
}

async fn made(write: &mut Write, id: ReplayId, work: Vec<(u64, ReplayWork)>) -> Result<u64> {
    const SEQ: &str = "SELECT seq, status FROM replays WHERE id = ?";
    const COUNT: &str = "UPDATE replays SET waiting = waiting - ?2, skipped = skipped + ?3 WHERE seq = ?1";
    let query = sqlx::query(SEQ).bind(id.as_bytes().to_vec());
    let row = query.fetch_optional(write.connection().await?).await?;
    let row = row.ok_or_else(|| StoreError::not_found(Noun::Replay, id))?;
    let mut columns = Columns::new(&row);
    let (seq, status): (i64, ReplayStatus) = (columns.get()?, columns.coded()?);
    if status != ReplayStatus::Running {
        return Ok(0);
    }
    let done = items::make(write, seq, work).await?;
    if done.of > 0 {
        let (of, skipped) = (signed(done.of), signed(done.skipped));
        sqlx::query(COUNT).bind(seq).bind(of).bind(skipped).execute(write.connection().await?).await?;
        write.changed(Noun::Replay, Action::Updated, id, None, Some(status.as_str()));
    }
    Ok(done.of)
}

async fn set_status(write: &mut Write, id: ReplayId, status: ReplayStatus, now: Timestamp) -> Result<Replay> {
    const SET: &str = "UPDATE replays SET status = ?2, completed_at = ?3 WHERE id = ?1";
    let known = get(write, id).await?;
    if matches!(known.status, ReplayStatus::Completed | ReplayStatus::Cancelled) {
        return Err(StoreError::wrong_state(Noun::Replay, id, known.status.as_str()));
    }
    let ends = matches!(status, ReplayStatus::Completed | ReplayStatus::Cancelled);
    sqlx::query(SET)
        .bind(id.as_bytes().to_vec())
        .bind(status.code())
        .bind(ends.then(|| now.unix_ms()))
        .execute(write.connection().await?)
        .await?;
    write.changed(Noun::Replay, Action::Updated, id, None, Some(status.as_str()));
    get(write, id).await
}

async fn get(write: &mut Write, id: ReplayId) -> Result<Replay> {
    row::get(write.connection().await?, id).await?.ok_or_else(|| StoreError::not_found(Noun::Replay, id))
}
