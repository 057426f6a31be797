use hookbench_model::{
    EndpointId, Page, PageRequest, Replay, ReplayId, ReplayItem, ReplaySource, ReplayStatus, Timestamp,
};

use crate::{Repeat, Result, Store};

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
}

/// One place that things to be repeated went to before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayTarget {
    /// The endpoint; `None` for plain URLs and captured requests.
    pub endpoint_id: Option<EndpointId>,
    /// Its name; empty where there is none.
    pub name: String,
    /// Its URL; empty for captured requests.
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
pub enum ReplayWork {
    /// It is made into this delivery, which is written with it.
    Made(Repeat),
    /// It is left out, since its original or its endpoint is gone.
    Skipped,
}

impl Replays {
    /// Writes a replay and, in the same transaction, the items that its source stands for now. Its
    /// `progress` is counted, whatever it holds.
    pub async fn create(&self, replay: Replay) -> Result<Replay> {
        let _ = replay;
        unimplemented!()
    }

    /// What a replay of this would repeat; writes nothing.
    pub async fn preview(&self, source: &ReplaySource) -> Result<ReplayPreview> {
        let _ = source;
        unimplemented!()
    }

    /// One of them, with its progress.
    pub async fn get(&self, id: ReplayId) -> Result<Option<Replay>> {
        let _ = id;
        unimplemented!()
    }

    /// A page of them, newest first, with their progress.
    pub async fn list(&self, page: PageRequest<ReplayId>) -> Result<Page<Replay, ReplayId>> {
        let _ = page;
        unimplemented!()
    }

    /// Those that are running or paused, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<Replay>> {
        unimplemented!()
    }

    /// The first items that wait to be made.
    pub async fn waiting_items(&self, id: ReplayId, limit: u32) -> Result<Vec<WaitingItem>> {
        let _ = (id, limit);
        unimplemented!()
    }

    /// Records what has become of items, with their deliveries, in one transaction; gives how many that
    /// were. Items that no longer wait are passed over with their deliveries, so a repeated call does no
    /// harm. Nothing is made of a replay that is not running.
    pub async fn made(&self, id: ReplayId, work: Vec<(u64, ReplayWork)>) -> Result<u64> {
        let _ = (id, work);
        unimplemented!()
    }

    /// Moves it to another status. `WrongState` where it has ended.
    pub async fn set_status(&self, id: ReplayId, status: ReplayStatus, now: Timestamp) -> Result<Replay> {
        let _ = (id, status, now);
        unimplemented!()
    }
}
