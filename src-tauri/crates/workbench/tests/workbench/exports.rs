//! What is captured is handed on as a file, and everybody else goes on meanwhile.

use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt as _;
use hookbench_model::{ManualClock, RequestFilter};
use hookbench_workbench::{ExportDraft, InboxDraft, Workbench};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::bench::{START, options};

/// The longest that nothing else was done while this was.
async fn longest_held_up<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let (mut work, mut longest, mut last) = (pin!(work), Duration::ZERO, Instant::now());
    loop {
        tokio::select! {
            made = &mut work => return (made, longest.max(last.elapsed())),
            () = tokio::time::sleep(Duration::from_millis(1)) => {
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
        }
    }
}

#[tokio::test]
async fn a_large_body_is_redacted_and_written_away_from_the_threads_that_answer() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let inbox = InboxDraft { slug: Some("xml".to_owned()), ..InboxDraft::default() };
    workbench.create_inbox(inbox).await.unwrap();
    let item = "<item id=\"1\"><name>Ada</name><password>hunter2</password></item>\n";
    let body = format!("<all>{}</all>", item.repeat((5 << 18) / item.len()));
    let head = format!(
        "POST /xml HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut sender = TcpStream::connect(workbench.capture_address()).await.unwrap();
    sender.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.unwrap();
    let mut answer = [0; 12];
    sender.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");

    let draft = ExportDraft { redact: Some("secrets".to_owned()), ..ExportDraft::default() };
    let export = workbench.export_requests(RequestFilter::default(), &draft).unwrap();
    let began = Instant::now();
    let (pieces, longest) = Box::pin(longest_held_up(export.pieces.try_collect::<Vec<_>>())).await;
    let took = began.elapsed();
    let file = String::from_utf8(pieces.unwrap().concat()).unwrap();
    assert!(file.contains("Ada") && file.contains("[redacted]") && !file.contains("hunter2"));
    // How long it takes is for the machine to say.
    assert!(longest * 2 < took, "all of it stood still for {longest:?} of {took:?}");
    workbench.shutdown().await;
}
