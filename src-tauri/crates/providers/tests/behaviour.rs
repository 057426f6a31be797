//! How the providers behave: signing, headers, plans, recognising, choosing.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::{
    DisableRule, EndpointId, EventPattern, HeaderPairs, ProviderId, SuccessRule, Timestamp,
};
use hookbench_providers::{
    AttemptContext, Catalog, ComposeError, ComposeInput, Composed, Library, Profile, Seen, SeenEvent,
};
use hookbench_signing::{Message, Received, VerificationStatus, sign, verify};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;

const AT: Timestamp = Timestamp::from_unix_ms(1_705_488_600_042);
const ENDPOINT: EndpointId = EndpointId::from_bytes([7; 16]);
const FIVE: [&str; 5] = ["politicalcomms", "smsportal", "sent", "contactmanager", "pulsewave"];

fn profile(id: &str) -> &'static Profile {
    Catalog::builtin().get(&id.parse().unwrap()).unwrap()
}

fn input(event_type: &str) -> ComposeInput<'_> {
    ComposeInput { event_type, data: None, now: AT, event_id: None, envelope: None }
}

fn composed(profile: &Profile, event_type: &str) -> Composed {
    profile.compose(input(event_type), &mut StdRng::seed_from_u64(3)).unwrap()
}

fn context<'a>(event_type: &'a str, composed: &'a Composed) -> AttemptContext<'a> {
    AttemptContext {
        event_type,
        provider_event_id: &composed.provider_event_id,
        endpoint: ENDPOINT,
        at: AT,
        attempt: 1,
    }
}

/// Everything that would go over the wire, with a secret of the provider's own making.
fn on_the_wire(profile: &Profile, event_type: &str) -> (Composed, Vec<(String, String)>, VerificationStatus) {
    let composed = composed(profile, event_type);
    let context = context(event_type, &composed);
    let secret = profile.generate_secret(&mut StdRng::seed_from_u64(4));
    let url = match &composed.query {
        Some(query) => format!("https://hooks.example/in?{query}"),
        None => "https://hooks.example/in".to_owned(),
    };
    let id = profile.signature_id(&context).unwrap_or_default();
    let message = Message {
        method: &composed.method,
        url: &url,
        headers: &[],
        body: &composed.payload,
        timestamp: AT.unix_ms(),
        id: &id,
    };
    let mut headers = profile.attempt_headers(&context);
    let signed = sign(profile.scheme(), &[&secret], &message).unwrap();
    headers.extend(signed.headers);
    let pairs: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let url = signed.url.unwrap_or(url);
    let body = signed.body.unwrap_or_else(|| composed.payload.to_vec());
    let received = Received { method: &composed.method, url: &url, headers: &pairs, body: &body };
    let status = verify(profile.scheme(), &[&secret], &received, AT.unix_ms()).status;
    (composed, headers, status)
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn every_event_verifies_with_its_scheme() {
    for profile in Catalog::builtin().iter() {
        for event in profile.events() {
            let (_, _, status) = on_the_wire(profile, event.event_type());
            assert_eq!(status, VerificationStatus::Valid, "{} {}", profile.id(), event.event_type());
        }
    }
}

#[test]
fn every_event_is_recognised_as_what_it_is() {
    for profile in Catalog::builtin().iter() {
        for envelope in profile.envelopes() {
            for event in profile.events() {
                let mut input = input(event.event_type());
                input.envelope = Some(envelope.id());
                let composed = profile.compose(input, &mut StdRng::seed_from_u64(3)).unwrap();
                let context = context(event.event_type(), &composed);
                let mut headers: HeaderPairs = profile.attempt_headers(&context).into_iter().collect();
                if let (Some(name), Some(id)) = (profile.scheme().id_header(), profile.signature_id(&context))
                {
                    headers.push(name.to_owned(), id);
                }
                let seen = Seen {
                    method: &composed.method,
                    query: composed.query.as_deref(),
                    headers: &headers,
                    body: &composed.payload,
                };
                let expected = SeenEvent {
                    event_type: Some(event.event_type().to_owned()),
                    provider_event_id: Some(composed.provider_event_id.clone()),
                };
                assert_eq!(profile.event_of(&seen), expected, "{} {}", profile.id(), envelope.id());
            }
        }
    }
}

#[test]
fn foreign_requests_are_nobodys_event() {
    let headers = HeaderPairs::new();
    for body in [b"".as_slice(), b"\xff\x00", b"[]", b"{\"type\": {\"a\": 1}}", b"{\"type\": \"a\\u0000b\"}"]
    {
        let seen = Seen { method: "POST", query: Some("%ff=%"), headers: &headers, body };
        for profile in Catalog::builtin().iter() {
            assert_eq!(profile.event_of(&seen), SeenEvent::default(), "{}", profile.id());
        }
    }
}

#[test]
fn politicalcomms_sends_its_documented_headers() {
    let (composed, headers, _) = on_the_wire(profile("politicalcomms"), "message.delivered");
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-Event-Type", "X-Event-ID", "X-Timestamp", "X-Webhook-Signature"]);
    assert_eq!(header(&headers, "X-Event-Type"), "message.delivered");
    assert_eq!(header(&headers, "X-Event-ID"), composed.provider_event_id);
    assert_eq!(header(&headers, "X-Timestamp"), "1705488600");
    let signature = header(&headers, "X-Webhook-Signature").strip_prefix("sha256=").unwrap();
    assert_eq!(signature.len(), 64);
}

#[test]
fn sent_sends_the_endpoints_uuid_on_every_delivery() {
    for event_type in ["message.sent", "templates"] {
        let (_, headers, _) = on_the_wire(profile("sent"), event_type);
        assert_eq!(header(&headers, "x-webhook-id"), "07070707-0707-0707-0707-070707070707");
        assert!(header(&headers, "x-webhook-signature").starts_with("v1,"));
        assert_eq!(header(&headers, "x-webhook-timestamp"), "1705488600");
    }
}

#[test]
fn contactmanager_and_pulsewave_sign_in_their_forms() {
    let (_, headers, _) = on_the_wire(profile("contactmanager"), "user.new");
    assert!(header(&headers, "X-Webhook-Signature").starts_with("t=1705488600,v1="));
    let (_, headers, _) = on_the_wire(profile("pulsewave"), "message.sent");
    assert_eq!(header(&headers, "Pulsewave-Signature").len(), 64);
    let secret = profile("pulsewave").generate_secret(&mut StdRng::seed_from_u64(1));
    assert!(secret.expose_text().unwrap().starts_with("whsec_"));
}

#[test]
fn generic_repeats_the_events_id_in_the_webhook_id_header() {
    let (composed, headers, _) = on_the_wire(profile("generic"), "user.created");
    assert_eq!(header(&headers, "webhook-id"), composed.provider_event_id);
}

#[test]
fn retries_follow_the_documents() {
    let seconds = |id: &str| -> Vec<u64> {
        assert_eq!(profile(id).retry().delays_ms.iter().map(|ms| ms % 1000).sum::<u64>(), 0);
        profile(id).retry().delays_ms.iter().map(|ms| ms / 1000).collect()
    };
    let minutes = |count: u64| count * 60;
    let hours = |count: u64| count * 3600;
    assert_eq!(seconds("politicalcomms"), [4, 16, 64]);
    assert_eq!(seconds("smsportal"), [10, 60, minutes(5), minutes(30)]);
    assert_eq!(seconds("sent"), [60, 120, 240]);
    assert_eq!(seconds("contactmanager"), [3, 7]);
    assert_eq!(
        seconds("pulsewave"),
        [minutes(1), minutes(5), minutes(30), hours(2), hours(6), hours(6), hours(6)]
    );
    let since_start = |id, attempts| seconds(id).into_iter().take(attempts).sum::<u64>();
    assert_eq!(since_start("pulsewave", 5), hours(8) + minutes(36));
    assert_eq!(since_start("pulsewave", 6), hours(14) + minutes(36));
    assert_eq!(since_start("pulsewave", 7), hours(20) + minutes(36));
    assert!(since_start("pulsewave", usize::MAX) < hours(24));
    // The specification prints 75:35:05 beside its last delay.
    assert_eq!(since_start("generic", usize::MAX), hours(75) + minutes(35) + 5);
    for id in FIVE {
        assert!(profile(id).retry().jitter.abs() < f64::EPSILON, "{id} has fixed delays");
    }
}

#[test]
fn timeouts_success_and_disabling_follow_the_documents() {
    for (id, timeout_ms) in [
        ("politicalcomms", 10_000),
        ("smsportal", 10_000),
        ("sent", 30_000),
        ("contactmanager", 10_000),
        ("pulsewave", 10_000),
    ] {
        assert_eq!(profile(id).timeout_ms(), timeout_ms, "{id}");
        assert_eq!(*profile(id).success(), SuccessRule::Any2xx, "{id}");
        assert_eq!(profile(id).requires_test(), id == "smsportal", "{id}");
    }
    assert_eq!(*profile("politicalcomms").disable(), DisableRule::Never);
    assert_eq!(*profile("contactmanager").disable(), DisableRule::Never);
    assert_eq!(*profile("smsportal").disable(), DisableRule::Never);
    assert_eq!(*profile("pulsewave").disable(), DisableRule::FailingFor { duration_ms: 24 * 3_600_000 });
    assert!(matches!(profile("sent").disable(), DisableRule::ConsecutiveFailures { count: 10, .. }));
    assert_eq!(profile("sent").limits().timeout_ms, Some((5_000, 120_000)));
    assert_eq!(profile("sent").limits().retries, Some((1, 5)));
}

#[test]
fn a_subscription_finds_its_one_provider_or_the_generic_one() {
    for (patterns, expected) in [
        (vec!["message.bounced"], "pulsewave"),
        (vec!["message.delivered", "message.bounced"], "pulsewave"),
        (vec!["message.delivered"], "generic"),
        (vec!["message.sent", "link.clicked"], "politicalcomms"),
        (vec!["message.bounced", "link.clicked"], "generic"),
        (vec!["user.is_contact", "user.*"], "contactmanager"),
        (vec!["user.*"], "generic"),
        (vec!["v1.*"], "smsportal"),
        (vec!["templates"], "sent"),
        (vec!["invoice.paid"], "generic"),
        (vec!["order.lost"], "generic"),
        (vec!["*"], "generic"),
        (vec![], "generic"),
    ] {
        let parsed: Vec<EventPattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        assert_eq!(Library::builtin().provider_for_events(&parsed).id().as_str(), expected, "{patterns:?}");
    }
}

#[test]
fn given_data_and_id_go_out_as_given() {
    let data = json!({"z": 1, "a": "{uuid}", "ü": null});
    let given =
        ComposeInput { data: Some(data.clone()), event_id: Some("evt_mine"), ..input("message.sent") };
    let composed = profile("pulsewave").compose(given, &mut StdRng::seed_from_u64(1)).unwrap();
    assert_eq!(composed.provider_event_id, "evt_mine");
    let text = String::from_utf8(composed.payload.to_vec()).unwrap();
    assert!(text.starts_with(r#"{"id":"evt_mine","object":"event","type":"message.sent""#), "{text}");
    assert!(text.ends_with(&format!(r#""data":{data}}}"#)), "{text}");
}

#[test]
fn a_get_carries_its_data_in_the_query() {
    let data = json!({"ID": 7, "Data": "a b&c/ü", "Flag": true, "Empty": null});
    let given = ComposeInput { data: Some(data), ..input("v1.reply") };
    let composed = profile("smsportal").compose(given, &mut StdRng::seed_from_u64(1)).unwrap();
    assert_eq!(composed.query.as_deref(), Some("ID=7&Data=a+b%26c%2F%C3%BC&Flag=true&Empty="));
    assert_eq!(composed.provider_event_id, "7");
    let refused = |data| {
        let given = ComposeInput { data: Some(data), ..input("v1.reply") };
        profile("smsportal").compose(given, &mut StdRng::seed_from_u64(1)).unwrap_err()
    };
    assert_eq!(refused(json!([1])), ComposeError::DataNotObject { carrier: "query" });
    assert_eq!(refused(json!({"a": {"b": 1}})), ComposeError::DataNested { field: "a".to_owned() });
}

#[test]
fn only_the_generic_profile_takes_types_it_does_not_list() {
    let mut rng = StdRng::seed_from_u64(1);
    let lost = profile("generic").compose(input("order.lost"), &mut rng).unwrap();
    assert!(lost.payload.starts_with(br#"{"type":"order.lost","timestamp":"#));
    for id in FIVE {
        let error = profile(id).compose(input("order.lost"), &mut rng).unwrap_err();
        assert!(matches!(error, ComposeError::UnknownEvent { .. }), "{id}");
        assert!(error.to_string().contains("`order.lost`"), "{error}");
    }
}

#[test]
fn what_cannot_stand_in_a_header_is_refused() {
    let mut rng = StdRng::seed_from_u64(1);
    for event_type in ["", "a b", "a\r\nX-Evil: 1", "é"] {
        let error = profile("generic").compose(input(event_type), &mut rng).unwrap_err();
        assert_eq!(error, ComposeError::Unprintable { field: "event_type" });
    }
    let given = ComposeInput { event_id: Some("a\nb"), ..input("user.created") };
    let error = profile("generic").compose(given, &mut rng).unwrap_err();
    assert_eq!(error, ComposeError::Unprintable { field: "event_id" });
}

#[test]
fn an_unknown_envelope_is_refused_with_what_there_is() {
    let given = ComposeInput { envelope: Some("v9"), ..input("message.sent") };
    let error = profile("sent").compose(given, &mut StdRng::seed_from_u64(1)).unwrap_err();
    assert_eq!(error.to_string(), "Sent has no envelope `v9`; it has sub_type, messages, value");
}

#[test]
fn every_profile_is_whole_for_a_reader() {
    for profile in Catalog::builtin().iter() {
        assert!(!profile.notes().is_empty() && !profile.dedupe().is_empty() && !profile.sources().is_empty());
        assert!(profile.events().all(|event| !event.name().is_empty() && event.description().ends_with('.')));
        assert_ne!(profile.notes().trim().len(), 0);
    }
    assert!(Catalog::builtin().get(&"nobody".parse::<ProviderId>().unwrap()).is_none());
}
