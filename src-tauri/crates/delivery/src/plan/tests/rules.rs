//! What an endpoint's own rules add to the plan.

use hookbench_model::{RetryAfter, StatusRange};

use super::*;

fn next(ended: &Ended, policy: &Policy) -> Next {
    follow(ended, policy, Some(&WELL), AS_PLANNED).next
}

/// A failed first attempt, answered so, by a receiver that asks to be left alone for so many seconds.
fn asked(status: u16, seconds: u64) -> Ended {
    Ended { status: Some(status), retry_after: Some(Duration::from_secs(seconds)), ..failed(1, 3, START) }
}

fn retry_at(later: u64) -> Next {
    Next::Retry { at: seconds(later) }
}

#[test]
fn a_receiver_that_asks_to_wait_is_left_alone_for_so_long() {
    let policy = policy(&[10, 60], DisableRule::Never);
    for status in [429, 503] {
        assert_eq!(next(&asked(status, 120), &policy), retry_at(120), "{status}");
        assert_eq!(next(&asked(status, 3), &policy), retry_at(10), "it never brings an attempt forward");
        assert_eq!(next(&asked(status, 1 << 40), &policy), retry_at(3600), "it is bounded");
    }
    assert_eq!(next(&asked(500, 120), &policy), retry_at(10), "on these statuses alone");
    let unanswered = Ended { status: None, outcome: Outcome::Timeout, ..asked(0, 120) };
    assert_eq!(next(&unanswered, &policy), retry_at(10));
    let last = Ended { automatic_attempts: 3, attempts: 3, ..asked(503, 120) };
    assert_eq!(next(&last, &policy), OVER, "it gives no attempt more");
}

#[test]
fn how_a_receiver_may_ask_is_the_policys_to_say() {
    let with = |statuses: &[u16], max_s: u64| {
        let rule = RetryAfter { statuses: statuses.to_vec(), max_ms: max_s * 1000 };
        let base = policy(&[10], DisableRule::Never);
        Policy { retry: RetryPolicy { retry_after: Some(rule), ..base.retry }, ..base }
    };
    assert_eq!(next(&asked(503, 120), &with(&[], 3600)), retry_at(10));
    assert_eq!(next(&asked(502, 120), &with(&[502], 30)), retry_at(30));
}

#[test]
fn nothing_is_planned_past_the_total() {
    let base = policy(&[10, 60, 600], DisableRule::Never);
    let within = |total_s: u64| Policy {
        retry: RetryPolicy { max_total_ms: Some(total_s * 1000), ..base.retry.clone() },
        ..base.clone()
    };
    let third = |policy: &Policy, ended_after| next(&failed(2, 4, seconds(ended_after)), policy);
    assert_eq!(third(&within(100), 30), retry_at(90));
    assert_eq!(third(&within(100), 40), retry_at(100));
    let end = Next::Failed { at: seconds(41), because: EndedBecause::Exhausted };
    assert_eq!(third(&within(100), 41), end);
    // What a receiver asks for is granted as far as the total goes.
    assert_eq!(next(&asked(503, 500), &within(100)), retry_at(100));
    let upcoming = |first_at| {
        let course =
            Course { next: seconds(10), automatic_attempts: 1, max_attempts: 4, first_at, expires_at: None };
        course.upcoming(&within(100)).len()
    };
    assert_eq!(upcoming(Some(START)), 2);
}

#[test]
fn an_event_that_is_not_worth_it_any_more_is_given_up() {
    let policy = policy(&[10, 60], DisableRule::Never);
    let until = |seconds_later| Ended { expires_at: Some(seconds(seconds_later)), ..failed(1, 3, START) };
    assert_eq!(next(&until(11), &policy), retry_at(10));
    let expired = Next::Failed { at: START, because: EndedBecause::Expired };
    assert_eq!(next(&until(10), &policy), expired);
    assert_eq!(
        next(&Ended { status: Some(503), retry_after: Some(Duration::from_mins(1)), ..until(11) }, &policy),
        expired
    );
    let last = Ended { automatic_attempts: 3, attempts: 3, ..until(1) };
    assert_eq!(next(&last, &policy), OVER, "the plan was over before");
}

#[test]
fn some_answers_are_not_tried_again() {
    let base = policy(&[10], DisableRule::Never);
    let answered = |status| Ended { status: Some(status), ..failed(1, 2, START) };
    let never = vec![StatusRange::one(406)];
    let never = Policy { retry: RetryPolicy { no_retry: never, ..base.retry.clone() }, ..base.clone() };
    assert_eq!(next(&answered(406), &never), OVER);
    assert_eq!(next(&answered(405), &never), retry_at(10));
    let only = Some(vec!["5xx".parse().unwrap()]);
    let only = Policy { retry: RetryPolicy { retry_on: only, ..base.retry.clone() }, ..base };
    assert_eq!(next(&answered(404), &only), OVER);
    assert_eq!(next(&Ended { outcome: Outcome::Redirect, ..answered(302) }, &only), OVER);
    assert_eq!(next(&answered(500), &only), retry_at(10));
    let cut = Ended { outcome: Outcome::ConnectionReset, ..answered(200) };
    assert_eq!(next(&cut, &only), retry_at(10), "half an answer is none");
}

#[test]
fn a_receiver_that_is_gone_is_sent_nothing_more() {
    let policy = policy(&[10], DisableRule::Never);
    let gone = Ended { status: Some(410), ..failed(1, 2, START) };
    let plan = follow(&gone, &policy, Some(&WELL), AS_PLANNED);
    let EndpointEffect::Disable { at, reason } = &plan.effect else { panic!("{:?}", plan.effect) };
    assert_eq!((*at, reason.contains("410 Gone")), (START, true));
    assert_eq!(plan.next, Next::Paused { resume_at: seconds(10) });
    let effect = |ended: Ended, policy: &Policy, health| follow(&ended, policy, health, AS_PLANNED).effect;
    let failure = EndpointEffect::Failure { at: START };
    let kept = Policy { gone_disables: false, ..policy.clone() };
    assert_eq!(effect(gone, &kept, Some(&WELL)), failure);
    assert_eq!(effect(gone, &policy, None), EndpointEffect::None);
    assert_eq!(
        effect(Ended { trigger: Trigger::Manual, ..gone }, &policy, Some(&WELL)),
        EndpointEffect::None
    );
    assert_eq!(effect(Ended { is_test: true, ..gone }, &policy, Some(&WELL)), EndpointEffect::None);
    let taken = Ended { outcome: Outcome::Delivered, ..gone };
    assert_eq!(effect(taken, &policy, Some(&WELL)), EndpointEffect::None, "it may be a success");
    let disabled = EndpointHealth { enabled: false, ..WELL };
    assert_eq!(effect(gone, &policy, Some(&disabled)), failure);
}

#[test]
fn so_large_a_share_of_failures_disables() {
    let rule = DisableRule::FailureShare { share: 0.5, window_ms: 600_000, min_attempts: 4 };
    let policy = policy(&[10; 20], rule.clone());
    let mut window = FailureWindow::default();
    let mut attempt = |later, outcome| {
        let ended = Ended { outcome, ..failed(1, 21, seconds(later)) };
        let health = EndpointHealth { recent: recent(&mut window, ended.at, &rule), ..WELL };
        count(&mut window, &ended, &rule);
        follow(&ended, &policy, Some(&health), AS_PLANNED).effect
    };
    let failure = |later| EndpointEffect::Failure { at: seconds(later) };
    assert_eq!(attempt(0, Outcome::Delivered), EndpointEffect::None);
    assert_eq!(attempt(10, Outcome::Delivered), EndpointEffect::None);
    assert_eq!(attempt(20, Outcome::HttpError), failure(20));
    let blocked = attempt(25, Outcome::Blocked);
    assert_eq!(blocked, EndpointEffect::None, "what was not sent counts for nothing");
    let EndpointEffect::Disable { reason, .. } = attempt(30, Outcome::Timeout) else {
        panic!("not disabled")
    };
    assert_eq!(reason, "2 of the 4 attempts of the last 10 minutes failed, 50 % of them.");
    // Two successes later two of the failures are not half of it any more; and all of it is forgotten in time.
    assert_eq!(attempt(40, Outcome::Delivered), EndpointEffect::None);
    assert_eq!(attempt(50, Outcome::Delivered), EndpointEffect::None);
    assert_eq!(attempt(60, Outcome::HttpError), failure(60));
    assert_eq!(
        attempt(2000, Outcome::HttpError),
        failure(2000),
        "one attempt is not enough to conclude from"
    );
}

#[test]
fn a_word_in_the_body_decides_where_it_is_the_rule() {
    let legacy = SuccessRule::BodyWord { word: "True".to_owned(), statuses: None };
    assert_eq!(judge(200, b"True\r\n", true, &legacy), Outcome::Delivered);
    assert_eq!(judge(200, b"False", true, &legacy), Outcome::HttpError);
    assert_eq!(judge(500, b"True", true, &legacy), Outcome::HttpError);
    assert_eq!(judge(302, b"True", true, &legacy), Outcome::Redirect);
}

#[test]
fn a_schedule_says_when_and_within_which_bounds() {
    let base = policy(&[10, 60, 600], DisableRule::Never);
    let policy = Policy { retry: RetryPolicy { jitter: 0.1, ..base.retry }, ..base };
    let drawn = draw(&policy, START);
    let ms = |at: Timestamp| at.ms_since(START);
    let facts: Vec<_> = drawn
        .attempts
        .iter()
        .map(|attempt| (attempt.number, ms(attempt.at), ms(attempt.earliest), ms(attempt.latest)))
        .collect();
    assert_eq!(
        facts,
        [
            (1, 0, 0, 0),
            (2, 10_000, 9_000, 11_000),
            (3, 70_000, 63_000, 77_000),
            (4, 670_000, 603_000, 737_000)
        ]
    );
    assert_eq!(drawn.attempts[3].after, Duration::from_mins(10));
    assert_eq!((ms(drawn.ends_at), drawn.total), (670_000, Duration::from_secs(670)));
    assert_eq!(
        drawn.sentence,
        "Up to 4 attempts over 11 minutes 10 seconds: at once, then after 10 seconds, 1 minute and 10 minutes. \
         Each wait may be up to 10 % longer or shorter. An attempt may take 15 seconds. On 429 and 503 a \
         Retry-After of the receiver may put the next attempt off by up to 1 hour."
    );
}

#[test]
fn a_schedule_ends_where_the_total_or_the_time_to_live_does() {
    let base = policy(&[10, 60, 600], DisableRule::Never);
    let retry = RetryPolicy { max_total_ms: Some(75_000), jitter: 0.1, ..base.retry.clone() };
    let drawn = draw(&Policy { retry, ..base.clone() }, START);
    assert_eq!(drawn.attempts.len(), 3);
    assert_eq!(drawn.attempts[2].latest, seconds(75), "jitter does not leave the total");
    assert!(drawn.sentence.contains("None is made later than 1 minute 15 seconds after the first."));
    let drawn = draw(&Policy { ttl: Some(Duration::from_secs(70)), ..base.clone() }, START);
    assert_eq!(drawn.attempts.len(), 2);
    assert!(drawn.sentence.starts_with("Up to 2 attempts over 10 seconds: "), "{}", drawn.sentence);
    assert!(drawn.sentence.ends_with("After 1 minute 10 seconds an event is not worth delivering any more."));
    let retry = RetryPolicy { jitter: 0.2, ..policy(&[60, 60, 60], DisableRule::Never).retry };
    let drawn = draw(&Policy { retry, ttl: Some(Duration::from_secs(170)), ..base.clone() }, START);
    let last = drawn.attempts.last().unwrap();
    assert_eq!((drawn.attempts.len(), last.earliest), (4, seconds(144)), "it may be made in time");
    assert_eq!((last.at, last.latest, drawn.ends_at), (seconds(170).plus_ms(-1), last.at, last.at));
    let began =
        "Up to 4 attempts within 2 minutes 50 seconds: at once, then after 1 minute, 1 minute and 1 minute.";
    assert!(drawn.sentence.starts_with(began), "{}", drawn.sentence);
    let once = draw(&Policy { retry: RetryPolicy::default(), ..base }, START);
    assert_eq!(once.attempts.len(), 1);
    assert!(once.sentence.starts_with("One attempt, which is not made again."));
}
