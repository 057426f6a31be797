//! A token in a header, the same in every request: GitLab, Telegram.

use super::{Code, CodedSpec, Setting};
use crate::case::{Case, Fault};
use crate::keys::SecretUse;
use crate::proof::Proof;
use crate::secret::{Secret, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::verdict::{Reason, Verification};

pub(super) struct Token;

impl Code for Token {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        _message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        let secret = secrets.first().ok_or(SignError::NoSecret)?;
        let token = printable(secret)
            .map_err(|source| SignError::SecretMalformed { scheme: spec.id.clone(), source })?;
        let header = (spec.header.clone().unwrap_or_default(), token.to_owned());
        Ok(Signed { headers: vec![header], url: None, body: None, signed_content: Vec::new() })
    }

    fn verify(&self, spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let sent = case.signature_value(spec.header.as_deref().unwrap_or_default())?;
        let known = case.keys(|secret| printable(secret).map(Proof::new))?;
        judge(&known, sent, found, "token", "The token is right. It says")
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        printable(secret).map(|_| SecretUse::SignsAndVerifies)
    }

    fn secret_words(&self) -> &'static str {
        "the token, as it was given"
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting::Header]
    }

    fn signature_header<'a>(&self, spec: &'a CodedSpec) -> Option<&'a str> {
        spec.header.as_deref()
    }
}

/// Compares what was sent with each of what is known. Neither is shown: what was sent is the secret, if it
/// is right.
pub(super) fn judge(
    known: &[(usize, Proof)],
    sent: &[u8],
    found: &mut Verification,
    what: &str,
    right: &str,
) -> Result<String, Fault> {
    for (at, known) in known {
        if bool::from(known.matches_hidden(sent)) {
            found.secret.get_or_insert(*at);
        }
    }
    match found.secret {
        Some(_) => Ok(format!("{right} who sends, and nothing of what is sent.")),
        None => {
            Err(Fault::invalid(Reason::SignatureMismatch, format!("What came is not the {what} known here.")))
        }
    }
}

/// The secret as text that can stand in a header.
pub(super) fn printable(secret: &Secret) -> Result<&str, SecretMalformed> {
    secret
        .expose_text()
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or(SecretMalformed { wanted: "a token of printable characters without spaces" })
}
