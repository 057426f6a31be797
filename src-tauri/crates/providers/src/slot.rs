//! The placeholders of profiles: what may stand between braces, where, and what it becomes.

use crate::person::{Person, phone, pick};
use chrono::SecondsFormat;
use chrono::format::{Item, StrftimeItems};
use hookbench_model::{EndpointId, Timestamp};
use rand::{Rng, RngCore};
use serde_json::Value;
use std::collections::HashMap;
use uuid::{Builder, Uuid};

const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Longest random run a template may ask for.
const LONGEST_RUN: usize = 64;

/// One placeholder. `{kind}`, `{kind:argument}`; with `#label` at the end the same value comes again wherever
/// the same label stands in one payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    kind: Kind,
    label: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The event's data.
    Data,
    EventType,
    EventId,
    /// The UUID of the endpoint that is delivered to.
    EndpointUuid,
    /// Unix seconds, with an offset in seconds; a number.
    Unix(i64),
    /// RFC 3339 in whole seconds, with an offset in seconds.
    Rfc3339(i64),
    /// RFC 3339 in milliseconds.
    Rfc3339Ms,
    /// Any other form, by chrono's `strftime`.
    Time(String),
    Uuid,
    /// Lower-case letters and digits.
    Alnum(usize),
    Hex(usize),
    /// Digits as text.
    Digits(usize),
    /// So many digits as a number, the first not 0.
    Int(usize),
    Phone,
    /// A South African mobile number without the plus.
    Msisdn,
    Name,
    Email,
    /// One of several texts.
    Pick(Vec<String>),
}

/// Where a template stands, which decides what it may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Around the data.
    Envelope,
    /// The data.
    Sample,
    /// The id of an event, made before anything else.
    EventId,
    /// A header or a signature id: the same for each attempt except for its time and endpoint.
    Attempt,
}

/// Everything a slot may be filled from.
pub(crate) struct Filler<'a> {
    pub(crate) rng: &'a mut dyn RngCore,
    pub(crate) now: Timestamp,
    pub(crate) event_type: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) endpoint: Option<EndpointId>,
    pub(crate) data: Value,
    labelled: HashMap<String, Value>,
    person: Option<Person>,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(
        rng: &'a mut dyn RngCore,
        now: Timestamp,
        event_type: &'a str,
        event_id: &'a str,
    ) -> Self {
        Self {
            rng,
            now,
            event_type,
            event_id,
            endpoint: None,
            data: Value::Null,
            labelled: HashMap::new(),
            person: None,
        }
    }

    fn person(&mut self) -> &Person {
        self.person.get_or_insert_with(|| Person::made_up(self.rng))
    }
}

impl Slot {
    /// Reads what stands between the braces. The error is a sentence.
    pub(crate) fn parse(text: &str, place: Place) -> Result<Self, String> {
        let (text, label) = match text.rsplit_once('#') {
            Some((text, label)) => (text, Some(label.to_owned())),
            None => (text, None),
        };
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let kind = Kind::parse(name, argument)?;
        if !kind.may_stand_in(place) {
            return Err(format!("`{{{name}}}` has no value in this place"));
        }
        Ok(Self { kind, label })
    }

    /// The value of the slot: a number where the kind is one, the data itself for `{data}`, else a text.
    pub(crate) fn value(&self, filler: &mut Filler<'_>) -> Value {
        let Some(label) = &self.label else { return self.kind.value(filler) };
        if let Some(known) = filler.labelled.get(label) {
            return known.clone();
        }
        let value = self.kind.value(filler);
        filler.labelled.insert(label.clone(), value.clone());
        value
    }
}

impl Kind {
    fn parse(name: &str, argument: Option<&str>) -> Result<Self, String> {
        let run = || match argument.and_then(|text| text.parse().ok()) {
            Some(length @ 1..=LONGEST_RUN) => Ok(length),
            _ => Err(format!("`{{{name}}}` needs a length from 1 to {LONGEST_RUN}: `{{{name}:12}}`")),
        };
        let offset = || match argument {
            None => Ok(0),
            Some(text) => text.parse().map_err(|_| format!("`{text}` is not a number of seconds")),
        };
        Ok(match name {
            "unix" => Self::Unix(offset()?),
            "rfc3339" => Self::Rfc3339(offset()?),
            "time" => Self::time(argument.unwrap_or_default())?,
            "alnum" => Self::Alnum(run()?),
            "hex" => Self::Hex(run()?),
            "digits" => Self::Digits(run()?),
            "int" => Self::Int(run().and_then(|length| match length {
                1..=18 => Ok(length),
                _ => Err("a number has at most 18 digits".to_owned()),
            })?),
            "pick" => Self::pick(argument.unwrap_or_default())?,
            _ if argument.is_some() => {
                return Err(format!("`{{{name}}}` takes no argument, or is not known"));
            }
            "data" => Self::Data,
            "event_type" => Self::EventType,
            "event_id" => Self::EventId,
            "endpoint_uuid" => Self::EndpointUuid,
            "rfc3339_ms" => Self::Rfc3339Ms,
            "uuid" => Self::Uuid,
            "phone" => Self::Phone,
            "msisdn" => Self::Msisdn,
            "name" => Self::Name,
            "email" => Self::Email,
            _ => return Err(format!("`{{{name}}}` is not known")),
        })
    }

    fn time(format: &str) -> Result<Self, String> {
        let malformed = format.is_empty() || StrftimeItems::new(format).any(|item| item == Item::Error);
        if malformed {
            Err(format!("`{format}` is not a time format"))
        } else {
            Ok(Self::Time(format.to_owned()))
        }
    }

    fn pick(choices: &str) -> Result<Self, String> {
        let choices: Vec<String> = choices.split('|').map(str::to_owned).collect();
        if choices.len() < 2 {
            return Err("`{pick}` needs choices: `{pick:one|other}`".to_owned());
        }
        Ok(Self::Pick(choices))
    }

    fn may_stand_in(&self, place: Place) -> bool {
        match self {
            Self::Data => place == Place::Envelope,
            Self::EndpointUuid => place == Place::Attempt,
            Self::EventType | Self::Unix(_) | Self::Rfc3339(_) | Self::Rfc3339Ms | Self::Time(_) => true,
            Self::EventId => place != Place::EventId,
            _ => place != Place::Attempt,
        }
    }

    fn value(&self, filler: &mut Filler<'_>) -> Value {
        match self {
            Self::Data => filler.data.clone(),
            Self::Unix(offset_s) => (filler.now.unix_seconds().saturating_add(*offset_s)).into(),
            Self::Int(length) => int(*length, filler.rng).into(),
            _ => self.text(filler).into(),
        }
    }

    fn text(&self, filler: &mut Filler<'_>) -> String {
        match self {
            Self::Data | Self::Unix(_) | Self::Int(_) => as_text(&self.value(filler)),
            Self::EventType => filler.event_type.to_owned(),
            Self::EventId => filler.event_id.to_owned(),
            Self::EndpointUuid => endpoint_uuid(filler.endpoint),
            Self::Rfc3339(offset_s) => seconds_text(filler.now.plus_ms(offset_s.saturating_mul(1000))),
            Self::Rfc3339Ms => filler.now.to_rfc3339(),
            Self::Time(format) => filler.now.to_datetime().format(format).to_string(),
            Self::Uuid => random_uuid(filler.rng).to_string(),
            Self::Alnum(length) => run(LETTERS_AND_DIGITS, *length, filler.rng),
            Self::Hex(length) => run(b"0123456789abcdef", *length, filler.rng),
            Self::Digits(length) => run(b"0123456789", *length, filler.rng),
            Self::Phone => phone(filler.rng),
            Self::Msisdn => format!("278{}", run(b"0123456789", 8, filler.rng)),
            Self::Name => filler.person().name(),
            Self::Email => filler.person().email(),
            Self::Pick(choices) => choices[filler.rng.random_range(0..choices.len())].clone(),
        }
    }
}

/// A value as it stands inside a longer text: texts without their quotes.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn endpoint_uuid(endpoint: Option<EndpointId>) -> String {
    endpoint.map(|id| Uuid::from_bytes(*id.as_bytes()).to_string()).unwrap_or_default()
}

fn seconds_text(at: Timestamp) -> String {
    at.to_datetime().to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn random_uuid(rng: &mut dyn RngCore) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}

fn run(alphabet: &[u8], length: usize, rng: &mut dyn RngCore) -> String {
    (0..length).map(|_| char::from(pick(alphabet, rng))).collect()
}

fn int(length: usize, rng: &mut dyn RngCore) -> i64 {
    let low = 10_i64.pow(u32::try_from(length - 1).unwrap_or(0));
    rng.random_range(low..low * 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn value(text: &str) -> Value {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Timestamp::from_unix_ms(1_705_488_600_042);
        let mut filler = Filler::new(&mut rng, now, "message.sent", "evt_1");
        Slot::parse(text, Place::Sample).unwrap().value(&mut filler)
    }

    #[test]
    fn times_are_written_in_every_form() {
        assert_eq!(value("unix"), 1_705_488_600);
        assert_eq!(value("unix:-5"), 1_705_488_595);
        assert_eq!(value("rfc3339"), "2024-01-17T10:50:00Z");
        assert_eq!(value("rfc3339:60"), "2024-01-17T10:51:00Z");
        assert_eq!(value("rfc3339_ms"), "2024-01-17T10:50:00.042Z");
        assert_eq!(value("time:%-d/%b/%Y %H:%M:%S"), "17/Jan/2024 10:50:00");
    }

    #[test]
    fn runs_have_their_length_and_numbers_are_numbers() {
        assert_eq!(value("alnum:16").as_str().unwrap().len(), 16);
        assert_eq!(value("int:9").as_i64().unwrap().to_string().len(), 9);
        assert_eq!(value("uuid").as_str().unwrap().as_bytes()[14], b'4');
    }

    #[test]
    fn the_same_label_gives_the_same_value() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut filler = Filler::new(&mut rng, Timestamp::EPOCH, "t", "i");
        let slot = Slot::parse("alnum:8#m", Place::Sample).unwrap();
        let other = Slot::parse("alnum:8", Place::Sample).unwrap();
        let first = slot.value(&mut filler);
        assert_eq!(slot.value(&mut filler), first);
        assert_ne!(other.value(&mut filler), first);
    }

    #[test]
    fn what_has_no_value_in_a_place_is_refused_there() {
        for (text, place) in [
            ("data", Place::Sample),
            ("event_id", Place::EventId),
            ("endpoint_uuid", Place::Envelope),
            ("alnum:4", Place::Attempt),
        ] {
            assert!(Slot::parse(text, place).unwrap_err().contains("no value"), "{text}");
        }
        for text in
            ["nonce", "alnum", "alnum:0", "alnum:65", "int:19", "unix:soon", "pick:one", "time:%Q", "uuid:4"]
        {
            assert!(Slot::parse(text, Place::Sample).is_err(), "{text}");
        }
    }
}
