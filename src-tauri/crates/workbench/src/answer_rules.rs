//! The rules of what an inbox answers, as somebody asks for them, and the checks that make them ones.

use std::str::FromStr;

use bytes::Bytes;
use hookbench_capture::answers::{self, Counted, PreviewedAnswer, Sample};
use hookbench_model::{
    AnswerFault, AnswerRule, Asked, CapturedRequest, HeaderPairs, Inbox, InboxId, InboxResponse, JsonTest,
    NamedTest, Nth, PageRequest, RequestFilter, RequestId, RuleAnswer, RuleId, RuleWhen, Share, ValueTest,
};

use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, checks};

/// The longest text that a value is compared with, in bytes.
const LONGEST_VALUE: usize = 1024;
/// The largest number that counts requests.
const MOST_COUNTED: u64 = 1_000_000_000;
/// The most bytes that a preview's own request may have.
const LARGEST_SAMPLE: usize = 1 << 20;

/// What somebody says of a rule.
#[derive(Clone, Debug)]
pub struct RuleDraft {
    /// The rule of the inbox that it is; a new one where not said, or where the inbox has no such rule.
    pub id: Option<String>,
    /// What people call it; named by its place unless given.
    pub name: Option<String>,
    /// Whether it takes any request.
    pub enabled: bool,
    /// Which requests it takes.
    pub when: WhenDraft,
    /// What they are answered.
    pub then: RuleAnswer,
}

/// What somebody says of which requests a rule takes.
#[derive(Clone, Debug, Default)]
pub struct WhenDraft {
    /// The methods.
    pub methods: Vec<String>,
    /// The path below the slug.
    pub path: Option<String>,
    /// What of its headers has to hold.
    pub headers: Vec<NamedTest>,
    /// What of its query has to hold.
    pub query: Vec<NamedTest>,
    /// What of its body's JSON has to hold: where, and what.
    pub json: Vec<(String, ValueTest)>,
    /// Which of those that meet the rest.
    pub nth: Option<Nth>,
    /// How many of those.
    pub share: Option<Share>,
}

/// A rule and what it has counted.
#[derive(Clone, Debug)]
pub struct RuleCount {
    /// The rule.
    pub rule: RuleId,
    /// Since it was made, changed or told to start again, or since the program began.
    pub counted: Counted,
}

/// What is to be previewed.
#[derive(Clone, Debug, Default)]
pub struct RulesPreviewDraft {
    /// Other rules than the inbox has.
    pub rules: Option<Vec<RuleDraft>>,
    /// A captured request; the newest of the inbox unless this or `sample` is given.
    pub request: Option<RequestId>,
    /// A request that has not come.
    pub sample: Option<SampleDraft>,
}

/// A request that has not come.
#[derive(Clone, Debug)]
pub struct SampleDraft {
    /// The method.
    pub method: String,
    /// The path below the slug.
    pub path: String,
    /// The query, without the question mark.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body.
    pub body: Bytes,
}

/// What an inbox would answer.
#[derive(Clone, Debug)]
pub struct RulesPreview {
    /// The rules that it went by.
    pub rules: Vec<AnswerRule>,
    /// The captured request that it is of; `None` of one that has not come.
    pub request: Option<RequestId>,
    /// What the rules made of it, in their order.
    pub steps: Vec<answers::Step>,
    /// What would be answered: by a rule, or as usual.
    pub answer: PreviewedAnswer,
    /// Whether a rule answers.
    pub by_rule: bool,
}

impl Workbench {
    /// What the rules of an inbox have counted, in their order.
    pub async fn rule_counts(&self, id: InboxId) -> Result<Vec<RuleCount>> {
        let inbox = self.inbox(id).await?.inbox;
        let counts = self.with_receiver(|receiver| {
            let of = |rule: &AnswerRule| RuleCount { rule: rule.id, counted: receiver.rule_counted(rule.id) };
            inbox.rules.iter().map(of).collect()
        });
        Ok(counts.await.unwrap_or_default())
    }

    /// Has a rule of an inbox begin to count anew, or all of them.
    pub async fn start_rules_again(&self, id: InboxId, rule: Option<&str>) -> Result<Vec<RuleCount>> {
        let inbox = self.inbox(id).await?.inbox;
        let wanted = rule.map(|text| known_rule(&inbox, text)).transpose()?;
        self.with_receiver(|receiver| {
            let chosen = inbox.rules.iter().filter(|rule| wanted.is_none_or(|wanted| rule.id == wanted));
            chosen.for_each(|rule| receiver.start_rule_again(rule.id));
        })
        .await;
        self.rule_counts(id).await
    }

    /// Which rule would take a request if it came now, and what would be answered. Counts and keeps nothing. What is
    /// hidden of a captured request is hidden here too.
    pub async fn preview_rules(&self, id: InboxId, draft: RulesPreviewDraft) -> Result<RulesPreview> {
        let inbox = self.inbox(id).await?.inbox;
        let mut faults = Faults::default();
        let rules = match draft.rules {
            Some(drafts) => self.checked_rules(&mut faults, drafts, &inbox.rules),
            None => inbox.rules.clone(),
        };
        if let Some(sample) = &draft.sample {
            faults.unless(sample.body.len() <= LARGEST_SAMPLE, "request.body", || {
                format!("may be at most {LARGEST_SAMPLE} bytes long")
            });
        }
        faults.finish()?;
        let request = match (draft.request, &draft.sample) {
            (Some(wanted), _) => Some(self.request(wanted).await?),
            (None, Some(_)) => None,
            (None, None) => self.newest_of(id).await?,
        };
        let request = request.map(CapturedRequest::veiled);
        let body = match &request {
            Some(request) => self.store().requests().body(request.id).await?.unwrap_or_default(),
            None => draft.sample.as_ref().map(|sample| sample.body.clone()).unwrap_or_default(),
        };
        // Templates work, and bodies are large.
        let counts: Vec<_> = self.counts_of(&rules).await;
        let now = self.now();
        crate::aside(body.len(), move || {
            let empty = HeaderPairs::new();
            let sample = draft.sample.as_ref();
            let asked = match (&request, sample) {
                (Some(request), _) => {
                    let query = request.query.as_deref();
                    Asked::new(&request.method, &request.path, query, &request.headers, &body)
                }
                (None, Some(of)) => Asked::new(&of.method, &of.path, of.query.as_deref(), &of.headers, &body),
                (None, None) => Asked::new("POST", "", None, &empty, &body),
            };
            let sample = Sample {
                asked: &asked,
                id: request.as_ref().map_or_else(|| RequestId::new(now), |request| request.id),
                at: now,
                remote: request.as_ref().map_or("127.0.0.1:1", |request| &request.remote_addr),
                event_type: request.as_ref().and_then(|request| request.event_type.as_deref()),
                provider_event_id: request.as_ref().and_then(|request| request.provider_event_id.as_deref()),
            };
            let counted = |rule: RuleId| {
                counts.iter().find(|count| count.rule == rule).map(|count| count.counted).unwrap_or_default()
            };
            let made = answers::preview(&rules, counted, &sample);
            let by_rule = made.answer.is_some();
            let answer = made.answer.unwrap_or_else(|| usual(&inbox.response));
            let request = request.as_ref().map(|request| request.id);
            RulesPreview { rules, request, steps: made.steps, answer, by_rule }
        })
        .await
    }

    async fn counts_of(&self, rules: &[AnswerRule]) -> Vec<RuleCount> {
        let counts = self.with_receiver(|receiver| {
            let of = |rule: &AnswerRule| RuleCount { rule: rule.id, counted: receiver.rule_counted(rule.id) };
            rules.iter().map(of).collect()
        });
        counts.await.unwrap_or_default()
    }

    async fn newest_of(&self, inbox: InboxId) -> Result<Option<CapturedRequest>> {
        let filter = RequestFilter { inbox_id: Some(inbox), ..RequestFilter::default() };
        let newest = self.store().requests().list(&filter, PageRequest::first(1)).await?;
        Ok(newest.rows.into_iter().next())
    }

    /// The rules that are asked for; what is wrong with them is noted. One that the inbox has already stays the one
    /// that it is.
    pub(crate) fn checked_rules(
        &self,
        faults: &mut Faults,
        drafts: Vec<RuleDraft>,
        known: &[AnswerRule],
    ) -> Vec<AnswerRule> {
        let most = AnswerRule::MOST;
        faults.unless(drafts.len() <= most, "rules", || format!("may hold at most {most} rules"));
        let bodies: usize = drafts.iter().map(|draft| draft.then.body.len()).sum();
        faults.unless(bodies <= AnswerRule::MOST_BODIES, "rules", || {
            format!("may have bodies of {} bytes together at most", AnswerRule::MOST_BODIES)
        });
        let mut rules: Vec<AnswerRule> = Vec::new();
        for (at, draft) in drafts.into_iter().take(most).enumerate() {
            let id = draft.id.as_deref().and_then(|text| text.parse::<RuleId>().ok());
            let is_known = |id: &RuleId| known.iter().any(|rule| rule.id == *id);
            let is_taken = |id: &RuleId| rules.iter().any(|rule| rule.id == *id);
            let id = id.filter(|id| is_known(id) && !is_taken(id));
            let id = id.unwrap_or_else(|| RuleId::new(self.now()));
            rules.push(draft.checked(faults, &format!("rules[{at}]"), at, id));
        }
        rules
    }
}

fn known_rule(inbox: &Inbox, text: &str) -> Result<RuleId> {
    let id = RuleId::from_str(text).map_err(|error| WorkbenchError::field("rule_id", error.to_string()))?;
    let found = inbox.rules.iter().find(|rule| rule.id == id);
    found.map(|rule| rule.id).ok_or_else(|| WorkbenchError::not_found("rule", id))
}

fn usual(response: &InboxResponse) -> PreviewedAnswer {
    PreviewedAnswer {
        index: 0,
        status: response.status,
        headers: response.headers.clone(),
        body: response.body.clone(),
        delay_ms: response.delay_ms,
        retry_after: None,
        fault: None,
        problem: None,
    }
}

impl RuleDraft {
    fn checked(self, faults: &mut Faults, field: &str, at: usize, id: RuleId) -> AnswerRule {
        let name = match &self.name {
            Some(name) => checks::name(faults, &format!("{field}.name"), name),
            None => format!("Rule {}", at + 1),
        };
        let when = self.when.checked(faults, &format!("{field}.when"));
        check_answer(faults, &format!("{field}.then"), &self.then);
        let rule = AnswerRule { id, name, enabled: self.enabled, when, then: self.then };
        if let Err((part, error)) = answers::check(&rule) {
            faults.add(format!("{field}.then.{part}"), error.to_string());
        }
        rule
    }
}

impl WhenDraft {
    fn checked(self, faults: &mut Faults, field: &str) -> RuleWhen {
        let most = RuleWhen::MOST;
        for (name, count) in [
            ("methods", self.methods.len()),
            ("headers", self.headers.len()),
            ("query", self.query.len()),
            ("json", self.json.len()),
        ] {
            faults.unless(count <= most, &format!("{field}.{name}"), || format!("may hold at most {most}"));
        }
        for (at, method) in self.methods.iter().enumerate() {
            let fits =
                !method.is_empty() && method.len() <= 32 && method.bytes().all(|b| b.is_ascii_graphic());
            faults
                .unless(fits, &format!("{field}.methods[{at}]"), || "is no method, such as POST".to_owned());
        }
        for (kind, tests) in [("headers", &self.headers), ("query", &self.query)] {
            for (at, NamedTest { name, test }) in tests.iter().enumerate() {
                let field = format!("{field}.{kind}[{at}]");
                let fits = !name.is_empty() && name.len() <= 200 && !name.chars().any(char::is_control);
                faults.unless(fits, &format!("{field}.name"), || "must be 1 to 200 characters".to_owned());
                check_value(faults, &field, test);
            }
        }
        let mut json = Vec::new();
        for (at, (path, test)) in self.json.into_iter().enumerate() {
            let field = format!("{field}.json[{at}]");
            check_value(faults, &field, &test);
            let path = faults.take(&format!("{field}.path"), path.parse());
            json.extend(path.map(|path| JsonTest { path, test }));
        }
        if let Some(Nth { from, to }) = self.nth {
            let fits =
                (1..=MOST_COUNTED).contains(&from) && to.is_none_or(|to| (from..=MOST_COUNTED).contains(&to));
            faults.unless(fits, &format!("{field}.nth"), || {
                format!("must count from 1 to {MOST_COUNTED} at most, and not end before it begins")
            });
        }
        if let Some(share) = self.share {
            faults.unless(share.percent <= 100, &format!("{field}.share.percent"), || {
                "must lie between 0 and 100".to_owned()
            });
        }
        let path = self.path.and_then(|text| faults.take(&format!("{field}.path"), text.parse()));
        RuleWhen {
            methods: self.methods,
            path,
            headers: self.headers,
            query: self.query,
            json,
            nth: self.nth,
            share: self.share,
        }
    }
}

fn check_value(faults: &mut Faults, field: &str, test: &ValueTest) {
    let (name, text) = match test {
        ValueTest::Present | ValueTest::Absent => return,
        ValueTest::Equals(text) => ("equals", text),
        ValueTest::Contains(text) => ("contains", text),
    };
    faults.unless(text.len() <= LONGEST_VALUE, &format!("{field}.{name}"), || {
        format!("may be at most {LONGEST_VALUE} bytes long")
    });
}

fn check_answer(faults: &mut Faults, field: &str, then: &RuleAnswer) {
    let most = RuleAnswer::MOST_STATUSES;
    let statuses = format!("{field}.statuses");
    faults.unless(!then.statuses.is_empty(), &statuses, || "must hold a status at least".to_owned());
    faults.unless(then.statuses.len() <= most, &statuses, || format!("may hold at most {most} statuses"));
    for (at, status) in then.statuses.iter().take(most).enumerate() {
        faults.unless((200..=599).contains(status), &format!("{statuses}[{at}]"), || {
            format!("must lie between 200 and 599, not be {status}")
        });
    }
    checks::headers(faults, &format!("{field}.headers"), &then.headers);
    faults.unless(then.body.len() <= InboxResponse::MAX_BODY, &format!("{field}.body"), || {
        format!("may be at most {} bytes long", InboxResponse::MAX_BODY)
    });
    faults.unless(then.delay_ms <= InboxResponse::MAX_DELAY_MS, &format!("{field}.delay_ms"), || {
        format!("may be at most {}", InboxResponse::MAX_DELAY_MS)
    });
    let after = then.retry_after.is_none_or(|after| after.seconds <= RuleAnswer::MAX_RETRY_AFTER_S);
    faults.unless(after, &format!("{field}.retry_after.seconds"), || {
        format!("may be at most {} (7 days)", RuleAnswer::MAX_RETRY_AFTER_S)
    });
    if let Some(fault) = then.fault {
        check_fault(faults, &format!("{field}.fault"), fault);
    }
}

fn check_fault(faults: &mut Faults, field: &str, fault: AnswerFault) {
    match fault {
        AnswerFault::Close { after_bytes }
        | AnswerFault::Reset { after_bytes }
        | AnswerFault::NoAnswer { after_bytes }
        | AnswerFault::HalfClose { after_bytes: Some(after_bytes) } => {
            let most = AnswerFault::MOST_BYTES;
            faults.unless(after_bytes <= most, &format!("{field}.after_bytes"), || {
                format!("may be at most {most}")
            });
        }
        AnswerFault::HalfClose { after_bytes: None } => {}
        AnswerFault::Drip { bytes_per_s } => {
            let most = AnswerFault::FASTEST_DRIP;
            faults.unless((1..=most).contains(&bytes_per_s), &format!("{field}.bytes_per_s"), || {
                format!("must lie between 1 and {most}")
            });
        }
        AnswerFault::WrongLength { off_by } => {
            let most = AnswerFault::FURTHEST_OFF;
            let fits = off_by != 0 && (-most..=most).contains(&off_by);
            faults.unless(fits, &format!("{field}.off_by"), || {
                format!("must lie between -{most} and {most}, and not be 0")
            });
        }
    }
}
