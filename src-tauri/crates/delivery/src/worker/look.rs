//! A look at the store: what is due is claimed, and what is claimed is known.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::future::BoxFuture;
use hookbench_model::{EndpointId, Timestamp};
use hookbench_store::{Claimed, Doors, Full, Room, StoreError};

use super::clock_watch::Noticed;
use super::recall::{measure, recall};
use super::{Shared, Stale};

/// A look that is under way; one that only reads endpoints again finds nothing.
pub(super) type Looking = BoxFuture<'static, Result<Option<Found>, StoreError>>;

/// What a look at the store gave.
pub(super) struct Found {
    /// When it was looked at.
    pub(super) now: Timestamp,
    /// Due deliveries, claimed; where there are some there may be more.
    pub(super) claimed: Vec<Claimed>,
    /// Whether there may be more though none was claimed.
    pub(super) more: bool,
    /// When the next is due, or expires.
    pub(super) next_due: Option<Timestamp>,
    /// When to look again even so, though nothing will be seen of it.
    pub(super) next_sweep: Option<Timestamp>,
    /// How many attempts had been recorded before: the end of another may do away with that.
    pub(super) recorded: u64,
    /// Endpoints that something is due for and that have no room.
    pub(super) full: Vec<Full>,
}

/// What is claimed and not sent yet, and how much of that there may be.
pub(super) struct Ready {
    pub(super) by_endpoint: HashMap<EndpointId, usize>,
    pub(super) all: usize,
    /// How many attempts may be under way at once.
    pub(super) most: usize,
    /// How many may be claimed beyond that.
    pub(super) ahead: usize,
}

/// What the lanes have room for, and whose breaker is open.
struct DoorsOfLanes {
    shared: Arc<Shared>,
    ready: Ready,
    now: Timestamp,
}

impl Doors for DoorsOfLanes {
    fn room(&self, endpoint: Option<EndpointId>) -> Room {
        let (Some(id), ready) = (endpoint, &self.ready) else { return Room::ALL };
        let own = ready.by_endpoint.get(&id).copied().unwrap_or(0);
        // Whoever has something ready already leaves the rest of the places to others.
        let ahead = if own == 0 { ready.ahead } else { ready.ahead.saturating_sub(ready.all) };
        self.shared.lanes().room(id, own, ahead, ready.most, self.now)
    }

    fn shut_until(&self, endpoint: EndpointId, by_hand: bool) -> Option<Timestamp> {
        self.shared.lanes().shut_until(endpoint, by_hand, self.now)
    }
}

pub(super) async fn look(shared: Arc<Shared>, limit: usize, ready: Ready) -> Result<Found, StoreError> {
    refresh(&shared).await?;
    let now = shared.clock.now();
    if let Some(noticed) = shared.watch.take() {
        take_notice(&shared, noticed, now).await?;
    }
    shared.lanes().begin_look();
    let recorded = shared.recorded.load(Ordering::SeqCst);
    let doors = Arc::new(DoorsOfLanes { shared: Arc::clone(&shared), ready, now });
    let claims = shared.store.deliveries().claim_by(now, limit, doors).await?;
    let unknown: HashSet<EndpointId> = {
        let mut lanes = shared.lanes();
        lanes.end_look();
        for taken in &claims.overdue {
            lanes.took_overdue(taken.endpoint, taken.count, taken.all, now);
        }
        let ids = claims.claimed.iter().filter_map(|claimed| claimed.delivery.target.endpoint_id());
        ids.filter(|id| !lanes.knows(*id)).collect()
    };
    for &id in &unknown {
        // What cannot be read now is tried without: the attempt then says that the endpoint is gone, and
        // what was claimed is not lost.
        if let Err(error) = learn(&shared, id).await {
            tracing::warn!(endpoint = %id, %error, "endpoint could not be read");
        }
    }
    recall(&shared).await;
    let hookbench_store::Claims { claimed, full, next_due, next_sweep, more, .. } = claims;
    Ok(Found { now, claimed, more, next_due, next_sweep, recorded, full })
}

/// Reads one endpoint.
async fn learn(shared: &Shared, id: EndpointId) -> Result<(), StoreError> {
    let as_of = shared.lanes().as_of();
    let found = shared.store.endpoints().get_with_breaker(id).await?;
    let now = shared.clock.now();
    match found {
        Some((endpoint, breaker)) => shared.lanes().learn(endpoint, breaker, as_of, now),
        None => shared.lanes().forget(id),
    }
    Ok(())
}

/// Reads again which endpoints there are, or those that were edited.
pub(super) async fn refresh(shared: &Shared) -> Result<(), StoreError> {
    let stale = std::mem::replace(&mut *shared.stale(), Stale::These(HashSet::new()));
    let read = read_again(shared, &stale).await;
    if read.is_err() {
        *shared.stale() = Stale::All;
    }
    read
}

async fn read_again(shared: &Shared, stale: &Stale) -> Result<(), StoreError> {
    match stale {
        Stale::All => {
            let as_of = shared.lanes().as_of();
            let all = shared.store.endpoints().all_with_breakers().await?;
            let now = shared.clock.now();
            {
                let mut lanes = shared.lanes();
                lanes.keep_only(&all.iter().map(|(endpoint, _)| endpoint.id).collect());
                for (endpoint, breaker) in all {
                    lanes.learn(endpoint, breaker, as_of, now);
                }
            }
        }
        Stale::These(ids) => {
            for &id in ids {
                learn(shared, id).await?;
            }
        }
    }
    recall(shared).await;
    measure(shared).await;
    Ok(())
}

/// Does what the clock asks for, that was set or has gone on while nobody looked.
async fn take_notice(shared: &Shared, noticed: Noticed, now: Timestamp) -> Result<(), StoreError> {
    let done = async {
        if noticed.set_back_ms > 0 {
            tracing::warn!(
                by_ms = noticed.set_back_ms,
                "the clock was set back; what waits goes back with it"
            );
            shared.store.deliveries().set_back(noticed.set_back_ms, now).await?;
            shared.lanes().set_back(noticed.set_back_ms, now);
        }
        if let Some(until) = noticed.overdue_until {
            let overdue = shared.store.deliveries().overdue(until).await?;
            let mut lanes = shared.lanes();
            for (id, count) in overdue {
                tracing::info!(endpoint = %id, count, "deliveries are overdue and go out bit by bit");
                lanes.catch_up(id, until, count, now);
            }
        }
        Ok(())
    };
    let done = done.await;
    if done.is_err() {
        // What was shifted before it failed may be shifted again: rather too early than never.
        shared.watch.put_back(noticed);
    }
    done
}
