use std::time::Duration;

use hookbench_model::{EndpointId, ErrorCode};
use hookbench_store::{EndpointEffect, Finish, Next, StoreError};

use super::Shared;

/// The first and the longest wait before a write that failed is tried again.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The wait after a wait that did not help.
pub(super) fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST_PAUSE)
}

/// Whether a write that failed so may work later: a full disk can be emptied.
fn may_pass(error: &StoreError) -> bool {
    !matches!(
        error,
        StoreError::Closed
            | StoreError::NotFound { .. }
            | StoreError::WrongState { .. }
            | StoreError::Conflict { .. }
    )
}

/// Records the end of an attempt, however long that takes: what was sent must not be forgotten, or it would
/// be sent again without anybody knowing why. While a record waits, no new work is claimed.
///
/// Where the store refuses it for good (somebody deleted the delivery) the endpoint is read again: whether it is enabled
/// is then as it was written. What the attempt said of its health stays.
pub(super) async fn record(shared: &Shared, finish: Finish, endpoint: Option<EndpointId>) {
    let mut pause = FIRST_PAUSE;
    let mut troubled = None;
    loop {
        let delivery = finish.delivery;
        match shared.store.deliveries().finish(finish.clone()).await {
            Ok(_) => {
                tell(&finish, endpoint);
                return;
            }
            Err(_) if troubled.is_some() && is_recorded(shared, &finish).await => {
                tell(&finish, endpoint);
                return;
            }
            Err(error) if !may_pass(&error) => {
                tracing::error!(%delivery, %error, "attempt could not be recorded");
                if let Some(id) = endpoint {
                    shared.read_again(id);
                }
                return;
            }
            Err(error) => {
                tracing::warn!(%delivery, %error, pause_ms = pause.as_millis(), "attempt waits to be recorded");
            }
        }
        troubled.get_or_insert_with(|| Trouble::begin(shared));
        tokio::time::sleep(pause).await;
        pause = longer(pause);
    }
}

/// Whether an earlier try has recorded it after all: one that is answered with a failure may have been written, where
/// the disk failed at the last moment.
async fn is_recorded(shared: &Shared, finish: &Finish) -> bool {
    let made = &finish.attempt;
    let found = shared.store.attempts().get(finish.delivery, made.number).await;
    found.is_ok_and(|found| {
        found.is_some_and(|found| {
            (found.started_at, found.duration_ms, found.outcome)
                == (made.started_at, made.duration_ms, made.outcome)
        })
    })
}

/// The log's lines of an attempt: each where somebody wants to know exactly, and otherwise what a person may have to
/// do something about. Fields, and neither URLs nor sentences, in which somebody else's words may stand.
fn tell(finish: &Finish, endpoint: Option<EndpointId>) {
    let (delivery, attempt) = (finish.delivery, &finish.attempt);
    let endpoint = endpoint.map(tracing::field::display);
    tracing::debug!(
        %delivery,
        endpoint = endpoint.as_ref(),
        attempt = attempt.number,
        outcome = attempt.outcome.as_str(),
        error_code = attempt.error_code.map(ErrorCode::as_str),
        response_status = attempt.response.as_ref().map(|response| response.status),
        duration_ms = attempt.duration_ms,
        "an attempt was recorded"
    );
    if let Next::Failed { because, .. } = finish.next {
        let because = because.as_str();
        tracing::info!(%delivery, endpoint = endpoint.as_ref(), attempts = attempt.number, because,
            "a delivery failed for good");
    }
    if let EndpointEffect::Disable { .. } = finish.effect {
        tracing::warn!(%delivery, endpoint = endpoint.as_ref(), "an endpoint is disabled by its rule");
    }
}

/// A record that waits for the store to work again.
struct Trouble<'a>(&'a Shared);

impl<'a> Trouble<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.unrecorded.send_modify(|waiting| *waiting += 1);
        Self(shared)
    }
}

impl Drop for Trouble<'_> {
    fn drop(&mut self) {
        self.0.unrecorded.send_modify(|waiting| *waiting -= 1);
        self.0.look_for_work();
    }
}
