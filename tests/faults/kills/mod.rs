//! kill -9 at random moments, a hundred times in all, while events are composed, requests captured, and receivers of
//! every manner answered by: what was answered is there, what was accepted is delivered, and nothing is done that
//! neither a plan nor a kill accounts for.
//!
//! The moments follow a seed, which is printed; `HOOKBENCH_SEED` sets another.

mod receiver;
mod reckoning;
mod senders;

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::{PATIENCE, Server, folder, hookbench, text};
use receiver::{Manner, Receiver};
use reckoning::Line;
use senders::Ledger;

/// The kills of one test. There are four, so that they share the time that a hundred take.
const KILLS: usize = 25;
/// Events whose order nobody asks for, and those that come in their order.
const ANY_ORDER: &str = "message.sent";
const IN_ORDER: &str = "message.delivered";
const COMPOSERS: usize = 2;
const CAPTURERS: usize = 3;
/// A kill comes after fewer answers than this.
const MOST_ANSWERS: u64 = 60;
/// One kill in so many comes before the server has said a word, in the middle of what it does about the last one.
const EARLY: u32 = 4;

#[tokio::test]
async fn twenty_five_kills_lose_nothing_and_repeat_only_what_they_interrupt() {
    survive(1).await;
}

#[tokio::test]
async fn twenty_five_other_kills_lose_nothing_and_repeat_only_what_they_interrupt() {
    survive(2).await;
}

#[tokio::test]
async fn a_third_series_of_kills_loses_nothing_and_repeats_only_what_it_interrupts() {
    survive(3).await;
}

#[tokio::test]
async fn a_fourth_series_of_kills_loses_nothing_and_repeats_only_what_it_interrupts() {
    survive(4).await;
}

#[expect(clippy::print_stdout, reason = "seed and sums belong into the log of the run")]
async fn survive(series: u64) {
    let seed = std::env::var("HOOKBENCH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(series);
    println!("HOOKBENCH_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let data = folder();
    let ledgers = [Arc::new(Ledger::new(ANY_ORDER)), Arc::new(Ledger::new(IN_ORDER))];
    let lines = furnish(data.path()).await;

    for _ in 0..KILLS {
        if chance.random_ratio(1, EARLY) {
            kill_early(data.path(), &mut chance).await;
        } else {
            kill_under_load(data.path(), &ledgers, &mut chance).await;
        }
        for line in &lines {
            line.receiver.settle().await;
        }
    }

    let server = Arc::new(Server::start(data.path()).await);
    let mut sums = reckoning::Sums::default();
    for ledger in &ledgers {
        senders::settle_debts(&server, ledger).await;
    }
    for status in ["pending", "in_flight", "retrying"] {
        server.until(&format!("/v1/deliveries/count?status={status}"), |now| now["count"] == 0).await;
    }
    reckoning::requests_are_there_once(&server, &ledgers[0], &mut sums).await;
    for ledger in &ledgers {
        let theirs: Vec<&Line> =
            lines.iter().filter(|line| event_type(line.receiver.manner) == ledger.event_type).collect();
        reckoning::events_are_there_once(&server, ledger, &mut sums).await;
        reckoning::deliveries_agree(&server, ledger, &theirs, KILLS, &mut sums).await;
    }
    for line in lines.iter().filter(|line| line.receiver.manner == Manner::InOrder) {
        reckoning::order_was_kept(line);
    }
    println!("{KILLS} kills: {sums:?}");
    assert!(sums.events > 100 && sums.captured > 100, "too little was sent to tell anything: {sums:?}");
    assert!(sums.interrupted > 0 && sums.replayed > 0, "the kills met nothing: {sums:?}");
    let server = Arc::into_inner(server).expect("all calls have ended");
    let (status, log) = tokio::time::timeout(PATIENCE, server.stop()).await.expect("it stops");
    assert!(status.success(), "{log}");
}

/// The events that a receiver is for.
fn event_type(manner: Manner) -> &'static str {
    if manner == Manner::InOrder { IN_ORDER } else { ANY_ORDER }
}

/// An inbox, and an endpoint for each manner of receiver.
async fn furnish(data: &Path) -> Vec<Line> {
    let server = Server::start(data).await;
    let mut lines = Vec::new();
    for manner in Manner::ALL {
        let receiver = Receiver::start(manner).await;
        // A refused delivery ends; the others have more attempts than kills can interrupt.
        let attempts = if manner == Manner::Refusing { 2 } else { KILLS + 2 };
        let endpoint = json!({
            "url": receiver.url, "provider": "pulsewave", "enabled_events": [event_type(manner)], "name": format!("{manner:?}"),
            "ordered": manner == Manner::InOrder,
            "retry": {"delays_ms": vec![10; attempts], "jitter": 0.0},
        });
        let endpoint = text(&server.post("/v1/webhook-endpoints", &endpoint).await, "id").to_owned();
        lines.push(Line { receiver, endpoint });
    }
    server.post("/v1/inboxes", &json!({"name": "Load", "slug": "load"})).await;
    let (status, _) = server.stop().await;
    assert!(status.success());
    lines
}

/// Starts the server, loads it from both ends, and kills it in the middle.
async fn kill_under_load(data: &Path, ledgers: &[Arc<Ledger>; 2], chance: &mut StdRng) {
    let server = Arc::new(Server::start(data).await);
    let stop = CancellationToken::new();
    let mut load = JoinSet::new();
    // One sender alone knows the order of what it sends.
    for (ledger, composers) in ledgers.iter().zip([COMPOSERS, 1]) {
        for _ in 0..composers {
            load.spawn(senders::compose(Arc::clone(&server), Arc::clone(ledger), stop.clone()));
        }
    }
    for _ in 0..CAPTURERS {
        let url = format!("{}/load", server.capture);
        load.spawn(senders::post_to_inbox(url, Arc::clone(&ledgers[0]), stop.clone()));
    }
    // By answers rather than by time: a slow machine is loaded as much as a fast one.
    ledgers[0].answers(chance.random_range(1..MOST_ANSWERS)).await;
    tokio::time::sleep(Duration::from_millis(chance.random_range(0..20))).await;
    // Calls are under way and break off.
    server.kill_now().await;
    stop.cancel();
    while let Some(ended) = load.join_next().await {
        ended.expect("no sender saw anything wrong");
    }
    Arc::into_inner(server).expect("the load has ended").kill().await;
}

/// Starts the server and kills it in the middle of its start.
async fn kill_early(data: &Path, chance: &mut StdRng) {
    let mut child = hookbench(data)
        .args(["serve", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    tokio::time::sleep(Duration::from_millis(chance.random_range(0..120))).await;
    child.kill().await.expect("it can be killed");
}
