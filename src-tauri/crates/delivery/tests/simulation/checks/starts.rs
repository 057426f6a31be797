//! What has to hold when a request goes out.

use hookbench_model::{OrderOnFailure, RateLimit, Timestamp};

use super::{By, Checker, Snapshot};
use crate::record::Moment;
use crate::scenario::{Kind, Parcel};

/// With more than so many, what is overdue goes out bit by bit.
const FEW: usize = 10;

impl Checker {
    pub(super) fn starts(&mut self, delivery: usize, endpoint: Option<usize>, at: Moment, after: &Snapshot) {
        let Some(parcel) = self.parcel(delivery) else {
            return self.wrong.push(format!("delivery {delivery} goes out and was never accepted"));
        };
        if parcel.endpoint != endpoint {
            self.wrong.push(format!("delivery {delivery} went to {endpoint:?}"));
        }
        if self.live.contains_key(&delivery) {
            self.wrong.push(format!("delivery {delivery} is under way twice"));
        }
        self.check_time(parcel, at.wall);
        let by_hand = self.by_hand.contains(&delivery) || parcel.kind == Kind::Test;
        let mut by = if by_hand { By::Hand } else { By::Plan };
        if self.live.len() >= self.places {
            self.wrong.push(format!("delivery {delivery} goes out, and {} are under way", self.live.len()));
        }
        if let Some(endpoint) = parcel.lane() {
            self.check_slept(delivery, endpoint, by_hand, at.passed);
            self.check_places(parcel, endpoint, at.passed);
            self.check_order(parcel, endpoint, after);
            by = self.check_breaker(delivery, endpoint, by, at.wall);
            if !self.standings[endpoint].enabled {
                self.wrong
                    .push(format!("delivery {delivery} goes to endpoint {endpoint}, which is disabled"));
            }
        }
        self.live.insert(delivery, (by, at.wall));
        self.due.remove(&delivery);
    }

    /// Never before it is planned; exactly then, where nothing is in the way.
    fn check_time(&mut self, parcel: Parcel, now: Timestamp) {
        let number = parcel.number;
        let last = self.last.deliveries.get(&number);
        let manual = self.by_hand.contains(&number);
        if last.is_some_and(|last| last.status.is_final()) && !manual {
            self.wrong.push(format!("delivery {number} goes out and has ended"));
        }
        if last.and_then(|last| last.expires).is_some_and(|at| at <= now) && !manual {
            self.wrong.push(format!("delivery {number} goes out after its time to live"));
        }
        let policy = self.policy(parcel);
        let free = policy.rate_limit.is_none()
            && policy.max_in_flight.is_none()
            && policy.breaker.is_none()
            && !policy.ordered
            && self.parcels.len() <= FEW;
        match self.due.get(&number) {
            Some((due, _)) if now < *due => {
                self.wrong.push(format!("delivery {number} goes out before {due}"));
            }
            Some((due, true)) if free && now > (*due).max(self.awake_since) => {
                self.wrong.push(format!("delivery {number} goes out after {due}"));
            }
            _ => {}
        }
    }

    /// Its rate, and how many may be under way to it.
    fn check_places(&mut self, parcel: Parcel, endpoint: usize, passed: i64) {
        let policy = self.policies[endpoint].clone();
        let under_way = self.under_way(endpoint).count() + 1;
        if policy.max_in_flight.is_some_and(|most| under_way > most as usize) {
            self.wrong.push(format!(
                "delivery {}: {under_way} are under way to endpoint {endpoint}",
                parcel.number
            ));
        }
        let begun = &mut self.begun[endpoint];
        begun.push(passed);
        let Some(RateLimit { per_second, burst }) = policy.rate_limit else { return };
        let burst = burst.map_or((per_second * 0.1).max(1.0), f64::from);
        let too_many = (0..begun.len()).find(|first| {
            let seconds = (passed - begun[*first]) as f64 / 1000.0;
            (begun.len() - first) as f64 > burst + per_second * seconds + 1e-6
        });
        if let Some(first) = too_many {
            let times = begun[first..].to_vec();
            self.wrong.push(format!("endpoint {endpoint} is sent to too fast: at {times:?} ms"));
        }
    }

    fn under_way(&self, endpoint: usize) -> impl Iterator<Item = Parcel> + '_ {
        let parcels = self.live.keys().filter_map(|number| self.parcel(*number));
        parcels.filter(move |parcel| parcel.lane() == Some(endpoint))
    }

    /// One at a time, in the order in which they were accepted.
    fn check_order(&mut self, parcel: Parcel, endpoint: usize, after: &Snapshot) {
        if !self.is_in_order(parcel) {
            return;
        }
        let number = parcel.number;
        let beside =
            self.under_way(endpoint).find(|other| self.is_in_order(*other)).map(|other| other.number);
        if let Some(other) = beside {
            self.wrong.push(format!("delivery {number} goes out while {other} is under way"));
        }
        let place = |number: usize| self.parcels.iter().position(|parcel| parcel.number == number);
        let earlier = self.parcels.iter().take_while(|other| other.number != number);
        let before = earlier
            .filter(|other| !self.tellings.are_of_one_moment(number, other.number))
            .filter(|other| other.endpoint == Some(endpoint) && self.is_in_order(**other))
            .find(|other| after.deliveries.get(&other.number).is_some_and(|seen| !seen.status.is_final()));
        let before = before.map(|other| other.number);
        let holder = self.standings[endpoint].held.filter(|holder| place(*holder) < place(number));
        let holder = holder.filter(|holder| !self.tellings.are_of_one_moment(number, *holder));
        if let Some(before) = before {
            self.wrong.push(format!("delivery {number} goes out before {before} has ended"));
        }
        if let (OrderOnFailure::Block, Some(holder)) = (self.policies[endpoint].order_on_failure, holder) {
            self.wrong.push(format!("delivery {number} goes out though {holder} holds the queue"));
        }
    }

    /// While a breaker is open nothing goes out, then one.
    fn check_breaker(&mut self, delivery: usize, endpoint: usize, by: By, now: Timestamp) -> By {
        let standing = &mut self.standings[endpoint];
        if by == By::Hand || standing.breaker.opened_at.is_none() {
            return by;
        }
        if standing.breaker.probe_at.is_some_and(|at| now < at) {
            self.wrong.push(format!("delivery {delivery} goes out though the breaker is open"));
        } else if std::mem::replace(&mut standing.probing, true) {
            self.wrong.push(format!("delivery {delivery} goes out beside the breaker's probe"));
        }
        By::Probe
    }
}
