//! What is written is read again, the same to the byte; what others wrote comes back the same; what is broken is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use hookbench_interchange::{
    Bounds, Facts, Import, Message, Outgoing, ReadFormat, WriteFormat, Writer, read,
};
use hookbench_model::{HeaderPairs, HeaderValue, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

fn file(format: WriteFormat, messages: &[Message]) -> Vec<u8> {
    let mut writer = Writer::new(format);
    let mut file = writer.begin();
    for message in messages {
        let facts = Facts { id: "req_1".to_owned(), ..Facts::default() };
        file.extend(writer.one(&Outgoing { message: message.clone(), facts }));
    }
    file.extend(writer.end());
    file
}

fn whole(content: &[u8]) -> Import {
    read(content, None, &Bounds::default()).unwrap()
}

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
        tags in prop::collection::vec("[a-z]{1,5}", 0..3),
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
            tags,
            pinned,
            kept: None,
        }
    }
}

proptest! {
    #[test]
    fn what_is_exported_whole_is_imported_the_same(messages in prop::collection::vec(message(), 1..4)) {
        for format in [WriteFormat::Har, WriteFormat::JsonLines] {
            let import = whole(&file(format, &messages));
            prop_assert_eq!(&import.left_out, &[]);
            prop_assert_eq!(&import.messages, &messages);
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
}

/// A small file that makes much of itself.
#[test]
fn what_a_file_makes_of_itself_is_bounded() {
    let refused = |text: &str, bounds: &Bounds| read(text.as_bytes(), None, bounds).unwrap_err().to_string();
    let bounds = Bounds { total: 1000, ..Bounds::default() };
    let many = format!("curl -d {} {}", "x".repeat(300), "http://h/ ".repeat(10));
    assert_eq!(refused(&many, &bounds), "makes requests of more than 1000 bytes together: split it");
    let urls = whole(format!("curl {}", "h ".repeat(101)).as_bytes());
    assert_eq!(urls.left_out[0].fault.to_string(), "it names more than 100 URLs");
    // Each of eight variables is nine thousand of the next, and the last is nothing.
    let variable = |n: usize| {
        let value = if n == 7 { String::new() } else { format!("{{{{v{}}}}}", n + 1).repeat(9000) };
        serde_json::json!({"key": format!("v{n}"), "value": value})
    };
    let collection = serde_json::json!({
        "info": {}, "variable": (0..8).map(variable).collect::<Vec<_>>(),
        "item": [{"name": "a", "request": "http://h/{{v0}}"}],
    });
    let bounds = Bounds { filled: 1 << 20, ..Bounds::default() };
    let import = read(collection.to_string().as_bytes(), None, &bounds).unwrap();
    assert_eq!(
        import.left_out[0].fault.to_string(),
        "its variables stand in one another too often to be filled in"
    );
}

#[test]
fn what_is_told_beside_a_request_is_cut_to_what_may_be_told() {
    let line = serde_json::json!({
        "method": "POST", "url": "http://h/", "http_version": "HTTP/1.1\r\nX: y", "remote_addr": "a\nb",
        "note": "ü".repeat(10_001), "tags": ["a", " a ", "", "x".repeat(65), "b\u{1b}"],
    });
    let import = whole(line.to_string().as_bytes());
    let message = &import.messages[0];
    assert_eq!((&message.http_version, &message.remote_addr), (&None, &None));
    assert_eq!((message.note.chars().count(), &message.tags), (10_000, &vec!["a".to_owned()]));
}

#[test]
fn what_cannot_be_read_is_left_out_by_name_and_the_rest_is_read() {
    let lines = "{\"method\": \"POST\", \"url\": \"http://a/\"}\nnot json\n{\"method\": \"P OST\", \"url\": \"http://a/\"}\n\n{\"url\": \"http://a/\"}\n{\"method\": \"GET\", \"url\": \"ftp://a\"}\n";
    let import = whole(lines.as_bytes());
    assert_eq!((import.messages.len(), import.left_out_count), (1, 4));
    let said: Vec<String> =
        import.left_out.iter().map(|left| format!("{}: {}", left.place, left.fault)).collect();
    assert!(said[0].starts_with("line 2: it is not JSON"), "{said:?}");
    assert_eq!(said[1], "line 3: its method is no word of HTTP");
    assert!(
        said[2].starts_with("line 5: it is not as the format has it: missing field `method`"),
        "{said:?}"
    );
    assert!(said[3].starts_with("line 6: its URL is none"), "{said:?}");
    let bounds = Bounds { requests: 1, body: 3, ..Bounds::default() };
    let two = "curl http://a\ncurl http://b";
    assert_eq!(
        read(two.as_bytes(), None, &bounds).unwrap_err().to_string(),
        "holds more than 1 requests: split it"
    );
    let large = read(b"curl http://a -d abcd", None, &bounds).unwrap();
    assert_eq!(
        large.left_out[0].fault.to_string(),
        "its body has 4 bytes, and a captured request may have 3"
    );
    assert!(
        read(b"", None, &bounds).is_err() && read(b"{\"log\": {\"entries\": []}}", None, &bounds).is_err()
    );
    let broken = read(b"{\"log\": {\"entries\": [", None, &bounds).unwrap_err().to_string();
    assert!(broken.starts_with("cannot be read as HAR: EOF"), "{broken}");
}

#[test]
fn commands_of_curl_become_the_requests_that_curl_sends() {
    let one = |text: &str| {
        let import = whole(text.as_bytes());
        assert!(import.left_out.is_empty(), "{text}: {:?}", import.left_out);
        import.messages.into_iter().next().unwrap()
    };
    let named = |message: &Message, name: &str| message.headers.get_str(name).map(ToOwned::to_owned);
    let plain = one("curl -sSL example.com/a?b=1 -H 'X-A: 1' -H 'X-B;' -H 'Accept:'");
    assert_eq!((plain.method.as_str(), plain.url().as_str()), ("GET", "http://example.com/a?b=1"));
    assert_eq!((named(&plain, "x-a"), named(&plain, "x-b")), (Some("1".to_owned()), Some(String::new())));
    let data = one("curl http://h/ -d a=1 --data-urlencode 'b=ä &' -dc");
    assert_eq!((data.method.as_str(), &data.body[..]), ("POST", &b"a=1&b=%C3%A4%20%26&c"[..]));
    assert_eq!(named(&data, "content-type").as_deref(), Some("application/x-www-form-urlencoded"));
    let get = one("curl -G http://h/p?z=1 -d a=1 -d b=2");
    assert_eq!((get.method.as_str(), get.url().as_str()), ("GET", "http://h/p?z=1&a=1&b=2"));
    let json = one("curl -XPATCH --json '{\"a\":' --json '1}' https://u:p@h/x");
    assert_eq!((json.method.as_str(), &json.body[..]), ("PATCH", &b"{\"a\":1}"[..]));
    assert_eq!(named(&json, "authorization").as_deref(), Some("Basic dTpw"));
    let form = one("curl http://h/ -F 'a=1;type=text/x' -F b=2");
    assert!(named(&form, "content-type").unwrap().starts_with("multipart/form-data; boundary="));
    assert!(String::from_utf8_lossy(&form.body).contains("Content-Type: text/x\r\n\r\n1\r\n"));
    let said = one("curl -I -u user:pw -A agent -e http://r/ -b 'c=d' --compressed http://h/");
    assert_eq!(said.method, "HEAD");
    for (name, value) in [("user-agent", "agent"), ("referer", "http://r/"), ("cookie", "c=d")] {
        assert_eq!(named(&said, name).as_deref(), Some(value));
    }
    for (text, why) in [
        ("curl -d @file http://h/", "it reads from the file file"),
        ("curl --data-binary @f http://h/", "it reads from the file f"),
        ("curl -F a=@f http://h/", "it reads from the file f"),
        ("curl --wat http://h/", "it has the option --wat"),
        ("curl -H", "its option -H has no value"),
        ("curl -s", "it names no URL"),
        ("curl http://h/ -H \"A: $TOKEN\"", "it uses a variable"),
    ] {
        let import = whole(text.as_bytes());
        assert!(
            import.left_out[0].fault.to_string().starts_with(why),
            "{text}: {}",
            import.left_out[0].fault
        );
    }
}

#[test]
fn raw_requests_are_read_as_editors_and_wires_have_them() {
    let text = "POST /a?b HTTP/1.1\r\nHost: h:1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n\
                ### next\nGET https://other/x\nX-A: 1\n\n### last\nPUT /c HTTP/1.0\nHost: h\nX-Fold: a\n  b\n\nthe rest";
    let import = whole(text.as_bytes());
    assert!(import.left_out.is_empty(), "{:?}", import.left_out);
    let [chunked, get, put] = &import.messages[..] else { panic!() };
    assert_eq!((chunked.url().as_str(), &chunked.body[..]), ("http://h:1/a?b", &b"abcde"[..]));
    assert_eq!((get.url().as_str(), get.body.len()), ("https://other/x", 0));
    assert_eq!((put.headers.get_str("x-fold"), &put.body[..]), (Some("a b"), &b"the rest"[..]));
    let import = whole(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
    assert_eq!(import.left_out[0].fault.to_string(), "it announces a body of 9 bytes, and 3 are there");
    let import = whole(b"POST /a HTTP/1.1\nHost h\n\n###\nGET http://b/ HTTP/1.1\n\n");
    assert_eq!((import.messages.len(), import.left_out_count), (1, 1));
}
