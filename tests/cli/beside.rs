//! Beside a running server: commands find it through the data folder and speak to it.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout};

use crate::support::{PATIENCE, Server, folder, hookbench, text};

async fn run(data: &std::path::Path, arguments: &[&str]) -> Vec<Value> {
    let output = hookbench(data).arg("--json").args(arguments).output().await.expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[tokio::test]
async fn a_command_works_in_the_workspace_that_runs() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Mine", None, None).await;
    let endpoint =
        run(data.path(), &["endpoints", "create", text(&inbox, "url"), "--provider", "contactmanager"]).await;
    assert_eq!(server.rows("/v1/webhook-endpoints").await[0]["id"], endpoint[0]["id"]);
    let sent = run(data.path(), &["send", "user.new", "--wait"]).await;
    assert_eq!(sent[0]["deliveries"][0]["status"], "delivered", "{sent:?}");
    let requests = run(data.path(), &["requests", "list"]).await;
    assert_eq!(requests.len(), 1);
    let body = hookbench(data.path())
        .args(["requests", "body", text(&requests[0], "id")])
        .output()
        .await
        .expect("runs");
    assert_eq!(body.stdout, server.raw(&format!("/v1/events/{}/payload", text(&sent[0], "id"))).await);
    let id = text(&requests[0], "id");
    let marked = run(data.path(), &["requests", "mark", id, "--colour", "green", "--tag", "odd"]).await;
    assert_eq!((&marked[0]["colour"], &marked[0]["tags"]), (&json!("green"), &json!(["odd"])), "{marked:?}");
    let plain = run(data.path(), &["requests", "mark", id, "--no-colour"]).await;
    assert_eq!((&plain[0]["colour"], &plain[0]["tags"]), (&Value::Null, &json!(["odd"])), "{plain:?}");
    for (arguments, part) in
        [(&["requests", "wire", id][..], "wire"), (&["requests", "wire", id, "--head"], "head")]
    {
        let printed = hookbench(data.path()).args(arguments).output().await.expect("runs").stdout;
        assert!(
            printed.starts_with(b"POST /")
                && printed == server.raw(&format!("/v1/requests/{id}/{part}")).await
        );
    }
    let nowhere = format!("{}/nowhere", server.capture);
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
        .get(&nowhere)
        .send()
        .await
        .expect("an answer");
    let strays = run(data.path(), &["requests", "strays"]).await;
    assert_eq!(strays[0]["first_line"], "GET /nowhere HTTP/1.1", "{strays:?}");
}

#[tokio::test]
async fn a_demos_time_is_told_and_changed_and_that_of_others_is_not() {
    let server = Server::start_demo().await;
    let health = server.get("/v1/health").await;
    let data = std::path::PathBuf::from(text(&health, "data_dir"));
    let paused = run(&data, &["clock", "--pause", "--speed", "60"]).await;
    assert_eq!((&paused[0]["paused"], &paused[0]["speed"]), (&json!(true), &json!(60)), "{paused:?}");
    let moved = run(&data, &["clock", "--advance", "24h"]).await;
    assert_eq!(moved[0]["jumping_to"], Value::Null, "it waits for the end of the jump: {moved:?}");
    let ms = |clock: &Value| {
        chrono::DateTime::parse_from_rfc3339(text(clock, "now")).expect("a time").timestamp_millis()
    };
    assert_eq!(ms(&moved[0]) - ms(&paused[0]), 86_400_000);
    assert_eq!(run(&data, &["clock"]).await[0]["now"], moved[0]["now"]);

    let own = folder();
    let output = hookbench(own.path()).args(["clock", "--next"]).output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("demo"), "{output:?}");
}

#[tokio::test]
async fn a_policy_is_tried_out_at_a_fault_receiver_where_a_workspace_runs() {
    let data = folder();
    let output = hookbench(data.path()).args(["faults", "create"]).output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hookbench serve"), "{output:?}");

    let server = Server::start(data.path()).await;
    let endpoint = ["endpoints", "create", "http://127.0.0.1:1/hook", "--provider", "generic"];
    let endpoint = run(data.path(), &endpoint).await;
    let id = text(&endpoint[0], "id");
    let dial =
        ["--status", "429,204", "--repeat", "--delay", "1ms", "-H", "X-Mood: bad", "--retry-after", "30"];
    let more = ["--retry-after-date", "--body", "hm", "--fault", "bad_tls", "--fail-first", "0"];
    let last = ["--certificate", "wrong_name", "--drip", "9"];
    let create =
        [&["faults", "create", "--name", "Mine", "--trial-of", id][..], &dial, &more, &last].concat();
    let made = run(data.path(), &create).await;
    assert_eq!(
        made[0]["dial"],
        json!({
            "statuses": [429, 204], "repeat": true, "delay_ms": 1, "headers": [["X-Mood", "bad"]],
            "retry_after": {"seconds": 30, "form": "date"}, "body": "hm", "fault": "bad_tls", "fail_first": 0,
            "certificate": "wrong_name", "drip_bytes_per_s": 9,
        })
    );
    assert_eq!((text(&made[0], "name"), &made[0]["trial_of"]), ("Mine", &endpoint[0]["id"]));
    let receiver = text(&made[0], "id");
    let set = run(data.path(), &["faults", "set", receiver, "--status", "201"]).await;
    assert_eq!((&set[0]["dial"]["statuses"], &set[0]["dial"]["fault"]), (&json!([201]), &Value::Null));
    assert_eq!(run(data.path(), &["faults", "list"]).await[0]["id"], made[0]["id"]);

    let event =
        ["send", "a.b", "--provider", "generic", "--endpoint", text(&made[0], "endpoint_id"), "--wait"];
    let sent = run(data.path(), &event).await;
    assert_eq!(sent[0]["deliveries"][0]["status"], "delivered", "{sent:?}");
    let received = run(data.path(), &["faults", "received", receiver]).await;
    assert_eq!((received.len(), &received[0]["status"]), (1, &json!(201)), "{received:?}");
    assert_eq!(received[0]["delivery_id"], sent[0]["deliveries"][0]["id"]);
    run(data.path(), &["faults", "delete", receiver]).await;
    assert!(run(data.path(), &["faults", "list"]).await.is_empty());
    assert_eq!(server.rows("/v1/webhook-endpoints").await.len(), 1);
}

#[tokio::test]
async fn deliveries_are_found_by_text_answer_and_end_and_settings_are_changed() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = json!({"name": "Refuses", "response": {"status": 418, "body": "the pot is short and stout"}});
    let inbox = server.post("/v1/inboxes", &inbox).await;
    let endpoint = json!({"url": inbox["url"], "provider": "generic", "retry": {"delays_ms": []}});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let nowhere = json!({"url": "http://127.0.0.1:9/", "provider": "generic", "retry": {"delays_ms": []}});
    let nowhere = server.post("/v1/webhook-endpoints", &nowhere).await;
    let event = json!({"type": "message.sent", "endpoint_ids": [endpoint["id"], nowhere["id"]]});
    let sent = server.post("/v1/events", &event).await;
    let ids = [0, 1].map(|at| text(&sent["deliveries"][at], "id").to_owned());
    server.until("/v1/deliveries/count?status=failed", |now| now["count"] == 2).await;
    for (arguments, wanted, place) in [
        (["--q", "short and stout"], &ids[..1], json!(["response_body"])),
        (["--response-status", "4xx"], &ids[..1], Value::Null),
        (["--error-code", "refused"], &ids[1..], Value::Null),
        (["--ended-because", "expired"], &[], Value::Null),
    ] {
        let found = run(data.path(), &[&["deliveries", "list"][..], &arguments].concat()).await;
        let given: Vec<&str> = found.iter().map(|row| text(row, "id")).collect();
        assert_eq!(given, wanted, "{arguments:?}");
        assert!(found.iter().all(|row| row["found_in"] == place), "{found:?}");
    }
    let table = hookbench(data.path()).args(["deliveries", "list", "--q", "short and stout"]).output().await;
    let table = String::from_utf8(table.expect("it runs").stdout).expect("UTF-8");
    assert!(table.contains("FOUND IN") && table.contains("response_body"), "{table}");
    let none = hookbench(data.path()).args(["deliveries", "list", "--q", "Short And Stout"]).output().await;
    let none = String::from_utf8(none.expect("it runs").stdout).expect("UTF-8");
    assert!(none.contains("as it is written"), "{none}");

    assert_eq!(run(data.path(), &["settings"]).await[0]["metrics"], json!(false));
    let on = run(data.path(), &["settings", "--metrics", "on", "--max-in-flight", "7"]).await;
    assert_eq!((&on[0]["metrics"], &on[0]["max_in_flight"]), (&json!(true), &json!(7)));
    assert_eq!(run(data.path(), &["settings"]).await, on);
    for (told, kept) in [("endpoint.failing, endpoint.disabled", 2), ("none", 0)] {
        let settings = run(data.path(), &["settings", "--notify-on", told]).await;
        assert_eq!(settings[0]["notify_on"].as_array().expect("a list").len(), kept, "{told}");
    }
}

#[tokio::test]
async fn several_deliveries_are_retried_by_a_replay_and_a_dry_run_of_one_sends_nothing() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Mine", None, None).await;
    let endpoint = json!({"url": inbox["url"], "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let event = json!({"type": "message.sent", "endpoint_ids": [endpoint["id"]]});
        let sent = server.post("/v1/events", &event).await;
        ids.push(text(&sent["deliveries"][0], "id").to_owned());
    }
    server.until("/v1/deliveries/count?status=delivered", |now| now["count"] == 2).await;

    let dry = run(data.path(), &["retry", &ids[0], "--dry-run"]).await;
    assert_eq!((&dry[0]["dry_run"], &dry[0]["total"]), (&json!(true), &json!(1)), "{dry:?}");
    assert!(server.rows("/v1/replays").await.is_empty());
    let replay = run(data.path(), &["retry", &ids[0], &ids[1], "--reason", "Both again"]).await;
    assert_eq!(replay[0]["reason"], "Both again", "{replay:?}");
    server.until("/v1/deliveries/count?status=delivered", |now| now["count"] == 4).await;
}

/// `hookbench listen`, as it runs.
struct Listening {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Listening {
    /// It listens at an inbox, and sends on what comes.
    fn begin(data: &std::path::Path, inbox: &str, target: &str) -> Self {
        let mut process = hookbench(data)
            .args(["--json", "listen", "--inbox", inbox, "--forward", target])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        Self { process, lines }
    }

    /// The next line that it prints.
    async fn says(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time");
        let line = line.expect("stdout can be read").expect("it goes on");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Asks it to end: as Ctrl-C does, as a system that stops, as a terminal that is closed.
    async fn end_by(mut self, signal: &str) {
        let pid = self.process.id().expect("it runs").to_string();
        let sent = tokio::process::Command::new("kill").args([signal, &pid]).status().await;
        assert!(sent.expect("kill runs").success());
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await.expect("it ends in time");
        assert!(ended.expect("it can be waited for").success());
    }

    async fn end(mut self) {
        self.process.kill().await.expect("it can be killed");
    }
}

#[tokio::test]
async fn listen_prints_what_arrives_and_forwards_it_byte_for_byte() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let target = server.inbox("Target", None, None).await;
    let mut listen = Listening::begin(data.path(), "front", text(&target, "url"));
    let said = listen.says().await;
    let url = text(&said, "url").to_owned();
    assert!(url.starts_with(&server.capture) && url.ends_with("/front"), "{said}");

    let body: Vec<u8> = (0..=255).collect();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client
        .put(format!("{url}/deep/er?x=%20y"))
        .header("X-Odd", "a  b")
        .body(body.clone())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let printed = listen.says().await;
    assert_eq!(printed["request"]["method"], "PUT", "{printed}");
    let passed = listen.says().await;
    assert_eq!(passed["request_id"], printed["request"]["id"], "{passed}");
    assert_eq!(
        (&passed["relay"]["status"], &passed["relay"]["response"]["status"]),
        (&json!("delivered"), &json!(200))
    );

    let path = format!("/v1/requests?inbox_id={}", text(&target, "id"));
    let arrived = server.until(&path, |now| now["data"].as_array().is_some_and(|rows| rows.len() == 1)).await;
    let arrived = server.get(&format!("/v1/requests/{}", text(&arrived["data"][0], "id"))).await;
    assert_eq!(arrived["method"], "PUT");
    assert_eq!(arrived["path"], "/deep/er");
    assert_eq!(arrived["query"], "x=%20y");
    assert!(arrived["headers"].as_array().expect("headers").iter().any(|pair| {
        pair[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case("x-odd")) && pair[1] == json!("a  b")
    }));
    assert_eq!(server.raw(&format!("/v1/requests/{}/body", text(&arrived, "id"))).await, body);

    // Killed, it takes nothing away; the next listener replaces what it left, and asked to end leaves nothing.
    let front = format!("/v1/inboxes/{}", text(&said, "inbox_id"));
    listen.end().await;
    assert_eq!(server.get(&front).await["relay"]["targets"].as_array().map(Vec::len), Some(1));
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut again = Listening::begin(data.path(), "front", text(&target, "url"));
        again.says().await;
        assert_eq!(server.get(&front).await["relay"]["targets"].as_array().map(Vec::len), Some(1));
        again.end_by(signal).await;
        assert_eq!(server.get(&front).await["relay"], Value::Null, "{signal}");
    }
}

#[tokio::test]
async fn listeners_at_one_inbox_pass_on_beside_one_another_and_a_killed_one_is_cleared_away() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (one, two) = (server.inbox("One", None, None).await, server.inbox("Two", None, None).await);
    let mut first = Listening::begin(data.path(), "front", text(&one, "url"));
    let said = first.says().await;
    let mut second = Listening::begin(data.path(), "front", text(&two, "url"));
    second.says().await;
    let front = format!("/v1/inboxes/{}", text(&said, "inbox_id"));
    let goes_to = async || -> Vec<String> {
        let inbox = server.get(&front).await;
        let targets = inbox["relay"]["targets"].as_array().cloned().unwrap_or_default();
        targets.iter().map(|target| text(target, "url").to_owned()).collect()
    };
    assert_eq!(goes_to().await, [text(&one, "url"), text(&two, "url")]);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    assert_eq!(client.post(text(&said, "url")).body("both").send().await.expect("an answer").status(), 200);
    for target in [&one, &two] {
        let path = format!("/v1/requests?inbox_id={}", text(target, "id"));
        server.until(&path, |now| now["data"].as_array().is_some_and(|rows| rows.len() == 1)).await;
    }
    // Killed, it takes nothing away; one that begins clears that away, be it at another inbox.
    first.end().await;
    assert_eq!(goes_to().await.len(), 2);
    let mut elsewhere = Listening::begin(data.path(), "elsewhere", text(&one, "url"));
    elsewhere.says().await;
    assert_eq!(goes_to().await, [text(&two, "url")]);
    elsewhere.end_by("-INT").await;
    second.end_by("-INT").await;
    assert_eq!(server.get(&front).await["relay"], Value::Null);
    let left = std::fs::read_dir(data.path().join("listeners")).expect("their folder");
    let left: Vec<_> = left.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(left, ["changes"]);
}

#[tokio::test]
async fn listen_goes_on_where_what_it_awaits_is_deleted() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", None, None).await;
    // Nothing listens there: what is passed on waits.
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let target = format!("http://{}/", gone.local_addr().expect("an address"));
    drop(gone);
    let mut listen = Listening::begin(data.path(), text(&inbox, "slug"), &target);
    listen.says().await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let send = async || client.post(text(&inbox, "url")).send().await.expect("an answer");
    send().await;
    let first = listen.says().await;
    let told = listen.says().await;
    assert_eq!(
        (&told["request_id"], &told["relay"]["status"]),
        (&first["request"]["id"], &json!("retrying")),
        "{told}"
    );
    assert!(text(&told["relay"], "error").contains("refused"), "{told}");
    let path = format!("/v1/requests/{}", text(&first["request"], "id"));
    assert_eq!(server.send(reqwest::Method::DELETE, &path, None).await.status, 204);
    send().await;
    let second = loop {
        let said = listen.says().await;
        if said["request"].is_object() {
            break said;
        }
    };
    assert_ne!(second["request"]["id"], first["request"]["id"]);
    listen.end().await;
}

#[tokio::test]
async fn a_token_of_any_printable_letters_opens_the_address_that_is_printed() {
    let data = folder();
    let mut server = hookbench(data.path())
        .env("HOOKBENCH_TOKEN", "a+b%26&c#d/e=")
        .args(["serve", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(server.stdout.take().expect("stdout is piped")).lines();
    let line = lines.next_line().await.expect("stdout can be read").expect("a first line");
    let url = line.split_whitespace().nth(1).expect("an address");
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let answer = client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 303, "{url}");
    server.kill().await.expect("it ends");
    for unfit in ["two words", "a;b", "na\u{ef}ve", "a\u{7f}"] {
        let output = hookbench(data.path())
            .env("HOOKBENCH_TOKEN", unfit)
            .arg("serve")
            .output()
            .await
            .expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{unfit}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("HOOKBENCH_TOKEN"), "{output:?}");
    }
}

#[tokio::test]
async fn a_signature_that_is_checked_again_and_is_wrong_exits_with_1() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", Some("github"), Some("the-secret-of-this")).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let call = client.post(text(&inbox, "url")).header("X-Hub-Signature-256", "sha256=00").body("{}");
    call.send().await.expect("an answer");
    let rows = server.rows("/v1/requests").await;
    // The variable is for `verify` and `sign`: here the inbox has a secret of its own.
    let output = hookbench(data.path())
        .env("HOOKBENCH_SECRET", "another")
        .args(["--json", "requests", "verify", text(&rows[0], "id")])
        .output()
        .await
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let verdict: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(verdict["status"], "invalid", "{verdict}");
    let rotate = ["--json", "inboxes", "rotate-secret", text(&inbox, "id")];
    let output = hookbench(data.path()).env("HOOKBENCH_SECRET", "another").args(rotate).output().await;
    let made: Value = serde_json::from_slice(&output.expect("it runs").stdout).expect("JSON");
    assert!(made["secret"].as_str().is_some_and(|secret| secret != "another"), "{made}");
}

#[tokio::test]
async fn a_note_that_a_killed_server_left_behind_misleads_nobody() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.inbox("Kept", None, None).await;
    server.kill().await;
    assert!(data.path().join("running.json").exists(), "the note is there: nobody could take it away");
    let inboxes = run(data.path(), &["inboxes", "list"]).await;
    assert_eq!(inboxes[0]["name"], "Kept");
}

#[tokio::test]
async fn the_folder_is_told_so_that_it_is_found_from_anywhere() {
    let above = folder();
    let mut server = hookbench(std::path::Path::new("inside"))
        .current_dir(above.path())
        .args(["serve", "--json", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(server.stdout.take().expect("stdout is piped")).lines();
    let line = lines.next_line().await.expect("stdout can be read").expect("a first line");
    let said: Value = serde_json::from_str(&line).expect("JSON");
    let told = std::path::Path::new(text(&said, "data_dir"));
    assert!(told.is_absolute() && told.ends_with("inside"), "{told:?}");
    server.kill().await.expect("it ends");
}

#[tokio::test]
async fn listen_passes_nothing_on_by_types_that_cannot_be_told() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let forward = ["--forward", "http://127.0.0.1:9/all", "--forward", "message.*=http://127.0.0.1:9/some"];
    let known = server.inbox("Known", None, None).await;
    for inbox in ["new", text(&known, "slug")] {
        let arguments = [&["listen", "--inbox", inbox][..], &forward].concat();
        let output = hookbench(data.path()).args(arguments).output().await.expect("it runs");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("http://127.0.0.1:9/some goes by event types"), "{said}");
        assert!(said.contains("--provider"), "{said}");
    }
    assert_eq!(server.rows("/v1/inboxes").await.len(), 1, "none was made");
    assert_eq!(server.get(&format!("/v1/inboxes/{}", text(&known, "id"))).await["relay"], Value::Null);
}
