//! How an endpoint does: what its disable rule and its breaker make of what it is heard to say.

use hookbench_delivery::Policy;
use hookbench_model::{BreakerState, DisableRule, EndedBecause, FailureCount, Outcome, RateLimit, Timestamp};

use super::fate::Tried;
use super::{By, SeenEndpoint};
use crate::scenario::Kind;

/// A window that is counted in slices forgets that much too early.
const SLICES: i64 = 60;
/// After a start tries are known by the minute, in milliseconds.
const MINUTE: i64 = 60_000;

#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) enabled: bool,
    /// What is said of why it is disabled.
    pub(crate) reason: &'static str,
    pub(crate) failures: u32,
    pub(crate) since: Option<Timestamp>,
    pub(crate) breaker: BreakerState,
    /// Whether the breaker's probe is under way.
    pub(crate) probing: bool,
    /// The delivery that holds its queue.
    pub(crate) held: Option<usize>,
    /// When it was tried, and whether that failed.
    tries: Vec<(Timestamp, bool)>,
    /// Its tries are known by another clock, or others are counted among them.
    vague: bool,
    /// Its tries are known by the minute.
    coarse: bool,
    /// Something was tried that does not count until a start, or the endpoint was enabled again within a minute.
    muddled: bool,
    /// The clock was set back and a crash came before that was taken into account: nobody knows what went back with it.
    lost_jump: bool,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            enabled: true,
            reason: "",
            failures: 0,
            since: None,
            breaker: BreakerState::default(),
            probing: false,
            held: None,
            tries: Vec::new(),
            vague: false,
            coarse: false,
            muddled: false,
            lost_jump: false,
        }
    }
}

impl Standing {
    pub(crate) fn is_disabled(&mut self, reason: &'static str) {
        if self.enabled {
            (self.enabled, self.reason) = (false, reason);
        }
    }

    pub(crate) fn is_enabled(&mut self) {
        if !self.enabled {
            *self = Self { held: self.held, probing: self.probing, muddled: true, ..Self::default() };
        }
    }

    /// Something was tried that is no attempt at it, and is counted as one after a start.
    pub(crate) fn is_muddled(&mut self) {
        self.muddled = true;
    }

    pub(crate) fn crashed(&mut self) {
        (self.probing, self.coarse) = (false, true);
        self.vague |= self.muddled;
    }

    /// What is to come goes back with the clock, which shows `now`.
    pub(crate) fn jumped(&mut self, by_ms: i64, now: Timestamp) {
        self.vague = true;
        let times = [&mut self.since, &mut self.breaker.opened_at, &mut self.breaker.probe_at];
        for at in times.into_iter().flatten().filter(|at| by_ms < 0 && **at > now) {
            *at = at.plus_ms(by_ms);
        }
    }

    /// How the endpoint stands is taken from what is kept of it.
    pub(crate) fn lost_jump(&mut self, seen: &SeenEndpoint) {
        (self.vague, self.lost_jump) = (true, true);
        (self.since, self.breaker) = (seen.since, seen.breaker);
    }

    /// A delivery has ended, or not, and may hold the queue by that, or let it go.
    pub(crate) fn landed(&mut self, delivery: usize, because: Option<EndedBecause>, holds: bool) {
        match (because, self.held) {
            (Some(EndedBecause::Exhausted), None) if holds => self.held = Some(delivery),
            (Some(because), _) if because != EndedBecause::Exhausted => self.lets_go(delivery),
            _ => {}
        }
    }

    pub(crate) fn lets_go(&mut self, delivery: usize) {
        self.held = self.held.filter(|holder| *holder != delivery);
    }

    /// An attempt has ended. `failed` tells whether its delivery has failed for good by that; `seen` is how the
    /// endpoint stands then, for what cannot be known better.
    pub(crate) fn hears(
        &mut self,
        tried: &Tried,
        failed: bool,
        by: By,
        policy: &Policy,
        seen: Option<&SeenEndpoint>,
    ) {
        self.probing &= by != By::Probe;
        self.hears_breaker(tried, by, policy);
        let counts = !tried.manual && tried.kind != Kind::Test;
        self.muddled |= !counts;
        if tried.outcome == Outcome::Delivered {
            (self.failures, self.since) = (0, None);
            if counts {
                self.tries.push((tried.now, false));
            }
            return;
        }
        if !counts || tried.outcome == Outcome::Interrupted {
            return;
        }
        let gone = policy.gone_disables && tried.said.status == Some(410) && self.enabled;
        let deliveries_count = matches!(
            policy.disable,
            DisableRule::ConsecutiveFailures { counting: FailureCount::Deliveries, .. }
        );
        if gone || !deliveries_count || failed {
            self.failures += 1;
            self.since = self.since.or(Some(tried.now));
            let reason = if gone { Some("410 Gone") } else { self.reason(tried.now, &policy.disable, seen) };
            if let Some(reason) = reason {
                self.is_disabled(reason);
            }
        }
        self.tries.push((tried.now, true));
    }

    /// Why it is to be disabled, if it is.
    fn reason(
        &self,
        now: Timestamp,
        rule: &DisableRule,
        seen: Option<&SeenEndpoint>,
    ) -> Option<&'static str> {
        match *rule {
            DisableRule::Never => None,
            DisableRule::ConsecutiveFailures { count, .. } => {
                (self.failures >= count).then_some("failed in a row")
            }
            DisableRule::FailingFor { duration_ms } => {
                let failing = now.ms_since(self.since?);
                let told = seen.filter(|_| self.lost_jump).map(|seen| !seen.enabled);
                told.unwrap_or(failing >= i64::try_from(duration_ms).unwrap())
                    .then_some("Nothing but failures")
            }
            DisableRule::FailureShare { share, window_ms, min_attempts } => {
                let window = i64::try_from(window_ms).unwrap();
                let is_over = |cut: i64| {
                    let recent = self.tries.iter().filter(|(at, _)| now.ms_since(*at) <= cut);
                    let (all, failed) = recent.fold((1, 1), |(all, failed), (_, now_failed)| {
                        (all + 1, failed + u32::from(*now_failed))
                    });
                    all >= min_attempts && f64::from(failed) / f64::from(all) >= share
                };
                let told = seen.map(|seen| !seen.enabled);
                let longest = if self.coarse { window + MINUTE } else { window };
                // As it may be counted: from any try of those between on, or from the next.
                let cuts = self.tries.iter().map(|(at, _)| now.ms_since(*at)).chain([window]);
                let cuts = cuts.flat_map(|cut| [cut - 1, cut]).chain([window - window / SLICES - 1, longest]);
                let cuts = cuts.filter(|cut| (window - window / SLICES - 1..=longest).contains(cut));
                let ways: Vec<bool> = cuts.map(is_over).collect();
                let known = ways.iter().all(|way| *way == ways[0]) && !self.vague;
                let over = if known { ways[0] } else { told.unwrap_or(ways[0]) };
                over.then_some("attempts of the last")
            }
        }
    }

    fn hears_breaker(&mut self, tried: &Tried, by: By, policy: &Policy) {
        let Some(rule) = policy.breaker else { return };
        let status = tried.said.status.unwrap_or(0);
        let works = match tried.outcome {
            Outcome::Interrupted => return,
            Outcome::Delivered | Outcome::Redirect => true,
            Outcome::HttpError => status < 500 && status != 429,
            _ => false,
        };
        let open = |failures, ms: u64| BreakerState {
            failures,
            opened_at: Some(tried.now),
            open_for_ms: ms,
            probe_at: Some(tried.now.plus_ms(i64::try_from(ms).unwrap())),
        };
        let failures = self.breaker.failures + 1;
        match by {
            _ if works => self.breaker = BreakerState::default(),
            By::Hand => {}
            By::Probe => {
                let longer = (self.breaker.open_for_ms * 2).min(rule.max_open_ms);
                self.breaker = open(self.breaker.failures, longer);
            }
            By::Plan if self.breaker.opened_at.is_some() => {}
            By::Plan if failures >= rule.failures => self.breaker = open(failures, rule.open_ms),
            By::Plan => self.breaker.failures = failures,
        }
    }

    /// What the store shows otherwise.
    pub(crate) fn differs(&self, seen: &SeenEndpoint) -> Option<String> {
        let reason = seen.reason.as_deref().unwrap_or_default();
        let breaker = |breaker: BreakerState| {
            if self.lost_jump { BreakerState { opened_at: None, probe_at: None, ..breaker } } else { breaker }
        };
        let same = self.enabled == seen.enabled
            && (self.enabled || reason.contains(self.reason))
            && self.failures == seen.failures
            && (self.lost_jump || self.since == seen.since)
            && breaker(self.breaker) == breaker(seen.breaker);
        (!same).then(|| format!("it is {seen:?}, and by the rules {self:?}"))
    }
}

/// How far apart so many overdue deliveries go on.
pub(crate) fn gap_ms(over: Option<u64>, count: usize, rate: Option<RateLimit>) -> f64 {
    match (over, rate) {
        _ if count < 2 => 0.0,
        (Some(over), _) => over as f64 / (count - 1) as f64,
        (None, Some(rate)) if rate.per_second < 10.0 => 1000.0 / rate.per_second,
        (None, _) if count <= 20 => 0.0,
        (None, _) => 100.0,
    }
}
