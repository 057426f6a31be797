//! Opening and closing.

use std::collections::HashSet;
use std::net::SocketAddr;

use hookbench_model::{DeliveryStatus, ManualClock};
use hookbench_workbench::{
    CaptureError, EventDraft, InboxDraft, Options, StoreError, Workbench, WorkbenchError,
};

use crate::bench::{START, captured, options, pair};

#[tokio::test]
async fn one_process_at_a_time_has_a_folder_and_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let first = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let second = Workbench::open(options(folder.path(), &clock)).await;
    assert!(matches!(second, Err(WorkbenchError::Store(StoreError::Locked { .. }))), "{second:?}");

    let other = tempfile::tempdir().unwrap();
    let taken = Options { capture: first.capture_address(), ..options(other.path(), &clock) };
    let third = Workbench::open(taken).await;
    assert!(matches!(third, Err(WorkbenchError::Capture(CaptureError::AddressInUse { .. }))), "{third:?}");

    first.shutdown().await;
    first.shutdown().await;
    let again = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    assert_ne!(again.boot(), first.boot());
    again.shutdown().await;
}

#[tokio::test]
async fn what_was_accepted_and_not_sent_goes_out_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let (_, endpoint) = pair(&workbench, "later").await;
    let disabled = hookbench_workbench::EndpointEdit {
        status: Some(hookbench_model::EndpointStatus::Disabled),
        ..hookbench_workbench::EndpointEdit::default()
    };
    workbench.edit_endpoint(endpoint.id, disabled.clone()).await.unwrap();
    let draft = EventDraft {
        event_type: Some("domain.verified".to_owned()),
        endpoint_ids: Some(vec![endpoint.id.to_string()]),
        ..EventDraft::default()
    };
    let accepted = workbench.send_event(draft, |_| None).await.unwrap();
    assert_eq!(accepted.deliveries[0].status, DeliveryStatus::Paused);
    let capture = workbench.capture_address();
    workbench.shutdown().await;

    let same_address = Options { capture, ..options(folder.path(), &clock) };
    let workbench = Workbench::open(same_address).await.unwrap();
    let enabled = hookbench_workbench::EndpointEdit {
        status: Some(hookbench_model::EndpointStatus::Enabled),
        ..disabled
    };
    workbench.edit_endpoint(endpoint.id, enabled).await.unwrap();
    let arrived = captured(&workbench, 1).await;
    assert_eq!(arrived[0].delivery.map(|(id, _)| id), Some(accepted.deliveries[0].id));
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_wildcard_address_is_shown_as_one_that_can_be_called() {
    let folder = tempfile::tempdir().unwrap();
    let everywhere = Options {
        capture: SocketAddr::from(([0, 0, 0, 0], 0)),
        ..options(folder.path(), &ManualClock::new(START))
    };
    let workbench = Workbench::open(everywhere).await.unwrap();
    assert!(workbench.capture_origin().starts_with("http://127.0.0.1:"), "{}", workbench.capture_origin());
    workbench.shutdown().await;
}

#[tokio::test]
async fn inboxes_of_one_name_made_at_once_get_a_slug_each() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let named = || InboxDraft { name: Some("Orders".to_owned()), ..InboxDraft::default() };
    let made = futures::future::join_all((0..12).map(|_| workbench.create_inbox(named()))).await;
    let slugs: HashSet<_> = made.into_iter().map(|made| made.unwrap().inbox.slug.to_string()).collect();
    assert_eq!(slugs.len(), 12);
    assert!(slugs.contains("orders") && slugs.contains("orders-2"), "{slugs:?}");
    workbench.shutdown().await;
}
