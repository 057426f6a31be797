use bytes::Bytes;
use hookbench_model::{Event, EventId, EventRequest};
use sqlx::sqlite::SqliteRow;

use super::EventRow;
use crate::Result;
use crate::columns::Columns;

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

/// An event without its payload.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Event> {
    Ok(Event {
        id: EventId::from_bytes(columns.id()?),
        provider_event_id: columns.get()?,
        provider: columns.parsed()?,
        event_type: columns.get()?,
        content_type: columns.get()?,
        request: EventRequest {
            method: columns.get()?,
            path: columns.get()?,
            query: columns.get()?,
            headers: columns.headers()?,
            sign: columns.coded()?,
        },
        payload: Bytes::new(),
        created_at: columns.time()?,
    })
}

pub(super) fn read_whole(row: &SqliteRow) -> Result<Event> {
    let mut columns = Columns::new(row);
    let event = read(&mut columns)?;
    Ok(Event { payload: Bytes::from(columns.get::<Vec<u8>>()?), ..event })
}

pub(super) fn read_row(row: &SqliteRow) -> Result<EventRow> {
    let mut columns = Columns::new(row);
    Ok(EventRow { event: read(&mut columns)?, payload_size: columns.count()?, deliveries: columns.count()? })
}
