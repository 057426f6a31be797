use super::{Answer, Asked};

/// `GET ?challenge=…` is answered with the challenge as plain text, which must not be taken for anything else.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    let challenge = (asked.method == "GET").then(|| asked.parameter("challenge")).flatten()?;
    Some(Answer::repeating("challenge", challenge))
}
