use super::{Answer, Asked};

/// `GET ?challenge=…` is answered with the challenge as plain text, which must not be taken for anything else.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    (asked.method == "GET").then(|| asked.parameter("challenge")).flatten().map(Answer::repeating)
}
