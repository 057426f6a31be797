mod board;
mod change;
mod claim;
mod claimed_row;
mod due;
mod due_now;
mod expire;
mod filter;
mod finish;
mod forecast;
mod heads;
mod hold;
pub(crate) mod kinds;
mod repeat;
mod row;
mod set_back;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use futures::FutureExt as _;
use hookbench_model::{
    Attempt, BreakerState, Delivery, DeliveryFilter, DeliveryId, DeliveryStatus, DueNow, EndedBecause,
    EndpointId, Event, EventId, FoundIn, KeptBack, NewDelivery, Page, PageRequest, Timestamp,
};

pub(crate) use board::Board;
pub(crate) use claim::claim_all;
pub(crate) use due::Claim;
use due::Rooms;
pub use due::{Doors, Full, Overdue, Room};
pub(crate) use filter::{BODIES_SIZE, select};
pub(crate) use finish::{Current, finish_all, keep_health};
pub use forecast::{EndpointWork, Forecast, ForecastBucket, LastFailure};
pub(crate) use heads::{load_board, next_due};
pub(crate) use hold::release_held;
pub(crate) use repeat::write_repeats;

use crate::columns::to_json;
use crate::query::limit;
use crate::writer::HotJob;
use crate::{Result, Store};

/// Deliveries.
#[derive(Clone, Debug)]
pub struct Deliveries {
    pub(crate) store: Store,
}

/// A delivery that has been claimed for an attempt: it stands as in flight until it is finished or
/// released.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The delivery.
    pub delivery: Delivery,
    /// Its event with the payload; deliveries of one event that are claimed together share the bytes.
    pub event: Event,
    /// The number of the attempt to be made, from 1.
    pub attempt_number: u32,
}

/// The end of an attempt.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt; its number is the one that the claim gave.
    pub attempt: Attempt,
    /// What becomes of the delivery.
    pub next: Next,
    /// What it means for the endpoint.
    pub effect: EndpointEffect,
    /// Where it brings the endpoint's breaker; `None` where it stays.
    pub breaker: Option<BreakerChange>,
}

/// A breaker that stands elsewhere now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerChange {
    /// Changes are numbered in the order in which they happened: one that is overtaken on its way counts no more.
    pub number: u64,
    /// Where it stands.
    pub state: BreakerState,
}

/// What a claim gave.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// What was claimed.
    pub claimed: Vec<Claimed>,
    /// Whether there may be more that is due, though nothing was claimed.
    pub more: bool,
    /// Endpoints that something is due for and that had no room.
    pub full: Vec<Full>,
    /// What was claimed of that which goes out slowly ([`Room::overdue`]).
    pub overdue: Vec<OverdueTaken>,
    /// When the next delivery is due, or expires, that a claim with the same room would see, or when an alert that
    /// waits is told. It is true where nothing was claimed and there is no more; else it may turn out that there is
    /// none.
    pub next_due: Option<Timestamp>,
    /// When to claim again even so, though nobody sees anything of it: an alert that waits is forgotten at its time
    /// where nobody is there to be told.
    pub next_sweep: Option<Timestamp>,
}

/// What was claimed of an endpoint's overdue deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverdueTaken {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// How many were claimed.
    pub count: usize,
    /// Whether no more are there.
    pub all: bool,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The receiver has it.
    Delivered {
        /// Since when.
        at: Timestamp,
    },
    /// It is tried again. Where the endpoint has been disabled meanwhile it is paused instead, where it
    /// has been deleted, cancelled.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// It ends without having arrived.
    Failed {
        /// Since when.
        at: Timestamp,
        /// Why: the plan has run out, or its time to live.
        because: EndedBecause,
    },
    /// Its endpoint is being disabled: it waits for that to end.
    Paused {
        /// When it would be tried again.
        resume_at: Timestamp,
    },
}

/// What an attempt means for the endpoint that it went to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EndpointEffect {
    /// Nothing.
    #[default]
    None,
    /// It works: its failures are forgotten.
    Success,
    /// One more failure in a row.
    Failure {
        /// When.
        at: Timestamp,
    },
    /// One more failure, and it is disabled: its waiting deliveries are paused.
    Disable {
        /// When.
        at: Timestamp,
        /// Why, in words.
        reason: String,
    },
    /// It was tested: a draft goes live by a test that was delivered.
    Tested(TestResult),
}

/// What a test of an endpoint gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// When.
    pub at: Timestamp,
    /// The endpoint's URL that was tested; the result says nothing about another.
    pub url: String,
    /// Why it failed, in words; `None` where it was delivered.
    pub failure: Option<String>,
}

/// A delivery that repeats something.
#[derive(Clone, Debug)]
pub enum Repeat {
    /// Of an event that is there.
    Existing(EventId, NewDelivery),
    /// Of an event that is written with it.
    New(Box<Event>, NewDelivery),
}

/// The delivery with that key, as the running transaction has it.
pub(crate) async fn by_seq(write: &mut crate::writer::Write, seq: i64) -> Result<Option<Delivery>> {
    let found = sqlx::query(row::BY_SEQS).bind(to_json(&[seq])?);
    let row = found.fetch_optional(write.connection().await?).await?;
    row.map(|row| row::read(&row)).transpose()
}

impl Deliveries {
    /// One of them.
    pub async fn get(&self, id: DeliveryId) -> Result<Option<Delivery>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read(&row)).transpose()
    }

    /// A page of those that the filter matches, newest first.
    ///
    /// The work for one page is bounded where rows have to be looked at one by one, for a text or for what no index
    /// finds: a page may then hold fewer rows than asked for, none even, and still have a `next`; the search goes on
    /// there. It looks for the text as it is, letter case included.
    pub async fn list(
        &self,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryId>,
    ) -> Result<Page<Delivery, DeliveryId>> {
        let _turn = self.store.turn_to_search(filter.q.is_some()).await;
        let connection = &mut *self.store.readers().acquire().await?;
        let before = page.before.map(|id| *id.as_bytes());
        let part = select(connection, filter).await?.page(connection, before, limit(&page)).await?;
        let rows = sqlx::query(row::BY_SEQS).bind(to_json(&part.seqs)?).fetch_all(connection).await?;
        Ok(Page {
            rows: rows.iter().map(row::read).collect::<Result<_>>()?,
            next: part.next.map(DeliveryId::from_bytes),
        })
    }

    /// Where in deliveries that were found by `q` it stands.
    pub async fn found_in(&self, q: &str, ids: &[DeliveryId]) -> Result<HashMap<DeliveryId, Vec<FoundIn>>> {
        let _turn = self.store.turn_to_search(true).await;
        text::places(&mut *self.store.readers().acquire().await?, q, ids).await
    }

    /// How many the filter matches. Rows that have to be looked at one by one are so in bounded steps.
    pub async fn count(&self, filter: &DeliveryFilter) -> Result<u64> {
        let _turn = self.store.turn_to_search(filter.q.is_some()).await;
        let connection = &mut *self.store.readers().acquire().await?;
        select(connection, filter).await?.count(connection).await
    }

    /// All of an event, oldest first.
    pub async fn of_event(&self, event: EventId) -> Result<Vec<Delivery>> {
        let found = sqlx::query(row::OF_EVENT).bind(event.as_bytes().to_vec());
        found.fetch_all(self.store.readers()).await?.iter().map(row::read).collect()
    }

    /// Claims up to so many deliveries that are due at `now` and marks them as in flight; `except` for those of some
    /// endpoints. The end of the process does not undo it, a power cut may: then they are due again. It may give fewer
    /// than are due: ask again until none comes.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        limit: usize,
        except: &[EndpointId],
    ) -> Result<Vec<Claimed>> {
        let except = except.to_vec();
        let room = move |id: Option<EndpointId>| {
            if id.is_some_and(|id| except.contains(&id)) { Room::NONE } else { Room::ALL }
        };
        Ok(self.claim(now, limit, room).await?.claimed)
    }

    /// Claims as [`Self::claim_due`], where `room` tells how many each endpoint takes whose turn it is (`None`
    /// stands for plain URLs).
    ///
    /// Endpoints get their turns side by side, the one that has waited longest for its turn first, whatever waits
    /// behind the others. Within an endpoint half of its share is for first attempts and half for later ones, each
    /// the longest due first. An ordered endpoint has one at a time, in event order. What has expired ends.
    pub async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
        room: impl Fn(Option<EndpointId>) -> Room + Send + Sync + 'static,
    ) -> Result<Claims> {
        self.claim_by(now, limit, Arc::new(Rooms(room))).await
    }

    /// Claims as [`Self::claim`], where it is known too of whom nothing is due before some time.
    pub async fn claim_by(&self, now: Timestamp, limit: usize, doors: Arc<dyn Doors>) -> Result<Claims> {
        self.store.writer().hot(Claim { now, limit, doors }, HotJob::Claim).await
    }

    /// When the newest delivery was made: no clock that is right shows less. One that was made before the clock was
    /// set back, and that was taken into account, tells nothing.
    pub async fn newest(&self) -> Result<Option<Timestamp>> {
        const NEWEST: &str = "SELECT id FROM deliveries WHERE seq > (SELECT clock_set_after FROM workspace) \
                              ORDER BY seq DESC LIMIT 1";
        let row = sqlx::query(NEWEST).fetch_optional(self.store.readers()).await?;
        row.map(|row| Ok(DeliveryId::from_bytes(crate::columns::id(&row, 0)?).created_at())).transpose()
    }

    /// How many deliveries of each endpoint have been due since `until` or before.
    pub async fn overdue(&self, until: Timestamp) -> Result<Vec<(EndpointId, u64)>> {
        forecast::overdue(&mut *self.store.readers().acquire().await?, until).await
    }

    /// What is due when, from `now` on: so many stretches of time of `bucket_ms` each.
    pub async fn forecast(&self, now: Timestamp, bucket_ms: u64, buckets: u32) -> Result<Forecast> {
        forecast::read(&mut *self.store.readers().acquire().await?, now, bucket_ms, buckets).await
    }

    /// What is due at `now` and what of it goes out, where the breakers of these endpoints are not closed.
    pub async fn due_now(&self, now: Timestamp, open_breakers: &[EndpointId]) -> Result<DueNow> {
        due_now::read(&mut *self.store.readers().acquire().await?, now, open_breakers).await
    }

    /// What is due at `now` and kept back of one endpoint, whose breaker is not closed, or is.
    pub async fn kept_back_of(
        &self,
        endpoint: EndpointId,
        now: Timestamp,
        open_breaker: bool,
    ) -> Result<KeptBack> {
        let open: &[EndpointId] = if open_breaker { &[endpoint] } else { &[] };
        due_now::kept_back(&mut *self.store.readers().acquire().await?, now, open, Some(endpoint)).await
    }

    /// Whether a delivery stands behind another of its ordered endpoint, so that nobody knows when it goes out.
    pub async fn stands_behind(&self, id: DeliveryId) -> Result<bool> {
        due_now::stands_behind(&mut *self.store.readers().acquire().await?, id).await
    }

    /// What waits for an endpoint, and how its newest deliveries went.
    pub async fn work_of(&self, endpoint: EndpointId, now: Timestamp) -> Result<EndpointWork> {
        forecast::of_endpoint(&mut *self.store.readers().acquire().await?, endpoint, now).await
    }

    /// The clock was set back by so much and shows `now`: what waits, is paused, expires, or holds a breaker open
    /// goes back with it, so that nothing waits longer than it was to.
    pub async fn set_back(&self, by_ms: i64, now: Timestamp) -> Result<()> {
        set_back::set_back(&self.store, by_ms, now).await
    }

    /// When the next delivery is due that [`Self::claim_due`] would give with the same exceptions.
    pub async fn next_due(&self, except: &[EndpointId]) -> Result<Option<Timestamp>> {
        next_due(&mut *self.store.readers().acquire().await?, except, &HashMap::new()).await
    }

    /// When the next delivery is due, where to these endpoints nothing goes before these times.
    pub async fn next_due_behind(
        &self,
        shut_until: &HashMap<EndpointId, Timestamp>,
    ) -> Result<Option<Timestamp>> {
        next_due(&mut *self.store.readers().acquire().await?, &[], shut_until).await
    }

    /// Records an attempt and what becomes of its delivery in one transaction, and gives where the
    /// delivery then stands. `WrongState` where it is not in flight, `Conflict` on `number` where the
    /// attempt is not its next.
    pub async fn finish(&self, finish: Finish) -> Result<DeliveryStatus> {
        self.store.writer().hot(finish, HotJob::Finish).await
    }

    /// What stands as in flight: at the start, what a crash left.
    pub async fn in_flight(&self) -> Result<Vec<Claimed>> {
        claim::in_flight(&mut *self.store.readers().acquire().await?, self.store.vault()).await
    }

    /// Gives claimed deliveries back that were not sent; they are due again at `due_at`. Ids that are not
    /// in flight are passed over.
    pub async fn release(&self, ids: Vec<DeliveryId>, due_at: Timestamp) -> Result<()> {
        self.store.writer().run(move |write| change::release(write, ids, due_at).boxed()).await
    }

    /// Makes one due now by hand, whatever has become of it. `WrongState` where it is in flight or its
    /// endpoint is disabled, `NotFound` where its endpoint is gone.
    pub async fn retry_now(&self, id: DeliveryId, now: Timestamp) -> Result<Delivery> {
        self.store.writer().run(move |write| change::retry_now(write, id, now).boxed()).await
    }

    /// Skips one: one that waits or is paused ends as cancelled; one that failed for good and holds its endpoint's
    /// queue lets it go on. `WrongState` otherwise.
    pub async fn skip(&self, id: DeliveryId, now: Timestamp) -> Result<Delivery> {
        self.store.writer().run(move |write| change::skip(write, id, now).boxed()).await
    }

    /// Stops one that waits or is paused. `WrongState` where it has ended or is in flight.
    pub async fn cancel(&self, id: DeliveryId, now: Timestamp) -> Result<Delivery> {
        self.store.writer().run(move |write| change::cancel(write, id, now).boxed()).await
    }

    /// Writes deliveries that repeat something, all or none. `NotFound` where an event, an endpoint or a
    /// replay is gone.
    pub async fn create_many(&self, repeats: Vec<Repeat>) -> Result<()> {
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let repeats: Vec<&Repeat> = repeats.iter().collect();
                    write_repeats(write, &repeats).await
                }
                .boxed()
            })
            .await
    }
}
