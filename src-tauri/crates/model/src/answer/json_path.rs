use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The longest path, in bytes.
const LONGEST: usize = 256;

/// Where a value stands in JSON: `data.items[0].id`, `data.items[*].id` for that of every item, or an RFC 6901 pointer
/// (`/data/items/0/id`) for names that dots or brackets stand in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JsonPath {
    text: String,
    steps: Steps,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Steps {
    Pointer,
    Dotted(Vec<Step>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    /// Each element of a list.
    Each,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonPathError {
    /// It is empty.
    #[error("is empty: name a field, such as `data.id`")]
    Empty,
    /// It is too long.
    #[error("may be at most {LONGEST} bytes long")]
    TooLong,
    /// There is nothing between two dots, or at an end.
    #[error("has an empty name in it: write it like `data.items[0].id`")]
    EmptyName,
    /// What stands in brackets is neither a number nor `*`, or brackets are not closed.
    #[error(
        "has brackets without a number or `*` in them: write it like `data.items[0].id` or `data.items[*].id`"
    )]
    Brackets,
}

impl JsonPath {
    /// The values that stand there: one at most, unless it speaks of each element of a list.
    pub fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match &self.steps {
            Steps::Pointer => value.pointer(&self.text).into_iter().collect(),
            Steps::Dotted(steps) => steps.iter().fold(vec![value], |values, step| {
                values.into_iter().flat_map(|value| step.from(value)).collect()
            }),
        }
    }

    /// The numbers that stand there in a JSON text, as they are written.
    pub(super) fn numbers<'b>(&self, body: &'b [u8]) -> Vec<&'b str> {
        let Ok(root) = serde_json::from_slice::<&RawValue>(body) else { return Vec::new() };
        let steps: Cow<'_, [Step]> = match &self.steps {
            Steps::Pointer => {
                let names = self.text.split('/').skip(1);
                names.map(|name| Step::Name(name.replace("~1", "/").replace("~0", "~"))).collect()
            }
            Steps::Dotted(steps) => steps.into(),
        };
        let found = steps.iter().fold(vec![root], |values, step| {
            values.into_iter().flat_map(|value| step.within(value)).collect()
        });
        let is_number = |text: &&str| text.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit());
        found.into_iter().map(RawValue::get).filter(is_number).collect()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Step {
    /// Where it leads from a value.
    fn from<'v>(&self, value: &'v Value) -> &'v [Value] {
        let found = match (self, value) {
            (Self::Each, Value::Array(all)) => return all,
            (Self::Each, _) => None,
            // `items.0` means the same as `items[0]`.
            (Self::Name(name), Value::Array(all)) => name.parse::<usize>().ok().and_then(|at| all.get(at)),
            (Self::Name(name), other) => other.get(name),
            (Self::Index(index), value) => value.get(index),
        };
        found.map_or(&[], std::slice::from_ref)
    }

    /// Where it leads from a value as it is written.
    fn within<'b>(&self, value: &'b RawValue) -> Vec<&'b RawValue> {
        let text = value.get();
        if text.starts_with('[') {
            let all: Vec<&'b RawValue> = serde_json::from_str(text).unwrap_or_default();
            let at = match self {
                Self::Each => return all,
                Self::Name(name) => name.parse().ok(),
                Self::Index(index) => Some(*index),
            };
            return at.and_then(|at: usize| all.get(at).copied()).into_iter().collect();
        }
        let Self::Name(name) = self else { return Vec::new() };
        // What is neither a list nor an object has nothing in it.
        let mut fields: BTreeMap<String, &'b RawValue> = serde_json::from_str(text).unwrap_or_default();
        fields.remove(name).into_iter().collect()
    }
}

impl FromStr for JsonPath {
    type Err = JsonPathError;

    fn from_str(text: &str) -> Result<Self, JsonPathError> {
        if text.is_empty() {
            return Err(JsonPathError::Empty);
        }
        if text.len() > LONGEST {
            return Err(JsonPathError::TooLong);
        }
        let steps = if text.starts_with('/') { Steps::Pointer } else { Steps::Dotted(dotted(text)?) };
        Ok(Self { text: text.to_owned(), steps })
    }
}

fn dotted(text: &str) -> Result<Vec<Step>, JsonPathError> {
    // `$.` is how other tools begin such a path.
    let text = text.strip_prefix("$.").unwrap_or(text);
    let mut steps = Vec::new();
    for (at, part) in text.split('.').enumerate() {
        let (name, indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(Step::Name(name.to_owned()));
        } else if at > 0 || indexes.is_empty() {
            return Err(JsonPathError::EmptyName);
        }
        let mut rest = indexes;
        while !rest.is_empty() {
            let (index, after) = rest
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
                .ok_or(JsonPathError::Brackets)?;
            steps.push(match index {
                "*" => Step::Each,
                index => Step::Index(index.parse().map_err(|_| JsonPathError::Brackets)?),
            });
            rest = after;
        }
    }
    Ok(steps)
}

impl TryFrom<String> for JsonPath {
    type Error = JsonPathError;

    fn try_from(text: String) -> Result<Self, JsonPathError> {
        text.parse()
    }
}

impl From<JsonPath> for String {
    fn from(path: JsonPath) -> Self {
        path.text
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_by_names_and_numbers() {
        let body = json!({"data": {"items": [{"id": 7}, {"id": "x"}], "a.b": true}, "n": null});
        for (path, found) in [
            ("data.items[1].id", Some(json!("x"))),
            ("$.data.items.0.id", Some(json!(7))),
            ("/data/a.b", Some(json!(true))),
            ("n", Some(json!(null))),
            ("data.items[2]", None),
            ("n.x", None),
            ("data.x", None),
        ] {
            let all: Vec<&Value> = found.iter().collect();
            assert_eq!(path.parse::<JsonPath>().unwrap().find(&body), all, "{path}");
        }
        assert_eq!("[1]".parse::<JsonPath>().unwrap().find(&json!([1, 2])), [&json!(2)]);
    }

    #[test]
    fn a_star_is_each_element() {
        let body = json!({"items": [{"tags": ["a", "b"]}, {"tags": ["c"]}, {"none": 1}, 5], "map": {"x": 1}});
        for (path, found) in [
            ("items[*].tags[*]", vec![json!("a"), json!("b"), json!("c")]),
            ("$.items[*].tags[0]", vec![json!("a"), json!("c")]),
            ("items[*].nothing", vec![]),
            ("map[*]", vec![]),
            ("items[*][*]", vec![]),
        ] {
            let all: Vec<&Value> = found.iter().collect();
            assert_eq!(path.parse::<JsonPath>().unwrap().find(&body), all, "{path}");
        }
        assert_eq!("[*].a".parse::<JsonPath>().unwrap().find(&json!([{"a": 1}])), [&json!(1)]);
    }

    #[test]
    fn what_is_no_path_says_why() {
        for (text, error) in [
            ("", JsonPathError::Empty),
            ("a..b", JsonPathError::EmptyName),
            ("a.", JsonPathError::EmptyName),
            ("a.[0]", JsonPathError::EmptyName),
            ("a[x]", JsonPathError::Brackets),
            ("a[0", JsonPathError::Brackets),
            ("a[0]b", JsonPathError::Brackets),
            (&"a".repeat(257), JsonPathError::TooLong),
        ] {
            assert_eq!(text.parse::<JsonPath>(), Err(error), "{text}");
        }
    }
}
