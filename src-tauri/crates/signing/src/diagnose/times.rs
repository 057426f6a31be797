//! Times: other spellings of one, and how far off it is.

use super::cause::{Cause, CauseCode};
use crate::scheme::Scheme;
use crate::spec::SchemeSpec;
use crate::time::TimestampUnit;
use crate::verify::Received;
use chrono::{DateTime, SecondsFormat};

/// 1990 and 2100 in Unix milliseconds: what lies outside is no time that a webhook was signed at.
const PLAUSIBLE_MS: std::ops::Range<i128> = 631_152_000_000..4_102_444_800_000;
const QUARTER_MS: i128 = 15 * 60 * 1000;

/// Other spellings of a time, each with what it is called.
pub(super) fn spellings(text: &str) -> Vec<(String, &'static str)> {
    let Some((_, ms)) = read_any(text) else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |spelt: Option<String>, said| {
        let spelt = spelt.filter(|spelt| spelt != text);
        if let Some(spelt) = spelt {
            found.push((spelt, said));
        }
    };
    add(Some((ms / 1000).to_string()), "in seconds");
    add(Some(ms.to_string()), "in milliseconds");
    add(Some((ms * 1000).to_string()), "in microseconds");
    let date = i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis);
    add(date.map(|date| date.to_rfc3339_opts(SecondsFormat::Secs, true)), "as a date (RFC 3339)");
    add(
        date.map(|date| date.to_rfc3339_opts(SecondsFormat::Millis, true)),
        "as a date with milliseconds (RFC 3339)",
    );
    add(
        date.map(|date| date.to_rfc3339_opts(SecondsFormat::Secs, false)),
        "as a date with +00:00 (RFC 3339)",
    );
    found
}

/// True for what can be a time that a sender wrote.
pub(super) fn is_like(text: &str) -> bool {
    read_any(text).is_some()
}

/// A time in whichever spelling makes it plausible, in Unix milliseconds, and what the spelling is called.
fn read_any(text: &str) -> Option<(&'static str, i128)> {
    let plausible = |ms: &i128| PLAUSIBLE_MS.contains(ms);
    let whole = text.split('.').next().unwrap_or_default();
    let digits = whole.len() == text.len();
    let number = TimestampUnit::Ms.read(whole);
    if let Some(number) = number {
        let fraction = text.get(whole.len() + 1..).unwrap_or("0");
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let units =
            [("in seconds", number * 1000), ("in milliseconds", number), ("in microseconds", number / 1000)];
        let (said, ms) = units.into_iter().find(|(_, ms)| plausible(ms))?;
        return Some((if digits { said } else { "with a fraction" }, ms));
    }
    let iso = TimestampUnit::Iso.read(text).or_else(|| {
        DateTime::parse_from_rfc2822(text).ok().map(|time| i128::from(time.timestamp_millis()))
    })?;
    plausible(&iso).then_some(("as a date", iso))
}

/// What is wrong with the time of a signature that is right; empty where nothing is.
pub(super) fn causes(spec: &SchemeSpec, text: Option<&[u8]>, at_ms: i64) -> Vec<Cause> {
    let (Some(timestamp), Some(text)) = (&spec.timestamp, text) else { return Vec::new() };
    let Ok(text) = std::str::from_utf8(text) else { return Vec::new() };
    let (past, future) = (spec.tolerance.past_s, spec.tolerance.future_s);
    if past.is_none() && future.is_none() {
        return Vec::new();
    }
    let read = timestamp.unit.read(text);
    let mut found = Vec::new();
    let signed_ms = match (read, read_any(text)) {
        (Some(ms), _) if PLAUSIBLE_MS.contains(&ms) => ms,
        (read, Some((said, ms))) if read != Some(ms) => {
            found.push(unit(said, text, timestamp.unit));
            ms
        }
        (Some(ms), _) => ms,
        (None, _) => return vec![unreadable(Some(text), Some(timestamp.unit))],
    };
    found.extend(distance(past, future, timestamp.unit.age_ms(signed_ms, at_ms)));
    found
}

/// What a distance in milliseconds (positive: signed in the past) means under the limits, in seconds.
pub(super) fn distance(past: Option<u32>, future: Option<u32>, age_ms: i128) -> Option<Cause> {
    let beyond = |limit: Option<u32>, age: i128| limit.filter(|&limit| age > i128::from(limit) * 1000);
    let zone = time_zone(age_ms)
        .map(|by| format!(" That is close to {by}, as a clock in another time zone would be."))
        .unwrap_or_default();
    if let Some(limit) = beyond(past, age_ms) {
        return Some(Cause::new(
            CauseCode::TimeStale,
            format!(
                "The signature is right, the time is not: it was signed {} before it was checked, and {} are \
                 allowed.{zone}",
                span(age_ms),
                span(i128::from(limit) * 1000),
            ),
            "Check requests as they arrive, set the clocks of both sides by a time server, and let the sender \
             sign each attempt anew.",
        ));
    }
    let limit = beyond(future, -age_ms)?;
    Some(Cause::new(
        CauseCode::TimeFuture,
        format!(
            "The signature is right, the time is not: it was signed {} after the time of checking, and {} are \
             allowed.{zone}",
            span(-age_ms),
            span(i128::from(limit) * 1000),
        ),
        "Set the clocks of both sides by a time server, and let the sender write the time in UTC.",
    ))
}

/// A difference of whole quarters of an hour, between 12 hours back and 14 hours ahead, as time zones have.
/// Only what is within a minute of one is called so: with five minutes every third time would be.
fn time_zone(age_ms: i128) -> Option<String> {
    let quarters = (age_ms + QUARTER_MS / 2).div_euclid(QUARTER_MS);
    let off = (age_ms - quarters * QUARTER_MS).abs();
    if quarters == 0 || !(-56..=48).contains(&quarters) || off > 60_000 {
        return None;
    }
    let minutes = quarters.abs() * 15;
    Some(match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, 0) => "one hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    })
}

fn unit(said: &str, text: &str, wanted: TimestampUnit) -> Cause {
    let wanted = wanted_as(wanted);
    let text = shown(text);
    Cause::new(
        CauseCode::TimeUnit,
        format!(
            "The signature is right, the time is not: {text} is written {said}, and the scheme wants {wanted}."
        ),
        format!("Let the sender write the time as {wanted}."),
    )
}

/// A time that no spelling makes one, of a signature that is right.
pub(super) fn unreadable(text: Option<&str>, wanted: Option<TimestampUnit>) -> Cause {
    let text = text.map_or("what stands in its place".to_owned(), shown);
    let wanted = wanted.map_or("the time in its own form", wanted_as);
    Cause::new(
        CauseCode::TimeUnit,
        format!(
            "The signature is right, the time is not: {text} is no time that can be read, and the scheme wants \
             {wanted}."
        ),
        format!("Let the sender write {wanted} there, and sign the same text."),
    )
}

fn wanted_as(unit: TimestampUnit) -> &'static str {
    match unit {
        TimestampUnit::S => "whole Unix seconds",
        TimestampUnit::Ms => "Unix milliseconds",
        TimestampUnit::Iso => "a date (RFC 3339)",
    }
}

/// A value as it came, cut where it is longer than any time.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.is_empty() {
        return "an empty value".to_owned();
    }
    let more = if text.chars().nth(LONGEST).is_some() { "…" } else { "" };
    let start: String = text.chars().take(LONGEST).filter(|letter| !letter.is_control()).collect();
    format!("`{start}{more}`")
}

/// A length of time in words: "45 s", "3 min 20 s", "2 h 5 min", "4 days".
fn span(ms: i128) -> String {
    let seconds = ms / 1000;
    let two = |large: i128, one: &str, small: i128, other: &str| match small {
        0 => format!("{large} {one}"),
        _ => format!("{large} {one} {small} {other}"),
    };
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => two(seconds / 60, "min", seconds % 60, "s"),
        7200..172_800 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// As [`causes`], for any scheme: where no time can be read from the headers, by the time that verifying read.
pub(super) fn of_scheme(
    scheme: &Scheme,
    received: &Received<'_>,
    signed_ms: Option<i64>,
    at_ms: i64,
) -> Vec<Cause> {
    if let Some(spec) = scheme.keyed() {
        let claims = super::claims::claims(spec, received);
        let timestamp = claims.first().and_then(|claim| claim.timestamp.as_deref());
        return causes(spec, timestamp, at_ms);
    }
    let tolerance = scheme.tolerance();
    let age = signed_ms.map(|signed_ms| i128::from(at_ms) - i128::from(signed_ms));
    age.and_then(|age| distance(tolerance.past_s, tolerance.future_s, age)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_700_000_000_000;

    fn said(past: Option<u32>, future: Option<u32>, age_ms: i128) -> Option<(CauseCode, String)> {
        distance(past, future, age_ms).map(|cause| (cause.code, cause.explanation))
    }

    #[test]
    fn a_time_is_stale_or_early_only_beyond_its_limit() {
        assert_eq!(said(Some(300), Some(300), 300_000), None);
        assert_eq!(said(None, None, 1 << 60), None);
        let (code, text) = said(Some(300), None, 400_000).unwrap();
        assert_eq!(code, CauseCode::TimeStale);
        assert!(
            text.contains("6 min 40 s") && text.contains("5 min are allowed") && !text.contains("zone"),
            "{text}"
        );
        assert_eq!(said(Some(300), Some(300), -301_000).unwrap().0, CauseCode::TimeFuture);
    }

    #[test]
    fn whole_quarters_of_an_hour_hint_at_a_time_zone() {
        assert!(
            said(Some(300), None, 7_203_000).unwrap().1.contains("2 hours, as a clock in another time zone")
        );
        assert!(said(Some(300), None, 20_700_000).unwrap().1.contains("5 h 45 min"));
        assert!(!said(Some(300), None, 8_000_000).unwrap().1.contains("zone"));
        assert!(!said(Some(300), None, 15 * 3_600_000).unwrap().1.contains("zone"));
    }

    #[test]
    fn other_units_are_read_and_written() {
        let text = (AT / 1000).to_string();
        let all: Vec<String> = spellings(&text).into_iter().map(|(spelt, _)| spelt).collect();
        assert!(all.contains(&AT.to_string()) && all.contains(&"2023-11-14T22:13:20Z".to_owned()), "{all:?}");
        assert!(!all.contains(&text));
        for like in [
            "1700000000",
            "1700000000000",
            "1700000000.5",
            "2023-11-14T22:13:20Z",
            "Tue, 14 Nov 2023 22:13:20 GMT",
        ] {
            assert!(is_like(like), "{like}");
        }
        for other in ["17", "soon", "", "1700000000x", "1700000000.x"] {
            assert!(!is_like(other), "{other}");
        }
    }
}
