use hookbench_model::{
    Delivery, DeliveryId, DeliveryTarget, EndpointId, EventId, LastAttempt, ReplayId, RequestId,
};
use sqlx::sqlite::SqliteRow;
use url::Url;

use crate::Result;
use crate::columns::Columns;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, e.id, k.event_type, k.provider, p.id, t.target_url, coalesce(p.name, ''), ",
            "coalesce(t.target_url, p.url, ''), t.status, t.attempt_count, t.automatic_attempts, ",
            "t.max_attempts, t.next_attempt_at, t.trigger, t.completed_at, t.last_outcome, t.last_status, ",
            "t.last_duration_ms, t.last_error, r.id, t.repeats_delivery, t.repeats_request, t.is_test, ",
            "t.ended_because, t.first_attempt_at, t.expires_at, t.plan_over ",
            "FROM deliveries t JOIN events e ON e.seq = t.event_seq JOIN kinds k ON k.no = t.kind ",
            "LEFT JOIN endpoints p ON p.seq = t.endpoint_seq LEFT JOIN replays r ON r.seq = t.replay_seq ",
            $rest
        )
    };
}

pub(super) const BY_ID: &str = select!("WHERE t.id = ?");

/// The deliveries with these keys (a JSON array), newest first.
pub(super) const BY_SEQS: &str =
    select!("WHERE t.seq IN (SELECT value FROM json_each(?)) ORDER BY t.id DESC");

pub(super) const OF_EVENT: &str =
    select!("WHERE t.event_seq = (SELECT seq FROM events WHERE id = ?) ORDER BY t.id");

pub(super) fn read(row: &SqliteRow) -> Result<Delivery> {
    let mut columns = Columns::new(row);
    let delivery = Delivery {
        id: DeliveryId::from_bytes(columns.id()?),
        event_id: EventId::from_bytes(columns.id()?),
        event_type: columns.get()?,
        provider: columns.parsed()?,
        target: target(columns.id_or_none()?, columns.parsed_or_none()?)?,
        endpoint_name: columns.get()?,
        url: columns.get()?,
        status: columns.coded()?,
        is_test: false,
        attempt_count: columns.number()?,
        automatic_attempts: columns.number()?,
        max_attempts: columns.number()?,
        next_attempt_at: columns.time_or_none()?,
        trigger: columns.coded()?,
        created_at: DeliveryId::from_bytes(crate::columns::id(row, 0)?).created_at(),
        completed_at: columns.time_or_none()?,
        ended_because: None,
        plan_over: false,
        first_attempt_at: None,
        expires_at: None,
        last_attempt: None,
        replay_id: None,
        repeats_delivery: None,
        repeats_request: None,
    };
    Ok(Delivery {
        last_attempt: last_attempt(&mut columns, delivery.attempt_count)?,
        replay_id: columns.id_or_none()?.map(ReplayId::from_bytes),
        repeats_delivery: columns.id_or_none()?.map(DeliveryId::from_bytes),
        repeats_request: columns.id_or_none()?.map(RequestId::from_bytes),
        is_test: columns.get()?,
        ended_because: columns.coded_or_none()?,
        first_attempt_at: columns.time_or_none()?,
        expires_at: columns.time_or_none()?,
        plan_over: columns.get()?,
        ..delivery
    })
}

pub(super) fn target(endpoint: Option<[u8; 16]>, url: Option<Url>) -> Result<DeliveryTarget> {
    match (endpoint.map(EndpointId::from_bytes), url) {
        (Some(id), None) => Ok(DeliveryTarget::Endpoint(id)),
        (Some(id), Some(url)) => Ok(DeliveryTarget::EndpointAt(id, url)),
        (None, Some(url)) => Ok(DeliveryTarget::Url(url)),
        (None, None) => Err(crate::StoreError::corrupt("a delivery that goes nowhere")),
    }
}

fn last_attempt(columns: &mut Columns<'_>, number: u32) -> Result<Option<LastAttempt>> {
    let outcome = columns.coded_or_none()?;
    let response_status = columns.number_or_none()?;
    let duration_ms = columns.count_or_none()?;
    let error = columns.get()?;
    Ok(outcome.map(|outcome| LastAttempt {
        number,
        outcome,
        response_status,
        duration_ms: duration_ms.unwrap_or(0),
        error,
    }))
}
