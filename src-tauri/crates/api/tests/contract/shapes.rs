//! What bodies look like, and what is told of those that differ, over real inboxes.

use serde_json::{Value, json};

use crate::bench::{Bench, text};
use crate::veiled::captured;

async fn arrives(inbox: &Value, body: &Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.post(text(&inbox["url"])).body(body.to_string()).send().await.unwrap();
    assert_eq!(sent.status(), 200);
}

/// Waits until there are so many shapes, learnt from so many bodies together, and lists them.
async fn learnt(bench: &Bench, shapes: usize, bodies: u64) -> Vec<Value> {
    let mut changes = bench.workbench.changes().subscribe();
    loop {
        let page = bench.get("/v1/shapes").await.expect(200);
        let all = page["data"].as_array().unwrap().clone();
        let sum: u64 = all.iter().map(|shape| shape["bodies"].as_u64().unwrap()).sum();
        if (all.len(), sum) == (shapes, bodies) {
            return all;
        }
        assert!(sum <= bodies, "{page}");
        changes.next().await;
    }
}

fn paths(fields: &Value) -> Vec<&str> {
    fields.as_array().unwrap().iter().map(|field| text(&field["path"])).collect()
}

async fn plain_inbox(bench: &Bench, slug: &str) -> Value {
    bench.post("/v1/inboxes", &json!({"slug": slug})).await.expect(201)
}

#[tokio::test]
async fn what_differs_is_told_at_the_first_request_that_has_it() {
    let bench = Bench::open().await;
    let inbox = plain_inbox(&bench, "shapes").await;
    for n in 0..5 {
        arrives(&inbox, &json!({"id": n, "data": {"to": "+4917012345"}, "items": [{"sku": "a"}]})).await;
    }
    let shape = learnt(&bench, 1, 5).await.remove(0);
    assert_eq!((&shape["provider"], &shape["inbox_id"]), (&Value::Null, &inbox["id"]));
    assert_eq!((&shape["drifts"], &shape["last_drift_at"]), (&json!(0), &Value::Null));
    let differs = json!({"id": 6, "data": {"to": 49, "via": "sms"}, "items": [{"sku": "a", "n": 2}]});
    arrives(&inbox, &differs).await;
    arrives(&inbox, &json!({"data": {"to": 50, "via": "sms"}, "items": []})).await;
    let shape = learnt(&bench, 1, 7).await.remove(0);
    assert_eq!(shape["drifts"], 4);

    let page = captured(&bench, &inbox, 7).await;
    let rows = page["data"].as_array().unwrap();
    assert_eq!(rows[1]["drift_kinds"], json!(["new_field", "changed_type"]));
    assert_eq!(rows[0]["drift_kinds"], json!(["missing_field"]));
    assert!(rows[1]["drifted"] == true && rows[2]["drifted"] == false && rows[2]["drift_kinds"] == json!([]));
    assert!(rows[1].get("drift").is_none(), "not in lists");
    let path = format!("/v1/requests/{}", text(&rows[1]["id"]));
    let alone = bench.get(&path).await.expect(200);
    assert_eq!(paths(&alone["drift"]), ["data.to", "data.via", "items[].n"]);
    let first = &alone["drift"][0];
    assert_eq!(
        (&first["kind"], &first["was"], &first["is"]),
        (&json!("changed_type"), &json!(["string"]), &json!("integer"))
    );
    assert_eq!((&first["times"], &first["shape_id"]), (&json!(2), &shape["id"]));
    let found = bench.get("/v1/requests?filter=is:drifted%20-type:none").await.expect(200);
    let ids: Vec<&Value> = found["data"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&rows[0]["id"], &rows[1]["id"]]);
    // What a person says about it leaves that as it is.
    let edited = bench.patch(&path, &json!({"note": "look"})).await.expect(200);
    assert_eq!((&edited["drift"], &edited["drifted"]), (&alone["drift"], &json!(true)));

    let page = bench.get("/v1/drifts?limit=3").await.expect(200);
    assert_eq!(text(&page["data"][0]["path"]), "id");
    assert_eq!(page["data"][0]["times"], 1);
    let rest = format!("/v1/drifts?cursor={}&shape_id={}", text(&page["next_cursor"]), text(&shape["id"]));
    let rest = bench.get(&rest).await.expect(200);
    assert_eq!((paths(&rest["data"]), &rest["next_cursor"]), (vec!["data.to"], &Value::Null));
    assert_eq!(bench.get("/v1/drifts?since=2027-01-01T00:00:00Z").await.expect(200)["data"], json!([]));
    bench.get("/v1/drifts?shape_id=shp_x").await.expect(422);
    bench.get("/v1/drifts?cursor=x").await.expect(422);

    // What is deleted has no drift any more.
    bench.delete(&path).await.expect(204);
    assert_eq!(bench.get("/v1/drifts").await.expect(200)["data"].as_array().unwrap().len(), 1);
    bench.close().await;
}

#[tokio::test]
async fn a_shape_is_a_tree_a_schema_and_can_be_forgotten() {
    let bench = Bench::open().await;
    let inbox = plain_inbox(&bench, "tree").await;
    for state in ["sent", "failed", "sent", "sent", "sent"] {
        arrives(&inbox, &json!({"state": state, "at": "2026-11-21T04:35:00Z", "n": 1.5})).await;
    }
    arrives(&inbox, &json!({"state": "sent", "n": 2, "list": [{"x": null}]})).await;
    let id = learnt(&bench, 1, 6).await[0]["id"].clone();
    let path = format!("/v1/shapes/{}", text(&id));
    let shape = bench.get(&path).await.expect(200);
    assert_eq!(paths(&shape["fields"]), ["$", "at", "list", "list[]", "list[].x", "n", "state"]);
    let (at, state) = (&shape["fields"][1], &shape["fields"][6]);
    assert_eq!(
        (&at["format"], &at["seen"], &at["of"], &at["required"]),
        (&json!("date-time"), &json!(5), &json!(6), &json!(false))
    );
    assert_eq!(
        (&state["words"], &state["example"], &state["required"]),
        (&json!(["failed", "sent"]), &json!("sent"), &json!(true))
    );
    assert_eq!(
        shape["fields"][5]["types"],
        json!([{"type": "integer", "count": 1}, {"type": "number", "count": 5}])
    );
    let schema = bench.get(&format!("{path}/schema.json")).await.expect(200);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["required"], json!(["n", "state"]));
    assert_eq!(schema["properties"]["n"]["type"], "number");

    // The example goes with the request that it stood in.
    let newest = captured(&bench, &inbox, 6).await["data"][0]["id"].clone();
    bench.delete(&format!("/v1/requests/{}", text(&newest))).await.expect(204);
    let shape = bench.get(&path).await.expect(200);
    assert!(shape["fields"][6].get("example").is_none());

    bench.delete(&path).await.expect(204);
    for gone in [path.clone(), format!("{path}/schema.json")] {
        bench.get(&gone).await.expect(404);
    }
    bench.delete(&path).await.expect(404);
    // What comes is learnt anew, and nothing differs from nothing.
    arrives(&inbox, &json!({"other": 1})).await;
    let anew = learnt(&bench, 1, 1).await;
    assert_eq!((anew[0]["id"] == id, &anew[0]["drifts"]), (false, &json!(0)));
    bench.close().await;
}

#[tokio::test]
async fn each_event_type_of_a_provider_has_a_shape_and_one_that_nobody_knew_is_told() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "wave", "provider": "pulsewave"});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let body = |event_type: &str| json!({"type": event_type, "data": {"id": "x"}});
    arrives(&inbox, &body("nobody.knows")).await;
    learnt(&bench, 1, 1).await;
    // The first there is of a provider is no news, and what its profile lists never is.
    arrives(&inbox, &body("domain.verified")).await;
    arrives(&inbox, &body("never.heard.of")).await;
    arrives(&inbox, &body("never.heard.of")).await;
    let shapes = learnt(&bench, 3, 4).await;
    assert!(shapes.iter().all(|shape| shape["provider"] == "pulsewave" && shape["inbox_id"].is_null()));
    let drifts = bench.get("/v1/drifts").await.expect(200);
    assert_eq!(drifts["data"].as_array().unwrap().len(), 1, "{drifts}");
    let drift = &drifts["data"][0];
    assert_eq!((&drift["kind"], &drift["event_type"]), (&json!("new_event_type"), &json!("never.heard.of")));
    assert_eq!((&drift["path"], &drift["times"]), (&json!("$"), &json!(2)));
    bench.close().await;
}

#[tokio::test]
async fn what_is_no_json_is_left_out_and_what_is_packed_is_not() {
    let bench = Bench::open().await;
    let inbox = plain_inbox(&bench, "odd").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 7] =
        [b"", b"plain", b"12", b"\"text\"", b"{\"cut\":", deep.as_bytes(), b"\xff\xfe{}"];
    for body in bodies {
        client.post(text(&inbox["url"])).body(body.to_vec()).send().await.unwrap();
    }
    // `{"packed":true}` by gzip.
    let packed: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x2a, 0x48, 0x4c, 0xce, 0x4e,
        0x4d, 0x51, 0xb2, 0x2a, 0x29, 0x2a, 0x4d, 0xad, 0x05, 0x00, 0x89, 0xe0, 0xb5, 0xdc, 0x0f, 0x00, 0x00,
        0x00,
    ];
    let sent = client.post(text(&inbox["url"])).header("content-encoding", "gzip").body(packed);
    sent.send().await.unwrap();
    let shape = learnt(&bench, 1, 1).await.remove(0);
    let shape = bench.get(&format!("/v1/shapes/{}", text(&shape["id"]))).await.expect(200);
    assert_eq!(paths(&shape["fields"]), ["$", "packed"]);
    bench.close().await;
}
