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

/// What is written where it is not looked for first: each sample holds secrets that begin with `s3cr3t`, and says `plain`.
#[test]
fn no_secret_stays_wherever_it_stands() {
    let all = Redaction::new(true, []).unwrap();
    let form = "application/x-www-form-urlencoded";
    let saml = data_encoding::BASE64.encode(b"<a>s3cr3t</a>");
    let samples = [
        // What curl sends unless told otherwise.
        (form, r#"{"password": "s3cr3t", "a": "plain"}"#.to_owned()),
        (form, "<a><password>s3cr3t</password><b>plain</b></a>".to_owned()),
        (form, "a=plain&user%5Bpass%77ord%5D=s3cr3t".to_owned()),
        (form, "a=plain&b=1;password=s3cr3t".to_owned()),
        (form, "a=plain&next=http://u:s3cr3t@h&b=1&url=https%3A%2F%2Fh%2F%3Fa%3Db%26sig%3Ds3cr3t".to_owned()),
        (form, format!("a=plain&SAMLResponse={saml}")),
        (form, "a=plain&log=user%3A+ada%0APassword%3A+s3cr3t".to_owned()),
        ("application/json", r#"{"a": "plain", "log": "10:00 sent {\"token\": \"s3cr3t\"}"}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "run": "curl -H 'Authorization: Bearer s3cr3t' http://h"}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "query": "mutation { login(password: \"s3cr3t\") { id } }"}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "pem": "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----"}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "dump": "POST / HTTP/1.1\r\nX-Api-Key: s3cr3t\r\n\r\n"}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "db": "postgres://u:s3cr3t/s3cr3t@h/db?x=1"}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "hosts": "amqp://u:s3cr3t@a,amqp://u:s3cr3t@b"}"#.to_owned()),
        ("application/json", r#"{"fields": [{"name": "password", "value": "s3cr3t"}], "a": "plain"}"#.to_owned()),
        ("application/json", r#"{"headers": [["X-Api-Key", "s3cr3t"], ["X", "plain"]]}"#.to_owned()),
        ("application/json", r#"{"a": "plain", "smtpPass": "s3cr3t", "_csrf": "s3cr3t", "PHPSESSID": "s3cr3t"}"#.to_owned()),
        ("text/plain", "plain\nServer=h;Password=s3cr3t;\n".to_owned()),
        ("text/plain", "plain url(/a;jsessionid=s3cr3t?x=1)".to_owned()),
        ("text/plain", "plain https://hooks.slack.com/services/T0/B0/s3cr3t".to_owned()),
        ("application/xml", "<dict><key>a</key><string>plain</string><key>password</key><string>s3cr3t</string></dict>".to_owned()),
        ("application/xml", "<m><a>plain</a><t>token=s3cr3t</t></m>".to_owned()),
        ("text/csv; charset=utf-8", "a\nplain,https://u:s3cr3t@h/\n".to_owned()),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nplain\r\n--b\r\nX-Api-Key: s3cr3t\r\n\
             Content-Disposition: form-data; name*=UTF-8''pass%C3%BCpassword\r\n\r\ns3cr3t --b s3cr3t\r\n--b--\r\ntoken=s3cr3t"
                .to_owned(),
        ),
        (
            "multipart/mixed; boundary=b",
            "--b\r\n\r\nplain\r\n--b\r\nContent-Type: multipart/form-data; boundary=c\r\n\r\n--c\r\n\
             Content-Disposition: form-data; name=password\r\n\r\ns3cr3t\r\n--c--\r\n--b--\r\n"
                .to_owned(),
        ),
    ];
    for (kind, body) in samples {
        let without = redacted(message(kind, &body), &all).body;
        let without = String::from_utf8(without.to_vec()).unwrap();
        assert!(!without.contains("s3cr3t") && !without.contains(&saml), "{body}\n{without}");
        assert!(without.contains("plain"), "{body}\n{without}");
    }
    // Nothing of these can be told apart.
    let utf16: String = "password=s3cr3t".chars().flat_map(|character| [character, '\0']).collect();
    for (kind, body) in [
        ("text/plain", utf16.as_str()),
        ("application/x-protobuf", "\n\x08password\x12\x06s3cr3t"),
        ("text/csv", "user,Password\nada,s3cr3t\n"),
        ("multipart/form-data; boundary=b", "a --b\r\n\r\ns3cr3t"),
    ] {
        assert_eq!(redacted(message(kind, body), &all).body, REDACTED, "{kind}");
    }
}

#[test]
fn headers_and_queries_are_looked_into_like_bodies() {
    let all = Redaction::new(true, []).unwrap();
    for (value, expected) in [
        (r#"{"token": "s", "n": 1}"#, r#"{"token": "[redacted]", "n": 1}"#),
        ("a=1&access_token=s", "a=1&access_token=[redacted]"),
        ("/a?next=http://u:p@h&b=1", "/a?next=[redacted]&b=1"),
        ("Bearer abcdef0123456789", "Bearer [redacted]"),
        ("auth.example.com:8080", "auth.example.com:8080"),
        ("multipart/form-data; boundary=\"a:b\"", "multipart/form-data; boundary=\"a:b\""),
        ("[::1]:80", "[::1]:80"),
    ] {
        let mut given = message("text/plain", "");
        given.headers.push("X-Given", value);
        assert_eq!(redacted(given, &all).headers.get_str("x-given"), Some(expected));
    }
    for (query, expected) in [
        (r#"{"token":"s"}"#, REDACTED),
        ("http://u:p@h/", REDACTED),
        ("type=token:created&state=a", "type=token:created&state=a"),
        ("ghp_0123456789012345678901=1&a=2", "[redacted]=[redacted]&a=2"),
        ("q=eyAidHlwIjogIkpXVCJ9.eyJzdWIiOiIxIn0.abc&b", "q=[redacted]&b"),
    ] {
        let given = Message { query: Some(query.to_owned()), ..message("text/plain", "") };
        assert_eq!(redacted(given, &all).query.as_deref(), Some(expected));
    }
}

proptest::proptest! {
    /// What is taken out of a text may stand within what goes as a whole.
    #[test]
    fn no_text_panics_however_odd_it_is(
        text in "(//|:|/|[?#&;=@'\"{}<>,. \n\\\\-]|\\[|\\]|u|token|password|name|value|key|http|-----BEGIN |PRIVATE KEY|-----|--b|\r\n|é){0,40}",
        kind in proptest::sample::select(vec![
            "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", "text/csv",
        ]),
    ) {
        let all = Redaction::new(true, ["name"]).unwrap();
        for quoted in [false, true] {
            let body = if quoted { serde_json::json!([[text, text]]).to_string() } else { text.clone() };
            let mut given = Message { query: Some(text.clone()), note: text.clone(), ..message(kind, &body) };
            given.headers.push("X-Given", &*text);
            drop(redacted(given, &all));
        }
    }
}
