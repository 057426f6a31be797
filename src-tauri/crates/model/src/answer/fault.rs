use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// As much of an answer as tells its status: `HTTP/1.1 200`.
const STATUS_LINE: u32 = 12;

/// What becomes of an answer in place of being sent as it should. Bytes are counted from the first of the status
/// line; over HTTP/2 from the first of the body, since the head is packed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnswerFault {
    /// The connection is closed after so many bytes.
    Close {
        /// How many bytes of the answer are sent before.
        after_bytes: u32,
    },
    /// The connection is reset after so many bytes.
    Reset {
        /// How many bytes of the answer are sent before.
        after_bytes: u32,
    },
    /// Our side of the connection ends, and the other one stays open until its sender closes it.
    HalfClose {
        /// How many bytes of the answer are sent before; the whole of it where not said.
        after_bytes: Option<u32>,
    },
    /// Nothing more comes, and the connection stays open until its sender closes it.
    NoAnswer {
        /// How many bytes of the answer are sent before.
        after_bytes: u32,
    },
    /// The answer comes slowly.
    Drip {
        /// How many bytes a second.
        bytes_per_s: u32,
    },
    /// The answer says another length than it has.
    WrongLength {
        /// How much more it says than it has, in bytes; less than zero where it says less.
        off_by: i32,
    },
}

impl AnswerFault {
    /// The most bytes that an answer may be cut after.
    pub const MOST_BYTES: u32 = 16 << 20;
    /// The fastest drip, in bytes a second.
    pub const FASTEST_DRIP: u32 = 1 << 20;
    /// The furthest that a length may be off, in bytes.
    pub const FURTHEST_OFF: i32 = 1 << 20;

    /// Which it is.
    pub const fn kind(self) -> AnswerFaultKind {
        match self {
            Self::Close { .. } => AnswerFaultKind::Close,
            Self::Reset { .. } => AnswerFaultKind::Reset,
            Self::HalfClose { .. } => AnswerFaultKind::HalfClose,
            Self::NoAnswer { .. } => AnswerFaultKind::NoAnswer,
            Self::Drip { .. } => AnswerFaultKind::Drip,
            Self::WrongLength { .. } => AnswerFaultKind::WrongLength,
        }
    }

    /// Whether it holds its connection open, or over HTTP/2 its stream, until the sender ends that.
    pub const fn holds(self, two: bool) -> bool {
        match self {
            Self::NoAnswer { after_bytes: 0 } => true,
            Self::NoAnswer { .. } | Self::HalfClose { .. } | Self::Drip { .. } => !two,
            Self::Close { .. } | Self::Reset { .. } | Self::WrongLength { .. } => false,
        }
    }

    /// Whether the sender gets to see a status. Over HTTP/2 bytes are those of the body, and the status goes before
    /// them, unless there is nothing at all.
    pub const fn shows_status(self, two: bool) -> bool {
        match self {
            Self::Close { after_bytes } | Self::Reset { after_bytes } | Self::NoAnswer { after_bytes }
                if two =>
            {
                after_bytes > 0
            }
            Self::HalfClose { .. } if two => true,
            Self::Close { after_bytes } | Self::Reset { after_bytes } | Self::NoAnswer { after_bytes } => {
                after_bytes >= STATUS_LINE
            }
            Self::HalfClose { after_bytes: Some(after_bytes) } => after_bytes >= STATUS_LINE,
            Self::HalfClose { after_bytes: None } | Self::Drip { .. } | Self::WrongLength { .. } => true,
        }
    }
}

/// The kinds of what becomes of an answer, as a record names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnswerFaultKind {
    /// The connection was closed.
    Close,
    /// The connection was reset.
    Reset,
    /// Our side of the connection ended.
    HalfClose,
    /// Nothing more came.
    NoAnswer,
    /// It came slowly.
    Drip,
    /// It said another length than it had.
    WrongLength,
    /// The rule's template could not be filled in, and 500 was answered.
    Template,
}

impl AnswerFaultKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Close,
        Self::Reset,
        Self::HalfClose,
        Self::NoAnswer,
        Self::Drip,
        Self::WrongLength,
        Self::Template,
    ];

    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Reset => "reset",
            Self::HalfClose => "half_close",
            Self::NoAnswer => "no_answer",
            Self::Drip => "drip",
            Self::WrongLength => "wrong_length",
            Self::Template => "template",
        }
    }
}

/// Why a text names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of fault")]
pub struct UnknownFault(String);

impl FromStr for AnswerFaultKind {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_seen_where_as_much_of_the_answer_goes_out() {
        assert!(!AnswerFault::Reset { after_bytes: 11 }.shows_status(false));
        assert!(AnswerFault::Reset { after_bytes: 12 }.shows_status(false));
        assert!(!AnswerFault::HalfClose { after_bytes: Some(0) }.shows_status(false));
        assert!(AnswerFault::HalfClose { after_bytes: None }.shows_status(false));
        assert!(AnswerFault::Drip { bytes_per_s: 1 }.shows_status(false));
        assert!(AnswerFault::Reset { after_bytes: 1 }.shows_status(true));
        assert!(!AnswerFault::Reset { after_bytes: 0 }.shows_status(true));
        assert!(AnswerFault::HalfClose { after_bytes: Some(0) }.shows_status(true));
    }

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for kind in AnswerFaultKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("bad_tls".parse::<AnswerFaultKind>().is_err());
    }
}
