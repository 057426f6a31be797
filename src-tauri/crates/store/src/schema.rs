use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use hookbench_model::Timestamp;
use sqlx::SqliteConnection;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::folder::touch_private;
use crate::{Result, StoreError};

/// What brings a database up to date, oldest first.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    Migrator::with_migrations(vec![migration(1, "first", include_str!("../migrations/0001_first.sql"))])
});

pub(crate) fn migrations() -> &'static Migrator {
    &MIGRATIONS
}

pub(crate) fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(
        version,
        Cow::Borrowed(name),
        MigrationType::Simple,
        sqlx::SqlSafeStr::into_sql_str(sql),
        false,
    )
}

/// Brings the database up to date. One that a newer program wrote is refused untouched; one that an
/// older program wrote is copied beside itself first.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    database: &Path,
    migrations: &Migrator,
    now: Timestamp,
) -> Result<()> {
    let found = version(connection).await?;
    let known = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
    if found > known {
        return Err(StoreError::SchemaTooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        let copy = database.with_file_name(format!("hookbench-schema-{found}-{}.db", now.unix_ms()));
        tracing::info!(found, known, copy = %copy.display(), "copying the database before updating it");
        touch_private(&copy)?;
        let name = copy.to_string_lossy().into_owned();
        sqlx::query("VACUUM INTO ?").bind(name).execute(&mut *connection).await?;
    }
    migrations.run(connection).await.map_err(|source| StoreError::Migration { source })
}

/// The newest migration that the database has seen; 0 for a new one.
async fn version(connection: &mut SqliteConnection) -> Result<i64> {
    const LEDGER: &str = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let ledgers: i64 = sqlx::query_scalar(LEDGER).fetch_one(&mut *connection).await?;
    if ledgers == 0 {
        return Ok(0);
    }
    let newest = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";
    Ok(sqlx::query_scalar(newest).fetch_one(connection).await?)
}
