//! Spans of time, and lists, in words.

use std::time::Duration;

/// The units of a span, the largest first: how many milliseconds, and the word for one.
const UNITS: [(u128, &str); 4] =
    [(24 * 3_600_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second")];

/// A span in the largest unit that fits it whole: `24 hours`, `90 minutes`, `10 seconds`, `1500 ms`.
pub(crate) fn in_words(span: Duration) -> String {
    let ms = span.as_millis();
    let (count, unit) = match ms {
        ms if ms > 0 && ms % 3_600_000 == 0 => (ms / 3_600_000, "hour"),
        ms if ms > 0 && ms % 60_000 == 0 => (ms / 60_000, "minute"),
        ms if ms > 0 && ms.is_multiple_of(1000) => (ms / 1000, "second"),
        ms => return format!("{ms} ms"),
    };
    counted(count, unit)
}

/// A span in its two largest units: `36 minutes 10 seconds`, `1 day`, below ten seconds with tenths; what is smaller is
/// left out.
pub(crate) fn spoken(span: Duration) -> String {
    let ms = span.as_millis();
    let Some(largest) = UNITS.iter().position(|(length, _)| ms >= *length) else {
        return format!("{ms} ms");
    };
    let tenths = ms / 100;
    if ms < 10_000 && !tenths.is_multiple_of(10) {
        return format!("{}.{} seconds", tenths / 10, tenths % 10);
    }
    let (length, unit) = UNITS[largest];
    let whole = counted(ms / length, unit);
    match UNITS.get(largest + 1).map(|(smaller, unit)| (ms % length / smaller, unit)) {
        Some((count, unit)) if count > 0 => format!("{whole} {}", counted(count, unit)),
        _ => whole,
    }
}

/// Several things, the last two joined by a word: `a, b and c`.
pub(crate) fn listed<T: AsRef<str>>(items: &[T], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [before @ .., last] => {
            let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
            format!("{} {word} {}", before.join(", "), last.as_ref())
        }
    }
}

fn counted(count: u128, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_whole_units() {
        for (ms, words) in [
            (86_400_000, "24 hours"),
            (3_600_000, "1 hour"),
            (5_400_000, "90 minutes"),
            (10_000, "10 seconds"),
            (1_500, "1500 ms"),
            (0, "0 ms"),
        ] {
            assert_eq!(in_words(Duration::from_millis(ms)), words);
        }
    }

    #[test]
    fn spans_are_spoken_in_two_units_at_most() {
        for (ms, words) in [
            (2_170_000, "36 minutes 10 seconds"),
            (86_400_000, "1 day"),
            (90_061_000, "1 day 1 hour"),
            (3_605_000, "1 hour"),
            (10_900, "10 seconds"),
            (9_999, "9.9 seconds"),
            (1_500, "1.5 seconds"),
            (1_040, "1 second"),
            (250, "250 ms"),
        ] {
            assert_eq!(spoken(Duration::from_millis(ms)), words);
        }
    }

    #[test]
    fn lists_end_in_their_word() {
        assert_eq!(listed(&["a"], "and"), "a");
        assert_eq!(listed(&["a", "b", "c"], "and"), "a, b and c");
    }
}
