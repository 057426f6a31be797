//! What people have done, and what that changes of what is due.

use hookbench_model::Timestamp;

use super::Checker;
use crate::scenario::{Deed, Parcel};

impl Checker {
    pub(super) fn did(&mut self, deed: Deed, now: Timestamp) {
        self.deeds.push(deed);
        match deed {
            Deed::Accept(parcel) => {
                self.parcels.push(parcel);
                self.due.insert(parcel.number, (now, true));
            }
            Deed::Retry(number) => {
                self.by_hand.insert(number);
                if self.last.deliveries.get(&number).is_some_and(|before| before.status.is_final()) {
                    self.over.insert(number);
                    let endpoint = self.parcel(number).and_then(|parcel| parcel.lane());
                    if endpoint.is_some_and(|endpoint| self.standings[endpoint].held == Some(number)) {
                        self.beside.remove(&number);
                    } else {
                        self.beside.insert(number);
                    }
                }
                self.due.insert(number, (now, true));
            }
            Deed::Skip(number) | Deed::Cancel(number) => {
                if let Some(endpoint) = self.parcel(number).and_then(|parcel| parcel.endpoint) {
                    self.standings[endpoint].lets_go(number);
                }
            }
            Deed::Disable(endpoint) => {
                self.standings[endpoint].is_disabled("by hand");
                self.tellings.sees(&self.standings);
            }
            Deed::Enable(endpoint, _) => {
                self.standings[endpoint].is_enabled();
                self.tellings.sees(&self.standings);
                for parcel in self.parcels.iter().filter(|parcel| parcel.endpoint == Some(endpoint)) {
                    if self.paused.contains_key(&parcel.number) {
                        self.due.insert(parcel.number, (now, false));
                    }
                }
            }
            Deed::Jump(by_ms) => self.jumped(by_ms, now),
        }
    }

    /// The clock on the wall shows `now`, since somebody has set it.
    fn jumped(&mut self, by_ms: i64, now: Timestamp) {
        self.awake_since = now;
        self.begun.iter_mut().for_each(Vec::clear);
        self.tellings.jumped(by_ms, now);
        if by_ms < 0 {
            self.set_back.extend(self.live.keys());
            let waiting = self.due.values_mut().filter(|(at, _)| *at > now);
            waiting.for_each(|(at, _)| *at = at.plus_ms(by_ms));
            self.paused.values_mut().for_each(|window| *window = window.moved(by_ms, now));
        }
        self.standings.iter_mut().for_each(|standing| standing.jumped(by_ms, now));
    }
}

impl Deed {
    pub(super) fn is_about(&self, delivery: usize) -> bool {
        match self {
            Self::Accept(Parcel { number, .. })
            | Self::Retry(number)
            | Self::Cancel(number)
            | Self::Skip(number) => *number == delivery,
            Self::Disable(_) | Self::Enable(..) | Self::Jump(_) => false,
        }
    }

    pub(super) fn ends(&self, delivery: usize) -> bool {
        matches!(self, Self::Cancel(number) | Self::Skip(number) if *number == delivery)
    }
}
