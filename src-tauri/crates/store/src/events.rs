use bytes::Bytes;
use hookbench_model::{Delivery, Event, EventFilter, EventId, NewDelivery, Page, PageRequest};

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
        let _ = (event, deliveries, idempotency);
        unimplemented!()
    }

    /// One of them, with its payload.
    pub async fn get(&self, id: EventId) -> Result<Option<Event>> {
        let _ = id;
        unimplemented!()
    }

    /// A page of them, newest first, without payloads.
    pub async fn list(
        &self,
        filter: EventFilter,
        page: PageRequest<EventId>,
    ) -> Result<Page<EventRow, EventId>> {
        let _ = (filter, page);
        unimplemented!()
    }

    /// The payload of one of them, to the byte.
    pub async fn payload(&self, id: EventId) -> Result<Option<Bytes>> {
        let _ = id;
        unimplemented!()
    }

    /// Its deliveries, oldest first.
    pub async fn deliveries(&self, id: EventId) -> Result<Vec<Delivery>> {
        self.store.deliveries().of_event(id).await
    }
}
