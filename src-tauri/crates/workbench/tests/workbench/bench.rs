//! An open workspace with a clock moved by hand.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use hookbench_model::{ManualClock, Noun, PageRequest, Timestamp};
use hookbench_workbench::{
    EndpointDraft, Feed, InboxDraft, LocatedInbox, OpenOptions, Options, Synchronous, Workbench,
};

/// 2026-11-21T04:35:00Z.
pub(crate) const START: Timestamp = Timestamp::from_unix_ms(1_795_235_700_000);

pub(crate) fn options(folder: &Path, clock: &ManualClock) -> Options {
    Options {
        data_dir: Some(folder.to_owned()),
        capture: SocketAddr::from(([127, 0, 0, 1], 0)),
        clock: Arc::new(clock.clone()),
        store: OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() },
        ..Options::default()
    }
}

/// An inbox, and an endpoint of the profile that points at it.
pub(crate) async fn pair(workbench: &Workbench, slug: &str) -> (LocatedInbox, hookbench_model::Endpoint) {
    let inbox = InboxDraft { slug: Some(slug.to_owned()), ..InboxDraft::default() };
    let inbox = workbench.create_inbox(inbox).await.unwrap();
    let endpoint = EndpointDraft {
        url: inbox.url.clone(),
        provider: Some("pulsewave".to_owned()),
        ..EndpointDraft::default()
    };
    (inbox, workbench.create_endpoint(endpoint).await.unwrap())
}

/// Waits, by the change feed, until so many requests are captured; gives them newest first.
pub(crate) async fn captured(workbench: &Workbench, wanted: usize) -> Vec<hookbench_model::CapturedRequest> {
    let mut changes = workbench.changes().subscribe();
    loop {
        let page = workbench
            .requests(hookbench_model::RequestFilter::default(), PageRequest::first(500))
            .await
            .unwrap();
        if page.rows.len() >= wanted {
            return page.rows;
        }
        while !matches!(changes.next().await, Feed::Change(change) if change.noun == Noun::Request) {}
    }
}
