use std::io;
use std::time::Duration;

use hookbench_model::RequestId;
use tokio::time::Instant;

use crate::passing::{Ending, Heard};

/// Whoever closed before an answer began is told from whoever closed while it went out by how soon that shows.
const AT_ONCE: Duration = Duration::from_millis(250);

/// An answer that its sender had to wait for: many give up before, and what is written then nobody hears.
///
/// A reset has been said by the system by the time something is written. A close looks like the end of one side, after
/// which a sender still takes its answer; only what is written shows that nobody does, by the reset that comes back.
#[derive(Debug)]
pub(super) struct Waited {
    request: RequestId,
    /// When it began to go out to somebody who was there.
    heard_at: Option<Instant>,
    /// Whether its end did not go out.
    is_cut: bool,
    /// What became of the relay that it came by.
    relay: Option<Ending>,
}

impl Waited {
    pub(super) const fn new(request: RequestId) -> Self {
        Self { request, heard_at: None, is_cut: false, relay: None }
    }

    /// Notes that it has begun to go out, and nothing says that its sender has gone.
    pub(super) fn heard(&mut self) {
        self.heard_at.get_or_insert_with(Instant::now);
    }

    pub(super) const fn is_heard(&self) -> bool {
        self.heard_at.is_some()
    }

    /// Notes that its sender has gone. Whoever resets may have read some of it; whoever had closed and answers with a reset
    /// at once has not.
    pub(super) fn gone(&mut self, by: io::ErrorKind) {
        self.is_cut = true;
        let had_closed = by == io::ErrorKind::BrokenPipe;
        self.heard_at = self.heard_at.filter(|at| !had_closed || at.elapsed() > AT_ONCE);
    }

    /// Notes that its end did not go out.
    pub(super) fn cut_off(&mut self) {
        self.is_cut = true;
    }

    pub(super) fn park(&mut self, relay: Ending) {
        self.relay = Some(relay);
    }

    /// Writes what became of its relay; gives its request where nobody was there to hear it.
    pub(super) fn settle(self) -> Option<RequestId> {
        let heard = match self.heard_at {
            None => Heard::Nothing,
            Some(_) if self.is_cut => Heard::Begun,
            Some(_) => Heard::Whole,
        };
        if let Some(relay) = self.relay {
            relay.settle(heard);
        }
        (heard == Heard::Nothing).then_some(self.request)
    }
}
