//! The questions that providers ask a receiver first, asked over real sockets.

use hookbench_model::{Inbox, InboxResponse, VerificationStatus};
use serde_json::{Value, json};

use crate::support::{Answer, House, inbox, verifying};

fn post(slug: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("POST /{slug} HTTP/1.1\r\nHost: hooks.example\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

fn get(target: &str, headers: &str) -> String {
    format!("GET /{target} HTTP/1.1\r\nHost: hooks.example\r\n{headers}\r\n")
}

/// The newest request is captured as this handshake, with the status that was answered.
async fn noted(house: &House, kind: Option<&str>, answer: &Answer) {
    let (request, _) = house.captured().await.pop().unwrap();
    assert_eq!(request.handshake.as_deref(), kind);
    assert_eq!(request.response_status, answer.status);
}

#[tokio::test]
async fn zoom() {
    let house = House::open().await;
    house.add(verifying("zoom", "zoom", Some("zoom-secret"))).await;
    house.add(verifying("bare", "zoom", None)).await;
    let body = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}"#;
    let answer = house.send(post("zoom", "", body)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        serde_json::from_str::<Value>(&answer.body).unwrap(),
        json!({
            "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
            "encryptedToken": "b17f0320a1322a509340a1a835b3d9edbc491f0b0790ed2d20d0604d39dfe922",
        })
    );
    noted(&house, Some("zoom_plain_token"), &answer).await;
    let answer = house.send(post("bare", "", body)).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    noted(&house, Some("zoom_plain_token"), &answer).await;
    let answer = house.send(post("zoom", "", r#"{"event":"meeting.started","payload":{}}"#)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    noted(&house, None, &answer).await;
}

#[tokio::test]
async fn slack() {
    let house = House::open().await;
    house.add(verifying("slack", "slack", None)).await;
    let body = r#"{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY","type":"url_verification"}"#;
    let answer = house.send(post("slack", "Content-Type: application/json\r\n", body)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "3eZbrw1aBm2rZgRNFdxV2595E9CY"));
    noted(&house, Some("slack_url_verification"), &answer).await;
    let hostile = r#"{"type":"url_verification","challenge":"<script>alert(1)</script>\r\nSet-Cookie: a=b"}"#;
    let answer = house.send(post("slack", "", hostile)).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("set-cookie"), None);
    let huge = format!(r#"{{"type":"url_verification","challenge":"{}"}}"#, "a".repeat(5000));
    let answer = house.send(post("slack", "", &huge)).await;
    assert!(answer.status == 400 && answer.body.len() < 200, "{}", answer.body);
    noted(&house, Some("slack_url_verification"), &answer).await;
}

#[tokio::test]
async fn meta() {
    let house = House::open().await;
    let wary = Inbox { verify_token: Some("meaty hamster".into()), ..verifying("wary", "meta", Some("s")) };
    house.add(wary).await;
    house.add(verifying("open", "meta", Some("s"))).await;
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    let answer = house.send(get(&format!("wary?{query}meaty+hamster"), "")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    noted(&house, Some("meta_hub_challenge"), &answer).await;
    for wrong in ["", "meaty", "other"] {
        let answer = house.send(get(&format!("wary?{query}{wrong}"), "")).await;
        assert_eq!(answer.status, 403, "{wrong}");
        assert!(!answer.body.contains("1158201444"));
        noted(&house, Some("meta_hub_challenge"), &answer).await;
    }
    let answer = house.send(get(&format!("open?{query}whatever"), "")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    let answer = house.send(get("open?hub.mode=subscribe", "")).await;
    assert_eq!(answer.status, 400);
    let answer = house.send(get("open", "")).await;
    assert_eq!(answer.status, 200);
    noted(&house, None, &answer).await;
}

#[tokio::test]
async fn dropbox() {
    let house = House::open().await;
    house.add(verifying("box", "dropbox", None)).await;
    let answer = house.send(get("box?challenge=%3Cb%3Ehi%0D%0AX-Evil%3A%201", "")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "<b>hi\r\nX-Evil: 1"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("x-evil"), None);
    noted(&house, Some("dropbox_challenge"), &answer).await;
    let answer = house.send(get("box?other=1", "")).await;
    noted(&house, None, &answer).await;
}

#[tokio::test]
async fn okta() {
    let house = House::open().await;
    house.add(verifying("okta", "okta", None)).await;
    let answer = house.send(get("okta", "X-Okta-Verification-Challenge: my \"verification\"\r\n")).await;
    assert_eq!(answer.status, 200);
    let read: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(read, json!({"verification": "my \"verification\""}));
    noted(&house, Some("okta_challenge"), &answer).await;
    let answer = house.send(get("okta", "")).await;
    noted(&house, None, &answer).await;
}

#[tokio::test]
async fn asana_whose_secret_is_kept_and_then_verifies() {
    let house = House::open().await;
    let made = house.add(verifying("asana", "asana", None)).await;
    let secret = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81";
    let answer = house.send(post("asana", &format!("X-Hook-Secret: {secret}\r\n"), "{}")).await;
    assert_eq!((answer.status, answer.header("x-hook-secret")), (200, Some(secret)));
    noted(&house, Some("asana_hook_secret"), &answer).await;
    let kept = house.store.inboxes().get(made.id).await.unwrap().unwrap();
    assert_eq!(kept.secrets[0].secret.expose(), secret.as_bytes());

    // printf '{"events":[]}' | openssl dgst -sha256 -hmac "$secret"
    let signature = "10468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853";
    house.send(post("asana", &format!("X-Hook-Signature: {signature}\r\n"), r#"{"events":[]}"#)).await;
    let (request, _) = house.captured().await.pop().unwrap();
    assert_eq!(request.verification.status, VerificationStatus::Valid, "{}", request.verification.message);

    // Another one is repeated, and not kept.
    let answer = house.send(post("asana", "X-Hook-Secret: other\r\n", "{}")).await;
    assert_eq!(answer.header("x-hook-secret"), Some("other"));
    let kept = house.store.inboxes().get(made.id).await.unwrap().unwrap();
    assert_eq!((kept.secrets.len(), kept.secrets[0].secret.expose()), (1, secret.as_bytes()));
    let answer = house.send(post("asana", "X-Hook-Secret: a b\r\n", "{}")).await;
    assert_eq!((answer.status, answer.header("x-hook-secret")), (400, None));
}

#[tokio::test]
async fn trello() {
    let house = House::open().await;
    house.add(verifying("trello", "trello", None)).await;
    let mut wire = house.connect().await;
    wire.write("HEAD /trello HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let answer = wire.answer_to(true).await;
    assert_eq!(answer.status, 200);
    noted(&house, Some("trello_head"), &answer).await;
}

#[tokio::test]
async fn cloudevents() {
    let house = House::open().await;
    house.add(verifying("ce", "cloudevents", None)).await;
    let ask = |headers: &str| format!("OPTIONS /ce HTTP/1.1\r\nHost: h\r\n{headers}\r\n");
    let answer =
        house.send(ask("WebHook-Request-Origin: emitter.example.com\r\nWebHook-Request-Rate: 120\r\n")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("webhook-allowed-origin"), Some("emitter.example.com"));
    assert_eq!(answer.header("webhook-allowed-rate"), Some("120"));
    noted(&house, Some("cloudevents_options"), &answer).await;
    let answer = house.send(ask("WebHook-Request-Origin: <script>\r\n")).await;
    assert_eq!((answer.status, answer.header("webhook-allowed-origin")), (400, None));
    let answer = house.send(ask("")).await;
    assert_eq!(answer.header("webhook-allowed-origin"), None);
    noted(&house, None, &answer).await;
}

#[tokio::test]
async fn an_inboxs_own_answer_comes_after_a_handshake_unless_that_is_switched_off() {
    let house = House::open().await;
    let told = InboxResponse { status: 503, delay_ms: 60_000, ..InboxResponse::default() };
    let answers = Inbox { response: told.clone(), ..verifying("on", "dropbox", None) };
    // Its answer would wait for the clock, which nobody moves here.
    let off = InboxResponse { delay_ms: 0, ..told };
    let mute = Inbox { response: off, handshakes: false, ..verifying("off", "dropbox", None) };
    house.add(answers).await;
    house.add(mute).await;
    let answer = house.send(get("on?challenge=1", "")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1"));
    let answer = house.send(get("off?challenge=1", "")).await;
    assert_eq!(answer.status, 503);
    noted(&house, None, &answer).await;
}

#[tokio::test]
async fn an_inbox_without_a_profile_answers_none() {
    let house = House::open().await;
    let scheme = Inbox { scheme: Some("asana".to_owned()), ..inbox("plain") };
    house.add(scheme).await;
    let answer = house.send(post("plain", "X-Hook-Secret: s\r\n", "{}")).await;
    assert_eq!((answer.status, answer.header("x-hook-secret")), (200, None));
    noted(&house, None, &answer).await;
}
