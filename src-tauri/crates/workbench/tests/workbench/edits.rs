//! What is changed by several at once, or by somebody who does not wait for the answer.

use futures::poll;
use hookbench_model::{ManualClock, Subscriptions};
use hookbench_workbench::{EndpointDraft, EndpointEdit, Workbench, WorkbenchError};

use crate::bench::{START, options};

#[tokio::test]
async fn of_two_edits_that_do_not_fit_each_other_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let draft = EndpointDraft { url: "http://127.0.0.1:9/".to_owned(), ..EndpointDraft::default() };
    let endpoint = workbench.create_endpoint(draft).await.unwrap().id;
    let by_stripe = EndpointEdit {
        provider: Some("stripe".to_owned()),
        secret: Some("whsec_one".into()),
        ..EndpointEdit::default()
    };
    let unknown_there =
        EndpointEdit { enabled_events: Some(vec!["a.b".to_owned()]), ..EndpointEdit::default() };
    let edits = [by_stripe, unknown_there].map(|edit| workbench.edit_endpoint(endpoint, edit));
    let [first, second] = futures::future::join_all(edits).await.try_into().unwrap();
    let refused = second.unwrap_err();
    assert!(matches!(&refused, WorkbenchError::Invalid { .. }), "{refused}");
    assert_eq!(first.unwrap().endpoint.provider.as_str(), "stripe");
    let now = workbench.endpoint(endpoint).await.unwrap();
    assert_eq!((now.provider.as_str(), now.enabled_events), ("stripe", Subscriptions::all()));
    workbench.shutdown().await;
}

#[tokio::test]
async fn settings_that_somebody_changes_and_does_not_wait_for_are_gone_by() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let mut edit = Box::pin(workbench.edit_settings(None, |settings| settings.max_in_flight = 7));
    assert!(poll!(&mut edit).is_pending());
    drop(edit);
    // Whoever comes after it goes by it, and does not undo it.
    workbench.edit_settings(None, |settings| settings.metrics = true).await.unwrap();
    let settings = workbench.settings();
    assert_eq!((settings.max_in_flight, settings.metrics), (7, true));
    workbench.shutdown().await;
    let again = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    assert_eq!(again.settings(), settings);
    again.shutdown().await;
}
