//! The rules that an endpoint is sent to by: set, shown, taken back, and drawn.

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, START};

const RULES: &str = r#"{
    "timeout_ms": 4000,
    "retry": {
        "exponential": {"first_ms": 5000, "factor": 2, "cap_ms": 30000, "max_attempts": 5},
        "jitter": 0.1, "max_total_ms": 60000,
        "retry_after": {"statuses": [429, 502], "max_ms": 90000},
        "retry_on": ["5xx", "429"], "no_retry": ["501"]
    },
    "success": {"kind": "body_word", "word": "True", "statuses": [200]},
    "disable": {"kind": "failure_share", "share": 0.5, "window_ms": 600000, "min_attempts": 20},
    "gone_disables": false,
    "ttl_ms": 3600000,
    "breaker": {"failures": 5, "open_ms": 30000, "max_open_ms": 600000},
    "rate_limit": {"per_second": 2.5, "burst": 4},
    "max_in_flight": 3,
    "ordered": true,
    "order_on_failure": "block",
    "method": "PUT",
    "http_version": "http1",
    "proxy": "socks5://127.0.0.1:1080"
}"#;

fn endpoint() -> Value {
    json!({"url": "http://127.0.0.1:9/hook", "provider": "generic"})
}

fn with(base: &Value, more: Value) -> Value {
    let (Value::Object(mut base), Value::Object(more)) = (base.clone(), more) else { panic!("two objects") };
    base.extend(more);
    Value::Object(base)
}

#[tokio::test]
async fn rules_are_kept_shown_in_force_and_given_back_to_the_profile() {
    let bench = Bench::open().await;
    let rules: Value = serde_json::from_str(RULES).unwrap();
    let made = bench.post("/v1/webhook-endpoints", &with(&endpoint(), rules.clone())).await.expect(201);
    let path = format!("/v1/webhook-endpoints/{}", made["id"].as_str().unwrap());
    let kept = bench.get(&path).await.expect(200);
    for (name, value) in rules.as_object().unwrap().iter().filter(|(name, _)| *name != "retry") {
        assert_eq!(kept[name], *value, "{name}");
        assert_eq!(kept["policy"][name], *value, "policy.{name}");
    }
    assert_eq!(kept["retry"]["delays_ms"], json!([5000, 10000, 20000, 30000]));
    assert_eq!(kept["retry"]["retry_on"], json!(["5xx", "429"]));
    assert_eq!(kept["policy"]["max_attempts"], json!(4), "the fifth would come after a minute");
    // What is shown may be given back as it is.
    let again = bench.patch(&path, &json!({"retry": kept["retry"]})).await.expect(200);
    assert_eq!(again["retry"], kept["retry"]);

    let nothing: serde_json::Map<String, Value> = rules
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !["ordered", "order_on_failure", "http_version"].contains(&name.as_str()))
        .map(|name| (name.clone(), Value::Null))
        .collect();
    let plain = bench.patch(&path, &Value::Object(nothing.clone())).await.expect(200);
    for name in nothing.keys() {
        assert_eq!(plain[name], Value::Null, "{name}");
    }
    assert_eq!((&plain["ordered"], &plain["order_on_failure"]), (&json!(true), &json!("block")));
    let profile = bench.get("/v1/providers/generic").await.expect(200);
    let policy = &plain["policy"];
    assert_eq!(policy["retry"]["delays_ms"], profile["retry"]["delays_ms"]);
    assert_eq!(policy["retry"]["retry_after"], json!({"statuses": [429, 503], "max_ms": 3_600_000}));
    assert_eq!(policy["success"], profile["success_rule"]);
    assert_eq!(policy["disable"], profile["disable_rule"]);
    assert_eq!((&policy["gone_disables"], &policy["proxy"]), (&json!(true), &json!("none")));
    bench.close().await;
}

#[tokio::test]
async fn each_bound_is_refused_at_its_field() {
    let bench = Bench::open().await;
    for (rules, field) in [
        (json!({"timeout_ms": 99}), "timeout_ms"),
        (json!({"retry": {"delays_ms": [1, 2_592_000_001_u64]}}), "retry.delays_ms[1]"),
        (json!({"retry": {"delays_ms": [], "jitter": 1.1}}), "retry.jitter"),
        (
            json!({"retry": {"exponential": {"first_ms": 0, "factor": 2, "cap_ms": 1, "max_attempts": 2}}}),
            "retry.exponential.first_ms",
        ),
        (
            json!({"retry": {"delays_ms": [7], "exponential":
                {"first_ms": 1, "factor": 2, "cap_ms": 1, "max_attempts": 2}}}),
            "retry.delays_ms",
        ),
        (json!({"retry": {"retry_after": {"statuses": [7], "max_ms": 1}}}), "retry.retry_after.statuses"),
        (json!({"retry": {"retry_on": []}}), "retry.retry_on"),
        (json!({"success": {"kind": "statuses", "statuses": []}}), "success.statuses"),
        (json!({"success": {"kind": "body_word", "word": " True "}}), "success.word"),
        (
            json!({"disable": {"kind": "failure_share", "share": 1.5, "window_ms": 1000, "min_attempts": 1}}),
            "disable.share",
        ),
        (json!({"disable": {"kind": "failing_for", "duration_ms": 1}}), "disable.duration_ms"),
        (json!({"ttl_ms": 999}), "ttl_ms"),
        (json!({"breaker": {"failures": 0, "open_ms": 1000, "max_open_ms": 1000}}), "breaker.failures"),
        (json!({"breaker": {"failures": 1, "open_ms": 1000, "max_open_ms": 999}}), "breaker.max_open_ms"),
        (json!({"rate_limit": {"per_second": 0}}), "rate_limit.per_second"),
        (json!({"rate_limit": {"per_second": 1, "burst": 0}}), "rate_limit.burst"),
        (json!({"max_in_flight": 257}), "max_in_flight"),
        (json!({"method": "CONNECT"}), "method"),
        (json!({"method": "post"}), "method"),
        (json!({"proxy": "ftp://proxy"}), "proxy"),
        (json!({"disable": {"kind": "never"}, "disable_counts": "attempts"}), "disable_counts"),
    ] {
        let refused =
            bench.post("/v1/webhook-endpoints", &with(&endpoint(), rules.clone())).await.expect(422);
        let fields: Vec<&str> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|error| error["field"].as_str())
            .collect();
        assert!(fields.contains(&field), "{rules}: {fields:?}");
    }
    bench.close().await;
}

#[tokio::test]
async fn credentials_of_a_proxy_are_kept_and_never_shown() {
    let bench = Bench::open().await;
    let proxied = with(&endpoint(), json!({"proxy": "http://me:hush-hush@proxy.example:3128"}));
    let made = bench.post("/v1/webhook-endpoints", &proxied).await.expect(201);
    let path = format!("/v1/webhook-endpoints/{}", made["id"].as_str().unwrap());
    let shown = bench.get(&path).await.expect(200);
    assert_eq!(shown["proxy"], json!("http://***@proxy.example:3128"));
    assert!(!shown.to_string().contains("hush") && !made.to_string().contains("hush"));
    // What is shown, given back, leaves them; they go to no other proxy.
    bench.patch(&path, &json!({"proxy": "http://***@proxy.example:3128", "name": "A"})).await.expect(200);
    bench.patch(&path, &json!({"proxy": "http://***@elsewhere.example:3128"})).await.expect(422);

    let settings = bench.patch("/v1/settings", &json!({"proxy": "http://me:hush@proxy.example:1"})).await;
    assert_eq!(settings.expect(200)["proxy"], json!("http://***@proxy.example:1"));
    bench.patch(&path, &json!({"proxy": null})).await.expect(200);
    let shown = bench.get(&path).await.expect(200);
    let in_force = (&shown["proxy"], &shown["policy"]["proxy"]);
    assert_eq!(in_force, (&Value::Null, &json!("http://***@proxy.example:1")), "the workspace's holds");
    bench.close().await;
}

#[tokio::test]
async fn settings_of_the_engine_are_checked_and_stay() {
    let bench = Bench::open().await;
    let edit = json!({
        "egress": {"deny_private": true, "allow": ["*.Example.com", "10.1.2.3/8"], "deny": ["169.254.169.254"]},
        "log_max_bytes": 1_073_741_824,
    });
    let now = bench.patch("/v1/settings", &edit).await.expect(200);
    let allow = json!(["*.example.com", "10.0.0.0/8"]);
    assert_eq!(now["egress"], json!({"deny_private": true, "allow": allow, "deny": ["169.254.169.254/32"]}));
    let settings = bench.get("/v1/settings").await.expect(200);
    assert_eq!(settings, now);
    assert_eq!(bench.send(Method::PUT, "/v1/settings", &settings).await.expect(200), now);
    for (edit, field) in
        [(json!({"log_max_bytes": 10}), "log_max_bytes"), (json!({"proxy": "proxy"}), "proxy")]
    {
        let refused = bench.patch("/v1/settings", &edit).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], json!(field));
    }
    bench.patch("/v1/settings", &json!({"egress": {"deny": ["not a host"]}})).await.expect(422);
    // Only what may be null is: for the rest it is refused, and not passed over.
    for field in [
        "proxy",
        "theme",
        "max_in_flight",
        "capture_max_body",
        "response_cap",
        "notify_on",
        "egress",
        "metrics",
    ] {
        let refused = bench.patch("/v1/settings", &json!({field: null})).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let none = bench.patch("/v1/settings", &json!({"delivery_max_age_ms": null})).await.expect(200);
    assert_eq!(none["delivery_max_age_ms"], Value::Null);
    bench.close().await;
}

#[tokio::test]
async fn a_schedule_is_drawn_before_anything_goes_by_it() {
    let bench = Bench::open().await;
    let from = "2026-01-02T03:04:05.000Z";
    let asked = json!({"provider": "pulsewave", "from": from});
    let drawn = bench.post("/v1/schedules", &asked).await.expect(200);
    let waits: Vec<u64> =
        drawn["attempts"].as_array().unwrap().iter().filter_map(|at| at["after_ms"].as_u64()).collect();
    assert_eq!(waits[..4], [0, 60_000, 300_000, 1_800_000]);
    assert_eq!(drawn["attempts"][0]["at"], json!(from));
    assert_eq!(drawn["attempts"][1]["at"], json!("2026-01-02T03:05:05.000Z"));
    assert_eq!(drawn["total_ms"], json!(74_160_000));
    let sentence = drawn["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("Up to 8 attempts over 20 hours 36 minutes: at once, then after 1 minute,"));
    let own = json!({"provider": "generic", "retry": {"delays_ms": [1000], "jitter": 0.5}, "from": from});
    let drawn = bench.post("/v1/schedules", &own).await.expect(200);
    let second = &drawn["attempts"][1];
    let times = (&second["earliest"], &second["at"], &second["latest"]);
    let at = |ms: &str| json!(format!("2026-01-02T03:04:{ms}Z"));
    assert_eq!(times, (&at("05.500"), &at("06.000"), &at("06.500")));
    // A provider's limits hold here as they do for its endpoints.
    let refused = json!({"provider": "sent", "retry": {"delays_ms": []}});
    bench.post("/v1/schedules", &refused).await.expect(422);
    bench.post("/v1/schedules", &json!({"provider": "nobody"})).await.expect(422);
    bench.close().await;
}

#[tokio::test]
async fn an_event_is_worth_delivering_for_as_long_as_is_said() {
    let bench = Bench::open().await;
    let own = with(&endpoint(), json!({"ttl_ms": 60_000}));
    let own = bench.post("/v1/webhook-endpoints", &own).await.expect(201)["id"].clone();
    let plain = bench.post("/v1/webhook-endpoints", &endpoint()).await.expect(201)["id"].clone();
    let expiry = async |event: Value| {
        let sent = bench.post("/v1/events", &event).await.expect(202);
        let id = sent["deliveries"][0]["id"].as_str().unwrap().to_owned();
        bench.get(&format!("/v1/deliveries/{id}")).await.expect(200)["expires_at"].clone()
    };
    let after = |ms: i64| json!(START.plus_ms(ms).to_string());
    let event = |to: &Value| json!({"type": "message.created", "provider": "generic", "endpoint_ids": [to]});
    assert_eq!(expiry(event(&own)).await, after(60_000));
    assert_eq!(expiry(event(&plain)).await, Value::Null);
    assert_eq!(expiry(with(&event(&own), json!({"ttl_ms": 5000}))).await, after(5000));
    let refused = bench.post("/v1/events", &with(&event(&plain), json!({"ttl_ms": 1}))).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], json!("ttl_ms"));
    bench.close().await;
}

#[tokio::test]
async fn what_a_person_is_told_of_is_chosen_and_its_older_name_still_works() {
    let bench = Bench::open().await;
    let settings = bench.get("/v1/settings").await.expect(200);
    assert_eq!(settings["notify_on"], json!(["delivery.exhausted", "endpoint.disabled"]));
    assert_eq!(settings["notify_on_failure"], json!(true));
    let edit = json!({"notify_on": ["endpoint.recovered", "endpoint.failing", "endpoint.failing"]});
    let chosen = bench.patch("/v1/settings", &edit).await.expect(200);
    assert_eq!(
        chosen["notify_on"],
        json!(["endpoint.failing", "endpoint.recovered"]),
        "each once, in one order"
    );
    assert_eq!(chosen["notify_on_failure"], json!(false));
    let more = bench.patch("/v1/settings", &json!({"notify_on_failure": true})).await.expect(200);
    let all_but_one = json!(["endpoint.failing", "delivery.exhausted", "endpoint.recovered"]);
    assert_eq!(more["notify_on"], all_but_one);
    let less = bench.patch("/v1/settings", &json!({"notify_on_failure": false})).await.expect(200);
    assert_eq!(less["notify_on"], chosen["notify_on"]);
    // Settings that were read before there was a choice are put back as they were.
    let mut older = more;
    older.as_object_mut().unwrap().remove("notify_on");
    let put = bench.send(Method::PUT, "/v1/settings", &older).await.expect(200);
    assert_eq!(put["notify_on"], settings["notify_on"]);
    bench.patch("/v1/settings", &json!({"notify_on": ["endpoint.enabled"]})).await.expect(422);
    bench.close().await;
}
