//! How long a filter takes over many captured requests: its first page, and all pages until the first match or the end.
//!
//! `cargo xtask bench finding -- 1000000` measures over so many; 100,000 unless given.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints its figures"
)]

use std::time::Instant;

use bytes::Bytes;
use futures::future::join_all;
use hookbench_model::query::Query;
use hookbench_model::{
    CapturedRequest, HeaderPairs, Inbox, InboxId, InboxResponse, InboxRetention, PageRequest, RequestFilter,
    RequestId, Timestamp, Verification, VerificationStatus,
};
use hookbench_store::{OpenOptions, Store, Synchronous};
use serde_json::json;

const NOW: Timestamp = Timestamp::from_unix_ms(1_795_235_700_000);
/// How often each filter is asked.
const TIMES: usize = 20;
/// First pages come within so many milliseconds, as far as an index or a common word leads.
const GOAL_MS: f64 = 100.0;

/// What is asked, and whether the first page is all that there is to wait for.
const FILTERS: [&str; 23] = [
    "",
    "method:PUT",
    "status:503",
    "status:5xx -valid",
    "type:message.*",
    "type:message.failed invalid",
    "is:pinned",
    "tag:rare",
    "id:evt_77",
    "inbox:second since:1h",
    "path:/orders/77",
    "path:/orders/7*",
    "header:x-turn",
    "header:x-turn=77",
    "header:x-request-id~4711",
    "json:n=77",
    "json:data.to=\"person 7\"",
    "json:n>10 -json:n>20",
    "body:\"person 7\"",
    "\"person 7\"",
    "\"stands nowhere\"",
    "(method:PUT or status:503) size:>1k",
    "-json:n",
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let wanted = std::env::args().find_map(|word| word.parse().ok());
    let count: usize = wanted.unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
    let store = Store::open(folder.path(), NOW, options).await.unwrap();
    let begun = Instant::now();
    fill(&store, count).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{count} requests written in {seconds:.0} s");
    for text in FILTERS {
        measure(&store, text, count).await;
    }
    store.shutdown().await;
}

async fn fill(store: &Store, count: usize) {
    let first = store.inboxes().create(inbox("first")).await.unwrap();
    let second = store.inboxes().create(inbox("second")).await.unwrap();
    for batch in (0..count).step_by(512) {
        let requests = (batch..count.min(batch + 512)).map(|number| {
            let inbox = if number % 10 == 0 { &second } else { &first };
            let (request, body) = request(number, count, inbox);
            let requests = store.requests();
            async move { requests.capture(request, body).await }
        });
        for captured in join_all(requests).await {
            captured.unwrap();
        }
    }
}

fn request(number: usize, count: usize, inbox: &Inbox) -> (CapturedRequest, Bytes) {
    // The newest is a second old, and they came one a second.
    let at = NOW.plus_ms(-1000 * i64::try_from(count - number).unwrap());
    let body = json!({
        "n": number % 50_000,
        "data": {"to": format!("person {}", number % 997), "text": "x".repeat(900 - number % 700)},
        "id": format!("evt_{number}"),
    });
    let body = Bytes::from(body.to_string());
    let mut headers = HeaderPairs::from_iter([
        ("Host", "localhost:4800".to_owned()),
        ("User-Agent", "A sender of webhooks/1.0".to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("X-Request-Id", format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
        ("Content-Length", body.len().to_string()),
    ]);
    if number % 1000 == 7 {
        headers.push("X-Turn", format!("{}", number / 1000));
    }
    let request = CapturedRequest {
        id: RequestId::new(at),
        inbox_id: inbox.id,
        received_at: at,
        method: if number % 100 == 3 { "PUT" } else { "POST" }.to_owned(),
        addressed: Some("http://localhost:4800/in".to_owned()),
        path: format!("/orders/{}", number % 5000),
        query: None,
        http_version: "HTTP/1.1".to_owned(),
        headers,
        content_type: Some("application/json".to_owned()),
        body_size: body.len() as u64,
        remote_addr: "127.0.0.1:50123".to_owned(),
        event_type: Some(
            ["message.sent", "message.delivered", "order.made", "message.failed"][number % 4].to_owned(),
        ),
        provider_event_id: Some(format!("evt_{number}")),
        verification: Verification {
            status: if number % 50 == 1 { VerificationStatus::Invalid } else { VerificationStatus::Valid },
            scheme: Some("standardwebhooks".to_owned()),
            reason: None,
            message: "The signature is right.".to_owned(),
            signed_content: None,
        },
        handshake: None,
        response_status: if number % 500 == 9 { 503 } else { 200 },
        answered_by: None,
        delivery: None,
        came: None,
        fault: None,
        note: String::new(),
        tags: if number % 20_000 == 5 { vec!["rare".to_owned()] } else { Vec::new() },
        pinned: number % 5000 == 4,
        colour: None,
        shown: None,
    };
    (request, body)
}

fn inbox(slug: &str) -> Inbox {
    Inbox {
        id: InboxId::new(NOW),
        slug: slug.parse().unwrap(),
        name: slug.to_owned(),
        provider: None,
        scheme: None,
        handshakes: true,
        verify_token: None,
        response: InboxResponse::default(),
        rules: Vec::new(),
        retention: InboxRetention::default(),
        secrets: Vec::new(),
        created_at: NOW,
    }
}

/// Prints the p50 and the p95 of the first page, and how long it takes until something is found or all is read.
async fn measure(store: &Store, text: &str, count: usize) {
    let query = Query::read(text, NOW).unwrap();
    let filter = RequestFilter { query: Some(query), ..RequestFilter::default() };
    let mut first = Vec::new();
    let (mut found, mut has_more) = (0, false);
    for _ in 0..TIMES {
        let begun = Instant::now();
        let page = store.requests().list(&filter, PageRequest::first(100)).await.unwrap();
        first.push(begun.elapsed().as_secs_f64() * 1000.0);
        (found, has_more) = (page.rows.len(), page.next.is_some());
    }
    first.sort_by(f64::total_cmp);
    let begun = Instant::now();
    let mut page = PageRequest::first(100);
    loop {
        let part = store.requests().list(&filter, page).await.unwrap();
        match part.next {
            Some(next) if part.rows.is_empty() => page.before = Some(next),
            _ => break,
        }
    }
    let line = json!({
        "path": format!("first page of {count} by {text:?}"),
        "p50_ms": hundredths(first[TIMES / 2]),
        "p95_ms": hundredths(first[TIMES * 95 / 100]),
        "first_match_or_end_ms": hundredths(begun.elapsed().as_secs_f64() * 1000.0),
        "rows": found,
        "has_more": has_more,
        "goal": GOAL_MS,
    });
    println!("{line}");
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
