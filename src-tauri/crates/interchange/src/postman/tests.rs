use super::{Cow, Rc, Scope, Value};
use crate::{Bounds, Place, ReadFormat, read};

const COLLECTION: &str = r#"{
  "info": {"name": "Hooks", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
  "variable": [{"key": "base", "value": "https://{{host}}/v1"}, {"key": "host", "value": "api.example.com"}],
  "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "t0"}]},
  "item": [
    {"name": "Folder", "item": [
      {"name": "Raw", "request": {"method": "POST", "url": {"raw": "{{base}}/a b?c={{d}}"},
        "header": [{"key": "X-One", "value": "1"}, {"key": "X-Off", "value": "2", "disabled": true}],
        "body": {"mode": "raw", "raw": "{\"a\": \"{{host}}\"}", "options": {"raw": {"language": "json"}}}}},
      {"name": "Form", "request": {"method": "PUT", "url": "{{base}}/f", "auth": {"type": "basic",
        "basic": [{"key": "username", "value": "u"}, {"key": "password", "value": "p"}]},
        "body": {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1 2"}, {"key": "b", "value": "&"}]}}}
    ]},
    {"name": "Graph", "request": {"method": "POST", "url": {"protocol": "https", "host": ["g", "com"], "path": ["q"]},
      "body": {"mode": "graphql", "graphql": {"query": "{ a }", "variables": "{\"x\": 1}"}}}},
    {"name": "Parts", "request": {"method": "POST", "url": "http://h/",
      "body": {"mode": "formdata", "formdata": [{"key": "a", "value": "1", "type": "text"}]}}},
    {"name": "File", "request": {"method": "POST", "url": "http://h/", "body": {"mode": "file", "file": {"src": "/etc/passwd"}}}}
  ]}"#;

#[test]
fn folders_variables_auth_and_bodies_are_read() {
    let import = read(COLLECTION.as_bytes(), None, &Bounds::default()).unwrap();
    assert_eq!(import.format, ReadFormat::Postman);
    assert_eq!(import.messages.len(), 4);
    let [raw, form, graph, parts] = &import.messages[..] else { panic!() };
    assert_eq!(raw.url(), "https://api.example.com/v1/a%20b?c={{d}}");
    assert_eq!(raw.headers.get_str("authorization"), Some("Bearer t0"));
    assert_eq!(raw.headers.get_str("host"), Some("api.example.com"));
    assert_eq!(
        (raw.headers.get("X-Off"), raw.headers.get_str("content-type")),
        (None, Some("application/json"))
    );
    assert_eq!((&raw.body[..], raw.note.as_str()), (&b"{\"a\": \"api.example.com\"}"[..], "Folder / Raw"));
    assert_eq!(form.headers.get_str("authorization"), Some("Basic dTpw"));
    assert_eq!((form.method.as_str(), &form.body[..]), ("PUT", &b"a=1+2&b=%26"[..]));
    assert_eq!(
        (graph.url(), &graph.body[..]),
        ("https://g.com/q".to_owned(), &br#"{"query":"{ a }","variables":{"x":1}}"#[..])
    );
    assert!(String::from_utf8_lossy(&parts.body).contains("name=\"a\"\r\n\r\n1\r\n"));
    assert_eq!(import.left_out[0].place, Place::Named("File".to_owned()));
    assert!(import.left_out[0].fault.to_string().contains("/etc/passwd"));
    assert_eq!(import.notes, ["The variable {{d}} has no value in the collection: it stands as it is."]);
}

/// As version 2.0 has them, and as the parts of a URL are written.
#[test]
fn older_collections_and_urls_in_parts_are_read() {
    let collection = r#"{"info": {"schema": "https://schema.getpostman.com/json/collection/v2.0.0/collection.json"},
      "auth": {"type": "basic", "basic": {"username": "u", "password": "p"}},
      "variable": [{"id": "host", "value": "h", "type": "string"}, {"key": "host", "value": "x", "disabled": true}],
      "item": [
        {"name": "Lines", "request": {"method": "GET", "url": "{{host}}/a", "auth": null, "header": "A: 1\nB: x:y\n"}},
        {"name": "Parts", "request": {"method": "GET", "header": null, "auth": {"type": "noauth"},
          "url": {"protocol": "https", "host": ["{{host}}", "com"], "port": "8443", "path": ["v1", ":id", "of:id"],
            "query": [{"key": "a", "value": "1 2"}, {"key": "off", "value": "1", "disabled": true}, {"key": "b", "value": null}],
            "variable": [{"key": "id", "value": "7"}]}}},
        {"name": "Raw", "request": {"method": "GET", "url": {"raw": "http://h/:id/:none?x=:id",
            "variable": [{"key": "id", "value": "7"}, {"key": "none"}]},
          "auth": {"type": "oauth2", "oauth2": [{"key": "accessToken", "value": "t1"}, {"key": "addTokenTo", "value": "header"}]}}},
        {"name": "Aws", "request": {"method": "GET", "url": "http://h/", "auth": {"type": "awsv4", "awsv4": []}}}
      ]}"#;
    let import = read(collection.as_bytes(), None, &Bounds::default()).unwrap();
    assert_eq!(import.left_out, []);
    let [lines, parts, raw, aws] = &import.messages[..] else { panic!() };
    let named = |message: &crate::Message, name: &str| message.headers.get_str(name).map(ToOwned::to_owned);
    assert_eq!((lines.url().as_str(), named(lines, "b").as_deref()), ("http://h/a", Some("x:y")));
    assert_eq!(named(lines, "authorization").as_deref(), Some("Basic dTpw"));
    assert_eq!(parts.url(), "https://h.com:8443/v1/7/of:id?a=1%202&b");
    assert_eq!(named(parts, "authorization"), None);
    assert_eq!(raw.url(), "http://h/7/:none?x=:id");
    assert_eq!(named(raw, "authorization").as_deref(), Some("Bearer t1"));
    assert_eq!(named(aws, "authorization"), None);
    assert!(import.notes[0].contains("“awsv4”"), "{:?}", import.notes);
}

#[test]
fn folders_without_end_and_variables_that_name_one_another_end() {
    let mut deep = r#"{"name": "x", "request": "http://a/"}"#.to_owned();
    for _ in 0..30 {
        deep = format!(r#"{{"name": "f", "item": [{deep}]}}"#);
    }
    let bounds = Bounds { depth: 20, ..Bounds::default() };
    let text = format!(r#"{{"info": {{}}, "item": [{deep}]}}"#);
    let import = read(text.as_bytes(), None, &bounds).unwrap();
    assert_eq!((import.messages.len(), import.left_out_count), (0, 1));
    let round = r#"{"info": {}, "variable": [{"key": "a", "value": "{{b}}{{b}}"}, {"key": "b", "value": "{{a}}{{a}}"}],
        "item": [{"name": "x", "request": "http://h/{{a}}"}]}"#;
    assert_eq!(read(round.as_bytes(), None, &Bounds::default()).unwrap().messages.len(), 1);
}

#[test]
fn a_folder_adds_to_the_variables_around_it_and_copies_none() {
    let large = "x".repeat(60_000);
    let many: Vec<String> = (0..20).map(|at| format!(r#"{{"key": "v{at}", "value": "{large}"}}"#)).collect();
    let one = r#"{"name": "x", "variable": [{"key": "n", "value": 7}, {"key": "v0", "value": "own"}],
        "request": "http://h/{{n}}/{{v0}}/{{far}}"}"#;
    let collection = format!(
        r#"{{"info": {{}}, "variable": [{{"key": "far", "value": "out"}}, {}], "item": [{}, {{"name": "y", "request": "http://h/{{{{n}}}}"}}]}}"#,
        many.join(","),
        vec![one; 5000].join(",")
    );
    let import = read(collection.as_bytes(), None, &Bounds::default()).unwrap();
    assert_eq!(import.messages.len(), 5001, "{:?}", import.left_out);
    assert!(import.messages[..5000].iter().all(|message| message.url() == "http://h/7/own/out"));
    assert_eq!(import.messages[5000].url(), "http://h/{{n}}", "what one has the next has not");
}

#[test]
fn what_is_inherited_is_shared() {
    let outer: Value =
        serde_json::from_str(r#"{"variable": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}"#)
            .unwrap();
    let inner: Value = serde_json::from_str(r#"{"variable": [{"key": "b", "value": "3"}]}"#).unwrap();
    let outside = Scope::default().within(&outer);
    let inside = outside.clone().within(&inner);
    let (around, variables) = (outside.variables.unwrap(), inside.variables.unwrap());
    assert_eq!((variables.get("a"), variables.get("b"), around.get("b")), (Some("1"), Some("3"), Some("2")));
    assert_eq!(variables.own.len(), 1);
    assert!(Rc::ptr_eq(variables.outer.as_ref().unwrap(), &around));
    assert!(matches!(variables.own["b"], Cow::Borrowed(_)));
}
