//! What placeholders are filled from, and the values they take.

use crate::made_up::address::Address;
use crate::made_up::person::{Person, phone};
use crate::made_up::run::{self, Alphabet};
use crate::slot::{Kind, Slot, TimeForm, as_text};
use chrono::SecondsFormat;
use hookbench_model::{EndpointId, Timestamp};
use rand::{Rng, RngCore};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Everything a slot may be filled from.
pub(crate) struct Filler<'a> {
    pub(crate) rng: &'a mut dyn RngCore,
    pub(crate) now: Timestamp,
    pub(crate) event_type: &'a str,
    pub(crate) wire_type: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) endpoint: Option<EndpointId>,
    /// The attempt's number, from 1.
    pub(crate) attempt: u32,
    pub(crate) data: Value,
    labelled: HashMap<String, Value>,
    /// What picks of a label are drawn by.
    draws: HashMap<String, u32>,
    people: HashMap<Option<String>, Person>,
    addresses: HashMap<Option<String>, Address>,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(
        rng: &'a mut dyn RngCore,
        now: Timestamp,
        event_type: &'a str,
        wire_type: &'a str,
        event_id: &'a str,
    ) -> Self {
        Self {
            rng,
            now,
            event_type,
            wire_type,
            event_id,
            endpoint: None,
            attempt: 1,
            data: Value::Null,
            labelled: HashMap::new(),
            draws: HashMap::new(),
            people: HashMap::new(),
            addresses: HashMap::new(),
        }
    }

    /// The place in a list of choices that picks of that label take.
    fn draw(&mut self, label: &str, choices: usize) -> usize {
        let draw = *self.draws.entry(label.to_owned()).or_insert_with(|| self.rng.next_u32());
        usize::try_from(draw).unwrap_or(0) % choices
    }

    /// The value of a slot.
    pub(crate) fn slot(&mut self, slot: &Slot) -> Value {
        match (&slot.kind, &slot.label) {
            (Kind::Person(part), label) => {
                let made_up = || Person::made_up(self.rng);
                self.people.entry(label.clone()).or_insert_with(made_up).part(*part).into()
            }
            (Kind::Address(part), label) => {
                let made_up = || Address::made_up(self.rng);
                self.addresses.entry(label.clone()).or_insert_with(made_up).part(*part).into()
            }
            (Kind::Pick(choices), Some(label)) => choices[self.draw(label, choices.len())].clone().into(),
            (Kind::PickJson(choices), Some(label)) => choices[self.draw(label, choices.len())].clone(),
            (Kind::Text(inner), label) => {
                let inner = Slot { kind: (**inner).clone(), label: label.clone() };
                as_text(&self.slot(&inner)).into()
            }
            (kind, None) => self.value(kind),
            (kind, Some(label)) => {
                if let Some(known) = self.labelled.get(label) {
                    return known.clone();
                }
                let value = self.value(kind);
                self.labelled.insert(label.clone(), value.clone());
                value
            }
        }
    }

    fn value(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Data => self.data.clone(),
            Kind::EventType => self.event_type.into(),
            Kind::WireType => self.wire_type.into(),
            Kind::EventId => self.event_id.into(),
            Kind::EventUuid => run::uuid_of(self.event_id).to_string().into(),
            Kind::EndpointUuid => self.endpoint_uuid().into(),
            Kind::EndpointInt(digits) => self.endpoint.map(|id| run::int_of(id.as_bytes(), *digits)).into(),
            Kind::Attempt => self.attempt.into(),
            Kind::Retry => self.attempt.saturating_sub(1).into(),
            Kind::Time(form, offset_s) => self.time(form, *offset_s),
            Kind::Uuid => run::uuid(self.rng).to_string().into(),
            Kind::Ulid => run::ulid(self.now, self.rng).into(),
            Kind::Snowflake => run::snowflake(self.now, self.rng).to_string().into(),
            Kind::Run(alphabet, length) => alphabet.run(*length, self.rng).into(),
            Kind::Base64(bytes) => run::base64(*bytes, self.rng).into(),
            Kind::Int(digits) => run::int(*digits, self.rng).into(),
            Kind::IntBetween(low, high) => self.rng.random_range(*low..=*high).into(),
            Kind::FloatBetween(low, high) => hundredths(self.rng.random_range(*low..=*high)).into(),
            Kind::MoneyBetween(low, high) => {
                format!("{:.2}", hundredths(self.rng.random_range(*low..=*high))).into()
            }
            Kind::Bool => self.rng.random::<bool>().into(),
            Kind::Phone => phone(self.rng).into(),
            Kind::Msisdn => format!("278{}", Alphabet::Digits.run(8, self.rng)).into(),
            Kind::Person(part) => Person::made_up(self.rng).part(*part).into(),
            Kind::Address(part) => Address::made_up(self.rng).part(*part).into(),
            Kind::Thing(thing) => thing.made_up(self.rng).into(),
            Kind::Pick(choices) => choices[self.rng.random_range(0..choices.len())].clone().into(),
            Kind::PickJson(choices) => choices[self.rng.random_range(0..choices.len())].clone(),
            Kind::Text(inner) => as_text(&self.value(inner)).into(),
            Kind::Open => "{".into(),
            Kind::Close => "}".into(),
            Kind::Braces(inside) => format!("{{{inside}}}").into(),
        }
    }

    fn time(&self, form: &TimeForm, offset_s: i64) -> Value {
        let at = self.now.plus_ms(offset_s.saturating_mul(1000));
        let rfc3339 = |precision| at.to_datetime().to_rfc3339_opts(precision, true).into();
        match form {
            TimeForm::Unix => at.unix_seconds().into(),
            TimeForm::UnixMs => at.unix_ms().into(),
            TimeForm::UnixFloat => (at.unix_ms() as f64 / 1000.0).into(),
            TimeForm::Seconds => rfc3339(SecondsFormat::Secs),
            TimeForm::Millis => rfc3339(SecondsFormat::Millis),
            TimeForm::Micros => rfc3339(SecondsFormat::Micros),
            TimeForm::Date => at.to_datetime().format("%Y-%m-%d").to_string().into(),
            TimeForm::Strftime(format) => at.to_datetime().format(format).to_string().into(),
        }
    }

    fn endpoint_uuid(&self) -> String {
        self.endpoint.map(|id| Uuid::from_bytes(*id.as_bytes()).to_string()).unwrap_or_default()
    }
}

fn hundredths(count: i64) -> f64 {
    count as f64 / 100.0
}
