//! Reading from a received request which event it is.

use crate::error::FieldError;
use crate::profile::{EventType, Profile};
use crate::spec::ReadSpec;
use hookbench_model::HeaderPairs;
use hookbench_signing::template::{Token, tokens};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// Bodies above this size are not parsed: types and ids stand in small documents, and the request waits.
pub(crate) const LARGEST_PARSED: usize = 1 << 20;

/// Longest type or id that is believed.
const LONGEST: usize = 200;

/// A request as far as recognising needs it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// The query without its question mark.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderPairs,
    /// The exact body.
    pub body: &'a [u8],
}

/// What a request says about its event, as far as it says anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenEvent {
    /// The event's type.
    pub event_type: Option<String>,
    /// The provider's id of the event: what receivers drop repeats by.
    pub provider_event_id: Option<String>,
}

/// The readers of a profile: for type and id each a list of texts with sources, tried in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readers {
    event_type: Vec<Reader>,
    event_id: Vec<Reader>,
}

/// A text put together from sources; it has a value where all its sources do.
#[derive(Clone, Debug)]
struct Reader(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    Source(Source),
}

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Method,
    Header(String),
    Query(String),
    /// A JSON pointer into the body.
    Body(String),
    /// A field of a form, and where that holds JSON, a pointer into it.
    Form(String, Option<String>),
}

/// A sign by which an event is known: a place that is filled, or filled with a certain text.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    source: Source,
    wanted: Option<String>,
}

/// A place that holds an event's id and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdPlace<'p> {
    /// A header.
    Header(&'p str),
    /// A JSON pointer into the body.
    Body(&'p str),
}

/// A request whose body is parsed when first asked for.
struct Request<'a> {
    seen: &'a Seen<'a>,
    body: OnceCell<Option<Value>>,
}

impl Profile {
    /// Which event a received request of this provider is, as far as it says so.
    pub fn event_of(&self, seen: &Seen<'_>) -> SeenEvent {
        let request = Request { seen, body: OnceCell::new() };
        let readers = self.readers();
        SeenEvent {
            event_type: self.type_of(&request),
            provider_event_id: first(&readers.event_id, &request),
        }
    }

    /// The places that its id stands in by itself, where it does.
    pub(crate) fn id_places(&self, seen: &Seen<'_>) -> Vec<IdPlace<'_>> {
        let request = Request { seen, body: OnceCell::new() };
        let readers = &self.readers().event_id;
        let Some(id) = first(readers, &request) else { return Vec::new() };
        let holds = readers.iter().filter(|reader| reader.read(&request).as_ref() == Some(&id));
        holds.filter_map(Reader::place).collect()
    }

    /// A variant of the type that the request names, where it bears that one's signs; else a listed type that
    /// it names, else one whose signs it bears, else one that the provider writes as the request does and no
    /// other is written so, else whatever it names.
    fn type_of(&self, request: &Request<'_>) -> Option<String> {
        let named: Vec<String> =
            self.readers().event_type.iter().filter_map(|reader| reader.read(request)).collect();
        let variant = named.iter().find_map(|name| {
            self.known_by_its_signs(request, |event| event.wire_type() == name && event.event_type() != name)
        });
        variant
            .or_else(|| named.iter().find(|name| self.event(name).is_some()).cloned())
            .or_else(|| self.known_by_its_signs(request, |_| true))
            .or_else(|| named.iter().find_map(|name| self.only_one_written(name)))
            .or_else(|| named.into_iter().next())
    }

    fn only_one_written(&self, wire_type: &str) -> Option<String> {
        let mut written = self.events().filter(|event| event.wire_type() == wire_type);
        match (written.next(), written.next()) {
            (Some(only), None) => Some(only.event_type().to_owned()),
            _ => None,
        }
    }

    fn known_by_its_signs(
        &self,
        request: &Request<'_>,
        eligible: impl Fn(&EventType) -> bool,
    ) -> Option<String> {
        let holds = |condition: &Condition| condition.holds(request);
        self.events()
            .filter(|event| eligible(event))
            .find(|event| event.signs().iter().any(|signs| signs.iter().all(holds)))
            .map(|event| event.event_type().to_owned())
    }
}

fn first(readers: &[Reader], request: &Request<'_>) -> Option<String> {
    readers.iter().find_map(|reader| reader.read(request))
}

impl Readers {
    pub(crate) fn parse(spec: &ReadSpec) -> Result<Self, FieldError> {
        let list = |field: &str, written: &[String]| {
            written
                .iter()
                .enumerate()
                .map(|(at, text)| {
                    Reader::parse(text)
                        .map_err(|problem| FieldError::new(format!("read.{field}[{at}]"), problem))
                })
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            event_type: list("event_type", &spec.event_type)?,
            event_id: list("event_id", &spec.event_id)?,
        })
    }
}

impl Readers {
    /// Tries a header for the event's id before anything else.
    pub(crate) fn read_id_from_header(&mut self, name: &str) {
        self.event_id.insert(0, Reader(vec![Piece::Source(Source::Header(name.to_owned()))]));
    }
}

impl Reader {
    fn parse(text: &str) -> Result<Self, String> {
        let pieces = tokens(text)
            .map_err(|error| error.to_string())?
            .into_iter()
            .map(|token| match token {
                Token::Literal(text) => Ok(Piece::Literal(text.to_owned())),
                Token::Placeholder(text) => Source::parse(text).map(Piece::Source),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if pieces.iter().any(|piece| matches!(piece, Piece::Source(_))) {
            Ok(Self(pieces))
        } else {
            Err("reads nothing from the request".to_owned())
        }
    }

    fn place(&self) -> Option<IdPlace<'_>> {
        match self.0.as_slice() {
            [Piece::Source(Source::Header(name))] => Some(IdPlace::Header(name)),
            [Piece::Source(Source::Body(pointer))] => Some(IdPlace::Body(pointer)),
            _ => None,
        }
    }

    fn read(&self, request: &Request<'_>) -> Option<String> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Source(source) => text.push_str(&source.read(request)?),
            }
        }
        let believable = text.len() <= LONGEST && !text.chars().any(char::is_control);
        believable.then_some(text)
    }
}

impl Source {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("header", name)) => Ok(Self::Header(name.to_owned())),
            Some(("query", name)) => Ok(Self::Query(name.to_owned())),
            Some(("body", pointer)) if pointer.starts_with('/') => Ok(Self::Body(pointer.to_owned())),
            Some(("form", field)) => Ok(match field.split_once(":/") {
                Some((field, rest)) => Self::Form(field.to_owned(), Some(format!("/{rest}"))),
                None => Self::Form(field.to_owned(), None),
            }),
            None if text == "method" => Ok(Self::Method),
            _ => Err(format!(
                "`{text}` is none of method, header:Name, query:name, body:/pointer, form:name, form:name:/pointer"
            )),
        }
    }

    /// The text in that place; nothing where there is none, or it is empty or a document.
    fn read<'a>(&self, request: &'a Request<'_>) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::Method => Cow::Borrowed(request.seen.method),
            Self::Header(name) => Cow::Borrowed(request.seen.headers.get_str(name)?),
            Self::Query(name) => request.query(name)?,
            Self::Body(pointer) => plain_text(request.body()?.pointer(pointer)?)?,
            Self::Form(name, None) => request.form(name)?,
            Self::Form(name, Some(pointer)) => {
                let document: Value = serde_json::from_str(&request.form(name)?).ok()?;
                Cow::Owned(plain_text(document.pointer(pointer)?)?.into_owned())
            }
        };
        (!text.is_empty()).then_some(text)
    }
}

/// A value that is no document, as a text.
pub(crate) fn plain_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(holds) => Some(Cow::Borrowed(if *holds { "true" } else { "false" })),
        _ => None,
    }
}

impl Condition {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (source, wanted) = match text.split_once('=') {
            Some((source, wanted)) => (source, Some(wanted.to_owned())),
            None => (text, None),
        };
        Ok(Self { source: Source::parse(source)?, wanted })
    }

    fn holds(&self, request: &Request<'_>) -> bool {
        match (self.source.read(request), &self.wanted) {
            (Some(found), Some(wanted)) => found == wanted.as_str(),
            (found, None) => found.is_some(),
            (None, Some(_)) => false,
        }
    }
}

impl<'a> Request<'a> {
    fn body(&self) -> Option<&Value> {
        self.body.get_or_init(|| self.parsed()).as_ref()
    }

    fn parsed(&self) -> Option<Value> {
        let body = self.seen.body;
        (body.len() <= LARGEST_PARSED).then(|| serde_json::from_slice(body).ok()).flatten()
    }

    fn form(&self, name: &str) -> Option<Cow<'a, str>> {
        let body = self.seen.body;
        let small = body.len() <= LARGEST_PARSED;
        small.then(|| url::form_urlencoded::parse(body).find(|(key, _)| key == name))?.map(|(_, value)| value)
    }

    fn query(&self, name: &str) -> Option<Cow<'a, str>> {
        let pairs = url::form_urlencoded::parse(self.seen.query?.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}
