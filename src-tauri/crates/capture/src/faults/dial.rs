use std::ops::RangeInclusive;

use bytes::Bytes;
use hookbench_model::{HeaderPairs, RetryAfterSent, StatusSequence};

/// How a fault receiver treats what it is sent. The first request after it was set has the first turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The statuses of its answers, one a request; never empty.
    pub statuses: Vec<u16>,
    /// Whether they begin anew after the last one; else the last one stays.
    pub repeat: bool,
    /// How long each answer waits, in milliseconds of real time.
    pub delay_ms: u64,
    /// Headers of its answers, beside `Date`, `Content-Length`, `Connection` and `Retry-After`.
    pub headers: HeaderPairs,
    /// What its answers other than 2xx say of when to try again.
    pub retry_after: Option<RetryAfterSent>,
    /// The body of its answers.
    pub body: Bytes,
    /// What it does in place of answering as it should.
    pub fault: Option<FaultKind>,
    /// How many requests meet the fault before the statuses begin; all of them where not said.
    pub fail_first: Option<u32>,
    /// What is wrong with the certificate, where the fault is a bad one.
    pub certificate: BadCertificate,
    /// How fast an answer drips, where the fault is that it does.
    pub drip_bytes_per_s: u32,
}

impl Dial {
    /// The most statuses in a row.
    pub const MOST_STATUSES: usize = 100;
    /// The statuses that can be answered.
    pub const STATUSES: RangeInclusive<u16> = 200..=599;
    /// The longest delay, in milliseconds: an endpoint waits no longer than this for an answer.
    pub const MAX_DELAY_MS: u64 = 120_000;
    /// The largest body, in bytes.
    pub const MAX_BODY: usize = 64 << 10;
    /// The fastest drip, in bytes a second.
    pub const FASTEST_DRIP: u32 = 1000;
    /// The furthest time that an answer may name to try again, in seconds: 7 days.
    pub const MAX_RETRY_AFTER_S: u64 = 7 * 24 * 3600;

    /// What the request is in for that comes after so many others.
    pub fn turn(&self, before: u64) -> Turn {
        let failing = self.fail_first.map_or(u64::MAX, u64::from);
        let (fault, index) = match self.fault {
            Some(fault) if before < failing => {
                (Some(fault), if self.fail_first.is_some() { 0 } else { before })
            }
            Some(_) => (None, before - failing),
            None => (None, before),
        };
        let sequence = StatusSequence { statuses: &self.statuses, repeat: self.repeat };
        Turn { fault, status: sequence.status(index) }
    }
}

impl Default for Dial {
    /// It answers 200.
    fn default() -> Self {
        Self {
            statuses: vec![200],
            repeat: false,
            delay_ms: 0,
            headers: HeaderPairs::new(),
            retry_after: None,
            body: Bytes::new(),
            fault: None,
            fail_first: None,
            certificate: BadCertificate::default(),
            drip_bytes_per_s: 1,
        }
    }
}

/// What one request is in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The fault that it meets.
    pub fault: Option<FaultKind>,
    /// The status of its answer, or of what would have been one.
    pub status: u16,
}

impl Turn {
    /// The status that the other side gets to see; `None` where the fault comes before it.
    pub const fn answered(self) -> Option<u16> {
        match self.fault {
            Some(FaultKind::Reset | FaultKind::Close | FaultKind::NoAnswer | FaultKind::HalfHeaders) => None,
            Some(FaultKind::Drip | FaultKind::WrongLength | FaultKind::BadTls) | None => Some(self.status),
        }
    }
}

/// What a fault receiver does in place of answering as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// It reads the request and resets the connection.
    Reset,
    /// It reads the request and closes the connection without a word.
    Close,
    /// It reads the request and never answers.
    NoAnswer,
    /// It answers, a few bytes a second.
    Drip,
    /// It closes the connection in the middle of the answer's head.
    HalfHeaders,
    /// It announces a longer body than it sends, and closes the connection.
    WrongLength,
    /// It shows a bad certificate over TLS. In clear there is none to show.
    BadTls,
}

impl FaultKind {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Close => "close",
            Self::NoAnswer => "no_answer",
            Self::Drip => "drip",
            Self::HalfHeaders => "half_headers",
            Self::WrongLength => "wrong_length",
            Self::BadTls => "bad_tls",
        }
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BadCertificate {
    /// It was valid once.
    #[default]
    Expired,
    /// It is another server's.
    WrongName,
    /// Nobody signed it but its own key.
    SelfSigned,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(dial: &Dial, count: u64) -> Vec<u16> {
        (0..count).map(|before| dial.turn(before).status).collect()
    }

    #[test]
    fn the_last_status_stays_or_they_begin_anew() {
        let stays = Dial { statuses: vec![503, 429, 200], ..Dial::default() };
        assert_eq!(statuses(&stays, 5), [503, 429, 200, 200, 200]);
        let again = Dial { repeat: true, ..stays };
        assert_eq!(statuses(&again, 7), [503, 429, 200, 503, 429, 200, 503]);
        assert_eq!(statuses(&Dial::default(), 2), [200, 200]);
    }

    #[test]
    fn a_fault_is_met_by_all_or_by_the_first_few_after_whom_the_statuses_begin() {
        let all = Dial { fault: Some(FaultKind::Reset), ..Dial::default() };
        assert!((0..50).all(|before| all.turn(before).fault == Some(FaultKind::Reset)));
        let few = Dial { fail_first: Some(2), statuses: vec![500, 200], ..all };
        let seen: Vec<_> = (0..4).map(|before| few.turn(before)).collect();
        let (reset, fine) = (Some(FaultKind::Reset), None);
        assert_eq!(
            seen.iter().map(|turn| (turn.fault, turn.status)).collect::<Vec<_>>(),
            [(reset, 500), (reset, 500), (fine, 500), (fine, 200)]
        );
        let none = Dial { fail_first: Some(0), ..few };
        assert_eq!((none.turn(0).fault, none.turn(1).status), (None, 200));
    }
}
