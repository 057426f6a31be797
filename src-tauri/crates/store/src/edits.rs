//! Which endpoints have been edited, numbered in the order in which that was committed.
//!
//! Changes are told once they are on disk, and whoever hears of them hears a moment later. Whoever must not act by
//! what an endpoint was before asks here: an edit has its number before anything that is written after it is answered.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use hookbench_model::EndpointId;

/// The newest edits of endpoints since the store was opened. A cheap clone: all see the same.
#[derive(Clone, Debug, Default)]
pub struct EndpointEdits(Arc<RwLock<Edits>>);

#[derive(Debug, Default)]
struct Edits {
    newest: u64,
    by_endpoint: HashMap<EndpointId, u64>,
    /// The newest edits by which endpoints that were disabled are enabled again.
    enabled: HashMap<EndpointId, u64>,
}

/// An edit of an endpoint, of whatever kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit {
    pub(crate) endpoint: EndpointId,
    /// Whether it was disabled, and is enabled by it.
    pub(crate) enables: bool,
}

impl EndpointEdits {
    /// The number of the newest edit of any endpoint; 0 before the first. What is read after this was asked is at
    /// least as new as that edit.
    pub fn newest(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).newest
    }

    /// Whether the endpoint has been edited, enabled, disabled or deleted since the edit of that number.
    pub fn is_newer(&self, id: EndpointId, than: u64) -> bool {
        let edits = self.0.read().unwrap_or_else(PoisonError::into_inner);
        edits.newest > than && edits.by_endpoint.get(&id).is_some_and(|edit| *edit > than)
    }

    /// Whether the endpoint was disabled and has been enabled again since the edit of that number, whatever else was
    /// done to it.
    pub fn is_enabled_anew(&self, id: EndpointId, since: u64) -> bool {
        let edits = self.0.read().unwrap_or_else(PoisonError::into_inner);
        edits.enabled.get(&id).is_some_and(|edit| *edit > since)
    }

    /// These have been made, and that is committed.
    pub(crate) fn committed(&self, made: impl IntoIterator<Item = Edit>) {
        let mut edits = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for Edit { endpoint, enables } in made {
            edits.newest += 1;
            let number = edits.newest;
            edits.by_endpoint.insert(endpoint, number);
            if enables {
                edits.enabled.insert(endpoint, number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hookbench_model::Timestamp;

    use super::*;

    #[test]
    fn what_was_read_before_an_edit_is_older_and_what_was_read_after_it_is_not() {
        let edits = EndpointEdits::default();
        let [one, other] = [0, 1].map(|ms| EndpointId::new(Timestamp::from_unix_ms(ms)));
        assert!(!edits.is_newer(one, edits.newest()));
        let before = edits.newest();
        let edit = |endpoint| Edit { endpoint, enables: false };
        edits.clone().committed([edit(one)]);
        assert!(edits.is_newer(one, before) && !edits.is_newer(other, before));
        assert!(!edits.is_newer(one, edits.newest()));
        let between = edits.newest();
        edits.committed([edit(other)]);
        assert!(!edits.is_newer(one, between) && edits.is_newer(other, between));
    }

    #[test]
    fn what_was_enabled_is_known_whatever_came_after_it() {
        let edits = EndpointEdits::default();
        let endpoint = EndpointId::new(Timestamp::EPOCH);
        let before = edits.newest();
        edits.committed([false, true, false].map(|enables| Edit { endpoint, enables }));
        assert!(edits.is_enabled_anew(endpoint, before) && edits.is_enabled_anew(endpoint, 1));
        assert!(!edits.is_enabled_anew(endpoint, 2));
        assert!(!edits.is_enabled_anew(EndpointId::new(Timestamp::from_unix_ms(1)), before));
    }
}
