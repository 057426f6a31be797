//! How what is seen is taken up, and how much of it at most.

use std::mem::take;

use serde_json::Value;

use super::JsonType;
use super::key::is_name;
use super::node::Node;

/// An object with more different names than this is a map: its keys are data.
const MOST_NAMES: usize = 160;

impl Node {
    /// Takes up a value; looks so deep into it.
    pub(super) fn learn(&mut self, value: &Value, depth: usize) {
        match JsonType::of(value) {
            JsonType::Null => self.nulls += 1,
            JsonType::Boolean => self.booleans += 1,
            JsonType::Integer => self.integers += 1,
            JsonType::Number => self.fractions += 1,
            JsonType::String => self.strings += 1,
            JsonType::Object => self.objects += 1,
            JsonType::Array => self.arrays += 1,
        }
        match value {
            Value::String(text) => {
                self.formats.narrow(text);
                self.words.add(text);
            }
            Value::Array(items) if depth > 0 && !items.is_empty() => {
                let node = self.items.get_or_insert_default();
                for item in items {
                    node.learn(item, depth - 1);
                }
            }
            Value::Object(fields) if depth > 0 => {
                for (key, value) in fields {
                    self.at(key).learn(value, depth - 1);
                }
            }
            _ => {}
        }
    }

    /// The place of what stands at that key.
    fn at(&mut self, key: &str) -> &mut Self {
        if !self.is_map && is_name(key) {
            if self.fields.len() < MOST_NAMES || self.fields.contains_key(key) {
                return self.fields.entry(key.to_owned()).or_default();
            }
            self.make_map();
        }
        self.others.get_or_insert_default()
    }

    /// Its keys are not told apart from now on.
    fn make_map(&mut self) {
        self.is_map = true;
        let others = self.others.get_or_insert_default();
        for field in take(&mut self.fields).into_values() {
            others.join(field);
        }
    }

    /// Takes up what was seen elsewhere.
    fn join(&mut self, other: Self) {
        self.nulls += other.nulls;
        self.booleans += other.booleans;
        self.integers += other.integers;
        self.fractions += other.fractions;
        self.strings += other.strings;
        self.objects += other.objects;
        self.arrays += other.arrays;
        self.formats.join(other.formats);
        self.words.join(other.words);
        if other.is_map && !self.is_map {
            self.make_map();
        }
        for (key, field) in other.fields {
            self.at(&key).join(field);
        }
        for (own, others) in [(&mut self.others, other.others), (&mut self.items, other.items)] {
            if let Some(others) = others {
                own.get_or_insert_default().join(*others);
            }
        }
    }

    /// Forgets what is deeper.
    pub(super) fn cut(&mut self, depth: usize) {
        if depth == 0 {
            (self.fields, self.others, self.items) = Default::default();
            self.is_map = false;
            return;
        }
        let below = self.others.iter_mut().chain(&mut self.items).map(|node| &mut **node);
        below.chain(self.fields.values_mut()).for_each(|node| node.cut(depth - 1));
    }
}
