//! Postman collections, version 2 (<https://schema.getpostman.com/json/collection/v2.1.0/collection.json>).

mod url;

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use hookbench_model::HeaderPairs;
use serde_json::Value;

use crate::curl::{Part, multipart};
use crate::headers::unless_there;
use crate::read::Intake;
use crate::target::{Target, writable};
use crate::{Fault, Message, Place, ReadError};

/// How often a variable may stand in the value of another.
const DEEPEST_VARIABLE: usize = 8;
/// The longest value of a variable that is filled in, in bytes.
const LONGEST_VARIABLE: usize = 64 << 10;

/// What is inherited from the outside in.
#[derive(Clone, Default)]
struct Scope<'c> {
    variables: Option<Rc<Variables<'c>>>,
    auth: Option<&'c Value>,
    folders: Vec<&'c str>,
}

/// The variables of a folder, beside those of what it lies in: no value is there twice, however many folders there are.
struct Variables<'c> {
    own: HashMap<&'c str, Cow<'c, str>>,
    outer: Option<Rc<Variables<'c>>>,
}

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.own.get(name).map(|value| &**value);
        found.or_else(|| self.outer.as_ref()?.get(name))
    }
}

pub(crate) fn read(content: &[u8], intake: &mut Intake<'_>) -> Result<(), ReadError> {
    let collection: Value =
        serde_json::from_slice(content).map_err(|error| intake.broken(error.to_string()))?;
    // Postman's own API and older exports wrap it.
    let collection = collection.get("collection").unwrap_or(&collection);
    if collection.get("item").is_none() && collection.get("requests").is_some() {
        return Err(intake.broken(
            "it is of version 1, which is not read: import it into Postman, and export it there as a collection of version 2.1",
        ));
    }
    let Some(items) = collection.get("item").and_then(Value::as_array) else {
        return Err(intake.broken("it has no list `item`: export it as a collection of version 2.1"));
    };
    let scope = Scope::default().within(collection);
    let mut left = intake.bounds.filled;
    folder(items, &scope, &mut left, intake)
}

/// Reads what lies in a folder; `left` is how much may be filled in yet.
fn folder(
    items: &[Value],
    scope: &Scope<'_>,
    left: &mut usize,
    intake: &mut Intake<'_>,
) -> Result<(), ReadError> {
    for item in items {
        let name = item.get("name").and_then(Value::as_str).unwrap_or("(no name)");
        let mut inner = scope.clone().within(item);
        inner.folders.push(name);
        let place = Place::Named(inner.folders.join(" / ").chars().take(200).collect());
        match item.get("item").and_then(Value::as_array) {
            Some(_) if inner.folders.len() > intake.bounds.depth => {
                intake.take(place, Err(Fault::TooDeep))?;
            }
            Some(items) => folder(items, &inner, left, intake)?,
            None => {
                let (mut unknown, mut unsigned) = (Vec::new(), None);
                let mut reader =
                    Reader { scope: &inner, unknown: &mut unknown, unsigned: &mut unsigned, left };
                let found = reader.message(item);
                let found = if *left == 0 { Err(Fault::Variables) } else { found };
                if found.is_ok() {
                    if let Some(kind) = unsigned {
                        intake.note(format!(
                            "Requests sign in by “{kind}”, which makes its header as they are sent: that is left out."
                        ));
                    }
                    for name in unknown {
                        intake.note(format!(
                            "The variable {{{{{name}}}}} has no value in the collection: it stands as it is."
                        ));
                    }
                }
                intake.take(place, found)?;
            }
        }
    }
    Ok(())
}

impl<'c> Scope<'c> {
    fn within(mut self, outer: &'c Value) -> Self {
        let variables = outer.get("variable").and_then(Value::as_array).into_iter().flatten();
        let named = variables.filter(|variable| !disabled(variable)).filter_map(|variable| {
            let name = variable.get("key").or_else(|| variable.get("id")).and_then(Value::as_str)?;
            Some((name, text_of(variable.get("value")?)))
        });
        let own: HashMap<_, _> = named.collect();
        if !own.is_empty() {
            self.variables = Some(Rc::new(Variables { own, outer: self.variables }));
        }
        self.auth = outer.get("auth").filter(|auth| !auth.is_null()).or(self.auth);
        self
    }
}

/// A value as text.
fn text_of(value: &Value) -> Cow<'_, str> {
    value.as_str().map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed)
}

fn plain(value: &Value) -> String {
    text_of(value).into_owned()
}

struct Reader<'s, 'c> {
    scope: &'s Scope<'c>,
    /// Variables that have no value.
    unknown: &'s mut Vec<String>,
    /// The way of signing in that is left out.
    unsigned: &'s mut Option<String>,
    /// How many bytes of values may be filled in yet, in this file; none once that was not enough.
    left: &'s mut usize,
}

impl Reader<'_, '_> {
    fn message(&mut self, item: &Value) -> Result<Message, Fault> {
        let request = item.get("request").ok_or_else(|| Fault::Form("it has no `request`".to_owned()))?;
        let url = match request {
            Value::String(url) => Some(url.clone()),
            request => request.get("url").and_then(url::text),
        };
        let url = self.filled(&url.ok_or(Fault::NoUrl)?);
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        let mut target = Target::read(&writable(&url))?;
        if target.path.is_empty() {
            target.path.push('/');
        }
        let mut headers = HeaderPairs::new();
        headers.push("Host", target.authority().unwrap_or_default());
        for (name, value) in self.headers(request.get("header")) {
            headers.push(name, value);
        }
        let auth = request.get("auth").filter(|auth| !auth.is_null()).or(self.scope.auth);
        self.sign_in(auth, &mut headers, &mut target);
        let (content_type, body) = match request.get("body").filter(|body| !disabled(body)) {
            Some(body) => self.body(body)?,
            None => (None, String::new()),
        };
        if let Some(content_type) = content_type {
            unless_there(&mut headers, "Content-Type", &content_type);
        }
        if !body.is_empty() {
            unless_there(&mut headers, "Content-Length", &body.len().to_string());
        }
        let method = request.get("method").and_then(Value::as_str).unwrap_or("GET");
        let note = self.scope.folders.join(" / ");
        Ok(Message {
            method: method.to_owned(),
            addressed: target.origin,
            path: target.path,
            query: target.query,
            http_version: Some("HTTP/1.1".to_owned()),
            headers,
            body: Bytes::from(body),
            note: note.chars().take(1000).collect(),
            ..Message::default()
        })
    }

    fn body(&mut self, body: &Value) -> Result<(Option<String>, String), Fault> {
        let at = |name: &str| body.get(name);
        Ok(match body.get("mode").and_then(Value::as_str) {
            Some("raw") => {
                let language = body.pointer("/options/raw/language").and_then(Value::as_str);
                let content_type = match language {
                    Some("json") => Some("application/json"),
                    Some("xml") => Some("application/xml"),
                    Some("html") => Some("text/html"),
                    Some("javascript") => Some("application/javascript"),
                    Some("text") => Some("text/plain"),
                    _ => None,
                };
                let raw = at("raw").and_then(Value::as_str).unwrap_or_default();
                (content_type.map(ToOwned::to_owned), self.filled(raw))
            }
            Some("urlencoded") => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(self.pairs(at("urlencoded")));
                (Some("application/x-www-form-urlencoded".to_owned()), form.finish())
            }
            Some("formdata") => {
                let mut parts = Vec::new();
                for part in at("formdata").and_then(Value::as_array).into_iter().flatten() {
                    if disabled(part) {
                        continue;
                    }
                    let text = |name: &str| part.get(name).map(plain).unwrap_or_default();
                    if text("type") == "file" {
                        return Err(Fault::File(text("src")));
                    }
                    let content_type = part.get("contentType").and_then(Value::as_str).map(ToOwned::to_owned);
                    let (name, content) = (self.filled(&text("key")), self.filled(&text("value")));
                    parts.push(Part { name, content, content_type, file_name: None });
                }
                let (content_type, body) = multipart(&parts);
                (Some(content_type), body)
            }
            Some("graphql") => {
                let text = |name: &str| body.pointer(&format!("/graphql/{name}")).map(plain);
                let query = self.filled(&text("query").unwrap_or_default());
                let variables = self.filled(&text("variables").unwrap_or_default());
                let variables = serde_json::from_str(&variables).unwrap_or(Value::Null);
                let body = serde_json::json!({"query": query, "variables": variables});
                (Some("application/json".to_owned()), body.to_string())
            }
            Some("file") => {
                let file = body.pointer("/file/src").and_then(Value::as_str).unwrap_or("that it names");
                return Err(Fault::File(file.to_owned()));
            }
            Some(other) => return Err(Fault::Form(format!("its body is of the mode `{other}`"))),
            None => (None, String::new()),
        })
    }

    /// What signing in puts into a request, for the ways that need nothing else for it.
    fn sign_in(&mut self, auth: Option<&Value>, headers: &mut HeaderPairs, target: &mut Target) {
        let Some(auth) = auth else { return };
        let kind = auth.get("type").and_then(Value::as_str).unwrap_or_default();
        let mut value = |name: &str| {
            let known = auth.get(kind)?;
            // A list of pairs since version 2.1, an object before.
            let found = known.get(name).or_else(|| {
                let mut pairs = known.as_array()?.iter();
                pairs.find(|pair| pair.get("key").and_then(Value::as_str) == Some(name))?.get("value")
            });
            found.map(plain).map(|text| self.filled(&text))
        };
        match kind {
            "bearer" => {
                let token = value("token").unwrap_or_default();
                unless_there(headers, "Authorization", &format!("Bearer {token}"));
            }
            "basic" => {
                let (user, password) =
                    (value("username").unwrap_or_default(), value("password").unwrap_or_default());
                let both = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
                unless_there(headers, "Authorization", &format!("Basic {both}"));
            }
            "apikey" => {
                let (name, given) = (value("key").unwrap_or_default(), value("value").unwrap_or_default());
                if value("in").as_deref() == Some("query") {
                    let mut pair = form_urlencoded::Serializer::new(String::new());
                    target.add_query(&pair.append_pair(&name, &given).finish());
                } else if !name.is_empty() {
                    unless_there(headers, &name, &given);
                }
            }
            "oauth2" => {
                let prefix = value("headerPrefix").unwrap_or_else(|| "Bearer".to_owned());
                match value("accessToken").filter(|token| !token.is_empty()) {
                    Some(token) if value("addTokenTo").as_deref() == Some("queryParams") => {
                        let mut pair = form_urlencoded::Serializer::new(String::new());
                        target.add_query(&pair.append_pair("access_token", &token).finish());
                    }
                    Some(token) => {
                        let said = format!("{} {token}", prefix.trim());
                        unless_there(headers, "Authorization", said.trim_start());
                    }
                    None => *self.unsigned = Some(kind.to_owned()),
                }
            }
            "noauth" | "" => {}
            other => *self.unsigned = Some(other.chars().take(40).collect()),
        }
    }

    /// Headers: a list of them, or their lines, as older collections have them.
    fn headers(&mut self, given: Option<&Value>) -> Vec<(String, String)> {
        let Some(lines) = given.and_then(Value::as_str) else { return self.pairs(given) };
        let lines = self.filled(lines);
        let pairs = lines.lines().filter_map(|line| line.split_once(':'));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    }

    /// Names and values that are not switched off.
    fn pairs(&mut self, list: Option<&Value>) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for pair in list.and_then(Value::as_array).into_iter().flatten().filter(|pair| !disabled(pair)) {
            let mut text =
                |name: &str| pair.get(name).map(plain).map(|text| self.filled(&text)).unwrap_or_default();
            pairs.push((text("key"), text("value")));
        }
        pairs
    }

    /// Text with the values of variables in their places.
    fn filled(&mut self, text: &str) -> String {
        self.filled_at(text, 0)
    }

    fn filled_at(&mut self, text: &str, depth: usize) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        let scope = self.scope;
        while let Some(begin) = rest.find("{{") {
            let Some(length) = rest[begin + 2..].find("}}") else { break };
            let name = rest[begin + 2..begin + 2 + length].trim();
            filled.push_str(&rest[..begin]);
            match scope.variables.as_ref().and_then(|variables| variables.get(name)) {
                Some(value) if depth < DEEPEST_VARIABLE && value.len() <= LONGEST_VARIABLE => {
                    *self.left = self.left.saturating_sub(value.len() + 1);
                    if *self.left == 0 {
                        return filled;
                    }
                    filled.push_str(&self.filled_at(value, depth + 1));
                }
                _ => {
                    filled.push_str(&rest[begin..begin + 4 + length]);
                    if self.unknown.len() < 20 && !self.unknown.iter().any(|known| known == name) {
                        self.unknown.push(name.chars().take(60).collect());
                    }
                }
            }
            rest = &rest[begin + 4 + length..];
            // A value may name another many times: what comes of it stays bounded.
            if filled.len() > 32 << 20 {
                return filled;
            }
        }
        filled.push_str(rest);
        filled
    }
}

fn disabled(thing: &Value) -> bool {
    thing.get("disabled").and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (&raw.body[..], raw.note.as_str()),
            (&b"{\"a\": \"api.example.com\"}"[..], "Folder / Raw")
        );
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
        let named =
            |message: &crate::Message, name: &str| message.headers.get_str(name).map(ToOwned::to_owned);
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
        let many: Vec<String> =
            (0..20).map(|at| format!(r#"{{"key": "v{at}", "value": "{large}"}}"#)).collect();
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
        assert_eq!(
            (variables.get("a"), variables.get("b"), around.get("b")),
            (Some("1"), Some("3"), Some("2"))
        );
        assert_eq!(variables.own.len(), 1);
        assert!(Rc::ptr_eq(variables.outer.as_ref().unwrap(), &around));
        assert!(matches!(variables.own["b"], Cow::Borrowed(_)));
    }
}
