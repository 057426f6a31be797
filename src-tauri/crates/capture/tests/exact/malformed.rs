//! What is malformed, what comes behind it, and what reaches no inbox.

use hookbench_model::VEIL;

use super::newest_written;
use crate::support::House;

#[tokio::test]
async fn what_comes_behind_something_malformed_is_kept_too() {
    let house = House::open().await;
    let head = "POST /in HTTP/1.1\r\nHost: h\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for sent in [
        format!("{chunked}5\r\nhello\r\nZZ\r\nmore\r\n0\r\n\r\n"),
        format!("{chunked}5\r\nhello\r\n0\r\nno colon\r\n\r\nGET /in HTTP/1.1\r\n\r\n"),
        format!("{chunked}3\nabc\r\n0\r\n\r\n"),
        format!("{chunked}5\r\nhello\r\n0\r\n{}\r\nrest", "A: b\r\n".repeat(100)),
        format!("{head}X : y\r\nContent-Length: 9000\r\n\r\n{}", "b".repeat(9000)),
        format!("{head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    ] {
        let mut wire = house.connect().await;
        // In two pieces, of which the second comes once the first has been read.
        let (one, other) = sent.split_at(sent.len() - 3);
        wire.write(one).await;
        tokio::task::yield_now().await;
        wire.write(other).await;
        assert!([400, 431].contains(&wire.answer().await.status), "{sent}");
        let (request, _, back) = newest_written(&house).await;
        assert_eq!(String::from_utf8(back).unwrap(), sent);
        assert!(request.fault.is_some());
    }
}

#[tokio::test]
async fn what_of_a_malformed_head_can_be_read_is_there() {
    let house = House::open().await;
    let sent = "PUT /in/a?b=c http/1.1\nHost: h\n folded\nContent-Type: text/x\nno colon\n\nbody";
    let answer = house.send(sent).await;
    assert!(answer.body.contains("kept as far as it came"), "{}", answer.body);
    let (request, _, back) = newest_written(&house).await;
    assert_eq!(String::from_utf8(back).unwrap(), sent);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", "/a"));
    assert_eq!((request.query.as_deref(), request.http_version.as_str()), (Some("b=c"), "http/1.1"));
    assert_eq!(request.headers.get_str("host"), Some("h\n folded"));
    assert_eq!((request.content_type.as_deref(), request.body_size), (Some("text/x"), 4));
    assert_eq!(request.fault.unwrap().at, Some(22));
    assert_eq!(house.newest().await.unwrap().1, "body");
}

#[tokio::test]
async fn what_reaches_no_inbox_is_among_the_strays_and_told() {
    let house = House::open().await;
    let mut changes = house.store.changes().subscribe();
    let typo = "POST /inn/x?token=abc HTTP/1.1\r\nHost: h\r\nCookie: abc\r\nContent-Length: 2\r\n\r\nok";
    for _ in 0..3 {
        assert_eq!(house.send(typo).await.status, 404);
    }
    assert_eq!(house.send("POST / HTTP/1.1\r\nHost: h\r\n\r\n").await.status, 404);
    assert_eq!(house.send("\x16\x03\x01\x02\x00").await.status, 400);
    // What a browser asks for by itself is none, and neither is the page at the root.
    assert_eq!(house.send("GET /favicon.ico HTTP/1.1\r\nHost: h\r\n\r\n").await.status, 404);
    assert_eq!(house.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.status, 200);
    let strays = house.receiver.strays();
    let seen: Vec<_> = strays.iter().map(|stray| (stray.code, stray.status, stray.count)).collect();
    assert_eq!(seen, [("not_http", Some(400), 1), ("nobody", Some(404), 1), ("no_inbox", Some(404), 3)]);
    let shown = typo.replace("abc", VEIL);
    assert_eq!(strays[2].raw, shown);
    assert_eq!(strays[2].message, "There is no inbox called `inn`.");
    assert_eq!(strays[2].size, typo.len() as u64);
    let hookbench_store::Feed::Change(change) = changes.next().await else { panic!("no change") };
    assert_eq!(change.noun.as_str(), "stray");
    assert!(house.captured().await.is_empty());
    house.receiver.clear_strays();
    assert!(house.receiver.strays().is_empty());
}
