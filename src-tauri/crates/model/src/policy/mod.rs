//! The rules that an endpoint is sent to by: each on its own, without the profile that fills in what an
//! endpoint leaves open.

mod breaker;
mod disable;
mod egress;
mod proxy;
mod rate;
mod retry;
mod send_rules;
mod status_range;
mod success;

pub use breaker::{Breaker, BreakerError, BreakerPhase, BreakerState};
pub use disable::{DisableRule, DisableRuleError, FailureCount};
pub use egress::{Egress, EgressDenied, EgressRule, EgressRuleError, is_private};
pub use proxy::{Proxy, ProxyCredentials, ProxyError, ProxyServer};
pub use rate::{RateLimit, RateLimitError};
pub use retry::{Exponential, RetryAfter, RetryPolicy, RetryPolicyError};
pub use send_rules::{HttpVersion, OrderOnFailure};
pub use status_range::{StatusRange, StatusRangeError};
pub use success::{SuccessRule, SuccessRuleError};
