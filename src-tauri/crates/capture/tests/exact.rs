//! The record of what stood on the wire: to the byte, of whole requests and of those that are not.

use bytes::Bytes;
use hookbench_capture::Limits;
use hookbench_model::{CapturedRequest, Clock as _, Inbox, InboxResponse, RequestId, VEIL, WireRecord};
use hookbench_signing::VerificationStatus;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

use crate::support::{House, inbox, verifying};

const TOKEN: &str = "hb_token_0123456789";

async fn record(house: &House, id: RequestId) -> WireRecord {
    house.store.requests().wire(id).await.unwrap()
}

/// A stored request, written back to the wire.
fn written(request: &CapturedRequest, record: &WireRecord, body: &[u8]) -> Vec<u8> {
    let head = record.head.as_deref().map_or_else(|| request.written_head(), <[u8]>::to_vec);
    let body = match &record.chunks {
        Some(chunks) => chunks.written(body, &record.trailers),
        None => body.to_vec(),
    };
    [head, body].concat()
}

async fn newest_written(house: &House) -> (CapturedRequest, WireRecord, Vec<u8>) {
    let (request, body) = house.newest().await.unwrap();
    let record = record(house, request.id).await;
    let wire = written(&request, &record, &body);
    (request, record, wire)
}

#[tokio::test]
async fn a_usual_request_comes_back_to_the_byte_and_needs_nothing_kept_besides() {
    let house = House::open().await;
    for wire in [
        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok",
        "GET /in/a%2Fb?q=1&q HTTP/1.1\r\nhost: h:4800\r\nX-b: 2\r\nX-A: 1\r\nx-B: two  words\r\n\r\n",
        "POST /in? HTTP/1.0\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    ] {
        assert_eq!(house.send(wire).await.status, 200, "{wire}");
        let (_, record, back) = newest_written(&house).await;
        assert_eq!(String::from_utf8(back).unwrap(), wire);
        assert!(record.is_plain(), "{wire}: {record:?}");
    }
}

#[tokio::test]
async fn whatever_a_whole_request_looks_like_it_comes_back_to_the_byte() {
    let house = House::open().await;
    let chunked = "Host: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("no space after the colon", b"POST /in HTTP/1.1\r\nHost:h\r\nContent-Length:2\r\n\r\nok".to_vec()),
        ("tabs and spaces", b"GET /in HTTP/1.1\r\nHost:\t h \t\r\nA:    b   \r\n\r\n".to_vec()),
        ("empty values", b"GET /in HTTP/1.1\r\nHost: h\r\nA:\r\nB: \r\nC:  \r\n\r\n".to_vec()),
        ("odd bytes in a value", b"GET /in HTTP/1.1\r\nHost: h\r\nA: \xff\xfe \x80\r\n\r\n".to_vec()),
        ("empty lines first", b"\r\n\r\nGET /in HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
        ("a whole URL", b"GET HTTP://Other:99/in/x?y HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
        ("a whole URL of https", b"GET https://h/in HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
        ("no Host in 1.0", b"GET /in/x?y HTTP/1.0\r\nA: b\r\n\r\n".to_vec()),
        ("no header at all", b"GET /in HTTP/1.0\r\n\r\n".to_vec()),
        ("an odd method", b"X!#$%&'*+.^_`|~ /in HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
        ("a fragment", b"GET /in/a#there?q HTTP/1.1\r\nHost: h\r\n\r\n".to_vec()),
        ("a path that is not ASCII", "GET /in/grün?ü HTTP/1.1\r\nHost: h\r\n\r\n".into()),
        (
            "equal lengths twice",
            b"POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nok".to_vec(),
        ),
        ("a length with zeros", b"POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 002\r\n\r\nok".to_vec()),
        ("chunks", format!("POST /in HTTP/1.1\r\n{chunked}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n").into()),
        (
            "capital digits and zeros",
            format!("POST /in HTTP/1.1\r\n{chunked}000A\r\n0123456789\r\n00\r\n\r\n").into(),
        ),
        ("extensions", format!("POST /in HTTP/1.1\r\n{chunked}3;a=\"b\" ;c\r\nabc\r\n0;last\r\n\r\n").into()),
        (
            "trailers",
            format!(
                "POST /in HTTP/1.1\r\n{chunked}1\r\na\r\n0\r\nX-T:  v \r\nx-t:\r\nDigest: \u{fc}\r\n\r\n"
            )
            .into(),
        ),
        ("nothing but an end", format!("POST /in HTTP/1.1\r\n{chunked}0\r\n\r\n").into()),
        (
            "an odd encoding's case",
            b"POST /in HTTP/1.1\r\nHost: h\r\ntransfer-ENCODING:CHUNKED\r\n\r\n0\r\n\r\n".to_vec(),
        ),
        (
            "Expect",
            b"POST /in HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok".to_vec(),
        ),
        ("many headers", format!("GET /in HTTP/1.1\r\nHost: h\r\n{}\r\n", "a: b\r\n".repeat(250)).into()),
    ];
    for (name, wire) in table {
        let mut connection = house.connect().await;
        connection.write(&wire).await;
        let mut answer = connection.answer().await;
        if answer.status == 100 {
            answer = connection.answer().await;
        }
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        let (request, record, back) = newest_written(&house).await;
        assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(&wire), "{name}");
        assert_eq!(back, wire, "{name}");
        assert!(request.fault.is_none(), "{name}");
        assert_eq!(record.chunks.is_some(), request.headers.get("transfer-encoding").is_some(), "{name}");
    }
}

#[tokio::test]
async fn it_does_not_matter_in_which_pieces_the_bytes_come() {
    let house = House::open().await;
    let wire = b"\r\nPOST /in HTTP/1.1\r\nHost:h\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n2\r\nbc\r\n02\r\nde\r\n0\r\nT: v\r\n\r\n";
    let mut connection = house.connect().await;
    for byte in wire {
        connection.write([*byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(connection.answer().await.status, 200);
    let (_, record, back) = newest_written(&house).await;
    assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(wire));
    assert_eq!(record.chunks.unwrap().sizes(9), [1, 2, 2]);
}

#[tokio::test]
async fn which_request_on_which_connection_it_was_is_known() {
    let house = House::open().await;
    let one = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";
    let mut wire = house.connect().await;
    wire.write(format!("{one}{one}")).await;
    assert_eq!((wire.answer().await.status, wire.answer().await.status), (200, 200));
    wire.write(&one[..one.len() - 1]).await;
    // The body's time goes on until its last byte is there.
    tokio::time::sleep(Duration::from_millis(30)).await;
    wire.write("k").await;
    assert_eq!(wire.answer().await.status, 200);
    assert_eq!(house.send(one).await.status, 200);
    let came: Vec<_> = house.captured().await.iter().map(|(request, _)| request.came.unwrap()).collect();
    let places: Vec<_> = came.iter().map(|came| (came.connection, came.turn)).collect();
    assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1)]);
    assert!(came[2].body_us >= 25_000 && came[0].body_us == 0, "{came:?}");
    assert!(came.iter().all(|came| came.head_us.is_some()));
}

#[tokio::test]
async fn http_2_has_times_and_no_text() {
    let house = House::open().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().unwrap();
    let url = format!("http://{}/in/x", house.address());
    assert_eq!(client.post(&url).body("two").send().await.unwrap().status().as_u16(), 200);
    let (request, record, _) = newest_written(&house).await;
    assert!(record.is_plain());
    let came = request.came.unwrap();
    assert_eq!((came.connection, came.turn), (1, 1));
    assert!(came.head_us.is_some());
}

/// The next request may have come long before it is looked at: its times are those of its bytes.
#[tokio::test]
async fn what_is_sent_ahead_has_the_times_of_its_bytes() {
    let house = House::open().await;
    let slow = InboxResponse { delay_ms: 1, ..InboxResponse::default() };
    house.add(Inbox { response: slow, ..inbox("slow") }).await;
    let slow = "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";
    let next = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";
    let mut wire = house.connect().await;
    wire.write(format!("{slow}{next}{next}")).await;
    while house.clock.next_wake().is_none() {
        tokio::task::yield_now().await;
    }
    // It is answered no sooner than the clock of the test goes on.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let waited = house.clock.now();
    house.clock.advance(Duration::from_millis(1));
    for _ in 0..3 {
        assert_eq!(wire.answer().await.status, 200);
    }
    let came: Vec<_> = house.captured().await.into_iter().map(|(request, _)| request).collect();
    let head_us: Vec<_> = came.iter().map(|request| request.came.unwrap().head_us.unwrap()).collect();
    assert!(head_us.iter().all(|us| *us < 30_000), "{head_us:?}");
    // They had waited by then.
    assert!(came[1..].iter().all(|request| request.received_at < waited), "{came:?}");
}

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
async fn what_comes_behind_something_malformed_shows_no_secret() {
    let house = House::open().await;
    let guarded = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(guarded).await;
    let next = format!("POST /guarded HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    for before in [
        "POST /in HTTP/1.1\r\nHost : h\r\n\r\n",
        "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nZ",
    ] {
        let sent = format!("{before}{next}");
        assert_eq!(house.send(&sent).await.status, 400);
        let (_, record, back) = newest_written(&house).await;
        assert_eq!(String::from_utf8(back).unwrap(), sent.replace(TOKEN, VEIL));
        assert!(!format!("{record:?}").contains(TOKEN));
    }
}

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
    for sent in [
        "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
        "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        let mut changes = house.store.changes().subscribe();
        let mut wire = house.connect().await;
        wire.write(sent).await;
        wire.stream.set_zero_linger().unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(wire);
        // Its row is told of, whoever still listens.
        let told = tokio::time::timeout(Duration::from_secs(20), changes.next()).await;
        assert!(told.is_ok(), "{sent}");
        let (request, body) = house.newest().await.unwrap();
        assert_eq!((request.fault.unwrap().code.as_str(), &body[..]), ("body_broken_off", &b"abc"[..]));
    }
}

#[tokio::test]
async fn a_secret_between_chunks_is_left_out_for_good() {
    let house = House::open().await;
    let guarded = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(guarded).await;
    let mut wire = house.connect().await;
    let sent = format!(
        "POST /guarded HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;k={TOKEN}\r\nabc\r\n0\r\nX-Copy: {TOKEN}\r\n"
    );
    wire.write(&sent).await;
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.answer().await.status, 400);
    let (_, record, back) = newest_written(&house).await;
    assert_eq!(String::from_utf8(back).unwrap(), sent.replace(TOKEN, VEIL));
    assert!(!format!("{record:?}").contains(TOKEN));
}

/// What it is told then cannot be written any more, which is no reason to lose what came.
#[tokio::test]
async fn whoever_asks_whether_to_go_on_and_has_gone_is_kept_too() {
    let house = House::open().await;
    let mut changes = house.store.changes().subscribe();
    for count in 1..=40 {
        let mut wire = house.connect().await;
        wire.write("POST /in HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
            .await;
        wire.stream.set_zero_linger().unwrap();
        drop(wire);
        let told = tokio::time::timeout(Duration::from_secs(20), changes.next()).await;
        assert!(told.is_ok(), "number {count}");
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
async fn a_secret_is_veiled_in_a_head_as_it_stood_and_in_trailers_and_is_in_no_file() {
    let house = House::open().await;
    let guarded = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(guarded).await;
    let usual = format!(
        "POST /guarded?t={TOKEN} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 0\r\n\r\n"
    );
    let odd = format!(
        "POST http://x/guarded?t={TOKEN} HTTP/1.1\r\nHost:x\r\nauthorization:\t Bearer {TOKEN} \r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\nX-Copy: {TOKEN}\r\n\r\n"
    );
    let only_in_trailers = format!(
        "POST /guarded HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Copy: {TOKEN}\r\n\r\n"
    );
    let malformed =
        format!("POST /guarded HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer {TOKEN}\r\n{TOKEN}\r\n\r\n");
    for (sent, status) in [(usual, 200), (odd, 200), (only_in_trailers, 200), (malformed, 400)] {
        assert_eq!(house.send(&sent).await.status, status, "{sent}");
        let (request, body) = house.newest().await.unwrap();
        let kept = record(&house, request.id).await;
        assert_eq!(String::from_utf8(written(&request, &kept, &body)).unwrap(), sent);
        let shown = String::from_utf8(written(&request.veiled(), &kept.veiled(), &body)).unwrap();
        // Of a name with a space behind it the kind of credential is not told.
        let expected = sent.replace(TOKEN, VEIL).replace("Authorization : Bearer ", "Authorization : ");
        assert_eq!(shown, expected);
    }
    let folder = house.store.folder().to_owned();
    house.store.shutdown().await;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}

#[tokio::test]
async fn of_a_broken_request_what_is_named_like_a_credential_is_veiled() {
    let house = House::open().await;
    let sent = "POST /in HTTP/1.1\r\nHost: h\r\nX-Api-Key: somebodys\r\nContent-Length: 9\r\n\r\nabc";
    let mut wire = house.connect().await;
    wire.write(sent).await;
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.answer().await.status, 400);
    let (request, body) = house.newest().await.unwrap();
    let kept = record(&house, request.id).await;
    assert_eq!(String::from_utf8(written(&request, &kept, &body)).unwrap(), sent);
    let shown = written(&request.veiled(), &kept.veiled(), &body);
    assert!(String::from_utf8(shown).unwrap().contains("X-Api-Key: (the secret)\r\n"));
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
