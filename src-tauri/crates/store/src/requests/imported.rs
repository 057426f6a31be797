//! Captured requests that were read from a file.

use std::collections::HashMap;

use bytes::Bytes;
use futures::FutureExt as _;
use hookbench_model::{CapturedRequest, Imported, RequestId, WireRecord};
use tokio::sync::oneshot;

use super::capture::{NewRequest, capture_all};
use crate::columns::{Columns, hex_ids};
use crate::writer::{Hot, Write};
use crate::{Requests, Result, StoreError};

/// A request that is read from a file, to be written.
#[derive(Clone, Debug)]
pub struct ImportedRequest {
    /// The request.
    pub request: CapturedRequest,
    /// Its body.
    pub body: Bytes,
    /// How it stood on the wire, where the file says it.
    pub wire: WireRecord,
    /// Where it comes from.
    pub imported: Imported,
}

/// The requests of one call of [`Requests::import`], by their keys: no others are among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedRows {
    first: i64,
    last: i64,
}

/// So many rows go to the database in one call.
const AT_ONCE: usize = 256;

impl Requests {
    /// Writes requests that were read from a file, all of them in one transaction; returns once they are on disk.
    /// `NotFound` where an inbox is gone: then none is written. Says which rows they are, where there are any.
    pub async fn import(&self, requests: Vec<ImportedRequest>) -> Result<Option<ImportedRows>> {
        self.store.writer().run(move |write| import(write, requests).boxed()).await
    }

    /// The entry that one of them was read from, where it is kept.
    pub async fn entry(&self, id: RequestId) -> Result<Option<String>> {
        const ENTRY: &str =
            "SELECT m.entry FROM request_imports m JOIN requests t USING (seq) WHERE t.id = ?";
        let entry = sqlx::query_scalar::<_, Option<String>>(ENTRY).bind(id.as_bytes().as_slice());
        Ok(entry.fetch_optional(self.store.readers()).await?.flatten())
    }

    /// The entries that are kept of these, by their keys.
    pub async fn entries(&self, rows: ImportedRows) -> Result<Vec<(i64, String)>> {
        const ENTRIES: &str = "SELECT seq, entry FROM request_imports \
                               WHERE seq BETWEEN ? AND ? AND entry IS NOT NULL ORDER BY seq";
        let rows = sqlx::query(ENTRIES).bind(rows.first).bind(rows.last);
        let rows = rows.fetch_all(self.store.readers()).await?;
        let read = |row| {
            let mut columns = Columns::new(row);
            Ok((columns.get()?, columns.get()?))
        };
        rows.iter().map(read).collect()
    }

    /// Keeps these in place of the entries that have their keys; what has been deleted meanwhile stays so.
    pub async fn change_entries(&self, entries: Vec<(i64, String)>) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        self.store.writer().run(move |write| change_entries(write, entries).boxed()).await
    }

    /// Where these come from that were read from a file; of those that arrived here there is nothing. Their entries are
    /// left out, since they may be large.
    pub async fn imported(&self, ids: &[RequestId]) -> Result<HashMap<RequestId, Imported>> {
        const IMPORTED: &str = "SELECT t.id, m.format, m.name FROM request_imports m \
                                JOIN requests t USING (seq) WHERE t.id IN (SELECT unhex(value) FROM json_each(?))";
        let ids = hex_ids(ids.iter().map(RequestId::as_bytes))?;
        let rows = sqlx::query(IMPORTED).bind(ids).fetch_all(self.store.readers()).await?;
        let read = |row| {
            let mut columns = Columns::new(row);
            let id = RequestId::from_bytes(columns.id()?);
            Ok((id, Imported { format: columns.get()?, name: columns.get()?, entry: None }))
        };
        rows.iter().map(read).collect()
    }
}

async fn change_entries(write: &mut Write, entries: Vec<(i64, String)>) -> Result<()> {
    const CHANGE: &str = "UPDATE request_imports SET entry = ?2 WHERE seq = ?1";
    for (seq, entry) in entries {
        sqlx::query(CHANGE).bind(seq).bind(entry).execute(write.connection().await?).await?;
    }
    Ok(())
}

async fn import(write: &mut Write, requests: Vec<ImportedRequest>) -> Result<Option<ImportedRows>> {
    const MARK: &str = "INSERT INTO request_imports (seq, format, name, entry) \
                        SELECT seq, ?2, ?3, ?4 FROM requests WHERE id = ?1 RETURNING seq";
    let mut written: Option<ImportedRows> = None;
    let mut requests = requests.into_iter().peekable();
    while requests.peek().is_some() {
        let mut marks = Vec::new();
        let mut jobs: Vec<Hot<NewRequest, ()>> = Vec::new();
        for ImportedRequest { request, body, wire, imported } in requests.by_ref().take(AT_ONCE) {
            marks.push((request.id, imported));
            let wire = Some(Box::new(wire)).filter(|wire| !wire.is_plain());
            // Nobody waits for one of them: the whole is answered at its end.
            jobs.push(Hot::new(NewRequest { request, body, wire, relays: Vec::new() }, oneshot::channel().0));
        }
        capture_all(write, &mut jobs).await?;
        for job in jobs {
            job.outcome.unwrap_or(Err(StoreError::Panicked))?;
        }
        for (id, imported) in marks {
            let seq: i64 = sqlx::query_scalar(MARK)
                .bind(id.as_bytes().to_vec())
                .bind(imported.format)
                .bind(imported.name)
                .bind(imported.entry)
                .fetch_one(write.connection().await?)
                .await?;
            // Nobody else writes between them, and their keys follow one another.
            let first = written.map_or(seq, |rows| rows.first);
            written = Some(ImportedRows { first, last: seq });
        }
    }
    Ok(written)
}
