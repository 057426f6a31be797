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

    /// These have been edited, and that is committed.
    pub(crate) fn committed(&self, ids: impl IntoIterator<Item = EndpointId>) {
        let mut edits = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            edits.newest += 1;
            let number = edits.newest;
            edits.by_endpoint.insert(id, number);
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
        edits.clone().committed([one]);
        assert!(edits.is_newer(one, before) && !edits.is_newer(other, before));
        assert!(!edits.is_newer(one, edits.newest()));
        let between = edits.newest();
        edits.committed([other]);
        assert!(!edits.is_newer(one, between) && edits.is_newer(other, between));
    }
}
