use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use super::ChunkScan;
use crate::Limits;
use crate::fault::Fault;
use crate::room::{FREE, Room, Taken};

/// What comes behind something malformed: where it ends cannot be told, so it is all that comes until nothing does.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) of: Malformed,
    pub(super) fault: Fault,
    begun: Instant,
    /// Room for more of it than is free, once it was asked for and where there was any.
    room: Option<Taken>,
    is_asked: bool,
}

/// What was malformed.
#[derive(Debug)]
pub(super) enum Malformed {
    /// A head, which began to come then.
    Head(Instant),
    /// A chunk or a trailer of a body.
    Chunk(Arc<Mutex<ChunkScan>>),
}

impl Rest {
    pub(super) fn new(of: Malformed, fault: Fault) -> Self {
        Self { of, fault, begun: Instant::now(), room: None, is_asked: false }
    }

    /// Whether more of it is worth waiting for where so many bytes have come, the last of them then.
    pub(super) fn is_wanted(&mut self, came: usize, room: &Room) -> bool {
        let came = u64::try_from(came).unwrap_or(u64::MAX);
        match self.fault {
            // These have ended, or stood still already; or it is no HTTP at all.
            Fault::HeadBrokenOff | Fault::HeadTooSlow(_) | Fault::NotHttp(_) => false,
            _ if came >= room.most() => false,
            _ if came < FREE => true,
            _ => {
                if !self.is_asked {
                    self.is_asked = true;
                    self.room = room.try_take(room.most());
                }
                self.room.is_some()
            }
        }
    }

    /// Until when it is waited for, where the last of it came at that time.
    pub(super) fn until(&self, last: Instant, limits: &Limits) -> Instant {
        (last.max(self.begun) + limits.quiet).min(self.begun + limits.linger)
    }

    /// What it takes of the room, which is kept as long as its bytes are.
    pub(super) fn into_room(self) -> Option<Taken> {
        self.room
    }
}
