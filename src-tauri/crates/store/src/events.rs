mod create;
mod recent;
mod row;

use bytes::Bytes;
use futures::FutureExt as _;
use hookbench_model::{Delivery, Event, EventFilter, EventId, NewDelivery, Page, PageRequest};
use sqlx::SqliteConnection;

pub(crate) use create::{
    NewEvent, PlacedDelivery, PlacedEvent, create_all, create_together, endpoint_of, intern_kind,
    write_deliveries, write_events,
};
pub(crate) use recent::RecentEvents;
pub(crate) use row::{BY_SEQS_WHOLE, read};

use crate::columns::to_json;
use crate::deliveries::kinds::{self, Kinds};
use crate::query::{Arm, IdRange, Select, limit};
use crate::writer::HotJob;
use crate::{IdempotencyRecord, Result, Store};

/// Events.
#[derive(Clone, Debug)]
pub struct Events {
    pub(crate) store: Store,
}

/// An event in a list: without its payload.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// The event, its payload empty.
    pub event: Event,
    /// The size of its payload, in bytes.
    pub payload_size: u64,
    /// How many deliveries it has.
    pub deliveries: u64,
}

impl Events {
    /// Writes an event, its deliveries and the answer kept for a repeated call in one transaction.
    ///
    /// A delivery whose endpoint has been disabled meanwhile is written as paused. Fails with `NotFound`
    /// where an endpoint is gone, `Conflict` on `idempotency_key` where that key is taken.
    pub async fn create(
        &self,
        event: Event,
        deliveries: Vec<NewDelivery>,
        idempotency: Option<IdempotencyRecord>,
    ) -> Result<()> {
        self.store.writer().hot(NewEvent { event, deliveries, idempotency }, HotJob::Create).await
    }

    /// Writes what happened as several events, each with its deliveries, as [`Events::create`] writes one:
    /// all of them or none.
    pub async fn create_together(
        &self,
        events: Vec<(Event, Vec<NewDelivery>)>,
        idempotency: Option<IdempotencyRecord>,
    ) -> Result<()> {
        let mut idempotency = idempotency;
        let new: Vec<NewEvent> = events
            .into_iter()
            .map(|(event, deliveries)| NewEvent { event, deliveries, idempotency: idempotency.take() })
            .collect();
        self.store.writer().run(move |write| async move { create_together(write, &new).await }.boxed()).await
    }

    /// One of them, with its payload.
    pub async fn get(&self, id: EventId) -> Result<Option<Event>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read_whole(self.store.vault(), &row)).transpose()
    }

    /// A page of them, newest first, without payloads.
    pub async fn list(
        &self,
        filter: EventFilter,
        page: PageRequest<EventId>,
    ) -> Result<Page<EventRow, EventId>> {
        let connection = &mut *self.store.readers().acquire().await?;
        let select = select(connection, &filter).await?;
        let part = select.page(connection, page.before.map(|id| *id.as_bytes()), limit(&page)).await?;
        let rows = sqlx::query(row::BY_SEQS).bind(to_json(&part.seqs)?).fetch_all(connection).await?;
        Ok(Page {
            rows: rows.iter().map(|row| row::read_row(self.store.vault(), row)).collect::<Result<_>>()?,
            next: part.next.map(EventId::from_bytes),
        })
    }

    /// The payload of one of them, to the byte.
    pub async fn payload(&self, id: EventId) -> Result<Option<Bytes>> {
        const PAYLOAD: &str =
            "SELECT p.payload FROM events e JOIN event_payloads p USING (seq) WHERE e.id = ?";
        let query = sqlx::query_scalar(PAYLOAD).bind(id.as_bytes().to_vec());
        let payload: Option<Vec<u8>> = query.fetch_optional(self.store.readers()).await?;
        Ok(payload.map(Bytes::from))
    }

    /// Its deliveries, oldest first.
    pub async fn deliveries(&self, id: EventId) -> Result<Vec<Delivery>> {
        self.store.deliveries().of_event(id).await
    }
}

async fn select(connection: &mut SqliteConnection, filter: &EventFilter) -> Result<Select> {
    let mut select = Select {
        table: "events",
        size: "t.payload_size",
        arms: vec![Arm { index: "events_by_id", condition: None }],
        overlaps: false,
        conditions: Vec::new(),
        search: None,
        confirm: None,
        marked: None,
        range: IdRange::of_times(filter.since, filter.until),
    };
    match kinds::wanted(connection, filter.provider.as_ref(), filter.event_type.as_ref()).await? {
        Kinds::All => {}
        Kinds::Few(kinds) => select.arms = kinds::arms("events_by_kind", &kinds),
        Kinds::Many(condition) => select.conditions.push(condition),
    }
    Ok(select)
}
