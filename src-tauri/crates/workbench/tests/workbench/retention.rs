//! What an inbox keeps, while it is busy.

use hookbench_model::{ManualClock, PageRequest, RequestEdit, RequestFilter};
use hookbench_workbench::{InboxDraft, InboxRetentionEdit, Workbench};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::{START, captured, options};

async fn post(workbench: &Workbench, slug: &str, count: usize) {
    let mut stream = TcpStream::connect(workbench.capture_address()).await.unwrap();
    for _ in 0..count {
        let request = format!("POST /{slug} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 512];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
    }
}

async fn kept(workbench: &Workbench, inbox: &hookbench_workbench::LocatedInbox) -> Vec<String> {
    let filter = RequestFilter { inbox_id: Some(inbox.inbox.id), ..RequestFilter::default() };
    let page = workbench.requests(filter, PageRequest::first(500)).await.unwrap();
    page.rows.iter().map(|request| request.id.to_string()).collect()
}

async fn until_kept(workbench: &Workbench, inbox: &hookbench_workbench::LocatedInbox, count: usize) {
    let mut changes = workbench.changes().subscribe();
    while kept(workbench, inbox).await.len() != count {
        changes.next().await;
    }
}

#[tokio::test]
async fn a_busy_inbox_is_held_to_what_it_keeps_and_pinned_requests_stay() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let draft = |slug: &str, retention| InboxDraft {
        slug: Some(slug.to_owned()),
        retention,
        ..InboxDraft::default()
    };
    let few = InboxRetentionEdit { max_requests: Some(Some(10)), max_age_ms: None };
    let few = workbench.create_inbox(draft("few", few)).await.unwrap();
    let young = InboxRetentionEdit { max_requests: None, max_age_ms: Some(Some(60_000)) };
    let young = workbench.create_inbox(draft("young", young)).await.unwrap();
    let all = workbench.create_inbox(draft("all", InboxRetentionEdit::default())).await.unwrap();
    post(&workbench, "few", 1).await;
    let pinned = captured(&workbench, 1).await.remove(0).id;
    let pin = RequestEdit { pinned: Some(true), ..RequestEdit::default() };
    workbench.edit_request(pinned, pin).await.unwrap();
    for slug in ["few", "young", "all"] {
        post(&workbench, slug, 40).await;
    }
    // No time passes on the workspace's clock: it is not the housekeeping of every ten minutes that does it.
    until_kept(&workbench, &few, 11).await;
    assert!(kept(&workbench, &few).await.contains(&pinned.to_string()));
    assert_eq!((kept(&workbench, &young).await.len(), kept(&workbench, &all).await.len()), (40, 40));
    post(&workbench, "few", 25).await;
    until_kept(&workbench, &few, 11).await;
    clock.advance(std::time::Duration::from_secs(61));
    post(&workbench, "young", 3).await;
    until_kept(&workbench, &young, 3).await;
    assert_eq!(kept(&workbench, &all).await.len(), 40);
    workbench.shutdown().await;
}
