//! The demo's day.

use hookbench_model::{
    DeliveryFilter, DeliveryStatus, EndpointStatus, ManualClock, PageRequest, RequestFilter,
    VerificationStatus,
};
use hookbench_workbench::{Options, Workbench};

use crate::bench::{START, options};

#[tokio::test]
async fn the_day_is_full_of_everything_that_happens_and_is_thrown_away() {
    let nowhere = tempfile::tempdir().unwrap();
    let demo = Options { demo: true, ..options(nowhere.path(), &ManualClock::new(START)) };
    let workbench = Workbench::open(demo).await.unwrap();
    assert!(workbench.is_demo());
    let folder = workbench.data_dir().to_owned();
    assert!(folder.exists() && folder != nowhere.path());

    let of = |status| DeliveryFilter { statuses: vec![status], ..DeliveryFilter::default() };
    let count = async |filter| workbench.count_deliveries(filter).await.unwrap();
    assert!(count(DeliveryFilter::default()).await >= 300);
    assert!(count(of(DeliveryStatus::Delivered)).await >= 200);
    assert!(count(of(DeliveryStatus::Failed)).await >= 3);
    assert!(count(of(DeliveryStatus::Paused)).await >= 1);

    // What was given up was tried again and again over hours, as its plan says.
    let failed = workbench.deliveries(of(DeliveryStatus::Failed), PageRequest::first(50)).await.unwrap().rows;
    for delivery in &failed {
        let attempts = workbench.delivery(delivery.id).await.unwrap().attempts;
        let spread = attempts.last().unwrap().started_at.ms_since(attempts[0].started_at);
        assert!(attempts.len() < 4 || spread > 60_000, "{} attempts within {spread} ms", attempts.len());
    }

    let endpoints = workbench.endpoints(PageRequest::first(100)).await.unwrap().rows;
    let disabled: Vec<_> =
        endpoints.iter().filter(|endpoint| endpoint.status == EndpointStatus::Disabled).collect();
    assert_eq!(disabled.len(), 1, "{disabled:?}");
    assert!(disabled[0].disabled_reason.is_some());

    for status in [VerificationStatus::Valid, VerificationStatus::Invalid, VerificationStatus::Unsigned] {
        let filter = RequestFilter { verification: Some(status), ..RequestFilter::default() };
        assert!(workbench.count_requests(filter).await.unwrap() >= 3, "{status:?}");
    }
    let pinned = RequestFilter { pinned: Some(true), ..RequestFilter::default() };
    assert_eq!(workbench.count_requests(pinned).await.unwrap(), 2);

    // Nothing is of the future, and the day spreads over its hours.
    let stats = workbench.stats(None, None, Some(3_600_000)).await.unwrap();
    let busy = stats.buckets.iter().filter(|bucket| !bucket.counts.is_empty()).count();
    assert!(busy >= 20, "{busy}");
    assert!(stats.next_attempt_at.is_none_or(|at| at >= START), "{:?}", stats.next_attempt_at);
    let newest = workbench.requests(RequestFilter::default(), PageRequest::first(1)).await.unwrap().rows;
    assert!(newest[0].received_at <= START);

    workbench.shutdown().await;
    assert!(!folder.exists());
}
