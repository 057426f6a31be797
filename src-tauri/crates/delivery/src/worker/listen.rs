use std::sync::Arc;

use hookbench_model::{Change, DeliveryStatus, EndpointId, Noun};
use hookbench_store::{ChangeStream, Feed};

use super::{Shared, Stale};

/// Follows the store's changes: what may be due is looked at, an endpoint that was edited is read again.
pub(super) async fn listen(shared: Arc<Shared>, mut changes: ChangeStream) {
    loop {
        let feed = tokio::select! {
            feed = changes.next() => feed,
            () = shared.closing.cancelled() => return,
        };
        match feed {
            Feed::Change(change) => follow(&shared, &change),
            Feed::Lagged => {
                *shared.stale() = Stale::All;
                shared.look_for_work();
            }
            Feed::Closed => return,
        }
    }
}

fn follow(shared: &Shared, change: &Change) {
    match change.noun {
        Noun::Delivery if may_be_due(change.status) => shared.look_for_work(),
        // An alert may have to be told once it has been quiet for long enough: a look says when.
        Noun::Alert => shared.look_for_work(),
        Noun::Endpoint => match change.id.parse::<EndpointId>() {
            Ok(id) => shared.read_again(id),
            Err(error) => tracing::error!(%error, "a change names no endpoint"),
        },
        _ => {}
    }
}

/// Whether it waits to go out; or is paused, and has perhaps a time to live that a look has to know of; or has been
/// cancelled, and with it perhaps what was due next, or what another waited behind.
fn may_be_due(status: Option<&str>) -> bool {
    use DeliveryStatus::{Cancelled, Paused, Pending, Retrying};
    status
        .is_none_or(|status| [Pending, Retrying, Paused, Cancelled].iter().any(|one| status == one.as_str()))
}
