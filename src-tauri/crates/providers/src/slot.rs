//! The placeholders of profiles: what may stand between braces, and where.

use crate::filler::Filler;
use crate::made_up::address::AddressPart;
use crate::made_up::person::PersonPart;
use crate::made_up::run::Alphabet;
use crate::made_up::things::Thing;
use chrono::format::{Item, StrftimeItems};
use serde_json::Value;

/// Longest random run a template may ask for.
const LONGEST_RUN: usize = 64;

/// Most digits of a number.
const MOST_DIGITS: usize = 18;

/// One placeholder. `{kind}`, `{kind:argument}`; with `#label` at the end the same value comes again wherever
/// the same label stands in one payload. What belongs to a person or an address is of the same one wherever the
/// same label stands, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) label: Option<String>,
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The event's data.
    Data,
    EventType,
    /// The type as the provider writes it, where that differs.
    WireType,
    EventId,
    /// A UUID derived from the event's id.
    EventUuid,
    /// The UUID of the endpoint that is delivered to.
    EndpointUuid,
    /// A number of so many digits derived from the endpoint's id.
    EndpointInt(usize),
    /// The attempt's number, from 1.
    Attempt,
    /// How often it was tried before, from 0.
    Retry,
    /// The time, with an offset in seconds.
    Time(TimeForm, i64),
    Uuid,
    Ulid,
    Snowflake,
    Run(Alphabet, usize),
    /// So many random bytes.
    Base64(usize),
    /// So many digits as a number, the first not 0.
    Int(usize),
    /// A number between both, both included.
    IntBetween(i64, i64),
    /// A number with two decimals.
    FloatBetween(i64, i64),
    /// A text with two decimals.
    MoneyBetween(i64, i64),
    Bool,
    Phone,
    /// A South African mobile number without the plus.
    Msisdn,
    Person(PersonPart),
    Address(AddressPart),
    Thing(Thing),
    /// One of several texts; picks with the same label take the same place in their lists.
    Pick(Vec<String>),
    /// One of several JSON values.
    PickJson(Vec<Value>),
    /// What another placeholder stands for, as a text.
    Text(Box<Kind>),
    /// A text in braces, which a sample cannot write otherwise.
    Braces(String),
    /// `{`.
    Open,
    /// `}`.
    Close,
}

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// Unix seconds, a number.
    Unix,
    /// Unix milliseconds, a number.
    UnixMs,
    /// Unix seconds with six decimals, a number.
    UnixFloat,
    /// RFC 3339 in whole seconds.
    Seconds,
    /// RFC 3339 in milliseconds.
    Millis,
    /// RFC 3339 in microseconds.
    Micros,
    /// Year, month, day.
    Date,
    /// Any other form, by chrono's `strftime`.
    Strftime(String),
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
    /// A header or a signature id: the same for each attempt except for its time, number and endpoint.
    Attempt,
}

impl Kind {
    /// Whether it stands for something else in another event of a type, or in another attempt.
    pub(crate) fn changes(&self) -> bool {
        match self {
            Self::EventId | Self::EventUuid | Self::Attempt | Self::Retry | Self::Time(..) => true,
            Self::Text(inner) => inner.changes(),
            _ => false,
        }
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
        filler.slot(self)
    }
}

impl Kind {
    fn parse(name: &str, argument: Option<&str>) -> Result<Self, String> {
        if let Some(form) = TimeForm::named(name) {
            return Ok(Self::Time(form, offset(argument)?));
        }
        if let Some(alphabet) = Alphabet::named(name) {
            return Ok(Self::Run(alphabet, length(name, argument, LONGEST_RUN)?));
        }
        match (name, argument) {
            ("time", Some(format)) => return time(format),
            ("base64", _) => return Ok(Self::Base64(length(name, argument, LONGEST_RUN)?)),
            ("int", Some(range)) if range.contains("..") => {
                let (low, high) = between(name, range)?;
                return Ok(Self::IntBetween(low, high));
            }
            ("int", _) => return Ok(Self::Int(length(name, argument, MOST_DIGITS)?)),
            ("endpoint_int", _) => return Ok(Self::EndpointInt(length(name, argument, MOST_DIGITS)?)),
            ("float" | "money", _) => {
                let (low, high) = between(name, argument.unwrap_or_default())?;
                let (low, high) = (low.saturating_mul(100), high.saturating_mul(100));
                let money = name == "money";
                return Ok(if money { Self::MoneyBetween(low, high) } else { Self::FloatBetween(low, high) });
            }
            ("pick", _) => return Ok(Self::Pick(choices(name, argument)?.map(str::to_owned).collect())),
            ("pick_json", _) => return pick_json(argument),
            ("braces", Some(inside)) => return Ok(Self::Braces(inside.to_owned())),
            ("text", Some(inner)) => {
                let (name, argument) = match inner.split_once(':') {
                    Some((name, argument)) => (name, Some(argument)),
                    None => (inner, None),
                };
                return Ok(Self::Text(Box::new(Self::parse(name, argument)?)));
            }
            _ => {}
        }
        Self::plain(name).filter(|_| argument.is_none()).ok_or_else(|| match argument {
            Some(_) => format!("`{{{name}}}` takes no argument, or is not known"),
            None => format!("`{{{name}}}` is not known, or needs an argument"),
        })
    }

    /// The kinds without an argument.
    fn plain(name: &str) -> Option<Self> {
        Some(match name {
            "data" => Self::Data,
            "event_type" => Self::EventType,
            "wire_type" => Self::WireType,
            "event_id" => Self::EventId,
            "event_uuid" => Self::EventUuid,
            "endpoint_uuid" => Self::EndpointUuid,
            "attempt" => Self::Attempt,
            "retry" => Self::Retry,
            "uuid" => Self::Uuid,
            "ulid" => Self::Ulid,
            "snowflake" => Self::Snowflake,
            "bool" => Self::Bool,
            "open" => Self::Open,
            "close" => Self::Close,
            "phone" => Self::Phone,
            "msisdn" => Self::Msisdn,
            _ => {
                return PersonPart::named(name)
                    .map(Self::Person)
                    .or_else(|| AddressPart::named(name).map(Self::Address))
                    .or_else(|| Thing::named(name).map(Self::Thing));
            }
        })
    }

    fn may_stand_in(&self, place: Place) -> bool {
        match self {
            Self::Data => place == Place::Envelope,
            Self::EndpointUuid | Self::EndpointInt(_) | Self::Attempt | Self::Retry => {
                place == Place::Attempt
            }
            Self::EventType
            | Self::WireType
            | Self::Time(..)
            | Self::Braces(_)
            | Self::Open
            | Self::Close => true,
            Self::EventId | Self::EventUuid => place != Place::EventId,
            Self::Text(inner) => inner.may_stand_in(place),
            _ => place != Place::Attempt,
        }
    }
}

impl TimeForm {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "unix" => Self::Unix,
            "unix_ms" => Self::UnixMs,
            "unix_float" => Self::UnixFloat,
            "rfc3339" => Self::Seconds,
            "rfc3339_ms" => Self::Millis,
            "rfc3339_us" => Self::Micros,
            "date" => Self::Date,
            _ => return None,
        })
    }
}

fn length(name: &str, argument: Option<&str>, most: usize) -> Result<usize, String> {
    let length = argument.and_then(|text| text.parse().ok()).filter(|length| (1..=most).contains(length));
    length.ok_or_else(|| format!("`{{{name}}}` needs a length from 1 to {most}: `{{{name}:12}}`"))
}

fn offset(argument: Option<&str>) -> Result<i64, String> {
    let text = argument.unwrap_or("0");
    text.parse().map_err(|_| format!("`{text}` is not a number of seconds"))
}

/// `{time:FORMAT}` or, with an offset in seconds, `{time:FORMAT@-3600}`.
fn time(argument: &str) -> Result<Kind, String> {
    let (format, offset) = match argument.rsplit_once('@') {
        Some((format, seconds)) => (format, offset(Some(seconds))?),
        None => (argument, 0),
    };
    let malformed = format.is_empty() || StrftimeItems::new(format).any(|item| item == Item::Error);
    if malformed {
        return Err(format!("`{format}` is not a time format"));
    }
    Ok(Kind::Time(TimeForm::Strftime(format.to_owned()), offset))
}

fn between(name: &str, range: &str) -> Result<(i64, i64), String> {
    let numbers =
        range.split_once("..").and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    numbers
        .filter(|(low, high)| low <= high)
        .ok_or_else(|| format!("`{{{name}}}` needs a range of whole numbers: `{{{name}:5..500}}`"))
}

fn choices<'a>(name: &str, argument: Option<&'a str>) -> Result<std::str::Split<'a, char>, String> {
    match argument {
        Some(text) if text.contains('|') => Ok(text.split('|')),
        _ => Err(format!("`{{{name}}}` needs choices: `{{{name}:1|2}}`")),
    }
}

fn pick_json(argument: Option<&str>) -> Result<Kind, String> {
    let value = |text: &str| {
        serde_json::from_str(text).map_err(|_| format!("`{text}` of `{{pick_json}}` is not JSON"))
    };
    Ok(Kind::PickJson(choices("pick_json", argument)?.map(value).collect::<Result<_, _>>()?))
}

/// A value as it stands inside a longer text: texts without their quotes.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookbench_model::Timestamp;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_705_488_600_042);

    fn value(text: &str) -> Value {
        let mut rng = StdRng::seed_from_u64(1);
        let mut filler = Filler::new(&mut rng, NOW, "message.sent", "message", "evt_1");
        Slot::parse(text, Place::Sample).unwrap().value(&mut filler)
    }

    #[test]
    fn times_are_written_in_every_form() {
        assert_eq!(value("unix"), 1_705_488_600);
        assert_eq!(value("unix:-5"), 1_705_488_595);
        assert_eq!(value("unix_ms"), 1_705_488_600_042_i64);
        assert_eq!(value("unix_ms:-5"), 1_705_488_595_042_i64);
        assert_eq!(value("unix_float"), 1_705_488_600.042);
        assert_eq!(value("rfc3339"), "2024-01-17T10:50:00Z");
        assert_eq!(value("rfc3339:60"), "2024-01-17T10:51:00Z");
        assert_eq!(value("rfc3339_ms"), "2024-01-17T10:50:00.042Z");
        assert_eq!(value("rfc3339_ms:-1"), "2024-01-17T10:49:59.042Z");
        assert_eq!(value("rfc3339_us"), "2024-01-17T10:50:00.042000Z");
        assert_eq!(value("date:-86400"), "2024-01-16");
        assert_eq!(value("time:%-d/%b/%Y %H:%M:%S"), "17/Jan/2024 10:50:00");
        assert_eq!(value("time:%H:%M@-3600"), "09:50");
    }

    #[test]
    fn runs_have_their_length_and_numbers_are_numbers() {
        for run in ["alnum:16", "upper:16", "base62:16", "letters:16", "hex:16", "digits:16"] {
            assert_eq!(value(run).as_str().unwrap().len(), 16, "{run}");
        }
        assert_eq!(value("base64:16").as_str().unwrap().len(), 24);
        assert_eq!(value("int:9").as_i64().unwrap().to_string().len(), 9);
        assert!((-3..=4).contains(&value("int:-3..4").as_i64().unwrap()));
        assert_eq!(value("int:7..7"), 7);
        assert!((5.0..=6.0).contains(&value("float:5..6").as_f64().unwrap()));
        assert_eq!(value("money:19..19"), "19.00");
        assert_eq!(value("uuid").as_str().unwrap().as_bytes()[14], b'4');
        assert!(value("bool").is_boolean());
        assert!(value("pick_json:1|2").is_number());
        assert_eq!(value("wire_type"), "message");
        assert_eq!(value("snowflake").as_str().unwrap().len(), 19);
    }

    #[test]
    fn what_is_invented_is_a_text() {
        for kind in [
            "name",
            "first_name",
            "last_name",
            "username",
            "email",
            "company",
            "domain",
            "phone",
            "msisdn",
            "street",
            "city",
            "region",
            "region_code",
            "postcode",
            "country",
            "country_code",
            "product",
            "sentence",
            "word",
            "currency",
            "user_agent",
            "ipv4",
            "ipv6",
            "ulid",
            "event_uuid",
        ] {
            assert!(!value(kind).as_str().unwrap().is_empty(), "{kind}");
        }
    }

    #[test]
    fn the_same_label_gives_the_same_value() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut filler = Filler::new(&mut rng, Timestamp::EPOCH, "t", "t", "i");
        let slot = Slot::parse("alnum:8#m", Place::Sample).unwrap();
        let other = Slot::parse("alnum:8", Place::Sample).unwrap();
        let first = slot.value(&mut filler);
        assert_eq!(slot.value(&mut filler), first);
        assert_ne!(other.value(&mut filler), first);
    }

    #[test]
    fn picks_of_one_label_take_the_same_place() {
        let slot = |text: &str| Slot::parse(text, Place::Sample).unwrap();
        let mut seen = std::collections::HashSet::new();
        for seed in 0..20 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut filler = Filler::new(&mut rng, Timestamp::EPOCH, "t", "t", "i");
            let price = slot("pick:19|49|99#plan").value(&mut filler);
            let name = slot("pick:small|middle|large#plan").value(&mut filler);
            let seats = slot("pick_json:1|5|25#plan").value(&mut filler);
            assert!([("19", "small", 1), ("49", "middle", 5), ("99", "large", 25)].contains(&(
                price.as_str().unwrap(),
                name.as_str().unwrap(),
                seats.as_i64().unwrap()
            )));
            seen.insert(price.to_string());
        }
        assert_eq!(seen.len(), 3);
    }

    #[test]
    fn a_number_can_be_had_as_a_text_and_braces_as_they_are() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut filler = Filler::new(&mut rng, Timestamp::EPOCH, "t", "t", "i");
        let number = Slot::parse("int:5..500#total", Place::Sample).unwrap().value(&mut filler);
        let text = Slot::parse("text:int:5..500#total", Place::Sample).unwrap().value(&mut filler);
        assert_eq!(text, number.to_string());
        assert_eq!(value("text:unix"), "1705488600");
        assert_eq!(value("braces:/sha"), "{/sha}");
        assert!(Slot::parse("text:nonce", Place::Sample).is_err());
        assert!(Slot::parse("text:data", Place::Sample).is_err());
    }

    #[test]
    fn a_label_of_a_person_or_address_means_one_of_them() {
        let mut rng = StdRng::seed_from_u64(2);
        let mut filler = Filler::new(&mut rng, Timestamp::EPOCH, "t", "t", "i");
        let mut text = |slot: &str| {
            let value = Slot::parse(slot, Place::Sample).unwrap().value(&mut filler);
            value.as_str().unwrap().to_owned()
        };
        let (name, email) = (text("name#b"), text("email#b"));
        assert_eq!(email, format!("{}@example.com", name.to_lowercase().replace(' ', ".")));
        assert_eq!(text("name"), format!("{} {}", text("first_name"), text("last_name")));
        assert_ne!(text("username#c"), text("username#d"));
        assert_eq!(text("city#x"), text("city#x"));
    }

    #[test]
    fn what_has_no_value_in_a_place_is_refused_there() {
        for (text, place) in [
            ("data", Place::Sample),
            ("event_id", Place::EventId),
            ("event_uuid", Place::EventId),
            ("endpoint_uuid", Place::Envelope),
            ("endpoint_int:4", Place::Sample),
            ("retry", Place::Sample),
            ("alnum:4", Place::Attempt),
        ] {
            assert!(Slot::parse(text, place).unwrap_err().contains("no value"), "{text}");
        }
        for text in [
            "nonce",
            "alnum",
            "alnum:0",
            "alnum:65",
            "int:19",
            "unix:soon",
            "pick:one",
            "time:%Q",
            "time",
            "uuid:4",
            "int:5..4",
            "int:..",
            "float:x..2",
            "money:3",
            "time:%H@x",
            "pick_json:1|x",
            "name:b",
        ] {
            assert!(Slot::parse(text, Place::Sample).is_err(), "{text}");
        }
    }
}
