//! What senders are told.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::{CaptureError, Limits, bind};
use hookbench_model::{
    AnswerFault, AnswerRule, HeaderPairs, Inbox, InboxResponse, RetryAfterForm, RetryAfterSent, RuleAnswer,
    RuleId, RuleWhen,
};
use tokio::io::AsyncReadExt as _;

use crate::support::{House, NOW, inbox};

const POST: &str = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";

fn answering(slug: &str, status: u16, delay_ms: u64) -> Inbox {
    let headers = HeaderPairs::from_iter([("X-Answer", "1"), ("x-answer", "2"), ("Content-Type", "text/x")]);
    let response = InboxResponse { status, headers, body: Bytes::from_static(b"noted"), delay_ms };
    Inbox { response, ..inbox(slug) }
}

#[tokio::test]
async fn an_inbox_answers_as_it_was_set() {
    let house = House::open().await;
    house.add(answering("set", 418, 0)).await;
    let answer = house.send("POST /set HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!((answer.status, answer.body.as_str()), (418, "noted"));
    assert_eq!(answer.header("content-type"), Some("text/x"));
    assert_eq!(answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-answer")).count(), 2);
    assert_eq!(house.only().await.0.response_status, 418);

    let mut wire = house.connect().await;
    wire.write("HEAD /set HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    let answer = wire.answer_to(true).await;
    assert_eq!((answer.status, answer.header("content-length")), (418, Some("5")));
    assert!(wire.is_closed().await, "an answer to HEAD has no body");

    let empty = house.send("POST /in HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!((empty.status, empty.body.as_str(), empty.header("content-length")), (200, "", Some("0")));
}

/// An inbox whose rule answers each request.
fn ruled(slug: &str, then: RuleAnswer) -> Inbox {
    let rule = AnswerRule {
        id: RuleId::new(NOW),
        name: String::new(),
        enabled: true,
        when: RuleWhen::default(),
        then,
    };
    Inbox { rules: vec![rule], ..inbox(slug) }
}

/// All that is answered on a connection, without its date.
async fn answered(house: &House, requests: &str) -> String {
    let mut wire = house.connect().await;
    wire.write(requests).await;
    let mut came = String::new();
    wire.stream.read_to_string(&mut came).await.unwrap();
    let is_date = |line: &&str| line.to_ascii_lowercase().starts_with("date: ");
    came.split_inclusive("\r\n").filter(|line| !is_date(line)).collect()
}

#[tokio::test]
async fn headers_go_out_in_the_order_and_the_case_in_which_they_were_set() {
    let house = House::open().await;
    let headers = HeaderPairs::from_iter([("X-A", "1"), ("X-B", "2"), ("X-A", "3"), ("eTag", "e")]);
    let response = InboxResponse { headers: headers.clone(), body: "ok".into(), ..InboxResponse::default() };
    house.add(Inbox { response, ..inbox("set") }).await;
    let retry_after = Some(RetryAfterSent { seconds: 7, form: RetryAfterForm::Seconds });
    let then = RuleAnswer { statuses: vec![503], headers, retry_after, ..RuleAnswer::default() };
    house.add(ruled("ruled", then)).await;
    let to = |slug: &str, version: &str, more: &str| {
        format!("POST /{slug} HTTP/{version}\r\nHost: h\r\n{more}\r\n")
    };
    let close = "Connection: close\r\n";
    let set = "X-A: 1\r\nX-B: 2\r\nX-A: 3\r\neTag: e\r\n";
    // One behind the other, and one that has nothing set between them.
    let requests = [to("set", "1.1", ""), to("in", "1.1", ""), to("ruled", "1.1", close)].concat();
    let wanted = [
        &format!("HTTP/1.1 200 OK\r\n{set}content-length: 2\r\n\r\nok"),
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        &format!(
            "HTTP/1.1 503 Service Unavailable\r\n{set}Retry-After: 7\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        ),
    ];
    assert_eq!(answered(&house, &requests).await, wanted.concat());
    let old = format!("HTTP/1.0 200 OK\r\n{set}content-length: 2\r\n\r\nok");
    assert_eq!(answered(&house, &to("set", "1.0", "")).await, old);
    let whole = house.send(to("set", "1.1", "")).await;
    assert_eq!(whole.headers.iter().filter(|(name, _)| name == "date").count(), 1, "{whole:?}");
}

#[tokio::test]
async fn what_has_no_body_says_no_length() {
    let house = House::open().await;
    for (status, name) in [(204, "204 No Content"), (304, "304 Not Modified")] {
        let headers = HeaderPairs::from_iter([("X-A", "1")]);
        let response = InboxResponse { status, headers: headers.clone(), body: "ok".into(), delay_ms: 0 };
        house.add(Inbox { response, ..inbox(&format!("set-{status}")) }).await;
        let then = RuleAnswer { statuses: vec![status], headers, body: "ok".into(), ..RuleAnswer::default() };
        let fault = Some(AnswerFault::HalfClose { after_bytes: None });
        house.add(ruled(&format!("by-hand-{status}"), RuleAnswer { fault, ..then.clone() })).await;
        house.add(ruled(&format!("ruled-{status}"), then)).await;
        for slug in ["set", "ruled"] {
            let request = format!("POST /{slug}-{status} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            let wanted = format!("HTTP/1.1 {name}\r\nX-A: 1\r\nconnection: close\r\n\r\n");
            assert_eq!(answered(&house, &request).await, wanted, "{slug}");
        }
        let request = format!("POST /by-hand-{status} HTTP/1.1\r\nHost: h\r\n\r\n");
        let wanted = format!("HTTP/1.1 {name}\r\nX-A: 1\r\nConnection: close\r\n\r\n");
        assert_eq!(answered(&house, &request).await, wanted);
    }
}

#[tokio::test]
async fn a_delay_runs_on_the_clock_after_the_request_is_stored() {
    let house = House::open().await;
    house.add(answering("slow", 200, 90_000)).await;
    let mut wire = house.connect().await;
    let mut changes = house.store.changes().subscribe();
    wire.write("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    changes.next().await;
    assert_eq!(house.captured().await.len(), 1);
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.clock.next_wake(), Some(NOW.plus_ms(90_000)));
    house.clock.advance(Duration::from_secs(90));
    assert_eq!(wire.answer().await.status, 200);
}

#[tokio::test]
async fn whoever_addresses_nobody_is_told_so() {
    let house = House::open().await;
    let page = house.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Hookbench"), "{}", page.body);
    for (request, sentence) in [
        ("POST /nowhere/a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok", "no inbox called `nowhere`"),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok", "no inbox is addressed"),
        ("POST //in HTTP/1.1\r\nHost: h\r\n\r\n", "no inbox is addressed"),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "no inbox is addressed"),
        ("GET /IN HTTP/1.1\r\nHost: h\r\n\r\n", "no inbox called `IN`"),
        ("GET /i%6E HTTP/1.1\r\nHost: h\r\n\r\n", "no inbox called `i%6E`"),
    ] {
        let answer = house.send(request).await;
        assert_eq!(answer.status, 404, "{request}");
        assert!(answer.body.contains(sentence), "{request}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    assert!(house.captured().await.is_empty());
}

#[tokio::test]
async fn inboxes_come_change_and_go_while_it_runs() {
    let house = House::open().await;
    let made = house.add(inbox("new")).await;
    let send = || house.send("POST /new HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(send().await.status, 200);
    // From here on nobody says anything: the change feed does.
    house.store.inboxes().update(made.id, |inbox| inbox.response.status = 202).await.unwrap();
    while send().await.status != 202 {}
    house.store.inboxes().delete(made.id).await.unwrap();
    while send().await.status != 404 {}
}

#[tokio::test]
async fn a_full_disk_is_told_and_passes() {
    let house = House::with(Limits::default(), Some(3 << 20)).await;
    let large = vec![7; 1 << 20];
    let send = async || {
        let mut wire = house.connect().await;
        wire.write(format!("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", large.len())).await;
        wire.write(&large).await;
        wire.answer().await
    };
    let mut stored = 0;
    let refused = loop {
        let answer = send().await;
        if answer.status != 200 {
            break answer;
        }
        stored += 1;
        assert!(stored < 10, "the limit holds");
    };
    assert_eq!((refused.status, refused.header("retry-after")), (507, Some("30")));
    assert!(refused.body.contains("disk") && refused.body.contains("Not stored"), "{}", refused.body);
    assert_eq!(house.captured().await.len(), stored, "nothing is claimed that is not there");
    let first = house.captured().await.remove(0).0.id;
    house.store.requests().delete(first).await.unwrap();
    assert_eq!(send().await.status, 200);
}

#[tokio::test]
async fn a_closed_store_is_told_and_the_receiver_lives_on() {
    let house = House::open().await;
    house.store.shutdown().await;
    for _ in 0..2 {
        let answer = house.send(POST).await;
        assert_eq!(answer.status, 503);
        assert!(answer.body.contains("Not stored"), "{}", answer.body);
    }
    assert_eq!(house.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.status, 200);
}

#[tokio::test]
async fn stopping_answers_what_is_under_way_and_takes_nothing_new() {
    let house = House::open().await;
    house.add(answering("slow", 200, 5_000)).await;
    let (mut waiting, mut idle) = (house.connect().await, house.connect().await);
    idle.write(POST).await;
    assert_eq!(idle.answer().await.status, 200);
    waiting.write("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    let address = house.address();
    let House { receiver, clock, store, .. } = house;
    let stopped = tokio::spawn(receiver.stop(Duration::from_secs(30)));
    assert!(idle.is_closed().await);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(5));
    assert_eq!(waiting.answer().await.status, 200);
    stopped.await.unwrap();
    store.shutdown().await;
}

#[tokio::test]
async fn stopping_waits_no_longer_than_the_grace() {
    let house = House::open().await;
    house.add(answering("slow", 200, 60_000)).await;
    let mut waiting = house.connect().await;
    waiting.write("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    let House { receiver, store, .. } = house;
    receiver.stop(Duration::from_millis(20)).await;
    assert!(waiting.is_closed().await);
    store.shutdown().await;
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let house = House::open().await;
    let error = bind(house.address()).await.unwrap_err();
    assert!(matches!(error, CaptureError::AddressInUse { .. }));
    assert_eq!(error.to_string(), format!("{} is already in use by another program", house.address()));
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 0));
    assert!(matches!(bind(elsewhere).await, Err(CaptureError::Bind { .. })));
}
