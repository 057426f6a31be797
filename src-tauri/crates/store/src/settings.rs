use futures::FutureExt as _;
use hookbench_model::{Action, Noun, Settings};

use crate::columns::to_json;
use crate::{Result, Store, StoreError};

/// The settings of the workspace.
#[derive(Clone, Debug)]
pub struct SettingsStore {
    pub(crate) store: Store,
}

impl SettingsStore {
    /// The settings; the defaults where nobody has set any.
    pub async fn get(&self) -> Result<Settings> {
        let query = sqlx::query_scalar("SELECT settings FROM workspace");
        let kept: Option<String> = query.fetch_one(self.store.readers()).await?;
        let read = |kept: String| {
            let settings = serde_json::from_str(&kept);
            settings.map_err(|error| StoreError::undecodable("settings that cannot be read", error))
        };
        kept.map_or_else(|| Ok(Settings::default()), read)
    }

    /// Puts these in their place.
    pub async fn put(&self, settings: Settings) -> Result<()> {
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let put = sqlx::query("UPDATE workspace SET settings = ?").bind(to_json(&settings)?);
                    put.execute(&mut write.connection).await?;
                    write.changed(Noun::Settings, Action::Updated, "settings", None, None);
                    Ok(())
                }
                .boxed()
            })
            .await
    }
}
