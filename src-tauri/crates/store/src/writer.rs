//! The one that writes.
//!
//! Whoever wants something written hands the writer a job and waits. The writer takes whatever has queued,
//! writes it in one transaction and commits; the [`Flusher`] brings that to the disk, tells the changes and
//! answers everybody. While one commit waits for the disk the next transaction is written, and then the next
//! jobs gather (group commit). It never waits on purpose for more.
//!
//! Claims need not wait for the disk, and come before everything else: what a power cut forgets of them is sent
//! again.
//!
//! Four kinds of job come by the thousand and go through a [`Batch`], many rows a statement. Every other
//! job has a transaction of its own. Nothing that one job does wrong touches another.

mod batch;
mod checkpoint;
mod flush;
mod job;
mod run;
mod script;
mod state;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use futures::future::BoxFuture;
use hookbench_model::{Action, DeliveryStatus, EndpointId, Noun};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use tokio::sync::{mpsc, oneshot};

pub(crate) use batch::Hot;
pub(crate) use checkpoint::Checkpointer;
pub(crate) use flush::Log;
pub(crate) use job::HotJob;
pub(crate) use script::Script;
pub(crate) use state::{EndpointState, State, breaker};

use crate::alerts::AlertPen;
use crate::births::{self, Newborn, Nursery};
use crate::changes::NewChange;
use crate::edits::{Edit, EndpointEdits};
use crate::folder::Folder;
use crate::place::Place;
use crate::tally::{Counted, Tally};
use crate::trouble::Condition;
use crate::vault::Vault;
use crate::{ChangeFeed, Result, StoreError, Trouble, WriteGate};
use flush::Flusher;
use job::{Job, Work};
use run::Run;

/// What `SQLite` calls a file that could not be flushed, <https://www.sqlite.org/rescode.html#ioerr_fsync>.
const NOT_FLUSHED: u32 = 1034;
/// How many jobs may queue before whoever brings more has to wait.
const QUEUE: usize = 4096;

/// It takes the one place of a writer at once, not with the first statement that writes.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// What a job writes with.
#[derive(Debug)]
pub(crate) struct Write {
    database: SqliteConnection,
    /// What goes to the database with the next call.
    script: Script,
    pub(crate) state: State,
    pub(crate) vault: Arc<Vault>,
    /// Who composes the events of alerts.
    pub(crate) alerts: AlertPen,
    /// Who takes deliveries as they are accepted.
    pub(crate) nursery: Nursery,
    /// Whether writing works.
    condition: Condition,
    /// Where what is written should be found again.
    place: Place,
    /// What the transaction changes, told after its commit.
    changes: Vec<NewChange>,
    /// The deliveries that it claims as they are accepted, handed over after its commit.
    pub(crate) newborn: Vec<Newborn>,
    /// The endpoints that it edits.
    edited: Vec<Edit>,
    edits: EndpointEdits,
    /// What it adds to the counts of what was written.
    pub(crate) counted: Counted,
    tally: Arc<Tally>,
    /// What refuses transactions, where a test crashes on purpose.
    pub(crate) gate: Option<WriteGate>,
}

impl Write {
    /// The connection, once all that was written before has gone to it.
    pub(crate) async fn connection(&mut self) -> Result<&mut SqliteConnection> {
        self.script.run(&mut self.database).await?;
        Ok(&mut self.database)
    }

    /// What is kept in memory is read again within the running transaction.
    pub(crate) async fn read_again(&mut self) -> Result<()> {
        self.script.run(&mut self.database).await?;
        self.state.read_again(&mut self.database).await
    }

    /// Writes by a statement that gives nothing back; it runs with the next one that does, or at the end. Its values
    /// are bound to what this gives.
    pub(crate) async fn rows(&mut self, text: &str, rows: usize) -> Result<&mut Script> {
        if self.script.is_full_with(rows) {
            self.script.run(&mut self.database).await?;
        }
        Ok(self.script.add_rows(text, rows))
    }

    /// What belongs together has been written: it goes to the database now, unless it is little.
    pub(crate) async fn rows_end(&mut self) -> Result<()> {
        if self.script.is_long() {
            self.script.run(&mut self.database).await?;
        }
        Ok(())
    }

    /// Asks by a statement that gives one row: its values are bound to what this gives, then [`Self::row`] runs it.
    pub(crate) fn ask(&mut self, text: &str) -> &mut Script {
        self.script.add(text)
    }

    /// The row that was [asked](Self::ask) for.
    pub(crate) async fn row(&mut self) -> Result<SqliteRow> {
        self.script.row(&mut self.database).await
    }

    /// Notes a change.
    pub(crate) fn changed(
        &mut self,
        noun: Noun,
        action: Action,
        id: impl Display + Copy,
        parent: Option<String>,
        status: Option<&'static str>,
    ) {
        // Beyond what the feed keeps every reader has to read anew, and one more says so as well as all.
        if self.changes.len() <= ChangeFeed::KEPT {
            self.changes.push(NewChange { noun, action, id: id.to_string(), parent, status });
        }
    }

    /// Notes that an endpoint was made, edited, disabled or deleted.
    pub(crate) fn endpoint_edited(&mut self, action: Action, id: EndpointId, status: Option<&'static str>) {
        self.edited.push(Edit { endpoint: id, enables: false });
        self.changed(Noun::Endpoint, action, id, None, status);
    }

    /// Notes that an endpoint that was disabled is enabled.
    pub(crate) fn endpoint_enabled(&mut self, id: EndpointId) {
        self.edited.push(Edit { endpoint: id, enables: true });
        self.changed(Noun::Endpoint, Action::Updated, id, None, Some("enabled"));
    }

    /// Notes that a delivery stands elsewhere now.
    pub(crate) fn delivery_changed(
        &mut self,
        action: Action,
        id: hookbench_model::DeliveryId,
        endpoint_seq: i64,
        status: DeliveryStatus,
    ) {
        let parent = self.state.endpoint_id(endpoint_seq).map(|id| id.to_string());
        self.changed(Noun::Delivery, action, id, parent, Some(status.as_str()));
    }

    async fn begin(&mut self) -> Result<()> {
        if let Some(gate) = &self.gate {
            gate.begins();
        }
        self.changes.clear();
        self.newborn.clear();
        self.edited.clear();
        self.counted = Counted::default();
        // Does nothing, unless it could not be done after a roll-back.
        self.state.reload(&mut self.database).await?;
        self.script.add(BEGIN);
        Ok(())
    }

    /// Begins with a call of its own: whether anything can be written shows at once.
    async fn begin_now(&mut self) -> Result<()> {
        self.begin().await?;
        self.connection().await?;
        Ok(())
    }

    /// Gives what the transaction changed, to be told.
    async fn commit(&mut self) -> Result<Vec<NewChange>> {
        // Before the commit: afterwards it could be refused, and would be there all the same once the folder is back.
        self.place.check()?;
        if let Some(gate) = self.gate.as_ref().filter(|_| !self.changes.is_empty()) {
            gate.pass().await?;
        }
        if self.script.is(BEGIN) {
            // Nothing was read or written: there is nothing to end either.
            self.script.clear();
        } else {
            self.script.add("COMMIT");
            self.script.run(&mut self.database).await?;
        }
        self.state.committed();
        // Not before the commit: whoever read the endpoint meanwhile would take it for the edited one.
        self.edits.committed(self.edited.drain(..));
        self.tally.commit(std::mem::take(&mut self.counted));
        // As all claims they need not wait for the disk: what a power cut forgets of them was answered to nobody.
        births::hand_over(std::mem::take(&mut self.newborn));
        Ok(std::mem::take(&mut self.changes))
    }

    /// The error of somebody who is refused for that without a try.
    fn refused_for(&self, trouble: Trouble) -> StoreError {
        match trouble {
            Trouble::Full => StoreError::Full,
            Trouble::ReadOnly => StoreError::ReadOnly,
            Trouble::Busy => StoreError::Busy,
            Trouble::Gone => self.place.gone(),
            Trouble::Disk => StoreError::Disk { code: NOT_FLUSHED },
            Trouble::NoFiles => StoreError::NoFiles,
        }
    }

    /// Undoes the transaction and forgets what it did to the state in memory.
    async fn roll_back(&mut self) {
        self.changes.clear();
        // Their places are given back.
        self.newborn.clear();
        self.script.clear();
        // Some failures (a full disk) have rolled back already; then this one fails and that is fine.
        if let Err(error) = sqlx::query("ROLLBACK").execute(&mut self.database).await {
            tracing::debug!(%error, "nothing to roll back");
        }
        if let Err(error) = self.state.reload(&mut self.database).await {
            tracing::error!(%error, "the writer could not read its state again");
        }
    }
}

/// Hands jobs to the writer. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Claims go past the others.
    claims: mpsc::Sender<HotJob>,
    alerts: AlertPen,
    nursery: Nursery,
    edits: EndpointEdits,
    tally: Arc<Tally>,
}

impl Writer {
    /// Which endpoints have been edited.
    pub(crate) fn edits(&self) -> &EndpointEdits {
        &self.edits
    }

    /// Who composes the events of alerts.
    pub(crate) fn alerts(&self) -> &AlertPen {
        &self.alerts
    }

    /// Who takes deliveries as they are accepted.
    pub(crate) fn nursery(&self) -> &Nursery {
        &self.nursery
    }

    /// Starts the writer on a database that is up to date. Every commit is flushed to the disk where the log is
    /// given.
    pub(crate) async fn start(
        mut connection: SqliteConnection,
        vault: Arc<Vault>,
        condition: Condition,
        log: Option<Log>,
        checkpointer: Checkpointer,
        folder: Arc<Folder>,
        gate: Option<WriteGate>,
    ) -> Result<Self> {
        let feed = condition.feed().clone();
        let state = State::load(&mut connection).await?;
        // From here on the flusher does it, beside the writing.
        sqlx::query("PRAGMA synchronous = NORMAL").execute(&mut connection).await?;
        let flusher = Flusher::start(log, feed.clone(), condition.clone())?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (claims, claim_queue) = mpsc::channel(QUEUE);
        let (alerts, nursery, edits) = (AlertPen::default(), Nursery::default(), EndpointEdits::default());
        let tally = Arc::new(Tally::default());
        let write = Write {
            database: connection,
            script: Script::default(),
            state,
            vault,
            alerts: alerts.clone(),
            nursery: nursery.clone(),
            condition,
            place: Place::of(folder.database())?,
            changes: Vec::new(),
            newborn: Vec::new(),
            edited: Vec::new(),
            edits: edits.clone(),
            counted: Counted::default(),
            tally: Arc::clone(&tally),
            gate,
        };
        let tried = Instant::now();
        Run { write, queue, claim_queue, feed, flusher, checkpointer, folder, tried }.start()?;
        Ok(Self { jobs, claims, alerts, nursery, edits, tally })
    }

    /// Has a hot job written; returns once it is on disk, or committed where it is a claim.
    pub(crate) async fn hot<I, O>(&self, input: I, wrap: fn(Hot<I, O>) -> HotJob) -> Result<O> {
        let (began, (reply, answer)) = (Instant::now(), oneshot::channel());
        match wrap(Hot::new(input, reply)) {
            claim @ HotJob::Claim(_) => {
                self.claims.send(claim).await.map_err(|_| StoreError::Closed)?;
                return self.answer(answer).await;
            }
            job => self.send(Job::Hot(job)).await?,
        }
        let answer = self.answer(answer).await;
        self.tally.waited(began.elapsed());
        answer
    }

    /// Runs `work` in a transaction of its own; returns once it is on disk.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl for<'w> FnOnce(&'w mut Write) -> BoxFuture<'w, Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (began, (reply, answer)) = (Instant::now(), oneshot::channel());
        self.send(Job::Other(Box::new(Work { work, reply }))).await?;
        let answer = self.answer(answer).await;
        self.tally.waited(began.elapsed());
        answer
    }

    /// Has everything that is queued written and ends the writer.
    pub(crate) async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        if self.send(Job::Stop(reply)).await.is_ok() {
            // An error means that it had stopped before: as good.
            let _ = answer.await;
        }
    }

    /// What has been written.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    async fn answer<T>(&self, answer: oneshot::Receiver<Result<T>>) -> Result<T> {
        let unanswered = |_| if self.jobs.is_closed() { StoreError::Closed } else { StoreError::Panicked };
        answer.await.map_err(unanswered)?
    }

    async fn send(&self, job: Job) -> Result<()> {
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)
    }
}
