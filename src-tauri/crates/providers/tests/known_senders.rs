//! What well-known senders document of their deliveries: headers, plans, questions, forms of bodies.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::{DisableRule, EndpointId, SuccessRule, Timestamp};
use hookbench_providers::{AttemptContext, Catalog, ComposeInput, Composed, Handshake, Profile};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use std::collections::HashMap;

const AT: Timestamp = Timestamp::from_unix_ms(1_705_488_600_042);
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn profile(id: &str) -> &'static Profile {
    Catalog::builtin().get(&id.parse().unwrap()).unwrap()
}

fn composed(id: &str, event_type: &str, seed: u64) -> Composed {
    let input = ComposeInput { event_type, data: None, now: AT, event_id: None, envelope: None };
    profile(id).compose(input, &mut StdRng::seed_from_u64(seed)).unwrap()
}

fn headers(id: &str, event_type: &str, attempt: u32) -> HashMap<String, String> {
    let composed = composed(id, event_type, 1);
    let context = AttemptContext {
        event_type,
        provider_event_id: &composed.provider_event_id,
        endpoint: EndpointId::from_bytes([7; 16]),
        at: AT,
        attempt,
    };
    profile(id).attempt_headers(&context).into_iter().collect()
}

fn seconds(id: &str) -> Vec<u64> {
    profile(id).retry().delays_ms.iter().map(|ms| ms / 1000).collect()
}

fn json(composed: &Composed) -> Value {
    serde_json::from_slice(&composed.payload).unwrap()
}

fn form(composed: &Composed) -> HashMap<String, String> {
    url::form_urlencoded::parse(&composed.payload).into_owned().collect()
}

#[test]
fn each_has_its_events_and_every_one_a_schema() {
    for (id, least) in [
        ("github", 8),
        ("stripe", 10),
        ("shopify", 8),
        ("slack", 8),
        ("twilio", 8),
        ("sendgrid", 8),
        ("svix", 8),
        ("paddle", 8),
        ("dropbox", 3),
        ("okta", 5),
        ("asana", 5),
        ("trello", 4),
        ("cloudevents", 5),
    ] {
        assert!(profile(id).events().len() >= least, "{id}");
        for event in profile(id).events() {
            assert!(event.schema().is_some(), "{id} {}", event.event_type());
        }
    }
}

#[test]
fn plans_are_those_documented() {
    assert_eq!(seconds("github"), [0; 0]);
    assert_eq!(seconds("twilio"), [0; 0]);
    assert_eq!(seconds("slack"), [1, 60, 5 * 60]);
    assert_eq!(seconds("trello"), [30, 60, 120]);
    assert_eq!(seconds("svix"), [5, 5 * 60, 30 * 60, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR]);
    assert_eq!((seconds("shopify").len(), seconds("shopify").iter().sum()), (8, 4 * HOUR));
    assert_eq!(seconds("okta").len(), 1);
    for (id, longest) in [("stripe", 3 * DAY), ("paddle", 3 * DAY), ("sendgrid", DAY), ("asana", DAY)] {
        let all: u64 = seconds(id).iter().sum();
        assert!(all <= longest && all > longest - longest / 8, "{id}: {all} s");
        assert!(seconds(id).is_sorted(), "{id}");
    }
    let paddle_until = |retries| seconds("paddle").into_iter().take(retries).sum::<u64>();
    assert_eq!(seconds("paddle").len(), 60);
    assert!(paddle_until(20) <= HOUR && paddle_until(21) > HOUR);
    assert!(paddle_until(47) <= DAY && paddle_until(48) > DAY);
}

#[test]
fn answers_and_ends_are_those_documented() {
    for (id, timeout_ms) in
        [("github", 10_000), ("shopify", 5_000), ("slack", 3_000), ("svix", 15_000), ("paddle", 5_000)]
    {
        assert_eq!(profile(id).timeout_ms(), timeout_ms, "{id}");
    }
    assert_eq!(*profile("paddle").success(), SuccessRule::Statuses { statuses: vec![200] });
    let failing_for = |days: u64| DisableRule::FailingFor { duration_ms: days * DAY * 1000 };
    assert_eq!(*profile("svix").disable(), failing_for(5));
    assert_eq!(*profile("trello").disable(), failing_for(30));
    assert_eq!(*profile("asana").disable(), failing_for(1));
    assert_eq!(*profile("github").disable(), DisableRule::Never);
}

#[test]
fn github_names_event_delivery_and_hook() {
    let sent = headers("github", "pull_request.opened", 1);
    assert_eq!(sent["X-GitHub-Event"], "pull_request");
    assert_eq!(sent["X-GitHub-Delivery"], composed("github", "pull_request.opened", 1).provider_event_id);
    assert!(sent["User-Agent"].starts_with("GitHub-Hookshot/"));
    assert_eq!(sent["X-GitHub-Hook-ID"].len(), 9);
    assert_eq!(sent["X-GitHub-Hook-ID"], headers("github", "push", 2)["X-GitHub-Hook-ID"]);
    assert_eq!(headers("github", "push", 1)["X-GitHub-Event"], "push");
    assert_eq!(json(&composed("github", "pull_request.opened", 1))["action"], "opened");
}

#[test]
fn shopify_names_topic_shop_and_both_ids() {
    let sent = headers("shopify", "orders/create", 1);
    assert_eq!(sent["X-Shopify-Topic"], "orders/create");
    assert!(sent["X-Shopify-Shop-Domain"].ends_with(".myshopify.com"));
    assert_ne!(sent["X-Shopify-Event-Id"], sent["X-Shopify-Webhook-Id"]);
    assert!(sent.contains_key("X-Shopify-Triggered-At") && sent.contains_key("X-Shopify-API-Version"));
    assert!(profile("shopify").scheme().keyed().unwrap().extra_headers.is_empty(), "one topic, not two");
}

#[test]
fn slack_counts_its_retries_in_headers() {
    assert!(!headers("slack", "app_mention", 1).contains_key("X-Slack-Retry-Num"));
    let second = headers("slack", "app_mention", 2);
    assert_eq!((&*second["X-Slack-Retry-Num"], &*second["X-Slack-Retry-Reason"]), ("1", "http_error"));
    let event = json(&composed("slack", "message.im", 1));
    assert_eq!((&event["type"], &event["event"]["type"]), (&"event_callback".into(), &"message".into()));
    let pressed = form(&composed("slack", "block_actions", 1));
    let payload: Value = serde_json::from_str(&pressed["payload"]).unwrap();
    assert_eq!(payload["type"], "block_actions");
    assert!(form(&composed("slack", "slash_command", 1))["command"].starts_with('/'));
}

#[test]
fn twilio_sends_forms_and_sendgrid_an_array_with_an_ending() {
    let sms = composed("twilio", "incoming_message", 1);
    let fields = form(&sms);
    assert_eq!(fields["MessageSid"], fields["SmsSid"]);
    assert_eq!((fields["MessageSid"].len(), &fields["MessageSid"][..2]), (34, "SM"));
    assert!(fields["From"].starts_with('+'));
    let sent = composed("sendgrid", "click", 1);
    assert!(sent.payload.starts_with(b"[{") && sent.payload.ends_with(b"}]\r\n"));
    assert_eq!(json(&sent)[0]["sg_event_id"], sent.provider_event_id.as_str());
}

#[test]
fn cloudevents_come_in_both_modes() {
    let structured = composed("cloudevents", "com.example.order.placed", 1);
    assert!(structured.content_type.as_ref().unwrap().starts_with("application/cloudevents+json"));
    assert_eq!(json(&structured)["specversion"], "1.0");
    assert!(!headers("cloudevents", "com.example.order.placed", 1).contains_key("ce-type"));
    let binary = composed("cloudevents", "com.example.invoice.paid", 1);
    assert_eq!(binary.content_type.as_deref(), Some("application/json"));
    assert!(json(&binary).get("specversion").is_none());
    let sent = headers("cloudevents", "com.example.invoice.paid", 1);
    assert_eq!((&*sent["ce-type"], &*sent["ce-specversion"]), ("com.example.invoice.paid", "1.0"));
    assert_eq!(sent["ce-id"], binary.provider_event_id);
}

#[test]
fn amounts_of_one_payload_agree() {
    for seed in 0..20 {
        let number = |value: &Value| value.as_str().unwrap().parse::<i64>().unwrap();
        let sale = json(&composed("paddle", "transaction.completed", seed));
        let totals = &sale["data"]["details"]["totals"];
        assert_eq!(number(&totals["subtotal"]) + number(&totals["tax"]), number(&totals["total"]));
        assert_eq!(
            number(&totals["total"]) - number(&totals["tax"]) - number(&totals["fee"]),
            number(&totals["earnings"])
        );
        let dispute = &json(&composed("stripe", "charge.dispute.created", seed))["data"]["object"];
        let booked = &dispute["balance_transactions"][0];
        assert_eq!(dispute["amount"].as_i64().unwrap(), -booked["amount"].as_i64().unwrap());
        assert_eq!(
            booked["amount"].as_i64().unwrap() - booked["fee"].as_i64().unwrap(),
            booked["net"].as_i64().unwrap()
        );
        let order = json(&composed("shopify", "orders/create", seed));
        assert_eq!(order["order_number"].as_i64().unwrap() - 1000, order["number"].as_i64().unwrap());
        assert_eq!(order["total_price"], order["line_items"][0]["price"]);
    }
}

#[test]
fn those_that_ask_first_say_so() {
    for (id, handshake) in [
        ("slack", Handshake::SlackUrlVerification),
        ("dropbox", Handshake::DropboxChallenge),
        ("okta", Handshake::OktaChallenge),
        ("asana", Handshake::AsanaHookSecret),
        ("trello", Handshake::TrelloHead),
        ("cloudevents", Handshake::CloudeventsOptions),
    ] {
        assert_eq!(profile(id).handshakes(), [handshake], "{id}");
    }
}

#[test]
fn secrets_have_their_providers_form() {
    for (id, prefix) in
        [("stripe", "whsec_"), ("shopify", "shpss_"), ("svix", "whsec_"), ("paddle", "pdl_ntfset_")]
    {
        let secret = profile(id).generate_secret(&mut StdRng::seed_from_u64(1));
        assert!(secret.expose_text().unwrap().starts_with(prefix), "{id}");
    }
}
