//! The demo's day, and what came in from outside.

use std::collections::BTreeMap;

use hookbench_model::{
    CapturedRequest, DeliveryFilter, DeliveryStatus, EndpointStatus, ManualClock, PageRequest, RequestFilter,
    VerificationStatus,
};
use hookbench_workbench::{InboxDraft, InboxResponseEdit, Options, TimeEdit, Workbench, WorkbenchError};

use crate::bench::{START, options, pair};

#[tokio::test]
async fn the_day_is_full_of_everything_that_happens_and_is_thrown_away() {
    let nowhere = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let demo = Options { demo: true, data_dir: None, ..options(nowhere.path(), &clock) };
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
    let (drafts, live): (Vec<_>, Vec<_>) = endpoints.iter().partition(|endpoint| endpoint.draft);
    let disabled: Vec<_> =
        live.iter().filter(|endpoint| endpoint.status == EndpointStatus::Disabled).collect();
    assert_eq!(disabled.len(), 1, "{disabled:?}");
    assert!(disabled[0].disabled_reason.is_some());
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!(drafts[0].status, EndpointStatus::Disabled);
    let overlapping = live.iter().filter(|endpoint| endpoint.secrets_at(START).len() == 2).count();
    assert_eq!(overlapping, 1);

    for status in [VerificationStatus::Valid, VerificationStatus::Invalid, VerificationStatus::Unsigned] {
        let filter = RequestFilter { verification: Some(status), ..RequestFilter::default() };
        assert!(workbench.count_requests(filter).await.unwrap() >= 3, "{status:?}");
    }
    let pinned = RequestFilter { pinned: Some(true), ..RequestFilter::default() };
    assert_eq!(workbench.count_requests(pinned).await.unwrap(), 2);

    // Nothing is of the future, and the day spreads over its hours.
    let stats = workbench.stats(None, None, Some(3_600_000)).await.unwrap().stats;
    let busy = stats.buckets.iter().filter(|bucket| !bucket.counts.is_empty()).count();
    assert!(busy >= 20, "{busy}");
    assert!(stats.next_attempt_at.is_none_or(|at| at >= START), "{:?}", stats.next_attempt_at);
    let newest = workbench.requests(RequestFilter::default(), PageRequest::first(1)).await.unwrap().rows;
    assert!(newest[0].received_at <= START);

    workbench.shutdown().await;
    assert!(!folder.exists());
}

/// A demo, and the folder that it does not use.
async fn demo() -> (Workbench, tempfile::TempDir) {
    let nowhere = tempfile::tempdir().unwrap();
    let demo = Options { demo: true, ..options(nowhere.path(), &ManualClock::new(START)) };
    (Workbench::open(demo).await.unwrap(), nowhere)
}

/// All requests, oldest first, each with its inbox.
async fn requests(workbench: &Workbench) -> Vec<(String, CapturedRequest)> {
    let inboxes = workbench.inboxes(PageRequest::first(100)).await.unwrap().rows;
    let slugs: BTreeMap<_, _> =
        inboxes.into_iter().map(|one| (one.inbox.id, one.inbox.slug.to_string())).collect();
    let mut found: Vec<(String, CapturedRequest)> = Vec::new();
    let mut page = PageRequest::first(500);
    loop {
        let rows = workbench.requests(RequestFilter::default(), page).await.unwrap();
        found.extend(rows.rows.into_iter().map(|request| (slugs[&request.inbox_id].clone(), request)));
        let Some(next) = rows.next else { break };
        page = PageRequest { before: Some(next), ..PageRequest::first(500) };
    }
    found.sort_by_key(|(slug, request)| (request.received_at, slug.clone()));
    found
}

#[tokio::test]
async fn what_failed_from_outside_has_a_proven_cause_each_another() {
    let (workbench, _nowhere) = demo().await;
    let mut causes = Vec::new();
    for (slug, request) in requests(&workbench).await {
        if !matches!(request.verification.status, VerificationStatus::Invalid | VerificationStatus::Unsigned)
        {
            continue;
        }
        // What Hookbench sent itself is signed as it should be.
        assert_eq!(request.delivery, None, "{slug}: {:?}", request.verification);
        let verdict = workbench.verify_again(request.id, None, None, None).await.unwrap();
        let codes: Vec<_> = verdict.causes.iter().map(|cause| cause.code.as_str()).collect();
        causes.push((slug, codes.join(" ")));
    }
    let causes: Vec<_> = causes.iter().map(|(slug, codes)| (slug.as_str(), codes.as_str())).collect();
    assert_eq!(
        causes,
        [
            ("receipts-by-mail", "header_missing"),
            ("campaign-office", "header_missing"),
            ("community-app", "time_unit"),
            ("marketing-site", "secret_whitespace"),
            ("order-notices", "header_missing"),
            ("office-bot", "time_stale"),
            ("support-line", "url_scheme"),
            ("deploy-bot", "wrong_scheme"),
            ("whatsapp-desk", "secret_other_endpoint"),
            ("shop-orders", "body_reserialized"),
            ("deploy-bot", "body_newline_added"),
        ]
    );
    workbench.shutdown().await;
}

#[tokio::test]
async fn every_provider_of_the_company_verifies_and_a_plain_inbox_knows_who_wrote() {
    let (workbench, _nowhere) = demo().await;
    let requests = requests(&workbench).await;
    let inboxes = workbench.inboxes(PageRequest::first(100)).await.unwrap().rows;
    for located in inboxes.iter().filter(|located| located.inbox.provider.is_some()) {
        let inbox = &located.inbox;
        let valid = requests.iter().any(|(_, request)| {
            request.inbox_id == inbox.id && request.verification.status == VerificationStatus::Valid
        });
        assert!(valid, "{}", inbox.slug);
        let profile = workbench.library().profile(inbox.provider.as_ref().unwrap()).unwrap();
        let broken = inbox.slug.as_str() == "billing-worker";
        assert_eq!(profile.success().accepts(inbox.response.status), !broken, "{}", inbox.slug);
    }

    let asked: Vec<_> = requests.iter().filter_map(|(_, request)| request.handshake.as_deref()).collect();
    assert_eq!(asked, ["slack_url_verification"]);

    let mut known = Vec::new();
    for (_, request) in requests.iter().filter(|(slug, _)| slug == "playground") {
        let first = workbench.recognise(request.id).await.unwrap().into_iter().next();
        known.extend(first.map(|recognition| recognition.scheme));
    }
    assert_eq!(known, ["github"]);
    workbench.shutdown().await;
}

#[tokio::test]
async fn every_demo_is_the_same() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let (workbench, _nowhere) = demo().await;
        let lines: Vec<_> = requests(&workbench)
            .await
            .into_iter()
            .map(|(slug, request)| {
                let CapturedRequest { received_at, event_type, verification, body_size, .. } = request;
                (received_at, slug, event_type, verification.status, body_size, request.response_status)
            })
            .collect();
        told.push(lines);
        workbench.shutdown().await;
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_new_inbox_answers_what_its_provider_takes_as_delivered() {
    let (workbench, _nowhere) = demo().await;
    for (provider, status) in [("discord", 204), ("zoom", 200), ("github", 200)] {
        let draft = InboxDraft { provider: Some(provider.to_owned()), ..InboxDraft::default() };
        let made = workbench.create_inbox(draft.clone()).await.unwrap().inbox;
        assert_eq!(made.response.status, status, "{provider}");
        let response = InboxResponseEdit { status: Some(202), ..InboxResponseEdit::default() };
        let made = workbench.create_inbox(InboxDraft { response, ..draft }).await.unwrap().inbox;
        assert_eq!(made.response.status, 202, "{provider}");
    }
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_demo_in_a_folder_of_its_own_stays_and_goes_on_where_its_time_was() {
    let folder = tempfile::tempdir().unwrap();
    let machine = ManualClock::new(START);
    let ordinary = options(folder.path(), &machine);
    let demo = Options { demo: true, ..ordinary.clone() };
    let workbench = Workbench::open(demo.clone()).await.unwrap();
    assert!(workbench.is_demo());
    assert_eq!(workbench.data_dir(), folder.path());
    let (inbox, endpoint) = pair(&workbench, "named").await;
    workbench.test_endpoint(endpoint.id, None).await.unwrap();
    let later = TimeEdit { paused: Some(true), speed: Some(60), ..TimeEdit::default() };
    workbench.set_time(later).await.unwrap();
    // Nothing happens in the last of these: what is kept is the time, and not what happened in it.
    for advance_ms in [3 * 3_600_000, 12_345] {
        let later = TimeEdit { advance_ms: Some(advance_ms), ..TimeEdit::default() };
        workbench.set_time(later).await.unwrap();
    }
    let mut times = workbench.changes().subscribe();
    while workbench.time().await.jumping_to.is_some() {
        times.next().await;
    }
    let count = workbench.count_deliveries(DeliveryFilter::default()).await.unwrap();
    let stood = workbench.now();
    assert!(stood.ms_since(START) >= 3 * 3_600_000 + 12_345, "{stood:?}");
    workbench.shutdown().await;

    // Its times are made: it is no ordinary workspace.
    assert!(matches!(Workbench::open(ordinary).await, Err(WorkbenchError::IsDemo { .. })));

    // Nor does it go by what the machine's time has become.
    for machine_now in [START, START.plus_ms(7 * 86_400_000), START] {
        machine.set(machine_now);
        let again = Workbench::open(demo.clone()).await.unwrap();
        assert!(again.inbox(inbox.inbox.id).await.is_ok());
        let deliveries = again.count_deliveries(DeliveryFilter::default()).await.unwrap();
        assert_eq!(deliveries, count, "it is not filled twice");
        let time = again.time().await;
        assert_eq!((time.now, time.paused, time.speed), (stood, true, 60));
        again.shutdown().await;
    }
}

#[tokio::test]
async fn time_that_runs_goes_on_as_fast_and_from_where_it_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Options { demo: true, ..options(folder.path(), &ManualClock::new(START)) };
    let workbench = Workbench::open(demo.clone()).await.unwrap();
    let fast = TimeEdit { speed: Some(3600), ..TimeEdit::default() };
    workbench.set_time(fast).await.unwrap();
    workbench.announce_stop();
    workbench.shutdown().await;
    let stopped = workbench.now();
    assert_eq!(workbench.now(), stopped, "it stands");
    let again = Workbench::open(demo).await.unwrap();
    let time = again.time().await;
    assert!(time.now >= stopped, "{:?}, and it was {stopped:?}", time.now);
    assert_eq!((time.paused, time.speed), (false, 3600));
    again.shutdown().await;
}

#[tokio::test]
async fn a_demo_that_could_not_begin_is_filled_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let demo = Options { demo: true, ..options(folder.path(), &ManualClock::new(START)) };
    let refused = Options { capture: taken.local_addr().unwrap(), ..demo.clone() };
    assert!(matches!(Workbench::open(refused).await, Err(WorkbenchError::Capture(_))));
    let ordinary = Options { demo: false, ..demo.clone() };
    assert!(matches!(Workbench::open(ordinary).await, Err(WorkbenchError::IsDemo { .. })));
    let workbench = Workbench::open(demo).await.unwrap();
    assert!(workbench.count_deliveries(DeliveryFilter::default()).await.unwrap() >= 300);
    workbench.shutdown().await;
}

#[tokio::test]
async fn somebodys_workspace_becomes_no_demo() {
    let folder = tempfile::tempdir().unwrap();
    let ordinary = options(folder.path(), &ManualClock::new(START));
    Workbench::open(ordinary.clone()).await.unwrap().shutdown().await;
    let demo = Options { demo: true, ..ordinary.clone() };
    assert!(matches!(Workbench::open(demo).await, Err(WorkbenchError::NoDemo { .. })));
    let again = Workbench::open(ordinary).await.unwrap();
    assert_eq!(again.count_deliveries(DeliveryFilter::default()).await.unwrap(), 0);
    again.shutdown().await;
}
