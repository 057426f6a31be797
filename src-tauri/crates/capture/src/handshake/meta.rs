use hookbench_signing::Secret;
use http::StatusCode;

use super::{Answer, Asked};

/// `GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…` is answered with the challenge. Where the
/// inbox has a verify token the question has to name the same; where it has none, any will do: the token is
/// not the secret that signs.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    if asked.method != "GET" || asked.parameter("hub.mode").as_deref() != Some("subscribe") {
        return None;
    }
    if let Some(wanted) = asked.verify_token {
        let given = asked.parameter("hub.verify_token").unwrap_or_default();
        if Secret::from(given.as_str()) != *wanted {
            let sentence = "Captured, and refused: hub.verify_token is not this inbox's verify token.";
            return Some(Answer::refused(StatusCode::FORBIDDEN, sentence));
        }
    }
    Some(match asked.parameter("hub.challenge") {
        Some(challenge) => Answer::repeating("hub.challenge", challenge),
        None => Answer::not_answered("the subscription has no hub.challenge"),
    })
}
