mod alike;
mod answered;
mod capture;
mod confirm;
mod filter;
mod imported;
mod language;
mod lead;
mod marked;
mod row;
mod wire;

use bytes::Bytes;
use futures::FutureExt as _;
use hookbench_model::{
    Action, CapturedRequest, InboxId, NewRelay, Noun, Page, PageRequest, RequestEdit, RequestFilter,
    RequestId, Reveal, RevealedPart, Timestamp, WireRecord,
};

pub use alike::{Alike, AlikeBy};
pub(crate) use capture::{NewRequest, capture_all};
pub use imported::{ImportedRequest, ImportedRows};

pub(crate) use confirm::Confirm;
pub(crate) use filter::{end_of_prefix, exists, select};

use crate::bodies::Unpacker;
use crate::codes::Coded;
use crate::columns::{Columns, to_json};
use crate::query::limit;
use crate::writer::{HotJob, Write};
use crate::{Result, Store, StoreError, bodies, reveals, text};

/// How many requests one transaction deletes.
const DELETED_AT_ONCE: u32 = 500;

/// Captured requests.
#[derive(Clone, Debug)]
pub struct Requests {
    pub(crate) store: Store,
}

impl Requests {
    /// Writes a request and its body; returns once both are on disk. `NotFound` where its inbox is gone.
    pub async fn capture(&self, request: CapturedRequest, body: Bytes) -> Result<()> {
        self.store
            .writer()
            .hot(NewRequest { request, body, wire: None, relays: Vec::new() }, HotJob::Capture)
            .await
    }

    /// The same of one that came over the wire, where its bytes say more than its fields; with where it goes from here.
    pub async fn capture_exactly(
        &self,
        request: CapturedRequest,
        body: Bytes,
        wire: WireRecord,
        relays: Vec<NewRelay>,
    ) -> Result<()> {
        let wire = Some(Box::new(wire)).filter(|wire| !wire.is_plain());
        self.store.writer().hot(NewRequest { request, body, wire, relays }, HotJob::Capture).await
    }

    /// What the bytes of one of them say beyond its fields, with the secrets that stand in them; nothing of one that
    /// is not there.
    pub async fn wire(&self, id: RequestId) -> Result<WireRecord> {
        let found = sqlx::query(wire::BY_ID).bind(id.as_bytes().as_slice());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map_or_else(|| Ok(WireRecord::default()), |row| wire::read(self.store.vault(), id, &row))
    }

    /// One of them, with the secrets that it holds. `verification.signed_content` is left out: its body would have to be
    /// read for it.
    pub async fn get(&self, id: RequestId) -> Result<Option<CapturedRequest>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().as_slice());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read(self.store.vault(), &row)).transpose()
    }

    /// The same with `verification.signed_content`.
    pub async fn whole(&self, id: RequestId) -> Result<Option<CapturedRequest>> {
        let found = sqlx::query(row::WHOLE).bind(id.as_bytes().as_slice());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read_whole(self.store.vault(), &row)).transpose()
    }

    /// A page of those that the filter matches, newest first; `verification.signed_content` is left out, and
    /// headers and query are as they are shown.
    ///
    /// With `q` the work for one page is bounded: a page may then hold fewer rows than asked for, none
    /// even, and still have a `next`; the search goes on there. It looks for the text as it is, letter
    /// case included.
    pub async fn list(
        &self,
        filter: &RequestFilter,
        page: PageRequest<RequestId>,
    ) -> Result<Page<CapturedRequest, RequestId>> {
        let _turn = self.store.turn_to_search(filter.reads_bodies()).await;
        let connection = &mut *self.store.readers().acquire().await?;
        let before = page.before.map(|id| *id.as_bytes());
        let part = select(connection, filter).await?.page(connection, before, limit(&page)).await?;
        let seqs = to_json(&part.seqs)?;
        let rows = sqlx::query(row::BY_SEQS).bind(seqs).fetch_all(connection).await?;
        Ok(Page {
            rows: rows.iter().map(|row| row::read(self.store.vault(), row)).collect::<Result<_>>()?,
            next: part.next.map(RequestId::from_bytes),
        })
    }

    /// How many the filter matches.
    pub async fn count(&self, filter: &RequestFilter) -> Result<u64> {
        let _turn = self.store.turn_to_search(filter.reads_bodies()).await;
        let connection = &mut *self.store.readers().acquire().await?;
        select(connection, filter).await?.count(connection).await
    }

    /// The event types that begin so, so many at most, in their order.
    pub async fn event_types(&self, prefix: &str, most: usize) -> Result<Vec<String>> {
        let connection = &mut *self.store.readers().acquire().await?;
        filter::known_types(connection, prefix, most).await
    }

    /// The body of one of them, to the byte.
    pub async fn body(&self, id: RequestId) -> Result<Option<Bytes>> {
        const BODY: &str =
            concat!("SELECT", bodies::columns!(), "FROM requests t", bodies::joined!(), "WHERE t.id = ?");
        let row = sqlx::query(BODY).bind(id.as_bytes().as_slice());
        let row = row.fetch_optional(self.store.readers()).await?;
        row.map(|row| Ok(Bytes::from(Unpacker::new().read(&mut Columns::new(&row))?.into_owned())))
            .transpose()
    }

    /// Changes what a person may change; gives it as [`Self::get`] does.
    pub async fn edit(&self, id: RequestId, edit: RequestEdit) -> Result<CapturedRequest> {
        self.store.writer().run(move |write| change(write, id, edit).boxed()).await
    }

    /// Notes that what a request was to be answered did not go out, since its sender had gone: no filter for a status
    /// finds it then. Nothing happens where it is not there any more.
    pub async fn untold(&self, id: RequestId) -> Result<()> {
        self.store.writer().run(move |write| untold(write, id).boxed()).await
    }

    /// Logs that somebody looked at the secrets that it holds.
    pub async fn log_reveal(&self, id: RequestId, now: Timestamp) -> Result<()> {
        reveals::log(&self.store, Noun::Request, *id.as_bytes(), now).await
    }

    /// When somebody looked at the secrets that it holds, newest first, the newest 100.
    pub async fn reveals(&self, id: RequestId) -> Result<Vec<Reveal>> {
        reveals::list(&self.store, Noun::Request, *id.as_bytes(), RevealedPart::Request).await
    }

    /// Deletes one, pinned or not.
    pub async fn delete(&self, id: RequestId) -> Result<()> {
        const SEQ: &str = "SELECT seq FROM requests WHERE id = ?";
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let seq: Option<i64> = sqlx::query_scalar(SEQ)
                        .bind(id.as_bytes().as_slice())
                        .fetch_optional(write.connection().await?)
                        .await?;
                    let seq = seq.ok_or_else(|| StoreError::not_found(Noun::Request, id))?;
                    remove(write, &[seq]).await.map(drop)
                }
                .boxed()
            })
            .await
    }

    /// Deletes what the filter matches, a part at a time, and gives how many that were. Pinned ones stay
    /// unless the filter asks for them.
    pub async fn delete_matching(&self, filter: &RequestFilter) -> Result<u64> {
        let filter = RequestFilter { pinned: filter.pinned.or(Some(false)), ..filter.clone() };
        let (mut deleted, mut before) = (0, None);
        loop {
            let part = self.part(&filter, before).await?;
            before = part.next;
            if !part.seqs.is_empty() {
                deleted += self.remove(part.seqs).await?;
            }
            if before.is_none() {
                return Ok(deleted);
            }
        }
    }

    async fn part(&self, filter: &RequestFilter, before: Option<[u8; 16]>) -> Result<crate::query::Part> {
        let connection = &mut *self.store.readers().acquire().await?;
        select(connection, filter).await?.page(connection, before, DELETED_AT_ONCE).await
    }

    /// Deletes requests by their keys in one transaction; gives how many there were.
    pub(crate) async fn remove(&self, seqs: Vec<i64>) -> Result<u64> {
        self.store.writer().run(move |write| async move { remove(write, &seqs).await }.boxed()).await
    }
}

async fn change(write: &mut Write, id: RequestId, edit: RequestEdit) -> Result<CapturedRequest> {
    const CHANGE: &str = "UPDATE requests SET note = coalesce(?1, note), tags = coalesce(?2, tags), \
                          pinned = coalesce(?3, pinned), colour = iif(?4, ?5, colour) WHERE id = ?6";
    let tags = edit.tags.as_ref().map(to_json).transpose()?;
    sqlx::query(CHANGE)
        .bind(edit.note)
        .bind(tags)
        .bind(edit.pinned)
        .bind(edit.colour.is_some())
        .bind(edit.colour.flatten().map(Coded::code))
        .bind(id.as_bytes().to_vec())
        .execute(write.connection().await?)
        .await?;
    let row = sqlx::query(row::BY_ID)
        .bind(id.as_bytes().to_vec())
        .fetch_optional(write.connection().await?)
        .await?
        .ok_or_else(|| StoreError::not_found(Noun::Request, id))?;
    let request = row::read(&write.vault, &row)?;
    let status = request.verification.status.as_str();
    write.changed(Noun::Request, Action::Updated, id, Some(request.inbox_id.to_string()), Some(status));
    Ok(request)
}

async fn untold(write: &mut Write, id: RequestId) -> Result<()> {
    const NOBODY: &str = "UPDATE requests SET response_status = ? WHERE id = ?";
    const INBOX: &str = "SELECT i.id FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq WHERE t.id = ?";
    let of = sqlx::query(NOBODY).bind(i64::from(CapturedRequest::UNANSWERED)).bind(id.as_bytes().to_vec());
    if of.execute(write.connection().await?).await?.rows_affected() == 0 {
        return Ok(());
    }
    let fault = sqlx::query(wire::UNTOLD).bind(id.as_bytes().to_vec());
    fault.execute(write.connection().await?).await?;
    let inbox = sqlx::query(INBOX).bind(id.as_bytes().to_vec());
    let inbox = inbox.fetch_one(write.connection().await?).await?;
    let inbox = InboxId::from_bytes(Columns::new(&inbox).id()?);
    write.changed(Noun::Request, Action::Updated, id, Some(inbox.to_string()), None);
    Ok(())
}

/// Deletes requests by their keys; gives how many there were.
pub(crate) async fn remove(write: &mut Write, seqs: &[i64]) -> Result<u64> {
    const WHICH: &str = "SELECT t.id, i.id FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq \
                         WHERE t.seq IN (SELECT value FROM json_each(?))";
    const DELETE: &str = "DELETE FROM requests WHERE seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM request_bodies WHERE seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM request_secrets WHERE seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM request_answers WHERE seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM request_imports WHERE seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM request_relays WHERE request_seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM relay_bodies WHERE request_seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM drifts WHERE request_seq IN (SELECT value FROM json_each(?1)); \
                          DELETE FROM request_wire WHERE seq IN (SELECT value FROM json_each(?1))";
    // The key of the newest may be given again, and what gets it was not looked at.
    const MARK: &str = "UPDATE shape_mark SET seq = (SELECT coalesce(max(seq), 0) FROM requests) \
                        WHERE seq > (SELECT coalesce(max(seq), 0) FROM requests)";
    text::forget(write, seqs).await?;
    let seqs = to_json(&seqs)?;
    let rows = sqlx::query(WHICH).bind(&seqs).fetch_all(write.connection().await?).await?;
    bodies::release(write, &seqs).await?;
    sqlx::query(DELETE).bind(&seqs).execute(write.connection().await?).await?;
    sqlx::query(MARK).execute(write.connection().await?).await?;
    text::lower(write).await?;
    for row in &rows {
        let mut columns = Columns::new(row);
        let (id, inbox) = (RequestId::from_bytes(columns.id()?), InboxId::from_bytes(columns.id()?));
        write.changed(Noun::Request, Action::Deleted, id, Some(inbox.to_string()), None);
    }
    Ok(rows.len() as u64)
}
