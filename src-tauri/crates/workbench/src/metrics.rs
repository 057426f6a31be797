use std::time::Duration;

use hookbench_model::{DueNow, Standing, Tallied};

use crate::Workbench;
use crate::error::Result;

/// What monitoring is told of a workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// What has been written since the program started.
    pub tallied: Tallied,
    /// How things stand.
    pub standing: Standing,
    /// What is due already.
    pub due_now: DueNow,
    /// Attempts under way.
    pub attempts_in_flight: u64,
    /// Attempts that have ended and whose record the store has refused until now.
    pub attempts_unrecorded: u64,
    /// Captured requests that the index of texts does not have yet.
    pub text_backlog: u64,
}

impl Workbench {
    /// What monitoring is told; `None` where the settings switch that off.
    pub async fn metrics(&self) -> Result<Option<Metrics>> {
        if !self.settings().metrics {
            return Ok(None);
        }
        let stats = self.store().stats();
        let engine = self.with_engine(hookbench_delivery::DeliveryEngine::status).await;
        let count = |count: Option<usize>| count.map_or(0, |count| count as u64);
        Ok(Some(Metrics {
            standing: stats.standing().await?,
            due_now: self.due_now().await?,
            tallied: stats.tallied(),
            attempts_in_flight: count(engine.map(|engine| engine.in_flight)),
            attempts_unrecorded: count(engine.map(|engine| engine.unrecorded)),
            text_backlog: self.store().requests().text_behind().await?,
        }))
    }

    /// How many captured requests the index of texts does not have yet; `None` where that is not read within a second.
    pub async fn text_backlog(&self) -> Result<Option<u64>> {
        let requests = self.store().requests();
        let read = tokio::time::timeout(Duration::from_secs(1), requests.text_behind()).await;
        Ok(read.ok().transpose()?)
    }
}
