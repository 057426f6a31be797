//! What is borne from a sender, and what is not. The limits are small here, so that nobody waits.

use std::time::Duration;

use hookbench_capture::Limits;
use hookbench_model::{Inbox, InboxResponse, Settings};

use crate::support::{House, inbox};

const POST: &str = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";
const SHORT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_everybody_else_goes_on() {
    let house = House::open().await;
    let mut other = house.connect().await;
    other.write(&POST[..30]).await;

    let megabyte = vec![b'x'; 1 << 20];
    let mut announced = house.connect().await;
    announced.write(format!("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", 33 << 20)).await;
    for _ in 0..33 {
        announced.write(&megabyte).await;
    }
    let answer = announced.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("33554432 bytes"), "{}", answer.body);
    assert!(announced.is_closed().await);

    let mut chunked = house.connect().await;
    chunked.write("POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for _ in 0..33 {
        chunked.write(format!("{:x}\r\n", megabyte.len())).await;
        chunked.write(&megabyte).await;
        chunked.write("\r\n").await;
    }
    assert_eq!(chunked.answer().await.status, 413);

    other.write(&POST[30..]).await;
    assert_eq!(other.answer().await.status, 200);
    let kept = house.captured().await;
    let seen = kept
        .iter()
        .map(|(request, body)| (request.fault.as_ref().map(|fault| fault.code.as_str()), body.len()));
    let too_large = Some("body_too_large");
    assert_eq!(seen.collect::<Vec<_>>(), [(too_large, 32 << 20), (too_large, 32 << 20), (None, 2)]);
}

#[tokio::test]
async fn a_connection_is_idle_from_its_answer_on() {
    let house = House::with(Limits { idle: Duration::from_millis(300), ..Limits::default() }, None).await;
    let slow = InboxResponse { delay_ms: 1, ..InboxResponse::default() };
    house.add(Inbox { response: slow, ..inbox("slow") }).await;
    let mut wire = house.connect().await;
    wire.write("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok").await;
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    // Its answer waits for longer than a connection may be idle.
    tokio::time::sleep(Duration::from_millis(400)).await;
    house.clock.advance(Duration::from_millis(1));
    assert_eq!(wire.answer().await.status, 200);
    wire.write(POST).await;
    assert_eq!(wire.answer().await.status, 200);
}

#[tokio::test]
async fn the_limit_on_bodies_is_the_workspaces_setting() {
    let house = House::open().await;
    let send = || house.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    house.settings.send_modify(|settings| settings.capture_max_body = 2);
    assert_eq!(send().await.status, 413);
    house
        .settings
        .send_modify(|settings| *settings = Settings { capture_max_body: 3, ..Settings::default() });
    assert_eq!(send().await.status, 200);
}

#[tokio::test]
async fn a_body_at_the_limit_is_taken() {
    let house = House::open().await;
    let body = vec![b'x'; 32 << 20];
    let mut wire = house.connect().await;
    wire.write(format!("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len())).await;
    wire.write(&body).await;
    assert_eq!(wire.answer().await.status, 200);
    assert!(house.only().await.1 == body);
}

#[tokio::test]
async fn a_slow_head_is_answered_and_an_idle_connection_is_closed() {
    let limits = Limits { head_time: SHORT, idle: SHORT, ..Limits::default() };
    let house = House::with(limits, None).await;
    let (mut slow, mut silent, mut idle) =
        (house.connect().await, house.connect().await, house.connect().await);
    slow.write("POST /in HTTP/1.1\r\nHost:").await;
    idle.write(POST).await;
    assert_eq!(idle.answer().await.status, 200);
    let answer = slow.answer().await;
    assert_eq!(answer.status, 408);
    assert!(answer.body.contains("longer than 60 ms"), "{}", answer.body);
    assert!(slow.is_closed().await && silent.is_closed().await && idle.is_closed().await);
    assert_eq!(house.send(POST).await.status, 200);
}

#[tokio::test]
async fn a_body_that_stands_still_or_dawdles_is_given_up() {
    let limits = Limits { body_idle: SHORT, linger: SHORT, ..Limits::default() };
    let house = House::with(limits, None).await;
    let mut wire = house.connect().await;
    wire.write(&POST[..POST.len() - 1]).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 408);
    assert!(wire.is_closed().await);

    let limits = Limits { body_time: SHORT, linger: SHORT, ..Limits::default() };
    let house = House::with(limits, None).await;
    let mut wire = house.connect().await;
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n").await;
    let answer = loop {
        wire.write("x").await;
        let next = tokio::time::timeout(Duration::from_millis(5), wire.try_answer(false)).await;
        if let Ok(answer) = next {
            break answer.unwrap();
        }
    };
    assert_eq!(answer.status, 408);
    let (kept, body) = house.only().await;
    assert_eq!(kept.fault.unwrap().code, "body_too_slow");
    assert!(!body.is_empty() && body.iter().all(|byte| *byte == b'x'));
}

/// What is large waits for room. Where none comes it is refused, and may come again once others are done.
#[tokio::test]
async fn a_large_body_without_room_is_refused_and_may_come_again() {
    let limits = Limits { bodies: 256 << 10, body_time: Duration::from_millis(400), ..Limits::default() };
    let house = House::with(limits, None).await;
    let slow = InboxResponse { delay_ms: 1, ..InboxResponse::default() };
    house.add(Inbox { response: slow, ..inbox("slow") }).await;
    let large = |slug: &str| {
        let head = format!("POST /{slug} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", 200 << 10);
        [head.into_bytes(), vec![b'x'; 200 << 10]].concat()
    };
    let mut first = house.connect().await;
    first.write(large("slow")).await;
    // It has its room until it is answered, and that waits for the clock.
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    let refused = house.send(large("in")).await;
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains("no room") && refused.body.contains("sent again"), "{}", refused.body);
    let (kept, body) = house.newest().await.unwrap();
    assert_eq!((kept.status_seen(), body.len()), (Some(503), 0));
    let fault = kept.fault.unwrap();
    assert_eq!(fault.code, "no_room");
    assert!(fault.message.ends_with("0 of 204800 bytes came."), "{}", fault.message);
    assert_eq!(house.send(POST).await.status, 200, "small ones need no room");

    house.clock.advance(Duration::from_millis(1));
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(house.send(large("in")).await.status, 200);
    assert_eq!(house.newest().await.unwrap().1.len(), 200 << 10);
}

#[tokio::test]
async fn connections_beyond_the_most_wait_for_their_turn() {
    let house = House::with(Limits { connections: 2, ..Limits::default() }, None).await;
    let (mut one, mut two, mut three) = (house.connect().await, house.connect().await, house.connect().await);
    for wire in [&mut one, &mut two] {
        wire.write(POST).await;
        assert_eq!(wire.answer().await.status, 200);
    }
    three.write(POST).await;
    assert!(tokio::time::timeout(SHORT, three.try_answer(false)).await.is_err(), "the third waits");
    drop(one);
    assert_eq!(three.answer().await.status, 200);
}

#[tokio::test]
async fn smaller_limits_hold_for_heads_too() {
    let house = House::with(Limits { head_bytes: 128, headers: 3, ..Limits::default() }, None).await;
    let many = "POST /in HTTP/1.1\r\nHost: h\r\na: 1\r\na: 2\r\na: 3\r\n\r\n";
    assert_eq!(house.send(many).await.status, 431);
    let large = format!("POST /in HTTP/1.1\r\nHost: h\r\na: {}\r\n\r\n", "b".repeat(128));
    assert_eq!(house.send(large).await.status, 431);
    assert_eq!(house.send(POST).await.status, 200);
}
