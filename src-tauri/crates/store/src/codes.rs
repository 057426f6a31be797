//! The numbers that stand for words in the database. They are on disk: add, never change.

use hookbench_model::{
    Colour, DeliveryStatus, DriftKind, EndedBecause, Outcome, RelayState, ReplayStatus, SignMode, Trigger,
    VerificationStatus,
};

use crate::{Result, StoreError};

/// A word of the model that is a number in the database.
pub(crate) trait Coded: Sized + Copy {
    /// The word's number.
    fn code(self) -> i64;
    /// The number's word.
    fn from_code(code: i64) -> Result<Self>;
}

macro_rules! coded {
    ($name:ident { $($word:ident = $code:literal),+ $(,)? }) => {
        impl Coded for $name {
            fn code(self) -> i64 {
                match self { $(Self::$word => $code),+ }
            }

            fn from_code(code: i64) -> Result<Self> {
                match code {
                    $($code => Ok(Self::$word),)+
                    _ => Err(StoreError::corrupt(concat!("an unknown ", stringify!($name)))),
                }
            }
        }
    };
}

// 3 stands in the index deliveries_by_status.
coded!(DeliveryStatus {
    Pending = 0,
    InFlight = 1,
    Retrying = 2,
    Delivered = 3,
    Failed = 4,
    Cancelled = 5,
    Paused = 6,
});
// 0 stands in the index deliveries_by_outcome; 100 is taken in attempt_counts.
coded!(Outcome {
    Delivered = 0,
    HttpError = 1,
    Redirect = 2,
    Timeout = 3,
    DnsFailure = 4,
    ConnectionRefused = 5,
    ConnectionReset = 6,
    TlsFailure = 7,
    InvalidResponse = 8,
    Blocked = 9,
    Interrupted = 10,
});
// 4 stands in the index requests_by_verification.
coded!(VerificationStatus { Valid = 0, Invalid = 1, Unsigned = 2, NoSecret = 3, NotChecked = 4 });
coded!(EndedBecause { Delivered = 0, Exhausted = 1, Expired = 2, Cancelled = 3, Skipped = 4 });
coded!(Trigger { Automatic = 0, Manual = 1, Replay = 2, Relay = 3 });
// 0 and 2 stand in the indexes of request_relays.
coded!(RelayState { Waiting = 0, Made = 1, UnderWay = 2, Answered = 3, Failed = 4, HungUp = 5 });
coded!(SignMode { Fresh = 0, Exact = 1, Renewed = 2 });
coded!(Colour { Red = 1, Orange = 2, Yellow = 3, Green = 4, Blue = 5, Purple = 6 });
coded!(DriftKind { NewEventType = 1, NewField = 2, ChangedType = 3, MissingField = 4 });
coded!(ReplayStatus { Running = 0, Paused = 1, Completed = 2, Cancelled = 3 });

/// In `attempt_counts`: a delivery that failed for good.
pub(crate) const FAILED_FOR_GOOD: i64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_reads_back_and_an_unknown_one_is_refused() {
        for status in DeliveryStatus::ALL {
            assert_eq!(DeliveryStatus::from_code(status.code()).unwrap(), status);
        }
        for because in EndedBecause::ALL {
            assert_eq!(EndedBecause::from_code(because.code()).unwrap(), because);
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_code(outcome.code()).unwrap(), outcome);
        }
        for status in VerificationStatus::ALL {
            assert_eq!(VerificationStatus::from_code(status.code()).unwrap(), status);
        }
        for colour in Colour::ALL {
            assert_eq!(Colour::from_code(colour.code()).unwrap(), colour);
        }
        assert!(matches!(Outcome::from_code(FAILED_FOR_GOOD), Err(StoreError::Corrupt { .. })));
    }
}
