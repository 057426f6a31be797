use bytes::Bytes;
use hookbench_model::{
    AnswerFault, AnswerRule, Asked, HeaderPairs, RequestId, RetryAfterSent, RuleId, Timestamp,
};

use super::chosen::{Given, templates};
use super::counts::Counted;
use super::template::{Facts, TemplateError, Templates};

/// A request as a preview looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The request as rules look at it.
    pub asked: &'a Asked<'a>,
    /// Its id.
    pub id: RequestId,
    /// When it came.
    pub at: Timestamp,
    /// Who sent it.
    pub remote: &'a str,
    /// The event's type.
    pub event_type: Option<&'a str>,
    /// The provider's id of the event.
    pub provider_event_id: Option<&'a str>,
}

/// What a rule made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which rule, from 0.
    pub index: usize,
    /// Why it does not take the request; `None` where it does.
    pub why_not: Option<String>,
}

/// What would be answered to a request if it came now.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// The rules that were asked, in their order; the last one took it, where one did.
    pub steps: Vec<Step>,
    /// What is answered by a rule; `None` where none takes it, and the inbox's usual answer goes out.
    pub answer: Option<PreviewedAnswer>,
}

/// What a rule would answer.
#[derive(Clone, Debug)]
pub struct PreviewedAnswer {
    /// Which rule, from 0.
    pub index: usize,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body.
    pub body: Bytes,
    /// How long it would wait, in milliseconds.
    pub delay_ms: u64,
    /// When it would say to try again.
    pub retry_after: Option<RetryAfterSent>,
    /// What would become of it.
    pub fault: Option<AnswerFault>,
    /// Why its template cannot be filled in: 500 would be answered.
    pub problem: Option<TemplateError>,
}

/// Which rule would take a request, and what it would answer, if so many had come before. Counts nothing.
pub fn preview(rules: &[AnswerRule], counted: impl Fn(RuleId) -> Counted, sample: &Sample<'_>) -> Previewed {
    let mut steps = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let counted = counted(rule.id);
        let why_not = if rule.enabled {
            let met = rule.when.meets(sample.asked).and_then(|()| rule.when.counts(counted.matched));
            met.err().map(|unmet| unmet.to_string())
        } else {
            Some("it is switched off".to_owned())
        };
        let takes = why_not.is_none();
        steps.push(Step { index, why_not });
        if takes {
            let given = Given::of(rule, templates(rule).as_ref(), &facts(sample), counted.answered);
            let answer = PreviewedAnswer {
                index,
                status: given.status.as_u16(),
                headers: given.headers,
                body: given.body,
                delay_ms: given.delay_ms,
                retry_after: given.retry_after,
                fault: given.fault,
                problem: given.problem,
            };
            return Previewed { steps, answer: Some(answer) };
        }
    }
    Previewed { steps, answer: None }
}

fn facts<'a>(sample: &Sample<'a>) -> Facts<'a> {
    let Sample { asked, id, at, remote, event_type, provider_event_id } = *sample;
    Facts { asked, id, at, remote, event_type, provider_event_id }
}

/// How many answers a trial pretends to have been given before it: what fails after all of these fails always.
const TRIED: [u64; 5] = [0, 1, 7, 1_000, 1 << 40];

/// The time of such an answer, a usual one.
const TRIED_AT: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

/// Whether a rule's templates can be read, have no words that there are not, and do not fail whatever the request is.
/// What an empty request does not have is none of their faults. Names the part that is wrong: `body`, or `headers[0]`.
pub fn check(rule: &AnswerRule) -> Result<(), (String, TemplateError)> {
    if !rule.then.template {
        return Ok(());
    }
    let templates = Templates::read(&rule.then)?;
    templates.check_words()?;
    let headers = HeaderPairs::new();
    let asked = Asked::new("POST", "/", None, &headers, b"{}");
    let sample = Sample {
        asked: &asked,
        id: RequestId::new(Timestamp::EPOCH),
        at: Timestamp::EPOCH,
        remote: "127.0.0.1:1",
        event_type: None,
        provider_event_id: None,
    };
    let mut failed = None;
    for before in TRIED {
        // Neither is it to be a matter of the hour.
        let at = if before % 2 == 0 { TRIED_AT } else { TRIED_AT.plus_ms(86_401_003) };
        match templates.fill(&facts(&Sample { at, ..sample }), before) {
            Ok(_) => return Ok(()),
            Err((part, error)) if error.is_of_words => return Err((part, error)),
            Err(found) => failed = Some(found),
        }
    }
    match failed.filter(|(part, error)| templates.is_constant(part, error)) {
        Some((part, error)) => {
            let message = format!("it fails for every request: {}", error.message);
            Err((part, TemplateError { message, ..error }))
        }
        None => Ok(()),
    }
}
