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
mod tests;
