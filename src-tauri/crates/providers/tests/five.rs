//! The five systems to the letter: each documented fact in a row.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::{DisableRule, EndpointId, FailureCount, SuccessRule, Timestamp};
use hookbench_providers::{AttemptContext, Catalog, ComposeInput, Composed, Envelope, Profile, Throttle};
use hookbench_signing::{Message, Secret, VerificationStatus, sign, verify};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

const AT: Timestamp = Timestamp::from_unix_ms(1_705_488_600_042);
const ENDPOINT: EndpointId = EndpointId::from_bytes([7; 16]);
const URL: &str = "https://hooks.example/in";

fn profile(id: &str) -> &'static Profile {
    Catalog::builtin().get(&id.parse().unwrap()).unwrap()
}

/// What a provider's document says of its deliveries.
struct Facts {
    id: &'static str,
    scheme: &'static str,
    timeout_ms: u64,
    /// Seconds of each retry after the failure before it.
    retries_s: &'static [u64],
    disable: DisableRule,
    throttle: Option<Throttle>,
    requires_test: bool,
    timeout_limits_ms: Option<(u64, u64)>,
    retry_limits: Option<(u32, u32)>,
    event_types: usize,
    envelopes: &'static [&'static str],
    dedupe: &'static str,
}

const PLAIN: Facts = Facts {
    id: "",
    scheme: "",
    timeout_ms: 10_000,
    retries_s: &[],
    disable: DisableRule::Never,
    throttle: None,
    requires_test: false,
    timeout_limits_ms: None,
    retry_limits: None,
    event_types: 0,
    envelopes: &["event"],
    dedupe: "",
};

fn facts() -> [Facts; 5] {
    [
        Facts {
            id: "politicalcomms",
            scheme: "politicalcomms",
            retries_s: &[4, 16, 64],
            event_types: 5,
            dedupe: "event_id",
            ..PLAIN
        },
        Facts {
            id: "smsportal",
            scheme: "smsportal",
            retries_s: &[10, 60, 300, 1_800],
            requires_test: true,
            throttle: Some(Throttle { after: 7, delay_ms: 60_000 }),
            event_types: 8,
            envelopes: &["plain"],
            dedupe: "id",
            ..PLAIN
        },
        Facts {
            id: "sent",
            scheme: "sent",
            timeout_ms: 30_000,
            retries_s: &[60, 120, 240],
            disable: DisableRule::ConsecutiveFailures { count: 10, counting: FailureCount::Deliveries },
            timeout_limits_ms: Some((5_000, 120_000)),
            retry_limits: Some((1, 5)),
            event_types: 11,
            envelopes: &["sub_type", "messages", "value"],
            dedupe: "message id and status, or by template id and status",
            ..PLAIN
        },
        Facts {
            id: "contactmanager",
            scheme: "contactsmanager",
            retries_s: &[3, 7],
            event_types: 11,
            dedupe: "id",
            ..PLAIN
        },
        Facts {
            id: "pulsewave",
            scheme: "pulsewave",
            retries_s: &[60, 300, 1_800, 7_200, 21_600, 21_600, 21_600],
            disable: DisableRule::FailingFor { duration_ms: 86_400_000 },
            event_types: 8,
            dedupe: "id",
            ..PLAIN
        },
    ]
}

#[test]
fn every_documented_fact_is_in_the_profile() {
    for facts in facts() {
        let profile = profile(facts.id);
        let id = facts.id;
        assert_eq!(profile.scheme().id(), facts.scheme, "{id}");
        assert_eq!(profile.timeout_ms(), facts.timeout_ms, "{id}");
        assert_eq!(*profile.success(), SuccessRule::Any2xx, "{id}");
        let retries: Vec<u64> = profile.retry().delays_ms.iter().map(|ms| ms / 1_000).collect();
        assert_eq!(retries, facts.retries_s, "{id}");
        assert!(profile.retry().jitter == 0.0, "{id}");
        assert_eq!(*profile.disable(), facts.disable, "{id}");
        assert_eq!(profile.throttle(), facts.throttle, "{id}");
        assert_eq!(profile.requires_test(), facts.requires_test, "{id}");
        assert_eq!(profile.limits().timeout_ms, facts.timeout_limits_ms, "{id}");
        assert_eq!(profile.limits().retries, facts.retry_limits, "{id}");
        assert_eq!(profile.events().len(), facts.event_types, "{id}");
        let envelopes: Vec<_> = profile.envelopes().iter().map(Envelope::id).collect();
        assert_eq!(envelopes, facts.envelopes, "{id}");
        assert!(profile.dedupe().contains(facts.dedupe), "{id}: {}", profile.dedupe());
        assert!(profile.handshakes().is_empty(), "{id}");
        assert_eq!(profile.content_type(), "application/json", "{id}");
    }
}

/// One attempt as it goes out.
struct Sent {
    composed: Composed,
    url: String,
    headers: Vec<(String, String)>,
}

impl Sent {
    fn of(provider: &str, event_type: &str, secret: &Secret) -> Self {
        let profile = profile(provider);
        let input = ComposeInput { event_type, data: None, now: AT, event_id: None, envelope: None };
        let composed = profile.compose(input, &mut StdRng::seed_from_u64(3)).unwrap();
        let context = AttemptContext {
            event_type,
            provider_event_id: &composed.provider_event_id,
            endpoint: ENDPOINT,
            at: AT,
            attempt: 1,
        };
        let url = composed.query.as_ref().map_or_else(|| URL.to_owned(), |query| format!("{URL}?{query}"));
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
        headers.extend(sign(profile.scheme(), &[secret], &message).unwrap().headers);
        Self { composed, url, headers }
    }

    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(have, _)| have == name).unwrap().1
    }

    fn body(&self) -> Value {
        serde_json::from_slice(&self.composed.payload).unwrap()
    }

    /// What a receiver says so many seconds later.
    fn verified_after(&self, provider: &str, secret: &Secret, seconds: i64) -> VerificationStatus {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received = hookbench_signing::Received {
            method: &self.composed.method,
            url: &self.url,
            headers: &headers,
            body: &self.composed.payload,
        };
        verify(profile(provider).scheme(), &[secret], &received, AT.unix_ms() + seconds * 1_000).status
    }
}

#[test]
fn politicalcomms_sends_its_headers_and_signs_the_body_alone() {
    let secret = Secret::from("hush");
    let sent = Sent::of("politicalcomms", "message.delivered", &secret);
    let names: Vec<_> = sent.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["X-Event-Type", "X-Event-ID", "X-Timestamp", "X-Webhook-Signature"]);
    assert_eq!(sent.header("X-Event-Type"), "message.delivered");
    assert_eq!(sent.header("X-Event-ID"), sent.body()["event_id"]);
    assert!(sent.header("X-Event-ID").starts_with("msg_"));
    assert_eq!(sent.header("X-Timestamp"), "1705488600");
    assert_eq!(sent.body().to_string().as_bytes(), sent.composed.payload);
    // The time is not signed, so a late receiver finds the signature right.
    assert_eq!(sent.verified_after("politicalcomms", &secret, 86_400), VerificationStatus::Valid);
}

#[test]
fn smsportal_has_two_generations_and_a_throttle() {
    let secret = Secret::from("hush");
    for event in profile("smsportal").events() {
        let sent = Sent::of("smsportal", event.event_type(), &secret);
        let first = event.event_type().starts_with("v1.");
        assert_eq!(sent.composed.method, if first { "GET" } else { "POST" });
        assert_eq!(sent.composed.payload.is_empty(), first);
        assert_eq!(sent.composed.query.is_some(), first);
        assert_eq!(sent.header("X-Signature").len(), 64);
        assert_eq!(sent.header("X-Signature-Timestamp"), "1705488600");
        assert_eq!(sent.verified_after("smsportal", &secret, 300), VerificationStatus::Valid);
        assert_eq!(sent.verified_after("smsportal", &secret, 302), VerificationStatus::Invalid);
    }
}

#[test]
fn sent_names_the_endpoint_and_not_the_event() {
    let secret = profile("sent").generate_secret(&mut StdRng::seed_from_u64(1));
    assert!(secret.expose_text().unwrap().starts_with("whsec_"));
    for event_type in ["message.delivered", "message.failed", "templates"] {
        let sent = Sent::of("sent", event_type, &secret);
        assert_eq!(sent.header("x-webhook-id"), "07070707-0707-0707-0707-070707070707");
        assert!(sent.header("x-webhook-signature").starts_with("v1,"));
        assert_eq!(sent.header("x-webhook-timestamp"), "1705488600");
        assert_eq!(sent.verified_after("sent", &secret, 300), VerificationStatus::Valid);
        assert_eq!(sent.verified_after("sent", &secret, 302), VerificationStatus::Invalid);
    }
}

#[test]
fn contactmanager_has_no_space_after_the_comma_and_900_seconds() {
    let secret = Secret::from("hush");
    let sent = Sent::of("contactmanager", "user.new", &secret);
    assert!(sent.header("X-Webhook-Signature").starts_with("t=1705488600,v1="));
    assert_eq!(sent.verified_after("contactmanager", &secret, 900), VerificationStatus::Valid);
    assert_eq!(sent.verified_after("contactmanager", &secret, 902), VerificationStatus::Invalid);
    let fields: Vec<_> = sent.body().as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["id", "event", "payload"]);
}

#[test]
fn pulsewave_signs_with_the_whole_secret_prefix_included() {
    let secret = profile("pulsewave").generate_secret(&mut StdRng::seed_from_u64(1));
    let written = secret.expose_text().unwrap().to_owned();
    let sent = Sent::of("pulsewave", "message.delivered", &secret);
    assert_eq!(sent.header("Pulsewave-Signature").len(), 64);
    assert_eq!(sent.verified_after("pulsewave", &secret, 86_400), VerificationStatus::Valid);
    let without = Secret::from(written.strip_prefix("whsec_").unwrap());
    assert_eq!(sent.verified_after("pulsewave", &without, 0), VerificationStatus::Invalid);
    let fields: Vec<_> = sent.body().as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["id", "object", "type", "created_at", "data"]);
}
