//! A file that is being imported when the process is killed, or the disk fills up: what is there afterwards is whole.

use futures::SinkExt as _;
use futures::channel::mpsc;
use reqwest::{Body, Method};
use serde_json::Value;

use crate::support::{Server, folder, text};

fn lines(numbers: std::ops::Range<usize>, size: usize) -> String {
    let line = |number: usize| {
        let body = format!("body {number}").repeat(size);
        format!("{{\"method\": \"POST\", \"url\": \"http://a.example/{number}\", \"body\": \"{body}\"}}\n")
    };
    numbers.map(line).collect()
}

/// How many requests there are; each has to be whole.
async fn whole(server: &Server, size: usize) -> usize {
    let exported = String::from_utf8(server.raw("/v1/requests/export").await).expect("UTF-8");
    let mut count = 0;
    for line in exported.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let number = text(&row, "path").trim_start_matches('/');
        assert_eq!(text(&row, "body"), format!("body {number}").repeat(size), "it is whole");
        count += 1;
    }
    count
}

#[tokio::test]
async fn a_kill_in_the_middle_of_an_import_leaves_whole_requests() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (mut sender, receiver) = mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let call = server.request(Method::POST, "/v1/imports").body(Body::wrap_stream(receiver)).send();
    let importing = tokio::spawn(call);
    sender.send(Ok(lines(0..5_000, 20).into_bytes())).await.expect("it reads");
    server.until("/v1/requests/count", |now| now["count"].as_u64() > Some(0)).await;
    server.kill().await;
    drop(sender);
    importing.await.expect("it ends").expect_err("nobody answers");
    let server = Server::start(data.path()).await;
    let count = whole(&server, 20).await;
    assert!((256..=5_000).contains(&count), "{count}");
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_import_that_fills_the_disk_says_how_much_of_it_stays() {
    let disk = crate::disk::Disk::new().await;
    let server = disk.serve().await;
    let inbox = server.inbox("Mine", None, None).await;
    disk.fill(&server).await;
    let path = format!("/v1/imports?inbox_id={}", text(&inbox, "id"));
    let refused =
        server.request(Method::POST, &path).body(lines(0..20_000, 500)).send().await.expect("an answer");
    let (status, kind) = disk.problem();
    assert_eq!(refused.status().as_u16(), status);
    let problem: Value = serde_json::from_slice(&refused.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(text(&problem, "type"), kind, "{problem}");
    let told = text(&problem, "detail").split_once("Before that ").map_or(0, |(_, rest)| {
        rest.split(' ').next().and_then(|count| count.parse().ok()).expect("a number")
    });
    disk.make_room(&server).await;
    crate::peer::well_again(&server).await;
    assert_eq!(whole(&server, 500).await, told, "{problem}");
}
