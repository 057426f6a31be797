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
    Migrator::with_migrations(vec![
        migration(1, "first", include_str!("../migrations/0001_first.sql")),
        migration(2, "signatures", include_str!("../migrations/0002_signatures.sql")),
        migration(3, "delivery", include_str!("../migrations/0003_delivery.sql")),
        migration(4, "veiled_requests", include_str!("../migrations/0004_veiled_requests.sql")),
        migration(5, "veiled_events", include_str!("../migrations/0005_veiled_events.sql")),
        migration(6, "trials", include_str!("../migrations/0006_trials.sql")),
        migration(7, "clock", include_str!("../migrations/0007_clock.sql")),
        migration(8, "reveals", include_str!("../migrations/0008_reveals.sql")),
        migration(9, "lanes", include_str!("../migrations/0009_lanes.sql")),
        migration(10, "plan_over", include_str!("../migrations/0010_plan_over.sql")),
        migration(11, "addressed", include_str!("../migrations/0011_addressed.sql")),
        migration(12, "resuming", include_str!("../migrations/0012_resuming.sql")),
        migration(13, "wire", include_str!("../migrations/0013_wire.sql")),
        migration(14, "answers", include_str!("../migrations/0014_answers.sql")),
        migration(15, "colours", include_str!("../migrations/0015_colours.sql")),
        migration(16, "filters", include_str!("../migrations/0016_filters.sql")),
        migration(18, "interchange", include_str!("../migrations/0018_interchange.sql")),
        migration(19, "shapes", include_str!("../migrations/0019_shapes.sql")),
        migration(20, "relays", include_str!("../migrations/0020_relays.sql")),
        migration(22, "text", include_str!("../migrations/0022_text.sql")),
        migration(23, "bodies", include_str!("../migrations/0023_bodies.sql")),
        migration(21, "reach", include_str!("../migrations/0021_reach.sql")),
        migration(24, "content", include_str!("../migrations/0024_content.sql")),
        migration(25, "demo_time", include_str!("../migrations/0025_demo_time.sql")),
        migration(26, "utf16", include_str!("../migrations/0026_utf16.sql")),
        migration(27, "untold", include_str!("../migrations/0027_untold.sql")),
    ])
});

/// Headers and tokens that are encrypted now stood in clear in earlier versions.
const ENCRYPTED_SINCE: i64 = 5;

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
        if found < ENCRYPTED_SINCE {
            // It stands there as it was, or the older program could not read it.
            tracing::warn!("the copy holds headers and tokens in clear: delete it once it is not needed");
        }
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

#[cfg(test)]
mod from_first;

#[cfg(test)]
mod tests {
    use sqlx::migrate::Migrator;

    use super::*;
    use crate::{Folder, OpenOptions, Store};

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    /// What a later program would know.
    fn later(sql: &'static str) -> Migrator {
        let known = migrations().iter().cloned();
        Migrator::with_migrations(known.chain([migration(900, "later", sql)]).collect())
    }

    fn copies(folder: &Path) -> usize {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with("hookbench-schema-")).count()
    }

    #[tokio::test]
    async fn an_older_database_is_copied_and_then_updated_and_a_newer_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions::default;
        let store = Store::open(folder.path(), NOW, options()).await.unwrap();
        store.settings().put(hookbench_model::Settings::default()).await.unwrap();
        store.shutdown().await;
        assert_eq!(copies(folder.path()), 0, "a new database needs no copy");

        let later = later("CREATE TABLE later (x INTEGER) STRICT");
        let store =
            Store::open_with(Folder::open(folder.path()).unwrap(), NOW, options(), &later).await.unwrap();
        store.shutdown().await;
        assert_eq!(copies(folder.path()), 1);
        let store =
            Store::open_with(Folder::open(folder.path()).unwrap(), NOW, options(), &later).await.unwrap();
        store.shutdown().await;
        assert_eq!(copies(folder.path()), 1, "no copy where there is nothing to do");

        let error = Store::open(folder.path(), NOW, options()).await.unwrap_err();
        let known = migrations().iter().map(|known| known.version).max().unwrap();
        assert!(
            matches!(error, StoreError::SchemaTooNew { found: 900, known: here } if here == known),
            "{error}"
        );

        // The copy is a workspace as it was before.
        let newest = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let copy = newest.into_iter().find(|path| path.to_string_lossy().contains("-schema-")).unwrap();
        let before = tempfile::tempdir().unwrap();
        std::fs::copy(copy, before.path().join("hookbench.db")).unwrap();
        std::fs::copy(folder.path().join("key"), before.path().join("key")).unwrap();
        let store = Store::open(before.path(), NOW, options()).await.unwrap();
        assert!(store.settings().get().await.is_ok());
    }

    #[tokio::test]
    async fn an_update_that_fails_leaves_the_database_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
        store.shutdown().await;
        let broken = later("CREATE TABLE later (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)");
        let error =
            Store::open_with(Folder::open(folder.path()).unwrap(), NOW, OpenOptions::default(), &broken)
                .await
                .unwrap_err();
        assert!(matches!(error, StoreError::Migration { .. }), "{error}");
        let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
        assert!(store.settings().get().await.is_ok());
    }
}
