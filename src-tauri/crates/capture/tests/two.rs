//! HTTP/2, frame by frame: whatever a request looks like it is recorded, whole, with a fault, or as a stray.

use hookbench_model::query::Query;
use hookbench_model::{CapturedRequest, PageRequest, RequestFilter, trailer_pairs};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{House, NOW, Wire};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Fields as they are, none of them kept.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

fn head(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let line = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "h.test")];
    block(&[&line[..], more].concat())
}

/// Sends frames and reads until so many streams, or the connection, have ended.
async fn send(house: &House, frames: &[Vec<u8>], answers: usize) -> Wire {
    let mut wire = house.connect().await;
    wire.write([PREFACE, &frames.concat()].concat()).await;
    read(&mut wire, answers).await;
    wire
}

async fn read(wire: &mut Wire, answers: usize) {
    let (mut came, mut ended) = (Vec::new(), 0);
    while ended < answers {
        let mut part = [0; 4096];
        let read = wire.stream.read(&mut part).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        came.extend_from_slice(&part[..read]);
        ended = 0;
        let mut rest = &came[..];
        while let [_, b, c, kind, flags, _, _, _, _, ..] = *rest {
            let length = usize::from(b) << 8 | usize::from(c);
            let ends =
                (matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0) || matches!(kind, RESET | PING);
            ended += usize::from(ends && rest.len() >= 9 + length);
            rest = rest.get(9 + length..).unwrap_or_default();
        }
    }
}

/// The requests that are kept, once there are so many.
async fn kept(house: &House, many: usize) -> Vec<(CapturedRequest, bytes::Bytes)> {
    loop {
        let kept = house.captured().await;
        if kept.len() >= many {
            assert_eq!(kept.len(), many);
            return kept;
        }
        tokio::task::yield_now().await;
    }
}

fn fault(request: &CapturedRequest) -> Option<&str> {
    request.fault.as_ref().map(|fault| fault.code.as_str())
}

#[tokio::test]
async fn a_head_keeps_its_order_and_its_times_and_trailers_are_kept() {
    let house = House::open().await;
    let block = head("/in/x?y", &[("x-b", "1"), ("x-a", "2"), ("x-b", "3")]);
    let mut wire = house.connect().await;
    wire.write([PREFACE, &frame(HEADERS, 0, 1, &block[..20])].concat()).await;
    // What is answered to the ping shows that the beginning of the head has been read.
    wire.write(&frame(CONTINUATION, END_HEADERS, 1, &block[20..])[..9]).await;
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    wire.write(&frame(CONTINUATION, END_HEADERS, 1, &block[20..])[9..]).await;
    wire.write(frame(DATA, 0, 1, b"hel")).await;
    wire.write(frame(DATA, 8, 1, b"\x02lo\0\0")).await;
    wire.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, &self::block(&[("x-t", "a"), ("x-t", "b")])))
        .await;
    read(&mut wire, 1).await;
    let (request, body) = house.only().await;
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect();
    let line = [(":method", "POST"), (":scheme", "http"), (":path", "/in/x?y"), (":authority", "h.test")];
    assert_eq!(headers, [&line[..], &[("x-b", "1"), ("x-a", "2"), ("x-b", "3")]].concat());
    assert_eq!((request.url().unwrap().as_str(), fault(&request)), ("http://h.test/in/x?y", None));
    assert_eq!((request.http_version.as_str(), &body[..]), ("HTTP/2.0", &b"hello"[..]));
    let came = request.came.unwrap();
    assert!(came.head_us.unwrap() >= 25_000 && came.body_us < 25_000_000, "{came:?}");
    let record = house.store.requests().wire(request.id).await.unwrap();
    assert_eq!(trailer_pairs(&record.trailers).get_all("x-t").count(), 2);
}

#[tokio::test]
async fn what_the_library_would_refuse_is_kept_with_what_was_wrong() {
    let house = House::open().await;
    let end = END_STREAM | END_HEADERS;
    let frames = [
        // Capital letters, which end a connection elsewhere: the requests beside it go on.
        frame(HEADERS, END_HEADERS, 1, &head("/in/upper", &[("X-Upper", "1")])),
        frame(DATA, END_STREAM, 1, b"body"),
        frame(HEADERS, end, 3, &head("/in/connection", &[("connection", "close")])),
        frame(HEADERS, end, 5, &head("/in/twice", &[(":path", "/other")])),
        frame(HEADERS, END_HEADERS, 7, &head("/in/short", &[("content-length", "9")])),
        frame(DATA, END_STREAM, 7, b"hello"),
        frame(HEADERS, END_HEADERS, 9, &head("/in/long", &[("content-length", "2")])),
        frame(DATA, END_STREAM, 9, b"hello"),
        frame(HEADERS, END_HEADERS, 11, &head("/in/trailer", &[])),
        frame(HEADERS, end, 11, &block(&[("X-T", "1")])),
        frame(HEADERS, end, 13, &head("/in/fine", &[])),
        frame(HEADERS, end, 15, &block(&[(":method", "GET"), ("authorization", "abc")])),
    ];
    send(&house, &frames, 8).await;
    let mut seen: Vec<_> = kept(&house, 7)
        .await
        .iter()
        .map(|(request, body)| {
            let path = request.path.clone();
            (path, fault(request).unwrap_or_default().to_owned(), String::from_utf8(body.to_vec()).unwrap())
        })
        .collect();
    seen.sort();
    let expected = [
        ("/connection", "header_of_connection", ""),
        ("/fine", "", ""),
        ("/long", "body_length", "hello"),
        ("/short", "body_length", "hello"),
        ("/trailer", "trailer", ""),
        ("/twice", "pseudo_header", ""),
        ("/upper", "header_name", "body"),
    ];
    let expected = expected.map(|(path, fault, body)| (path.to_owned(), fault.to_owned(), body.to_owned()));
    assert_eq!(seen, expected);
    let stray = &house.receiver.strays()[0];
    assert_eq!((stray.code, stray.status), ("pseudo_header", Some(400)));
    let raw = String::from_utf8(stray.raw.to_vec()).unwrap();
    assert_eq!(raw, "GET  HTTP/2.0\r\nauthorization: (the secret)\r\n\r\n");
}

#[tokio::test]
async fn whoever_resets_or_goes_once_all_is_sent_has_it_kept() {
    let house = House::open().await;
    let whole = |stream, path: &str| {
        [frame(HEADERS, END_HEADERS, stream, &head(path, &[])), frame(DATA, END_STREAM, stream, b"all")]
            .concat()
    };
    let mut many = 0;
    for count in 0..20 {
        let path = format!("/in/{count}");
        let mut wire = house.connect().await;
        let reset = frame(RESET, 0, 1, &[0, 0, 0, 8]);
        wire.write([PREFACE, &whole(1, &path), &reset, &whole(3, &path)].concat()).await;
        wire.stream.shutdown().await.unwrap();
        read(&mut wire, usize::MAX).await;
        many += 2;
    }
    let kept = kept(&house, many).await;
    assert!(kept.iter().all(|(request, body)| fault(request).is_none() && body == "all"), "{kept:?}");
}

#[tokio::test]
async fn whoever_closes_as_soon_as_all_is_written_has_it_kept() {
    let house = House::open().await;
    for count in 0..40 {
        let path = format!("/in/{count}");
        let ends = if count % 2 == 0 { END_STREAM } else { 0 };
        let request =
            [frame(HEADERS, END_HEADERS, 1, &head(&path, &[])), frame(DATA, ends, 1, b"all")].concat();
        let mut wire = house.connect().await;
        wire.write([PREFACE, &request].concat()).await;
        drop(wire);
    }
    let kept = kept(&house, 40).await;
    assert!(kept.iter().all(|(_, body)| body == "all"), "{kept:?}");
    let whole = kept.iter().filter(|(request, _)| fault(request).is_none());
    assert_eq!(whole.count(), 20);
}

#[tokio::test]
async fn what_breaks_off_is_kept_as_far_as_it_came() {
    let house = House::open().await;
    let reset = frame(RESET, 0, 1, &[0, 0, 0, 8]);
    let begun = [frame(HEADERS, END_HEADERS, 1, &head("/in", &[])), frame(DATA, 0, 1, b"hal")].concat();
    send(&house, &[begun.clone(), reset, frame(PING, 0, 0, &[0; 8])], 1).await;
    let (request, body) = kept(&house, 1).await.remove(0);
    assert_eq!((fault(&request), &body[..]), (Some("body_broken_off"), &b"hal"[..]));
}

/// Whatever reason is given, and whatever length was announced: a stream that is reset did not end.
#[tokio::test]
async fn what_is_reset_before_its_end_broke_off_for_whatever_reason() {
    let house = House::open().await;
    let reasons = [0_u8, 2, 5, 8];
    let lengths: [&[(&str, &str)]; 3] = [&[], &[("content-length", "9")], &[("content-length", "3")]];
    for reason in reasons {
        for length in lengths {
            let begun = [frame(HEADERS, END_HEADERS, 1, &head("/in", length)), frame(DATA, 0, 1, b"hal")];
            let reset = frame(RESET, 0, 1, &[0, 0, 0, reason]);
            send(&house, &[begun.concat(), reset, frame(PING, 0, 0, &[0; 8])], 1).await;
        }
    }
    for (request, body) in kept(&house, reasons.len() * lengths.len()).await {
        assert_eq!((fault(&request), &body[..]), (Some("body_broken_off"), &b"hal"[..]));
        assert_eq!(request.status_seen(), None, "a stream that was reset takes no answer");
    }
}

#[tokio::test]
async fn what_ends_a_connection_is_among_the_strays() {
    let house = House::open().await;
    for (frames, code, message) in [
        (frame(HEADERS, END_HEADERS, 1, &[0xff]), "head_packed", "packed"),
        (frame(DATA, END_STREAM, 5, b"nobody asked"), "http2", "PROTOCOL_ERROR"),
        (
            [frame(HEADERS, 0, 1, &head("/in", &[])), frame(PING, 0, 0, &[0; 8])].concat(),
            "http2",
            "PROTOCOL_ERROR",
        ),
        ([&[0x10, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 100]].concat(), "http2", "FRAME_SIZE_ERROR"),
    ] {
        send(&house, &[frames], usize::MAX).await;
        let stray = loop {
            if let Some(stray) = house.receiver.strays().into_iter().find(|stray| stray.code == code) {
                break stray;
            }
            tokio::task::yield_now().await;
        };
        assert!(stray.message.contains(message) && stray.status.is_none(), "{stray:?}");
        assert!(stray.remote_addr.starts_with("127.0.0.1:"));
        house.receiver.clear_strays();
    }
    let mut wire = house.connect().await;
    wire.write([PREFACE, &frame(HEADERS, 0, 1, &head("/in", &[]))].concat()).await;
    wire.stream.shutdown().await.unwrap();
    read(&mut wire, usize::MAX).await;
    while house.receiver.strays().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.receiver.strays()[0].code, "head_broken_off");
    assert!(house.captured().await.is_empty());
}

/// How many requests a filter finds.
async fn found(house: &House, filter: &str) -> usize {
    let query = Some(Query::read(filter, NOW).unwrap());
    let filter = RequestFilter { query, ..RequestFilter::default() };
    house.store.requests().list(&filter, PageRequest::first(10)).await.unwrap().rows.len()
}

#[tokio::test]
async fn pseudo_headers_are_recorded_as_they_came_and_found() {
    let house = House::open().await;
    let end = END_STREAM | END_HEADERS;
    let usual = [
        (":authority", "shop.test:99"),
        (":method", "POST"),
        (":path", "/in/one?y"),
        (":scheme", "http"),
        ("x-a", "1"),
    ];
    let odd = [
        (":method", "PUT"),
        (":scheme", "http"),
        (":path", "/in/two"),
        ("host", "elsewhere.test"),
        (":path", "/other"),
        (":odd", "it"),
    ];
    let frames = [frame(HEADERS, end, 1, &block(&usual)), frame(HEADERS, end, 3, &block(&odd))];
    send(&house, &frames, 2).await;
    let mut all = kept(&house, 2).await;
    all.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    for ((request, _), sent) in all.iter().zip([&usual[..], &odd[..]]) {
        let headers = request.headers.iter().map(|(name, value)| (name, value.as_str().unwrap()));
        assert!(headers.eq(sent.iter().copied()), "{request:?}");
        let lines: Vec<_> = sent.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let lines = lines.concat();
        assert_eq!(String::from_utf8(request.written_head()).unwrap(), lines + "\r\n");
    }
    assert_eq!(
        all.iter().map(|(request, _)| fault(request)).collect::<Vec<_>>(),
        [None, Some("pseudo_header")]
    );
    for (filter, many) in [
        ("header:host=shop.test:99", 1),
        ("header::authority=shop.test:99", 1),
        ("header:host~test", 2),
        ("header:host", 2),
        ("-header:host~shop", 1),
        ("header::authority", 1),
        ("header::path=/other", 1),
        ("header::odd=it", 1),
        ("\"shop.test:99\"", 1),
        ("\":odd: it\"", 1),
        ("header:host=other.test", 0),
    ] {
        assert_eq!(found(&house, filter).await, many, "{filter}");
    }
}

#[tokio::test]
async fn a_malformed_path_is_kept_with_its_inbox_and_its_body() {
    let house = House::open().await;
    let end = END_STREAM | END_HEADERS;
    let frames = [
        frame(HEADERS, END_HEADERS, 1, &head("/in/a b?c=d e", &[("x-a", "1")])),
        frame(DATA, END_STREAM, 1, b"kept"),
        frame(HEADERS, end, 3, &head("/nobody/a b", &[])),
        frame(HEADERS, END_HEADERS, 5, &head("/in/trailer", &[])),
        frame(HEADERS, end, 5, &block(&[(":path", "/other")])),
    ];
    send(&house, &frames, 3).await;
    let mut all = kept(&house, 2).await;
    all.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    let (request, body) = &all[0];
    assert_eq!((request.path.as_str(), request.query.as_deref()), ("/a b", Some("c=d e")));
    assert_eq!((fault(request), request.response_status, &body[..]), (Some("target"), 400, &b"kept"[..]));
    assert_eq!(request.headers.get_str(":path"), Some("/in/a b?c=d e"));
    let stray = &house.receiver.strays()[0];
    assert_eq!((stray.code, stray.status), ("target", Some(400)));
    assert!(stray.raw.starts_with(b"POST /nobody/a b HTTP/2.0\r\n:scheme: http\r\n:authority: h.test\r\n"));
    // One that comes behind a body is a malformed trailer, and no path of the request's.
    let (request, _) = &all[1];
    assert_eq!((request.path.as_str(), fault(request)), ("/trailer", Some("trailer")));
    assert_eq!(request.headers.get_all(":path").count(), 1);
    let record = house.store.requests().wire(request.id).await.unwrap();
    let trailers = trailer_pairs(&record.trailers);
    let trailers: Vec<_> = trailers.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect();
    assert_eq!(trailers, [(":path", "/other")]);
}
