use hookbench_model::{
    DeliveryId, EndpointId, NewRelay, RelayHost, RelayState, RelayTargetId, RelayTo, RelayWay,
    RelayedResponse, RequestRelay,
};

use crate::codes::Coded as _;
use crate::columns::Columns;
use crate::writer::Write;
use crate::{Result, StoreError};

macro_rules! columns {
    () => {
        "l.number, l.target_id, l.name, l.url, l.endpoint_id, l.keeps_host, l.inline, l.state, l.delivery_id, \
         l.started_at, l.duration_ms, l.status, l.headers, l.body_size, l.body_truncated, l.error"
    };
}

/// Those of a request.
pub(super) const OF_REQUEST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM request_relays l JOIN requests t ON t.seq = l.request_seq WHERE t.id = ? ORDER BY l.number"
);

/// Those that wait (0), oldest first, each with its request's id behind it.
pub(super) const WAITING: &str = concat!(
    "SELECT ",
    columns!(),
    ", t.id FROM request_relays l INDEXED BY request_relays_waiting JOIN requests t ON t.seq = l.request_seq ",
    "WHERE l.state = 0 ORDER BY l.request_seq, l.number LIMIT ?"
);

const INSERT: &str = "INSERT INTO request_relays (request_seq, number, target_id, name, url, endpoint_id, \
                      keeps_host, inline, state, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Writes where a new request goes.
pub(crate) async fn insert(
    write: &mut Write,
    request_seq: i64,
    relays: &[NewRelay],
    received_at: hookbench_model::Timestamp,
) -> Result<()> {
    for (number, NewRelay { target, way }) in (1_i64..).zip(relays) {
        let inline = *way == RelayWay::Inline;
        let state = if inline { RelayState::UnderWay } else { RelayState::Waiting };
        write
            .rows(INSERT, 1)
            .await?
            .bind(request_seq)
            .bind(number)
            .bind(target.id.as_bytes().to_vec())
            .bind(target.name.clone())
            .bind(target.to.url().map(|url| url.as_str().to_owned()))
            .bind(target.to.endpoint_id().map(|id| id.as_bytes().to_vec()))
            .bind(target.host == RelayHost::Sender)
            .bind(inline)
            .bind(state.code())
            .bind(inline.then(|| received_at.unix_ms()));
    }
    Ok(())
}

/// Reads the columns that the statements of this file name.
pub(super) fn read(columns: &mut Columns<'_>) -> Result<RequestRelay> {
    let number = columns.number()?;
    let target_id = RelayTargetId::from_bytes(columns.id()?);
    let name = columns.get()?;
    let url = columns.parsed_or_none()?.map(RelayTo::Url);
    let endpoint = columns.id_or_none()?.map(|id| RelayTo::Endpoint(EndpointId::from_bytes(id)));
    let to = url.or(endpoint).ok_or_else(|| StoreError::corrupt("a relay that goes nowhere"))?;
    let host = if columns.get()? { RelayHost::Sender } else { RelayHost::Target };
    let way = if columns.get()? { RelayWay::Inline } else { RelayWay::Queued };
    let state = columns.coded()?;
    let delivery_id = columns.id_or_none()?.map(DeliveryId::from_bytes);
    let (started_at, duration_ms) = (columns.time_or_none()?, columns.count_or_none()?);
    let status = columns.number_or_none()?;
    let headers: Option<&[u8]> = columns.get()?;
    let body_size = columns.count_or_none()?.unwrap_or(0);
    let body_truncated = columns.get::<Option<bool>>()?.unwrap_or(false);
    let headers = headers.map(crate::header_bytes::decode).transpose()?.unwrap_or_default();
    let response = status.map(|status| RelayedResponse { status, headers, body_size, body_truncated });
    let error = columns.get()?;
    Ok(RequestRelay {
        number,
        target_id,
        name,
        to,
        host,
        way,
        state,
        delivery_id,
        started_at,
        duration_ms,
        response,
        error,
    })
}
