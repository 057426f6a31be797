//! When the store is not asked what is due, though something may be.

use std::time::Duration;

use tokio::time::Instant;

use super::record::{FIRST_PAUSE, longer};

/// The wait before another look where the store says that something is due and gives nothing.
const SECOND_LOOK: Duration = Duration::from_millis(20);

/// The pause before the next look. After looks that failed it grows, for as long as none succeeds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HoldOff {
    end: Option<Instant>,
    /// How long the pause was after the newest look, where that failed.
    failed: Option<Duration>,
}

impl HoldOff {
    /// A look failed; gives how long the pause is.
    pub(super) fn failed(&mut self, now: Instant) -> Duration {
        let pause = self.failed.map_or(FIRST_PAUSE, longer);
        (self.end, self.failed) = (Some(now + pause), Some(pause));
        pause
    }

    /// A look succeeded.
    pub(super) fn succeeded(&mut self) {
        self.failed = None;
    }

    /// What a look found comes to nothing at this instant: another one is made a little later.
    pub(super) fn look_again(&mut self, now: Instant) {
        self.end = Some(now + SECOND_LOOK);
    }

    /// The pause is over.
    pub(super) fn over(&mut self) {
        self.end = None;
    }

    /// When the pause ends; `None` where there is none.
    pub(super) fn end(&self) -> Option<Instant> {
        self.end
    }

    /// Whether there is to be no look now.
    pub(super) fn holds(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the dispatcher does it: a look, its pause, and another look once that is over.
    fn fail(hold_off: &mut HoldOff, now: &mut Instant) -> u128 {
        let pause = hold_off.failed(*now);
        assert!(hold_off.holds(*now));
        *now += pause;
        assert!(!hold_off.holds(*now));
        hold_off.over();
        pause.as_millis()
    }

    #[test]
    fn the_pause_grows_until_a_look_succeeds() {
        let (mut hold_off, mut now) = (HoldOff::default(), Instant::now());
        let pauses: Vec<u128> = (0..8).map(|_| fail(&mut hold_off, &mut now)).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        hold_off.succeeded();
        assert_eq!(fail(&mut hold_off, &mut now), 100);
    }

    #[test]
    fn a_second_look_is_no_failure() {
        let (mut hold_off, mut now) = (HoldOff::default(), Instant::now());
        assert_eq!(fail(&mut hold_off, &mut now), 100);
        hold_off.succeeded();
        hold_off.look_again(now);
        assert_eq!(hold_off.end(), Some(now + SECOND_LOOK));
        hold_off.over();
        assert_eq!(fail(&mut hold_off, &mut now), 100);
    }
}
