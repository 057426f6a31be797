//! What a receiver asks for by `Retry-After`.

use std::time::{Duration, UNIX_EPOCH};

use hookbench_model::{HeaderPairs, Timestamp};

/// The most digits that a number of seconds is read from; more of them are as good as for ever.
const MOST_DIGITS: usize = 18;

/// How long a receiver asks to be left alone, counted from the end of its answer: seconds, or a date. Anything
/// else is nothing.
///
/// A date is taken relative to the answer's own `Date`, where it has one: the receiver's clock may be off, and
/// ours need not be the world's. Else it is relative to `at`, the end of the attempt.
pub fn retry_after(headers: &HeaderPairs, at: Timestamp) -> Option<Duration> {
    let text = headers.get_str("retry-after")?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = if text.len() > MOST_DIGITS { u64::MAX / 1000 } else { text.parse().ok()? };
        return Some(Duration::from_secs(seconds.min(u64::MAX / 1000)));
    }
    let until = date(text)?;
    let now = headers.get_str("date").and_then(|text| date(text.trim())).unwrap_or(at);
    Some(until.duration_from(now))
}

/// A date as HTTP writes it, in any of its three forms.
fn date(text: &str) -> Option<Timestamp> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_unix_ms(i64::try_from(since.as_millis()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fri, 21 Nov 2025 04:35:00 GMT.
    const AT: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    fn asked(headers: &[(&str, &str)]) -> Option<u64> {
        let headers: HeaderPairs = headers.iter().copied().collect();
        retry_after(&headers, AT).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        for (text, seconds) in [("0", 0), ("120", 120), (" 7 ", 7), ("0005", 5)] {
            assert_eq!(asked(&[("Retry-After", text)]), Some(seconds), "{text}");
        }
        let endless = asked(&[("Retry-After", "99999999999999999999999999")]);
        assert!(endless.is_some_and(|seconds| seconds > 1 << 40));
    }

    #[test]
    fn a_date_counts_from_the_receivers_own_clock_where_it_tells_it() {
        let in_a_minute = "Fri, 21 Nov 2025 04:36:00 GMT";
        assert_eq!(asked(&[("retry-after", in_a_minute)]), Some(60));
        let half_past = "Fri, 21 Nov 2025 04:35:30 GMT";
        assert_eq!(asked(&[("Date", half_past), ("Retry-After", in_a_minute)]), Some(30));
        assert_eq!(asked(&[("Date", "yesterday"), ("Retry-After", in_a_minute)]), Some(60));
        assert_eq!(asked(&[("Retry-After", "Friday, 21-Nov-25 04:36:00 GMT")]), Some(60));
        assert_eq!(asked(&[("Retry-After", "Fri Nov 21 04:36:00 2025")]), Some(60));
        assert_eq!(asked(&[("Retry-After", "Fri, 21 Nov 2025 04:00:00 GMT")]), Some(0), "it is over");
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for text in ["", "soon", "-5", "1.5", "+3", "0x10", "5s", "Fri, 31 Feb 2025 99:00:00 GMT", "٣"] {
            assert_eq!(asked(&[("Retry-After", text)]), None, "{text}");
        }
        assert_eq!(asked(&[]), None);
    }
}
