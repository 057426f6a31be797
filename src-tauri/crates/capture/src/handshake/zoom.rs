use std::sync::LazyLock;

use hookbench_signing::{Message, Scheme, sign};
use serde_json::{Value, json};

use super::{Answer, Asked};

/// The HMAC-SHA256 of a text in hexadecimal, by the key as it is written. `None` never comes about, but for
/// a mistake here, which the tests would show.
static PLAIN_HMAC: LazyLock<Option<Scheme>> = LazyLock::new(|| {
    let form = json!({
        "id": "plain_hmac", "name": "HMAC-SHA256", "signature_header": "x", "signature_format": "{sig}",
        "content": "{body}", "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
    });
    Scheme::from_value(form).ok()
});

/// `{"event": "endpoint.url_validation", "payload": {"plainToken": "…"}}` is answered with the token and with
/// its HMAC by the secret.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    let body = asked.json()?;
    if body.get("event").and_then(Value::as_str) != Some("endpoint.url_validation") {
        return None;
    }
    let token = match body.pointer("/payload/plainToken") {
        Some(Value::String(token)) => token,
        Some(_) => return Some(Answer::not_text("payload.plainToken")),
        None => return Some(Answer::not_answered("the validation has no payload.plainToken")),
    };
    if let Some(unfit) = Answer::unfit("payload.plainToken", token) {
        return Some(unfit);
    }
    if !is_token(token) {
        return Some(Answer::not_answered("payload.plainToken is none of Zoom's tokens"));
    }
    let encrypted = PLAIN_HMAC.as_ref().zip(asked.secrets.first()).and_then(|(scheme, secret)| {
        let message =
            Message { method: "POST", url: "", headers: &[], body: token.as_bytes(), timestamp: 0, id: "" };
        sign(scheme, &[secret], &message).ok()?.headers.pop()
    });
    Some(match encrypted {
        Some((_, encrypted)) => Answer::json(&json!({"plainToken": token, "encryptedToken": encrypted})),
        None => Answer::not_answered("this inbox has no secret, and the answer is made with it"),
    })
}

/// Whether a text may be one of Zoom's tokens. The answer is made with the key that signs events, so what has a
/// colon in it is never answered for: it could be the content of a signature, `v0:{time}:{body}`.
fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=+/".contains(&byte))
}
