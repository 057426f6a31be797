use bytes::Bytes;
use hookbench_model::{ArrivalFacts, CapturedRequest, DeliveryId, InboxId, RequestId, Shown, Verification};
use sqlx::sqlite::SqliteRow;

use super::{answered, wire};
use crate::bodies::{self, Unpacker};
use crate::columns::Columns;
use crate::sealed::place;
use crate::vault::Vault;
use crate::{Result, header_bytes};

macro_rules! columns {
    ($signed_content:literal, $sealed:literal, $signed:literal, $body:expr) => {
        concat!(
            "SELECT t.id, i.id, t.received_at, t.method, t.path, t.query, t.http_version, t.headers, ",
            "t.content_type, t.body_size, t.remote_addr, t.event_type, t.provider_event_id, ",
            "t.verification, t.scheme, t.reason, t.message, ",
            $signed_content,
            ", t.response_status, t.delivery_id, t.attempt, t.note, t.tags, t.pinned, ",
            "t.handshake, t.addressed, t.colour, t.connection, t.turn, t.head_us, t.body_us, ",
            "w.fault_code, w.fault_message, w.fault_at, w.untold, ",
            $sealed,
            ", ",
            $signed,
            ", a.rule, a.name, a.fault, a.shows_status",
            $body,
            "FROM requests t JOIN inboxes i ON i.seq = t.inbox_seq ",
            "LEFT JOIN request_answers a ON a.seq = t.seq ",
            "LEFT JOIN request_wire w ON w.seq = t.seq "
        )
    };
}

/// One request with what is secret in it, without its signed content: its body is not read.
pub(super) const BY_ID: &str = concat!(
    columns!("NULL", "(SELECT s.sealed FROM request_secrets s WHERE s.seq = t.seq)", "NULL", " "),
    "WHERE t.id = ?"
);

/// One request, whole.
pub(super) const WHOLE: &str = concat!(
    columns!(
        "t.signed_content",
        "(SELECT s.sealed FROM request_secrets s WHERE s.seq = t.seq)",
        "(SELECT s.signed_content FROM request_secrets s WHERE s.seq = t.seq)",
        concat!(", t.signed_ends_in_body, ", bodies::columns!())
    ),
    bodies::joined!(),
    "WHERE t.id = ?"
);

/// The requests with these keys (a JSON array), newest first, without their signed content and as they are shown:
/// of what is secret in them no more is read than that it is there.
pub(super) const BY_SEQS: &str = concat!(
    columns!("NULL", "(SELECT x'' FROM request_secrets s WHERE s.seq = t.seq)", "NULL", " "),
    "WHERE t.seq IN (SELECT value FROM json_each(?)) ORDER BY t.id DESC"
);

/// The place that a request's headers and query are sealed for.
const SECRETS: &str = "request";
/// The place that the signed content of a request is sealed for.
const SIGNED: &str = "request signed content";

/// The headers and the query as they arrived, to be kept beside how they are shown.
pub(super) fn seal(vault: &Vault, request: &CapturedRequest) -> Result<Vec<u8>> {
    let place = place(SECRETS, request.id.as_bytes());
    header_bytes::seal_whole(vault, &place, &request.headers, request.query.as_deref())
}

/// What stands before the body in the content that the signature covers.
pub(super) fn seal_signed(vault: &Vault, request: &CapturedRequest, before: &[u8]) -> Result<Vec<u8>> {
    vault.seal(&place(SIGNED, request.id.as_bytes()), before)
}

/// A request of [`WHOLE`]; where it holds secrets, as it arrived.
pub(super) fn read_whole(vault: &Vault, row: &SqliteRow) -> Result<CapturedRequest> {
    let mut columns = Columns::new(row);
    let mut request = read_with(vault, &mut columns)?;
    if columns.get()?
        && let Some(before) = request.verification.signed_content.take()
    {
        let body = Unpacker::new().read(&mut columns)?;
        request.verification.signed_content = Some(Bytes::from([&before[..], &body].concat()));
    }
    Ok(request)
}

/// A request of [`BY_ID`] or of [`BY_SEQS`].
pub(super) fn read(vault: &Vault, row: &SqliteRow) -> Result<CapturedRequest> {
    read_with(vault, &mut Columns::new(row))
}

fn read_with(vault: &Vault, columns: &mut Columns<'_>) -> Result<CapturedRequest> {
    let mut request = read_shown(columns)?;
    if let Some(sealed) = columns.get::<Option<&[u8]>>()? {
        request.shown = Some(Shown { headers: request.headers.clone(), query: request.query.clone() });
        if !sealed.is_empty() {
            let place = place(SECRETS, request.id.as_bytes());
            (request.headers, request.query) = header_bytes::open_whole(vault, &place, sealed)?;
        }
    }
    if let Some(sealed) = columns.get::<Option<&[u8]>>()? {
        let before = vault.open(&place(SIGNED, request.id.as_bytes()), sealed)?;
        request.verification.signed_content = Some(Bytes::copy_from_slice(&before));
    }
    request.answered_by = answered::read(columns)?;
    Ok(request)
}

fn read_shown(columns: &mut Columns<'_>) -> Result<CapturedRequest> {
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
        answered_by: None,
        delivery: sent_by(columns)?,
        note: columns.get()?,
        tags: columns.json()?,
        pinned: columns.get()?,
        handshake: columns.get()?,
        addressed: columns.get()?,
        colour: columns.coded_or_none()?,
        came: came(columns)?,
        fault: wire::read_fault(columns)?,
        shown: None,
    })
}

fn came(columns: &mut Columns<'_>) -> Result<Option<ArrivalFacts>> {
    let (connection, turn) = (columns.count_or_none()?, columns.number_or_none()?);
    let (head_us, body_us) = (columns.number_or_none()?, columns.number_or_none()?);
    let known = connection.zip(turn).zip(body_us);
    Ok(known.map(|((connection, turn), body_us)| ArrivalFacts { connection, turn, head_us, body_us }))
}

fn sent_by(columns: &mut Columns<'_>) -> Result<Option<(DeliveryId, u32)>> {
    let delivery = columns.id_or_none()?.map(DeliveryId::from_bytes);
    Ok(delivery.zip(columns.number_or_none()?))
}
