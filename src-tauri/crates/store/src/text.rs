//! The index of what stands in captured requests: written behind the capturing, read by searches.
//!
//! It is never needed to be right, only to be fast: what is not in it yet is looked through, and what it gives is looked
//! at. It holds marks of three bytes ([`marks`]) of what the log shows: nothing that is veiled.

mod fill;
mod find;
mod marks;

pub use fill::TextFilled;
pub(crate) use fill::{forget, lower};
pub(crate) use find::{Blocks, Span};

/// What is asked of the index: a request that has it may be what is looked for, and one that has not is not.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// All marks of a text.
    Marks(String),
    /// One of the many marks of two bytes.
    Two(Vec<String>),
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
}

impl Asked {
    /// A text that stands in it; `None` where it is too short to be asked for.
    pub(crate) fn text(text: &[u8]) -> Option<Self> {
        marks::of_text(text).map(Self::Marks).or_else(|| marks::of_two(text).map(Self::Two))
    }

    /// All of these; `None` where there is none. Two bytes are not asked for where anything else is: that leads nearer,
    /// and costs much less.
    pub(crate) fn all(mut asked: Vec<Self>) -> Option<Self> {
        if asked.iter().any(|one| one.twos() == 0) {
            asked.retain(|one| one.twos() == 0);
        } else {
            asked.truncate(1);
        }
        if asked.len() < 2 { asked.pop() } else { Some(Self::All(asked)) }
    }

    /// How many times two bytes are asked for in it.
    pub(crate) fn twos(&self) -> usize {
        match self {
            Self::Marks(_) => 0,
            Self::Two(_) => 1,
            Self::All(all) | Self::Any(all) => all.iter().map(Self::twos).sum(),
        }
    }

    /// A text that stands in its body, as it is or with escapes.
    pub(crate) fn json_text(text: &str) -> Option<Self> {
        Self::text(text.as_bytes())
            .map(|asked| Self::Any(vec![asked, Self::Marks(marks::ESCAPES.to_owned())]))
    }

    /// A whole number of its body, however it is written; `None` where it is none, or could not be told.
    pub(crate) fn json_number(text: &str) -> Option<Self> {
        let odd = Self::Marks(marks::NUMBERS.to_owned());
        marks::of_number(text).map(|number| Self::Any(vec![Self::Marks(number), odd]))
    }

    /// In the words of the index. What is not in it to the end is asked for in any case.
    pub(crate) fn expression(&self) -> String {
        format!("({}) OR {}", self.words(), marks::CUT)
    }

    fn words(&self) -> String {
        let joined = |all: &[Self], word: &str| {
            all.iter().map(|one| format!("({})", one.words())).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::Marks(words) => words.clone(),
            Self::Two(words) => words.join(" OR "),
            Self::All(all) => joined(all, " AND "),
            Self::Any(any) => joined(any, " OR "),
        }
    }
}
