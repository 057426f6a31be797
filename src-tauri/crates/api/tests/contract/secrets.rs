//! Several secrets of one endpoint or inbox, and their rotation.

use http::HeaderMap;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

const HINTS: [&str; 2] = ["first secret 11", "second secret 2"];

fn hints(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|secret| text(&secret["hint"])).collect()
}

/// Signs with a secret and sends it to an inbox; the verdict it got.
async fn verdict(bench: &Bench, inbox: &Value, secret: &str) -> String {
    let signed = json!({"scheme": "github", "secret": secret, "method": "POST", "url": inbox["url"],
        "body_base64": "e30="});
    let signed = bench.post("/v1/signatures/sign", &signed).await.expect(200);
    let mut headers = HeaderMap::new();
    for pair in signed["headers"].as_array().unwrap() {
        headers.insert(
            http::HeaderName::from_bytes(text(&pair[0]).as_bytes()).unwrap(),
            text(&pair[1]).parse().unwrap(),
        );
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.post(text(&inbox["url"])).headers(headers).body("{}").send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let path = format!("/v1/requests?limit=1&inbox_id={}", text(&inbox["id"]));
    let captured = bench.get(&path).await.expect(200)["data"][0].clone();
    text(&captured["verification"]["status"]).to_owned()
}

#[tokio::test]
async fn an_inbox_verifies_by_each_of_its_secrets_while_it_holds() {
    let bench = Bench::open().await;
    let [first, second] = HINTS;
    let draft = json!({"name": "Hooks", "provider": "github", "secret": first});
    let inbox = bench.post("/v1/inboxes", &draft).await.expect(201);
    let path = format!("/v1/inboxes/{}", text(&inbox["id"]));

    let both = bench.post(&format!("{path}/secrets"), &json!({"secret": second})).await.expect(201);
    assert_eq!(hints(&both), ["…t 11", "…et 2"]);
    assert_eq!(verdict(&bench, &inbox, first).await, "valid");
    assert_eq!(verdict(&bench, &inbox, second).await, "valid");
    assert_eq!(verdict(&bench, &inbox, "a third one, unknown").await, "invalid");

    let id = text(&both["data"][0]["id"]);
    bench.delete(&format!("{path}/secrets/{id}")).await.expect(204);
    assert_eq!(verdict(&bench, &inbox, first).await, "invalid");
    assert_eq!(verdict(&bench, &inbox, second).await, "valid");
    bench.delete(&format!("{path}/secrets/{id}")).await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn an_inboxs_old_secret_verifies_for_the_overlap_and_no_longer() {
    let bench = Bench::open().await;
    let draft = json!({"name": "Hooks", "provider": "github", "secret": HINTS[0]});
    let inbox = bench.post("/v1/inboxes", &draft).await.expect(201);
    let path = format!("/v1/inboxes/{}", text(&inbox["id"]));

    let rotated =
        bench.post(&format!("{path}/rotate-secret"), &json!({"overlap_ms": 60_000})).await.expect(200);
    let new = text(&rotated["secret"]).to_owned();
    let known = bench.get(&format!("{path}/secrets")).await.expect(200);
    assert_eq!(known["data"][0]["current"], true);
    assert_eq!(known["data"][1]["expires_at"], "2026-11-21T04:36:00.000Z");
    assert!(bench.get(&path).await.expect(200).get("secret").is_none());
    assert_eq!(verdict(&bench, &inbox, HINTS[0]).await, "valid");
    assert_eq!(verdict(&bench, &inbox, &new).await, "valid");

    bench.clock.advance(std::time::Duration::from_millis(60_001));
    assert_eq!(verdict(&bench, &inbox, HINTS[0]).await, "invalid");
    assert_eq!(verdict(&bench, &inbox, &new).await, "valid");
    assert_eq!(bench.get(&format!("{path}/secrets")).await.expect(200)["data"].as_array().unwrap().len(), 1);
    bench.close().await;
}

#[tokio::test]
async fn an_endpoint_signs_with_all_its_secrets_and_keeps_one() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = bench.loop_of("generic").await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    let more = json!({"secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "expires_in_ms": 60_000});
    let both = bench.post(&format!("{path}/secrets"), &more).await.expect(201);
    assert_eq!(both["data"].as_array().unwrap().len(), 2);
    assert_eq!((&both["data"][0]["current"], &both["data"][1]["current"]), (&json!(true), &json!(false)));

    let event = bench.post(&format!("{path}/test"), &json!({})).await.expect(202);
    let ended = bench.ended(text(&event["deliveries"][0]["id"])).await;
    let sent = ended["attempts"][0]["request"]["headers"].as_array().unwrap().clone();
    let signature =
        sent.iter().find(|pair| text(&pair[0]).eq_ignore_ascii_case("webhook-signature")).unwrap();
    assert_eq!(text(&signature[1]).split(' ').count(), 2, "{signature}");
    let captured = bench.get(&format!("/v1/requests?inbox_id={}", text(&inbox["id"]))).await.expect(200);
    assert_eq!(captured["data"][0]["verification"]["status"], "valid");

    let id = text(&both["data"][0]["id"]);
    bench.delete(&format!("{path}/secrets/{id}")).await.expect(204);
    let last = bench.get(&format!("{path}/secrets")).await.expect(200);
    assert_eq!(hints(&last), ["…FRYX"]);
    let id = text(&last["data"][0]["id"]);
    let refused = bench.delete(&format!("{path}/secrets/{id}")).await.expect(409);
    assert!(text(&refused["detail"]).contains("only secret"), "{refused}");
    bench.close().await;
}

#[tokio::test]
async fn each_look_at_a_secret_is_in_the_log() {
    let bench = Bench::open().await;
    let (_, endpoint) = bench.loop_of("generic").await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    assert_eq!(bench.get(&format!("{path}/reveals")).await.expect(200)["data"], json!([]));
    bench.get(&format!("{path}/secret")).await.expect(200);
    bench.clock.advance(std::time::Duration::from_secs(1));
    bench.get(&format!("{path}/secret")).await.expect(200);
    let log = bench.get(&format!("{path}/reveals")).await.expect(200);
    let times: Vec<_> = log["data"].as_array().unwrap().iter().map(|look| text(&look["at"])).collect();
    assert_eq!(times, ["2026-11-21T04:35:01.000Z", "2026-11-21T04:35:00.000Z"]);
    assert!(log["data"].as_array().unwrap().iter().all(|look| look["what"] == "secret"), "{log}");
    bench.close().await;
}

#[tokio::test]
async fn secrets_that_do_not_fit_are_refused() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "Plain"})).await.expect(201);
    let plain = format!("/v1/inboxes/{}", text(&inbox["id"]));
    let refused = bench.post(&format!("{plain}/secrets"), &json!({"secret": "x"})).await.expect(409);
    assert!(text(&refused["detail"]).contains("neither provider nor scheme"), "{refused}");
    bench.post(&format!("{plain}/rotate-secret"), &json!({})).await.expect(409);

    let (_, endpoint) = bench.loop_of("generic").await;
    let path = format!("/v1/webhook-endpoints/{}/secrets", text(&endpoint["id"]));
    for (body, says) in [
        (json!({"secret": "not base64!"}), "does not fit"),
        (json!({"secret": endpoint["secret"]}), "is one of those that hold already"),
        (json!({"secret": "whsec_AAEC", "expires_in_ms": 99_000_000_000_u64}), "30 days"),
        (json!({}), "secret"),
    ] {
        let refused = bench.post(&path, &body).await;
        assert!(matches!(refused.status.as_u16(), 400 | 422), "{body}: {}", refused.status);
        assert!(refused.json().to_string().contains(says), "{body}: {}", refused.json());
    }
    for number in 0..9 {
        let secret = json!({"secret": format!("whsec_AAEC{number}AAA")});
        bench.post(&path, &secret).await.expect(201);
    }
    let refused = bench.post(&path, &json!({"secret": "whsec_BBBB"})).await.expect(422);
    assert!(refused.to_string().contains("at most 10"), "{refused}");

    // What stands for a secret where it is shown is none.
    let veiled = json!({"provider": "github", "secret": "(the secret)"});
    let inbox = bench.post("/v1/inboxes", &json!({"provider": "github"})).await.expect(201);
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    let bearer = json!({"url": "http://127.0.0.1:9/", "scheme": "bearer", "secret": "(the secret)"});
    let secret = json!({"secret": "(the secret)"});
    for answer in [
        bench.post("/v1/inboxes", &veiled).await,
        bench.patch(&inbox, &secret).await,
        bench.post(&format!("{inbox}/rotate-secret"), &secret).await,
        bench.post(&format!("{inbox}/secrets"), &secret).await,
        bench.post("/v1/webhook-endpoints", &bearer).await,
        bench.patch(&path, &secret).await,
        bench.post(&format!("{path}/rotate-secret"), &secret).await,
    ] {
        let refused = answer.expect(422);
        assert!(text(&refused["errors"][0]["message"]).contains("could stand for"), "{refused}");
    }

    let number =
        bench.post("/v1/inboxes", &json!({"provider": "github", "secret": 1_234_567})).await.expect(422);
    assert_eq!(number["errors"][0]["message"], "must be a string", "and its value is not repeated");

    let inbox = json!({"slug": "crowded", "provider": "github", "secret": "the first of them"});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let path = format!("/v1/inboxes/{}/secrets", text(&inbox["id"]));
    let drafts: Vec<_> = (0..12).map(|number| json!({"secret": format!("at once {number}")})).collect();
    let added = futures::future::join_all(drafts.iter().map(|draft| bench.post(&path, draft))).await;
    let known = bench.get(&path).await.expect(200)["data"].as_array().unwrap().len();
    let taken = added.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((known, taken), (10, 9), "what was answered with 201 is there, and no more than may be");
    bench.close().await;
}

#[tokio::test]
async fn a_secret_that_is_sent_as_it_is_stays_out_of_the_log_and_the_preview() {
    const TOKEN: &str = "token-that-nobody-reads";
    let bench = Bench::open().await;
    let inbox = json!({"slug": "guarded", "scheme": "bearer", "secret": TOKEN});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let endpoint = json!({"url": inbox["url"], "provider": "generic", "scheme": "bearer", "secret": TOKEN});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let draft = json!({"type": "user.created", "provider": "generic", "endpoint_ids": [endpoint["id"]]});
    let preview = bench.post("/v1/events/preview", &draft).await.expect(200);
    let event = bench.post("/v1/events", &draft).await.expect(202);
    let ended = bench.ended(text(&event["deliveries"][0]["id"])).await;
    assert_eq!(ended["status"], "delivered");
    for shown in [&preview, &ended] {
        assert!(!shown.to_string().contains(TOKEN), "{shown}");
        assert!(shown.to_string().contains("Bearer (the secret)"), "{shown}");
    }
    let captured = bench.get(&format!("/v1/requests?inbox_id={}", text(&inbox["id"]))).await.expect(200);
    assert_eq!(captured["data"][0]["verification"]["status"], "valid", "the secret itself was sent");
    assert_eq!(captured["data"][0]["delivery_id"], ended["id"], "and the two ends are joined");

    let again = json!({"ids": [ended["id"]], "resign": "exact", "reason": "once more"});
    bench.post("/v1/replays", &again).await.expect(202);
    let mut changes = bench.workbench.changes().subscribe();
    let path = format!("/v1/requests?inbox_id={}", text(&inbox["id"]));
    let captured = loop {
        let captured = bench.get(&path).await.expect(200);
        if captured["data"].as_array().unwrap().len() == 2 {
            break captured;
        }
        changes.next().await;
    };
    assert_eq!(captured["data"][0]["verification"]["status"], "valid", "an exact replay has it again");
    bench.close().await;
}
