use std::fmt;

use hookbench_model::VEIL;
use hookbench_workbench::Secret;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A secret, or a token, as text on its way in or out: wiped from memory when dropped, absent from `Debug`, and not
/// repeated by the refusal of a value that is none.
///
/// Around it the text stands in memory a moment longer, where it cannot be wiped: in the body of the call or of the
/// answer as bytes, and in what reads the JSON where the text has escapes in it. Both are freed with the call.
#[derive(Clone)]
pub(crate) struct SecretText(Secret);

impl SecretText {
    /// What stands in the place of a secret that is not revealed.
    pub(crate) fn veiled() -> Self {
        Self(Secret::from(VEIL))
    }
}

impl From<SecretText> for Secret {
    fn from(text: SecretText) -> Self {
        text.0
    }
}

impl From<Secret> for SecretText {
    fn from(secret: Secret) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Secrets are made and given as text, so nothing is lost here.
impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.expose_text() {
            Some(text) => serializer.serialize_str(text),
            None => Err(serde::ser::Error::custom("a secret that is not text")),
        }
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Asked for a string, the reader of JSON itself would refuse a number, and repeat it.
        deserializer.deserialize_any(Text)
    }
}

struct Text;

/// What was given stays out of the refusal: a number may be a secret without its quotation marks.
fn misfit<E: Error>(kind: &str) -> E {
    E::invalid_type(Unexpected::Other(kind), &Text)
}

impl Visitor<'_> for Text {
    type Value = SecretText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SecretText, E> {
        Ok(SecretText(Secret::new(text)))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<SecretText, E> {
        Ok(SecretText(Secret::new(text)))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SecretText, E> {
        Err(misfit("true or false"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretText, E> {
        Err(misfit("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<SecretText, E> {
        Err(misfit("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretText, E> {
        Err(misfit("a number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_and_writes_text_and_shows_nothing() {
        for json in [r#""s3cr3t""#, r#""s3\u0063r3t""#] {
            let secret: SecretText = serde_json::from_str(json).unwrap();
            assert_eq!(secret.0, Secret::from("s3cr3t"));
            assert_eq!(serde_json::to_string(&secret).unwrap(), r#""s3cr3t""#);
            assert_eq!(format!("{secret:?}"), "…");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_without_being_repeated() {
        for json in ["1234567", "-1234567", "1234567.5", "true", "[1234567]", r#"{"a":1234567}"#, "null"] {
            let error = serde_json::from_str::<SecretText>(json).unwrap_err().to_string();
            assert!(error.contains("expected a string"), "{error}");
            assert!(!error.contains("1234567"), "{error}");
        }
    }
}
