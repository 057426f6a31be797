//! Schemes and providers of one's own: added, used at once by what delivers and what captures, and removed.

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::bench::{Bench, text};

fn form(id: &str) -> Value {
    json!({
        "id": id, "name": "Ours", "signature_header": "X-Ours", "signature_format": "ours={sig}", "content": "{body}",
        "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
    })
}

const CATALOGUE: &str = r#"
openapi: 3.1.0
info: { title: Our events, version: "1" }
webhooks:
  parcel.sent:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [kind, parcel]
              properties: { kind: { const: sent }, parcel: { type: string, format: uuid } }
  parcel.lost:
    post:
      requestBody:
        content:
          application/json:
            schema: { type: object, required: [kind], properties: { kind: { const: lost } } }
"#;

fn catalogue() -> Value {
    json!({"name": "Our Parcels", "scheme": "ours", "documents": [{"name": "ours.yaml", "text": CATALOGUE}]})
}

/// Sends a body with one header to a URL.
async fn send(url: &str, header: (&str, &str), body: &'static str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(http::HeaderName::from_bytes(header.0.as_bytes()).unwrap(), header.1.parse().unwrap());
    assert_eq!(client.post(url).headers(headers).body(body).send().await.unwrap().status(), 200);
}

async fn newest(bench: &Bench, inbox: &Value) -> Value {
    let path = format!("/v1/requests?limit=1&inbox_id={}", text(&inbox["id"]));
    bench.get(&path).await.expect(200)["data"][0].clone()
}

#[tokio::test]
async fn a_scheme_of_ones_own_verifies_at_once_and_as_it_is_changed() {
    let bench = Bench::open().await;
    let added = bench.post("/v1/schemes", &form("ours")).await.expect(201);
    let about = json!({"own": true, "asymmetric": false, "signs_url": false, "secret": added["about"]["secret"], "used_by": 0});
    assert_eq!(added["about"], about);
    let listed = bench.get("/v1/schemes").await.expect(200);
    let listed = listed["data"].as_array().unwrap();
    assert_eq!(listed.last().unwrap()["id"], "ours");
    assert!(listed.iter().filter(|scheme| scheme["about"]["own"] == true).count() == 1);

    let draft = json!({"name": "Ours", "scheme": "ours", "secret": "hush hush, ours"});
    let inbox = bench.post("/v1/inboxes", &draft).await.expect(201);
    let sign = json!({"scheme": "ours", "secret": "hush hush, ours", "method": "POST", "url": "", "body_base64": "e30="});
    let signed = bench.post("/v1/signatures/sign", &sign).await.expect(200);
    let signature = text(&signed["headers"][0][1]).to_owned();
    send(text(&inbox["url"]), ("X-Ours", &signature), "{}").await;
    assert_eq!(newest(&bench, &inbox).await["verification"]["status"], "valid");
    assert_eq!(bench.get("/v1/schemes/ours").await.expect(200)["about"]["used_by"], 1);

    // Another header from now on: what came before is unsigned by it.
    let mut changed = bench.get("/v1/schemes/ours").await.expect(200);
    changed["signature_header"] = "X-Theirs".into();
    bench.send(Method::PUT, "/v1/schemes/ours", &changed).await.expect(200);
    send(text(&inbox["url"]), ("X-Ours", &signature), "{}").await;
    assert_eq!(newest(&bench, &inbox).await["verification"]["status"], "unsigned");
    send(text(&inbox["url"]), ("X-Theirs", &signature), "{}").await;
    assert_eq!(newest(&bench, &inbox).await["verification"]["status"], "valid");

    let refused = bench.delete("/v1/schemes/ours").await.expect(409);
    assert!(text(&refused["detail"]).contains("the inbox “Ours”"), "{refused}");
    bench.delete(&format!("/v1/inboxes/{}", text(&inbox["id"]))).await.expect(200);
    bench.delete("/v1/schemes/ours").await.expect(204);
    bench.get("/v1/schemes/ours").await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn what_cannot_be_a_scheme_is_refused_with_its_field() {
    let bench = Bench::open().await;
    let mut wrong = form("ours");
    wrong["content"] = "{boddy}".into();
    let refused = bench.post("/v1/schemes", &wrong).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "content");
    bench.post("/v1/schemes", &form("github")).await.expect(409);
    for word in ["preview", "snippet"] {
        // What could not be reached by its own path.
        let refused = bench.post("/v1/schemes", &form(word)).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "id");
    }
    bench.send(Method::PUT, "/v1/schemes/github", &form("github")).await.expect(409);
    bench.delete("/v1/schemes/github").await.expect(409);
    bench.send(Method::PUT, "/v1/schemes/ours", &form("ours")).await.expect(404);
    bench.delete("/v1/schemes/ours").await.expect(404);
    bench.post("/v1/schemes", &form("ours")).await.expect(201);
    bench.post("/v1/schemes", &form("ours")).await.expect(409);
    let refused = bench.send(Method::PUT, "/v1/schemes/ours", &form("other")).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "id");
    bench.close().await;
}

#[tokio::test]
async fn an_imported_provider_sends_and_is_verified_and_recognised() {
    let bench = Bench::open().await;
    bench.post("/v1/schemes", &form("ours")).await.expect(201);
    let made = bench.post("/v1/providers", &catalogue()).await.expect(201);
    assert_eq!((text(&made["id"]), &made["own"]), ("ourparcels", &json!(true)));
    assert_eq!((text(&made["scheme"]), text(&made["description"])), ("ours", "Our events"));
    assert_eq!(made["events"][0]["schema"]["required"], json!(["kind", "parcel"]));

    let (inbox, endpoint) = bench.loop_of("ourparcels").await;
    for event_type in ["parcel.sent", "parcel.lost"] {
        let sent = bench
            .post("/v1/events", &json!({"type": event_type, "provider": "ourparcels"}))
            .await
            .expect(202);
        let delivery = bench.ended(text(&sent["deliveries"][0]["id"])).await;
        assert_eq!((text(&delivery["status"]), &delivery["endpoint_id"]), ("delivered", &endpoint["id"]));
        let captured = newest(&bench, &inbox).await;
        assert_eq!(captured["verification"]["status"], "valid", "{captured}");
        assert_eq!(
            (text(&captured["verification"]["scheme"]), text(&captured["event_type"])),
            ("ours", event_type)
        );
    }

    let refused = bench.delete("/v1/schemes/ours").await.expect(409);
    assert!(text(&refused["detail"]).contains("the provider “ourparcels”"), "{refused}");
    bench.delete("/v1/providers/ourparcels").await.expect(409);
    bench.delete(&format!("/v1/inboxes/{}", text(&inbox["id"]))).await.expect(200);
    bench.delete(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]))).await.expect(204);
    bench.delete("/v1/providers/ourparcels").await.expect(204);
    bench.delete("/v1/schemes/ours").await.expect(204);
    bench.close().await;
}

#[tokio::test]
async fn documents_say_what_they_would_bring_and_nothing_is_kept() {
    let bench = Bench::open().await;
    let mut documents = json!({"documents": catalogue()["documents"]});
    let preview = bench.post("/v1/providers/preview", &documents).await.expect(200);
    assert_eq!(preview["title"], "Our events");
    let types: Vec<&str> =
        preview["events"].as_array().unwrap().iter().map(|event| text(&event["type"])).collect();
    assert_eq!(types, ["parcel.sent", "parcel.lost"]);
    let listed = bench.get("/v1/providers").await.expect(200);
    assert!(listed["data"].as_array().unwrap().iter().all(|provider| provider["own"] == false));

    documents["documents"][0]["text"] = CATALOGUE.replace("const: lost", "$ref: nowhere.yaml").into();
    let refused = bench.post("/v1/providers/preview", &documents).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "documents[0]");
    documents["documents"] = json!([]);
    let refused = bench.post("/v1/providers/preview", &documents).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "documents");
    bench.close().await;
}

#[tokio::test]
async fn a_provider_that_was_imported_before_is_not_made_a_second_time_unasked() {
    let bench = Bench::open().await;
    let mut draft = catalogue();
    draft["scheme"] = Value::Null;
    bench.post("/v1/providers", &draft).await.expect(201);
    let refused = bench.post("/v1/providers", &draft).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "id");
    let message = text(&refused["errors"][0]["message"]);
    assert!(message.contains("Our Parcels already, which was imported before"), "{message}");
    let builtin = json!({"name": "Stripe", "documents": draft["documents"]});
    let refused = bench.post("/v1/providers", &builtin).await.expect(422);
    assert!(text(&refused["errors"][0]["message"]).contains("is that of Stripe already"), "{refused}");
    // Who means it says under which id.
    draft["id"] = "ourparcels2".into();
    let second = bench.post("/v1/providers", &draft).await.expect(201);
    assert_eq!((text(&second["id"]), text(&second["name"])), ("ourparcels2", "Our Parcels"));
    bench.close().await;
}

#[tokio::test]
async fn all_faults_of_documents_are_told_at_once() {
    let bench = Bench::open().await;
    let bad = CATALOGUE.replace("const: lost", "$ref: nowhere.yaml").replace("format: uuid", "$ref: 5");
    let documents = json!([{"name": "ours.yaml", "text": bad}, {"name": "more.yaml", "text": "a: ["}]);
    let refused = bench.post("/v1/providers/preview", &json!({"documents": documents})).await.expect(422);
    let told: Vec<(&str, &str)> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (text(&error["field"]), text(&error["message"]).split(": ").next().unwrap()))
        .collect();
    let schema = "post/requestBody/content/application~1json/schema/properties";
    let (sent, lost) = (
        format!("/webhooks/parcel.sent/{schema}/parcel/$ref"),
        format!("/webhooks/parcel.lost/{schema}/kind/$ref"),
    );
    let place = "line 1, column 4";
    assert_eq!(told, [("documents[0]", &*sent), ("documents[0]", &*lost), ("documents[1]", place)]);
    let yaml = text(&refused["errors"][2]["message"]);
    assert!(!yaml.trim_start_matches(place).contains("line"), "the place is said once: {yaml}");
    bench.close().await;
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_with_its_place() {
    let bench = Bench::open().await;
    let refused = bench.post("/v1/providers", &catalogue()).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "scheme");
    let mut draft = catalogue();
    draft["scheme"] = Value::Null;
    draft["documents"][0]["text"] = CATALOGUE.replace("const: lost", "$ref: nowhere.yaml").into();
    let refused = bench.post("/v1/providers", &draft).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "documents[0]");
    let message = text(&refused["errors"][0]["message"]);
    assert!(message.starts_with("/webhooks/parcel.lost/post/requestBody"), "{message}");
    let mut unreachable = draft.clone();
    unreachable["documents"][0]["text"] = CATALOGUE.into();
    for (given, name) in [(json!("preview"), "Ours"), (Value::Null, "Snippet")] {
        (unreachable["id"], unreachable["name"]) = (given, name.into());
        let refused = bench.post("/v1/providers", &unreachable).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], "id", "{refused}");
    }
    draft["documents"] = json!([]);
    draft["base"] = "nobody".into();
    let refused = bench.post("/v1/providers", &draft).await.expect(422);
    let fields: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| text(&error["field"])).collect();
    assert_eq!(fields, ["base", "documents"]);
    bench.delete("/v1/providers/pulsewave").await.expect(409);
    bench.delete("/v1/providers/nobody").await.expect(404);
    bench.close().await;
}
