//! A scheme that has been checked and can be used.

use crate::check::{self, SchemeError};
use crate::content::Content;
use crate::read::SignatureFormat;
use crate::secret::Secret;
use crate::spec::SchemeSpec;
use serde::{Deserialize, Serialize};

/// One signature recipe, checked and with its templates read.
///
/// Serialises as its [`SchemeSpec`] and deserialises through the same checks as [`Scheme::new`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SchemeSpec", into = "SchemeSpec")]
pub struct Scheme {
    spec: SchemeSpec,
    content: Content,
    format: SignatureFormat,
}

impl Scheme {
    /// Checks a written scheme. The error names the field that is wrong.
    pub fn new(spec: SchemeSpec) -> Result<Self, SchemeError> {
        let (content, format) = check::check(&spec)?;
        Ok(Self { spec, content, format })
    }

    /// Reads a scheme from JSON text in the catalogue's own form. The error names the field that is wrong.
    pub fn from_json(json: &str) -> Result<Self, SchemeError> {
        let spec = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json))?;
        Self::new(spec)
    }

    /// Reads a scheme from a JSON value in the catalogue's own form, as [`Scheme::from_json`] does.
    pub fn from_value(value: serde_json::Value) -> Result<Self, SchemeError> {
        Self::new(serde_path_to_error::deserialize(value)?)
    }

    /// Its name in the catalogue.
    pub fn id(&self) -> &str {
        &self.spec.id
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// The recipe, where the scheme is one of the keyed family; `None` where code stands behind it.
    pub fn keyed(&self) -> Option<&SchemeSpec> {
        Some(&self.spec)
    }

    /// The scheme as written: the form that [`Scheme::from_value`] reads.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The header that carries the id of a message, where the scheme sends one.
    pub fn id_header(&self) -> Option<&str> {
        self.spec.id_header.as_deref()
    }

    /// The names of all headers that signing makes: those of the signature, the time, the id, and the
    /// scheme's fixed ones.
    pub fn made_headers(&self) -> Vec<&str> {
        let time = self.spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_deref());
        let fixed = self.spec.extra_headers.iter().map(|(name, _)| name.as_str());
        self.signature_headers().chain(time).chain(self.id_header()).chain(fixed).collect()
    }

    /// True where the sender holds a private key and the receiver its public half.
    pub fn is_asymmetric(&self) -> bool {
        false
    }

    /// Makes a secret in the provider's own form; a private key where the scheme is asymmetric. `random`
    /// fills a buffer with random bytes, and has to be fit for secrets.
    pub fn generate_secret(&self, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        random(bytes.as_mut_slice());
        Secret::generate(self.spec.secret, bytes.as_slice())
    }

    /// What a receiver needs of a private key: its public half. `None` where the scheme is not asymmetric,
    /// and where the secret is not a key of its form.
    pub fn public_half(&self, _secret: &Secret) -> Option<Secret> {
        None
    }

    /// What to ask a person for: "the signing secret", "the public key, 64 hex digits", …
    pub fn secret_words(&self) -> &'static str {
        "the signing secret"
    }

    pub(crate) fn form(&self) -> &SchemeSpec {
        &self.spec
    }

    /// True where the URL (or its path) is signed, so that a proxy in between can break the signature.
    pub fn signs_url(&self) -> bool {
        self.content.uses_url()
    }

    /// The names of all headers that may carry a signature, the first first.
    pub fn signature_headers(&self) -> impl Iterator<Item = &str> {
        let further = match &self.spec.several {
            crate::spec::Several::Headers(names) => names.as_slice(),
            _ => &[],
        };
        std::iter::once(self.spec.signature_header.as_str()).chain(further.iter().map(String::as_str))
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn format(&self) -> &SignatureFormat {
        &self.format
    }
}

impl TryFrom<SchemeSpec> for Scheme {
    type Error = SchemeError;

    fn try_from(spec: SchemeSpec) -> Result<Self, SchemeError> {
        Self::new(spec)
    }
}

impl From<Scheme> for SchemeSpec {
    fn from(scheme: Scheme) -> Self {
        scheme.spec
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_scheme_survives_being_written_and_read() {
        let written = json!({
            "id": "own", "name": "Our own", "signature_header": "X-Sig", "signature_format": "t={ts};s={sig}",
            "separator": ";", "several": "parts", "timestamp": {"unit": "ms"}, "content": "{ts}|{body}",
            "algorithm": "hmac-sha512", "encoding": "base64", "secret": "raw",
            "tolerance": {"past_s": 60, "future_s": null}, "extra_headers": [["X-A", "1"]],
        });
        let scheme = Scheme::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&scheme).unwrap(), written);
        assert_eq!(serde_json::from_value::<Scheme>(written).unwrap(), scheme);
    }
}
