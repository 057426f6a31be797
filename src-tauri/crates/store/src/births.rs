//! Deliveries that are claimed as they are accepted.
//!
//! What is due at once and may go out at once is written in flight, in the transaction of its event, and handed over
//! with its commit: no look, and no second transaction. Who takes it keeps a place for it first. A crash finds it in
//! flight, as it does whatever was claimed otherwise; where the transaction fails, its place is given back.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hookbench_model::{Delivery, DeliveryStatus, EndpointId, Event, NewDelivery, Timestamp, Trigger};

use crate::{Claimed, Store};

/// Takes deliveries as they are accepted. It is asked by whoever writes, who must not be kept waiting.
pub trait Cradle: fmt::Debug + Send + Sync + 'static {
    /// The time by which a delivery is due; `None` where none is taken now.
    fn opens(&self) -> Option<Timestamp>;

    /// Keeps a place for each delivery to one of these endpoints that may go out now by the plan; `None` for one that
    /// has to wait for its turn. Each place that is kept is taken with what is [handed over](Self::take), or given back.
    fn keep_places(&self, endpoints: &[EndpointId], now: Timestamp) -> Vec<Option<Address>>;

    /// A place that was kept is needed no more.
    fn give_back(&self, endpoint: EndpointId);

    /// These have been written as in flight.
    fn take(&self, newborn: Vec<Newborn>);
}

/// What an endpoint is called, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its name.
    pub name: String,
    /// Its URL.
    pub url: String,
}

/// A place that is kept for a delivery, until it is dropped.
#[derive(Debug)]
pub struct KeptPlace {
    /// `None` once it has been taken.
    cradle: Option<Arc<dyn Cradle>>,
    endpoint: EndpointId,
}

impl KeptPlace {
    /// Takes it: it is not given back. Gives its endpoint.
    pub fn taken(mut self) -> EndpointId {
        self.cradle = None;
        self.endpoint
    }
}

impl Drop for KeptPlace {
    fn drop(&mut self) {
        if let Some(cradle) = &self.cradle {
            cradle.give_back(self.endpoint);
        }
    }
}

/// A delivery that was claimed as it was accepted.
#[derive(Debug)]
pub struct Newborn {
    /// As any other that is claimed.
    pub claimed: Claimed,
    /// Where it stands until it has another place.
    pub place: KeptPlace,
}

/// A delivery that is written as in flight if its transaction is, and where it goes.
#[derive(Debug)]
pub(crate) struct Birth {
    address: Address,
    place: KeptPlace,
}

impl Birth {
    /// The delivery as it is claimed, with its event.
    pub(crate) fn of(self, new: &NewDelivery, event: &Event) -> Newborn {
        let Self { address: Address { name, url }, place } = self;
        let delivery = Delivery {
            id: new.id,
            event_id: event.id,
            event_type: event.event_type.clone(),
            provider: event.provider.clone(),
            target: new.target.clone(),
            endpoint_name: name,
            url,
            status: DeliveryStatus::InFlight,
            is_test: new.is_test,
            attempt_count: 0,
            automatic_attempts: 0,
            max_attempts: new.max_attempts,
            next_attempt_at: None,
            trigger: new.trigger,
            created_at: new.id.created_at(),
            completed_at: None,
            ended_because: None,
            plan_over: false,
            first_attempt_at: None,
            expires_at: new.expires_at,
            last_attempt: None,
            replay_id: new.replay_id,
            repeats_delivery: new.repeats_delivery,
            repeats_request: new.repeats_request,
        };
        Newborn { claimed: Claimed { delivery, event: event.clone(), attempt_number: 1 }, place }
    }
}

/// Who takes deliveries as they are accepted, at one moment.
#[derive(Debug)]
pub(crate) struct Midwife {
    cradle: Arc<dyn Cradle>,
    now: Timestamp,
}

impl Midwife {
    /// The endpoint of a delivery that may be claimed so: a first attempt that the plan makes, and that is due.
    pub(crate) fn wants(&self, new: &NewDelivery) -> Option<EndpointId> {
        let by_plan = new.trigger == Trigger::Automatic && !new.is_test && new.replay_id.is_none();
        let expired = new.expires_at.is_some_and(|at| at <= self.now);
        new.target.lane().filter(|_| by_plan && !expired && new.due_at <= self.now)
    }

    /// A place for each of those, where there is one.
    pub(crate) fn attend(&self, endpoints: &[EndpointId]) -> Vec<Option<Birth>> {
        let addresses = self.cradle.keep_places(endpoints, self.now);
        let birth = |(endpoint, address): (&EndpointId, Option<Address>)| {
            let place = KeptPlace { cradle: Some(Arc::clone(&self.cradle)), endpoint: *endpoint };
            // One without an address was not kept.
            let Some(address) = address else {
                place.taken();
                return None;
            };
            Some(Birth { address, place })
        };
        endpoints.iter().zip(addresses).map(birth).collect()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }
}

/// Who takes deliveries as they are accepted, where anybody does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nursery(Arc<RwLock<Option<Arc<dyn Cradle>>>>);

impl Nursery {
    pub(crate) fn midwife(&self) -> Option<Midwife> {
        let cradle = self.0.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let now = cradle.opens()?;
        Some(Midwife { cradle, now })
    }
}

/// Hands over what was written in one transaction.
pub(crate) fn hand_over(newborn: Vec<Newborn>) {
    if let Some(cradle) = newborn.first().and_then(|first| first.place.cradle.clone()) {
        cradle.take(newborn);
    }
}

impl Store {
    /// Has deliveries that may go out at once claimed as they are accepted, from now on, and handed to `cradle`. Until
    /// then none is. Whoever came before gets no more.
    pub fn claim_at_birth_by(&self, cradle: Arc<dyn Cradle>) {
        *self.writer().nursery().0.write().unwrap_or_else(PoisonError::into_inner) = Some(cradle);
    }
}
