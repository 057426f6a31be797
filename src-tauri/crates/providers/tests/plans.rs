//! When senders of the wider world try again, how long they wait and what they take for delivered: as their
//! documents say, so that a slip in a profile is seen.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_model::{DisableRule, SuccessRule};
use hookbench_providers::{Catalog, Profile};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

fn profile(id: &str) -> &'static Profile {
    Catalog::builtin().get(&id.parse().unwrap()).unwrap()
}

fn delays_s(id: &str) -> Vec<u64> {
    profile(id).retry().delays_ms.iter().map(|ms| ms / 1000).collect()
}

/// From the first attempt to the last, when each fails at once.
fn span_s(id: &str) -> u64 {
    delays_s(id).iter().sum()
}

#[test]
fn published_delays_are_kept() {
    let minutes = |counts: &[u64]| counts.iter().map(|count| count * MINUTE).collect::<Vec<_>>();
    assert_eq!(delays_s("square"), minutes(&[1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 480]));
    assert_eq!(delays_s("zoom"), minutes(&[5, 20, 60]));
    assert_eq!(delays_s("linear"), minutes(&[1, 60, 360]));
    assert_eq!(delays_s("mailgun"), minutes(&[5, 10, 15, 60, 120, 240]));
    let adyen = delays_s("adyen");
    assert_eq!(adyen[..3], [9, 9, 9]);
    assert_eq!(adyen[3..12], minutes(&[2, 5, 10, 15, 30, 60, 120, 240, 480]));
    assert!(adyen[12..].iter().all(|delay| *delay == 8 * HOUR));
    for id in ["square", "zoom", "linear", "mailgun", "adyen"] {
        assert!(profile(id).retry().jitter.abs() < f64::EPSILON, "{id} has fixed delays");
    }
}

#[test]
fn derived_delays_stay_within_what_is_published() {
    // The most retries and the longest time, and how much of that time is used at least.
    for (id, retries, most, least) in [
        ("hubspot", 10, DAY, 20 * HOUR),
        ("meta", 20, 7 * DAY, 6 * DAY),
        ("discord", 10, 10 * MINUTE, 8 * MINUTE),
        ("telnyx", 2, MINUTE, 0),
        ("adyen", 99, 30 * DAY, 29 * DAY),
    ] {
        let (count, span) = (delays_s(id).len(), span_s(id));
        assert!(count <= retries, "{id}: {count} retries");
        assert!((least..=most).contains(&span), "{id}: {span} s");
        assert!(delays_s(id).is_sorted(), "{id} slows down");
    }
}

#[test]
fn answers_are_awaited_and_taken_as_published() {
    let only = |statuses: &[u16]| SuccessRule::Statuses { statuses: statuses.to_vec() };
    for (id, timeout_s, success) in [
        ("square", 10, SuccessRule::Any2xx),
        ("zoom", 3, only(&[200, 204])),
        ("meta", 5, only(&[200])),
        ("hubspot", 5, SuccessRule::Any2xx),
        ("linear", 5, only(&[200])),
        ("adyen", 10, SuccessRule::Any2xx),
        ("mailgun", 10, only(&[200])),
        ("discord", 3, only(&[204])),
        ("telnyx", 2, SuccessRule::Any2xx),
    ] {
        assert_eq!(profile(id).timeout_ms(), timeout_s * 1000, "{id}");
        assert_eq!(*profile(id).success(), success, "{id}");
    }
}

#[test]
fn only_square_says_when_it_gives_up_on_an_endpoint() {
    assert_eq!(*profile("square").disable(), DisableRule::FailingFor { duration_ms: 21 * DAY * 1000 });
    for id in ["zoom", "meta", "hubspot", "linear", "adyen", "mailgun", "discord", "telnyx"] {
        assert_eq!(*profile(id).disable(), DisableRule::Never, "{id}");
    }
}

#[test]
fn what_is_not_tried_again_and_what_disables_follows_the_documents() {
    let retries = |id, status| profile(id).retry().retries(status);
    assert!(!retries("mailgun", 406) && retries("mailgun", 404) && retries("mailgun", 500));
    assert!(retries("zoom", 503) && !retries("zoom", 404) && !retries("zoom", 302));
    assert!(retries("generic", 404) && retries("generic", 500));
    let slack = DisableRule::FailureShare { share: 0.95, window_ms: HOUR * 1000, min_attempts: 1000 };
    assert_eq!(*profile("slack").disable(), slack);
    for id in ["trello", "generic", "cloudevents"] {
        assert!(profile(id).gone_disables(), "{id}");
    }
    let asked = profile("cloudevents").retry().retry_after();
    assert!(asked.holds_on(429) && asked.max_ms == DAY * 1000);
}
