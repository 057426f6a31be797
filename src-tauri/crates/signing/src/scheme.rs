//! A scheme that has been checked and can be used.

use crate::check::{self, SchemeError};
use crate::content::Content;
use crate::read::SignatureFormat;
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

    /// Everything that was written about it.
    pub fn spec(&self) -> &SchemeSpec {
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
