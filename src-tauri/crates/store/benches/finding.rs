//! How long a filter takes over many captured requests: its first page, and all pages until the first match or the end;
//! what the index of texts costs, in time, memory and captures; and how fast one is captured beside its writing.
//!
//! `cargo xtask bench finding -- 1000000` measures over so many; 100,000 unless given.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints its figures"
)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use hookbench_model::query::Query;
use hookbench_model::{
    AllowList, CapturedRequest, HeaderPairs, Inbox, InboxId, InboxResponse, InboxRetention, PageRequest,
    RequestFilter, RequestId, Timestamp, Verification, VerificationStatus,
};
use hookbench_store::{OpenOptions, Pace, Store, Synchronous};
use serde_json::json;

const NOW: Timestamp = Timestamp::from_unix_ms(1_795_235_700_000);
/// How often each filter is asked.
const TIMES: usize = 20;
/// First pages come within so many milliseconds, …
const PAGE_GOAL_MS: f64 = 20.0;
/// … what is read in bodies and headers within so many …
const TEXT_GOAL_MS: f64 = 100.0;
/// … and the newest of what stands in many within so many.
const NEWEST_GOAL_MS: f64 = 50.0;
/// Captures beside the writing of the index are so fast, measured by those without it.
const BESIDE_GOAL: f64 = 0.9;

/// What is asked, and within how many milliseconds.
const FILTERS: [(&str, f64); 28] = [
    ("", PAGE_GOAL_MS),
    ("method:PUT", PAGE_GOAL_MS),
    ("status:503", PAGE_GOAL_MS),
    ("status:5xx -valid", PAGE_GOAL_MS),
    ("type:message.*", PAGE_GOAL_MS),
    ("type:message.failed invalid", PAGE_GOAL_MS),
    ("is:pinned", PAGE_GOAL_MS),
    ("tag:rare", PAGE_GOAL_MS),
    ("id:evt_77", PAGE_GOAL_MS),
    ("inbox:second since:1h", PAGE_GOAL_MS),
    ("path:/orders/77", PAGE_GOAL_MS),
    ("path:/orders/7*", PAGE_GOAL_MS),
    ("header:x-turn", TEXT_GOAL_MS),
    ("header:x-turn=77", TEXT_GOAL_MS),
    ("header:x-request-id~4711", TEXT_GOAL_MS),
    ("json:n=77", TEXT_GOAL_MS),
    ("json:n=4711", TEXT_GOAL_MS),
    ("json:data.to=\"person 7\"", TEXT_GOAL_MS),
    ("json:n>10 -json:n>20", TEXT_GOAL_MS),
    ("body:\"person 7\"", NEWEST_GOAL_MS),
    ("\"person 7\"", NEWEST_GOAL_MS),
    ("evt_77777", TEXT_GOAL_MS),
    ("webhooks", NEWEST_GOAL_MS),
    ("\"stands nowhere\"", TEXT_GOAL_MS),
    ("7x", TEXT_GOAL_MS),
    ("inbox:second \"person 7\"", NEWEST_GOAL_MS),
    ("(method:PUT or status:503) size:>1k", PAGE_GOAL_MS),
    ("-json:n", TEXT_GOAL_MS),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let wanted = std::env::args().find_map(|word| word.parse().ok());
    let count: usize = wanted.unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
    let store = Store::open(folder.path(), NOW, options).await.unwrap();
    let begun = Instant::now();
    let inboxes = [
        store.inboxes().create(inbox("first")).await.unwrap(),
        store.inboxes().create(inbox("second")).await.unwrap(),
    ];
    let before = resident_mib();
    capture(&store, &inboxes, 0, count, count).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{count} requests written in {seconds:.0} s, {} MiB on disk", size_mib(folder.path()));
    index(&store, folder.path(), count).await;
    for (text, goal) in FILTERS {
        measure(&store, text, count, goal).await;
    }
    let line = json!({
        "path": format!("memory after searching {count}"),
        "resident_mib": resident_mib(),
        "resident_mib_before": before,
    });
    println!("{line}");
    beside(&store, &inboxes, count).await;
    store.shutdown().await;
}

/// Writes the index of what is there.
async fn index(store: &Store, folder: &std::path::Path, count: usize) {
    let (begun, mut longest) = (Instant::now(), Duration::ZERO);
    loop {
        let step = Instant::now();
        let filled = store.requests().fill_text().await.unwrap();
        longest = longest.max(step.elapsed());
        if filled.requests == 0 {
            break;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let line = json!({
        "path": format!("the index of {count}"),
        "seconds": hundredths(seconds),
        "a_second": (count as f64 / seconds).round(),
        "longest_step_ms": hundredths(longest.as_secs_f64() * 1000.0),
        "disk_mib": size_mib(folder),
    });
    println!("{line}");
}

/// Captures without the writing of the index and beside it, in turn, at once as many as wait in one transaction.
async fn beside(store: &Store, inboxes: &[Inbox; 2], mut count: usize) {
    const EACH: usize = 10_000;
    let mut rates = [Vec::new(), Vec::new()];
    for turn in 0..6 {
        let begun = Instant::now();
        let captures = capture(store, inboxes, count, count + EACH, count + EACH);
        if turn % 2 == 0 {
            captures.await;
        } else {
            tokio::select! {
                () = captures => {}
                () = write_index(store) => {}
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        rates[turn % 2].push(EACH as f64 / begun.elapsed().as_secs_f64());
        count += EACH;
    }
    let [without, with] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    let line = json!({
        "path": "captures beside the writing of the index, against those without it",
        "a_second": with.round(),
        "a_second_without": without.round(),
        "ratio": hundredths(with / without),
        "goal": BESIDE_GOAL,
    });
    println!("{line}");
}

/// As the workbench does it.
async fn write_index(store: &Store) {
    let commits = || store.stats().tallied().commits;
    let (mut pace, mut ended) = (Pace::new(commits()), Instant::now());
    loop {
        let step = Instant::now();
        let filled = store.requests().fill_text().await.unwrap();
        let passed = ended.elapsed();
        ended = Instant::now();
        tokio::time::sleep(pace.rest(filled.transactions, commits(), step.elapsed(), passed)).await;
    }
}

/// What the process has in memory.
fn resident_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}

fn size_mib(folder: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    files.sum::<u64>() >> 20
}

async fn capture(store: &Store, inboxes: &[Inbox; 2], from: usize, to: usize, count: usize) {
    let [first, second] = inboxes;
    for batch in (from..to).step_by(512) {
        let requests = (batch..to.min(batch + 512)).map(|number| {
            let inbox = if number % 10 == 0 { second } else { first };
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
        relay: None,
        access: None,
        allow: AllowList::default(),
        retention: InboxRetention::default(),
        secrets: Vec::new(),
        created_at: NOW,
    }
}

/// Prints the p50 and the p95 of the first page, and how long it takes until something is found or all is read.
async fn measure(store: &Store, text: &str, count: usize, goal: f64) {
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
        "goal": goal,
    });
    println!("{line}");
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
