//! The `webhooks` of an OpenAPI 3.1 document.

use super::{Described, Fault, Faults, closure, event_name, first_paragraph, header};
use crate::compose::is_form;
use serde_json::{Map, Value};

/// The methods that carry a body.
const METHODS: [&str; 4] = ["post", "put", "patch", "delete"];

/// How many references may lead to one another.
const LONGEST_CHAIN: usize = 16;

/// The events of those webhooks of which nothing is wrong.
pub(super) fn events(document: &Value, faults: &mut Faults) -> Vec<Described> {
    let mut events = Vec::new();
    for (name, item) in faults.take(webhooks(document)).into_iter().flatten() {
        if faults.is_full() {
            break;
        }
        for operation in faults.take(operations(document, name, item)).into_iter().flatten() {
            events.extend(faults.take(operation.event()));
        }
    }
    events
}

fn webhooks(document: &Value) -> Result<&Map<String, Value>, Fault> {
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !(version.starts_with("3.1") || version.starts_with("3.2")) {
        return Err(Fault::new("/openapi", "webhooks are part of OpenAPI from version 3.1 on"));
    }
    let webhooks = document.get("webhooks").and_then(Value::as_object);
    webhooks.ok_or_else(|| Fault::new("/webhooks", "is missing: it holds the events"))
}

/// The operations of one webhook: at least one.
fn operations<'a>(document: &'a Value, name: &str, item: &'a Value) -> Result<Vec<Operation<'a>>, Fault> {
    let (item, place) = resolve(document, item, &format!("/webhooks/{}", escape(name)))?;
    let methods: Vec<_> = METHODS.into_iter().filter(|method| item.get(*method).is_some()).collect();
    if methods.is_empty() {
        return Err(Fault::new(place, "has no operation with a body: `post`, `put`, `patch` or `delete`"));
    }
    let alone = methods.len() == 1;
    let operation = |method: &'static str| {
        let event_type = event_name(name);
        let event_type = if alone { event_type } else { format!("{event_type}.{method}") };
        Operation {
            document,
            item,
            of: &item[method],
            place: format!("{place}/{method}"),
            event_type,
            method,
        }
    };
    Ok(methods.into_iter().map(operation).collect())
}

/// What is said of a body.
#[derive(Default)]
struct Body {
    content_type: Option<String>,
    /// Complete in itself.
    schema: Option<Value>,
    examples: Vec<Value>,
}

/// What is said of the headers.
#[derive(Default)]
struct Headers {
    /// Names and templates of those whose value is known.
    pairs: Vec<(String, String)>,
    /// Signs among them.
    signs: Vec<String>,
}

/// One operation of a webhook.
struct Operation<'a> {
    document: &'a Value,
    item: &'a Value,
    of: &'a Value,
    place: String,
    event_type: String,
    method: &'static str,
}

impl<'a> Operation<'a> {
    fn event(&self) -> Result<Described, Faults> {
        let event_type = self.event_type.clone();
        if event_type.is_empty() {
            return Err(Fault::new(self.place.clone(), "has no name").into());
        }
        let text = |key: &str, longest| {
            let text = self.of.get(key).or_else(|| self.item.get(key))?.as_str()?;
            Some(first_paragraph(text, longest)).filter(|text| !text.is_empty())
        };
        let mut faults = Faults::default();
        let (body, headers) = (faults.take(self.body()), faults.take(self.headers()));
        let (Some(body), Some(headers)) = (body, headers) else { return Err(faults) };
        let Body { content_type, schema, examples } = body;
        let Headers { pairs: headers, signs: header_signs } = headers;
        Ok(Described {
            place: self.place.clone(),
            name: text("summary", 100).unwrap_or_else(|| event_type.clone()),
            description: text("description", 500).or_else(|| text("summary", 500)).unwrap_or_default(),
            event_type,
            method: self.method.to_uppercase(),
            content_type,
            headers,
            header_signs,
            schema,
            examples,
        })
    }

    /// Content type, schema and examples of the body.
    fn body(&self) -> Result<Body, Faults> {
        let Some(body) = self.of.get("requestBody") else { return Ok(Body::default()) };
        let (body, place) = resolve(self.document, body, &format!("{}/requestBody", self.place))?;
        let Some(content) = body.get("content").and_then(Value::as_object) else {
            return Ok(Body::default());
        };
        let Some((name, media)) =
            content.iter().max_by_key(|(name, _)| rank(name)).filter(|(name, _)| rank(name) > 0)
        else {
            let problem = "only JSON and forms can be composed, and neither is among the content types";
            return Err(Fault::new(format!("{place}/content"), problem).into());
        };
        let place = format!("{place}/content/{}", escape(name));
        let mut examples = Vec::new();
        examples.extend(media.get("example").cloned());
        for example in
            media.get("examples").and_then(Value::as_object).into_iter().flat_map(|all| all.values())
        {
            let (example, _) = resolve(self.document, example, &format!("{place}/examples"))?;
            examples.extend(example.get("value").cloned());
        }
        let content_type = Some(name.clone());
        let Some(schema) = media.get("schema") else {
            return Ok(Body { content_type, schema: None, examples });
        };
        let place = format!("{place}/schema");
        if let Ok((resolved, _)) = resolve(self.document, schema, &place) {
            examples
                .extend(resolved.get("examples").and_then(Value::as_array).into_iter().flatten().cloned());
            examples.extend(resolved.get("example").cloned());
        }
        let closed = closure::close(self.document, schema, &place)?;
        Ok(Body { content_type, schema: Some(closed), examples })
    }

    /// The headers that its parameters describe as far as their values are known, and the signs among them.
    fn headers(&self) -> Result<Headers, Fault> {
        let mut headers = Headers::default();
        let of = |owner: &'a Value| owner.get("parameters").and_then(Value::as_array).into_iter().flatten();
        for (at, parameter) in of(self.item).chain(of(self.of)).enumerate() {
            let (parameter, _) =
                resolve(self.document, parameter, &format!("{}/parameters/{at}", self.place))?;
            let schema = match parameter.get("schema") {
                Some(schema) => resolve(self.document, schema, &self.place)?.0,
                None => &Value::Null,
            };
            if let Some(described) = header::describe(parameter, schema) {
                headers.pairs.retain(|(name, _)| !name.eq_ignore_ascii_case(&described.name));
                headers.signs.extend(described.sign);
                headers.pairs.push((described.name, described.template));
            }
        }
        Ok(headers)
    }
}

/// How well a content type suits: the more the better, 0 for not at all.
fn rank(content_type: &str) -> u8 {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => 3,
        other if other.ends_with("+json") => 2,
        other if is_form(other) => 1,
        _ => 0,
    }
}

/// Follows `$ref` of something that is no schema.
pub(super) fn resolve<'a>(
    document: &'a Value,
    mut value: &'a Value,
    place: &str,
) -> Result<(&'a Value, String), Fault> {
    let mut place = place.to_owned();
    for _ in 0..LONGEST_CHAIN {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok((value, place)) };
        (value, place) = closure::target(document, reference, &place)?;
    }
    Err(Fault::new(place, "the reference leads to no end"))
}

/// A key as a part of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
