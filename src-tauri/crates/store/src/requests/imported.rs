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

/// So many rows go to the database in one call.
const AT_ONCE: usize = 256;

impl Requests {
    /// Writes requests that were read from a file, all of them in one transaction; returns once they are on disk.
    /// `NotFound` where an inbox is gone: then none is written.
    pub async fn import(&self, requests: Vec<ImportedRequest>) -> Result<()> {
        self.store.writer().run(move |write| import(write, requests).boxed()).await
    }

    /// Where these come from that were read from a file; of those that arrived here there is nothing.
    pub async fn imported(&self, ids: &[RequestId]) -> Result<HashMap<RequestId, Imported>> {
        const IMPORTED: &str = "SELECT t.id, m.format, m.name, m.entry FROM request_imports m \
                                JOIN requests t USING (seq) WHERE t.id IN (SELECT unhex(value) FROM json_each(?))";
        let ids = hex_ids(ids.iter().map(RequestId::as_bytes))?;
        let rows = sqlx::query(IMPORTED).bind(ids).fetch_all(self.store.readers()).await?;
        let read = |row| {
            let mut columns = Columns::new(row);
            let id = RequestId::from_bytes(columns.id()?);
            Ok((id, Imported { format: columns.get()?, name: columns.get()?, entry: columns.get()? }))
        };
        rows.iter().map(read).collect()
    }
}

async fn import(write: &mut Write, requests: Vec<ImportedRequest>) -> Result<()> {
    const MARK: &str = "INSERT INTO request_imports (seq, format, name, entry) \
                        SELECT seq, ?2, ?3, ?4 FROM requests WHERE id = ?1";
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
            sqlx::query(MARK)
                .bind(id.as_bytes().to_vec())
                .bind(imported.format)
                .bind(imported.name)
                .bind(imported.entry)
                .execute(write.connection().await?)
                .await?;
        }
    }
    Ok(())
}
