//! What people do, done.

use hookbench_delivery::policy_of;
use hookbench_model::{
    Clock as _, DeliveryId, DeliveryStatus, DeliveryTarget, Event, EventId, EventRequest, NewDelivery,
    Trigger,
};
use hookbench_providers::Library;
use hookbench_store::{Result, Spread};

use crate::record::What;
use crate::scenario::{Deed, Kind, NOW, Parcel, id_bytes};
use crate::world::World;

impl World {
    /// The id of a delivery.
    pub(crate) fn id(&self, number: usize) -> DeliveryId {
        if let Some(id) = self.alerts.id(number) {
            return id;
        }
        let made = self.made.get(&number).copied().unwrap_or(NOW);
        DeliveryId::from_bytes(id_bytes(made, number))
    }

    pub(crate) async fn perform(&mut self, deed: Deed) {
        let now = self.wall.now();
        if let Deed::Jump(by_ms) = deed {
            self.wall.set(now.plus_ms(by_ms));
        }
        // Noted before it is done: what follows from it may happen before anybody hears that it is done.
        let place = self.network.ledger().lines.len();
        self.network.note(What::Deed { deed, done: false });
        let (deliveries, endpoints) = (self.store.deliveries(), self.store.endpoints());
        let endpoint = |number: usize| self.scenario.endpoints[number].id;
        let done = match deed {
            Deed::Accept(parcel) => {
                self.made.insert(parcel.number, now);
                self.accept(parcel).await
            }
            Deed::Retry(number) => deliveries.retry_now(self.id(number), now).await.map(drop),
            Deed::Cancel(number) => deliveries.cancel(self.id(number), now).await.map(drop),
            Deed::Skip(number) => deliveries.skip(self.id(number), now).await.map(drop),
            Deed::Disable(number) => {
                endpoints.disable(endpoint(number), now, "by hand".to_owned()).await.map(drop)
            }
            Deed::Enable(number, over) => {
                let spread = over.map_or(Spread::Usual, Spread::Over);
                endpoints.enable(endpoint(number), now, spread).await.map(drop)
            }
            Deed::Jump(by_ms) => {
                if let Some(engine) = &self.engine {
                    engine.clock_jumped(by_ms);
                }
                Ok(())
            }
        };
        self.network.ledger().lines[place].what = What::Deed { deed, done: done.is_ok() };
    }

    async fn accept(&self, parcel: Parcel) -> Result<()> {
        let Parcel { number, kind, endpoint, ttl_ms } = parcel;
        let endpoint = endpoint.map(|at| (at, &self.scenario.endpoints[at]));
        let provider = "generic".parse().unwrap();
        let profile = Library::builtin().profile(&provider).unwrap();
        let policy = policy_of(endpoint.map(|(_, endpoint)| endpoint), &profile);
        let now = self.wall.now();
        let target = match (endpoint, kind) {
            (Some((at, endpoint)), Kind::Elsewhere) => {
                DeliveryTarget::EndpointAt(endpoint.id, format!("http://x{at}.test/").parse().unwrap())
            }
            (Some((_, endpoint)), _) => DeliveryTarget::Endpoint(endpoint.id),
            (None, _) => DeliveryTarget::Url("http://plain.test/".parse().unwrap()),
        };
        let again = matches!(kind, Kind::Repeat | Kind::Elsewhere | Kind::Plain);
        let event = Event {
            id: EventId::from_bytes(id_bytes(now, number)),
            provider_event_id: format!("msg_{number}"),
            provider,
            event_type: "message.sent".to_owned(),
            content_type: "application/json".to_owned(),
            request: EventRequest::default(),
            payload: format!("{{\"n\":{number}}}").into_bytes().into(),
            created_at: now,
        };
        let delivery = NewDelivery {
            id: self.id(number),
            target,
            status: DeliveryStatus::Pending,
            is_test: kind == Kind::Test,
            max_attempts: if kind == Kind::Test { 1 } else { policy.retry.max_attempts() },
            due_at: now,
            expires_at: ttl_ms.map(|ms| now.plus_ms(ms)),
            trigger: if again { Trigger::Replay } else { Trigger::Automatic },
            replay_id: None,
            repeats_delivery: None,
            repeats_request: None,
        };
        self.store.events().create(event, vec![delivery], None).await
    }
}
