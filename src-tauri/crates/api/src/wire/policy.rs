//! The rules that an endpoint is sent to by.

use hookbench_model as model;
use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire_enum;

wire_enum! {
    /// What an endpoint's failures in a row are counted by.
    FailureCount {
        /// Every failed attempt.
        Attempts,
        /// Every delivery that failed for good.
        Deliveries,
    }
}

wire_enum! {
    /// What becomes of an ordered endpoint's queue when a delivery in it has failed for good.
    OrderOnFailure {
        /// The next one goes.
        Skip,
        /// It holds the queue until a person retries it with success, skips it or deletes it.
        Block,
    }
}

wire_enum! {
    /// The HTTP version that an endpoint is spoken to in.
    HttpVersion {
        /// What the two sides agree on over TLS; HTTP/1.1 in clear.
        Auto,
        /// HTTP/1.1 alone.
        Http1,
        /// HTTP/2 alone; in clear with prior knowledge.
        Http2,
    }
}

/// When failed attempts are tried again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RetryPolicy {
    /// The wait after the first, second, … failed attempt. None means a single attempt.
    delays_ms: Vec<u64>,
    /// How far a wait may be off at random, as a share of it.
    jitter: f64,
    /// What the waits are computed from, where they grow exponentially.
    #[schema(required)]
    exponential: Option<Exponential>,
    /// How long after the first attempt the last may be made; null for no such end.
    #[schema(required)]
    max_total_ms: Option<u64>,
    /// How a receiver's `Retry-After` is followed; null for the usual way: on 429 and 503, an hour at most.
    #[schema(required)]
    retry_after: Option<RetryAfter>,
    /// The statuses that are tried again, such as `503`, `500-504`, `5xx`; null for every one that is no success.
    /// What got no answer is tried again whatever stands here.
    #[schema(required, value_type = Option<Vec<String>>)]
    retry_on: Option<Vec<model::StatusRange>>,
    /// Statuses that end the delivery at once.
    #[schema(value_type = Vec<String>)]
    no_retry: Vec<model::StatusRange>,
}

/// When failed attempts are to be tried again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryPolicyInput {
    /// The wait after the first, second, … failed attempt. None means a single attempt. With `exponential` they
    /// are computed: leave them out, or give what comes of it.
    #[serde(default)]
    #[schema(max_items = 100)]
    delays_ms: Vec<u64>,
    /// How far a wait may be off at random, as a share of it.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    jitter: f64,
    /// What the waits are computed from, where they grow exponentially.
    exponential: Option<Exponential>,
    /// How long after the first attempt the last may be made; null for no such end.
    max_total_ms: Option<u64>,
    /// How a receiver's `Retry-After` is followed; null for the usual way: on 429 and 503, an hour at most.
    retry_after: Option<RetryAfter>,
    /// The statuses that are tried again, such as `503`, `500-504`, `5xx`; null for every one that is no success.
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    retry_on: Option<Vec<model::StatusRange>>,
    /// Statuses that end the delivery at once.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    no_retry: Vec<model::StatusRange>,
}

/// Waits that grow by a factor, up to a cap.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exponential {
    /// The first wait.
    #[schema(minimum = 1)]
    first_ms: u64,
    /// How many times as long each is as the one before.
    #[schema(minimum = 1, maximum = 100)]
    factor: f64,
    /// The longest wait.
    cap_ms: u64,
    /// How many attempts there are, the first included.
    #[schema(minimum = 1, maximum = 101)]
    max_attempts: u32,
}

/// How a receiver's `Retry-After` is followed: it puts the next attempt off, and never brings it forward.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryAfter {
    /// The statuses whose `Retry-After` counts; none for never.
    statuses: Vec<u16>,
    /// The longest that an attempt is put off by it; one that asks for longer gets this.
    max_ms: u64,
}

/// What answer counts as delivered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub(crate) enum SuccessRule {
    /// Any status from 200 to 299.
    Any2xx,
    /// One of these statuses.
    Statuses {
        /// The statuses that count.
        #[schema(min_items = 1, max_items = 100)]
        statuses: Vec<u16>,
    },
    /// A status that fits, and a body that is just this word, blanks around it aside.
    BodyWord {
        /// The word, letter case included.
        #[schema(max_length = 200)]
        word: String,
        /// The statuses that fit; null for any from 200 to 299.
        statuses: Option<Vec<u16>>,
    },
}

/// When an endpoint that keeps failing is disabled.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub(crate) enum DisableRule {
    /// Never on its own.
    Never,
    /// After so many failures in a row, with no success between them.
    ConsecutiveFailures {
        /// How many.
        #[schema(minimum = 1, maximum = 10_000)]
        count: u32,
        /// What counts.
        counting: FailureCount,
    },
    /// After failing, with no success between, for so long.
    FailingFor {
        /// How long.
        duration_ms: u64,
    },
    /// When of the attempts of the last while so large a share has failed.
    FailureShare {
        /// The share, more than 0 and at most 1.
        #[schema(exclusive_minimum = 0, maximum = 1)]
        share: f64,
        /// How far back; a week at most.
        window_ms: u64,
        /// How many attempts there must be in that time before anything is concluded from them.
        #[schema(minimum = 1, maximum = 10_000)]
        min_attempts: u32,
    },
}

/// A circuit breaker: after so many failures in a row nothing is sent for a while, then one probe.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Breaker {
    /// How many failures in a row open it: connections that fail, timeouts, 5xx and 429 count.
    #[schema(minimum = 1, maximum = 1000)]
    failures: u32,
    /// How long it stays open at first.
    open_ms: u64,
    /// How long at most: the wait doubles with each probe that fails.
    max_open_ms: u64,
}

/// How fast an endpoint may be sent to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimit {
    /// Attempts a second, more than 0; fractions are allowed.
    #[schema(exclusive_minimum = 0, maximum = 100_000)]
    per_second: f64,
    /// How many may go at once after a pause; null for a tenth of a second's worth, and at least one.
    #[schema(minimum = 1, maximum = 100_000)]
    burst: Option<u32>,
}

/// The rules in force: the endpoint's own, and its profile's where it has none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Policy {
    /// How long one attempt may take in all.
    timeout_ms: u64,
    /// When failed attempts are tried again.
    retry: RetryPolicy,
    /// How many attempts a delivery gets at most.
    max_attempts: u32,
    /// What answer counts as delivered.
    success: SuccessRule,
    /// When it is disabled for failing.
    disable: DisableRule,
    /// Whether an answer of 410 disables it.
    gone_disables: bool,
    /// For how long its events are worth delivering; null for ever.
    #[schema(required)]
    ttl_ms: Option<u64>,
    /// What keeps attempts back while it is in trouble; null for nothing.
    #[schema(required)]
    breaker: Option<Breaker>,
    /// How fast it may be sent to; null for no limit.
    #[schema(required)]
    rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once; null for no limit of its own.
    #[schema(required)]
    max_in_flight: Option<u32>,
    /// Whether deliveries go one at a time, in event order.
    ordered: bool,
    /// What becomes of its queue when a delivery has failed for good.
    order_on_failure: OrderOnFailure,
    /// The HTTP method; null for the event's own.
    #[schema(required)]
    method: Option<String>,
    /// The HTTP version.
    http_version: HttpVersion,
    /// The proxy on the way: `none`, `system` or a URL, with `***` for a user and password.
    proxy: String,
}

impl From<workbench::Policy> for Policy {
    fn from(policy: workbench::Policy) -> Self {
        let ms = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let retry_after = Some(policy.retry.retry_after());
        Self {
            timeout_ms: ms(policy.timeout),
            max_attempts: policy.retry.max_attempts(),
            retry: model::RetryPolicy { retry_after, ..policy.retry }.into(),
            success: policy.success.into(),
            disable: policy.disable.into(),
            gone_disables: policy.gone_disables,
            ttl_ms: policy.ttl.map(ms),
            breaker: policy.breaker.map(Into::into),
            rate_limit: policy.rate_limit.map(Into::into),
            max_in_flight: policy.max_in_flight,
            ordered: policy.ordered,
            order_on_failure: policy.order_on_failure.into(),
            method: policy.method,
            http_version: policy.http_version.into(),
            proxy: policy.proxy.unwrap_or_default().shown(),
        }
    }
}

/// Conversions of structs whose fields have the same names here and in the model.
macro_rules! same_fields {
    ($($name:ident { $($field:ident),+ })+) => {
        $(
            impl From<model::$name> for $name {
                fn from(model::$name { $($field),+ }: model::$name) -> Self {
                    Self { $($field: $field.into()),+ }
                }
            }

            impl From<$name> for model::$name {
                fn from($name { $($field),+ }: $name) -> Self {
                    Self { $($field: $field.into()),+ }
                }
            }
        )+
    };
}

same_fields! {
    Exponential { first_ms, factor, cap_ms, max_attempts }
    RetryAfter { statuses, max_ms }
    Breaker { failures, open_ms, max_open_ms }
    RateLimit { per_second, burst }
}

impl From<model::RetryPolicy> for RetryPolicy {
    fn from(policy: model::RetryPolicy) -> Self {
        Self {
            delays_ms: policy.delays_ms,
            jitter: policy.jitter,
            exponential: policy.exponential.map(Into::into),
            max_total_ms: policy.max_total_ms,
            retry_after: policy.retry_after.map(Into::into),
            retry_on: policy.retry_on,
            no_retry: policy.no_retry,
        }
    }
}

impl From<RetryPolicyInput> for model::RetryPolicy {
    fn from(policy: RetryPolicyInput) -> Self {
        Self {
            delays_ms: policy.delays_ms,
            jitter: policy.jitter,
            exponential: policy.exponential.map(Into::into),
            max_total_ms: policy.max_total_ms,
            retry_after: policy.retry_after.map(Into::into),
            retry_on: policy.retry_on,
            no_retry: policy.no_retry,
        }
    }
}

/// Conversions of enums whose variants and fields have the same names here and in the model.
macro_rules! same_variants {
    ($name:ident { $($plain:ident),* ; $($variant:ident { $($field:ident),+ }),* }) => {
        impl From<model::$name> for $name {
            fn from(value: model::$name) -> Self {
                match value {
                    $(model::$name::$plain => Self::$plain,)*
                    $(model::$name::$variant { $($field),+ } => {
                        Self::$variant { $($field: $field.into()),+ }
                    })*
                }
            }
        }

        impl From<$name> for model::$name {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$plain => Self::$plain,)*
                    $($name::$variant { $($field),+ } => Self::$variant { $($field: $field.into()),+ },)*
                }
            }
        }
    };
}

same_variants!(SuccessRule { Any2xx; Statuses { statuses }, BodyWord { word, statuses } });
same_variants!(DisableRule {
    Never;
    ConsecutiveFailures { count, counting },
    FailingFor { duration_ms },
    FailureShare { share, window_ms, min_attempts }
});
