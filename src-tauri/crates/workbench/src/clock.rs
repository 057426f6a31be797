use std::sync::LazyLock;
use std::time::{Duration, Instant};

use hookbench_model::{Clock, Sleep, Timestamp};

/// The machine's clock. Nothing else in Hookbench reads the wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        let clock = *self;
        Box::pin(async move {
            // Again where the wall clock was set back meanwhile; an hour at most at a time, so that one that
            // was set forward, or a machine that slept, is noticed.
            loop {
                let left = until.duration_from(clock.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(Duration::from_hours(1))).await;
            }
        })
    }
}

/// What every measure of time that there is says at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The wall clock.
    pub(crate) wall: Timestamp,
    /// Since some moment of this run of the program, by a clock that nobody sets.
    pub(crate) running: Duration,
    /// Since the machine was started, its sleep included; where the system tells it.
    pub(crate) since_boot: Option<Duration>,
}

impl Reading {
    /// Whether `running` goes on while the machine sleeps.
    pub(crate) const RUNNING_COUNTS_SLEEP: bool = cfg!(windows);

    /// Reads them all.
    pub(crate) fn now() -> Self {
        static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
        Self { running: FIRST.elapsed(), since_boot: since_boot(), wall: SystemClock.now() }
    }
}

/// Linux says it in a file, in seconds with two decimals.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(not(target_os = "linux"))]
const fn since_boot() -> Option<Duration> {
    None
}
