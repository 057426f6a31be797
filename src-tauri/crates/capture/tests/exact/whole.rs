//! Whole requests, back to the byte, and when and on which connection they came.

use std::time::Duration;

use hookbench_model::{Clock as _, Inbox, InboxResponse};

use super::newest_written;
use crate::support::{House, inbox};

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
