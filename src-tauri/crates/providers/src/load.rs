//! The one loader: a profile's files in, a checked profile out. Each fault names its file and field.

use crate::error::{FieldError, ProfileError};
use crate::kept::Kept;
use crate::profile::{Envelope, EventType, Headers, Profile};
use crate::recognise::{Condition, Readers};
use crate::slot::Place;
use crate::spec::{EnvelopeSpec, EventSpec, ProfileSpec};
use crate::template::{JsonTemplate, TextTemplate};
use hookbench_model::ProviderId;
use hookbench_signing::{Message, Scheme, SchemeCatalog, sign};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// Files by their path below the folder of profiles.
pub(crate) struct Files<'a> {
    pub(crate) by_path: BTreeMap<String, &'a [u8]>,
    /// Whether they are those that Hookbench comes with, which its tests have read.
    pub(crate) embedded: bool,
}

/// Reads `<id>.toml` and what belongs to it.
pub(crate) fn load(file: &str, files: &Files<'_>) -> Result<Profile, ProfileError> {
    let spec = read_spec(file, files)?;
    if file != format!("{}.toml", spec.id) {
        return Err(FieldError::new("id", "must be the name of the file").in_file(file));
    }
    check_names(&spec.events).map_err(|error| error.in_file(file))?;
    let any_type = |event: &EventSpec| event.event_type == "*";
    let mut events = Vec::with_capacity(spec.events.len());
    let mut any_event = None;
    for (at, event) in spec.events.iter().enumerate() {
        let loaded = load_event(event, &format!("events[{at}]"), &spec, file, files)?;
        if any_type(event) {
            any_event = Some(loaded);
        } else {
            events.push(loaded);
        }
    }
    let profile = assemble(spec, events, any_event).map_err(|error| error.in_file(file))?;
    if !files.embedded {
        prove(&profile).map_err(|error| error.in_file(file))?;
    }
    Ok(profile)
}

fn read_spec(file: &str, files: &Files<'_>) -> Result<ProfileSpec, ProfileError> {
    let fault = |field: &str, problem: String| FieldError::new(field, problem).in_file(file);
    let text = text_of(file, files).map_err(|problem| fault("", problem))?;
    let reader = toml::Deserializer::parse(text).map_err(|error| fault("", error.to_string()))?;
    serde_path_to_error::deserialize(reader)
        .map_err(|error| fault(&error.path().to_string(), error.inner().to_string()))
}

fn text_of<'a>(file: &str, files: &Files<'a>) -> Result<&'a str, String> {
    let bytes = files.by_path.get(file).ok_or_else(|| format!("there is no file {file}"))?;
    std::str::from_utf8(bytes).map_err(|_| format!("{file} is not UTF-8"))
}

fn load_event(
    spec: &EventSpec,
    field: &str,
    profile: &ProfileSpec,
    file: &str,
    files: &Files<'_>,
) -> Result<EventType, ProfileError> {
    let at = |name: &str| format!("{field}.{name}");
    let fault = |name: &str, problem: String| FieldError::new(at(name), problem).in_file(file);
    let stem = file_stem(&spec.event_type);
    let sample_file = match &spec.sample {
        Some(name) => format!("{}/{name}", profile.id),
        None => format!("{}/{stem}.json", profile.id),
    };
    let json = text_of(&sample_file, files).map_err(|problem| fault("sample", problem))?;
    let sample = Kept::of(&sample_file, json, files)?;
    let event_id = spec.event_id.as_deref().map(|text| TextTemplate::parse(text, Place::EventId)).transpose();
    let signs = spec
        .recognise
        .iter()
        .map(|signs| signs.iter().map(|text| Condition::parse(text)).collect())
        .collect::<Result<Vec<Vec<Condition>>, String>>();
    if !is_method(&spec.method) {
        return Err(fault("method", format!("`{}` is not a method webhooks use", spec.method)));
    }
    if spec.wire.as_deref().is_some_and(|wire| !is_event_name(wire)) {
        return Err(fault("wire", EVENT_NAME.to_owned()));
    }
    Ok(EventType {
        event_type: spec.event_type.clone(),
        wire_type: spec.wire.clone(),
        content_type: checked_content_type(spec.content_type.as_deref())
            .map_err(|problem| fault("content_type", problem))?,
        headers: headers_of(&spec.headers, &at("headers")).map_err(|error| error.in_file(file))?,
        schema: load_schema(spec, &stem, &profile.id, files, fault)?,
        name: spec.name.clone(),
        description: spec.description.clone(),
        provenance: spec.provenance,
        method: spec.method.clone(),
        shape: spec.shape.clone(),
        event_id: event_id.map_err(|problem| fault("event_id", problem))?,
        sample,
        signs: signs.map_err(|problem| fault("recognise", problem))?,
    })
}

fn assemble(
    spec: ProfileSpec,
    events: Vec<EventType>,
    any_event: Option<EventType>,
) -> Result<Profile, FieldError> {
    check_plan(&spec)?;
    let scheme = scheme_of(&spec)?;
    let template = |field: &str, text: &str, place| {
        TextTemplate::parse(text, place).map_err(|problem| FieldError::new(field, problem))
    };
    let signature_id = spec
        .signature
        .id
        .as_deref()
        .map(|text| template("signature.id", text, Place::Attempt))
        .transpose()?;
    Ok(Profile {
        headers: headers_of(&spec.headers, "headers")?,
        retry_headers: headers_of(&spec.retry_headers, "retry_headers")?,
        event_id: template("event_id", &spec.event_id, Place::EventId)?,
        readers: Readers::parse(&spec.read)?,
        envelopes: envelopes_of(&spec, &events)?,
        scheme,
        signature_id,
        events,
        any_event,
        id: spec.id,
        name: spec.name,
        description: spec.description,
        notes: spec.notes,
        sources: spec.sources,
        content_type: checked_content_type(Some(&spec.content_type))
            .map_err(|problem| FieldError::new("content_type", problem))?
            .unwrap_or_default(),
        body_suffix: spec.body_suffix,
        dedupe: spec.dedupe,
        timeout_ms: spec.timeout_ms,
        retry: spec.retry.filled(),
        success: spec.success,
        disable: spec.disable,
        gone_disables: spec.gone_disables,
        requires_test: spec.requires_test,
        throttle: spec.throttle,
        handshakes: spec.handshakes,
        limits: spec.limits,
        secret: spec.secret,
    })
}

/// True for the methods that webhooks use.
pub(crate) fn is_method(method: &str) -> bool {
    matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE")
}

/// Shows that the scheme signs and verifies an event of the profile with the secrets that it makes.
pub(crate) fn prove(profile: &Profile) -> Result<(), FieldError> {
    let Some(event) = profile.events.first() else { return Ok(()) };
    let fault = |problem: String| FieldError::new("signature", problem);
    let composed = profile.example(&event.event_type).map_err(|error| fault(error.to_string()))?;
    let secret = profile.generate_secret(&mut StdRng::seed_from_u64(7));
    let url = "https://receiver.example/";
    let message = Message {
        method: &composed.method,
        url,
        headers: &[],
        body: &composed.payload,
        timestamp: 0,
        id: "id",
    };
    sign(&profile.scheme, &[&secret], &message)
        .map(|_| ())
        .map_err(|error| FieldError::new("secret", error.to_string()))
}

/// The file name of an event type: what is neither an ASCII letter or digit nor `.`, `-`, `_` becomes `_`.
fn file_stem(event_type: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    event_type.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect()
}

/// The schema that is named, or the one beside the sample where there is one.
fn load_schema(
    spec: &EventSpec,
    stem: &str,
    profile: &ProviderId,
    files: &Files<'_>,
    not_there: impl Fn(&str, String) -> ProfileError,
) -> Result<Option<Kept<Value>>, ProfileError> {
    let path = match &spec.schema {
        Some(name) => format!("{profile}/{name}"),
        None => format!("{profile}/{stem}.schema.json"),
    };
    if spec.schema.is_none() && !files.by_path.contains_key(&path) {
        return Ok(None);
    }
    let text = text_of(&path, files).map_err(|problem| not_there("schema", problem))?;
    Kept::of(&path, text, files).map(Some)
}

pub(crate) fn headers_of(written: &[(String, String)], field: &str) -> Result<Headers, FieldError> {
    let template = |text: &str| {
        TextTemplate::parse(text, Place::Attempt).map_err(|problem| FieldError::new(field, problem))
    };
    written.iter().map(|(name, text)| Ok((header_name(name, field)?, template(text)?))).collect()
}

fn checked_content_type(written: Option<&str>) -> Result<Option<String>, String> {
    let Some(text) = written else { return Ok(None) };
    let fits = text.contains('/') && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if fits { Ok(Some(text.to_owned())) } else { Err(format!("`{text}` is not a content type")) }
}

pub(crate) const EVENT_NAME: &str = "an event type is printable ASCII without spaces and stars";

pub(crate) fn is_event_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*')
}

fn check_names(events: &[EventSpec]) -> Result<(), FieldError> {
    if events.iter().all(|event| event.event_type == "*") {
        return Err(FieldError::new("events", "a profile has at least one event"));
    }
    let (mut seen, mut stems) = (HashSet::new(), HashSet::new());
    for (at, event) in events.iter().enumerate() {
        let field = format!("events[{at}].type");
        if !is_event_name(&event.event_type) && event.event_type != "*" {
            return Err(FieldError::new(field, EVENT_NAME));
        }
        if !seen.insert(&event.event_type) {
            return Err(FieldError::new(field, format!("`{}` is there twice", event.event_type)));
        }
        if event.sample.is_none() && !stems.insert(file_stem(&event.event_type)) {
            let problem = "has the file name of another event: give it a `sample` and a `schema` of its own";
            return Err(FieldError::new(field, problem));
        }
    }
    Ok(())
}

fn check_plan(spec: &ProfileSpec) -> Result<(), FieldError> {
    spec.retry
        .validate()
        .map_err(|error| FieldError::new(format!("retry.{}", error.field()), error.to_string()))?;
    spec.success
        .validate()
        .map_err(|error| FieldError::new(format!("success.{}", error.field()), error.to_string()))?;
    spec.disable
        .validate()
        .map_err(|error| FieldError::new(format!("disable.{}", error.field()), error.to_string()))?;
    if spec.throttle.is_some_and(|throttle| throttle.after == 0 || throttle.delay_ms == 0) {
        return Err(FieldError::new("throttle", "`after` and `delay_ms` must be more than 0"));
    }
    if spec.timeout_ms == 0 {
        return Err(FieldError::new("timeout_ms", "must be more than 0"));
    }
    if let Some((least, most)) = spec.limits.timeout_ms
        && !(least..=most).contains(&spec.timeout_ms)
    {
        return Err(FieldError::new("timeout_ms", "lies outside limits.timeout_ms"));
    }
    if let Some((least, most)) = spec.limits.retries
        && !(least..=most).contains(&(spec.retry.clone().filled().max_attempts() - 1))
    {
        return Err(FieldError::new("retry.delays_ms", "has a length outside limits.retries"));
    }
    Ok(())
}

/// The scheme, as far as the ids and secrets of this profile fit it.
fn scheme_of(spec: &ProfileSpec) -> Result<Scheme, FieldError> {
    let id = &spec.signature.scheme;
    let scheme = SchemeCatalog::builtin()
        .get(id)
        .ok_or_else(|| FieldError::new("signature.scheme", format!("there is no scheme `{id}`")))?;
    if scheme.id_header().is_some() != spec.signature.id.is_some() {
        let problem = "is needed where the scheme has an id header, and only there";
        return Err(FieldError::new("signature.id", problem));
    }
    if spec.secret.as_ref().is_some_and(|recipe| recipe.bytes == 0) {
        return Err(FieldError::new("secret.bytes", "must be more than 0"));
    }
    Ok(scheme.clone())
}

/// The envelopes, the usual one first.
fn envelopes_of(spec: &ProfileSpec, events: &[EventType]) -> Result<Vec<Envelope>, FieldError> {
    let mut envelopes = spec
        .envelopes
        .iter()
        .enumerate()
        .map(|(at, envelope)| envelope_of(envelope, &format!("envelopes[{at}]")))
        .collect::<Result<Vec<_>, _>>()?;
    let usual = match &spec.envelope {
        None if envelopes.len() == 1 => 0,
        None => return Err(FieldError::new("envelope", "say which of the envelopes is the usual one")),
        Some(id) => envelopes
            .iter()
            .position(|envelope| envelope.id == *id)
            .ok_or_else(|| FieldError::new("envelope", format!("there is no envelope `{id}`")))?,
    };
    for shape in events.iter().filter_map(|event| event.shape.as_deref()) {
        if !envelopes.iter().all(|envelope| envelope.shapes.contains_key(shape)) {
            return Err(FieldError::new("envelopes", format!("not every envelope has the shape `{shape}`")));
        }
    }
    envelopes[..=usual].rotate_right(1);
    Ok(envelopes)
}

fn envelope_of(spec: &EnvelopeSpec, field: &str) -> Result<Envelope, FieldError> {
    let template = |name: String, json: &str| {
        JsonTemplate::parse(json, Place::Envelope)
            .map_err(|error| FieldError::new(format!("{name}{}", error.field), error.problem))
    };
    let shapes = spec
        .shapes
        .iter()
        .map(|(shape, json)| Ok((shape.clone(), template(format!("{field}.shapes.{shape}"), json)?)))
        .collect::<Result<_, FieldError>>()?;
    Ok(Envelope {
        id: spec.id.clone(),
        name: spec.name.clone(),
        template: template(format!("{field}.template"), &spec.template)?,
        shapes,
    })
}

fn header_name(name: &str, field: &str) -> Result<String, FieldError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(token) {
        return Err(FieldError::new(field, format!("`{name}` is not a header name")));
    }
    Ok(name.to_owned())
}
