//! Without a server: a command opens the folder itself.

use serde_json::Value;

use crate::support::{folder, hookbench, text};

/// Runs a command with `--json`; its exit code and the values it printed.
async fn json(data: &std::path::Path, arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = hookbench(data).arg("--json").args(arguments).output().await.expect("it runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let values =
        out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    let values = values.collect();
    assert!(
        output.stderr.is_empty() || !output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code(), values)
}

#[tokio::test]
async fn an_endpoint_made_alone_is_sent_to_alone_and_its_failure_is_logged() {
    let data = folder();
    // A port that was just free: nothing listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let url = format!("http://{free}/hook");
    let (code, made) =
        json(data.path(), &["endpoints", "create", &url, "--provider", "politicalcomms"]).await;
    assert_eq!(code, Some(0));
    assert!(!text(&made[0], "secret").is_empty());

    let (code, sent) = json(data.path(), &["send", "message.sent", "--provider", "politicalcomms"]).await;
    assert_eq!(code, Some(1), "it was not delivered: {sent:?}");
    let delivery = &sent[0]["deliveries"][0];
    assert_eq!(delivery["last_attempt"]["outcome"], "connection_refused", "{sent:?}");

    let (code, listed) = json(data.path(), &["deliveries", "list"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["status"], "retrying");
    let (_, shown) = json(data.path(), &["deliveries", "show", text(delivery, "id")]).await;
    assert_eq!(shown[0]["attempts"][0]["outcome"], "connection_refused");
    let (code, cancelled) = json(data.path(), &["deliveries", "cancel", text(delivery, "id")]).await;
    assert_eq!((code, &cancelled[0]["status"]), (Some(0), &Value::from("cancelled")));
}

#[tokio::test]
async fn a_signature_made_here_is_verified_here_and_a_tampered_body_is_not() {
    let data = folder();
    let body = data.path().join("body.json");
    std::fs::write(&body, b"{\"hello\":\"\xff\"}").expect("a file");
    let body = body.to_str().expect("UTF-8").to_owned();
    let common = [
        "--scheme",
        "standardwebhooks",
        "--secret",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "--body",
        &body,
    ];
    let mut arguments = vec!["sign"];
    arguments.extend(common);
    arguments.extend(["--id", "msg_1", "--timestamp", "1614265330"]);
    let (code, signed) = json(data.path(), &arguments).await;
    assert_eq!(code, Some(0), "{signed:?}");
    let headers: Vec<String> = signed[0]["headers"]
        .as_array()
        .expect("headers")
        .iter()
        .map(|pair| format!("{}: {}", pair[0].as_str().expect("a name"), pair[1].as_str().expect("a value")))
        .collect();
    let mut arguments = vec!["verify"];
    arguments.extend(common);
    arguments.extend(["--at", "1614265330"]);
    for header in &headers {
        arguments.extend(["-H", header]);
    }
    let (code, verdict) = json(data.path(), &arguments).await;
    assert_eq!((code, &verdict[0]["status"]), (Some(0), &Value::from("valid")), "{verdict:?}");
    std::fs::write(&body, b"{\"hello\":\"\xfe\"}").expect("a file");
    let (code, verdict) = json(data.path(), &arguments).await;
    assert_eq!((code, &verdict[0]["status"]), (Some(1), &Value::from("invalid")), "{verdict:?}");
}

#[tokio::test]
async fn providers_are_listed_one_a_line_and_shown_with_their_events() {
    let data = folder();
    let (code, providers) = json(data.path(), &["providers"]).await;
    assert_eq!(code, Some(0));
    assert!(providers.len() >= 6, "{providers:?}");
    let (_, pulsewave) = json(data.path(), &["providers", "show", "pulsewave"]).await;
    assert_eq!(pulsewave[0]["events"].as_array().map(Vec::len), Some(8));
}

#[tokio::test]
async fn what_a_killed_server_left_behind_is_not_believed() {
    let data = folder();
    // Somebody else's program has taken the port since, and must not be shown the token.
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    stranger.set_nonblocking(true).expect("a socket");
    let note = serde_json::json!({
        "api": format!("http://{}", stranger.local_addr().expect("an address")),
        "capture": "http://127.0.0.1:9",
        "token": "of-the-dead",
        "data_dir": data.path(),
        "pid": 1,
    });
    std::fs::write(data.path().join("running.json"), note.to_string()).expect("a file");

    let (code, listed) = json(data.path(), &["endpoints", "list"]).await;
    assert_eq!((code, listed.len()), (Some(0), 0), "{listed:?}");
    let called = stranger.accept();
    assert!(called.is_err(), "the stranger was called: {called:?}");
}

#[tokio::test]
async fn an_inbox_is_made_and_changed_in_all_that_it_has() {
    let data = folder();
    let made = ["inboxes", "create", "Hooks", "--provider", "meta", "--scheme", "stripe"];
    let made = [&made[..], &["--verify-token", "t0ken", "--no-handshakes"]].concat();
    let (code, made) = json(data.path(), &made).await;
    assert_eq!((code, text(&made[0], "scheme")), (Some(0), "stripe"));
    assert_eq!(
        (made[0]["handshakes"].as_bool(), text(&made[0], "verify_token")),
        (Some(false), "(the secret)")
    );
    let id = text(&made[0], "id").to_owned();

    let edit =
        ["inboxes", "edit", &id, "--name", "Others", "--slug", "others", "--handshakes", "--no-scheme"];
    let edit =
        [&edit[..], &["--no-verify-token", "--status", "202", "-H", "X-A: b", "--body", "kept"]].concat();
    let edit = [&edit[..], &["--delay-ms", "5", "--max-requests", "7", "--max-age-ms", "60000"]].concat();
    let (code, edited) = json(data.path(), &edit).await;
    let inbox = &edited[0];
    assert_eq!((code, text(inbox, "name"), text(inbox, "slug")), (Some(0), "Others", "others"), "{edited:?}");
    assert!(inbox["handshakes"] == true && inbox["scheme"].is_null() && inbox["verify_token"].is_null());
    let answer = serde_json::json!({"status": 202, "headers": [["X-A", "b"]], "body": "kept", "delay_ms": 5});
    assert_eq!(inbox["response"], answer);
    assert_eq!(inbox["retention"], serde_json::json!({"max_requests": 7, "max_age_ms": 60_000}));

    let (code, edited) = json(data.path(), &["inboxes", "edit", &id, "--no-max-age", "--no-provider"]).await;
    assert_eq!(code, Some(0), "{edited:?}");
    let inbox = &edited[0];
    assert_eq!(inbox["retention"], serde_json::json!({"max_requests": 7, "max_age_ms": null}));
    assert!(inbox["provider"].is_null() && inbox["response"] == answer, "what is not given stays: {inbox}");
    let (code, _) = json(data.path(), &["inboxes", "edit", &id, "--scheme", "x", "--no-scheme"]).await;
    assert_eq!(code, Some(2), "one or the other");
}

#[tokio::test]
async fn an_endpoint_is_made_and_changed_with_scheme_and_envelope() {
    let data = folder();
    let create = ["endpoints", "create", "http://127.0.0.1:9/", "--provider", "sent", "--scheme", "stripe"];
    let (code, made) = json(data.path(), &[&create[..], &["--envelope", "messages"]].concat()).await;
    assert_eq!((code, text(&made[0], "scheme")), (Some(0), "stripe"), "{made:?}");
    assert_eq!(text(&made[0], "envelope"), "messages");
    let id = text(&made[0], "id").to_owned();
    let (code, edited) =
        json(data.path(), &["endpoints", "edit", &id, "--no-scheme", "--envelope", "value"]).await;
    assert_eq!((code, text(&edited[0], "envelope")), (Some(0), "value"), "{edited:?}");
    assert!(edited[0]["scheme"].is_null(), "{edited:?}");
    let (_, edited) =
        json(data.path(), &["endpoints", "edit", &id, "--scheme", "github", "--no-envelope"]).await;
    assert_eq!(text(&edited[0], "scheme"), "github", "{edited:?}");
    assert!(edited[0]["envelope"].is_null(), "{edited:?}");
}

#[tokio::test]
async fn secrets_are_added_listed_by_their_hints_and_ended() {
    let data = folder();
    let (_, made) = json(data.path(), &["inboxes", "create", "Hooks", "--provider", "github"]).await;
    let id = text(&made[0], "id").to_owned();
    let (code, one) =
        json(data.path(), &["inboxes", "secrets", "add", &id, "--secret", "first secret 11"]).await;
    assert_eq!((code, text(&one[0], "hint")), (Some(0), "…t 11"));
    let (code, rotated) =
        json(data.path(), &["inboxes", "rotate-secret", &id, "--overlap-ms", "60000"]).await;
    assert_eq!(code, Some(0));
    assert!(text(&rotated[0], "secret").len() > 16, "{rotated:?}");
    let (_, both) = json(data.path(), &["inboxes", "secrets", "list", &id]).await;
    assert_eq!(both.len(), 2, "{both:?}");
    let (code, _) = json(data.path(), &["inboxes", "secrets", "remove", &id, text(&both[1], "id")]).await;
    assert_eq!(code, Some(0));
    let (_, left) = json(data.path(), &["inboxes", "secrets", "list", &id]).await;
    assert_eq!(left.len(), 1, "{left:?}");
    let (code, _) = json(data.path(), &["inboxes", "secrets", "remove", &id, "17"]).await;
    assert_eq!(code, Some(1));

    let url = "http://127.0.0.1:9/";
    let (_, made) = json(data.path(), &["endpoints", "create", url, "--provider", "github"]).await;
    let id = text(&made[0], "id").to_owned();
    let (_, none) = json(data.path(), &["endpoints", "reveals", &id]).await;
    assert_eq!(none.len(), 0);
    let (_, shown) = json(data.path(), &["endpoints", "secret", &id]).await;
    assert_eq!(shown[0]["secret"], made[0]["secret"]);
    let (_, looks) = json(data.path(), &["endpoints", "reveals", &id]).await;
    assert_eq!(looks.len(), 1);
    assert_eq!(looks[0]["what"], "secret");
}

#[tokio::test]
async fn credentials_and_tokens_are_shown_to_who_asks_and_that_is_noted() {
    let data = folder();
    let header = ["--header", "X-Api-Key: key-of-the-receiver"];
    let (_, made) =
        json(data.path(), &[&["endpoints", "create", "http://127.0.0.1:9/"][..], &header].concat()).await;
    let token = ["--provider", "meta", "--verify-token", "meaty hamster"];
    let (_, inbox) = json(data.path(), &[&["inboxes", "create", "App"][..], &token].concat()).await;
    for (noun, made, pointer, secret, what) in [
        ("endpoints", &made, "/headers/0/1", "key-of-the-receiver", "headers"),
        ("inboxes", &inbox, "/verify_token", "meaty hamster", "verify_token"),
    ] {
        let id = text(&made[0], "id");
        let (_, veiled) = json(data.path(), &[noun, "show", id]).await;
        assert_eq!(veiled[0].pointer(pointer).unwrap(), "(the secret)");
        let (_, none) = json(data.path(), &[noun, "reveals", id]).await;
        assert_eq!(none.len(), 0);
        let (_, shown) = json(data.path(), &[noun, "show", id, "--reveal"]).await;
        assert_eq!(shown[0].pointer(pointer).unwrap(), secret);
        let (_, looks) = json(data.path(), &[noun, "reveals", id]).await;
        assert_eq!(looks.len(), 1);
        assert_eq!(looks[0]["what"], what);
    }
    // So is a secret that arrived: in the code that sends it again too.
    let file = data.path().join("one.sh");
    std::fs::write(&file, "curl 'http://h/x?hub.verify_token=meaty+hamster'").expect("a file");
    let into = text(&inbox[0], "id");
    let file = file.to_str().expect("UTF-8");
    let (code, done) = json(data.path(), &["import", file, "--inbox", into]).await;
    assert_eq!(code, Some(0), "{done:?}");
    let (_, requests) = json(data.path(), &["requests", "list"]).await;
    let id = text(&requests[0], "id");
    let code = async |more: &[&str]| {
        let output = hookbench(data.path()).args(["requests", "as", id, "curl"]).args(more).output().await;
        String::from_utf8(output.expect("it runs").stdout).expect("UTF-8")
    };
    let (veiled, whole) = (code(&[]).await, code(&["--reveal"]).await);
    assert!(!veiled.contains("meaty"), "{veiled}");
    assert!(whole.contains("hub.verify_token=meaty+hamster"), "{whole}");
    let (_, looks) = json(data.path(), &["requests", "reveals", id]).await;
    assert_eq!(looks.len(), 1);
}

#[tokio::test]
async fn a_scheme_of_ones_own_is_added_signs_from_a_file_or_by_its_id_and_is_removed() {
    let data = folder();
    let file = data.path().join("ours.json");
    let form = r#"{"id":"ours","name":"Ours","signature_header":"X-Ours","signature_format":"{sig}",
        "content":"{body}","algorithm":"hmac-sha256","encoding":"hex","secret":"raw"}"#;
    std::fs::write(&file, form).expect("a file");
    let body = data.path().join("body.json");
    std::fs::write(&body, b"{}").expect("a file");
    let [file, body] = [&file, &body].map(|path| path.to_str().expect("UTF-8"));
    let sign =
        |scheme: String| ["sign", "--scheme", &scheme, "--secret", "hush", "--body", body].map(str::to_owned);

    let of_file = sign(format!("@{file}"));
    let (code, from_file) = json(data.path(), &of_file.each_ref().map(String::as_str)).await;
    assert_eq!(code, Some(0), "{from_file:?}");
    let (code, added) = json(data.path(), &["schemes", "add", file]).await;
    assert_eq!((code, &added[0]["about"]["own"]), (Some(0), &Value::from(true)));
    let by_id = sign("ours".to_owned());
    let (code, by_id) = json(data.path(), &by_id.each_ref().map(String::as_str)).await;
    assert_eq!((code, &by_id), (Some(0), &from_file));

    assert_eq!(json(data.path(), &["schemes", "add", file]).await.0, Some(1));
    std::fs::write(file, form.replace("\"Ours\"", "\"Still ours\"")).expect("a file");
    let (code, replaced) = json(data.path(), &["schemes", "add", "--replace", file]).await;
    assert_eq!((code, &replaced[0]["name"]), (Some(0), &Value::from("Still ours")));
    assert_eq!(json(data.path(), &["schemes", "remove", "ours"]).await.0, Some(0));
    assert_eq!(json(data.path(), &["schemes", "show", "ours"]).await.0, Some(1));
}

#[tokio::test]
async fn an_event_catalogue_is_imported_from_files_and_its_provider_sends() {
    let data = folder();
    let file = data.path().join("parcel.sent.schema.json");
    let schema = r#"{"type":"object","required":["kind"],"properties":{"kind":{"const":"sent"}}}"#;
    std::fs::write(&file, schema).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let (code, made) =
        json(data.path(), &["providers", "import", file, "--name", "Parcels", "--scheme", "github"]).await;
    assert_eq!(code, Some(0), "{made:?}");
    assert_eq!((text(&made[0], "id"), text(&made[0], "scheme")), ("parcels", "github"));
    assert_eq!(made[0]["events"][0]["type"], "parcel.sent");
    let (code, sent) = json(data.path(), &["send", "parcel.sent", "--provider", "parcels"]).await;
    assert_eq!(code, Some(0), "{sent:?}");
    assert_eq!(json(data.path(), &["providers", "remove", "parcels"]).await.0, Some(0));
    assert_eq!(json(data.path(), &["providers", "remove", "generic"]).await.0, Some(1));
}

#[tokio::test]
async fn rules_are_set_changed_and_given_back_and_a_plan_is_drawn() {
    let data = folder();
    let url = "http://127.0.0.1:9/hook";
    let set = [
        "endpoints",
        "create",
        url,
        "--provider",
        "generic",
        "--exponential",
        "5s,2,1h,4",
        "--breaker",
        "5,30s,10m",
        "--success",
        "word:True",
        "--ttl",
        "1h",
    ];
    let (code, made) = json(data.path(), &set).await;
    assert_eq!(code, Some(0), "{made:?}");
    let id = text(&made[0], "id").to_owned();
    assert_eq!(made[0]["retry"]["delays_ms"], serde_json::json!([5000, 10000, 20000]));
    let (_, edited) =
        json(data.path(), &["endpoints", "edit", &id, "--jitter", "10%", "--reset", "success,breaker"]).await;
    assert_eq!(edited[0]["retry"]["delays_ms"], serde_json::json!([5000, 10000, 20000]), "the waits stay");
    assert_eq!((&edited[0]["retry"]["jitter"], &edited[0]["success"]), (&Value::from(0.1), &Value::Null));
    let (code, drawn) = json(data.path(), &["schedule", "--endpoint", &id, "--max-total", "20s"]).await;
    assert_eq!(code, Some(0), "{drawn:?}");
    let attempts = drawn[0]["attempts"].as_array().expect("attempts");
    assert_eq!((attempts.len(), &attempts[2]["after_ms"]), (3, &Value::from(10_000)));
    assert!(text(&drawn[0], "sentence").contains("Each wait may be up to 10 % longer or shorter."));
}

#[tokio::test]
async fn a_file_is_imported_exported_and_copied_alone() {
    let data = folder();
    let file = data.path().join("one.sh");
    std::fs::write(&file, "curl http://example.com/x -H 'Authorization: Bearer abc' -d a=1").expect("a file");
    let file = file.to_str().expect("UTF-8").to_owned();
    let (code, seen) = json(data.path(), &["import", &file, "--dry-run"]).await;
    assert_eq!(
        (code, &seen[0]["count"], &seen[0]["format"]),
        (Some(0), &1.into(), &"curl".into()),
        "{seen:?}"
    );
    let (_, listed) = json(data.path(), &["requests", "list"]).await;
    assert!(listed.is_empty(), "a dry run imports nothing: {listed:?}");
    let (code, done) = json(data.path(), &["import", &file]).await;
    assert_eq!((code, text(&done[0], "inbox_name")), (Some(0), "Imported one.sh"));

    let (code, lines) = json(data.path(), &["export", "--redact-secrets"]).await;
    assert_eq!((code, lines.len(), text(&lines[0], "body")), (Some(0), 1, "a=1"));
    assert!(!lines[0].to_string().contains("Bearer abc"), "{lines:?}");
    let har = data.path().join("all.har");
    let har = har.to_str().expect("UTF-8").to_owned();
    let (code, _) = json(data.path(), &["export", "--format", "har", "-o", &har]).await;
    assert_eq!(code, Some(0));
    let (_, again) = json(data.path(), &["import", &har, "--dry-run"]).await;
    assert_eq!((&again[0]["count"], &again[0]["format"]), (&1.into(), &"har".into()), "{again:?}");

    let output = hookbench(data.path()).args(["requests", "as", text(&lines[0], "id"), "go"]).output().await;
    let code = String::from_utf8(output.expect("it runs").stdout).expect("UTF-8");
    assert!(code.starts_with("package main") && code.contains("http://example.com"), "{code}");
}
