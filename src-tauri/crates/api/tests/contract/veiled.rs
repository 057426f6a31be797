//! Secrets that travel as they are: sent, received, sent again, and shown to nobody who has not asked.

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

const TOKEN: &str = "tk-that-nobody-reads";
const KEY: &str = "key-of-the-receiver-s-own";

/// The value of a header of what was captured or sent.
pub(crate) fn header<'a>(headers: &'a Value, name: &str) -> Option<&'a str> {
    let pairs = headers.as_array().unwrap().iter();
    let mut found = pairs.filter(|pair| text(&pair[0]).eq_ignore_ascii_case(name));
    found.next().map(|pair| text(&pair[1]))
}

/// Waits until an inbox has captured so many, and lists them.
pub(crate) async fn captured(bench: &Bench, inbox: &Value, count: usize) -> Value {
    let path = format!("/v1/requests?inbox_id={}", text(&inbox["id"]));
    let mut changes = bench.workbench.changes().subscribe();
    loop {
        let page = bench.get(&path).await.expect(200);
        if page["data"].as_array().unwrap().len() == count {
            return page;
        }
        changes.next().await;
    }
}

pub(crate) async fn revealed(bench: &Bench, request: &Value) -> Value {
    bench.get(&format!("/v1/requests/{}?reveal=secrets", text(&request["id"]))).await.expect(200)
}

/// Sends a request with this token to an inbox.
async fn arrives(inbox: &Value, token: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client.post(text(&inbox["url"])).bearer_auth(token).body("{}").send().await.unwrap();
    assert_eq!(sent.status(), 200);
}

/// Ends the workspace, and holds that none of its files has the text in it.
pub(crate) async fn nowhere_on_disk(bench: Bench, secret: &str) {
    bench.workbench.shutdown().await;
    for file in std::fs::read_dir(bench.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds, "{}", path.display());
    }
}

#[tokio::test]
async fn a_token_that_arrives_is_shown_on_demand_and_that_is_logged() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "guarded", "scheme": "bearer", "secret": TOKEN});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    arrives(&inbox, TOKEN).await;
    let page = captured(&bench, &inbox, 1).await;
    let request = &page["data"][0];
    assert_eq!(header(&request["headers"], "authorization"), Some("Bearer (the secret)"));
    assert_eq!(request["veiled"], true);
    let path = format!("/v1/requests/{}", text(&request["id"]));

    let detail = bench.get(&path).await.expect(200);
    let edited = bench.patch(&path, &json!({"note": "seen"})).await.expect(200);
    for shown in [&page, &detail, &edited] {
        assert!(!shown.to_string().contains(TOKEN), "{shown}");
    }
    assert_eq!(bench.get(&format!("{path}/reveals")).await.expect(200)["data"], json!([]));
    let whole = revealed(&bench, request).await;
    assert_eq!(header(&whole["headers"], "authorization"), Some(&*format!("Bearer {TOKEN}")));
    assert_eq!(whole["veiled"], false);
    let log = bench.get(&format!("{path}/reveals")).await.expect(200);
    assert_eq!(log["data"], json!([{"at": "2026-11-21T04:35:00.000Z", "what": "request"}]));
    bench.get(&format!("{path}?reveal=all")).await.expect(422);

    let again = bench.post(&format!("{path}/verify"), &json!({})).await.expect(200);
    assert_eq!(again["status"], "valid", "what is checked again is what arrived: {again}");
    nowhere_on_disk(bench, TOKEN).await;
}

#[tokio::test]
async fn looking_at_a_request_without_secrets_is_not_logged() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"slug": "plain"})).await.expect(201);
    arrives(&inbox, TOKEN).await;
    let page = captured(&bench, &inbox, 1).await;
    assert_eq!(page["data"][0]["veiled"], false);
    let whole = revealed(&bench, &page["data"][0]).await;
    assert_eq!(header(&whole["headers"], "authorization"), Some(&*format!("Bearer {TOKEN}")));
    let path = format!("/v1/requests/{}/reveals", text(&whole["id"]));
    assert_eq!(bench.get(&path).await.expect(200)["data"], json!([]));
    bench.get("/v1/requests/req_00000000000000000000000000/reveals").await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn what_arrived_with_a_token_is_sent_on_with_it_edited_or_not() {
    let bench = Bench::open().await;
    let guarded = |slug: &str| json!({"slug": slug, "scheme": "bearer", "secret": TOKEN});
    let inbox = bench.post("/v1/inboxes", &guarded("guarded")).await.expect(201);
    let other = bench.post("/v1/inboxes", &guarded("other")).await.expect(201);
    arrives(&inbox, TOKEN).await;
    let page = captured(&bench, &inbox, 1).await;
    let path = format!("/v1/requests/{}/send", text(&page["data"][0]["id"]));
    // As the interface does: the headers as they were shown, and one more.
    let mut headers = page["data"][0]["headers"].clone();
    headers.as_array_mut().unwrap().retain(|pair| header(&json!([pair]), "authorization").is_some());
    headers.as_array_mut().unwrap().push(json!(["X-More", "1"]));
    for (count, edits) in [(1, json!({})), (2, json!({"headers": headers}))] {
        let mut how = json!({"url": other["url"], "resign": "exact"});
        how.as_object_mut().unwrap().extend(edits.as_object().unwrap().clone());
        let sent = bench.post(&path, &how).await.expect(202);
        let ended = bench.ended(text(&sent["deliveries"][0]["id"])).await;
        assert!(!ended.to_string().contains(TOKEN), "{ended}");
        let arrived = captured(&bench, &other, count).await;
        assert_eq!(arrived["data"][0]["verification"]["status"], "valid", "the token itself went out");
    }
    nowhere_on_disk(bench, TOKEN).await;
}

/// Sends a request with these headers and this query to an inbox.
pub(crate) async fn arrives_with(inbox: &Value, query: &str, headers: &[(&str, &str)]) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(format!("{}?{query}", text(&inbox["url"]))).body("{}");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    assert_eq!(request.send().await.unwrap().status(), 200);
}

/// All values of a header, in their order.
fn all<'a>(headers: &'a Value, name: &str) -> Vec<&'a str> {
    let pairs = headers.as_array().unwrap().iter();
    pairs.filter(|pair| text(&pair[0]).eq_ignore_ascii_case(name)).map(|pair| text(&pair[1])).collect()
}

#[tokio::test]
async fn two_secrets_of_one_name_go_out_again_each_in_its_place() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "guarded", "scheme": "bearer", "secret": TOKEN});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let other = bench.post("/v1/inboxes", &json!({"slug": "other"})).await.expect(201);
    let cookies = [format!("a={TOKEN}"), format!("b={TOKEN}")];
    arrives_with(&inbox, "", &[("cookie", &cookies[0]), ("cookie", &cookies[1])]).await;
    let page = captured(&bench, &inbox, 1).await;
    let seen = page["data"][0]["headers"].clone();
    assert_eq!(all(&seen, "cookie"), ["(the secret)", "(the secret)"]);
    let kept: Vec<_> =
        seen.as_array().unwrap().iter().filter(|pair| text(&pair[0]) == "cookie").cloned().collect();
    let path = format!("/v1/requests/{}/send", text(&page["data"][0]["id"]));
    let how = json!({"url": other["url"], "resign": "exact", "headers": kept});
    let sent = bench.post(&path, &how).await.expect(202);
    let ended = bench.ended(text(&sent["deliveries"][0]["id"])).await;
    let again = json!({"ids": [ended["id"]], "resign": "exact", "reason": "once more"});
    for count in [1, 2] {
        let arrived = captured(&bench, &other, count).await;
        assert_eq!(all(&arrived["data"][0]["headers"], "cookie"), ["(the secret)"; 2], "time {count}");
        let arrived = revealed(&bench, &arrived["data"][0]).await;
        assert_eq!(all(&arrived["headers"], "cookie"), cookies, "time {count}");
        if count == 1 {
            bench.post("/v1/replays", &again).await.expect(202);
        }
    }
    bench.close().await;
}

#[tokio::test]
async fn a_veiled_query_is_edited_around_its_secrets() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "guarded", "scheme": "bearer", "secret": TOKEN});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let other = bench.post("/v1/inboxes", &json!({"slug": "other"})).await.expect(201);
    arrives_with(&inbox, &format!("a=1&access_token={TOKEN}&{TOKEN}"), &[]).await;
    let page = captured(&bench, &inbox, 1).await;
    assert_eq!(page["data"][0]["query"], "a=1&access_token=(the secret)&(the secret)");
    let path = format!("/v1/requests/{}/send", text(&page["data"][0]["id"]));
    let how = json!({"url": other["url"], "query": "access_token=(the secret)&b=2&(the secret)"});
    bench.post(&path, &how).await.expect(202);
    let arrived = captured(&bench, &other, 1).await;
    assert_eq!(arrived["data"][0]["query"], "access_token=(the secret)&b=2&(the secret)");
    let arrived = revealed(&bench, &arrived["data"][0]).await;
    assert_eq!(arrived["query"], format!("access_token={TOKEN}&b=2&{TOKEN}"));
    bench.close().await;
}

#[tokio::test]
async fn a_secret_that_an_edit_replaced_is_still_veiled_and_told_as_rotated() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "guarded", "scheme": "bearer", "secret": TOKEN});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let path = format!("/v1/inboxes/{}", text(&inbox["id"]));
    bench.patch(&path, &json!({"secret": "another-token-of-theirs"})).await.expect(200);
    arrives(&inbox, TOKEN).await;
    let page = captured(&bench, &inbox, 1).await;
    assert!(!page.to_string().contains(TOKEN), "{page}");
    let detail = format!("/v1/requests/{}", text(&page["data"][0]["id"]));
    let verdict = bench.post(&format!("{detail}/verify"), &json!({})).await.expect(200);
    assert_eq!(verdict["status"], "invalid", "it does not hold any more: {verdict}");
    assert_eq!(verdict["causes"][0]["code"], "secret_rotated", "{verdict}");
    bench.close().await;
}

#[tokio::test]
async fn an_endpoints_own_credentials_go_out_and_into_no_record() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"slug": "in"})).await.expect(201);
    let headers = json!([["X-Api-Key", KEY], ["X-Team", "blue"]]);
    let endpoint = json!({"url": inbox["url"], "provider": "generic", "headers": headers});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let draft = json!({"type": "user.created", "provider": "generic", "endpoint_ids": [endpoint["id"]]});
    let preview = bench.post("/v1/events/preview", &draft).await.expect(200);
    let event = bench.post("/v1/events", &draft).await.expect(202);
    let ended = bench.ended(text(&event["deliveries"][0]["id"])).await;
    for shown in [&preview, &ended] {
        assert!(!shown.to_string().contains(KEY), "{shown}");
    }
    let sent = &ended["attempts"][0]["request"]["headers"];
    assert_eq!((header(sent, "x-api-key"), header(sent, "x-team")), (Some("(the secret)"), Some("blue")));
    let listed = captured(&bench, &inbox, 1).await;
    assert!(!listed.to_string().contains(KEY), "nor where it arrives: {listed}");
    let first = revealed(&bench, &listed["data"][0]).await;
    assert_eq!(header(&first["headers"], "x-api-key"), Some(KEY));
    assert_eq!(first["delivery_id"], ended["id"], "and the two ends are joined");

    bench.clock.advance(std::time::Duration::from_mins(1));
    let again = json!({"ids": [ended["id"]], "resign": "exact", "reason": "once more"});
    bench.post("/v1/replays", &again).await.expect(202);
    let second = revealed(&bench, &captured(&bench, &inbox, 2).await["data"][0]).await;
    for name in ["x-api-key", "x-team", "webhook-signature", "webhook-timestamp", "webhook-id"] {
        assert_eq!(header(&second["headers"], name), header(&first["headers"], name), "{name}");
    }
    bench.close().await;
}

#[tokio::test]
async fn an_endpoints_own_credentials_are_shown_on_demand_and_kept_by_an_edit_around_them() {
    let bench = Bench::open().await;
    let keys = json!([["X-Api-Key", KEY], ["Authorization", format!("Bearer {KEY}")], ["X-Team", "blue"]]);
    let endpoint = json!({"url": "http://127.0.0.1:9/x", "provider": "generic", "headers": keys});
    let made = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let path = format!("/v1/webhook-endpoints/{}", text(&made["id"]));
    let veiled =
        json!([["X-Api-Key", "(the secret)"], ["Authorization", "Bearer (the secret)"], ["X-Team", "red"]]);
    let edited = bench.patch(&path, &json!({"headers": veiled})).await.expect(200);
    assert_eq!(edited["headers"], veiled);
    let listed = bench.get("/v1/webhook-endpoints").await.expect(200);
    for shown in [&made, &edited, &listed, &bench.get(&path).await.expect(200)] {
        assert!(!shown.to_string().contains(KEY), "{shown}");
    }
    assert_eq!(bench.get(&format!("{path}/reveals")).await.expect(200)["data"], json!([]));
    let revealed = bench.get(&format!("{path}?reveal=secrets")).await.expect(200);
    let (key, bearer) = (header(&revealed["headers"], "x-api-key"), format!("Bearer {KEY}"));
    assert_eq!(key, Some(KEY));
    assert_eq!(header(&revealed["headers"], "authorization"), Some(&*bearer));
    assert_eq!(header(&revealed["headers"], "x-team"), Some("red"));
    let log = bench.get(&format!("{path}/reveals")).await.expect(200);
    assert_eq!(log["data"], json!([{"at": "2026-11-21T04:35:00.000Z", "what": "headers"}]));
    // The signing secret's reveals stand beside them, told apart.
    bench.clock.advance(std::time::Duration::from_secs(1));
    bench.get(&format!("{path}/secret")).await.expect(200);
    let log = bench.get(&format!("{path}/reveals")).await.expect(200);
    let parts: Vec<_> = log["data"].as_array().unwrap().iter().map(|look| text(&look["what"])).collect();
    assert_eq!(parts, ["secret", "headers"]);

    let unknown = json!({"headers": [["X-Other-Key", "(the secret)"]]});
    let refused = bench.patch(&path, &unknown).await.expect(422);
    assert!(refused.to_string().contains("X-Other-Key"), "{refused}");
    bench.close().await;
}

#[tokio::test]
async fn a_verify_token_is_shown_on_demand_alone_and_not_on_disk() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "meta", "provider": "meta", "verify_token": TOKEN});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let path = format!("/v1/inboxes/{}", text(&inbox["id"]));
    // What was shown is sent back, and keeps the token.
    let edited = json!({"name": "Meta", "verify_token": inbox["verify_token"]});
    let edited = bench.patch(&path, &edited).await.expect(200);
    let listed = bench.get("/v1/inboxes").await.expect(200)["data"][0].clone();
    for shown in [&inbox, &edited, &listed, &bench.get(&path).await.expect(200)] {
        assert_eq!(shown["verify_token"], "(the secret)");
    }
    assert_eq!(bench.get(&format!("{path}/reveals")).await.expect(200)["data"], json!([]));
    assert_eq!(bench.get(&format!("{path}?reveal=secrets")).await.expect(200)["verify_token"], TOKEN);
    let log = bench.get(&format!("{path}/reveals")).await.expect(200);
    assert_eq!(log["data"], json!([{"at": "2026-11-21T04:35:00.000Z", "what": "verify_token"}]));
    bench.get("/v1/inboxes?reveal=secrets").await.expect(422);
    let query = format!("hub.mode=subscribe&hub.challenge=1&hub.verify_token={TOKEN}");
    let answer = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = answer.get(format!("{}?{query}", text(&inbox["url"]))).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "1");
    let page = captured(&bench, &inbox, 1).await;
    assert!(!page.to_string().contains(TOKEN), "{page}");
    nowhere_on_disk(bench, TOKEN).await;
}

#[tokio::test]
async fn a_refusal_repeats_no_secret_whatever_it_is_given_as() {
    let bench = Bench::open().await;
    let (inbox, endpoint) = bench.loop_of("generic").await;
    let endpoint = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    let tls = |key: Value| json!({"tls": {"client_cert": {"cert_pem": "x", "key_pem": key}}});
    for given in [json!(987_654_321), json!(-987_654_321), json!(98_765_432.1), json!([987_654_321])] {
        for (method, path, body) in [
            (Method::PATCH, inbox.clone(), json!({"secret": given})),
            (Method::PATCH, inbox.clone(), json!({"verify_token": given})),
            (Method::PATCH, endpoint.clone(), json!({"secret": given})),
            (Method::PATCH, endpoint.clone(), tls(given.clone())),
            (Method::POST, format!("{endpoint}/rotate-secret"), json!({"secret": given})),
            (Method::POST, format!("{inbox}/secrets"), json!({"secret": given})),
            (Method::POST, "/v1/signatures/sign".to_owned(), json!({"secret": given})),
        ] {
            let refused = bench.send(method, &path, &body).await.expect(422);
            assert!(!refused.to_string().contains("98765432"), "{path}: {refused}");
            assert!(refused.to_string().contains("must be a string"), "{path}: {refused}");
        }
    }
    bench.close().await;
}

#[tokio::test]
async fn a_scheme_is_not_changed_into_one_that_its_secrets_do_not_fit() {
    let bench = Bench::open().await;
    let form = |secret: &str| {
        json!({"id": "ours", "name": "Ours", "signature_header": "X-Sig", "signature_format": "{sig}",
            "content": "{body}", "algorithm": "hmac-sha256", "encoding": "hex", "secret": secret})
    };
    bench.post("/v1/schemes", &form("raw")).await.expect(201);
    let inbox = json!({"slug": "in", "name": "Receiver", "scheme": "ours", "secret": "no base64!"});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let endpoint = json!({"url": inbox["url"], "name": "Sender", "provider": "generic", "scheme": "ours",
        "secret": "no base64!"});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);

    let refused = bench.send(Method::PUT, "/v1/schemes/ours", &form("base64")).await.expect(409);
    assert_eq!(refused["type"], "wrong-state");
    let detail = text(&refused["detail"]);
    assert!(detail.contains("the endpoint Sender") && detail.contains("the inbox Receiver"), "{detail}");
    assert_eq!(bench.get("/v1/schemes/ours").await.expect(200)["secret"], "raw");
    assert_eq!(bench.delete("/v1/schemes/ours").await.expect(409)["type"], "wrong-state");

    // Nor does an inbox choose one that its secret does not fit: it is named, and nothing is changed.
    let path = format!("/v1/inboxes/{}", text(&inbox["id"]));
    for (field, edit) in [
        ("scheme", json!({"scheme": "discord", "name": "X"})),
        ("provider", json!({"scheme": null, "provider": "discord"})),
    ] {
        let refused = bench.patch(&path, &edit).await.expect(422);
        let fault = &refused["errors"][0];
        assert_eq!(fault["field"], field, "{refused}");
        assert!(text(&fault["message"]).contains("secret does not fit"), "{refused}");
    }
    let seen = bench.get(&path).await.expect(200);
    assert_eq!(
        (&seen["name"], &seen["scheme"], &seen["provider"]),
        (&json!("Receiver"), &json!("ours"), &Value::Null)
    );
    bench.patch(&path, &json!({"scheme": "ours", "provider": "discord"})).await.expect(200);
    bench.patch(&path, &json!({"provider": null})).await.expect(200);

    let fits = json!({"secret": "c2VjcmV0LW9mLWJvdGg="});
    bench.patch(&format!("/v1/webhook-endpoints/{}", text(&endpoint["id"])), &fits).await.expect(200);
    bench.patch(&format!("/v1/inboxes/{}", text(&inbox["id"])), &fits).await.expect(200);
    bench.send(Method::PUT, "/v1/schemes/ours", &form("base64")).await.expect(200);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_and_a_secret_that_are_changed_at_once_fit_each_other() {
    let bench = Bench::open().await;
    let form = |round: usize, secret: &str| {
        json!({"id": format!("ours_{round}"), "name": "Ours", "signature_header": "X-Sig", "secret": secret,
            "signature_format": "{sig}", "content": "{body}", "algorithm": "hmac-sha256", "encoding": "hex"})
    };
    for round in 0..12 {
        bench.post("/v1/schemes", &form(round, "raw")).await.expect(201);
        let path = format!("/v1/schemes/ours_{round}");
        let body = form(round, "hex");
        let changed = bench.send(Method::PUT, &path, &body);
        let inbox =
            json!({"slug": format!("in-{round}"), "scheme": format!("ours_{round}"), "secret": "no hex"});
        let made = bench.post("/v1/inboxes", &inbox);
        let (changed, made) = tokio::join!(changed, made);
        let taken = [changed.status.as_u16(), made.status.as_u16()];
        assert!(taken == [200, 422] || taken == [409, 201], "{taken:?}");
    }
    bench.close().await;
}

#[tokio::test]
async fn what_shows_no_body_reveals_nothing() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "guarded", "scheme": "bearer", "secret": TOKEN, "verify_token": KEY});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let endpoint =
        json!({"url": "http://127.0.0.1:9/x", "provider": "generic", "headers": [["X-Api-Key", KEY]]});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    arrives(&inbox, TOKEN).await;
    let request = captured(&bench, &inbox, 1).await["data"][0].clone();
    let endpoint = format!("/v1/webhook-endpoints/{}", text(&endpoint["id"]));
    let inbox = format!("/v1/inboxes/{}", text(&inbox["id"]));
    let request = format!("/v1/requests/{}", text(&request["id"]));
    for (asked, log) in [
        (format!("{endpoint}/secret"), &endpoint),
        (format!("{endpoint}?reveal=secrets"), &endpoint),
        (format!("{inbox}?reveal=secrets"), &inbox),
        (format!("{request}?reveal=secrets"), &request),
    ] {
        let head = http::Request::head(&asked).body(axum::body::Body::empty()).unwrap();
        assert_eq!(bench.call(head).await.status, 200, "{asked}");
        let log = bench.get(&format!("{log}/reveals")).await.expect(200);
        assert_eq!(log["data"], json!([]), "{asked}");
    }
    bench.close().await;
}
