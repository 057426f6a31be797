use super::*;
use crate::{Facts, Message};

fn redacted(message: Message, redaction: &Redaction) -> Message {
    let mut outgoing = Outgoing { message, facts: Facts::default() };
    redaction.apply(&mut outgoing);
    assert!(outgoing.facts.redacted);
    outgoing.message
}

fn message(content_type: &str, body: &str) -> Message {
    Message {
        headers: HeaderPairs::from_iter([
            ("Content-Type", content_type),
            ("Content-Length", "999"),
            ("Authorization", "Bearer abc"),
            ("cookie", "a=b"),
            ("Stripe-Signature", "t=1,v1=ab"),
            ("X-Note", "use sk_live_0123456789abcdef now"),
            ("X-Plain", "hello"),
        ]),
        query: Some("a=1&access_token=xyz&b=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
        body: Bytes::copy_from_slice(body.as_bytes()),
        ..Message::default()
    }
}

#[test]
fn signatures_are_known_however_their_headers_are_called() {
    let signatures = [
        "X-Shopify-Hmac-Sha256",
        "X-Trello-Webhook",
        "X-Mine-Mac",
        "Paypal-Transmission-Sig",
        "Plaid-Verification",
    ];
    for name in signatures {
        assert!(is_secret_header(name), "{name}");
    }
    for name in ["X-Machine", "Config", "Content-Type", "webhook-id", "X-Slack-Request-Timestamp"] {
        assert!(!is_secret_header(name), "{name}");
    }
    for name in ["privateKey", "private_key", "jwt", "otp", "session_id", "Bearer"] {
        assert!(is_secret_name(name), "{name}");
    }
}

#[test]
fn secrets_are_taken_out_by_name_and_by_value() {
    let all = Redaction::new(true, []).unwrap();
    let message = redacted(
        message("application/json", r#"{"a": 1.50, "token": "x", "b": ["ghp_0123456789012345678901"]}"#),
        &all,
    );
    let value = |name: &str| message.headers.get_str(name).unwrap();
    for name in ["authorization", "cookie", "stripe-signature"] {
        assert_eq!(value(name), REDACTED, "{name}");
    }
    assert_eq!((value("x-note"), value("x-plain")), ("use [redacted] now", "hello"));
    assert_eq!(message.query.as_deref(), Some("a=1&access_token=[redacted]&b=[redacted]"));
    let expected = r#"{"a": 1.50, "token": "[redacted]", "b": ["[redacted]"]}"#;
    assert_eq!(message.body, expected);
    assert_eq!(value("content-length"), expected.len().to_string());
}

#[test]
fn paths_are_taken_out_and_the_rest_stays_to_the_byte() {
    let paths = Redaction::new(false, ["data.to", "items[*].email", "$.x[1]"]).unwrap();
    let body = "{ \"data\":{\"to\" : {\"deep\":[1,2]} ,\"n\":1e5},\"items\":[{\"email\":\"a\"},{\"email\":\"b\"}], \"x\":[1,2,3]}";
    let message = redacted(message("application/json", body), &paths);
    assert_eq!(
        message.body,
        "{ \"data\":{\"to\" : \"[redacted]\" ,\"n\":1e5},\"items\":[{\"email\":\"[redacted]\"},{\"email\":\"[redacted]\"}], \"x\":[1,\"[redacted]\",3]}"
    );
    assert_eq!(message.headers.get_str("authorization"), Some("Bearer abc"));
}

#[test]
fn what_cannot_be_looked_into_is_taken_out_whole() {
    let all = Redaction::new(true, []).unwrap();
    let mut coded = message("application/json", "{}");
    coded.headers.push("Content-Encoding", "gzip");
    assert_eq!(redacted(coded, &all).body, REDACTED);
    let form = redacted(message("application/x-www-form-urlencoded", "a=b&password=c"), &all);
    assert_eq!(form.body, "a=b&password=[redacted]");
    let text = redacted(message("text/plain", "key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc."), &all);
    assert_eq!(text.body, "key [redacted]");
}

#[test]
fn xml_is_redacted_by_the_same_names() {
    let all = Redaction::new(true, []).unwrap();
    let xml = |kind: &str, body: &str| redacted(message(kind, body), &all).body;
    for kind in ["application/xml", "text/xml; charset=utf-8", "application/soap+xml", "text/plain"] {
        let body = "\u{feff}<a><x:password>xml1</x:password><b/></a>";
        assert_eq!(xml(kind, body), "\u{feff}<a><x:password>[redacted]</x:password><b/></a>", "{kind}");
    }
    // What breaks off, as what breaks off of JSON.
    assert_eq!(xml("application/xml", "<a><password>xml1</pass"), REDACTED);
    assert_eq!(xml("application/xml", "<a><n>1</n></a>"), "<a><n>1</n></a>");
    let paths = Redaction::new(false, ["to"]).unwrap();
    let kept = redacted(message("application/xml", "<a><password>p</password></a>"), &paths);
    assert_eq!(kept.body, "<a><password>p</password></a>", "nobody asked for secrets");
}

#[test]
fn texts_that_hold_json_or_xml_are_looked_into() {
    let all = Redaction::new(true, []).unwrap();
    let json = |body: &str| redacted(message("application/json", body), &all).body;
    assert_eq!(
        json(r#"{"Message": "{\"password\": \"p1\", \"n\": 1}", "x": "<a><token>t1</token></a>"}"#),
        r#"{"Message": "{\"password\": \"[redacted]\", \"n\": 1}", "x": "<a><token>[redacted]</token></a>"}"#
    );
    let plain = r#"{"a": "[INFO] done", "b": "<@U1> said {x}", "c": "<p>a<br>b</p>", "d": "{\"a\": 1}"}"#;
    assert_eq!(json(plain), plain);
    assert_eq!(json(r#"["{\"password\": \"p1", "<a><password>p1"]"#), r#"["[redacted]", "[redacted]"]"#);
    // As deep as somebody likes.
    let deep = (0..9).fold("1".to_owned(), |text, _| serde_json::json!([text]).to_string());
    assert!(json(&deep).ends_with(b"]"));
    assert_eq!(json("\u{feff}{\"password\": \"p1\"}"), "\u{feff}{\"password\": \"[redacted]\"}");
}

#[test]
fn what_stood_on_the_wire_does_not_say_it_again() {
    let all = Redaction::new(true, []).unwrap();
    let mut exact = message("application/json", r#"{"token": "x"}"#);
    exact.wire = WireRecord {
        head: Some("POST / HTTP/1.1\r\nauthorization: Bearer abc\r\n\r\n".into()),
        trailers: "X-Token: t1\r\nX-N: 1\r\n".into(),
        chunks: Some(hookbench_model::ChunkRecord::default()),
        ..WireRecord::default()
    };
    let mut broken = exact.clone();
    let wire = redacted(exact, &all).wire;
    assert_eq!((wire.head, wire.chunks), (None, None));
    assert_eq!(wire.trailers, "X-Token: [redacted]\r\nX-N: 1\r\n");
    let fault = |code: &str| hookbench_model::RequestFault {
        code: code.to_owned(),
        message: String::new(),
        at: None,
        told: true,
    };
    broken.fault = Some(fault("host_twice"));
    broken.body = "GET / HTTP/1.1\r\nX-Pass: hunter2\r\n\r\n".into();
    assert_eq!(redacted(broken.clone(), &all).body, REDACTED);
    broken.fault = Some(fault("body_broken_off"));
    broken.body = "hello".into();
    assert_eq!(redacted(broken, &all).body, "hello");
}

#[test]
fn what_a_name_says_is_secret_goes_whatever_it_is() {
    let all = Redaction::new(true, []).unwrap();
    let json = |body: &str| redacted(message("application/json", body), &all).body;
    assert_eq!(
        json(r#"{"tokens": ["abc", "def"], "credentials": {"user": "u", "value": "hunter2"}, "n": [1]}"#),
        r#"{"tokens": "[redacted]", "credentials": "[redacted]", "n": [1]}"#
    );
    // What broke off, or is several documents.
    for body in
        [r#"{"password": "hunter2", "#, "{\"password\": \"hunter2\"}\n{\"password\": \"x\"}\n", "[{\"a"]
    {
        assert_eq!(json(body), REDACTED, "{body}");
    }
    assert_eq!(json("no json with a password"), "no json with a password");
}

#[test]
fn parts_of_forms_are_redacted_one_by_one() {
    let all = Redaction::new(true, ["to"]).unwrap();
    let body = |password: &str, json: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{password}\r\n\
             --b\r\nContent-Disposition: form-data; filename=\"key\"; name=note\r\n\r\nhello\r\n\
             --b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n--b--\r\n"
        )
    };
    let form = message("Multipart/Form-Data; boundary=\"b\"", &body("hunter2", r#"{"to": "a", "x": 1}"#));
    assert_eq!(redacted(form, &all).body, body(REDACTED, r#"{"to": "[redacted]", "x": 1}"#));
    let coded = |coding: &str| {
        format!("--b\r\n{coding}\r\nContent-Disposition: form-data; name=a\r\n\r\nczNjcjN0\r\n--b--\r\n")
    };
    for (coding, goes) in
        [("Content-Transfer-Encoding: Base64", true), ("Content-Transfer-Encoding: 8bit", false)]
    {
        let without = redacted(message("multipart/form-data; boundary=b", &coded(coding)), &all).body;
        assert_eq!(without != coded(coding), goes, "{coding}");
    }
    let without_boundary = message("multipart/form-data", &body("hunter2", "{}"));
    assert_eq!(redacted(without_boundary, &all).body, REDACTED);
    let in_form =
        message("application/x-www-form-urlencoded", "payload=%7B%22token%22%3A%22x%22%7D&a=%7B%7D");
    assert_eq!(redacted(in_form, &all).body, "payload=[redacted]&a=%7B%7D");
}

#[test]
fn tokens_are_found_in_assignments_and_paths() {
    let all = Redaction::new(true, []).unwrap();
    let mut with_path =
        message("text/plain", "STRIPE=sk_live_0123456789abcdef\nhttps://h/xoxb-0123456789ab?a=1");
    with_path.path = "/hooks/whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
    with_path.tags = vec!["ghp_0123456789012345678901".to_owned(), "fine".to_owned()];
    let without = redacted(with_path, &all);
    assert_eq!(without.body, "STRIPE=[redacted]\nhttps://h/[redacted]?a=1");
    assert_eq!(
        (&*without.path, &*without.tags[0], &*without.tags[1]),
        ("/hooks/[redacted]", REDACTED, "fine")
    );
    // However many beginnings there are.
    let many = "eyJhbGciOi/".repeat(200_000);
    assert_eq!(without_tokens(&many), None);
}

#[test]
fn a_path_that_is_none_is_refused() {
    for bad in ["", "a..b", "a[", "a[x]", "a.", ".a"] {
        assert!(Redaction::new(false, [bad]).is_err(), "{bad}");
    }
}

#[test]
fn urls_in_headers_and_what_was_addressed_lose_their_secrets() {
    let all = Redaction::new(true, []).unwrap();
    let urls = [
        ("Referer", "https://h/?a=1&token=s3cr3t", "https://h/?a=1&token=[redacted]"),
        ("X-Original-Url", "/in?access_token=s3cr3t", "/in?access_token=[redacted]"),
        ("Location", "https://u:s3cr3t@h/", "https://u:[redacted]@h/"),
        (":path", "/in?token=s3cr3t&b=2", "/in?token=[redacted]&b=2"),
    ];
    let mut given = message("text/plain", "");
    given.addressed = Some("http://user:s3cr3t@h/slug".to_owned());
    for (name, value, _) in urls {
        given.headers.push(name, value);
    }
    given.headers.push("X-Latin", HeaderValue::from(Bytes::from_static(b"/caf\xe9?token=s3cr3t")));
    let without = redacted(given, &all);
    for (name, _, value) in urls {
        assert_eq!(without.headers.get_str(name), Some(value), "{name}");
    }
    assert_eq!(without.headers.get_str("x-latin"), Some(REDACTED));
    for format in crate::WriteFormat::ALL {
        let outgoing = Outgoing { message: without.clone(), facts: Facts::default() };
        let written = crate::Writer::new(format).one(&outgoing);
        assert!(!String::from_utf8_lossy(&written).contains("s3cr3t"), "{format:?}");
    }
    assert_eq!(without.addressed.as_deref(), Some("http://user:[redacted]@h/slug"));
}

#[test]
fn the_data_of_an_event_in_base64_is_redacted_as_its_type_says() {
    let all = Redaction::new(true, []).unwrap();
    let encode = |data: &[u8]| data_encoding::BASE64.encode(data);
    let event = |kind: &str, data: &str| {
        format!(r#"{{"specversion": "1.0", "data_base64": "{data}", "datacontenttype": "{kind}"}}"#)
    };
    for (kind, data, without) in [
        ("application/json", &br#"{"password": "p1", "n": 1}"#[..], r#"{"password": "[redacted]", "n": 1}"#),
        ("application/x-www-form-urlencoded", b"a=b&password=p1", "a=b&password=[redacted]"),
        ("text/plain", b"hello\npassword: p1 p2", "hello\npassword: [redacted]"),
        ("application/xml", b"<a><password>p1</password></a>", "<a><password>[redacted]</password></a>"),
        ("image/png", b"\x89PNG\xff", REDACTED),
        ("application/json", br#"{"n": 1}"#, r#"{"n": 1}"#),
    ] {
        let given = message("application/cloudevents+json", &event(kind, &encode(data)));
        let expected = event(kind, &encode(without.as_bytes()));
        assert_eq!(redacted(given, &all).body, expected, "{kind}");
    }
    let batch = format!("[{}]", event("application/json", "no base64!"));
    let without = redacted(message("application/cloudevents-batch+json", &batch), &all).body;
    assert_eq!(without, format!("[{}]", event("application/json", &encode(REDACTED.as_bytes()))));
}

#[test]
fn plain_text_is_redacted_line_by_line() {
    let all = Redaction::new(true, []).unwrap();
    let text = "hello\npassword=p1\nAuthorization: Bearer b1\n{\"token\":\"t1\"}\nbye\n";
    assert_eq!(
        redacted(message("text/plain", text), &all).body,
        "hello\npassword=[redacted]\nAuthorization: [redacted]\n{\"token\":\"[redacted]\"}\nbye\n"
    );
}
