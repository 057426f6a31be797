use bytes::Bytes;
use hookbench_model::{Event, EventId, EventRequest};
use sqlx::sqlite::SqliteRow;

use super::EventRow;
use crate::columns::Columns;
use crate::sealed::place;
use crate::vault::Vault;
use crate::{Result, header_bytes};

macro_rules! columns {
    () => {
        "e.id, e.provider_event_id, k.provider, k.event_type, e.content_type, e.method, e.path, e.query, \
         e.headers, e.sign, e.created_at"
    };
}

/// The events with these keys (a JSON array): their payloads and keys after what [`read`] takes.
pub(crate) const BY_SEQS_WHOLE: &str = concat!(
    "SELECT ",
    columns!(),
    ", p.payload, e.seq FROM events e JOIN kinds k ON k.no = e.kind JOIN event_payloads p ON p.seq = e.seq ",
    "WHERE e.seq IN (SELECT value FROM json_each(?))"
);

pub(super) const BY_ID: &str = concat!(
    "SELECT ",
    columns!(),
    ", p.payload FROM events e JOIN kinds k ON k.no = e.kind JOIN event_payloads p ON p.seq = e.seq ",
    "WHERE e.id = ?"
);

/// The events with these keys (a JSON array), newest first.
pub(super) const BY_SEQS: &str = concat!(
    "SELECT ",
    columns!(),
    ", e.payload_size, (SELECT count(*) FROM deliveries d WHERE d.event_seq = e.seq) ",
    "FROM events e JOIN kinds k ON k.no = e.kind ",
    "WHERE e.seq IN (SELECT value FROM json_each(?)) ORDER BY e.id DESC"
);

/// The place that an event's headers are sealed for.
const HEADERS: &str = "event headers";

/// An event's headers as they are kept: encrypted where one of them is a credential.
pub(super) fn seal_headers(vault: &Vault, event: &Event) -> Result<Vec<u8>> {
    header_bytes::encode_sealed(vault, &place(HEADERS, event.id.as_bytes()), &event.request.headers)
}

/// An event without its payload.
pub(crate) fn read(vault: &Vault, columns: &mut Columns<'_>) -> Result<Event> {
    let id = EventId::from_bytes(columns.id()?);
    Ok(Event {
        id,
        provider_event_id: columns.get()?,
        provider: columns.parsed()?,
        event_type: columns.get()?,
        content_type: columns.get()?,
        request: EventRequest {
            method: columns.get()?,
            path: columns.get()?,
            query: columns.get()?,
            headers: header_bytes::decode_sealed(vault, &place(HEADERS, id.as_bytes()), columns.get()?)?,
            sign: columns.coded()?,
        },
        payload: Bytes::new(),
        created_at: columns.time()?,
    })
}

pub(super) fn read_whole(vault: &Vault, row: &SqliteRow) -> Result<Event> {
    let mut columns = Columns::new(row);
    let event = read(vault, &mut columns)?;
    Ok(Event { payload: Bytes::from(columns.get::<Vec<u8>>()?), ..event })
}

pub(super) fn read_row(vault: &Vault, row: &SqliteRow) -> Result<EventRow> {
    let mut columns = Columns::new(row);
    Ok(EventRow {
        event: read(vault, &mut columns)?,
        payload_size: columns.count()?,
        deliveries: columns.count()?,
    })
}
