//! Whatever is composed is read back, and whatever arrives is read without panic.

use hookbench_model::{HeaderPairs, Timestamp};
use hookbench_providers::{Catalog, ComposeInput, Profile, Seen};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

fn any_profile() -> impl Strategy<Value = &'static Profile> {
    let profiles: Vec<&'static Profile> = Catalog::builtin().iter().collect();
    prop::sample::select(profiles)
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[{}a-z:#]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..5).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn given_data_arrives_unchanged(data in any_json(), seed in any::<u64>()) {
        let profile = Catalog::builtin().generic();
        let input = ComposeInput {
            event_type: "thing.happened",
            data: Some(data.clone()),
            now: Timestamp::from_unix_ms(1_705_488_600_042),
            event_id: None,
            envelope: None,
        };
        let composed = profile.compose(input, &mut StdRng::seed_from_u64(seed)).unwrap();
        let body: Value = serde_json::from_slice(&composed.payload).unwrap();
        prop_assert_eq!(body["data"].to_string(), data.to_string());
    }

    #[test]
    fn every_sample_fills_at_any_seed_and_time(
        profile in any_profile(),
        seed in any::<u64>(),
        now in any::<i64>(),
        at in any::<prop::sample::Index>(),
    ) {
        let events: Vec<_> = profile.events().collect();
        let event_type = at.get(&events).event_type();
        let now = Timestamp::from_unix_ms(now);
        let input = ComposeInput { event_type, data: None, now, event_id: None, envelope: None };
        let composed = profile.compose(input, &mut StdRng::seed_from_u64(seed)).unwrap();
        prop_assert!(!composed.provider_event_id.is_empty());
        let left_unfilled = String::from_utf8_lossy(&composed.payload).contains("{alnum");
        prop_assert!(!left_unfilled);
    }

    #[test]
    fn arbitrary_requests_are_read_without_panic(
        profile in any_profile(),
        method in ".{0,8}",
        query in prop::option::of(".{0,40}"),
        header in prop::collection::vec(any::<u8>(), 0..40),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..80),
            any_json().prop_map(|json| json.to_string().into_bytes()),
        ],
    ) {
        let mut headers = HeaderPairs::new();
        headers.push("X-Event-Type", bytes::Bytes::from(header));
        let seen = Seen { method: &method, query: query.as_deref(), headers: &headers, body: &body };
        let event = profile.event_of(&seen);
        for text in [event.event_type, event.provider_event_id].into_iter().flatten() {
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
