//! Timestamps as schemes write them.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

/// How a scheme writes the time of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestampUnit {
    /// Whole Unix seconds.
    S,
    /// Unix milliseconds.
    Ms,
    /// RFC 3339 with its offset.
    Iso,
}

impl TimestampUnit {
    /// Writes a time, given in Unix milliseconds. `None` where the calendar does not reach that far.
    pub(crate) fn write(self, unix_ms: i64) -> Option<String> {
        match self {
            Self::S => Some(unix_ms.div_euclid(1000).to_string()),
            Self::Ms => Some(unix_ms.to_string()),
            Self::Iso => DateTime::from_timestamp_millis(unix_ms)
                .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }

    /// Reads a time as it came, into Unix milliseconds. Digits only: a sign, a fraction or a space is
    /// not what any sender writes, and receivers differ in what they make of it.
    pub(crate) fn read(self, text: &str) -> Option<i128> {
        match self {
            Self::S => digits(text).map(|seconds| seconds * 1000),
            Self::Ms => digits(text),
            Self::Iso => {
                DateTime::parse_from_rfc3339(text).ok().map(|time| i128::from(time.timestamp_millis()))
            }
        }
    }

    /// Milliseconds from `signed` to `at`, on the grid the unit can tell apart: a scheme that counts whole
    /// seconds compares whole seconds, so that 300 s is within 300 s until the 301st begins.
    pub(crate) fn age_ms(self, signed_ms: i128, at_ms: i64) -> i128 {
        let at = i128::from(at_ms);
        match self {
            Self::S => at.div_euclid(1000) * 1000 - signed_ms,
            Self::Ms | Self::Iso => at - signed_ms,
        }
    }
}

fn digits(text: &str) -> Option<i128> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse::<i64>().ok()).flatten().map(i128::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_reads_what_it_writes() {
        for unit in [TimestampUnit::S, TimestampUnit::Ms, TimestampUnit::Iso] {
            let text = unit.write(1_614_265_330_000).unwrap();
            assert_eq!(unit.read(&text), Some(1_614_265_330_000), "{text}");
        }
    }

    #[test]
    fn offsets_are_honoured() {
        assert_eq!(TimestampUnit::Iso.read("2020-01-01T00:00:00-07:00"), Some(1_577_862_000_000));
    }

    #[test]
    fn anything_but_digits_is_malformed() {
        for text in ["", " 1", "1 ", "+1", "-1", "1.5", "1e9", "soon", "99999999999999999999"] {
            assert_eq!(TimestampUnit::S.read(text), None, "{text:?}");
        }
        assert_eq!(TimestampUnit::Iso.read("2020-01-01"), None);
    }

    #[test]
    fn whole_seconds_are_compared_as_whole_seconds() {
        assert_eq!(TimestampUnit::S.age_ms(1_000_000, 1_300_999), 300_000);
        assert_eq!(TimestampUnit::Ms.age_ms(1_000_000, 1_300_999), 300_999);
    }
}
