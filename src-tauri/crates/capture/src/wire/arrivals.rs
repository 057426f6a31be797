use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hookbench_model::{BrokenHead, RequestId};
use tokio::time::Instant;

use super::two::Stream;
use super::waited::Waited;
use super::{ChunkScan, Head};
use crate::fault::Fault;
use crate::passing::Ending;

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
pub(crate) struct Arrivals(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    found: Mutex<Found>,
    /// Whether there is an answer that was waited for, so that others need not look.
    awaits: AtomicBool,
}

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
    /// The answer over HTTP/1 that its sender had to wait for, until it is known what became of it.
    waited: Option<Waited>,
    /// The requests before it whose senders were not there to hear theirs.
    untold: Vec<RequestId>,
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
    /// The requests whose answers nobody was there to hear: what was to be told why it was refused, and what had to wait.
    pub(crate) untold: Vec<RequestId>,
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
        let mut found = self.lock();
        // By now the answer before it is out as far as it will be.
        if found.waited.is_some() {
            found.settle();
            self.0.awaits.store(false, Ordering::Release);
        }
        found.requests.pop_front()
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
        // What was not seen to go out to its end did not.
        if let Some(waited) = &mut found.waited {
            waited.cut_off();
        }
        found.settle();
        self.0.awaits.store(false, Ordering::Release);
        let told = found.told;
        let refused = found.telling.take().filter(|_| !told);
        let untold = std::mem::take(&mut found.untold).into_iter().chain(refused).collect();
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

    /// Notes that a request over HTTP/1 is about to get the answer that its sender had to wait for: the gate looks whether
    /// somebody is there to hear it.
    pub(crate) fn will_answer(&self, request: RequestId) {
        let mut found = self.lock();
        found.settle();
        found.waited = Some(Waited::new(request));
        self.0.awaits.store(true, Ordering::Release);
    }

    /// Whether there is such an answer.
    pub(super) fn awaits(&self) -> bool {
        self.0.awaits.load(Ordering::Acquire)
    }

    /// Notes that such an answer has begun to go out, and its sender was there.
    pub(crate) fn heard(&self) {
        if let Some(waited) = &mut self.lock().waited {
            waited.heard();
        }
    }

    /// Whether that is so.
    pub(crate) fn is_heard(&self) -> bool {
        self.lock().waited.as_ref().is_some_and(Waited::is_heard)
    }

    /// Notes that its sender has gone, with the error that said so.
    pub(super) fn gone(&self, by: io::ErrorKind) {
        if let Some(waited) = &mut self.lock().waited {
            waited.gone(by);
        }
    }

    /// Leaves what became of a relay to be written once it is known whether the answer went out.
    pub(crate) fn park(&self, relay: Ending) {
        match &mut self.lock().waited {
            Some(waited) => waited.park(relay),
            None => relay.write(),
        }
    }

    /// Notes that all of it that will be known is known.
    pub(super) fn settle(&self) {
        let mut found = self.lock();
        found.settle();
        self.0.awaits.store(false, Ordering::Release);
    }

    /// Why the body broke, where the gate knows.
    pub(crate) fn broken(&self) -> Option<Fault> {
        self.lock().broken.take()
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// Ends what is noted of an answer that was waited for.
    fn settle(&mut self) {
        let Some(waited) = self.waited.take() else { return };
        self.untold.extend(waited.settle());
    }
}
