use hookbench_model as model;
use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault_receiver::RetryAfterSent;
use super::inbox::BodyText;
use super::{Headers, wire_enum};
use crate::problem::{FieldError, Problem};

/// A rule of an inbox: which requests it takes, and what they are answered. The first rule that takes a request answers
/// it; where none does, the inbox's `response` goes out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerRule {
    /// `rul_…`. Left out, or unknown to the inbox, it is a new one; what it has counted goes by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Whether it takes any request; it does unless said otherwise.
    #[serde(default = "yes")]
    #[schema(required = false)]
    enabled: bool,
    /// Which requests it takes; all unless something is said.
    #[serde(default)]
    #[schema(required = false)]
    when: RuleWhen,
    /// What they are answered; 200 unless something is said.
    #[serde(default)]
    #[schema(required = false)]
    then: RuleThen,
}

const fn yes() -> bool {
    true
}

/// Which requests a rule takes: all that it says has to hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RuleWhen {
    /// With one of these methods; any where there are none.
    #[schema(required = false, max_items = 16)]
    methods: Vec<String>,
    /// With this path below the slug: `*` stands for any run within a segment, `**` for any run.
    #[schema(max_length = 256)]
    path: Option<String>,
    /// With these headers.
    #[schema(required = false, max_items = 16)]
    headers: Vec<RuleTest>,
    /// With these parameters in the query.
    #[schema(required = false, max_items = 16)]
    query: Vec<RuleTest>,
    /// With these fields in the body's JSON, which is read up to 1 MiB.
    #[schema(required = false, max_items = 16)]
    json: Vec<RuleJsonTest>,
    /// Only these of the requests that meet the rest, counted from 1.
    nth: Option<RuleNth>,
    /// Only a share of them.
    share: Option<RuleShare>,
}

/// What has to hold of a name's values: `equals`, `contains` or `present`; that it is there where none is said.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleTest {
    /// The header, whatever its case, or the parameter.
    name: String,
    /// One of its values is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    equals: Option<String>,
    /// This stands in one of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contains: Option<String>,
    /// Whether it is to be there at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    present: Option<bool>,
}

/// What has to hold of a field of JSON; a number is equal to one of the same value, and the rest is compared
/// as JSON writes it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleJsonTest {
    /// Where it stands: `data.items[0].id`, `data.items[*].id` for any of them, or an RFC 6901 pointer.
    #[schema(max_length = 256)]
    path: String,
    /// It is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    equals: Option<String>,
    /// This stands in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contains: Option<String>,
    /// Whether it is to be there at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    present: Option<bool>,
}

/// Which of the requests that meet a rule's other conditions.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleNth {
    /// The first of them.
    #[serde(default = "first")]
    #[schema(required = false, minimum = 1)]
    from: u64,
    /// The last of them; null for all that follow.
    #[serde(default)]
    to: Option<u64>,
}

const fn first() -> u64 {
    1
}

/// A share of the requests that meet a rule's other conditions: for one seed the same ones each time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleShare {
    /// How many of a hundred.
    #[schema(maximum = 100)]
    percent: u8,
    /// Which ones.
    #[serde(default)]
    #[schema(required = false)]
    seed: u64,
}

/// What a rule answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RuleThen {
    /// The statuses, one a request, 200 to 599.
    #[schema(required = false, min_items = 1, max_items = 100)]
    statuses: Vec<u16>,
    /// Whether they begin anew after the last one; else the last one stays.
    #[schema(required = false)]
    repeat: bool,
    /// The headers.
    #[schema(required = false)]
    headers: Headers,
    /// The body, at most 1 MiB.
    #[schema(required = false)]
    body: BodyText,
    /// Whether the body and the headers' values are templates: `{{ request.json.id }}`, `{{ now }}`, `{{ uuid() }}`,
    /// `{{ count }}`, `{% if … %}`, `{% for … %}`.
    #[schema(required = false)]
    template: bool,
    /// How long the answer waits after the request is stored.
    #[schema(required = false, maximum = 120_000)]
    delay_ms: u64,
    /// What answers other than 2xx say of when to try again.
    retry_after: Option<RetryAfterSent>,
    /// What becomes of the answer in place of being sent as it should.
    fault: Option<AnswerFault>,
}

impl Default for RuleThen {
    fn default() -> Self {
        model::RuleAnswer::default().into()
    }
}

wire_enum! {
    /// What becomes of an answer in place of being sent as it should.
    AnswerFaultKind {
        /// The connection is closed.
        Close,
        /// The connection is reset.
        Reset,
        /// Our side of the connection ends, and the other one stays open.
        HalfClose,
        /// Nothing more comes, and the connection stays open.
        NoAnswer,
        /// It comes slowly.
        Drip,
        /// It says another length than it has.
        WrongLength,
        /// The rule's template could not be filled in, and 500 was answered. Only in records.
        Template,
    }
}

/// What becomes of an answer, and how. Bytes are counted from the first of the status line; over HTTP/2, where the
/// stream ends in place of the connection, from the first of the body.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerFault {
    /// What.
    kind: AnswerFaultKind,
    /// How many bytes of the answer are sent before, with `close`, `reset`, `half_close` and `no_answer`; none unless
    /// given, with `half_close` the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after_bytes: Option<u32>,
    /// How many bytes a second come, with `drip`; one unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes_per_s: Option<u32>,
    /// How many bytes more it says than it has, with `wrong_length`; ten unless given, less than zero for fewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    off_by: Option<i32>,
}

impl AnswerFault {
    fn model(self) -> Result<model::AnswerFault, &'static str> {
        let after = self.after_bytes.unwrap_or(0);
        let fault = match self.kind {
            AnswerFaultKind::Close => model::AnswerFault::Close { after_bytes: after },
            AnswerFaultKind::Reset => model::AnswerFault::Reset { after_bytes: after },
            AnswerFaultKind::NoAnswer => model::AnswerFault::NoAnswer { after_bytes: after },
            AnswerFaultKind::HalfClose => model::AnswerFault::HalfClose { after_bytes: self.after_bytes },
            AnswerFaultKind::Drip => model::AnswerFault::Drip { bytes_per_s: self.bytes_per_s.unwrap_or(1) },
            AnswerFaultKind::WrongLength => {
                model::AnswerFault::WrongLength { off_by: self.off_by.unwrap_or(10) }
            }
            AnswerFaultKind::Template => {
                return Err("`template` is what a record says; give a template that cannot be filled in");
            }
        };
        let is_cut = !matches!(self.kind, AnswerFaultKind::Drip | AnswerFaultKind::WrongLength);
        match (is_cut, self.kind) {
            (false, _) if self.after_bytes.is_some() => Err("`after_bytes` means nothing for this kind"),
            (_, kind) if self.bytes_per_s.is_some() && kind != AnswerFaultKind::Drip => {
                Err("`bytes_per_s` is for `drip` alone")
            }
            (_, kind) if self.off_by.is_some() && kind != AnswerFaultKind::WrongLength => {
                Err("`off_by` is for `wrong_length` alone")
            }
            _ => Ok(fault),
        }
    }
}

impl From<model::AnswerFault> for AnswerFault {
    fn from(fault: model::AnswerFault) -> Self {
        let none = Self { kind: fault.kind().into(), after_bytes: None, bytes_per_s: None, off_by: None };
        match fault {
            model::AnswerFault::Close { after_bytes }
            | model::AnswerFault::Reset { after_bytes }
            | model::AnswerFault::NoAnswer { after_bytes } => Self { after_bytes: Some(after_bytes), ..none },
            model::AnswerFault::HalfClose { after_bytes } => Self { after_bytes, ..none },
            model::AnswerFault::Drip { bytes_per_s } => Self { bytes_per_s: Some(bytes_per_s), ..none },
            model::AnswerFault::WrongLength { off_by } => Self { off_by: Some(off_by), ..none },
        }
    }
}

impl From<model::RuleAnswer> for RuleThen {
    fn from(then: model::RuleAnswer) -> Self {
        Self {
            statuses: then.statuses,
            repeat: then.repeat,
            headers: then.headers.into(),
            body: then.body.as_ref().into(),
            template: then.template,
            delay_ms: then.delay_ms,
            retry_after: then.retry_after.map(Into::into),
            fault: then.fault.map(Into::into),
        }
    }
}

impl RuleThen {
    fn model(self, field: &str) -> Result<model::RuleAnswer, Problem> {
        let fault =
            self.fault.map(AnswerFault::model).transpose().map_err(|message| {
                Problem::invalid(vec![FieldError::new(format!("{field}.fault"), message)])
            })?;
        Ok(model::RuleAnswer {
            statuses: self.statuses,
            repeat: self.repeat,
            headers: self.headers.0,
            body: self.body.bytes(&format!("{field}.body.base64"))?,
            template: self.template,
            delay_ms: self.delay_ms,
            retry_after: self.retry_after.map(Into::into),
            fault,
        })
    }
}

/// What somebody says of a value, as the three fields that say it.
type Said = (Option<String>, Option<String>, Option<bool>);

fn test(field: &str, said: Said) -> Result<model::ValueTest, Problem> {
    match said {
        (Some(text), None, None) => Ok(model::ValueTest::Equals(text)),
        (None, Some(text), None) => Ok(model::ValueTest::Contains(text)),
        (None, None, Some(false)) => Ok(model::ValueTest::Absent),
        (None, None, _) => Ok(model::ValueTest::Present),
        _ => {
            Err(Problem::invalid(vec![FieldError::new(field, "may say one of equals, contains and present")]))
        }
    }
}

fn said(test: model::ValueTest) -> Said {
    match test {
        model::ValueTest::Equals(text) => (Some(text), None, None),
        model::ValueTest::Contains(text) => (None, Some(text), None),
        model::ValueTest::Present => (None, None, Some(true)),
        model::ValueTest::Absent => (None, None, Some(false)),
    }
}

fn named(field: &str, tests: Vec<RuleTest>) -> Result<Vec<model::NamedTest>, Problem> {
    let one = |(at, one): (usize, RuleTest)| {
        let test = test(&format!("{field}[{at}]"), (one.equals, one.contains, one.present))?;
        Ok(model::NamedTest { name: one.name, test })
    };
    tests.into_iter().enumerate().map(one).collect()
}

fn shown(tests: Vec<model::NamedTest>) -> Vec<RuleTest> {
    let one = |one: model::NamedTest| {
        let (equals, contains, present) = said(one.test);
        RuleTest { name: one.name, equals, contains, present }
    };
    tests.into_iter().map(one).collect()
}

impl From<model::AnswerRule> for AnswerRule {
    fn from(rule: model::AnswerRule) -> Self {
        let json = |one: model::JsonTest| {
            let (equals, contains, present) = said(one.test);
            RuleJsonTest { path: one.path.into(), equals, contains, present }
        };
        let model::RuleWhen { methods, path, headers, query, json: fields, nth, share } = rule.when;
        Self {
            id: Some(rule.id.to_string()),
            name: Some(rule.name),
            enabled: rule.enabled,
            when: RuleWhen {
                methods,
                path: path.map(Into::into),
                headers: shown(headers),
                query: shown(query),
                json: fields.into_iter().map(json).collect(),
                nth: nth.map(|nth| RuleNth { from: nth.from, to: nth.to }),
                share: share.map(|share| RuleShare { percent: share.percent, seed: share.seed }),
            },
            then: rule.then.into(),
        }
    }
}

impl AnswerRule {
    /// What somebody says of rules; `field` is what they are called there.
    pub(crate) fn drafts(field: &str, rules: Vec<Self>) -> Result<Vec<workbench::RuleDraft>, Problem> {
        rules.into_iter().enumerate().map(|(at, rule)| rule.draft(&format!("{field}[{at}]"))).collect()
    }

    fn draft(self, field: &str) -> Result<workbench::RuleDraft, Problem> {
        let when = format!("{field}.when");
        let json = |(at, one): (usize, RuleJsonTest)| {
            let test = test(&format!("{when}.json[{at}]"), (one.equals, one.contains, one.present))?;
            Ok((one.path, test))
        };
        Ok(workbench::RuleDraft {
            id: self.id,
            name: self.name,
            enabled: self.enabled,
            when: workbench::WhenDraft {
                methods: self.when.methods,
                path: self.when.path,
                headers: named(&format!("{when}.headers"), self.when.headers)?,
                query: named(&format!("{when}.query"), self.when.query)?,
                json: self.when.json.into_iter().enumerate().map(json).collect::<Result<_, Problem>>()?,
                nth: self.when.nth.map(|nth| model::Nth { from: nth.from, to: nth.to }),
                share: self.when.share.map(|share| model::Share { percent: share.percent, seed: share.seed }),
            },
            then: self.then.model(&format!("{field}.then"))?,
        })
    }
}
