use super::{Answer, Asked};

/// A HEAD is answered with 200.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    (asked.method == "HEAD").then(Answer::ok)
}
