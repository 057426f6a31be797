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
        let read = |kept: String| {
            let settings = serde_json::from_str(&kept);
            settings.map_err(|error| StoreError::undecodable("settings that cannot be read", error))
        };
        let mut settings: Settings = kept.map_or_else(|| Ok(Settings::default()), read)?;
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
                    put.execute(&mut write.connection).await?;
                    write.changed(Noun::Settings, Action::Updated, "settings", None, None);
                    Ok(())
                }
                .boxed()
            })
            .await
    }
}
