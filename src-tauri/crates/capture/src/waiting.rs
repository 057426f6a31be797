//! Answers that a sender has to wait for: one that gives up before them is told nothing, and the record says so.

use hookbench_model::RequestId;
use hookbench_store::Store;
use tokio_util::task::TaskTracker;

use crate::wire::Arrivals;

/// A sender that waits for its answer. Dropped before that comes it notes that nobody heard any: over HTTP/2 the library
/// drops what answers a stream that has ended, over HTTP/1 what is still under way when the receiver stops.
#[derive(Debug)]
pub(crate) struct Waiting {
    store: Store,
    tasks: TaskTracker,
    request: RequestId,
    is_over: bool,
}

impl Waiting {
    pub(crate) fn new(store: &Store, tasks: &TaskTracker, request: RequestId) -> Self {
        Self { store: store.clone(), tasks: tasks.clone(), request, is_over: false }
    }

    /// The answer comes. Over HTTP/1, where nothing has been read meanwhile, the gate of the connection finds out whether
    /// anybody hears it; over HTTP/2 they were there until now.
    pub(crate) fn answered(mut self, gate: Option<&Arrivals>) {
        self.is_over = true;
        if let Some(arrivals) = gate {
            arrivals.will_answer(self.request);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.is_over {
            note_untold(&self.store, &self.tasks, self.request);
        }
    }
}

/// Notes that the sender of a request was not there to be told anything.
pub(crate) fn note_untold(store: &Store, tasks: &TaskTracker, request: RequestId) {
    let requests = store.requests();
    tasks.spawn(async move {
        if let Err(error) = requests.untold(request).await {
            tracing::error!(error = %crate::error::chain(&error), "what was not answered could not be kept");
        }
    });
}
