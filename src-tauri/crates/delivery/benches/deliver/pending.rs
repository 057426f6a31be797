//! How a workspace starts in which very much waits: how long until what is due goes out, and the memory it takes. Each
//! start is a process of its own. And how long its endpoint keeps others waiting when it is disabled, enabled, deleted.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hookbench_model::{Clock as _, DeliveryId, Noun};
use hookbench_store::{Feed, OpenOptions, Room, Spread, Store};
use serde_json::{Value, json};

use crate::product::{MachineClock, Product, start as start_engine};

const WAITING: usize = 1_000_000;
/// How many deliveries an event has.
const TOGETHER: usize = 1_000;
const ROUNDS: usize = 3;
/// The longest that a start may take, and the most memory on top of an empty workspace's.
const GOAL_MS: f64 = 1_000.0;
const GOAL_MIB: f64 = 100.0;
/// Asks this program to start what is in a folder, and to tell how that went.
const START: &str = "--start";

pub(crate) fn asked_to_start() -> Option<PathBuf> {
    let mut words = std::env::args().skip_while(|word| word != START);
    words.nth(1).map(PathBuf::from)
}

/// Opens the folder and waits until what is due there has been delivered.
pub(crate) async fn start(folder: &Path) {
    let began = Instant::now();
    let store = Store::open(folder, MachineClock.now(), OpenOptions::default()).await.unwrap();
    let mut changes = store.changes().subscribe();
    let engine = start_engine(&store, 64);
    loop {
        match changes.next().await {
            Feed::Change(change) if change.noun == Noun::Delivery && change.status == Some("delivered") => {
                break;
            }
            Feed::Closed => panic!("nothing was delivered"),
            Feed::Change(_) | Feed::Lagged => {}
        }
    }
    let ready = began.elapsed();
    println!("{}", json!({"ready_ms": ready.as_secs_f64() * 1000.0, "most_kib": most_kib()}));
    engine.stop(Duration::from_secs(10)).await;
    store.shutdown().await;
}

/// The most memory that this process has had, where the system tells.
fn most_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

pub(crate) async fn measure(receiver: SocketAddr) {
    let (empty, full) = (round(receiver, 0).await, round(receiver, WAITING).await);
    let more = full.1.zip(empty.1).map(|(full, empty)| full - empty);
    let line = json!({
        "path": "start with deliveries waiting, ready",
        "waiting": WAITING,
        "empty_ms": empty.0.round(),
        "product_ms": full.0.round(),
        "goal_ms": GOAL_MS,
        "goal_is": "at_most",
    });
    println!("{line}");
    let line = json!({
        "path": "start with deliveries waiting, memory on top",
        "waiting": WAITING,
        "empty_mib": empty.1.map(f64::round),
        "more_mib": more.map(f64::round),
        "goal_mib": GOAL_MIB,
        "goal_is": "at_most",
    });
    println!("{line}");
}

/// The middle of the starts of a folder in which so many wait for tomorrow: milliseconds, MiB.
async fn round(receiver: SocketAddr, waiting: usize) -> (f64, Option<f64>) {
    let product = Product::open(receiver).await;
    let tomorrow = product.clock.now().plus(Duration::from_hours(24));
    for _ in (0..waiting).step_by(TOGETHER) {
        let now = product.clock.now();
        product.accept_many((0..TOGETHER).map(|_| DeliveryId::new(now)).collect(), tomorrow).await;
    }
    let mut store = product.store.clone();
    let (mut times, mut most) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let product = product.with(store.clone());
        product.accept(DeliveryId::new(product.clock.now())).await;
        store.shutdown().await;
        let program = std::env::current_exe().unwrap();
        let done = Command::new(program).arg(START).arg(product.folder()).output().unwrap();
        let told: Value = serde_json::from_slice(&done.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&done.stderr)));
        times.push(told["ready_ms"].as_f64().unwrap());
        most.extend(told["most_kib"].as_f64().map(|kib| kib / 1024.0));
        store = Store::open(product.folder(), product.clock.now(), OpenOptions::default()).await.unwrap();
    }
    if waiting > 0 {
        stop_and_go(&product.with(store.clone()), waiting).await;
    }
    store.shutdown().await;
    times.sort_by(f64::total_cmp);
    most.sort_by(f64::total_cmp);
    (times[ROUNDS / 2], most.get(ROUNDS / 2).copied())
}

/// The endpoint is disabled, enabled and deleted: each is answered after its first step, and claims take the others.
async fn stop_and_go(product: &Product, waiting: usize) {
    let (endpoints, id) = (product.store.endpoints(), product.endpoint);
    for what in ["disable", "enable", "delete"] {
        let (now, began) = (product.clock.now(), Instant::now());
        match what {
            "disable" => drop(endpoints.disable(id, now, "Measured.".to_owned()).await.unwrap()),
            "enable" => drop(endpoints.enable(id, now, Spread::Usual).await.unwrap()),
            _ => endpoints.delete(id, now).await.unwrap(),
        }
        let answered = began.elapsed();
        let mut longest = Duration::ZERO;
        loop {
            let step = Instant::now();
            let claims = product.store.deliveries().claim(now, 1, |_| Room::NONE).await.unwrap();
            longest = longest.max(step.elapsed());
            if !claims.more {
                break;
            }
        }
        let ms = |span: Duration| (span.as_secs_f64() * 1000.0).round();
        let line = json!({
            "path": format!("{what} an endpoint for which deliveries wait"),
            "waiting": waiting,
            "answered_ms": ms(answered),
            "longest_step_ms": ms(longest),
            "done_ms": ms(began.elapsed()),
        });
        println!("{line}");
    }
}
