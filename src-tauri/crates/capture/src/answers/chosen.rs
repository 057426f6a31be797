use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{
    AnswerFault, AnswerFaultKind, AnswerRule, AnsweredBy, Asked, HeaderPairs, InboxResponse, RetryAfterSent,
};
use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::counts::{CountBook, Counts};
use super::template::{Facts, TemplateError, Templates};

/// The rules of an inbox, ready to answer.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Ready>);

#[derive(Debug)]
struct Ready {
    rule: AnswerRule,
    counts: Arc<Counts>,
    /// The templates of its answer; `None` where it has none.
    templates: Option<Result<Templates, TemplateError>>,
}

/// What a rule gives a request.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) by: AnsweredBy,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderPairs,
    pub(crate) body: Bytes,
    pub(crate) delay_ms: u64,
    pub(crate) retry_after: Option<RetryAfterSent>,
    pub(crate) fault: Option<AnswerFault>,
    /// Why its template could not be filled in.
    pub(crate) problem: Option<TemplateError>,
    /// The place of what holds a connection open.
    pub(crate) place: Option<Arc<OwnedSemaphorePermit>>,
}

impl Rules {
    /// Makes the rules that are enabled ready; what they have counted goes on.
    pub(crate) fn of(rules: &[AnswerRule], counts: &CountBook) -> Self {
        let ready = |rule: &AnswerRule| Ready {
            counts: counts.of(rule),
            templates: templates(rule),
            rule: rule.clone(),
        };
        // Each is told of to the counts, so that one which is disabled for a while goes on where it was.
        let all: Vec<Ready> = rules.iter().map(ready).collect();
        Self(all.into_iter().filter(|ready| ready.rule.enabled).collect())
    }

    /// Whether there are none, as for most inboxes.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answer of the first rule that takes a request; `None` where none does. It counts.
    pub(crate) fn take(&self, facts: &Facts<'_>) -> Option<Given> {
        let Ready { rule, counts, templates } = self.0.iter().find(|ready| ready.takes(facts.asked))?;
        let before = counts.one_is_answered();
        Some(Given::of(rule, templates.as_ref(), facts, before))
    }
}

impl Ready {
    fn takes(&self, asked: &Asked<'_>) -> bool {
        let Self { rule, counts, .. } = self;
        rule.when.meets(asked).is_ok() && rule.when.counts(counts.one_matches()).is_ok()
    }
}

/// The templates of a rule, or what is wrong with them; `None` where it has none.
pub(super) fn templates(rule: &AnswerRule) -> Option<Result<Templates, TemplateError>> {
    rule.then.template.then(|| Templates::read(&rule.then).map_err(|(_, error)| error))
}

impl Given {
    /// What a rule gives the request that it answers after so many others.
    pub(super) fn of(
        rule: &AnswerRule,
        templates: Option<&Result<Templates, TemplateError>>,
        facts: &Facts<'_>,
        before: u64,
    ) -> Self {
        let then = &rule.then;
        let filled = match templates {
            None => Ok((then.headers.clone(), then.body.clone())),
            Some(Ok(templates)) => templates.fill(facts, before).map_err(|(_, error)| error),
            Some(Err(error)) => Err(error.clone()),
        };
        let by = AnsweredBy {
            rule: rule.id,
            name: rule.name.clone(),
            fault: then.fault.map(AnswerFault::kind),
            shows_status: then.fault.is_none_or(|fault| fault.shows_status(false)),
        };
        let delay_ms = then.delay_ms.min(InboxResponse::MAX_DELAY_MS);
        match filled {
            Ok((headers, body)) => Self {
                by,
                status: StatusCode::from_u16(then.status(before)).unwrap_or(StatusCode::OK),
                headers,
                body,
                delay_ms,
                retry_after: then.retry_after,
                fault: then.fault,
                problem: None,
                place: None,
            },
            Err(error) => Self {
                by: AnsweredBy { fault: Some(AnswerFaultKind::Template), shows_status: true, ..by },
                status: StatusCode::INTERNAL_SERVER_ERROR,
                headers: HeaderPairs::from_iter([("Content-Type", "text/plain; charset=utf-8")]),
                body: "Captured. The template of the rule that answers could not be filled in.\n".into(),
                delay_ms,
                retry_after: None,
                fault: None,
                problem: Some(error),
                place: None,
            },
        }
    }
}

impl Given {
    /// Has it say what will become of it where it is sent over HTTP/2, or not. What holds a connection open takes one of
    /// the places for that; where there is none it is closed at once.
    pub(crate) fn settle(&mut self, two: bool, places: &Arc<Semaphore>) {
        let Some(fault) = self.fault else { return };
        if fault.holds(two) {
            self.place = Arc::clone(places).try_acquire_owned().ok().map(Arc::new);
        }
        let fault = if fault.holds(two) && self.place.is_none() {
            tracing::warn!("as many connections are held open by rules as allowed; one more is closed");
            AnswerFault::Close { after_bytes: 0 }
        } else {
            fault
        };
        self.fault = Some(fault);
        self.by.fault = Some(fault.kind());
        self.by.shows_status = fault.shows_status(two);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookbench_model::{Asked, RequestId, RuleAnswer, RuleId, RuleWhen, Timestamp};

    #[test]
    fn no_sender_writes_a_header_of_an_answer() {
        let rule = AnswerRule {
            id: RuleId::new(Timestamp::EPOCH),
            name: String::new(),
            enabled: true,
            when: RuleWhen::default(),
            then: RuleAnswer {
                template: true,
                headers: HeaderPairs::from_iter([
                    ("X-A", "{{ request.json.a }}"),
                    ("X-B", "{{ request.json.b }}"),
                ]),
                fault: Some(AnswerFault::HalfClose { after_bytes: None }),
                ..RuleAnswer::default()
            },
        };
        let rules = Rules::of(&[rule], &CountBook::default());
        let none = HeaderPairs::new();
        let given = |body: &[u8]| {
            let asked = Asked::new("POST", "/", None, &none, body);
            let facts = Facts {
                asked: &asked,
                id: RequestId::new(Timestamp::EPOCH),
                at: Timestamp::EPOCH,
                remote: "127.0.0.1:5",
                event_type: None,
                provider_event_id: None,
            };
            rules.take(&facts).unwrap()
        };
        let fine = given(br#"{"a":"\u00e9\t","b":"fine"}"#);
        assert_eq!(fine.headers, HeaderPairs::from_iter([("X-A", "\u{e9}\t"), ("X-B", "fine")]));
        for (value, what) in [
            ("1\\r\\nSet-Cookie: x=y", "a line break"),
            ("1\\n", "a line break"),
            ("\\u0000", "a control character"),
            ("\\u007f", "a control character"),
        ] {
            let given = given(format!(r#"{{"a":"fine","b":"{value}"}}"#).as_bytes());
            assert_eq!(
                (given.status, given.by.fault),
                (StatusCode::INTERNAL_SERVER_ERROR, Some(AnswerFaultKind::Template))
            );
            assert!(given.fault.is_none() && given.headers.get("x-b").is_none(), "{value}");
            let problem = given.problem.unwrap().to_string();
            assert_eq!(
                problem,
                format!("the header `X-B` cannot be sent: its value would hold {what}"),
                "{value}"
            );
        }
    }
}
