//! What a claim gives, whether it was written a moment ago or is read from the disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::{DeliveryId, DeliveryStatus, DeliveryTarget, Event, Outcome, Trigger};
use hookbench_store::{Claimed, Next, Store};
use support::*;

/// A text that is hard to hand on.
const ODD: &str = "It said \"no\"\\\n\t{}\u{1F6AB}\u{0}'";

async fn claim(store: &Store) -> Vec<Claimed> {
    store.deliveries().claim_due(NOW.plus_ms(120_000), 999, &[]).await.unwrap()
}

async fn is_as_kept(store: &Store, claimed: &Claimed) {
    let kept = store.deliveries().get(claimed.delivery.id).await.unwrap().unwrap();
    assert_eq!(format!("{:?}", claimed.delivery), format!("{kept:?}"));
    let kept: Event = store.events().get(claimed.event.id).await.unwrap().unwrap();
    assert_eq!(format!("{:?}", claimed.event), format!("{kept:?}"));
}

fn odd_event() -> Event {
    let mut sent = event(NOW, "message.sent", b"\xff\x00{not json");
    sent.request.path = Some("/x".to_owned());
    sent.request.query = Some("a=\"1\"".to_owned());
    sent.request.headers.push("Authorization", Bytes::from_static(b"Bearer \xfe"));
    sent
}

#[tokio::test]
async fn a_claim_gives_what_is_kept_whether_it_is_new_or_was_there_before() {
    let (folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint(ODD)).await.unwrap();
    let plain = DeliveryTarget::Url("http://localhost:1/plain".parse().unwrap());
    let elsewhere = DeliveryTarget::EndpointAt(endpoint.id, "http://localhost:2/".parse().unwrap());
    let targets = [to(&endpoint), plain, elsewhere];
    for event in [odd_event(), odd_event()] {
        let mut new: Vec<_> = targets.iter().map(|target| delivery(NOW, target.clone())).collect();
        new[1].repeats_delivery = Some(DeliveryId::new(NOW));
        new[2].expires_at = Some(NOW.plus_ms(999_000));
        store.events().create(event, new, None).await.unwrap();
    }
    let claimed = store.deliveries().claim_due(NOW, 3, &[]).await.unwrap();
    assert_eq!(claimed.len(), 3);
    for claimed in &claimed {
        assert_eq!((claimed.delivery.status, claimed.attempt_number), (DeliveryStatus::InFlight, 1));
        is_as_kept(&store, claimed).await;
        let mut finish = finish(claimed, NOW, Outcome::HttpError, Next::Retry { at: NOW });
        finish.attempt.error = Some(ODD.to_owned());
        store.deliveries().finish(finish).await.unwrap();
    }
    store.shutdown().await;
    drop(store);

    let store = open(folder.path()).await;
    let claimed = claim(&store).await;
    assert_eq!(claimed.len(), 6, "three that failed once and three that are new to this run");
    for claimed in &claimed {
        is_as_kept(&store, claimed).await;
        let last = claimed.delivery.last_attempt.as_ref();
        assert_eq!(last.is_some(), claimed.attempt_number == 2);
        assert!(last.is_none_or(|last| last.error.as_deref() == Some(ODD)));
    }
    let in_flight = store.deliveries().in_flight().await.unwrap();
    let ids = |claimed: &[Claimed]| claimed.iter().map(|one| one.delivery.id).collect::<Vec<_>>();
    let mut wanted = ids(&claimed);
    wanted.sort_unstable();
    assert_eq!(ids(&in_flight), wanted, "oldest first");
    for claimed in &in_flight {
        is_as_kept(&store, claimed).await;
    }
}

#[tokio::test]
async fn of_many_that_end_together_each_has_its_own_end() {
    const MANY: usize = 50;
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let new = (0..MANY).map(|_| delivery(NOW, to(&endpoint))).collect();
    store.events().create(odd_event(), new, None).await.unwrap();
    let claimed = claim(&store).await;
    assert_eq!(claimed.len(), MANY);
    let at = NOW.plus_ms(200_000);
    let ends = claimed.iter().enumerate().map(|(number, claimed)| {
        let (outcome, next) = match number % 3 {
            0 => (Outcome::Delivered, Next::Delivered { at }),
            1 => (Outcome::HttpError, Next::Retry { at: at.plus_ms(i64::try_from(number).unwrap()) }),
            _ => (Outcome::Timeout, Next::Paused { resume_at: at }),
        };
        let mut finish = finish(claimed, at, outcome, next);
        finish.attempt.duration_ms = u64::try_from(number).unwrap();
        finish.attempt.error = Some(format!("{number} {ODD}"));
        let deliveries = store.deliveries();
        async move { deliveries.finish(finish).await }
    });
    for ended in futures::future::join_all(ends).await {
        ended.unwrap();
    }
    for (number, claimed) in claimed.iter().enumerate() {
        let kept = store.deliveries().get(claimed.delivery.id).await.unwrap().unwrap();
        let last = kept.last_attempt.unwrap();
        let count = u64::try_from(number).unwrap();
        assert_eq!((last.number, last.duration_ms), (1, count));
        assert_eq!(last.error, Some(format!("{number} {ODD}")));
        assert_eq!((kept.attempt_count, kept.automatic_attempts, kept.trigger), (1, 1, Trigger::Automatic));
        let due =
            (number % 3 > 0).then(|| if number % 3 == 1 { at.plus_ms(count.cast_signed()) } else { at });
        assert_eq!(kept.next_attempt_at, due);
        assert_eq!(kept.status == DeliveryStatus::Delivered, number % 3 == 0);
        assert_eq!(kept.completed_at, (number % 3 == 0).then_some(at));
    }
}
