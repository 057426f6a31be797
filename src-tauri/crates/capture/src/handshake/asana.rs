use hookbench_signing::Secret;
use http::{HeaderName, HeaderValue};

use super::{Answer, Asked};

const HEADER: HeaderName = HeaderName::from_static("x-hook-secret");

/// A POST with a secret in its header is answered with the same header. The secret signs what comes after,
/// so an inbox that has none keeps it.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    if asked.method != "POST" {
        return None;
    }
    let given = asked.headers.get(HEADER.as_str())?.as_bytes();
    if let Some(unfit) = Answer::unfit("X-Hook-Secret", &String::from_utf8_lossy(given)) {
        return Some(unfit);
    }
    let visible = given.iter().all(u8::is_ascii_graphic);
    let Some(value) = visible.then(|| HeaderValue::from_bytes(given).ok()).flatten() else {
        return Some(Answer::not_answered("X-Hook-Secret has to be visible ASCII characters"));
    };
    let secret = asked.secrets.is_empty().then(|| Secret::new(given));
    Some(Answer { secret, ..Answer::ok() }.with(HEADER, value))
}
