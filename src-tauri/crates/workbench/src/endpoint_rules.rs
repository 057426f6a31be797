//! What a provider allows its customers to set of an endpoint, and what an endpoint sets besides.

use hookbench_model::{DisableRule, Endpoint, RetryPolicy};
use hookbench_providers::Profile;

use crate::error::Faults;

/// A timeout and retries within what the provider lets its customers choose.
pub(crate) fn within_limits(
    faults: &mut Faults,
    profile: &Profile,
    timeout_ms: Option<u64>,
    retry: Option<&RetryPolicy>,
) {
    let limits = profile.limits();
    if let (Some(ms), Some((least, most))) = (timeout_ms, limits.timeout_ms) {
        faults.unless((least..=most).contains(&ms), "timeout_ms", || {
            format!("must lie between {least} and {most}: {} allows no other", profile.name())
        });
    }
    if let (Some(policy), Some((least, most))) = (retry, limits.retries) {
        let retries = u32::try_from(policy.delays_ms.len()).unwrap_or(u32::MAX);
        faults.unless((least..=most).contains(&retries), "retry.delays_ms", || {
            format!(
                "must hold {least} to {most} delays, not {retries}: {} tries again so often",
                profile.name()
            )
        });
    }
}

/// The id of one of the profile's envelopes.
pub(crate) fn envelope(faults: &mut Faults, profile: &Profile, wanted: Option<&str>) {
    let Some(wanted) = wanted else { return };
    let known: Vec<&str> = profile.envelopes().iter().map(hookbench_providers::Envelope::id).collect();
    faults.unless(known.contains(&wanted), "envelope", || {
        let shown: String = wanted.chars().take(80).collect();
        format!("`{shown}` is no envelope of {}: {} are", profile.name(), known.join(", "))
    });
}

/// What failures are counted by, where the profile's rule disables by failures in a row. A rule of the
/// endpoint's own says so itself.
pub(crate) fn disable_counts(faults: &mut Faults, profile: &Profile, endpoint: &Endpoint) {
    if endpoint.disable_counts.is_none() {
        return;
    }
    faults.unless(endpoint.disable.is_none(), "disable_counts", || {
        "goes without a `disable` rule of the endpoint's own, which says itself what it counts".to_owned()
    });
    let counts = matches!(profile.disable(), DisableRule::ConsecutiveFailures { .. });
    faults.unless(counts, "disable_counts", || {
        format!("means nothing here: {} disables no endpoint after failures in a row", profile.name())
    });
}

/// An endpoint that its provider asks a test of is a draft until then.
pub(crate) fn becomes_draft(before: &Endpoint, after: &Endpoint, profile: &Profile) -> bool {
    if !profile.requires_test() {
        return false;
    }
    let moved = before.url != after.url || before.provider != after.provider;
    before.draft || moved
}
