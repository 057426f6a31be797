use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{Clock, Sleep};
use hyper::body::{Body, Frame};

use crate::by_hand::{HOLD, pace};

/// What has been handed over has so long to go out, in real time: a reset takes back what has not.
const FLUSH: Duration = Duration::from_millis(50);

/// How a body that is cut ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// In order.
    End,
    /// With an error, which resets its stream.
    Error,
    /// Not at all, as long as a connection is held at most; then with an error.
    Silence,
}

/// A body that comes slowly, or breaks off. For HTTP/2, where a stream is not a socket.
pub(super) struct SlowBody {
    left: Bytes,
    bytes_per_s: Option<u32>,
    last: Last,
    clock: Arc<dyn Clock>,
    wait: Option<Sleep>,
    /// Whether the wait before its end is over, or on.
    waited: bool,
}

impl SlowBody {
    pub(super) fn new(left: Bytes, bytes_per_s: Option<u32>, last: Last, clock: Arc<dyn Clock>) -> Self {
        Self { left, bytes_per_s, last, clock, wait: None, waited: false }
    }
}

impl Body for SlowBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        loop {
            if let Some(wait) = &mut body.wait {
                ready!(wait.as_mut().poll(context));
                body.wait = None;
            }
            if !body.left.is_empty() {
                let piece = match body.bytes_per_s {
                    Some(bytes_per_s) => {
                        let (piece, between) = pace(bytes_per_s);
                        body.wait = Some(body.clock.sleep_until(body.clock.now().plus(between)));
                        body.left.split_to(piece.min(body.left.len()))
                    }
                    None => std::mem::take(&mut body.left),
                };
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            match body.last {
                Last::End => return Poll::Ready(None),
                Last::Silence if !body.waited => {
                    body.waited = true;
                    body.wait = Some(body.clock.sleep_until(body.clock.now().plus(HOLD)));
                }
                Last::Error if !body.waited => {
                    body.waited = true;
                    body.wait = Some(Box::pin(tokio::time::sleep(FLUSH)));
                }
                Last::Error | Last::Silence => {
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
                }
            }
        }
    }
}
