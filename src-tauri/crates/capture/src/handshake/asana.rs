use hookbench_signing::Secret;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Answer, Asked, LONGEST};

const HEADER: HeaderName = HeaderName::from_static("x-hook-secret");

/// A POST with a secret in its header is answered with the same header. The secret signs what comes after,
/// so an inbox that has none keeps it.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    if asked.method != "POST" {
        return None;
    }
    let given = asked.headers.get(HEADER.as_str())?.as_bytes();
    let fits = (1..=LONGEST).contains(&given.len()) && given.iter().all(u8::is_ascii_graphic);
    let Some(value) = fits.then(|| HeaderValue::from_bytes(given).ok()).flatten() else {
        let sentence = "Captured, and not answered: X-Hook-Secret has to be visible ASCII characters.";
        return Some(Answer::refused(StatusCode::BAD_REQUEST, sentence));
    };
    let secret = asked.secrets.is_empty().then(|| Secret::new(given));
    Some(Answer { secret, ..Answer::ok() }.with(HEADER, value))
}
