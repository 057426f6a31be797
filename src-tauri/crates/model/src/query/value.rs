//! What stands behind a field's colon.

use super::fault::Span;
use super::glob::Glob;
use super::lex::Letter;
use super::term::NumberRange;
use crate::Timestamp;

/// A value, or a part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'w> {
    pub(super) letters: &'w [Letter],
    /// Where it ends in the filter, marks of quotation included.
    pub(super) end: usize,
}

impl Value<'_> {
    pub(super) fn text(self) -> String {
        self.letters.iter().map(|letter| letter.sign).collect()
    }

    pub(super) fn is_empty(self) -> bool {
        self.letters.is_empty()
    }

    /// Whether any of it is quoted, or would be: it is a text and nothing else.
    pub(super) fn is_quoted(self) -> bool {
        self.letters.first().is_some_and(|letter| letter.quoted)
    }

    pub(super) fn at(self) -> Span {
        let start = self.letters.first().map_or(self.end, |letter| letter.at - usize::from(letter.quoted));
        Span { start, end: self.end }
    }

    /// The parts between commas.
    pub(super) fn parts(self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut rest = self.letters;
        while let Some(cut) = rest.iter().position(|letter| is(letter, ',')) {
            parts.push(Self { letters: &rest[..cut], end: rest[cut].at });
            rest = &rest[cut + 1..];
        }
        parts.push(Self { letters: rest, end: self.end });
        parts
    }

    /// What follows, where it begins with that sign unquoted.
    pub(super) fn after(self, sign: &str) -> Option<Self> {
        let count = sign.chars().count();
        let begins = self.letters.len() >= count
            && self.letters.iter().zip(sign.chars()).all(|(letter, sign)| is(letter, sign));
        begins.then(|| Self { letters: &self.letters[count..], end: self.end })
    }

    /// What stands before the first of these signs, which sign it is, and what stands after it.
    pub(super) fn cut(self, signs: &[char]) -> (Self, Option<(char, Self)>) {
        match self.letters.iter().position(|letter| signs.iter().any(|sign| is(letter, *sign))) {
            Some(cut) => {
                let Letter { sign, at, .. } = self.letters[cut];
                let after = Self { letters: &self.letters[cut + 1..], end: self.end };
                (Self { letters: &self.letters[..cut], end: at }, Some((sign, after)))
            }
            None => (self, None),
        }
    }

    /// The text, with a gap for each asterisk that is not quoted.
    pub(super) fn glob(self) -> Glob {
        let pieces = self.letters.split(|letter| is(letter, '*'));
        Glob::new(pieces.map(|piece| piece.iter().map(|letter| letter.sign).collect()).collect())
    }

    /// `5`, `>5`, `>=5`, `<5`, `<=5`, `3..5`, of numbers that `read` reads.
    pub(super) fn range(self, read: impl Fn(&str) -> Option<u64>) -> Option<NumberRange> {
        let number = |value: Self| read(&value.text());
        let range = if let Some(value) = self.after(">=") {
            NumberRange { low: number(value)?, high: u64::MAX }
        } else if let Some(value) = self.after("<=") {
            NumberRange { low: 0, high: number(value)? }
        } else if let Some(value) = self.after(">") {
            NumberRange { low: number(value)?.checked_add(1)?, high: u64::MAX }
        } else if let Some(value) = self.after("<") {
            NumberRange { low: 0, high: number(value)?.checked_sub(1)? }
        } else if let Some((low, high)) = self.text().split_once("..") {
            NumberRange { low: read(low)?, high: read(high)? }
        } else {
            let number = number(self)?;
            NumberRange { low: number, high: number }
        };
        (range.low <= range.high).then_some(range)
    }
}

/// Whether it is this sign, and not quoted.
pub(super) const fn is(letter: &Letter, sign: char) -> bool {
    !letter.quoted && letter.sign == sign
}

/// `500`, or one of the classes up to that one: `5xx`.
pub(super) fn status(text: &str, highest_class: u64) -> Option<NumberRange> {
    if let Some(class) = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
        let class = class.parse::<u64>().ok().filter(|class| (1..=highest_class).contains(class))?;
        return Some(NumberRange { low: class * 100, high: class * 100 + 99 });
    }
    let status = status_number(text)?;
    Some(NumberRange { low: status, high: status })
}

/// A status as a number.
pub(super) fn status_number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|status| (100..=999).contains(status))
}

/// `512`, `10k`, `1.5m`, `1g`, each also with `b` or `ib` behind: a kilobyte has 1024 bytes, as sizes are shown.
pub(super) fn size(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_suffix("ib").or_else(|| text.strip_suffix('b')).unwrap_or(&text);
    let (number, shift) = match text.char_indices().last()? {
        (at, 'k') => (&text[..at], 10),
        (at, 'm') => (&text[..at], 20),
        (at, 'g') => (&text[..at], 30),
        _ => (text, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) || part.len() > 9 {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
    let part = if part.is_empty() { 0 } else { part.parse::<u64>().ok()? };
    whole.checked_add((part << shift) / scale)
}

/// An age (`90s`, `15m`, `2h`, `7d`, `2w`) before `now`, or a time: a date, a date and a time of day (UTC), or RFC 3339.
pub(super) fn time(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(ms) = age_ms(text) {
        return Some(now.plus_ms(-ms));
    }
    let text = text.to_ascii_uppercase();
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ if text.ends_with('Z') || offset_follows(&text) => text,
        _ => text + "Z",
    };
    Timestamp::parse_rfc3339(&whole)
}

fn offset_follows(text: &str) -> bool {
    text.split_once('T').is_some_and(|(_, time)| time.contains(['+', '-']))
}

fn age_ms(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 7 * 86_400_000,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok().filter(|count| *count < 1_000_000)?;
    Some(i64::from(count) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_shown() {
        for (text, bytes) in
            [("0", 0), ("512", 512), ("10k", 10_240), ("1.5k", 1536), ("1MiB", 1 << 20), ("2GB", 2 << 30)]
        {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in
            ["", "k", "-1", "1.2.3", "1e3", "+5", "ten", ".5k", "99999999999999999999", "9999999999999g"]
        {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_ages_dates_and_rfc_3339() {
        let now = Timestamp::from_unix_ms(1_763_699_700_000);
        assert_eq!(time("1h", now), Some(now.plus_ms(-3_600_000)));
        assert_eq!(time("2w", now), Some(now.plus_ms(-14 * 86_400_000)));
        for text in [
            "2026-11-01",
            "2026-11-01T00:00",
            "2026-11-01T00:00:00",
            "2026-11-01t00:00:00z",
            "2026-11-01T02:00:00+02:00",
        ] {
            let at = time(text, now).map(Timestamp::to_rfc3339);
            assert_eq!(at.as_deref(), Some("2026-11-01T00:00:00.000Z"), "{text}");
        }
        for text in ["", "h", "1y", "2026-13-01", "yesterday", "12:30", "-1h", "éé"] {
            assert_eq!(time(text, now), None, "{text}");
        }
    }

    #[test]
    fn statuses_are_numbers_and_classes() {
        assert_eq!(status("5xx", 5), Some(NumberRange { low: 500, high: 599 }));
        assert_eq!(status("404", 5), Some(NumberRange { low: 404, high: 404 }));
        assert_eq!(status("999", 5), Some(NumberRange { low: 999, high: 999 }));
        for text in ["", "xx", "0xx", "6xx", "9xx", "50x", "99", "1000", "ok"] {
            assert_eq!(status(text, 5), None, "{text}");
        }
    }
}
