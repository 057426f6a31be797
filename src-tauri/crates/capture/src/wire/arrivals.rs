use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::time::Instant;

use super::{ChunkScan, Head};
use crate::fault::Fault;

/// A request that the gate let in.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) head: Head,
    /// When its first byte came, and when its head was whole.
    pub(crate) since: Instant,
    pub(crate) head_end: Instant,
    /// Follows the chunks of its body, if it has any.
    pub(crate) chunks: Option<Arc<Mutex<ChunkScan>>>,
    /// The body, where all of it came along with the head, as small ones do: it is then taken as it lies
    /// in the buffer it was read into, and hyper is told that there is none. `None` where hyper reads it.
    pub(crate) body: Option<Bytes>,
}

impl Arrival {
    /// A request over HTTP/2, whose head was not seen coming.
    pub(crate) fn of_http2(head: Head) -> Self {
        let now = Instant::now();
        Self { head, since: now, head_end: now, chunks: None, body: None }
    }
}

/// What the gate did not let in.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) fault: Fault,
    /// What had come of it by then, and what had come behind it.
    pub(crate) raw: Bytes,
    /// When its first byte came.
    pub(crate) since: Instant,
}

/// What the gate of a connection found, for the handler of its requests: requests in the order of the
/// wire, and what broke the body that is being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Found>>);

#[derive(Debug, Default)]
struct Found {
    requests: VecDeque<Result<Arrival, Refused>>,
    broken: Option<Fault>,
}

impl Arrivals {
    /// Notes a request that hyper is about to be told of.
    pub(super) fn push(&self, request: Result<Arrival, Refused>) {
        self.lock().requests.push_back(request);
    }

    /// Notes why the body ends before its end.
    pub(super) fn break_body(&self, fault: Fault) {
        self.lock().broken = Some(fault);
    }

    /// The request that hyper has just been told of; `None` in HTTP/2.
    pub(crate) fn next(&self) -> Option<Result<Arrival, Refused>> {
        self.lock().requests.pop_front()
    }

    /// Why the body broke, where the gate knows.
    pub(crate) fn broken(&self) -> Option<Fault> {
        self.lock().broken.take()
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
