use std::time::Duration;

use crate::RelayOptions;

/// What the receiver bears from a sender. The most a body may have is a setting of the workspace.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest request head, in bytes: request line, headers and the empty line.
    pub head_bytes: usize,
    /// The most headers a request may have, up to [`Limits::MOST_HEADERS`].
    pub headers: usize,
    /// How long a request's head may take, from its first byte.
    pub head_time: Duration,
    /// How long a body may stand still.
    pub body_idle: Duration,
    /// How long a whole body may take.
    pub body_time: Duration,
    /// How long a connection may stay open without a request.
    pub idle: Duration,
    /// How long a sender may leave an answer unread.
    pub write_stall: Duration,
    /// How long what is left of a refused request is read, so that its sender gets to read the answer.
    pub linger: Duration,
    /// How long nothing more may come behind what is malformed, until that is all there is of it.
    pub quiet: Duration,
    /// The most memory that all bodies larger than 64 KiB have together while they are read and stored, in bytes. More of
    /// them are not read on until there is room.
    pub bodies: u64,
    /// The most connections at once; further ones wait at the door. Once the receiver is opened to the network a quarter
    /// of them is for this machine alone.
    pub connections: usize,
    /// The most connections that rules hold open at once, by answering slowly or never; where one more would be, it is
    /// closed at once.
    pub held: usize,
    /// What is borne from a target whose answer a sender waits for.
    pub relay: RelayOptions,
}

impl Limits {
    /// The most headers that any request may have, whatever the limits say.
    pub const MOST_HEADERS: usize = 256;

    /// How many of the connections whoever reaches it over the network may have: one at least, and not all where there
    /// are several.
    pub(crate) fn connections_of_others(&self) -> usize {
        let own = self.connections.div_ceil(4).min(self.connections.saturating_sub(1));
        self.connections - own
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 64 << 10,
            headers: Self::MOST_HEADERS,
            head_time: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            body_time: Duration::from_mins(5),
            idle: Duration::from_secs(75),
            write_stall: Duration::from_secs(30),
            linger: Duration::from_secs(5),
            quiet: Duration::from_millis(50),
            bodies: 256 << 20,
            connections: 1024,
            held: 256,
            relay: RelayOptions::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_connections_is_kept_for_this_machine() {
        for (connections, of_others) in [(1, 1), (2, 1), (4, 3), (8, 6), (1024, 768)] {
            let limits = Limits { connections, ..Limits::default() };
            assert_eq!(limits.connections_of_others(), of_others, "{connections}");
        }
    }
}
