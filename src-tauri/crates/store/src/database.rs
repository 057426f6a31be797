//! The connections to the database file, each with the settings of its use.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, SqliteConnection};

use crate::{OpenOptions, Result, Synchronous};

/// Measured: lists by filter come 5 to 10 times faster from 16 KiB pages than from small ones.
const PAGE_BYTES: u32 = 16 << 10;
/// The log is cut back to this once it has been brought into the database file.
const LOG_KEPT_BYTES: u32 = 32 << 20;

/// How long another program may keep the database locked before what wanted to read or write is refused. Whoever
/// calls us waits no longer than most clients do.
const BUSY: Duration = Duration::from_secs(5);

fn shared(database: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(database)
        .foreign_keys(false)
        .busy_timeout(BUSY)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// The one connection that writes. Until the writer takes it over it flushes what it commits by itself. It
/// never brings the log into the database file by itself: that would make whoever waits for the commit wait
/// for that too.
pub(crate) async fn writer(database: &Path, options: &OpenOptions) -> Result<SqliteConnection> {
    let synchronous = match options.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
    };
    let connect = shared(database)
        .page_size(PAGE_BYTES)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", LOG_KEPT_BYTES.to_string())
        .pragma("cache_size", "-16384")
        .statement_cache_capacity(512)
        .thread_name(|_| "hookbench-writer".to_owned());
    let mut connection = connect.connect().await?;
    if let Some(bytes) = options.max_size {
        let pages = bytes / u64::from(PAGE_BYTES);
        let pragma = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::query(pragma).execute(&mut connection).await?;
    }
    Ok(connection)
}

/// Where the log of a database is.
pub(crate) fn log(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// The connection that brings the log into the database file.
pub(crate) async fn checkpointer(database: &Path) -> Result<SqliteConnection> {
    let connect = shared(database)
        .pragma("wal_autocheckpoint", "0")
        .pragma("cache_size", "-64")
        .synchronous(SqliteSynchronous::Full)
        .thread_name(|_| "hookbench-checkpointer".to_owned());
    Ok(connect.connect().await?)
}

/// The connections that read.
pub(crate) fn readers(database: &Path, count: u32) -> SqlitePool {
    let connect = shared(database)
        .read_only(true)
        .pragma("query_only", "on")
        .thread_name(|number| format!("hookbench-reader-{number}"));
    SqlitePoolOptions::new()
        .max_connections(count.max(1))
        .min_connections(0)
        .idle_timeout(Some(Duration::from_mins(1)))
        .test_before_acquire(false)
        .connect_lazy_with(connect)
}
