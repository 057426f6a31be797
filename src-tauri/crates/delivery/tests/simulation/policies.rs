//! Endpoints with policies of all kinds.

use hookbench_model::{
    Breaker, DisableRule, Endpoint, EndpointId, Exponential, FailureCount, OrderOnFailure, ProviderId,
    RateLimit, RetryAfter, RetryPolicy, StatusRange, StoredSecret, Subscriptions, SuccessRule,
};
use hookbench_providers::Catalog;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::chance::Dice;
use crate::scenario::{NOW, id_bytes};

/// The body by which some endpoints say that they have it.
pub(crate) const WORD: &str = "True";

pub(crate) fn endpoint(dice: &mut Dice, number: usize) -> Endpoint {
    let url = format!("http://e{number}.test/").parse().unwrap();
    let id = EndpointId::from_bytes(id_bytes(NOW, number));
    let mut endpoint = Endpoint::new(id, "Handler", url, "generic".parse().unwrap());
    (endpoint.created_at, endpoint.updated_at) = (NOW, NOW);
    endpoint.retry = Some(retry(dice));
    endpoint.timeout_ms = Some(dice.pick(&[100, 1_000, 5_000]));
    endpoint.success = success(dice);
    endpoint.ordered = dice.one_in(3);
    endpoint.order_on_failure = dice.pick(&[OrderOnFailure::Skip, OrderOnFailure::Block]);
    endpoint.rate_limit = rate(dice);
    endpoint.max_in_flight = dice.maybe(3, &[1, 2]);
    endpoint.breaker = breaker(dice);
    endpoint.gone_disables = dice.pick(&[None, None, Some(false)]);
    endpoint.disable = Some(disable(dice));
    endpoint
}

/// Has nothing but a long wait keep deliveries back.
pub(crate) fn make_patient(endpoint: &mut Endpoint) {
    endpoint.retry = Some(RetryPolicy::of([600_000, 600_000]));
    (endpoint.ordered, endpoint.rate_limit, endpoint.max_in_flight) = (false, None, None);
    (endpoint.breaker, endpoint.disable, endpoint.gone_disables) =
        (None, Some(DisableRule::Never), Some(false));
}

/// One that takes alerts, all of them or some, by a policy of any kind.
pub(crate) fn taker(dice: &mut Dice, number: usize) -> Endpoint {
    let provider = ProviderId::hookbench();
    let profile = Catalog::builtin().get(&provider).unwrap();
    let secret = profile.generate_secret(&mut StdRng::seed_from_u64(dice.next()));
    let some = dice.maybe(3, &["delivery.exhausted", "endpoint.*", "endpoint.recovered"]);
    Endpoint {
        provider,
        secrets: vec![StoredSecret { secret, created_at: NOW, expires_at: None }],
        enabled_events: some
            .map_or_else(Subscriptions::all, |some| Subscriptions::new(vec![some.parse().unwrap()])),
        ttl_ms: dice.maybe(4, &[1_000, 30_000]),
        ..endpoint(dice, number)
    }
}

fn retry(dice: &mut Dice) -> RetryPolicy {
    let waits = [500, 1_000, 5_000, 60_000, 600_000];
    let mut retry = if dice.one_in(3) {
        let first_ms = dice.pick(&[100, 2_000]);
        let exponential = Exponential {
            first_ms,
            factor: dice.pick(&[1.0, 1.5, 3.0]),
            cap_ms: dice.pick(&[2_000, 30_000]),
            max_attempts: 1 + u32::try_from(dice.below(5)).unwrap(),
        };
        RetryPolicy { exponential: Some(exponential), ..RetryPolicy::default() }
    } else {
        RetryPolicy::of((0..dice.below(4)).map(|_| dice.pick(&waits)).collect::<Vec<_>>())
    };
    retry.jitter = dice.pick(&[0.0, 0.0, 0.2, 0.5, 1.0]);
    retry.max_total_ms = dice.maybe(5, &[2_000, 100_000]);
    retry.retry_after = dice.maybe(
        3,
        &[
            RetryAfter { statuses: vec![503], max_ms: 20_000 },
            RetryAfter { statuses: Vec::new(), max_ms: 1_000 },
        ],
    );
    retry.no_retry = dice.pick(&[Vec::new(), Vec::new(), vec![StatusRange::one(404)]]);
    retry
}

fn success(dice: &mut Dice) -> Option<SuccessRule> {
    dice.maybe(
        4,
        &[
            SuccessRule::Statuses { statuses: vec![200, 404] },
            SuccessRule::BodyWord { word: WORD.to_owned(), statuses: None },
            SuccessRule::BodyWord { word: WORD.to_owned(), statuses: Some(vec![200, 500]) },
        ],
    )
}

fn rate(dice: &mut Dice) -> Option<RateLimit> {
    let (per_second, burst) = (dice.pick(&[0.2, 1.0, 3.0, 50.0]), dice.pick(&[None, Some(2)]));
    dice.one_in(3).then_some(RateLimit { per_second, burst })
}

fn breaker(dice: &mut Dice) -> Option<Breaker> {
    let (failures, open_ms) = (dice.pick(&[1, 2, 3]), dice.pick(&[1_000, 20_000]));
    dice.one_in(3).then_some(Breaker { failures, open_ms, max_open_ms: 60_000 })
}

fn disable(dice: &mut Dice) -> DisableRule {
    match dice.below(10) {
        0 | 1 => DisableRule::ConsecutiveFailures { count: 3, counting: FailureCount::Attempts },
        2 => DisableRule::ConsecutiveFailures { count: 2, counting: FailureCount::Deliveries },
        3 => DisableRule::FailingFor { duration_ms: 30_000 },
        4 => DisableRule::FailureShare { share: 0.5, window_ms: 60_000, min_attempts: 4 },
        _ => DisableRule::Never,
    }
}
