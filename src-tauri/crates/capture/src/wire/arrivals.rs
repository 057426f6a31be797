use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hookbench_model::{BrokenHead, RequestId};
use tokio::time::Instant;

use super::two::Stream;
use super::{ChunkScan, Head};
use crate::fault::Fault;

/// The most requests over HTTP/2 of one connection that wait to be taken up, and the most that nobody takes up.
const MOST_WAITING: usize = 256;

/// A request that the gate let in.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) head: Head,
    /// When its first byte came, and the last one of its head.
    pub(crate) since: Instant,
    pub(crate) head_end: Instant,
    /// Follows the chunks of its body, if it has any.
    pub(crate) chunks: Option<Arc<Mutex<ChunkScan>>>,
    /// The body, where all of it came along with the head, as small ones do: it is then taken as it lies
    /// in the buffer it was read into, and hyper is told that there is none. `None` where hyper reads it.
    pub(crate) body: Option<Bytes>,
    /// What came on its stream; `None` where it has none of its own, as in HTTP/1.
    pub(crate) stream: Option<Arc<Stream>>,
    /// What is wrong with its head, where its end is in no doubt for that, as in HTTP/2.
    pub(crate) fault: Option<Fault>,
}

/// What the gate did not let in.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) fault: Fault,
    pub(crate) what: Refusing,
    /// When its first byte came.
    pub(crate) since: Instant,
}

/// What is there of it.
#[derive(Clone, Debug)]
pub(crate) enum Refusing {
    /// What had come of it by then, and what had come behind it.
    Raw(Bytes),
    /// A head over HTTP/2 that does not say whom it is for.
    Two(Box<BrokenHead>),
    /// Nothing that could be read.
    Nothing,
}

/// What the gate of a connection found, for the handler of its requests: requests in the order of the
/// wire, and what broke the body that is being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Found>>);

#[derive(Debug, Default)]
struct Found {
    requests: VecDeque<Result<Arrival, Refused>>,
    /// Those over HTTP/2, by their streams.
    of_streams: BTreeMap<u32, Result<Arrival, Refused>>,
    /// What nobody is asked about.
    lost: Vec<Refused>,
    broken: Option<Fault>,
    /// The request with a fault that is about to be answered with why, and whether that went out. Over HTTP/1 none comes
    /// behind it.
    telling: Option<RequestId>,
    told: bool,
    /// Whether the connection has ended.
    ended: bool,
}

/// What is left when a connection ends.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Requests over HTTP/2 that the library did not hand on.
    pub(crate) requests: Vec<Result<Arrival, Refused>>,
    /// What nobody was asked about.
    pub(crate) lost: Vec<Refused>,
    /// The request that was to be answered with why it was refused, where its sender had gone.
    pub(crate) untold: Option<RequestId>,
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

    /// Notes a request over HTTP/2 that the library is about to be told of.
    pub(super) fn begin(&self, stream: u32, request: Result<Arrival, Refused>) {
        let mut found = self.lock();
        found.of_streams.insert(stream, request);
        // The library refuses what is more than it allows at once, and its sender knows.
        if found.of_streams.len() > MOST_WAITING {
            found.of_streams.pop_first();
        }
    }

    /// Notes what nobody is asked about.
    pub(super) fn lose(&self, refused: Refused) {
        let mut found = self.lock();
        if found.lost.len() < MOST_WAITING {
            found.lost.push(refused);
        }
    }

    /// The request that hyper has just been told of.
    pub(crate) fn next(&self) -> Option<Result<Arrival, Refused>> {
        self.lock().requests.pop_front()
    }

    /// The request of that stream.
    pub(crate) fn of_stream(&self, stream: u32) -> Option<Result<Arrival, Refused>> {
        self.lock().of_streams.remove(&stream)
    }

    /// What is left when the connection has ended.
    pub(crate) fn left(&self) -> Left {
        let mut found = self.lock();
        let requests = std::mem::take(&mut found.of_streams).into_values().collect();
        found.ended = true;
        let untold = found.telling.take().filter(|_| !found.told);
        Left { requests, lost: std::mem::take(&mut found.lost), untold }
    }

    /// Notes which request is about to be answered with what is wrong with it, which ends its connection; false where
    /// that has ended already.
    pub(crate) fn will_tell(&self, request: RequestId) -> bool {
        let mut found = self.lock();
        found.telling = Some(request);
        !found.ended
    }

    /// Whether there is such a one.
    pub(super) fn is_telling(&self) -> bool {
        self.lock().telling.is_some()
    }

    /// Notes that its answer went out.
    pub(super) fn told(&self) {
        self.lock().told = true;
    }

    /// Why the body broke, where the gate knows.
    pub(crate) fn broken(&self) -> Option<Fault> {
        self.lock().broken.take()
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
