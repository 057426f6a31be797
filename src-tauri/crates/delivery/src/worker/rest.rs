//! What the engine waits for once all that is due is done: a clock that is moved by hand goes by it.

use std::sync::atomic::Ordering;

use hookbench_model::Timestamp;
use tokio::sync::watch;

use super::{DeliveryEngine, Shared};

/// The engine is at rest: nothing is due that may go out, and nothing is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// When it goes on by itself; `None` where nothing waits for a time.
    pub until: Option<Timestamp>,
    /// How many attempts had been recorded by then. Where a rest that began after a [`DeliveryEngine::wake`] has
    /// the number of the one before it, nothing was overlooked.
    pub recorded: u64,
}

impl DeliveryEngine {
    /// What it waits for; `None` while it is at work.
    pub fn rest(&self) -> Option<Rest> {
        // In this order: the dispatcher takes its rest back before it takes up what it was woken for.
        if self.shared.look.load(Ordering::SeqCst) || !self.shared.cradle.is_empty() {
            return None;
        }
        *self.shared.rest.borrow()
    }

    /// Whether it waits for nothing but the clock, the network and new work, and for how many exchanges then; `None`
    /// while it is at work. For whoever moves the clock while exchanges are under way.
    pub fn waits_for(&self) -> Option<usize> {
        let shared = &self.shared;
        let in_flight = shared.in_flight.load(Ordering::SeqCst);
        let idle = shared.idle.load(Ordering::SeqCst) && !shared.look.load(Ordering::SeqCst);
        let idle = idle && shared.cradle.is_empty();
        // What listens and what dispatches are always there; anything else is an attempt, or a write.
        (idle && shared.tasks.len() == 2 + in_flight).then_some(in_flight)
    }

    /// Tells when it comes to rest and when it goes to work. [`DeliveryEngine::rest`] says which.
    pub fn rests(&self) -> watch::Receiver<Option<Rest>> {
        self.shared.rest.subscribe()
    }
}

impl Shared {
    /// How many attempts are under way, or have ended and are not recorded.
    pub(super) fn under_way(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst) + self.recording.load(Ordering::SeqCst)
    }

    /// The dispatcher goes to work.
    pub(super) fn at_work(&self) {
        self.idle.store(false, Ordering::SeqCst);
        self.rest.send_if_modified(|rest| rest.take().is_some());
    }

    /// The dispatcher has nothing to do until then. It is at rest where no attempt is under way either.
    pub(super) fn at_rest(&self, until: Option<Timestamp>) {
        self.idle.store(true, Ordering::SeqCst);
        if self.under_way() == 0 && !self.look.load(Ordering::SeqCst) && self.cradle.is_empty() {
            let recorded = self.recorded.load(Ordering::SeqCst);
            self.rest.send_replace(Some(Rest { until, recorded }));
        }
    }
}
