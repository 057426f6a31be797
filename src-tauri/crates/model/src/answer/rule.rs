use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{AnswerFault, AnswerFaultKind, RuleWhen, StatusSequence};
use crate::{HeaderPairs, RuleId};

/// A rule of an inbox: which requests it takes, and what they are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRule {
    /// Its id: what it has counted goes by it.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// Whether it takes any.
    pub enabled: bool,
    /// Which requests it takes.
    pub when: RuleWhen,
    /// What they are answered.
    pub then: RuleAnswer,
}

impl AnswerRule {
    /// The most rules that an inbox may have.
    pub const MOST: usize = 64;
    /// The most bytes that the bodies of an inbox's rules may have together: 4 MiB.
    pub const MOST_BODIES: usize = 4 << 20;
}

/// What a rule answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleAnswer {
    /// The statuses, one a request; never empty.
    pub statuses: Vec<u16>,
    /// Whether they begin anew after the last one; else the last one stays.
    pub repeat: bool,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body.
    #[serde(with = "body_text")]
    pub body: Bytes,
    /// Whether the body, and the values of the headers, are templates.
    pub template: bool,
    /// How long the answer waits after the request is stored, in milliseconds.
    pub delay_ms: u64,
    /// What answers other than 2xx say of when to try again.
    pub retry_after: Option<RetryAfterSent>,
    /// What becomes of the answer in place of being sent as it should.
    pub fault: Option<AnswerFault>,
}

impl RuleAnswer {
    /// The most statuses in a row.
    pub const MOST_STATUSES: usize = 100;
    /// The furthest time that an answer may name to try again, in seconds: 7 days.
    pub const MAX_RETRY_AFTER_S: u64 = 7 * 24 * 3600;

    /// The status for the request that it is given after so many others.
    pub fn status(&self, before: u64) -> u16 {
        StatusSequence { statuses: &self.statuses, repeat: self.repeat }.status(before)
    }
}

impl Default for RuleAnswer {
    /// 200 without a body.
    fn default() -> Self {
        Self {
            statuses: vec![200],
            repeat: false,
            headers: HeaderPairs::new(),
            body: Bytes::new(),
            template: false,
            delay_ms: 0,
            retry_after: None,
            fault: None,
        }
    }
}

/// When an answer says to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryAfterSent {
    /// How many seconds after the answer.
    pub seconds: u64,
    /// How that is written.
    pub form: RetryAfterForm,
}

/// How a `Retry-After` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfterForm {
    /// As seconds.
    #[default]
    Seconds,
    /// As an HTTP date.
    Date,
}

/// The rule that answered a captured request, and what became of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredBy {
    /// The rule.
    pub rule: RuleId,
    /// What it was called then.
    pub name: String,
    /// What became of the answer; `None` where it went out as it should.
    pub fault: Option<AnswerFaultKind>,
    /// Whether the sender got to see a status.
    pub shows_status: bool,
}

/// A body as text, or as base64 where it is none.
mod body_text {
    use bytes::Bytes;
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Bytes { base64: String },
    }

    pub(super) fn serialize<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match std::str::from_utf8(body) {
            Ok(text) => Written::Text(text.to_owned()),
            Err(_) => Written::Bytes { base64: BASE64.encode(body) },
        };
        written.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(text.into()),
            Written::Bytes { base64 } => {
                BASE64.decode(base64.as_bytes()).map(Bytes::from).map_err(serde::de::Error::custom)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JsonTest, NamedTest, Nth, Share, Timestamp, ValueTest};

    #[test]
    fn a_rule_reads_back_as_it_was_written() {
        let rule = AnswerRule {
            id: RuleId::new(Timestamp::EPOCH),
            name: "Fails at first".to_owned(),
            enabled: true,
            when: RuleWhen {
                methods: vec!["POST".to_owned()],
                path: Some("/hooks/*".parse().unwrap()),
                headers: vec![NamedTest {
                    name: "X-A".to_owned(),
                    test: ValueTest::Contains("b".to_owned()),
                }],
                query: vec![NamedTest { name: "q".to_owned(), test: ValueTest::Absent }],
                json: vec![JsonTest {
                    path: "data.to".parse().unwrap(),
                    test: ValueTest::Equals("+49".to_owned()),
                }],
                nth: Some(Nth { from: 1, to: Some(3) }),
                share: Some(Share { percent: 20, seed: 7 }),
            },
            then: RuleAnswer {
                body: Bytes::from_static(b"\xff\x00"),
                retry_after: Some(RetryAfterSent { seconds: 9, form: RetryAfterForm::Date }),
                fault: Some(AnswerFault::Reset { after_bytes: 10 }),
                ..RuleAnswer::default()
            },
        };
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<AnswerRule>(&text).unwrap(), rule, "{text}");
    }
}
