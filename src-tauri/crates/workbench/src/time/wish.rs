use std::sync::Arc;

use hookbench_model::{Clock, Timestamp};
use hookbench_store::{KeptTime, Store, StoreError};
use tokio::sync::watch;

use super::DemoClock;

/// A demo's time that is off by less than this, in milliseconds, is not spoken of: no limit is shorter.
pub(crate) const LEAST_TOLD_MS: u64 = 1_000;

/// The fastest that a demo's time goes: an hour a second.
pub(crate) const FASTEST: u32 = 3600;

/// What was asked of a demo's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// How many times as fast as real time it is to go.
    pub(crate) speed: u32,
    /// It is to stand.
    pub(crate) paused: bool,
    /// Where it is to go first, at once.
    pub(crate) jump: Option<Jump>,
    /// The number of the newest thing that was asked.
    pub(crate) number: u64,
}

/// Where time is to go at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Jump {
    /// To that time.
    To(Timestamp),
    /// To when the next thing is due.
    Next,
}

impl Wish {
    /// As it is at the start: time goes on as it did, or else as anywhere. A jump that was under way is over.
    fn at_first(kept: Option<KeptTime>) -> Self {
        let (speed, paused) = kept.map_or((1, false), |kept| (kept.speed, kept.paused));
        Self { speed: speed.clamp(1, FASTEST), paused, jump: None, number: 0 }
    }
}

/// How a demo's time goes at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Going {
    /// The wish that it goes by.
    pub(crate) by: Wish,
    /// How many times as fast as real time it goes.
    pub(crate) rate: u32,
    /// The newest jump to what is due next found nothing.
    pub(crate) nothing_due: bool,
}

/// A demo's time, and what it goes by.
#[derive(Debug)]
pub(crate) struct DemoTime {
    pub(crate) clock: DemoClock,
    /// What the demo's time went out from, and everybody outside goes by.
    machine: Arc<dyn Clock>,
    pub(crate) wish: watch::Sender<Wish>,
    pub(crate) going: watch::Sender<Going>,
}

impl DemoTime {
    /// The time of the demo in that store, which stands until a pacer lets it go: as it was kept. It begins with the
    /// machine's in a new demo; one of an earlier version, which kept no time, may be ahead of that, and does not go back.
    pub(crate) async fn of(store: &Store, machine: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let kept = store.demo_time().get().await?;
        let start = if let Some(kept) = kept {
            kept.at
        } else {
            let now = machine.now();
            store.stats().last_happened().await?.map_or(now, |last| last.max(now))
        };
        let (clock, by) = (DemoClock::new(start), Wish::at_first(kept));
        clock.let_go_to(start);
        Ok(Self {
            clock,
            machine,
            wish: watch::Sender::new(by),
            going: watch::Sender::new(Going { by, rate: 0, nothing_due: false }),
        })
    }

    /// Whether a time of its own is ahead of the machine's by more than is worth no word.
    pub(crate) fn is_ahead_of_machine(&self, at: Timestamp) -> bool {
        u64::try_from(at.ms_since(self.machine.now())).is_ok_and(|ms| ms >= LEAST_TOLD_MS)
    }

    /// By how many milliseconds it is ahead of the machine's time now; negative where it is behind.
    pub(crate) fn ahead_ms(&self) -> i64 {
        self.clock.now().ms_since(self.machine.now())
    }
}

/// A worker has nothing to do until then; `None` where it waits for no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resting {
    pub(crate) until: Option<Timestamp>,
}
