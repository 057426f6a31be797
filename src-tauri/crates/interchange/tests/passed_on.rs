//! HAR that went through another tool: its JSON read and written anew, names in another order, what the tool does not
//! know left out. The requests come back the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "says which tools are not there")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use bytes::Bytes;
use hookbench_interchange::{
    Bounds, Facts, Message, Outgoing, Pieces, ReadFormat, WriteFormat, Writer, read,
};
use hookbench_model::{HeaderPairs, Timestamp};
use serde_json::{Value, json};

/// Reads and writes all of it in the ways of Python: names sorted, everything beyond ASCII escaped, numbers its own.
const SORTED: &str =
    "import json, sys; json.dump(json.load(sys.stdin), sys.stdout, sort_keys=True, indent=1)";
/// Also leaves out what HAR 1.2 does not know, which begins with an underscore.
const KNOWN_ALONE: &str = r#"
import json, sys
def known(value):
    if isinstance(value, dict):
        return {name: known(one) for name, one in reversed(value.items()) if not name.startswith("_")}
    return [known(one) for one in value] if isinstance(value, list) else value
json.dump(known(json.load(sys.stdin)), sys.stdout, ensure_ascii=False, separators=(",", ":"))
"#;

fn messages() -> Vec<Message> {
    let mut headers = HeaderPairs::from_iter([
        ("Host", "hooks.example.com"),
        ("content-type", "application/json; charset=utf-8"),
        ("X-Twice", "1"),
        ("x-twice", "2"),
        ("X-Text", "Grüße \"quoted\" \\ back"),
        ("X-Empty", ""),
    ]);
    headers.push("Content-Length", "7");
    let message = |body: Bytes, path: &str, query: Option<&str>| Message {
        at: Timestamp::parse_rfc3339("2026-11-21T04:36:00.123Z"),
        method: "POST".to_owned(),
        addressed: Some("http://hooks.example.com".to_owned()),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        http_version: Some("HTTP/1.1".to_owned()),
        headers: headers.clone(),
        body,
        status: Some(202),
        note: "asked \"Ada\"\n🎈".to_owned(),
        ..Message::default()
    };
    vec![
        message(
            Bytes::from("{\"n\": 1.50, \"big\": 12345678901234567890, \"é\": \"\\u0000\"}\r\n"),
            "/a",
            None,
        ),
        message(Bytes::from_static(&[0, 255, 0xfe, b'"', b'\n', 0xc0]), "/a%20b/;c'd", Some("a=1&a=%20&b")),
        message(Bytes::new(), "/", Some("")),
        message(Bytes::from("\u{202e}\u{2028}\u{feff}\u{1f600}\u{0}".repeat(100)), "/x", Some("q=%ff")),
    ]
}

fn har(messages: &[Message]) -> Vec<u8> {
    let mut writer = Writer::new(WriteFormat::Har);
    let mut file = writer.begin();
    for message in messages {
        file.extend(writer.one(&Outgoing { message: message.clone(), facts: Facts::default() }));
    }
    file.extend(writer.end());
    file
}

/// What the tool makes of it; `None` where this machine has no such tool.
fn through(program: &str, arguments: &[&str], file: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(arguments).env("PYTHONIOENCODING", "utf-8");
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        println!("{program}: not on this machine");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    let file = file.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&file));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success(), "{program}");
    Some(output.stdout)
}

fn entries(file: &[u8]) -> Value {
    let file: Value = serde_json::from_slice(file).unwrap();
    file["log"]["entries"].clone()
}

#[test]
fn requests_of_ours_come_back_the_same_from_other_tools() {
    let messages = messages();
    let ours = har(&messages);
    for (program, arguments) in [
        ("python3", &["-c", SORTED][..]),
        ("python3", &["-c", KNOWN_ALONE]),
        ("jq", &["."]),
        ("jq", &["-S", "-c", "."]),
        (
            "jq",
            &[
                "walk(if type == \"object\" then with_entries(select(.key | startswith(\"_\") | not)) else . end)",
            ],
        ),
    ] {
        let Some(passed) = through(program, arguments, &ours) else { continue };
        assert_ne!(passed, ours, "{program} writes in its own way");
        let import = read(&passed, None, &Bounds::default()).unwrap();
        assert_eq!((import.format, import.left_out_count), (ReadFormat::Har, 0), "{arguments:?}");
        let back: Vec<Message> =
            import.messages.into_iter().map(|message| Message { kept: None, ..message }).collect();
        assert_eq!(back.len(), messages.len());
        for (before, back) in messages.iter().zip(&back) {
            assert_eq!(before, back, "{arguments:?}");
        }
        // And what is written of what came back is what was written first.
        assert_eq!(entries(&har(&back)), entries(&ours), "{arguments:?}");
    }
}

/// As Firefox and Postman's own export of a log write entries: each has names that the other has not.
#[test]
fn entries_of_other_tools_go_through_us_and_them_and_stay_the_same() {
    let entries = json!([
        {"pageref": "page_1", "startedDateTime": "2026-11-21T05:36:00.123+01:00",
         "request": {"bodySize": 11, "method": "POST", "url": "https://hooks.example.com/in?a=%C3%A9", "httpVersion": "HTTP/2",
            "headers": [{"name": "Host", "value": "hooks.example.com"}, {"name": "Content-Type", "value": "text/plain;charset=UTF-8"}],
            "cookies": [], "queryString": [{"name": "a", "value": "é"}], "headersSize": 450,
            "postData": {"mimeType": "text/plain;charset=UTF-8", "params": [], "text": "héllo wörld"}},
         "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/2", "headers": [], "cookies": [],
            "content": {"mimeType": "text/html", "size": 3, "encoding": "base64", "text": "AAEC"}, "redirectURL": "",
            "headersSize": 300, "bodySize": 303},
         "cache": {}, "timings": {"blocked": 0, "dns": 0, "connect": 12, "ssl": 15, "send": 0, "wait": 30, "receive": 0},
         "time": 57, "_securityState": "secure", "serverIPAddress": "93.184.216.34", "connection": "443"},
        {"startedDateTime": "2026-11-21T04:36:01.000Z", "time": 3,
         "request": {"method": "POST", "url": "http://localhost:3000/form", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [{"name": "User-Agent", "value": "PostmanRuntime/7.43.0"}, {"name": "Postman-Token", "value": "d9b1"},
                {"name": "Content-Type", "value": "application/x-www-form-urlencoded"}],
            "queryString": [], "headersSize": -1, "bodySize": 7,
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&b=2",
                "params": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]}},
         "response": {"status": 500, "statusText": "Internal Server Error", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [], "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": 0},
         "cache": {}, "timings": {"send": -1, "wait": -1, "receive": -1}}
    ]);
    let file = json!({"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "145.0"},
        "browser": {"name": "Firefox", "version": "145.0"}, "pages": [{"id": "page_1"}], "entries": entries}});
    let import = read(file.to_string().as_bytes(), None, &Bounds::default()).unwrap();
    assert_eq!(import.left_out, []);
    let [first, second] = &import.messages[..] else { panic!("two requests") };
    assert_eq!((&first.body[..], first.status), ("héllo wörld".as_bytes(), Some(200)));
    assert_eq!(first.at, Timestamp::parse_rfc3339("2026-11-21T04:36:00.123Z"));
    assert_eq!((&second.body[..], second.url().as_str()), (&b"a=1&b=2"[..], "http://localhost:3000/form"));
    let ours = har(&import.messages);
    assert_eq!(self::entries(&ours), file["log"]["entries"]);
    let Some(passed) = through("python3", &["-c", SORTED], &ours) else { return };
    let again = read(&passed, None, &Bounds::default()).unwrap();
    let bare = |messages: &[Message]| -> Vec<Message> {
        messages.iter().map(|message| Message { kept: None, ..message.clone() }).collect()
    };
    assert_eq!(bare(&again.messages), bare(&import.messages));
    assert_eq!(self::entries(&har(&again.messages)), file["log"]["entries"]);
}

/// Pages stand before the entries or, as in what we write, behind them. Read as it comes a file gives its requests before
/// those, which are told at its end.
#[test]
fn pages_behind_the_entries_are_put_beside_what_was_given_before() {
    let page = |id: &str| json!({"startedDateTime": "2026-11-21T04:36:00.000Z", "id": id, "title": format!("Page {id}"), "pageTimings": {}});
    let entry = |page: &str| {
        json!({"startedDateTime": "2026-11-21T04:36:00.123Z", "pageref": page,
            "request": {"method": "GET", "url": "http://h/", "httpVersion": "HTTP/1.1", "headers": []}})
    };
    let large = json!({"id": "large", "title": "x".repeat(9000)});
    let pages = json!([page("a"), page("b"), 5, {"title": "no id"}, large]);
    let entries = json!([entry("b"), entry("a"), entry("large"), entry("none"), entry("b")]);
    let first = format!(
        r#"{{"log": {{"version": "1.2", "pages": {pages}, "creator": {{}}, "entries": {entries}}}}}"#
    );
    let last = format!(
        r#"{{"log": {{"version": "1.2", "entries": {entries}, "creator": {{}}, "pages": {pages}}}}}"#
    );
    let in_pieces = |text: &str| {
        let mut pieces = Pieces::new(ReadFormat::Har, Bounds::default(), 9).unwrap();
        let mut messages = Vec::new();
        for piece in text.as_bytes().chunks(7) {
            let (import, done) = pieces.push(piece);
            messages.extend(import.messages);
            done.unwrap();
        }
        pieces.finish().1.unwrap();
        (messages, pieces.late_pages())
    };
    let (expected, none) = in_pieces(&first);
    assert!(none.is_none(), "each has its page already");
    let (mut messages, late) = in_pieces(&last);
    let late = late.unwrap();
    assert_ne!(messages, expected);
    for message in &mut messages {
        let kept = message.kept.as_deref().unwrap();
        message.kept = late.put_beside(kept).or(message.kept.take());
    }
    assert_eq!(messages, expected);
    assert_eq!(messages, read(last.as_bytes(), None, &Bounds::default()).unwrap().messages);
    assert!(messages.iter().all(|message| late.put_beside(message.kept.as_deref().unwrap()).is_none()));
    let ours: Value = serde_json::from_slice(&har(&messages)).unwrap();
    let titles: Vec<_> = ours["log"]["pages"].as_array().unwrap().iter().map(|page| &page["title"]).collect();
    // Of one that is larger than is taken, and of one that is not there, one is made.
    assert_eq!(titles, ["Page b", "Page a", "", ""]);
    assert_eq!(ours["log"]["entries"], entries);
}

/// Each browser calls its first page `page_1`.
#[test]
fn pages_of_several_files_that_have_one_id_stay_apart() {
    let file = |title: &str, pageref: &str| {
        let page = json!({"id": "page_1", "startedDateTime": "2026-11-21T04:36:00.000Z", "title": title, "pageTimings": {}});
        let entry = json!({"pageref": pageref, "startedDateTime": "2026-11-21T04:36:00.123Z",
            "request": {"method": "GET", "url": "http://h/", "httpVersion": "HTTP/1.1", "headers": []}});
        let file = json!({"log": {"version": "1.2", "pages": [page], "entries": [entry, entry]}});
        read(file.to_string().as_bytes(), None, &Bounds::default()).unwrap().messages
    };
    let shop = file("Shop", "page_1");
    let all = [file("", "page_none"), shop.clone(), file("Pay", "page_1"), shop].concat();
    let titled = |file: &[u8]| {
        let log = serde_json::from_slice::<Value>(file).unwrap()["log"].take();
        let titles: std::collections::BTreeMap<String, Value> = log["pages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|page| (page["id"].as_str().unwrap().to_owned(), page["title"].clone()))
            .collect();
        let entries = log["entries"].as_array().unwrap().iter();
        let titles: Vec<Value> =
            entries.map(|entry| titles[entry["pageref"].as_str().unwrap()].clone()).collect();
        (log["pages"].as_array().unwrap().len(), titles)
    };
    let expected: (usize, Vec<Value>) =
        (3, ["", "", "Shop", "Shop", "Pay", "Pay", "Shop", "Shop"].into_iter().map(Value::from).collect());
    let ours = har(&all);
    assert_eq!(titled(&ours), expected);
    let again = read(&ours, None, &Bounds::default()).unwrap().messages;
    assert_eq!(har(&again), ours);
    // A page that was made up gives way to the one that it stands for.
    let bare = |message: &Message| Message {
        kept: message
            .kept
            .as_ref()
            .map(|kept| kept.split(",\"_hookbench_page\"").next().unwrap().to_owned() + "}"),
        ..message.clone()
    };
    let shop = file("Shop", "page_1");
    assert_eq!(titled(&har(&[bare(&shop[0]), shop[1].clone()])).1, ["Shop", "Shop"]);
}

/// An entry names its page, which other tools group entries by.
#[test]
fn the_pages_that_entries_name_come_back() {
    let page = |id: &str| json!({"startedDateTime": "2026-11-21T04:36:00.000Z", "id": id, "title": "Pay ]\"", "pageTimings": {"onLoad": 9}});
    let entry = |page: &str| {
        json!({"pageref": page, "startedDateTime": "2026-11-21T04:36:00.123Z",
        "request": {"method": "GET", "url": "http://h/", "httpVersion": "HTTP/1.1", "headers": []},
        "response": {"status": 200}, "time": 1})
    };
    let pages = json!([page("page_2"), page("page_10")]);
    let entries = json!([entry("page_2"), entry("page_10"), entry("page_2")]);
    let text =
        |pages: &Value| format!(r#"{{"log": {{"version": "1.2", "pages": {pages}, "entries": {entries}}}}}"#);
    let log = |file: &[u8]| serde_json::from_slice::<Value>(file).unwrap()["log"].clone();
    let import = read(text(&pages).as_bytes(), None, &Bounds::default()).unwrap();
    let mut pieces = Pieces::new(ReadFormat::Har, Bounds::default(), 9).unwrap();
    let mut in_pieces = Vec::new();
    for piece in text(&pages).as_bytes().chunks(7) {
        in_pieces.extend(pieces.push(piece).0.messages);
    }
    assert_eq!(in_pieces, import.messages);
    let ours = log(&har(&import.messages));
    assert_eq!((&ours["pages"], &ours["entries"]), (&pages, &entries));
    let again = read(&har(&import.messages), None, &Bounds::default()).unwrap();
    assert_eq!(log(&har(&again.messages))["pages"], pages);
    // No entry names what is not there.
    let without = read(text(&json!([])).as_bytes(), None, &Bounds::default()).unwrap();
    let ours = log(&har(&without.messages));
    assert_eq!((&ours["pages"][0]["id"], &ours["pages"][1]["id"]), (&json!("page_2"), &json!("page_10")));
    assert_eq!(ours["entries"], entries);
}
