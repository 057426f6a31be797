//! What is not whole: it breaks off, stands still, is too large, or its sender has gone.

use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::Limits;
use hookbench_model::{PageRequest, RequestFilter};
use hookbench_signing::VerificationStatus;
use tokio::io::AsyncWriteExt as _;

use super::{newest_written, record};
use crate::support::House;

/// Where a request ends early, what is kept of it, and what is said.
#[tokio::test]
async fn what_breaks_off_is_kept_as_far_as_it_came() {
    let house = House::open().await;
    let head = "POST /in/x?q HTTP/1.1\r\nHost: h\r\nX-Sig: a\r\n";
    for (name, sent, code, at, message) in [
        ("in the method", "PO".to_owned(), "", None, ""),
        ("in the slug", "POST /in".to_owned(), "", None, ""),
        ("in the target", "POST /in/x".to_owned(), "head_broken_off", Some(10), "broke off"),
        ("behind the target", "POST /in/x ".to_owned(), "head_broken_off", Some(11), "broke off"),
        ("in the version", "POST /in/x?q HTTP/1".to_owned(), "head_broken_off", Some(19), "broke off"),
        (
            "in a header",
            head[..head.len() - 5].to_owned(),
            "head_broken_off",
            Some(head.len() - 5),
            "broke off",
        ),
        ("before the empty line", head.to_owned(), "head_broken_off", Some(head.len()), "broke off"),
        (
            "before the body",
            format!("{head}Content-Length: 5\r\n\r\n"),
            "body_broken_off",
            Some(head.len() + 21),
            "0 of 5 bytes",
        ),
        (
            "in the body",
            format!("{head}Content-Length: 5\r\n\r\nabc"),
            "body_broken_off",
            Some(head.len() + 24),
            "3 of 5 bytes",
        ),
        (
            "in a size",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n3"),
            "body_broken_off",
            Some(head.len() + 31),
            "0 bytes",
        ),
        (
            "in a chunk",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n3\r\nab"),
            "body_broken_off",
            Some(head.len() + 35),
            "2 bytes",
        ),
        (
            "behind a chunk",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r"),
            "body_broken_off",
            Some(head.len() + 36),
            "2 bytes",
        ),
        (
            "in the trailers",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nA: b\r\n"),
            "body_broken_off",
            None,
            "2 bytes",
        ),
        (
            "by a bad chunk",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\nabX"),
            "chunk",
            Some(head.len() + 35),
            "malformed",
        ),
    ] {
        let mut wire = house.connect().await;
        wire.write(&sent).await;
        wire.stream.shutdown().await.unwrap();
        let answer = wire.try_answer(false).await.unwrap_or_else(|| panic!("{name}: no answer"));
        assert_eq!(answer.status, 400, "{name}");
        let Some((request, _)) = house.newest().await else {
            assert_eq!(code, "", "{name}");
            assert_eq!(house.receiver.strays()[0].raw, sent, "{name}");
            continue;
        };
        let (_, _, back) = newest_written(&house).await;
        assert_eq!(String::from_utf8(back).unwrap(), sent, "{name}");
        let fault = request.fault.clone().unwrap();
        assert_eq!(fault.code, code, "{name}");
        assert!(fault.message.contains(message), "{name}: {}", fault.message);
        if let Some(at) = at {
            assert_eq!(fault.at, Some(at as u64), "{name}");
        }
        assert_eq!(request.verification.status, VerificationStatus::NotChecked, "{name}");
        assert_eq!((request.path.as_str(), request.response_status), ("/x", 400), "{name}");
        house.store.requests().delete(request.id).await.unwrap();
        assert!(record(&house, request.id).await.is_plain(), "{name}: what was kept besides is left");
    }
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_body_is_kept_too() {
    let house = House::open().await;
    for (count, sent) in (1..).zip([
        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
        "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ]) {
        let mut wire = house.connect().await;
        wire.write(sent).await;
        wire.stream.set_zero_linger().unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(wire);
        until_kept(&house, count).await;
        let (request, body) = house.newest().await.unwrap();
        assert_eq!((request.fault.unwrap().code.as_str(), &body[..]), ("body_broken_off", &b"abc"[..]));
    }
}

async fn until_kept(house: &House, count: u64) {
    let kept = async {
        while house.store.requests().count(&RequestFilter::default()).await.unwrap() < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), kept).await.expect("all are kept");
}

/// What was wrong with each request and the status that its sender got to see, oldest first, once all is over.
async fn seen_in_the_end(house: House) -> Vec<(Option<String>, Option<u16>)> {
    let House { receiver, store, .. } = house;
    receiver.stop(Duration::from_secs(20)).await;
    let rows = store.requests().list(&RequestFilter::default(), PageRequest::first(500)).await.unwrap().rows;
    let mut seen = Vec::new();
    for row in rows.into_iter().rev() {
        let alone = store.requests().get(row.id).await.unwrap().unwrap();
        assert_eq!(row.status_seen(), alone.status_seen());
        seen.push((alone.fault.as_ref().map(|fault| fault.code.clone()), alone.status_seen()));
    }
    seen
}

/// What nobody was there to read is not said to have been answered.
#[tokio::test]
async fn whoever_has_reset_the_connection_was_told_nothing() {
    let house = House::open().await;
    let table = [
        ("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc", "body_broken_off"),
        ("POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "body_broken_off"),
        ("POST /in HTTP/1.1\r\nHost: h\r\nX: y", "head_broken_off"),
        ("POST /in HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", "host_twice"),
    ];
    for (count, (sent, _)) in (1..).zip(table) {
        let mut wire = house.connect().await;
        wire.write(sent).await;
        wire.stream.set_zero_linger().unwrap();
        drop(wire);
        until_kept(&house, count).await;
    }
    let wanted = table.map(|(_, code)| (Some(code.to_owned()), None));
    assert_eq!(seen_in_the_end(house).await, wanted);
}

/// Who has sent all there is to send, and waits, gets the answer.
#[tokio::test]
async fn whoever_has_closed_one_side_was_told() {
    let house = House::open().await;
    for sent in [
        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
        "POST /in HTTP/1.1\r\nHost: h\r\nX: y",
        "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx",
    ] {
        let mut wire = house.connect().await;
        wire.write(sent).await;
        wire.stream.shutdown().await.unwrap();
        assert_eq!(wire.answer().await.status, 400);
        assert!(wire.is_closed().await);
    }
    let seen = seen_in_the_end(house).await;
    let codes = ["body_broken_off", "head_broken_off", "chunk"];
    assert_eq!(seen, codes.map(|code| (Some(code.to_owned()), Some(400))));
}

/// A close looks like the end of one side until something is written behind it: this machine says so then.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn whoever_has_closed_both_sides_was_told_nothing() {
    let house = House::open().await;
    for count in 1..=20 {
        let mut wire = house.connect().await;
        wire.write("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc").await;
        drop(wire);
        until_kept(&house, count).await;
    }
    let untold = seen_in_the_end(house).await.into_iter().filter(|(_, status)| status.is_none()).count();
    // A busy system may be late for one of them.
    assert!(untold > 10, "{untold} of 20");
}

/// What it is told then cannot be written any more, which is no reason to lose what came.
#[tokio::test]
async fn whoever_asks_whether_to_go_on_and_has_gone_is_kept_too() {
    let house = House::open().await;
    for count in 1..=40 {
        let mut wire = house.connect().await;
        wire.write("POST /in HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
            .await;
        wire.stream.set_zero_linger().unwrap();
        drop(wire);
        until_kept(&house, count).await;
    }
    let (request, body) = house.newest().await.unwrap();
    assert_eq!((request.fault.unwrap().code.as_str(), body.len()), ("body_broken_off", 0));
}

#[tokio::test]
async fn a_slow_head_of_an_inbox_is_kept() {
    let house = House::with(Limits { head_time: Duration::from_millis(60), ..Limits::default() }, None).await;
    let mut wire = house.connect().await;
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nX: y").await;
    assert_eq!(wire.answer().await.status, 408);
    let (request, record, back) = newest_written(&house).await;
    assert_eq!(back, b"POST /in HTTP/1.1\r\nHost: h\r\nX: y");
    assert_eq!((request.fault.unwrap().code.as_str(), record.shown), ("head_too_slow", None));
    assert_eq!(request.headers.get_str("x"), Some("y"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_kept_up_to_it() {
    let house = House::open().await;
    house.settings.send_modify(|settings| settings.capture_max_body = 4);
    for sent in [
        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabcdef",
        "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n",
    ] {
        assert_eq!(house.send(sent).await.status, 413);
        let (request, body) = house.newest().await.unwrap();
        assert_eq!(
            (request.fault.unwrap().code.as_str(), body),
            ("body_too_large", Bytes::from_static(b"abcd"))
        );
    }
}

/// Of what says that it is too large as much is kept as of what turns out to be.
#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_kept_as_far_as_it_came() {
    let house = House::open().await;
    house.settings.send_modify(|settings| settings.capture_max_body = 4);
    let announcing = |length: &str| format!("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n");
    for (length, sent, kept) in [
        ("9", "abcdef", "abcd"),
        ("9", "ab", "ab"),
        ("9", "", ""),
        ("99999999999999999999999", "abc", "abc"),
        ("99999999999999999999999", "abcdef", "abcd"),
    ] {
        for ends in [true, false] {
            let mut wire = house.connect().await;
            wire.write(format!("{}\r\n{sent}", announcing(length))).await;
            if ends {
                wire.stream.shutdown().await.unwrap();
            }
            assert_eq!(wire.answer().await.status, 413, "{length} {sent}");
            let (request, body) = house.newest().await.unwrap();
            let fault = request.fault.unwrap();
            assert_eq!((fault.code.as_str(), &body[..]), ("body_too_large", kept.as_bytes()), "{length}");
            // A number that nobody counts to is read as the largest.
            let announced = if length == "9" { "9 were" } else { "18446744073709551615 or more were" };
            let told = format!(" {announced} announced, and {} were read.", kept.len());
            assert!(fault.message.ends_with(&told), "{}", fault.message);
        }
    }
    // Whoever asks first is refused at once, and not told to send it.
    let answer = house.send(announcing("9") + "Expect: 100-continue\r\n\r\n").await;
    assert_eq!(answer.status, 413);
    assert_eq!(house.newest().await.unwrap().1, "");
}

/// What was sent ahead stands behind a request whose answer nobody takes any more.
#[tokio::test]
async fn what_was_sent_ahead_by_whoever_has_gone_is_kept() {
    let house = House::open().await;
    let one = |path: String| format!("POST /in/{path} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok");
    for (how, resets) in [("closed", false), ("reset", true)] {
        for count in 0..20 {
            let mut wire = house.connect().await;
            let ahead: String = (1..=3).map(|turn| one(format!("{how}/{count}/{turn}"))).collect();
            wire.write(ahead).await;
            if resets {
                wire.stream.set_zero_linger().unwrap();
            }
            drop(wire);
        }
    }
    let all_are_kept = async {
        while house.captured().await.len() < 2 * 20 * 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_are_kept).await.expect("all are kept");
    let kept = house.captured().await;
    assert!(kept.iter().all(|(request, body)| request.fault.is_none() && body == "ok"), "{kept:?}");
    let mut paths: Vec<_> = kept.iter().map(|(request, _)| request.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), 2 * 20 * 3);
}
