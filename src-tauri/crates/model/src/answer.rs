//! What an inbox answers by rules of its own: which requests a rule takes, and what it gives them.
//!
//! Pure: the request and how many came before it go in, the rule and its answer come out. Nothing here sends.

mod asked;
mod fault;
mod json_path;
mod path_pattern;
mod rule;
mod sequence;
mod when;

pub use asked::Asked;
pub use fault::{AnswerFault, AnswerFaultKind};
pub use json_path::{JsonPath, JsonPathError};
pub use path_pattern::{PathPattern, PathPatternError};
pub use rule::{AnswerRule, AnsweredBy, RetryAfterForm, RetryAfterSent, RuleAnswer};
pub use sequence::StatusSequence;
pub use when::{JsonTest, NamedTest, Nth, RuleWhen, Share, Unmet, ValueTest};
