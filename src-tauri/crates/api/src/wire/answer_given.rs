use hookbench_model::{self as model, RequestId};
use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Headers;
use super::answer_rule::{AnswerFault, AnswerFaultKind, AnswerRule};
use super::fault_receiver::RetryAfterSent;
use super::inbox::BodyText;
use crate::problem::{FieldError, Problem};

/// What a rule has counted since it was made, changed or told to start again, or since the program began.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleCount {
    /// The rule.
    rule_id: String,
    /// How many requests met what it says of their parts, and were not taken by a rule before it.
    matched: u64,
    /// How many of those it answered.
    answered: u64,
}

impl From<workbench::RuleCount> for RuleCount {
    fn from(count: workbench::RuleCount) -> Self {
        Self {
            rule_id: count.rule.to_string(),
            matched: count.counted.matched,
            answered: count.counted.answered,
        }
    }
}

/// Which rules begin to count anew.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesReset {
    /// This one; all of the inbox unless given.
    pub(crate) rule_id: Option<String>,
}

/// A request that has not come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleRequest {
    /// The method; POST unless given.
    method: Option<String>,
    /// The path below the slug.
    #[serde(default)]
    #[schema(required = false)]
    path: String,
    /// The query, without the question mark.
    query: Option<String>,
    /// The headers.
    #[serde(default)]
    #[schema(required = false)]
    headers: Headers,
    /// The body.
    body: Option<BodyText>,
}

/// What an inbox would answer: to a captured request, to one that has not come, or else to its newest.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesPreviewInput {
    /// By these rules in place of the inbox's own.
    rules: Option<Vec<AnswerRule>>,
    /// To this captured request. What is hidden of it is hidden from templates.
    request_id: Option<String>,
    /// To this one, which has not come.
    request: Option<SampleRequest>,
}

impl TryFrom<RulesPreviewInput> for workbench::RulesPreviewDraft {
    type Error = Problem;

    fn try_from(input: RulesPreviewInput) -> Result<Self, Problem> {
        let id = |text: String| {
            text.parse::<RequestId>()
                .map_err(|error| Problem::invalid(vec![FieldError::new("request_id", error.to_string())]))
        };
        let sample = |sample: SampleRequest| {
            Ok::<_, Problem>(workbench::SampleDraft {
                method: sample.method.unwrap_or_else(|| "POST".to_owned()),
                path: sample.path,
                query: sample.query,
                headers: sample.headers.0,
                body: sample
                    .body
                    .map(|body| body.bytes("request.body.base64"))
                    .transpose()?
                    .unwrap_or_default(),
            })
        };
        Ok(Self {
            rules: input.rules.map(|rules| AnswerRule::drafts("rules", rules)).transpose()?,
            request: input.request_id.map(id).transpose()?,
            sample: input.request.map(sample).transpose()?,
        })
    }
}

/// What a rule made of a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleStep {
    /// Which rule, from 0.
    index: usize,
    /// What it is called.
    name: String,
    /// Why it does not take the request; null where it does.
    #[schema(required)]
    why_not: Option<String>,
}

/// What is wrong with a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateProblem {
    /// In a sentence.
    message: String,
    /// In this line, from 1; null where that is not known.
    #[schema(required)]
    line: Option<usize>,
    /// At this character, from 1; null where that is not known.
    #[schema(required)]
    column: Option<usize>,
}

/// What would be answered if a request came now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesPreview {
    /// The captured request that it is of; null of one that has not come.
    #[schema(required)]
    request_id: Option<String>,
    /// The rules that were asked, in their order; the last one took it, where one did.
    steps: Vec<RuleStep>,
    /// Which rule answers, from 0; null where the inbox's usual answer goes out.
    #[schema(required)]
    rule: Option<usize>,
    /// The status.
    status: u16,
    /// The headers.
    headers: Headers,
    /// The body.
    body: BodyText,
    /// How long it would wait.
    delay_ms: u64,
    /// What it would say of when to try again; null for nothing.
    #[schema(required)]
    retry_after: Option<RetryAfterSent>,
    /// What would become of it; null for nothing unusual.
    #[schema(required)]
    fault: Option<AnswerFault>,
    /// Why its template cannot be filled in: 500 would be answered. Null where nothing is wrong.
    #[schema(required)]
    problem: Option<TemplateProblem>,
}

impl From<workbench::RulesPreview> for RulesPreview {
    fn from(made: workbench::RulesPreview) -> Self {
        let workbench::RulesPreview { rules, request, steps, answer, by_rule } = made;
        let step = |step: workbench::Step| RuleStep {
            index: step.index,
            name: rules.get(step.index).map(|rule| rule.name.clone()).unwrap_or_default(),
            why_not: step.why_not,
        };
        Self {
            request_id: request.map(|id| id.to_string()),
            steps: steps.into_iter().map(step).collect(),
            rule: by_rule.then_some(answer.index),
            status: answer.status,
            headers: answer.headers.into(),
            body: answer.body.as_ref().into(),
            delay_ms: answer.delay_ms,
            retry_after: answer.retry_after.map(Into::into),
            fault: answer.fault.map(Into::into),
            problem: answer.problem.map(|error| TemplateProblem {
                message: error.message,
                line: error.line,
                column: error.column,
            }),
        }
    }
}

/// The rule that answered a captured request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnsweredByRule {
    /// Its id.
    id: String,
    /// What it was called then.
    name: String,
}

/// What was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GivenAnswer {
    /// The HTTP status that the sender got to see; null where the connection was closed, reset or left silent before,
    /// where the sender had gone by then, and where the file that it was imported from has none.
    #[schema(required)]
    status: Option<u16>,
    /// The rule of the inbox that answered; null where none did.
    #[schema(required)]
    rule: Option<AnsweredByRule>,
    /// What became of the answer in place of being sent as it should; null for nothing.
    #[schema(required)]
    fault: Option<AnswerFaultKind>,
}

impl GivenAnswer {
    /// What was answered to a request.
    pub(crate) fn to(request: &model::CapturedRequest) -> Self {
        let by = request.answered_by.as_ref();
        Self {
            status: request.status_seen(),
            rule: by.map(|by| AnsweredByRule { id: by.rule.to_string(), name: by.name.clone() }),
            fault: by.and_then(|by| by.fault).map(Into::into),
        }
    }
}
