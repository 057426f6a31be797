//! What was due for long while nobody was there goes out bit by bit.

use std::collections::BTreeSet;

use hookbench_model::DeliveryStatus;

use super::{Checker, Snapshot};
use crate::record::Moment;

/// What is due for less was not slept through, in milliseconds.
const LONG: i64 = 60_000;
/// So many may go at once.
const FEW: usize = 20;
/// How far apart more of them go, in milliseconds: not enough are here for an hour.
const APART: i64 = 100;

/// What was slept through of one endpoint.
#[derive(Debug)]
pub(super) struct Slept {
    /// Those that have not gone out yet.
    waiting: BTreeSet<usize>,
    /// When somebody was there again, by the time that nobody sets.
    since: i64,
    /// How many have gone out since.
    gone: i64,
}

impl Slept {
    /// What has ended, or was paused meanwhile, goes by other rules.
    pub(super) fn keep_waiting(&mut self, after: &Snapshot) {
        self.waiting.retain(|number| {
            let seen = after.deliveries.get(number);
            seen.is_some_and(|seen| matches!(seen.status, DeliveryStatus::Pending | DeliveryStatus::Retrying))
        });
    }
}

impl Checker {
    /// Somebody is there again, or the clock was set.
    pub(super) fn wakes(&mut self, at: Moment) {
        self.slept.clear();
        for endpoint in (0..self.standings.len()).filter(|endpoint| !self.policies[*endpoint].ordered) {
            let of_it = self.parcels.iter().filter(|parcel| parcel.lane() == Some(endpoint));
            let overdue = of_it.map(|parcel| parcel.number).filter(|number| {
                let next = self.last.deliveries.get(number).and_then(|seen| seen.next);
                next.is_some_and(|next| at.wall.ms_since(next) >= LONG)
            });
            let waiting: BTreeSet<usize> = overdue.collect();
            if waiting.len() > FEW {
                self.slept.insert(endpoint, Slept { waiting, since: at.passed, gone: 0 });
            }
        }
    }

    /// One of them goes out; what a person asked for goes when it is wanted.
    pub(super) fn check_slept(&mut self, delivery: usize, endpoint: usize, by_hand: bool, passed: i64) {
        let Some(slept) = self.slept.get_mut(&endpoint) else { return };
        if !slept.waiting.remove(&delivery) || by_hand {
            return;
        }
        if passed < slept.since + slept.gone * APART - 1 {
            let what =
                format!("delivery {delivery} was slept through and goes out too soon after the others");
            self.wrong.push(what);
        }
        slept.gone += 1;
    }
}
