//! The rules of an endpoint as somebody sets them, and the checks that each goes through.

use hookbench_model::{
    Breaker, DisableRule, Endpoint, HttpVersion, OrderOnFailure, Proxy, RateLimit, RetryPolicy, SuccessRule,
};

use crate::error::Faults;

/// The shortest timeout, in milliseconds.
const SHORTEST_TIMEOUT_MS: u64 = 100;
/// The most attempts under way at once.
const MOST_IN_FLIGHT: u32 = 256;
/// The longest HTTP method, in bytes.
const LONGEST_METHOD: usize = 20;

/// What somebody sets of an endpoint's rules: `None` leaves it, `Some(None)` gives it back to the profile, or
/// to what goes without saying.
#[derive(Clone, Default)]
pub struct PolicyEdit {
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: Option<Option<u64>>,
    /// When failed attempts are tried again.
    pub retry: Option<Option<RetryPolicy>>,
    /// What answer counts as delivered.
    pub success: Option<Option<SuccessRule>>,
    /// When it is disabled for failing.
    pub disable: Option<Option<DisableRule>>,
    /// Whether an answer of 410 disables it.
    pub gone_disables: Option<Option<bool>>,
    /// For how long its events are worth delivering, in milliseconds.
    pub ttl_ms: Option<Option<u64>>,
    /// What keeps attempts back while it is in trouble.
    pub breaker: Option<Option<Breaker>>,
    /// How fast it may be sent to.
    pub rate_limit: Option<Option<RateLimit>>,
    /// How many attempts may be under way at once.
    pub max_in_flight: Option<Option<u32>>,
    /// Whether deliveries go one at a time, in event order.
    pub ordered: Option<bool>,
    /// What becomes of its queue when a delivery has failed for good.
    pub order_on_failure: Option<OrderOnFailure>,
    /// The HTTP method.
    pub method: Option<Option<String>>,
    /// The HTTP version.
    pub http_version: Option<HttpVersion>,
    /// `none`, `system` or a URL, in which a password may stand.
    pub proxy: Option<Option<String>>,
}

impl PolicyEdit {
    /// Whether it sets what a provider may bound for its customers.
    pub(crate) fn sets_limits(&self) -> bool {
        self.timeout_ms.is_some() || self.retry.is_some()
    }

    /// Makes the changes, and notes what is wrong with them.
    pub(crate) fn apply(self, faults: &mut Faults, endpoint: &mut Endpoint) {
        set(&mut endpoint.timeout_ms, self.timeout_ms);
        set(&mut endpoint.retry, self.retry.map(|retry| checked_retry(faults, "retry", retry)));
        set(&mut endpoint.success, self.success);
        set(&mut endpoint.disable, self.disable);
        set(&mut endpoint.gone_disables, self.gone_disables);
        set(&mut endpoint.ttl_ms, self.ttl_ms);
        set(&mut endpoint.breaker, self.breaker);
        set(&mut endpoint.rate_limit, self.rate_limit);
        set(&mut endpoint.max_in_flight, self.max_in_flight);
        set(&mut endpoint.ordered, self.ordered);
        set(&mut endpoint.order_on_failure, self.order_on_failure);
        set(&mut endpoint.http_version, self.http_version);
        let method = self.method.map(|given| given.and_then(|text| method(faults, "method", &text)));
        set(&mut endpoint.method, method);
        if let Some(given) = self.proxy {
            let kept = endpoint.proxy.as_ref();
            endpoint.proxy = given.and_then(|text| proxy(faults, "proxy", &text, kept));
        }
        check(faults, endpoint);
    }
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

fn check(faults: &mut Faults, endpoint: &Endpoint) {
    timeout(faults, "timeout_ms", endpoint.timeout_ms);
    ttl(faults, "ttl_ms", endpoint.ttl_ms);
    if let Some(Err(error)) = endpoint.success.as_ref().map(SuccessRule::validate) {
        faults.add(format!("success.{}", error.field()), error.to_string());
    }
    if let Some(Err(error)) = endpoint.disable.as_ref().map(DisableRule::validate) {
        faults.add(format!("disable.{}", error.field()), error.to_string());
    }
    if let Some(Err(error)) = endpoint.breaker.as_ref().map(Breaker::validate) {
        faults.add(format!("breaker.{}", error.field), error.to_string());
    }
    if let Some(Err(error)) = endpoint.rate_limit.as_ref().map(RateLimit::validate) {
        faults.add(format!("rate_limit.{}", error.field()), error.to_string());
    }
    let fits = endpoint.max_in_flight.is_none_or(|most| (1..=MOST_IN_FLIGHT).contains(&most));
    faults.unless(fits, "max_in_flight", || format!("must lie between 1 and {MOST_IN_FLIGHT}"));
}

/// How long one attempt may take.
pub(crate) fn timeout(faults: &mut Faults, field: &str, given: Option<u64>) {
    let longest = Endpoint::MAX_TIMEOUT_MS;
    let fits = given.is_none_or(|ms| (SHORTEST_TIMEOUT_MS..=longest).contains(&ms));
    faults.unless(fits, field, || format!("must lie between {SHORTEST_TIMEOUT_MS} and {longest}"));
}

/// For how long an event is worth delivering.
pub(crate) fn ttl(faults: &mut Faults, field: &str, given: Option<u64>) {
    let (least, most) = (Endpoint::TTL_MS.start(), Endpoint::TTL_MS.end());
    let fits = given.is_none_or(|ms| Endpoint::TTL_MS.contains(&ms));
    faults.unless(fits, field, || format!("must lie between {least} and {most}"));
}

/// A retry policy within its bounds, with the waits that it comes to.
pub(crate) fn checked_retry(
    faults: &mut Faults,
    field: &str,
    given: Option<RetryPolicy>,
) -> Option<RetryPolicy> {
    let policy = given?;
    match policy.validate() {
        Ok(()) => Some(policy.filled()),
        Err(error) => {
            faults.add(format!("{field}.{}", error.field()), error.to_string());
            None
        }
    }
}

/// An HTTP method that an attempt may be made with.
pub(crate) fn method(faults: &mut Faults, field: &str, text: &str) -> Option<String> {
    let fits = (1..=LONGEST_METHOD).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
        && !matches!(text, "CONNECT" | "TRACE");
    faults.unless(fits, field, || {
        "is no method that webhooks are sent with: POST, PUT, PATCH, DELETE and GET are some".to_owned()
    });
    fits.then(|| text.to_owned())
}

/// A way to the outside; a veil in it stands for the credentials of `kept`.
pub(crate) fn proxy(faults: &mut Faults, field: &str, text: &str, kept: Option<&Proxy>) -> Option<Proxy> {
    match Proxy::parse(text, kept) {
        Ok(proxy) => Some(proxy),
        Err(error) => {
            faults.add(field, error.to_string());
            None
        }
    }
}
