//! What is written is read again, the same to the byte; what others wrote comes back the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;

use bytes::Bytes;
use hookbench_interchange::{
    Bounds, Facts, Import, Message, Outgoing, ReadFormat, WriteFormat, Writer, read,
};
use hookbench_model::{
    AnswerFaultKind, AnsweredBy, ArrivalFacts, ChunkRecord, ChunkRun, Colour, HeaderPairs, HeaderValue,
    RuleId, Timestamp, TlsFacts, WireRecord,
};
use proptest::prelude::*;
use serde_json::Value;

use files::{file, whole};

prop_compose! {
    fn header()(name in "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}", value in prop_oneof![
        "[ -~]{0,40}".prop_map(|text| text.trim().as_bytes().to_vec()),
        prop::collection::vec(prop_oneof![0x21_u8..=0x7e, 0x80_u8..=0xff], 0..20),
    ]) -> (String, HeaderValue) {
        (name, HeaderValue::from(Bytes::from(value)))
    }
}

prop_compose! {
    fn message()(
        at in 0_i64..253_402_300_799_999,
        method in "[A-Za-z]{1,10}",
        addressed in prop_oneof![
            Just(Some("http://localhost:4800/in".to_owned())),
            Just(Some("https://example.com".to_owned())),
            Just(Some(String::new())),
            Just(None),
        ],
        path in "(/[!$%&'()*+,./0-9:;=@A-Z_a-z~-]{0,20}){0,3}",
        query in prop::option::of("[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]{0,30}"),
        headers in prop::collection::vec(header(), 0..8),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "\\PC{0,80}".prop_map(String::into_bytes),
        ],
        status in prop::option::of(100_u16..600),
        note in "\\PC{0,20}",
        tags in prop::collection::btree_set("[a-z]{1,5}", 0..3),
        pinned in any::<bool>(),
    ) -> Message {
        Message {
            at: Some(Timestamp::from_unix_ms(at)),
            method,
            addressed,
            path,
            query,
            http_version: Some("HTTP/1.1".to_owned()),
            headers: headers.into_iter().collect::<HeaderPairs>(),
            body: Bytes::from(body),
            status,
            remote_addr: Some("127.0.0.1:5".to_owned()),
            note,
            // A request has a tag once.
            tags: tags.into_iter().collect(),
            pinned,
            ..Message::default()
        }
    }
}

/// Chunks of these sizes for a body, the rest of which is one more.
fn cut(body: usize, sizes: &[usize], line: Option<&'static str>) -> ChunkRecord {
    let mut left = body;
    let mut cut: Vec<usize> = sizes
        .iter()
        .map(|size| {
            let size = left.min(*size);
            left -= size;
            size
        })
        .collect();
    cut.push(left);
    cut.retain(|size| *size > 0);
    let run = |size: usize| ChunkRun { size: size as u64, times: 1, spelt: line.map(Bytes::from) };
    let runs = cut.iter().copied().chain([0]).map(run).collect();
    ChunkRecord {
        runs,
        count: cut.len() as u64,
        complete: true,
        ended: true,
        closed: true,
        tail: Bytes::new(),
    }
}

prop_compose! {
    /// A request with all that is recorded of one.
    fn recorded()(
        message in message(),
        colour in prop::option::of(prop::sample::select(&Colour::ALL[..])),
        events in prop::option::of(("[a-z.]{1,12}", "[a-z0-9_]{1,12}")),
        handshake in prop::option::of("[a-z_]{1,12}"),
        answered in prop::option::of(("\\PC{0,12}", prop::option::of(prop::sample::select(&AnswerFaultKind::ALL[..])), any::<bool>())),
        came in prop::option::of((1_u64..99, 1_u32..9, prop::option::of(any::<u32>()), any::<u32>())),
        sizes in prop::option::of(prop::collection::vec(1_usize..40, 0..6)),
        line in prop::option::of(Just("0a;x=\u{e9}")),
        trailers in prop::option::of(prop_oneof![Just(&b"X-T: 1\r\nx-t:\r\n"[..]), Just(&b"X: \xff\r\n"[..])]),
        tls in prop::option::of(prop::option::of("[a-z.]{1,9}")),
    ) -> Message {
        let mut message = message;
        let mut wire = WireRecord { trailers: Bytes::from_static(trailers.unwrap_or_default()), ..WireRecord::default() };
        wire.chunks = sizes.map(|sizes| cut(message.body.len(), &sizes, line));
        if wire.chunks.is_some() {
            message.headers.push("Transfer-Encoding", "chunked");
        }
        wire.tls = tls.map(|server_name| TlsFacts {
            version: "TLSv1.3".to_owned(), cipher_suite: "TLS_AES_256_GCM_SHA384".to_owned(), server_name, alpn: None,
        });
        let (event_type, provider_event_id) = events.unzip();
        let answered_by = answered.map(|(name, fault, shows_status)| AnsweredBy {
            rule: RuleId::from_bytes([7; 16]), name, fault, shows_status,
        });
        let came = came.map(|(connection, turn, head_us, body_us)| ArrivalFacts { connection, turn, head_us, body_us });
        Message { colour, event_type, provider_event_id, handshake, answered_by, came, wire, ..message }
    }
}

proptest! {
    #[test]
    fn what_is_exported_whole_is_imported_the_same(messages in prop::collection::vec(recorded(), 1..4)) {
        for format in [WriteFormat::Har, WriteFormat::JsonLines] {
            let import = whole(&file(format, &messages));
            prop_assert_eq!(&import.left_out, &[]);
            prop_assert_eq!(&import.messages, &messages);
            prop_assert_eq!(file(format, &import.messages), file(format, &messages));
        }
    }

    #[test]
    fn raw_requests_keep_method_url_headers_and_body(messages in prop::collection::vec(message(), 1..4)) {
        let own: Vec<Message> = messages
            .into_iter()
            .map(|mut message| {
                // A request on the wire says how long its body is, and where it goes.
                for name in ["host", "content-length", "transfer-encoding"] {
                    message.headers.remove(name);
                }
                message.wire = WireRecord::default();
                message.headers.push("Host", "example.com");
                message.addressed = Some("http://example.com".to_owned());
                message.path = format!("/{}", message.path.trim_start_matches('/'));
                message
            })
            .collect();
        let import = whole(&file(WriteFormat::Raw, &own));
        prop_assert_eq!(&import.left_out, &[]);
        for (read, written) in import.messages.iter().zip(&own) {
            prop_assert_eq!(read.url(), written.url());
            prop_assert_eq!((&read.method, &read.body, read.at), (&written.method, &written.body, written.at));
            prop_assert_eq!(&read.headers, &written.headers);
        }
    }

    #[test]
    fn nothing_that_is_read_panics(content in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in ReadFormat::ALL {
            drop(read(&content, Some(format), &Bounds::default()));
        }
    }

    #[test]
    fn no_text_that_looks_like_one_of_them_panics(content in "(curl|POST|\\{\"log\":|###|-H|-d|'|\"|\\$'|\\\\|\\^|`|[a-z:/{}\\[\\]@=& \n]){0,40}") {
        for format in ReadFormat::ALL {
            drop(read(content.as_bytes(), Some(format), &Bounds::default()));
        }
    }
}

/// A request without a Host header says by its target alone whose it is.
#[test]
fn a_request_without_a_host_keeps_its_slug() {
    let head = "GET /in/h10?a HTTP/1.0\r\nX: 1\r\n\r\n";
    let message = Message {
        at: Some(Timestamp::from_unix_ms(5)),
        method: "GET".to_owned(),
        addressed: Some(String::new()),
        path: "/h10".to_owned(),
        query: Some("a".to_owned()),
        http_version: Some("HTTP/1.0".to_owned()),
        headers: HeaderPairs::from_iter([("X", "1")]),
        wire: WireRecord { head: Some(head.into()), ..WireRecord::default() },
        ..Message::default()
    };
    assert_eq!(message.url(), "http://localhost/in/h10?a");
    for format in [WriteFormat::Har, WriteFormat::JsonLines] {
        assert_eq!(
            whole(&file(format, std::slice::from_ref(&message))).messages,
            std::slice::from_ref(&message),
            "{format:?}"
        );
    }
    let raw = whole(&file(WriteFormat::Raw, std::slice::from_ref(&message)));
    let back = &raw.messages[0];
    assert_eq!((&back.addressed, &*back.path, &back.wire), (&Some(String::new()), "/in/h10", &message.wire));
    assert_eq!(back.url(), message.url());
}

/// HTTP as it stood on the wire: its head to the byte, its chunks, its trailers.
#[test]
fn raw_requests_of_ours_come_back_to_the_byte() {
    let head = "POST /a HTTP/1.1\r\nhost:h\r\nX:  1 \r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = "3\r\nabc\r\n003;x\r\ndef\r\n0;last\r\nX-T: 1\r\nX-U:2\r\n\r\n";
    let text = format!("### req_1 head={} body={}\r\n{head}{body}\r\n", head.len(), body.len());
    let import = whole(text.as_bytes());
    let message = &import.messages[0];
    assert_eq!((&message.body[..], message.wire.head.as_deref()), (&b"abcdef"[..], Some(head.as_bytes())));
    assert_eq!(message.wire.trailers, "X-T: 1\r\nX-U:2\r\n");
    let again = String::from_utf8(file(WriteFormat::Raw, &import.messages)).unwrap();
    assert!(again.ends_with(&format!("\r\n{head}{body}\r\n")), "{again}");
}

/// An entry as mitmproxy writes it, shortened; and one as Chrome does, with what only it has.
const OTHERS: &str = r#"{"log": {"version": "1.2", "creator": {"name": "mitmproxy", "version": "11.0"}, "pages": [], "entries": [
 {"startedDateTime": "2026-11-21T04:35:00.123456+00:00", "time": 12.5,
  "request": {"method": "POST", "url": "https://api.example.com/hooks?a=1&a=%20", "httpVersion": "HTTP/2.0", "cookies": [],
   "headers": [{"name": ":method", "value": "POST"}, {"name": "content-type", "value": "application/json"}, {"name": "x-a", "value": "1"}, {"name": "x-a", "value": "2"}],
   "queryString": [{"name": "a", "value": "1"}], "headersSize": 120, "bodySize": 9,
   "postData": {"mimeType": "application/json", "text": "{\"é\": 1}", "params": []}},
  "response": {"status": 204, "statusText": "No Content", "httpVersion": "HTTP/2.0", "cookies": [], "headers": [], "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": 10, "bodySize": 0},
  "cache": {}, "timings": {"connect": 1.5, "ssl": -1, "send": 1, "receive": 2, "wait": 8}, "serverIPAddress": "10.0.0.1", "connection": "77"},
 {"_initiator": {"type": "script"}, "_priority": "High", "startedDateTime": "2026-11-21T04:36:00.000Z", "time": 1,
  "request": {"method": "PUT", "url": "http://h/b", "httpVersion": "h3", "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 3,
   "postData": {"mimeType": "application/octet-stream", "text": "AP8B", "encoding": "base64"}},
  "response": {"status": 0, "statusText": "", "httpVersion": "", "headers": [], "cookies": [], "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 0, "_error": "net::ERR"},
  "cache": {}, "timings": {"blocked": 1.25, "send": 0, "wait": 0, "receive": 0}}]}}"#;

#[test]
fn entries_of_other_tools_come_back_the_same() {
    let import = whole(OTHERS.as_bytes());
    let [first, second] = &import.messages[..] else { panic!("{:?}", import.left_out) };
    assert_eq!(
        (first.url(), first.status),
        ("https://api.example.com/hooks?a=1&a=%20".to_owned(), Some(204))
    );
    assert_eq!(
        first.headers,
        HeaderPairs::from_iter([("content-type", "application/json"), ("x-a", "1"), ("x-a", "2")])
    );
    assert_eq!(first.body, "{\"é\": 1}");
    assert_eq!((&second.body[..], second.status), (&[0_u8, 255, 1][..], None));
    let written: Value = serde_json::from_slice(&file(WriteFormat::Har, &import.messages)).unwrap();
    let before: Value = serde_json::from_str(OTHERS).unwrap();
    assert_eq!(written["log"]["entries"], before["log"]["entries"]);
    // Where something was taken out the entry of the other tool is not handed on.
    let mut outgoing = Outgoing { message: first.clone(), facts: Facts::default() };
    hookbench_interchange::Redaction::new(false, ["é"]).unwrap().apply(&mut outgoing);
    let mut writer = Writer::new(WriteFormat::Har);
    let entry: Value = serde_json::from_slice(&writer.one(&outgoing)).unwrap();
    assert_eq!(entry["request"]["postData"]["text"], "{\"é\": \"[redacted]\"}");
}

/// What of an entry a reader of JSON would change: numbers that it rounds, large ones, a name that stands there twice.
#[test]
fn an_entry_of_another_tool_stays_as_it_was_written() {
    let with = |text: &str, comment: &str| {
        format!(
            r#"{{"startedDateTime":"2026-11-21T04:36:00.000Z", "time": 1.5815005617343503,
 "_id": 123456789012345678901234567890, "a": 1.0, "a": 2e3,
 "request": {{"method": "POST", "url": "http://h/b", "httpVersion": "HTTP/1.1", "headers": [],
   "postData": {{"mimeType": "text/plain", "text": {text}, "params": []}}}}{comment}}}"#
        )
    };
    let log = |entry: &str| format!("{{\"log\":{{\"version\":\"1.2\",\"entries\":[\n{entry}\n]}}}}");
    let mut import = whole(log(&with(r#""null }\n""#, "")).as_bytes());
    let written = |import: &Import| String::from_utf8(file(WriteFormat::Har, &import.messages)).unwrap();
    assert!(written(&import).contains(&with(r#""null }\n""#, "")), "{}", written(&import));
    // What somebody writes about it goes with it, and goes away with it.
    import.messages[0].note = "ask \"Ada\"".to_owned();
    let noted = with(r#""null }\n""#, r#","comment":"ask \"Ada\"""#);
    assert!(written(&import).contains(&noted), "{}", written(&import));
    let mut again = whole(log(&noted).as_bytes());
    assert_eq!(again.messages[0].note, "ask \"Ada\"");
    again.messages[0].note.clear();
    assert!(written(&again).contains(&with(r#""null }\n""#, r#","comment":"""#)), "{}", written(&again));
    // So do a person's marks.
    let mut import = whole(log(&with(r#""x""#, "")).as_bytes());
    import.messages[0].colour = Some(Colour::Red);
    import.messages[0].tags = vec!["later".to_owned()];
    let marked = with(r#""x""#, r#","_hookbench_marks":{"tags":["later"],"pinned":false,"colour":"red"}"#);
    assert!(written(&import).contains(&marked), "{}", written(&import));
    let mut again = whole(written(&import).as_bytes());
    assert_eq!((again.messages[0].colour, &*again.messages[0].tags[0]), (Some(Colour::Red), "later"));
    assert_eq!(written(&again), written(&import));
    (again.messages[0].colour, again.messages[0].tags) = (None, Vec::new());
    assert!(
        written(&again).contains(r#","_hookbench_marks":{"tags":[],"pinned":false,"colour":null}}"#),
        "{}",
        written(&again)
    );
}
