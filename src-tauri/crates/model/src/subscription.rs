use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which event types an endpoint wants: `*`, a name, or a prefix such as `message.*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventPattern(String);

/// Why a text is no event pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an event type: give `*`, a name such as `message.sent`, or a prefix such as `message.*`"
)]
pub struct EventPatternError(String);

impl EventPattern {
    /// Every event type.
    pub fn all() -> Self {
        Self("*".to_owned())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an event of this type is wanted. `message.*` wants `message.sent` and
    /// `message.sent.late`, not `message`.
    pub fn matches(&self, event_type: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(prefix) => event_type.starts_with(prefix) && event_type.len() > prefix.len(),
            None => self.0 == event_type,
        }
    }

    /// Whether it is a plain name rather than `*` or a prefix.
    pub fn is_name(&self) -> bool {
        !self.0.ends_with('*')
    }
}

impl FromStr for EventPattern {
    type Err = EventPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_suffix(".*").unwrap_or(if text == "*" { "x" } else { text });
        let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '*' | ',' | '"' | '\\');
        if name.is_empty() || text.len() > 128 || !name.chars().all(fits) {
            return Err(EventPatternError(text.chars().take(140).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for EventPattern {
    type Error = EventPatternError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventPattern> for String {
    fn from(pattern: EventPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an endpoint subscribes to: one pattern or several; an event is wanted where any matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subscriptions(Vec<EventPattern>);

impl Subscriptions {
    /// Every event type.
    pub fn all() -> Self {
        Self(vec![EventPattern::all()])
    }

    /// These patterns, in their order.
    pub const fn new(patterns: Vec<EventPattern>) -> Self {
        Self(patterns)
    }

    /// Whether an event of this type is wanted.
    pub fn matches(&self, event_type: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(event_type))
    }

    /// The patterns, in their order.
    pub fn patterns(&self) -> &[EventPattern] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(pattern: &str, event_type: &str) -> bool {
        pattern.parse::<EventPattern>().unwrap().matches(event_type)
    }

    #[test]
    fn names_prefixes_and_the_star() {
        assert!(wants("*", "message.sent"));
        assert!(wants("message.sent", "message.sent"));
        assert!(!wants("message.sent", "message.sent.late"));
        assert!(wants("message.*", "message.sent.late"));
        assert!(!wants("message.*", "message"));
        assert!(!wants("message.*", "messages.sent"));
        assert!(!wants("message.*", "message."));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in ["", "a*", "*.sent", "a.*.b", "a b", "é", ".*", "**", &"a".repeat(129)] {
            assert!(bad.parse::<EventPattern>().is_err(), "{bad}");
        }
    }
}
