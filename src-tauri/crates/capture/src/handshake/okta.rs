use serde_json::json;

use super::{Answer, Asked};

const HEADER: &str = "x-okta-verification-challenge";

/// A GET with a verification header is answered with its value as JSON.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    if asked.method != "GET" {
        return None;
    }
    let value = asked.headers.get(HEADER)?;
    let challenge = String::from_utf8_lossy(value.as_bytes());
    let unfit = Answer::unfit("X-Okta-Verification-Challenge", &challenge);
    Some(unfit.unwrap_or_else(|| Answer::json(&json!({"verification": challenge}))))
}
