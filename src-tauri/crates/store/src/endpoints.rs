use hookbench_model::{Endpoint, EndpointId, Page, PageRequest, Timestamp};

use crate::{Result, Store};

/// Endpoints. A deleted one is found no more; deliveries keep its name and URL.
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub(crate) store: Store,
}

impl Endpoints {
    /// Writes a new one.
    pub async fn create(&self, endpoint: Endpoint) -> Result<Endpoint> {
        let _ = endpoint;
        unimplemented!()
    }

    /// One of them, with its secrets.
    pub async fn get(&self, id: EndpointId) -> Result<Option<Endpoint>> {
        let _ = id;
        unimplemented!()
    }

    /// A page of them, newest first.
    pub async fn list(&self, page: PageRequest<EndpointId>) -> Result<Page<Endpoint, EndpointId>> {
        let _ = page;
        unimplemented!()
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Endpoint>> {
        unimplemented!()
    }

    /// Edits one, reading and writing in one transaction. Its id, status and health stay whatever `edit`
    /// does to them: they have methods of their own.
    pub async fn update(
        &self,
        id: EndpointId,
        now: Timestamp,
        edit: impl FnOnce(&mut Endpoint) + Send + 'static,
    ) -> Result<Endpoint> {
        let _ = (id, now, edit);
        unimplemented!()
    }

    /// Deletes one: its waiting and paused deliveries are cancelled, what is in flight ends as cancelled
    /// unless it arrives, its history stays readable, its secrets are wiped.
    pub async fn delete(&self, id: EndpointId, now: Timestamp) -> Result<()> {
        let _ = (id, now);
        unimplemented!()
    }

    /// Disables one: its waiting deliveries are paused. One that is disabled already stays as it is.
    pub async fn disable(&self, id: EndpointId, now: Timestamp, reason: String) -> Result<Endpoint> {
        let _ = (id, now, reason);
        unimplemented!()
    }

    /// Enables one: its paused deliveries go on by their plan, the overdue ones at once; its failures are
    /// forgotten.
    pub async fn enable(&self, id: EndpointId, now: Timestamp) -> Result<Endpoint> {
        let _ = (id, now);
        unimplemented!()
    }

    /// Logs that somebody looked at its secret.
    pub async fn log_reveal(&self, id: EndpointId, now: Timestamp) -> Result<()> {
        let _ = (id, now);
        unimplemented!()
    }

    /// When somebody looked at its secret, newest first, the newest 100.
    pub async fn reveals(&self, id: EndpointId) -> Result<Vec<Timestamp>> {
        let _ = id;
        unimplemented!()
    }
}
