use hookbench_model::Settings;

use crate::{Result, Store};

/// The settings of the workspace.
#[derive(Clone, Debug)]
pub struct SettingsStore {
    pub(crate) store: Store,
}

impl SettingsStore {
    /// The settings; the defaults where nobody has set any.
    pub async fn get(&self) -> Result<Settings> {
        unimplemented!()
    }

    /// Puts these in their place.
    pub async fn put(&self, settings: Settings) -> Result<()> {
        let _ = settings;
        unimplemented!()
    }
}
