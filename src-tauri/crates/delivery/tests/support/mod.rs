//! What the tests of this crate share: fixtures, and peers that answer by the byte.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

pub mod authority;
pub mod held;
pub mod moody;
pub mod peer;
pub mod proxy;
pub mod workspace;

use hookbench_delivery::build::{BuildInput, BuiltRequest, build};
use hookbench_model::{
    DeliveryTarget, Endpoint, EndpointId, Event, EventId, EventRequest, ProviderId, StoredSecret, Timestamp,
};
use hookbench_providers::Catalog;
use hookbench_signing::Secret;

pub const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

pub fn event(provider: &str, payload: &[u8]) -> Event {
    Event {
        id: EventId::new(NOW),
        provider_event_id: "msg_1".to_owned(),
        provider: provider.parse::<ProviderId>().unwrap(),
        event_type: "message.sent".to_owned(),
        content_type: "application/json".to_owned(),
        request: EventRequest::default(),
        payload: payload.to_vec().into(),
        created_at: NOW,
    }
}

pub fn endpoint(provider: &str, url: &str) -> Endpoint {
    let profile = Catalog::builtin().get(&provider.parse().unwrap()).unwrap();
    let secret: Secret = profile.generate_secret(&mut rand::rng());
    Endpoint {
        secrets: vec![StoredSecret { secret, created_at: NOW, expires_at: None }],
        ..Endpoint::new(EndpointId::new(NOW), "Handler", url.parse().unwrap(), provider.parse().unwrap())
    }
}

/// A request to a plain URL.
pub fn request(event: &Event, url: &str) -> BuiltRequest {
    let target = DeliveryTarget::Url(url.parse().unwrap());
    let profile = Catalog::builtin().get(&event.provider).unwrap();
    build(&BuildInput {
        event,
        target: &target,
        endpoint: None,
        profile,
        scheme: None,
        signer: None,
        attempt: 1,
        now: NOW,
    })
    .unwrap()
}
