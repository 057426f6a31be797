//! The alerts that the store has, read after each step.

use std::collections::{BTreeMap, HashSet};

use hookbench_model::{
    Alert, DeliveryId, EndpointId, Event, EventFilter, EventId, PageRequest, ProviderId, Timestamp,
};
use serde_json::Value;

use crate::record::{Raised, TAKERS, What};
use crate::scenario::number_of;
use crate::world::World;

/// More alerts than that are a storm.
const MOST: u32 = 500;

/// What is known of the alerts that were written.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    known: HashSet<EventId>,
    deliveries: BTreeMap<usize, DeliveryId>,
}

impl Alerts {
    pub(crate) fn id(&self, number: usize) -> Option<DeliveryId> {
        self.deliveries.get(&number).copied()
    }

    pub(crate) fn count(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn number(&self, id: DeliveryId) -> Option<usize> {
        self.deliveries.iter().find(|(_, known)| **known == id).map(|(number, _)| *number)
    }
}

impl World {
    /// Notes the alerts that have come since the last look.
    pub(crate) async fn read_alerts(&mut self) {
        if self.scenario.takers().next().is_none() {
            return;
        }
        let filter = EventFilter { provider: Some(ProviderId::hookbench()), ..EventFilter::default() };
        let page = self.store.events().list(filter, PageRequest::first(MOST)).await.unwrap();
        if page.next.is_some() {
            self.checker.say("there is no end to alerts");
        }
        let mut told = Vec::new();
        for row in page.rows {
            if self.alerts.known.insert(row.event.id) {
                let event = self.store.events().get(row.event.id).await.unwrap().unwrap();
                told.push(self.told(&event).await);
            }
        }
        // What chance there is in it is the seed's: ids say nothing of the order.
        told.sort_by_key(|told| (told.at, told.about, told.alert == Alert::DeliveryExhausted, told.alert));
        for told in told {
            self.network.note(What::Raised(told));
        }
    }

    async fn told(&mut self, event: &Event) -> Raised {
        let body: Value = serde_json::from_slice(&event.payload).unwrap();
        let data = &body["data"];
        let about: Option<EndpointId> = id(&data["endpoint"]["id"]);
        let by: DeliveryId = id(&data["delivery"]["id"]).unwrap();
        let mut to = [None; TAKERS];
        let deliveries = self.store.deliveries().of_event(event.id).await.unwrap();
        let mut places: Vec<_> = deliveries
            .iter()
            .map(|delivery| (place(delivery.target.endpoint_id().unwrap()), delivery.id))
            .collect();
        places.sort_unstable();
        if places.len() > TAKERS {
            self.checker.say(&format!("an alert has the deliveries {places:?}"));
        }
        for (to, (taker, id)) in to.iter_mut().zip(places) {
            let number = self.network.ledger().alert(&event.provider_event_id, taker);
            self.alerts.deliveries.insert(number, id);
            *to = Some((number, taker));
        }
        Raised {
            alert: Alert::from_name(&event.event_type).unwrap(),
            about: about.map(place),
            // One of an alert, should there be such, has a number of its own.
            by: number_of(by).or_else(|| self.alerts.number(by)).unwrap(),
            count: data["count"].as_u64().unwrap(),
            since: time(&data["counted_since"]).unwrap(),
            failing_since: time(&data["failing_since"]),
            at: event.created_at,
            to,
        }
    }
}

/// Which endpoint that is.
fn place(id: EndpointId) -> usize {
    usize::from(id.as_bytes()[15])
}

fn id<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

fn time(value: &Value) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(value.as_str()?)
}
