//! How rules are written on the command line.

use serde_json::{Value, json};

/// A length of time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(u64);

/// How far somebody is listened to who asks for time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heed {
    /// Not at all.
    Never,
    /// For so long at most.
    AtMost(Span),
}

/// Waits that grow.
#[derive(Clone, Debug)]
pub(crate) struct Growth(Value);

/// How many attempts a second, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) burst: Option<u32>,
}

impl From<Span> for Value {
    fn from(span: Span) -> Self {
        span.0.into()
    }
}

impl From<Growth> for Value {
    fn from(growth: Growth) -> Self {
        growth.0
    }
}

/// Reads `500ms`, `90s`, `15m`, `2h`, `7d`, and fractions of them (`1.5s`).
pub(crate) fn span(text: &str) -> Result<Span, String> {
    let wrong = || format!("`{text}` is no length of time such as 500ms, 90s, 15m, 2h or 7d");
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
    let (count, unit) = text.split_at(digits);
    let unit_ms = match unit {
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        "h" => 3_600e3,
        "d" => 86_400e3,
        _ => return Err(wrong()),
    };
    let ms = count.parse::<f64>().map_err(|_| wrong())? * unit_ms;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked beside")]
    let whole = ms.round() as u64;
    if (0.0..=1e15).contains(&ms) { Ok(Span(whole)) } else { Err(wrong()) }
}

/// Reads a length of time, or `never`.
pub(crate) fn heed(text: &str) -> Result<Heed, String> {
    if text == "never" { Ok(Heed::Never) } else { span(text).map(Heed::AtMost) }
}

/// Reads `5s,5m,30m`, or `none`.
pub(crate) fn delays(text: &str) -> Result<Value, String> {
    if text == "none" {
        return Ok(json!([]));
    }
    let spans = text.split(',').map(|part| span(part.trim()).map(Value::from));
    spans.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// Reads `5s,2,1h,10`: the first wait, the factor, the longest, and how many attempts.
pub(crate) fn growth(text: &str) -> Result<Growth, String> {
    let [first, factor, cap, attempts] =
        parts(text, "the first wait, a factor, the longest and a number of attempts")?;
    Ok(Growth(json!({
        "first_ms": Value::from(span(first)?),
        "factor": number::<f64>(factor)?,
        "cap_ms": Value::from(span(cap)?),
        "max_attempts": number::<u32>(attempts)?,
    })))
}

/// Reads `10%` or `0.1`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    match text.strip_suffix('%') {
        Some(percent) => Ok(number::<f64>(percent)? / 100.0),
        None => number(text),
    }
}

/// Reads `200,202`.
pub(crate) fn statuses(text: &str) -> Result<Value, String> {
    let each = text.split(',').map(|part| number::<u16>(part.trim()));
    each.collect::<Result<Vec<_>, _>>().map(Value::from)
}

/// Reads `any2xx`, `200,202`, `word:True`, `word:True:200,202`.
pub(crate) fn success(text: &str) -> Result<Value, String> {
    if text == "any2xx" {
        return Ok(json!({"kind": "any2xx"}));
    }
    let Some(rule) = text.strip_prefix("word:") else {
        return Ok(json!({"kind": "statuses", "statuses": statuses(text)?}));
    };
    // A word may hold a colon itself; what stands behind the last is a list of statuses, or belongs to the word.
    let (word, listed) = match rule.rsplit_once(':') {
        Some((word, listed)) if statuses(listed).is_ok() => (word, Some(statuses(listed)?)),
        _ => (rule, None),
    };
    Ok(json!({"kind": "body_word", "word": word, "statuses": listed}))
}

/// Reads `never`, `attempts:10`, `deliveries:10`, `failing:24h`, `share:50%,10m,20`.
pub(crate) fn disable(text: &str) -> Result<Value, String> {
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match kind {
        "never" if rest.is_empty() => Ok(json!({"kind": "never"})),
        "attempts" | "deliveries" => {
            Ok(json!({"kind": "consecutive_failures", "count": number::<u32>(rest)?, "counting": kind}))
        }
        "failing" => Ok(json!({"kind": "failing_for", "duration_ms": Value::from(span(rest)?)})),
        "share" => {
            let [part, window, least] = parts(rest, "a share, a length of time and a number of attempts")?;
            Ok(json!({
                "kind": "failure_share",
                "share": share(part)?,
                "window_ms": Value::from(span(window)?),
                "min_attempts": number::<u32>(least)?,
            }))
        }
        _ => Err(format!(
            "`{text}` is no rule: write never, attempts:10, deliveries:10, failing:24h or share:50%,10m,20"
        )),
    }
}

/// Reads `5,30s,10m`: how many failures, how long it is open, how long at most.
pub(crate) fn breaker(text: &str) -> Result<Value, String> {
    let [failures, open, most] = parts(text, "a number of failures and two lengths of time")?;
    Ok(json!({
        "failures": number::<u32>(failures)?,
        "open_ms": Value::from(span(open)?),
        "max_open_ms": Value::from(span(most)?),
    }))
}

/// Reads `2.5` or `10,20`.
pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    let (per_second, burst) = match text.split_once(',') {
        Some((rate, burst)) => (rate, Some(number(burst.trim())?)),
        None => (text, None),
    };
    Ok(Rate { per_second: number(per_second.trim())?, burst })
}

fn parts<'t, const N: usize>(text: &'t str, what: &str) -> Result<[&'t str; N], String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    parts.try_into().map_err(|_| format!("`{text}` is not {what}, with commas between"))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is no number that fits here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_nonsense_is_refused() {
        for (text, ms) in [("0s", 0), ("500ms", 500), ("1.5s", 1500), ("15m", 900_000), ("7d", 604_800_000)] {
            assert_eq!(span(text), Ok(Span(ms)), "{text}");
        }
        for bad in ["", "5", "s", "-1s", "1w", "1.2.3s", "99999999999999999999d", "soon"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rules_that_cannot_be_read_say_how_they_are_written() {
        assert_eq!(success("word:a:b").unwrap()["word"], "a:b");
        assert_eq!(disable("failing:24h").unwrap()["duration_ms"], 86_400_000);
        assert_eq!(rate("0.5"), Ok(Rate { per_second: 0.5, burst: None }));
        for wrong in [
            success("2xx").err(),
            disable("sometimes").err(),
            disable("share:50%,10m").err(),
            breaker("5").err(),
            delays("5s,later").err(),
            growth("5s,2").map(|_| ()).err(),
            share("half").err(),
            rate("fast").err(),
        ] {
            assert!(wrong.is_some_and(|words| words.contains('`')), "it is refused and quoted");
        }
    }
}
