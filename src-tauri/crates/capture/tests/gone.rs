//! Senders that give up before the answer that they have to wait for.

use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{
    AnswerFault, AnswerRule, CapturedRequest, HeaderPairs, Inbox, InboxResponse, PageRequest, RelayHost,
    RelayState, RequestFilter, RuleAnswer, RuleId, RuleWhen,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::relay::{answered_by, ended, listener, post, read};
use crate::support::{House, NOW, Wire, inbox};

const POST: &str = "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";
/// How long the answers here are waited for, by the clock.
const DELAY: Duration = Duration::from_mins(1);
/// No test waits longer for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a sender does while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    Resets,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "other systems may tell it later"))]
    Closes,
    ClosesOneSide,
    Stays,
}

/// An inbox `slow` that answers after the delay.
fn slow() -> Inbox {
    let response =
        InboxResponse { status: 202, delay_ms: 60_000, body: "noted".into(), ..InboxResponse::default() };
    Inbox { response, ..inbox("slow") }
}

/// The same by a rule.
fn ruled(then: RuleAnswer) -> Inbox {
    let then = RuleAnswer { statuses: vec![202], delay_ms: 60_000, ..then };
    let (id, name) = (RuleId::new(NOW), "Slow".to_owned());
    let rule = AnswerRule { id, name, enabled: true, when: RuleWhen::default(), then };
    Inbox { rules: vec![rule], ..inbox("slow") }
}

async fn until_waiting(house: &House) {
    let waits = async {
        while house.clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waits).await.expect("an answer waits");
}

/// Waits until the record of the newest request says that its sender was told nothing.
async fn until_untold(house: &House) {
    let untold = async {
        while house.newest().await.is_none_or(|(request, _)| request.status_seen().is_some()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, untold).await.expect("the record says so in the end");
}

/// The statuses that the senders got to see, oldest first, once all is over.
async fn seen_in_the_end(house: House) -> Vec<Option<u16>> {
    let House { receiver, store, .. } = house;
    receiver.stop(PATIENCE).await;
    let page = store.requests().list(&RequestFilter::default(), PageRequest::first(500)).await.unwrap();
    page.rows.iter().rev().map(CapturedRequest::status_seen).collect()
}

/// Leaves the connection in that way; gives what is left of it.
async fn leave(mut wire: Wire, going: Going) -> Option<Wire> {
    match going {
        Going::Resets => wire.stream.set_zero_linger().unwrap(),
        Going::Closes => {}
        Going::ClosesOneSide => {
            wire.stream.shutdown().await.unwrap();
            return Some(wire);
        }
        Going::Stays => return Some(wire),
    }
    None
}

/// Has a sender go while it waits for the inbox's answer.
async fn go(inbox: Inbox, going: Going, request: &str) {
    let house = House::open().await;
    house.add(inbox).await;
    let mut wire = house.connect().await;
    wire.write(request).await;
    until_waiting(&house).await;
    let left = leave(wire, going).await;
    assert_eq!(house.only().await.0.status_seen(), Some(202), "nobody has looked yet");
    house.clock.advance(DELAY);
    let Some(mut left) = left else {
        until_untold(&house).await;
        assert_eq!(seen_in_the_end(house).await, [None], "{going:?}");
        return;
    };
    assert_eq!(left.answer().await.status, 202, "{going:?}");
    assert_eq!(seen_in_the_end(house).await, [Some(202)], "{going:?}");
}

#[tokio::test]
async fn whoever_has_gone_before_the_answer_was_told_nothing() {
    let closing = POST.replace("Host: h", "Host: h\r\nConnection: close");
    for going in [Going::Resets, Going::ClosesOneSide, Going::Stays] {
        go(slow(), going, POST).await;
        go(slow(), going, &closing).await;
        let headers = HeaderPairs::from_iter([("X-A", "1")]);
        let body = Bytes::from(vec![b'x'; 100_000]);
        go(ruled(RuleAnswer { headers, body, ..RuleAnswer::default() }), going, POST).await;
    }
}

/// A close looks like the end of one side until something is written behind it: this machine says so then.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn whoever_has_closed_before_the_answer_was_told_nothing() {
    let closing = POST.replace("Host: h", "Host: h\r\nConnection: close");
    go(slow(), Going::Closes, POST).await;
    go(slow(), Going::Closes, &closing).await;
    let (headers, body) = (HeaderPairs::from_iter([("X-A", "1")]), Bytes::from_static(b"noted"));
    go(ruled(RuleAnswer { headers, body, ..RuleAnswer::default() }), Going::Closes, POST).await;
}

#[tokio::test]
async fn what_is_answered_by_hand_is_told_to_who_is_there() {
    for fault in [AnswerFault::HalfClose { after_bytes: None }, AnswerFault::Close { after_bytes: 30 }] {
        for going in [Going::Resets, Going::ClosesOneSide, Going::Stays] {
            let house = House::open().await;
            let then = RuleAnswer { fault: Some(fault), ..RuleAnswer::default() };
            house.add(ruled(then)).await;
            let mut wire = house.connect().await;
            wire.write(POST).await;
            until_waiting(&house).await;
            let left = leave(wire, going).await;
            house.clock.advance(DELAY);
            let Some(mut left) = left else {
                until_untold(&house).await;
                continue;
            };
            let mut first = [0; 12];
            left.stream.read_exact(&mut first).await.unwrap();
            assert_eq!(&first, b"HTTP/1.1 202", "{going:?}");
            assert_eq!(seen_in_the_end(house).await, [Some(202)], "{going:?}");
        }
    }
}

/// What was sent ahead is read and kept, and nobody is there for its answer either.
#[tokio::test]
async fn whoever_has_sent_ahead_and_gone_was_told_nothing() {
    let house = House::open().await;
    house.add(slow()).await;
    let mut wire = house.connect().await;
    wire.write(format!("{POST}{POST}")).await;
    until_waiting(&house).await;
    wire.stream.set_zero_linger().unwrap();
    drop(wire);
    house.clock.advance(DELAY);
    let second = async {
        while house.captured().await.len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, second).await.expect("both are kept");
    until_waiting(&house).await;
    house.clock.advance(DELAY);
    assert_eq!(seen_in_the_end(house).await, [None, None]);
}

/// One connection goes on after an answer that was waited for, and each is told by itself.
#[tokio::test]
async fn whoever_asks_on_was_told() {
    let house = House::open().await;
    house.add(slow()).await;
    let mut wire = house.connect().await;
    for _ in 0..2 {
        wire.write(POST).await;
        until_waiting(&house).await;
        house.clock.advance(DELAY);
        assert_eq!(wire.answer().await.status, 202);
    }
    wire.write(POST).await;
    until_waiting(&house).await;
    wire.stream.set_zero_linger().unwrap();
    drop(wire);
    house.clock.advance(DELAY);
    assert_eq!(seen_in_the_end(house).await, [Some(202), Some(202), None]);
}

#[tokio::test]
async fn a_stream_that_ends_before_its_answer_was_told_nothing() {
    let house = House::open().await;
    house.add(slow()).await;
    let socket = TcpStream::connect(house.address()).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let io = hyper_util::rt::TokioIo::new(socket);
    let (mut send, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::post("http://h/slow").body(axum::body::Body::from("x")).unwrap();
    let answer = tokio::spawn(async move { send.send_request(request).await });
    until_waiting(&house).await;
    answer.abort();
    connection.abort();
    // Over HTTP/2 that shows at once.
    until_untold(&house).await;
}

/// Asks a target that answers with these bytes once its sender has gone; gives what the sender is left with.
async fn relayed(answer: &'static str, going: Going) -> (House, Option<Wire>) {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let (ask, asked) = oneshot::channel();
    let (leaves, left) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read(&mut stream, 1).await;
        ask.send(()).unwrap();
        left.await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    let mut wire = house.connect().await;
    wire.write(post(b"x")).await;
    asked.await.unwrap();
    let wire = leave(wire, going).await;
    leaves.send(()).unwrap();
    (house, wire)
}

const ANSWERS: [&str; 3] = [
    "HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n",
    "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
];

async fn is_hung_up(answer: &'static str, going: Going) {
    let (house, _) = relayed(answer, going).await;
    let (request, relay) = ended(&house).await;
    assert_eq!((request.status_seen(), relay.state), (None, RelayState::HungUp), "{answer} {going:?}");
    assert_eq!(relay.error.as_deref(), Some("The sender hung up before it had the whole answer"));
    assert_eq!(relay.response.map(|answer| answer.status), Some(201));
}

#[tokio::test]
async fn whoever_has_gone_before_the_targets_answer_was_passed_nothing() {
    for answer in ANSWERS {
        is_hung_up(answer, Going::Resets).await;
    }
    // A target that did not answer failed, whoever was there to hear that.
    let (house, _) = relayed("nothing of HTTP\r\n\r\n", Going::Resets).await;
    let (request, relay) = ended(&house).await;
    assert_eq!((request.status_seen(), relay.state), (None, RelayState::Failed));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn whoever_has_closed_before_the_targets_answer_was_passed_nothing() {
    for answer in ANSWERS {
        is_hung_up(answer, Going::Closes).await;
    }
}

#[tokio::test]
async fn whoever_waits_was_passed_the_targets_answer_with_trailers_or_without() {
    for answer in ANSWERS {
        for going in [Going::ClosesOneSide, Going::Stays] {
            let (house, mut wire) = relayed(answer, going).await;
            let mut came = Vec::new();
            let stream = &mut wire.as_mut().unwrap().stream;
            while !came.ends_with(b"\r\n\r\n") && !came.ends_with(b"ok") {
                let more = stream.read_buf(&mut came).await.unwrap();
                assert!(more > 0, "{}", String::from_utf8_lossy(&came));
            }
            let (request, relay) = ended(&house).await;
            let what = (request.status_seen(), relay.state, relay.error);
            assert_eq!(what, (Some(201), RelayState::Answered, None), "{answer} {going:?}");
            assert!(!relay.response.unwrap().body_truncated, "{answer} {going:?}");
        }
    }
}
