use bytes::Bytes;
use hookbench_model::{CapturedRequest, DeliveryId, InboxId, RequestId, Verification};
use sqlx::sqlite::SqliteRow;

use crate::Result;
use crate::columns::Columns;

macro_rules! columns {
    ($signed_content:literal) => {
        concat!(
            "SELECT t.id, i.id, t.received_at, t.method, t.path, t.query, t.http_version, t.headers, ",
            "t.content_type, t.body_size, t.remote_addr, t.event_type, t.provider_event_id, ",
            "t.verification, t.scheme, t.reason, t.message, ",
            $signed_content,
            ", t.response_status, t.delivery_id, t.attempt, t.note, t.tags, t.pinned, ",
            "t.handshake ",
            "FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq "
        )
    };
}

/// One request, whole.
pub(super) const BY_ID: &str = concat!(
    columns!(
        "CASE t.signed_ends_in_body WHEN 0 THEN t.signed_content ELSE \
         (SELECT CAST(t.signed_content || b.body AS BLOB) FROM request_bodies b WHERE b.seq = t.seq) END"
    ),
    "WHERE t.id = ?"
);

/// The requests with these keys (a JSON array), newest first, without their signed content.
pub(super) const BY_SEQS: &str =
    concat!(columns!("NULL"), "WHERE t.seq IN (SELECT value FROM json_each(?)) ORDER BY t.id DESC");

pub(super) fn read(row: &SqliteRow) -> Result<CapturedRequest> {
    let mut columns = Columns::new(row);
    Ok(CapturedRequest {
        id: RequestId::from_bytes(columns.id()?),
        inbox_id: InboxId::from_bytes(columns.id()?),
        received_at: columns.time()?,
        method: columns.get()?,
        path: columns.get()?,
        query: columns.get()?,
        http_version: columns.get()?,
        headers: columns.headers()?,
        content_type: columns.get()?,
        body_size: columns.count()?,
        remote_addr: columns.get()?,
        event_type: columns.get()?,
        provider_event_id: columns.get()?,
        verification: Verification {
            status: columns.coded()?,
            scheme: columns.get()?,
            reason: columns.get()?,
            message: columns.get()?,
            signed_content: columns.get::<Option<Vec<u8>>>()?.map(Bytes::from),
        },
        response_status: columns.number()?,
        delivery: sent_by(&mut columns)?,
        note: columns.get()?,
        tags: columns.json()?,
        pinned: columns.get()?,
        handshake: columns.get()?,
    })
}

fn sent_by(columns: &mut Columns<'_>) -> Result<Option<(DeliveryId, u32)>> {
    let delivery = columns.id_or_none()?.map(DeliveryId::from_bytes);
    Ok(delivery.zip(columns.number_or_none()?))
}
