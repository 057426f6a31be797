//! Inboxes and what they capture.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use hookbench_model::{
    CapturedRequest, Colour, DeliveryId, Imported, Inbox, PageRequest, RequestEdit, RequestFilter, RequestId,
    VerificationStatus, WireRecord,
};
use hookbench_store::{AlikeBy, ImportedRequest, OpenOptions, Store, StoreError};
use support::*;

async fn with_inbox() -> (tempfile::TempDir, Store, Inbox) {
    let (folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    (folder, store, inbox)
}

#[tokio::test]
async fn a_request_is_kept_to_the_byte() {
    let (_folder, store, inbox) = with_inbox().await;
    let body = b"\x00\xff{\"a\":1}\x00";
    let mut given = request(NOW, &inbox, body);
    given.delivery = Some((DeliveryId::new(NOW), 3));
    given.tags = vec!["a\"b".to_owned()];
    store.requests().capture(given.clone(), Bytes::from_static(body)).await.unwrap();
    let kept = store.requests().whole(given.id).await.unwrap().unwrap();
    assert_eq!(format!("{kept:?}"), format!("{given:?}"), "every field");
    let mut facts = kept.clone();
    facts.verification.signed_content = None;
    let read = store.requests().get(given.id).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{facts:?}"), "all but what its body is read for");
    assert_eq!(kept.headers, given.headers);
    assert_eq!(kept.verification.signed_content, given.verification.signed_content);
    assert_eq!(&store.requests().body(given.id).await.unwrap().unwrap()[..], body);
    let listed = all(&store, &RequestFilter::default(), 10).await;
    assert_eq!(listed[0].verification.signed_content, None);
    assert_eq!(listed[0].headers, given.headers);
    assert!(store.requests().get(RequestId::new(NOW)).await.unwrap().is_none());
}

#[tokio::test]
async fn how_often_a_request_came_is_read_over_one_connection() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions { readers: 1, ..options() };
    let store = Store::open(folder.path(), NOW, options).await.unwrap();
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let given = [request(NOW, &inbox, b"{}"), request(NOW.plus_ms(5), &inbox, b"{}")];
    for given in &given {
        store.requests().capture(given.clone(), Bytes::from_static(b"{}")).await.unwrap();
    }
    let requests = store.requests();
    let read = tokio::time::timeout(Duration::from_secs(20), requests.alike(&given[0]));
    let alike = read.await.expect("it waits for no other").unwrap();
    assert_eq!((alike.by, alike.total, alike.requests.len()), (AlikeBy::Event, 2, 2));
}

#[tokio::test]
async fn the_entry_of_one_that_was_imported_is_read_by_itself() {
    let (_folder, store, inbox) = with_inbox().await;
    let given = request(NOW, &inbox, b"{}");
    let entry = Some("{\"comment\":\"as it was\"}".to_owned());
    let imported = Imported { format: "har".to_owned(), name: "a.har".to_owned(), entry: entry.clone() };
    let (body, wire) = (Bytes::from_static(b"{}"), WireRecord::default());
    let request = ImportedRequest { request: given.clone(), body, wire, imported: imported.clone() };
    store.requests().import(vec![request]).await.unwrap();
    let known = store.requests().imported(&[given.id]).await.unwrap();
    assert_eq!(known[&given.id], Imported { entry: None, ..imported });
    assert_eq!(store.requests().entry(given.id).await.unwrap(), entry);
    assert_eq!(store.requests().entry(RequestId::new(NOW)).await.unwrap(), None);
}

#[tokio::test]
async fn signed_content_is_kept_whether_it_ends_in_the_body_or_not() {
    let (_folder, store, inbox) = with_inbox().await;
    for (body, content) in [
        (&b"body"[..], Some(&b"17.body"[..])),
        (b"body", Some(b"body")),
        (b"body", Some(b"body.17")),
        (b"", Some(b"17.")),
        (b"", None),
        (b"body", None),
    ] {
        let mut given = request(NOW, &inbox, body);
        given.verification.signed_content = content.map(Bytes::from_static);
        store.requests().capture(given.clone(), Bytes::from_static(body)).await.unwrap();
        let kept = store.requests().whole(given.id).await.unwrap().unwrap();
        assert_eq!(kept.verification.signed_content.as_deref(), content);
    }
}

#[tokio::test]
async fn many_at_once_are_all_kept_and_each_answered() {
    let (_folder, store, inbox) = with_inbox().await;
    let given: Vec<CapturedRequest> = (0..700).map(|_| request(NOW, &inbox, b"{}")).collect();
    let requests = store.requests();
    let captures = given.iter().map(|given| requests.capture(given.clone(), Bytes::from_static(b"{}")));
    for captured in join_all(captures).await {
        captured.unwrap();
    }
    assert_eq!(requests.count(&RequestFilter::default()).await.unwrap(), 700);
    let kept = all(&store, &RequestFilter::default(), 500).await;
    assert!(kept.iter().rev().map(|kept| kept.id).eq(given.iter().map(|given| given.id)));
}

#[tokio::test]
async fn one_that_cannot_be_written_fails_alone() {
    let (_folder, store, inbox) = with_inbox().await;
    let mut given: Vec<CapturedRequest> = (0..40).map(|_| request(NOW, &inbox, b"{}")).collect();
    // The database refuses a second row with this id, and the whole statement with it.
    given[20].id = given[3].id;
    given[30].inbox_id = hookbench_model::InboxId::new(NOW);
    let requests = store.requests();
    let captures = given.iter().map(|given| requests.capture(given.clone(), Bytes::from_static(b"{}")));
    let failed: Vec<usize> = join_all(captures)
        .await
        .iter()
        .enumerate()
        .filter_map(|(index, captured)| captured.is_err().then_some(index))
        .collect();
    assert!(failed == [20, 30] || failed == [3, 30], "{failed:?}");
    assert_eq!(requests.count(&RequestFilter::default()).await.unwrap(), 38);
    requests.capture(request(NOW, &inbox, b""), Bytes::new()).await.unwrap();
}

#[tokio::test]
async fn every_filter_gives_its_own_and_pages_lose_nothing() {
    let (_folder, store, first) = with_inbox().await;
    let second = store.inboxes().create(inbox("second")).await.unwrap();
    for number in 0..60_usize {
        let at = NOW.plus_ms(i64::try_from(number / 10).unwrap());
        let body = format!("{{\"number\":{number},\"text\":\"100% _off_ 'x' \\\\\"}}");
        let mut given = request(at, if number % 4 == 0 { &second } else { &first }, body.as_bytes());
        given.method = ["POST", "GET", "POST"][number % 3].to_owned();
        given.verification.status = VerificationStatus::ALL[number % 5];
        given.event_type = [Some("message.sent"), Some("message.failed"), Some("user.made"), None]
            [number % 4]
            .map(str::to_owned);
        given.pinned = number % 7 == 0;
        given.path = format!("/path/{number}");
        store.requests().capture(given, Bytes::from(body)).await.unwrap();
    }
    let everything = all(&store, &RequestFilter::default(), 7).await;
    assert_eq!(everything.len(), 60);
    assert!(everything.is_sorted_by(|a, b| a.id > b.id));
    let base = RequestFilter::default;
    let q = |q: &str| RequestFilter { q: Some(q.to_owned()), ..base() };
    let filters = [
        RequestFilter { inbox_id: Some(second.id), ..base() },
        RequestFilter { method: Some("GET".to_owned()), ..base() },
        RequestFilter { method: Some("POST".to_owned()), ..base() },
        RequestFilter { method: Some("PUT".to_owned()), ..base() },
        RequestFilter { verification: Some(VerificationStatus::Invalid), ..base() },
        RequestFilter { verification: Some(VerificationStatus::NotChecked), ..base() },
        RequestFilter { event_type: Some("message.sent".parse().unwrap()), ..base() },
        RequestFilter { event_type: Some("message.*".parse().unwrap()), ..base() },
        RequestFilter { event_type: Some("nothing.*".parse().unwrap()), ..base() },
        RequestFilter { event_type: Some("*".parse().unwrap()), ..base() },
        RequestFilter { pinned: Some(true), ..base() },
        RequestFilter { pinned: Some(false), method: Some("GET".to_owned()), ..base() },
        RequestFilter { since: Some(NOW.plus_ms(2)), until: Some(NOW.plus_ms(4)), ..base() },
        RequestFilter {
            inbox_id: Some(first.id),
            method: Some("GET".to_owned()),
            verification: Some(VerificationStatus::Unsigned),
            event_type: Some("message.*".parse().unwrap()),
            since: Some(NOW.plus_ms(1)),
            ..base()
        },
        RequestFilter { inbox_id: Some(first.id), ..q("\"number\":1") },
        q(&everything[9].id.to_string()),
        q(&everything[9].id.to_string()[..20]),
        q("/path/1"),
        q("a=1"),
        q("Host: localhost"),
        q("100% _off_ 'x' \\"),
        q("%"),
        q("_"),
        q("100%_off"),
        q("'; DROP TABLE requests; --"),
        q("\u{0}"),
        q("é"),
        q("\"number\":17"),
        q("no such text"),
    ];
    for filter in filters {
        let wanted = everything.iter().filter(|known| matches(&filter, known));
        let wanted: Vec<_> = wanted.map(|known| known.id).collect();
        let given: Vec<_> = all(&store, &filter, 4).await.iter().map(|known| known.id).collect();
        assert_eq!(given, wanted, "{filter:?}");
        assert_eq!(store.requests().count(&filter).await.unwrap(), wanted.len() as u64, "{filter:?}");
    }
}

fn matches(filter: &RequestFilter, known: &CapturedRequest) -> bool {
    let event_type = known.event_type.as_deref().unwrap_or_default();
    let number = known.path.rsplit('/').next().unwrap();
    let body = format!("{{\"number\":{number},\"text\":\"100% _off_ 'x' \\\\\"}}");
    let id = known.id.to_string();
    // The raw header of the sample holds a zero byte.
    let texts = [&id, &known.path, "a=1", event_type, "msg_1", "Host: localhost", "X-Raw: ", "\u{0}", &body];
    filter.inbox_id.is_none_or(|id| known.inbox_id == id)
        && filter.method.as_ref().is_none_or(|method| known.method == *method)
        && filter.verification.is_none_or(|status| known.verification.status == status)
        && filter
            .event_type
            .as_ref()
            .is_none_or(|pattern| pattern.as_str() == "*" || pattern.matches(event_type))
        && filter.pinned.is_none_or(|pinned| known.pinned == pinned)
        && filter.since.is_none_or(|at| known.received_at >= at)
        && filter.until.is_none_or(|at| known.received_at < at)
        && filter.q.as_ref().is_none_or(|q| texts.iter().any(|text| text.contains(q.as_str())))
}

#[tokio::test]
async fn ten_thousand_rows_are_paged_and_searched() {
    let (_folder, store, inbox) = with_inbox().await;
    for batch in 0..20_i64 {
        let given = (0..500).map(|number| {
            let body = format!("{{\"n\":{}}}", batch * 500 + number);
            let given = request(NOW.plus_ms(batch), &inbox, body.as_bytes());
            store_capture(&store, given, body)
        });
        for captured in join_all(given).await {
            captured.unwrap();
        }
    }
    let everything = all(&store, &RequestFilter::default(), 499).await;
    assert_eq!(everything.len(), 10_000);
    assert!(everything.is_sorted_by(|a, b| a.id > b.id));
    let oldest = RequestFilter { q: Some("{\"n\":7}".to_owned()), ..RequestFilter::default() };
    // A page ends in time, whatever it has found by then.
    let found = all(&store, &oldest, 10).await;
    assert_eq!(found.iter().map(|known| known.id).collect::<Vec<_>>(), [everything[9992].id]);
}

async fn store_capture(store: &Store, given: CapturedRequest, body: String) -> hookbench_store::Result<()> {
    store.requests().capture(given, Bytes::from(body)).await
}

#[tokio::test]
async fn notes_tags_pins_and_colours_are_edited() {
    let (_folder, store, inbox) = with_inbox().await;
    let given = request(NOW, &inbox, b"");
    store.requests().capture(given.clone(), Bytes::new()).await.unwrap();
    let edit = RequestEdit { note: Some("seen".to_owned()), pinned: Some(true), ..RequestEdit::default() };
    store.requests().edit(given.id, edit).await.unwrap();
    let tags = Some(vec!["a".to_owned(), "b".to_owned()]);
    let edited =
        store.requests().edit(given.id, RequestEdit { tags, ..RequestEdit::default() }).await.unwrap();
    assert_eq!((edited.note.as_str(), edited.tags.len(), edited.pinned), ("seen", 2, true));
    assert_eq!(edited.colour, None);
    for colour in Colour::ALL.map(Some).into_iter().chain([None]) {
        let edit = RequestEdit { colour: Some(colour), ..RequestEdit::default() };
        assert_eq!(store.requests().edit(given.id, edit).await.unwrap().colour, colour);
        let kept = store.requests().edit(given.id, RequestEdit::default()).await.unwrap();
        assert_eq!((kept.colour, kept.note.as_str()), (colour, "seen"), "what is not edited stays");
        assert_eq!(store.requests().get(given.id).await.unwrap().unwrap().colour, colour);
    }
    let error = store.requests().edit(RequestId::new(NOW), RequestEdit::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_request_that_is_written_with_a_colour_has_it() {
    let (_folder, store, inbox) = with_inbox().await;
    let colours = [None, Some(Colour::Purple), Some(Colour::Red)];
    for colour in colours {
        let given = CapturedRequest { colour, ..request(NOW, &inbox, b"") };
        store.requests().capture(given, Bytes::new()).await.unwrap();
    }
    let all = store.requests().list(&RequestFilter::default(), PageRequest::first(10)).await.unwrap();
    let mut found: Vec<_> = all.rows.iter().map(|row| row.colour).collect();
    found.sort_unstable();
    assert_eq!(found, [None, Some(Colour::Red), Some(Colour::Purple)]);
}

#[tokio::test]
async fn what_nobody_was_told_is_no_status() {
    let (_folder, store, inbox) = with_inbox().await;
    let given = request(NOW, &inbox, b"{}");
    let (id, other) = (given.id, RequestId::new(NOW));
    store.requests().capture(given, Bytes::from_static(b"{}")).await.unwrap();
    for (untold, status) in [(other, Some(200)), (id, None)] {
        store.requests().untold(untold).await.unwrap();
        assert_eq!(store.requests().get(id).await.unwrap().unwrap().status_seen(), status);
    }
}

#[tokio::test]
async fn requests_are_deleted_one_by_one_by_filter_and_with_their_inbox() {
    let (_folder, store, inbox) = with_inbox().await;
    let mut ids = Vec::new();
    for number in 0..20 {
        let mut given = request(NOW, &inbox, b"x");
        given.pinned = number < 5;
        ids.push(given.id);
        store.requests().capture(given, Bytes::from_static(b"x")).await.unwrap();
    }
    let requests = store.requests();
    requests.delete(ids[0]).await.unwrap();
    assert!(requests.get(ids[0]).await.unwrap().is_none() && requests.body(ids[0]).await.unwrap().is_none());
    assert!(matches!(requests.delete(ids[0]).await, Err(StoreError::NotFound { .. })));
    assert_eq!(requests.delete_matching(&RequestFilter::default()).await.unwrap(), 15, "pinned ones stay");
    assert_eq!(store.inboxes().delete(inbox.id).await.unwrap(), 4);
    assert_eq!(requests.count(&RequestFilter::default()).await.unwrap(), 0);
    let error = requests.capture(request(NOW, &inbox, b""), Bytes::new()).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert!(store.inboxes().get(inbox.id).await.unwrap().is_none());
}

#[tokio::test]
async fn inboxes_are_found_by_slug_and_no_two_share_one() {
    let (_folder, store, first) = with_inbox().await;
    let second = store.inboxes().create(inbox("second")).await.unwrap();
    let error = store.inboxes().create(inbox("first")).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { field: "slug", .. }), "{error}");
    let taken = first.slug.clone();
    let error = store.inboxes().update(second.id, move |inbox| inbox.slug = taken).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { field: "slug", .. }), "{error}");
    let edited = store
        .inboxes()
        .update(second.id, |inbox| {
            inbox.name = "renamed".to_owned();
            inbox.response.body = Bytes::from_static(b"\xff");
            inbox.response.headers.push("X-A", "b");
        })
        .await
        .unwrap();
    let kept = store.inboxes().by_slug(&second.slug).await.unwrap().unwrap();
    assert_eq!(format!("{kept:?}"), format!("{edited:?}"));
    assert_eq!(kept.secrets[0].secret, second.secrets[0].secret);
    assert_eq!(kept.response, edited.response);
    let page = store.inboxes().list(PageRequest::first(1)).await.unwrap();
    assert_eq!((page.rows[0].id, page.next), (second.id, Some(second.id)));
    let page = store.inboxes().list(PageRequest { before: page.next, limit: 1 }).await.unwrap();
    assert_eq!((page.rows[0].id, page.next), (first.id, None));
    assert_eq!(store.inboxes().all().await.unwrap().len(), 2);
}

async fn all(store: &Store, filter: &RequestFilter, limit: u32) -> Vec<CapturedRequest> {
    let (mut rows, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let found = store.requests().list(filter, page).await.unwrap();
        assert!(found.rows.len() <= limit as usize);
        rows.extend(found.rows);
        page.before = found.next;
        if found.next.is_none() {
            return rows;
        }
    }
}
