//! How a demo's time outlives its process.
//!
//! The clock shows no time that is not kept already: where time may come next is written down before it goes there. So
//! however a process ends, nothing that it recorded or showed lies in the future of the next one. While time runs it is
//! kept a little ahead, but not past what anybody waits for: after a kill a demo goes on as much later as if it had run
//! for a moment longer, and nothing has been slept through. What stands, and what is stopped, goes on where it was.

use std::time::Duration;

use hookbench_model::{Clock as _, Timestamp};
use hookbench_store::{KeptTime, Store};

use super::DemoClock;
use super::wish::Wish;

/// How far ahead time is kept that runs: as far as it comes in a second of real time, and ten seconds at least.
const AHEAD: Duration = Duration::from_secs(1);
const LEAST_AHEAD: Duration = Duration::from_secs(10);

/// How long time waits for the store, in real time: a disk that takes no records must not hold it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps a demo's time, and lets its clock go so far.
pub(crate) struct Keeper {
    store: Store,
    clock: DemoClock,
    /// What is kept; `None` where that is not known.
    kept: Option<KeptTime>,
    /// Once the clock shows this it is to be kept further ahead.
    renew_at: Timestamp,
}

impl Keeper {
    pub(crate) fn new(store: Store, clock: DemoClock) -> Self {
        let renew_at = clock.now();
        Self { store, clock, kept: None, renew_at }
    }

    /// Lets time go on at that rate, up to `next` at most, when somebody has something to do; asked again once it
    /// [runs low](Self::runs_low), and where anything of this changes. Writes only what is not so already.
    pub(crate) async fn let_go(&mut self, by: Wish, rate: u32, next: Option<Timestamp>) {
        let now = self.clock.now();
        let free = now.plus(ahead(rate));
        let until = next.map_or(free, |next| next.clamp(now, free));
        if !self.suffices(by, rate, (now, until, free)) {
            self.keep(by, until).await;
            self.renew_at = if until < free { until } else { now.plus(ahead(rate) / 2) };
        }
    }

    /// Lets time come to there.
    pub(crate) async fn keep(&mut self, by: Wish, until: Timestamp) {
        let time = KeptTime { at: until, speed: by.speed, paused: by.paused };
        // What is taken back is not shown any more from here on; what is given is shown once it is written.
        self.clock.hold_back_to(until);
        self.kept = None;
        let put = tokio::time::timeout(PATIENCE, self.store.demo_time().put(time)).await;
        self.kept = matches!(put, Ok(Ok(()))).then_some(time);
        if self.kept.is_none() {
            // Nothing else can be recorded either. Time goes on, as it does for whoever waits for the disk.
            tracing::debug!(?put, "the demo's time could not be kept");
        }
        self.clock.let_go_to(until);
        self.renew_at = until;
    }

    /// Ends once time comes near to where it is let go. Never while it stands.
    pub(crate) async fn runs_low(&self) {
        self.clock.comes_to(self.renew_at).await;
    }

    /// Whether what is kept does for this. What lies much further ahead than it need, or past what is waited for, does
    /// not: after a kill that much would be left out.
    fn suffices(&self, by: Wish, rate: u32, (now, until, free): (Timestamp, Timestamp, Timestamp)) -> bool {
        let Some(kept) = self.kept.filter(|kept| (kept.speed, kept.paused) == (by.speed, by.paused)) else {
            return false;
        };
        if rate == 0 {
            return kept.at == until;
        }
        let most = if until < free { until } else { until.plus(LEAST_AHEAD) };
        let is_enough = kept.at.ms_since(now) * 2 >= until.ms_since(now);
        now < self.renew_at && kept.at <= most && is_enough
    }
}

/// How far ahead time is kept that goes at that rate.
fn ahead(rate: u32) -> Duration {
    if rate == 0 { Duration::ZERO } else { (AHEAD * rate).max(LEAST_AHEAD) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hookbench_model::ManualClock;
    use hookbench_store::{OpenOptions, Synchronous};
    use tempfile::TempDir;

    use super::super::DemoTime;
    use super::*;

    const START: Timestamp = Timestamp::from_unix_ms(1_795_235_700_000);
    const RUNS: Wish = Wish { speed: 1, paused: false, jump: None, number: 0 };
    const STANDS: Wish = Wish { paused: true, ..RUNS };

    async fn store(folder: &TempDir) -> Store {
        let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
        Store::open(folder.path(), START, options).await.unwrap()
    }

    /// The keeper of a new demo's time, whose clock stands unless it is let go.
    async fn keeper(folder: &TempDir) -> Keeper {
        let store = store(folder).await;
        let time = DemoTime::of(&store, Arc::new(ManualClock::new(START))).await.unwrap();
        Keeper::new(store, time.clock)
    }

    fn after(seconds: i64) -> Timestamp {
        START.plus_ms(seconds * 1000)
    }

    async fn kept(keeper: &Keeper) -> Timestamp {
        keeper.store.demo_time().get().await.unwrap().unwrap().at
    }

    #[tokio::test]
    async fn what_runs_is_kept_ahead_but_not_past_what_is_waited_for_and_what_stands_is_kept_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = keeper(&folder).await;
        keeper.clock.move_to(after(1));
        assert_eq!(keeper.clock.now(), START, "it goes nowhere that is not kept");
        for (rate, next, wanted) in [
            (1, None, 10),
            (3600, None, 3600),
            (3600, Some(after(5000)), 3600),
            (3600, Some(after(40)), 40),
            (3600, Some(after(21)), 21),
            (1, None, 10),
            (1, Some(after(12)), 10),
            (1, Some(after(9)), 9),
            (1, None, 9),
        ] {
            keeper.let_go(RUNS, rate, next).await;
            assert_eq!(kept(&keeper).await, after(wanted), "{rate} {next:?}");
        }
        keeper.clock.move_to(after(60));
        assert_eq!(keeper.clock.now(), after(9));
        keeper.let_go(RUNS, 1, None).await;
        assert_eq!(kept(&keeper).await, after(19));
        keeper.clock.move_to(after(12));
        keeper.let_go(STANDS, 0, None).await;
        let stood = KeptTime { at: after(12), speed: 1, paused: true };
        assert_eq!(keeper.store.demo_time().get().await.unwrap(), Some(stood));
        keeper.keep(STANDS, after(100)).await;
        keeper.clock.move_to(after(200));
        assert_eq!((keeper.clock.now(), kept(&keeper).await), (after(100), after(100)), "a jump");
    }

    #[tokio::test]
    async fn what_is_kept_is_not_written_again_before_it_runs_low() {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = keeper(&folder).await;
        keeper.let_go(RUNS, 1, None).await;
        let marked = KeptTime { at: after(77), speed: 9, paused: false };
        keeper.store.demo_time().put(marked).await.unwrap();
        for seconds in [1, 4] {
            keeper.clock.move_to(after(seconds));
            keeper.let_go(RUNS, 1, None).await;
            assert_eq!(kept(&keeper).await, after(77), "after {seconds} s");
        }
        keeper.clock.move_to(after(5));
        keeper.let_go(RUNS, 1, None).await;
        assert_eq!(kept(&keeper).await, after(15));
        keeper.let_go(Wish { speed: 60, ..RUNS }, 1, None).await;
        assert_eq!(
            keeper.store.demo_time().get().await.unwrap().unwrap().speed,
            60,
            "another pace is kept at once"
        );
    }

    #[tokio::test]
    async fn a_clock_that_runs_shows_nothing_that_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = keeper(&folder).await;
        let by = Wish { speed: 3600, ..RUNS };
        keeper.clock.set_rate(3600);
        let end = START.plus(Duration::from_hours(3));
        while keeper.clock.now() < end {
            keeper.let_go(by, 3600, None).await;
            let shown = keeper.clock.now();
            assert!(shown <= kept(&keeper).await);
            keeper.runs_low().await;
        }
    }

    #[tokio::test]
    async fn a_store_that_keeps_nothing_does_not_hold_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut keeper = keeper(&folder).await;
        keeper.store.shutdown().await;
        keeper.let_go(RUNS, 1, None).await;
        keeper.clock.move_to(after(60));
        assert_eq!(keeper.clock.now(), after(10));
        keeper.let_go(RUNS, 1, None).await;
        keeper.clock.move_to(after(60));
        assert_eq!(keeper.clock.now(), after(20));
    }

    #[tokio::test]
    async fn time_goes_on_as_it_was_kept_whatever_the_machine_says() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let time = KeptTime { at: START, speed: 60, paused: true };
        store.demo_time().put(time).await.unwrap();
        for machine in [after(-86_400), after(86_400)] {
            let time = DemoTime::of(&store, Arc::new(ManualClock::new(machine))).await.unwrap();
            let wish = *time.wish.borrow();
            assert_eq!((time.clock.now(), time.clock.rate()), (START, 0));
            assert_eq!((wish.speed, wish.paused, wish.jump), (60, true, None));
        }
    }
}
