//! The language of the filter for captured requests: words such as `method:POST status:5xx -valid`, read into a tree.
//!
//! What stands side by side holds together; `or`, `-` or `not`, and parentheses join otherwise. A word is a field and
//! what it wants, or text that is looked for anywhere. Reading never fails halfway: every fault is told with the
//! place of its word.

mod address;
mod caret;
mod fault;
mod field;
mod glob;
mod json_path;
mod lex;
mod matching;
mod named;
mod parse;
mod term;
#[cfg(test)]
mod tests;
mod value;
mod word;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

pub use caret::{Caret, Expected};
pub use fault::{QueryFault, QueryFaults, QueryProblem, Span};
pub use field::Field;
pub use glob::Glob;
pub use json_path::{JsonPath, JsonStep, JsonTest, Ordering};
pub use matching::Searched;
pub use term::{Mark, Node, NumberRange, Term, TextField, TextTest};

/// The longest filter, in characters.
pub const LONGEST_QUERY: usize = 2000;
/// The most words that a filter may have.
pub const MOST_WORDS: usize = 64;
/// How deep parentheses and negations may stand in each other.
pub const DEEPEST_QUERY: usize = 16;

/// A filter, read: what was written, and the tree that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    at: Timestamp,
    root: Node,
}

impl Query {
    /// Reads a filter; ages such as `since:1h` are from `now` on. An empty one holds for everything.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, QueryFaults> {
        Self::read_as(text, Reading { now, is_kept: false })
    }

    fn read_as(text: &str, reading: Reading) -> Result<Self, QueryFaults> {
        let (root, mut faults) = parse::parse(text, reading);
        if reading.is_kept {
            faults.retain(|fault| fault.problem != QueryProblem::EmptyText);
        }
        if faults.is_empty() {
            Ok(Self { text: text.to_owned(), at: reading.now, root })
        } else {
            Err(QueryFaults(faults))
        }
    }

    /// The slugs of inboxes that it names whole, and where they stand in it. Only who knows the inboxes can say
    /// whether there are such.
    pub fn inboxes(&self) -> Vec<(Span, String)> {
        named::inboxes(&self.text)
    }

    /// What was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tree.
    pub const fn root(&self) -> &Node {
        &self.root
    }
}

/// How a filter is read.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// What ages are from.
    now: Timestamp,
    /// Whether it was taken long ago: then what is refused today still stands for what it stood for.
    is_kept: bool,
}

/// A filter as it is kept: what was written, and when.
#[derive(Serialize, Deserialize)]
struct Written {
    text: String,
    at: Timestamp,
}

impl Serialize for Query {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { text: self.text.clone(), at: self.at }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { text, at } = Written::deserialize(deserializer)?;
        Self::read_as(&text, Reading { now: at, is_kept: true }).map_err(serde::de::Error::custom)
    }
}

/// A text as it is written in a filter where it stands for itself: in quotes where it has to be.
pub fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./+@%#&!$^|;{}[]?':".contains(letter);
    let begins = text.chars().next().is_some_and(|first| first.is_alphanumeric() || first == '/');
    if begins && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
