//! Lists of deliveries: filters and pages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use hookbench_model::{DeliveryFilter, DeliveryStatus, Outcome, PageRequest};
use hookbench_store::Next;
use support::*;

#[tokio::test]
async fn every_filter_gives_its_own_and_pages_lose_nothing() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let two = store.endpoints().create(endpoint("two")).await.unwrap();
    // Ten in the same millisecond each: ties within a page and across its end.
    for number in 0..60 {
        let at = NOW.plus_ms(number / 10);
        let endpoint = if number % 3 == 0 { &two } else { &one };
        let event_type =
            ["message.sent", "message.failed", "user.made"][usize::try_from(number % 3).unwrap()];
        send(&store, at, endpoint, event_type).await;
    }
    let at = NOW.plus_ms(100);
    for (number, claimed) in store.deliveries().claim_due(at, 30, &[]).await.unwrap().iter().enumerate() {
        let (outcome, next) = match number % 3 {
            0 => (Outcome::Delivered, Next::Delivered { at }),
            1 => (Outcome::Timeout, failing(at)),
            _ => (Outcome::HttpError, Next::Retry { at: at.plus_ms(1000) }),
        };
        store.deliveries().finish(finish(claimed, at, outcome, next)).await.unwrap();
    }
    let everything = all(&store, &DeliveryFilter::default(), 7).await;
    assert_eq!(everything.len(), 60);
    assert!(everything.is_sorted_by(|a, b| a.id > b.id));
    let filters = [
        DeliveryFilter { statuses: vec![DeliveryStatus::Failed], ..DeliveryFilter::default() },
        DeliveryFilter {
            statuses: vec![DeliveryStatus::Retrying, DeliveryStatus::Pending, DeliveryStatus::Pending],
            ..DeliveryFilter::default()
        },
        DeliveryFilter {
            statuses: vec![DeliveryStatus::Delivered, DeliveryStatus::Failed],
            endpoint_id: Some(one.id),
            ..DeliveryFilter::default()
        },
        DeliveryFilter { endpoint_id: Some(two.id), ..DeliveryFilter::default() },
        DeliveryFilter { event_id: Some(everything[5].event_id), ..DeliveryFilter::default() },
        DeliveryFilter { event_type: Some("message.*".parse().unwrap()), ..DeliveryFilter::default() },
        DeliveryFilter { event_type: Some("message.sent".parse().unwrap()), ..DeliveryFilter::default() },
        DeliveryFilter {
            event_type: Some("message.*".parse().unwrap()),
            statuses: vec![DeliveryStatus::Pending],
            endpoint_id: Some(one.id),
            ..DeliveryFilter::default()
        },
        DeliveryFilter { event_type: Some("nothing".parse().unwrap()), ..DeliveryFilter::default() },
        DeliveryFilter { provider: Some("generic".parse().unwrap()), ..DeliveryFilter::default() },
        DeliveryFilter { provider: Some("other".parse().unwrap()), ..DeliveryFilter::default() },
        DeliveryFilter {
            since: Some(NOW.plus_ms(2)),
            until: Some(NOW.plus_ms(4)),
            ..DeliveryFilter::default()
        },
        DeliveryFilter { outcome: Some(Outcome::Timeout), ..DeliveryFilter::default() },
        DeliveryFilter { outcome: Some(Outcome::Delivered), ..DeliveryFilter::default() },
        DeliveryFilter { q: Some(everything[3].id.to_string()), ..DeliveryFilter::default() },
        DeliveryFilter {
            q: Some(everything[3].id.to_string()[..16].to_owned()),
            ..DeliveryFilter::default()
        },
        DeliveryFilter { q: Some(everything[3].event_id.to_string()), ..DeliveryFilter::default() },
        DeliveryFilter { q: Some(one.id.to_string()), ..DeliveryFilter::default() },
        DeliveryFilter { q: Some("localhost:9/two".to_owned()), ..DeliveryFilter::default() },
        DeliveryFilter { q: Some("user.m".to_owned()), ..DeliveryFilter::default() },
        DeliveryFilter { q: Some(r#""a":1"#.to_owned()), ..DeliveryFilter::default() },
        DeliveryFilter { q: Some("%".to_owned()), ..DeliveryFilter::default() },
    ];
    for filter in filters {
        let wanted = everything.iter().filter(|known| matches(&filter, known));
        let wanted: Vec<_> = wanted.map(|known| known.id).collect();
        let given: Vec<_> = all(&store, &filter, 4).await.iter().map(|known| known.id).collect();
        assert_eq!(given, wanted, "{filter:?}");
        assert_eq!(store.deliveries().count(&filter).await.unwrap(), wanted.len() as u64, "{filter:?}");
    }
}

fn matches(filter: &DeliveryFilter, known: &hookbench_model::Delivery) -> bool {
    (filter.statuses.is_empty() || filter.statuses.contains(&known.status))
        && filter.endpoint_id.is_none_or(|id| known.target.endpoint_id() == Some(id))
        && filter.event_id.is_none_or(|id| known.event_id == id)
        && filter.event_type.as_ref().is_none_or(|pattern| pattern.matches(&known.event_type))
        && filter.provider.as_ref().is_none_or(|provider| known.provider == *provider)
        && filter.since.is_none_or(|at| known.created_at >= at)
        && filter.until.is_none_or(|at| known.created_at < at)
        && filter
            .outcome
            .is_none_or(|outcome| known.last_attempt.as_ref().is_some_and(|last| last.outcome == outcome))
        && filter.q.as_ref().is_none_or(|q| {
            let endpoint = known.target.endpoint_id().map(|id| id.to_string()).unwrap_or_default();
            let texts = [&known.id.to_string(), &known.event_id.to_string(), &endpoint, &known.url];
            texts.into_iter().any(|text| text.contains(q.as_str()))
                || known.event_type.contains(q.as_str())
                || r#"{"a":1}"#.contains(q.as_str())
        })
}

async fn all(
    store: &hookbench_store::Store,
    filter: &DeliveryFilter,
    limit: u32,
) -> Vec<hookbench_model::Delivery> {
    let (mut rows, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let found = store.deliveries().list(filter, page).await.unwrap();
        assert!(found.rows.len() <= limit as usize);
        rows.extend(found.rows);
        page.before = found.next;
        if found.next.is_none() {
            return rows;
        }
    }
}
