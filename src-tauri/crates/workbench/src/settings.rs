use hookbench_model::Settings;
use tokio::sync::watch;

use crate::Workbench;
use crate::error::{Result, WorkbenchError};

impl Workbench {
    /// The settings.
    pub fn settings(&self) -> Settings {
        self.settings_sender().borrow().clone()
    }

    /// The settings, and every change of them.
    pub fn watch_settings(&self) -> watch::Receiver<Settings> {
        self.settings_sender().subscribe()
    }

    /// Changes the settings; the parts go by them at once.
    pub async fn edit_settings(&self, edit: impl FnOnce(&mut Settings)) -> Result<Settings> {
        let _changing = self.changing_settings().lock().await;
        let mut settings = self.settings();
        edit(&mut settings);
        settings.validate().map_err(|error| {
            let message = format!("must lie between {} and {}, not {}", error.least, error.most, error.given);
            WorkbenchError::field(error.field, message)
        })?;
        self.store().settings().put(settings.clone()).await?;
        self.settings_sender().send_replace(settings.clone());
        Ok(settings)
    }
}
