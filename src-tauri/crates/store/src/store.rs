use std::path::Path;
use std::sync::Arc;

use hookbench_model::Timestamp;
use sqlx::migrate::Migrator;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::endpoints::Configured;
use crate::folder::{Folder, touch_private};
use crate::key::KeySource;
use crate::replays::Makings;
use crate::trouble::Condition;
use crate::vault::{self, Vault};
use crate::writer::{Checkpointer, Log, Writer};
use crate::{
    Attempts, Certificates, ChangeFeed, Deliveries, DemoTimeStore, Endpoints, Events, Idempotency, Inboxes,
    Maintenance, OwnForms, Relays, Replays, Requests, Result, SavedFilters, SettingsStore, Shapes,
    StatsStore, Trouble, WriteGate,
};
use crate::{database, endpoints, inboxes, own_forms, schema};

/// How a data folder is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// How sure a commit is.
    pub synchronous: Synchronous,
    /// Where the key that encrypts the secrets of a new workspace is kept.
    pub key: KeySource,
    /// How many connections readers have.
    pub readers: u32,
    /// The most the database may take on disk, in bytes; `None` for all there is. Writes beyond it fail
    /// like on a full disk.
    pub max_size: Option<u64>,
    /// What refuses writes from some point on, for tests that crash there; `None` for nothing.
    pub gate: Option<WriteGate>,
}

/// How sure a commit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// What was answered survives a power cut.
    #[default]
    Full,
    /// What was answered survives the end of the process, and may be lost in a power cut. For tests.
    Normal,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { synchronous: Synchronous::Full, key: KeySource::File, readers: 4, max_size: None, gate: None }
    }
}

/// A data folder, opened. A cheap clone; the folder is released by [`Store::shutdown`], or shortly after the
/// last clone is gone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    folder: Arc<Folder>,
    writer: Writer,
    readers: SqlitePool,
    /// So many may search bodies at once: the other readers stay free for what is quick.
    searches: Semaphore,
    feed: ChangeFeed,
    trouble: watch::Receiver<Option<Trouble>>,
    vault: Arc<Vault>,
    pub(crate) configured: Configured,
    /// The replays that are being made.
    pub(crate) makings: Makings,
}

impl Store {
    /// Opens the folder: makes it where it is missing, locks it, brings an older schema up to date (a
    /// copy is made beside it first) and refuses a newer one.
    pub async fn open(folder: &Path, now: Timestamp, options: OpenOptions) -> Result<Self> {
        Self::open_in(Folder::open(folder)?, now, options).await
    }

    /// Opens a folder that is locked already.
    pub async fn open_in(folder: Folder, now: Timestamp, options: OpenOptions) -> Result<Self> {
        Self::open_with(folder, now, options, schema::migrations()).await
    }

    pub(crate) async fn open_with(
        folder: Folder,
        now: Timestamp,
        options: OpenOptions,
        migrations: &Migrator,
    ) -> Result<Self> {
        let folder = Arc::new(folder);
        let database = folder.database();
        touch_private(&database)?;
        let mut connection = database::writer(&database, &options).await?;
        schema::update(&mut connection, &database, migrations, now).await?;
        let vault = Arc::new(unlock(&mut connection, folder.path(), options.key).await?);
        endpoints::seal_plain_headers(&mut connection, &vault).await?;
        inboxes::seal_plain_tokens(&mut connection, &vault).await?;
        let feed = ChangeFeed::new();
        let checkpointer = Checkpointer::start(&database).await?;
        let log = match options.synchronous {
            Synchronous::Full => Some(Log::new(database::log(&database))),
            Synchronous::Normal => None,
        };
        let locked = Arc::clone(&folder);
        let condition = Condition::new(feed.clone());
        let trouble = condition.watch();
        let gate = options.gate.clone();
        let writer =
            Writer::start(connection, Arc::clone(&vault), condition, log, checkpointer, locked, gate).await?;
        let readers = database::readers(&database, options.readers);
        let searches = Semaphore::new((options.readers as usize / 2).max(1));
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                writer,
                readers,
                searches,
                feed,
                trouble,
                vault,
                configured: Configured::default(),
                makings: Makings::default(),
            }),
        })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.inner.folder.path()
    }

    /// Finishes what was asked for, brings the log into the database file and releases the folder. What
    /// is asked for afterwards fails with [`crate::StoreError::Closed`].
    pub async fn shutdown(&self) {
        self.inner.readers.close().await;
        self.inner.writer.stop().await;
    }

    /// What changes, told after it is on disk.
    pub fn changes(&self) -> ChangeFeed {
        self.inner.feed.clone()
    }

    /// What keeps it from writing, by its last write; `None` while nothing does. While there is something it tries by
    /// itself every two seconds.
    pub fn trouble(&self) -> Option<Trouble> {
        *self.inner.trouble.borrow()
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }

    /// Waits until bodies may be searched, where that is what comes; whoever drops what it gives lets the next one.
    pub(crate) async fn turn_to_search(&self, searches: bool) -> Option<SemaphorePermit<'_>> {
        if searches { self.inner.searches.acquire().await.ok() } else { None }
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Endpoints.
    pub fn endpoints(&self) -> Endpoints {
        Endpoints { store: self.clone() }
    }

    /// Events.
    pub fn events(&self) -> Events {
        Events { store: self.clone() }
    }

    /// Deliveries.
    pub fn deliveries(&self) -> Deliveries {
        Deliveries { store: self.clone() }
    }

    /// Attempts.
    pub fn attempts(&self) -> Attempts {
        Attempts { store: self.clone() }
    }

    /// Inboxes.
    pub fn inboxes(&self) -> Inboxes {
        Inboxes { store: self.clone() }
    }

    /// Captured requests.
    pub fn requests(&self) -> Requests {
        Requests { store: self.clone() }
    }

    /// What bodies look like, and the drifts from it.
    pub fn shapes(&self) -> Shapes {
        Shapes { store: self.clone() }
    }

    /// What is passed on of captured requests.
    pub fn relays(&self) -> Relays {
        Relays { store: self.clone() }
    }

    /// Replays.
    pub fn replays(&self) -> Replays {
        Replays { store: self.clone() }
    }

    /// Schemes that people added.
    pub fn own_schemes(&self) -> OwnForms {
        OwnForms { store: self.clone(), kind: own_forms::SCHEMES }
    }

    /// Provider profiles that people added.
    pub fn own_profiles(&self) -> OwnForms {
        OwnForms { store: self.clone(), kind: own_forms::PROFILES }
    }

    /// Filters for captured requests that have names.
    pub fn saved_filters(&self) -> SavedFilters {
        SavedFilters { store: self.clone() }
    }

    /// The receiver's certificates.
    pub fn certificates(&self) -> Certificates {
        Certificates { store: self.clone() }
    }

    /// The settings.
    pub fn settings(&self) -> SettingsStore {
        SettingsStore { store: self.clone() }
    }

    /// A demo's time.
    pub fn demo_time(&self) -> DemoTimeStore {
        DemoTimeStore { store: self.clone() }
    }

    /// Answers kept for repeated calls.
    pub fn idempotency(&self) -> Idempotency {
        Idempotency { store: self.clone() }
    }

    /// Counts for the overview.
    pub fn stats(&self) -> StatsStore {
        StatsStore { store: self.clone() }
    }

    /// Retention and housekeeping.
    pub fn maintenance(&self) -> Maintenance {
        Maintenance { store: self.clone() }
    }
}

/// What is sealed in every workspace, so that a wrong key is known before it does harm.
const KEY_CHECK: &[u8] = b"hookbench key check";

/// The vault with the workspace's key; a new workspace gets a new key.
async fn unlock(connection: &mut SqliteConnection, folder: &Path, source: KeySource) -> Result<Vault> {
    let check: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT key_check FROM workspace").fetch_optional(&mut *connection).await?;
    let kept = Vault::load(folder)?;
    if let Some(check) = check {
        let vault = kept.ok_or_else(|| vault::missing(folder))?;
        vault.open(KEY_CHECK, &check)?;
        return Ok(vault);
    }
    let vault = kept.map_or_else(|| Vault::make(folder, source), Ok)?;
    let check = vault.seal(KEY_CHECK, KEY_CHECK)?;
    sqlx::query("INSERT INTO workspace (id, key_check) VALUES (1, ?)")
        .bind(check)
        .execute(connection)
        .await?;
    Ok(vault)
}
