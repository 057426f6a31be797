//! What holds of every plan, whatever its numbers.

use hookbench_model::{Exponential, RetryAfter};
use proptest::prelude::*;

use super::*;

fn any_retry() -> impl Strategy<Value = RetryPolicy> {
    let delays = prop::collection::vec(0_u64..100_000, 0..12).prop_map(RetryPolicy::of);
    let growing = (1_u64..10_000, 1.0_f64..5.0, 10_000_u64..1_000_000, 1_u32..12).prop_map(
        |(first_ms, factor, cap_ms, max_attempts)| {
            let exponential = Some(Exponential { first_ms, factor, cap_ms, max_attempts });
            RetryPolicy { exponential, ..RetryPolicy::default() }.filled()
        },
    );
    let bounds = (0.0_f64..=1.0, prop::option::of(0_u64..500_000), 0_u64..200_000);
    (prop_oneof![delays, growing], bounds).prop_map(|(policy, (jitter, max_total_ms, max_ms))| RetryPolicy {
        jitter,
        max_total_ms,
        retry_after: Some(RetryAfter { statuses: vec![429, 503], max_ms }),
        ..policy
    })
}

/// What the receiver does with one attempt: how long it takes, what it answers, and what it asks for.
fn any_answer() -> impl Strategy<Value = (u64, u16, Option<u64>, f64)> {
    let asks = prop::option::of(0_u64..400_000);
    (0_u64..20_000, prop_oneof![Just(500_u16), Just(503), Just(429)], asks, 0.0_f64..1.0)
}

proptest! {
    #[test]
    fn a_plan_keeps_its_attempts_its_total_and_the_order_of_time(
        retry in any_retry(),
        answers in prop::collection::vec(any_answer(), 40),
        ttl_ms in prop::option::of(1_u64..300_000),
    ) {
        prop_assert!(retry.validate().is_ok());
        let policy = Policy { retry: retry.clone(), ..policy(&[], DisableRule::Never) };
        let max = policy.retry.max_attempts();
        let expires_at = ttl_ms.map(|ttl| START.plus(Duration::from_millis(ttl)));
        let mut started = START;
        let mut made = 0;
        for (took, status, asks, chance) in answers {
            made += 1;
            let at = started.plus(Duration::from_millis(took));
            let retry_after = asks.map(Duration::from_millis);
            let ended =
                Ended { status: Some(status), retry_after, expires_at, ..failed(made, max, at) };
            let plan = follow(&ended, &policy, Some(&WELL), chance);
            let silent = follow(&Ended { retry_after: None, ..ended }, &policy, Some(&WELL), chance);
            let Next::Retry { at: again } = plan.next else {
                let ends_now = matches!(plan.next, Next::Failed { at: end, .. } if end == at);
                prop_assert!(ends_now, "a delivery that is not tried again ends");
                prop_assert!(made <= max, "{made} of {max}");
                return Ok(());
            };
            prop_assert!(again >= at, "time goes on");
            if let Some(total) = retry.max_total_ms {
                prop_assert!(again <= START.plus(Duration::from_millis(total)), "the total holds");
            }
            prop_assert!(expires_at.is_none_or(|expires| again < expires), "it is worth it still");
            let Next::Retry { at: planned } = silent.next else { panic!("{:?}", silent.next) };
            prop_assert!(again >= planned, "what is asked for never shortens a wait");
            let wait = retry.delays_ms[made as usize - 1] as f64;
            let spread = planned.ms_since(at) as f64;
            prop_assert!(spread >= wait * (1.0 - retry.jitter) - 1.0, "{spread} of {wait}");
            prop_assert!(spread <= wait * (1.0 + retry.jitter) + 1.0, "{spread} of {wait}");
            let rule = retry.retry_after();
            let most = spread.max(if rule.holds_on(status) { rule.max_ms as f64 } else { 0.0 });
            prop_assert!(again.ms_since(at) as f64 <= most, "what is asked for is bounded");
            started = again;
        }
        prop_assert!(false, "it never ended");
    }

    #[test]
    fn a_drawn_schedule_is_what_then_happens(retry in any_retry(), chance in 0.0_f64..1.0) {
        let policy = Policy { retry, ..policy(&[], DisableRule::Never) };
        let max = policy.retry.max_attempts();
        let drawn = draw(&policy, START);
        prop_assert!(drawn.attempts.len() <= max as usize);
        prop_assert_eq!(drawn.ends_at, drawn.attempts[drawn.attempts.len() - 1].at);
        let mut at = START;
        for attempt in &drawn.attempts {
            prop_assert!(attempt.earliest <= attempt.at && attempt.at <= attempt.latest);
            prop_assert!(attempt.earliest.ms_since(at) <= 0 && at.ms_since(attempt.latest) <= 0, "{at}");
            match follow(&failed(attempt.number, max, at), &policy, Some(&WELL), chance).next {
                Next::Retry { at: again } => at = again,
                _ => break,
            }
        }
    }

    #[test]
    fn a_plan_without_chance_is_drawn_to_the_millisecond(retry in any_retry()) {
        let policy = Policy { retry, ..policy(&[], DisableRule::Never) };
        let max = policy.retry.max_attempts();
        let (mut at, mut made) = (START, vec![START]);
        while let Next::Retry { at: again } =
            follow(&failed(u32::try_from(made.len()).unwrap(), max, at), &policy, Some(&WELL), AS_PLANNED).next
        {
            at = again;
            made.push(at);
        }
        let drawn: Vec<_> = draw(&policy, START).attempts.iter().map(|attempt| attempt.at).collect();
        prop_assert_eq!(made, drawn);
    }
}
