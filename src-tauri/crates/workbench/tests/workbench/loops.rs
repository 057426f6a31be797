//! The closed loop: what an endpoint of ours sends to an inbox of ours verifies there, by every profile and by
//! every scheme.

use hookbench_model::{
    CapturedRequest, DeliveryId, DeliveryStatus, Endpoint, EndpointStatus, HttpVersion, ManualClock,
    PageRequest, RequestFilter, SuccessRule, VerificationStatus,
};
use hookbench_signing::{Kind, Scheme};
use hookbench_workbench::{
    EndpointDraft, EventDraft, Feed, InboxDraft, InboxEdit, InboxResponseEdit, LocatedInbox, PolicyEdit,
    SchemeChoice, Workbench,
};
use serde_json::{Value, json};

use crate::bench::{START, options};

/// An endpoint that points at an inbox, which has what a receiver has of its secret: where the scheme has two
/// halves of a key, the public one.
async fn pair(
    workbench: &Workbench,
    slug: &str,
    provider: Option<&str>,
    own: Option<&str>,
    scheme: &Scheme,
) -> (LocatedInbox, Endpoint) {
    let url = format!("{}/{slug}", workbench.capture_origin());
    let draft = EndpointDraft {
        url,
        provider: Some(provider.unwrap_or("generic").to_owned()),
        scheme: own.map(ToOwned::to_owned),
        ..EndpointDraft::default()
    };
    let endpoint = workbench.create_endpoint(draft).await.unwrap_or_else(|error| panic!("{slug}: {error}"));
    let secret = &endpoint.secrets[0].secret;
    let shared = scheme.public_half(secret).unwrap_or_else(|| secret.clone());
    assert_eq!(scheme.is_asymmetric(), shared != *secret, "{slug}");
    let inbox = InboxDraft {
        slug: Some(slug.to_owned()),
        provider: provider.map(ToOwned::to_owned),
        scheme: own.map(ToOwned::to_owned),
        secret: Some(shared.clone()),
        ..InboxDraft::default()
    };
    let inbox = workbench.create_inbox(inbox).await.unwrap_or_else(|error| panic!("{slug}: {error}"));
    (inbox, endpoint)
}

async fn delivered(workbench: &Workbench, id: DeliveryId, what: &str) {
    let mut changes = workbench.changes().subscribe();
    loop {
        let seen = workbench.delivery(id).await.unwrap();
        match seen.delivery.status {
            DeliveryStatus::Delivered => return,
            DeliveryStatus::Failed | DeliveryStatus::Retrying => {
                panic!(
                    "{what}: {:?}",
                    seen.attempts.last().map(|attempt| (attempt.outcome, attempt.error.clone()))
                );
            }
            _ => {}
        }
        assert!(!matches!(changes.next().await, Feed::Closed));
    }
}

/// What the inbox captured of a delivery.
async fn arrival(workbench: &Workbench, inbox: &LocatedInbox, delivery: DeliveryId) -> CapturedRequest {
    let filter = RequestFilter { inbox_id: Some(inbox.inbox.id), ..RequestFilter::default() };
    let rows = workbench.requests(filter, PageRequest::first(500)).await.unwrap().rows;
    let row = rows.into_iter().find(|row| row.delivery.is_some_and(|(id, _)| id == delivery));
    let row = row.unwrap_or_else(|| panic!("{}: the arrival is not joined with its delivery", inbox.url));
    workbench.request(row.id).await.unwrap()
}

/// Sends an event, and holds what arrives against what the log says was sent.
async fn round_trip(
    workbench: &Workbench,
    inbox: &LocatedInbox,
    draft: EventDraft,
    what: &str,
) -> CapturedRequest {
    let preview = workbench.preview_event(draft.clone()).await.unwrap();
    assert_eq!(preview[0].problem, None, "{what}");
    let accepted =
        workbench.send_event(draft, |_| None).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let delivery = accepted.deliveries[0].id;
    delivered(workbench, delivery, what).await;
    let arrived = arrival(workbench, inbox, delivery).await;
    let verification = &arrived.verification;
    assert_eq!(verification.status, VerificationStatus::Valid, "{what}: {}", verification.message);

    let (body, _) = workbench.request_body(arrived.id).await.unwrap();
    let (sent, _) = workbench.attempt_request_body(delivery, 1).await.unwrap();
    assert_eq!(body, sent, "{what}: the log has the bytes that were sent");
    let attempt = workbench.attempt(delivery, 1).await.unwrap();
    let request = attempt.request.unwrap();
    assert_eq!(request.body_size, body.len() as u64, "{what}");
    let query = arrived.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    assert_eq!(request.url, format!("{}{}{query}", inbox.url, arrived.path), "{what}");
    assert_eq!(attempt.captured_as, Some(arrived.id), "{what}");
    arrived
}

#[tokio::test]
async fn every_event_of_every_profile_verifies_at_its_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    for profile in workbench.library().profiles() {
        let id = profile.id().as_str();
        let (inbox, endpoint) = pair(&workbench, id, Some(id), None, profile.scheme()).await;
        if let SuccessRule::Statuses { statuses } = profile.success() {
            let response =
                InboxResponseEdit { status: statuses.first().copied(), ..InboxResponseEdit::default() };
            workbench
                .edit_inbox(inbox.inbox.id, InboxEdit { response, ..InboxEdit::default() })
                .await
                .unwrap();
        }
        if profile.requires_test() {
            let test = workbench.test_endpoint(endpoint.id, None).await.unwrap();
            delivered(&workbench, test.deliveries[0].id, id).await;
            assert_eq!(workbench.endpoint(endpoint.id).await.unwrap().status, EndpointStatus::Enabled);
        }
        for event in profile.events() {
            let event_type = if event.event_type() == "*" { "order.created" } else { event.event_type() };
            let draft = EventDraft {
                provider: Some(id.to_owned()),
                event_type: Some(event_type.to_owned()),
                endpoint_ids: Some(vec![endpoint.id.to_string()]),
                ..EventDraft::default()
            };
            let what = format!("{id} {event_type}");
            let arrived = round_trip(&workbench, &inbox, draft, &what).await;
            assert_eq!(arrived.event_type.as_deref(), Some(event_type), "{what}");
            let asks = ["url_verification", "endpoint.url_validation"].contains(&event_type);
            assert_eq!(arrived.handshake.is_some(), asks, "{what}");
        }
    }
    workbench.shutdown().await;
}

/// A body that the scheme can sign.
fn payload(scheme: &Scheme) -> Value {
    match scheme.code().map(|code| code.kind) {
        Some(Kind::AwsSns) => json!({
            "Type": "Notification", "MessageId": "22b80b92", "TopicArn": "arn:aws:sns:eu-west-1:1:orders",
            "Message": "na\u{ef}ve", "Timestamp": "2026-11-21T04:35:00.000Z", "SignatureVersion": "2",
        }),
        Some(Kind::Adyen) => json!({
            "live": "false",
            "notificationItems": [{"NotificationRequestItem": {
                "amount": {"value": 1130, "currency": "EUR"}, "pspReference": "7914073381342284",
                "eventCode": "AUTHORISATION", "merchantAccountCode": "Shop", "merchantReference": "na\u{ef}ve",
                "success": "true",
            }}],
        }),
        _ => json!({"type": "message.sent", "text": "na\u{ef}ve"}),
    }
}

#[tokio::test]
async fn every_scheme_signs_and_verifies_in_the_place_of_the_profiles() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    for scheme in workbench.library().schemes() {
        let id = scheme.id();
        let slug = id.replace('_', "-");
        let (inbox, endpoint) = pair(&workbench, &slug, None, Some(id), &scheme).await;
        let draft = EventDraft {
            event_type: Some("message.sent".to_owned()),
            provider: Some("generic".to_owned()),
            payload: Some(payload(&scheme)),
            endpoint_ids: Some(vec![endpoint.id.to_string()]),
            ..EventDraft::default()
        };
        let arrived = round_trip(&workbench, &inbox, draft, id).await;
        assert_eq!(arrived.verification.scheme.as_deref(), Some(id));
        let again = workbench.verify_again(arrived.id, None, None, None).await.unwrap();
        let again = again.statement;
        assert_eq!(again.status, VerificationStatus::Valid, "{id}: {}", again.message);
        let other = SchemeChoice::Known(if id == "stripe" { "paddle" } else { "stripe" }.to_owned());
        let other = workbench.verify_again(arrived.id, Some(other), None, None).await.unwrap();
        assert_ne!(other.statement.status, VerificationStatus::Valid, "{id}");
    }
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_captured_request_is_checked_again_by_the_url_that_it_was_addressed_to() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let scheme = workbench.library().scheme("smsportal").unwrap();
    let (inbox, _) = pair(&workbench, "first", None, Some("smsportal"), &scheme).await;
    // In HTTP/2 no Host header says how the receiver was called.
    let draft = EndpointDraft {
        url: inbox.url.replace("127.0.0.1", "localhost"),
        provider: Some("generic".to_owned()),
        scheme: Some("smsportal".to_owned()),
        secret: Some(inbox.inbox.secrets[0].secret.clone()),
        policy: PolicyEdit { http_version: Some(HttpVersion::Http2), ..PolicyEdit::default() },
        ..EndpointDraft::default()
    };
    let endpoint = workbench.create_endpoint(draft).await.unwrap();
    let draft = EventDraft {
        event_type: Some("message.sent".to_owned()),
        provider: Some("generic".to_owned()),
        endpoint_ids: Some(vec![endpoint.id.to_string()]),
        ..EventDraft::default()
    };
    let accepted = workbench.send_event(draft, |_| None).await.unwrap();
    delivered(&workbench, accepted.deliveries[0].id, "over HTTP/2").await;
    let arrived = arrival(&workbench, &inbox, accepted.deliveries[0].id).await;
    assert_eq!(arrived.verification.status, VerificationStatus::Valid);
    assert_eq!((arrived.http_version.as_str(), arrived.headers.get("host")), ("HTTP/2.0", None));

    let renamed = InboxEdit { slug: Some("second".to_owned()), ..InboxEdit::default() };
    for edit in [InboxEdit::default(), renamed] {
        workbench.edit_inbox(inbox.inbox.id, edit).await.unwrap();
        let again = workbench.verify_again(arrived.id, None, None, None).await.unwrap();
        assert_eq!(again.statement.status, VerificationStatus::Valid, "{:?}", again.causes);
    }
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_signature_in_the_body_is_what_is_kept_and_sent_again_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    for id in ["mailgun", "twilio_json"] {
        let scheme = workbench.library().scheme(id).unwrap();
        let slug = id.replace('_', "-");
        let (inbox, endpoint) = pair(&workbench, &slug, None, Some(id), &scheme).await;
        let draft = EventDraft {
            event_type: Some("message.sent".to_owned()),
            payload: Some(payload(&scheme)),
            provider: Some("generic".to_owned()),
            endpoint_ids: Some(vec![endpoint.id.to_string()]),
            ..EventDraft::default()
        };
        let first = round_trip(&workbench, &inbox, draft, id).await;
        let (delivery, _) = first.delivery.unwrap();
        let (body, _) = workbench.request_body(first.id).await.unwrap();
        let event = workbench.delivery(delivery).await.unwrap().delivery.event_id;
        let payload = workbench.event_with_payload(event).await.unwrap().payload;
        assert_eq!(body != payload, id == "mailgun", "{id}");
        assert_eq!(first.query.is_some(), id == "twilio_json", "{id}");

        let replay = hookbench_workbench::ReplayDraft {
            ids: Some(vec![delivery.to_string()]),
            resign: Some(hookbench_model::SignMode::Exact),
            reason: Some("once more".to_owned()),
            ..hookbench_workbench::ReplayDraft::default()
        };
        let mut changes = workbench.changes().subscribe();
        let replay = workbench.create_replay(replay).await.unwrap();
        while workbench.replay(replay.id).await.unwrap().progress.delivered < 1 {
            changes.next().await;
        }
        let filter = RequestFilter { inbox_id: Some(inbox.inbox.id), ..RequestFilter::default() };
        let rows = workbench.requests(filter, PageRequest::first(10)).await.unwrap().rows;
        assert_eq!(rows.len(), 2, "{id}");
        let (again, _) = workbench.request_body(rows[0].id).await.unwrap();
        assert_eq!((again, &rows[0].query), (body, &first.query), "{id}");
        assert_eq!(rows[0].verification.status, VerificationStatus::Valid, "{id}");
    }
    workbench.shutdown().await;
}
