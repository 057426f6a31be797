mod properties;
mod rules;

use hookbench_model::{EndedBecause, FailureCount, RetryPolicy};
use hookbench_providers::Catalog;

use super::*;
use crate::policy_of;

const START: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);
const WELL: EndpointHealth = EndpointHealth {
    enabled: true,
    consecutive_failures: 0,
    failing_since: None,
    recent: Recent { attempts: 0, failures: 0 },
};
const AS_PLANNED: f64 = 0.5;
/// The end of a plan that has run out.
const OVER: Next = Next::Failed { at: START, because: EndedBecause::Exhausted };

fn policy(delays_s: &[u64], disable: DisableRule) -> Policy {
    let delays_ms: Vec<u64> = delays_s.iter().map(|delay| delay * 1000).collect();
    Policy { retry: RetryPolicy::of(delays_ms), disable, ..profile("generic") }
}

fn profile(id: &str) -> Policy {
    let provider = id.parse().unwrap();
    policy_of(None, Catalog::builtin().get(&provider).unwrap())
}

/// A failed attempt that the plan made, the `number`th of so many.
fn failed(number: u32, max_attempts: u32, at: Timestamp) -> Ended {
    Ended {
        outcome: Outcome::HttpError,
        status: Some(500),
        retry_after: None,
        trigger: Trigger::Automatic,
        at,
        first_at: START,
        expires_at: None,
        automatic_attempts: number,
        attempts: number,
        max_attempts,
        plan_over: false,
        is_test: false,
    }
}

fn seconds(later: u64) -> Timestamp {
    START.plus(Duration::from_secs(later))
}

#[test]
fn the_five_systems_try_again_to_the_second() {
    // When each attempt is made, in seconds from the first, if every one fails at once.
    let day: &[u64] = &[0, 60, 360, 2_160, 9_360, 30_960, 52_560, 74_160];
    for (id, expected) in [
        ("politicalcomms", &[0, 4, 20, 84][..]),
        ("smsportal", &[0, 10, 70, 370, 2_170]),
        ("sent", &[0, 60, 180, 420]),
        ("contactmanager", &[0, 3, 10]),
        ("pulsewave", day),
    ] {
        let policy = Policy { disable: DisableRule::Never, ..profile(id) };
        let max = policy.retry.max_attempts();
        let mut at = START;
        let mut made = vec![at];
        let mut health = WELL;
        let end = loop {
            let number = u32::try_from(made.len()).unwrap();
            let plan = follow(&failed(number, max, at), &policy, Some(&health), AS_PLANNED);
            health = health.after(&plan.effect);
            match plan.next {
                Next::Retry { at: next } => made.push(next),
                end => break end,
            }
            at = made[made.len() - 1];
        };
        let expected: Vec<_> = expected.iter().map(|&later| seconds(later)).collect();
        assert_eq!(made, expected, "{id}");
        assert_eq!(end, Next::Failed { at, because: EndedBecause::Exhausted }, "{id}");
        let course = |next, automatic_attempts, first_at| Course {
            next,
            automatic_attempts,
            max_attempts: max,
            first_at,
            expires_at: None,
        };
        assert_eq!(course(START, 0, None).upcoming(&policy), expected, "{id}");
        assert_eq!(course(expected[2], 2, Some(START)).upcoming(&policy), expected[2..], "{id}");
        let drawn: Vec<_> = draw(&policy, START).attempts.iter().map(|attempt| attempt.at).collect();
        assert_eq!(drawn, expected, "{id}");
    }
}

#[test]
fn the_wait_counts_from_the_end_of_the_attempt() {
    let plan = follow(&failed(1, 4, seconds(9)), &policy(&[4, 16, 64], DisableRule::Never), None, AS_PLANNED);
    assert_eq!(plan.next, Next::Retry { at: seconds(13) });
    assert_eq!(plan.effect, EndpointEffect::None);
}

#[test]
fn what_arrived_is_done_and_a_failing_endpoint_is_well_again() {
    let policy = policy(&[4], DisableRule::Never);
    let arrived = Ended { outcome: Outcome::Delivered, ..failed(1, 2, START) };
    let plan = follow(&arrived, &policy, Some(&WELL), AS_PLANNED);
    assert_eq!(plan, Plan { next: Next::Delivered { at: START }, effect: EndpointEffect::None });
    let failing = EndpointHealth { consecutive_failures: 3, failing_since: Some(START), ..WELL };
    let plan = follow(&arrived, &policy, Some(&failing), AS_PLANNED);
    assert_eq!(plan.effect, EndpointEffect::Success);
    assert_eq!(failing.after(&plan.effect), WELL);
}

#[test]
fn a_manual_attempt_neither_uses_up_nor_prolongs_the_plan() {
    let policy = policy(&[4, 16], DisableRule::Never);
    let manual = |automatic_attempts, plan_over| Ended {
        trigger: Trigger::Manual,
        automatic_attempts,
        attempts: automatic_attempts + 1,
        plan_over,
        ..failed(0, 3, START)
    };
    let next = |ended: Ended| follow(&ended, &policy, Some(&WELL), AS_PLANNED).next;
    // Before the plan's first attempt, after its first, after its second, after its last.
    assert_eq!(next(manual(0, false)), Next::Retry { at: seconds(4) });
    assert_eq!(next(manual(1, false)), Next::Retry { at: seconds(4) });
    assert_eq!(next(manual(2, false)), Next::Retry { at: seconds(16) });
    assert_eq!(next(manual(3, true)), OVER);
    assert_eq!(next(manual(3, false)), OVER);
    // Delivered or cancelled early, then sent again by hand: one attempt and no more.
    assert_eq!(next(manual(1, true)), OVER);
    // A plan of one attempt that a person came before is still made.
    let single = Policy { retry: RetryPolicy::default(), ..policy.clone() };
    let first = Ended { max_attempts: 1, ..manual(0, false) };
    assert_eq!(follow(&first, &single, None, AS_PLANNED).next, Next::Retry { at: START });
}

#[test]
fn a_delivery_keeps_to_the_fewer_of_its_own_attempts_and_the_policys() {
    let policy = policy(&[4, 16], DisableRule::Never);
    // A test send has a single attempt whatever the policy says; a policy shortened later ends the plan.
    assert_eq!(follow(&failed(1, 1, START), &policy, None, AS_PLANNED).next, OVER);
    assert_eq!(follow(&failed(3, 8, START), &policy, None, AS_PLANNED).next, OVER);
}

#[test]
fn an_interruption_goes_on_by_plan_and_a_last_attempt_is_made_once_more() {
    let policy = policy(&[4], DisableRule::Never);
    let cut = |number| Ended { outcome: Outcome::Interrupted, ..failed(number, 2, START) };
    let next = |number| follow(&cut(number), &policy, Some(&WELL), AS_PLANNED);
    assert_eq!(next(1), Plan { next: Next::Retry { at: seconds(4) }, effect: EndpointEffect::None });
    assert_eq!(next(2).next, Next::Retry { at: START });
    assert_eq!(next(3).next, OVER);
}

#[test]
fn so_many_failures_in_a_row_disable_and_what_waits_is_paused() {
    let rule = |counting| DisableRule::ConsecutiveFailures { count: 3, counting };
    let attempts = policy(&[4, 4, 4, 4], rule(FailureCount::Attempts));
    let two = EndpointHealth { consecutive_failures: 2, failing_since: Some(START), ..WELL };
    let one = EndpointHealth { consecutive_failures: 1, ..two };
    assert_eq!(
        follow(&failed(1, 5, START), &attempts, Some(&one), AS_PLANNED).effect,
        EndpointEffect::Failure { at: START }
    );
    let plan = follow(&failed(1, 5, START), &attempts, Some(&two), AS_PLANNED);
    let reason = "3 attempts failed in a row, with no success between.".to_owned();
    assert_eq!(plan.effect, EndpointEffect::Disable { at: START, reason });
    assert_eq!(plan.next, Next::Paused { resume_at: seconds(4) });
    assert!(!two.after(&plan.effect).enabled);

    // Where deliveries count, a failed attempt that is tried again counts nothing.
    let deliveries = policy(&[4], rule(FailureCount::Deliveries));
    assert_eq!(
        follow(&failed(1, 2, START), &deliveries, Some(&two), AS_PLANNED).effect,
        EndpointEffect::None
    );
    let last = follow(&failed(2, 2, START), &deliveries, Some(&two), AS_PLANNED);
    let reason = "3 deliveries failed in a row, with no success between.".to_owned();
    assert_eq!(last, Plan { next: OVER, effect: EndpointEffect::Disable { at: START, reason } });
}

#[test]
fn failing_for_so_long_disables_at_that_moment_and_not_before() {
    let policy = policy(&[4; 9], DisableRule::FailingFor { duration_ms: 86_400_000 });
    let effect = |health: EndpointHealth, later| {
        follow(&failed(1, 10, seconds(later)), &policy, Some(&health), AS_PLANNED).effect
    };
    assert_eq!(effect(WELL, 0), EndpointEffect::Failure { at: START });
    let failing = WELL.after(&EndpointEffect::Failure { at: START });
    assert_eq!(failing.failing_since, Some(START));
    assert_eq!(effect(failing, 86_399), EndpointEffect::Failure { at: seconds(86_399) });
    let EndpointEffect::Disable { reason, .. } = effect(failing, 86_400) else { panic!("not disabled") };
    assert_eq!(reason, "Nothing but failures for 24 hours.");
}

#[test]
fn what_is_not_the_receivers_fault_is_not_held_against_it() {
    let policy =
        policy(&[4; 9], DisableRule::ConsecutiveFailures { count: 1, counting: FailureCount::Attempts });
    let effect = |ended: Ended, health| follow(&ended, &policy, health, AS_PLANNED).effect;
    let base = failed(1, 10, START);
    for outcome in [Outcome::Blocked, Outcome::Interrupted] {
        assert_eq!(effect(Ended { outcome, ..base }, Some(&WELL)), EndpointEffect::None, "{outcome:?}");
    }
    assert_eq!(effect(Ended { trigger: Trigger::Manual, ..base }, Some(&WELL)), EndpointEffect::None);
    assert_eq!(effect(base, None), EndpointEffect::None);
    for outcome in [Outcome::Timeout, Outcome::Redirect, Outcome::DnsFailure, Outcome::TlsFailure] {
        let effect = effect(Ended { outcome, ..base }, Some(&WELL));
        assert!(matches!(effect, EndpointEffect::Disable { .. }), "{outcome:?}");
    }
}

#[test]
fn an_endpoint_that_is_disabled_already_keeps_the_rest_paused_and_its_reason() {
    let policy =
        policy(&[4; 9], DisableRule::ConsecutiveFailures { count: 1, counting: FailureCount::Attempts });
    let disabled = EndpointHealth { enabled: false, ..WELL };
    let plan = follow(&failed(1, 10, START), &policy, Some(&disabled), AS_PLANNED);
    assert_eq!(plan.next, Next::Paused { resume_at: seconds(4) });
    assert_eq!(plan.effect, EndpointEffect::Failure { at: START });
}

#[test]
fn answers_have_their_names() {
    let only_202 = SuccessRule::Statuses { statuses: vec![202, 302] };
    for (status, rule, outcome) in [
        (200, &SuccessRule::Any2xx, Outcome::Delivered),
        (299, &SuccessRule::Any2xx, Outcome::Delivered),
        (301, &SuccessRule::Any2xx, Outcome::Redirect),
        (304, &SuccessRule::Any2xx, Outcome::HttpError),
        (404, &SuccessRule::Any2xx, Outcome::HttpError),
        (500, &SuccessRule::Any2xx, Outcome::HttpError),
        (101, &SuccessRule::Any2xx, Outcome::HttpError),
        (200, &only_202, Outcome::HttpError),
        (302, &only_202, Outcome::Delivered),
    ] {
        assert_eq!(judge(status, b"", true, rule), outcome, "{status}");
    }
}
