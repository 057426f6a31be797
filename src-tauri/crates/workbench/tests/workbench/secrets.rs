//! The secrets of endpoints, over time and by several at once.

use std::time::Duration;

use hookbench_model::ManualClock;
use hookbench_workbench::{EndpointDraft, EndpointEdit, SecretDraft, Workbench, WorkbenchError};

use crate::bench::{START, options};

const DAY_MS: u64 = 24 * 3600 * 1000;

#[tokio::test]
async fn of_two_who_remove_the_last_two_secrets_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let draft = EndpointDraft { url: "http://127.0.0.1:9/".to_owned(), ..EndpointDraft::default() };
    let endpoint = workbench.create_endpoint(draft).await.unwrap().id;
    let second = SecretDraft {
        secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".into(),
        expires_in_ms: None,
    };
    let known = workbench.add_endpoint_secret(endpoint, second).await.unwrap();
    let removals = known.iter().map(|secret| workbench.remove_endpoint_secret(endpoint, &secret.id));
    let removals: [_; 2] = futures::future::join_all(removals).await.try_into().unwrap();
    let refused: Vec<_> = removals.iter().filter_map(|done| done.as_ref().err()).collect();
    assert!(matches!(refused[..], [WorkbenchError::WrongState { .. }]), "{removals:?}");
    assert_eq!(workbench.endpoint_secrets(endpoint).await.unwrap().len(), 1);
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_secret_that_holds_no_more_need_not_fit_another_scheme() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let draft = EndpointDraft {
        url: "http://127.0.0.1:9/".to_owned(),
        scheme: Some("stripe".to_owned()),
        secret: Some("whsec_not base64!".into()),
        ..EndpointDraft::default()
    };
    let endpoint = workbench.create_endpoint(draft).await.unwrap().id;
    let fits_both = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".into();
    workbench.rotate_secret(endpoint, DAY_MS, Some(fits_both), None).await.unwrap();
    let by_standard =
        || EndpointEdit { scheme: Some(Some("standardwebhooks".to_owned())), ..EndpointEdit::default() };
    let refused = workbench.edit_endpoint(endpoint, by_standard()).await.unwrap_err();
    assert!(refused.to_string().contains("does not fit"), "it signs still: {refused}");
    clock.advance(Duration::from_millis(3 * DAY_MS));
    let edited = workbench.edit_endpoint(endpoint, by_standard()).await.unwrap().endpoint;
    assert_eq!(edited.scheme.as_deref(), Some("standardwebhooks"));
    workbench.shutdown().await;
}
