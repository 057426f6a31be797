//! Deliveries that are claimed as they are accepted, on their way from whoever writes them to the dispatcher.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookbench_model::{Clock, EndpointId, Settings, Timestamp};
use hookbench_store::{Address, Claimed, KeptPlace, Newborn};
use tokio::sync::{Notify, watch};

use super::lane::Known;
use super::lanes::Lanes;

/// Where the store hands them in. It holds the lanes, and not the store, which holds it.
#[derive(Debug)]
pub(super) struct Cradle {
    lanes: Mutex<Lanes>,
    clock: Arc<dyn Clock>,
    settings: watch::Receiver<Settings>,
    /// How many records the store does not take: while there is one, nothing new is claimed.
    unrecorded: watch::Receiver<usize>,
    /// `None` once nobody takes them out any more.
    newborn: Mutex<Option<Vec<Newborn>>>,
    /// Wakes the dispatcher.
    wake: Arc<Notify>,
}

impl Cradle {
    pub(super) fn new(
        lanes: Lanes,
        clock: Arc<dyn Clock>,
        settings: watch::Receiver<Settings>,
        unrecorded: watch::Receiver<usize>,
        wake: Arc<Notify>,
    ) -> Self {
        let newborn = Mutex::new(Some(Vec::new()));
        Self { lanes: Mutex::new(lanes), clock, settings, unrecorded, newborn, wake }
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was handed in; its places are kept no more.
    pub(super) fn take_out(&self) -> Vec<Claimed> {
        let newborn = self.newborn().as_mut().map(std::mem::take).unwrap_or_default();
        if newborn.is_empty() {
            return Vec::new();
        }
        let (claimed, places): (Vec<Claimed>, Vec<KeptPlace>) =
            newborn.into_iter().map(|Newborn { claimed, place }| (claimed, place)).unzip();
        let mut lanes = self.lanes();
        for place in places {
            lanes.give_back(place.taken());
        }
        claimed
    }

    /// Whether a delivery is being claimed as it is written, or was and has not been taken out.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes().kept() == 0
    }

    /// No more come but those that are being written.
    pub(super) fn close(&self) {
        self.lanes().close_births();
    }

    /// Nobody takes them out any more: they stay in flight, as after a crash.
    pub(super) fn abandon(&self) {
        self.close();
        let left = self.newborn().take();
        // Not while it is locked.
        drop(left);
    }

    fn newborn(&self) -> MutexGuard<'_, Option<Vec<Newborn>>> {
        self.newborn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl hookbench_store::Cradle for Cradle {
    fn opens(&self) -> Option<Timestamp> {
        let open = self.lanes().births_open() && *self.unrecorded.borrow() == 0;
        open.then(|| self.clock.now())
    }

    fn keep_places(&self, endpoints: &[EndpointId], now: Timestamp) -> Vec<Option<Address>> {
        let most = self.settings.borrow().max_in_flight.max(1) as usize;
        let kept: Vec<_> = {
            let mut lanes = self.lanes();
            endpoints.iter().map(|id| lanes.keep_place(*id, most, now)).collect()
        };
        let address = |known: Arc<Known>| Address {
            name: known.endpoint.name.clone(),
            url: known.endpoint.url.to_string(),
        };
        kept.into_iter().map(|known| known.map(address)).collect()
    }

    fn give_back(&self, endpoint: EndpointId) {
        let open = {
            let mut lanes = self.lanes();
            lanes.give_back(endpoint);
            lanes.births_open()
        };
        if !open {
            // Whoever ends waits for the last one.
            self.wake.notify_one();
        }
    }

    fn take(&self, newborn: Vec<Newborn>) {
        if let Some(waiting) = &mut *self.newborn() {
            waiting.extend(newborn);
        }
        self.wake.notify_one();
    }
}
