//! Endpoints as they are configured, kept in memory: every event that is accepted asks for them, and to read them is to
//! decrypt their secrets.

use std::sync::{Arc, Mutex, PoisonError};

use hookbench_model::Endpoint;

use super::Endpoints;
use crate::Result;

/// All of them as of an edit; nothing before the first reading.
#[derive(Debug, Default)]
pub(crate) struct Configured(Mutex<Option<(u64, Arc<[Endpoint]>)>>);

impl Configured {
    /// What was read after that edit, if that is the newest one still.
    fn as_of(&self, edit: u64) -> Option<Arc<[Endpoint]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(as_of, _)| *as_of == edit).map(|(_, all)| Arc::clone(all))
    }

    fn keep(&self, edit: u64, all: &Arc<[Endpoint]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(as_of, _)| *as_of < edit) {
            *kept = Some((edit, Arc::clone(all)));
        }
    }
}

impl Endpoints {
    /// All of them, oldest first, as they are configured now. They are read anew only once one was made, edited,
    /// enabled, disabled or deleted: how they do, which attempts change, may be out of date.
    pub async fn configured(&self) -> Result<Arc<[Endpoint]>> {
        // In this order: what is read after an edit was asked for is at least as new as that edit.
        let edit = self.store.writer().edits().newest();
        let kept = &self.store.inner.configured;
        if let Some(all) = kept.as_of(edit) {
            return Ok(all);
        }
        let all: Arc<[Endpoint]> = self.all().await?.into();
        kept.keep(edit, &all);
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use hookbench_model::{EndpointId, EndpointStatus, Timestamp};

    use super::*;
    use crate::{OpenOptions, Store, Synchronous};

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    #[tokio::test]
    async fn what_is_kept_is_read_again_after_each_edit_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
        let store = Store::open(folder.path(), NOW, options).await.unwrap();
        let endpoints = store.endpoints();
        assert!(endpoints.configured().await.unwrap().is_empty());
        let (url, provider) = ("http://localhost:9/x".parse().unwrap(), "generic".parse().unwrap());
        let endpoint = Endpoint::new(EndpointId::new(NOW), "One", url, provider);
        let id = endpoints.create(endpoint).await.unwrap().id;
        let created = endpoints.configured().await.unwrap();
        assert_eq!(created.iter().map(|endpoint| endpoint.id).collect::<Vec<_>>(), [id]);
        assert!(Arc::ptr_eq(&created, &endpoints.configured().await.unwrap()));
        endpoints.update(id, NOW, |endpoint| endpoint.name = "Two".to_owned()).await.unwrap();
        assert_eq!(endpoints.configured().await.unwrap()[0].name, "Two");
        endpoints.disable(id, NOW, "By hand".to_owned()).await.unwrap();
        assert_eq!(endpoints.configured().await.unwrap()[0].status, EndpointStatus::Disabled);
        endpoints.delete(id, NOW).await.unwrap();
        assert!(endpoints.configured().await.unwrap().is_empty());
        store.shutdown().await;
    }
}
