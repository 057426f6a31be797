use bytes::Bytes;
use hookbench_model::{Event, EventId, EventRequest, Shown};
use sqlx::sqlite::SqliteRow;

use super::EventRow;
use crate::columns::Columns;
use crate::sealed::place;
use crate::vault::Vault;
use crate::{Result, header_bytes};

macro_rules! columns {
    () => {
        "e.id, e.provider_event_id, k.provider, k.event_type, e.content_type, e.method, e.path, e.query, \
         e.headers, e.keeps_host, e.sign, e.created_at, e.sealed"
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

/// The place that its headers and its query are sealed for, where they hold a secret.
const WHOLE: &str = "event";

/// An event's headers as they are kept and shown: encrypted where one of them is a credential.
pub(super) fn seal_headers(vault: &Vault, event: &Event) -> Result<Vec<u8>> {
    let EventRequest { headers, shown, .. } = &event.request;
    let headers = shown.as_ref().map_or(headers, |shown| &shown.headers);
    header_bytes::encode_sealed(vault, &place(HEADERS, event.id.as_bytes()), headers)
}

/// An event's query as it is kept and shown.
pub(super) fn shown_query(event: &Event) -> Option<String> {
    let EventRequest { query, shown, .. } = &event.request;
    shown.as_ref().map_or(query, |shown| &shown.query).clone()
}

/// Its headers and its query as they go out, encrypted, where they hold a secret.
pub(super) fn seal_whole(vault: &Vault, event: &Event) -> Result<Option<Vec<u8>>> {
    let EventRequest { headers, query, shown, .. } = &event.request;
    let place = place(WHOLE, event.id.as_bytes());
    let seal = |_| header_bytes::seal_whole(vault, &place, headers, query.as_deref());
    shown.as_ref().map(seal).transpose()
}

/// An event without its payload.
pub(crate) fn read(vault: &Vault, columns: &mut Columns<'_>) -> Result<Event> {
    let id = EventId::from_bytes(columns.id()?);
    let mut event = Event {
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
            keeps_host: columns.get()?,
            sign: columns.coded()?,
            shown: None,
        },
        payload: Bytes::new(),
        created_at: columns.time()?,
    };
    if let Some(sealed) = columns.get::<Option<&[u8]>>()? {
        let request = &mut event.request;
        let (headers, query) = header_bytes::open_whole(vault, &place(WHOLE, id.as_bytes()), sealed)?;
        let headers = std::mem::replace(&mut request.headers, headers);
        let query = std::mem::replace(&mut request.query, query);
        request.shown = Some(Shown { headers, query });
    }
    Ok(event)
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
