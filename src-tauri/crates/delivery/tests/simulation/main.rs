//! A deterministic simulation of the engine: the real engine on the real store, in a time that is moved by hand, with a
//! network, a workload and crashes between any two writes that come from a seed.
//!
//! A seed that fails prints what was to happen, what happened, and the command that lives through it again.
//! `HOOKBENCH_SEED` is the first seed (0 unless it is set), `HOOKBENCH_SEEDS` how many there are (10,000).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod alerts;
mod chance;
mod checks;
mod deeds;
mod network;
mod policies;
mod record;
mod scenario;
mod stricter;
mod world;

use std::path::Path;

use scenario::Scenario;
use world::{Lived, World, template};

/// How many seeds there are unless it is said otherwise.
const SEEDS: u64 = 10_000;
/// Into how many tests they are cut, so that they run side by side.
const PARTS: u64 = 20;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn said(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().unwrap())
}

async fn live(scenario: Scenario, template: &Path) -> Lived {
    let shown = format!("{scenario:#?}");
    let seed = scenario.seed;
    let rules = scenario.endpoints.clone();
    let lived = World::new(scenario, &rules, template).await.run().await;
    let Lived { trace, wrong, .. } = &lived;
    assert!(
        wrong.is_empty(),
        "{shown}\n{trace}\n{wrong:#?}\nAgain: HOOKBENCH_SEED={seed} cargo nextest run -p hookbench-delivery --test \
         simulation --no-capture one_seed"
    );
    lived
}

/// The seeds of one part.
fn part(number: u64) {
    let (first, count) = (said("HOOKBENCH_SEED").unwrap_or(0), said("HOOKBENCH_SEEDS").unwrap_or(SEEDS));
    block_on(async {
        let template = template().await;
        for seed in (first + number..first + count).step_by(usize::try_from(PARTS).unwrap()) {
            live(Scenario::of(seed), template.path()).await;
        }
    });
}

/// Shows what happens with one seed.
#[test]
#[expect(clippy::print_stderr, reason = "what was asked for")]
fn one_seed() {
    let seed = said("HOOKBENCH_SEED").unwrap_or(0);
    let lived = block_on(async { live(Scenario::of(seed), template().await.path()).await });
    eprintln!("{}", lived.trace);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    block_on(async {
        let template = template().await;
        for seed in 20_000..20_060 {
            let once = live(Scenario::of(seed), template.path()).await.trace;
            let again = live(Scenario::of(seed), template.path()).await.trace;
            assert_eq!(once, again, "HOOKBENCH_SEED={seed}");
        }
    });
}

/// Crashes before and after each write, until there are no more of them.
#[test]
fn a_crash_at_every_write() {
    block_on(async {
        let template = template().await;
        for seed in 30_000..30_006 {
            for unheard in [false, true] {
                let mut after = 1;
                while live(Scenario::of(seed).crashing(after, unheard), template.path()).await.crashed {
                    after += 1;
                }
                assert!(after > 3, "seed {seed} writes hardly anything");
            }
        }
    });
}

/// The same in worlds in which alerts are told.
#[test]
fn a_crash_at_every_write_while_alerts_are_told() {
    block_on(async {
        let template = template().await;
        let mut worlds = 0;
        for seed in 50_000..50_200 {
            let all_of_it = live(Scenario::of(seed).crashing(u64::MAX / 2, false), template.path()).await;
            if all_of_it.alerts < 4 {
                continue;
            }
            worlds += 1;
            for unheard in [false, true] {
                let mut after = 1;
                while live(Scenario::of(seed).crashing(after, unheard), template.path()).await.crashed {
                    after += 1;
                }
            }
            if worlds == 4 {
                return;
            }
        }
        panic!("alerts are told in {worlds} worlds only");
    });
}

macro_rules! parts {
    ($($name:ident: $number:literal),* $(,)?) => {
        $(#[test]
        fn $name() {
            part($number);
        })*
    };
}

parts! {
    seeds_00: 0, seeds_01: 1, seeds_02: 2, seeds_03: 3, seeds_04: 4, seeds_05: 5, seeds_06: 6, seeds_07: 7,
    seeds_08: 8, seeds_09: 9, seeds_10: 10, seeds_11: 11, seeds_12: 12, seeds_13: 13, seeds_14: 14, seeds_15: 15,
    seeds_16: 16, seeds_17: 17, seeds_18: 18, seeds_19: 19,
}
