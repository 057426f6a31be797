use serde::{Deserialize, Serialize};

use super::{DEEPEST_QUERY, LONGEST_QUERY, MOST_WORDS};

/// A stretch of a text, in characters (Unicode scalar values): from `start` to before `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first character.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
}

/// A word of a filter that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct QueryFault {
    /// Where the word stands.
    pub at: Span,
    /// What is wrong with it.
    pub problem: QueryProblem,
}

/// Everything that is wrong with a filter, in the order of its words; at least one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct QueryFaults(pub Vec<QueryFault>);

/// What is wrong with a word, and what could stand there instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryProblem {
    /// There is no such field.
    #[error("`{name}` is no field here{}; text with a colon in it goes in quotes", or_nearest(*.nearest))]
    UnknownField {
        /// What was written.
        name: String,
        /// The field whose name is nearest.
        nearest: Option<&'static str>,
    },
    /// The field wants something.
    #[error("`{field}:` wants something after the colon, such as `{example}`")]
    NoValue {
        /// The field.
        field: &'static str,
        /// The field with a value.
        example: &'static str,
    },
    /// The value is none for this field.
    #[error("`{value}` does not fit `{field}:`, which wants {wanted}")]
    WrongValue {
        /// The field.
        field: &'static str,
        /// What was written.
        value: String,
        /// What fits, in words.
        wanted: &'static str,
    },
    /// There is no such inbox.
    #[error("there is no inbox `{slug}`; `inbox:` wants the word in an inbox's URL")]
    NoSuchInbox {
        /// What was written.
        slug: String,
    },
    /// Quoted text does not end.
    #[error("the quotation mark is not closed")]
    OpenQuote,
    /// A parenthesis is not closed.
    #[error("the parenthesis is not closed")]
    OpenParenthesis,
    /// A parenthesis closes none.
    #[error("this parenthesis closes none; a text with parentheses goes in quotes")]
    StrayParenthesis,
    /// There is nothing between two parentheses.
    #[error("there is nothing between the parentheses")]
    EmptyParentheses,
    /// A text to look for has no letters.
    #[error("an empty text stands everywhere; put what to look for between the quotation marks")]
    EmptyText,
    /// A word that joins has nothing on one side.
    #[error("`{word}` wants a condition {}; to look for the word itself, put it in quotes", on_side(*.before))]
    Dangling {
        /// `or`, `and`, `not` or `-`.
        word: &'static str,
        /// Whether it is missing before the word, not after it.
        before: bool,
    },
    /// The text is too long.
    #[error("may be at most {LONGEST_QUERY} characters long")]
    TooLong,
    /// There are too many words.
    #[error("may have at most {MOST_WORDS} words")]
    TooMany,
    /// Parentheses and negations stand too deep in each other.
    #[error("may have at most {DEEPEST_QUERY} parentheses and negations in each other")]
    TooDeep,
}

fn or_nearest(name: Option<&'static str>) -> String {
    name.map(|name| format!("; did you mean `{name}:`?")).unwrap_or_default()
}

const fn on_side(before: bool) -> &'static str {
    if before { "before it" } else { "after it" }
}
