//! The rules of what an inbox answers: written, read back, followed, counted and previewed.

use serde_json::{Value, json};

use crate::bench::{Bench, text};

async fn send(inbox: &Value, path: &str, body: &Value) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = client.post(format!("{}{path}", text(&inbox["url"]))).body(body.to_string());
    post.header("Content-Type", "application/json").send().await.unwrap()
}

fn path(inbox: &Value) -> String {
    format!("/v1/inboxes/{}", text(&inbox["id"]))
}

fn rules() -> Value {
    json!([
        {
            "name": "Fails twice",
            "when": {"methods": ["POST"], "path": "/hooks/*", "headers": [{"name": "Content-Type", "contains": "json"}],
                     "json": [{"path": "data.to", "equals": "+49"}], "nth": {"to": 2}},
            "then": {"statuses": [503, 429], "retry_after": {"seconds": 30}}
        },
        {
            "when": {"query": [{"name": "quiet", "present": false}], "path": "/echo"},
            "then": {"statuses": [201], "template": true, "body": "{{ request.json.data.to }} {{ count }}",
                     "headers": [["X-Way", "{{ request.method }}"]]}
        },
        {"name": "Resets", "when": {"path": "/reset"}, "then": {"fault": {"kind": "reset", "after_bytes": 5}}}
    ])
}

#[tokio::test]
async fn rules_are_followed_counted_and_said_of_what_they_answered() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "Ruled", "rules": rules()})).await.expect(201);
    let read = &inbox["rules"];
    assert_eq!(read[1]["name"], "Rule 2");
    assert!(text(&read[0]["id"]).starts_with("rul_"));
    assert_eq!(read[0]["when"]["nth"], json!({"from": 1, "to": 2}));
    assert_eq!(read[2]["then"]["fault"], json!({"kind": "reset", "after_bytes": 5}));

    let body = json!({"data": {"to": "+49"}});
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = send(&inbox, "/hooks/a", &body).await;
        seen.push((answer.status().as_u16(), answer.headers().get("retry-after").is_some()));
    }
    assert_eq!(seen, [(503, true), (429, true), (200, false)]);
    let echo = send(&inbox, "/echo", &body).await;
    assert_eq!((echo.status().as_u16(), echo.headers()["x-way"].to_str().unwrap()), (201, "POST"));
    assert_eq!(echo.text().await.unwrap(), "+49 1");
    assert_eq!(send(&inbox, "/echo?quiet", &body).await.status().as_u16(), 200);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(client.post(format!("{}/reset", text(&inbox["url"]))).send().await.is_err());

    let captured = bench.get(&format!("/v1/requests?inbox_id={}", text(&inbox["id"]))).await.expect(200);
    let answers: Vec<_> =
        captured["data"].as_array().unwrap().iter().map(|one| one["response"].clone()).collect();
    let resets = json!({"id": read[2]["id"], "name": "Resets"});
    assert_eq!(answers[0], json!({"status": null, "rule": resets, "fault": "reset"}));
    assert_eq!(answers[1], json!({"status": 200, "rule": null, "fault": null}));
    assert_eq!(answers[5]["rule"]["name"], "Fails twice");

    let counts = bench.get(&format!("{}/rules/counts", path(&inbox))).await.expect(200);
    assert_eq!((&counts["data"][0]["matched"], &counts["data"][0]["answered"]), (&json!(3), &json!(2)));
    let again = json!({"rule_id": read[0]["id"]});
    let counts = bench.post(&format!("{}/rules/reset", path(&inbox)), &again).await.expect(200);
    assert_eq!((&counts["data"][0]["matched"], &counts["data"][2]["answered"]), (&json!(0), &json!(1)));
    assert_eq!(send(&inbox, "/hooks/a", &body).await.status().as_u16(), 503);

    // What is sent back as it was read stays what it is; a rule that is left out is gone.
    let kept = json!({"rules": [read[2], read[0]]});
    let edited = bench.patch(&path(&inbox), &kept).await.expect(200);
    assert_eq!(edited["rules"], kept["rules"]);
    let counts = bench.get(&format!("{}/rules/counts", path(&inbox))).await.expect(200);
    assert_eq!(counts["data"][1]["matched"], 1, "what it has counted goes with it");
    bench.close().await;
}

#[tokio::test]
async fn a_preview_says_who_takes_a_request_and_why_others_do_not() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "Ruled", "rules": rules()})).await.expect(201);
    let preview = format!("{}/rules/preview", path(&inbox));
    let body = r#"{"data":{"to":"+49"}}"#;
    let sample = json!({"request": {"path": "/echo", "body": body}});
    let made = bench.post(&preview, &sample).await.expect(200);
    assert_eq!((&made["rule"], &made["status"], &made["body"]), (&json!(1), &json!(201), &json!("+49 1")));
    assert_eq!(made["steps"][0]["why_not"], "its path is not /hooks/*");
    assert_eq!(made["headers"], json!([["X-Way", "POST"]]));

    // Nothing has been counted; the newest request is the one that is tried unless another is named.
    send(&inbox, "/echo", &json!({"data": {"to": 7}})).await;
    let made = bench.post(&preview, &json!({})).await.expect(200);
    assert_eq!((&made["body"], &made["request_id"].is_string()), (&json!("7 2"), &true));
    let none = json!({"rules": []});
    let made = bench.post(&preview, &none).await.expect(200);
    assert_eq!((&made["rule"], &made["status"]), (&Value::Null, &json!(200)));
    bench.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_named() {
    let bench = Bench::open().await;
    let refused = |rule: Value| {
        let bench = &bench;
        async move {
            let problem = bench.post("/v1/inboxes", &json!({"rules": [rule]})).await.expect(422);
            let error = &problem["errors"][0];
            (text(&error["field"]).to_owned(), text(&error["message"]).to_owned())
        }
    };
    for (rule, field, word) in [
        (json!({"when": {"path": "hooks"}}), "rules[0].when.path", "begin with"),
        (json!({"when": {"json": [{"path": "a..b"}]}}), "rules[0].when.json[0].path", "empty name"),
        (
            json!({"when": {"headers": [{"name": "a", "equals": "b", "present": true}]}}),
            "rules[0].when.headers[0]",
            "one of",
        ),
        (json!({"when": {"nth": {"from": 3, "to": 2}}}), "rules[0].when.nth", "count from 1"),
        (json!({"when": {"share": {"percent": 101}}}), "rules[0].when.share.percent", "0 and 100"),
        (json!({"then": {"statuses": []}}), "rules[0].then.statuses", "at least"),
        (json!({"then": {"statuses": [99]}}), "rules[0].then.statuses[0]", "200 and 599"),
        (
            json!({"then": {"fault": {"kind": "drip", "bytes_per_s": 0}}}),
            "rules[0].then.fault.bytes_per_s",
            "1 and",
        ),
        (json!({"then": {"fault": {"kind": "drip", "off_by": 1}}}), "rules[0].then.fault", "wrong_length"),
        (
            json!({"then": {"fault": {"kind": "wrong_length", "off_by": 0}}}),
            "rules[0].then.fault.off_by",
            "not be 0",
        ),
        (
            json!({"then": {"template": true, "body": "ok\n{{ a | nothing }}"}}),
            "rules[0].then.body",
            "line 2, column 8",
        ),
        (json!({"then": {"template": true, "body": "{{ a"}}), "rules[0].then.body", "line 1"),
        (
            json!({"then": {"template": true, "body": "ok\n{{ now() }}"}}),
            "rules[0].then.body",
            "`now` is no function: write it without its parentheses (line 2, column 4)",
        ),
        (
            json!({"then": {"template": true, "body": "{% if request.json.a %}{{ nix(1) }}{% endif %}"}}),
            "rules[0].then.body",
            "there is no function `nix` (line 1, column 27)",
        ),
        (
            json!({"then": {"template": true, "headers": [["X-A", "{{ 1 / 0 }}"]]}}),
            "rules[0].then.headers[0]",
            "it fails for every request",
        ),
        (
            json!({"then": {"template": true, "body": "{% set a = 1 / 0 %}ok"}}),
            "rules[0].then.body",
            "it fails for every request",
        ),
        (
            json!({"then": {"template": true, "headers": [["X-B", "1"], ["X-A", "{{ 'a\\n' }}"]]}}),
            "rules[0].then.headers[1]",
            "it fails for every request: the header `X-A` cannot be sent: its value would hold a line break",
        ),
    ] {
        let (named, message) = refused(rule.clone()).await;
        assert_eq!(named, field, "{rule}");
        assert!(message.contains(word), "{rule}: {message}");
    }
    // What a request may have is none of a template's faults.
    for body in
        ["{{ 1 / request.json.n }}", "{% if count > 9 %}{{ 1 / 0 }}{% endif %}", "{{ request.json.f() }}"]
    {
        let rule = json!({"then": {"template": true, "body": body}});
        bench.post("/v1/inboxes", &json!({"name": "Taken", "rules": [rule]})).await.expect(201);
    }
    let many = json!({"rules": vec![json!({}); 65]});
    bench.post("/v1/inboxes", &many).await.expect(422);
    bench.close().await;
}

#[tokio::test]
async fn a_senders_retries_stand_beside_its_providers_schedule() {
    let bench = Bench::open().await;
    let inbox = json!({"name": "Orders", "provider": "stripe", "response": {"status": 500}});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let event = json!({"id": "evt_1", "object": "event", "type": "charge.succeeded", "data": {"object": {}}});
    for _ in 0..2 {
        send(&inbox, "", &event).await;
    }
    send(&inbox, "", &json!({"id": "evt_2", "object": "event", "type": "charge.succeeded"})).await;
    let captured = bench.get(&format!("/v1/requests?inbox_id={}", text(&inbox["id"]))).await.expect(200);
    let second = text(&captured["data"][1]["id"]);
    let retries = bench.get(&format!("/v1/requests/{second}/retries")).await.expect(200);
    assert_eq!((&retries["by"], &retries["provider"]), (&json!("event"), &json!("stripe")));
    let arrivals = retries["arrivals"].as_array().unwrap();
    assert_eq!(arrivals.len(), 2, "{retries}");
    assert_eq!((&arrivals[1]["request_id"], &arrivals[1]["number"]), (&json!(second), &json!(2)));
    assert_eq!(arrivals[0]["after_ms"], Value::Null);
    assert!(arrivals[1]["planned_ms"].is_u64() && arrivals[1]["pace"] == "early", "{retries}");
    assert!(retries["schedule"]["attempts"].as_array().unwrap().len() > 1, "{retries}");

    // Without a provider the body tells.
    let plain = bench.post("/v1/inboxes", &json!({"name": "Plain"})).await.expect(201);
    for (way, body) in [("/a", 1), ("/a", 2), ("/b", 1), ("/a", 1)] {
        send(&plain, way, &json!({"n": body})).await;
    }
    let captured = bench.get(&format!("/v1/requests?inbox_id={}", text(&plain["id"]))).await.expect(200);
    let newest = text(&captured["data"][0]["id"]);
    let retries = bench.get(&format!("/v1/requests/{newest}/retries")).await.expect(200);
    assert_eq!((&retries["by"], &retries["schedule"]), (&json!("body"), &Value::Null));
    assert_eq!(retries["arrivals"].as_array().unwrap().len(), 2, "{retries}");
    bench.close().await;
}
