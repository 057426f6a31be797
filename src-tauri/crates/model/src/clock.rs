use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::Timestamp;

/// A wait that ends when a [`Clock`] says so.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from: the machine's clock in real work, a [`ManualClock`] in tests and demos.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now, on this clock.
    fn now(&self) -> Timestamp;

    /// Ends once this clock shows `until` or later; at once where it already does.
    fn sleep_until(&self, until: Timestamp) -> Sleep;
}

/// A clock that stands still until it is moved by hand.
#[derive(Clone, Debug)]
pub struct ManualClock {
    state: Arc<Mutex<ManualState>>,
}

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    sleepers: Vec<(Timestamp, Waker)>,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { state: Arc::new(Mutex::new(ManualState { now, sleepers: Vec::new() })) }
    }

    /// Moves the clock forward and wakes every sleeper whose time has come.
    pub fn advance(&self, by: std::time::Duration) {
        self.set(self.now().plus(by));
    }

    /// Moves the clock to `now`, forward or back, and wakes every sleeper whose time has come.
    pub fn set(&self, now: Timestamp) {
        let due = {
            let mut state = self.lock();
            state.now = now;
            let (due, waiting) =
                std::mem::take(&mut state.sleepers).into_iter().partition(|(at, _)| *at <= now);
            state.sleepers = waiting;
            let due: Vec<(Timestamp, Waker)> = due;
            due
        };
        for (_, waker) in due {
            waker.wake();
        }
    }

    /// The earliest time somebody sleeps for, if anybody does.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.lock().sleepers.iter().map(|(at, _)| *at).min()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        Box::pin(ManualSleep { clock: self.clone(), until })
    }
}

struct ManualSleep {
    clock: ManualClock,
    until: Timestamp,
}

impl Future for ManualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if state.now >= self.until {
            return Poll::Ready(());
        }
        let waker = context.waker();
        let known = state.sleepers.iter().any(|(at, other)| *at == self.until && other.will_wake(waker));
        if !known {
            state.sleepers.push((self.until, waker.clone()));
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn a_sleep_ends_only_when_the_clock_has_been_moved_there() {
        let clock = ManualClock::new(Timestamp::EPOCH);
        let mut sleep = clock.sleep_until(Timestamp::from_unix_ms(100));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(Duration::from_millis(99));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(Duration::from_millis(1));
        assert!((&mut sleep).now_or_never().is_some());
    }
}
