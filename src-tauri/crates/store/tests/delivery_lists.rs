//! Lists of deliveries: filters and pages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::{
    DeliveryFilter, DeliveryId, DeliveryStatus, EndedBecause, Endpoint, ErrorCode, FoundIn, HeaderPairs,
    Outcome, PageRequest, SentResponse, Timestamp,
};
use hookbench_store::{Claimed, Finish, Next, Store};
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

async fn all(store: &Store, filter: &DeliveryFilter, limit: u32) -> Vec<hookbench_model::Delivery> {
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

/// Deliveries that ended in every way, each with something of its own to be found by.
async fn ends(store: &Store) -> (Endpoint, [DeliveryId; 5]) {
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let mut ids = [DeliveryId::new(NOW); 5];
    for (number, id) in (0..).zip(&mut ids) {
        let at = NOW.plus_ms(number);
        let payload =
            [b"{\"caf\xc3\xa9\": \"100 %_of".as_slice(), &[0xff, 0], format!("{number}\"}}").as_bytes()]
                .concat();
        let new = delivery(at, to(&endpoint));
        *id = new.id;
        store.events().create(event(at, "message.sent", &payload), vec![new], None).await.unwrap();
    }
    let at = NOW.plus_ms(50);
    store.deliveries().cancel(ids[4], at).await.unwrap();
    for claimed in store.deliveries().claim_due(at, 10, &[]).await.unwrap() {
        let number = ids.iter().position(|id| *id == claimed.delivery.id).unwrap();
        let finish = match number {
            0 => answered(&claimed, at, Outcome::Delivered, 200, Next::Delivered { at }),
            1 => answered(&claimed, at, Outcome::HttpError, 503, failing(at)),
            2 => answered(&claimed, at, Outcome::HttpError, 404, Next::Retry { at: at.plus_ms(1000) }),
            _ => {
                let mut finish = finish(&claimed, at, Outcome::TlsFailure, failing(at));
                finish.attempt.error_code = Some(ErrorCode::TlsExpired);
                finish.attempt.error = Some("The certificate of hooks.example has expired.".to_owned());
                finish
            }
        };
        store.deliveries().finish(finish).await.unwrap();
    }
    (endpoint, ids)
}

/// An attempt whose request was not the payload, and whose response says which status it has.
fn answered(claimed: &Claimed, at: Timestamp, outcome: Outcome, status: u16, next: Next) -> Finish {
    let mut finish = finish(claimed, at, outcome, next);
    let request = finish.attempt.request.as_mut().unwrap();
    request.body = Some(Bytes::from(format!("signature=abc&status={status}")));
    request.url = format!("http://localhost:9/one/{status}");
    finish.attempt.response = Some(SentResponse {
        status,
        http_version: "HTTP/1.1".to_owned(),
        headers: HeaderPairs::default(),
        body: Bytes::from([format!("said {status} ").as_bytes(), &[0xc3, 0xa9, 0xfe]].concat()),
        body_size: 12,
        body_truncated: false,
    });
    finish
}

#[tokio::test]
async fn deliveries_are_found_by_how_they_ended_and_were_answered() {
    let (_folder, store) = store().await;
    let (_, ids) = ends(&store).await;
    let ranges = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
    let ended = |because| DeliveryFilter { ended_because: Some(because), ..DeliveryFilter::default() };
    let answered =
        |texts: &[&str]| DeliveryFilter { response_statuses: ranges(texts), ..DeliveryFilter::default() };
    let failed_by = |code| DeliveryFilter { error_code: Some(code), ..DeliveryFilter::default() };
    let failed = vec![DeliveryStatus::Failed];
    let cases: [(DeliveryFilter, &[usize]); 12] = [
        (ended(EndedBecause::Delivered), &[0]),
        (ended(EndedBecause::Exhausted), &[3, 1]),
        (ended(EndedBecause::Cancelled), &[4]),
        (ended(EndedBecause::Skipped), &[]),
        (DeliveryFilter { statuses: failed.clone(), ..ended(EndedBecause::Cancelled) }, &[]),
        (answered(&["503"]), &[1]),
        (answered(&["4xx", "5xx"]), &[2, 1]),
        (answered(&["200-404"]), &[2, 0]),
        (DeliveryFilter { statuses: failed, ..answered(&["4xx", "5xx"]) }, &[1]),
        (DeliveryFilter { outcome: Some(Outcome::Delivered), ..answered(&["1xx"]) }, &[]),
        (failed_by(ErrorCode::TlsExpired), &[3]),
        (failed_by(ErrorCode::TlsWrongName), &[]),
    ];
    for (filter, wanted) in cases {
        let wanted: Vec<_> = wanted.iter().map(|number| ids[*number]).collect();
        let given: Vec<_> = all(&store, &filter, 1).await.iter().map(|known| known.id).collect();
        assert_eq!(given, wanted, "{filter:?}");
        assert_eq!(store.deliveries().count(&filter).await.unwrap(), wanted.len() as u64, "{filter:?}");
    }
}

#[tokio::test]
async fn a_delivery_is_found_by_any_of_its_attempts() {
    let (_folder, store) = store().await;
    let (_, ids) = ends(&store).await;
    let at = NOW.plus_ms(10_000);
    // The one answered 404 is tried again and arrives.
    for claimed in store.deliveries().claim_due(at, 10, &[]).await.unwrap() {
        let finish = answered(&claimed, at, Outcome::Delivered, 200, Next::Delivered { at });
        store.deliveries().finish(finish).await.unwrap();
    }
    let any = DeliveryFilter { any_attempt: true, ..DeliveryFilter::default() };
    let with = |outcome, status: &str| DeliveryFilter {
        outcome,
        response_statuses: vec![status.parse().unwrap()],
        ..any.clone()
    };
    let newest = |filter: &DeliveryFilter| DeliveryFilter { any_attempt: false, ..filter.clone() };
    let tls = DeliveryFilter { error_code: Some(ErrorCode::TlsExpired), ..any.clone() };
    let cases: [(DeliveryFilter, &[usize], &[usize]); 6] = [
        (with(None, "404"), &[2], &[]),
        (with(Some(Outcome::HttpError), "4xx"), &[2], &[]),
        // No one attempt was both.
        (with(Some(Outcome::Delivered), "404"), &[], &[]),
        (with(Some(Outcome::Delivered), "200"), &[2, 0], &[2, 0]),
        (DeliveryFilter { outcome: Some(Outcome::HttpError), ..any.clone() }, &[2, 1], &[1]),
        (tls, &[3], &[3]),
    ];
    for (filter, wanted, of_newest) in cases {
        for (filter, wanted) in [(newest(&filter), of_newest), (filter, wanted)] {
            let wanted: Vec<_> = wanted.iter().map(|number| ids[*number]).collect();
            let given: Vec<_> = all(&store, &filter, 1).await.iter().map(|known| known.id).collect();
            assert_eq!(given, wanted, "{filter:?}");
            assert_eq!(store.deliveries().count(&filter).await.unwrap(), wanted.len() as u64, "{filter:?}");
        }
    }
    assert_eq!(store.deliveries().count(&any).await.unwrap(), ids.len() as u64, "nothing is asked of them");
}

#[tokio::test]
async fn text_is_found_wherever_it_stands_and_the_place_is_told() {
    let (_folder, store) = store().await;
    let (endpoint, ids) = ends(&store).await;
    let everything = [4, 3, 2, 1, 0];
    let attempt_of = |number: usize, name: &str| format!("{}{name}", ids[number]);
    let cases: [(String, &[usize], &[FoundIn]); 22] = [
        (ids[2].to_string(), &[2], &[FoundIn::Id]),
        (attempt_of(2, "/1"), &[2], &[FoundIn::Id]),
        (attempt_of(2, "/attempts/1"), &[2], &[FoundIn::Id]),
        (attempt_of(2, "/elsewhere"), &[], &[]),
        (endpoint.id.to_string(), &everything, &[FoundIn::Id]),
        ("ge.sent".to_owned(), &everything, &[FoundIn::EventType]),
        ("localhost:9/one".to_owned(), &everything, &[FoundIn::Url]),
        ("one/404".to_owned(), &[2], &[FoundIn::Url]),
        ("one".to_owned(), &everything, &[FoundIn::EndpointName, FoundIn::Url]),
        ("has expired".to_owned(), &[3], &[FoundIn::Error]),
        ("café".to_owned(), &everything, &[FoundIn::Payload]),
        // No character of it means anything but itself.
        ("100 %_of".to_owned(), &everything, &[FoundIn::Payload]),
        ("100%".to_owned(), &[], &[]),
        ("%".to_owned(), &everything, &[FoundIn::Payload]),
        ("_f".to_owned(), &[], &[]),
        ("' OR 1=1 --".to_owned(), &[], &[]),
        ("\0".to_owned(), &everything, &[FoundIn::Payload]),
        ("said 503 é".to_owned(), &[1], &[FoundIn::ResponseBody]),
        ("abc&status=4".to_owned(), &[2], &[FoundIn::RequestBody]),
        // Letter case counts.
        ("SAID 503".to_owned(), &[], &[]),
        ("x".repeat(512), &[], &[]),
        // What is encrypted is found by nothing.
        ("whsec_topsecret".to_owned(), &[], &[]),
    ];
    for (q, wanted, places) in cases {
        let filter = DeliveryFilter { q: Some(q.clone()), ..DeliveryFilter::default() };
        let wanted: Vec<_> = wanted.iter().map(|number| ids[*number]).collect();
        let given: Vec<_> = all(&store, &filter, 2).await.iter().map(|known| known.id).collect();
        assert_eq!(given, wanted, "{q}");
        assert_eq!(store.deliveries().count(&filter).await.unwrap(), wanted.len() as u64, "{q}");
        let found = store.deliveries().found_in(&q, &given).await.unwrap();
        for id in given {
            assert_eq!(found[&id], places, "{q}");
        }
    }
}

#[tokio::test]
async fn the_beginning_of_many_ids_narrows_like_any_other() {
    let (_folder, store) = store().await;
    let mut last = None;
    for number in 0..40 {
        let endpoint = store.endpoints().create(endpoint(&format!("e{number}"))).await.unwrap();
        send(&store, NOW.plus_ms(number), &endpoint, "message.sent").await;
        last = Some(endpoint);
    }
    let by = |q: String| DeliveryFilter { q: Some(q), ..DeliveryFilter::default() };
    for q in ["ep_0", "evt_0", "dlv_0"] {
        let found = all(&store, &by(q.to_owned()), 7).await;
        assert_eq!(found.len(), 40, "{q}");
        assert!(found.is_sorted_by(|a, b| a.id > b.id), "{q}");
    }
    assert_eq!(all(&store, &by(last.unwrap().id.to_string()), 7).await.len(), 1);
}
