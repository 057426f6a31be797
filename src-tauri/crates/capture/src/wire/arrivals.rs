use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Head;
use crate::fault::Fault;

/// What the gate of a connection found, for the handler of its requests: heads in the order of the wire,
/// and what broke the body that is being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Found>>);

#[derive(Debug, Default)]
struct Found {
    heads: VecDeque<Result<Head, Fault>>,
    broken: Option<Fault>,
}

impl Arrivals {
    /// Notes a head that hyper is about to be told of.
    pub(super) fn push(&self, head: Result<Head, Fault>) {
        self.lock().heads.push_back(head);
    }

    /// Notes why the body ends before its end.
    pub(super) fn break_body(&self, fault: Fault) {
        self.lock().broken = Some(fault);
    }

    /// The head of the request that hyper has just been told of; `None` in HTTP/2.
    pub(crate) fn next(&self) -> Option<Result<Head, Fault>> {
        self.lock().heads.pop_front()
    }

    /// Why the body broke, where the gate knows.
    pub(crate) fn broken(&self) -> Option<Fault> {
        self.lock().broken.take()
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
