//! A scheme that has been checked and can be used.

use crate::check::SchemeError;
use crate::coded::{Coded, CodedSpec, Kind};
use crate::keyed::Keyed;
use crate::keys::SecretUse;
use crate::secret::{Secret, SecretMalformed};
use crate::spec::{SchemeSpec, Tolerance};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One signature recipe, checked and with its templates read.
///
/// It has one of two written forms. A recipe of the keyed family is data through and through: a
/// [`SchemeSpec`]. Where no recipe can say what a provider does, code stands behind the scheme, and its
/// written form names that code by `kind`: a [`CodedSpec`]. Both sign and verify through the same calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Scheme(Form);

/// What a scheme is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Keyed(Box<Keyed>),
    Coded(Box<Coded>),
}

impl Scheme {
    /// Checks a written recipe. The error names the field that is wrong.
    pub fn new(spec: SchemeSpec) -> Result<Self, SchemeError> {
        Keyed::new(spec).map(|keyed| Self(Form::Keyed(Box::new(keyed))))
    }

    /// Checks a scheme that code stands behind. The error names the field that is wrong.
    pub fn coded(spec: CodedSpec) -> Result<Self, SchemeError> {
        Coded::new(spec).map(|coded| Self(Form::Coded(Box::new(coded))))
    }

    /// Reads a scheme from JSON text in the catalogue's own form. The error names the field that is wrong.
    pub fn from_json(json: &str) -> Result<Self, SchemeError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let value: Value = serde_path_to_error::deserialize(&mut reader)?;
        reader.end().map_err(|error| SchemeError::whole(error.to_string()))?;
        Self::from_value(value)
    }

    /// Reads a scheme from a JSON value in the catalogue's own form, as [`Scheme::from_json`] does.
    pub fn from_value(value: Value) -> Result<Self, SchemeError> {
        if value.get("kind").is_some() {
            return Self::coded(serde_path_to_error::deserialize(value)?);
        }
        Self::new(serde_path_to_error::deserialize(value)?)
    }

    /// The scheme as written: the form that [`Scheme::from_value`] reads.
    pub fn to_value(&self) -> Value {
        let written = match &self.0 {
            Form::Keyed(keyed) => serde_json::to_value(&keyed.spec),
            Form::Coded(coded) => serde_json::to_value(&coded.spec),
        };
        written.unwrap_or_default()
    }

    /// Its name in the catalogue.
    pub fn id(&self) -> &str {
        match &self.0 {
            Form::Keyed(keyed) => &keyed.spec.id,
            Form::Coded(coded) => &coded.spec.id,
        }
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        match &self.0 {
            Form::Keyed(keyed) => &keyed.spec.name,
            Form::Coded(coded) => &coded.spec.name,
        }
    }

    /// Anything a reader should know.
    pub fn note(&self) -> Option<&str> {
        match &self.0 {
            Form::Keyed(keyed) => keyed.spec.note.as_deref(),
            Form::Coded(coded) => coded.spec.note.as_deref(),
        }
    }

    /// The recipe, where the scheme is one of the keyed family; `None` where code stands behind it.
    pub fn keyed(&self) -> Option<&SchemeSpec> {
        match &self.0 {
            Form::Keyed(keyed) => Some(&keyed.spec),
            Form::Coded(_) => None,
        }
    }

    /// What was written of a scheme that code stands behind; `None` for the keyed family.
    pub fn code(&self) -> Option<&CodedSpec> {
        match &self.0 {
            Form::Keyed(_) => None,
            Form::Coded(coded) => Some(&coded.spec),
        }
    }

    /// How far the time of signing may be from the time of checking.
    pub fn tolerance(&self) -> Tolerance {
        match &self.0 {
            Form::Keyed(keyed) => keyed.spec.tolerance,
            Form::Coded(coded) => coded.spec.tolerance,
        }
    }

    /// The header that carries the id of a message, where the scheme sends one.
    pub fn id_header(&self) -> Option<&str> {
        match &self.0 {
            Form::Keyed(keyed) => keyed.spec.id_header.as_deref(),
            Form::Coded(coded) => coded.id_header(),
        }
    }

    /// The header that carries the time of signing, where it has one of its own.
    pub fn timestamp_header(&self) -> Option<&str> {
        match &self.0 {
            Form::Keyed(keyed) => keyed.timestamp_header(),
            Form::Coded(coded) => coded.timestamp_header(),
        }
    }

    /// True where the URL (or its path) is signed, so that a proxy in between can break the signature.
    pub fn signs_url(&self) -> bool {
        match &self.0 {
            Form::Keyed(keyed) => keyed.content.uses_url(),
            Form::Coded(coded) => coded.signs_url(),
        }
    }

    /// The names of all headers that may carry a signature, the first first. Empty where it stands in the
    /// body.
    pub fn signature_headers(&self) -> impl Iterator<Item = &str> {
        let (keyed, coded) = match &self.0 {
            Form::Keyed(keyed) => (Some(keyed.signature_headers()), None),
            Form::Coded(coded) => (None, coded.signature_header()),
        };
        keyed.into_iter().flatten().chain(coded)
    }

    /// The names of all headers that signing makes: those of the signature, the time, the id, and the
    /// scheme's fixed ones.
    pub fn made_headers(&self) -> Vec<&str> {
        match &self.0 {
            Form::Keyed(keyed) => {
                let fixed = keyed.spec.extra_headers.iter().map(|(name, _)| name.as_str());
                keyed
                    .signature_headers()
                    .chain(keyed.timestamp_header())
                    .chain(self.id_header())
                    .chain(fixed)
                    .collect()
            }
            Form::Coded(coded) => coded.made_headers(),
        }
    }

    /// True where the sender holds a private key and the receiver its public half.
    pub fn is_asymmetric(&self) -> bool {
        match &self.0 {
            Form::Keyed(keyed) => keyed.spec.algorithm.is_asymmetric(),
            Form::Coded(coded) => coded.is_asymmetric(),
        }
    }

    /// True where the secret itself stands in a header: what shows or stores such a header shows the secret.
    pub fn sends_secret(&self) -> bool {
        self.code().is_some_and(|spec| matches!(spec.kind, Kind::Token | Kind::Basic | Kind::Bearer))
    }

    /// Whether a secret is in the scheme's form, and what it is good for.
    pub fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        match &self.0 {
            Form::Keyed(keyed) => keyed.check_secret(secret),
            Form::Coded(coded) => coded.check_secret(secret),
        }
    }

    /// Makes a secret in the provider's own form; a private key where the scheme is asymmetric. `random`
    /// fills a buffer with random bytes, and has to be fit for secrets.
    pub fn generate_secret(&self, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        match &self.0 {
            Form::Keyed(keyed) => keyed.generate_secret(random),
            Form::Coded(coded) => coded.generate_secret(random),
        }
    }

    /// What a receiver needs of a private key: its public half. `None` where the scheme is not asymmetric,
    /// and where the secret is not a key of its form.
    pub fn public_half(&self, secret: &Secret) -> Option<Secret> {
        match &self.0 {
            Form::Keyed(keyed) => keyed.public_half(secret),
            Form::Coded(coded) => coded.public_half(secret),
        }
    }

    /// What to ask a person for, as it follows "paste": "the signing secret, …", "an Ed25519 key: …".
    pub fn secret_words(&self) -> &'static str {
        match &self.0 {
            Form::Keyed(keyed) => keyed.secret_words(),
            Form::Coded(coded) => coded.secret_words(),
        }
    }

    pub(crate) fn form(&self) -> &Form {
        &self.0
    }
}

impl TryFrom<Value> for Scheme {
    type Error = SchemeError;

    fn try_from(written: Value) -> Result<Self, SchemeError> {
        Self::from_value(written)
    }
}

impl From<Scheme> for Value {
    fn from(scheme: Scheme) -> Self {
        scheme.to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_scheme_survives_being_written_and_read() {
        for written in [
            json!({
                "id": "own", "name": "Our own", "signature_header": "X-Sig",
                "signature_format": "t={ts};s={sig}", "separator": ";", "several": "parts",
                "timestamp": {"unit": "ms"}, "content": "{ts}|{body}", "algorithm": "hmac-sha512",
                "encoding": "base64", "secret": "raw", "tolerance": {"past_s": 60, "future_s": null},
                "extra_headers": [["X-A", "1"]],
            }),
            json!({"id": "own", "name": "Our own", "kind": "token", "header": "X-Token", "note": "n"}),
        ] {
            let scheme = Scheme::from_value(written.clone()).unwrap();
            assert_eq!(scheme.to_value(), written);
            assert_eq!(serde_json::to_value(&scheme).unwrap(), written);
            assert_eq!(serde_json::from_value::<Scheme>(written.clone()).unwrap(), scheme);
            assert_eq!(Scheme::from_json(&written.to_string()).unwrap(), scheme);
        }
    }

    #[test]
    fn text_behind_a_scheme_is_refused() {
        let error = Scheme::from_json(r#"{"id":"a","name":"A","kind":"basic"} x"#).unwrap_err();
        assert_eq!(error.field, "scheme");
    }
}
