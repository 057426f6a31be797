use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Asked};

/// `{"type": "url_verification", "challenge": "…"}` is answered with the challenge: as plain text, or as JSON
/// where nothing else is accepted.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    let body = asked.json()?;
    if body.get("type").and_then(Value::as_str) != Some("url_verification") {
        return None;
    }
    let challenge = match body.get("challenge") {
        Some(Value::String(challenge)) => challenge,
        Some(_) => return Some(Answer::not_text("challenge")),
        None => return Some(Answer::not_answered("the verification has no challenge")),
    };
    let text = Answer::repeating("challenge", challenge.clone());
    let wants_json = asked.headers.get_str("accept").is_some_and(|accept| {
        accept.contains("application/json") && !accept.contains("text/plain") && !accept.contains("*/*")
    });
    if wants_json && text.status == StatusCode::OK {
        return Some(Answer::json(&json!({"challenge": challenge})));
    }
    Some(text)
}
