//! What happens in a run, line by line: the trace, and what is checked.

use std::fmt;

use hookbench_model::{Alert, Outcome, Timestamp};

use crate::scenario::{Crash, Deed};

/// A time by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// What the clock on the wall shows; it may be set.
    pub(crate) wall: Timestamp,
    /// The milliseconds that have passed since the beginning.
    pub(crate) passed: i64,
}

/// What a receiver did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Its answer, if there was one.
    pub(crate) status: Option<u16>,
    /// Whether the body is the word that some take for success.
    pub(crate) word: bool,
    /// How long it wants to be left alone, in seconds.
    pub(crate) after: Option<i64>,
    /// What went wrong instead of an answer.
    pub(crate) broke: Option<Outcome>,
}

/// The most endpoints that take alerts.
pub(crate) const TAKERS: usize = 2;

/// An alert that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raised {
    pub(crate) alert: Alert,
    /// The endpoint that it is about; `None` for plain URLs.
    pub(crate) about: Option<usize>,
    /// The delivery by which it happened.
    pub(crate) by: usize,
    pub(crate) count: u64,
    /// When the first of what is counted happened.
    pub(crate) since: Timestamp,
    /// When the run of failures began.
    pub(crate) failing_since: Option<Timestamp>,
    pub(crate) at: Timestamp,
    /// Its deliveries, each with its endpoint.
    pub(crate) to: [Option<(usize, usize)>; TAKERS],
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// A request arrives.
    Starts { delivery: usize, endpoint: Option<usize> },
    /// The receiver has answered, or not.
    Ends { delivery: usize, said: Said },
    /// Somebody did something, or could not.
    Deed { deed: Deed, done: bool },
    /// An alert was written.
    Raised(Raised),
    /// Everything stops; what is on disk stays.
    Crash(Crash),
    /// It begins again.
    Life,
    /// Every receiver is well from here on.
    Heals,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) at: Moment,
    pub(crate) what: What,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at: Moment { wall, passed }, what } = self;
        write!(f, "{wall} (+{passed}) ")?;
        match what {
            What::Starts { delivery, endpoint: Some(endpoint) } => {
                write!(f, "delivery {delivery} starts to {endpoint}")
            }
            What::Starts { delivery, endpoint: None } => {
                write!(f, "delivery {delivery} starts to a plain URL")
            }
            What::Ends { delivery, said } => write!(f, "delivery {delivery} ends: {said}"),
            What::Deed { deed, done } => write!(f, "{deed:?}: {}", if *done { "done" } else { "refused" }),
            What::Raised(told) => write!(f, "{told}"),
            What::Crash(Crash { after, unheard: false }) => write!(f, "crash instead of write {}", after + 1),
            What::Crash(Crash { after, unheard: true }) => write!(f, "crash with write {after}"),
            What::Life => write!(f, "begins again"),
            What::Heals => write!(f, "all is well from here on"),
        }
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { alert, about, by, count, since, failing_since, at, to } = self;
        let to: Vec<usize> = to.iter().flatten().map(|(delivery, _)| *delivery).collect();
        write!(f, "{} of {about:?} by {by}, {count} since {since}, ", alert.as_str())?;
        write!(f, "failing since {failing_since:?}, was told at {at} by {to:?}")
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, word, after, broke } = self;
        match (status, broke) {
            (Some(status), _) => write!(f, "{status}")?,
            (None, broke) => write!(f, "{broke:?}")?,
        }
        if *word {
            write!(f, ", the word")?;
        }
        after.map_or(Ok(()), |seconds| write!(f, ", Retry-After {seconds}"))
    }
}
