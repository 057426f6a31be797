use hookbench_model::Settings;
use tokio::sync::watch;

use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, endpoint_policy};

impl Workbench {
    /// The settings.
    pub fn settings(&self) -> Settings {
        self.settings_sender().borrow().clone()
    }

    /// The settings, and every change of them.
    pub fn watch_settings(&self) -> watch::Receiver<Settings> {
        self.settings_sender().subscribe()
    }

    /// Changes the settings; the parts go by them at once. The proxy, `none`, `system` or a URL, is given
    /// apart: `***` in it stands for the user and password that are there. It stays unless given.
    pub async fn edit_settings(
        &self,
        proxy: Option<String>,
        edit: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<Settings> {
        let workbench = self.clone();
        self.to_the_end(async move { workbench.put_settings(proxy, edit).await }).await
    }

    async fn put_settings(
        &self,
        proxy: Option<String>,
        edit: impl FnOnce(&mut Settings) + Send,
    ) -> Result<Settings> {
        let _changing = self.changing_settings().lock().await;
        let before = self.settings();
        let (mut settings, before_reach) = (before.clone(), before.reach.clone());
        edit(&mut settings);
        let mut faults = Faults::default();
        settings.proxy = match proxy {
            Some(text) => endpoint_policy::proxy(&mut faults, "proxy", &text, Some(&before.proxy)),
            None => None,
        }
        .unwrap_or(before.proxy);
        faults.finish()?;
        settings.validate().map_err(|error| {
            let message = format!("must lie between {} and {}, not {}", error.least, error.most, error.given);
            WorkbenchError::field(error.field, message)
        })?;
        let prepared = self.prepare_reach(&before_reach, &settings.reach).await?;
        self.store().settings().put(settings.clone()).await?;
        self.close_first(&prepared).await;
        self.settings_sender().send_replace(settings.clone());
        self.carry_out(prepared).await;
        Ok(settings)
    }
}
