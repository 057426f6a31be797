//! A delivery that failed for good holds the queue of an ordered endpoint that blocks.

use hookbench_model::{Action, DeliveryStatus, EndedBecause, EndpointId, Noun};

use super::finish::{Current, Landing, keep_health};
use crate::Result;
use crate::writer::{EndpointState, Write};

/// What an endpoint's queue is held by once a delivery has landed there.
///
/// One that expired holds nothing: its time to live says that it is not wanted any more. Nor does one that goes beside
/// the queue.
pub(super) fn after(state: EndpointState, current: &Current, landing: &Landing) -> EndpointState {
    let failed = landing.status == DeliveryStatus::Failed && landing.because == Some(EndedBecause::Exhausted);
    let held_by = match state.held_by {
        None if failed && state.ordered && state.blocks && current.in_order => Some(current.seq),
        Some(holder) if holder == current.seq && landing.completed_at.is_some() && !failed => None,
        known => known,
    };
    EndpointState { held_by, ..state }
}

/// Lets an endpoint's queue go on.
pub(crate) async fn release_held(write: &mut Write, id: EndpointId) -> Result<()> {
    let state = write.state.living_endpoint(id)?;
    write.state.put_endpoint(id, EndpointState { held_by: None, ..state });
    write.state.board_mut().look_at(state.seq);
    keep_health(write, id).await?;
    write.changed(Noun::Endpoint, Action::Updated, id, None, Some(state.status()));
    Ok(())
}
