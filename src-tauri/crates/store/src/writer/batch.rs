use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use hookbench_model::DeliveryStatus;
use tokio::sync::oneshot;

use super::flush::{Flusher, Room, Waiting};
use super::{HotJob, Write};
use crate::changes::NewChange;
use crate::deliveries::{Claim, Claims, Finish};
use crate::events::NewEvent;
use crate::requests::NewRequest;
use crate::{Result, StoreError};

/// The most bytes of bodies that one transaction takes before it is committed.
const MOST_BYTES: usize = 16 << 20;

/// A hot job: what to write, and who waits for it.
#[derive(Debug)]
pub(crate) struct Hot<I, O> {
    pub(crate) input: I,
    /// What the job gave, if its transaction is committed: a refusal has written nothing.
    pub(crate) outcome: Option<Result<O>>,
    reply: oneshot::Sender<Result<O>>,
}

impl<I, O> Hot<I, O> {
    pub(crate) fn new(input: I, reply: oneshot::Sender<Result<O>>) -> Self {
        Self { input, outcome: None, reply }
    }

    fn answer(self, flushed: Result<()>) {
        let outcome = self.outcome.unwrap_or(Err(StoreError::Panicked));
        // Who waits may have gone; the write counts all the same.
        drop(self.reply.send(flushed.and(outcome)));
    }

    pub(super) fn refuse(self, error: StoreError) {
        drop(self.reply.send(Err(error)));
    }
}

/// Hot jobs that are written together, by kind. They were all waiting at the same time, so nobody can
/// have relied on an order among them; claims go last and see the deliveries that are created with them.
#[derive(Debug, Default)]
pub(super) struct Batch {
    captures: Vec<Hot<NewRequest, ()>>,
    creates: Vec<Hot<NewEvent, ()>>,
    finishes: Vec<Hot<Finish, DeliveryStatus>>,
    claims: Vec<Hot<Claim, Claims>>,
    bytes: usize,
}

impl Batch {
    pub(super) fn push(&mut self, job: HotJob) {
        match job {
            HotJob::Capture(job) => {
                self.bytes += job.input.body.len();
                self.captures.push(job);
            }
            HotJob::Create(job) => {
                self.bytes += job.input.event.payload.len();
                self.creates.push(job);
            }
            HotJob::Finish(job) => {
                self.bytes += job.input.attempt.response.as_ref().map_or(0, |response| response.body.len());
                self.finishes.push(job);
            }
            HotJob::Claim(job) => self.claims.push(job),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.captures.len() + self.creates.len() + self.finishes.len() + self.claims.len()
    }

    async fn run(&mut self, write: &mut Write) -> Result<()> {
        crate::requests::capture_all(write, &mut self.captures).await?;
        crate::events::create_all(write, &mut self.creates).await?;
        crate::deliveries::finish_all(write, &mut self.finishes).await?;
        crate::deliveries::claim_all(write, &mut self.claims).await
    }

    /// Answers everybody, each with what its job gave, unless it is not on disk.
    pub(super) fn answer(self, flushed: impl Fn() -> Result<()>) {
        self.captures.into_iter().for_each(|job| job.answer(flushed()));
        self.creates.into_iter().for_each(|job| job.answer(flushed()));
        self.finishes.into_iter().for_each(|job| job.answer(flushed()));
        self.claims.into_iter().for_each(|job| job.answer(flushed()));
    }

    /// Answers the one job that it holds.
    fn refuse(mut self, error: StoreError) {
        if let Some(job) = self.captures.pop() {
            job.refuse(error);
        } else if let Some(job) = self.creates.pop() {
            job.refuse(error);
        } else if let Some(job) = self.finishes.pop() {
            job.refuse(error);
        } else if let Some(job) = self.claims.pop() {
            job.refuse(error);
        }
    }

    /// Answers every job that nothing can be written now.
    fn refuse_all(self, error: impl Fn() -> StoreError) {
        self.captures.into_iter().for_each(|job| job.refuse(error()));
        self.creates.into_iter().for_each(|job| job.refuse(error()));
        self.finishes.into_iter().for_each(|job| job.refuse(error()));
        self.claims.into_iter().for_each(|job| job.refuse(error()));
    }

    /// Two batches with half of each kind.
    fn halve(mut self) -> [Self; 2] {
        // The odd one goes to the front half, then to the back half: two single jobs are parted.
        let mut up = true;
        let mut at = |length: usize| {
            let at = if up { length.div_ceil(2) } else { length / 2 };
            up ^= length % 2 == 1;
            at
        };
        let back = Self {
            captures: self.captures.split_off(at(self.captures.len())),
            creates: self.creates.split_off(at(self.creates.len())),
            finishes: self.finishes.split_off(at(self.finishes.len())),
            claims: self.claims.split_off(at(self.claims.len())),
            bytes: 0,
        };
        self.bytes = 0;
        [self, back]
    }
}

/// Writes a batch in one transaction. Where that fails as a whole it is written in halves, and so on down
/// to the job that is to blame, which fails alone. Where nobody could write at all, all of it is refused at once:
/// each try may last as long as another program keeps the database locked. Without room nobody waits for the disk.
pub(super) async fn write(write: &mut Write, flusher: &Flusher, batch: Batch, mut room: Option<Room>) {
    let flushes = room.is_some();
    let mut left = vec![batch];
    while let Some(mut batch) = left.pop() {
        let error = match transaction(write, &mut batch).await {
            Ok(changes) if flushes => {
                let room = match room.take() {
                    Some(room) => Some(room),
                    None => flusher.room().await.ok(),
                };
                flusher.take(changes, Waiting::All(batch), room);
                continue;
            }
            Ok(changes) => {
                batch.answer(|| Ok(()));
                flusher.take(changes, Waiting::Nobody, None);
                continue;
            }
            Err(error) => error,
        };
        write.condition.failed(&error);
        write.roll_back().await;
        if let Some(error) = error.for_everybody() {
            let again = || error.for_everybody().unwrap_or(StoreError::Panicked);
            batch.refuse_all(again);
            left.drain(..).for_each(|batch| batch.refuse_all(again));
        } else if batch.len() > 1 {
            tracing::debug!(%error, jobs = batch.len(), "a batch failed and is written in halves");
            let [front, back] = batch.halve();
            left.extend([back, front]);
        } else {
            batch.refuse(error);
        }
    }
}

async fn transaction(write: &mut Write, batch: &mut Batch) -> Result<Vec<NewChange>> {
    write.begin().await?;
    AssertUnwindSafe(batch.run(write)).catch_unwind().await.unwrap_or(Err(StoreError::Panicked))?;
    write.commit().await
}
