//! Deliveries that are claimed as they are accepted.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hookbench_model::{
    DeliveryId, DeliveryStatus, Endpoint, EndpointId, NewDelivery, Outcome, Timestamp, Trigger,
};
use hookbench_store::{Address, Cradle, Newborn, Next, OpenOptions, Store, StoreError, WriteGate};
use support::*;

/// Takes what comes, while it is open, as far as it has places.
#[derive(Debug, Default)]
struct Taker {
    shut: AtomicBool,
    places: AtomicUsize,
    taken: Mutex<Vec<Newborn>>,
}

impl Taker {
    fn of(store: &Store, places: usize) -> Arc<Self> {
        let taker = Arc::new(Self { places: AtomicUsize::new(places), ..Self::default() });
        store.claim_at_birth_by(Arc::clone(&taker) as Arc<dyn Cradle>);
        taker
    }

    fn places(&self) -> usize {
        self.places.load(Ordering::SeqCst)
    }

    fn take_out(&self) -> Vec<Newborn> {
        std::mem::take(&mut *self.taken.lock().unwrap())
    }
}

impl Cradle for Taker {
    fn opens(&self) -> Option<Timestamp> {
        (!self.shut.load(Ordering::SeqCst)).then_some(NOW)
    }

    fn keep_places(&self, endpoints: &[EndpointId], _now: Timestamp) -> Vec<Option<Address>> {
        let keep = |_: &EndpointId| {
            let address = Address { name: "one".to_owned(), url: "http://localhost:9/one".to_owned() };
            let left =
                self.places.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            left.is_ok().then_some(address)
        };
        endpoints.iter().map(keep).collect()
    }

    fn give_back(&self, _endpoint: EndpointId) {
        self.places.fetch_add(1, Ordering::SeqCst);
    }

    fn take(&self, newborn: Vec<Newborn>) {
        self.taken.lock().unwrap().extend(newborn);
    }
}

async fn accept(store: &Store, new: Vec<NewDelivery>) -> Result<(), StoreError> {
    store.events().create(event(NOW, "message.sent", b"{}"), new, None).await
}

async fn status(store: &Store, id: DeliveryId) -> DeliveryStatus {
    store.deliveries().get(id).await.unwrap().unwrap().status
}

/// One delivery accepted; whether it was claimed with that.
async fn is_born(store: &Store, taker: &Taker, new: NewDelivery) -> bool {
    let id = new.id;
    accept(store, vec![new]).await.unwrap();
    let born = taker.take_out().iter().any(|newborn| newborn.claimed.delivery.id == id);
    assert_eq!(born, status(store, id).await == DeliveryStatus::InFlight);
    born
}

#[tokio::test]
async fn what_is_claimed_as_it_is_accepted_is_as_what_is_claimed_later() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let taker = Taker::of(&store, 2);
    let new: Vec<NewDelivery> = (0..3).map(|_| delivery(NOW, to(&endpoint))).collect();
    let ids: Vec<DeliveryId> = new.iter().map(|new| new.id).collect();
    accept(&store, new).await.unwrap();
    let mut born = taker.take_out();
    assert_eq!(born.iter().map(|born| born.claimed.delivery.id).collect::<Vec<_>>(), ids[..2]);
    born.sort_by_key(|born| born.claimed.delivery.id);
    assert_eq!(status(&store, ids[2]).await, DeliveryStatus::Pending, "there was no place");
    assert_eq!(taker.places(), 0);

    // As the store has them, which is what a crash leaves.
    let in_flight = store.deliveries().in_flight().await.unwrap();
    let shown = |claimed: &hookbench_store::Claimed| format!("{claimed:?}");
    for (kept, born) in in_flight.iter().zip(&born) {
        assert_eq!(shown(kept), shown(&born.claimed));
    }
    assert_eq!(in_flight.len(), 2);
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.delivery.id).collect::<Vec<_>>(), ids[2..]);

    // They end, or are given back, as others do.
    let done = finish(&born[0].claimed, NOW, Outcome::Delivered, Next::Delivered { at: NOW });
    assert_eq!(store.deliveries().finish(done).await.unwrap(), DeliveryStatus::Delivered);
    store.deliveries().release(vec![born[1].claimed.delivery.id], NOW).await.unwrap();
    let given_back = born[1].claimed.delivery.id;
    assert_eq!(status(&store, given_back).await, DeliveryStatus::Pending);
    let again = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    assert_eq!((again.delivery.id, again.attempt_number), (given_back, 1));
    drop(born);
    assert_eq!(taker.places(), 2);
}

#[tokio::test]
async fn only_a_first_attempt_that_the_plan_makes_now_is_claimed_so() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let taker = Taker::of(&store, 1);
    let usual = || delivery(NOW, to(&one));
    assert!(is_born(&store, &taker, usual()).await);
    let ttl = |ms| NewDelivery { expires_at: Some(NOW.plus_ms(ms)), ..usual() };
    assert!(is_born(&store, &taker, ttl(1)).await);
    let elsewhere = "http://localhost:2/".parse().unwrap();
    let others = [
        ("is over", ttl(0)),
        ("is due later", NewDelivery { due_at: NOW.plus_ms(1), ..usual() }),
        ("is a test", NewDelivery { is_test: true, ..usual() }),
        ("is a repeat", NewDelivery { trigger: Trigger::Replay, ..usual() }),
        (
            "goes elsewhere",
            NewDelivery { target: hookbench_model::DeliveryTarget::EndpointAt(one.id, elsewhere), ..usual() },
        ),
    ];
    for (why, new) in others {
        assert!(!is_born(&store, &taker, new).await, "it {why}");
        store.deliveries().claim_due(NOW.plus_ms(9), 9, &[]).await.unwrap();
    }
    taker.shut.store(true, Ordering::SeqCst);
    assert!(!is_born(&store, &taker, usual()).await, "nobody takes it");
    taker.shut.store(false, Ordering::SeqCst);
    assert!(!is_born(&store, &taker, usual()).await, "the one before it waits and is due");
    assert_eq!(store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().len(), 2);
    assert!(is_born(&store, &taker, usual()).await);

    let ordered = Endpoint { ordered: true, ..endpoint("ordered") };
    let ordered = store.endpoints().create(ordered).await.unwrap();
    assert!(!is_born(&store, &taker, delivery(NOW, to(&ordered))).await);
    store.endpoints().disable(one.id, NOW, "by hand".to_owned()).await.unwrap();
    let paused = usual();
    let id = paused.id;
    assert!(!is_born(&store, &taker, paused).await);
    assert_eq!(status(&store, id).await, DeliveryStatus::Paused);
    assert_eq!(taker.places(), 1);
}

#[tokio::test]
async fn what_is_not_written_gives_its_place_back() {
    let folder = tempfile::tempdir().unwrap();
    let gate = WriteGate::default();
    let options = OpenOptions { gate: Some(gate.clone()), ..options() };
    let store = Store::open(folder.path(), NOW, options).await.unwrap();
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let taker = Taker::of(&store, 1);
    gate.fill();
    let new = delivery(NOW, to(&endpoint));
    assert!(matches!(accept(&store, vec![new.clone()]).await, Err(StoreError::Full)));
    assert_eq!((taker.places(), taker.take_out().len()), (1, 0));
    gate.make_room();
    assert!(is_born(&store, &taker, new).await, "nothing of it was written");
}

#[tokio::test]
async fn of_those_that_are_written_together_one_that_fails_leaves_the_others_their_places() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let taker = Taker::of(&store, 9);
    let twice = delivery(NOW, to(&endpoint));
    accept(&store, vec![twice.clone()]).await.unwrap();
    let others: Vec<NewDelivery> = (0..5).map(|_| delivery(NOW, to(&endpoint))).collect();
    let all = others.iter().take(3).chain([&twice]).chain(&others[3..]);
    let all = futures::future::join_all(all.map(|new| accept(&store, vec![new.clone()]))).await;
    assert_eq!(all.iter().filter(|done| done.is_err()).count(), 1);
    let born = taker.take_out();
    assert_eq!((born.len(), taker.places()), (6, 3));
    assert_eq!(store.deliveries().in_flight().await.unwrap().len(), 6);
}
