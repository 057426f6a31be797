//! How a profile's files say what goes over the wire: forms, arrays, endings, types, headers, questions.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::{EndpointId, HeaderPairs, Timestamp};
use hookbench_providers::{
    AttemptContext, Catalog, ComposeInput, Composed, Handshake, Profile, Seen, SeenEvent,
};
use rand::SeedableRng;
use rand::rngs::StdRng;

const PROFILE: &str = r#"
id = "generic"
name = "Carriers"
description = "A sender of everything."
notes = "None."
headers = [["X-Type", "{wire_type}"], ["X-Hook", "{endpoint_int:9}"], ["X-Uuid", "{event_uuid}"]]
retry_headers = [["X-Retry", "{retry} of {attempt}"]]
event_id = "evt_{alnum:8}"
dedupe = "By id."
timeout_ms = 1000
retry = { delays_ms = [1000] }
signature = { scheme = "github" }
body_suffix = "\r\n"
throttle = { after = 7, delay_ms = 60000 }
handshakes = [{ kind = "slack_url_verification" }, { kind = "trello_head" }]
envelopes = [
  { id = "e", name = "E", template = '["{data}"]', shapes = { plain = '"{data}"' } },
]
read = { event_type = ["{header:X-Type}.{body:/0/action}", "{header:X-Type}", "{form:payload:/type}"] }

[[events]]
type = "issues.opened"
wire = "issues"
name = "Opened"
description = "An issue was opened."
provenance = "own"

[[events]]
type = "issues.closed"
wire = "issues"
name = "Closed"
description = "An issue was closed."
provenance = "own"

[[events]]
type = "orders/create"
wire = "order"
name = "Order"
description = "An order came."
provenance = "own"
content_type = "application/cloudevents+json"
headers = [["x-type", "own:{event_type}"]]

[[events]]
type = "form"
name = "Form"
description = "A form came."
provenance = "own"
content_type = "application/x-www-form-urlencoded; charset=utf-8"
shape = "plain"
recognise = [["form:Body", "form:payload:/ok=true"]]
"#;

fn profile() -> Profile {
    let files = [
        ("generic.toml", PROFILE),
        ("generic/issues.opened.json", r#"{"action": "opened"}"#),
        ("generic/issues.closed.json", r#"{"action": "closed"}"#),
        ("generic/orders_create.json", r#"{"id": 1}"#),
        ("generic/orders_create.schema.json", r#"{"type": "object"}"#),
        (
            "generic/form.json",
            r#"{"To": "+1", "Body": "a b&ü", "payload": {"ok": true, "n": 1}, "None": null}"#,
        ),
    ];
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes()));
    Catalog::from_files(files).unwrap().generic().clone()
}

fn composed(event_type: &str) -> Composed {
    let input =
        ComposeInput { event_type, data: None, now: Timestamp::EPOCH, event_id: None, envelope: None };
    profile().compose(input, &mut StdRng::seed_from_u64(1)).unwrap()
}

fn headers(event_type: &str, attempt: u32) -> Vec<(String, String)> {
    let endpoint = EndpointId::from_bytes([7; 16]);
    let context =
        AttemptContext { event_type, provider_event_id: "evt_1", endpoint, at: Timestamp::EPOCH, attempt };
    profile().attempt_headers(&context)
}

fn seen(composed: &Composed, headers: Vec<(String, String)>) -> SeenEvent {
    let headers: HeaderPairs = headers.into_iter().collect();
    profile().event_of(&Seen { method: "POST", query: None, headers: &headers, body: &composed.payload })
}

#[test]
fn arrays_are_whole_bodies_and_endings_follow_them() {
    let composed = composed("issues.opened");
    assert_eq!(composed.payload, &b"[{\"action\":\"opened\"}]\r\n"[..]);
    assert_eq!(composed.content_type.as_deref(), Some("application/json"));
}

#[test]
fn forms_keep_the_order_of_their_fields_and_carry_documents_as_text() {
    let composed = composed("form");
    assert_eq!(
        composed.payload,
        &b"To=%2B1&Body=a+b%26%C3%BC&payload=%7B%22ok%22%3Atrue%2C%22n%22%3A1%7D&None=\r\n"[..]
    );
    assert_eq!(composed.content_type.unwrap(), "application/x-www-form-urlencoded; charset=utf-8");
}

#[test]
fn an_event_may_have_its_own_content_type_headers_and_schema() {
    let profile = profile();
    assert_eq!(composed("orders/create").content_type.as_deref(), Some("application/cloudevents+json"));
    assert_eq!(profile.content_type_of("orders/create"), "application/cloudevents+json");
    assert_eq!(profile.content_type_of("issues.opened"), "application/json");
    assert!(profile.event("orders/create").unwrap().schema().is_some());
    assert!(profile.event("form").unwrap().schema().is_none());
    let names: Vec<_> = headers("orders/create", 1).into_iter().collect();
    assert_eq!(names.last().unwrap(), &("x-type".to_owned(), "own:orders/create".to_owned()));
    assert_eq!(names.len(), 3);
}

#[test]
fn headers_name_the_wire_type_and_ids_of_their_own() {
    let (first, other) = (headers("issues.opened", 1), headers("issues.closed", 1));
    assert_eq!(first[0], ("X-Type".to_owned(), "issues".to_owned()));
    assert_eq!((first[1].1.len(), first[2].1.len()), (9, 36));
    assert_eq!(first, other);
    assert_eq!(headers("issues.opened", 3).last().unwrap().1, "2 of 3");
}

#[test]
fn what_shares_a_wire_type_is_told_apart() {
    for event_type in ["issues.opened", "issues.closed", "orders/create", "form"] {
        let headers = if event_type == "form" { Vec::new() } else { headers(event_type, 1) };
        let headers: Vec<_> = headers
            .into_iter()
            .map(|(name, value)| (name, value.replace("own:orders/create", "order")))
            .collect();
        assert_eq!(
            seen(&composed(event_type), headers).event_type.as_deref(),
            Some(event_type),
            "{event_type}"
        );
    }
    let unknown = Composed { payload: "[{\"action\":\"pinned\"}]".into(), ..composed("issues.opened") };
    assert_eq!(seen(&unknown, headers("issues.opened", 1)).event_type.as_deref(), Some("issues.pinned"));
}

#[test]
fn questions_and_throttles_are_read() {
    let profile = profile();
    assert_eq!(profile.handshakes(), [Handshake::SlackUrlVerification, Handshake::TrelloHead]);
    let throttle = profile.throttle().unwrap();
    assert_eq!((throttle.after, throttle.delay_ms), (7, 60_000));
}
