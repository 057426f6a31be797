//! The `Authorization` header: basic and bearer.

use super::token::{judge, printable};
use super::{Code, CodedSpec};
use crate::case::{Case, Fault};
use crate::keys::SecretUse;
use crate::proof::Proof;
use crate::secret::{Secret, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::verdict::Verification;
use data_encoding::BASE64;
use std::borrow::Cow;
use zeroize::Zeroizing;

const HEADER: &str = "Authorization";

pub(super) enum Authorization {
    Basic,
    Bearer,
}

impl Code for Authorization {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        _message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        let secret = secrets.first().ok_or(SignError::NoSecret)?;
        self.check_secret(secret)
            .map_err(|source| SignError::SecretMalformed { scheme: spec.id.clone(), source })?;
        let credentials = match self {
            Self::Basic => BASE64.encode(secret.expose()),
            Self::Bearer => secret.expose_text().unwrap_or_default().to_owned(),
        };
        let header = (HEADER.to_owned(), format!("{} {credentials}", self.word()));
        Ok(Signed { headers: vec![header], url: None, body: None, signed_content: Vec::new() })
    }

    fn verify(&self, _spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let sent = case.signature_value(HEADER)?;
        let known = case.keys(|secret| self.check_secret(secret).map(|_| Proof::new(secret.expose())))?;
        let (form, what, right) = match self {
            Self::Basic => (
                "Basic base64(user:password)",
                "user name and password",
                "The user name and password are right. They say",
            ),
            Self::Bearer => ("Bearer token", "token", "The token is right. It says"),
        };
        let sent = self.read(sent).ok_or_else(|| case.malformed(HEADER, form))?;
        judge(&known, &sent, found, what, right)
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        match self {
            Self::Basic => {
                let text = secret.expose();
                let fits = text.contains(&b':') && !text.iter().any(u8::is_ascii_control);
                fits.then_some(())
                    .ok_or(SecretMalformed { wanted: "a user name and a password with a colon between" })?;
            }
            Self::Bearer => {
                printable(secret)?;
            }
        }
        Ok(SecretUse::SignsAndVerifies)
    }

    fn secret_words(&self) -> &'static str {
        match self {
            Self::Basic => "the user name and the password, with a colon between",
            Self::Bearer => "the token, without the word Bearer",
        }
    }

    fn generate_secret(&self, spec: &CodedSpec, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let mut bytes = Zeroizing::new([0; 24]);
        random(bytes.as_mut_slice());
        let prefix = match self {
            Self::Basic => "webhook:",
            Self::Bearer => "",
        };
        match &spec.generates {
            Some(own) => super::spell(own, random),
            None => Secret::spell(prefix, crate::algorithm::Encoding::Base64Url, bytes.as_slice()),
        }
    }

    fn signature_header<'a>(&self, _spec: &'a CodedSpec) -> Option<&'a str> {
        Some(HEADER)
    }
}

impl Authorization {
    fn word(&self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Bearer => "Bearer",
        }
    }

    /// The credentials in the header's value, decoded. The word in front is understood in any case.
    fn read<'a>(&self, value: &'a [u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (word, credentials): (&'a [u8], &'a [u8]) = {
            let at = value.iter().position(|&byte| byte == b' ')?;
            (&value[..at], value[at..].trim_ascii())
        };
        if !word.eq_ignore_ascii_case(self.word().as_bytes()) || credentials.is_empty() {
            return None;
        }
        let decoded: Cow<'_, [u8]> = match self {
            Self::Basic => Cow::Owned(BASE64.decode(credentials).ok()?),
            Self::Bearer => Cow::Borrowed(credentials),
        };
        Some(Zeroizing::new(decoded.into_owned()))
    }
}
