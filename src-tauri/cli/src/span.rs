//! Times on the command line: a point in time, or so long ago.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// A time as somebody gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// A point in time.
    At(DateTime<Utc>),
    /// So long before now.
    Ago(TimeDelta),
}

impl When {
    /// As the contract wants it.
    pub(crate) fn to_rfc3339(self, now: DateTime<Utc>) -> String {
        let at = match self {
            Self::At(at) => at,
            Self::Ago(ago) => now - ago,
        };
        at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// Reads `2026-01-02T03:04:05Z`, or `90s`, `15m`, `2h`, `7d`.
pub(crate) fn parse(text: &str) -> Result<When, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(When::At(at.with_timezone(&Utc)));
    }
    let wrong = || format!("`{text}` is neither an RFC 3339 time nor an age such as 90s, 15m, 2h or 7d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let count: i64 = text.strip_suffix(unit).and_then(|count| count.parse().ok()).ok_or_else(wrong)?;
    let age = match unit {
        's' => TimeDelta::try_seconds(count),
        'm' => TimeDelta::try_minutes(count),
        'h' => TimeDelta::try_hours(count),
        'd' => TimeDelta::try_days(count),
        _ => None,
    };
    age.filter(|age| *age >= TimeDelta::zero() && *age < TimeDelta::days(36_500))
        .map(When::Ago)
        .ok_or_else(wrong)
}

/// Reads a length of time in milliseconds: `90s`, `15m`, `2h`, `7d`.
pub(crate) fn length_ms(text: &str) -> Result<u64, String> {
    match parse(text) {
        Ok(When::Ago(length)) if length > TimeDelta::zero() => {
            u64::try_from(length.num_milliseconds()).map_err(|error| error.to_string())
        }
        _ => Err(format!("`{text}` is no length of time such as 90s, 15m, 2h or 7d")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_points_in_time_are_none() {
        assert_eq!(length_ms("90s"), Ok(90_000));
        assert_eq!(length_ms("24h"), Ok(86_400_000));
        for bad in ["0s", "", "2026-01-01T01:00:00Z", "fast"] {
            assert!(length_ms(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_and_ages_are_read_and_nonsense_is_refused() {
        let now = DateTime::parse_from_rfc3339("2026-01-02T00:00:00Z").unwrap().with_timezone(&Utc);
        assert_eq!(parse("2h").unwrap().to_rfc3339(now), "2026-01-01T22:00:00.000Z");
        assert_eq!(parse("2026-01-01T01:00:00+01:00").unwrap().to_rfc3339(now), "2026-01-01T00:00:00.000Z");
        for bad in ["", "h", "-1h", "2w", "yesterday", "9223372036854775807d", "2é"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
