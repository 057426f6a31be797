use std::collections::HashMap;

use hookbench_delivery::plan::Course;
use hookbench_delivery::{DeliveryEngine, policy_to};
use hookbench_model::{
    Attempt, Delivery, DeliveryFilter, DeliveryId, EndpointId, FoundIn, Page, PageRequest, Timestamp, Trigger,
};
use hookbench_store::StoreError;

use crate::diagnosis::span;
use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, checks};

/// A delivery with everything that was tried and is planned.
#[derive(Clone, Debug)]
pub struct DeliverySeen {
    /// The delivery.
    pub delivery: Delivery,
    /// What was tried, in order.
    pub attempts: Vec<Attempt>,
    /// When it will be tried, should every attempt fail at once; none where it stands behind another of an ordered
    /// endpoint.
    pub planned_attempts: Vec<Timestamp>,
    /// The headers of what it repeats exactly that its newest attempt went without: they held a secret of the endpoint
    /// that was not there any more, or must not go elsewhere.
    pub left_out: Vec<String>,
    /// What may have had a receiver refuse the newest attempt, where that lies in the workspace itself.
    pub hint: Option<String>,
}

impl Workbench {
    /// A page of deliveries, newest first. It may be short, and end before the list does, where its rows have to be
    /// searched.
    pub async fn deliveries(
        &self,
        filter: DeliveryFilter,
        page: PageRequest<DeliveryId>,
    ) -> Result<Page<Delivery, DeliveryId>> {
        checked(&filter)?;
        let mut page = self.store().deliveries().list(&filter, page).await?;
        let probes = self.probes().await;
        page.rows.iter_mut().for_each(|delivery| wait_for_probe(delivery, &probes));
        Ok(page)
    }

    /// Where in deliveries that were found by `q` it stands.
    pub async fn found_in(&self, q: &str, ids: &[DeliveryId]) -> Result<HashMap<DeliveryId, Vec<FoundIn>>> {
        Ok(self.store().deliveries().found_in(q, ids).await?)
    }

    /// How many deliveries a filter matches.
    pub async fn count_deliveries(&self, filter: DeliveryFilter) -> Result<u64> {
        checked(&filter)?;
        Ok(self.store().deliveries().count(&filter).await?)
    }

    /// One delivery with its attempts, past and planned.
    pub async fn delivery(&self, id: DeliveryId) -> Result<DeliverySeen> {
        let found = self.store().deliveries().get(id).await?;
        let mut delivery = found.ok_or_else(|| WorkbenchError::not_found("delivery", id))?;
        wait_for_probe(&mut delivery, &self.probes().await);
        let attempts = self.store().attempts().of(id).await?;
        let planned_attempts = self.planned(&delivery).await?;
        let left_out = self.was_left_out(&delivery, &attempts).await?;
        let hint = self.moved_hint(&delivery, &attempts).await?;
        Ok(DeliverySeen { delivery, attempts, planned_attempts, left_out, hint })
    }

    /// That an attempt was signed by a demo's time that is ahead of everybody else's, where a receiver outside has
    /// refused it.
    async fn moved_hint(&self, delivery: &Delivery, attempts: &[Attempt]) -> Result<Option<String>> {
        let (Some(time), Some(newest)) = (self.demo_time(), attempts.last()) else { return Ok(None) };
        let refused = newest.response.as_ref().is_some_and(|answer| may_be_of_time(answer.status));
        // By now the machine's time has come nearer: what is still ahead of it was so when it was signed.
        let is_ahead = time.is_ahead_of_machine(newest.started_at);
        if !refused || newest.captured_as.is_some() || !is_ahead {
            return Ok(None);
        }
        let endpoint = match delivery.target.endpoint_id() {
            Some(id) => self.store().endpoints().get(id).await?,
            None => None,
        };
        let profile = self.profile_or_generic(&delivery.provider);
        let own = endpoint.and_then(|endpoint| endpoint.scheme).and_then(|id| self.library().scheme(&id));
        let tolerance = own.as_deref().unwrap_or_else(|| profile.scheme()).tolerance();
        if tolerance.past_s.is_none() && tolerance.future_s.is_none() {
            return Ok(None);
        }
        Ok(Some(format!(
            "This demo's time is {} ahead of the machine's, and by it this was signed: a receiver that goes by its \
             own clock may refuse that as too far ahead.",
            span(time.ahead_ms().unsigned_abs())
        )))
    }

    /// The times still to come, by the policy that holds now; none where it stands behind another of an ordered
    /// endpoint, since nobody knows for how long.
    async fn planned(&self, delivery: &Delivery) -> Result<Vec<Timestamp>> {
        let Some(next) = delivery.next_attempt_at else { return Ok(Vec::new()) };
        let endpoint = match delivery.target.endpoint_id() {
            Some(id) => self.store().endpoints().get(id).await?,
            None => None,
        };
        let policy = policy_to(delivery, endpoint.as_ref(), &self.profile_or_generic(&delivery.provider));
        let lane = endpoint.as_ref().filter(|_| delivery.target.lane().is_some());
        if lane.is_some_and(|endpoint| endpoint.ordered && !delivery.is_test)
            && self.store().deliveries().stands_behind(delivery.id).await?
        {
            return Ok(Vec::new());
        }
        Ok(Course::of(delivery, next).upcoming(&policy))
    }

    /// The endpoints whose breaker is open, and when it lets a probe out.
    pub(crate) async fn probes(&self) -> HashMap<EndpointId, Timestamp> {
        self.with_engine(DeliveryEngine::probes).await.unwrap_or_default()
    }

    /// Makes a delivery due now, wherever its plan stands.
    pub async fn retry_delivery(&self, id: DeliveryId) -> Result<Delivery> {
        let retried =
            self.store().deliveries().retry_now(id, self.now()).await.map_err(|error| match error {
                StoreError::WrongState { status, .. } => {
                    WorkbenchError::wrong_state(why_not_retried(id, status))
                }
                error => error.into(),
            })?;
        self.wake_engine();
        Ok(retried)
    }

    /// Skips a delivery: one that waits ends; one that failed for good and holds its endpoint's queue lets it go
    /// on.
    pub async fn skip_delivery(&self, id: DeliveryId) -> Result<Delivery> {
        let skipped = self.store().deliveries().skip(id, self.now()).await.map_err(|error| match error {
            StoreError::WrongState { status, .. } => WorkbenchError::wrong_state(why_not_skipped(id, status)),
            error => error.into(),
        })?;
        self.wake_engine();
        Ok(skipped)
    }

    /// Stops a delivery that waits.
    pub async fn cancel_delivery(&self, id: DeliveryId) -> Result<Delivery> {
        self.store().deliveries().cancel(id, self.now()).await.map_err(|error| match error {
            StoreError::WrongState { status, .. } => {
                WorkbenchError::wrong_state(why_not_cancelled(id, status))
            }
            error => error.into(),
        })
    }
}

/// While its endpoint's breaker is open a delivery is due with the probe at the earliest. What a person asked for does
/// not wait for it.
fn wait_for_probe(delivery: &mut Delivery, probes: &HashMap<EndpointId, Timestamp>) {
    let by_hand = delivery.is_test || delivery.trigger == Trigger::Manual;
    let probe_at = delivery.target.lane().filter(|_| !by_hand).and_then(|id| probes.get(&id));
    delivery.next_attempt_at = delivery.next_attempt_at.map(|due| probe_at.map_or(due, |at| due.max(*at)));
}

fn checked(filter: &DeliveryFilter) -> Result<()> {
    let mut faults = Faults::default();
    checks::searched(&mut faults, "q", filter.q.as_deref());
    faults.finish()
}

/// Whether a status may say that a signature's time is not believed. Those that say what else is wrong do not.
fn may_be_of_time(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 404 | 405 | 408 | 410 | 413 | 414 | 415 | 429)
}

fn why_not_retried(id: DeliveryId, status: &str) -> String {
    match status {
        "in_flight" => format!("An attempt of {id} is under way: wait until it has ended."),
        "draft" => format!(
            "The endpoint of {id} is a draft: send it a test, which makes it live, and the delivery goes on by \
             itself."
        ),
        "paused" | "disabled" => {
            format!("The endpoint of {id} is disabled: enable it, and the delivery goes on by itself.")
        }
        "held" => format!(
            "The endpoint of {id} takes its deliveries in order, and an earlier one that failed holds them: retry \
             or skip that one first."
        ),
        other => format!("The delivery {id} is {other} and cannot be retried."),
    }
}

fn why_not_skipped(id: DeliveryId, status: &str) -> String {
    match status {
        "in_flight" => format!("An attempt of {id} is under way: wait until it has ended."),
        "delivered" => format!("The delivery {id} has arrived already: there is nothing to skip."),
        "failed" => format!("The delivery {id} has failed and holds no queue: there is nothing to skip."),
        "cancelled" => format!("The delivery {id} is cancelled already: there is nothing to skip."),
        other => format!("The delivery {id} is {other} and cannot be skipped."),
    }
}

fn why_not_cancelled(id: DeliveryId, status: &str) -> String {
    match status {
        "in_flight" => format!("An attempt of {id} is under way: wait until it has ended."),
        "delivered" => format!("The delivery {id} has arrived already: there is nothing to cancel."),
        "failed" => format!("The delivery {id} has failed for good: there is nothing to cancel."),
        "cancelled" => format!("The delivery {id} is cancelled already."),
        other => format!("The delivery {id} is {other} and cannot be cancelled."),
    }
}
