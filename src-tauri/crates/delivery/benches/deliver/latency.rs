//! How long an event takes from being handed over to being received, at a steady rate.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use hookbench_model::{Clock as _, DeliveryId};
use serde_json::json;
use tokio::time::MissedTickBehavior;

use crate::product::{Product, body};

/// How many a second, and for how long.
const RATES: [(u32, Duration); 2] = [(100, Duration::from_secs(5)), (1_000, Duration::from_secs(3))];
const IN_FLIGHT: usize = 64;
const ID: &str = "webhook-id";

/// When what is looked out for was handed over, and how long it took to arrive.
#[derive(Clone, Default)]
pub(crate) struct Arrivals {
    looking: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    handed_over: HashMap<String, Instant>,
    took: Vec<Duration>,
}

impl Arrivals {
    pub(crate) fn note(&self, headers: &HeaderMap) {
        if !self.looking.load(Ordering::Relaxed) {
            return;
        }
        let Some(id) = headers.get(ID).and_then(|id| id.to_str().ok()) else { return };
        let seen = &mut *self.seen.lock().unwrap();
        if let Some(handed_over) = seen.handed_over.remove(id) {
            seen.took.push(handed_over.elapsed());
        }
    }

    fn hand_over(&self, id: String) {
        self.seen.lock().unwrap().handed_over.insert(id, Instant::now());
    }

    /// The middle and the worst hundredth, in milliseconds, of so many.
    async fn all(&self, count: usize) -> (f64, f64) {
        let mut took = loop {
            let taken = std::mem::take(&mut *self.seen.lock().unwrap());
            if taken.took.len() >= count {
                break taken.took;
            }
            *self.seen.lock().unwrap() = taken;
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        took.sort();
        let ms = |at: usize| (took[at].as_secs_f64() * 100_000.0).round() / 100.0;
        (ms(took.len() / 2), ms(took.len() * 99 / 100))
    }
}

pub(crate) async fn measure(receiver: SocketAddr, arrivals: &Arrivals) {
    for (per_second, time) in RATES {
        let count = per_second as usize * usize::try_from(time.as_secs()).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{receiver}/hook");
        let bare = steadily(per_second, count, arrivals, |id| {
            let call = client.post(&url).header(ID, id.to_string()).body(body());
            async move { drop(call.send().await.unwrap().bytes().await.unwrap()) }
        });
        let bare = bare.await;
        let product = Product::open(receiver).await;
        let measured = of_product(&product, per_second, count, arrivals).await;
        product.store.shutdown().await;
        let line = json!({
            "path": "deliver durable, handed over to received",
            "per_s": per_second,
            "bare_p50_ms": bare.0,
            "bare_p99_ms": bare.1,
            "p50_ms": measured.0,
            "p99_ms": measured.1,
        });
        println!("{line}");
    }
}

/// The middle and the worst hundredth of a product that is given so many at this rate, in milliseconds.
pub(crate) async fn of_product(
    product: &Product,
    per_second: u32,
    count: usize,
    arrivals: &Arrivals,
) -> (f64, f64) {
    let engine = product.start(IN_FLIGHT);
    let took = steadily(per_second, count, arrivals, |id| {
        let product = product.clone();
        async move { product.accept(id).await }
    });
    let took = took.await;
    engine.stop(Duration::from_secs(10)).await;
    took
}

/// Hands one over at each tick, whatever became of those before.
async fn steadily<F: Future<Output = ()> + Send + 'static>(
    per_second: u32,
    count: usize,
    arrivals: &Arrivals,
    send: impl Fn(DeliveryId) -> F,
) -> (f64, f64) {
    let clock = crate::product::MachineClock;
    arrivals.looking.store(true, Ordering::Relaxed);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..count {
        ticks.tick().await;
        let id = DeliveryId::new(clock.now());
        arrivals.hand_over(id.to_string());
        tokio::spawn(send(id));
    }
    let took = arrivals.all(count).await;
    arrivals.looking.store(false, Ordering::Relaxed);
    took
}
