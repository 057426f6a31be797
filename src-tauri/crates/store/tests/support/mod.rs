//! Samples of everything, for the tests of the store.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses its own part of this")]

use std::path::Path;

use bytes::Bytes;
use hookbench_model::{
    AllowList, Attempt, AttemptTiming, CapturedRequest, DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint,
    EndpointId, Event, EventId, EventRequest, HeaderPairs, Inbox, InboxId, InboxResponse, InboxRetention,
    NewDelivery, Outcome, ProviderId, RequestId, SentRequest, SentResponse, StoredSecret, Timestamp, Trigger,
    Verification, VerificationStatus,
};
use hookbench_signing::Secret;
use hookbench_store::{Claimed, EndpointEffect, Finish, Next, OpenOptions, Store, Synchronous};
use tempfile::TempDir;

pub const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

pub fn options() -> OpenOptions {
    OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() }
}

pub async fn open(folder: &Path) -> Store {
    Store::open(folder, NOW, options()).await.unwrap()
}

pub async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    (folder, store)
}

pub fn endpoint(name: &str) -> Endpoint {
    Endpoint {
        headers: HeaderPairs::from_iter([("X-Extra", "1")]),
        timeout_ms: Some(5000),
        secrets: vec![StoredSecret {
            secret: Secret::from("whsec_topsecret"),
            created_at: NOW,
            expires_at: None,
        }],
        ..Endpoint::new(
            EndpointId::new(NOW),
            name.to_owned(),
            format!("http://localhost:9/{name}").parse().unwrap(),
            ProviderId::generic(),
        )
    }
}

pub fn event(at: Timestamp, event_type: &str, payload: &[u8]) -> Event {
    Event {
        id: EventId::new(at),
        provider_event_id: format!("msg_{}", EventId::new(at)),
        provider: ProviderId::generic(),
        event_type: event_type.to_owned(),
        content_type: "application/json".to_owned(),
        request: EventRequest::default(),
        payload: Bytes::copy_from_slice(payload),
        created_at: at,
    }
}

pub fn delivery(at: Timestamp, target: DeliveryTarget) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::new(at),
        target,
        status: DeliveryStatus::Pending,
        is_test: false,
        max_attempts: 3,
        due_at: at,
        expires_at: None,
        trigger: Trigger::Automatic,
        replay_id: None,
        repeats_delivery: None,
        repeats_request: None,
    }
}

pub fn to(endpoint: &Endpoint) -> DeliveryTarget {
    DeliveryTarget::Endpoint(endpoint.id)
}

/// An event with one delivery, both written.
pub async fn send(store: &Store, at: Timestamp, endpoint: &Endpoint, event_type: &str) -> DeliveryId {
    let new = delivery(at, to(endpoint));
    let id = new.id;
    store.events().create(event(at, event_type, br#"{"a":1}"#), vec![new], None).await.unwrap();
    id
}

pub fn attempt(claimed: &Claimed, at: Timestamp, outcome: Outcome) -> Attempt {
    let response = (outcome == Outcome::Delivered || outcome == Outcome::HttpError).then(|| SentResponse {
        status: if outcome == Outcome::Delivered { 200 } else { 500 },
        http_version: "HTTP/1.1".to_owned(),
        headers: HeaderPairs::from_iter([("server", "x")]),
        body: Bytes::from_static(b"\xffok"),
        body_size: 3,
        body_truncated: false,
    });
    Attempt {
        delivery_id: claimed.delivery.id,
        number: claimed.attempt_number,
        trigger: claimed.delivery.trigger,
        started_at: at,
        duration_ms: 25,
        timing: AttemptTiming { dns_ms: None, connect_ms: Some(0.25), ..AttemptTiming::default() },
        remote_addr: Some("127.0.0.1:9".to_owned()),
        connection: None,
        request: Some(SentRequest {
            method: "POST".to_owned(),
            url: claimed.delivery.url.clone(),
            headers: HeaderPairs::from_iter([("Content-Type", "application/json"), ("x-a", "1")]),
            body_size: 7,
            body: None,
        }),
        response,
        outcome,
        error_code: None,
        error: (outcome != Outcome::Delivered).then(|| "The receiver answered 500.".to_owned()),
        captured_as: None,
    }
}

pub fn failing(at: Timestamp) -> Next {
    Next::Failed { at, because: hookbench_model::EndedBecause::Exhausted }
}

pub fn finish(claimed: &Claimed, at: Timestamp, outcome: Outcome, next: Next) -> Finish {
    Finish {
        delivery: claimed.delivery.id,
        attempt: attempt(claimed, at, outcome),
        next,
        effect: EndpointEffect::None,
        breaker: None,
    }
}

/// Claims all that is due and finishes it so.
pub async fn work(store: &Store, at: Timestamp, outcome: Outcome, next: Next) -> usize {
    let claimed = store.deliveries().claim_due(at, 1000, &[]).await.unwrap();
    for claimed in &claimed {
        store.deliveries().finish(finish(claimed, at, outcome, next)).await.unwrap();
    }
    claimed.len()
}

pub fn inbox(slug: &str) -> Inbox {
    Inbox {
        id: InboxId::new(NOW),
        slug: slug.parse().unwrap(),
        name: slug.to_owned(),
        provider: Some(ProviderId::generic()),
        scheme: None,
        handshakes: true,
        verify_token: None,
        response: InboxResponse::default(),
        rules: Vec::new(),
        relay: None,
        access: None,
        allow: AllowList::default(),
        retention: InboxRetention::default(),
        secrets: vec![StoredSecret {
            secret: Secret::from("inboxsecret"),
            created_at: NOW,
            expires_at: None,
        }],
        created_at: NOW,
    }
}

pub fn request(at: Timestamp, inbox: &Inbox, body: &[u8]) -> CapturedRequest {
    CapturedRequest {
        id: RequestId::new(at),
        inbox_id: inbox.id,
        received_at: at,
        method: "POST".to_owned(),
        addressed: Some("http://localhost/in".to_owned()),
        path: "/hooks".to_owned(),
        query: Some("a=1".to_owned()),
        http_version: "HTTP/1.1".to_owned(),
        headers: HeaderPairs::from_iter([
            ("Host", Bytes::from_static(b"localhost")),
            ("X-Raw", Bytes::from_static(b"\xff\x00\xfe")),
            ("x-raw", Bytes::from_static(b"again")),
        ]),
        content_type: Some("application/json".to_owned()),
        body_size: body.len() as u64,
        remote_addr: "127.0.0.1:5".to_owned(),
        event_type: Some("message.sent".to_owned()),
        provider_event_id: Some("msg_1".to_owned()),
        verification: Verification {
            status: VerificationStatus::Valid,
            scheme: Some("standardwebhooks".to_owned()),
            reason: None,
            message: "The signature is right.".to_owned(),
            signed_content: Some(Bytes::from([b"msg_1.17.", body].concat())),
        },
        handshake: None,
        response_status: 200,
        answered_by: None,
        delivery: None,
        came: None,
        fault: None,
        note: String::new(),
        tags: Vec::new(),
        pinned: false,
        colour: None,
        shown: None,
    }
}
