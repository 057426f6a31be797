//! Requests come in from files and go out as files, and as code.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, text};

async fn import(bench: &Bench, query: &str, content: &[u8]) -> Answer {
    let request = Request::post(format!("/v1/imports{query}")).body(Body::from(content.to_vec())).unwrap();
    bench.call(request).await
}

const HAR: &str = r#"{"log": {"version": "1.2", "creator": {"name": "mitmproxy", "version": "11"}, "entries": [
  {"startedDateTime": "2026-11-20T04:35:00.123Z", "time": 1, "connection": "7", "request": {"method": "POST",
   "url": "https://example.com/hooks/a?b=1", "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
   "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": "Authorization", "value": "Bearer abc"}],
   "headersSize": -1, "bodySize": 21, "postData": {"mimeType": "application/json", "text": "{\"data\":{\"to\":\"ada\"}}"}},
   "response": {"status": 418, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
   "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1},
   "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0}},
  {"startedDateTime": "never", "request": {"method": "GET", "url": "http://a/"}}]}}"#;

#[tokio::test]
async fn a_file_is_previewed_imported_and_comes_back_the_same() {
    let bench = Bench::open().await;
    let seen = import(&bench, "?name=flows.har&dry_run=true", HAR.as_bytes()).await.expect(200);
    assert_eq!((text(&seen["format"]), &seen["count"], &seen["inbox_id"]), ("har", &json!(1), &Value::Null));
    assert_eq!(seen["first"][0]["url"], "https://example.com/hooks/a?b=1");
    assert_eq!(seen["left_out"][0]["place"], "entry 2");
    assert!(text(&seen["left_out"][0]["reason"]).starts_with("its time is none"), "{seen}");
    assert_eq!(bench.get("/v1/requests").await.expect(200)["data"], json!([]), "a dry run writes nothing");

    let done = import(&bench, "?name=flows.har", HAR.as_bytes()).await.expect(201);
    assert_eq!((text(&done["inbox_name"]), &done["count"]), ("Imported flows.har", &json!(1)));
    let listed = bench.get(&format!("/v1/requests?inbox_id={}", text(&done["inbox_id"]))).await.expect(200);
    assert_eq!(listed["data"][0]["imported"], json!({"format": "har", "name": "flows.har"}));
    let id = text(&listed["data"][0]["id"]).to_owned();
    let request = bench.get(&format!("/v1/requests/{id}")).await.expect(200);
    assert_eq!(request["imported"], json!({"format": "har", "name": "flows.har"}));
    assert_eq!(text(&request["received_at"]), "2026-11-20T04:35:00.123Z");
    assert_eq!(request["response"]["status"], 418);
    assert_eq!(bench.get(&format!("/v1/requests/{id}/body")).await.body, "{\"data\":{\"to\":\"ada\"}}");

    let exported = bench.get("/v1/requests/export?format=har").await;
    assert!(exported.header("content-disposition").contains("requests.har"));
    let before: Value = serde_json::from_str(HAR).unwrap();
    assert_eq!(exported.expect(200)["log"]["entries"], json!([before["log"]["entries"][0]]));
    bench.close().await;
}

/// A file that says no status says that nobody was told any, and so does what is written of it.
#[tokio::test]
async fn what_was_imported_without_a_status_was_answered_by_nobody() {
    let bench = Bench::open().await;
    let postman = json!({"info": {"name": "p"}, "item": [{"name": "one", "request": {"url": "http://a/x"}}]});
    let line = json!({"method": "POST", "url": "http://a/x", "body": "1", "status": null});
    for (format, content) in [
        ("curl", "curl http://a/x -d a=1".to_owned()),
        ("raw", "POST /x HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()),
        ("postman", postman.to_string()),
        ("jsonl", line.to_string()),
        ("har", HAR.replace("\"status\": 418", "\"status\": 0")),
    ] {
        let mut done = import(&bench, &format!("?format={format}"), content.as_bytes()).await.expect(201);
        // What was written of it says the same, and brings it back.
        for back in ["jsonl", "har", ""] {
            let of = format!("inbox_id={}", text(&done["inbox_id"]));
            let listed = bench.get(&format!("/v1/requests?{of}")).await.expect(200);
            let answered = json!({"status": null, "rule": null, "fault": null});
            assert_eq!(listed["data"][0]["response"], answered, "{format} {back}");
            for (filter, count) in [("status:200", 0), ("status:%3C300", 0), ("-status:2xx", 1)] {
                let found = bench.get(&format!("/v1/requests/count?{of}&filter={filter}")).await.expect(200);
                assert_eq!(found["count"], json!(count), "{format} {back} {filter}");
            }
            let file = async |kind: &str| bench.get(&format!("/v1/requests/export?{of}&format={kind}")).await;
            let (line, har, table) = (file("jsonl").await, file("har").await, file("csv").await);
            assert_eq!(line.json()["status"], Value::Null, "{format} {back}");
            assert_eq!(har.json()["log"]["entries"][0]["response"]["status"], 0, "{format} {back}");
            let table = String::from_utf8(table.body.to_vec()).unwrap();
            let row = table.lines().nth(1).unwrap();
            assert_eq!(row.split(',').nth(5), Some(""), "{format} {back}: {row}");
            if !back.is_empty() {
                let file = if back == "har" { har } else { line };
                done = import(&bench, &format!("?format={back}"), &file.body).await.expect(201);
            }
        }
    }
    bench.close().await;
}

#[tokio::test]
async fn what_is_exported_is_redacted_as_asked_and_read_again() {
    let bench = Bench::open().await;
    let command = "curl 'http://example.com/x?token=abc&a=1' -H 'Authorization: Bearer abc' --json '{\"data\": {\"to\": \"ada\", \"n\": 1.50}}'";
    let done = import(&bench, "", command.as_bytes()).await.expect(201);
    assert_eq!(text(&done["format"]), "curl");
    let whole = bench.get("/v1/requests/export").await;
    let again = import(&bench, "?inbox_name=Again", &whole.body).await.expect(201);
    assert_eq!((text(&again["format"]), &again["count"]), ("jsonl", &json!(1)));
    let of_again = format!("/v1/requests/export?inbox_id={}", text(&again["inbox_id"]));
    let (one, two) = (whole.json(), bench.get(&of_again).await.json());
    for same in ["method", "url", "addressed", "path", "query", "headers", "body", "received_at", "status"] {
        assert_eq!(one[same], two[same], "{same}");
    }

    let redacted = bench.get(&format!("{of_again}&redact=secrets&redact_path=data.to")).await.json();
    assert_eq!(text(&redacted["body"]), "{\"data\": {\"to\": \"[redacted]\", \"n\": 1.50}}");
    assert_eq!(text(&redacted["query"]), "token=[redacted]&a=1");
    assert!(!redacted.to_string().contains("abc"), "{redacted}");
    assert_eq!(redacted["body_size"], json!(text(&redacted["body"]).len()));
    let table = bench.get(&format!("{of_again}&format=csv")).await;
    assert!(table.body.starts_with(b"id,received_at,inbox,method,url,"));
    let raw = bench.get(&format!("{of_again}&format=raw")).await;
    assert!(
        String::from_utf8_lossy(&raw.body)
            .contains("POST /x?token=abc&a=1 HTTP/1.1\r\nHost: example.com\r\n")
    );
    bench.close().await;
}

#[tokio::test]
async fn a_veiled_secret_stays_out_of_files_and_code_unless_it_is_revealed() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "in", "scheme": "gitlab_token", "secret": "the-very-secret-token"});
    let inbox = bench.post("/v1/inboxes", &inbox).await;
    assert_eq!(inbox.status.as_u16(), 201, "{}", String::from_utf8_lossy(&inbox.body));
    let id = text(&inbox.json()["id"]).to_owned();
    let command = "curl http://localhost/in -H 'X-Gitlab-Token: the-very-secret-token' -d x=1";
    import(&bench, &format!("?inbox_id={id}"), command.as_bytes()).await.expect(201);
    let row = bench.get("/v1/requests").await.expect(200)["data"][0].clone();
    assert_eq!((&row["veiled"], &row["verification"]["status"]), (&json!(true), &json!("valid")), "{row}");
    let request = text(&row["id"]).to_owned();
    let code = format!("/v1/requests/{request}/as/python");
    for format in ["jsonl", "har", "csv", "raw"] {
        let file = bench.get(&format!("/v1/requests/export?format={format}")).await;
        assert!(!String::from_utf8_lossy(&file.body).contains("the-very-secret-token"), "{format}");
        let named = bench.get(&format!("/v1/requests/export?format={format}&ids={request}")).await;
        assert!(!String::from_utf8_lossy(&named.body).contains("the-very-secret-token"), "{format}, named");
    }
    assert!(!String::from_utf8_lossy(&bench.get(&code).await.body).contains("the-very-secret-token"));
    let looks = format!("/v1/requests/{request}/reveals");
    assert_eq!(bench.get(&looks).await.expect(200)["data"].as_array().unwrap().len(), 0);
    let revealed = bench.get("/v1/requests/export?reveal=secrets").await;
    assert!(String::from_utf8_lossy(&revealed.body).contains("the-very-secret-token"));
    let revealed = bench.get(&format!("{code}?reveal=secrets")).await;
    assert!(String::from_utf8_lossy(&revealed.body).contains("the-very-secret-token"));
    assert_eq!(bench.get(&looks).await.expect(200)["data"].as_array().unwrap().len(), 2);
    bench.close().await;
}

#[tokio::test]
async fn a_request_is_copied_for_each_tool_and_saved_as_a_test() {
    let bench = Bench::open().await;
    import(&bench, "", b"curl http://example.com/x -d a=1").await.expect(201);
    let id = text(&bench.get("/v1/requests").await.expect(200)["data"][0]["id"]).to_owned();
    for (tool, word) in [
        ("curl", "--data-raw a=1"),
        ("httpie", "--raw a=1"),
        ("fetch", "await fetch(\"http://example.com/x\""),
        ("python", "import http.client"),
        ("go", "package main"),
        ("rust", "reqwest"),
        ("php", "<?php"),
        ("test", "unittest"),
    ] {
        let code = bench.get(&format!("/v1/requests/{id}/as/{tool}")).await;
        assert_eq!(code.header("content-type"), "text/plain; charset=utf-8");
        assert!(
            String::from_utf8_lossy(&code.body).contains(word),
            "{tool}: {}",
            String::from_utf8_lossy(&code.body)
        );
    }
    let to = bench.get(&format!("/v1/requests/{id}/as/curl?url=http://127.0.0.1:3000/hooks")).await;
    assert!(to.body.starts_with(b"curl http://127.0.0.1:3000/hooks/x"), "{:?}", to.body);
    bench.get(&format!("/v1/requests/{id}/as/cobol")).await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn what_cannot_be_imported_or_exported_is_refused_by_its_field() {
    let bench = Bench::open().await;
    let cases: [(&str, &[u8], &str); 6] = [
        ("", b"\x00\x01", "file"),
        ("?format=har", b"{}", "file"),
        ("?format=pcap", b"curl http://a", "format"),
        ("?inbox_id=nonsense", b"curl http://a", "inbox_id"),
        ("?inbox_id=inb_00000000000000000000000000", b"curl http://a", "inbox_id"),
        ("", b"curl -d @f http://a", "file"),
    ];
    for (query, content, field) in cases {
        let problem = import(&bench, query, content).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
    }
    assert_eq!(bench.get("/v1/inboxes").await.expect(200)["data"], json!([]), "no inbox is left behind");
    for (query, field) in [
        ("format=xml", "format"),
        ("redact=all", "redact"),
        ("redact_path=a..b", "redact_path"),
        ("x=1", "x"),
    ] {
        let problem = bench.get(&format!("/v1/requests/export?{query}")).await.expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    bench.close().await;
}

#[tokio::test]
async fn those_that_are_named_are_exported_in_the_order_they_are_named() {
    let bench = Bench::open().await;
    let commands: Vec<_> = (1..=3).map(|at| format!("curl http://example.com/{at}")).collect();
    for command in &commands {
        import(&bench, "?inbox_name=Named", command.as_bytes()).await.expect(201);
    }
    let listed = bench.get("/v1/requests").await.expect(200);
    let ids: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|row| text(&row["id"]).to_owned()).collect();
    let named = format!("{},{},{}", ids[2], ids[0], ids[2]);
    let exported = bench.get(&format!("/v1/requests/export?ids={named}")).await;
    let lines: Vec<Value> = exported
        .body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let written: Vec<_> = lines.iter().map(|line| text(&line["id"])).collect();
    assert_eq!(written, [&ids[2], &ids[0]], "each once");

    bench.delete(&format!("/v1/requests/{}", ids[2])).await;
    let exported = bench.get(&format!("/v1/requests/export?format=har&ids={named}")).await.expect(200);
    assert_eq!(exported["log"]["entries"].as_array().map(Vec::len), Some(1), "what is gone is left out");

    for (query, why) in [
        ("ids=", "must name 1 to 500"),
        ("ids=dlv_1", "req_"),
        (&*format!("ids={named}&method=GET"), "go without a filter"),
        (&*format!("ids={}", vec![ids[0].as_str(); 501].join(",")), ""),
    ] {
        let answer = bench.get(&format!("/v1/requests/export?{query}")).await;
        if why.is_empty() {
            assert_eq!(answer.status.as_u16(), 200, "the same one, many times, is one");
            continue;
        }
        let problem = answer.expect(422);
        assert_eq!(text(&problem["errors"][0]["field"]), "ids");
        assert!(text(&problem["errors"][0]["message"]).contains(why), "{problem}");
    }
    bench.close().await;
}

#[tokio::test]
async fn what_an_attempt_sent_is_copied_as_code_without_its_secret() {
    let bench = Bench::open().await;
    let (_, endpoint) = bench.loop_of("pulsewave").await;
    let event = json!({
        "type": "domain.verified",
        "payload": {"note": "it's", "n": 1.50},
        "endpoint_ids": [endpoint["id"]],
    });
    let event = bench.post("/v1/events", &event).await.expect(202);
    let delivery = text(&event["deliveries"][0]["id"]).to_owned();
    let ended = bench.ended(&delivery).await;
    let attempt = format!("/v1/deliveries/{delivery}/attempts/1");
    let sent = bench.get(&format!("{attempt}/request")).await;
    let url = text(&ended["attempts"][0]["request"]["url"]);

    let curl = bench.get(&format!("{attempt}/as/curl")).await;
    assert_eq!(curl.header("content-type"), "text/plain; charset=utf-8");
    let command = String::from_utf8(curl.body.to_vec()).unwrap();
    assert!(command.starts_with(&format!("curl {url}")), "{command}");
    let again = import(&bench, "?inbox_name=Again", command.as_bytes()).await.expect(201);
    let listed = bench.get(&format!("/v1/requests?inbox_id={}", text(&again["inbox_id"]))).await.expect(200);
    let body = bench.get(&format!("/v1/requests/{}/body", text(&listed["data"][0]["id"]))).await;
    assert_eq!(body.body, sent.body, "the same bytes, read back from the command");

    for tool in ["httpie", "fetch", "python", "go", "rust", "php", "test"] {
        let code = bench.get(&format!("{attempt}/as/{tool}")).await;
        assert_eq!(code.status.as_u16(), 200, "{tool}");
    }
    bench.get(&format!("{attempt}/as/telnet")).await.expect(404);
    bench.get(&format!("/v1/deliveries/{delivery}/attempts/2/as/curl")).await.expect(404);
    bench.close().await;
}

/// A file of this many MiB that holds one request, as it comes in.
fn large(size: usize, request: &str) -> Body {
    let blank = bytes::Bytes::from(vec![b'\n'; 1 << 20]);
    let line = bytes::Bytes::from(request.to_owned());
    let pieces = std::iter::once(line).chain(std::iter::repeat_n(blank, size));
    Body::from_stream(futures::stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

#[tokio::test]
async fn a_large_file_with_a_key_is_imported_once_as_it_comes() {
    let bench = Bench::open().await;
    let keyed = async |key: &str, body: Body| {
        let request = Request::post("/v1/imports?inbox_name=Large").header("idempotency-key", key);
        bench.call(request.body(body).unwrap()).await
    };
    let one = "{\"method\": \"POST\", \"url\": \"http://a.example/1\"}\n";
    // More than is held of other calls.
    let first = keyed("key", large(50, one)).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    let first = first.expect(201);
    assert_eq!((&first["count"], &first["broken"]), (&json!(1), &json!(false)));
    let again = keyed("key", large(50, one)).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(201), first);
    let said = keyed("key", large(51, one)).await.expect(409);
    assert_eq!(said["type"], "idempotency-key-reused");
    assert_eq!(bench.get("/v1/requests").await.expect(200)["data"].as_array().unwrap().len(), 1);
    // One that breaks off uses up no key.
    let broken = [Ok(bytes::Bytes::from(one)), Err(std::io::Error::other("cut"))];
    let broken = Body::from_stream(futures::stream::iter(broken));
    keyed("other", broken).await;
    let whole = keyed("other", Body::from(one)).await;
    assert_eq!(whole.header("idempotent-replayed"), "");
    whole.expect(201);
    bench.close().await;
}

#[tokio::test]
async fn a_test_holds_no_token_of_its_inbox_and_says_where_its_body_may_hold_one() {
    const TOKEN: &str = "tk-0123456789-of-the-inbox";
    let bench = Bench::open().await;
    let access = json!({"type": "token", "header": "X-Team-Word", "token": TOKEN});
    let inbox = json!({"slug": "guarded", "access": access});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for body in ["{\"to\": \"ada\"}", "{\"password\": \"p1\"}"] {
        let sent = client.post(text(&inbox["url"])).header("x-team-word", TOKEN).body(body);
        assert_eq!(sent.send().await.unwrap().status(), 200);
    }
    let listed = bench.get("/v1/requests").await.expect(200);
    for (request, tells) in [(&listed["data"][1], false), (&listed["data"][0], true)] {
        for tool in ["test", "test-node", "test-sh"] {
            for query in ["", "?reveal=secrets"] {
                let path = format!("/v1/requests/{}/as/{tool}{query}", text(&request["id"]));
                let code = String::from_utf8(bench.get(&path).await.body.to_vec()).unwrap();
                assert!(!code.contains(TOKEN) && !code.contains("(the secret)"), "{path}: {code}");
                assert!(code.contains("WEBHOOK_X_TEAM_WORD"), "{path}: {code}");
                let says = code.contains("Its body stands here as it came, and may hold a credential");
                assert_eq!(says, tells, "{path}: {code}");
            }
            let path = format!("/v1/requests/{}/as/{tool}", text(&request["id"]));
            let own = bench.get(&format!("{path}?url=http://127.0.0.1:3000/hooks/")).await;
            let (own, none) = (own.body.to_vec(), bench.get(&path).await.body.to_vec());
            let has = |code: &[u8]| String::from_utf8_lossy(code).contains("127.0.0.1:3000/hooks/");
            assert!(has(&own) && !has(&none), "{tool}: {}", String::from_utf8_lossy(&own));
        }
    }
    bench.close().await;
}
