mod change;
mod claim;
mod filter;
mod finish;
pub(crate) mod kinds;
mod repeat;
mod row;

use std::collections::HashMap;

use futures::FutureExt as _;
use hookbench_model::{
    Attempt, Delivery, DeliveryFilter, DeliveryId, DeliveryStatus, EndedBecause, EndpointId, Event, EventId,
    NewDelivery, Page, PageRequest, Timestamp,
};

pub(crate) use claim::{Claim, claim_all, next_due};
pub(crate) use filter::select;
pub(crate) use finish::finish_all;
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

impl Deliveries {
    /// One of them.
    pub async fn get(&self, id: DeliveryId) -> Result<Option<Delivery>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read(&row)).transpose()
    }

    /// A page of those that the filter matches, newest first.
    ///
    /// With `q` the work for one page is bounded: a page may then hold fewer rows than asked for, none
    /// even, and still have a `next`; the search goes on there. It looks for the text as it is, letter
    /// case included.
    pub async fn list(
        &self,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryId>,
    ) -> Result<Page<Delivery, DeliveryId>> {
        let connection = &mut *self.store.readers().acquire().await?;
        let before = page.before.map(|id| *id.as_bytes());
        let part = select(connection, filter).await?.page(connection, before, limit(&page)).await?;
        let rows = sqlx::query(row::BY_SEQS).bind(to_json(&part.seqs)?).fetch_all(connection).await?;
        Ok(Page {
            rows: rows.iter().map(row::read).collect::<Result<_>>()?,
            next: part.next.map(DeliveryId::from_bytes),
        })
    }

    /// How many the filter matches.
    pub async fn count(&self, filter: &DeliveryFilter) -> Result<u64> {
        let connection = &mut *self.store.readers().acquire().await?;
        select(connection, filter).await?.count(connection).await
    }

    /// All of an event, oldest first.
    pub async fn of_event(&self, event: EventId) -> Result<Vec<Delivery>> {
        let found = sqlx::query(row::OF_EVENT).bind(event.as_bytes().to_vec());
        found.fetch_all(self.store.readers()).await?.iter().map(row::read).collect()
    }

    /// Claims up to so many deliveries that are due at `now` and marks them as in flight, durably.
    /// Endpoints get their turns side by side, each its longest due deliveries first; an ordered endpoint
    /// has one at a time, in event order. It may give fewer than are due: ask again until none comes.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        limit: usize,
        except: &[EndpointId],
    ) -> Result<Vec<Claimed>> {
        self.claim_due_within(now, limit, except.iter().map(|id| (*id, 0)).collect()).await
    }

    /// As [`Self::claim_due`], with the most that may be claimed of some endpoints: what each has room for.
    pub async fn claim_due_within(
        &self,
        now: Timestamp,
        limit: usize,
        room: HashMap<EndpointId, usize>,
    ) -> Result<Vec<Claimed>> {
        self.store.writer().hot(Claim { now, limit, room }, HotJob::Claim).await
    }

    /// When the next delivery is due that [`Self::claim_due`] would give with the same exceptions.
    pub async fn next_due(&self, except: &[EndpointId]) -> Result<Option<Timestamp>> {
        next_due(&mut *self.store.readers().acquire().await?, except).await
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
