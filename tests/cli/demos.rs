//! A demo in a folder of its own, however its process ends.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, folder, hookbench, text};

async fn demo(data: &Path) -> Server {
    Server::start_with(data, &["--demo"]).await
}

fn time(value: &Value, key: &str) -> DateTime<Utc> {
    text(value, key).parse().expect("a time")
}

async fn clock(server: &Server) -> (DateTime<Utc>, Value, Value) {
    let clock = server.get("/v1/clock").await;
    (time(&clock, "now"), clock["paused"].clone(), clock["speed"].clone())
}

/// Changes how time goes, and waits for the end of a jump.
async fn change(server: &Server, edit: &Value) {
    server.post("/v1/clock", edit).await;
    server.until("/v1/clock", |clock| clock["jumping_to"].is_null()).await;
}

/// When what is newest was written down: events, the ends of attempts, requests.
async fn newest(server: &Server) -> DateTime<Utc> {
    let mut times = Vec::new();
    for (path, key) in [("/v1/events", "created_at"), ("/v1/requests", "received_at")] {
        times.extend(server.rows(path).await.iter().map(|row| time(row, key)));
    }
    for delivery in server.rows("/v1/deliveries").await {
        for key in ["created_at", "completed_at"].into_iter().filter(|key| !delivery[key].is_null()) {
            times.push(time(&delivery, key));
        }
    }
    times.into_iter().max().expect("a day")
}

#[tokio::test]
async fn a_kill_sets_no_time_back_that_was_shown_and_none_at_all_that_stood() {
    let data = folder();
    let server = demo(data.path()).await;
    let inbox = server.inbox("Mine", None, None).await;
    let endpoint = json!({"url": inbox["url"], "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let event = json!({"type": "message.sent", "endpoint_ids": [endpoint["id"]]});
    change(&server, &json!({"speed": 3600})).await;
    let (began, ..) = clock(&server).await;
    server.until("/v1/clock", |now| time(now, "now") - began > chrono::TimeDelta::hours(2)).await;
    server.post("/v1/events", &event).await;
    let (shown, ..) = clock(&server).await;
    server.kill().await;

    let server = demo(data.path()).await;
    let (now, paused, speed) = clock(&server).await;
    assert!(now >= shown, "{now}, and it was {shown}");
    assert_eq!((paused, speed), (json!(false), json!(3600)));
    change(&server, &json!({"mode": "paused"})).await;
    let (stood, ..) = clock(&server).await;
    let newest = newest(&server).await;
    assert!(newest <= stood, "{newest} lies in the future of {stood}");

    // Jumped where nothing happens, by a little that is no whole minute.
    change(&server, &json!({"advance_ms": 1_234, "speed": 60})).await;
    let stood = clock(&server).await;
    server.kill().await;
    let server = demo(data.path()).await;
    assert_eq!(clock(&server).await, stood);
    assert_eq!((&stood.1, &stood.2), (&json!(true), &json!(60)));
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
    let server = demo(data.path()).await;
    assert_eq!(clock(&server).await, stood);
}

/// Starts a demo in the folder and kills it once that holds.
async fn killed_while(data: &Path, holds: impl Fn() -> bool) {
    let mut making = hookbench(data)
        .args(["serve", "--demo", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "it never came to that");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    making.kill().await.expect("it can be killed");
}

fn says_unfilled(data: &Path) -> bool {
    std::fs::read_to_string(data.join("demo")).is_ok_and(|mark| mark.trim() == "unfilled")
}

/// The size of the log beside the database: it grows with the day.
fn written(data: &Path) -> u64 {
    std::fs::metadata(data.join("hookbench.db-wal")).map_or(0, |log| log.len())
}

/// How many deliveries, events, endpoints and inboxes there are.
async fn counts(server: &Server) -> [usize; 4] {
    let mut counts = [0; 4];
    let paths = ["/v1/deliveries", "/v1/events", "/v1/webhook-endpoints", "/v1/inboxes"];
    for (count, path) in counts.iter_mut().zip(paths) {
        *count = server.rows(path).await.len();
    }
    counts
}

#[tokio::test]
async fn a_demo_that_was_killed_while_it_was_made_is_made_anew() {
    let whole = folder();
    let server = demo(whole.path()).await;
    change(&server, &json!({"mode": "paused"})).await;
    let wanted = counts(&server).await;
    server.stop().await;

    let stages: [fn(&Path) -> bool; 3] = [
        says_unfilled,
        |data| data.join("hookbench.db").exists(),
        // The day is half there.
        |data| written(data) > 300_000,
    ];
    for (number, reached) in stages.iter().enumerate() {
        // A kill may come too late: then it is another demo's turn.
        let mut data = folder();
        for _ in 0..20 {
            killed_while(data.path(), || reached(data.path())).await;
            if says_unfilled(data.path()) {
                break;
            }
            data = folder();
        }
        assert!(says_unfilled(data.path()), "stage {number}: each was whole before it was killed");
        let output = hookbench(data.path()).args(["inboxes", "list"]).output().await.expect("it runs");
        assert_eq!(output.status.code(), Some(1), "it is no ordinary workspace: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--demo"), "{output:?}");

        std::fs::write(data.path().join("a-note.txt"), "mine").expect("a file");
        let server = demo(data.path()).await;
        change(&server, &json!({"mode": "paused"})).await;
        assert_eq!(counts(&server).await, wanted, "stage {number}");
        server.inbox("Mine", None, None).await;
        server.kill().await;
        // From here on it stays.
        let server = demo(data.path()).await;
        let kept = counts(&server).await;
        assert_eq!((kept[0], kept[3]), (wanted[0], wanted[3] + 1), "stage {number}");
        assert!(data.path().join("a-note.txt").exists());
    }
}
