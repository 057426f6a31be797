//! Malformed calls, each with the status and the words it must get.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, text};

/// A call, and how it is refused: the status, the field at fault (or nothing), and words of the detail.
struct Case(&'static str, &'static str, Sent, u16, &'static str, &'static str);

enum Sent {
    Nothing,
    Json(Value),
    Text(&'static str),
    Typed(&'static str, &'static str),
    Bytes(&'static [u8]),
}
use Sent::{Bytes, Json, Nothing, Text, Typed};

const EP: &str = "/v1/webhook-endpoints";
const NO_EP: &str = "ep_00000000000000000000000000";
const URL: &str = "http://127.0.0.1:9/x";

fn cases() -> Vec<Case> {
    let long = "x".repeat(201);
    vec![
        // What cannot be read.
        Case("POST", EP, Text("{"), 400, "", "not JSON"),
        Case("POST", EP, Text("{\"url\": \"http://a/\",}"), 400, "", "not JSON"),
        Case("POST", EP, Nothing, 400, "", "needs a body"),
        Case("POST", EP, Bytes(b"{\"url\": \"\xff\"}"), 400, "", "not UTF-8"),
        Case("POST", "/v1/events", Text("nonsense"), 400, "", "not JSON"),
        Case("GET", "/v1/deliveries/%ff", Nothing, 400, "", "UTF-8"),
        // What is not there.
        Case("GET", "/v1/nothing", Nothing, 404, "", "nothing at /v1/nothing"),
        Case("GET", "/v2/events", Nothing, 404, "", "nothing at"),
        Case("GET", "/v1/webhook-endpoints/nonsense", Nothing, 404, "", "`nonsense` is not an endpoint id"),
        Case("GET", "/v1/webhook-endpoints/evt_00000000000000000000000000", Nothing, 404, "", "`ep_`"),
        Case("GET", "/v1/webhook-endpoints/ep_00000000000000000000000000", Nothing, 404, "", NO_EP),
        Case("DELETE", "/v1/webhook-endpoints/ep_00000000000000000000000000", Nothing, 404, "", NO_EP),
        Case("POST", "/v1/webhook-endpoints/ep_00000000000000000000000000/test", Nothing, 404, "", NO_EP),
        Case("GET", "/v1/events/evt_00000000000000000000000000/payload", Nothing, 404, "", "no event"),
        Case("GET", "/v1/deliveries/dlv_00000000000000000000000000", Nothing, 404, "", "no delivery"),
        Case(
            "GET",
            "/v1/deliveries/dlv_00000000000000000000000000/attempts/1",
            Nothing,
            404,
            "",
            "no attempt 1",
        ),
        Case(
            "GET",
            "/v1/deliveries/dlv_00000000000000000000000000/attempts/x",
            Nothing,
            404,
            "",
            "`x` is not the number of an attempt",
        ),
        Case("POST", "/v1/deliveries/dlv_00000000000000000000000000/retry", Nothing, 404, "", "no delivery"),
        Case(
            "GET",
            "/v1/requests/req_00000000000000000000000000/body",
            Nothing,
            404,
            "",
            "no captured request",
        ),
        Case("DELETE", "/v1/inboxes/inb_00000000000000000000000000", Nothing, 404, "", "no inbox"),
        Case("POST", "/v1/replays/rpl_00000000000000000000000000/pause", Nothing, 404, "", "no replay"),
        Case("GET", "/v1/providers/nobody", Nothing, 404, "", "no provider nobody"),
        // Methods and content types.
        Case("PUT", EP, Json(json!({})), 405, "", "method"),
        Case("DELETE", "/v1/events", Nothing, 405, "", "method"),
        Case("PATCH", "/v1/health", Json(json!({})), 405, "", "method"),
        Case("POST", EP, Typed("text/plain", "{}"), 415, "", "Content-Type"),
        Case(
            "POST",
            "/v1/inboxes",
            Typed("application/x-www-form-urlencoded", "a=b"),
            415,
            "",
            "Content-Type",
        ),
        Case("POST", "/v1/events", Typed("", "{}"), 415, "", "Content-Type"),
        // Endpoints, field by field.
        Case("POST", EP, Json(json!({})), 422, "url", "missing"),
        Case("POST", EP, Json(json!([])), 422, "body", "must be an object"),
        Case("POST", EP, Json(json!({"url": 7})), 422, "url", "must be a string"),
        Case("POST", EP, Json(json!({"url": URL, "colour": "red"})), 422, "colour", "is not known"),
        Case(
            "POST",
            EP,
            Text("{\"url\": \"http://a/\", \"url\": \"http://b/\"}"),
            422,
            "url",
            "more than once",
        ),
        Case("POST", EP, Json(json!({"url": "nonsense"})), 422, "url", "is not a URL"),
        Case("POST", EP, Json(json!({"url": "ftp://a/b"})), 422, "url", "http"),
        Case("POST", EP, Json(json!({"url": "http://u:p@a/b"})), 422, "url", "user name or password"),
        Case("POST", EP, Json(json!({"url": "http://a/b#c"})), 422, "url", "fragment"),
        Case("POST", EP, Json(json!({"url": URL, "name": ""})), 422, "name", "empty"),
        Case("POST", EP, Json(json!({"url": URL, "name": long})), 422, "name", "200"),
        Case("POST", EP, Json(json!({"url": URL, "provider": "nobody"})), 422, "provider", "pulsewave"),
        Case("POST", EP, Json(json!({"url": URL, "enabled_events": []})), 422, "enabled_events", "`*`"),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "enabled_events": ["a", "b c"]})),
            422,
            "enabled_events[1]",
            "b c",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "provider": "pulsewave", "enabled_events": ["message.sennt"]})),
            422,
            "enabled_events[0]",
            "message.sent",
        ),
        Case("POST", EP, Json(json!({"url": URL, "status": "asleep"})), 422, "status", "must be"),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "headers": [["a b", "c"]]})),
            422,
            "headers[0]",
            "header name",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "headers": [["X-A", "a\r\nb"]]})),
            422,
            "headers[0]",
            "line breaks",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "headers": [["X", "1"], ["Host", "a"]]})),
            422,
            "headers[1]",
            "Host",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "headers": [["Content-Length", "1"]]})),
            422,
            "headers[0]",
            "made by",
        ),
        Case("POST", EP, Json(json!({"url": URL, "timeout_ms": 99})), 422, "timeout_ms", "100"),
        Case("POST", EP, Json(json!({"url": URL, "timeout_ms": 120_001})), 422, "timeout_ms", "120000"),
        Case("POST", EP, Json(json!({"url": URL, "timeout_ms": -1})), 422, "timeout_ms", "whole number"),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "retry": {"delays_ms": vec![1; 101]}})),
            422,
            "retry.delays_ms",
            "at most 100",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "retry": {"delays_ms": [1, 2_592_000_001_u64]}})),
            422,
            "retry.delays_ms[1]",
            "30 days",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "retry": {"delays_ms": [], "jitter": 1.5}})),
            422,
            "retry.jitter",
            "between 0 and 1",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "retry": {"delays_ms": [1], "colour": 1}})),
            422,
            "retry.colour",
            "is not known",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "rate_limit": {"per_second": 0}})),
            422,
            "rate_limit.per_second",
            "more than 0",
        ),
        Case("POST", EP, Json(json!({"url": URL, "max_in_flight": 0})), 422, "max_in_flight", "256"),
        Case("POST", EP, Json(json!({"url": URL, "max_in_flight": 257})), 422, "max_in_flight", "256"),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "tls": {"ca_pem": "no"}})),
            422,
            "tls.ca_pem",
            "certificate",
        ),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "tls": {"client_cert": {"cert_pem": "no", "key_pem": "no"}}})),
            422,
            "tls.client_cert.key_pem",
            "",
        ),
        Case("POST", EP, Json(json!({"url": URL, "secret": ""})), 422, "secret", "empty"),
        Case("POST", EP, Json(json!({"url": URL, "secret": " padded "})), 422, "secret", "white space"),
        Case(
            "POST",
            EP,
            Json(json!({"url": URL, "provider": "sent", "secret": "whsec_!!!"})),
            422,
            "secret",
            "base64",
        ),
        // Queries.
        Case("GET", "/v1/deliveries?limit=0", Nothing, 422, "limit", "between 1 and 500"),
        Case("GET", "/v1/deliveries?limit=501", Nothing, 422, "limit", "between 1 and 500"),
        Case("GET", "/v1/deliveries?limit=many", Nothing, 422, "limit", "whole number"),
        Case("GET", "/v1/deliveries?cursor=nonsense", Nothing, 422, "cursor", "next_cursor"),
        Case("GET", "/v1/deliveries?status=lost", Nothing, 422, "status", "retrying"),
        Case("GET", "/v1/deliveries?outcome=lost", Nothing, 422, "outcome", "must be"),
        Case("GET", "/v1/deliveries?since=yesterday", Nothing, 422, "since", "RFC 3339"),
        Case("GET", "/v1/deliveries?endpoint_id=x", Nothing, 422, "endpoint_id", "not an endpoint id"),
        Case("GET", "/v1/deliveries?colour=red", Nothing, 422, "colour", "is not known"),
        Case("GET", "/v1/deliveries?q=a&q=b", Nothing, 422, "q", "more than once"),
        Case("GET", "/v1/deliveries/count?limit=1", Nothing, 422, "limit", "is not known"),
        Case("GET", "/v1/requests?verification=maybe", Nothing, 422, "verification", "must be"),
        Case("GET", "/v1/requests?pinned=perhaps", Nothing, 422, "pinned", "true"),
        Case("GET", "/v1/events?type=a%20b", Nothing, 422, "type", "not an event type"),
        Case("GET", "/v1/health?verbose=1", Nothing, 422, "verbose", "no parameters"),
        Case("GET", "/v1/stats?bucket_ms=1", Nothing, 422, "bucket_ms", "buckets"),
        Case("GET", "/v1/stats?since=2030-01-01T00:00:00Z", Nothing, 422, "since", "before"),
        // Events.
        Case("POST", "/v1/events", Json(json!({})), 422, "provider", "missing"),
        Case("POST", "/v1/events", Json(json!({"provider": "pulsewave"})), 422, "type", "message.sent"),
        Case(
            "POST",
            "/v1/events",
            Json(json!({"type": "message.flown", "provider": "pulsewave"})),
            422,
            "type",
            "no event `message.flown`",
        ),
        Case("POST", "/v1/events", Json(json!({"type": "message.sent"})), 422, "provider", "name one of"),
        Case(
            "POST",
            "/v1/events",
            Json(json!({"type": "domain.verified", "data": {}, "payload": {}})),
            422,
            "payload",
            "one of",
        ),
        Case(
            "POST",
            "/v1/events",
            Json(json!({"type": "domain.verified", "payload_base64": "***"})),
            422,
            "payload_base64",
            "base64",
        ),
        Case(
            "POST",
            "/v1/events",
            Json(json!({"type": "domain.verified", "content_type": "a\nb"})),
            422,
            "content_type",
            "content type",
        ),
        Case(
            "POST",
            "/v1/events",
            Json(json!({"type": "domain.verified", "endpoint_ids": ["ep_x"]})),
            422,
            "endpoint_ids[0]",
            "not an endpoint id",
        ),
        Case(
            "POST",
            "/v1/events/preview",
            Json(json!({"type": "domain.verified", "endpoint_ids": [NO_EP]})),
            422,
            "endpoint_ids[0]",
            "no endpoint",
        ),
        Case(
            "POST",
            "/v1/events",
            Json(json!({"type": "domain.verified", "envelope": "none"})),
            422,
            "envelope",
            "no envelope",
        ),
        // Inboxes.
        Case("POST", "/v1/inboxes", Json(json!({"slug": "Not A Slug"})), 422, "slug", "no slug"),
        Case("POST", "/v1/inboxes", Json(json!({"slug": "v1"})), 422, "slug", "reserved"),
        Case("POST", "/v1/inboxes", Json(json!({"secret": "abcdefgh"})), 422, "secret", "provider"),
        Case("POST", "/v1/inboxes", Json(json!({"response": {"status": 99}})), 422, "response.status", "200"),
        Case(
            "POST",
            "/v1/inboxes",
            Json(json!({"response": {"delay_ms": 120_001}})),
            422,
            "response.delay_ms",
            "120000",
        ),
        Case(
            "POST",
            "/v1/inboxes",
            Json(json!({"response": {"body": {"base64": "?"}}})),
            422,
            "response.body.base64",
            "base64",
        ),
        Case(
            "POST",
            "/v1/inboxes",
            Json(json!({"retention": {"max_age_ms": 1}})),
            422,
            "retention.max_age_ms",
            "minute",
        ),
        Case(
            "POST",
            "/v1/inboxes",
            Json(json!({"retention": {"max_requests": 0}})),
            422,
            "retention.max_requests",
            "1",
        ),
        // Replays, signatures, settings.
        Case("POST", "/v1/replays", Json(json!({})), 422, "ids", "one of"),
        Case("POST", "/v1/replays", Json(json!({"ids": []})), 422, "ids", "1 to"),
        Case("POST", "/v1/replays", Json(json!({"ids": ["x"]})), 422, "ids[0]", "not a delivery id"),
        Case(
            "POST",
            "/v1/replays",
            Json(json!({"ids": ["req_00000000000000000000000000"]})),
            422,
            "target_url",
            "captured requests need",
        ),
        Case(
            "POST",
            "/v1/replays",
            Json(json!({"filter": {}, "per_second": 0})),
            422,
            "per_second",
            "more than 0",
        ),
        Case(
            "POST",
            "/v1/replays",
            Json(json!({"filter": {"status": "x"}})),
            422,
            "filter.status",
            "no status",
        ),
        Case("POST", "/v1/replays", Json(json!({"filter": {}, "resign": "maybe"})), 422, "resign", "must be"),
        Case("POST", "/v1/replays", Json(json!({"gaps": true})), 422, "gaps", "must be `original`, not true"),
        Case("POST", "/v1/replays", Json(json!({"resign": [7]})), 422, "resign", "`exact`, not an array"),
        Case(
            "POST",
            "/v1/signatures/sign",
            Json(json!({"scheme": "none", "secret": "s", "method": "POST", "url": URL, "body_base64": ""})),
            422,
            "scheme",
            "no scheme",
        ),
        Case(
            "POST",
            "/v1/signatures/sign",
            Json(
                json!({"scheme": {"id": "own"}, "secret": "s", "method": "POST", "url": URL, "body_base64": ""}),
            ),
            422,
            "scheme.name",
            "is missing",
        ),
        Case(
            "POST",
            "/v1/signatures/verify",
            Json(
                json!({"scheme": "github", "secret": "s", "method": "a b", "url": URL, "headers": [], "body_base64": ""}),
            ),
            422,
            "method",
            "no HTTP method",
        ),
        Case("PATCH", "/v1/settings", Json(json!({"max_in_flight": 0})), 422, "max_in_flight", "1024"),
        Case("PATCH", "/v1/settings", Json(json!({"theme": "pink"})), 422, "theme", "must be"),
        Case("PUT", "/v1/settings", Json(json!({"theme": "dark"})), 422, "notify_on_failure", "is missing"),
    ]
}

#[tokio::test]
async fn each_malformed_call_is_refused_in_words_that_name_the_field() {
    let bench = Bench::open().await;
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for Case(method, path, sent, status, field, words) in cases {
        let (content_type, body) = match sent {
            Nothing => (None, Body::empty()),
            Json(value) => (Some("application/json"), Body::from(value.to_string())),
            Text(text) => (Some("application/json"), Body::from(text)),
            Typed(content_type, text) => {
                (Some(content_type).filter(|text| !text.is_empty()), Body::from(text))
            }
            Bytes(bytes) => (Some("application/json"), Body::from(bytes)),
        };
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = bench.call(request.body(body).unwrap()).await;
        let fits = answer.status.as_u16() == status && refused(&answer, status, field, words);
        if !fits {
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            wrong.push(format!("{method} {path} wants {status} {field} {words}: {} {said}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // It lives and serves on.
    bench.get("/v1/health").await.expect(200);
    bench.close().await;
}

/// Whether an answer is a problem document that names the field in these words.
fn refused(answer: &Answer, status: u16, field: &str, words: &str) -> bool {
    let said = answer.json();
    let detail = said["detail"].as_str().unwrap_or_default();
    let errors = said["errors"].as_array().cloned().unwrap_or_default();
    let named = |error: &Value| {
        error["field"] == field && error["message"].as_str().is_some_and(|message| message.contains(words))
    };
    // Rust's names for things are not a caller's words.
    let plain = |message: &str| {
        !["expected ", "struct ", "invalid digit", "variant", "u64"].iter().any(|word| message.contains(word))
    };
    let about = if field.is_empty() {
        errors.is_empty() && detail.contains(words)
    } else {
        detail.contains(field) && errors.iter().any(named)
    };
    about
        && (status == 400 || plain(detail))
        && answer.header("content-type") == "application/problem+json"
        && said["status"] == status
        && said["type"] == "about:blank"
        && said["title"].as_str().is_some_and(|title| !title.is_empty())
        && (status != 405 || !answer.header("allow").is_empty())
}

/// What stands for a secret where it is shown is none itself: it stands for nothing where there is nothing yet.
#[tokio::test]
async fn a_veil_is_no_credential_where_nothing_is_behind_it() {
    let bench = Bench::open().await;
    let url = "http://127.0.0.1:9/";
    for headers in [
        json!([["Authorization", "Bearer (the secret)"]]),
        json!([["A", "1"], ["X-Api-Key", "(the secret)"]]),
    ] {
        let endpoint = json!({"url": url, "provider": "generic", "headers": headers});
        let refused = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "headers", "{refused}");
    }
    // Where it says nothing of a credential it is a value like any other.
    let endpoint = json!({"url": url, "provider": "generic", "headers": [["X-Motto", "(the secret)"]]});
    bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);

    let inbox = json!({"provider": "meta", "verify_token": "(the secret)"});
    let refused = bench.post("/v1/inboxes", &inbox).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "verify_token", "{refused}");
    let inbox = bench.post("/v1/inboxes", &json!({"provider": "meta"})).await.expect(201);
    let path = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&path, &json!({"verify_token": "(the secret)"})).await.expect(422);
    assert_eq!(bench.get(&path).await.expect(200)["verify_token"], Value::Null);
    bench.close().await;
}
