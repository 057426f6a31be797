//! Samples made up from a schema.

use super::check::Checker;
use super::{escaped, pattern, template};
use crate::filler::Filler;
use crate::made_up::run::Alphabet;
use crate::slot::as_text;
use hookbench_model::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use serde_json::{Map, Number, Value};

/// The most values in one sample.
const MOST_VALUES: usize = 2_000;
/// The deepest nesting of a sample.
const DEEPEST: usize = 12;
/// How deep fields are made that need not be there.
const DEEPEST_OPTIONAL: usize = 5;
/// How many items a list gets that says nothing of it.
const ITEMS: u64 = 1;
const MOST_ITEMS: u64 = 20;
/// What is said of a schema whose values would be too many, or too deep in one another.
const TOO_LARGE: &str = "what it asks for is too large to be made up";
/// At how many seeds and times a sample has to be what its schema says.
const TRIALS: u64 = 4;

/// How much is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Placeholders, and fields that may be there.
    Lively,
    /// Fixed values, and fields that may be there.
    Fixed,
    /// Fixed values, and only what must be there.
    Bare,
}

/// A sample that the schema accepts, with placeholders where it can have them. The error is a sentence.
pub(super) fn sample(schema: &Value, checker: &Checker, seed: u64) -> Result<Value, String> {
    let mut problem = String::new();
    for manner in [Manner::Lively, Manner::Fixed, Manner::Bare] {
        for attempt in 0..TRIALS {
            let mut rng = StdRng::seed_from_u64(seed.wrapping_add(attempt));
            let mut maker =
                Maker { root: schema, rng: &mut rng, manner, left: MOST_VALUES, refs: Vec::new() };
            let made = match maker.value(schema, "", 0) {
                Ok(made) => made,
                Err(Stuck(why)) => {
                    why.clone_into(&mut problem);
                    continue;
                }
            };
            match fault(&made, checker) {
                None => return Ok(made),
                Some(fault) => problem = fault,
            }
        }
    }
    Err(format!("no sample could be made that fits the schema, so it needs an example: {problem}"))
}

/// What is wrong with what the sample becomes at some seed and time.
fn fault(sample: &Value, checker: &Checker) -> Option<String> {
    let Some(template) = template(sample) else { return Some("its text cannot be a sample".to_owned()) };
    (0..TRIALS).find_map(|seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let now = Timestamp::from_unix_ms(1_705_488_600_042 + i64::try_from(seed).unwrap_or(0) * 86_399_983);
        let mut filler = Filler::new(&mut rng, now, "event", "event", "id_0123456789");
        checker.fault(&template.fill(&mut filler))
    })
}

/// Why there is no value; a sentence.
struct Stuck(&'static str);

struct Maker<'a> {
    root: &'a Value,
    rng: &'a mut dyn RngCore,
    manner: Manner,
    left: usize,
    /// The references that led here.
    refs: Vec<String>,
}

impl Maker<'_> {
    fn value(&mut self, schema: &Value, name: &str, depth: usize) -> Result<Value, Stuck> {
        self.left = self.left.checked_sub(1).ok_or(Stuck(TOO_LARGE))?;
        if depth > DEEPEST {
            return Err(self.too_deep());
        }
        let before = self.refs.len();
        let merged = self.merged(schema, 0)?;
        let made = self.of_merged(&merged, name, depth);
        self.refs.truncate(before);
        made
    }

    /// Why nothing is made so deep: only what leads back to itself has no end.
    fn too_deep(&self) -> Stuck {
        let leads_back = self.refs.iter().enumerate().any(|(at, to)| self.refs[..at].contains(to));
        Stuck(if leads_back { "it asks for itself within itself, without an end" } else { TOO_LARGE })
    }

    /// One schema with what it refers to and what all of its parts say; of choices the first that fits.
    fn merged(&mut self, schema: &Value, depth: usize) -> Result<Map<String, Value>, Stuck> {
        let Value::Object(fields) = schema else {
            let nothing = *schema == Value::Bool(false);
            return if nothing { Err(Stuck("it allows nothing in a place")) } else { Ok(Map::new()) };
        };
        self.left = self.left.checked_sub(1).ok_or(Stuck(TOO_LARGE))?;
        if depth > DEEPEST {
            return Err(self.too_deep());
        }
        let mut whole = Map::new();
        if let Some(Value::String(reference)) = fields.get("$ref") {
            let root = self.root;
            let target = root.pointer(reference.strip_prefix('#').unwrap_or_default());
            self.refs.push(reference.clone());
            whole = self.merged(target.unwrap_or(&Value::Null), depth + 1)?;
        }
        for part in fields.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let part = self.merged(part, depth + 1)?;
            merge(&mut whole, part);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(choices) = fields.get(key).and_then(Value::as_array) {
                let choice = self.choice(choices, depth)?;
                merge(&mut whole, choice);
            }
        }
        let kept = |key: &str| !matches!(key, "$ref" | "allOf" | "oneOf" | "anyOf" | "$defs" | "$schema");
        let own: Map<_, _> =
            fields.iter().filter(|(key, _)| kept(key)).map(|(k, v)| (k.clone(), v.clone())).collect();
        merge(&mut whole, own);
        Ok(whole)
    }

    /// One of several schemas: no null where something else can be had, and none that leads back.
    fn choice(&mut self, choices: &[Value], depth: usize) -> Result<Map<String, Value>, Stuck> {
        let is_null = |schema: &&Value| schema["type"] == "null" || schema.get("const") == Some(&Value::Null);
        let leads_back = |schema: &Value| {
            schema["$ref"].as_str().is_some_and(|to| self.refs.iter().any(|known| known == to))
        };
        let mut order: Vec<&Value> =
            choices.iter().filter(|schema| !is_null(schema) && !leads_back(schema)).collect();
        if order.len() > 1 {
            let first = self.rng.random_range(0..order.len());
            order.rotate_left(first);
        }
        order.extend(choices.iter().filter(|schema| is_null(schema)));
        order.extend(choices.iter().filter(|schema| leads_back(schema)));
        let mut why = Stuck("it has a choice of nothing");
        for schema in order {
            let before = self.refs.len();
            match self.merged(schema, depth + 1) {
                Ok(merged) => return Ok(merged),
                Err(stuck) => why = stuck,
            }
            self.refs.truncate(before);
        }
        Err(why)
    }

    fn of_merged(&mut self, schema: &Map<String, Value>, name: &str, depth: usize) -> Result<Value, Stuck> {
        if let Some(value) = schema.get("const") {
            return Ok(escaped(value.clone()));
        }
        if let Some(choices) =
            schema.get("enum").and_then(Value::as_array).filter(|choices| !choices.is_empty())
        {
            return Ok(self.one_of(choices));
        }
        let printed = schema.get("examples").and_then(Value::as_array).and_then(|all| all.first());
        let printed = printed.or_else(|| schema.get("example")).or_else(|| schema.get("default"));
        let lively = self.manner == Manner::Lively;
        if let Some(value) =
            printed.filter(|value| !lively || (is_plain(value) && !value.is_null() && !varies(name, schema)))
        {
            return Ok(escaped(value.clone()));
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "string" => Ok(self.string(schema, name)),
            "integer" => Ok(self.number(schema, true)),
            "number" => Ok(self.number(schema, false)),
            "boolean" if lively => Ok("{bool}".into()),
            "boolean" => Ok(true.into()),
            _ => Ok(Value::Null),
        }
    }

    /// One of the values of an `enum`: texts as a placeholder.
    fn one_of(&mut self, choices: &[Value]) -> Value {
        let simple = |text: &str| !text.is_empty() && !text.contains(['|', '{', '}', '#']);
        let texts: Vec<&str> = choices.iter().filter_map(Value::as_str).filter(|text| simple(text)).collect();
        if self.manner == Manner::Lively && texts.len() == choices.len() && texts.len() > 1 {
            return format!("{{pick:{}}}", texts.join("|")).into();
        }
        escaped(choices[self.rng.random_range(0..choices.len())].clone())
    }

    fn object(&mut self, schema: &Map<String, Value>, depth: usize) -> Result<Value, Stuck> {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let required: Vec<&str> = texts(schema.get("required"));
        let mut made = Map::new();
        for (key, inner) in properties {
            let needed = required.contains(&key.as_str());
            if !needed && !self.may_be_there(inner, depth) {
                continue;
            }
            let before = self.left;
            match self.value(inner, key, depth + 1) {
                Ok(value) => drop(made.insert(key.clone(), value)),
                Err(stuck) if needed => return Err(stuck),
                // What need not be there and leads nowhere is left out; what it cost is not given back twice.
                Err(_) => self.left = self.left.max(before / 2),
            }
        }
        let further = schema.get("additionalProperties");
        for key in required.into_iter().filter(|key| !properties.contains_key(*key)) {
            let value = self.value(further.unwrap_or(&Value::Bool(true)), key, depth + 1)?;
            made.insert(key.to_owned(), value);
        }
        let least = count(schema, "minProperties").unwrap_or(0).min(MOST_ITEMS);
        let mut number = 1;
        while (made.len() as u64) < least {
            let value = self.value(further.unwrap_or(&Value::Bool(true)), "", depth + 1)?;
            made.insert(format!("key{number}"), value);
            number += 1;
        }
        Ok(Value::Object(made))
    }

    fn may_be_there(&self, schema: &Value, depth: usize) -> bool {
        let leads_back =
            schema["$ref"].as_str().is_some_and(|target| self.refs.iter().any(|known| known == target));
        self.manner != Manner::Bare && depth < DEEPEST_OPTIONAL && !leads_back && schema["deprecated"] != true
    }

    fn array(&mut self, schema: &Map<String, Value>, name: &str, depth: usize) -> Result<Value, Stuck> {
        let placed =
            schema.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let least = count(schema, "minItems").unwrap_or(0);
        let most = count(schema, "maxItems").unwrap_or(MOST_ITEMS);
        let wanted =
            if self.manner == Manner::Bare || depth >= DEEPEST_OPTIONAL { least } else { least.max(ITEMS) };
        let wanted =
            wanted.max((placed.len() as u64).min(most)).min(most).min(MOST_ITEMS.max(least).min(200));
        let items = schema.get("items").or_else(|| schema.get("contains"));
        let mut made = Vec::new();
        while (made.len() as u64) < wanted {
            let inner = placed.get(made.len()).or(items).unwrap_or(&Value::Bool(true));
            match self.value(inner, name.strip_suffix('s').unwrap_or(name), depth + 1) {
                Ok(value) => made.push(value),
                Err(stuck) if (made.len() as u64) < least => return Err(stuck),
                Err(_) => break,
            }
        }
        Ok(Value::Array(made))
    }

    fn string(&mut self, schema: &Map<String, Value>, name: &str) -> Value {
        let (least, most) = (count(schema, "minLength").unwrap_or(0), count(schema, "maxLength"));
        if let Some(made) =
            schema.get("pattern").and_then(Value::as_str).and_then(|text| pattern::matching(text, self.rng))
        {
            return super::escaped_text(&made).into();
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        let slot = of_format(format).or_else(|| of_name(name)).unwrap_or("{word}");
        let bounded = least > 1 || most.is_some_and(|most| most < 60);
        if bounded && of_format(format).is_none() {
            let length = least.max(12.min(most.unwrap_or(12))).min(most.unwrap_or(u64::MAX)).min(500);
            let length = usize::try_from(length).unwrap_or(12);
            if self.manner == Manner::Lively && (1..=64).contains(&length) {
                return format!("{{alnum:{length}}}").into();
            }
            return Alphabet::Alnum.run(length, self.rng).into();
        }
        if self.manner == Manner::Lively { slot.into() } else { self.now(slot) }
    }

    /// What a placeholder is at this moment.
    fn now(&mut self, slot: &str) -> Value {
        let at = Timestamp::from_unix_ms(1_705_488_600_042);
        let mut filler = Filler::new(self.rng, at, "event", "event", "id_0123456789");
        let filled = template(&slot.into()).map(|slot| as_text(&slot.fill(&mut filler)));
        filled.unwrap_or_default().into()
    }

    fn number(&mut self, schema: &Map<String, Value>, whole: bool) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let step = bound("multipleOf").filter(|step| *step > 0.0 && step.is_finite());
        let least = step.unwrap_or(if whole { 1.0 } else { 0.01 });
        let low = bound("minimum")
            .into_iter()
            .chain(bound("exclusiveMinimum").map(|low| low + least))
            .reduce(f64::max);
        let high = bound("maximum")
            .into_iter()
            .chain(bound("exclusiveMaximum").map(|high| high - least))
            .reduce(f64::min);
        let (low, high) = match (low, high) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low + 998.0),
            (None, Some(high)) => (high - 998.0, high),
            (None, None) => (1.0, 999.0),
        };
        let (low, high) = (low.max(-9e15), high.min(9e15));
        let rounded = step.map_or_else(|| low.ceil(), |step| (low / step).ceil() * step);
        let plain = (low.ceil() <= high.floor()).then_some((low.ceil(), high.floor()));
        if self.manner == Manner::Lively
            && step.is_none()
            && let Some((low, high)) = plain
        {
            return format!("{{int:{low:.0}..{high:.0}}}").into();
        }
        let value = if rounded <= high { rounded } else { low };
        exact(value)
    }
}

/// A number without a point where it has none.
fn exact(value: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded by ±9e15, where every whole number is exact"
    )]
    let whole = value as i64;
    if value.fract() == 0.0 {
        whole.into()
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// Puts what a schema says beside what is known: fields and demands add up, the rest is the later one's.
fn merge(whole: &mut Map<String, Value>, part: Map<String, Value>) {
    for (key, value) in part {
        match (key.as_str(), whole.get_mut(&key), value) {
            ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                for (name, schema) in more {
                    let both = known.remove(&name).map(|first| serde_json::json!({"allOf": [first, schema]}));
                    known.insert(name, both.unwrap_or(schema));
                }
            }
            ("required", Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
            (_, _, value) => drop(whole.insert(key, value)),
        }
    }
}

/// The type that is made: the first that is not null, or what the keywords speak of.
fn kind(schema: &Map<String, Value>) -> &str {
    let named = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            let first = kinds.clone().next();
            kinds.find(|kind| *kind != "null").or(first)
        }
        _ => None,
    };
    let has = |keys: &[&str]| keys.iter().any(|key| schema.contains_key(*key));
    named.unwrap_or(match () {
        () if has(&["properties", "required", "additionalProperties", "minProperties"]) => "object",
        () if has(&["items", "prefixItems", "minItems", "contains"]) => "array",
        () if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]) => "number",
        () => "string",
    })
}

fn of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "{rfc3339}",
        "date" => "{date}",
        "time" => "{time:%H:%M:%SZ}",
        "duration" => "PT{int:1..59}M",
        "uuid" => "{uuid}",
        "email" | "idn-email" => "{email}",
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => "https://example.com/{word}/{alnum:8}",
        "hostname" | "idn-hostname" => "{domain}",
        "ipv4" => "{ipv4}",
        "ipv6" => "{ipv6}",
        "byte" => "{base64:16}",
        "json-pointer" => "/{word}",
        _ => return None,
    })
}

/// What a field of that name usually holds.
fn of_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    Some(match lower.as_str() {
        "id" | "uid" | "guid" => "{alnum:16}",
        "name" | "full_name" | "fullname" | "display_name" | "author" => "{name}",
        "first_name" | "firstname" | "given_name" => "{first_name}",
        "last_name" | "lastname" | "family_name" | "surname" => "{last_name}",
        "username" | "login" | "slug" | "handle" => "{username}",
        "company" | "organization" | "organisation" => "{company}",
        "currency" => "{currency}",
        "city" => "{city}",
        "country" => "{country_code}",
        "postcode" | "postal_code" | "zip" => "{postcode}",
        "state" | "region" => "{region}",
        "street" | "address" | "line1" => "{street}",
        "ip" | "ip_address" => "{ipv4}",
        "user_agent" | "useragent" => "{user_agent}",
        "message" | "text" | "body" | "comment" | "description" | "subject" | "title" => "{sentence}",
        "product" | "item" => "{product}",
        "amount" | "price" | "total" => "{money:5..500}",
        _ if ends(&["email"]) => "{email}",
        _ if ends(&["phone", "phone_number", "msisdn"]) => "{phone}",
        _ if ends(&["_id", "key", "token", "reference"]) || name.ends_with("Id") => "{alnum:16}",
        _ if ends(&["_at", "timestamp", "_date", "_time"]) || name.ends_with("At") => "{rfc3339}",
        _ if ends(&["url", "uri", "href", "link"]) => "https://example.com/{word}/{alnum:8}",
        _ => return None,
    })
}

/// True for fields whose value is another in every event, whatever is printed.
fn varies(name: &str, schema: &Map<String, Value>) -> bool {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    matches!(format, "date-time" | "uuid") && !schema.contains_key("pattern")
        || matches!(name, "id") && kind(schema) == "string" && !schema.contains_key("pattern")
}

fn is_plain(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A count that a keyword asks for; one that is no whole number from 0 is no count.
fn count(schema: &Map<String, Value>, key: &str) -> Option<u64> {
    schema.get(key)?.as_u64()
}
