//! What an endpoint or inbox chooses for itself: its scheme, its envelope, what its failures are counted by, and
//! how far its provider lets it choose.

use serde_json::{Value, json};

use crate::bench::{Bench, text};

async fn endpoint(bench: &Bench, more: &Value) -> Value {
    let mut input = json!({"url": "http://127.0.0.1:9/x"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.post("/v1/webhook-endpoints", &input).await.expect(201)
}

fn path(endpoint: &Value) -> String {
    format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))
}

#[track_caller]
fn field(problem: &Value) -> (&str, &str) {
    (text(&problem["errors"][0]["field"]), text(&problem["errors"][0]["message"]))
}

#[tokio::test]
async fn a_scheme_of_its_own_makes_the_secret_and_is_checked() {
    let bench = Bench::open().await;
    let made = endpoint(&bench, &json!({"provider": "github", "scheme": "standardwebhooks"})).await;
    assert_eq!(made["scheme"], "standardwebhooks");
    assert!(text(&made["secret"]).starts_with("whsec_"), "{made}");
    let unknown = json!({"url": "http://127.0.0.1:9/x", "scheme": "nope"});
    let unknown = bench.post("/v1/webhook-endpoints", &unknown).await.expect(422);
    assert_eq!(field(&unknown).0, "scheme");
    let unfit = json!({"url": "http://127.0.0.1:9/x", "scheme": "standardwebhooks_v1a", "secret": "short"});
    assert_eq!(field(&bench.post("/v1/webhook-endpoints", &unfit).await.expect(422)).0, "secret");

    // A secret of another form has to come along, or to be made.
    let refused = bench.patch(&path(&made), &json!({"scheme": "discord"})).await.expect(422);
    assert_eq!(field(&refused).0, "scheme");
    let rotated = json!({"scheme": "discord"});
    let rotated = bench.post(&format!("{}/rotate-secret", path(&made)), &rotated).await.expect(200);
    assert_eq!(rotated["scheme"], "discord");
    let back = json!({"scheme": null, "secret": "a GitHub secret"});
    assert_eq!(bench.patch(&path(&made), &back).await.expect(200)["scheme"], Value::Null);

    // What only verifies is nothing for an endpoint, and all that an inbox needs.
    let public = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let mut halves = json!({"scheme": "standardwebhooks_v1a", "secret": public});
    bench.post("/v1/inboxes", &halves).await.expect(201);
    halves["url"] = json!("http://127.0.0.1:9/x");
    let refused = bench.post("/v1/webhook-endpoints", &halves).await.expect(422);
    let (name, message) = field(&refused);
    assert!(name == "secret" && message.contains("public"), "{refused}");
    bench.close().await;
}

#[tokio::test]
async fn an_inbox_verifies_by_a_scheme_without_a_provider() {
    let bench = Bench::open().await;
    let lone = json!({"secret": "x"});
    let lone = bench.post("/v1/inboxes", &lone).await.expect(422);
    assert_eq!(field(&lone).0, "secret");
    let made = json!({"scheme": "github", "secret": "It's a Secret to Everybody"});
    let made = bench.post("/v1/inboxes", &made).await.expect(201);
    assert_eq!((&made["scheme"], &made["provider"]), (&json!("github"), &Value::Null));
    assert_eq!((&made["handshakes"], &made["verify_token"]), (&json!(true), &Value::Null));
    let edited =
        json!({"handshakes": false, "verify_token": "meaty hamster", "scheme": null, "secret": null});
    let path = format!("/v1/inboxes/{}", text(&made["id"]));
    let edited = bench.patch(&path, &edited).await.expect(200);
    assert_eq!((&edited["handshakes"], &edited["verify_token"]), (&json!(false), &json!("(the secret)")));
    assert_eq!(edited["scheme"], Value::Null);
    bench.close().await;
}

#[tokio::test]
async fn a_providers_limits_hold() {
    let bench = Bench::open().await;
    let of = |more: Value| {
        let mut input = json!({"url": "http://127.0.0.1:9/x", "provider": "sent"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    for (more, wrong) in [
        (json!({"timeout_ms": 4999}), "timeout_ms"),
        (json!({"timeout_ms": 120_001}), "timeout_ms"),
        (json!({"retry": {"delays_ms": []}}), "retry.delays_ms"),
        (json!({"retry": {"delays_ms": [1, 2, 3, 4, 5, 6]}}), "retry.delays_ms"),
        (json!({"envelope": "nope"}), "envelope"),
    ] {
        let refused = bench.post("/v1/webhook-endpoints", &of(more)).await.expect(422);
        assert_eq!(field(&refused).0, wrong, "{refused}");
    }
    let most =
        json!({"timeout_ms": 120_000, "retry": {"delays_ms": [1, 2, 3, 4, 5]}, "disable_counts": "attempts"});
    let made = bench.post("/v1/webhook-endpoints", &of(most)).await.expect(201);
    assert_eq!(made["disable_counts"], "attempts");
    let refused = bench.patch(&path(&made), &json!({"timeout_ms": 1000})).await.expect(422);
    let (name, message) = field(&refused);
    assert!(name == "timeout_ms" && message.contains("5000"), "{refused}");
    let nothing =
        json!({"url": "http://127.0.0.1:9/x", "provider": "politicalcomms", "disable_counts": "attempts"});
    assert_eq!(field(&bench.post("/v1/webhook-endpoints", &nothing).await.expect(422)).0, "disable_counts");
    bench.close().await;
}

#[tokio::test]
async fn each_endpoint_gets_the_envelope_that_it_chose() {
    let bench = Bench::open().await;
    let providers = bench.get("/v1/providers/sent").await.expect(200);
    let envelopes: Vec<String> =
        providers["envelopes"].as_array().unwrap().iter().map(|one| text(&one["id"]).to_owned()).collect();
    assert_eq!(envelopes.len(), 3, "{providers}");
    let mut endpoints = Vec::new();
    for (number, envelope) in envelopes.iter().map(|id| json!(id)).chain([Value::Null]).enumerate() {
        let inbox = bench.post("/v1/inboxes", &json!({"slug": format!("in-{number}")})).await.expect(201);
        let more = json!({"provider": "sent", "url": inbox["url"], "envelope": envelope});
        endpoints.push(endpoint(&bench, &more).await);
    }
    let sent = json!({"type": "message.delivered", "provider": "sent"});
    let previews = bench.post("/v1/events/preview", &sent).await.expect(200);
    assert_eq!(previews["requests"].as_array().unwrap().len(), 4);
    let accepted = bench.post("/v1/events", &sent).await.expect(202);
    let mut bodies = Vec::new();
    for endpoint in &endpoints {
        let delivery = accepted["deliveries"].as_array().unwrap().iter();
        let delivery = delivery.into_iter().find(|one| one["endpoint_id"] == endpoint["id"]).unwrap();
        let delivery = text(&delivery["id"]);
        assert_eq!(bench.ended(delivery).await["status"], "delivered");
        let body = bench.get(&format!("/v1/deliveries/{delivery}/attempts/1/request")).await;
        bodies.push(body.json());
    }
    let shape = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let shapes: std::collections::HashSet<_> =
        bodies[..3].iter().map(|body| format!("{:?}{}", shape(body), body["field"])).collect();
    assert_eq!(shapes.len(), 3, "{bodies:?}");
    assert_eq!(bodies[3], bodies[0], "the usual one is the first, and it is the same event");
    bench.close().await;
}

#[tokio::test]
async fn what_a_provider_did_not_publish_is_set_by_a_scheme_of_ones_own() {
    let bench = Bench::open().await;
    let published = bench.get("/v1/schemes/smsportal").await.expect(200);
    let mut form = published.clone();
    form.as_object_mut().unwrap().remove("about");
    form["id"] = json!("smsportal_found_out");
    form["name"] = json!("SMSPortal, as we found it");
    form["signature_header"] = json!("X-Sms-Sig");
    form["timestamp"]["header"] = json!("X-Sms-Time");
    form["encoding"] = json!("base64");
    bench.post("/v1/schemes", &form).await.expect(201);

    let url = format!("{}/sms", bench.workbench.capture_origin());
    let made = json!({"provider": "smsportal", "scheme": "smsportal_found_out", "url": url});
    let made = bench.post("/v1/webhook-endpoints", &made).await.expect(201);
    let inbox = json!({
        "slug": "sms", "provider": "smsportal", "scheme": "smsportal_found_out", "secret": made["secret"],
    });
    bench.post("/v1/inboxes", &inbox).await.expect(201);
    let arrived = async |path: &str| {
        let sent = bench.post(path, &json!({})).await.expect(202);
        let delivery = text(&sent["deliveries"][0]["id"]).to_owned();
        assert_eq!(bench.ended(&delivery).await["status"], "delivered");
        let requests = bench.get("/v1/requests").await.expect(200);
        requests["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["delivery_id"] == *delivery)
            .unwrap()
            .clone()
    };
    let test = format!("{}/test", path(&made));
    let has = |request: &Value, name: &str| {
        let mut headers = request["headers"].as_array().unwrap().iter();
        headers.any(|pair| text(&pair[0]).eq_ignore_ascii_case(name))
    };
    let first = arrived(&test).await;
    assert_eq!(first["verification"]["status"], "valid", "{first}");
    assert_eq!(first["verification"]["scheme"], "smsportal_found_out");
    assert!(has(&first, "X-Sms-Sig") && has(&first, "X-Sms-Time") && !has(&first, "X-Signature"), "{first}");
    assert_eq!(bench.get(&path(&made)).await.expect(200)["draft"], false);

    // Found out better: it holds at once, at both ends.
    form["signature_header"] = json!("X-Sms-Signature");
    bench.send(http::Method::PUT, "/v1/schemes/smsportal_found_out", &form).await.expect(200);
    let second = arrived(&test).await;
    assert_eq!(second["verification"]["status"], "valid", "{second}");
    assert!(has(&second, "X-Sms-Signature") && !has(&second, "X-Sms-Sig"), "{second}");

    // What is in use stays.
    let refused = bench.delete("/v1/schemes/smsportal_found_out").await.expect(409);
    assert!(text(&refused["detail"]).contains("endpoint"), "{refused}");
    bench.close().await;
}
