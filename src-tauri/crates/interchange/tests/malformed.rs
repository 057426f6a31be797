//! What came malformed, or broke off, is written as it came, and read back as malformed as it was.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;

use bytes::Bytes;
use hookbench_interchange::{Fault, Message, WriteFormat};
use hookbench_model::{
    ArrivalFacts, ChunkRecord, ChunkRun, HeaderPairs, RequestFault, Timestamp, WireRecord,
};
use serde_json::Value;

use files::{file, whole};

/// What came malformed, or broke off, with the bytes that came.
fn broken() -> Vec<Message> {
    let fault = |code: &str, at| {
        let message = "The Host header came more than once.".to_owned();
        Some(RequestFault { code: code.to_owned(), message, at, told: true })
    };
    let twice =
        b"GE\x03T /in/a\x01?b\xff HTTP/1.1 x\r\nHost : h\r\n X: folded\r\nno colon\r\nHost: \xff\r\n\r\n";
    let read = hookbench_model::BrokenHead::read(twice);
    let malformed = Message {
        at: Some(Timestamp::from_unix_ms(5)),
        method: read.method,
        addressed: Some("http://h/in".to_owned()),
        path: "/a\u{1}".to_owned(),
        query: Some("b\u{fffd}".to_owned()),
        http_version: Some(read.version),
        headers: read.headers,
        body: Bytes::from_static(b"rest"),
        status: Some(400),
        remote_addr: Some("127.0.0.1:5".to_owned()),
        came: Some(ArrivalFacts { connection: 3, turn: 1, head_us: Some(9), body_us: 0 }),
        fault: fault("host_twice", Some(40)),
        wire: WireRecord { head: Some(Bytes::from_static(twice)), ..WireRecord::default() },
        ..Message::default()
    };
    let cut_off = Message {
        method: "POST".to_owned(),
        path: "/b".to_owned(),
        query: None,
        http_version: Some("HTTP/1.1".to_owned()),
        headers: HeaderPairs::from_iter([("Host", "h"), ("Transfer-Encoding", "chunked")]),
        body: Bytes::from_static(b"abcde"),
        status: None,
        answered_by: None,
        fault: fault("body_broken_off", None),
        wire: WireRecord {
            chunks: Some(ChunkRecord {
                runs: vec![
                    ChunkRun { size: 2, times: 2, spelt: None },
                    ChunkRun { size: 9, times: 1, spelt: Some(Bytes::from_static(b"09;\xff")) },
                ],
                count: 3,
                complete: true,
                ended: false,
                closed: false,
                tail: Bytes::new(),
            }),
            ..WireRecord::default()
        },
        ..malformed.clone()
    };
    vec![malformed, cut_off]
}

#[test]
fn what_is_malformed_comes_back_as_malformed_as_it_was() {
    for format in [WriteFormat::Har, WriteFormat::JsonLines] {
        let written = file(format, &broken());
        let import = whole(&written);
        assert_eq!((&import.left_out, &import.messages), (&vec![], &broken()), "{format:?}");
        assert_eq!(file(format, &import.messages), written);
    }
}

#[test]
fn what_was_recorded_of_another_request_is_left_out() {
    let messages = broken();
    let edited = |edit: &dyn Fn(&mut Value)| {
        let lines = file(WriteFormat::JsonLines, &messages);
        let lines: Vec<String> = lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| {
                let mut line: Value = serde_json::from_slice(line).unwrap();
                edit(&mut line);
                line.to_string()
            })
            .collect();
        whole(lines.join("\n").as_bytes()).messages
    };
    assert_eq!(edited(&|_| {}), messages);
    let other_headers = edited(&|line| line["headers"] = serde_json::json!([["Host", "h"]]));
    assert_eq!((&other_headers[0].wire.head, &other_headers[0].fault), (&None, &messages[0].fault));
    assert_eq!(other_headers[1].wire.chunks, None, "no such body has chunks");
    let other_query = edited(&|line| line["query"] = "c".into());
    assert_eq!(other_query[0].wire.head, None);
    let other_body = edited(&|line| line["body"] = "abcdefghijklmnopqrstuvwxyz".into());
    assert_eq!(other_body[1].wire.chunks, None);
    let whole_head = edited(&|line| drop(line.as_object_mut().unwrap().remove("fault")));
    assert_eq!(whole_head.len(), 1, "the malformed one is refused where it does not say that it is");
    let odd = edited(&|line| {
        line["fault"] = serde_json::json!({"code": "a b", "message": "", "at": null});
        line["colour"] = "beige".into();
        line["method"] = "POST".into();
        line["path"] = "/x".into();
        line["query"] = Value::Null;
        line["headers"] = serde_json::json!([]);
    });
    assert_eq!((&odd[0].fault, odd[0].colour), (&None, None));
    let trailers = edited(&|line| line["wire"]["trailers"] = "X: 1\r\nno colon\r\n".into());
    assert!(trailers[0].wire.trailers.is_empty());
}

/// What came malformed stands in raw HTTP as it came, its faulty chunks and what lay behind them too; read back it is left
/// out, and what follows it is not.
#[test]
fn raw_requests_hold_what_is_malformed_as_it_came() {
    let [malformed, cut_off] = <[Message; 2]>::try_from(broken()).unwrap();
    let chunks = cut_off.wire.chunks.clone().unwrap();
    let cut_head = "POST /in/b HTTP/1.1\r\nHost:h\r\nTransfer-Encoding:  chunked\r\n\r\n";
    let faulty = Message {
        wire: WireRecord {
            head: Some(Bytes::from_static(cut_head.as_bytes())),
            chunks: Some(ChunkRecord {
                closed: true,
                tail: Bytes::from_static(b"no size\r\n### x\r\n"),
                ..chunks.clone()
            }),
            ..WireRecord::default()
        },
        body: Bytes::from_static(b"abcdefghijklm"),
        ..cut_off.clone()
    };
    let no_head_of_ours = Message {
        headers: HeaderPairs::from_iter([("Host", "h"), ("Transfer-Encoding", "chunked")]),
        ..malformed.clone()
    };
    let fine = Message {
        fault: None,
        wire: WireRecord::default(),
        method: "PUT".to_owned(),
        path: "/c".to_owned(),
        query: None,
        http_version: Some("HTTP/1.1".to_owned()),
        headers: HeaderPairs::from_iter([("Host", "h")]),
        body: Bytes::new(),
        ..malformed.clone()
    };
    let file = file(WriteFormat::Raw, &[malformed.clone(), cut_off, faulty, no_head_of_ours, fine]);
    let stands = |bytes: &[u8]| file.windows(bytes.len()).filter(|window| *window == bytes).count();
    let head = malformed.wire.head.as_deref().unwrap();
    assert_eq!(stands(&[head, b"rest\r\n"].concat()), 2, "its body as it came, whatever its head says of it");
    assert_eq!(stands(b"2\r\nab\r\n2\r\ncd\r\n09;\xff\r\ne\r\n###"), 1, "cut off where it was");
    let whole_one =
        [cut_head.as_bytes(), b"2\r\nab\r\n2\r\ncd\r\n09;\xff\r\nefghijklm\r\nno size\r\n### x\r\n\r\n###"]
            .concat();
    assert_eq!(stands(&whole_one), 1, "{}", String::from_utf8_lossy(&file));
    let import = whole(&file);
    assert_eq!((import.messages.len(), import.left_out_count), (1, 4), "{:?}", import.left_out);
    assert_eq!(import.messages[0].method, "PUT");
}

/// Its length stands beside it, so what broke off would be whole by that: the line before it says that it is not.
#[test]
fn what_broke_off_is_not_read_from_raw_http_as_whole() {
    let [malformed, cut_off] = <[Message; 2]>::try_from(broken()).unwrap();
    let short = Message {
        headers: HeaderPairs::from_iter([("Host", "h"), ("Content-Length", "10")]),
        body: Bytes::from_static(b"abc"),
        wire: WireRecord::default(),
        ..cut_off.clone()
    };
    let run = |size: u64| ChunkRun { size, times: 1, spelt: None };
    let no_end = Message {
        body: Bytes::from_static(b"ab"),
        wire: WireRecord {
            chunks: Some(ChunkRecord {
                runs: vec![run(2), run(0)],
                count: 1,
                complete: true,
                ended: false,
                closed: true,
                tail: Bytes::from_static(b"X: y\r\n"),
            }),
            ..WireRecord::default()
        },
        ..cut_off
    };
    let two_hosts = Message {
        headers: HeaderPairs::from_iter([("Host", "h"), ("Host", "i")]),
        body: Bytes::new(),
        fault: malformed.fault,
        ..short.clone()
    };
    let fine = Message {
        method: "PUT".to_owned(),
        headers: HeaderPairs::from_iter([("Host", "h")]),
        body: Bytes::new(),
        fault: None,
        ..short.clone()
    };
    let file = file(WriteFormat::Raw, &[short, no_end, two_hosts, fine]);
    let import = whole(&file);
    let methods: Vec<&str> = import.messages.iter().map(|message| message.method.as_str()).collect();
    assert_eq!((methods, import.left_out_count), (vec!["PUT"], 3));
    let why: Vec<Fault> = import.left_out.into_iter().map(|left| left.fault).collect();
    let codes = ["body_broken_off", "body_broken_off", "host_twice"];
    assert_eq!(why, codes.map(|code| Fault::NotWhole(code.to_owned())));
}

/// A head may be malformed because it is larger than any head may be.
#[test]
fn a_head_that_was_too_large_comes_back() {
    let large = format!("POST /in/a HTTP/1.1\r\nHost: h\r\nX-Large: {}\r\n", "x".repeat(2 << 20));
    let many = format!("POST /in/a HTTP/1.1\r\nHost: h\r\n{}", "X: 1\r\n".repeat(5000));
    for (code, head) in [("head_too_large", large), ("too_many_headers", many)] {
        let read = hookbench_model::BrokenHead::read(head.as_bytes());
        let [first, _] = &broken()[..] else { panic!("two requests") };
        let message = Message {
            method: read.method,
            path: "/a".to_owned(),
            query: None,
            http_version: Some(read.version),
            headers: read.headers,
            body: Bytes::new(),
            fault: Some(RequestFault {
                code: code.to_owned(),
                message: "It is too large.".to_owned(),
                at: None,
                told: true,
            }),
            wire: WireRecord { head: Some(Bytes::from(head)), ..WireRecord::default() },
            ..first.clone()
        };
        for format in [WriteFormat::Har, WriteFormat::JsonLines] {
            let import = whole(&file(format, std::slice::from_ref(&message)));
            assert_eq!(import.left_out, [], "{code} {format:?}");
            assert!(import.messages == [message.clone()], "{code} {format:?}");
        }
    }
}
