//! What is read of the files that others write, within bounds; what cannot be read is left out by name.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use hookbench_interchange::{Bounds, Import, Message, Pieces, ReadFormat, format_of, read};

fn whole(content: &[u8]) -> Import {
    read(content, None, &Bounds::default()).unwrap()
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
    assert_eq!((data.method.as_str(), &data.body[..]), ("POST", &b"a=1&b=%C3%A4+%26&c"[..]));
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

#[test]
fn what_is_not_read_is_told_in_plain_words() {
    let refused = |content: &[u8]| read(content, None, &Bounds::default()).unwrap_err().to_string();
    let old = r#"{"id": "a", "name": "n", "order": ["b"], "requests": [{"id": "b", "method": "GET", "url": "http://h/"}]}"#;
    assert!(
        refused(old.as_bytes()).contains("it is of version 1, which is not read: import it into Postman")
    );
    let utf16 = |text: &str| {
        text.encode_utf16()
            .fold(vec![0xff, 0xfe], |bytes, unit| [bytes, unit.to_le_bytes().to_vec()].concat())
    };
    let har = utf16("{\"log\": {\"entries\": []}}");
    let said = "cannot be read as HAR: it is UTF-16, and only UTF-8 is read: save it as UTF-8";
    assert_eq!(refused(&har), said);
    let mut pieces = Pieces::new(ReadFormat::Har, Bounds::default(), 9).unwrap();
    assert_eq!(format_of(&har), Some(ReadFormat::Har));
    let (_, done) = (pieces.push(&har[..1]), pieces.push(&har[1..]).1);
    assert_eq!(done.unwrap_err().to_string(), said);
    let entries = whole(br#"{"log": {"entries": [null, {"request": {"method": "GET", "url": 5}}]}}"#);
    let said: Vec<String> = entries.left_out.iter().map(|left| left.fault.to_string()).collect();
    assert!(
        said[0].starts_with("it is not as the format has it: null stands where an object belongs"),
        "{said:?}"
    );
    assert!(said[1].contains("integer `5` stands where a string belongs"), "{said:?}");
}
