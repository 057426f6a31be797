//! The checks tried out: an engine that keeps the rules is held to stricter ones, and that has to be seen.

use hookbench_model::{
    DisableRule, Endpoint, FailureCount, OrderOnFailure, RateLimit, RetryPolicy, SuccessRule,
};

use crate::scenario::Scenario;
use crate::world::{World, template};

/// Whether any of some runs is said to be wrong, in these words.
async fn is_seen(words: &str, change: fn(&mut Endpoint)) -> bool {
    let template = template().await;
    for seed in 40_000..40_150 {
        let scenario = Scenario::of(seed);
        let mut rules = scenario.endpoints.clone();
        rules.iter_mut().for_each(change);
        let lived = World::new(scenario, &rules, template.path()).await.run().await;
        if lived.wrong.iter().any(|wrong| wrong.contains(words)) {
            return true;
        }
    }
    false
}

#[test]
fn a_rule_that_is_not_kept_is_seen() {
    type Change = fn(&mut Endpoint);
    let stricter: [(&str, Change); 7] = [
        ("is sent to too fast", |endpoint| endpoint.rate_limit = Some(RateLimit::per_second(0.01))),
        ("are under way to endpoint", |endpoint| endpoint.max_in_flight = Some(1)),
        ("goes out while", |endpoint| endpoint.ordered = true),
        ("holds the queue", |endpoint| endpoint.order_on_failure = OrderOnFailure::Block),
        ("is allowed", |endpoint| endpoint.retry = Some(RetryPolicy::of([]))),
        ("is recorded as", |endpoint| {
            endpoint.success = Some(SuccessRule::Statuses { statuses: vec![299] });
        }),
        ("and by the rules", |endpoint| {
            endpoint.disable =
                Some(DisableRule::ConsecutiveFailures { count: 1, counting: FailureCount::Attempts });
        }),
    ];
    for (words, change) in stricter {
        assert!(crate::block_on(is_seen(words, change)), "nobody says \"{words}\"");
    }
}
