use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hookbench_model::{Clock, Sleep, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A clock whose time is made: it goes on at any rate, stands, or is moved forward. A cheap clone.
///
/// It never passes a time that somebody sleeps for: there it stands until the sleepers have been woken, so that
/// nobody ever wakes late. Nor does it pass the time that it was let go to, if it was told one. It never goes back.
#[derive(Clone, Debug)]
pub(crate) struct DemoClock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Somebody sleeps for an earlier time than anybody before.
    earlier: Notify,
}

#[derive(Debug)]
struct State {
    /// What the clock showed at `since`, in microseconds, so that many small stretches lose nothing.
    shown_us: i64,
    since: Instant,
    /// How many times as fast as real time it goes; 0 while it stands.
    rate: u32,
    /// It does not pass this.
    let_go_to: Option<Timestamp>,
    /// Who is to be woken, by when and in the order in which they came.
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    /// The number of the newest sleep.
    sleeps: u64,
}

impl State {
    fn now_us(&self) -> i64 {
        let passed = i64::try_from(self.since.elapsed().as_micros()).unwrap_or(i64::MAX);
        let free = self.shown_us.saturating_add(passed.saturating_mul(i64::from(self.rate)));
        free.min(self.bound().map_or(i64::MAX, in_us)).max(self.shown_us)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now_us().div_euclid(1000))
    }

    fn first(&self) -> Option<Timestamp> {
        self.sleepers.first_key_value().map(|((at, _), _)| *at)
    }

    /// What it does not pass.
    fn bound(&self) -> Option<Timestamp> {
        [self.first(), self.let_go_to].into_iter().flatten().min()
    }

    /// What is shown now is where it goes on from.
    fn stand_here(&mut self) {
        self.shown_us = self.now_us();
        self.since = Instant::now();
    }
}

impl DemoClock {
    /// A clock that shows `start` and stands.
    pub(crate) fn new(start: Timestamp) -> Self {
        let state = State {
            shown_us: in_us(start),
            since: Instant::now(),
            rate: 0,
            let_go_to: None,
            sleepers: BTreeMap::new(),
            sleeps: 0,
        };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), earlier: Notify::new() }) }
    }

    /// Goes on so many times as fast as real time from here; stands with 0.
    pub(crate) fn set_rate(&self, rate: u32) {
        let mut state = self.state();
        if state.rate != rate {
            state.stand_here();
            state.rate = rate;
        }
    }

    /// How many times as fast as real time it goes; 0 while it stands.
    pub(crate) fn rate(&self) -> u32 {
        self.state().rate
    }

    /// Does not pass `until` from here on. Where it is past that already it stands.
    pub(crate) fn let_go_to(&self, until: Timestamp) {
        let mut state = self.state();
        // What it stood for is not made up for.
        state.stand_here();
        state.let_go_to = Some(until);
    }

    /// Does not pass `until` either from here on.
    pub(crate) fn hold_back_to(&self, until: Timestamp) {
        let mut state = self.state();
        state.stand_here();
        state.let_go_to = Some(state.let_go_to.map_or(until, |before| before.min(until)));
    }

    /// Shows `at` from here, or what it does not pass where that is earlier. It does not go back.
    pub(crate) fn move_to(&self, at: Timestamp) {
        let mut state = self.state();
        state.stand_here();
        let at = state.bound().map_or(at, |bound| at.min(bound));
        state.shown_us = state.shown_us.max(in_us(at));
    }

    /// Wakes everybody whose time has come.
    pub(crate) fn wake_due(&self) {
        let due = {
            let mut state = self.state();
            state.stand_here();
            let now = state.now();
            let waiting = state.sleepers.split_off(&(now.plus_ms(1), 0));
            std::mem::replace(&mut state.sleepers, waiting)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// The earliest time that somebody sleeps for.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.state().first()
    }

    /// Ends once the first sleeper's time has come. Where the clock stands, that is when it is moved and this asked
    /// anew.
    pub(crate) async fn next_due(&self) {
        loop {
            let earlier = self.shared.earlier.notified();
            let real = {
                let state = self.state();
                state.first().map(|first| state.real_until(first))
            };
            match real {
                Some(Some(wait)) => tokio::select! {
                    () = tokio::time::sleep(wait) => return,
                    () = earlier => {}
                },
                Some(None) | None => earlier.await,
            }
        }
    }

    /// Ends once it could show `at`, at the rate that it has now. Never while it stands.
    pub(crate) async fn comes_to(&self, at: Timestamp) {
        let (rate, real) = {
            let state = self.state();
            (state.rate, state.real_until(at))
        };
        match real {
            Some(wait) if rate > 0 => tokio::time::sleep(wait).await,
            _ => std::future::pending().await,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long until the clock shows `at`, in real time; `None` where it stands before that.
    fn real_until(&self, at: Timestamp) -> Option<Duration> {
        let left = in_us(at).saturating_sub(self.now_us());
        match (u64::try_from(left), self.rate) {
            (Err(_) | Ok(0), _) => Some(Duration::ZERO),
            (Ok(_), 0) => None,
            (Ok(left), rate) => Some(Duration::from_micros(left.div_ceil(u64::from(rate)))),
        }
    }
}

fn in_us(at: Timestamp) -> i64 {
    at.unix_ms().saturating_mul(1000)
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        self.state().now()
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        Box::pin(DemoSleep { clock: self.clone(), until, number: None })
    }
}

/// One sleep; its place among the sleepers goes with it.
struct DemoSleep {
    clock: DemoClock,
    until: Timestamp,
    number: Option<u64>,
}

impl Future for DemoSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut state = clock.state();
        if state.now() >= self.until {
            if let Some(number) = self.number.take() {
                // Without its bound the clock would show what it would have by now.
                state.stand_here();
                state.sleepers.remove(&(self.until, number));
            }
            return Poll::Ready(());
        }
        let before = state.first();
        let number = *self.number.get_or_insert_with(|| {
            state.sleeps += 1;
            state.sleeps
        });
        state.sleepers.insert((self.until, number), context.waker().clone());
        drop(state);
        if before.is_none_or(|before| self.until < before) {
            clock.shared.earlier.notify_one();
        }
        Poll::Pending
    }
}

impl Drop for DemoSleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let mut state = self.clock.state();
            // As above.
            state.stand_here();
            state.sleepers.remove(&(self.until, number));
        }
    }
}

/// The demo's time for whoever speaks with the outside: sleeps last as long as they would in real time, since those
/// who wait outside do so in real time.
#[derive(Clone, Debug)]
pub(crate) struct RealWaits(pub(crate) DemoClock);

impl Clock for RealWaits {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        Box::pin(tokio::time::sleep(until.duration_from(self.now())))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_at_its_rate_and_stands_with_none() {
        let clock = DemoClock::new(ms(1_000));
        tokio::time::advance(HOUR).await;
        assert_eq!(clock.now(), ms(1_000), "it stands at first");
        clock.set_rate(60);
        tokio::time::advance(Duration::from_millis(250)).await;
        assert_eq!(clock.now(), ms(16_000));
        clock.set_rate(3600);
        assert_eq!(clock.now(), ms(16_000), "a change of rate is no jump");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), ms(3_616_000));
        clock.set_rate(0);
        tokio::time::advance(HOUR).await;
        assert_eq!(clock.now(), ms(3_616_000));
    }

    #[tokio::test(start_paused = true)]
    async fn it_waits_for_whoever_sleeps_and_does_not_make_up_for_that() {
        let clock = DemoClock::new(ms(0));
        let mut sleep = clock.sleep_until(ms(5_000));
        assert!((&mut sleep).now_or_never().is_none());
        clock.set_rate(3600);
        tokio::time::advance(HOUR).await;
        assert_eq!(clock.now(), ms(5_000));
        assert!((&mut sleep).now_or_never().is_some());
        clock.wake_due();
        assert_eq!(clock.now(), ms(5_000));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(clock.now(), ms(8_600));
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_that_is_given_up_holds_nothing_and_nothing_is_skipped_by_that() {
        let clock = DemoClock::new(ms(0));
        let mut sleep = clock.sleep_until(ms(5_000));
        assert!((&mut sleep).now_or_never().is_none());
        clock.set_rate(1);
        tokio::time::advance(HOUR).await;
        drop(sleep);
        assert_eq!((clock.now(), clock.next_wake()), (ms(5_000), None));
    }

    #[tokio::test]
    async fn it_is_moved_to_the_first_sleeper_at_most_and_never_back() {
        let clock = DemoClock::new(ms(0));
        let mut sleeps = [clock.sleep_until(ms(300)), clock.sleep_until(ms(200))];
        for sleep in &mut sleeps {
            assert!(sleep.now_or_never().is_none());
        }
        clock.move_to(ms(1_000));
        assert_eq!(clock.now(), ms(200));
        clock.wake_due();
        clock.move_to(ms(100));
        assert_eq!(clock.now(), ms(200));
        clock.move_to(ms(1_000));
        assert_eq!(clock.now(), ms(300));
        clock.wake_due();
        clock.move_to(ms(1_000));
        assert_eq!(clock.now(), ms(1_000));
        for sleep in &mut sleeps {
            assert!(sleep.now_or_never().is_some());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_pass_what_it_is_let_go_to_and_does_not_make_up_for_that() {
        let clock = DemoClock::new(ms(0));
        clock.let_go_to(ms(5_000));
        clock.set_rate(60);
        tokio::time::timeout(Duration::from_millis(84), clock.comes_to(ms(5_000))).await.unwrap();
        tokio::time::advance(HOUR).await;
        assert_eq!(clock.now(), ms(5_000));
        clock.move_to(ms(9_000));
        assert_eq!(clock.now(), ms(5_000), "it is not moved past it either");
        clock.let_go_to(ms(60_000));
        assert_eq!(clock.now(), ms(5_000), "what it stood for is over");
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(clock.now(), ms(11_000));
        clock.hold_back_to(ms(11_500));
        clock.hold_back_to(ms(70_000));
        tokio::time::advance(HOUR).await;
        assert_eq!(clock.now(), ms(11_500), "the earlier of both holds");
        clock.let_go_to(ms(10_000));
        assert_eq!(clock.now(), ms(11_500), "it does not go back");
        clock.set_rate(0);
        assert!(clock.comes_to(ms(11_000)).now_or_never().is_none(), "it stands");
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_when_the_next_is_due_hears_of_one_that_comes_meanwhile() {
        let clock = DemoClock::new(ms(0));
        clock.set_rate(1000);
        let mut late = clock.sleep_until(ms(3_600_000));
        assert!((&mut late).now_or_never().is_none());
        let began = Instant::now();
        let mut next = Box::pin(clock.next_due());
        assert!((&mut next).now_or_never().is_none());
        let mut early = clock.sleep_until(ms(2_000));
        assert!((&mut early).now_or_never().is_none());
        next.await;
        assert_eq!((began.elapsed().as_millis(), clock.now()), (2, ms(2_000)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_outside_waits_in_real_time() {
        let clock = DemoClock::new(ms(0));
        let waits = RealWaits(clock.clone());
        let began = Instant::now();
        waits.sleep_until(waits.now().plus_ms(50)).await;
        assert_eq!(began.elapsed().as_millis(), 50, "though the demo's time stands");
    }
}
