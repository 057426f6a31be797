//! Shapes are learnt from what arrives, once, also where the workspace ends meanwhile.

use hookbench_model::{KnownShape, ManualClock};
use hookbench_workbench::{EventDraft, Options, Workbench};

use crate::bench::{START, captured, options, pair};

/// Waits, by the change feed, until the shapes were learnt from so many bodies together.
async fn learnt(workbench: &Workbench, bodies: u64) -> Vec<KnownShape> {
    let mut changes = workbench.changes().subscribe();
    loop {
        let shapes = workbench.shapes().await.unwrap();
        let sum: u64 = shapes.iter().map(|shape| shape.bodies).sum();
        assert!(sum <= bodies, "learnt from {sum} bodies of {bodies}");
        if sum == bodies {
            return shapes;
        }
        changes.next().await;
    }
}

async fn send(workbench: &Workbench, endpoint: &str, event_type: &str) {
    let draft = EventDraft {
        event_type: Some(event_type.to_owned()),
        endpoint_ids: Some(vec![endpoint.to_owned()]),
        ..EventDraft::default()
    };
    workbench.send_event(draft, |_| None).await.unwrap();
}

#[tokio::test]
async fn after_a_start_learning_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let mut workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let capture = workbench.capture_address();
    let (_, endpoint) = pair(&workbench, "shapes").await;
    let id = endpoint.id.to_string();
    for sent in 1..=4 {
        send(&workbench, &id, "domain.verified").await;
        send(&workbench, &id, "domain.verified").await;
        captured(&workbench, 2 * sent).await;
        // Now and then before it was learnt from what has arrived, now and then after.
        if sent % 2 == 0 {
            learnt(&workbench, 2 * sent as u64).await;
        }
        workbench.shutdown().await;
        let same_address = Options { capture, ..options(folder.path(), &clock) };
        workbench = Workbench::open(same_address).await.unwrap();
    }
    let shapes = learnt(&workbench, 8).await;
    assert_eq!(shapes.len(), 1);
    // Its inbox has no provider, which would say where the type of an event stands.
    assert_eq!(shapes[0].event_type, None);
    // One more, and still nothing twice.
    send(&workbench, &id, "domain.verified").await;
    learnt(&workbench, 9).await;
    workbench.shutdown().await;
}
