//! What the end of an attempt, or of a delivery, says that somebody may want to be told.

use hookbench_model::{DeliveryId, Timestamp, Trigger};

use crate::deliveries::{EndpointEffect, Finish, Next};
use crate::writer::{EndpointState, State};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    /// An attempt failed, in a run of failures that began then.
    Failed { since: Timestamp, is_first: bool },
    /// An attempt succeeded; whether that ended a run of failures.
    Succeeded { ends_run: bool },
    /// The endpoint is being disabled, after failures that began then.
    Disabled { since: Timestamp },
    /// A delivery ended without having arrived.
    Exhausted,
}

/// Something that happened, and by which delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening {
    pub(crate) what: Happened,
    pub(crate) at: Timestamp,
    /// 0 for plain URLs.
    pub(crate) endpoint_seq: i64,
    pub(crate) delivery: DeliveryId,
    pub(crate) delivery_seq: i64,
}

/// The delivery by which something happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    pub(crate) id: DeliveryId,
    pub(crate) seq: i64,
    /// The number of its event's provider and type.
    pub(crate) kind: i64,
    /// 0 where it goes to a URL of its own.
    pub(crate) endpoint_seq: i64,
    pub(crate) is_test: bool,
}

impl By {
    fn happening(self, what: Happened, at: Timestamp) -> Happening {
        let Self { id, seq, endpoint_seq, .. } = self;
        Happening { what, at, endpoint_seq, delivery: id, delivery_seq: seq }
    }
}

/// What an attempt says of its endpoint, which was so before and is so after it. Nothing is told of endpoints that
/// take alerts, or an alert that cannot be told would be told of, nor of trials.
pub(crate) fn of_attempt(
    state: &State,
    (before, after): (&EndpointState, &EndpointState),
    finish: &Finish,
    by: By,
) -> Option<Happening> {
    if !before.raises_alerts {
        return None;
    }
    let (what, at) = match (&finish.effect, finish.next) {
        (EndpointEffect::Disable { at, .. }, _) if !before.disabled => {
            (Happened::Disabled { since: after.failing_since.unwrap_or(*at) }, *at)
        }
        (EndpointEffect::Failure { at } | EndpointEffect::Disable { at, .. }, _) => {
            let since = after.failing_since.unwrap_or(*at);
            (Happened::Failed { since, is_first: before.failing_since.is_none() }, *at)
        }
        // An endpoint that was enabled again has no failures, but its success may be waited for.
        (_, Next::Delivered { at }) if !before.disabled => {
            let ends_run = before.failing_since.is_some() && after.failing_since.is_none();
            let waited_for = ends_run || state.alerts().waits_for_success(before.seq);
            (waited_for.then_some(Happened::Succeeded { ends_run })?, at)
        }
        _ => return None,
    };
    Some(by.happening(what, at))
}

/// The end of a delivery that did not arrive, where that is one to tell of: a person who tries by hand or tests is
/// watching, and an alert that did not arrive is not told by another.
pub(crate) fn of_end(state: &State, by: By, trigger: Trigger, at: Timestamp) -> Option<Happening> {
    let by_hand = trigger == Trigger::Manual || by.is_test;
    let endpoint = state.endpoint_id(by.endpoint_seq).and_then(|id| state.endpoint(id));
    let untold = endpoint.is_some_and(|endpoint| !endpoint.raises_alerts) || state.is_alert_kind(by.kind);
    (!by_hand && !untold).then(|| by.happening(Happened::Exhausted, at))
}
