use hookbench_model::{Inbox, InboxId, Page, PageRequest, Slug};

use crate::{Result, Store};

/// Inboxes.
#[derive(Clone, Debug)]
pub struct Inboxes {
    pub(crate) store: Store,
}

impl Inboxes {
    /// Writes a new one; `Conflict` on `slug` where it is taken.
    pub async fn create(&self, inbox: Inbox) -> Result<Inbox> {
        let _ = inbox;
        unimplemented!()
    }

    /// One of them, with its secrets.
    pub async fn get(&self, id: InboxId) -> Result<Option<Inbox>> {
        let _ = id;
        unimplemented!()
    }

    /// The one with that slug.
    pub async fn by_slug(&self, slug: &Slug) -> Result<Option<Inbox>> {
        let _ = slug;
        unimplemented!()
    }

    /// A page of them, newest first.
    pub async fn list(&self, page: PageRequest<InboxId>) -> Result<Page<Inbox, InboxId>> {
        let _ = page;
        unimplemented!()
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Inbox>> {
        unimplemented!()
    }

    /// Edits one, reading and writing in one transaction; `Conflict` on `slug` where the new one is taken.
    pub async fn update(&self, id: InboxId, edit: impl FnOnce(&mut Inbox) + Send + 'static) -> Result<Inbox> {
        let _ = (id, edit);
        unimplemented!()
    }

    /// Deletes one and everything that it captured; gives how many requests that were.
    pub async fn delete(&self, id: InboxId) -> Result<u64> {
        let _ = id;
        unimplemented!()
    }
}
