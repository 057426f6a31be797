//! The rules of an endpoint on the command line.

use clap::Args;
use serde_json::{Map, Value, json};

use super::endpoints::insert;
use super::policy_words::{self as words, Growth, Heed, Rate, Span};
use super::signatures::header;
use crate::error::CliError;
use crate::secret::SecretArg;

/// The rules that an endpoint is sent to by. Lengths of time are written `500ms`, `90s`, `15m`, `2h`, `7d`.
#[derive(Args, Default)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    #[command(flatten)]
    pub(super) plan: PlanArgs,
    /// What answer counts as delivered: `any2xx`, statuses (`200,202`), or a word that is the whole body
    /// (`word:True`, `word:True:200,202`)
    #[arg(long, value_name = "RULE", value_parser = words::success)]
    success: Option<Value>,
    /// When it is disabled for failing: `never`, `attempts:10` or `deliveries:10` in a row, `failing:24h`, or
    /// `share:50%,10m,20` (of the attempts of ten minutes, if there were twenty)
    #[arg(long, value_name = "RULE", value_parser = words::disable)]
    disable: Option<Value>,
    /// Whether an answer of 410 disables it
    #[arg(long, value_name = "BOOL")]
    gone_disables: Option<bool>,
    /// Open a circuit breaker after so many failures in a row, for so long, at most so long: `5,30s,10m`
    #[arg(long, value_name = "FAILURES,OPEN,MOST", value_parser = words::breaker)]
    breaker: Option<Value>,
    /// How many attempts a second, and how many at once after a pause: `2.5`, `10,20`
    #[arg(long, value_name = "PER_SECOND[,BURST]", value_parser = words::rate)]
    rate: Option<Rate>,
    /// How many attempts may be under way at once
    #[arg(long, value_name = "N")]
    in_flight: Option<u32>,
    /// Whether deliveries go one at a time, in event order
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    ordered: Option<bool>,
    /// What becomes of the queue of an ordered one when a delivery has failed for good
    #[arg(long, value_name = "WHAT", value_parser = ["skip", "block"])]
    on_failure: Option<String>,
    /// The HTTP method, in place of the event's own
    #[arg(long)]
    method: Option<String>,
    /// The HTTP version
    #[arg(long, value_name = "VERSION", value_parser = ["auto", "http1", "http2"])]
    http: Option<String>,
    /// The proxy on the way: `none`, `system` or a URL (http, https, socks5, socks5h), which is used for targets on
    /// this machine too
    #[arg(long, value_name = "PROXY")]
    proxy: Option<SecretArg>,
    /// A header of its own on every attempt, `Name: value`; may be given again; those given replace the old ones
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<SecretArg>,
}

/// When attempts are made.
#[derive(Args, Default)]
#[command(next_help_heading = "Plan")]
pub(crate) struct PlanArgs {
    /// How long one attempt may take in all
    #[arg(long, value_name = "TIME", value_parser = words::span)]
    timeout: Option<Span>,
    /// The waits after the first, second, … failed attempt: `5s,5m,30m`; `none` for a single attempt
    #[arg(long, value_name = "TIMES", value_parser = words::delays, conflicts_with = "exponential")]
    retry_delays: Option<Value>,
    /// Waits that grow: the first, how many times as long each next one, the longest, and how many attempts
    /// there are: `5s,2,1h,10`
    #[arg(long, value_name = "FIRST,FACTOR,CAP,ATTEMPTS", value_parser = words::growth)]
    exponential: Option<Growth>,
    /// How far a wait may be off at random: `10%` or `0.1`
    #[arg(long, value_name = "SHARE", value_parser = words::share)]
    jitter: Option<f64>,
    /// How long after the first attempt the last may be made
    #[arg(long, value_name = "TIME", value_parser = words::span)]
    max_total: Option<Span>,
    /// The longest that a receiver's Retry-After puts an attempt off; `never` to pay it no heed
    #[arg(long, value_name = "TIME", value_parser = words::heed)]
    retry_after_max: Option<Heed>,
    /// The statuses whose Retry-After counts: `429,503`
    #[arg(long, value_name = "STATUSES", value_parser = words::statuses)]
    retry_after_on: Option<Value>,
    /// The only answers that are tried again: `5xx,429`
    #[arg(long, value_name = "STATUSES", value_delimiter = ',')]
    retry_on: Vec<String>,
    /// Answers that end a delivery at once: `406,500-504`
    #[arg(long, value_name = "STATUSES", value_delimiter = ',')]
    no_retry: Vec<String>,
    /// For how long an event is worth delivering
    #[arg(long, value_name = "TIME", value_parser = words::span)]
    ttl: Option<Span>,
}

impl PolicyArgs {
    /// Whether the waits are left as they are while something else of the plan is set: then they have to be known.
    pub(crate) fn needs_waits(&self) -> bool {
        self.plan.needs_waits()
    }

    /// Puts what was given into the body of a call. `now` is the plan in force, for what was not given of it.
    pub(crate) fn put(self, body: &mut Map<String, Value>, now: Option<&Value>) -> Result<(), CliError> {
        self.plan.put(body, now)?;
        insert(body, "success", self.success);
        insert(body, "disable", self.disable);
        insert(body, "gone_disables", self.gone_disables);
        insert(body, "breaker", self.breaker);
        let limit = |rate: Rate| json!({"per_second": rate.per_second, "burst": rate.burst});
        insert(body, "rate_limit", self.rate.map(limit));
        insert(body, "max_in_flight", self.in_flight);
        insert(body, "ordered", self.ordered);
        insert(body, "order_on_failure", self.on_failure);
        insert(body, "method", self.method);
        insert(body, "http_version", self.http);
        insert(body, "proxy", self.proxy);
        if !self.headers.is_empty() {
            let pairs = self.headers.iter().map(|line| line.told(header)).collect::<Result<Vec<_>, _>>()?;
            body.insert("headers".to_owned(), pairs.into());
        }
        Ok(())
    }
}

impl PlanArgs {
    fn sets_retry(&self) -> bool {
        self.retry_delays.is_some() || self.exponential.is_some() || self.sets_more()
    }

    fn sets_more(&self) -> bool {
        self.jitter.is_some()
            || self.max_total.is_some()
            || self.retry_after_max.is_some()
            || self.retry_after_on.is_some()
            || !self.retry_on.is_empty()
            || !self.no_retry.is_empty()
    }

    /// Whether the waits are left as they are while something else of the plan is set.
    pub(crate) fn needs_waits(&self) -> bool {
        self.sets_more() && self.retry_delays.is_none() && self.exponential.is_none()
    }

    /// Puts what was given into the body of a call. `now` is the plan in force, for what was not given of it.
    pub(crate) fn put(self, body: &mut Map<String, Value>, now: Option<&Value>) -> Result<(), CliError> {
        insert(body, "timeout_ms", self.timeout);
        insert(body, "ttl_ms", self.ttl);
        if !self.sets_retry() {
            return Ok(());
        }
        let known = now.and_then(Value::as_object).cloned();
        let mut retry = match known {
            Some(known) => known,
            None if self.needs_waits() => {
                let message = "the plan needs its waits: give --retry-delays or --exponential too";
                return Err(CliError::Usage(message.to_owned()));
            }
            None => Map::new(),
        };
        if self.retry_delays.is_some() {
            retry.remove("exponential");
        }
        if let Some(growth) = self.exponential {
            retry.remove("delays_ms");
            retry.insert("exponential".to_owned(), growth.into());
        }
        insert(&mut retry, "delays_ms", self.retry_delays);
        insert(&mut retry, "jitter", self.jitter);
        insert(&mut retry, "max_total_ms", self.max_total);
        after(&mut retry, self.retry_after_max, self.retry_after_on);
        insert(&mut retry, "retry_on", Some(self.retry_on).filter(|given| !given.is_empty()));
        insert(&mut retry, "no_retry", Some(self.no_retry).filter(|given| !given.is_empty()));
        body.insert("retry".to_owned(), Value::Object(retry));
        Ok(())
    }
}

/// How `Retry-After` is followed, with the usual way for what was not given of it.
fn after(retry: &mut Map<String, Value>, longest: Option<Heed>, statuses: Option<Value>) {
    if longest.is_none() && statuses.is_none() {
        return;
    }
    let usual = || json!({"statuses": [429, 503], "max_ms": 3_600_000});
    let mut rule = retry.get("retry_after").filter(|known| known.is_object()).cloned().unwrap_or_else(usual);
    match longest {
        Some(Heed::AtMost(longest)) => rule["max_ms"] = longest.into(),
        Some(Heed::Never) => rule["statuses"] = json!([]),
        None => {}
    }
    if let Some(statuses) = statuses {
        rule["statuses"] = statuses;
    }
    retry.insert("retry_after".to_owned(), rule);
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        policy: PolicyArgs,
    }

    fn body(arguments: &[&str], now: Option<&Value>) -> Result<Value, CliError> {
        let line = Line::try_parse_from([&["line"], arguments].concat()).unwrap();
        let mut body = Map::new();
        line.policy.put(&mut body, now).map(|()| Value::Object(body))
    }

    #[test]
    fn each_flag_is_a_field_of_the_contract() {
        let all = body(
            &[
                "--timeout=10s",
                "--exponential=5s,2,1h,10",
                "--jitter=10%",
                "--max-total=24h",
                "--retry-after-max=90s",
                "--retry-on=5xx,429",
                "--no-retry=501",
                "--success=word:True:200,202",
                "--disable=share:50%,10m,20",
                "--gone-disables=false",
                "--ttl=1h",
                "--breaker=5,30s,10m",
                "--rate=2.5,4",
                "--in-flight=3",
                "--ordered",
                "--on-failure=block",
                "--method=PUT",
                "--http=http1",
                "--proxy=none",
            ],
            None,
        );
        let expected = json!({
            "timeout_ms": 10_000,
            "ttl_ms": 3_600_000,
            "retry": {
                "exponential": {"first_ms": 5000, "factor": 2.0, "cap_ms": 3_600_000, "max_attempts": 10},
                "jitter": 0.1, "max_total_ms": 86_400_000,
                "retry_after": {"statuses": [429, 503], "max_ms": 90_000},
                "retry_on": ["5xx", "429"], "no_retry": ["501"],
            },
            "success": {"kind": "body_word", "word": "True", "statuses": [200, 202]},
            "disable": {"kind": "failure_share", "share": 0.5, "window_ms": 600_000, "min_attempts": 20},
            "gone_disables": false,
            "breaker": {"failures": 5, "open_ms": 30_000, "max_open_ms": 600_000},
            "rate_limit": {"per_second": 2.5, "burst": 4},
            "max_in_flight": 3, "ordered": true, "order_on_failure": "block", "method": "PUT",
            "http_version": "http1", "proxy": "none",
        });
        assert_eq!(all.unwrap(), expected);
        assert_eq!(body(&[], None).unwrap(), json!({}));
    }

    #[test]
    fn what_is_not_given_of_the_plan_stays() {
        let now = json!({"delays_ms": [1, 2], "jitter": 0.2, "exponential": null, "max_total_ms": 5});
        let edited = body(&["--jitter=0"], Some(&now)).unwrap();
        assert_eq!(
            edited["retry"],
            json!({"delays_ms": [1, 2], "jitter": 0.0, "exponential": null, "max_total_ms": 5})
        );
        let grown = body(&["--exponential=1s,2,1m,3"], Some(&now)).unwrap();
        assert!(grown["retry"].get("delays_ms").is_none() && grown["retry"]["max_total_ms"] == 5);
        let never = body(&["--retry-delays=none", "--retry-after-max=never"], None).unwrap();
        assert_eq!(never["retry"]["delays_ms"], json!([]));
        assert_eq!(never["retry"]["retry_after"]["statuses"], json!([]));
        assert!(matches!(body(&["--jitter=0.1"], None), Err(CliError::Usage(_))));
    }
}
