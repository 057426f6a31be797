//! What has to hold of deliveries that move without an attempt: there is a cause, and what was paused goes on in its rhythm.

use hookbench_model::{DeliveryStatus, EndedBecause, Timestamp};

use super::{Checker, Seen, Snapshot, Window, standing};
use crate::scenario::{Deed, Parcel};

impl Checker {
    /// No attempt was recorded: it stands where it stood, or there is a cause.
    pub(super) fn was_moved(&mut self, parcel: Parcel, before: &Seen, seen: &Seen) -> Option<String> {
        use DeliveryStatus::{Cancelled, Failed, InFlight, Paused, Pending, Retrying};
        let number = parcel.number;
        let number_deed = self.deeds.iter().find(|deed| deed.is_about(number));
        let fine = match (number_deed, before.status, seen.status) {
            (Some(Deed::Retry(_)), _, status) => matches!(status, Pending | Retrying | InFlight),
            (Some(Deed::Cancel(_)), _, status) => {
                (status, seen.because) == (Cancelled, Some(EndedBecause::Cancelled))
            }
            (Some(Deed::Skip(_)), _, status) => {
                matches!(status, Cancelled | Failed) && seen.because == Some(EndedBecause::Skipped)
            }
            (Some(Deed::Accept(_)), ..) => true,
            (_, _, Failed) if before.status != Failed => {
                self.standings_let_go(parcel);
                self.fails_for_good(parcel, self.by_hand.contains(&number));
                !before.status.is_final()
                    && seen.because == Some(EndedBecause::Expired)
                    && before.expires.is_some()
            }
            // It may have been claimed before its endpoint was disabled.
            (_, Pending | Retrying, InFlight) => self.is_enabled(parcel) || self.was_enabled(parcel),
            (_, InFlight, Pending | Retrying) => self.is_enabled(parcel),
            (_, Pending | Retrying | InFlight, Paused) => !self.is_enabled(parcel),
            // What a crash has left of those that go on goes on with the next life.
            (_, Paused, Pending | Retrying | InFlight) => {
                let enables =
                    |deed: &Deed| matches!(deed, Deed::Enable(at, _) if Some(*at) == parcel.endpoint);
                self.deeds.iter().any(enables) || (self.began && self.was_enabled(parcel))
            }
            (_, one, other) => {
                let due = self.due.get(&number).map(|(at, _)| *at);
                one == other
                    && before.because == seen.because
                    && (due == seen.next || self.crashed || self.lost_jump)
            }
        };
        if seen.status == Paused && before.status != Paused {
            let at = before.next.or(seen.next).map(Window::at);
            at.map(|window| self.paused.insert(number, window));
        }
        (!fine).then(|| "it has moved without a cause".to_owned())
    }

    fn standings_let_go(&mut self, parcel: Parcel) {
        if let Some(endpoint) = parcel.endpoint {
            self.standings[endpoint].lets_go(parcel.number);
        }
    }

    /// Those that were paused and overdue go on one after the other, as far apart as was asked for.
    pub(super) fn check_spread(&mut self, after: &Snapshot, now: Timestamp) {
        let enabled = self.deeds.iter().find_map(|deed| match deed {
            Deed::Enable(endpoint, over) => Some((*endpoint, *over)),
            _ => None,
        });
        let Some((endpoint, over)) = enabled.filter(|_| !self.crashed && !self.began) else { return };
        if self.policies[endpoint].ordered {
            // They wait for each other anyhow.
            return;
        }
        let mut times = Vec::new();
        for parcel in self.parcels.iter().filter(|parcel| parcel.endpoint == Some(endpoint)) {
            let (number, was) = (parcel.number, self.last.deliveries.get(&parcel.number));
            if was.is_none_or(|was| was.status != DeliveryStatus::Paused) {
                continue;
            }
            let Some(window) = self.paused.get(&number).copied() else { return };
            let next = after.deliveries.get(&number).and_then(|seen| seen.next);
            if window.first > now {
                if next.is_some_and(|at| !window.holds(at)) {
                    self.wrong.push(format!("delivery {number} was due {window:?} and goes on at {next:?}"));
                }
            } else if window.last <= now {
                times.push(next.unwrap_or(now));
            } else {
                return;
            }
        }
        times.sort_unstable();
        let gap = standing::gap_ms(over, times.len(), self.policies[endpoint].rate_limit);
        for (place, at) in times.iter().enumerate() {
            let wanted = gap * place as f64;
            if (at.ms_since(now) as f64 - wanted).abs() > 1.0 {
                self.wrong.push(format!("endpoint {endpoint} goes on at {times:?}, not every {gap} ms"));
                return;
            }
        }
    }
}
