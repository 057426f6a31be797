//! A demo's time, as its next start takes it up.

use futures::FutureExt as _;
use hookbench_model::Timestamp;

use crate::{Result, Store};

/// Where a demo's time goes on, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptTime {
    /// Where it goes on.
    pub at: Timestamp,
    /// How many times as fast as real time it goes.
    pub speed: u32,
    /// Whether it stands.
    pub paused: bool,
}

/// A demo's time.
#[derive(Clone, Debug)]
pub struct DemoTimeStore {
    pub(crate) store: Store,
}

impl DemoTimeStore {
    /// The time as it was kept last; `None` where it has not gone yet.
    pub async fn get(&self) -> Result<Option<KeptTime>> {
        const KEPT: &str = "SELECT demo_at, demo_speed, demo_paused FROM workspace WHERE demo_at IS NOT NULL";
        let kept: Option<(i64, u32, bool)> =
            sqlx::query_as(KEPT).fetch_optional(self.store.readers()).await?;
        Ok(kept.map(|(at, speed, paused)| KeptTime { at: Timestamp::from_unix_ms(at), speed, paused }))
    }

    /// Keeps this from now on. It is told to nobody: readers of the feed hear of the clock itself.
    pub async fn put(&self, time: KeptTime) -> Result<()> {
        const PUT: &str = "UPDATE workspace SET demo_at = ?, demo_speed = ?, demo_paused = ?";
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let put = sqlx::query(PUT).bind(time.at.unix_ms()).bind(time.speed).bind(time.paused);
                    put.execute(write.connection().await?).await?;
                    Ok(())
                }
                .boxed()
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpenOptions;

    #[tokio::test]
    async fn what_was_put_last_is_there_after_reopening() {
        const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
        assert_eq!(store.demo_time().get().await.unwrap(), None);
        let ahead = KeptTime { at: NOW.plus_ms(7_200_000), speed: 3600, paused: false };
        let paused = KeptTime { at: NOW.plus_ms(3_600_001), speed: 60, paused: true };
        for time in [ahead, paused] {
            store.demo_time().put(time).await.unwrap();
            assert_eq!(store.demo_time().get().await.unwrap(), Some(time));
        }
        store.shutdown().await;
        let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
        assert_eq!(store.demo_time().get().await.unwrap(), Some(paused));
    }
}
