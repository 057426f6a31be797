//! Texts and JSON documents with slots, read once and filled for each event.

use crate::error::FieldError;
use crate::filler::Filler;
use crate::slot::{Kind, Place, Slot, as_text};
use hookbench_signing::template::{Token, tokens};
use serde_json::{Map, Value};

/// A text with slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextTemplate {
    written: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Slot(Slot),
}

/// A JSON document whose texts may have slots; key order is kept. A text that is nothing but one slot becomes
/// the slot's own value, number or document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JsonTemplate {
    Fixed(Value),
    Text(TextTemplate),
    List(Vec<JsonTemplate>),
    Object(Vec<(String, JsonTemplate)>),
}

impl TextTemplate {
    pub(crate) fn parse(text: &str, place: Place) -> Result<Self, String> {
        let parts = tokens(text)
            .map_err(|error| error.to_string())?
            .into_iter()
            .map(|token| match token {
                Token::Literal(text) => Ok(Part::Literal(text.to_owned())),
                Token::Placeholder(text) => Slot::parse(text, place).map(Part::Slot),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { written: text.to_owned(), parts })
    }

    /// The template as it was written.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// Whether it says something else of another event, or of another attempt.
    pub(crate) fn changes(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Slot(slot) if slot.kind.changes()))
    }

    pub(crate) fn fill(&self, filler: &mut Filler<'_>) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Slot(slot) => text.push_str(&as_text(&slot.value(filler))),
            }
        }
        text
    }

    fn value(&self, filler: &mut Filler<'_>) -> Value {
        match self.parts.as_slice() {
            [Part::Slot(slot)] => slot.value(filler),
            _ => self.fill(filler).into(),
        }
    }
}

impl JsonTemplate {
    /// Reads a template from JSON text. Faults are named by the place in the document.
    pub(crate) fn parse(json: &str, place: Place) -> Result<Self, FieldError> {
        let value = serde_json::from_str(json).map_err(|error| FieldError::new("", error.to_string()))?;
        Self::of(value, place, "")
    }

    pub(crate) fn of(value: Value, place: Place, pointer: &str) -> Result<Self, FieldError> {
        Ok(match value {
            Value::String(text) => {
                let template =
                    TextTemplate::parse(&text, place).map_err(|problem| FieldError::new(pointer, problem))?;
                Self::Text(template)
            }
            Value::Array(items) => Self::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| Self::of(item, place, &format!("{pointer}/{index}")))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(key, field)| {
                        let field = Self::of(field, place, &format!("{pointer}/{key}"))?;
                        Ok((key, field))
                    })
                    .collect::<Result<_, FieldError>>()?,
            ),
            fixed => Self::Fixed(fixed),
        })
    }

    /// The data itself.
    pub(crate) fn data() -> Self {
        Self::Text(TextTemplate {
            written: "{data}".to_owned(),
            parts: vec![Part::Slot(Slot { kind: Kind::Data, label: None })],
        })
    }

    pub(crate) fn fill(&self, filler: &mut Filler<'_>) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(text) => text.value(filler),
            Self::List(items) => items.iter().map(|item| item.fill(filler)).collect(),
            Self::Object(fields) => {
                let filled = fields.iter().map(|(key, field)| (key.clone(), field.fill(filler)));
                Value::Object(filled.collect::<Map<_, _>>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookbench_model::Timestamp;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn documents_keep_their_order_and_lone_slots_their_kind() {
        let json = r#"{"z": "{unix}", "a": ["{event_type}", 1], "m": "at {unix}", "d": "{data}", "n": null}"#;
        let mut rng = StdRng::seed_from_u64(1);
        let mut filler =
            Filler::new(&mut rng, Timestamp::from_unix_ms(17_000), "message.sent", "message", "evt_1");
        filler.data = serde_json::json!({"y": 1, "b": 2});
        let filled = JsonTemplate::parse(json, Place::Envelope).unwrap().fill(&mut filler);
        assert_eq!(
            filled.to_string(),
            r#"{"z":17,"a":["message.sent",1],"m":"at 17","d":{"y":1,"b":2},"n":null}"#
        );
    }

    #[test]
    fn faults_are_named_by_their_place() {
        let error =
            JsonTemplate::parse(r#"{"data": {"ids": ["{uuid}", "{nonce}"]}}"#, Place::Sample).unwrap_err();
        assert_eq!(error.field, "/data/ids/1");
        assert!(JsonTemplate::parse("{", Place::Sample).is_err());
    }
}
