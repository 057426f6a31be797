use bytes::Bytes;
use hookbench_model::{
    HeaderPairs, InboxId, LARGEST_LEARNT, ProviderId, RequestId, Timestamp, VerificationStatus,
};
use sqlx::sqlite::SqliteRow;

use super::Shapes;
use crate::Result;
use crate::columns::Columns;

/// At most so many are looked at together.
const AT_ONCE: usize = 256;
/// At most so many bytes of bodies are read together, and one body more.
const BYTES_AT_ONCE: usize = 4 << 20;

/// Captured requests that no shape was learnt from yet, oldest first.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Those of them whose bodies may be learnt from.
    pub requests: Vec<ArrivedRequest>,
    /// The key of the last that was looked at; `None` where none has arrived.
    pub last: Option<i64>,
    /// Whether there are more behind that.
    pub more: bool,
}

/// A captured request that a shape may be learnt from.
#[derive(Clone, Debug)]
pub struct ArrivedRequest {
    /// Its key.
    pub seq: i64,
    /// Its id.
    pub id: RequestId,
    /// The inbox that received it.
    pub inbox_id: InboxId,
    /// The provider that the inbox has now.
    pub provider: Option<ProviderId>,
    /// The event type.
    pub event_type: Option<String>,
    /// When it was received.
    pub received_at: Timestamp,
    /// What checking its signature gave.
    pub verification: VerificationStatus,
    /// Its headers, as they are shown.
    pub headers: HeaderPairs,
    /// Its body, as it came.
    pub body: Bytes,
}

/// Of what was looked at last, and of what has arrived since. Handshakes hold nothing of an event, and what is not
/// whole or not well formed says nothing of what its sender's bodies look like.
const NEXT: &str = "SELECT t.seq, t.body_size BETWEEN 2 AND ?1 AND t.handshake IS NULL AND w.fault_code IS NULL, \
     t.id, i.id, i.provider, t.event_type, t.received_at, t.verification, t.headers \
     FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq LEFT JOIN request_wire w ON w.seq = t.seq \
     WHERE t.seq > (SELECT seq FROM shape_mark) ORDER BY t.seq LIMIT ?2";

impl Shapes {
    /// Some of the captured requests that no shape was learnt from yet.
    pub async fn arrived(&self) -> Result<Arrived> {
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let largest = i64::try_from(LARGEST_LEARNT).unwrap_or(i64::MAX);
        let rows = sqlx::query(NEXT).bind(largest).bind(limit).fetch_all(self.store.readers()).await?;
        let mut arrived = Arrived { requests: Vec::new(), last: None, more: rows.len() == AT_ONCE };
        let mut bytes = 0;
        for row in &rows {
            if bytes > BYTES_AT_ONCE {
                arrived.more = true;
                break;
            }
            let (seq, request) = read(row)?;
            arrived.last = Some(seq);
            // Deleted meanwhile: there is nothing left to learn from.
            if let Some(mut request) = request
                && let Some(body) = self.store.requests().body(request.id).await?
            {
                bytes += body.len();
                request.body = body;
                arrived.requests.push(request);
            }
        }
        Ok(arrived)
    }
}

/// Its key, and the request where it may be learnt from.
fn read(row: &SqliteRow) -> Result<(i64, Option<ArrivedRequest>)> {
    let mut columns = Columns::new(row);
    let seq = columns.get()?;
    if !columns.get::<bool>()? {
        return Ok((seq, None));
    }
    let request = ArrivedRequest {
        seq,
        id: RequestId::from_bytes(columns.id()?),
        inbox_id: InboxId::from_bytes(columns.id()?),
        provider: columns.parsed_or_none()?,
        event_type: columns.get()?,
        received_at: columns.time()?,
        verification: columns.coded()?,
        headers: columns.headers()?,
        body: Bytes::new(),
    };
    Ok((seq, Some(request)))
}
