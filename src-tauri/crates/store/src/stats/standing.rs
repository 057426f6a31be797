//! How things stand, for whoever monitors it.

use hookbench_model::{DeliveryStatus, Standing, Tallied};
use sqlx::SqliteConnection;

use super::{StatsStore, standing};
use crate::Result;
use crate::codes::Coded as _;
use crate::columns::Columns;

impl StatsStore {
    /// What has been written since the store was opened.
    pub fn tallied(&self) -> Tallied {
        self.store.writer().tally().read()
    }

    /// How things stand. It reads indexes of what has not ended, and no row of the log.
    pub async fn standing(&self) -> Result<Standing> {
        const OPEN: [DeliveryStatus; 4] = [
            DeliveryStatus::Pending,
            DeliveryStatus::InFlight,
            DeliveryStatus::Retrying,
            DeliveryStatus::Paused,
        ];
        const ENDPOINTS: &str = "SELECT coalesce(sum(disabled_at IS NULL), 0), \
                                 coalesce(sum(disabled_at IS NOT NULL), 0), \
                                 coalesce(sum(breaker_opened_at IS NOT NULL), 0) \
                                 FROM endpoints WHERE deleted_at IS NULL";
        let connection = &mut *self.store.readers().acquire().await?;
        let open = standing(connection).await?;
        let row = sqlx::query(ENDPOINTS).fetch_one(&mut *connection).await?;
        let mut columns = Columns::new(&row);
        let page = pragma(connection, "PRAGMA page_size").await?;
        Ok(Standing {
            open: OPEN.map(|status| (status, open.get(&status.code()).copied().unwrap_or(0))).to_vec(),
            endpoints_enabled: columns.count()?,
            endpoints_disabled: columns.count()?,
            breakers_open: columns.count()?,
            database_bytes: page * pragma(connection, "PRAGMA page_count").await?,
            database_free_bytes: page * pragma(connection, "PRAGMA freelist_count").await?,
        })
    }
}

async fn pragma(connection: &mut SqliteConnection, sql: &'static str) -> Result<u64> {
    let value: i64 = sqlx::query_scalar(sql).fetch_one(connection).await?;
    Ok(u64::try_from(value).unwrap_or(0))
}
