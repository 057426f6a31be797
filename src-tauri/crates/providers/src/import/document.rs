//! A document as text: JSON or YAML, read within bounds.

use super::{Described, Fault, Faults, first_paragraph, openapi, schema_file};
use serde_json::Value;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{DefaultMessageFormatter, Error, MessageFormatter as _};

/// The largest document, in bytes.
const LARGEST: usize = 16 << 20;
/// The deepest nesting of YAML; JSON has a bound of its own, 128.
const DEEPEST: usize = 64;
/// The most values in a YAML document, anchors repeated included.
const MOST_NODES: usize = 1_000_000;

/// The most values that anchors repeat.
const MOST_REPEATED: usize = 100_000;

/// A document that has been read.
#[derive(Debug)]
pub(super) struct Document<'a> {
    name: &'a str,
    value: Value,
}

impl<'a> Document<'a> {
    pub(super) fn read(name: &'a str, text: &str) -> Result<Self, Fault> {
        if text.len() > LARGEST {
            return Err(Fault::new("", format!("is larger than {LARGEST} bytes")));
        }
        let text = text.trim_start_matches('\u{feff}');
        let value = if text.trim_start().starts_with(['{', '[']) { json(text) } else { yaml(text) }?;
        if !value.is_object() {
            return Err(Fault::new("", "is no object: give an OpenAPI document or a JSON Schema"));
        }
        Ok(Self { name, value })
    }

    /// The events that it describes, but for those of which something is wrong.
    pub(super) fn events(&self, faults: &mut Faults) -> Vec<Described> {
        if self.value.get("openapi").is_some() || self.value.get("swagger").is_some() {
            openapi::events(&self.value, faults)
        } else {
            faults.take(schema_file::event(self.name, &self.value)).into_iter().collect()
        }
    }

    /// What an OpenAPI document calls itself.
    pub(super) fn title(&self) -> Option<String> {
        let title = self.value.pointer("/info/title")?.as_str()?;
        Some(first_paragraph(title, 200)).filter(|title| !title.is_empty())
    }
}

fn json(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let said = error.to_string();
        Fault::new(place, said.split(" at line ").next().unwrap_or("is not JSON").to_owned())
    })
}

fn yaml(text: &str) -> Result<Value, Fault> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_nodes: MOST_NODES,
            max_events: 2 * MOST_NODES,
            max_total_scalar_bytes: 2 * LARGEST,
            max_recorded_anchor_events: MOST_REPEATED,
            max_recorded_anchor_bytes: 2 * LARGEST,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error
            .location()
            .map_or_else(String::new, |at| format!("line {}, column {}", at.line(), at.column()));
        Fault::new(place, in_words(&error))
    })
}

/// What is wrong with YAML. The bounds are ours, so what goes beyond them is told in our words.
fn in_words(error: &Error) -> String {
    let mut inner = error;
    while let Error::AliasError { error, .. } | Error::WithSnippet { error, .. } = inner {
        inner = error;
    }
    let breach = match inner {
        Error::Budget { breach, .. } => breach,
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            let shown: String = key.chars().take(100).collect();
            return format!("is not YAML: the key `{shown}` stands twice in one place");
        }
        Error::DuplicateMappingKey { key: None, .. } => {
            return "is not YAML: a key stands twice in one place".to_owned();
        }
        other => {
            // Where it is, the fault says itself.
            let said = DefaultMessageFormatter.format_message(other);
            return format!("is not YAML: {}", without_escapes(&said));
        }
    };
    match breach {
        BudgetBreach::Depth { .. } => format!("is nested more than {DEEPEST} deep"),
        BudgetBreach::RecordedAnchorEvents { .. } | BudgetBreach::RecordedAnchorBytes { .. } => {
            format!("is too large: its anchors and aliases repeat more than {MOST_REPEATED} values")
        }
        _ => format!("is too large: at most {MOST_NODES} values are read, those of aliases included"),
    }
}

/// A character that cannot be shown is told by its number, as `U+0089`.
fn without_escapes(said: &str) -> String {
    let mut parts = said.split("`\\u{");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part
            .split_once("}'")
            .and_then(|(digits, rest)| u32::from_str_radix(digits, 16).ok().map(|number| (number, rest)));
        match number {
            Some((number, rest)) => told.extend([format!("U+{number:04X}").as_str(), rest]),
            None => told.extend(["`\\u{", part]),
        }
    }
    told.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_yaml_is_said_once_and_in_words() {
        let fault = |text: &str| {
            let Fault { place, problem } = Document::read("a.yaml", text).unwrap_err();
            (place, problem)
        };
        let (place, problem) = fault("openapi: 3.1.0\ninfo: [a");
        assert!(place.starts_with("line 2, column "), "{place}");
        assert!(problem.contains("bracket") && !problem.contains("line"), "{problem}");
        let (_, problem) = fault("a: \u{89}b");
        assert!(problem.contains("U+0089") && !problem.contains("\\u"), "{problem}");
        assert_eq!(without_escapes("`\\u{zz}' and `\\u{7}'\n"), "`\\u{zz}' and U+0007 ");
    }
}
