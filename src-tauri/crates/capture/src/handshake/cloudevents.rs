use http::header::ALLOW;
use http::{HeaderName, HeaderValue};

use super::{Answer, Asked};

const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");
/// The longest name of a host.
const LONGEST_ORIGIN: usize = 253;

/// An OPTIONS with `WebHook-Request-Origin` is answered with that origin, and with the rate that was asked
/// for, or with any. A callback that it names is not called: nothing is fetched that nobody asked for.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    if asked.method != "OPTIONS" {
        return None;
    }
    let origin = asked.headers.get("webhook-request-origin")?.as_bytes();
    if let Some(unfit) = Answer::unfit("WebHook-Request-Origin", &String::from_utf8_lossy(origin)) {
        return Some(unfit);
    }
    let Some(origin) = is_origin(origin).then(|| HeaderValue::from_bytes(origin).ok()).flatten() else {
        return Some(Answer::not_answered("WebHook-Request-Origin is no name of a host"));
    };
    let rate = asked.headers.get_str("webhook-request-rate").and_then(rate);
    Some(
        Answer::ok()
            .with(ALLOW, HeaderValue::from_static("POST"))
            .with(ALLOWED_ORIGIN, origin)
            .with(ALLOWED_RATE, rate.map_or(HeaderValue::from_static("*"), HeaderValue::from)),
    )
}

fn is_origin(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'*');
    (1..=LONGEST_ORIGIN).contains(&text.len()) && text.iter().all(fits)
}

/// Requests a minute, from 1.
fn rate(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|rate| *rate > 0)
}
