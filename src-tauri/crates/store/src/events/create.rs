use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use hookbench_model::{
    Action, DeliveryStatus, DeliveryTarget, EndpointId, Event, NewDelivery, Noun, Timestamp,
};

use crate::births::Birth;
use crate::codes::Coded as _;
use crate::columns::signed;
use crate::deliveries::Current;
use crate::rows::{ROWS, RowTexts, insert};
use crate::writer::{EndpointState, Hot, Write};
use crate::{IdempotencyRecord, Result, StoreError, idempotency};

use super::row;

/// An event to be written with its deliveries.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) event: Event,
    pub(crate) deliveries: Vec<NewDelivery>,
    pub(crate) idempotency: Option<IdempotencyRecord>,
}

/// An event that may be written, with its key and its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedEvent<'e> {
    pub(crate) seq: i64,
    pub(crate) kind: i64,
    pub(crate) event: &'e Event,
}

/// A delivery that may be written, with its keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedDelivery<'d> {
    pub(crate) event_seq: i64,
    pub(crate) kind: i64,
    pub(crate) endpoint_seq: i64,
    /// The endpoint whose order, breaker and state it waits for; 0 where it goes to a URL of its own.
    pub(crate) lane: i64,
    /// Whether it waits for its endpoint to be enabled.
    pub(crate) paused: bool,
    /// Whether its endpoint takes its deliveries in order.
    pub(crate) in_order: bool,
    /// Whether it is claimed as it is written.
    in_flight: bool,
    pub(crate) replay_seq: Option<i64>,
    pub(crate) new: &'d NewDelivery,
}

impl<'d> PlacedDelivery<'d> {
    /// With its event's key and kind. What goes to another URL than its endpoint's waits for nothing of it.
    pub(crate) fn new(
        (event_seq, kind): (i64, i64),
        endpoint: Endpoint,
        replay_seq: Option<i64>,
        new: &'d NewDelivery,
    ) -> Self {
        let waits_for = endpoint.state.filter(|_| new.target.lane().is_some());
        Self {
            event_seq,
            kind,
            endpoint_seq: endpoint.seq,
            lane: waits_for.map_or(0, |state| state.seq),
            paused: waits_for.is_some_and(|state| state.pauses(new.is_test)),
            in_order: waits_for.is_some_and(|state| state.ordered && !new.is_test),
            in_flight: false,
            replay_seq,
            new,
        }
    }
}

/// Events and their payloads go to the database in one call.
static EVENTS: LazyLock<RowTexts> = LazyLock::new(|| {
    const COLUMNS: &str = "seq, id, kind, provider_event_id, content_type, created_at, payload_size, \
                           method, path, query, headers, keeps_host, sign, sealed";
    RowTexts::new(|rows| {
        format!("{}; {}", insert("events", COLUMNS, rows), insert("event_payloads", "seq, payload", rows))
    })
});

static DELIVERIES: LazyLock<RowTexts> = LazyLock::new(|| {
    const COLUMNS: &str = "seq, id, event_seq, kind, endpoint_seq, target_url, status, attempt_count, \
                           automatic_attempts, max_attempts, next_attempt_at, resume_at, trigger, \
                           replay_seq, repeats_delivery, repeats_request, is_test, expires_at, \
                           in_order, lane";
    RowTexts::new(|rows| insert("deliveries", COLUMNS, rows))
});

/// Writes events with their deliveries, many rows a statement.
pub(crate) async fn create_all(write: &mut Write, jobs: &mut [Hot<NewEvent, ()>]) -> Result<()> {
    let (mut events, mut deliveries) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
    for Hot { input, outcome, .. } in jobs {
        let accepted = accept(write, input, &mut events, &mut deliveries).await;
        *outcome = Some(match accepted {
            Err(error @ (StoreError::NotFound { .. } | StoreError::Conflict { .. })) => Err(error),
            other => Ok(other?),
        });
    }
    let births = attend(write, &events, &mut deliveries);
    write_all(write, &events, &deliveries, births).await
}

/// Writes several events with their deliveries: all of them, or none.
pub(crate) async fn create_together(write: &mut Write, inputs: &[NewEvent]) -> Result<()> {
    let (mut events, mut deliveries) = (Vec::with_capacity(inputs.len()), Vec::new());
    for input in inputs {
        accept(write, input, &mut events, &mut deliveries).await?;
    }
    write_all(write, &events, &deliveries, Vec::new()).await
}

/// A delivery that is claimed as it is written: its place among the others, its event and where it goes.
type Born<'e> = (usize, &'e Event, Birth);

/// Has those claimed that may go out at once: nothing of their endpoint waits that is due, neither for its order nor for
/// anything else.
fn attend<'e>(
    write: &Write,
    events: &[PlacedEvent<'e>],
    deliveries: &mut [PlacedDelivery<'_>],
) -> Vec<Born<'e>> {
    let Some(midwife) = write.nursery.midwife() else { return Vec::new() };
    let board = write.state.board();
    let has_turn =
        |row: &PlacedDelivery<'_>| !row.paused && !row.in_order && !board.has_due(row.lane, midwife.now());
    let wanting = deliveries.iter().enumerate().filter(|(_, row)| has_turn(row));
    let (wanting, endpoints): (Vec<usize>, Vec<EndpointId>) =
        wanting.filter_map(|(index, row)| Some((index, midwife.wants(row.new)?))).unzip();
    if wanting.is_empty() {
        return Vec::new();
    }
    let mut born = Vec::with_capacity(wanting.len());
    for (index, birth) in wanting.into_iter().zip(midwife.attend(&endpoints)) {
        let row = &mut deliveries[index];
        let event = events.binary_search_by_key(&row.event_seq, |placed| placed.seq);
        if let (Ok(at), Some(birth)) = (event, birth) {
            row.in_flight = true;
            born.push((index, events[at].event, birth));
        }
    }
    born
}

async fn write_all(
    write: &mut Write,
    events: &[PlacedEvent<'_>],
    deliveries: &[PlacedDelivery<'_>],
    births: Vec<Born<'_>>,
) -> Result<()> {
    write_events(write, events).await?;
    let first = write_deliveries(write, deliveries).await?;
    let mut waiting = HashMap::with_capacity(events.len());
    for delivery in deliveries.iter().filter(|delivery| !delivery.paused && !delivery.in_flight) {
        *waiting.entry(delivery.event_seq).or_insert(0) += 1;
    }
    // Their keys are given to no other events, whatever becomes of the transaction, unless all of the state is read
    // again.
    let recent = write.state.recent_events();
    for PlacedEvent { seq, event, .. } in events {
        recent.put(*seq, event, waiting.get(seq).copied().unwrap_or(0));
    }
    for (index, event, birth) in births {
        let row = &deliveries[index];
        let current = Current::at_birth(first + signed(index as u64), row.kind, row.endpoint_seq);
        write.state.went_out(row.new.id, current);
        write.newborn.push(birth.of(row.new, event));
    }
    Ok(())
}

/// Places an event and its deliveries, or refuses them before anything of them is written.
async fn accept<'j>(
    write: &mut Write,
    input: &'j NewEvent,
    events: &mut Vec<PlacedEvent<'j>>,
    deliveries: &mut Vec<PlacedDelivery<'j>>,
) -> Result<()> {
    let targets: Vec<Endpoint> =
        input.deliveries.iter().map(|new| endpoint_of(write, &new.target)).collect::<Result<_>>()?;
    if let Some(record) = &input.idempotency {
        idempotency::put(write, record).await?;
    }
    let kind = intern_kind(write, &input.event).await?;
    let seq = write.state.take_event_seq();
    events.push(PlacedEvent { seq, kind, event: &input.event });
    let placed = |(new, endpoint)| PlacedDelivery::new((seq, kind), endpoint, None, new);
    deliveries.extend(input.deliveries.iter().zip(targets).map(placed));
    Ok(())
}

/// What a delivery has to know of its endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    pub(crate) seq: i64,
    pub(crate) state: Option<EndpointState>,
}

/// The endpoint of a target; `NotFound` where it is gone.
pub(crate) fn endpoint_of(write: &Write, target: &DeliveryTarget) -> Result<Endpoint> {
    match target.endpoint_id() {
        Some(id) => {
            let state = write.state.living_endpoint(id)?;
            Ok(Endpoint { seq: state.seq, state: Some(state) })
        }
        None => Ok(Endpoint { seq: 0, state: None }),
    }
}

/// The number of the event's provider and type, made where it is new.
pub(crate) async fn intern_kind(write: &mut Write, event: &Event) -> Result<i64> {
    const NEW: &str = "INSERT INTO kinds (provider, event_type) VALUES (?, ?) RETURNING no";
    let (provider, event_type) = (event.provider.as_str(), event.event_type.as_str());
    if let Some(no) = write.state.kind(provider, event_type) {
        return Ok(no);
    }
    let new = sqlx::query_scalar(NEW).bind(provider.to_owned()).bind(event_type.to_owned());
    let no = new.fetch_one(write.connection().await?).await?;
    write.state.put_kind(provider, event_type, no);
    Ok(no)
}

pub(crate) async fn write_events(write: &mut Write, events: &[PlacedEvent<'_>]) -> Result<()> {
    for rows in events.chunks(ROWS) {
        let vault = Arc::clone(&write.vault);
        let script = write.rows(EVENTS.of(rows.len()), rows.len()).await?;
        for PlacedEvent { seq, kind, event } in rows {
            script
                .bind(*seq)
                .bind(event.id.as_bytes().to_vec())
                .bind(*kind)
                .bind(event.provider_event_id.clone())
                .bind(event.content_type.clone())
                .bind(event.created_at.unix_ms())
                .bind(signed(event.payload.len() as u64))
                .bind(event.request.method.clone())
                .bind(event.request.path.clone())
                .bind(row::shown_query(event))
                .bind(row::seal_headers(&vault, event)?)
                .bind(event.request.keeps_host)
                .bind(event.request.sign.code())
                .bind(row::seal_whole(&vault, event)?);
        }
        for PlacedEvent { seq, event, .. } in rows {
            script.bind(*seq).bind(event.payload.to_vec());
        }
    }
    for PlacedEvent { event, .. } in events {
        write.changed(Noun::Event, Action::Created, event.id, None, None);
    }
    Ok(())
}

/// Writes deliveries; gives the key of the first, which the others follow.
pub(crate) async fn write_deliveries(write: &mut Write, deliveries: &[PlacedDelivery<'_>]) -> Result<i64> {
    write.counted.accepted(deliveries.len());
    let first = write.state.take_delivery_seqs(deliveries.len());
    let mut seqs = first..;
    for rows in deliveries.chunks(ROWS) {
        let script = write.rows(DELIVERIES.of(rows.len()), rows.len()).await?;
        for (row, seq) in rows.iter().zip(&mut seqs) {
            let PlacedDelivery { event_seq, kind, endpoint_seq, new, .. } = *row;
            let (status, next_attempt_at, resume_at) = beginning(row);
            script
                .bind(seq)
                .bind(new.id.as_bytes().to_vec())
                .bind(event_seq)
                .bind(kind)
                .bind(endpoint_seq)
                .bind(new.target.url().map(|url| url.as_str().to_owned()))
                .bind(status.code())
                .bind(0_i64)
                .bind(0_i64)
                .bind(i64::from(new.max_attempts))
                .bind(next_attempt_at.map(Timestamp::unix_ms))
                .bind(resume_at.map(Timestamp::unix_ms))
                .bind(new.trigger.code())
                .bind(row.replay_seq)
                .bind(new.repeats_delivery.map(|id| id.as_bytes().to_vec()))
                .bind(new.repeats_request.map(|id| id.as_bytes().to_vec()))
                .bind(new.is_test)
                .bind(new.expires_at.map(Timestamp::unix_ms))
                .bind(row.in_order)
                .bind(row.lane);
        }
    }
    write.rows_end().await?;
    for row in deliveries {
        let (status, next_attempt_at, _) = beginning(row);
        write.delivery_changed(Action::Created, row.new.id, row.endpoint_seq, status);
        let board = write.state.board_mut();
        match next_attempt_at {
            Some(at) if row.new.is_test => board.waits_by_hand(row.lane, at),
            Some(at) => board.waits(row.lane, at),
            None => {}
        }
        if let Some(at) = row.new.expires_at {
            board.expires(at);
        }
    }
    Ok(first)
}

/// Status, next attempt and time of resuming of a new delivery: whoever made it may not have known that
/// its endpoint is disabled, or enabled again.
fn beginning(row: &PlacedDelivery<'_>) -> (DeliveryStatus, Option<Timestamp>, Option<Timestamp>) {
    if row.paused {
        (DeliveryStatus::Paused, None, Some(row.new.due_at))
    } else if row.in_flight {
        (DeliveryStatus::InFlight, None, None)
    } else {
        (DeliveryStatus::Pending, Some(row.new.due_at), None)
    }
}
