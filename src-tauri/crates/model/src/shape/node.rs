use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::JsonType;
use super::format::Formats;

/// What was seen at one place of the bodies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    #[serde(skip_serializing_if = "is_none")]
    pub(super) nulls: u64,
    #[serde(skip_serializing_if = "is_none")]
    pub(super) booleans: u64,
    #[serde(skip_serializing_if = "is_none")]
    pub(super) integers: u64,
    #[serde(skip_serializing_if = "is_none")]
    pub(super) fractions: u64,
    #[serde(skip_serializing_if = "is_none")]
    pub(super) strings: u64,
    /// Of the strings.
    #[serde(skip_serializing_if = "is_usual")]
    pub(super) formats: Formats,
    /// The strings themselves, while they are few words.
    #[serde(skip_serializing_if = "is_usual")]
    pub(super) words: Words,
    #[serde(skip_serializing_if = "is_none")]
    pub(super) objects: u64,
    /// What objects have by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) fields: BTreeMap<String, Node>,
    /// What objects have by keys that are no names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) others: Option<Box<Node>>,
    /// Whether no key is a name: there were too many.
    #[serde(skip_serializing_if = "is_usual")]
    pub(super) is_map: bool,
    #[serde(skip_serializing_if = "is_none")]
    pub(super) arrays: u64,
    /// What stands in arrays, all items alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Box<Node>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Node {
    /// How many values of a type were there.
    pub(super) fn count(&self, kind: JsonType) -> u64 {
        match kind {
            JsonType::Null => self.nulls,
            JsonType::Boolean => self.booleans,
            JsonType::Integer => self.integers,
            JsonType::Number => self.fractions,
            JsonType::String => self.strings,
            JsonType::Object => self.objects,
            JsonType::Array => self.arrays,
        }
    }

    /// How many values were there.
    pub(super) fn seen(&self) -> u64 {
        JsonType::ALL.into_iter().map(|kind| self.count(kind)).sum()
    }

    /// The types that were there.
    pub(super) fn types(&self) -> Vec<JsonType> {
        JsonType::ALL.into_iter().filter(|kind| self.count(*kind) > 0).collect()
    }

    /// How many places it and what is below it are.
    pub(super) fn places(&self) -> usize {
        let below = self.others.iter().chain(&self.items).map(|node| node.places());
        1 + below.sum::<usize>() + self.fields.values().map(Self::places).sum::<usize>()
    }

    /// Whether each of the objects had that field.
    pub(super) fn always_has(&self, field: &Self) -> bool {
        field.seen() >= self.objects
    }
}

/// More different words than this are no list of words.
const MOST_WORDS: usize = 12;
/// The longest word, in bytes.
const LONGEST_WORD: usize = 40;

/// The strings that were seen, while they are few words; what else is seen is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Words(Option<BTreeSet<String>>);

impl Default for Words {
    fn default() -> Self {
        Self(Some(BTreeSet::new()))
    }
}

impl Words {
    pub(super) fn add(&mut self, text: &str) {
        let Some(known) = &mut self.0 else { return };
        if known.contains(text) {
            return;
        }
        if known.len() < MOST_WORDS && is_word(text) {
            known.insert(text.to_owned());
        } else {
            self.0 = None;
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        let Self(Some(others)) = other else {
            self.0 = None;
            return;
        };
        for word in others {
            self.add(&word);
        }
    }

    /// The words; `None` where they are not few, or no words.
    pub(super) fn known(&self) -> Option<&BTreeSet<String>> {
        self.0.as_ref().filter(|words| !words.is_empty())
    }
}

/// Whether a text is of the kind that programs choose from: a word, not somebody's data.
fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= LONGEST_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && digits < 6
        && text.chars().all(plain)
}
