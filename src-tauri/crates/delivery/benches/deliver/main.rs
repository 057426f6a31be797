//! Deliveries a second, beside a bare reqwest loop in the same run.
//!
//! The bare twin posts the same body to the same receiver and keeps nothing. The product accepts an event
//! into a real store with every commit flushed, delivers it and logs it. Both are measured in turn, three
//! times; each line gives the medians, and the ratio with its spread over the rounds.
//!
//! `cargo xtask bench deliver -- [closed] [backlog] [latency] [history] [pending] [in flight …]`. What takes minutes,
//! `history` and `pending`, is measured only where it is named. With `alone` the bare twin is left out, for a profiler
//! to see nothing but the product; there is no ratio then.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark's result is what it prints")]

mod history;
mod latency;
mod pending;
mod product;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use bytes::Bytes;
use hookbench_model::{Clock as _, DeliveryId};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use latency::Arrivals;
use product::{Product, body};

/// The allocator that the program has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;

/// The bare twin is faster: to be measured as long, it makes so many times as many.
const BARE: usize = 4;

/// How many are under way at once, how many are made a round, and the goal for the ratio, if there is one.
const CLOSED: [(usize, usize, Option<f64>); 4] =
    [(1, 1_500, None), (16, 10_000, None), (64, 16_000, Some(0.27)), (256, 16_000, None)];
const BACKLOG: [(usize, usize, Option<f64>); 4] =
    [(1, 4_000, None), (16, 16_000, None), (64, 16_000, Some(0.50)), (256, 16_000, None)];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let Some(folder) = pending::asked_to_start() {
        return runtime.block_on(pending::start(&folder));
    }
    runtime.block_on(async {
        let arrivals = Arrivals::default();
        let receiver = receiver(arrivals.clone()).await;
        for (in_flight, count, goal) in CLOSED.into_iter().filter(|measure| chosen("closed", measure.0)) {
            let rounds = rounds(receiver, in_flight, count, closed_loop).await;
            report("deliver durable", in_flight, &rounds, goal);
        }
        for (in_flight, count, goal) in BACKLOG.into_iter().filter(|measure| chosen("backlog", measure.0)) {
            let rounds = rounds(receiver, in_flight, count, backlog).await;
            report("deliver durable, backlog", in_flight, &rounds, goal);
        }
        if chosen("latency", 0) {
            latency::measure(receiver, &arrivals).await;
        }
        if named("history") {
            history::measure(receiver, &arrivals).await;
        }
        if named("pending") {
            pending::measure(receiver).await;
        }
    });
}

/// Whether the arguments name this measure.
fn named(kind: &str) -> bool {
    std::env::args().skip(1).any(|word| word == kind)
}

/// Whether the arguments ask for this measure; without any, all are asked for.
fn chosen(kind: &str, in_flight: usize) -> bool {
    let is_asked_for = |word: &String| !word.starts_with('-') && word != "alone";
    let words: Vec<String> = std::env::args().skip(1).filter(is_asked_for).collect();
    let (numbers, kinds): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| word.parse::<usize>().is_ok());
    let fits = |words: &[&String], word: &str| words.is_empty() || words.iter().any(|one| *one == word);
    fits(&kinds, kind) && (in_flight == 0 || fits(&numbers, &in_flight.to_string()))
}

/// A bare receiver, which notes what is looked out for.
async fn receiver(arrivals: Arrivals) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hook = move |headers: HeaderMap, _: Bytes| async move {
        arrivals.note(&headers);
        "ok"
    };
    let routes = Router::new().route("/hook", post(hook));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

/// Bare and product in turn, as rates a second.
async fn rounds<F: Future<Output = Duration>>(
    receiver: SocketAddr,
    in_flight: usize,
    count: usize,
    product: impl Fn(SocketAddr, usize, usize) -> F,
) -> Vec<(f64, f64)> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let rate = |count: usize, took: Duration| count as f64 / took.as_secs_f64();
        let bare = if named("alone") {
            f64::NAN
        } else {
            rate(BARE * count, bare_loop(receiver, in_flight, BARE * count).await)
        };
        rounds.push((bare, rate(count, product(receiver, in_flight, count).await)));
    }
    rounds
}

fn report(path: &str, in_flight: usize, rounds: &[(f64, f64)], goal: Option<f64>) {
    let sorted = |value: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let ratios = sorted(|(bare, product)| product / bare);
    let middle = |values: Vec<f64>| values[values.len() / 2];
    let hundredths = |value: f64| (value * 100.0).round() / 100.0;
    let line = json!({
        "path": path,
        "in_flight": in_flight,
        "bare_per_s": middle(sorted(|round| round.0)).round(),
        "product_per_s": middle(sorted(|round| round.1)).round(),
        "ratio": hundredths(ratios[ratios.len() / 2]),
        "ratio_least": hundredths(ratios[0]),
        "ratio_most": hundredths(ratios[ratios.len() - 1]),
        "goal": goal,
    });
    println!("{line}");
}

async fn bare_loop(receiver: SocketAddr, in_flight: usize, count: usize) -> Duration {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{receiver}/hook");
    let left = Arc::new(AtomicUsize::new(count));
    let began = Instant::now();
    let loops: Vec<_> = (0..in_flight)
        .map(|_| {
            let (client, url, left) = (client.clone(), url.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                while take_one(&left) {
                    let sent = client.post(&url).header("content-type", "application/json").body(body());
                    sent.send().await.unwrap().bytes().await.unwrap();
                }
            })
        })
        .collect();
    for one in loops {
        one.await.unwrap();
    }
    began.elapsed()
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// Accepts as many at once as may be under way, the next when one is delivered and logged.
async fn closed_loop(receiver: SocketAddr, in_flight: usize, count: usize) -> Duration {
    let product = Product::open(receiver).await;
    let took = keep_busy(&product, in_flight, count).await;
    product.store.shutdown().await;
    took
}

/// The same over a store that is there.
async fn keep_busy(product: &Product, in_flight: usize, count: usize) -> Duration {
    let engine = product.start(in_flight);
    let waiting: Arc<Mutex<HashMap<String, oneshot::Sender<()>>>> = Arc::default();
    let listener = product.on_delivered({
        let waiting = Arc::clone(&waiting);
        move |id| {
            let waiter = waiting.lock().unwrap().remove(id);
            waiter.is_some_and(|waiter| waiter.send(()).is_ok())
        }
    });
    let left = Arc::new(AtomicUsize::new(count));
    let began = Instant::now();
    let loops: Vec<_> = (0..in_flight)
        .map(|_| {
            let (product, left, waiting) = (product.clone(), Arc::clone(&left), Arc::clone(&waiting));
            tokio::spawn(async move {
                while take_one(&left) {
                    let (delivered, wait) = oneshot::channel();
                    let id = DeliveryId::new(product.clock.now());
                    waiting.lock().unwrap().insert(id.to_string(), delivered);
                    product.accept(id).await;
                    wait.await.unwrap();
                }
            })
        })
        .collect();
    for one in loops {
        one.await.unwrap();
    }
    let took = began.elapsed();
    engine.stop(Duration::from_secs(10)).await;
    listener.abort();
    took
}

/// Drains what was accepted before the engine started.
async fn backlog(receiver: SocketAddr, in_flight: usize, count: usize) -> Duration {
    let product = Product::open(receiver).await;
    let left = Arc::new(AtomicUsize::new(count));
    let writers: Vec<_> = (0..256)
        .map(|_| {
            let (product, left) = (product.clone(), Arc::clone(&left));
            tokio::spawn(async move {
                while take_one(&left) {
                    product.accept(DeliveryId::new(product.clock.now())).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let (done, end) = oneshot::channel();
    let (mut done, mut delivered) = (Some(done), 0);
    let listener = product.on_delivered(move |_| {
        delivered += 1;
        delivered == count && done.take().is_some_and(|done| done.send(()).is_ok())
    });
    let began = Instant::now();
    let engine = product.start(in_flight);
    end.await.unwrap();
    let took = began.elapsed();
    engine.stop(Duration::from_secs(10)).await;
    listener.abort();
    product.store.shutdown().await;
    took
}
