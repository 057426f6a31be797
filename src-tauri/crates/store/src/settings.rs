use futures::FutureExt as _;
use hookbench_model::{Action, Noun, Settings};

use crate::columns::to_json;
use crate::endpoints::{open_proxy, seal_proxy};
use crate::{Result, Store, StoreError};

/// The place that the proxy of the settings is sealed for.
const PROXY: &[u8] = b"settings proxy";

/// The settings of the workspace.
#[derive(Clone, Debug)]
pub struct SettingsStore {
    pub(crate) store: Store,
}

impl SettingsStore {
    /// The settings; the defaults where nobody has set any.
    pub async fn get(&self) -> Result<Settings> {
        let query = sqlx::query_as("SELECT settings, proxy FROM workspace");
        let (kept, proxy): (Option<String>, Option<Vec<u8>>) = query.fetch_one(self.store.readers()).await?;
        let read = |kept: &str| {
            let settings = serde_json::from_str(kept);
            settings.map_err(|error| StoreError::undecodable("settings that cannot be read", error))
        };
        let mut settings: Settings = kept.as_deref().map_or_else(|| Ok(Settings::default()), read)?;
        if kept.is_some_and(|kept| wanted_no_notification(&kept)) {
            settings.notify_on.clear();
        }
        if let Some(sealed) = proxy {
            settings.proxy = open_proxy(self.store.vault(), PROXY, &sealed)?;
        }
        Ok(settings)
    }

    /// Puts these in their place.
    pub async fn put(&self, settings: Settings) -> Result<()> {
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let proxy = seal_proxy(&write.vault, PROXY, &settings.proxy)?;
                    let put = sqlx::query("UPDATE workspace SET settings = ?, proxy = ?");
                    let put = put.bind(to_json(&settings)?).bind(proxy);
                    put.execute(write.connection().await?).await?;
                    write.changed(Noun::Settings, Action::Updated, "settings", None, None);
                    Ok(())
                }
                .boxed()
            })
            .await
    }
}

/// Whether an older program wrote these settings, for somebody who wanted no notification of failures.
fn wanted_no_notification(kept: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Older {
        notify_on_failure: Option<bool>,
    }
    serde_json::from_str(kept).is_ok_and(|older: Older| older.notify_on_failure == Some(false))
}

#[cfg(test)]
mod tests {
    use hookbench_model::Timestamp;

    use super::*;
    use crate::OpenOptions;

    #[tokio::test]
    async fn who_wanted_no_notification_gets_none() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_unix_ms(1_763_699_700_000);
        let store = Store::open(folder.path(), now, OpenOptions::default()).await.unwrap();
        for (kept, wanted) in [(true, Settings::default().notify_on), (false, Vec::new())] {
            let older = format!(r#"{{"notify_on_failure":{kept},"max_in_flight":9}}"#);
            let put = |older: String| {
                store.writer().run(move |write| {
                    async move {
                        let put = sqlx::query("UPDATE workspace SET settings = ?").bind(older);
                        put.execute(write.connection().await?).await?;
                        Ok(())
                    }
                    .boxed()
                })
            };
            put(older).await.unwrap();
            let settings = store.settings().get().await.unwrap();
            assert_eq!((settings.notify_on, settings.max_in_flight), (wanted, 9));
            // What is put from here on says so itself.
            store.settings().put(Settings { notify_on: Vec::new(), ..Settings::default() }).await.unwrap();
            assert!(store.settings().get().await.unwrap().notify_on.is_empty());
        }
    }
}
