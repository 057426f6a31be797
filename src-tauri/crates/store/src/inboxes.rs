mod access;
mod row;
mod seal;

use std::convert::Infallible;

use futures::FutureExt as _;
use hookbench_model::{
    Action, Inbox, InboxId, Noun, Page, PageRequest, RequestFilter, Reveal, RevealedPart, Slug, Timestamp,
};
use sqlx::Row as _;

use crate::query::limit;
use crate::writer::Write;
use crate::{Result, Store, StoreError, requests, reveals, shapes};

pub(crate) use seal::seal_plain_tokens;

/// Inboxes.
#[derive(Clone, Debug)]
pub struct Inboxes {
    pub(crate) store: Store,
}

impl Inboxes {
    /// Writes a new one; `Conflict` on `slug` where it is taken.
    pub async fn create(&self, inbox: Inbox) -> Result<Inbox> {
        self.store.writer().run(move |write| create(write, inbox).boxed()).await
    }

    /// One of them, with its secrets.
    pub async fn get(&self, id: InboxId) -> Result<Option<Inbox>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read(self.store.vault(), &row)).transpose()
    }

    /// The one with that slug.
    pub async fn by_slug(&self, slug: &Slug) -> Result<Option<Inbox>> {
        let found = sqlx::query(row::BY_SLUG).bind(slug.as_str());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read(self.store.vault(), &row)).transpose()
    }

    /// A page of them, newest first.
    pub async fn list(&self, page: PageRequest<InboxId>) -> Result<Page<Inbox, InboxId>> {
        let limit = limit(&page);
        let before = page.before.map_or([0xff; 16], |id| *id.as_bytes());
        let found = sqlx::query(row::PAGE).bind(before.to_vec()).bind(i64::from(limit) + 1);
        let rows = found.fetch_all(self.store.readers()).await?;
        let wanted = &rows[..rows.len().min(limit as usize)];
        let read: Vec<Inbox> =
            wanted.iter().map(|row| row::read(self.store.vault(), row)).collect::<Result<_>>()?;
        let next = if rows.len() > read.len() { read.last().map(|inbox| inbox.id) } else { None };
        Ok(Page { rows: read, next })
    }

    /// Logs that somebody looked at its token for subscriptions.
    pub async fn log_reveal(&self, id: InboxId, now: Timestamp) -> Result<()> {
        reveals::log(&self.store, Noun::Inbox, *id.as_bytes(), now).await
    }

    /// When somebody looked at its token, newest first, the newest 100.
    pub async fn reveals(&self, id: InboxId) -> Result<Vec<Reveal>> {
        reveals::list(&self.store, Noun::Inbox, *id.as_bytes(), RevealedPart::VerifyToken).await
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Inbox>> {
        let rows = sqlx::query(row::ALL).fetch_all(self.store.readers()).await?;
        rows.iter().map(|row| row::read(self.store.vault(), row)).collect()
    }

    /// Edits one, reading and writing in one transaction; its id and time of making stay. `Conflict` on
    /// `slug` where the new one is taken.
    pub async fn update(&self, id: InboxId, edit: impl FnOnce(&mut Inbox) + Send + 'static) -> Result<Inbox> {
        let edit = move |inbox: &mut Inbox| {
            edit(inbox);
            Ok::<(), Infallible>(())
        };
        let Ok(edited) = self.try_update(id, edit).await?;
        Ok(edited)
    }

    /// Edits one as [`Self::update`] does, unless the edit refuses what it is given: then nothing is changed, and the
    /// refusal is handed back.
    pub async fn try_update<R: Send + 'static>(
        &self,
        id: InboxId,
        edit: impl FnOnce(&mut Inbox) -> Result<(), R> + Send + 'static,
    ) -> Result<Result<Inbox, R>> {
        self.store.writer().run(move |write| update(write, id, edit).boxed()).await
    }

    /// Deletes one and everything that it captured, pinned or not; gives how many requests that were.
    pub async fn delete(&self, id: InboxId) -> Result<u64> {
        let (requests, mut deleted) = (self.store.requests(), 0);
        // Most of it a part at a time, so that other writes get their turn.
        for pinned in [Some(false), Some(true)] {
            let filter = RequestFilter { inbox_id: Some(id), pinned, ..RequestFilter::default() };
            deleted += requests.delete_matching(&filter).await?;
        }
        deleted += self.store.writer().run(move |write| delete(write, id).boxed()).await?;
        Ok(deleted)
    }
}

async fn create(write: &mut Write, inbox: Inbox) -> Result<Inbox> {
    let insert = row::bind(row::INSERT, &write.vault, &inbox)?;
    let inserted = insert.fetch_one(write.connection().await?).await.map_err(StoreError::from);
    let row = inserted.map_err(|error| slug_taken(error, &inbox))?;
    write.state.put_inbox(inbox.id, row.try_get(0)?);
    write.changed(Noun::Inbox, Action::Created, inbox.id, None, None);
    get(write, inbox.id).await
}

async fn update<R>(
    write: &mut Write,
    id: InboxId,
    edit: impl FnOnce(&mut Inbox) -> Result<(), R> + Send,
) -> Result<Result<Inbox, R>> {
    let known = get(write, id).await?;
    let mut edited = known.clone();
    if let Err(refused) = edit(&mut edited) {
        return Ok(Err(refused));
    }
    let edited = Inbox { id, created_at: known.created_at, ..edited };
    let update = row::bind(row::UPDATE, &write.vault, &edited)?;
    let updated = update.execute(write.connection().await?).await.map_err(StoreError::from);
    updated.map_err(|error| slug_taken(error, &edited))?;
    write.changed(Noun::Inbox, Action::Updated, id, None, None);
    Ok(Ok(edited))
}

fn slug_taken(error: StoreError, inbox: &Inbox) -> StoreError {
    error.or_conflict("slug", || format!("another inbox has the slug `{}`", inbox.slug))
}

async fn delete(write: &mut Write, id: InboxId) -> Result<u64> {
    let inbox_seq = write.state.inbox(id)?;
    let left: Vec<i64> = sqlx::query_scalar("SELECT seq FROM requests WHERE inbox_seq = ?")
        .bind(inbox_seq)
        .fetch_all(write.connection().await?)
        .await?;
    let deleted = requests::remove(write, &left).await?;
    sqlx::query("DELETE FROM inboxes WHERE seq = ?")
        .bind(inbox_seq)
        .execute(write.connection().await?)
        .await?;
    shapes::remove_of_inbox(write, id).await?;
    write.state.forget_inbox(id);
    write.changed(Noun::Inbox, Action::Deleted, id, None, None);
    Ok(deleted)
}

async fn get(write: &mut Write, id: InboxId) -> Result<Inbox> {
    let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
    let row = found.fetch_optional(write.connection().await?).await?;
    row::read(&write.vault, &row.ok_or_else(|| StoreError::not_found(Noun::Inbox, id))?)
}
