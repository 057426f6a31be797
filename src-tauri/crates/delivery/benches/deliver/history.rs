//! Whether a long log makes anything slower: the same measure with next to nothing logged and with very much, in turn.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookbench_model::{Clock as _, DeliveryId};
use serde_json::json;
use tokio::sync::oneshot;

use crate::latency::{self, Arrivals};
use crate::product::Product;
use crate::{BARE, bare_loop, keep_busy};

/// How many attempts are logged when it is measured.
const LOGGED: [usize; 2] = [1_000_000, 5_000_000];
const IN_FLIGHT: usize = 64;
const COUNT: usize = 16_000;
const ROUNDS: usize = 5;
/// The least that is left of the rate.
const GOAL: f64 = 0.85;
/// The steady rate, a second, at which it is measured how long one takes, and how many a round.
const PER_SECOND: u32 = 100;
const STEADY: usize = 500;
/// How many deliveries an event has while the log is filled.
const TOGETHER: usize = 250;

pub(crate) async fn measure(receiver: SocketAddr, arrivals: &Arrivals) {
    let (empty, full) = (Product::open(receiver).await, Product::open(receiver).await);
    let mut logged = 0;
    for wanted in LOGGED {
        fill(&full, wanted - logged).await;
        logged = wanted;
        compare(receiver, &empty, &full, logged).await;
        compare_latency(&empty, &full, logged, arrivals).await;
    }
    empty.store.shutdown().await;
    full.store.shutdown().await;
}

async fn compare(receiver: SocketAddr, empty: &Product, full: &Product, logged: usize) {
    let (mut ratios, mut of_bare_empty, mut of_bare_full) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = bare_loop(receiver, IN_FLIGHT, BARE * COUNT).await.as_secs_f64() / BARE as f64;
        let with_empty = keep_busy(empty, IN_FLIGHT, COUNT).await.as_secs_f64();
        let with_full = keep_busy(full, IN_FLIGHT, COUNT).await.as_secs_f64();
        ratios.push(with_empty / with_full);
        of_bare_empty.push(bare / with_empty);
        of_bare_full.push(bare / with_full);
    }
    let size = std::fs::metadata(full.folder().join("hookbench.db")).unwrap().len();
    let line = json!({
        "path": "deliver durable, the log full against empty",
        "in_flight": IN_FLIGHT,
        "logged": logged,
        "of_bare_empty": middle(of_bare_empty),
        "of_bare_full": middle(of_bare_full),
        "database_mib": size >> 20,
        "ratio": middle(ratios),
        "goal": GOAL,
    });
    println!("{line}");
}

/// From being handed over to being received, in turn.
async fn compare_latency(empty: &Product, full: &Product, logged: usize, arrivals: &Arrivals) {
    let (mut with_empty, mut with_full) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for _ in 0..ROUNDS {
        for (product, (p50, p99)) in [(empty, &mut with_empty), (full, &mut with_full)] {
            let took = latency::of_product(product, PER_SECOND, STEADY, arrivals).await;
            p50.push(took.0);
            p99.push(took.1);
        }
    }
    let line = json!({
        "path": "handed over to received, the log full against empty",
        "per_s": PER_SECOND,
        "logged": logged,
        "empty_p50_ms": middle(with_empty.0),
        "empty_p99_ms": middle(with_empty.1),
        "p50_ms": middle(with_full.0),
        "p99_ms": middle(with_full.1),
    });
    println!("{line}");
}

/// To two places.
fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2] * 100.0).round() / 100.0
}

/// Delivers and logs, really, as many as that.
async fn fill(product: &Product, count: usize) {
    let (done, end) = oneshot::channel();
    let (mut done, mut delivered) = (Some(done), 0);
    let counted = Arc::new(AtomicUsize::new(0));
    let listener = product.on_delivered({
        let counted = Arc::clone(&counted);
        move |_| {
            delivered += 1;
            counted.store(delivered, Ordering::Relaxed);
            delivered == count && done.take().is_some_and(|done| done.send(()).is_ok())
        }
    });
    let engine = product.start(256);
    for made in (0..count).step_by(TOGETHER) {
        let now = product.clock.now();
        product.accept_many((0..TOGETHER).map(|_| DeliveryId::new(now)).collect(), now).await;
        // Not so far ahead that the changes are told faster than they are counted.
        while made > counted.load(Ordering::Relaxed) + 4 * TOGETHER {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    end.await.unwrap();
    engine.stop(Duration::from_secs(10)).await;
    listener.abort();
}
