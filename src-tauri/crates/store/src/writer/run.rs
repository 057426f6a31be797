//! What the writer does with its jobs, one transaction after the other.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::batch::{self, Batch};
use super::flush::{Flusher, Room, Waiting};
use super::job::{Job, Other, Ran, Work};
use super::{Checkpointer, HotJob, Write, checkpoint};
use crate::folder::Folder;
use crate::trouble::Condition;
use crate::{ChangeFeed, Result, StoreError, Trouble};

/// The most jobs that one transaction takes.
const MOST_JOBS: usize = 512;
/// How long after a failure the writer tries by itself whether writing works again.
const TRIAL: Duration = Duration::from_secs(2);

/// The writer at work, and all that it has.
pub(super) struct Run {
    pub(super) write: Write,
    pub(super) queue: mpsc::Receiver<Job>,
    pub(super) claim_queue: mpsc::Receiver<HotJob>,
    pub(super) feed: ChangeFeed,
    pub(super) flusher: Flusher,
    pub(super) checkpointer: Checkpointer,
    /// Stays locked until the files are closed.
    pub(super) folder: Arc<Folder>,
    /// When it last tried to write.
    pub(super) tried: Instant,
}

impl Run {
    /// Runs on a thread of its own. A transaction is some dozen steps that each wait for the connection's thread, and
    /// after each of them a task among others would wait for its turn: measured, half as much again is written so
    /// under load. Behind a gate it is a task like any other, so that a simulation goes the same way each time.
    pub(super) fn start(self) -> Result<()> {
        if self.write.gate.is_some() {
            tokio::spawn(self.run());
            return Ok(());
        }
        let path = self.folder.database();
        let failed = |error| StoreError::io(&path, error);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(failed)?;
        let thread = std::thread::Builder::new().name("hookbench-store".to_owned());
        thread.spawn(move || runtime.block_on(self.run())).map(drop).map_err(failed)
    }

    async fn run(mut self) {
        let mut taken = Vec::with_capacity(MOST_JOBS);
        let mut stopped = None;
        while stopped.is_none() {
            tokio::select! {
                biased;
                Some(claim) = self.claim_queue.recv() => self.write_claim(claim).await,
                room = next(&self.flusher, &mut self.queue, &mut taken) => match room {
                    Some(room) => stopped = self.write_all(&mut taken, room).await,
                    None => break,
                },
                () = time_to_try(&self.write.condition, self.tried) => self.try_again().await,
            }
            self.checkpointer.written(&mut self.write.database).await;
        }
        let Self { write, queue, claim_queue, feed, flusher, checkpointer, folder, tried: _ } = self;
        drop((queue, claim_queue));
        flusher.stop().await;
        checkpointer.stop().await;
        checkpoint::close(write.database).await;
        feed.close();
        folder.release();
        if let Some(stopped) = stopped {
            // Whoever asked may have gone: nothing to do then.
            let _ = stopped.send(());
        }
    }

    /// Finds out by a write of nothing whether writing works again.
    async fn try_again(&mut self) {
        let condition = &self.write.condition;
        if condition.is_behind_a_gap() && self.checkpointer.bring_all_in(&mut self.write.database).await {
            condition.brought_in();
        }
        self.write_alone(trial(), &mut None).await;
        self.tried = Instant::now();
    }

    /// What everybody is refused with while commits do not come to the disk: what is committed stays, whatever they
    /// are told, and whoever tries again would have it twice. Only trials are written then.
    async fn refusal(&mut self) -> Option<Trouble> {
        let trouble = self.write.condition.unflushed()?;
        if self.tried.elapsed() >= TRIAL {
            self.try_again().await;
        }
        Some(trouble)
    }

    async fn write_claim(&mut self, claim: HotJob) {
        if let Some(trouble) = self.refusal().await {
            return claim.refuse(self.write.refused_for(trouble));
        }
        let mut batch = Batch::default();
        batch.push(claim);
        batch::write(&mut self.write, &self.flusher, batch, None).await;
        self.tried = Instant::now();
    }

    /// Writes the jobs in their order, hot ones together; gives back who asked for the end, if anybody.
    async fn write_all(&mut self, taken: &mut Vec<Job>, room: Room) -> Option<oneshot::Sender<()>> {
        let (mut batch, mut room) = (Batch::default(), Some(room));
        let shut = self.refusal().await;
        let mut tried = false;
        for job in taken.drain(..) {
            let job = match (shut, job) {
                (Some(trouble), Job::Hot(job)) => {
                    job.refuse(self.write.refused_for(trouble));
                    continue;
                }
                (Some(trouble), Job::Other(work)) => {
                    work.refuse(self.write.refused_for(trouble));
                    continue;
                }
                // They have all waited long enough for another program to unlock the database.
                (None, Job::Other(work)) if tried && self.write.condition.is_busy() => {
                    work.refuse(StoreError::Busy);
                    continue;
                }
                (_, job) => job,
            };
            match job {
                Job::Hot(job) => {
                    batch.push(job);
                    if batch.is_full() {
                        self.write_batch(&mut batch, &mut room).await;
                    }
                }
                Job::Other(work) => {
                    self.write_batch(&mut batch, &mut room).await;
                    self.write_alone(work, &mut room).await;
                    tried = true;
                }
                Job::Stop(reply) => {
                    self.write_batch(&mut batch, &mut room).await;
                    // Before the jobs that came later are dropped: they are told that we are closed.
                    self.queue.close();
                    self.claim_queue.close();
                    return Some(reply);
                }
            }
        }
        self.write_batch(&mut batch, &mut room).await;
        if shut.is_none() {
            self.tried = Instant::now();
        }
        None
    }

    /// The room that there is already, or else the next.
    async fn room(&self, room: &mut Option<Room>) -> Option<Room> {
        match room.take() {
            Some(room) => Some(room),
            None => self.flusher.room().await.ok(),
        }
    }

    async fn write_batch(&mut self, batch: &mut Batch, room: &mut Option<Room>) {
        if !batch.is_empty() {
            let room = self.room(room).await;
            batch::write(&mut self.write, &self.flusher, std::mem::take(batch), room).await;
        }
    }

    async fn write_alone(&mut self, work: Box<dyn Other>, room: &mut Option<Room>) {
        let room = self.room(room).await;
        if let Err(error) = self.write.begin_now().await {
            self.write.condition.failed(&error);
            // A transaction that a failure left open would be in the way of every other.
            self.write.roll_back().await;
            return work.refuse(error);
        }
        self.write.state.forget_in_flight();
        let run = AssertUnwindSafe(work.run(&mut self.write)).catch_unwind().await;
        match run {
            Ok(Ran::Done(answer)) => match self.write.commit().await {
                Ok(changes) => self.flusher.take(changes, Waiting::One(answer), room),
                Err(error) => {
                    self.write.condition.failed(&error);
                    self.write.roll_back().await;
                    answer(Err(error));
                }
            },
            Ok(Ran::Failed(trouble, answer)) => {
                self.write.condition.met(trouble);
                self.write.roll_back().await;
                answer();
            }
            Err(_panic) => {
                tracing::error!("a write panicked and was rolled back");
                self.write.roll_back().await;
            }
        }
    }
}

/// Waits while writing works, and for a moment where it does not.
async fn time_to_try(condition: &Condition, tried: Instant) {
    condition.troubled().await;
    tokio::time::sleep(TRIAL.saturating_sub(tried.elapsed())).await;
}

/// Something that writes and leaves nothing: it tells whether writing works again where nobody else wants to write.
fn trial() -> Box<dyn Other> {
    let (reply, _) = oneshot::channel();
    Box::new(Work { work: crate::trouble::trial, reply })
}

/// Takes what has queued, once there is room for its commit; `None` at the end.
async fn next(flusher: &Flusher, queue: &mut mpsc::Receiver<Job>, taken: &mut Vec<Job>) -> Option<Room> {
    let room = flusher.room().await.ok()?;
    (queue.recv_many(taken, MOST_JOBS).await > 0).then_some(room)
}
