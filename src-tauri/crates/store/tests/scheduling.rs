//! Queues that block, time to live, paused deliveries that go on, a clock that is set back, what is due when.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use hookbench_model::{
    Breaker, BreakerState, DeliveryId, DeliveryStatus, EndedBecause, Endpoint, EndpointStatus,
    OrderOnFailure, Outcome, Settings, Timestamp,
};
use hookbench_store::{
    BreakerChange, ForecastBucket, Full, Next, Overdue, OverdueTaken, Room, Spread, Store, StoreError,
};
use support::*;

const MINUTE: i64 = 60_000;

async fn blocking(store: &Store) -> Endpoint {
    let mut ordered = endpoint("ordered");
    (ordered.ordered, ordered.order_on_failure) = (true, OrderOnFailure::Block);
    store.endpoints().create(ordered).await.unwrap()
}

async fn claimed_ids(store: &Store, at: Timestamp) -> Vec<DeliveryId> {
    let claimed = store.deliveries().claim_due(at, 9, &[]).await.unwrap();
    claimed.iter().map(|claimed| claimed.delivery.id).collect()
}

async fn expiring(store: &Store, to_endpoint: &Endpoint, expires_at: Timestamp) -> DeliveryId {
    let mut new = delivery(NOW, to(to_endpoint));
    new.expires_at = Some(expires_at);
    let id = new.id;
    store.events().create(event(NOW, "a.b", b"{}"), vec![new], None).await.unwrap();
    id
}

async fn standing(store: &Store, id: DeliveryId) -> (DeliveryStatus, Option<EndedBecause>) {
    let known = store.deliveries().get(id).await.unwrap().unwrap();
    (known.status, known.ended_because)
}

#[tokio::test]
async fn one_that_failed_for_good_holds_a_queue_until_it_is_retried_with_success() {
    let (folder, store) = store().await;
    let ordered = blocking(&store).await;
    let ids = [send(&store, NOW, &ordered, "a.b").await, send(&store, NOW, &ordered, "a.b").await];
    assert_eq!(work(&store, NOW, Outcome::HttpError, failing(NOW)).await, 1);
    assert_eq!(claimed_ids(&store, NOW).await, []);
    let work_of = store.deliveries().work_of(ordered.id, NOW).await.unwrap();
    assert_eq!((work_of.held_by, work_of.waiting, work_of.due), (Some(ids[0]), 1, 1));
    assert_eq!(work_of.last_failure.unwrap().delivery, ids[0]);

    // It holds over a restart, and nobody overtakes it by hand.
    store.shutdown().await;
    let store = open(folder.path()).await;
    assert_eq!(claimed_ids(&store, NOW).await, []);
    assert_eq!(store.deliveries().next_due(&[]).await.unwrap(), None);
    let error = store.deliveries().retry_now(ids[1], NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongState { status: "held", .. }), "{error}");

    // A retry that fails holds on; one that arrives lets the others go.
    for (outcome, next) in
        [(Outcome::Timeout, failing(NOW)), (Outcome::Delivered, Next::Delivered { at: NOW })]
    {
        store.deliveries().retry_now(ids[0], NOW).await.unwrap();
        assert_eq!(work(&store, NOW, outcome, next).await, 1);
        let expected = if outcome == Outcome::Delivered { None } else { Some(ids[0]) };
        assert_eq!(store.deliveries().work_of(ordered.id, NOW).await.unwrap().held_by, expected);
    }
    assert_eq!(claimed_ids(&store, NOW).await, [ids[1]]);
}

#[tokio::test]
async fn a_queue_goes_on_when_what_holds_it_is_skipped_cancelled_removed_or_the_rule_is_taken_away() {
    for way in ["skip", "cancel", "remove", "rule", "order"] {
        let (_folder, store) = store().await;
        let ordered = blocking(&store).await;
        let ids = [send(&store, NOW, &ordered, "a.b").await, send(&store, NOW, &ordered, "a.b").await];
        work(&store, NOW, Outcome::HttpError, failing(NOW)).await;
        assert_eq!(claimed_ids(&store, NOW).await, [], "{way}");
        match way {
            "skip" => {
                store.deliveries().skip(ids[0], NOW).await.unwrap();
                let skipped = (DeliveryStatus::Failed, Some(EndedBecause::Skipped));
                assert_eq!(standing(&store, ids[0]).await, skipped);
                let error = store.deliveries().skip(ids[0], NOW).await.unwrap_err();
                assert!(matches!(error, StoreError::WrongState { status: "failed", .. }), "{error}");
            }
            "cancel" => {
                store.deliveries().retry_now(ids[0], NOW).await.unwrap();
                store.deliveries().cancel(ids[0], NOW).await.unwrap();
            }
            "remove" => {
                let kept = Settings { delivery_max_age_ms: Some(1000), ..Settings::default() };
                store.settings().put(kept).await.unwrap();
                store.maintenance().purge(NOW.plus_ms(MINUTE)).await.unwrap();
                assert!(store.deliveries().get(ids[0]).await.unwrap().is_none());
            }
            "rule" => {
                let edit = |endpoint: &mut Endpoint| endpoint.order_on_failure = OrderOnFailure::Skip;
                store.endpoints().update(ordered.id, NOW, edit).await.unwrap();
            }
            _ => {
                let edit = |endpoint: &mut Endpoint| endpoint.ordered = false;
                store.endpoints().update(ordered.id, NOW, edit).await.unwrap();
            }
        }
        assert_eq!(claimed_ids(&store, NOW).await, [ids[1]], "{way}");
    }
}

/// The queue has gone on past it: a person who tries it again stops nobody.
#[tokio::test]
async fn what_had_ended_is_tried_by_hand_beside_the_queue_and_does_not_hold_it() {
    let (folder, store) = store().await;
    let ordered = blocking(&store).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(send(&store, NOW, &ordered, "a.b").await);
    }
    let deliveries = store.deliveries();
    deliveries.cancel(ids[0], NOW).await.unwrap();
    assert_eq!(claimed_ids(&store, NOW).await, [ids[1]]);
    // It goes while another is under way.
    deliveries.retry_now(ids[0], NOW).await.unwrap();
    let tried = deliveries.claim_due(NOW, 9, &[]).await.unwrap();
    assert_eq!(tried.iter().map(|tried| tried.delivery.id).collect::<Vec<_>>(), [ids[0]]);
    // Broken off, it is a person's still, and goes beside the queue again, also after a start.
    let again = NOW.plus_ms(5);
    deliveries.finish(finish(&tried[0], NOW, Outcome::Interrupted, Next::Retry { at: again })).await.unwrap();
    store.shutdown().await;
    let store = open(folder.path()).await;
    let deliveries = store.deliveries();
    let tried = deliveries.claim_due(again, 9, &[]).await.unwrap();
    assert_eq!(tried.iter().map(|tried| tried.delivery.id).collect::<Vec<_>>(), [ids[0]]);
    deliveries.finish(finish(&tried[0], again, Outcome::HttpError, failing(again))).await.unwrap();
    assert_eq!(deliveries.work_of(ordered.id, again).await.unwrap().held_by, None);
    deliveries.release(vec![ids[1]], again).await.unwrap();
    assert_eq!(work(&store, again, Outcome::Delivered, Next::Delivered { at: again }).await, 1);
    assert_eq!(claimed_ids(&store, again).await, [ids[2]]);
}

#[tokio::test]
async fn without_the_rule_the_next_goes_when_the_one_before_has_ended() {
    let (_folder, store) = store().await;
    let mut ordered = endpoint("ordered");
    ordered.ordered = true;
    let ordered = store.endpoints().create(ordered).await.unwrap();
    let first = send(&store, NOW, &ordered, "a.b").await;
    let second = send(&store, NOW, &ordered, "a.b").await;
    work(&store, NOW, Outcome::HttpError, failing(NOW)).await;
    assert_eq!(claimed_ids(&store, NOW).await, [second]);
    assert_eq!(standing(&store, first).await.1, Some(EndedBecause::Exhausted));
}

#[tokio::test]
async fn skipping_ends_what_waits_and_nothing_else() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let id = send(&store, NOW, &endpoint, "a.b").await;
    let deliveries = store.deliveries();
    deliveries.claim_due(NOW, 9, &[]).await.unwrap();
    let error = deliveries.skip(id, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongState { status: "in_flight", .. }), "{error}");
    deliveries.release(vec![id], NOW).await.unwrap();
    deliveries.skip(id, NOW).await.unwrap();
    assert_eq!(standing(&store, id).await, (DeliveryStatus::Cancelled, Some(EndedBecause::Skipped)));
    assert_eq!(claimed_ids(&store, NOW).await, []);
}

#[tokio::test]
async fn an_edit_puts_what_waits_in_order() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(send(&store, NOW, &endpoint, "a.b").await);
    }
    let first = store.deliveries().claim_due(NOW, 1, &[]).await.unwrap().remove(0);
    store.endpoints().update(endpoint.id, NOW, |endpoint| endpoint.ordered = true).await.unwrap();
    assert_eq!(claimed_ids(&store, NOW).await, [], "one is under way");
    store
        .deliveries()
        .finish(finish(&first, NOW, Outcome::Delivered, Next::Delivered { at: NOW }))
        .await
        .unwrap();
    assert_eq!(claimed_ids(&store, NOW).await, [ids[1]]);
}

#[tokio::test]
async fn what_expires_ends_wherever_it_waits_and_is_not_sent() {
    let (folder, store) = store().await;
    let waiting = store.endpoints().create(endpoint("waiting")).await.unwrap();
    let disabled = store.endpoints().create(endpoint("disabled")).await.unwrap();
    let ordered = blocking(&store).await;
    let holder = send(&store, NOW, &ordered, "a.b").await;
    work(&store, NOW, Outcome::HttpError, failing(NOW)).await;
    let at = NOW.plus_ms(MINUTE);
    let overdue = expiring(&store, &waiting, at).await;
    let lasting = expiring(&store, &waiting, at.plus_ms(1)).await;
    let paused = expiring(&store, &disabled, at).await;
    let behind = expiring(&store, &ordered, at).await;
    store.endpoints().disable(disabled.id, NOW, "Enough.".to_owned()).await.unwrap();

    // Nobody looks until then, and no claim needs room to end them.
    let before = store.deliveries().claim(at.plus_ms(-1), 9, |_| Room::NONE).await.unwrap();
    assert_eq!((before.claimed.len(), before.next_due), (0, Some(at)));
    store.shutdown().await;
    let store = open(folder.path()).await;
    assert_eq!(claimed_ids(&store, at).await, [lasting]);
    for id in [overdue, paused, behind] {
        assert_eq!(standing(&store, id).await, (DeliveryStatus::Failed, Some(EndedBecause::Expired)));
        assert_eq!(store.deliveries().get(id).await.unwrap().unwrap().completed_at, Some(at));
    }
    // One that is not wanted any more holds nothing, and takes nothing over.
    assert_eq!(store.deliveries().work_of(ordered.id, at).await.unwrap().held_by, Some(holder));
    // A person may want it all the same.
    store.deliveries().retry_now(overdue, at.plus_ms(5)).await.unwrap();
    assert_eq!(claimed_ids(&store, at.plus_ms(5)).await, [overdue]);
}

#[tokio::test]
async fn what_holds_a_queue_and_is_retried_holds_it_no_more_once_it_expires() {
    let (folder, store) = store().await;
    let ordered = blocking(&store).await;
    let at = NOW.plus_ms(MINUTE);
    let holder = expiring(&store, &ordered, at).await;
    let behind = send(&store, NOW, &ordered, "a.b").await;
    assert_eq!(work(&store, NOW, Outcome::HttpError, failing(NOW)).await, 1);
    store.deliveries().retry_now(holder, NOW).await.unwrap();
    assert_eq!(store.deliveries().work_of(ordered.id, NOW).await.unwrap().held_by, Some(holder));

    let room = |_| Room { plan: 9, ..Room::NONE };
    let claims = store.deliveries().claim(at, 9, room).await.unwrap();
    let ids: Vec<DeliveryId> = claims.claimed.iter().map(|claimed| claimed.delivery.id).collect();
    assert_eq!(ids, [behind]);
    assert_eq!(standing(&store, holder).await, (DeliveryStatus::Failed, Some(EndedBecause::Expired)));
    store.shutdown().await;
    let store = open(folder.path()).await;
    assert_eq!(store.deliveries().work_of(ordered.id, at).await.unwrap().held_by, None);
}

#[tokio::test]
async fn more_than_a_sweep_takes_expire_without_one_being_sent() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let at = NOW.plus_ms(MINUTE);
    let new = (0..700).map(|_| {
        let mut new = delivery(NOW, to(&endpoint));
        new.expires_at = Some(at);
        new
    });
    store.events().create(event(NOW, "a.b", b"{}"), new.collect(), None).await.unwrap();
    let mut looks = 0;
    loop {
        let claims = store.deliveries().claim(at, 50, |_| Room::ALL).await.unwrap();
        assert_eq!(claims.claimed.len(), 0);
        looks += 1;
        if !claims.more {
            break;
        }
    }
    assert!(looks > 1);
    let failed = hookbench_model::DeliveryFilter {
        statuses: vec![DeliveryStatus::Failed],
        ..hookbench_model::DeliveryFilter::default()
    };
    assert_eq!(store.deliveries().count(&failed).await.unwrap(), 700);
}

#[tokio::test]
async fn paused_deliveries_go_on_one_after_the_other() {
    for (spread, rate, gap) in
        [(Spread::Usual, None, 100), (Spread::Usual, Some(2.0), 500), (Spread::Over(9_900), None, 100)]
    {
        let (_folder, store) = store().await;
        let mut limited = endpoint("one");
        limited.rate_limit = rate.map(hookbench_model::RateLimit::per_second);
        let endpoint = store.endpoints().create(limited).await.unwrap();
        store.endpoints().disable(endpoint.id, NOW, "Enough.".to_owned()).await.unwrap();
        let mut ids = Vec::new();
        for _ in 0..100 {
            ids.push(send(&store, NOW, &endpoint, "a.b").await);
        }
        let later = NOW.plus_ms(3_600_000);
        let (enabled, resumed) = store.endpoints().enable(endpoint.id, later, spread).await.unwrap();
        assert_eq!(enabled.status, EndpointStatus::Enabled);
        assert_eq!((resumed.count, resumed.until), (100, Some(later.plus_ms(99 * gap))));
        let mut due = Vec::new();
        for id in ids {
            let known = store.deliveries().get(id).await.unwrap().unwrap();
            assert_eq!((known.status, known.automatic_attempts), (DeliveryStatus::Pending, 0));
            due.push(known.next_attempt_at.unwrap().ms_since(later));
        }
        assert_eq!(due, (0..100).map(|place| place * gap).collect::<Vec<_>>());
        let forecast = store.deliveries().forecast(later, 1000, 3).await.unwrap();
        assert_eq!((forecast.waiting, forecast.overdue), (100, 1));
        let in_a_second = u64::try_from(1000 / gap).unwrap();
        assert_eq!(forecast.buckets[0].count, in_a_second - 1);
        let second =
            ForecastBucket { from: later.plus_ms(1000), until: later.plus_ms(2000), count: in_a_second };
        assert_eq!(forecast.buckets[1], second);
    }
}

#[tokio::test]
async fn what_is_long_overdue_goes_by_its_own_room_and_what_is_not_by_the_usual() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    for _ in 0..5 {
        send(&store, NOW, &endpoint, "a.b").await;
    }
    let now = NOW.plus_ms(3_600_000);
    for _ in 0..4 {
        send(&store, now, &endpoint, "a.b").await;
    }
    let until = NOW.plus_ms(MINUTE);
    assert_eq!(store.deliveries().overdue(until).await.unwrap(), [(endpoint.id, 5)]);
    let claim = async |most| {
        let room = Room { overdue: Some(Overdue { until, most }), ..Room::ALL };
        let claims = store.deliveries().claim(now, 100, move |_| room).await.unwrap();
        let late = claims.claimed.iter().filter(|claimed| claimed.delivery.created_at == NOW).count();
        (late, claims.claimed.len(), claims.overdue, claims.full)
    };
    let taken = |count, all| vec![OverdueTaken { endpoint: endpoint.id, count, all }];
    let full = vec![Full { endpoint: endpoint.id, by_hand: false }];
    assert_eq!(claim(2).await, (2, 6, taken(2, false), full.clone()));
    assert_eq!(claim(0).await, (0, 0, taken(0, false), full));
    assert_eq!(claim(9).await, (3, 3, taken(3, true), vec![]));
}

#[tokio::test]
async fn a_breaker_is_kept_and_a_change_that_is_overtaken_counts_no_more() {
    let (folder, store) = store().await;
    let mut broken = endpoint("broken");
    broken.breaker = Some(Breaker { failures: 2, open_ms: 1000, max_open_ms: 9000 });
    let broken = store.endpoints().create(broken).await.unwrap();
    for _ in 0..2 {
        send(&store, NOW, &broken, "a.b").await;
    }
    let open = BreakerState {
        failures: 2,
        opened_at: Some(NOW),
        open_for_ms: 1000,
        probe_at: Some(NOW.plus_ms(1000)),
    };
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap();
    let failure = BreakerState { failures: 1, ..BreakerState::default() };
    let mut changes = store.changes().subscribe();
    for (claimed, (number, state)) in claimed.iter().zip([(2, open), (1, failure)]) {
        let mut done = finish(claimed, NOW, Outcome::HttpError, Next::Retry { at: NOW });
        done.breaker = Some(BreakerChange { number, state });
        store.deliveries().finish(done).await.unwrap();
    }
    let mut told = 0;
    while let Ok(hookbench_store::Feed::Change(change)) =
        tokio::time::timeout(std::time::Duration::ZERO, changes.next()).await
    {
        told += usize::from(change.noun == hookbench_model::Noun::Endpoint);
    }
    assert_eq!(told, 1, "that it opened");
    store.shutdown().await;
    let store = open_again(folder.path()).await;
    let (_, kept) = store.endpoints().get_with_breaker(broken.id).await.unwrap().unwrap();
    assert_eq!(kept, open);
    store.endpoints().disable(broken.id, NOW, "Enough.".to_owned()).await.unwrap();
    store.endpoints().enable(broken.id, NOW, Spread::Usual).await.unwrap();
    let (_, closed) = store.endpoints().get_with_breaker(broken.id).await.unwrap().unwrap();
    assert_eq!(closed, BreakerState::default());
}

async fn open_again(folder: &std::path::Path) -> Store {
    open(folder).await
}

#[tokio::test]
async fn a_clock_that_is_set_back_takes_what_waits_along_and_nothing_else() {
    let (_folder, store) = store().await;
    let waiting = store.endpoints().create(endpoint("waiting")).await.unwrap();
    let disabled = store.endpoints().create(endpoint("disabled")).await.unwrap();
    let retried = expiring(&store, &waiting, NOW.plus_ms(9 * MINUTE)).await;
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().remove(0);
    let due = NOW.plus_ms(5 * MINUTE);
    store
        .deliveries()
        .finish(finish(&claimed, NOW, Outcome::Timeout, Next::Retry { at: due }))
        .await
        .unwrap();
    let paused = send(&store, NOW, &disabled, "a.b").await;
    store.endpoints().disable(disabled.id, NOW, "Enough.".to_owned()).await.unwrap();

    let year = 365 * 24 * 60 * MINUTE;
    let now = NOW.plus_ms(-year);
    store.deliveries().set_back(year, now).await.unwrap();
    let known = store.deliveries().get(retried).await.unwrap().unwrap();
    assert_eq!(known.next_attempt_at, Some(now.plus_ms(5 * MINUTE)));
    assert_eq!(known.expires_at, Some(now.plus_ms(9 * MINUTE)));
    assert_eq!(known.first_attempt_at, Some(now), "the total of its plan counts from there");
    assert_eq!(claimed_ids(&store, now.plus_ms(5 * MINUTE - 1)).await, []);
    assert_eq!(claimed_ids(&store, now.plus_ms(5 * MINUTE)).await, [retried]);
    store.endpoints().enable(disabled.id, now, Spread::Usual).await.unwrap();
    assert_eq!(claimed_ids(&store, now).await, [paused]);
}
