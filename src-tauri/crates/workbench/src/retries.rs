use std::sync::Arc;
use std::time::Duration;

use hookbench_delivery::plan::{Schedule, draw};
use hookbench_delivery::policy_of;
use hookbench_model::{CapturedRequest, RequestId};
use hookbench_providers::Profile;
use hookbench_store::{Alike, AlikeBy};

use crate::Workbench;
use crate::error::Result;

/// How much off a plan an arrival may be and still be by it: what networks and a sender's queues take.
const SLACK: Duration = Duration::from_secs(2);

/// How the sender of a captured request tried again, and how its profile says that it does.
#[derive(Clone, Debug)]
pub struct Retries {
    /// By what the arrivals are told to be one request again.
    pub by: AlikeBy,
    /// How many arrivals there are, as far as was looked.
    pub total: u64,
    /// The ones nearest to the request that was asked for, 200 at most, itself among them, oldest first.
    pub arrivals: Vec<Arrived>,
    /// The profile of the inbox.
    pub profile: Option<Arc<Profile>>,
    /// When its sender would have tried, had every attempt failed at once.
    pub schedule: Option<Schedule>,
}

/// One of the arrivals.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// How many came before it.
    pub before: u64,
    /// The request, veiled as in lists.
    pub request: CapturedRequest,
    /// How long after the one before it.
    pub after: Option<Duration>,
    /// How long after it the profile says: as planned, and at the earliest and the latest by its jitter.
    pub planned: Option<(Duration, Duration, Duration)>,
    /// How that compares.
    pub pace: Option<Pace>,
}

/// How an arrival compares with the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It came when it was to come.
    AsPlanned,
    /// It came before.
    Early,
    /// It came after.
    Late,
    /// The plan was over.
    Beyond,
}

impl Workbench {
    /// How the sender of a captured request tried again, beside what its inbox's profile says.
    pub async fn retries(&self, id: RequestId) -> Result<Retries> {
        let request = self.request(id).await?;
        let inbox = self.inbox(request.inbox_id).await?.inbox;
        let Alike { by, total, before, first_at, requests } = self.store().requests().alike(&request).await?;
        let profile = inbox.provider.as_ref().and_then(|provider| self.library().profile(provider));
        let schedule =
            profile.as_ref().zip(first_at).map(|(profile, first)| draw(&policy_of(None, profile), first));
        let mut arrivals: Vec<Arrived> = Vec::new();
        for (number, request) in (before..).zip(requests) {
            arrivals.push(Arrived::after(arrivals.last(), number, request, profile.as_deref()));
        }
        if arrivals.len() > Alike::MOST {
            // It tells how long after it the next one came.
            arrivals.remove(0);
        }
        Ok(Retries { by, total, arrivals, profile, schedule })
    }
}

impl Arrived {
    fn after(before: Option<&Self>, made: u64, request: CapturedRequest, profile: Option<&Profile>) -> Self {
        let Some(before) = before else {
            return Self { before: made, request, after: None, planned: None, pace: None };
        };
        let after = request.received_at.duration_from(before.request.received_at);
        let retry = u32::try_from(made).unwrap_or(u32::MAX);
        let wait = |profile: &Profile, chance| profile.retry().delay_after(retry, chance);
        let planned =
            profile.and_then(|profile| Some((wait(profile, 0.5)?, wait(profile, 0.0)?, wait(profile, 1.0)?)));
        // Whoever got no answer, or waited for one, counts from when that was over.
        let waited = match profile {
            Some(profile) if before.may_have_waited() => Duration::from_millis(profile.timeout_ms()),
            _ => Duration::ZERO,
        };
        let pace = match (profile, planned) {
            (None, _) => None,
            (Some(_), None) => Some(Pace::Beyond),
            (Some(_), Some((_, earliest, latest))) => Some(pace(after, earliest, latest + waited)),
        };
        Self { before: made, request, after: Some(after), planned, pace }
    }

    /// Whether its sender may have waited for its answer: for a rule's, or until they gave up.
    fn may_have_waited(&self) -> bool {
        self.request.answered_by.is_some() || self.request.status_seen().is_none()
    }
}

fn pace(after: Duration, earliest: Duration, latest: Duration) -> Pace {
    if after + SLACK < earliest.mul_f64(0.95) {
        Pace::Early
    } else if after > latest.mul_f64(1.05) + SLACK {
        Pace::Late
    } else {
        Pace::AsPlanned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrival_is_early_late_or_as_planned() {
        let (earliest, latest) = (Duration::from_secs(270), Duration::from_secs(330));
        let of = |seconds| pace(Duration::from_secs(seconds), earliest, latest);
        assert_eq!(of(298), Pace::AsPlanned);
        assert_eq!(of(256), Pace::AsPlanned);
        assert_eq!(of(250), Pace::Early);
        assert_eq!(of(348), Pace::AsPlanned);
        assert_eq!(of(349), Pace::Late);
        assert_eq!(pace(Duration::ZERO, Duration::ZERO, Duration::ZERO), Pace::AsPlanned);
    }
}
