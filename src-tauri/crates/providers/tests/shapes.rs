//! Every event has the shape its provider documents: the same fields in the same order, of the same kinds.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::Timestamp;
use hookbench_providers::{Catalog, ComposeInput, Composed, Profile};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

const AT: Timestamp = Timestamp::from_unix_ms(1_705_488_600_042);

fn profile(id: &str) -> &'static Profile {
    Catalog::builtin().get(&id.parse().unwrap()).unwrap()
}

fn compose(provider: &str, event_type: &str, seed: u64) -> Composed {
    compose_as(provider, event_type, None, seed)
}

fn compose_as(provider: &str, event_type: &str, envelope: Option<&str>, seed: u64) -> Composed {
    let input = ComposeInput { event_type, data: None, now: AT, event_id: None, envelope };
    profile(provider).compose(input, &mut StdRng::seed_from_u64(seed)).unwrap()
}

fn body(composed: &Composed) -> Value {
    serde_json::from_slice(&composed.payload).unwrap()
}

/// Keys in their order and kinds of values; what the values are is not compared.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, field)| json!([key, shape(field)])).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}

fn keys(query: &str) -> Vec<String> {
    query.split('&').map(|pair| pair.split('=').next().unwrap().to_owned()).collect()
}

#[test]
fn every_documented_sample_has_its_event_and_its_shape() {
    let documented: Value = serde_json::from_str(include_str!("data/documented.json")).unwrap();
    let mut compared = 0;
    for (provider, events) in documented.as_object().unwrap() {
        for (event_type, sample) in events.as_object().unwrap() {
            let composed = compose(provider, event_type, 1);
            if let Some(query) = sample.as_str() {
                assert_eq!(composed.method, "GET", "{event_type}");
                assert_eq!(
                    keys(composed.query.as_ref().expect("a GET has a query")),
                    keys(query),
                    "{event_type}"
                );
                assert_eq!((composed.payload.len(), composed.content_type), (0, None), "{event_type}");
            } else {
                assert_eq!(composed.method, "POST", "{event_type}");
                assert_eq!(composed.content_type.as_deref(), Some("application/json"));
                assert_eq!(shape(&body(&composed)), shape(sample), "{provider} {event_type}");
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 5 + 3 + 11 + 8 + 6);
}

#[test]
fn the_five_systems_have_all_their_events() {
    for (provider, events) in [
        ("politicalcomms", "message.sent message.delivered message.failed message.replied link.clicked"),
        (
            "sent",
            "message.queued message.routed message.sent message.delivered message.read message.failed \
             message.scheduled message.filtered message.blocked message.received templates",
        ),
        (
            "contactmanager",
            "user.new user.is_contact user.deleted user.follow user.unfollow user.create_event \
             user.update_event user.delete_event user.create_reaction user.update_reaction user.delete_reaction",
        ),
        (
            "pulsewave",
            "message.sent message.delivered message.bounced message.opened message.clicked \
             message.complained contact.unsubscribed domain.verified",
        ),
        (
            "smsportal",
            "v2.delivery_receipt v2.reply v2.short_code_reply v2.url_click \
             v1.delivery_receipt v1.reply v1.short_code_reply v1.url_click",
        ),
    ] {
        let have: Vec<_> =
            profile(provider).events().map(hookbench_providers::EventType::event_type).collect();
        assert_eq!(have, events.split_whitespace().collect::<Vec<_>>(), "{provider}");
    }
}

#[test]
fn envelopes_carry_type_id_and_time() {
    let sent = compose("politicalcomms", "message.sent", 1);
    let sent_body = body(&sent);
    assert_eq!(sent_body["event_id"], sent.provider_event_id.as_str());
    assert_eq!(
        (&sent_body["event_type"], &sent_body["timestamp"]),
        (&json!("message.sent"), &json!(1_705_488_600))
    );
    assert_eq!(sent.provider_event_id.len(), "msg_7f8a9b0c1d2e3f4g".len());
    assert!(sent.provider_event_id.starts_with("msg_"));
    assert!(compose("politicalcomms", "link.clicked", 1).provider_event_id.starts_with("lnk_"));

    let wave = compose("pulsewave", "domain.verified", 1);
    let wave_body = body(&wave);
    assert_eq!(wave_body["id"], wave.provider_event_id.as_str());
    assert!(wave.provider_event_id.starts_with("evt_"));
    assert_eq!(wave_body["object"], "event");
    assert_eq!(wave_body["created_at"], "2024-01-17T10:50:00Z");

    let contact = compose("contactmanager", "user.new", 1);
    assert_eq!(body(&contact)["id"], contact.provider_event_id.as_str());
    assert_eq!(contact.provider_event_id.len(), 36);

    let generic = compose("generic", "invoice.paid", 1);
    assert_eq!(shape(&body(&generic))[0], json!(["type", "text"]));
    assert_eq!(body(&generic)["timestamp"], "2024-01-17T10:50:00.042Z");
    assert!(generic.provider_event_id.starts_with("msg_"));
}

#[test]
fn sents_three_generations_are_told_apart() {
    let fields = |event_type, envelope| {
        let body = body(&compose_as("sent", event_type, envelope, 1));
        body.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(fields("message.read", None), "field sub_type timestamp payload");
    assert_eq!(fields("message.read", Some("messages")), "field payload timestamp");
    assert_eq!(fields("message.read", Some("value")), "field event value");
    assert_eq!(fields("templates", None), "field timestamp payload");
    let body = body(&compose("sent", "message.read", 1));
    assert_eq!((&body["field"], &body["sub_type"]), (&json!("message"), &json!("message.read")));
    assert_eq!(body["payload"]["message_status"], "READ");
}

#[test]
fn a_repeat_of_sent_is_known_by_message_and_status() {
    let composed = compose("sent", "message.failed", 1);
    let message_id = body(&composed)["payload"]["message_id"].as_str().unwrap().to_owned();
    assert_eq!(composed.provider_event_id, format!("{message_id}:FAILED"));
}

#[test]
fn bodies_are_compact_json_in_their_written_order() {
    for profile in Catalog::builtin().iter() {
        for event in profile.events().filter(|event| event.method() != "GET") {
            let composed = compose(profile.id().as_str(), event.event_type(), 5);
            if composed.content_type.as_ref().is_some_and(|content_type| content_type.ends_with("json")) {
                let written = format!("{}{}", body(&composed), profile.body_suffix());
                assert_eq!(written.as_bytes(), composed.payload, "{}", event.event_type());
            }
        }
    }
}

#[test]
fn a_seed_repeats_exactly_and_another_differs() {
    for profile in Catalog::builtin().iter() {
        for event in profile.events() {
            let (id, event_type) = (profile.id().as_str(), event.event_type());
            assert_eq!(compose(id, event_type, 7), compose(id, event_type, 7));
            assert_ne!(compose(id, event_type, 7), compose(id, event_type, 8), "{id} {event_type}");
            assert_eq!(profile.example(event_type), profile.example(event_type));
        }
    }
}

#[test]
fn the_inner_part_of_an_example_is_the_one_in_its_envelope() {
    let pulsewave = profile("pulsewave");
    let whole: Value =
        serde_json::from_slice(&pulsewave.example("message.delivered").unwrap().payload).unwrap();
    assert_eq!(pulsewave.example_data("message.delivered").unwrap(), whole["data"]);
    assert!(pulsewave.example_data("message.forgotten").is_err());
}
