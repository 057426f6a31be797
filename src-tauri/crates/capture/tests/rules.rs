//! What senders are answered by the rules of an inbox, seen from outside on a plain socket.

use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::Limits;
use hookbench_model::{
    AnswerFault, AnswerFaultKind, AnswerRule, HeaderPairs, Inbox, Nth, RetryAfterForm, RetryAfterSent,
    RuleAnswer, RuleId, RuleWhen, Share,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{House, NOW, inbox};

const POST: &str = "POST /ruled HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n{\"id\":7}";
/// The answer `200` with the body `0123456789` by hand.
const WHOLE: &str = "HTTP/1.1 200 OK\r\nDate: Fri, 21 Nov 2025 04:35:00 GMT\r\nConnection: close\r\n\
                     Content-Length: 10\r\n\r\n0123456789";

fn rule(when: RuleWhen, then: RuleAnswer) -> AnswerRule {
    AnswerRule { id: RuleId::new(NOW), name: "A rule".to_owned(), enabled: true, when, then }
}

fn answering(status: u16) -> RuleAnswer {
    RuleAnswer { statuses: vec![status], ..RuleAnswer::default() }
}

fn failing(fault: AnswerFault) -> AnswerRule {
    let body = Bytes::from_static(b"0123456789");
    rule(RuleWhen::default(), RuleAnswer { fault: Some(fault), body, ..RuleAnswer::default() })
}

fn ruled(rules: Vec<AnswerRule>) -> Inbox {
    Inbox { rules, ..inbox("ruled") }
}

/// A house whose inbox `ruled` has these rules.
async fn house(rules: Vec<AnswerRule>) -> House {
    let house = House::open().await;
    house.add(ruled(rules)).await;
    house
}

async fn status(house: &House, request: &str) -> u16 {
    house.send(request).await.status
}

/// What came on a connection and how it ended: everything, and whether in order.
async fn to_the_end(wire: &mut tokio::net::TcpStream) -> (String, bool) {
    let mut read = Vec::new();
    let in_order = wire.read_to_end(&mut read).await.is_ok();
    (String::from_utf8(read).unwrap(), in_order)
}

/// Sends to the rule and reads to the end.
async fn meet(fault: AnswerFault) -> (String, bool, hookbench_model::CapturedRequest) {
    let house = house(vec![failing(fault)]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    let (came, in_order) = to_the_end(&mut wire.stream).await;
    (came, in_order, house.only().await.0)
}

#[tokio::test]
async fn a_status_without_a_name_goes_out_without_one() {
    let house = house(vec![rule(RuleWhen::default(), answering(299))]).await;
    let mut wire = house.connect().await;
    wire.write(POST.replace("Host: h", "Host: h\r\nConnection: close")).await;
    let (came, _) = to_the_end(&mut wire.stream).await;
    assert!(came.starts_with("HTTP/1.1 299 \r\n"), "{came}");
}

#[tokio::test]
async fn the_first_rule_that_takes_a_request_answers_it_and_the_record_says_so() {
    let methods = |method: &str| RuleWhen { methods: vec![method.to_owned()], ..RuleWhen::default() };
    let path = |path: &str| RuleWhen { path: Some(path.parse().unwrap()), ..RuleWhen::default() };
    let off = AnswerRule { enabled: false, ..rule(RuleWhen::default(), answering(500)) };
    let house = house(vec![
        off,
        rule(methods("PUT"), answering(201)),
        rule(path("/hooks/*"), answering(202)),
        AnswerRule { name: "Last".to_owned(), ..rule(path("/hooks/**"), answering(203)) },
    ])
    .await;
    let to = |method: &str, path: &str| format!("{method} /ruled{path} HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(status(&house, &to("PUT", "/hooks/a")).await, 201);
    assert_eq!(status(&house, &to("GET", "/hooks/a")).await, 202);
    assert_eq!(status(&house, &to("GET", "/hooks/a/b")).await, 203);
    assert_eq!(status(&house, &to("GET", "/other")).await, 200);
    let captured = house.captured().await;
    let named: Vec<_> = captured
        .iter()
        .map(|(request, _)| {
            (request.response_status, request.answered_by.as_ref().map(|by| by.name.as_str()))
        })
        .collect();
    let expected = [(201, Some("A rule")), (202, Some("A rule")), (203, Some("Last")), (200, None)];
    assert_eq!(named, expected);
}

#[tokio::test]
async fn the_first_few_fail_and_counts_begin_anew_on_demand_and_with_a_change() {
    let nth = RuleWhen { nth: Some(Nth { from: 1, to: Some(2) }), ..RuleWhen::default() };
    let rule = rule(nth, answering(503));
    let house = house(vec![rule.clone()]).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(status(&house, POST).await);
    }
    // Another inbox changes: the counts stay.
    house.add(inbox("other")).await;
    seen.push(status(&house, POST).await);
    assert_eq!(seen, [503, 503, 200, 200]);
    let counted = house.receiver.rule_counted(rule.id);
    assert_eq!((counted.matched, counted.answered), (4, 2));

    house.receiver.start_rule_again(rule.id);
    assert_eq!(house.receiver.rule_counted(rule.id).matched, 0);
    assert_eq!(status(&house, POST).await, 503);

    let id = house.captured().await[0].0.inbox_id;
    house.store.inboxes().update(id, |inbox| inbox.rules[0].then.statuses = vec![429]).await.unwrap();
    house.receiver.refresh().await.unwrap();
    assert_eq!(status(&house, POST).await, 429);
}

#[tokio::test]
async fn statuses_come_in_their_order_and_a_share_by_its_seed() {
    let sequence = RuleAnswer { statuses: vec![500, 429, 201], repeat: true, ..RuleAnswer::default() };
    let share = Share { percent: 40, seed: 3 };
    let some = rule(RuleWhen { share: Some(share), ..RuleWhen::default() }, answering(418));
    let house = house(vec![some, rule(RuleWhen::default(), sequence.clone())]).await;
    let mut others = 0;
    for number in 0..12 {
        let expected = if share.takes(number) {
            418
        } else {
            others += 1;
            sequence.status(others - 1)
        };
        assert_eq!(status(&house, POST).await, expected, "request {number}");
    }
    assert!((1..12).contains(&others), "some are taken and some are not");
}

#[tokio::test]
async fn a_template_is_filled_in_and_429_says_when_to_come_again() {
    let then = RuleAnswer {
        statuses: vec![429],
        headers: HeaderPairs::from_iter([("X-Id", "{{ request.json.id }}")]),
        body: Bytes::from_static(b"{{ request.method }} number {{ count }}"),
        template: true,
        retry_after: Some(RetryAfterSent { seconds: 90, form: RetryAfterForm::Date }),
        ..RuleAnswer::default()
    };
    let house = house(vec![rule(RuleWhen::default(), then)]).await;
    house.send(POST).await;
    let answer = house.send(POST).await;
    assert_eq!((answer.status, answer.body.as_str()), (429, "POST number 2"));
    assert_eq!(answer.header("x-id"), Some("7"));
    // By the house's clock: 04:35 and a minute and a half.
    assert_eq!(answer.header("retry-after"), Some("Fri, 21 Nov 2025 04:36:30 GMT"));
}

#[tokio::test]
async fn a_template_that_fails_is_answered_500_and_recorded() {
    let then = RuleAnswer {
        body: Bytes::from_static(b"{% for a in range(request.json.n) %}{{ a }}{% endfor %}"),
        template: true,
        ..RuleAnswer::default()
    };
    let house = house(vec![rule(RuleWhen::default(), then)]).await;
    let answer =
        house.send("POST /ruled HTTP/1.1\r\nHost: h\r\nContent-Length: 13\r\n\r\n{\"n\":9999999}").await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("template"), "{}", answer.body);
    let by = house.only().await.0.answered_by.unwrap();
    assert_eq!((by.fault, by.shows_status), (Some(AnswerFaultKind::Template), true));
}

/// What a sender wrote would begin another header: the rule fails, and says so, rather than go out with less or more.
#[tokio::test]
async fn a_header_that_cannot_be_sent_is_a_template_that_fails() {
    for fault in [None, Some(AnswerFault::HalfClose { after_bytes: None })] {
        let headers =
            HeaderPairs::from_iter([("X-A", "{{ request.json.id }}"), ("X-Id", "{{ request.json.id }}")]);
        let then = RuleAnswer { headers, template: true, fault, ..RuleAnswer::default() };
        let house = house(vec![rule(RuleWhen::default(), then)]).await;
        for (body, status, sent) in
            [(r#"{"id":"a\r\nSet-Cookie: b"}"#, 500, None), (r#"{"id":"plain"}"#, 200, Some("plain"))]
        {
            let length = body.len();
            let request =
                format!("POST /ruled HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}");
            let answer = house.send(request).await;
            assert_eq!((answer.status, answer.header("x-id")), (status, sent), "{fault:?}: {answer:?}");
            assert_eq!(answer.header("set-cookie"), None, "{answer:?}");
            let by = house.newest().await.unwrap().0.answered_by.unwrap();
            let kind =
                if sent.is_none() { Some(AnswerFaultKind::Template) } else { fault.map(AnswerFault::kind) };
            assert_eq!((by.fault, by.shows_status), (kind, true));
        }
    }
}

/// By hand too what was set goes as it was set: its own date in the place of ours.
#[tokio::test]
async fn headers_by_hand_go_out_as_they_were_set() {
    let headers = HeaderPairs::from_iter([("x-B", "2"), ("DATE", "then"), ("X-a", "1")]);
    let fault = Some(AnswerFault::HalfClose { after_bytes: None });
    let house = house(vec![rule(RuleWhen::default(), RuleAnswer { headers, fault, ..answering(200) })]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    let (came, _) = to_the_end(&mut wire.stream).await;
    let set = "x-B: 2\r\nDATE: then\r\nX-a: 1\r\n";
    assert_eq!(came, format!("HTTP/1.1 200 OK\r\n{set}Connection: close\r\nContent-Length: 0\r\n\r\n"));
}

#[tokio::test]
async fn a_delay_of_a_rule_goes_by_the_clock() {
    let slow = rule(RuleWhen::default(), RuleAnswer { delay_ms: 60_000, ..answering(200) });
    let house = house(vec![slow]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.captured().await.len(), 1, "it is stored before it is answered");
    house.clock.advance(Duration::from_mins(1));
    assert_eq!(wire.answer().await.status, 200);
}

#[tokio::test]
async fn a_connection_is_closed_without_a_word_or_in_the_middle() {
    let (came, in_order, request) = meet(AnswerFault::Close { after_bytes: 0 }).await;
    assert_eq!((came.as_str(), in_order), ("", true));
    assert_eq!(request.status_seen(), None);
    let (came, in_order, request) = meet(AnswerFault::Close { after_bytes: 30 }).await;
    assert_eq!((came.as_str(), in_order), (&WHOLE[..30], true));
    assert_eq!(request.status_seen(), Some(200));
    assert_eq!(request.answered_by.unwrap().fault, Some(AnswerFaultKind::Close));
}

#[tokio::test]
async fn a_connection_is_reset_after_so_many_bytes() {
    let (came, in_order, request) = meet(AnswerFault::Reset { after_bytes: 0 }).await;
    assert_eq!((came.as_str(), in_order), ("", false));
    assert_eq!(request.status_seen(), None);
    assert_eq!(request.answered_by.unwrap().fault, Some(AnswerFaultKind::Reset));

    let house = house(vec![failing(AnswerFault::Reset { after_bytes: 10 })]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    let mut ten = [0; 10];
    wire.stream.read_exact(&mut ten).await.unwrap();
    assert_eq!(&ten, &WHOLE.as_bytes()[..10]);
    let error = wire.stream.read(&mut [0; 1]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_half_closed_connection_goes_on_taking_what_comes() {
    let house = house(vec![failing(AnswerFault::HalfClose { after_bytes: None })]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    let (came, in_order) = to_the_end(&mut wire.stream).await;
    assert_eq!((came.as_str(), in_order), (WHOLE, true));
    // Our side has ended, and the other one is read: were it closed, a write would be reset.
    for _ in 0..20 {
        wire.stream.write_all(&[b'x'; 1024]).await.unwrap();
        tokio::task::yield_now().await;
    }
    drop(wire);
    assert_eq!(house.only().await.0.answered_by.unwrap().fault, Some(AnswerFaultKind::HalfClose));
}

#[tokio::test]
async fn an_answer_that_never_comes_holds_until_its_sender_goes() {
    let house = house(vec![failing(AnswerFault::NoAnswer { after_bytes: 12 })]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    let mut first = [0; 12];
    wire.stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let mut next = [0; 1];
    let nothing = tokio::time::timeout(Duration::from_millis(50), wire.stream.read(&mut next)).await;
    assert!(nothing.is_err(), "nothing more comes, and it stays open");
    assert_eq!(house.only().await.0.status_seen(), Some(200));
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.stream.read(&mut next).await.unwrap(), 0, "it ends when its sender does");
}

#[tokio::test]
async fn a_drip_goes_by_the_clock_byte_by_byte() {
    let house = house(vec![failing(AnswerFault::Drip { bytes_per_s: 2 })]).await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    for byte in WHOLE.bytes() {
        let mut came = [0; 2];
        assert_eq!(wire.stream.read(&mut came).await.unwrap(), 1, "one byte at a time");
        assert_eq!(came[0], byte);
        while house.clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        house.clock.advance(Duration::from_millis(500));
    }
    assert_eq!(wire.stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_length_is_wrong_either_way() {
    for (off_by, said) in [(5, "Content-Length: 15\r\n"), (-4, "Content-Length: 6\r\n")] {
        let (came, in_order, request) = meet(AnswerFault::WrongLength { off_by }).await;
        assert!(came.contains(said) && came.ends_with("\r\n\r\n0123456789") && in_order, "{came}");
        assert_eq!(request.status_seen(), Some(200));
    }
}

#[tokio::test]
async fn a_handshake_comes_before_the_rules() {
    let house = House::open().await;
    let slack = crate::support::verifying("slack", "slack", Some("8f742231b10e8888abcd99yyyzzz85a5"));
    house.add(Inbox { rules: vec![rule(RuleWhen::default(), answering(500))], ..slack }).await;
    let body = r#"{"type":"url_verification","challenge":"abc","token":"t"}"#;
    let length = body.len();
    let answer = house
        .send(format!("POST /slack HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}"))
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("abc"), "{}", answer.body);
    assert!(house.only().await.0.answered_by.is_none());
}

#[tokio::test]
async fn stopping_ends_what_is_held_open_at_once() {
    for fault in [
        AnswerFault::NoAnswer { after_bytes: 0 },
        AnswerFault::Drip { bytes_per_s: 1 },
        AnswerFault::HalfClose { after_bytes: Some(0) },
    ] {
        let house = house(vec![failing(fault)]).await;
        let mut wire = house.connect().await;
        wire.write(POST).await;
        while house.captured().await.is_empty() {
            tokio::task::yield_now().await;
        }
        let House { receiver, store, .. } = house;
        let began = tokio::time::Instant::now();
        receiver.stop(Duration::from_mins(10)).await;
        assert!(began.elapsed() < Duration::from_mins(1), "{fault:?} is not waited for");
        let mut rest = Vec::new();
        let _ = wire.stream.read_to_end(&mut rest).await;
        store.shutdown().await;
    }
}

#[tokio::test]
async fn no_more_connections_are_held_open_than_allowed() {
    let house = House::with(Limits { held: 1, ..Limits::default() }, None).await;
    house.add(ruled(vec![failing(AnswerFault::NoAnswer { after_bytes: 12 })])).await;
    let mut held = house.connect().await;
    held.write(POST).await;
    let mut first = [0; 12];
    held.stream.read_exact(&mut first).await.unwrap();
    let mut closed = house.connect().await;
    closed.write(POST).await;
    assert_eq!(to_the_end(&mut closed.stream).await, (String::new(), true), "closed at once");
    drop(held);
    // Its place is free again once it is seen to have gone.
    loop {
        let mut next = house.connect().await;
        next.write(POST).await;
        if next.stream.read_exact(&mut first).await.is_ok() {
            break;
        }
    }
    assert!(house.captured().await.len() >= 3, "all are kept");
}

#[tokio::test]
async fn over_http2_a_fault_ends_its_stream_and_the_connection_goes_on() {
    let fails = |fault| AnswerRule {
        when: RuleWhen { nth: Some(Nth { from: 1, to: Some(1) }), ..RuleWhen::default() },
        ..failing(fault)
    };
    for (fault, in_head) in [
        (AnswerFault::Reset { after_bytes: 0 }, true),
        (AnswerFault::Close { after_bytes: 3 }, false),
        (AnswerFault::WrongLength { off_by: 5 }, false),
    ] {
        let house = house(vec![fails(fault)]).await;
        let stream = tokio::net::TcpStream::connect(house.address()).await.unwrap();
        let executor = hyper_util::rt::TokioExecutor::new();
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake::<_, _, axum::body::Body>(executor, io).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = || {
            let uri = format!("http://{}/ruled", house.address());
            http::Request::post(uri).body(axum::body::Body::empty()).unwrap()
        };
        let answer = sender.send_request(request()).await;
        if in_head {
            assert!(answer.is_err(), "{fault:?}: {answer:?}");
        } else {
            let body = http_body_util::BodyExt::collect(answer.unwrap().into_body()).await;
            assert!(body.is_err(), "{fault:?}");
        }
        let next = sender.send_request(request()).await.unwrap();
        assert_eq!(next.status().as_u16(), 200, "the connection goes on");
        assert_eq!(house.captured().await.len(), 2);
        drop(sender);
        let _ = connection.await;
    }
}

/// Who waits in vain over HTTP/2 has a place for ten minutes of the clock, and gives it back then.
#[tokio::test]
async fn what_is_held_open_is_closed_in_the_end() {
    let house = House::with(Limits { held: 1, ..Limits::default() }, None).await;
    house.add(ruled(vec![failing(AnswerFault::NoAnswer { after_bytes: 0 })])).await;
    let stream = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    let (executor, io) = (hyper_util::rt::TokioExecutor::new(), hyper_util::rt::TokioIo::new(stream));
    let (sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, axum::body::Body>(executor, io).await.unwrap();
    let connection = tokio::spawn(connection);
    let send = || {
        let request = http::Request::post(format!("http://{}/ruled", house.address()));
        let answer = sender.clone().send_request(request.body(axum::body::Body::empty()).unwrap());
        tokio::spawn(answer)
    };
    for _ in 0..2 {
        let held = send();
        while house.clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        assert!(send().await.unwrap().is_err(), "there is no place for another one");
        house.clock.advance(Duration::from_secs(599));
        assert!(!held.is_finished());
        house.clock.advance(Duration::from_secs(1));
        assert!(held.await.unwrap().is_err());
    }
    assert_eq!(house.captured().await.len(), 4);
    drop(sender);
    let _ = connection.await;
}

#[tokio::test]
async fn a_rule_reads_what_is_there_whatever_it_is() {
    let json = hookbench_model::JsonTest {
        path: "id".parse().unwrap(),
        test: hookbench_model::ValueTest::Equals("7".to_owned()),
    };
    let house = house(vec![rule(RuleWhen { json: vec![json], ..RuleWhen::default() }, answering(201))]).await;
    assert_eq!(status(&house, POST).await, 201);
    for body in ["{\"id\":8}", "{\"id\":7", "\0\0\0\0", &"[".repeat(5_000)] {
        let request =
            format!("POST /ruled HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(status(&house, &request).await, 200);
    }
}
