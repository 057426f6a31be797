use hookbench_model::{DeliveryTarget, ErrorCode, Inbox, Outcome, SignMode, Timestamp};
use hookbench_store::{Claimed, StoreError};

use super::Shared;
use super::attempt::unbuildable;
use crate::build::{BuildError, Signer};
use crate::send::Failure;

/// What signs something captured anew on its way to a plain URL: the inbox that captured it, as it is now. `None` where
/// it goes to an endpoint, which signs itself, or exactly as it came.
pub(super) async fn signer(
    shared: &Shared,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Option<Signer>, Failure> {
    let exact = claimed.event.request.sign == SignMode::Exact;
    if exact || !matches!(claimed.delivery.target, DeliveryTarget::Url(_)) {
        return Ok(None);
    }
    let inbox = captured_by(shared, claimed).await.map_err(|error| {
        let error = format!("Nothing was sent: what signs it could not be read: {error}");
        Failure::new(Outcome::Interrupted, ErrorCode::Failed, error)
    })?;
    let signer = match inbox {
        Captured::ByNobody => return Ok(None),
        Captured::Gone => Err(BuildError::CapturedGone),
        Captured::By(inbox) => Signer::of(&inbox, &shared.library, now).map_err(Into::into),
    };
    signer.map(Some).map_err(|error| unbuildable(&error))
}

/// Who captured what an event repeats.
enum Captured {
    By(Box<Inbox>),
    /// The request or its inbox has been deleted.
    Gone,
    /// It repeats nothing that was captured.
    ByNobody,
}

async fn captured_by(shared: &Shared, claimed: &Claimed) -> Result<Captured, StoreError> {
    let Claimed { delivery, .. } = claimed;
    let (mut request, mut repeated) = (delivery.repeats_request, delivery.repeats_delivery);
    if request.is_none() && repeated.is_none() {
        return Ok(Captured::ByNobody);
    }
    // One that repeats another leads to the first of them, which repeats a captured request.
    while let (None, Some(id)) = (request, repeated) {
        let Some(before) = shared.store.deliveries().get(id).await? else { return Ok(Captured::Gone) };
        (request, repeated) = (before.repeats_request, before.repeats_delivery);
    }
    let Some(request) = request else { return Ok(Captured::ByNobody) };
    let Some(request) = shared.store.requests().get(request).await? else { return Ok(Captured::Gone) };
    let inbox = shared.store.inboxes().get(request.inbox_id).await?;
    Ok(inbox.map_or(Captured::Gone, |inbox| Captured::By(Box::new(inbox))))
}
