use serde_json::json;

use super::{Answer, Asked, LONGEST};

const HEADER: &str = "x-okta-verification-challenge";

/// A GET with a verification header is answered with its value as JSON.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    if asked.method != "GET" {
        return None;
    }
    let value = asked.headers.get(HEADER)?;
    Some(match std::str::from_utf8(value.as_bytes()) {
        Ok(challenge) if !challenge.is_empty() && challenge.len() <= LONGEST => {
            Answer::json(&json!({"verification": challenge}))
        }
        _ => Answer::too_long(),
    })
}
