use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::time::Instant;

use super::frames::on_one_line;
use super::hpack::Field;
use crate::fault::Fault;

/// What came on a stream, written by the gate and read by who answers.
#[derive(Debug, Default)]
pub(crate) struct Stream(Mutex<Seen>);

/// What has come on it so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// How many bytes of the body.
    pub(crate) body: u64,
    /// When it ended, where its sender has said so.
    pub(crate) ended_at: Option<Instant>,
    /// Whether its sender has reset it before that.
    pub(crate) is_reset: bool,
    /// The headers behind the body, as they would be written.
    pub(crate) trailers: Bytes,
    /// What is wrong with those.
    pub(crate) fault: Option<Fault>,
}

impl Stream {
    pub(crate) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    pub(super) fn body_came(&self, bytes: u64) {
        self.lock().body += bytes;
    }

    pub(super) fn ended(&self, at: Instant) {
        self.lock().ended_at = Some(at);
    }

    pub(super) fn reset(&self) {
        self.lock().is_reset = true;
    }

    pub(super) fn trailers_came(&self, trailers: &[Field], fault: Option<Fault>) {
        let mut seen = self.lock();
        seen.trailers = trailers
            .iter()
            .flat_map(|(name, value)| {
                [on_one_line(name), b": ".to_vec(), on_one_line(value), b"\r\n".to_vec()]
            })
            .flatten()
            .collect();
        seen.fault = fault;
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
